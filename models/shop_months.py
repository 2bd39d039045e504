"""A shop's own figures: its days in a month, its months, and what it has given since it takes part."""

import datetime as dt
from typing import NamedTuple

from peewee import fn

from models._record import date_of
from models.figures import span_of_month
from models.offers import Offer
from models.redemptions import Redemption, RedemptionDay, RedemptionMonth


class Sum(NamedTuple):
    """How many partners, and what they saved, in fen."""

    n: int
    saved: int


def days(merchant: int, month: int) -> list[tuple[dt.date, Sum]]:
    """The days of a month (yyyymm) on which somebody was served, the first first."""
    mine = RedemptionDay.merchant == merchant
    rows = RedemptionDay.select(RedemptionDay.local_date, fn.SUM(RedemptionDay.n), fn.SUM(RedemptionDay.saved))
    rows = rows.where(mine, RedemptionDay.local_date.between(month * 100, month * 100 + 99))
    rows = rows.group_by(RedemptionDay.local_date).having(fn.SUM(RedemptionDay.n) != 0)
    rows = rows.order_by(RedemptionDay.local_date)
    return [(date_of(day), Sum(int(n), int(saved))) for day, n, saved in rows.tuples()]


def by_offer(merchant: int, month: int) -> list[tuple[Offer | None, Sum]]:
    """What was given how often in a month; None: it was not said what."""
    mine = RedemptionDay.merchant == merchant
    rows = RedemptionDay.select(RedemptionDay.offer, fn.SUM(RedemptionDay.n), fn.SUM(RedemptionDay.saved))
    rows = rows.where(mine, RedemptionDay.local_date.between(month * 100, month * 100 + 99))
    rows = rows.group_by(RedemptionDay.offer).having(fn.SUM(RedemptionDay.n) != 0)
    told = {offer: Sum(int(n), int(saved)) for offer, n, saved in rows.tuples()}
    named = {offer.id: offer for offer in Offer.select().where(Offer.id.in_(list(told)))} if told else {}
    return sorted(((named.get(id), total) for id, total in told.items()), key=lambda pair: -pair[1].n)


def months(merchant: int) -> list[tuple[int, Sum]]:
    """All months in which somebody was served, the newest first."""
    rows = RedemptionMonth.select(RedemptionMonth.month, fn.SUM(RedemptionMonth.n), fn.SUM(RedemptionMonth.saved))
    rows = rows.where(RedemptionMonth.merchant == merchant).group_by(RedemptionMonth.month)
    rows = rows.having(fn.SUM(RedemptionMonth.n) != 0).order_by(RedemptionMonth.month.desc())
    return [(month, Sum(int(n), int(saved))) for month, n, saved in rows.tuples()]


def rows_of_month(merchant: int, month: int):
    """Every row of a month, by time; a query without persons.

    What takes a use back counts on the day of the use, whenever it was pressed.
    """
    mine = Redemption.merchant == merchant, Redemption.local_date.between(month * 100, month * 100 + 99)
    begin, end = span_of_month(month)
    near = Redemption.at >= begin, Redemption.at < end + dt.timedelta(days=1)  # what is taken back has a later moment
    columns = (Redemption.at, Redemption.offer, Redemption.method, Redemption.n, Redemption.amount, Redemption.saved)
    return Redemption.select(*columns).where(*mine, *near).order_by(Redemption.at, Redemption.id)
