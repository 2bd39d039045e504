"""Several processes that stand ready and act at the same moment, as the workers of a server do."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

from models._database import Busy, db, writing
from models._keys import KeyRing, use_ring
from models._record import Refused
from models._schema import upgrade
from models.sessions import Session
from models.visits import Outcome, TooMany, admit
from tests._engines import opened

SIZE = 4
_barrier = None


class Crowd:
    """`SIZE` processes; `do` gives each its piece of work at once and brings back what became of it."""

    def __init__(self, keys):
        context = multiprocessing.get_context("spawn")
        self.pool = context.Pool(SIZE, _arrive, (context.Barrier(SIZE), str(keys)))

    def do(self, work, *arguments, each=()):
        """`work(*arguments)` in every process; with `each`, one of its tuples besides for each process."""
        return self.pool.starmap(work, [(*arguments, *more) for more in each or [()] * SIZE], chunksize=1)


def _arrive(barrier, keys):
    global _barrier
    _barrier = barrier
    use_ring(KeyRing.read(keys))


def in_threads(work, *arguments, each=()):
    """The same with threads of this process."""
    global _barrier
    _barrier = threading.Barrier(SIZE)

    def closing(*all):
        try:
            return work(*all)
        finally:
            db.close()

    with ThreadPoolExecutor(SIZE) as pool:
        waiting = [pool.submit(closing, *arguments, *more) for more in each or [()] * SIZE]
        return [result.result() for result in waiting]


def together():
    """Wait until all are here."""
    _barrier.wait(30)


# What a process of a crowd may do. It opens the database itself, as a worker does.


def press_elsewhere(url, rounds):
    """Press in each round (arguments of `admit`) at the same moment as the others; what each press became."""
    with opened(url):
        return press(rounds)


def press(rounds):
    became = []
    for station, who, told in rounds:
        together()
        became.append(outcome(station, who, **told))
    return became


def outcome(station, who, **told) -> str:
    """`admit`, with what it raises as a word."""
    try:
        became = admit(station, who, **told)
    except Refused as no:
        return no.code
    except TooMany:
        return "too many"
    except Busy:
        return "busy"
    assert isinstance(became, Outcome)
    return became.result


def upgrade_elsewhere(url):
    with opened(url):
        together()
        return upgrade()


def add_up_elsewhere(url, times):
    """Read a number and write it back one higher, `times` times: lost updates would show."""
    with opened(url):
        together()
        for _ in range(times):
            add_one()


def add_one():
    with writing():
        (n,) = db.execute_sql("SELECT n FROM revision" + (" FOR UPDATE" if not writing.path else "")).fetchone()
        db.execute_sql(f"UPDATE revision SET n = {n + 1}")


def end_session_elsewhere(url, token):
    with opened(url):
        together()
        Session.end(token)
