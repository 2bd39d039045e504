"""How a shop takes part: somebody applies, the district looks, each year once more, and one day it leaves."""

import datetime as dt
from typing import NamedTuple

from peewee import fn

from models import granting, invitations, offer_changes
from models._database import hold, writing
from models._record import N_, Page, Refused, number_of
from models._trail import Trail
from models.areas import Revision, district
from models.merchants import APPLIED, ASKED, LEFT, LISTED, REFUSED, Merchant, categories, sought_of
from models.offers import Offer
from models.openings import today
from models.people import Person, RoleGrant
from models.visits import number

OWNER = "merchant"
"""The role of who owns a shop; its place is the shop's code."""

MOVES = {
    "ask": ({APPLIED}, ASKED),
    "answer": ({ASKED}, APPLIED),
    "approve": ({APPLIED, ASKED}, LISTED),
    "refuse": ({APPLIED, ASKED}, REFUSED),
    "leave": ({LISTED}, LEFT),
    "return": ({LEFT}, LISTED),
}
"""The district asks back, the applicant answers, the district takes it in or says why not; it leaves by the owner's
wish or the district's, and may come back: move → from, to."""

SAYS_WHY = {"ask", "refuse", "leave"}
"""Moves that are told in words to whom they are about."""

YEARLY = dt.timedelta(days=365)
"""How long after a look the next is due."""

REMEMBERED = dt.timedelta(days=365)
"""How long an application is kept that came to nothing."""

CODES = 2**63 - 21
"""What is held while a shop gets its code."""


class Joined(NamedTuple):
    """A shop that was taken in, and the token of the owner's invitation where nobody of ours owns it yet ('')."""

    merchant: Merchant
    token: str


def application(client_id: str) -> Merchant | None:
    """What became of this form, if it was sent before."""
    return Merchant.get_or_none(Merchant.client_id == number(client_id)) if client_id else None


def apply(facts: dict, offer: dict, *, by: Person | None, at: dt.datetime, client_id: str = "") -> Merchant:
    """Somebody wants to take part; the same form again is the same application.

    `facts` as shop_facts.check makes them, `offer` as offer_facts.check.
    """
    press = number(client_id) if client_id else None
    with writing():
        if press is not None:
            hold(press)
        if before := application(client_id):
            return before
        said = dict(facts)
        phone = said.pop("contact_phone")
        merchant = Merchant(**said, state=APPLIED, applicant=by, client_id=press, applied_at=at)
        merchant.contact_phone, merchant.sought = phone, _sought(merchant)
        merchant.save(force_insert=True)
        merchant.note(f"applied: {merchant.name}", by=by, at=at)
        offer_changes.ask(merchant, offer, by=by, at=at)
    return merchant


def approve(merchant: Merchant, place: dict | None = None, *, by: Person, at: dt.datetime) -> Joined:
    """It takes part from now on, with its code and what it offered; the owner gets the role, or an invitation to it.

    `place`: where it is, if nobody had told (lat, lng, coord_src). By two at once it gets one code. Twice is once,
    and makes no second invitation. Raises Refused: "moved", "self".
    """
    with writing():
        hold(merchant.lock, CODES)
        now = _may(merchant, "approve")
        if now.state == LISTED:
            return Joined(now, "")
        now.code = now.code or _next_code()
        now.state, now.approved_at, now.why = LISTED, at, ""
        now.reviewed_on = number_of(today(at))
        for column, value in (place or {}).items():
            setattr(now, column, value)
        now.save()
        now.note(f"approved: {now.name}, ref {now.ref}", by=by, at=at, kind="moved")
        offer_changes.approve_first(now, by=by, at=at)
        token = _give_to_owner(now, by, at)
        Revision.bump()
    return Joined(now, token)


def _give_to_owner(merchant: Merchant, by: Person, at: dt.datetime) -> str:
    owner = merchant.applicant or Person.by_phone(merchant.contact_phone or "")
    if owner and owner.state != "closed":
        granting.give(owner, OWNER, merchant.code or "", ends_at=None, by=by, at=at)
        return ""
    return invite(merchant, by=by, at=at)


def invite(merchant: Merchant, *, by: Person, at: dt.datetime) -> str:
    """A link for who owns a shop; the one of before ends with seven days. Returns its token, known this once."""
    with writing():
        made = invitations.invite(OWNER, merchant.code or "", grant_ends_at=None, by=None, at=at)
        merchant.note("owner invited", by=by, at=at)
    return made.token


def move(merchant: Merchant, step: str, why: str = "", *, by: Person | None, at: dt.datetime) -> Merchant:
    """One of MOVES but "approve"; `why` is a question, a reason or an answer, in words. Twice is once.

    Raises Refused: "why" where words are needed, "moved".
    """
    why = " ".join(why.split())[:200]
    if step in SAYS_WHY and not why:
        raise Refused("why", N_("Please say it in a few words."))
    with writing():
        hold(merchant.lock)
        now = _may(merchant, step)
        if now.state == MOVES[step][1]:
            return now
        now.state, now.why = MOVES[step][1], why
        now.left_at = at if step == "leave" else None
        now.save()
        now.note(f"{now.state}: {why}" if why else now.state, by=by, at=at, kind="moved")
        if LISTED in (now.state, *MOVES[step][0]):
            Revision.bump()
    return now


def review(merchant: Merchant, *, by: Person, at: dt.datetime):
    """The yearly look: all is as it should be. Twice on a day is once. Raises Refused("moved")."""
    with writing():
        hold(merchant.lock)
        now = Merchant.get_by_id(merchant.id)
        if now.state != LISTED:
            raise Refused("moved", MEANWHILE)
        if now.reviewed_on != number_of(today(at)):
            Merchant.update(reviewed_on=number_of(today(at))).where(Merchant.id == now.id).execute()
            now.note("looked at", by=by, at=at)


def put_at(merchant: Merchant, place: dict, *, by: Person, at: dt.datetime):
    """Where it is (lat, lng, coord_src), as somebody of the office has found out."""
    with writing():
        hold(merchant.lock)
        now = Merchant.get_by_id(merchant.id)
        if all(getattr(now, column) == value for column, value in place.items()):
            return
        Merchant.update(place).where(Merchant.id == merchant.id).execute()
        now.note(f"place: {place['lat']}, {place['lng']}", by=by, at=at)
        Revision.bump()


MEANWHILE = N_("Somebody has changed this meanwhile. Please look at it once more.")


def _may(merchant: Merchant, step: str) -> Merchant:
    """The shop as it is now, if this step is one for it or was taken already."""
    now, (before, after) = Merchant.get_by_id(merchant.id), MOVES[step]
    if now.state not in before and now.state != after:
        raise Refused("moved", MEANWHILE)
    return now


def _next_code() -> str:
    """The prefix of the settings and the number after the highest; three figures at least."""
    prefix = district().merchant_prefix
    last = Merchant.select(Merchant.code).where(Merchant.code.startswith(prefix))
    last = last.order_by(fn.LENGTH(Merchant.code).desc(), Merchant.code.desc()).tuples().first()
    return f"{prefix}{int(last[0][len(prefix) :]) + 1 if last else 1:03}"


def _sought(merchant: Merchant) -> str:
    one = merchant
    return sought_of(one.name, one.name_en, one.address, one.address_en, categories()[one.category_id])


def forget_refused(at: dt.datetime) -> int:
    """Applications that were refused long ago go, with what they offered; some of them, how many."""
    old = Merchant.select(Merchant.id).where(Merchant.state == REFUSED, Merchant.applied_at < at - REMEMBERED)
    with writing():
        ids = [id for (id,) in old.limit(200).tuples()]
        Offer.delete().where(Offer.merchant.in_(ids)).execute()
        return Merchant.delete().where(Merchant.id.in_(ids), Merchant.state == REFUSED).execute() if ids else 0


# What waits for the district.


def found(towns: list[str] | None, text: str = "", state: str = LISTED):
    """The shops of these towns (None: of all) in one state in which the words stand; a query, by code or age."""
    rows = Merchant.select().where(Merchant.state == state)
    rows = rows.where(Merchant.town.in_(towns)) if towns is not None else rows
    for word in text.lower().split():
        rows = rows.where(Merchant.sought.contains(word) | Merchant.code.contains(word))
    return rows.order_by(Merchant.code) if state in (LISTED, LEFT) else rows.order_by(Merchant.applied_at, Merchant.id)


def due(towns: list[str] | None, at: dt.datetime):
    """The shops that nobody has looked at for a year, the longest first; a query."""
    before = number_of(today(at) - YEARLY)
    rows = Merchant.listed().where(Merchant.reviewed_on < before)
    rows = rows.where(Merchant.town.in_(towns)) if towns is not None else rows
    return rows.order_by(Merchant.reviewed_on, Merchant.id)


def history(merchant: Merchant, page: int = 1) -> Page:
    """What the trail says about a shop, before and since it had its code, newest first."""
    subjects = [f"merchant:{name}" for name in (merchant.ref, merchant.code) if name]
    return Page(Trail.select().where(Trail.subject.in_(subjects)).order_by(Trail.at.desc(), Trail.seq.desc()), page)


def owners(merchant: Merchant, *, at: dt.datetime) -> list[Person]:
    """Who owns it now; never many."""
    if not merchant.code:
        return []
    mine = RoleGrant.role == OWNER, RoleGrant.scope == merchant.code, RoleGrant.alive(at)
    return list(Person.select().join(RoleGrant, on=RoleGrant.person == Person.id).where(*mine).limit(20))
