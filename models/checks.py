"""What somebody must look into: a small table of checks, each a number that leads to its list of stations.

Another area adds its own by a line in CHECKS. A check's rows are (station id, local day or 0, number or 0). One with a
`path` is about something else and has its own list there; its rows are a query of a town ('' for all) at a moment.
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from peewee import Value, fn

from models import care, days, joining, odd_uses
from models._record import N_, to_ms
from models.areas import district
from models.faults import Fault
from models.merchants import APPLIED
from models.months import DAY, MonthShare, after, month_of
from models.openings import HoursRule, today
from models.stations import Station
from models.visits import Visit

UNVISITED = dt.timedelta(days=30)
"""How long a station may go without anybody who comes."""

WORK, DATA = "work", "data"
"""What waits for somebody; and numbers and facts that cannot be right as they stand."""


class Check(NamedTuple):
    """Its name in the address, which list it stands in, the words after the number, what exactly is meant, and its
    rows among the stations that are given (a query), at a moment."""

    name: str
    group: str
    words: str
    meaning: str
    rows: Callable
    path: str = ""

    def of(self, town: str, now: dt.datetime):
        """The rows of a town, '' for the district."""
        if self.path:
            return self.rows(town, now)
        stations = Station.listed().where(Station.town == town) if town else Station.listed()
        return self.rows(stations, now)


def _unconfirmed(stations, now: dt.datetime):
    return _plain(days.silent(stations, today(now)))


def _faults(stations, now: dt.datetime):
    n = fn.COUNT(Fault.id)
    rows = stations.select(Station.id, Value(0), n).join(Fault).where(Fault.ended_at.is_null())
    return rows.group_by(Station.id).order_by(n.desc(), Station.id)


def _unvisited(stations, now: dt.datetime):
    came = Visit.select().where(Visit.station == Station.id, Visit.at >= to_ms(now - UNVISITED), Visit.n > 0)
    return _plain(stations.where(~fn.EXISTS(came)))


def _without_hours(stations, now: dt.datetime):
    return _plain(stations.where(~fn.EXISTS(HoursRule.select().where(HoursRule.station == Station.id))))


def _busy(stations, now: dt.datetime):
    rows = stations.select(Station.id, MonthShare.value, MonthShare.n).join(
        MonthShare, on=(MonthShare.station == Station.id)
    )
    recent = MonthShare.month.between(after(month_of(now), -1), month_of(now))
    return rows.where(recent, MonthShare.cut == DAY).order_by(MonthShare.value.desc(), MonthShare.n.desc(), Station.id)


def _misplaced(stations, now: dt.datetime):
    box = getattr(district(), "box", None)
    if not box:
        return _plain(stations.where(Value(1) == Value(0)))
    within = Station.lat.between(box["south"], box["north"]) & Station.lng.between(box["west"], box["east"])
    return _plain(stations.where(~within))


def _doubled(stations, now: dt.datetime):
    other = Station.alias()
    twins = other.select(other.name).group_by(other.name).having(fn.COUNT(other.id) > 1)
    return (
        stations.select(Station.id, Value(0), Value(0))
        .where(Station.name.in_(twins))
        .order_by(Station.name, Station.id)
    )


def _plain(stations):
    return stations.select(Station.id, Value(0), Value(0)).order_by(Station.code)


def _applied(town: str, now: dt.datetime):
    return joining.found([town] if town else None, state=APPLIED)


CHECKS = (
    Check(
        "unconfirmed", WORK, N_("stations not confirmed for 7 days"),
        N_("Its keeper has not said for seven days whether it is open."), _unconfirmed,
    ),
    Check("faults", WORK, N_("stations with something broken"), N_("Reported or seen, and not mended yet."), _faults),
    Check("unvisited", WORK, N_("stations without a visit for 30 days"), N_("Nobody was counted there."), _unvisited),
    Check("hours", WORK, N_("stations without opening hours"), N_("Nobody has told when it is open."), _without_hours),
    Check(
        "applied", WORK, N_("merchants that asked to take part"),
        N_("Their applications wait for somebody to look at them."), _applied, "/merchants/all?state=applied",
    ),
    Check(
        "idle", WORK, N_("merchants without use for 60 days"),
        N_("Listed for longer than that, and no card was used or looked at there."), care.idle, "/dashboard/care/idle",
    ),
    Check(
        "busy", DATA, N_("times a station was very busy"),
        N_("So many visits in a day, this month or the last, as of last night, that the keeper should be asked."),
        _busy,
    ),
    Check(
        "place", DATA, N_("stations outside the district"),
        N_("The position lies beyond the district's edge."), _misplaced,
    ),
    Check("names", DATA, N_("stations with the same name"), N_("People cannot tell them apart."), _doubled),
    Check(
        "far", DATA, odd_uses.WORDS["far"],
        N_("Used at two shops between which nobody rides so fast; nobody has looked at it yet."),
        lambda town, now: odd_uses.far(town), "/dashboard/care/odd/far",
    ),
    Check(
        "often", DATA, odd_uses.WORDS["often"],
        N_("Twelve times and more in thirty days, as of last night; nobody has looked at it yet."),
        lambda town, now: odd_uses.often(town), "/dashboard/care/odd/often",
    ),
)  # fmt: skip
"""All checks, in the order in which they are shown."""


def find(name: str) -> Check | None:
    return next((check for check in CHECKS if check.name == name), None)
