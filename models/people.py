"""People: who somebody is, how they are reached, and the roles they hold."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata

from peewee import SQL, BigIntegerField, BlobField, CharField, ForeignKeyField, IntegrityError, NodeList, TextField

from models._database import is_postgres
from models._keys import Sealed, ring
from models._record import N_, MomentField, Record, random_code
from models.passwords import PASSWORDS
from models.roles import PERMISSIONS, ROLES, STRONG, Grant

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

    phone = Sealed(
        "pii",
        {"phone_index": lambda text: ring().blind(text), "phone_last4": lambda text: ring().blind(text[-4:], length=8)},
    )

    grants: tuple[Grant, ...] = ()
    session_id = None
    session_seen = session_idle = session_proved = 0
    session_second = has_second = False
    session_current = True

    @classmethod
    def register(cls, *, name: str, phone: str, at: dt.datetime, password: str | None = None) -> "Person":
        """A new person who signs in with this phone (already normalised). Raises IntegrityError for a taken one."""
        if len(ring().keys["index"]) > 1 and cls.by_phone(phone):  # the index alone sees only the newest key's
            raise IntegrityError("this phone has its person")
        person = cls(name=name, created_at=at)
        person.take_phone(phone)
        person.password_hash = PASSWORDS.hash(password) if password else None
        person.save(force_insert=True)
        return person

    @classmethod
    def by_phone(cls, phone: str) -> "Person | None":
        return cls.get_or_none(cls.phone_index.in_(ring().blinds(phone)))

    @classmethod
    def named(cls, beginning: str):
        """Those whose name begins with this, by name; without closed accounts."""
        by_letters = NodeList((cls.name, SQL('COLLATE "C"'))) if is_postgres() else cls.name  # as it is indexed
        within = (by_letters >= beginning) & (by_letters < beginning + "\U0010ffff")
        return cls.select().where(within, cls.state != "closed").order_by(by_letters, cls.id)

    def take_phone(self, phone: str):
        """This number, already normalised, is theirs from now on; the row is not saved yet."""
        self.phone = phone
        self.phone_index = ring().blind(phone)
        self.phone_last4 = ring().blind(phone[-4:], length=8)

    def may(self, phrase: str) -> bool:
        return any(grant.role in PERMISSIONS[phrase] for grant in self.grants)

    def roles(self) -> list[str]:
        return [role for role in ROLES if any(grant.role == role for grant in self.grants)]

    @property
    def strong(self) -> bool:
        """Does a role of theirs ask for a second factor?"""
        return any(grant.role in STRONG for grant in self.grants)

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


RELATIONS = {
    "contract": N_("employed by contract"),
    "franchise": N_("with a franchised outlet"),
    "crowd": N_("crowd-sourced work"),
    "own": N_("self-employed"),
    "agency": N_("through an agency or contractor"),
}
"""In what relation somebody stands to whom they ride for: it decides which remedy is theirs (domain.md §2.12)."""

EMPLOY_TYPES = {"full": N_("full time"), "part": N_("part time"), "temporary": N_("temporary")}


class Employment(Record):
    """What somebody works in, from when to when; for whom and how, where that is known.

    `enterprise`, `outlet` and `town` are codes (models/enterprises.py, areas.py).
    """

    person = ForeignKeyField(Person)
    industry = CharField(max_length=20)
    sub_kind = CharField(max_length=20, default="")
    starts_at = MomentField()
    ends_at = MomentField(null=True)
    relation = CharField(max_length=20, null=True)
    employ_type = CharField(max_length=20, null=True)
    enterprise = CharField(max_length=20, null=True)
    outlet = CharField(max_length=20, null=True)
    town = CharField(max_length=12, null=True)

    @property
    def work(self) -> str:
        """`driver truck`: the industry and the kind within."""
        return f"{self.industry} {self.sub_kind}".strip()

    @classmethod
    def now(cls, person: Person) -> "Employment | None":
        """What the person works in at present."""
        return cls.select().where(cls.person == person, cls.ends_at.is_null()).order_by(cls.id.desc()).first()

    @classmethod
    def put(cls, person: Person, work: str, *, at: dt.datetime):
        """What the person works in from now on, in the same town; the row before ends. The same again changes nothing.

        `work`: an industry and, after a space, the kind within. Raises KeyError for one that there is not.
        """
        industry, _space, sub_kind = work.partition(" ")
        kinds = INDUSTRIES[industry][1]
        if sub_kind and sub_kind not in kinds:
            raise KeyError(sub_kind)
        before = cls.now(person)
        if before and before.work == work:
            return
        cls.update(ends_at=at).where(cls.person == person, cls.ends_at.is_null()).execute()
        town = before.town if before else None
        cls.create(person=person, industry=industry, sub_kind=sub_kind, starts_at=at, town=town)


class RoleGrant(Record):
    """A role that somebody holds for a place, until it ends. `given_by` is a person's id, 0 for the operator."""

    person = ForeignKeyField(Person, backref="role_grants")
    role = CharField(max_length=20)
    scope = CharField(max_length=20, default="")
    ends_at = MomentField(null=True)
    given_by = BigIntegerField(default=0)
    given_at = MomentField(default=0)

    @classmethod
    def alive(cls, at: dt.datetime):
        """The condition that a grant has not ended."""
        return cls.ends_at.is_null() | (cls.ends_at > at)


def phone_number(text: str) -> str | None:
    """A mainland mobile number as 11 digits, or None (domain.md §2.4): full-width digits, +86 and dashes are fine."""
    digits = re.sub(r"[\s\-.()]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    return digits if PHONE.fullmatch(digits) else None
