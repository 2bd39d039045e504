"""Caring merchants: shops that give partners with a card something off, and where they are."""

import secrets
from collections import defaultdict

from peewee import BigIntegerField, BlobField, CharField, FloatField, ForeignKeyField, IntegerField, TextField

from models._cells import Cells, Placed, Spot
from models._database import db
from models._keys import Sealed
from models._record import N_, MomentField, Record, date_of, random_code
from models._trail import Trail
from models.areas import Town, until_changed
from models.people import Person

APPLIED, ASKED, LISTED, REFUSED, LEFT = "applied", "asked", "listed", "refused", "left"

STATE_WORDS = {
    APPLIED: N_("being looked at"),
    ASKED: N_("waits for an answer"),
    LISTED: N_("takes part"),
    REFUSED: N_("not this time"),
    LEFT: N_("no longer with us"),
}
"""Where a shop stands; what moves it says models/joining.py."""


LOCKS = 1 << 48


class Category(Record):
    """What a shop is: food, pharmacy, repairs."""

    code = CharField(primary_key=True, max_length=20)
    name = CharField(max_length=40)
    name_en = CharField(max_length=60)
    icon = CharField(max_length=20)
    sort = IntegerField()


class Merchant(Placed, Record):
    """One shop. `ref` is its address while it is looked at, `code` (on the plaque) permanent and public once it is in.

    `contact` and `contact_phone` are of who applied, for the district alone; `phone` is the shop's, for everybody.
    `hours` as one writes them (models/hours_text.py); `used_on` the local day (yyyymmdd) of its last redemption,
    `reviewed_on` that of the last yearly look. `coord_src` '' says that nobody has told where it is: the middle of
    its town stands for it.
    """

    ref = CharField(max_length=10, unique=True, default=random_code)
    code = CharField(max_length=20, unique=True, null=True)
    name = CharField(max_length=60)
    name_en = CharField(max_length=90, default="")
    category = ForeignKeyField(Category, column_name="category")
    town = ForeignKeyField(Town, column_name="town")
    address = CharField(max_length=120)
    address_en = CharField(max_length=160, default="")
    lat = FloatField()
    lng = FloatField()
    coord_src = CharField(max_length=10)
    phone = CharField(max_length=20, default="")
    uscc = CharField(max_length=18, default="")
    hours = CharField(max_length=200, default="")
    state = CharField(max_length=10)
    sought = TextField(default="")
    uid = BlobField(default=lambda: secrets.token_bytes(16))
    contact = CharField(max_length=60, default="")
    contact_phone_sealed = TextField(null=True)
    applicant = ForeignKeyField(Person, null=True)
    client_id = BigIntegerField(null=True, unique=True)
    applied_at = MomentField()
    approved_at = MomentField(null=True)
    reviewed_on = IntegerField(null=True)
    left_at = MomentField(null=True)
    why = CharField(max_length=200, default="")
    pin_hash = CharField(max_length=120, null=True)

    contact_phone = Sealed("pii")

    @property
    def is_listed(self) -> bool:
        return self.state == LISTED

    @property
    def is_asked(self) -> bool:
        """Does a question wait for its answer?"""
        return self.state == ASKED

    @property
    def is_open(self) -> bool:
        """Has nobody said yes or no to it yet?"""
        return self.state in (APPLIED, ASKED)

    @property
    def is_refused(self) -> bool:
        return self.state == REFUSED

    @property
    def has_left(self) -> bool:
        return self.state == LEFT

    @property
    def subject(self) -> str:
        """What the trail calls it: by its code once it has one."""
        return f"merchant:{self.code or self.ref}"

    @property
    def lock(self) -> int:
        """What is held while somebody decides about this shop; stations have the small numbers, people others."""
        return LOCKS + self.id

    def note(self, what: str, *, by, at, kind: str = "changed"):
        """A line of the trail, in the transaction of the change."""
        Trail.note(kind, by=by, subject=self.subject, what=what, at=at)

    @classmethod
    def listed(cls):
        """The shops that people are shown and that are counted; a query."""
        return cls.select().where(cls.state == LISTED)

    @classmethod
    def cells(cls) -> Cells:
        return _map()

    @classmethod
    def whole(cls, ids: list[int]) -> dict[int, "Merchant"]:
        return _known(ids)


class MerchantBreak(Record):
    """Local days (yyyymmdd, both named ones included) on which a shop is shut or has other hours; no times: shut."""

    merchant = ForeignKeyField(Merchant)
    first_on = IntegerField()
    last_on = IntegerField()
    times = CharField(max_length=200, default="")
    why = CharField(max_length=120, default="")
    made_at = MomentField()
    ended_at = MomentField(null=True)

    @property
    def first(self):
        return date_of(self.first_on)

    @property
    def last(self):
        return date_of(self.last_on)


class HoursWish(Record):
    """Longer hours that an owner asks for, until somebody has looked at them: `state` is asked, approved, refused or
    ended (taken back, or asked otherwise)."""

    merchant = ForeignKeyField(Merchant)
    hours = CharField(max_length=200)
    state = CharField(max_length=10)
    asked_at = MomentField()
    asked_by = ForeignKeyField(Person, column_name="asked_by", null=True)
    settled_at = MomentField(null=True)
    settled_by = ForeignKeyField(Person, column_name="settled_by", null=True)
    why = CharField(max_length=200, default="")

    @property
    def is_refused(self) -> bool:
        return self.state == REFUSED


def find_merchant(code: str) -> Merchant | None:
    """The shop with this code, listed or gone, however it was typed."""
    key = code.strip().upper()
    if not key or len(key) > 20 or not key.isascii() or "\0" in key:
        return None
    known = _by_code()
    if key not in known:
        found = Merchant.get_or_none(Merchant.code == key)
        if found is None:
            return None  # not kept: anybody can ask for endless nonsense
        known[key] = found
    return known[key]


def merchant_of(id: int) -> Merchant | None:
    """The shop of this id, listed or gone; asked of the database once between two changes."""
    return _known([id]).get(id)


def sought_of(name: str, name_en: str, address: str, address_en: str, category: Category) -> str:
    """What a search for a shop looks through, lowered."""
    return " ".join([name, name_en, address, address_en, category.name, category.name_en]).lower()


@until_changed
def categories() -> dict[str, Category]:
    """All categories in their order, by code; read again after a change."""
    return {one.code: one for one in Category.select().order_by(Category.sort)}


class Listed:
    """The listed shops, read in one statement: where they are, and their ids by category and by written hours."""

    def __init__(self):
        columns = (Merchant.lat, Merchant.lng, Merchant.code, Merchant.id, Merchant.town)
        rows = Merchant.listed().select(*columns, Merchant.category, Merchant.hours).tuples()
        spots, categories, hours = [], defaultdict(list), defaultdict(list)
        for *where, category, text in db.execute(rows):
            spot = Spot.at(*where)
            spots.append(spot)
            categories[category].append(spot.id)
            hours[text].append(spot.id)
        self.cells = Cells(spots)
        self.by_category = {category: frozenset(ids) for category, ids in categories.items()}
        self.by_hours = {text: frozenset(ids) for text, ids in hours.items()}


@until_changed
def all_listed() -> Listed:
    """Read again after a change."""
    return Listed()


def _map() -> Cells:
    return all_listed().cells


@until_changed
def _merchants() -> dict[int, Merchant]:
    return {}


@until_changed
def _by_code() -> dict[str, Merchant]:
    return {}


def _known(ids: list[int]) -> dict[int, Merchant]:
    """These shops by id; asked of the database once between two changes."""
    known = _merchants()
    if missing := [id for id in ids if id not in known]:
        known |= {one.id: one for one in Merchant.select().where(Merchant.id.in_(missing))}
    return known
