"""New keys for old: everything sealed comes under the newest keys, in small pieces, while the district goes on.

The floors above bring the records with sealed fields; they are found by their `Sealed` fields, so none is forgotten.
Also here: is a key the one that it was?
"""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, fn

from models._database import db, hold, is_postgres, sql, writing
from models._keys import PURPOSES, Locked, Sealed, ring
from models._record import MomentField, Record

ROTATING = 7_210_814
"""The advisory lock of a rotation on PostgreSQL."""

PIECE = 250
"""Rows in one transaction: some milliseconds in which others wait."""

LOWEST = -(2**63)


class WrongKey(Exception):
    """A key of the ring is not the one that this database knows by its name."""


class KeyCheck(Record):
    """What each key was when it was first used here (KeyRing.check_value)."""

    purpose = CharField(max_length=20)
    kid = CharField(max_length=40)
    value = BlobField()

    class Meta:
        primary_key = CompositeKey("purpose", "kid")


class Rotation(Record):
    """How far the rotation of a table has come: the newest keys meant, the last row looked at, how many were done."""

    name = CharField(max_length=80, primary_key=True)
    kid = CharField(max_length=90)
    after = BigIntegerField()
    done = BigIntegerField()
    finished_at = MomentField(null=True)


class Told(NamedTuple):
    """How a rotation goes on: the table, rows brought to the newest keys, rows that no key opens, is it over."""

    table: str
    done: int
    locked: int
    over: bool


def check_keys():
    """Compare the ring with what the database knows of its keys, and note new ones. Raises WrongKey in words."""
    known = {(check.purpose, check.kid): bytes(check.value) for check in KeyCheck.select()}
    keys = ring()
    ours = {(purpose, kid): keys.check_value(purpose, kid) for purpose in PURPOSES for kid in keys.keys[purpose]}
    for (purpose, kid), value in ours.items():
        if known.get((purpose, kid), value) != value or ((purpose, kid) not in known and not _opens(purpose, kid)):
            raise WrongKey(
                f"the key {kid!r} for {purpose!r} in this ring is not the one that this database was written with;"
                " nothing was changed: bring back the right file of keys"
            )
    if new := ours.keys() - known.keys():
        rows = [{"purpose": purpose, "kid": kid, "value": ours[purpose, kid]} for purpose, kid in sorted(new)]
        with writing():
            KeyCheck.insert_many(rows).on_conflict_ignore().execute()


def _opens(purpose: str, kid: str) -> bool:
    """Does a key that was never checked open a row that names it? True when there is none."""
    for record, fields in sealed_fields().items():
        for field in fields:
            if field.purpose == purpose:
                column = record._meta.fields[field.column]
                row = record.select().where(_under(column, kid)).limit(1).first()
                try:
                    row and getattr(row, field.name)
                except Locked:
                    return False
    return True


def _under(column, kid: str):
    """Is the column sealed with this key? Letter by letter, whatever the database's rules of sorting are."""
    beginning = f"v1.{kid}."
    return fn.SUBSTR(column, 1, len(beginning)) == beginning


def sealed_fields() -> dict[type[Record], list[Sealed]]:
    """All records with sealed fields."""
    found = {
        record: [field for field in vars(record).values() if isinstance(field, Sealed)]
        for record in Record.__subclasses__()
    }
    return dict(sorted(((r, f) for r, f in found.items() if f), key=lambda pair: pair[0]._meta.table_name))


def rotate(now: dt.datetime) -> Iterator[Told]:
    """Bring every table to the newest keys; goes on where the last one was ended. Tells of each piece.

    It reads and seals outside of transactions and changes a row only if it is still what was read; then it reads all
    again until nothing is left to do. Rows that no key of the ring opens stay as they are, and are counted.
    """
    check_keys()
    for record, fields in sealed_fields().items():
        table = _Table(record, fields)
        yield from table.rotate(now)


class _Table:
    """One table with its sealed columns, and the columns by which they are found."""

    def __init__(self, record: type[Record], fields: list[Sealed]):
        self.record, self.fields, self.name = record, fields, record._meta.table_name
        self.key = record._meta.get_primary_keys()[0].column_name
        self.found_by = [(column, field) for field in fields for column in field.found_by]
        self.columns = [field.column for field in fields] + [column for column, _ in self.found_by]
        self.select = sql(
            f"SELECT {self.key}, uid, {', '.join(self.columns)} FROM {self.name} WHERE {self.key} > ?"
            f" ORDER BY {self.key} LIMIT {PIECE}"
        )
        sets, is_still = ", ".join(f"{c} = ?" for c in self.columns), "IS NOT DISTINCT FROM" if is_postgres() else "IS"
        same = [f"{field.column} {is_still} ?" for field in fields]
        self.update = sql(f"UPDATE {self.name} SET {sets} WHERE {self.key} = ? AND " + " AND ".join(same))

    def rotate(self, now: dt.datetime) -> Iterator[Told]:
        target = " ".join(f"{purpose}:{ring().newest(purpose)[0]}" for purpose in ("pii", "index"))
        progress = Rotation.get_or_none(Rotation.name == self.name, Rotation.kid == target)
        if progress is None:
            with writing():
                Rotation.delete().where(Rotation.name == self.name).execute()
                progress = Rotation.create(name=self.name, kid=target, after=LOWEST, done=0)
        if progress.finished_at is not None:
            progress.after, progress.finished_at = LOWEST, None  # asked for again: look at all of it again
        changed_in_this_round, locked = 0, 0
        while True:
            rows = db.execute_sql(self.select, (progress.after,)).fetchall()
            if not rows and not changed_in_this_round:
                break
            if not rows:
                progress.after, changed_in_this_round, locked = LOWEST, 0, 0  # once more, to be sure
                continue
            fresh, unread = self._renewed(rows)
            locked += unread
            changed_in_this_round += self._write(fresh, rows[-1][0], progress)
            yield Told(self.name, progress.done, locked, False)
        with writing():
            Rotation.update(finished_at=now, after=progress.after).where(Rotation.name == self.name).execute()
        yield Told(self.name, progress.done, locked, True)

    def _renewed(self, rows: list[tuple]) -> tuple[list[tuple], int]:
        """The values of the update for each row that is not under the newest keys, and how many no key opens."""
        fresh, locked, keys = [], 0, ring()
        for id, uid, *values in rows:
            was = dict(zip(self.columns, values, strict=True))
            try:
                row = self._renew(was, uid, keys)
            except Locked:
                locked += 1
                continue
            if any(row[column] != _plain(was[column]) for column in self.columns):
                fresh.append((*row.values(), id, *(was[field.column] for field in self.fields)))
        return fresh, locked

    def _renew(self, was: dict, uid, keys) -> dict:
        row = {column: _plain(value) for column, value in was.items()}
        for field in self.fields:
            if was[field.column] is None:
                continue
            place, kid = field.place(self.name, uid), keys.newest(field.purpose)[0]
            if was[field.column].startswith(f"v1.{kid}.") and not field.found_by:
                continue
            text = keys.unseal(was[field.column], field.purpose, place)
            if not was[field.column].startswith(f"v1.{kid}."):
                row[field.column] = keys.seal(text, field.purpose, place)
            for column, made in field.found_by.items():
                row[column] = made(text) if was[column] is not None else None
        return row

    def _write(self, fresh: list[tuple], last: int, progress: Rotation) -> int:
        changed = 0
        with writing():
            hold(ROTATING)
            for values in fresh:
                changed += db.execute_sql(self.update, values).rowcount
            progress.after, progress.done = last, progress.done + changed
            Rotation.update(after=last, done=progress.done, finished_at=None).where(
                Rotation.name == self.name
            ).execute()
        return changed


def _plain(value):
    """A blob as bytes, whichever way the driver brings it."""
    return bytes(value) if isinstance(value, memoryview) else value


class Count(NamedTuple):
    """How many rows of a table's column are sealed with a key; `kid` is '?' for keys that the ring has not."""

    table: str
    column: str
    kid: str
    rows: int


def status() -> list[Count]:
    """What is sealed with which key."""
    told = []
    for record, fields in sealed_fields().items():
        for field in fields:
            column = record._meta.fields[field.column]
            whole = record.select().where(column.is_null(False)).count()
            known = {kid: record.select().where(_under(column, kid)).count() for kid in ring().keys[field.purpose]}
            counts = known | ({"?": whole - sum(known.values())} if whole > sum(known.values()) else {})
            told += [Count(record._meta.table_name, field.name, kid, n) for kid, n in counts.items()]
    return told


def old() -> int:
    """How many sealed columns are not under their newest key, those that no key opens among them."""
    newest = {field.name: ring().newest(field.purpose)[0] for fields in sealed_fields().values() for field in fields}
    return sum(count.rows for count in status() if count.kid != newest[count.column])
