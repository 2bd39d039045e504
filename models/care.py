"""What the office sees of cards and merchants: how many, where, and what the months came to. All from kept totals."""

import datetime as dt
from dataclasses import dataclass, field

from peewee import fn

from models._record import Page, number_of
from models.areas import district
from models.cards import STATES, Card
from models.merchants import Merchant, all_listed, categories
from models.months import after, month_of
from models.openings import today
from models.people import Person
from models.redemptions import METHOD_WORDS, Redemption, RedemptionDay, RedemptionMonth
from models.shop_months import Sum, rows_of_month

MOST = 18
"""Months in the chart and in the table under it."""

IDLE = dt.timedelta(days=60)
"""How long a shop may go without anybody who uses a card there."""

NOWHERE = "-"
"""Instead of a town: cards of partners whose town is not known."""


# Merchants and cards.


def shops() -> dict[tuple[str, str], int]:
    """The listed shops by (town, category), nought where there are none; no statement, they are known anyway."""
    listed, none = all_listed(), frozenset[int]()
    return {
        (town, category): len(listed.cells.towns.get(town, none) & listed.by_category.get(category, none))
        for town in district().town
        for category in categories()
    }


def cards(town: str = "") -> dict[tuple[str, str], int]:
    """The cards by (town or NOWHERE, state), of one town or of the district; one look into an index."""
    rows = Card.select(Card.town, Card.state, fn.COUNT(Card.id)).group_by(Card.town, Card.state)
    rows = rows.where(Card.town == town) if town else rows
    return {(of or NOWHERE, state): n for of, state, n in rows.tuples()}


def cards_of(town: str, state: str, number: int = 1) -> Page:
    """The cards behind such a number with their persons, by state and last day; '' for all towns or states."""
    rows = Card.select(Card, Person).join(Person, on=Card.person)
    if town:
        rows = rows.where(Card.town.is_null() if town == NOWHERE else Card.town == town)
    rows = rows.where(Card.state == state) if state in STATES else rows
    return Page(rows.order_by(Card.state, Card.valid_to, Card.id), number)


# Redemptions.


@dataclass
class Month:
    """What a month (yyyymm) came to; `by`: uses by method."""

    month: int
    n: int = 0
    saved: int = 0
    by: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.n


def months(now: dt.datetime, town: str = "") -> list[Month]:
    """Up to MOST months until the one that runs, the oldest first, none before the first use."""
    last = month_of(now)
    found: dict[int, Month] = {}
    rows = _of(town).where(RedemptionMonth.month >= after(last, 1 - MOST), RedemptionMonth.month <= last)
    # Grouped by month alone, as the key has it: by month and method the same takes three times as long.
    ways = [fn.SUM(RedemptionMonth.n).filter(RedemptionMonth.method == method) for method in METHOD_WORDS]
    for month, n, saved, *by in (
        rows.select(RedemptionMonth.month, *SUMS, *ways).group_by(RedemptionMonth.month).tuples()
    ):
        told = {method: int(k) for method, k in zip(METHOD_WORDS, by, strict=True) if k}
        found[month] = Month(month, int(n), int(saved), told)
    shown = [after(last, n - MOST + 1) for n in range(MOST)]
    return [found.get(month, Month(month)) for month in shown if found and month >= min(found)]


def by_method(month: int, town: str = "") -> dict[int, Sum]:
    """A month shared out by how the card was shown."""
    rows = _of(town).where(RedemptionMonth.month == month).group_by(RedemptionMonth.method).having(SUMS[0] != 0)
    return {method: Sum(int(n), int(saved)) for method, n, saved in rows.select(RedemptionMonth.method, *SUMS).tuples()}


def by_shop(month: int, town: str = "", method: int | None = None, number: int = 1) -> Page:
    """A month shared out by shops: (merchant id, uses, saved), most first."""
    rows = of_shops(month, town, method)
    return Page(rows.order_by(fn.SUM(RedemptionMonth.n).desc(), RedemptionMonth.merchant).tuples(), number)


def of_shops(month: int, town: str = "", method: int | None = None):
    """The same in no order, all of them at which a use stands that was not taken back; a query."""
    rows = _of(town).where(RedemptionMonth.month == month)
    rows = rows.where(RedemptionMonth.method == method) if method else rows
    rows = rows.select(RedemptionMonth.merchant, *SUMS).group_by(RedemptionMonth.merchant)
    return rows.having(SUMS[0] != 0)


def rows_of(merchant: int, month: int, method: int | None = None, number: int = 1) -> Page:
    """The rows that make a shop's month, the oldest first, without persons."""
    rows = rows_of_month(merchant, month)
    return Page(rows.where(Redemption.method == method) if method else rows, number)


def sum_of(merchant: int, month: int, method: int | None = None) -> Sum:
    """What those rows come to."""
    mine = RedemptionMonth.month == month, RedemptionMonth.merchant == merchant
    rows = RedemptionMonth.select(fn.COALESCE(SUMS[0], 0), fn.COALESCE(SUMS[1], 0)).where(*mine)
    n, saved = (rows.where(RedemptionMonth.method == method) if method else rows).tuples().get()
    return Sum(int(n), int(saved))


# Merchants without use.


def idle(town: str, now: dt.datetime):
    """(merchant id, local day of the last use or 0) of the listed shops without use for IDLE, the longest first.

    One that has been with us for less than that has had no time yet. A query.
    """
    other = RedemptionDay.alias()
    last = fn.COALESCE(other.select(fn.MAX(other.local_date)).where(other.merchant == Merchant.id, other.n > 0), 0)
    since, listed = now - IDLE, Merchant.listed()
    rows = listed.where(Merchant.town == town) if town else listed
    rows = rows.where(Merchant.approved_at < since, last < number_of(today(since)))
    return rows.select(Merchant.id, last.alias("last")).order_by(last, Merchant.code)


def _of(town: str):
    """The rows of months, of the shops of a town."""
    rows = RedemptionMonth.select()
    if not town:
        return rows
    return rows.where(RedemptionMonth.merchant.in_(Merchant.select(Merchant.id).where(Merchant.town == town)))


SUMS = fn.SUM(RedemptionMonth.n), fn.SUM(RedemptionMonth.saved)
