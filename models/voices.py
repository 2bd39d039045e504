"""What partners say about a station: that what we tell of it is right, and what is free there now."""

import datetime as dt

from peewee import BigIntegerField, CharField, CompositeKey, ForeignKeyField, fn

from models._database import hold, writing
from models._record import N_, MomentField, Record, Refused
from models.areas import Revision
from models.stations import Station

A_DAY = 30
"""How often one person or device may say something in a day; more is not kept."""

RECENT = dt.timedelta(days=90)
"""A word about the facts is good for so long."""

FADES = dt.timedelta(hours=1)
"""What was free an hour ago says nothing about now."""

FREE = {"SEAT": N_("seats"), "CHG": N_("charging sockets")}
"""What can be free."""

LEVELS = {"many": N_("plenty free"), "few": N_("a few free"), "none": N_("all taken")}


class Agreed(Record):
    """A person or device (negative) that said: all of it is right. The last time counts."""

    station = ForeignKeyField(Station)
    actor = BigIntegerField()
    at = MomentField()

    class Meta:
        primary_key = CompositeKey("station", "actor")


class FreeNow(Record):
    """The last word about what is free at a station."""

    station = ForeignKeyField(Station)
    what = CharField(max_length=10)
    level = CharField(max_length=10)
    actor = BigIntegerField()
    at = MomentField()

    class Meta:
        primary_key = CompositeKey("station", "what")


def agree(station: Station, *, actor: int, at: dt.datetime):
    """Somebody there says that what we tell is right. Twice in an hour is once."""
    with writing():
        hold(actor)
        before = Agreed.get_or_none(station=station, actor=actor)
        if (before and before.at > at - FADES) or _said_today(actor, at) >= A_DAY:
            return
        Agreed.delete().where(Agreed.station == station, Agreed.actor == actor).execute()
        Agreed.create(station=station, actor=actor, at=at)
        Revision.bump()


def agreed(station: int, now: dt.datetime) -> tuple[dt.datetime, int] | None:
    """When somebody said so last, and how many did in ninety days; None when nobody did."""
    rows = Agreed.select(fn.MAX(Agreed.at), fn.COUNT(Agreed.at)).where(
        Agreed.station == station, Agreed.at > now - RECENT
    )
    last, n = rows.tuples()[0]
    return (last, n) if n else None


def say_free(station: Station, what: str, level: str, *, actor: int, at: dt.datetime):
    """Somebody there says how much is free. Raises Refused("what") for what is not one of FREE and LEVELS."""
    if what not in FREE or level not in LEVELS:
        raise Refused("what", N_("Please choose how much is free."))
    with writing():
        hold(station.id)
        before = FreeNow.get_or_none(station=station, what=what)
        if before and before.at > at:
            return
        FreeNow.delete().where(FreeNow.station == station, FreeNow.what == what).execute()
        FreeNow.create(station=station, what=what, level=level, actor=actor, at=at)
        Revision.bump()


def free(station: int, now: dt.datetime) -> list[FreeNow]:
    """What was said about this station within the hour, in the order of FREE."""
    rows = FreeNow.select().where(FreeNow.station == station, FreeNow.at > now - FADES)
    order = list(FREE)
    return sorted(rows, key=lambda row: order.index(row.what))


def _said_today(actor: int, at: dt.datetime) -> int:
    return Agreed.select().where(Agreed.actor == actor, Agreed.at > at - dt.timedelta(days=1)).count()
