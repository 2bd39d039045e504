"""The opening tick: each morning a station's keeper says that it is open, or what is different today."""

import datetime as dt

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField, fn

from models._database import hold, writing
from models._record import MomentField, Record, number_of
from models.areas import Revision, until_changed
from models.people import Person
from models.stations import Station

OPEN, CHANGED = "open", "changed"
"""As always, or not as always: what is different stands in the exceptions of the hours."""


class StationDay(Record):
    """What a keeper said about a local day (yyyymmdd) of a station, the last word."""

    station = ForeignKeyField(Station)
    local_date = IntegerField()
    state = CharField(max_length=10)
    confirmed_at = MomentField()
    by = ForeignKeyField(Person)

    class Meta:
        primary_key = CompositeKey("station", "local_date")

    @property
    def is_usual(self) -> bool:
        return self.state == OPEN


def confirm(station: Station, day: dt.date, state: str, *, by: Person, at: dt.datetime):
    """The keeper says how this day is. Saying the same again changes nothing."""
    with writing():
        hold(station.id)
        said = StationDay.get_or_none(station=station, local_date=number_of(day))
        if said and said.state == state:
            return
        StationDay.delete().where(StationDay.station == station, StationDay.local_date == number_of(day)).execute()
        StationDay.create(station=station, local_date=number_of(day), state=state, confirmed_at=at, by=by)
        station.note(f"day {day}: {state}", by=by, at=at)
        Revision.bump()


def confirmed(day: dt.date) -> frozenset[int]:
    """The ids of the stations whose keeper said that they are open as usual on this day; kept until a change."""
    known = _confirmed()
    if day not in known:
        rows = StationDay.select(StationDay.station).where(
            StationDay.local_date == number_of(day), StationDay.state == OPEN
        )
        known[day] = frozenset(id for (id,) in rows.tuples())
    return known[day]


@until_changed
def _confirmed() -> dict[dt.date, frozenset[int]]:
    return {}


def silent(stations, today: dt.date):
    """Of these stations (a query) those about which nobody has said a word for seven days, today among them."""
    said = StationDay.select().where(
        StationDay.station == Station.id, StationDay.local_date >= number_of(today - dt.timedelta(days=6))
    )
    return stations.where(~fn.EXISTS(said))


def said_of(stations: list[int], day: dt.date) -> dict[int, StationDay]:
    """What was said about this day, by station id, in one query."""
    rows = StationDay.select().where(StationDay.station.in_(stations), StationDay.local_date == number_of(day))
    return {row.station_id: row for row in rows}
