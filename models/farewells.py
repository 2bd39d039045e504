"""Closing an account: anonymous at once, and for seven days what is needed to undo it (PIPL 47)."""

import datetime as dt
import json
import secrets

from peewee import BlobField, ForeignKeyField, TextField

from models import card_moves, codes, entry, granting, second_factor
from models._database import hold, writing
from models._keys import Sealed, ring
from models._record import MomentField, Record
from models._trail import Trail
from models.consents import Consent
from models.devices import KnownDevice
from models.people import Employment, Person, RoleGrant
from models.sessions import Session
from models.visits import Visit

UNDO = dt.timedelta(days=7)
"""How long a closed account can be had back."""


class Farewell(Record):
    """What a closed account was, sealed, until the time to undo has passed."""

    person = ForeignKeyField(Person, primary_key=True)
    uid = BlobField(default=lambda: secrets.token_bytes(16))
    kept_sealed = TextField()
    phone_index = BlobField(null=True, unique=True)
    closed_at = MomentField(index=True)

    kept = Sealed("pii", {"phone_index": lambda text: _blind(json.loads(text)["phone"])})

    @classmethod
    def by_phone(cls, phone: str, *, at: dt.datetime) -> "Farewell | None":
        """The account that this phone had until it was closed, while that can be undone."""
        return cls.get_or_none(cls.phone_index.in_(ring().blinds(phone)), cls.closed_at > at - UNDO)


def close(person: Person, *, at: dt.datetime):
    """Take name, phone, password, roles, devices and the card's keys off a person, in one transaction. Twice is once.

    Visits stay with the number of a person without a name; the totals are untouched.
    Raises Refused("last-administrator").
    """
    with writing():
        hold(person.id)
        person = Person.get_by_id(person.id)
        if person.state == "closed":
            return
        farewell = Farewell(person=person, phone_index=person.phone_index, closed_at=at)
        kept = {"name": person.name, "phone": person.phone, "password": person.password_hash}
        farewell.kept = json.dumps(kept | {"card": card_moves.close(person, at=at)})
        if person.phone:  # it brings one account back: an older one of it is forgotten now
            older = Farewell.select(Farewell.person).where(Farewell.phone_index.in_(ring().blinds(person.phone)))
            _forget([each.person_id for each in older])
        farewell.save(force_insert=True)
        person.name, person.state, person.password_hash = "", "closed", None
        person.phone_sealed = person.phone_index = person.phone_last4 = None
        person.save()
        granting.leave(person, at=at)
        second_factor.forget(person, by=person, at=at)
        KnownDevice.forget(person)
        Session.end_all(person)
        Employment.update(ends_at=at).where(Employment.person == person, Employment.ends_at.is_null()).execute()
        Consent.withdraw(person, "account", at=at)
        Trail.note("changed", by=person, subject=f"person:{person.ref}", what="account closed", at=at)


def undo(farewell: Farewell, *, at: dt.datetime) -> Person | None:
    """The account as it was, without devices and without roles but that of a partner; None when the phone has a new
    account or it is too late."""
    with writing():
        hold(farewell.person_id)
        found = Farewell.get_or_none(Farewell.person == farewell.person_id)
        if found is None or found.closed_at <= at - UNDO:
            return None
        kept, person = json.loads(found.kept), found.person
        if kept["phone"] and Person.by_phone(kept["phone"]):
            return None
        person.name, person.state, person.password_hash = kept["name"], "confirmed", kept["password"]
        if kept["phone"]:
            person.take_phone(kept["phone"])
        person.save()
        RoleGrant.get_or_create(person=person, role="rider", scope="", defaults={"given_at": at})
        Employment.update(ends_at=None).where(
            Employment.person == person, Employment.ends_at == found.closed_at
        ).execute()
        if kept.get("card"):
            card_moves.reopen(person, at=at)
        found.delete_instance()
        Consent.give(person, "account", channel="undo", at=at)
        Trail.note("changed", by=person, subject=f"person:{person.ref}", what="closing undone", at=at)
        return person


def come_back(phone: str, proof: str, caller: codes.Caller, *, at: dt.datetime) -> Person | None:
    """Undo it for who holds the phone, by the proof that a right code gave; None when that does not hold any more."""
    with writing():
        if codes.use(phone, "register", proof, caller, now=at) == "wrong":
            return None
        if farewell := Farewell.by_phone(phone, at=at):
            return undo(farewell, at=at)
        person = Person.by_phone(phone)  # back since a moment ago: the button was pressed twice
        return None if person and entry.maybe_anothers(person, phone, caller, at=at) else person


def finish(*, at: dt.datetime) -> int:
    """Forget for good the accounts that can no longer be had back; their visits belong to nobody. Returns how many."""
    with writing():
        gone = [f.person_id for f in Farewell.select(Farewell.person).where(Farewell.closed_at <= at - UNDO).limit(500)]
        _forget(gone)
    return len(gone)


def _forget(gone: list[int]):
    if gone:
        Visit.update(actor=None).where(Visit.actor.in_(gone)).execute()
        Employment.delete().where(Employment.person.in_(gone)).execute()
        Farewell.delete().where(Farewell.person.in_(gone)).execute()


def _blind(phone: str | None) -> bytes | None:
    return ring().blind(phone) if phone else None
