"""A code for once, for a phone that cannot make its own: eight digits, good for a minute (security.md §2.5)."""

import datetime as dt
import secrets

from peewee import BlobField, ForeignKeyField, IntegrityError

from models import cards
from models._database import hold, writing
from models._keys import ring
from models._record import MomentField, Record
from models.cards import ACTIVE, WAITING, Card
from models.people import Person

LIFE = dt.timedelta(seconds=60)

DIGITS = 8


class CardOnce(Record):
    """A card's code for once. `digits_hash` is keyed: eight digits alone would be found by trying all. A card has one:
    asking again gives another."""

    card = ForeignKeyField(Card, primary_key=True)
    digits_hash = BlobField(unique=True)
    ends_at = MomentField()


def new_once(card: Card, *, by: Person, at: dt.datetime) -> str:
    """Eight digits for this card, until a minute from now; those before are good no longer.

    A card that waits for its phone need not wait: this one shows it in its own way.
    """
    with writing():
        hold(card.person_id)
        now = Card.get_by_id(card.id)
        if now.state == WAITING:
            cards.move(now, "activated", by=by, at=at, active_at=now.active_at or at)
    while True:
        digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        try:
            with writing():
                CardOnce.delete().where(CardOnce.card == card.id).execute()
                CardOnce.create(card=card, digits_hash=_hash(digits), ends_at=at + LIFE)
            return digits
        except IntegrityError:  # another card has these digits, or the page was asked for twice at this moment
            continue


def find(digits: str) -> CardOnce | None:
    """What these digits stood for, with its card and person; also when they were used or have ended."""
    joined = CardOnce.select(CardOnce, Card, Person).join(Card).join(Person, on=Card.person)
    return joined.where(CardOnce.digits_hash == _hash(digits)).get_or_none()


def by_once(digits: str, now: dt.datetime) -> Card | None:
    """The card of these digits, with its person, while they are good."""
    row = find(digits)
    return row.card if row and row.ends_at > now else None


def take_once(digits: str, now: dt.datetime) -> Card | None:
    """The card of these digits, in the transaction that uses it: of two at once one gets it, the other None. From now
    on they have ended."""
    card = by_once(digits, now)
    ours = CardOnce.digits_hash == _hash(digits), CardOnce.ends_at > now
    if card is None or not CardOnce.update(ends_at=now).where(*ours).execute():
        return None
    return card


def can_have(card: Card) -> bool:
    """Has this card codes for once? It needs no phone that can make its own, so it may still wait for one."""
    return card.state in (WAITING, ACTIVE)


def _hash(digits: str) -> bytes:
    return ring().blind(f"once|{digits}", "actor")
