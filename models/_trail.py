"""The trail: who saw, moved or changed what. Append-only; both databases refuse UPDATE and DELETE."""

import datetime as dt

from peewee import AutoField, CharField, IntegerField, TextField

from models._record import MomentField, Record

KINDS = ("seen", "moved", "changed")


class Trail(Record):
    """One line of the trail. `actor` is a person's id or 0 for the system; `subject` names a thing: `station:YZ023`."""

    seq = AutoField()
    at = MomentField()
    kind = CharField(max_length=10)
    actor = IntegerField()
    subject = CharField(max_length=80)
    what = TextField()

    @classmethod
    def note(cls, kind: str, *, by, subject: str, what: str, at: dt.datetime):
        """Write a line in the transaction of the act itself: no trail, no act."""
        if kind not in KINDS:
            raise ValueError(kind)
        cls.create(at=at, kind=kind, actor=by.id if by else 0, subject=subject, what=what)
