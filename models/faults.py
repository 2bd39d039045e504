"""What does not work at a station: said by whoever stands there, seen by the keeper with a clock, mended or ended.

While a fault is open nobody is told that the thing is there: the fact is unknown, or a "no" once the keeper has said
that it is broken. However many say so, it is one fault.
"""

import datetime as dt

from peewee import BigIntegerField, BooleanField, CharField, CompositeKey, ForeignKeyField, IntegerField

from models._database import hold, writing
from models._record import N_, MomentField, Record, Refused
from models.areas import Revision
from models.people import Person
from models.stations import Amenity, Station, StationAmenity

LOCKED, MANNERS, OTHER = "LOCKED", "MANNERS", "OTHER"

BESIDES = {LOCKED: N_("The door is locked"), MANNERS: N_("I was not welcome"), OTHER: N_("Something else is wrong")}
"""What can be wrong besides an amenity."""

CLOCK = {LOCKED: dt.timedelta(hours=2)}
SLOWER = dt.timedelta(hours=48)
"""How long a keeper has before the town is asked to look: a locked door is urgent."""

A_DAY = 20
"""Faults that one person or device may name in a day: more are not noted."""


class Fault(Record):
    """Something that does not work. `what` is an amenity's code or one of BESIDES; `n` how many different ones said
    so; `broken`: the keeper has seen it."""

    station = ForeignKeyField(Station)
    what = CharField(max_length=20)
    n = IntegerField(default=1)
    broken = BooleanField(default=False)
    opened_at = MomentField()
    last_at = MomentField()
    due_at = MomentField()
    ended_at = MomentField(null=True)
    ended_by = ForeignKeyField(Person, column_name="ended_by", null=True)


class FaultReport(Record):
    """Who said so (a person, or a device's negative number), so that nobody counts twice."""

    fault = ForeignKeyField(Fault)
    actor = BigIntegerField()
    at = MomentField()

    class Meta:
        primary_key = CompositeKey("fault", "actor")


def report(station: Station, what: str, *, actor: int, at: dt.datetime) -> Fault:
    """Somebody says that this does not work. Raises Refused("what") for what a station cannot lack."""
    if what not in BESIDES and not Amenity.select().where(Amenity.code == what).exists():
        raise Refused("what", N_("Please choose what is wrong."))
    with writing():
        hold(station.id, actor)
        fault = of(station.id, what)
        if _said_today(actor, at) >= A_DAY:
            return fault or Fault(station=station, what=what, opened_at=at, last_at=at, due_at=at)
        if fault is None:
            fault = _open(station, what, at)
        elif FaultReport.get_or_none(fault=fault, actor=actor):
            return fault
        else:
            fault.n, fault.last_at = fault.n + 1, at
            fault.save()
            Revision.bump()
        FaultReport.create(fault=fault, actor=actor, at=at)
        return fault


def breaks(station: Station, what: str, *, by: Person, at: dt.datetime) -> Fault:
    """The keeper says that it is broken, whether somebody said so before or not. Twice is once."""
    with writing():
        hold(station.id)
        fault = of(station.id, what) or _open(station, what, at)
        if not fault.broken:
            fault.broken = True
            fault.save()
            _tell(station, what, False)
            station.note(f"broken: {what}", by=by, at=at)
        return fault


def end(fault: Fault, *, by: Person, at: dt.datetime):
    """It works (again), and everybody is told. Twice is once."""
    station = fault.station
    with writing():
        hold(station.id)
        if not Fault.update(ended_at=at, ended_by=by).where(Fault.id == fault.id, Fault.ended_at.is_null()).execute():
            return
        if fault.what not in BESIDES:
            _tell(station, fault.what, True)
        station.note(f"works: {fault.what}", by=by, at=at)


def of(station: int, what: str) -> Fault | None:
    """The open fault of this kind."""
    return Fault.get_or_none(Fault.station == station, Fault.what == what, Fault.ended_at.is_null())


def open_at(station: int) -> list[Fault]:
    """The open faults of a station, the most urgent first: never more than there are things to break."""
    mine = (Fault.station == station) & Fault.ended_at.is_null()
    return list(Fault.select().where(mine).order_by(Fault.due_at, Fault.id))


def overdue(at: dt.datetime):
    """The faults whose clock has run out, the oldest first; a query."""
    return Fault.select().where(Fault.ended_at.is_null(), Fault.due_at < at).order_by(Fault.due_at)


def _open(station: Station, what: str, at: dt.datetime) -> Fault:
    fault = Fault.create(station=station, what=what, opened_at=at, last_at=at, due_at=at + CLOCK.get(what, SLOWER))
    _tell(station, what, None)
    return fault


def _tell(station: Station, what: str, has: bool | None):
    """What people are told from now on; None: not known."""
    if what not in BESIDES:
        StationAmenity.delete().where(StationAmenity.station == station, StationAmenity.amenity == what).execute()
        if has is not None:
            StationAmenity.create(station=station, amenity=what, has=has)
    Revision.bump()


def _said_today(actor: int, at: dt.datetime) -> int:
    since = at - dt.timedelta(days=1)
    return FaultReport.select().where(FaultReport.actor == actor, FaultReport.at > since).count()
