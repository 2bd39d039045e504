"""What does not fit about a visit: the visit stays and counts, the doubt is a mark, and a list makes work of it.

The rules are those of security.md §3.1, on the stations' own positions and times: no partner's position is needed.
Who pressed is never told: an honest partner in a cellar reads nothing about doubts.
"""

import datetime as dt

from peewee import BooleanField, CharField, CompositeKey, ForeignKeyField, IntegerField, fn

from models._database import hold, writing
from models._record import N_, MomentField, Page, Record
from models._trail import Trail
from models.people import Person
from models.stations import Station
from models.upkeep import Towns, within
from models.visits import Visit

FAST, IMPOSSIBLE, BURST, NEWCOMERS, SELF = "fast", "impossible", "burst", "newcomers", "self"

KINDS = {
    IMPOSSIBLE: N_("farther apart than anybody travels in that time"),
    FAST: N_("far apart in a short time"),
    BURST: N_("many at once at one station"),
    NEWCOMERS: N_("several new accounts at once at one station"),
    SELF: N_("the station's own keeper"),
}
"""What can be odd about a visit, in words that blame nobody."""

WATCH = dt.timedelta(hours=24)
"""For so long the keeper is asked to look at the board and the code after a burst."""


class Doubt(Record):
    """A mark on a visit; `fine`: what somebody said who looked into it."""

    visit = ForeignKeyField(Visit)
    kind = CharField(max_length=10)
    at = MomentField()
    settled_at = MomentField(null=True)
    settled_by = ForeignKeyField(Person, column_name="settled_by", null=True)
    fine = BooleanField(null=True)

    class Meta:
        primary_key = CompositeKey("visit", "kind")


class Burst(Record):
    """Many at once at a station: from when, how many, and until when the keeper is asked to look."""

    station = ForeignKeyField(Station)
    began_at = MomentField()
    n = IntegerField()
    until_at = MomentField()


# What the rules say (models/doubting.py).


def warn(station: int, times: list[int], now: dt.datetime):
    """The keeper is asked to look, once a day."""
    with writing():
        hold(station)
        if not Burst.select().where(Burst.station == station, Burst.until_at > now).exists():
            began = min(times)
            Burst.create(station=station, began_at=began, n=len(times), until_at=now + WATCH)


def warned(station: int, now: dt.datetime) -> Burst | None:
    """The burst of the last day at this station, if there was one."""
    return Burst.get_or_none(Burst.station == station, Burst.until_at > now)


# Looking into them.


def counts(towns: Towns) -> dict[str, int]:
    """How many marks of each kind nobody has looked into."""
    found = dict(_open(towns).select(Doubt.kind, fn.COUNT(Doubt.visit)).group_by(Doubt.kind).tuples())
    return {kind: found.get(kind, 0) for kind in KINDS}


def listed(kind: str, towns: Towns, number: int = 1) -> Page:
    """The marks of a kind that nobody has looked into, the newest first, with their visits."""
    rows = _open(towns).select(Doubt, Visit).where(Doubt.kind == kind)
    return Page(rows.order_by(Doubt.visit.desc()), number)


def of(visit: int, kind: str, towns: Towns) -> Doubt | None:
    """One mark, looked into or not, if its station lies in one of these towns."""
    return _within(towns).select(Doubt, Visit).where(Doubt.visit == visit, Doubt.kind == kind).first()


def settle(doubt: Doubt, fine: bool, *, by: Person, at: dt.datetime):
    """Somebody has looked into it: all is well, or the doubt stays. Twice is once; the visit is what it was."""
    mine = (Doubt.visit == doubt.visit_id) & (Doubt.kind == doubt.kind) & Doubt.settled_at.is_null()
    with writing():
        if Doubt.update(settled_at=at, settled_by=by, fine=fine).where(mine).execute():
            said = "fine" if fine else "stays"
            Trail.note("moved", by=by, subject=f"visit:{doubt.visit_id}", what=f"{doubt.kind}: {said}", at=at)


def _open(towns: Towns):
    return _within(towns).where(Doubt.settled_at.is_null())


def _within(towns: Towns):
    return within(Doubt.select().join(Visit).join(Station, on=(Station.id == Visit.station)), towns)
