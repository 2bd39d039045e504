"""R3: no path, the commands included, writes or checkpoints outside the writers' lock."""

import contextlib
import fcntl
import os
import sqlite3
import tempfile
import threading
from pathlib import Path

from models import _database
from models._database import db, writing

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "REPLACE", "VACUUM", "BEGIN IMMEDIATE", "COMMIT")


class Watched(sqlite3.Connection):
    """A connection that tells of each statement which writes or checkpoints, and whether the lock was held."""

    inside, outside = 0, []
    open_now = 0

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        Watched.open_now += 1
        self.closed = False
        self.set_trace_callback(Watched.told)

    @staticmethod
    def told(statement):
        statement = statement.lstrip().upper()
        if statement.startswith(WRITES) or "WAL_CHECKPOINT" in statement:
            Watched.note(statement[:60])

    @staticmethod
    def note(what):
        if _held():
            Watched.inside += 1
        else:
            Watched.outside.append(what)

    def close(self):
        if not self.closed:
            self.closed = True
            Watched.open_now -= 1
            if Watched.open_now == 0:  # the last one checkpoints
                Watched.note("CLOSE of the last connection")
        super().close()


def _held() -> bool:
    """Does this thread hold the lock, by the operating system's word and not only by ours?"""
    return writing.held() and _taken(writing.path)


def _taken(path) -> bool:
    other = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(other)


def run(spoilt: bool, short: bool):
    rounds = 1 if short else 5
    Watched.inside, Watched.outside, Watched.open_now = 0, [], 0
    connect, lock = sqlite3.connect, _database.Writing.lock
    sqlite3.connect = lambda *args, **more: connect(*args, factory=Watched, **more)
    if spoilt:
        _database.Writing.lock = lambda self, patience=None: contextlib.nullcontext(_database.BUDGET)
    try:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="r3") as folder:
                _a_day(Path(folder))
    finally:
        sqlite3.connect, _database.Writing.lock = connect, lock
    figure = f"{Watched.inside} writes and checkpoints inside the lock, {len(Watched.outside)} outside"
    for what in sorted(set(Watched.outside))[:5]:
        print("  outside:", what)
    return Watched.inside > 500 and not Watched.outside, figure


def _a_day(folder: Path):
    """Everything the program does that writes: its commands, its pages, threads that come and go, its end."""
    from app import create_app
    from models._keys import KeyRing

    KeyRing.make(folder / "keys.json")
    app = create_app(DEMO=1, DATABASE_URL=f"sqlite:///{folder / 'r3.db'}", KEY_RING=str(folder / "keys.json"))
    commands = app.test_cli_runner()
    for words in (["db", "upgrade"], ["db", "upgrade"], ["demo", "load"], ["district", "load", "districts/yanzhou"]):
        assert commands.invoke(args=words).exit_code == 0, words

    def partner(n):
        ours = {"headers": {"Sec-Fetch-Site": "same-origin"}}
        phone = app.test_client()
        phone.post("/sign-in", data={"account": f"1410812{n:04d}"}, **ours)
        for press in range(25):
            phone.post(f"/stations/YZ{press + 1:03d}/visits", data={"client_id": f"{n}-{press}"}, **ours)
        items = [
            {"v": 1, "kind": "visit", "client_id": f"q{n}-{i}", "place": f"YZ{i + 60:03d}", "who": ""}
            for i in range(50)
        ]
        phone.post("/sync", json=items, **ours)
        phone.post("/prefs", data={"lang": "en"}, **ours)
        phone.get("/me/")
        phone.post("/sign-out", **ours)
        db.close()

    threads = [threading.Thread(target=partner, args=(n,)) for n in range(1, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for words in (
        ["work", "--once"],
        ["keys", "rotate"],
        ["trail", "verify"],
        ["retain"],
        ["recount"],
        ["demo", "remove"],
    ):
        assert commands.invoke(args=words).exit_code == 0, words
    db.close()
    _database._take_the_lock_and_go()  # what the end of a process does
    _database._anchors.clear()
    _database._last_lock.__exit__(None, None, None)
