"""The keys of cards: a phone's, and a printed card's (security.md §2.1, §2.6).

Of a phone's we keep the public half alone and make the key anew for each look: who has the database makes no codes.

Our half has a name (`kid`). When the ring gets another one, each phone goes over to it at its next contact
(`take_up`); a phone that does not come by for 90 days has lost its key. The cap of the first 24 hours holds for
`new_since`: the moment when another phone took the card over; the first phone of a card is nobody's trick.
"""

import datetime as dt
import secrets
import uuid

from peewee import BigIntegerField, BlobField, BooleanField, CharField, ForeignKeyField, IntegerField

from models import card_code, cards
from models._database import db, hold, sql, writing
from models._keys import ring
from models._record import N_, MomentField, Record, Refused, bare, from_ms, random_code, to_ms
from models._trail import Trail
from models._work import work
from models.areas import district
from models.cards import ACTIVE, WAITING, Card
from models.outbox import Outbox
from models.people import Person

PHONE, PRINT = "phone", "print"

MONTH, MOST = dt.timedelta(days=30), 3
"""How often in which time a partner moves the card to a phone without help."""

HOUR = dt.timedelta(hours=1)
"""Between two notes that a phone was in touch."""

OLD_KID = dt.timedelta(days=90)
"""How long a phone that has not come by is waited for, once our half has changed."""


class CardKey(Record):
    """A key of a card, `phone` or `print`, until `ended_at`. Of a phone's we have the public half (security.md §2).

    `code` is the protocol's card_id; `last_step`, `last_minute` the newest code and number that counted; `drift` the
    steps by which the phone's clock is ahead, as far as we have learned; `ahead_step` the code from the future that we
    saw at `ahead_at`; `seen_at` when the phone was last in touch; `moved`: another phone had the card before.
    """

    card = ForeignKeyField(Card)
    code = CharField(max_length=8, unique=True)
    device_id = CharField(max_length=36)
    kind = CharField(max_length=10)
    public = BlobField(null=True)
    kid = CharField(max_length=40)
    moved = BooleanField(default=False)
    made_at = MomentField()
    ended_at = MomentField(null=True)
    seen_at = MomentField()
    last_step = BigIntegerField(default=0)
    last_minute = BigIntegerField(default=0)
    drift = IntegerField(default=0)
    ahead_step = BigIntegerField(null=True)
    ahead_at = MomentField(null=True)

    @property
    def new_since(self) -> dt.datetime | None:
        """When it took the card over from another phone; None for a first one and for paper."""
        return self.made_at if self.moved else None

    @property
    def print_until(self) -> dt.date:
        """The last day of a printed card: its own, or before that the card's."""
        made = self.made_at.astimezone(district().zone).date()
        return min(cards.months_after(made, district().card["print_months"]), self.card.last_day)


# For the verifier.


def by_code(code: str) -> CardKey | None:
    """The key of a code, also one that has ended, with its `.card` and the card's `.person`, as far as a look at a card
    needs them: one statement. Raw: each redemption asks it, and the ORM takes five times as long."""
    row = db.execute_sql(sql(BY_CODE), (code,)).fetchone()
    if row is None:
        return None
    id, card_id, code, device, kind, public, kid, moved, made, ended, seen, step, minute, drift, ahead, ahead_at = row[
        :16
    ]
    person = bare(Person, id=row[16], name=row[20], state=row[21])
    card = bare(Card, id=card_id, state=row[17], valid_to=row[18], replaced_by=row[19], person=row[16])
    key = bare(
        CardKey,
        **{"id": id, "card": card_id, "code": code, "device_id": device, "kind": kind, "public": public, "kid": kid},
        **{
            "moved": bool(moved),
            "made_at": from_ms(made),
            "ended_at": ended and from_ms(ended),
            "seen_at": from_ms(seen),
        },
        **{"last_step": step, "last_minute": minute, "drift": drift, "ahead_step": ahead},
        ahead_at=ahead_at and from_ms(ahead_at),
    )
    card.__rel__["person"], key.__rel__["card"] = person, card
    return key


BY_CODE = """SELECT k.id, k.card_id, k.code, k.device_id, k.kind, k.public, k.kid, k.moved, k.made_at, k.ended_at,
k.seen_at, k.last_step, k.last_minute, k.drift, k.ahead_step, k.ahead_at, c.person_id, c.state, c.valid_to,
c.replaced_by, p.name, p.state FROM card_key k JOIN card c ON c.id = k.card_id JOIN person p ON p.id = c.person_id
WHERE k.code = ?"""


def by_last4(last4: str) -> list[CardKey]:
    """The living phones' keys, with card and person, of whose number ends like this: one statement."""
    ours = Person.phone_last4.in_(ring().blinds(last4, length=8))
    return list(_with_card().where(ours, CardKey.kind == PHONE, CardKey.ended_at.is_null()).order_by(CardKey.id))


def _with_card():
    return CardKey.select(CardKey, Card, Person).join(Card).join(Person, on=Card.person)


def key_bytes(key: CardKey) -> bytes | None:
    """The 32 bytes that make its codes; None when our half is not in the ring any more."""
    secret = ring().keys["card"].get(key.kid)
    if secret is None:
        return None
    if key.kind == PRINT:
        return card_code.print_key_of(secret)
    return card_code.key_of(card_code.private_of(secret), bytes(key.public or b""), key.code, key.device_id)


# A phone's key.


def our_half() -> tuple[str, bytes]:
    """The name of our newest half, and its public point (65 bytes)."""
    kid, secret = ring().newest("card")
    return kid, card_code.public_of(card_code.private_of(secret))


def enrol(card: Card, public: bytes, kid: str, *, by: Person, at: dt.datetime, words: str = "") -> CardKey:
    """This phone shows the card from now on, the one before no longer: in one transaction. The same half twice is once.

    `words` go to the person's number when another phone had it before.
    Raises Refused: `half` for what is no point of the curve or meant for another half of ours than the newest, `state`
    for a card that is not in use, `moves` for a fourth phone within 30 days.
    """
    if not card_code.is_point(public) or kid != our_half()[0]:
        raise Refused("half", N_("The phone could not make its key. Please open the page anew and try once more."))
    with writing():
        hold(card.person_id)
        card = Card.get_by_id(card.id)
        before = phone_of(card)
        if before and bytes(before.public or b"") == public:
            return before
        if card.state not in (WAITING, ACTIVE) or card.replaced_by_id:
            raise Refused("state", N_("This card is not in use just now. Any station helps."))
        if moves_left(card, at) < 1:
            raise Refused("moves", N_("The card has moved three times in 30 days. Any station helps with the next."))
        had = _of(card).where(CardKey.kind == PHONE).exists()
        if before:
            _end(before, at)
        if had and words and card.person.phone:
            Outbox.put("sms", card.person.phone, words, now=at, ends_at=at + dt.timedelta(days=1))
        key = _make(card, PHONE, at, kid=kid, public=public, moved=had)
        what = "card moved to another phone" if had else "card activated on a phone"
        Trail.note("changed", by=by, subject=f"person:{card.person.ref}", what=what, at=at)
        if card.state == WAITING:
            cards.move(card, "activated", by=by, at=at, active_at=card.active_at or at)
        return key


def take_up(key: CardKey, kid: str, check: bytes, *, at: dt.datetime) -> bool:
    """The phone has made its key anew with our newest half and shows by `check` (card_code.kcv) that it is the same."""
    if kid != our_half()[0]:
        return False
    renewed = CardKey(code=key.code, device_id=key.device_id, kind=PHONE, public=key.public, kid=kid)
    if not secrets.compare_digest(card_code.kcv(key_bytes(renewed) or b""), check):
        return False
    with writing():
        mine = CardKey.id == key.id, CardKey.ended_at.is_null()
        return bool(CardKey.update(kid=kid, seen_at=at).where(*mine).execute())


def contact(key: CardKey, now: dt.datetime):
    """The phone was in touch, so its clock is right again: noted at most once an hour, and what we had learned of a
    wrong clock is forgotten."""
    if now - key.seen_at >= HOUR or key.drift or key.ahead_step is not None:
        told = {CardKey.seen_at: now, CardKey.drift: 0, CardKey.ahead_step: None}
        with writing():
            CardKey.update(told).where(CardKey.id == key.id, CardKey.seen_at <= to_ms(now)).execute()
        key.seen_at, key.drift, key.ahead_step = now, 0, None


def moves_left(card: Card, at: dt.datetime) -> int:
    """How many more phones the partner may move the card to without help, just now."""
    made = _of(card).where(CardKey.kind == PHONE, CardKey.made_at > at - MONTH)
    return max(0, MOST - made.count())


def phone_of(card: Card) -> CardKey | None:
    """The key of the phone that has the card."""
    return _of(card).where(CardKey.kind == PHONE, CardKey.ended_at.is_null()).get_or_none()


# On paper.


def paper_of(card: Card) -> CardKey | None:
    """The key of the printed card that counts."""
    return _of(card).where(CardKey.kind == PRINT, CardKey.ended_at.is_null()).get_or_none()


def print_card(card: Card, *, by: Person, at: dt.datetime) -> CardKey:
    """A printed card, instead of the one printed before. Raises Refused("state")."""
    with writing():
        hold(card.person_id)
        card = Card.get_by_id(card.id)
        if card.state not in (WAITING, ACTIVE) or card.replaced_by_id:
            raise Refused("state", N_("This card is not in use just now. Any station helps."))
        if before := paper_of(card):
            _end(before, at)
        key = _make(card, PRINT, at, kid=ring().newest("card")[0])
        Trail.note("changed", by=by, subject=f"card:{card.ref}", what="printed", at=at)
        if card.state == WAITING:
            cards.move(card, "activated", by=by, at=at, active_at=card.active_at or at)
        return key


def printed(key: CardKey) -> str:
    """What its QR holds. Raises Refused("half") when our half is gone."""
    made = key_bytes(key)
    if made is None:
        raise Refused("half", N_("This printed card is too old. Please print another one."))
    return card_code.printed(made, key.code)


def has_one(card: Card) -> bool:
    """Has the card a key that lives?"""
    return _of(card).where(CardKey.ended_at.is_null()).exists()


def end_all(card: Card, at: dt.datetime):
    """None of its keys lives any more."""
    CardKey.update(ended_at=at).where(CardKey.card == card.id, CardKey.ended_at.is_null()).execute()


@work("card keys", every=dt.timedelta(days=1), daily_at=dt.time(16, 15, tzinfo=dt.UTC))
def end_old(now: dt.datetime) -> int:
    """Phones that have not come by since our half changed have had their time."""
    newest, _ = ring().newest("card")
    if len(ring().keys["card"]) == 1:
        return 0
    with writing():
        old = CardKey.kid != newest, CardKey.kind == PHONE, CardKey.seen_at < to_ms(now - OLD_KID)
        return CardKey.update(ended_at=now).where(*old, CardKey.ended_at.is_null()).execute()


def _of(card: Card):
    return CardKey.select().where(CardKey.card == card.id)


def _end(key: CardKey, at: dt.datetime):
    CardKey.update(ended_at=at).where(CardKey.id == key.id).execute()


def _make(card: Card, kind: str, at: dt.datetime, **more) -> CardKey:
    told = {"card": card, "code": random_code(8), "device_id": str(uuid.uuid4()), "kind": kind}
    return CardKey.create(**told, made_at=at, seen_at=at, **more)
