"""`seal`: a trail of some hundred thousand lines is sealed and verified, on SQLite and on PostgreSQL."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench import _postgres
from bench._district import District
from bench._table import Verdict, median, row

LINES, ROUNDS = 100_000, 3
SEALED, VERIFIED = 100_000, 200_000  # lines a second


def run():
    verdict = Verdict("seal")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        databases = {"SQLite": ""}
        if _postgres.installed():
            url = stack.enter_context(_postgres.postgres())
            databases["PostgreSQL"] = _postgres.database(url, "seal")
        row("", "lines", "sealed/s", "verified/s")
        rates = {}
        for name, url in databases.items():
            (Path(folder) / name).mkdir()
            district = District(Path(folder) / name, url)
            district.command("db", "upgrade")
            rates[name] = district.apart(rounds)
            row(name, LINES * ROUNDS, *rates[name])
    sealed, verified = rates["SQLite"]
    verdict.at_least("lines sealed a second", sealed, SEALED)
    verdict.at_least("lines verified a second", verified, VERIFIED)
    return verdict.line(f"{sealed:,.0f} lines/s sealed, {verified:,.0f} lines/s verified")


def rounds():
    """Seal `LINES` new lines each round, then verify all there are; the median rates. To be run `apart`."""
    from models.seals import seal, verify

    now, sealed, verified = _now(), [], []
    for n in range(ROUNDS):
        _write_lines(n, now)
        begun = time.perf_counter()
        done = seal(now)
        sealed.append(LINES / (time.perf_counter() - begun))
        assert done == LINES
        begun = time.perf_counter()
        found = verify()
        verified.append(found.lines / (time.perf_counter() - begun))
        assert found.lines == LINES * (n + 1) and found.wrong is None
    return median(sealed), median(verified)


def _now():
    import datetime as dt

    return dt.datetime.now(dt.UTC)


def _write_lines(round, now):
    from models._database import writing
    from models._record import to_ms
    from models._trail import Trail

    at = to_ms(now)
    lines = [
        (
            at + i,
            ("seen", "moved", "changed")[i % 3],
            i % 5000,
            f"station:YZ{i % 139:03}",
            f"poster {i} of round {round}",
        )
        for i in range(LINES)
    ]
    fields = [Trail.at, Trail.kind, Trail.actor, Trail.subject, Trail.what]
    with writing():
        for start in range(0, LINES, 2000):
            Trail.insert_many(lines[start : start + 2000], fields=fields).execute()
