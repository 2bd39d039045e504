"""People: who somebody is, what they may do and where, and the sessions of their devices."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from contextlib import contextmanager, suppress
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from peewee import BigIntegerField, BlobField, CharField, ForeignKeyField, TextField

from models._database import Busy, db, sql, writing
from models._keys import Sealed, ring
from models._record import N_, MomentField, Record, random_code, to_ms

ROLES = {
    "rider": N_("Partner on the road"),
    "merchant": N_("Merchant"),
    "keeper": N_("Station keeper"),
    "coordinator": N_("Volunteer coordinator"),
    "responder": N_("Duty responder"),
    "handler": N_("Case handler"),
    "hr": N_("Company HR"),
    "counsellor": N_("Counsellor"),
    "officer": N_("District officer"),
    "administrator": N_("Administrator"),
}

PERMISSIONS = {
    "see who came to my station": {"keeper"},
    "see the district's figures": {"officer"},
    "print a station's poster": {"keeper", "officer"},
}
"""Who may do what, in words an officer can read. What is not in this table is allowed to nobody."""

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
LIFETIME = {
    "rider": (180 * DAY, 30 * DAY),
    "merchant": (180 * DAY, 90 * DAY),
    "keeper": (90 * DAY, 7 * DAY),
    "responder": (14 * DAY, DAY),
    "administrator": (8 * HOUR, HOUR / 4),
}
STAFF_LIFETIME = (DAY / 2, HOUR / 2)
"""How long a session lives (in all, without use) by role (OWASP ASVS 7.1: the shorter, the more it opens)."""

HOURLY, EACH_MINUTE = 3_600_000, 60_000
"""Milliseconds between two writes of a session's `last_seen_at`: of phones that idle for days, and of staff."""

MS = dt.timedelta(milliseconds=1)
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

    grants: tuple["Grant", ...] = ()
    session_id = None
    session_seen = session_idle = 0

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


class Grant(NamedTuple):
    """A role that somebody holds now, and the code of the place for which ('' the district)."""

    role: str
    scope: str


class RoleGrant(Record):
    """A role that somebody holds for a place, until it ends."""

    person = ForeignKeyField(Person, backref="role_grants")
    role = CharField(max_length=20)
    scope = CharField(max_length=20, default="")
    ends_at = MomentField(null=True)


class Session(Record):
    """One signed-in device. The token is known to the device alone; we keep its SHA-256."""

    person = ForeignKeyField(Person)
    token_hash = BlobField(unique=True)
    started_at = MomentField()
    last_seen_at = MomentField()
    ends_at = MomentField()
    idle = BigIntegerField()

    @classmethod
    def start(cls, person: Person, *, at: dt.datetime) -> str:
        """Begin a session and return its token for the cookie."""
        token = secrets.token_urlsafe(32)
        roles = [g.role for g in RoleGrant.select().where(RoleGrant.person == person)] or ["rider"]
        whole, idle = min(LIFETIME.get(role, STAFF_LIFETIME) for role in roles)
        with writing():
            cls.create(
                person=person,
                token_hash=_hash(token),
                started_at=at,
                last_seen_at=at,
                ends_at=at + whole,
                idle=idle // MS,
            )
        return token

    @classmethod
    def person_of(cls, token: str, *, at: dt.datetime) -> Person | None:
        """The person whose device holds this token, with their grants: one statement."""
        now = to_ms(at)
        rows = db.execute_sql(sql(_WHO_IS), (_hash(token), now, now)).fetchall()
        if not rows:
            return None
        session, seen, idle, id, ref, uid, name, state = rows[0][:8]
        person = Person(id=id, ref=ref, uid=uid, name=name, state=state, __no_default__=True)
        person._dirty.clear()
        person.session_id, person.session_seen, person.session_idle = session, seen, idle
        person.grants = tuple(
            Grant(role, scope) for *_, role, scope, ends in rows if role and (ends is None or ends > now)
        )
        return person

    @classmethod
    def seen(cls, person: Person, *, at: dt.datetime):
        """Note that the device was used, at most once an hour (staff: a minute), if the database is free just now."""
        if to_ms(at) - person.session_seen >= (HOURLY if person.session_idle > DAY // MS else EACH_MINUTE):
            with suppress(Busy), writing(patience=0.05):  # it only keeps the session alive: no reason to wait
                Session.update(last_seen_at=at).where(Session.id == person.session_id).execute()

    @classmethod
    def end(cls, token: str):
        with writing():
            Session.delete().where(Session.token_hash == _hash(token)).execute()


_WHO_IS = """SELECT s.id, s.last_seen_at, s.idle, p.id, p.ref, p.uid, p.name, p.state, g.role, g.scope, g.ends_at
FROM session s JOIN person p ON p.id = s.person_id LEFT JOIN role_grant g ON g.person_id = p.id
WHERE s.token_hash = ? AND s.ends_at > ? AND s.last_seen_at + s.idle > ? AND p.state <> 'closed'"""


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def phone_number(text: str) -> str | None:
    """A mainland mobile number as 11 digits, or None (domain.md §2.4): full-width digits, +86 and dashes are fine."""
    digits = re.sub(r"[\s\-.()]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    return digits if PHONE.fullmatch(digits) else None


class Passwords:
    """argon2id, one at a time in a process and at most two waiting, so that sign-ins never starve the rest."""

    WAITING = 2

    def __init__(self, **cost):
        self.hasher = PasswordHasher(**cost)
        self.turn, self.places = threading.Lock(), threading.Semaphore(1 + self.WAITING)
        self.nobody = self.hasher.hash(secrets.token_hex(8))

    def hash(self, password: str) -> str:
        return self.hasher.hash(password)

    def right(self, password: str, kept: str | None) -> bool:
        """Is it the password? Takes as long for nobody as for somebody. Raises Busy when too many wait."""
        with self._place():
            try:
                return self.hasher.verify(kept or self.nobody, password) and kept is not None
            except (VerifyMismatchError, InvalidHashError):
                return False

    @contextmanager
    def _place(self):
        if not self.places.acquire(blocking=False):
            raise Busy("sign-ins")
        try:
            with self.turn:
                yield
        finally:
            self.places.release()


PASSWORDS = Passwords(time_cost=2, memory_cost=19456, parallelism=1)


def sign_in(phone: str, password: str) -> Person | None:
    """The person with this phone and password, else None."""
    person = Person.by_phone(phone)
    right = PASSWORDS.right(password, person.password_hash if person else None)
    return person if person and right and person.state != "closed" else None
