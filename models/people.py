"""People: who somebody is, how they are reached, and the roles they hold."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata

from peewee import BlobField, CharField, ForeignKeyField, TextField

from models._keys import Sealed, ring
from models._record import N_, MomentField, Record, random_code
from models.passwords import PASSWORDS
from models.roles import PERMISSIONS, ROLES, Grant

PHONE = re.compile(r"1[3-9][0-9]{9}")


class Person(Record):
    """Somebody the district knows. Name in plain, phone sealed; a phone belongs to one person for signing in."""

    STATES = ("pending", "confirmed", "closed")

    ref = CharField(max_length=10, unique=True, default=random_code)
    uid = BlobField(default=lambda: secrets.token_bytes(16))
    name = CharField(max_length=60)
    phone_sealed = TextField(null=True)
    phone_index = BlobField(null=True, unique=True)
    phone_last4 = BlobField(null=True, index=True)
    state = CharField(max_length=10, default="confirmed")
    password_hash = CharField(max_length=120, null=True)
    created_at = MomentField()

    phone = Sealed("pii")

    grants: tuple[Grant, ...] = ()
    session_id = None
    session_seen = session_idle = session_proved = 0
    session_second = False

    @classmethod
    def register(cls, *, name: str, phone: str, at: dt.datetime, password: str | None = None) -> "Person":
        """A new person who signs in with this phone (already normalised)."""
        person = cls(name=name, created_at=at)
        person.phone = phone
        person.phone_index = ring().blind(phone)
        person.phone_last4 = ring().blind(phone[-4:], length=8)
        person.password_hash = PASSWORDS.hash(password) if password else None
        person.save(force_insert=True)
        return person

    @classmethod
    def by_phone(cls, phone: str) -> "Person | None":
        return cls.get_or_none(cls.phone_index == ring().blind(phone))

    def may(self, phrase: str) -> bool:
        return any(grant.role in PERMISSIONS[phrase] for grant in self.grants)

    def roles(self) -> list[str]:
        return [role for role in ROLES if any(grant.role == role for grant in self.grants)]

    def scopes(self, role: str) -> list[str]:
        """The codes (of a station, town, unit; '' the district) for which the person holds this role."""
        return [grant.scope for grant in self.grants if grant.role == role]

    @property
    def tag(self) -> str:
        """The readable cookie `who`: tells two people on one phone apart and says nothing about them."""
        return hmac.digest(ring().newest("actor")[1], self.ref.encode(), hashlib.sha256).hex()[:10]

    @property
    def masked(self) -> str:
        """张*: the first character and a star, as merchants and keepers see a name."""
        return self.name[:1] + "*"


INDUSTRIES = {
    "courier": (N_("Courier"), {}),
    "food": (N_("Food rider"), {}),
    "driver": (
        N_("Driver"),
        {"truck": N_("Truck"), "ride": N_("Ride-hailing"), "taxi": N_("Taxi"), "van": N_("Delivery van")},
    ),
    "live": (N_("Livestream seller"), {}),
    "other": (N_("Something else"), {}),
}
"""What somebody works in: words, and the kinds within."""


class Employment(Record):
    """What somebody works in, from when to when."""

    person = ForeignKeyField(Person)
    industry = CharField(max_length=20)
    sub_kind = CharField(max_length=20, default="")
    starts_at = MomentField()
    ends_at = MomentField(null=True)


class RoleGrant(Record):
    """A role that somebody holds for a place, until it ends."""

    person = ForeignKeyField(Person, backref="role_grants")
    role = CharField(max_length=20)
    scope = CharField(max_length=20, default="")
    ends_at = MomentField(null=True)


def phone_number(text: str) -> str | None:
    """A mainland mobile number as 11 digits, or None (domain.md §2.4): full-width digits, +86 and dashes are fine."""
    digits = re.sub(r"[\s\-.()]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    return digits if PHONE.fullmatch(digits) else None
