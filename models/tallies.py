"""What a shop sees of its day; and the tally of cards that were only looked at, put right on the same day."""

import datetime as dt

from peewee import IntegrityError, fn

from models import redeeming
from models._database import db, hold, sql, writing
from models._record import N_, Page, Refused, number_of
from models.areas import district
from models.offers import Offer
from models.redeeming import Shop
from models.redemptions import LOOK, Redemption
from models.visits import number

MOST = 50
"""Cards in one note: more at once is a slip of the finger."""


def looked(shop: Shop, n: int, *, client_id: str, now: dt.datetime, at: dt.datetime | None = None) -> bool:
    """`n` cards were looked at; False when this very note was there already.

    They count for the first offer of the day, beyond its portions too: it has happened. `at`: when, if it comes late.
    Raises Refused: "number" beyond 1…50, "other" for an id of another shop's note.
    """
    if not 1 <= n <= MOST:
        raise Refused("number", N_("From 1 to 50 at a time, please."))
    try:
        with writing():
            if _is_there(shop, client_id, n):
                return False
            _write(shop, n, client_id, now, at or now)
            return True
    except IntegrityError:  # on PostgreSQL the second of two presses at one moment
        return False


def put_right(shop: Shop, was: int, should: int, *, now: dt.datetime) -> bool:
    """Today's looks were `was` and should be `should`; False when they are so already.

    Raises Refused: "number", and "changed" when they are no longer what was seen.
    """
    if not 0 <= should <= 999:
        raise Refused("number", N_("From 0 to 999, please."))
    with writing():
        hold(shop.merchant.id)
        is_now = looks_of(shop.merchant.id, now)
        if is_now == should:
            return False
        if is_now != was:
            raise Refused("changed", N_("Somebody has changed this number meanwhile. Please look once more."))
        if should > is_now:
            _write(shop, should - is_now, "", now, now)
        for offer, n in _of_which(shop.merchant.id, is_now - should, now):
            _note(shop, offer, -n, "", now, now)
        return True


def _of_which(merchant: int, n: int, now: dt.datetime) -> list[tuple[int | None, int]]:
    """Which of today's looks are taken back when there were `n` fewer: by the offers that they were counted for."""
    counted = _looks(merchant, now, Redemption.offer, fn.SUM(Redemption.n)).group_by(Redemption.offer).tuples()
    found: list[tuple[int | None, int]] = []
    for offer, there in sorted(((offer or 0, there) for offer, there in counted)):
        if (some := min(n, there)) > 0:
            found.append((offer or None, some))
            n -= some
    return found


def looks_of(merchant: int, now: dt.datetime) -> int:
    """How many cards were looked at today."""
    return _looks(merchant, now, fn.COALESCE(fn.SUM(Redemption.n), 0)).scalar()


def _looks(merchant: int, now: dt.datetime, *what):
    """The rows of today's looks; a query."""
    since, until = day_of(now)
    mine = Redemption.merchant == merchant, Redemption.at >= since, Redemption.at < until, Redemption.method == LOOK
    return Redemption.select(*what).where(*mine)


def used_today(merchant: int, now: dt.datetime) -> dict[int, int]:
    """How many partners the shop has served today, by offer (0: none said); one statement, and raw: every answer at a
    till says it."""
    day = number_of(now.astimezone(district().zone))
    return dict(db.execute_sql(sql(OF_DAY), (merchant, day)).fetchall())


OF_DAY = "SELECT offer, n FROM redemption_day WHERE merchant = ? AND local_date = ?"


def left(offer: Offer, used: dict[int, int]) -> int | None:
    """How many portions are left of a day on which so many were used, None where there is no limit."""
    return None if offer.daily is None else max(0, offer.daily - used.get(offer.id, 0))


def rows_of(merchant: int, since: dt.datetime, until: dt.datetime, page: int = 1) -> Page:
    """What was noted at a shop in this time, newest first."""
    mine = Redemption.merchant == merchant, Redemption.at >= since, Redemption.at < until
    return Page(Redemption.select().where(*mine).order_by(Redemption.at.desc(), Redemption.id.desc()), page)


def taken_back(ids: list[int]) -> set[int]:
    """Those of these rows that were taken back."""
    rows = Redemption.select(Redemption.reverses).where(Redemption.reverses.in_(ids)).tuples() if ids else ()
    return {id for (id,) in rows}


def day_of(now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """From when to when the local day of this moment goes."""
    zone = district().zone
    day = now.astimezone(zone).date()
    return dt.datetime.combine(day, dt.time(), zone), dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)


def _is_there(shop: Shop, client_id: str, n: int) -> bool:
    row = Redemption.get_or_none(Redemption.client_id == number(client_id)) if client_id else None
    if row is None:
        return False
    if row.merchant != shop.merchant.id or row.method != LOOK or row.n != n:
        raise Refused("other", N_("This was already noted otherwise."))
    return True


def _write(shop: Shop, n: int, client_id: str, now: dt.datetime, at: dt.datetime):
    offer = next(iter(redeeming.offers_today(shop.merchant.id, at)), None)
    _note(shop, offer.id if offer else None, n, client_id, now, at)


def _note(shop: Shop, offer: int | None, n: int, client_id: str, now: dt.datetime, at: dt.datetime):
    merchant, day = shop.merchant.id, number_of(at.astimezone(district().zone))
    db.execute_sql(sql(redeeming.ADD_DAY), (merchant, day, offer or 0, n, 0))
    Redemption.create(
        merchant=merchant,
        offer=offer,
        method=LOOK,
        at=at,
        local_date=day,
        n=n,
        client_id=number(client_id) if client_id else None,
        actor=shop.actor,
        lag=(now - at) // dt.timedelta(seconds=1),
    )
    db.execute_sql(sql(redeeming.ADD_MONTH), (day // 100, merchant, LOOK, n, 0))
