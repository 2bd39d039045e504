"""Moves of a card in which its keys have a part: lost, stopped, in use again, renewed, closed with its account."""

import datetime as dt

from models import card_keys, cards
from models._database import hold, writing
from models._record import N_, Refused
from models.areas import district
from models.cards import ACTIVE, EXPIRED, STOPPED, WAITING, Card
from models.people import Person


def lose(card: Card, *, by: Person, at: dt.datetime):
    """It was lost: nothing shows it any more, from this moment on. Twice is once."""
    with writing():
        if cards.move(card, "lost", by=by, at=at):
            card_keys.end_all(card, at)


def stop(card: Card, why: str, *, by: Person, at: dt.datetime):
    """Not in use until an officer says otherwise; the phone keeps its key. Raises Refused: `why`, `move`."""
    why = " ".join(why.split())[:200]
    if not why:
        raise Refused("why", N_("Please write why, in a few words."))
    cards.move(card, "stopped", by=by, at=at, why=why)


def resume(card: Card, *, by: Person, at: dt.datetime):
    """In use again, as it was before. Raises Refused("move")."""
    _back(card, "resumed", by=by, at=at)


def renew(card: Card, *, by: Person, at: dt.datetime):
    """Valid for another while. Raises Refused: `early`, `move`."""
    with writing():
        hold(card.person_id)
        now = Card.get_by_id(card.id)
        if now.state in cards.MOVES["renewed"][0] and not now.can_renew(at.astimezone(district().zone).date()):
            raise Refused("early", N_("The card is valid for a good while yet. It is renewed in its last 30 days."))
        _back(card, "renewed", by=by, at=at, valid_to=cards.renewed_to(now, at))


def _back(card: Card, what: str, *, by: Person, at: dt.datetime, **more):
    """To waiting, or, where there is a key, straight to active."""
    with writing():
        moved = cards.move(card, what, by=by, at=at, **more)
        if moved and card_keys.has_one(card):
            Card.update(state=ACTIVE).where(Card.id == card.id).execute()
            card.state = ACTIVE


def close(person: Person, *, at: dt.datetime) -> bool:
    """The person's account is closed: so are the keys, and the card stops. Did it?"""
    card = Card.of(person)
    if card is None:
        return False
    card_keys.end_all(card, at)
    return card.state in (WAITING, ACTIVE, EXPIRED) and cards.move(card, "stopped", by=person, at=at, why="closed")


def reopen(person: Person, *, at: dt.datetime):
    """The closing was undone: the card that it stopped waits for a phone again."""
    if (card := Card.of(person)) and card.state == STOPPED:
        cards.move(card, "resumed", by=person, at=at)
