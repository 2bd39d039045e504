"""Codes by SMS: six digits that say that a number is in somebody's hand, now, for one purpose.

A code is good on the device that asked for it alone, so that nobody uses up another's tries, and a code that was read
off a screen opens nothing elsewhere. What is answered is the same for a number that we know and for one that we do not.
"""

import datetime as dt
import secrets
from typing import NamedTuple

from peewee import BlobField, CharField, SmallIntegerField

from models import limits
from models._database import hold, writing
from models._keys import ring
from models._record import MomentField, Record
from models._work import work
from models.devices import KnownDevice
from models.outbox import Outbox

PURPOSES = ("sign-in", "register", "change", "reset", "prove", "owner")
"""What a code may be for; it is good for nothing else."""

LIFE = dt.timedelta(minutes=10)
QUIET = dt.timedelta(minutes=1)
"""Asked again within a minute, the code that is on its way will do."""

TWICE = dt.timedelta(seconds=30)
"""A button pressed twice brings the same code twice: so long the second is told from a replay."""

TRIES, TRIES_UNDER_ATTACK = 5, 1
"""Wrong tries that end a code: while many wrong ones come from the same address, the first. Whoever reads theirs off
the phone gets in from there all the same."""

LIVE, LIVE_FOR_STRANGERS = 5, 3
"""Codes of a number that live at once, and how many of them devices may ask for that the number does not know."""


class Caller(NamedTuple):
    """Who asks: the device's secret or None, and the address it came from."""

    device: str | None
    address: str


class SmsCode(Record):
    """One code, as a keyed hash; bound to number, purpose and the device that asked for it."""

    phone_index = BlobField()
    purpose = CharField(max_length=10)
    device = BlobField()
    code_hash = BlobField()
    made_at = MomentField()
    ends_at = MomentField(index=True)
    wrong = SmallIntegerField(default=0)
    used_at = MomentField(null=True)

    class Meta:
        indexes = ((("phone_index", "ends_at"), False),)

    @classmethod
    def live(cls, phone: str, now: dt.datetime, *which, tries: int = TRIES):
        """The codes of a number that could still be used."""
        alive = cls.ends_at > now, cls.used_at.is_null(), cls.wrong < tries
        return cls.select().where(cls.phone_index.in_(ring().blinds(phone)), *alive, *which)


def ask(phone: str, purpose: str, caller: Caller, words: str, *, now: dt.datetime) -> str:
    """Send a code to a number; `words` is the text of the SMS with `{code}` in it.

    Returns `sent` (or on its way since a moment ago), `enough` (this number has had as many as it may) or `busy` (too
    many were asked for from here, or in all). The caller has a device.
    """
    assert caller.device
    with writing():
        mine = _mine(phone, purpose, caller)
        number = limits.subject(phone)
        hold(_key(number))
        if SmsCode.live(phone, now, *mine, SmsCode.made_at > now - QUIET).exists():
            return "sent"
        known = KnownDevice.has(phone, caller.device)
        if _enough(phone, number, known, now):
            return "enough"
        here, all = limits.subject(place=caller.address), limits.subject()
        wide = [("code day", all)] if known else [("code address", here), ("code strangers", all), ("code day", all)]
        if any(limits.over(what, subject, now) for what, subject in wide):
            return "busy"
        for what, subject in [("code number", number), *wide] + ([] if known else [("code stranger", number)]):
            limits.note(what, subject, now)
        code = f"{secrets.randbelow(1_000_000):06}"
        _make(phone, purpose, caller, code, now)
        Outbox.put("sms", phone, words.format(code=code), now=now, ends_at=now + LIFE)
        return "sent"


def carry(phone: str, purpose: str, caller: Caller, *, now: dt.datetime) -> str:
    """A code that is not sent: what a number has proved a moment ago, carried on to the next page. Returns it."""
    proof = secrets.token_hex(16)
    with writing():
        _make(phone, purpose, caller, proof, now)
    return proof


def use(phone: str, purpose: str, code: str, caller: Caller, *, now: dt.datetime) -> str:
    """Use a code up. Returns `right`, `again` (used by this device a moment ago: the button was pressed twice) or
    `wrong`. Call it in the transaction of the act, and let that be committed.

    The right one ends all other codes of the number for this purpose; a wrong one counts against each that it may have
    meant.
    """
    if not caller.device:
        return "wrong"
    with writing():
        here = limits.subject(place=caller.address)
        hold(_key(limits.subject(phone)))
        tries = TRIES_UNDER_ATTACK if limits.over("guess address", here, now) else TRIES
        mine, this = _mine(phone, purpose, caller), SmsCode.code_hash == _hash(phone, purpose, code)
        if SmsCode.live(phone, now, *mine, this, tries=tries).exists():
            whole = SmsCode.phone_index.in_(ring().blinds(phone)), SmsCode.purpose == purpose
            SmsCode.update(used_at=now).where(*whole, SmsCode.used_at.is_null(), this).execute()
            SmsCode.update(ends_at=now).where(*whole, SmsCode.used_at.is_null(), SmsCode.ends_at > now).execute()
            return "right"
        if SmsCode.select().where(*mine, this, SmsCode.used_at > now - TWICE).exists():
            return "again"
        if tries == TRIES:
            limits.note("guess address", here, now)
        meant = SmsCode.ends_at > now, SmsCode.used_at.is_null(), SmsCode.wrong < TRIES
        SmsCode.update(wrong=SmsCode.wrong + 1).where(*mine, *meant).execute()
        return "wrong"


def _enough(phone: str, number: bytes, known: bool, now: dt.datetime) -> bool:
    live = SmsCode.live(phone, now).count()
    if live >= LIVE or limits.over("code number", number, now):
        return True
    return not known and (live >= LIVE_FOR_STRANGERS or limits.over("code stranger", number, now))


def _make(phone: str, purpose: str, caller: Caller, code: str, now: dt.datetime):
    if purpose not in PURPOSES:
        raise LookupError(purpose)
    SmsCode.create(
        phone_index=ring().blind(phone),
        purpose=purpose,
        device=KnownDevice.hidden(caller.device or ""),
        code_hash=_hash(phone, purpose, code),
        made_at=now,
        ends_at=now + LIFE,
    )


def _mine(phone: str, purpose: str, caller: Caller):
    """What tells the codes that this device may use for this."""
    return (
        SmsCode.phone_index.in_(ring().blinds(phone)),
        SmsCode.purpose == purpose,
        SmsCode.device == KnownDevice.hidden(caller.device or ""),
    )


def _hash(phone: str, purpose: str, code: str) -> bytes:
    return ring().blind(f"{purpose}|{phone}|{code}", "actor", 32)


def _key(number: bytes) -> int:
    return int.from_bytes(number[:8], "big", signed=True)


@work("codes", every=dt.timedelta(hours=1))
def drop_old(now: dt.datetime) -> int:
    """Take out what was over an hour ago."""
    with writing():
        return SmsCode.delete().where(SmsCode.ends_at < now - dt.timedelta(hours=1)).execute()
