"""A phone that holds a card, as static/js/card-*.js does it: its half of the key, and the codes that it shows."""

import datetime as dt

from cryptography.hazmat.primitives.asymmetric import ec

from models import card_code, card_keys, cards
from models._database import writing
from models._keys import ring
from models.cards import Card
from models.people import Employment


class CardPhone:
    """`private` is its half; `key`, `code` and `device_id` come with the server's receipt."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = card_code.public_of(self.private)

    def enrol(self, card: Card, *, at: dt.datetime) -> card_keys.CardKey:
        kid, half = card_keys.our_half()
        key = card_keys.enrol(card, self.public, kid, by=card.person, at=at)
        self.take(key.code, key.device_id, half)
        return key

    def take(self, code: str, device_id: str, half: bytes):
        self.code, self.device_id = code, device_id
        self.key = card_code.key_of(self.private, half, code, device_id)

    def payload(self, at: dt.datetime) -> str:
        return card_code.payload(self.key, self.code, int(at.timestamp()) // 30)

    def number(self, at: dt.datetime) -> str:
        return card_code.number(self.key, self.code, int(at.timestamp()) // 60)


def works(person, at: dt.datetime):
    """They have said what they work in: before that nobody gets a card."""
    with writing():
        if Employment.now(person) is None:
            Employment.put(person, "food", at=at)


def card_of(person, at: dt.datetime) -> Card:
    works(person, at)
    return cards.issue(person, by=person, at=at)


def with_phone(person, at: dt.datetime) -> tuple[Card, CardPhone]:
    """A valid card, and the phone that shows it."""
    card, phone = card_of(person, at), CardPhone()
    phone.enrol(card, at=at)
    return Card.get_by_id(card.id), phone


def half_of(kid: str) -> bytes:
    return card_code.public_of(card_code.private_of(ring().keys["card"][kid]))
