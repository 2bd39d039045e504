"""The one way to write: one writer at a time, all or nothing, and an answer within the budget."""

import fcntl
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from models import _database, demo, figures, visits
from models._database import Busy, db, hold, open_database, writing
from models._schema import upgrade
from models.areas import Setting
from models.people import Person
from models.sessions import Session
from tests import _crowd
from tests._engines import DISTRICTS, NOON, opened, path_of

sqlite_alone = pytest.mark.only("sqlite", "PostgreSQL has no files, locks and pragmas of ours")


def settings():
    return {row.key for row in Setting.select().where(Setting.key.startswith("test"))}


# All or nothing.


def test_what_was_written_is_there_afterwards(migrated):
    with writing():
        Setting.put("test", 1)
    assert settings() == {"test"} and not db.in_transaction()


def test_an_error_takes_back_the_whole_transaction(migrated):
    with pytest.raises(KeyError), writing():
        Setting.put("test", 1)
        raise KeyError
    assert settings() == set() and not db.in_transaction()


def test_inside_another_one_it_is_a_savepoint_of_it(migrated):
    with writing():
        Setting.put("test-1", 1)
        with pytest.raises(KeyError), writing():
            Setting.put("test-2", 2)
            raise KeyError
        with writing():
            Setting.put("test-3", 3)
    assert settings() == {"test-1", "test-3"}


def test_what_a_savepoint_kept_goes_with_the_outer_one(migrated):
    with pytest.raises(KeyError), writing():
        with writing():
            Setting.put("test", 1)
        raise KeyError
    assert settings() == set()


def test_the_lock_is_free_again_after_an_error(migrated):
    for _ in range(3):
        with pytest.raises(KeyError), writing():
            raise KeyError
    in_another_thread(lambda: Setting.put("test", 1))
    assert settings() == {"test"}


# One at a time.


def test_no_number_is_lost_between_threads(engine, migrated):
    demo.load_district(DISTRICTS / "999999", at=NOON)
    before = demo.Revision.get().n

    def add_up():
        _crowd.together()
        for _ in range(25):
            _crowd.add_one()

    _crowd.in_threads(add_up)
    assert demo.Revision.get().n == before + 25 * _crowd.SIZE


def test_no_number_is_lost_between_processes(engine, migrated, crowd):
    demo.load_district(DISTRICTS / "999999", at=NOON)
    before = demo.Revision.get().n
    crowd.do(_crowd.add_up_elsewhere, migrated, 25)
    assert demo.Revision.get().n == before + 25 * _crowd.SIZE


def test_who_holds_a_key_decides_alone(engine, migrated):
    """Two ask for the same keys in opposite order: neither waits for the other for ever, none interrupts."""
    inside, most = [], []

    def decide(*keys):
        _crowd.together()
        for _ in range(10):
            with writing():
                hold(*keys)
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)
                inside.pop()

    _crowd.in_threads(decide, each=[(1, 2), (2, 1), (-1, 2), (2, 7)])
    assert max(most) == 1


def test_a_transaction_is_one_begin_and_one_commit(engine, migrated):
    with engine.statements() as told, writing(), writing():
        Setting.put("test", 1)
    words = [statement.split()[0] for statement in told]
    assert told[0] == {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}[engine.name]
    assert words == ["BEGIN", "SAVEPOINT", "INSERT", "RELEASE", "COMMIT"]


def test_the_judge_of_plans_sees_a_table_that_is_read_whole(engine, migrated):
    engine.fill("setting", "key, value", "'k' || i, 'v'", 500)
    assert engine.scans("SELECT * FROM setting WHERE value = 'v'")
    assert not engine.scans("SELECT * FROM setting WHERE key = 'k7'")


@sqlite_alone
def test_a_thread_waits_until_another_has_let_go(migrated):
    order = []

    def write():
        with writing():
            order.append("second")

    with writing():
        assert writing.held()
        second = threading.Thread(target=write)
        second.start()
        time.sleep(0.05)
        order.append("first")
    second.join()
    assert order == ["first", "second"] and not writing.held()


@sqlite_alone
def test_only_the_thread_that_holds_the_lock_holds_it(migrated):
    with writing():
        assert in_another_thread(writing.held) is False


@sqlite_alone
def test_a_forked_child_has_a_lock_of_its_own(migrated):
    """Also when it was born while its parent held it: a file lock that was inherited would keep nobody out."""
    with writing():
        child = os.fork()
        if child == 0:
            verdict = 1
            try:
                fcntl.flock(writing.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                verdict = 0 if not writing.held() else 2
            os._exit(verdict)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# Within the budget.


@contextmanager
def held_by_another_process(lock):
    """Somebody else holds the writers' lock until the end."""
    code = f"import fcntl, os; f = os.open({str(lock)!r}, os.O_RDWR); fcntl.flock(f, fcntl.LOCK_EX)"
    command = [sys.executable, "-c", code + "; print(flush=True); input()"]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    yield
    holder.communicate(b"\n")


def waited(work):
    """How long until it says that it is busy."""
    start = time.monotonic()
    with pytest.raises(Busy):
        work()
    return time.monotonic() - start


def put():
    with writing():
        Setting.put("test", 1)


@sqlite_alone
def test_another_process_that_does_not_let_go_makes_us_busy_within_the_budget(migrated, monkeypatch):
    monkeypatch.setattr(_database, "BUDGET", 0.2)
    with held_by_another_process(writing.path):
        assert 0.2 <= waited(put) < 4
    put()
    assert settings() == {"test"}


@sqlite_alone
def test_another_thread_that_does_not_let_go_makes_us_busy_within_the_budget(migrated, monkeypatch):
    monkeypatch.setattr(_database, "BUDGET", 0.2)
    with writing():
        assert 0.2 <= in_another_thread(lambda: waited(put)) < 4
    put()


@sqlite_alone
def test_the_budget_is_one_for_all_locks_together(engine, monkeypatch):
    """Most of it goes by at the file lock; for the database's own lock only what is left."""
    url = engine.fresh("migrated")
    monkeypatch.setattr(_database, "BUDGET", 1.2)
    with opened(url, busy_timeout=9000):
        stranger = sqlite3.connect(path_of(url), isolation_level=None, check_same_thread=False)
        stranger.execute("BEGIN IMMEDIATE")
        lock = os.open(writing.path, os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
        threading.Timer(0.8, lambda: fcntl.flock(lock, fcntl.LOCK_UN)).start()
        assert 1.1 <= waited(put) < 5
        stranger.rollback()
        put()
        assert db.execute_sql("PRAGMA busy_timeout").fetchone() == (10_000,)
        stranger.close()
        os.close(lock)


@sqlite_alone
def test_a_shell_that_writes_past_the_lock_makes_us_busy_too(engine):
    url = engine.fresh("migrated")
    with opened(url, busy_timeout=200):
        stranger = sqlite3.connect(path_of(url), isolation_level=None)
        stranger.execute("BEGIN EXCLUSIVE")
        assert 0.1 <= waited(put) < 4
        stranger.rollback()
        stranger.close()
        put()
        assert settings() == {"test"}


@pytest.mark.only("postgresql", "SQLite has one writer at a time")
def test_a_key_that_somebody_else_holds_makes_us_busy_within_the_budget(engine, migrated):
    with writing():
        hold(7)

        def ask():
            db.execute_sql("SET lock_timeout = 200")
            with writing():
                hold(7)

        assert 0.2 <= in_another_thread(lambda: waited(ask)) < 4


@pytest.mark.only("postgresql", "SQLite has no server")
def test_a_server_that_cuts_the_line_makes_us_busy_once(engine, migrated):
    put()
    with pytest.raises(Busy), writing():
        me = db.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
        in_another_thread(lambda: db.execute_sql(f"SELECT pg_terminate_backend({me})").fetchone())
        Setting.put("test-2", 2)
    db.close()  # as at the end of a request
    put()
    assert settings() == {"test"}


@sqlite_alone
def test_a_full_disk_makes_us_busy_and_writes_nothing(migrated):
    db.execute_sql("PRAGMA max_page_count = 1")  # as full as it is now
    with pytest.raises(Busy), writing():
        for n in range(200):
            Setting.put(f"test-{n}", "x" * 1000)
    assert settings() == set()
    db.execute_sql("PRAGMA max_page_count = 1073741823")
    put()
    assert settings() == {"test"}


def test_our_own_mistakes_are_not_called_busy(migrated):
    with pytest.raises(Exception) as mistake, writing():
        Person.insert(name=None).execute()
    assert not isinstance(mistake.value, Busy)


# Every connection.

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "secure_delete": 1,
    "trusted_schema": 0,
}


@sqlite_alone
def test_every_connection_has_our_pragmas(engine):
    url = engine.fresh("migrated")
    with opened(url, synchronous="full"):

        def read(connection):
            return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}

        assert read(db.connection()) == PRAGMAS
        assert in_another_thread(lambda: read(db.connection())) == PRAGMAS
        assert [read(anchor) for anchor in _database._anchors.values()] == [PRAGMAS]


@pytest.mark.no_database
def test_acknowledged_means_kept_unless_a_test_says_otherwise():
    assert _database.PRAGMAS == {**PRAGMAS, "synchronous": "full"} and _database.BUDGET == 10


@sqlite_alone
def test_the_database_is_its_owners_alone(migrated):
    for path in (path_of(migrated), writing.path):
        assert path.stat().st_mode & 0o777 == 0o600, path


@pytest.mark.only("postgresql", "SQLite has no server")
def test_no_statement_and_no_lock_takes_longer_than_the_budget(migrated):
    def read(name):
        return db.execute_sql(f"SHOW {name}").fetchone()[0]

    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert [read(name) for name in names] == ["10s", "10s", "20s"]
    assert read("transaction_isolation") == "read committed"


@pytest.mark.only("postgresql", "SQLite has no hosts")
def test_the_next_host_is_asked_when_the_first_is_gone(engine, tmp_path):
    name = urlsplit(engine.fresh("migrated")).path
    hosts = f"host={tmp_path},{engine.log.parent}&target_session_attrs=read-write"
    with opened(f"postgresql://{name}?{hosts}&user=nuanyi"):
        put()
        assert settings() == {"test"}


# Where it may lie.


@pytest.mark.no_database
@pytest.mark.parametrize("url", ["", "mysql://localhost/x", "sqlite://x.db", "/tmp/x.db", "nuanyi.db"])
def test_an_address_that_is_neither_engine_is_refused(url):
    with pytest.raises(ValueError):
        open_database(url)


@pytest.mark.no_database
@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "9p", "fuse.sshfs"])
def test_a_network_disk_is_refused(kind, tmp_path, monkeypatch):
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path} {kind} rw 0 0\nproc /proc proc rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda path, *_: mounts)
    with pytest.raises(ValueError, match="network disk"):
        open_database(f"sqlite:///{tmp_path}/deep/er/nuanyi.db")


@pytest.mark.no_database
def test_a_local_disk_beside_a_network_disk_is_not(tmp_path, monkeypatch):
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path}/share nfs rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda path, *_: mounts)
    assert _database._disk(tmp_path / "shared") == "ext4"


# Nobody writes or checkpoints outside the lock (R3 in small).


class Watch(sqlite3.Connection):
    """A connection that notes each statement which writes or checkpoints while the lock is not held."""

    WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "REPLACE", "VACUUM", "BEGIN IMMEDIATE", "COMMIT")
    seen: list[str] = []
    outside: list[str] = []

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.set_trace_callback(self.trace)

    @classmethod
    def trace(cls, statement):
        statement = statement.lstrip().upper()
        if statement.startswith(cls.WRITES) or "WAL_CHECKPOINT" in statement:
            (cls.seen if writing.held() else cls.outside).append(statement)


@sqlite_alone
def test_nothing_writes_or_checkpoints_outside_the_lock(engine, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr("peewee.sqlite3.connect", lambda *args, **more: connect(*args, factory=Watch, **more))
    with opened(engine.empty()):
        upgrade()
        upgrade()
        demo.load_demo(DISTRICTS / "999999", at=NOON)
        demo.load_district(DISTRICTS / "999999", at=NOON)
        token = demo.start_session("14108120001", at=NOON)
        person = Session.person_of(token, at=NOON)
        Session.seen(person, at=NOON + demo.dt.timedelta(hours=2))
        station = demo.Station.get(code="SF001")
        demo.PosterToken.issue(station, by=person, at=NOON)

        def press():
            who = visits.Who(None, None, "192.0.2.1")
            for _ in range(2):
                visits.admit(station.id, who, client_id="", at=NOON, now=NOON)
            db.close()

        _crowd.in_threads(press)
        with writing():
            figures.recount()
        Session.end(token)
        demo.remove_demo()
    assert len(Watch.seen) > 100 and Watch.outside == []


@sqlite_alone
def test_a_process_closes_its_last_connection_inside_the_lock(migrated, tmp_path):
    """At its end it takes the lock and never gives it back: whatever closes afterwards, closes inside."""
    code = """
import sqlite3, sys
import peewee
from models._database import db, open_database, writing

class Connection(sqlite3.Connection):
    def close(self):
        print("held" if writing.held() else "free", flush=True)
        super().close()

connect = sqlite3.connect
peewee.sqlite3.connect = lambda *args, **more: connect(*args, factory=Connection, **more)
open_database(sys.argv[1])
db.execute_sql("SELECT 1")
"""
    command = [sys.executable, "-c", code, migrated]
    root = Path(__file__).parent.parent
    told = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split()
    assert told and set(told) == {"held"}


def in_another_thread(work):
    """What `work` answers in a thread with a connection of its own."""
    became = []

    def run():
        try:
            became.append(work())
        finally:
            db.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return became[0]
