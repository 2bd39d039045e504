"""The devices that stand in shops: whoever works there opens them with the shop's PIN and needs no account.

The owner makes a one-time link; the device that opens it and is told the PIN is a till from then on, until the owner
takes it back. The PIN is asked again after a shift, so a device that is found opens nothing.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata

from peewee import BlobField, CharField, ForeignKeyField

from models import limits
from models._database import db, hold, sql, writing
from models._keys import ring
from models._record import N_, MomentField, Record, Refused, bare, from_ms, random_code, to_ms
from models._trail import Trail
from models.merchants import Merchant, merchant_of
from models.passwords import PASSWORDS
from models.people import Person

LINK = dt.timedelta(minutes=10)
"""How long the link that makes a device a till can be opened."""

IDLE = dt.timedelta(days=90)
SHIFT = dt.timedelta(hours=16)
"""After so long without use a till is none any more; after so long with the PIN typed it is asked for again."""

MOST = 20
"""Tills of a shop."""

PIN = re.compile(r"[0-9]{4,8}")

HOURLY = dt.timedelta(hours=1)


class Till(Record):
    """A device of a shop until `ended_at`. `link_hash` is of the one-time link that makes a device this till (until
    `link_ends_at`), `token_hash` of what its cookie holds; `pin_at` when the PIN was last typed on it."""

    ref = CharField(max_length=10, unique=True, default=random_code)
    merchant = ForeignKeyField(Merchant)
    name = CharField(max_length=30)
    token_hash = BlobField(null=True, unique=True)
    link_hash = BlobField(null=True, unique=True)
    link_ends_at = MomentField(null=True)
    made_at = MomentField()
    made_by = ForeignKeyField(Person, column_name="made_by")
    device = CharField(max_length=60, default="")
    pin_at = MomentField(null=True)
    seen_at = MomentField()
    ended_at = MomentField(null=True)

    @property
    def actor(self) -> int:
        """Who redeemed, in the rows of redemptions: a till's negative number never meets a person's id."""
        return -self.id

    @property
    def tag(self) -> str:
        """The readable cookie `who` of a till: its phone sends only what was noted on it as this till."""
        return hmac.digest(ring().newest("actor")[1], f"till|{self.ref}".encode(), hashlib.sha256).hex()[:10]

    def is_open(self, at: dt.datetime) -> bool:
        """Was the PIN typed on it within a shift?"""
        return self.pin_at is not None and at < self.pin_at + SHIFT

    @classmethod
    def of(cls, merchant: Merchant) -> list["Till"]:
        """The tills of a shop that were not taken back, the newest first."""
        mine = cls.select().where(cls.merchant == merchant, cls.ended_at.is_null())
        return list(mine.order_by(cls.id.desc()).limit(MOST))

    @classmethod
    def of_token(cls, token: str, *, at: dt.datetime) -> "Till | None":
        """The till whose cookie holds this token, with its shop; None for one that was taken back or forgotten."""
        row = db.execute_sql(sql(OF_TOKEN), (_hash(token), to_ms(at - IDLE))).fetchone()
        merchant = merchant_of(row[2]) if row else None
        if row is None or merchant is None or not merchant.is_listed:
            return None
        till = bare(cls, id=row[0], ref=row[1], merchant=row[2], name=row[3], seen_at=from_ms(row[5]))
        till.__data__["pin_at"] = row[4] and from_ms(row[4])
        till.__rel__["merchant"] = merchant
        return till

    def seen(self, *, at: dt.datetime):
        """Note that it was used, at most once an hour."""
        if at - self.seen_at >= HOURLY:
            with writing():
                Till.update(seen_at=at).where(Till.id == self.id).execute()


OF_TOKEN = """SELECT id, ref, merchant_id, name, pin_at, seen_at FROM till
WHERE token_hash = ? AND ended_at IS NULL AND seen_at > ?"""


def make(merchant: Merchant, name: str, *, by: Person, at: dt.datetime) -> tuple[Till, str]:
    """A till that waits for its device, and the link's token. Raises Refused: "name", "no-pin", "many"."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 30:
        raise Refused("name", N_("Give the device a short name, so that you know it again."))
    token = secrets.token_urlsafe(24)
    with writing():
        hold(merchant.id)
        if not Merchant.get_by_id(merchant.id).pin_hash:
            raise Refused("no-pin", N_("First set the shop's PIN, please."))
        if len(Till.of(merchant)) >= MOST:
            raise Refused("many", N_("That is 20 devices already. Take back those that are no longer used."))
        till = Till.create(
            merchant=merchant,
            name=name,
            link_hash=_hash(token),
            link_ends_at=at + LINK,
            made_at=at,
            made_by=by,
            seen_at=at,
        )
        _note(till, "made", by=by, at=at)
    return till, token


def by_link(token: str, *, at: dt.datetime) -> Till | None:
    """The till that waits behind a link; None for one that was opened, ran out or was taken back."""
    waits = Till.link_hash == _hash(token), Till.link_ends_at > at, Till.ended_at.is_null()
    return Till.select(Till, Merchant).join(Merchant).where(*waits).first()


def pair(token: str, pin: str, *, device: str, at: dt.datetime) -> tuple[Till, str]:
    """This device is the till from now on: the till, and what its cookie is to hold.

    Raises Refused: "gone" for a link that is over (two at once: one of them), "pin", "locked"; Busy.
    """
    till = by_link(token, at=at)
    if till is None:
        raise Refused("gone", N_("This link is over. Ask for a new one, it takes ten seconds."))
    _ask_pin(till, pin, at)
    secret = secrets.token_urlsafe(32)
    with writing():
        waits = Till.id == till.id, Till.link_hash == _hash(token), Till.ended_at.is_null()
        became = {"token_hash": _hash(secret), "link_hash": None, "device": device[:60], "pin_at": at, "seen_at": at}
        if not Till.update(**became).where(*waits).execute():
            raise Refused("gone", N_("This link is over. Ask for a new one, it takes ten seconds."))
        _note(till, "opened", by=None, at=at)
    return till, secret


def type_pin(till: Till, pin: str, *, at: dt.datetime):
    """The shift begins. Raises Refused: "pin", "locked"; Busy."""
    _ask_pin(till, pin, at)
    with writing():
        Till.update(pin_at=at, seen_at=at).where(Till.id == till.id, Till.ended_at.is_null()).execute()


def set_pin(merchant: Merchant, pin: str, *, by: Person, at: dt.datetime):
    """A new PIN for the shop: all its tills ask for it, and what was guessed at the old one is forgotten.

    Raises Refused("pin-form"), Busy.
    """
    digits = unicodedata.normalize("NFKC", pin).strip()
    if not PIN.fullmatch(digits):
        raise Refused("pin-form", N_("Four to eight digits, please."))
    if len(set(digits)) < 2 or digits in "01234567890" or digits in "09876543210":
        raise Refused("pin-form", N_("Too easy to guess. Please choose another one."))
    kept = PASSWORDS.hash(digits)
    with writing():
        Merchant.update(pin_hash=kept).where(Merchant.id == merchant.id).execute()
        Till.update(pin_at=None).where(Till.merchant == merchant).execute()
        limits.forget("pin shop", limits.subject(f"shop|{merchant.id}"))
        for till in Till.of(merchant):
            limits.forget("pin till", limits.subject(f"till|{till.ref}"))
        Trail.note("changed", by=by, subject=f"merchant:{merchant.code}", what="PIN of the shop", at=at)


def take_back(merchant: Merchant, ref: str, *, by: Person, at: dt.datetime) -> bool:
    """This device opens nothing any more; False when it was none of the shop's. Twice is once."""
    with writing():
        hold(merchant.id)
        till = Till.get_or_none(Till.merchant == merchant, Till.ref == ref)
        if till is None:
            return False
        if till.ended_at is None:
            Till.update(ended_at=at, token_hash=None, link_hash=None).where(Till.id == till.id).execute()
            _note(till, "taken back", by=by, at=at)
    return True


def _ask_pin(till: Till, pin: str, at: dt.datetime):
    """Raises Refused when it is not the PIN, or was guessed at too often, on this device or at this shop."""
    digits = unicodedata.normalize("NFKC", pin).strip()
    here, shop = limits.subject(f"till|{till.ref}"), limits.subject(f"shop|{till.merchant_id}")
    with PASSWORDS.place():
        with writing():
            if limits.over("pin shop", shop, at):
                words = N_("Too many wrong PINs at this shop. It goes on tomorrow, or once the owner sets another PIN.")
                raise Refused("locked", words)
            if limits.over("pin till", here, at):
                raise Refused("locked", N_("Too many tries on this device. Please wait a quarter of an hour."))
            tries = limits.note("pin till", here, at), limits.note("pin shop", shop, at)
        if not PASSWORDS.right(digits, Merchant.get_by_id(till.merchant_id).pin_hash):
            raise Refused("pin", N_("That is not the shop's PIN."))
        with writing():
            limits.take_back(*tries)


def _note(till: Till, what: str, *, by, at: dt.datetime):
    Trail.note("changed", by=by, subject=f"merchant:{till.merchant.code}", what=f"device {till.ref} {what}", at=at)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
