"""R12: ten dishonest merchants type 100,000 numbers in 30 days, among 20,000 cards: none fits, and the locks are seen."""

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec

from models import card_code, card_keys, verifying
from models._database import writing
from models._record import insert_facts, random_code
from models.card_keys import CardKey
from models.cards import ACTIVE, Card, number_for
from tests.promises import _spoil
from tests.promises._district import NOON, people, small

SEED, CARDS, MERCHANTS, DAYS, GUESSES = 12, 20_000, 10, 30, 100_000


def run(spoilt: bool, short: bool):
    if spoilt:
        _spoil.no_limits()
    cards, guesses = (300, 7_500) if short else (CARDS, GUESSES)
    chance = Random(SEED)
    with tempfile.TemporaryDirectory(prefix="r12") as folder, small(Path(folder)):
        _make_cards(cards)
        said: Counter = Counter()
        each = -(-guesses // (MERCHANTS * DAYS))
        for day in range(DAYS):
            for merchant in range(MERCHANTS):
                for n in range(each):
                    now = NOON + dt.timedelta(days=day, seconds=n * (36_000 // each))
                    last4, digits = f"{chance.randrange(10_000):04}", f"{chance.randrange(1_000_000):06}"
                    said[verifying.check_typed(last4, digits, merchant, now).reason] += 1
    tried, locked = said["typed-wrong"], said["typed-locked"]
    hits = sum(said.values()) - tried - locked
    most = MERCHANTS * DAYS * 20
    figure = (
        f"{sum(said.values()):,} guesses at {cards:,} cards: {tried:,} looked at (at most {most:,}), {locked:,} locked out,"
        f" {hits} fitted (seed {SEED});"
    )
    return hits == 0 and locked > 0 and tried <= most, figure


def _make_cards(count: int):
    """Cards in use on phones, as many as there are people."""
    someone = ec.generate_private_key(ec.SECP256R1())
    public, (kid, _) = card_code.public_of(someone), card_keys.our_half()
    persons = people(count)
    with writing():
        facts = {"state": ACTIVE, "town": None, "asked_at": NOON, "valid_to": 20251231, "moved_at": NOON}
        insert_facts(
            Card,
            [
                {"ref": random_code(), "number": number_for(24, n + 1), "person": person.id} | facts
                for n, person in enumerate(persons)
            ],
        )
        same = {"kind": "phone", "public": public, "kid": kid, "made_at": NOON, "seen_at": NOON}
        rows = Card.select(Card.id).order_by(Card.id).tuples()
        insert_facts(
            CardKey,
            [{"card": id, "code": random_code(8), "device_id": f"{n:036}"} | same for n, (id,) in enumerate(rows)],
        )
