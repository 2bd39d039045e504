"""Distinct people of a month: by district, town and kind of station. They do not add up: who came to two towns is one
person in each and one in the district. The number is kept, because half a year later a visit knows no person any more.
"""

import datetime as dt

from peewee import SQL, Case, Value, fn

from models import figures
from models._database import writing
from models._record import to_ms
from models._work import stopping
from models.months import DISTRICT, IN_TOWN, OF_KIND, MonthCount, MonthFigure
from models.stations import Station
from models.visits import Visit

KNOWN = dt.timedelta(days=180)
"""How long a visit knows whose it was."""


def count_people(month: int, *, now: dt.datetime):
    """Count the distinct people and devices of a month up to its mark and keep the numbers.

    Read outside the transaction, three times over the month's visits: at 100 times the demo a second or two.
    """
    last = MonthCount.get_by_id(month).last
    found = {
        (cut, value): (people, devices)
        for cut, column in ((DISTRICT, Value("")), (IN_TOWN, Station.town), (OF_KIND, Station.kind))
        for value, people, devices in _distinct(month, last, column)
    }
    with writing():
        these = MonthCount.update(people_at=now).where(MonthCount.month == month, MonthCount.last == last)
        if not these.execute():  # counted anew meanwhile: whoever did that counts its people too
            return
        for cut, value in (
            MonthFigure.select(MonthFigure.cut, MonthFigure.value).where(MonthFigure.month == month).tuples()
        ):
            people, devices = found.get((cut, value), (0, 0))
            row = (MonthFigure.month == month) & (MonthFigure.cut == cut) & (MonthFigure.value == value)
            MonthFigure.update(people=people, devices=devices).where(row).execute()


def _distinct(month: int, last: int, column):
    """(value, people, devices) by a column of the station, from its own visits: their index begins with the station."""
    begin, end = map(to_ms, figures.span_of_month(month))
    these = (Visit.station == Station.id) & (Visit.at >= begin) & (Visit.at < end) & (Visit.id <= last) & (Visit.n > 0)
    people, devices = (
        fn.COUNT(fn.DISTINCT(Case(None, [(sign, Visit.actor)]))) for sign in (Visit.actor > 0, Visit.actor < 0)
    )
    return Station.select(column, people, devices).join(Visit, on=these).group_by(SQL("1")).tuples()


def uncounted() -> list[int]:
    """The months whose people are not counted up to their mark."""
    return [month for (month,) in MonthCount.select(MonthCount.month).where(MonthCount.people_at.is_null()).tuples()]


# After half a year.


def _ready():
    """The frozen months whose people are kept and whose visits still know some."""
    return MonthCount.select(MonthCount.month).where(
        MonthCount.frozen_at.is_null(False), MonthCount.people_at.is_null(False), MonthCount.persons_off_at.is_null()
    )


def known_before(before: dt.datetime):
    """The visits before a moment that still know a person and need not, as a condition on Visit."""
    return (Visit.at < before) & Visit.actor.is_null(False) & (Visit.local_date / 100).in_(_ready())


def forget_persons(*, now: dt.datetime) -> int:
    """Take the person off each visit of half a year ago, a station and a month at a time; off how many.

    Only in frozen months whose distinct people are kept. Rows and totals stay. A visit as old as that is too old to
    be pressed again, so nobody asks whose it was.
    """
    before, gone = now - KNOWN, 0
    stations = [id for (id,) in Station.select(Station.id).order_by(Station.id).tuples()]
    for (month,) in list(_ready().order_by(MonthCount.month).tuples()):
        begin, end = figures.span_of_month(month)
        if begin >= before:
            break
        for station in stations:
            if stopping():
                return gone
            gone += _forget(station, begin, min(end, before))
        if end <= before:
            with writing():
                MonthCount.update(persons_off_at=now).where(MonthCount.month == month).execute()
    return gone


def _forget(station: int, begin: dt.datetime, end: dt.datetime) -> int:
    known = (
        (Visit.station == station) & (Visit.at >= to_ms(begin)) & (Visit.at < to_ms(end)) & Visit.actor.is_null(False)
    )
    if not Visit.select().where(known).exists():
        return 0
    with writing():
        return Visit.update(actor=None).where(known).execute()
