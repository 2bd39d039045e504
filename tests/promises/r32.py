"""R32, for exports: a list taken along brings every fact back, whole or not at all, through kills; a cut file changes nothing."""

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from models import demo, exports, imports, openings, tables
from models._database import db, writing
from models._keys import KeyRing, use_ring
from models._schema import upgrade
from models.sheets import Unread
from models.stations import Station, StationAmenity
from tests._engines import DISTRICTS, opened
from tests.promises._server import ROOT

NOW = dt.datetime(2024, 9, 19, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
SEED = 32

TAKE_IN = """
import sys
spoilt, database, file = sys.argv[1:]
from pathlib import Path
import datetime as dt
from tests._engines import opened
from tests.promises import _spoil
if spoilt:
    _spoil.row_by_row()
from models import imports
from models._database import connect
now = dt.datetime(2024, 9, 19, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
with opened(f"sqlite:///{database}", synchronous="full"):
    connect()
    batch = imports.preview("stations", "list.csv", Path(file).read_bytes(), by=None, at=now)
    print("read", flush=True)
    imports.apply(batch, by=None, at=now)
    print("done", flush=True)
"""


def run(spoilt: bool, short: bool):
    trials, cuts = (2, 8) if short else (20, 200)
    with tempfile.TemporaryDirectory(prefix="r32") as folder:
        home = Path(folder)
        KeyRing.make(home / "keys.json")
        use_ring(KeyRing.read(home / "keys.json"))
        with opened(f"sqlite:///{home / 'r32.db'}", synchronous="full"):
            upgrade()
            demo.load_demo(DISTRICTS / "yanzhou", at=NOW, people=False)
            return _try(home, trials, cuts, spoilt)


def _try(home: Path, trials: int, cuts: int, spoilt: bool):
    chance = Random(SEED)
    whole, changed, kills, half, back = _taken_along(), 0, 0, 0, 0
    (home / "list.csv").write_bytes(whole)
    for _ in range(trials):
        changed += _change(chance)
        worn = _taken_along()
        for delay in [chance.random() * 0.03 for _ in range(8)] + [None]:
            kills += _take_in(home, spoilt, delay)
            now = _taken_along()
            half += now not in (worn, whole)
            if now == whole or half:
                break
        if half:
            break
        back += _taken_along() == whole
    refused = sum(_is_refused(whole, chance) for _ in range(cuts))
    figure = (
        f"{changed} facts changed in {trials} rounds, {kills} kills while the list was taken in: {half} times half of it"
        f" was there, {back} times all of it at the end; {refused} of {cuts} cut files refused;"
    )
    return half == 0 and back == trials and refused == cuts and kills > 0, figure


def _taken_along(form=tables.csv) -> bytes:
    """The list of the stations as the officer takes it along; without a date, so that equal lists are equal files."""
    from models import areas

    areas.Revision.forget()
    return form([], [column.words for column in exports.STATIONS], exports.stations(english=True))


def _change(chance: Random) -> int:
    """Somebody changes what stands about thirty stations."""
    picked = chance.sample(list(Station.listed()), 30)
    with writing():
        for n, station in enumerate(picked):
            Station.update(phone=f"1381234{n:04}", address=f"{station.address} {n}").where(
                Station.id == station.id
            ).execute()
            StationAmenity.delete().where(StationAmenity.station == station, StationAmenity.amenity == "WC").execute()
            openings.set_hours(station, "24h" if n % 2 else "一至五 9:00-17:00", by=None, at=NOW)
        from models.areas import Revision

        Revision.bump()
    return 4 * len(picked)


def _take_in(home: Path, spoilt: bool, delay: float | None) -> int:
    """Take the list in, as a process of its own; killed so many seconds after it was read. 1 when it was killed."""
    command = [sys.executable, "-c", TAKE_IN, "spoilt" if spoilt else "", str(home / "r32.db"), str(home / "list.csv")]
    db.close()
    work = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ROOT})
    assert work.stdout and work.stdout.readline() == "read\n"
    killed = False
    if delay is not None:
        time.sleep(delay)
        killed = work.poll() is None
        work.kill()
    work.wait()
    return killed


def _is_refused(whole: bytes, chance: Random) -> bool:
    """A workbook of which the end is missing is refused with a sentence, and leaves nothing behind."""
    book = _taken_along(tables.xlsx)
    before, batches = _taken_along(), imports.ImportBatch.select().count()
    try:
        imports.preview("stations", "list.xlsx", book[: int(len(book) * chance.random())], by=None, at=NOW)
    except Unread:
        return _taken_along() == before == whole and imports.ImportBatch.select().count() == batches
    return False
