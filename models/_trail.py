"""The trail: who saw, moved or changed what. Append-only; both databases refuse UPDATE and DELETE."""

import datetime as dt

from peewee import AutoField, CharField, IntegerField, TextField

from models._record import N_, MomentField, Page, Record, from_ms, insert, to_ms

KINDS = {"seen": N_("looked at"), "moved": N_("moved on"), "changed": N_("changed")}
"""What a line can be about, with its words."""

HOUR = dt.timedelta(hours=1)


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

    @classmethod
    def note_each(cls, kind: str, notes: list[tuple[str, str]], *, by, at: dt.datetime):
        """The same for many (subject, what) at once."""
        if kind not in KINDS:
            raise ValueError(kind)
        insert(cls, ("subject", "what"), notes, at=to_ms(at), kind=kind, actor=by.id if by else 0)

    @classmethod
    def about(cls, subject: str, *, kind: str = "", page: int = 1) -> Page:
        """What the trail says about a thing or a person, newest first, by pages of 20."""
        lines = cls.select().where(cls.subject == subject)
        lines = lines.where(cls.kind == kind) if kind else lines
        return Page(lines.order_by(cls.at.desc(), cls.seq.desc()), page)

    @classmethod
    def search(cls, *, subject="", actor: int | None = None, kind="", since=None, until=None, before="", size=20):
        """Lines that fit all that is asked for, newest first; `until` is exclusive.

        `before` is where the former page ended (`more` of the answer): a deep page costs no more than the first.
        Raises ValueError for a `before` that is none of ours.
        """
        lines = cls.select().order_by(cls.at.desc(), cls.seq.desc()).limit(size + 1)
        for column, wanted in ((cls.subject, subject), (cls.actor, actor), (cls.kind, kind)):
            lines = lines.where(column == wanted) if wanted not in ("", None) else lines
        lines = lines.where(cls.at >= since) if since else lines
        lines = lines.where(cls.at < until) if until else lines
        if before:
            at, seq = _place(before)
            lines = lines.where((cls.at <= at) & ((cls.at < at) | (cls.seq < seq)))
        return Found(list(lines), size)

    @classmethod
    def has_noted(cls, *, by, subject: str, what: str, since: dt.datetime) -> bool:
        """Did this person leave the same line since then?"""
        mine = cls.select().where(cls.actor == by.id, cls.at >= since, cls.subject == subject, cls.what == what)
        return mine.exists()


class Found:
    """A page of lines, and where the next one begins ('' when there is none)."""

    def __init__(self, lines: list[Trail], size: int):
        self.rows = lines[:size]
        self.more = f"{to_ms(self.rows[-1].at)}-{self.rows[-1].seq}" if len(lines) > size else ""


def _place(before: str) -> tuple[dt.datetime, int]:
    at, _, seq = before.partition("-")
    if not (before.isascii() and at.isdigit() and seq.isdigit() and len(at) < 15 and len(seq) < 19):
        raise ValueError(before)
    return from_ms(int(at)), int(seq)
