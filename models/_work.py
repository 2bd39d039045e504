"""Work beside the web: what is due, claimed with a lease, done by `flask work`.

    @work("send", every=dt.timedelta(seconds=2))
    def send(now):
        for row in claim(Outbox, now=now): …
        return things_done

A worker that dies leaves a lease; when that has passed somebody else does the piece again. So a piece does its effect
and its mark of being done in one transaction, and marks only what it still holds (`tries` is the one it claimed).
"""

import datetime as dt
import fcntl
import logging
import os
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import NamedTuple

from peewee import CharField, IntegerField, InterfaceError, OperationalError

from models._database import Busy, connect, db, is_postgres, writing
from models._record import MomentField, Record

log = logging.getLogger("nuanyi.work")

LEASE = dt.timedelta(seconds=60)
BACKOFF = dt.timedelta(seconds=1), dt.timedelta(minutes=5)
"""How long a work that failed waits: the first time, and at most; doubled from time to time."""

PAUSE = 1.0
"""Seconds between two looks at what is due; what became due meanwhile waits no longer than that."""


class Job(Record):
    """One registered work: when it is due, who is at it until when, when it last went well, tries since then."""

    name = CharField(max_length=40, primary_key=True)
    due_at = MomentField()
    lease_until = MomentField(null=True)
    done_at = MomentField(null=True)
    tries = IntegerField(default=0)


class Work(NamedTuple):
    """A registered function, called with the moment; `daily_at` (with a zone) sets its hour, else it is due `every`."""

    name: str
    every: dt.timedelta
    do: Callable[[dt.datetime], int]
    lease: dt.timedelta
    daily_at: dt.time | None
    if_any: Callable[[dt.datetime], bool] | None

    def next_due(self, now: dt.datetime) -> dt.datetime:
        if self.daily_at is None:
            return now + self.every
        today = dt.datetime.combine(now.astimezone(self.daily_at.tzinfo).date(), self.daily_at)
        return today if today > now else today + dt.timedelta(days=1)


WORKS: dict[str, Work] = {}
_stop = threading.Event()


def work(
    name: str,
    every: dt.timedelta,
    *,
    lease: dt.timedelta = LEASE,
    daily_at: dt.time | None = None,
    if_any: Callable[[dt.datetime], bool] | None = None,
):
    """Register a function of `now` that does what is due and returns how many things that were.

    It must be done within `lease`, or bear that another begins it too. `if_any` is a look at whether there is anything
    to do: while it says no, nothing is written (each claim is a transaction; a work of every second needs this).
    """

    def registered(do: Callable[[dt.datetime], int]):
        WORKS[name] = Work(name, every, do, lease, daily_at, if_any)
        return do

    return registered


def stopping() -> bool:
    """Has the worker been told to end? A long work looks at this between its pieces and returns early."""
    return _stop.is_set()


def due(model, now: dt.datetime):
    """The rows of a record that are due and that nobody holds, the longest due first."""
    free = model.lease_until.is_null() | (model.lease_until <= now)
    return model.select().where(model.due_at <= now, free).order_by(model.due_at)


def claim(model, *, now: dt.datetime, limit: int = 20, lease: dt.timedelta = LEASE) -> list:
    """Up to `limit` due rows, held for this worker until `lease` has passed.

    The record has `due_at`, `lease_until` and `done_at` (may be null) and `tries`; a row with `done_at` is over.
    Each claimed row's `tries` is the mark to check when it is marked done. Raises Busy.
    """
    open_rows = due(model, now).where(model.done_at.is_null()).limit(limit)
    return _take(model, open_rows, now + lease)


def _take(model, query, until: dt.datetime) -> list:
    if not query.exists():  # most of the time nothing is due: a look needs no lock
        return []
    with writing():
        rows = list(query.for_update("FOR UPDATE SKIP LOCKED") if is_postgres() else query)
        if rows:
            mine = model._meta.primary_key.in_([row._pk for row in rows])
            model.update(lease_until=until, tries=model.tries + 1).where(mine).execute()
    for row in rows:
        row.lease_until, row.tries = until, row.tries + 1
    return rows


# The worker.


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def plant(now: dt.datetime):
    """Give every registered work its row."""
    known = {job.name for job in Job.select(Job.name)}
    if missing := [w for w in WORKS.values() if w.name not in known]:
        rows = [{"name": w.name, "due_at": w.next_due(now) if w.daily_at else now} for w in missing]
        with writing():
            Job.insert_many(rows).on_conflict_ignore().execute()


def step(clock: Callable[[], dt.datetime]) -> str | None:
    """Do the one work that is the longest due; its name, or None when nothing is due. Raises Busy and its kind."""
    now = clock()
    taken = _next(now)
    if taken is None:
        return None
    it, job = taken
    try:
        count = it.do(now)
    except Exception:  # whatever it was, the others go on
        log.exception("%s failed (try %s)", it.name, job.tries)
        wait = min(BACKOFF[0] * 2 ** min(job.tries - 1, 20), BACKOFF[1])
        _release(job, due_at=clock() + wait)
    else:
        if count:
            log.info("%s: %s", it.name, count)
        _release(job, due_at=it.next_due(clock()), tries=0, done_at=now)
    return it.name


def _next(now: dt.datetime) -> tuple[Work, Job] | None:
    """The work that is the longest due and has something to do, with its claimed job."""
    for job in due(Job, now).where(Job.name.in_(list(WORKS))):
        it = WORKS[job.name]
        if not _has_any(it, now):
            continue
        if taken := _take(Job, due(Job, now).where(Job.name == it.name), now + it.lease):
            return it, taken[0]  # else somebody else was faster
    return None


def _has_any(it: Work, now: dt.datetime) -> bool:
    try:
        return it.if_any is None or it.if_any(now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("%s cannot tell whether there is anything to do", it.name)
        return False


def _release(job: Job, **marks):
    """Give the lease back, unless it passed and another has it."""
    with writing():
        Job.update(lease_until=None, **marks).where(
            Job.name == job.name, Job.tries == job.tries, Job.lease_until == job.lease_until
        ).execute()


def run(stop: threading.Event, clock: Callable[[], dt.datetime] = _now, pause: float = PAUSE):
    """Work until `stop` is set; the piece at hand is finished. A database that is busy or gone is waited for."""
    global _stop
    _stop, wait = stop, pause
    planted = False
    while not stop.is_set():
        try:
            connect()
            if not planted:
                plant(clock())
                planted = True
            while not stop.is_set() and step(clock):
                pass
            wait = pause
        except (Busy, OperationalError, InterfaceError) as error:
            log.warning("the database was not free or not able: %s", error)
            wait = _after_a_fault(wait)
        except Exception:  # nobody looks after the worker: it goes on
            log.exception("the worker itself")
            wait = _after_a_fault(wait)
        stop.wait(wait)
    _stop = threading.Event()


def _after_a_fault(wait: float) -> float:
    """Begin with a new connection, and a little later each time."""
    with suppress(OperationalError, InterfaceError):
        db.close()
    return min(wait * 2, 30.0)


def once(now: dt.datetime) -> list[str]:
    """Do each work that is due now, once; their names."""
    plant(now)
    done: list[str] = []
    while name := step(lambda: now):
        done.append(name)
    return done


@contextmanager
def alone(stop: threading.Event | None = None):
    """On SQLite one worker at a time: wait until the other one has gone. Yields whether it is us.

    With `stop` None it does not wait. The system lets go when the process dies, however it does.
    """
    if writing.path is None:
        yield True
        return
    file = os.open(writing.path.with_suffix(".worker"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _lock(file, stop)
    finally:
        os.close(file)


def _lock(file: int, stop: threading.Event | None) -> bool:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if stop is None or stop.wait(PAUSE):
            return False
