"""The two engines that models and pages are tested on: each test gets a database of its own, copied from a template."""

import datetime as dt
import itertools
import math
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import psycopg

from bench import _postgres
from models import _database, areas, demo
from models._database import connect, db, open_database, writing
from models._schema import upgrade
from models.people import Person, RoleGrant

DISTRICTS = Path(__file__).parent.parent / "districts"
NOON = dt.datetime(2024, 9, 19, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

CAST = {
    "rui": ("芮一", "13800000001", "rider", ""),
    "ray": ("雷二", "13800000002", "rider", ""),
    "kim": ("金三", "13800000003", "keeper", "SF001"),
    "lee": ("李四", "13800000004", "keeper", "SF002"),
    "olga": ("欧五", "13800000005", "officer", ""),
}
"""Who lives in the small town: name, phone, role and its scope. Each one's password is `warm-` and the key."""


def bare():
    """A database with nothing in it."""


def migrated():
    """The schema and no rows."""
    upgrade()


def small():
    """The district of three stations that does not exist, and its cast."""
    upgrade()
    with writing():
        demo.load_district(DISTRICTS / "999999", at=NOON)
        for key, (name, phone, role, scope) in CAST.items():
            person = Person.register(name=name, phone=phone, at=NOON, password=f"warm-{key}")
            RoleGrant.create(person=person, role=role, scope=scope)


def yanzhou():
    """The demo: 139 stations and the centre, and the ten accounts; nobody else."""
    upgrade()
    demo.load_demo(DISTRICTS / "yanzhou", at=NOON, people=False)


def lively():
    """The demo at full size, with its people and eighteen months of visits."""
    upgrade()
    demo.load_demo(DISTRICTS / "yanzhou", at=NOON)


TEMPLATES = {make.__name__: make for make in (bare, migrated, small, yanzhou, lively)}


class Engine:
    """One of the two. `fresh` gives the URL of a new copy of a template; that is made the first time it is needed."""

    def __init__(self):
        self.made, self.numbers = {}, itertools.count()

    def fresh(self, template: str) -> str:
        if template not in self.made:
            source = self.empty()
            with opened(source):
                TEMPLATES[template]()
            self.made[template] = source
        return self.copy(self.made[template])

    def fill(self, table: str, columns: str, values: str, count: int, analyse: bool = True):
        """Insert `count` rows at once, each of `values` with its number `i`."""
        tens = "SELECT 0 AS d" + "".join(f" UNION ALL SELECT {n}" for n in range(1, 10))
        places = ", ".join(f"({tens}) AS t{n}" for n in range(5))
        numbers = f"SELECT {' + '.join(f'{10**n} * t{n}.d' for n in range(5))} AS i FROM {places}"
        statement = f"INSERT INTO {table} ({columns}) SELECT {values} FROM ({numbers}) AS numbers WHERE i < {count}"
        with writing():
            db.execute_sql(statement.replace("%", self.percent))
        if analyse:
            db.execute_sql("ANALYZE")

    @contextmanager
    def statements(self):
        """The statements that this thread's connection runs meanwhile, BEGIN and COMMIT among them.

        Those alone that are asked for: no second passes, in which another process could have changed something.
        """
        often, areas.Revision.LOOK_EVERY = areas.Revision.LOOK_EVERY, math.inf
        try:
            with self._statements() as told:
                yield told
        finally:
            areas.Revision.LOOK_EVERY = often

    def _statements(self):
        raise NotImplementedError

    def plan(self, statement: str, values=()) -> str:
        """How the engine would answer a statement, a step a line."""
        return "\n".join(row[-1] for row in db.execute_sql(f"{self.explain} {statement}", values))

    def scans(self, statement: str, values=()) -> list[str]:
        """The steps of that which would read a whole table of ours."""
        tables = "|".join(db.get_tables())
        return re.findall(self.scan.format(rf"(?:{tables})\b"), self.plan(statement, values))


class SQLite(Engine):
    name, percent = "sqlite", "%"
    explain, scan = "EXPLAIN QUERY PLAN", "SCAN {}"

    def __init__(self, folder: Path):
        super().__init__()
        self.folder = folder

    def empty(self) -> str:
        return f"sqlite:///{self.folder / f'{next(self.numbers)}.db'}"

    def copy(self, url: str) -> str:
        target = self.empty()
        shutil.copyfile(path_of(url), path_of(target))
        return target

    def drop(self, url: str):
        for file in self.folder.glob(path_of(url).name + "*"):
            file.unlink()

    @contextmanager
    def _statements(self):
        told = []
        db.connection().set_trace_callback(told.append)
        yield told
        db.connection().set_trace_callback(None)


class PostgreSQL(Engine):
    name, percent = "postgresql", "%%"
    explain, scan = "EXPLAIN", "Seq Scan on {}"

    def __init__(self, url: str):
        super().__init__()
        self.url = url
        self.log = Path(parse_qs(urlsplit(url).query)["host"][0], "log")

    def empty(self) -> str:
        return _postgres.database(self.url, f"test_{next(self.numbers)}")

    def copy(self, url: str) -> str:
        return _postgres.database(self.url, f"test_{next(self.numbers)}", urlsplit(url).path[1:])

    def drop(self, url: str):
        with psycopg.connect(self.url, autocommit=True) as cluster:
            cluster.execute(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")

    @contextmanager
    def _statements(self):
        """From the server's own log: what really went over the wire."""
        me = db.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
        db.execute_sql("SET log_statement = 'all'")
        start, told = self.log.stat().st_size, []
        yield told
        with self.log.open("rb") as log:
            log.seek(start)
            text = log.read().decode()
        db.execute_sql("RESET log_statement")
        told += re.findall(rf"\[{me}\] LOG:  (?:statement|execute [^:]*): (.*(?:\n\t.*)*)", text)


@contextmanager
def opened(url: str, **pragmas):
    """The program's `db` stands on this URL, and on nothing afterwards. Speed goes before durability."""
    open_database(url, **{"synchronous": "off"} | pragmas)
    connect()
    forget()
    try:
        yield
    finally:
        let_go()


def let_go():
    """Close what is open; whoever touches the database next without having opened one, fails."""
    db.close()
    if writing.path:
        for connection in _database._anchors.values():
            connection.close()
        _database._anchors.clear()
        os.close(writing.file)
    writing.use(None)
    db.initialize(None)
    forget()


def forget():
    """A process knows one district; a test comes with another."""
    areas.Revision.forget()
    areas._answers.clear()
    areas.is_light.cache_clear()


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
