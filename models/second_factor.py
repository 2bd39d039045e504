"""The second factor: a code of an app on the own phone, new every half minute, and ten codes on paper for the day the
phone is gone."""

import datetime as dt
import hashlib
import secrets
import unicodedata

import pyotp
from peewee import BigIntegerField, BlobField, ForeignKeyField, TextField

from models import limits
from models._database import hold, writing
from models._keys import Locked, Sealed
from models._record import N_, MomentField, Record, Refused, random_code
from models._trail import Trail
from models.people import Person
from models.sessions import Session

STEP = 30
"""Seconds for which a code stands (RFC 6238). One step before and one after are taken too, for clocks that differ."""

RECOVERY_CODES = 10
LIMIT = "second factor"
"""The limit (models/limits.py) on wrong codes, those of the app and those on paper together."""


class SecondFactor(Record):
    """The secret that a person's app knows, sealed. It counts once it was confirmed with a code.

    `last_step` is the last half minute whose code was used: no code opens twice.
    """

    person = ForeignKeyField(Person, primary_key=True)
    uid = BlobField(default=lambda: secrets.token_bytes(16))
    secret_sealed = TextField()
    confirmed_at = MomentField(null=True)
    last_step = BigIntegerField(default=0)

    secret = Sealed("pii")

    @classmethod
    def of(cls, person: Person) -> "SecondFactor | None":
        return cls.get_or_none(cls.person == person)

    @property
    def on(self) -> bool:
        return self.confirmed_at is not None

    def address(self, name: str, issuer: str) -> str:
        """What the QR code says to the app (otpauth://…)."""
        return pyotp.TOTP(self.secret).provisioning_uri(name=name, issuer_name=issuer)


class RecoveryCode(Record):
    """One code on paper, as its SHA-256: 80 random bits cannot be tried out."""

    person = ForeignKeyField(Person)
    code_hash = BlobField(unique=True)
    used_at = MomentField(null=True)

    @classmethod
    def left(cls, person: Person) -> int:
        return cls.select().where(cls.person == person, cls.used_at.is_null()).count()


def begin(person: Person):
    """Make a secret for the person's app, which then has to be confirmed. Twice is once."""
    with writing():
        hold(person.id)
        if SecondFactor.of(person) is None:
            factor = SecondFactor(person=person)
            factor.secret = pyotp.random_base32()
            factor.save(force_insert=True)


def confirm(person: Person, code: str, *, at: dt.datetime) -> list[str] | None:
    """The app shows the right code: from now on it is asked for. Answers the recovery codes, known this once; None for
    a wrong code, or when it was on already. All other devices of the person are asked for the code.

    Raises Refused("wait") after too many wrong ones.
    """
    with writing():
        hold(person.id)
        factor = SecondFactor.of(person)
        if factor is None or factor.on or not _is_right(factor, code, at):
            return None
        factor.confirmed_at = at
        factor.save()
        _note(person, "second factor on", at)
        Session.forget_second(person)
        return _new_codes(person)


def is_right(person: Person, code: str, *, at: dt.datetime) -> bool:
    """Is it the code of now, or one of the codes on paper? Each opens once. Raises Refused("wait")."""
    with writing():
        hold(person.id)
        factor = SecondFactor.of(person)
        return factor is not None and factor.on and _is_right(factor, code, at)


def renew_codes(person: Person, code: str, *, at: dt.datetime) -> list[str] | None:
    """Ten new codes on paper; the old ones open nothing any more. None for a wrong code. Raises Refused("wait")."""
    with writing():
        hold(person.id)
        if not is_right(person, code, at=at):
            return None
        _note(person, "recovery codes made anew", at)
        return _new_codes(person)


def turn_off(person: Person, code: str, *, at: dt.datetime) -> bool:
    """Forget secret and codes. False for a wrong code. Raises Refused("wait")."""
    with writing():
        hold(person.id)
        if not is_right(person, code, at=at):
            return False
        forget(person, by=person, at=at)
        return True


def forget(person: Person, *, by: Person, at: dt.datetime):
    """Take a person's second factor away without asking for its code: turned off, lost, or the account is closed."""
    with writing():
        hold(person.id)
        RecoveryCode.delete().where(RecoveryCode.person == person).execute()
        if SecondFactor.delete().where(SecondFactor.person == person).execute():
            _note(person, "second factor off", at, by=by)
        Session.forget_second(person)


def _is_right(factor: SecondFactor, code: str, at: dt.datetime) -> bool:
    if not _plain(code):
        return False  # nothing was tried
    tried = limits.subject(factor.person.ref)
    if limits.over(LIMIT, tried, at):
        raise Refused("wait", N_("Too many wrong codes. Please wait a quarter of an hour, then try again."))
    right = _of_the_app(factor, code, at) or (factor.on and _on_paper(factor.person, code, at))
    if right:
        limits.forget(LIMIT, tried)
    else:
        limits.note(LIMIT, tried, at)
    return right


def _of_the_app(factor: SecondFactor, code: str, at: dt.datetime) -> bool:
    """The code of this half minute, the one before or the next, and later than the last one used."""
    plain = _plain(code)
    try:
        totp = pyotp.TOTP(factor.secret, interval=STEP)
    except Locked:  # without its key nobody can check it; the codes on paper still open
        return False
    now = int(at.timestamp()) // STEP
    for step in (now - 1, now, now + 1):
        if step > factor.last_step and secrets.compare_digest(totp.generate_otp(step).encode(), plain):
            factor.last_step = step
            factor.save()
            return True
    return False


def _on_paper(person: Person, code: str, at: dt.datetime) -> bool:
    unused = (RecoveryCode.person == person) & (RecoveryCode.code_hash == _hash(code)) & RecoveryCode.used_at.is_null()
    if not RecoveryCode.update(used_at=at).where(unused).execute():
        return False
    _note(person, "recovery code used", at)
    return True


def _new_codes(person: Person) -> list[str]:
    RecoveryCode.delete().where(RecoveryCode.person == person).execute()
    codes = ["-".join(random_code(4) for _ in range(4)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        RecoveryCode.create(person=person, code_hash=_hash(code))
    return codes


def _hash(code: str) -> bytes:
    return hashlib.sha256(_plain(code)).digest()


def _plain(code: str) -> bytes:
    """A code however it was typed: full-width, in small letters, with blanks, with O for 0."""
    wide = unicodedata.normalize("NFKC", code).upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return "".join(c for c in wide if c.isalnum()).encode("utf-8", "replace")


def _note(person: Person, what: str, at: dt.datetime, by: Person | None = None):
    Trail.note("changed", by=by or person, subject=f"person:{person.ref}", what=what, at=at)
