"""How a month is shared out: by town, kind, station, channel, evidence and hour, and the visits behind each share.

A frozen month is read as it was counted, beside it what came later. The month that runs is read as it is now; only its
hours and evidence are those of last night.
"""

import datetime as dt
from functools import reduce
from operator import or_
from typing import NamedTuple

from peewee import SQL, Value, fn

from models import figures, months
from models._record import Page, to_ms
from models.areas import district
from models.months import CHANNEL, EVIDENCE, HOUR, MonthCount, MonthShare
from models.stations import Station
from models.visits import Visit, VisitMonth

BY = ("town", "kind", "station", "channel", "evidence", "hour")
"""What a month can be shared out by."""

CUTS = {"channel": CHANNEL, "evidence": EVIDENCE, "hour": HOUR}

COUNTED, SINCE = "counted", "since"
"""Of a month's rows: those up to the mark of its count, and those that came after it."""


class Asked(NamedTuple):
    """Which visits of a month: '' and None mean all. A day is asked of a station's rows only."""

    month: int
    town: str = ""
    kind: str = ""
    channel: int | None = None
    evidence: int | None = None
    hour: int | None = None
    day: int | None = None
    part: str = ""


class Share(NamedTuple):
    """What falls to a code of a town or a kind, a station's id, a channel, an evidence, an hour; `late` came after the
    freeze."""

    key: str | int
    n: int
    late: int


def count_of(month: int) -> MonthCount | None:
    """When a month was counted, None when never."""
    return MonthCount.get_or_none(MonthCount.month == month)


def shared(asked: Asked, by: str, count: MonthCount | None) -> list[Share]:
    """All shares by anything but stations, in the order of their keys."""
    late: dict = {}
    if count and count.frozen_at:
        late = _late_hours(asked) if by == "hour" else dict(_late(asked, by).tuples())
    n = dict(_counted(asked, by, count).tuples())
    return [Share(key, n.get(key, 0), late.get(key, 0)) for key in sorted(n.keys() | late.keys())]


def by_station(asked: Asked, count: MonthCount | None, number: int = 1) -> Page:
    """Stations with their shares, the most first."""
    page = Page(_stations(asked, count), number)
    page.rows = [Share(key, int(n), int(late)) for key, n, late in page.rows]
    return page


def of_stations(asked: Asked, count: MonthCount | None) -> dict[int, Share]:
    """The shares of all stations that have one, by their id."""
    return {key: Share(key, int(n), int(late)) for key, n, late in _stations(asked, count)}


def _stations(asked: Asked, count: MonthCount | None):
    both = _counted(asked, "station", count, more=Value(0))
    if count and count.frozen_at:
        both = both.union_all(_late(asked, "station", before=Value(0)))
    rows = both.select_from(SQL("station"), fn.SUM(SQL("n")), fn.SUM(SQL("late"))).group_by(SQL("station"))
    order = (fn.SUM(SQL("n")) + fn.SUM(SQL("late"))).desc(), SQL("station")
    return rows.order_by(*order).tuples()


def rows_of(station: int, asked: Asked, number: int = 1) -> Page:
    """The visits of a station that are asked for, newest first."""
    return Page(_rows(station, asked).order_by(Visit.at.desc(), Visit.id.desc()), number)


def sum_of(station: int, asked: Asked) -> int:
    """What these visits come to: a tally counts for as many as it says."""
    return int(_rows(station, asked).select(fn.SUM(Visit.n)).scalar() or 0)


def _rows(station: int, asked: Asked):
    begin, end = map(to_ms, figures.span_of_month(asked.month))
    rows = Visit.select().where(Visit.station == station, Visit.at >= begin, Visit.at < end, Visit.n != 0)
    rows = rows.where(*_like(asked))
    if asked.part:
        mark = MonthCount.select(MonthCount.last).where(MonthCount.month == asked.month)
        rows = rows.where(Visit.id <= mark if asked.part == COUNTED else Visit.id > mark)
    return rows


def _like(asked: Asked) -> list:
    """The conditions on a visit that do not need its station."""
    told: list = [(Visit.channel, asked.channel), (Visit.evidence, asked.evidence)]
    told += [(Visit.local_date, asked.day and asked.month * 100 + asked.day)]
    found = [column == wanted for column, wanted in told if wanted is not None]
    return found + ([_in_hour(asked.month, asked.hour)] if asked.hour is not None else [])


def _in_hour(month: int, hour: int):
    """Within this local hour of any day of the month; clocks that are put forward or back are minded."""
    begin, end = figures.span_of_month(month)
    zone, spans = district().zone, []
    day = begin.astimezone(zone).date()
    while day < end.astimezone(zone).date():
        starts = dt.datetime.combine(day, dt.time(hour), zone)
        ends = dt.datetime.combine(day, dt.time(hour + 1), zone) if hour < 23 else figures.span_of_day(day)[1]
        spans.append((Visit.at >= to_ms(starts)) & (Visit.at < to_ms(ends)))
        day += dt.timedelta(days=1)
    return reduce(or_, spans)


def _place(rows, asked: Asked, town, kind):
    rows = rows.where(town == asked.town) if asked.town else rows
    return rows.where(kind == asked.kind) if asked.kind else rows


def _counted(asked: Asked, by: str, count: MonthCount | None, **more):
    """(key, n) from the kept totals: of the count for a frozen month and for hours and evidence, else as it is now."""
    cut = next((cut for cut in ("hour", "evidence", "channel") if by == cut or getattr(asked, cut) is not None), "")
    if (count and count.frozen_at) or cut in ("hour", "evidence"):
        share = MonthShare
        these = (share.month == asked.month) & (share.cut == CUTS[cut or "channel"])
        if cut and by != cut:
            these &= share.value == getattr(asked, cut)
        column = share.value if by in CUTS else getattr(share, by)
        rows = _place(_two(share.select(), column, share.n, by, more).where(these), asked, share.town, share.kind)
        return rows.group_by(column)
    column = {"town": Station.town, "kind": Station.kind}.get(by) or getattr(VisitMonth, by)
    rows = _two(VisitMonth.select(), column, VisitMonth.n, by, more)
    rows = rows.join(Station, on=(Station.id == VisitMonth.station)).where(VisitMonth.month == asked.month)
    if asked.channel is not None:
        rows = rows.where(VisitMonth.channel == asked.channel)
    return _place(rows, asked, Station.town, Station.kind).group_by(column)


def _two(rows, column, n, by: str, more: dict):
    """Select the key and the sum under their names, with a nought on either side for what the other query brings."""
    before = [more["before"].alias("n")] if "before" in more else []
    after = [more["more"].alias("late")] if "more" in more else []
    return rows.select(column.alias(by), *before, fn.SUM(n).alias("late" if before else "n"), *after)


def _late(asked: Asked, by: str, **more):
    """(key, n) of what came after the freeze."""
    column = {"town": Station.town, "kind": Station.kind}.get(by) or getattr(Visit, by)
    rows = _two(Visit.select(), column, Visit.n, by, more).join(Station, on=(Station.id == Visit.station))
    rows = rows.where(months.came_late(asked.month), *_like(asked))
    return _place(rows, asked, Station.town, Station.kind).group_by(column)


def _late_hours(asked: Asked) -> dict[int, int]:
    found: dict[int, int] = {}
    rows = Visit.select(Visit.at, Visit.n).join(Station, on=(Station.id == Visit.station))
    rows = _place(rows.where(months.came_late(asked.month)), asked, Station.town, Station.kind)
    for at, n in rows.tuples():
        hour = at.astimezone(district().zone).hour
        found[hour] = found.get(hour, 0) + n
    return found
