"""The database: SQLite by default, PostgreSQL by URL, and the one way to write to either.

`db` stands for whichever engine `open_database` was given. Every change goes through `with writing():`.
"""

import atexit
import fcntl
import os
import select
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from peewee import DatabaseProxy, InterfaceError, OperationalError, PostgresqlDatabase, SqliteDatabase

BUDGET = 10.0
"""Seconds a write may wait in all: for the thread lock, the file lock and SQLite's own."""

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # acknowledged means kept, also through a power cut
    "foreign_keys": 1,
    "busy_timeout": int(BUDGET * 1000),
    "secure_delete": 1,
    "trusted_schema": 0,
}

NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "glusterfs", "ceph", "afs"}

db = DatabaseProxy()


class Busy(Exception):
    """The database was not free, or not able, within the budget. Nothing was written; try again later."""


class Writing:
    """`with writing():` is one write transaction.

    On SQLite one writer at a time, over all threads and processes: the lock is taken before BEGIN and let go
    after COMMIT, so that the checkpoint which COMMIT may run happens inside it too (SQLite 3.7.0–3.51.2 can
    lose commits when two connections write or checkpoint at once). On PostgreSQL a plain transaction: what a
    rule reads is locked by `hold`.

    Raises `Busy` when the budget runs out.
    """

    def __init__(self):
        self.path = None
        self.thread = threading.Lock()
        self.file = -1
        self.holder = None

    def use(self, lock_path: Path | None):
        """Lock through this file from now on (None: PostgreSQL, no file)."""
        self.path = lock_path
        if lock_path:
            self._open()

    def _open(self):
        self.thread, self.holder = threading.Lock(), None
        if self.path:
            self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def held(self) -> bool:
        """Does this thread hold the writers' lock?"""
        return self.holder == threading.get_ident()

    @contextmanager
    def lock(self, patience: float | None = None):
        """The writers' lock alone, for what brings its own transactions (migrations, opening and closing).

        Yields the seconds that are left of the budget, or of `patience` where that is less.
        """
        budget = BUDGET if patience is None else patience
        if self.path is None or self.held():
            yield budget
            return
        until = time.monotonic() + budget
        if not self.thread.acquire(timeout=budget):
            raise Busy("thread lock")
        try:
            self._wait_for_file(until)
            self.holder = threading.get_ident()
            try:
                yield max(until - time.monotonic(), 0.001)
            finally:
                self.holder = None
                fcntl.flock(self.file, fcntl.LOCK_UN)
        finally:
            self.thread.release()

    def _wait_for_file(self, until):
        while True:
            try:
                return fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Busy("file lock") from None
                time.sleep(0.001)

    @contextmanager
    def __call__(self, patience: float | None = None):
        if db.in_transaction():  # inside another one: a savepoint of it
            with db.atomic():
                yield
            return
        with self.lock(patience) as left:
            waited = self.path is not None and left < BUDGET - 0.5
            try:
                if waited:  # what is left of the budget is SQLite's
                    db.execute_sql(f"PRAGMA busy_timeout={int(left * 1000)}")
                with db.atomic("IMMEDIATE") if self.path else db.atomic():
                    yield
            except (OperationalError, InterfaceError) as error:  # locked too long, disk full, server lost: it passes
                raise Busy(str(error)) from error
            finally:
                if waited:
                    db.execute_sql(f"PRAGMA busy_timeout={PRAGMAS['busy_timeout']}")


writing = Writing()
os.register_at_fork(after_in_child=writing._open)  # flock belongs to the open file: each process opens its own


def hold(*keys: int):
    """On PostgreSQL, let nobody else decide about these 64-bit keys until this transaction ends.

    SQLite has one writer at a time and needs nothing.
    """
    if is_postgres() and keys:
        ordered = sorted(set(keys))  # always in the same order, so that two never wait for each other
        for start in range(0, len(ordered), 1000):  # more columns than 1,664 a statement cannot have
            some = ordered[start : start + 1000]
            db.execute_sql("SELECT " + ", ".join(["pg_advisory_xact_lock(%s)"] * len(some)), some)


def is_postgres() -> bool:
    return isinstance(db.obj, PostgresqlDatabase)


def connect():
    """Open this thread's connection, or go on with it. One that PostgreSQL has cut meanwhile is replaced unseen."""
    if not db.connect(reuse_if_open=True) and is_postgres():
        connection = db.obj.connection()
        idle_but_readable = connection.closed or select.select([connection], [], [], 0)[0]
        if idle_but_readable:  # nothing was asked, so what it has to say is good-bye
            with suppress(OperationalError, InterfaceError):
                db.close()
            db.connect(reuse_if_open=True)


def sql(text: str) -> str:
    """The same statement with this engine's placeholders; written with `?`."""
    return text.replace("?", "%s") if is_postgres() else text


def open_database(url: str, **changes):
    """Point `db` at a URL: `sqlite:///path` or `postgresql://…` (several hosts allowed, handed on unparsed).

    `changes` are pragmas for SQLite that differ from PRAGMAS. Raises ValueError for another scheme or a
    network disk.
    """
    if url.startswith(("postgresql://", "postgres://")):
        writing.use(None)
        db.initialize(
            PostgresqlDatabase(
                "postgresql://" + url.split("://", 1)[1],  # libpq dials the default socket for other spellings
                prefer_psycopg3=True,
                connect_timeout=3,
                tcp_user_timeout=5000,
                options=f"-c statement_timeout={int(BUDGET * 1000)} -c lock_timeout={int(BUDGET * 1000)}"
                " -c idle_in_transaction_session_timeout=20000",
            )
        )
        return db
    if not url.startswith("sqlite:///"):
        raise ValueError("DATABASE_URL begins with sqlite:/// or postgresql://")
    path = Path(url.removeprefix("sqlite:///")).absolute()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (kind := _disk(path.parent)) in NETWORK_DISKS:
        raise ValueError(f"SQLite on a network disk ({kind}) loses data: use a local disk or PostgreSQL")
    writing.use(path.with_name(path.name + ".lock"))
    db.initialize(SqliteDatabase(str(path), pragmas=PRAGMAS | changes, timeout=BUDGET))
    with writing.lock():  # the first connection writes the header and may run a recovery
        db.connect(reuse_if_open=True)
        os.chmod(path, 0o600)
        _anchor(path)
    return db


_anchors: dict = {}
_last_lock = None


def _anchor(path: Path):
    """Keep one connection open as long as the process lives.

    Closing the last connection to a WAL file checkpoints it. Threads come and go and their connections with
    them; as long as this one is there none of them is the last. At the end the lock is taken and never given
    back, so whatever closes after it closes inside the lock.
    """
    key = (os.getpid(), str(path))
    if key in _anchors:
        return
    connection = db.obj._connect()
    connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # a connection that never read holds nothing
    _anchors[key] = connection
    if len(_anchors) == 1:
        atexit.register(_take_the_lock_and_go)


def _take_the_lock_and_go():
    global _last_lock
    _last_lock = writing.lock()  # kept in a global: a context manager that is collected lets go
    with suppress(Busy):
        _last_lock.__enter__()
    for (pid, _), connection in _anchors.items():
        if pid == os.getpid():
            connection.close()


def _disk(folder: Path) -> str:
    """The kind of file system a folder lies on, '' where it cannot be told."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return ""
    over = [(len(point), kind) for point, kind in mounts if folder.is_relative_to(point.replace("\\040", " "))]
    return max(over)[1] if over else ""
