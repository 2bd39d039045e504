"""Uses that somebody should look at: a card at two shops too far apart, or at one shop unusually often.

The use stays and counts; nobody at a till reads about it.
"""

import datetime as dt
from typing import NamedTuple

from peewee import SQL, ForeignKeyField, IntegerField, fn

from models._database import writing
from models._record import N_, MomentField, Page, Record
from models._trail import Trail
from models._work import stopping, work
from models.areas import metres
from models.cards import Card
from models.merchants import Merchant
from models.people import Person
from models.redemptions import FAR, FINE, Redemption

DAY = dt.timedelta(days=1)

WINDOW, AT_LEAST = 30 * DAY, 12
"""So often in so many days at one shop is asked about: a card is used two or three times a month in all, and twelve
is every working day of more than two weeks. A regular guest may well be that; one look tells."""

AROUND = dt.timedelta(hours=25)
"""Within that of a use, the other one is looked for."""

PIECE = 500

WORDS = {
    "far": N_("uses of one card too far apart"),
    "often": N_("cards used unusually often at one shop"),
}
"""The two lists, in words that blame nobody."""


class Frequent(Record):
    """A card that was used `n` times in a month at a shop; `settled_at`: somebody has looked at it, and it is fine."""

    card = IntegerField()
    merchant = IntegerField()
    n = IntegerField()
    last_at = MomentField()
    found_at = MomentField()
    settled_at = MomentField(null=True)
    settled_by = ForeignKeyField(Person, column_name="settled_by", null=True)


class Apart(NamedTuple):
    """A use, the one that does not fit with it (None: it was taken back, or knows its card no more), how far the two
    shops are apart in metres, and the minutes between."""

    use: Redemption
    other: Redemption | None
    metres: float
    minutes: int


# Too far apart.


def far(town: str):
    """The uses that were flagged, that stand and that nobody has looked at, of the shops of a town; a query."""
    flagged = SQL('"t1"."flag" = 1')  # as the index has it, else it is not used
    rows = Redemption.select().where(flagged, Redemption.stands())
    if town:
        rows = rows.where(Redemption.merchant.in_(Merchant.select(Merchant.id).where(Merchant.town == town)))
    return rows


def far_listed(town: str, number: int = 1) -> Page:
    """A page of them, the newest first, each as Apart; three statements however many there are."""
    page = Page(far(town).order_by(Redemption.at.desc(), Redemption.id.desc()), number)
    page.rows = _with_others(page.rows)
    return page


def _with_others(uses: list[Redemption]) -> list[Apart]:
    persons = {use.person for use in uses if use.person}
    near: list[Redemption] = []
    if persons:
        since, until = min(use.at for use in uses) - AROUND, max(use.at for use in uses) + AROUND
        theirs = Redemption.person.in_(persons), Redemption.at >= since, Redemption.at <= until
        near = list(Redemption.select().where(*theirs))
    undone = {row.reverses for row in near if row.reverses}
    near = [row for row in near if row.n > 0 and row.id not in undone]
    shops = {row.merchant for row in (*uses, *near)}
    rows = Merchant.select(Merchant.id, Merchant.lat, Merchant.lng).where(Merchant.id.in_(shops)).tuples()
    where = {id: (lat, lng) for id, lat, lng in rows} if shops else {}
    return [_apart(use, near, where) for use in uses]


def _apart(use: Redemption, near: list[Redemption], where: dict) -> Apart:
    """The use with the one of the same person to which nobody rides so fast."""

    def between(other: Redemption) -> tuple[float, dt.timedelta]:
        return metres(*where[use.merchant], *where[other.merchant]), abs(use.at - other.at)

    def speed(other: Redemption) -> float:
        away, time = between(other)
        return away / max(time.total_seconds(), 1)

    others = [
        row
        for row in near
        if row.person == use.person and row.merchant != use.merchant and abs(row.at - use.at) <= AROUND
    ]
    if not others or use.merchant not in where:
        return Apart(use, None, 0, 0)
    other = max(others, key=speed)
    away, time = between(other)
    return Apart(use, other, away, round(time / dt.timedelta(minutes=1)))


def far_one(id: int, town: str) -> Redemption | None:
    """A flagged use, looked at or not, if its shop lies in the town."""
    mine = Redemption.id == id, Redemption.flag.in_([FAR, FINE])
    rows = Redemption.select(Redemption, Merchant.town).join(Merchant, on=(Merchant.id == Redemption.merchant))
    return rows.where(*mine, *([Merchant.town == town] if town else [])).first()


def far_is_fine(use: Redemption, *, by: Person, at: dt.datetime):
    """Somebody has looked at it, and it is fine. Twice is once."""
    with writing():
        if Redemption.update(flag=FINE).where(Redemption.id == use.id, Redemption.flag == FAR).execute():
            Trail.note("moved", by=by, subject=f"redemption:{use.id}", what="far apart: fine", at=at)


# Unusually often.


def often(town: str):
    """The pairs that nobody has looked at, of the shops of a town, the most uses first; a query."""
    rows = Frequent.select().where(Frequent.settled_at.is_null())
    if town:
        rows = rows.where(Frequent.merchant.in_(Merchant.select(Merchant.id).where(Merchant.town == town)))
    return rows.order_by(Frequent.n.desc(), Frequent.id)


def often_one(id: int, town: str) -> Frequent | None:
    """A pair, looked at or not, if its shop lies in the town."""
    rows = Frequent.select().join(Merchant, on=(Merchant.id == Frequent.merchant)).where(Frequent.id == id)
    return rows.where(*([Merchant.town == town] if town else [])).first()


def often_is_fine(pair: Frequent, *, by: Person, at: dt.datetime):
    """Somebody has looked at it, and it is fine: a regular guest. Twice is once; it is asked again in half a year."""
    with writing():
        mine = Frequent.id == pair.id, Frequent.settled_at.is_null()
        if Frequent.update(settled_at=at, settled_by=by).where(*mine).execute():
            shop = Merchant.get_by_id(pair.merchant)
            card = Card.get_by_id(pair.card)
            Trail.note("moved", by=by, subject=f"card:{card.ref}", what=f"often at {shop.code}: fine", at=at)


@work("frequent", every=DAY, lease=dt.timedelta(minutes=10), daily_at=dt.time(16, 20, tzinfo=dt.UTC))  # 0:20 in China
def find_frequent(now: dt.datetime) -> int:
    """Look at the uses of the last month; how many pairs there are to ask about. Pairs that are no more so go away."""
    known = Redemption.person.is_null(False), Redemption.card.is_null(False), Redemption.at >= now - WINDOW
    rows = Redemption.select(Redemption.card, Redemption.merchant, fn.SUM(Redemption.n), fn.MAX(Redemption.at))
    rows = rows.where(*known).group_by(Redemption.card, Redemption.merchant)
    found = [(*pair, int(n), last) for *pair, n, last in rows.having(fn.SUM(Redemption.n) >= AT_LEAST).tuples()]
    for start in range(0, len(found), PIECE):
        if stopping():
            return start
        with writing():
            for card, merchant, n, last in found[start : start + PIECE]:
                told = {"n": n, "last_at": last}
                row = Frequent.insert(card=card, merchant=merchant, found_at=now, **told)
                row.on_conflict(conflict_target=[Frequent.card, Frequent.merchant], update=told).execute()
    with writing():
        Frequent.delete().where(Frequent.settled_at.is_null(), Frequent.last_at < now - WINDOW).execute()
    return len(found)
