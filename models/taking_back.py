"""Taking a use back, or changing what was given: for a minute, and as rows of their own.

Rows are taken as models/redeeming.py takes them, days by offer, the card, the month: else two wait for each other.
"""

import datetime as dt

from models import offers, redeeming
from models._database import db, hold, sql, writing
from models._record import N_, Refused, to_ms
from models.redeeming import Shop
from models.redemptions import UNDO, Redemption
from models.visits import number


def undo(shop: Shop, id: int, *, now: dt.datetime) -> int:
    """Within a minute: a row that takes it back, with all it counted; the id of what was taken back. Twice is once.

    Raises Refused: "gone" for one that is not this shop's, "late".
    """
    with writing():
        hold(id)
        row = Redemption.get_or_none(Redemption.id == id, Redemption.merchant == shop.merchant.id, Redemption.n == 1)
        if row is None:
            raise Refused("gone", N_("This was not noted at your shop."))
        if Redemption.select().where(Redemption.reverses == id).exists():
            return id
        if now > row.at + dt.timedelta(seconds=row.lag) + UNDO:
            raise Refused("late", N_("More than a minute has passed, so it stays."))
        _reverse(shop, row, now)
    return id


def instead(shop: Shop, id: int, offer: int, amount: int | None, *, client_id: str, now: dt.datetime) -> int:
    """Within a minute: another offer or amount for the same use; the id of the row that counts now.

    Raises Refused: "gone", "late", "other" for an offer that does not hold now, "least", "sold-out".
    """
    with writing():
        hold(id)
        if before := Redemption.get_or_none(Redemption.client_id == number(client_id)):
            return before.id
        given = redeeming.giving(shop.merchant.id, now, offer=offer, amount=amount)
        if given.offer is None or given.offer.id != offer:
            raise Refused("other", N_("This offer is not for now."))
        if given.reason:
            raise Refused(given.reason, N_("It is less than the offer begins with."))
        if Redemption.select().where(Redemption.reverses == id).exists():
            raise Refused("gone", N_("This was taken back already."))
        row, saved = Redemption.get_by_id(id), offers.saved(given.offer, amount)
        for one in sorted({row.offer or 0, offer}):  # both rows in this order: somebody else may want both as well
            db.execute_sql(sql(redeeming.ADD_DAY), (row.merchant, row.local_date, one, 0, 0))
        undo(shop, id, now=now)
        try:
            redeeming.add_day(shop.merchant.id, row.local_date, given.offer, 1, saved)
        except redeeming.Lost:
            raise Refused("sold-out", N_("Today's portions are gone.")) from None
        db.execute_sql(sql(redeeming.USED_CARD), (1, saved, row.card))
        who = (row.merchant, offer, row.person, row.card, row.card_key, None, row.method)
        what = (to_ms(row.at), row.local_date, 1, amount, saved, number(client_id), shop.actor, row.lag, row.flag, None)
        [(new,)] = db.execute_sql(sql(redeeming.ADD), who + what).fetchall()
        db.execute_sql(sql(redeeming.ADD_MONTH), (row.local_date // 100, row.merchant, row.method, 1, saved))
    return new


def _reverse(shop: Shop, row: Redemption, now: dt.datetime):
    add = (row.merchant, row.local_date, row.offer or 0, -row.n, -row.saved)
    db.execute_sql(sql(redeeming.ADD_DAY), add)
    if row.card:
        db.execute_sql(sql(redeeming.USED_CARD), (-row.n, -row.saved, row.card))
    db.execute_sql(sql(redeeming.ADD_MONTH), (row.local_date // 100, row.merchant, row.method, -row.n, -row.saved))
    who = (row.merchant, row.offer, row.person, row.card, row.card_key, None, row.method)
    what = (to_ms(now), row.local_date, -row.n, row.amount, -row.saved, None, shop.actor, 0, 0, row.id)
    db.execute_sql(sql(redeeming.ADD), who + what)
