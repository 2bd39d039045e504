"""Verify and redeem: one transaction, one winner, the same answer for the same press.

What happens most after a visit, so its path is raw SQL as there: one look-up of all that the rules read, then the rows.
"""

import datetime as dt
from typing import NamedTuple

from peewee import IntegrityError

from models import offers, shop_hours, verifying
from models._database import db, hold, sql, writing
from models._record import N_, Refused, from_ms, number_of, to_ms
from models.areas import district, until_changed
from models.caps import Caps, Use, too_far, too_often
from models.merchants import Merchant, MerchantBreak, merchant_of
from models.offers import Offer
from models.redemptions import FAR, PRINTED, Refusal
from models.verifying import Checked
from models.visits import number

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


class Shop(NamedTuple):
    """Who redeems: the merchant, and the actor: a person's id or the negative number of a till."""

    merchant: Merchant
    actor: int


class Given(NamedTuple):
    """What is given, and what was spent in fen, where that was said; or why nothing is given just now. `others` are
    given, in their order, when no portion of the first is left."""

    offer: Offer | None
    amount: int | None = None
    reason: str = ""
    others: tuple[Offer, ...] = ()


class Answer(NamedTuple):
    """What became of it: `id` of the redemption, or of the refusal for this `reason`; `before`: when it was used;
    `saved` what the partner keeps, in fen; `again`: it was there already; `offer`: what was given just now."""

    id: int
    reason: str
    before: dt.datetime | None = None
    saved: int = 0
    again: bool = False
    offer: Offer | None = None


class Lost(Exception):
    """Somebody else was faster, between looking and writing."""


class Day(NamedTuple):
    """A local day of a shop: what it gives on it, at whatever hour, and what is not as always around it."""

    offers: list[Offer]
    breaks: list[MerchantBreak]


@until_changed
def _days() -> dict[tuple[int, dt.date], Day]:
    return {}


def _day_of(merchant: int, now: dt.datetime) -> Day:
    """Asked of the database once between two changes."""
    known, day = _days(), now.astimezone(district().zone).date()
    if (merchant, day) not in known:
        known[merchant, day] = Day(offers.of_day(merchant, day), shop_hours.around(merchant, day))
    return known[merchant, day]


def offers_today(merchant: int, now: dt.datetime) -> list[Offer]:
    """The offers of a shop on this local day, at whatever hour; none while it is paused."""
    return [] if _is_paused(merchant, now) else _day_of(merchant, now).offers


def _is_paused(merchant: int, now: dt.datetime) -> bool:
    breaks = _day_of(merchant, now).breaks
    shop = merchant_of(merchant) if breaks else None
    return bool(shop and shop_hours.pause_of(shop.hours, breaks, now))


def giving(merchant: int, now: dt.datetime, *, offer: int = 0, amount: int | None = None) -> Given:
    """What the shop gives now: the offer that was chosen, else its first; or why there is none."""
    today = offers_today(merchant, now)
    chosen = [one for one in today if one.id == offer] or today
    if not chosen:
        return Given(None, reason=_why_none(merchant, now))
    holding = [one for one in chosen if offers.holds_at(one, now)]
    if not holding:
        return Given(None, reason="later")
    first, *others = holding
    return Given(first, amount, "least" if amount is not None and amount < first.least else "", tuple(others))


def _why_none(merchant: int, now: dt.datetime) -> str:
    day = now.astimezone(district().zone).date()
    if _is_paused(merchant, now):
        return "paused"
    return "service-day" if offers.standing([merchant], day).exists() else "no-offer"


def redeem(
    shop: Shop, checked: Checked, given: Given, *, client_id: str, now: dt.datetime, at: dt.datetime | None = None
) -> Answer:
    """Use the card at the shop, once; a refusal is a row too. `at`: when, if that was a while ago.

    Raises Refused("other") when the id belongs to another shop, Busy.
    """
    press = number(client_id) if client_id else None
    reason = checked.reason or given.reason
    for patience in (3, 2, 1, 0):
        try:
            with writing():
                return _redeem(shop, checked, given, reason, press, at or now, now)
        except Lost as lost:
            reason = str(lost)
        except IntegrityError:  # on PostgreSQL somebody else brought the same code or id at this moment: look again
            if not patience:
                raise
    raise AssertionError


def _redeem(
    shop: Shop, checked: Checked, given: Given, reason: str, press, at: dt.datetime, now: dt.datetime
) -> Answer:
    person = checked.card.person_id if checked.card else None
    hold(*[person] if person else [])
    found = _look_up(checked, person, press, at)
    if found.same:
        return found.same_answer(shop)
    zone, caps, merchant = district().zone, Caps.of(district().card), shop.merchant
    uses = found.uses(zone)
    if found.code and reason in ("", "past", "used"):
        here = found.code[0] == merchant.id
        reason = "taken-back" if found.taken_back(uses) else "used-here" if here else "used"
        return _deny(shop, checked, reason, press, now, from_ms(found.code[1]))
    if any(use.at == checked.over_at and use.merchant == merchant.id for use in uses):
        return _deny(shop, checked, "used-here", press, now, checked.over_at)
    if reason:
        return _deny(shop, checked, "stale" if reason == "past" else reason, press, now)
    local, printed = at.astimezone(zone), checked.method == PRINTED
    reason = too_often(uses, merchant.id, local, caps, printed=printed, new_since=checked.new_since)
    if reason:
        before = [use.at for use in uses if use.merchant == merchant.id]
        return _deny(shop, checked, reason, press, now, before[-1] if before else None)
    flag = FAR if too_far(uses, _positions(uses, merchant), merchant.id, local, caps) else 0
    return _write(shop, checked, given, press, at, now, flag)


def _write(shop: Shop, checked: Checked, given: Given, press, at: dt.datetime, now: dt.datetime, flag: int) -> Answer:
    """The rows of a use. Raises Lost when a portion, the code or the card went to somebody else meanwhile."""
    card, key, day = checked.card, checked.key, number_of(at.astimezone(district().zone))
    assert given.offer and card
    offer, saved = _give(shop, given, day)
    if not verifying.take(checked, now):
        raise Lost("used")
    if not db.execute_sql(sql(USE_CARD), (1, saved, card.id)).rowcount:
        raise Lost("stopped")
    who = (shop.merchant.id, offer.id, card.person_id, card.id, key.id if key else None, checked.step, checked.method)
    what = (
        to_ms(at),
        day,
        1,
        given.amount,
        saved,
        press,
        shop.actor,
        (now - at) // dt.timedelta(seconds=1),
        flag,
        None,
    )
    [(id,)] = db.execute_sql(sql(ADD), who + what).fetchall()
    db.execute_sql(sql(ADD_MONTH), (day // 100, shop.merchant.id, checked.method, 1, saved))
    return Answer(id, "", saved=saved, offer=offer)


def _give(shop: Shop, given: Given, day: int) -> tuple[Offer, int]:
    """The first offer of which a portion is left takes one: it, and what is saved. Raises Lost("sold-out")."""
    for offer in filter(None, (given.offer, *given.others)):
        saved = offers.saved(offer, given.amount)
        try:
            add_day(shop.merchant.id, day, offer, 1, saved)
        except Lost:  # nothing was written: the next one, please
            continue
        return offer, saved
    raise Lost("sold-out")


def add_day(merchant: int, day: int, offer: Offer, n: int, saved: int):
    """Count it among the day's. Raises Lost("sold-out") when no portion is left."""
    row, most = (merchant, day, offer.id, n, saved), offer.daily
    if most is None:
        db.execute_sql(sql(ADD_DAY), row)
    elif (
        most < 1
        or not db.execute_sql(sql(ADD_DAY + " WHERE redemption_day.n < ? RETURNING n"), (*row, most)).fetchall()
    ):
        raise Lost("sold-out")


def _deny(
    shop: Shop, checked: Checked, reason: str, press, now: dt.datetime, before: dt.datetime | None = None
) -> Answer:
    verifying.remember(checked, now)
    card = checked.card
    row = Refusal.create(
        merchant=shop.merchant.id,
        actor=shop.actor,
        at=now,
        reason=reason,
        method=checked.method,
        person=card.person_id if card else None,
        card=card.id if card else None,
        client_id=press,
        before=before,
    )
    return Answer(row.id, reason, before)


# What the rules read, in one statement.


class _Found(NamedTuple):
    same: tuple | None
    code: tuple | None
    rows: list[tuple]

    def same_answer(self, shop: Shop) -> Answer:
        merchant, _, id, reason, before = self.same or (0, 0, 0, "", None)
        if merchant != shop.merchant.id:
            raise Refused("other", N_("This was already noted at another shop."))
        return Answer(id, reason, from_ms(before) if before else None, again=True)

    def undone(self) -> set[int]:
        return {reverses for *_, reverses in self.rows if reverses}

    def uses(self, zone) -> list[Use]:
        """The uses that were not taken back, by time."""
        undone = self.undone()
        return [
            Use(merchant, from_ms(at).astimezone(zone), method == PRINTED)
            for merchant, at, id, method, reverses in sorted(self.rows, key=lambda row: row[1])
            if not reverses and id not in undone
        ]

    def taken_back(self, uses: list[Use]) -> bool:
        """Was the use of this code taken back? After a change of the offer a row of the same moment stands for it."""
        merchant, at, id, *_ = self.code or (0, 0, 0)
        return id in self.undone() and not any(use.merchant == merchant and to_ms(use.at) == at for use in uses)


def _look_up(checked: Checked, person: int | None, press: int | None, at: dt.datetime) -> _Found:
    key = checked.key.id if checked.key else None
    asked = (press, press, key, checked.method, checked.step, person, to_ms(at - DAY - HOUR), to_ms(at + DAY))
    same, code, rows = None, None, []
    for what, *row in db.execute_sql(sql(LOOK_UP), asked).fetchall():
        if what <= REFUSED:
            same = tuple(row)
        elif what == CODE:
            code = tuple(row)
        else:
            rows.append((*row[:3], int(row[3]), row[4]))
    return _Found(same, code, rows)


def _positions(uses: list[Use], here: Merchant) -> dict[int, tuple[float, float]]:
    """Where the shops of these uses are, if there are others than this one."""
    others = {use.merchant for use in uses} - {here.id}
    if not others:
        return {}
    rows = Merchant.select(Merchant.id, Merchant.lat, Merchant.lng).where(Merchant.id.in_(others)).tuples()
    return {id: (lat, lng) for id, lat, lng in rows} | {here.id: (here.lat, here.lng)}


SAME, REFUSED, CODE, USE = 0, 1, 2, 3

LOOK_UP = """SELECT 0, merchant, at, id, '', NULL FROM redemption WHERE client_id = ?
UNION ALL SELECT 1, merchant, at, id, reason, before FROM refusal WHERE client_id = ?
UNION ALL SELECT 2, merchant, at, id, '', NULL FROM redemption WHERE card_key = ? AND method = ? AND step = ?
UNION ALL SELECT 3, merchant, at, id, CAST(method AS VARCHAR(9)), reverses FROM redemption
WHERE person = ? AND at > ? AND at < ?"""

ADD = """INSERT INTO redemption (merchant, offer, person, card, card_key, step, method, at, local_date, n, amount,
saved, client_id, actor, lag, flag, reverses) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"""

ADD_DAY = """INSERT INTO redemption_day (merchant, local_date, offer, n, saved) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (merchant, local_date, offer) DO UPDATE SET n = redemption_day.n + excluded.n,
saved = redemption_day.saved + excluded.saved"""

ADD_MONTH = """INSERT INTO redemption_month (month, merchant, method, n, saved) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (month, merchant, method) DO UPDATE SET n = redemption_month.n + excluded.n,
saved = redemption_month.saved + excluded.saved"""

USED_CARD = "UPDATE card SET uses = uses + ?, saved = saved + ? WHERE id = ?"

USE_CARD = USED_CARD + " AND state IN ('active', 'waiting')"
