"""How offers change: an owner asks, the district looks, and whoever owns the shop may stop at any moment."""

import datetime as dt

from models._database import hold, writing
from models._record import N_, Page, Refused, date_of, number_of
from models.areas import Revision
from models.merchants import LISTED, Merchant
from models.offers import APPROVED, ASKED, ENDED, REFUSED, Offer, words
from models.openings import today
from models.people import Person
from models.visits import number

MOVES = {
    "approve": ({ASKED}, APPROVED),
    "refuse": ({ASKED}, REFUSED),
    "end": ({ASKED, APPROVED}, ENDED),
}
"""The district approves or refuses, the owner (or a newer offer in its place) ends: move → from, to."""

MOST = 12
"""Offers of a shop that hold or are looked at, at the same time: more nobody reads."""


def ask(
    merchant: Merchant,
    facts: dict,
    *,
    by: Person | None,
    at: dt.datetime,
    client_id: str = "",
    replaces: Offer | None = None,
) -> Offer:
    """A new offer, or one that takes the place of another once somebody has looked at it (of an earlier wish for the
    same place at once). The same form again is the same offer.

    `facts` as offer_facts.check makes them. Raises Refused: "many", "over" for one that does not hold any more.
    """
    press = number(client_id) if client_id else None
    with writing():
        hold(merchant.lock)
        if press is not None and (before := Offer.get_or_none(Offer.client_id == press)):
            return before
        if replaces:
            _make_room(merchant, Offer.get_by_id(replaces.id), by, at)
        elif _alive(merchant, at).count() >= MOST:
            raise Refused("many", N_("Twelve offers are enough. Please end one first."))
        asked = {"state": ASKED, "asked_at": at, "asked_by": by, "client_id": press, "replaces": replaces}
        offer = Offer.create(merchant=merchant, **facts, **asked)
        merchant.note(f"offer {offer.id} asked: {words(offer, today(at))}", by=by, at=at)
        return offer


def _alive(merchant: Merchant, at: dt.datetime):
    """The offers that hold or are to hold, and those that are looked at; a query."""
    mine = Offer.select().where(Offer.merchant == merchant, Offer.state.in_((ASKED, APPROVED)))
    return mine.where(Offer.last_on.is_null() | (Offer.last_on >= number_of(today(at))))


def _make_room(merchant: Merchant, former: Offer, by: Person | None, at: dt.datetime):
    if former.merchant_id != merchant.id or former.state != APPROVED:
        raise Refused("over", N_("This offer does not hold any more. Please ask for a new one."))
    for wish in Offer.select().where(Offer.replaces == former, Offer.state == ASKED):
        _move(wish, "end", "", by, at)


def settle(offer: Offer, move: str, *, by: Person, at: dt.datetime, why: str = "") -> Offer:
    """Somebody has looked at it: "approve" or "refuse" (with a few kind words). Twice is once.

    Raises Refused: "why", "moved" when somebody said otherwise meanwhile.
    """
    why = why.strip()[:200]
    if move == "refuse" and not why:
        raise Refused("why", N_("Please say in a few words why."))
    return _moved(offer, move, why, by, at)


def end(offer: Offer, *, by: Person, at: dt.datetime) -> Offer:
    """From now on it does not hold, or is not asked for, any more: stopping needs nobody's leave. Twice is once."""
    return _moved(offer, "end", "", by, at)


def _moved(offer: Offer, move: str, why: str, by: Person, at: dt.datetime) -> Offer:
    with writing():
        hold(offer.merchant.lock)
        now = Offer.get_by_id(offer.id)
        before, after = MOVES[move]
        if now.state == after:
            return now
        if now.state not in before:
            raise Refused("moved", N_("Somebody has changed this meanwhile. Please look at it once more."))
        if move == "approve":
            _not_twice_today(now, at)
            _give_way(now, by, at)
        return _move(now, move, why, by, at)


def _not_twice_today(new: Offer, at: dt.datetime):
    """Portions are counted by offer: one that takes a place in the middle of a day would begin to count anew. So a
    limited one begins on the next day."""
    day, following = (number_of(today(at) + dt.timedelta(days=n)) for n in (0, 1))
    holds = any(one.first_on <= day and (not one.last_on or one.last_on >= day) for one in _in_its_place(new))
    if holds and new.daily is not None and new.first_on <= day and (not new.last_on or new.last_on > day):
        new.first_on = following
        new.save(only=[Offer.first_on])


def _give_way(new: Offer, by: Person, at: dt.datetime):
    """What stood in the place of a new offer ends, or holds until the day before where that one begins later."""
    day_before = number_of(date_of(new.first_on) - dt.timedelta(days=1))
    for one in _in_its_place(new):
        if new.last_on and new.last_on < one.first_on:
            continue  # it comes afterwards
        if one.first_on > day_before or new.first_on <= number_of(today(at)):
            _move(one, "end", "", by, at)
        elif one.last_on is None or one.last_on > day_before:
            one.last_on = day_before
            one.save(only=[Offer.last_on])
            one.merchant.note(f"offer {one.id} {one.state}: {words(one, today(at))}", by=by, at=at, kind="moved")


def _in_its_place(new: Offer) -> list[Offer]:
    """The approved offers that this one was asked for in the place of, and what else was to take that place."""
    ids, former = [], new.replaces
    while former is not None:
        ids.append(former.id)
        former = former.replaces
    same = Offer.id.in_(ids) | Offer.replaces.in_(ids)
    return list(Offer.select().where(same, Offer.state == APPROVED, Offer.id != new.id)) if ids else []


def approve_first(merchant: Merchant, *, by: Person, at: dt.datetime):
    """What a shop asked for with its application, in the transaction that takes it in."""
    for offer in Offer.select().where(Offer.merchant == merchant, Offer.state == ASKED):
        _move(offer, "approve", "", by, at)


def _move(offer: Offer, move: str, why: str, by: Person | None, at: dt.datetime) -> Offer:
    offer.state, offer.why = MOVES[move][1], why
    offer.settled_at, offer.settled_by = at, by
    offer.save(only=[Offer.state, Offer.why, Offer.settled_at, Offer.settled_by])
    offer.merchant.note(f"offer {offer.id} {offer.state}: {why or words(offer, today(at))}", by=by, at=at, kind="moved")
    Revision.bump()
    return offer


def of(merchant: Merchant, page: int = 1) -> Page:
    """All offers of a shop, the newest first."""
    return Page(Offer.select().where(Offer.merchant == merchant).order_by(Offer.id.desc()), page)


def waiting(towns: list[str] | None):
    """The asked offers of shops that take part, in these towns (None: all), the oldest first; a query."""
    rows = Offer.select(Offer, Merchant).join(Merchant, on=Offer.merchant)
    rows = rows.where(Offer.state == ASKED, Merchant.state == LISTED)
    rows = rows.where(Merchant.town.in_(towns)) if towns is not None else rows
    return rows.order_by(Offer.asked_at, Offer.id)
