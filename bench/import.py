"""`import`: 10,000 stations of a list looked at, taken in and taken back, on both engines."""

import csv
import datetime as dt
import io
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench import _postgres
from bench._district import District
from bench._table import Verdict, row

ROWS = 10_000
PREVIEW = APPLY = 5
HEADER = ["编号", "名称", "类型", "镇街", "地址", "经度", "纬度", "坐标系", "电话", "开放时间", "有", "没有"]


def run():
    verdict = Verdict("import")
    worst = [0.0, 0.0]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        databases = {"SQLite": ""}
        if _postgres.installed():
            databases["PostgreSQL"] = _postgres.database(stack.enter_context(_postgres.postgres()), "imports")
        row("", "preview in s", "apply in s", "undo in s")
        for name, url in databases.items():
            district = District(Path(folder) / name, url).load()
            for kind in ("csv", "xlsx"):
                took, counts, left = district.apart(taken_in, kind)
                row(f"{name}, .{kind}", *took)
                verdict.must(
                    f"{name}, .{kind}: all rows new, then none left", counts == (ROWS, 0, 0, 0) and left == 140
                )
                worst = [max(pair) for pair in zip(worst, took[:2], strict=True)]
    verdict.at_most("seconds to look at it", worst[0], PREVIEW)
    verdict.at_most("seconds to take it in", worst[1], APPLY)
    return verdict.line(f"preview {worst[0]:.1f} s, apply {worst[1]:.1f} s")


def taken_in(kind):
    """(seconds of the three steps, counts of the preview, stations afterwards); to be run `apart`."""
    from models import imports, tables
    from models.stations import Station

    lines = [line(n) for n in range(ROWS)]
    data = tables.xlsx([], HEADER, lines) if kind == "xlsx" else as_csv(lines)
    now, took = dt.datetime.now(dt.UTC), []

    def timed(step, *args):
        begun = time.perf_counter()
        done = step(*args, by=None, at=now)
        took.append(time.perf_counter() - begun)
        return done

    batch = timed(imports.preview, "stations", f"list.{kind}", data)
    counts = tuple(batch.counts().values())
    timed(imports.undo, timed(imports.apply, batch))
    return took, counts, Station.select().count()


def line(n):
    lat, lng = f"{35.4 + n % 300 / 1000:.6f}", f"{116.6 + n // 300 / 1000:.6f}"
    hours = f"一至五 {7 + n % 3}:00-1{7 + n % 3}:30; 六 9:00-12:00, 14:00-17:00"
    named = [f"YZ{10_000 + n}", f"新站 {n}", "社区党群服务站", "鼓楼街道", f"新路 {n} 号"]
    return [*named, lng, lat, "高德", f"1381234{n:04}", hours, "快充、热水、厕所、座椅", "淋浴"]


def as_csv(lines):
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *lines])
    return out.getvalue().encode("gb18030")
