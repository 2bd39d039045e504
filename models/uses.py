"""What a partner sees of their card: where it was used and what it saved; and for how long we know it."""

import datetime as dt

from peewee import fn

from models._database import writing
from models._record import Page, to_ms
from models.cards import Card
from models.people import Person
from models.redemptions import Redemption

KNOWN = dt.timedelta(days=180)
"""How long a use knows whose it was; what was saved stays with the card."""

PIECE = 500
"""Rows in one transaction."""


def of(person: Person, page: int = 1) -> Page:
    """A partner's uses, the newest first, without those that were taken back."""
    mine = Redemption.select().where(Redemption.person == person.id, Redemption.n > 0, Redemption.stands())
    return Page(mine.order_by(Redemption.at.desc(), Redemption.id.desc()), page)


def sums(person: Person) -> tuple[int, int]:
    """How often all cards of theirs were used, and how much that saved, in fen."""
    told = Card.select(fn.COALESCE(fn.SUM(Card.uses), 0), fn.COALESCE(fn.SUM(Card.saved), 0))
    uses, saved = told.where(Card.person == person.id).tuples().get()
    return int(uses), int(saved)


def known_before(before: dt.datetime):
    """The condition that a use from before then still knows whose it was."""
    return Redemption.person.is_null(False) & (Redemption.at < to_ms(before))


def forget_persons(now: dt.datetime) -> int:
    """Take the person and the card off some uses of half a year ago; off how many. Rows and totals stay."""
    some = [id for (id,) in Redemption.select(Redemption.id).where(known_before(now - KNOWN)).limit(PIECE).tuples()]
    if not some:
        return 0
    with writing():
        gone = {"person": None, "card": None, "card_key": None, "step": None}
        return Redemption.update(gone).where(Redemption.id.in_(some)).execute()
