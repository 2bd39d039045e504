"""What the months came to, one after the other: of the district, of a town or of a kind of station."""

import datetime as dt
from dataclasses import dataclass, replace

from peewee import fn

from models import months
from models.areas import district
from models.months import DISTRICT, IN_TOWN, OF_KIND, MonthCount, MonthFigure, after, month_of
from models.stations import Station
from models.visits import Visit, VisitMonth

MOST = 18
"""Months in a chart."""


@dataclass(frozen=True)
class Month:
    """What a month came to. `n` is the frozen figure, or what there is by now; None before the first visit: that is
    blank, not nought. `late` came after it was frozen. `people` is None as long as nobody counted them."""

    month: int
    n: int | None = None
    late: int = 0
    people: int | None = None
    devices: int | None = None
    so_far: int | None = None
    stations: int | None = None
    frozen_at: dt.datetime | None = None
    people_at: dt.datetime | None = None

    @property
    def total(self) -> int | None:
        """With what came late."""
        return None if self.n is None else self.n + self.late


class History:
    """The months of the district ('' for town and kind), of a town or of a kind, up to the one that runs.

    Four statements, however many visits there are: kept figures of frozen months, and what has come since.
    """

    def __init__(self, now: dt.datetime, *, town: str = "", kind: str = ""):
        self.now, self.town, self.kind = now, town, kind
        self.last = month_of(now)
        kept = self._kept()
        self.frozen = max((m for m, month in kept.items() if month.frozen_at), default=None)
        self.months = kept | self._running(kept)
        if self.frozen:
            self.months[self.frozen] = self._with_late(kept[self.frozen])
        self.first = min(self.months, default=None)

    def of(self, month: int) -> Month:
        """What a month came to; a month in which nothing came has a nought, one before the start is blank."""
        if month in self.months:
            return self.months[month]
        began = self.first is not None and self.first <= month <= self.last
        return Month(month, 0 if began else None)

    def newest(self, most: int = MOST, last: int | None = None) -> list[Month]:
        """Up to `most` months, the oldest first, none before the start."""
        last = last or self.last
        wanted = [after(last, -n) for n in reversed(range(most))]
        return [self.of(month) for month in wanted if month >= (self.first or last)]

    @property
    def total(self) -> int:
        """All that came from the start until now, without what is told of the time before it."""
        return sum(month.total or 0 for month in self.months.values())

    def _kept(self) -> dict[int, Month]:
        cut, value = (IN_TOWN, self.town) if self.town else (OF_KIND, self.kind) if self.kind else (DISTRICT, "")
        rows = (
            MonthFigure.select(
                MonthFigure.month,
                MonthFigure.n,
                MonthFigure.late,
                MonthFigure.people,
                MonthFigure.devices,
                MonthFigure.so_far,
                MonthFigure.stations,
                MonthCount.frozen_at,
                MonthCount.people_at,
            )
            .join(MonthCount, on=(MonthCount.month == MonthFigure.month))
            .where(MonthFigure.cut == cut, MonthFigure.value == value)
        )
        return {month: Month(month, *told) for month, *told in rows.tuples()}

    def _running(self, kept: dict[int, Month]) -> dict[int, Month]:
        """What there is by now of the months that are not frozen."""
        rows = VisitMonth.select(VisitMonth.month, fn.SUM(VisitMonth.n)).where(VisitMonth.month > (self.frozen or 0))
        if self.town or self.kind:
            rows = rows.join(Station, on=(Station.id == VisitMonth.station)).where(self._here())
        now: dict[int, int] = {month: n for month, n in rows.group_by(VisitMonth.month).tuples()}
        for month in [m for m in kept if not kept[m].frozen_at]:
            now.setdefault(month, 0)
        known = {month: kept.get(month, Month(month)) for month in now}
        return {m: replace(k, n=now[m], late=0) for m, k in known.items()}

    def _with_late(self, month: Month) -> Month:
        """The month frozen last, with what came until this moment; older ones have theirs from last night."""
        late = Visit.select(fn.SUM(Visit.n)).where(months.came_late(month.month))
        if self.town or self.kind:
            late = late.join(Station, on=(Station.id == Visit.station)).where(self._here())
        return replace(month, late=int(late.scalar() or 0))

    def _here(self):
        return Station.town == self.town if self.town else Station.kind == self.kind


@dataclass(frozen=True)
class Base:
    """What was counted before the start, as a line of its own: how many, until when, and where that is from."""

    n: int
    as_of: dt.date
    note: str


def base() -> Base | None:
    """The district's setting `base_visits`, if it has one."""
    told = district().base_visits
    return Base(told["n"], dt.date.fromisoformat(str(told["as_of"])), told.get("note", "")) if told else None


@dataclass(frozen=True)
class Group:
    """The people of a month in a town or of a kind of station; None: not counted yet."""

    value: str
    people: int | None
    devices: int | None


def people_of(month: int, cut: int) -> list[Group]:
    """The distinct people of a month by town or by kind, the most first."""
    rows = MonthFigure.select(MonthFigure.value, MonthFigure.people, MonthFigure.devices)
    rows = rows.where(MonthFigure.month == month, MonthFigure.cut == cut)
    return [Group(*row) for row in rows.order_by(fn.COALESCE(MonthFigure.people, 0).desc(), MonthFigure.value).tuples()]
