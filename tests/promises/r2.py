"""R2: simulated power cuts while visits are counted; no acknowledged visit is lost, the file is whole."""

import datetime as dt
import random
import shutil
import sqlite3
import tempfile
from pathlib import Path

import apsw
from playhouse.apsw_ext import APSWDatabase

from models import demo, visits
from models._database import PRAGMAS, db, open_database, writing
from models._keys import KeyRing, use_ring
from models._schema import upgrade
from models.areas import Revision
from models.stations import Station
from tests.promises._power import Disk, RecordingVFS

DISTRICTS = Path(__file__).parent.parent.parent / "districts"


def run(spoilt: bool, short: bool):
    cuts, seed = (60 if short else 1000), 20242
    chance = random.Random(seed)
    disk, lost, corrupt, acknowledged_in_all = Disk(), 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="r2") as folder:
        presses, acknowledged = (120 if short else 600), []
        stations = _open(Path(folder), disk, spoilt)
        start = len(disk.events)
        for n in range(presses):
            now = dt.datetime.now(dt.UTC)
            who = visits.Who(None, f"{n:032x}")
            visits.admit(chance.choice(stations), who, client_id=f"press-{n}", at=now, now=now, evidence=1)
            acknowledged.append((len(disk.events), visits.number(f"press-{n}")))
        ends = len(disk.events)
        db.close()
        for n in range(cuts):
            at = chance.randrange(start, ends + 1)
            must = {press for after, press in acknowledged if after <= at}
            acknowledged_in_all += len(must)
            left = Path(folder) / f"cut-{n}"
            left.mkdir()
            for name, content in disk.after(at, chance).items():
                if not name.endswith("-shm"):
                    (left / name).write_bytes(content)
            try:
                found, whole = _read(left / "r2.db")
            except sqlite3.DatabaseError:
                found, whole = set(), False
            lost += len(must - found)
            corrupt += not whole
    figure = (
        f"{cuts} cuts, {acknowledged_in_all} times an acknowledged visit was looked for, {lost} lost, {corrupt} files not"
        f" whole (SQLite {apsw.sqlite_lib_version()}, seed {seed})"
    )
    return not lost and not corrupt and acknowledged_in_all > cuts, figure


def _open(folder: Path, disk: Disk, spoilt: bool):
    """A small district on a database that goes through the recording disk from now on."""
    ring = folder / "keys.json"
    KeyRing.make(ring)
    use_ring(KeyRing.read(ring))
    made = folder / "made.db"
    open_database(f"sqlite:///{made}")
    Revision.forget()
    upgrade()
    demo.load_district(DISTRICTS / "999999", at=dt.datetime.now(dt.UTC))
    stations = [s.id for s in Station.listed()]
    with writing.lock():
        db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    path = folder / "r2.db"
    shutil.copy(made, path)
    disk.before = {path.name: path.read_bytes()}
    name = f"recording-{id(disk)}"
    disk.vfs = RecordingVFS(disk, name)  # kept: SQLite holds only its name
    pragmas = PRAGMAS | ({"synchronous": "normal"} if spoilt else {}) | {"wal_autocheckpoint": 50}
    db.initialize(APSWDatabase(str(path), vfs=name, pragmas=pragmas))
    db.connect()
    Revision.forget()
    return stations


def _read(path: Path) -> tuple[set[int], bool]:
    database = sqlite3.connect(path)
    try:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        sums = [database.execute(f"SELECT coalesce(sum(n), 0) FROM {t}").fetchone()[0] for t in
                ("visit", "visit_hour", "visit_month")]  # fmt: skip
        return {row[0] for row in database.execute("SELECT client_id FROM visit")}, whole and len(set(sums)) == 1
    finally:
        database.close()
