"""Seals over the trail: each minute the worker binds the new lines to all before them.

A seal's hash is SHA-256 over the hash before it, its own columns and every line from `first` to `last`, so that a line
changed, taken out, put in or moved past the triggers shows. What is not in the database cannot be shown by it: who
drops the newest lines together with their seals is found by the head hash that was printed or sent elsewhere.
"""

import datetime as dt
import hashlib
import logging
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from peewee import AutoField, BigIntegerField, BlobField, DatabaseError, IntegerField, TextField, fn

from models._database import db, hold, is_postgres, sql, writing
from models._record import MomentField, Record, to_ms
from models._trail import Trail
from models._work import stopping, work

log = logging.getLogger("nuanyi")

SEALING = 7_210_813
"""The advisory lock of who seals, on PostgreSQL."""

MOST = 20_000
"""Lines in one seal, and in one piece of reading."""

ORIGIN = hashlib.sha256(b"the trail of the district").digest()
"""What stands before the first seal."""

LOWEST = -(2**63)


class Seal(Record):
    """The lines after the former seal up to `last`: how many, the first of them, and the hash over all of it."""

    id = AutoField()
    first = BigIntegerField()
    last = BigIntegerField(unique=True)
    n = IntegerField()
    prev = BlobField(unique=True)
    hash = BlobField()
    at = MomentField()

    @classmethod
    def newest(cls) -> "Head | None":
        """Where the chain ends; nothing else of the row is read: what was tampered with may not even be a moment."""
        row = cls.select(cls.last, cls.hash).order_by(cls.last.desc()).tuples().first()
        return Head(row[0], bytes(row[1])) if row else None


class Head(NamedTuple):
    """The last line that is sealed and the hash of its seal."""

    last: int
    hash: bytes


class SealCheck(Record):
    """One check of all seals: up to which line, the head hash, and what did not fit (None: all did)."""

    id = AutoField()
    at = MomentField()
    last = BigIntegerField()
    head = BlobField()
    wrong = TextField(null=True)

    @classmethod
    def newest(cls) -> "SealCheck | None":
        return cls.select().order_by(cls.id.desc()).first()


# Sealing.


@work("seal", every=dt.timedelta(minutes=1))
def seal(now: dt.datetime) -> int:
    """Seal the lines that have no seal yet; returns how many."""
    until, done = _settled(), 0
    while not stopping():
        newest = Seal.newest()
        prev, after = (newest.hash, newest.last) if newest else (ORIGIN, LOWEST)
        lines = _lines(after, until)
        if not lines:
            break
        first, last, n = lines[0][0], lines[-1][0], len(lines)
        made = _hash(prev, (first, last, n, to_ms(now)), lines)
        with writing():
            hold(SEALING)
            if Seal.newest() != newest:
                break  # another worker was faster
            Seal.create(first=first, last=last, n=n, prev=prev, hash=made, at=now)
        done += n
    return done


def _settled() -> int:
    """The last line behind which no running transaction can still bring one.

    SQLite has one writer, so lines appear in the order of their numbers. On PostgreSQL a number is drawn when a line
    is inserted and the line appears when its transaction commits: a smaller one may come later, and one that was taken
    back leaves a gap. An INSERT locks its table (ROW EXCLUSIVE) before it draws the number and until its transaction
    ends; SHARE waits for all of those and lets no new one begin. When we have it, everything up to the highest number
    has appeared or never will. It is held for one look, and asked for no longer than half a second, since new lines
    queue behind the question; who does not get it seals a minute later.
    """
    if not is_postgres():
        return Trail.select(fn.MAX(Trail.seq)).scalar() or LOWEST
    with writing():
        db.execute_sql("SET LOCAL lock_timeout = '500ms'")
        db.execute_sql("LOCK TABLE trail IN SHARE MODE")
        return Trail.select(fn.MAX(Trail.seq)).scalar() or LOWEST


SQLITE_LINES = """SELECT seq, at, CAST(kind AS BLOB), actor, CAST(subject AS BLOB), CAST(what AS BLOB) FROM trail
WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"""
POSTGRES_LINES = """SELECT seq, at, convert_to(kind, 'UTF8'), actor, convert_to(subject, 'UTF8'),
convert_to(what, 'UTF8') FROM trail WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s"""


def _lines(after: int, until: int) -> list[tuple]:
    """The next lines as rows of numbers and bytes: raw, as what is in the file may not even be text any more."""
    statement = POSTGRES_LINES if is_postgres() else SQLITE_LINES
    return db.execute_sql(statement, (after, until, MOST)).fetchall()


def _hash(prev: bytes, about: tuple[int, ...], lines: list[tuple]) -> bytes:
    """Every text with its length before it, so that nothing can be moved from one column to the next.

    Raises TypeError for a row that is none of ours.
    """
    whole = b"".join(
        [
            b"%d,%d,%d:%b,%d,%d:%b,%d:%b\n" % (seq, at, len(kind), kind, actor, len(subject), subject, len(what), what)
            for seq, at, kind, actor, subject, what in lines
        ]
    )
    return hashlib.sha256(prev + b"%d,%d,%d,%d\n" % about + whole).digest()


# Checking.


class Verdict(NamedTuple):
    """What a check of all seals found: how many seals over how many lines, the head hash, and what did not fit."""

    seals: int
    lines: int
    last: int
    head: bytes
    wrong: str | None


def verify() -> Verdict:
    """Read the whole trail again and compare it with its seals; stops at the first that does not fit."""
    prev, last, seals, count = ORIGIN, LOWEST, 0, 0
    known = {check.last: bytes(check.head) for check in SealCheck.select().where(SealCheck.wrong.is_null())}
    known.pop(LOWEST, None)
    newest = Seal.newest()  # what is sealed meanwhile is for the next time: lines behind it may not have appeared yet
    until = newest.last if newest else LOWEST
    lines = _Reader(until)
    try:
        for id, first, end, n, before, made, at in _seals(until):
            inside = lines.up_to(end)
            fits = (
                bytes(before) == prev
                and (len(inside), inside[0][0] if inside else None) == (n, first)
                and _hash(prev, (first, end, n, at), inside) == bytes(made) == known.pop(end, bytes(made))
            )
            if not fits:
                return Verdict(seals, count, last, prev, f"seal {id} (lines {first} to {end})")
            prev, last, seals, count = bytes(made), end, seals + 1, count + n
        if Trail.select().where(Trail.seq <= last).count() != count:  # the lowest number there is comes before all
            return Verdict(seals, count, last, prev, "a line before the first one")
        if (strange := _strange(last)) is not None:
            return Verdict(seals, count, last, prev, f"line {strange} holds what is no text or number")
    except (TypeError, ValueError, DatabaseError) as error:
        return Verdict(seals, count, last, prev, f"behind line {last}: {error}")
    if known:  # it was sealed and checked once, and is gone
        return Verdict(seals, count, last, prev, f"the seal up to line {min(known)} is gone")
    return Verdict(seals, count, last, prev, None)


def check(now: dt.datetime) -> Verdict:
    """Verify, and write down how it went, for the auditor's page."""
    found = verify()
    with writing():
        SealCheck.create(at=now, last=found.last, head=found.head, wrong=found.wrong)
    if found.wrong:
        log.error("the trail does not fit its seals: %s", found.wrong)
    return found


@work("check the seals", every=dt.timedelta(days=1), daily_at=dt.time(19, 30, tzinfo=dt.UTC))
def check_nightly(now: dt.datetime) -> int:
    return check(now).seals


def _seals(until: int) -> Iterator[tuple]:
    """The seals by their last line, read in pieces."""
    after = LOWEST
    columns = "id, first, last, n, prev, hash, at"
    query = sql(f"SELECT {columns} FROM seal WHERE last > ? AND last <= ? ORDER BY last LIMIT {MOST}")
    while rows := db.execute_sql(query, (after, until)).fetchall():
        yield from rows
        after = rows[-1][2]


class _Reader:
    """The lines in order, in large pieces however small the seals are."""

    def __init__(self, until: int):
        self.piece: list[tuple] = []
        self.start, self.after, self.until = 0, LOWEST, until

    def up_to(self, end: int) -> list[tuple]:
        taken: list[tuple] = []
        while True:
            if self.start == len(self.piece):
                self.piece, self.start = _lines(self.after, self.until), 0
                if not self.piece:
                    return taken
                self.after = self.piece[-1][0]
            stop = bisect_right(self.piece, end, lo=self.start, key=lambda line: line[0])
            taken += self.piece[self.start : stop]
            self.start = stop
            if stop < len(self.piece):
                return taken


def _strange(last: int) -> int | None:
    """The first sealed line with a column of another type than its own: SQLite would store it, and a byte of a row's
    head that is flipped turns a text into a blob of the same bytes."""
    if is_postgres():
        return None
    types = {"at": "integer", "kind": "text", "actor": "integer", "subject": "text", "what": "text"}
    other = " OR ".join(f"typeof({column}) <> '{kind}'" for column, kind in types.items())
    return db.execute_sql(f"SELECT min(seq) FROM trail WHERE seq <= ? AND ({other})", (last,)).fetchone()[0]
