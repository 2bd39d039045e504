"""Months: each is counted every night while it lasts and frozen once, at ten past midnight when it is over.

What is counted stands as of a mark, the last visit's number (`last`). Whatever comes after it (late ones from phones
without network, corrections of a tally) is an adjustment beside the frozen figure, which never changes by itself.
"""

import datetime as dt
from collections import Counter

from peewee import SQL, BigIntegerField, CharField, CompositeKey, IntegerField, SmallIntegerField, Value, fn

from models import figures
from models._database import db, hold, is_postgres, writing
from models._record import MomentField, Record
from models.areas import Town, district
from models.stations import Kind, Station
from models.visits import Visit, VisitHour, VisitMonth

DISTRICT, IN_TOWN, OF_KIND = 0, 1, 2
"""Whose figures: of all, of a town, of a kind of station."""

CHANNEL, EVIDENCE, HOUR, DAY = 1, 2, 3, 4
"""By what a month is shared out among the stations. DAY holds only days that were busier than the setting
`busy_day`: somebody should ask what happened."""

AFTER = dt.timedelta(minutes=10)
"""How long after midnight a month is frozen; as long as the lag in the index `visit_late`."""

LOCK = 7_210_813
"""The key under which months are counted, one at a time."""


class MonthCount(Record):
    """When a local month (yyyymm) was counted and up to which visit; `frozen_at`: for good; `people_at`: the distinct
    people too; `persons_off_at`: since when its visits know no persons any more."""

    month = IntegerField(primary_key=True)
    counted_at = MomentField()
    last = BigIntegerField()
    frozen_at = MomentField(null=True)
    people_at = MomentField(null=True)
    persons_off_at = MomentField(null=True)


class MonthFigure(Record):
    """What a month came to: `n` visits as counted, `late` that came since, `so_far` all up to the end of that month,
    how many `stations` there were, distinct `people` and `devices` without a person (null: not counted yet)."""

    month = IntegerField()
    cut = SmallIntegerField()
    value = CharField(max_length=20)
    n = IntegerField()
    late = IntegerField()
    so_far = IntegerField()
    stations = IntegerField()
    people = IntegerField(null=True)
    devices = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("month", "cut", "value")


class MonthShare(Record):
    """A station's share of a month by channel, evidence, hour; in the town and of the kind that it was then."""

    month = IntegerField()
    cut = SmallIntegerField()
    value = IntegerField()
    station = IntegerField()
    town = CharField(max_length=12)
    kind = CharField(max_length=20)
    n = IntegerField()

    class Meta:
        primary_key = CompositeKey("month", "cut", "value", "station")


# Which months there are.


def month_of(moment: dt.datetime) -> int:
    """The local month (yyyymm) of a moment."""
    local = moment.astimezone(district().zone)
    return local.year * 100 + local.month


def after(month: int, n: int = 1) -> int:
    """The month `n` months later (or before, for a negative n)."""
    year, of_year = divmod(month // 100 * 12 + month % 100 - 1 + n, 12)
    return year * 100 + of_year + 1


def start() -> int | None:
    """The first month in which a visit was counted; before it there is nothing, which is not nought."""
    return VisitMonth.select(fn.MIN(VisitMonth.month)).scalar()


def days_of(month: int) -> tuple[int, int]:
    """Between which local days (yyyymmdd) a month lies."""
    return month * 100 + 1, month * 100 + 31


def due(month: int) -> dt.datetime:
    """When a month is to be frozen."""
    return figures.span_of_month(month)[1] + AFTER


def to_freeze(now: dt.datetime) -> list[int]:
    """The months that are over and not frozen, the oldest first."""
    month, done = start(), {m for (m,) in MonthCount.select(MonthCount.month).where(_frozen()).tuples()}
    found = []
    while month and due(month) <= now:
        if month not in done:
            found.append(month)
        month = after(month)
    return found


def _frozen():
    return MonthCount.frozen_at.is_null(False)


# Counting.


def count(month: int, *, now: dt.datetime, freeze: bool = False) -> bool:
    """Count a month as of this moment, `freeze`: once and for good. False when it is frozen already."""
    with writing():
        hold(LOCK)
        before = MonthCount.get_or_none(MonthCount.month == month)
        if before and before.frozen_at:
            return False
        if is_postgres():  # whoever is writing a visit at this moment is waited for: the mark has no holes
            db.execute_sql("LOCK TABLE visit IN SHARE MODE")
        last = Visit.select(fn.MAX(Visit.id)).scalar() or 0
        MonthCount.delete().where(MonthCount.month == month).execute()
        MonthCount.create(month=month, counted_at=now, last=last, frozen_at=now if freeze else None)
        _share_out(month)
        _sum_up(month)
    return True


SHARES = ((CHANNEL, VisitHour.channel), (EVIDENCE, VisitHour.evidence), (HOUR, VisitHour.hour))


def _share_out(month: int):
    MonthShare.delete().where(MonthShare.month == month).execute()
    for cut, column in SHARES:
        _take_shares(month, cut, column, fn.SUM(VisitHour.n) != 0)
    _take_shares(month, DAY, VisitHour.local_date, fn.SUM(VisitHour.n) > district().busy_day)


def _take_shares(month: int, cut: int, column, having):
    """From the kept totals, station by station: their key begins with the station."""
    these = (VisitHour.station == Station.id) & VisitHour.local_date.between(*days_of(month))
    what = (column, Station.id, Station.town, Station.kind)
    rows = Station.select(Value(month), Value(cut), *what, fn.SUM(VisitHour.n)).join(VisitHour, on=these)
    MonthShare.insert_from(rows.group_by(*what).having(having), MonthShare._meta.sorted_fields).execute()


def _sum_up(month: int):
    """What the month came to by district, town and kind; a town in which nobody came has a nought."""
    known = {(cut, value): (n, d) for cut, value, n, d in _heads(month)}
    rows = []
    for cut, values, theirs, station in (
        (DISTRICT, [""], None, None),
        (IN_TOWN, [town.code for town in Town.select()], MonthShare.town, Station.town),
        (OF_KIND, [kind.code for kind in Kind.select()], MonthShare.kind, Station.kind),
    ):
        told = [_sums(month, theirs), {}, _so_far(month, station), _stations(station)]
        rows += [
            (month, cut, value, *(each.get(value, 0) for each in told), *known.get((cut, value), (None, None)))
            for value in values
        ]
    MonthFigure.delete().where(MonthFigure.month == month).execute()
    MonthFigure.insert_many(rows, fields=MonthFigure._meta.sorted_fields).execute()


def _heads(month: int):
    rows = MonthFigure.select(MonthFigure.cut, MonthFigure.value, MonthFigure.people, MonthFigure.devices)
    return rows.where(MonthFigure.month == month).tuples()


def _sums(month: int, column) -> dict[str, int]:
    these = (MonthShare.month == month) & (MonthShare.cut == CHANNEL)
    n = fn.SUM(MonthShare.n)
    if column is None:
        return {"": MonthShare.select(n).where(these).scalar() or 0}
    return {key: n for key, n in MonthShare.select(column, n).where(these).group_by(column).tuples()}


def _so_far(month: int, column) -> dict[str, int]:
    n = fn.SUM(VisitMonth.n)
    if column is None:
        return {"": VisitMonth.select(n).where(VisitMonth.month <= month).scalar() or 0}
    rows = VisitMonth.select(column, n).join(Station, on=(Station.id == VisitMonth.station))
    return {key: n for key, n in rows.where(VisitMonth.month <= month).group_by(column).tuples()}


def _stations(column) -> dict[str, int]:
    if column is None:
        return {"": Station.listed().count()}
    return {key: n for key, n in Station.listed().select(column, fn.COUNT(Station.id)).group_by(column).tuples()}


# What came after the mark.

LATE = SQL("lag >= 600")
"""Written out, so that both engines see that the index `visit_late` has these rows: all that came after a freeze."""


def came_late(month: int):
    """The visits of a frozen month that came after it was frozen, as a condition on Visit; for others nothing."""
    mark = MonthCount.select(MonthCount.last).where(MonthCount.month == month, _frozen())
    return LATE & Visit.local_date.between(*days_of(month)) & (Visit.id > mark) & (Visit.n != 0)


def note_late() -> int:
    """Bring what came after the freezes up to date beside the frozen figures; how many of them moved."""
    n = fn.SUM(Visit.n)
    rows = (
        Visit.select(Visit.local_date, Station.town, Station.kind, n)
        .join(Station, on=(Station.id == Visit.station))
        .join(MonthCount, on=(MonthCount.month == Visit.local_date / 100))
        .where(LATE, Visit.id > MonthCount.last, _frozen(), Visit.n != 0)
        .group_by(Visit.local_date, Station.town, Station.kind)
    )
    found: Counter = Counter()
    for day, town, kind, more in rows.tuples():
        for cut, value in ((DISTRICT, ""), (IN_TOWN, town), (OF_KIND, kind)):
            found[day // 100, cut, value] += more
    moved = 0
    with writing():
        fields = (MonthFigure.month, MonthFigure.cut, MonthFigure.value)
        kept = {tuple(key): late for *key, late in MonthFigure.select(*fields, MonthFigure.late).tuples()}
        for key in [key for key in kept if kept[key] != found[key]]:
            these = [field == value for field, value in zip(fields, key, strict=True)]
            moved += MonthFigure.update(late=found[key]).where(*these).execute()
    return moved
