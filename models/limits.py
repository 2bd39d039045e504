"""Limits: what was tried, by whom and how often. Rows, so that a restart forgets nothing.

A subject is 16 bytes that say nothing to whoever reads the table: half of them stand for the number, half for the
device or the address from which it was tried (`subject`). What must hold for two at once is asked and noted in one
transaction: on PostgreSQL asking locks the subject until the transaction ends.
"""

import datetime as dt
import hashlib

from peewee import BlobField, CharField, fn

from models._database import hold, writing
from models._keys import ring
from models._record import MomentField, Record
from models._work import work

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

LIMITS = {
    "password here": (10, DAY),  # wrong ones for a number from a device it knows, or else from an address
    "password number": (30, DAY),  # wrong ones for a number from all devices it does not know
    "password address": (1000, DAY),  # wrong ones of an address for all numbers, from devices those do not know
    "code number": (10, DAY),  # codes sent to a number
    "code stranger": (7, DAY),  # of these asked for by devices it does not know: three a day stay for its owner
    "code address": (3000, DAY),  # codes asked for from an address by such devices; thousands of phones may share it
    "code strangers": (15_000, DAY),  # codes in all for such devices
    "code day": (20_000, DAY),  # codes in all
    "guess address": (300, DAY),  # wrong codes from an address: beyond these it has one try a code, not five
    "fault address": (300, DAY),  # faults said from an address without signing in
    "typed card": (5, HOUR),  # wrong numbers for the cards of one last-4 (security.md §2.5)
    "typed shop": (5, 10 * MINUTE),  # wrong numbers of a shop
    "typed day": (20, DAY),  # the same in a day
    "scanned once": (20, HOUR),  # codes for once that there are not, scanned in a shop
    "pin till": (5, 15 * MINUTE),  # wrong PINs on a device of a shop
    "pin shop": (20, DAY),  # and on all of a shop
    "apply address": (20, DAY),  # shops that want to take part, from an address without signing in
    "apply person": (10, DAY),  # the same of a person
    "second factor": (5, 15 * MINUTE),  # wrong TOTPs of a person
}
"""How many of what in which time. The word that begins a limit's name says what an unlock takes away."""


class Attempt(Record):
    """One try that counts."""

    what = CharField(max_length=20)
    subject = BlobField()
    at = MomentField(index=True)

    class Meta:
        indexes = ((("what", "subject", "at"), False),)


def subject(number: str = "", place: str = "") -> bytes:
    """16 bytes for a number, a place (device or address), both, or for all; of no use to anybody without the keys."""
    halves = (
        ring().blind(f"{half}|{text}", "actor", 8) if text else bytes(8) for half, text in enumerate((number, place))
    )
    return b"".join(halves)


def over(what: str, subject: bytes, at: dt.datetime) -> bool:
    """Was it tried as often as it may be? Inside a transaction nobody else decides about it until that ends."""
    most, within = LIMITS[what]
    hold(int.from_bytes(hashlib.sha256(what.encode() + subject).digest()[:8], "big", signed=True))
    tried = Attempt.select(fn.COUNT(Attempt.id)).where(
        Attempt.what == what, Attempt.subject == subject, Attempt.at > at - within
    )
    return tried.scalar() >= most


def note(what: str, subject: bytes, at: dt.datetime) -> int:
    """One more; returns its number, by which it can be taken back."""
    if what not in LIMITS:
        raise LookupError(what)
    return Attempt.create(what=what, subject=subject, at=at).id


def take_back(*numbers: int):
    """It was none after all: the right password, or nobody looked at it."""
    if numbers:
        Attempt.delete().where(Attempt.id.in_(numbers)).execute()


def forget(what: str, subject: bytes):
    """Begin again."""
    Attempt.delete().where(Attempt.what == what, Attempt.subject == subject).execute()


def unlock(number: str, what: str = "password"):
    """Take away what was tried for a number, wherever it came from."""
    half = subject(number)[:8]
    Attempt.delete().where(
        Attempt.what.in_([name for name in LIMITS if name.startswith(what)]),
        Attempt.subject.between(half + bytes(8), half + b"\xff" * 8),
    ).execute()


@work("attempts", every=dt.timedelta(hours=1))
def drop_old(now: dt.datetime) -> int:
    """Take out what no limit asks for any more."""
    with writing():
        return Attempt.delete().where(Attempt.at < now - max(within for _, within in LIMITS.values())).execute()
