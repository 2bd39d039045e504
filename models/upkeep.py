"""What the stations of a town need: those that have not said good morning, what is broken too long, what runs low."""

import datetime as dt

from peewee import fn

from models import days, faults
from models._record import Page, number_of, to_ms
from models.areas import district
from models.days import StationDay
from models.faults import Fault
from models.inspections import Inspection
from models.openings import Opening, today
from models.stations import Station
from models.supplies import COMING, LOW, Supply

BY = dt.time(9, 30)
"""By then a station that opens in the morning has been confirmed (domain.md §3.4)."""

Towns = list[str] | None
"""The codes of the towns that are looked after; None: all of them."""


def unconfirmed(towns: Towns, now: dt.datetime):
    """The stations that should be open by half past nine of today and about which nobody has said a word; a query.

    Before that time it is nobody yet.
    """
    day, zone = today(now), district().zone
    by = dt.datetime.combine(day, BY, zone)
    said = StationDay.select(StationDay.station).where(StationDay.local_date == number_of(day))
    opened = Opening.select(Opening.station).where(Opening.from_at <= to_ms(by), Opening.to_at > to_ms(by))
    rows = within(Station.listed(), towns).where(Station.id.in_(opened), Station.id.not_in(said))
    return rows.where(now >= by).order_by(Station.town, Station.code)


def silent(towns: Towns, now: dt.datetime):
    """The stations about which nobody has said a word for seven days; a query."""
    return days.silent(within(Station.listed(), towns), today(now)).order_by(Station.town, Station.code)


def late_faults(towns: Towns, now: dt.datetime):
    """The faults that the keeper has not dealt with in time, the longest first; a query."""
    late = faults.overdue(now).select(Fault, Station).join(Station)
    return within(late, towns).where(Station.closed_at.is_null())


def asked(towns: Towns, now: dt.datetime):
    """What stations have asked for, what waits for an answer first; a query."""
    rows = within(Supply.select(Supply, Station).join(Station), towns)
    return rows.where(Station.closed_at.is_null(), Supply.state.in_([LOW, COMING])).order_by(
        Supply.state.desc(), Supply.changed_at
    )


def uninspected(towns: Towns, now: dt.datetime):
    """The stations at which nobody has looked around this month; a query."""
    done = Inspection.select(Inspection.station).where(Inspection.month == number_of(today(now)) // 100)
    return within(Station.listed(), towns).where(Station.id.not_in(done)).order_by(Station.town, Station.code)


def inspected(towns: Towns, now: dt.datetime):
    """This month's last look at each station, the poorest score first; a query."""
    month = number_of(today(now)) // 100
    last = Inspection.select(fn.MAX(Inspection.id)).where(Inspection.month == month).group_by(Inspection.station)
    rows = within(Inspection.select(Inspection, Station).join(Station), towns)
    return rows.where(Inspection.id.in_(last)).order_by(Inspection.score, Inspection.id)


QUERIES = {"unconfirmed": unconfirmed, "silent": silent, "faults": late_faults, "supplies": asked}
QUERIES |= {"uninspected": uninspected, "inspected": inspected}
LISTS = {
    name: lambda towns, now, number, query=query: Page(query(towns, now), number) for name, query in QUERIES.items()
}
"""The lists by name: (towns, now, page number) → a page."""


def counts(towns: Towns, now: dt.datetime) -> dict[str, int]:
    """How many rows each list has."""
    return {name: query(towns, now).count() for name, query in QUERIES.items()}


def supply_of(id: int, towns: Towns) -> Supply | None:
    """The supply of this id, if its station lies in one of these towns."""
    return within(Supply.select(Supply, Station).join(Station), towns).where(Supply.id == id).first()


def within(rows, towns: Towns):
    """The rows whose station lies in one of these towns."""
    return rows if towns is None else rows.where(Station.town.in_(towns))
