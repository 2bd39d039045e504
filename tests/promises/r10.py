"""R10: of 200,000 random and 1,000,000 changed codes none is taken, none of 10,000 taken ones twice, no screenshot after 90 s, and who has the database makes none."""

import datetime as dt
import tempfile
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec

from models import card_code, card_keys, redeeming, verifying
from models._record import CROCKFORD
from models.card_clock import Clock, judge, step_of
from models.card_code import parse
from models.card_keys import CardKey
from tests._till import Holder, make_shop
from tests.promises import _spoil
from tests.promises._district import NOON, no_caps, people, small

SEED = 10
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


def run(spoilt: bool, short: bool):
    if spoilt:
        _spoil.any_tag()
    scale = 100 if short else 1
    chance = Random(SEED)
    with tempfile.TemporaryDirectory(prefix="r10") as folder, small(Path(folder)):
        no_caps()
        phones = [Holder(person, NOON) for person in people(50)]
        shops = [make_shop(f"AX9{n:02}", NOON) for n in range(10)]
        found = {
            "random": _random_ones(200_000 // scale, chance),
            "changed": _changed(phones, 1_000_000 // scale, chance),
            "screenshots": _screenshots(phones, shops, 1_000 // scale),
            "by the database": _by_the_database(phones, shops[0], chance),
            "clocks": _clocks(),
        }
        taken, twice = _replayed(phones, shops, 10_000 // scale)
    wrong = {what: n for what, n in found.items() if n} | ({"twice": twice} if twice else {})
    figure = (
        f"{200_000 // scale:,} random and {1_000_000 // scale:,} changed codes, {taken:,} taken and shown again elsewhere,"
        f" {1_000 // scale * 2:,} screenshots, 41 clocks, all rows of the database: taken wrongly {wrong or 0} (seed {SEED});"
    )
    return not wrong and taken == 10_000 // scale, figure


def _random_ones(count: int, chance: Random) -> int:
    """Codes made of nothing, through the whole check."""
    wrong = 0
    for _ in range(count):
        text = "C1" + "".join(chance.choices(CROCKFORD, k=30))
        wrong += verifying.check(parse(text), NOON).reason == ""
    return wrong


def _changed(phones, count: int, chance: Random) -> int:
    """A good code with one to three characters changed. A fiftieth go through the whole check, the others to the tag."""
    wrong = 0
    keys = [card_keys.key_bytes(phone.key) for phone in phones]
    good = [phone.code(NOON) for phone in phones]
    for n in range(count):
        which = n % len(phones)
        letters = list(good[which])
        for place in chance.sample(range(2, 32), chance.randint(1, 3)):
            letters[place] = chance.choice(CROCKFORD)
        if "".join(letters) == good[which]:
            continue
        scanned = parse("".join(letters))
        assert scanned
        if n % 50:
            same_card = scanned.code == phones[which].key.code
            wrong += same_card and card_code.matches(keys[which], scanned)
        else:
            wrong += verifying.check(scanned, NOON).reason == ""
    return wrong


def _replayed(phones, shops, count: int) -> tuple[int, int]:
    """Codes that were taken, shown at another shop a second later: how many were taken, and how many once more."""
    taken = twice = 0
    for n in range(count):
        phone, now = phones[n % len(phones)], NOON + 20 * MINUTE * (n // len(phones) + 1)
        CardKey.update(seen_at=now).where(CardKey.id == phone.key.id).execute()
        for shop, second in ((shops[n % 10], 0), (shops[(n + 1) % 10], 1)):
            at = now + second * SECOND
            checked = verifying.check(parse(phone.code(now)), at)
            given = redeeming.giving(shop.merchant.id, at)
            answer = redeeming.redeem(shop, checked, given, client_id=f"{n}-{second}", now=at)
            if second:
                twice += answer.reason == ""
            else:
                taken += answer.reason == ""
    return taken, twice


def _screenshots(phones, shops, count: int) -> int:
    """Pictures of codes that nobody used, 90 seconds old and older, of phones that were in touch and others."""
    wrong = 0
    for n in range(count):
        for days in (0, 3):
            made = NOON + dt.timedelta(days=days, seconds=n * 7)
            late = made + dt.timedelta(seconds=90 + n % 600)
            wrong += verifying.check(parse(phones[n % len(phones)].code(made)), late).reason == ""
    return wrong


def _clocks() -> int:
    """The table of security.md §2.4, for clocks from 20 minutes behind to 20 ahead; how many differ."""
    now, wrong = step_of(NOON), 0
    for minutes in range(-20, 21):
        expected = "ok" if minutes == 0 else "ahead" if 0 < minutes <= 10 else "stale"
        wrong += judge(now + 2 * minutes, now, Clock()).word != expected
    return wrong


def _by_the_database(phones, shop, chance: Random) -> int:
    """Who has all rows of the keys, but not the key ring, makes codes of their own: how many are taken."""
    wrong = 0
    for row in CardKey.select():
        mine = ec.generate_private_key(ec.SECP256R1())
        for secret in (card_code.key_of(mine, bytes(row.public), row.code, row.device_id), bytes(row.public)[1:33]):
            code = card_code.payload(secret, row.code, step_of(NOON))
            wrong += verifying.check(parse(code), NOON).reason == ""
    return wrong
