"""Figures of visits: who came last, the totals of a day and a month, and their recount from the rows."""

import datetime as dt
from collections import Counter

from peewee import fn

from models._database import db, is_postgres, writing
from models._record import Page, from_ms, number_of, to_ms
from models.areas import district
from models.visits import Visit, VisitHour, VisitMonth


def last_of(person: int, number: int = 1) -> Page:
    """A person's own visits, newest first."""
    return Page(Visit.select().where(Visit.actor == person).order_by(Visit.at.desc()), number)


def at_station(station: int, since: dt.datetime, until: dt.datetime, number: int = 1, counted: bool = True) -> Page:
    """Visits of a station in a span of time, newest first."""
    rows = Visit.select().where(Visit.station == station, Visit.at >= to_ms(since), Visit.at < to_ms(until))
    return Page((rows.where(Visit.n != 0) if counted else rows).order_by(Visit.at.desc()), number)


def day_total(station: int, day: dt.date) -> dict[int, int]:
    """A station's visits of a local day by channel, from the kept totals."""
    rows = VisitHour.select(VisitHour.channel, fn.SUM(VisitHour.n)).where(
        VisitHour.station == station, VisitHour.local_date == number_of(day)
    )
    return {channel: n for channel, n in rows.group_by(VisitHour.channel).tuples()}


def month_total(month: int) -> dict[int, int]:
    """The district's visits of a local month (yyyymm) by channel, from the kept totals."""
    rows = VisitMonth.select(VisitMonth.channel, fn.SUM(VisitMonth.n)).where(VisitMonth.month == month)
    return {channel: n for channel, n in rows.group_by(VisitMonth.channel).tuples()}


def month_by_station(month: int, number: int = 1) -> Page:
    """(station id, visits) of a month, most first."""
    n = fn.SUM(VisitMonth.n)
    rows = VisitMonth.select(VisitMonth.station, n.alias("n")).where(VisitMonth.month == month)
    return Page(rows.group_by(VisitMonth.station).order_by(n.desc(), VisitMonth.station).tuples(), number)


def span_of_day(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The moments at which a local day begins and ends."""
    zone = district().zone
    begin = dt.datetime.combine(day, dt.time(), zone)
    return begin, dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)


def span_of_month(month: int) -> tuple[dt.datetime, dt.datetime]:
    """The moments at which a local month (yyyymm) begins and ends."""
    year, of_year = divmod(month, 100)
    zone = district().zone
    after = dt.datetime(year + of_year // 12, of_year % 12 + 1, 1, tzinfo=zone)
    return dt.datetime(year, of_year, 1, tzinfo=zone), after


QUARTERS = """SELECT station, at / 900000, local_date, sum(n), channel, evidence FROM visit WHERE n <> 0
GROUP BY station, at / 900000, local_date, channel, evidence"""
"""Summed in the database: a local hour is whole quarters of an hour in every zone there is."""


def recount() -> dict[str, int]:
    """Count all totals anew from the rows and put right what differs; how many total rows differed, by table.

    The hour is the local hour of the row's moment, as it was when the total was made. No visit comes between the
    two countings: it would look like a mistake.
    """
    zone = district().zone
    hours: Counter = Counter()
    months: Counter = Counter()
    with writing():
        if is_postgres():
            db.execute_sql("LOCK TABLE visit IN SHARE MODE")
        for station, quarter, day, n, channel, evidence in db.execute_sql(QUARTERS):
            hour = from_ms(quarter * 900_000).astimezone(zone).hour
            hours[station, day, hour, channel, evidence] += n
            months[day // 100, station, channel] += n
        return {
            "visit_hour": _put_right(VisitHour, hours),
            "visit_month": _put_right(VisitMonth, months),
        }


def _put_right(model, counted: Counter) -> int:
    fields = [getattr(model, name) for name in model._meta.primary_key.field_names]
    kept = {row[:-1]: row[-1] for row in model.select(*fields, model.n).tuples()}
    wrong = {key for key in counted.keys() | kept.keys() if counted[key] != kept.get(key, 0)}
    for key in wrong:
        where = [field == value for field, value in zip(fields, key, strict=True)]
        model.delete().where(*where).execute()
        if counted[key]:
            model.create(**dict(zip(model._meta.primary_key.field_names, key, strict=True)), n=counted[key])
    return len(wrong)
