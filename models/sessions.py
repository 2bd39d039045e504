"""Sessions: which devices are signed in, for whom and how long."""

import datetime as dt
import hashlib
import secrets
from contextlib import suppress

from peewee import BigIntegerField, BlobField, BooleanField, Case, CharField, ForeignKeyField

from models._database import Busy, db, sql, writing
from models._record import MomentField, Record, to_ms
from models.passwords import PASSWORDS
from models.people import Person, RoleGrant
from models.roles import Grant

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

TWICE = dt.timedelta(seconds=30)
"""How long after a renewal a second press with the token before it is known as the same person's."""

HOURLY, EACH_MINUTE = 3_600_000, 60_000
"""Milliseconds between two writes of a session's `last_seen_at`: of phones that idle for days, and of staff."""

MS = dt.timedelta(milliseconds=1)


class Session(Record):
    """One signed-in device. The token is known to the device alone; we keep its SHA-256.

    `device` says in words what it is; `proved_at` when its person last proved who they are; `second` whether they did
    so with a second factor.
    """

    person = ForeignKeyField(Person)
    token_hash = BlobField(unique=True)
    started_at = MomentField()
    last_seen_at = MomentField()
    ends_at = MomentField()
    idle = BigIntegerField()
    device = CharField(max_length=60, default="")
    proved_at = MomentField(default=0)
    second = BooleanField(default=False)
    before_hash = BlobField(null=True, index=True)
    renewed_at = MomentField(default=0)

    @classmethod
    def start(cls, person: Person, *, at: dt.datetime, device: str = "", second: bool = False) -> str:
        """Begin a session and return its token for the cookie."""
        token = secrets.token_urlsafe(32)
        whole, idle = _lifetime(person)
        with writing():
            cls.create(
                person=person,
                token_hash=_hash(token),
                started_at=at,
                last_seen_at=at,
                ends_at=at + whole,
                idle=idle // MS,
                device=device[:60],
                proved_at=at,
                second=second,
            )
        return token

    @classmethod
    def renew(cls, person: Person, *, at: dt.datetime, proved: bool = False, second: bool | None = None) -> str:
        """A new token for the device at which the person stands, after a change of roles or a proof of identity
        (security.md §4.3). For TWICE the old one still says who pressed the button a second time, and proves nothing.
        A device that was signed out meanwhile stays out.

        `proved`: they have just shown who they are; `second`: with, or no longer with, the second factor.
        """
        token = secrets.token_urlsafe(32)
        whole, idle = _lifetime(person)
        changes = {cls.token_hash: _hash(token), cls.before_hash: cls.token_hash, cls.renewed_at: at}
        changes |= {cls.idle: idle // MS, cls.last_seen_at: at}
        changes[cls.ends_at] = Case(None, [(cls.ends_at > at + whole, to_ms(at + whole))], cls.ends_at)
        if proved:
            changes[cls.proved_at] = at
        if second is not None or not person.session_current:
            changes[cls.second] = bool(second)
        with writing():
            cls.update(changes).where(cls.id == person.session_id).execute()
        return token

    @classmethod
    def forget_second(cls, person: Person):
        """No device of the person counts as signed in with a second factor any more."""
        with writing():
            cls.update(second=False).where(cls.person == person).execute()

    @classmethod
    def person_of(cls, token: str, *, at: dt.datetime) -> Person | None:
        """The person whose device holds this token, with their grants: one statement."""
        now = to_ms(at)
        rows = db.execute_sql(sql(_WHO_IS), (_hash(token), now, now)).fetchall()
        current = bool(rows)
        if not current:
            rows = db.execute_sql(sql(_WHO_WAS), (_hash(token), now, now, now - TWICE // MS)).fetchall()
        if not rows:
            return None
        session, seen, idle, proved, second, has_second, id, ref, uid, name, state = rows[0][:11]
        person = Person(id=id, ref=ref, uid=uid, name=name, state=state, __no_default__=True)
        person._dirty.clear()
        person.session_id, person.session_seen, person.session_idle = session, seen, idle
        person.session_current = current  # else the token before: it says who presses, proves nothing, opens no role
        person.session_proved, person.session_second = (proved, bool(second)) if current else (0, False)
        person.has_second = has_second is not None
        person.grants = tuple(
            Grant(role, scope) for *_, role, scope, ends in rows if current and role and (ends is None or ends > now)
        )
        return person

    @classmethod
    def seen(cls, person: Person, *, at: dt.datetime):
        """Note that the device was used, at most once an hour (staff: a minute), if the database is free just now."""
        if to_ms(at) - person.session_seen >= (HOURLY if person.session_idle > DAY // MS else EACH_MINUTE):
            with suppress(Busy), writing(patience=0.05):  # it only keeps the session alive: no reason to wait
                Session.update(last_seen_at=at).where(Session.id == person.session_id).execute()

    @classmethod
    def of(cls, person: Person, *, at: dt.datetime) -> list["Session"]:
        """A person's signed-in devices, the one used last first."""
        alive = cls.select().where(cls.person == person, cls.ends_at > at, cls.last_seen_at + cls.idle > to_ms(at))
        return list(alive.order_by(cls.last_seen_at.desc(), cls.id.desc()).limit(100))

    @classmethod
    def end_one(cls, person: Person, session: int) -> bool:
        """Sign one of a person's own devices out; False when it is not theirs or gone."""
        with writing():
            return bool(Session.delete().where(cls.person == person, cls.id == session).execute())

    @classmethod
    def end_all(cls, person: Person, *, but: int | None = None) -> int:
        """Sign all devices of a person out, but for one; returns how many."""
        with writing():
            others = Session.delete().where(cls.person == person)
            return (others.where(cls.id != but) if but is not None else others).execute()

    @classmethod
    def end(cls, token: str):
        with writing():
            Session.delete().where(Session.token_hash == _hash(token)).execute()


_WHO_IS = """SELECT s.id, s.last_seen_at, s.idle, s.proved_at, s.second, f.confirmed_at,
p.id, p.ref, p.uid, p.name, p.state, g.role, g.scope, g.ends_at
FROM session s JOIN person p ON p.id = s.person_id LEFT JOIN role_grant g ON g.person_id = p.id
LEFT JOIN second_factor f ON f.person_id = p.id
WHERE s.token_hash = ? AND s.ends_at > ? AND s.last_seen_at + s.idle > ? AND p.state <> 'closed'"""


_WHO_WAS = _WHO_IS.replace("s.token_hash = ?", "s.before_hash = ?") + " AND s.renewed_at > ?"


def _lifetime(person: Person) -> tuple[dt.timedelta, dt.timedelta]:
    """How long a device of this person lives in all and without use: of several roles the shortest."""
    roles = [g.role for g in RoleGrant.select().where(RoleGrant.person == person)] or ["rider"]
    return min(LIFETIME.get(role, STAFF_LIFETIME) for role in roles)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def sign_in(phone: str, password: str) -> Person | None:
    """The person with this phone and password, else None."""
    person = Person.by_phone(phone)
    right = PASSWORDS.right(password, person.password_hash if person else None)
    return person if person and right and person.state != "closed" else None
