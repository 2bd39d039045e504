"""The warm-heart card: who has one, and in which state it is. Its keys are a floor up (models/card_keys.py)."""

import datetime as dt
from contextlib import suppress

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, IntegrityError, fn

from models._database import hold, writing
from models._record import N_, MomentField, Record, Refused, date_of, number_of, random_code
from models._trail import Trail
from models._work import work
from models.areas import Town, district
from models.people import Employment, Person, RoleGrant
from models.stations import Station

DAY = dt.timedelta(days=1)

WAITING, ACTIVE, LOST, STOPPED, EXPIRED = "waiting", "active", "lost", "stopped", "expired"

STATES = {
    WAITING: N_("waits for its phone"),
    ACTIVE: N_("valid"),
    LOST: N_("reported lost"),
    STOPPED: N_("stopped"),
    EXPIRED: N_("run out"),
}
"""What a card can be, with its words."""

MOVES = {
    "activated": ({WAITING}, ACTIVE),
    "lost": ({WAITING, ACTIVE, EXPIRED}, LOST),
    "stopped": ({WAITING, ACTIVE, EXPIRED, LOST}, STOPPED),
    "resumed": ({STOPPED}, WAITING),
    "run out": ({WAITING, ACTIVE}, EXPIRED),
    "renewed": ({WAITING, ACTIVE, EXPIRED}, WAITING),
}
"""What can become of a card: from which states, and to which. One that comes back to waiting with a key is active."""

RENEWABLE = 30 * DAY
"""How long before its last day a card is renewed."""

NUMBERS = 2**63 - 11
"""What is held while a card gets its number."""


class Card(Record):
    """A partner's card. `valid_to` is its last local day (yyyymmdd); `uses` and `saved` (fen) are kept totals.

    One that was lost is `replaced_by` another; of those that were not, a person has one. The totals stay with the card
    that was used: a new one begins at nothing, and what a person saved is told by all of theirs.
    """

    ref = CharField(max_length=10, unique=True, default=random_code)
    number = CharField(max_length=15, unique=True)
    person = ForeignKeyField(Person)
    state = CharField(max_length=10)
    town = ForeignKeyField(Town, column_name="town", null=True)
    asked_at = MomentField()
    issued_by = ForeignKeyField(Person, column_name="issued_by", null=True)
    station = ForeignKeyField(Station, null=True)
    active_at = MomentField(null=True)
    valid_to = IntegerField()
    moved_at = MomentField()
    replaced_by = ForeignKeyField("self", column_name="replaced_by", null=True)
    uses = IntegerField(default=0)
    saved = BigIntegerField(default=0)

    @classmethod
    def of(cls, person: Person) -> "Card | None":
        """The card that a person has: the last one, in whatever state."""
        return cls.get_or_none(cls.person == person.id, cls.replaced_by.is_null())

    @classmethod
    def numbered(cls, text: str) -> "Card | None":
        """The card of a number, however it is written, with its person."""
        digits = "".join(filter(str.isdigit, text))
        if len(digits) != 15 or not digits.isascii() or not fits_luhn(digits):
            return None
        return cls.select(cls, Person).join(Person, on=cls.person).where(cls.number == digits).get_or_none()

    @property
    def short(self) -> str:
        """001632: what is printed on it, and what people call it by."""
        return self.number[8:14]

    @property
    def last_day(self) -> dt.date:
        return date_of(self.valid_to)

    @property
    def is_valid(self) -> bool:
        return self.state == ACTIVE

    @property
    def is_waiting(self) -> bool:
        return self.state == WAITING

    @property
    def is_lost(self) -> bool:
        return self.state == LOST

    @property
    def is_stopped(self) -> bool:
        return self.state == STOPPED

    @property
    def is_expired(self) -> bool:
        return self.state == EXPIRED

    def is_over(self, today: dt.date) -> bool:
        """Has its last day passed? Told by the day itself: the state follows in the night."""
        return self.valid_to < number_of(today)

    def can_renew(self, today: dt.date) -> bool:
        return self.state in MOVES["renewed"][0] and self.last_day - today <= RENEWABLE


# Numbers.


def luhn(digits: str) -> str:
    """The check digit after these (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        n = int(digit) * (1 if place % 2 else 2)
        total += n - 9 if n > 9 else n
    return str(-total % 10)


def fits_luhn(digits: str) -> bool:
    return luhn(digits[:-1]) == digits[-1]


def number_for(year: int, sequence: int) -> str:
    """370812 24 000001 8: district, year, sequence and check digit. Raises ValueError beyond a million a year."""
    if not 0 < sequence < 1_000_000:
        raise ValueError(sequence)
    digits = f"{district().code}{year % 100:02d}{sequence:06d}"
    return digits + luhn(digits)


def _next_number(at: dt.datetime) -> str:
    """The next one of the local year, in the transaction that uses it."""
    hold(NUMBERS)
    year = _day(at).year
    first = f"{district().code}{year % 100:02d}"
    last = Card.select(fn.MAX(Card.number)).where(Card.number.between(first + "0" * 7, first + "9" * 7)).scalar()
    return number_for(year, int(last[8:14]) + 1 if last else 1)


# Issuing.


def issue(person: Person, *, by: Person, at: dt.datetime, station: Station | None = None) -> Card:
    """A card for a person, on their own wish or by a keeper at a station; who has one gets that.

    It is issued at once and waits for its phone. Raises Refused: "work" for who has not said what they work in,
    "closed".
    """
    with writing():
        hold(person.id)
        if there := Card.of(person):
            return there
        if Employment.now(person) is None:
            raise Refused("work", N_("For a card we need to know what they work in."))
        return _make(person, by=by, at=at, station=station)


def issue_to_phone(phone: str, name: str, work: str, *, by: Person, at: dt.datetime, station: Station | None) -> Card:
    """A card for who stands at the desk and says this number (already normalised); who has one gets that.

    A number of nobody gets its person, pending until they sign in with it themselves. `work` (an industry and, after a
    space, the kind within) is kept where nothing is known of it yet. Raises Refused: "work", "closed".
    """
    with suppress(IntegrityError):  # it registered itself at this moment: then it is somebody's
        return _issue_to_phone(phone, name, work, by, at, station)
    return _issue_to_phone(phone, name, work, by, at, station)


def _issue_to_phone(phone: str, name: str, work: str, by: Person, at: dt.datetime, station: Station | None) -> Card:
    with writing():
        person = Person.by_phone(phone)
        if person is None:
            person = Person.register(name=name, phone=phone, at=at)
            person.state = "pending"
            person.save(only=[Person.state])
            RoleGrant.create(person=person, role="rider", given_by=by.id, given_at=at)
            Trail.note("changed", by=by, subject=f"person:{person.ref}", what="brought in at a station", at=at)
        hold(person.id)
        if work and Employment.now(person) is None:
            Employment.put(person, work, at=at)
            Trail.note("changed", by=by, subject=f"person:{person.ref}", what="work said at a station", at=at)
        return issue(person, by=by, at=at, station=station)


def _make(person: Person, *, by: Person, at: dt.datetime, station: Station | None) -> Card:
    if Person.get_by_id(person.id).state == "closed":
        raise Refused("closed", N_("This account has been closed."))
    work = Employment.now(person)
    known = work.town if work and work.town in district().town else None
    card = Card.create(
        number=_next_number(at),
        person=person,
        state=WAITING,
        town=known or (station.town_id if station else None),
        asked_at=at,
        issued_by=None if by == person else by,
        station=station,
        valid_to=number_of(months_after(_day(at), district().card["months"])),
        moved_at=at,
    )
    _note(card, "issued", by=by, at=at)
    return card


def replace(card: Card, *, by: Person, at: dt.datetime, station: Station | None = None) -> Card:
    """Another card, with another number, for one that was lost; once."""
    with writing():
        hold(card.person_id)
        old = Card.get_by_id(card.id)
        if old.replaced_by_id:
            return Card.get(Card.person == card.person_id, Card.replaced_by.is_null())
        if old.state != LOST:
            raise Refused("move", N_("Only a card that was reported lost is replaced."))
        Card.update(replaced_by=old.id).where(Card.id == old.id).execute()  # to make place: a person has one card
        new = _make(card.person, by=by, at=at, station=station)
        Card.update(replaced_by=new.id).where(Card.id == old.id).execute()
        _note(old, f"replaced: {new.number}", by=by, at=at)
        return new


# What becomes of it.


def move(card: Card, what: str, *, by: Person | None, at: dt.datetime, why: str = "", **more) -> bool:
    """One of MOVES; False when it is there already. Raises Refused("move") from a state that it does not begin in."""
    before, after = MOVES[what]
    with writing():
        hold(card.person_id)
        now = Card.get_by_id(card.id)
        if now.state == after and not more:
            return False
        if now.state not in before or now.replaced_by_id:
            raise Refused("move", N_("The card is in another state by now. Please look once more."))
        Card.update(state=after, moved_at=at, **more).where(Card.id == card.id).execute()
        card.state, card.moved_at = after, at
        for name, value in more.items():
            setattr(card, name, value)
        _note(card, f"{what}: {why}" if why else what, by=by, at=at)
        return True


def renewed_to(card: Card, at: dt.datetime) -> int:
    """The last day (yyyymmdd) of a card that is renewed now: months are counted from its last day, or from today."""
    return number_of(months_after(max(card.last_day, _day(at)), district().card["months"]))


@work("cards", every=DAY, daily_at=dt.time(16, 5, tzinfo=dt.UTC))  # 0:05 in China
def expire(now: dt.datetime) -> int:
    """Cards whose last day has passed have run out. The day itself is what counts at the till; the state tells it."""
    over = Card.state.in_(sorted(MOVES["run out"][0])), Card.valid_to < number_of(_day(now))
    n = 0
    while True:
        with writing():
            some = list(Card.select(Card.id, Card.ref).where(*over).limit(500))
            if not some:
                return n
            ours = Card.id.in_([card.id for card in some])
            Card.update(state=EXPIRED, moved_at=now).where(ours, *over).execute()
            Trail.note_each("moved", [(f"card:{card.ref}", "run out") for card in some], by=None, at=now)
        n += len(some)


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(district().zone).date()


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + (day.day - 1) * DAY, following - DAY)


def _note(card: Card, what: str, *, by: Person | None, at: dt.datetime):
    Trail.note("moved", by=by, subject=f"card:{card.ref}", what=what, at=at)
