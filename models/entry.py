"""The entry: registering, coming in by password or code, and what becomes of a number that changes hands."""

import datetime as dt

from peewee import fn

from models import codes, limits, visits
from models._database import hold, writing
from models._record import N_, Refused
from models._trail import Trail
from models.codes import Caller
from models.consents import PURPOSES, Consent
from models.devices import KnownDevice
from models.outbox import Outbox
from models.passwords import PASSWORDS
from models.people import Employment, Person, RoleGrant
from models.sessions import Session, sign_in

UNUSED = dt.timedelta(days=90)
"""After so long without use a number on a new device may be somebody else's by now: carriers give it out again."""


def by_password(phone: str, password: str, caller: Caller, *, at: dt.datetime) -> Person | None:
    """The person with this phone and password, else None. Raises Refused("locked") and Busy.

    Each try is counted before the password is looked at, so that many at once are no more than one after the other; the
    right one is taken back. On a device that the number knows only its own wrong ones count.
    """
    known = KnownDevice.has(phone, caller.device)
    place = f"device {caller.device}" if known else f"address {caller.address}"
    counted = [("password here", limits.subject(phone, place))]
    if not known:
        counted += [("password number", limits.subject(phone)), ("password address", limits.subject(place=place))]
    with PASSWORDS.place():  # who has to come back later is told so before anything is written
        with writing():
            if any([limits.over(what, subject, at) for what, subject in counted]):  # all asked: in one order, always
                raise Refused(
                    "locked", N_("Too many wrong passwords. Please sign in with a code, or ask a station keeper.")
                )
            noted = [limits.note(what, subject, at) for what, subject in counted]
        person = sign_in(phone, password)
    if person:
        with writing():
            limits.take_back(*noted)
            limits.forget(*counted[0])
    return person


def unlock(phone: str, *, by: Person, at: dt.datetime):
    """Wrong passwords for this number and codes asked for by strangers are forgotten: its owner stands before a keeper.

    The trail names the person; of a number that is nobody's, its keyed hash.
    """
    with writing():
        limits.unlock(phone)
        limits.unlock(phone, "code stranger")
        if person := Person.by_phone(phone):
            _note(person, "sign-in opened", by=by, at=at)
        else:
            hidden = limits.subject(phone)[:8].hex()
            Trail.note("changed", by=by, subject=f"number:{hidden}", what="sign-in opened", at=at)


def by_code(phone: str, code: str, caller: Caller, *, at: dt.datetime) -> tuple[str, Person | None, str]:
    """Sign in by code: what the code is (codes.use), whose number it is, and a proof to go on with.

    With nobody's number the proof is for registering; with one that may have changed hands it is for saying so.
    """
    with writing():
        said = codes.use(phone, "sign-in", code, caller, now=at)
        if said == "wrong":
            return said, None, ""
        person = Person.by_phone(phone)
        if person is None:
            return said, None, codes.carry(phone, "register", caller, now=at)
        asks = maybe_anothers(person, phone, caller, at=at)
        return said, person, codes.carry(phone, "owner", caller, now=at) if asks else ""


def maybe_anothers(person: Person, phone: str, caller: Caller, *, at: dt.datetime) -> bool:
    """May this number have changed hands: long unused, and never seen on this device?"""
    return at - _last_theirs(person) >= UNUSED and not KnownDevice.has(phone, caller.device)


def _last_theirs(person: Person) -> dt.datetime:
    """When we last saw the number in the person's hand. A session alone would not tell: signing out deletes it."""
    got = Trail.subject == f"person:{person.ref}", Trail.what.in_(["phone changed", "closing undone"])
    seen = [
        Session.select(fn.MAX(Session.last_seen_at)).where(Session.person == person).scalar(),
        KnownDevice.select(fn.MAX(KnownDevice.at)).where(KnownDevice.person == person).scalar(),
        Trail.select(fn.MAX(Trail.at)).where(*got).scalar(),
    ]
    return max([person.created_at, *(_moment(moment) for moment in seen if moment)])


def owner_says(phone: str, proof: str, mine: bool, caller: Caller, *, at: dt.datetime) -> tuple[Person | None, str]:
    """Whose number it is, says who holds it: the person, or a proof to register with after the number left them.

    Neither, when the proof does not hold (any more).
    """
    with writing():
        if codes.use(phone, "owner", proof, caller, now=at) == "wrong":
            return None, ""
        person = Person.by_phone(phone)
        if mine:
            return person, ""
        if person and maybe_anothers(person, phone, caller, at=at):
            let_go(person, at=at)
        return None, codes.carry(phone, "register", caller, now=at)


def let_go(person: Person, *, at: dt.datetime):
    """The number is another's now: it leaves the person, with the devices signed in by it."""
    person.phone_sealed = person.phone_index = person.phone_last4 = None
    person.save(only=[Person.phone_sealed, Person.phone_index, Person.phone_last4])
    Session.end_all(person)
    KnownDevice.forget(person)
    _note(person, "phone given to another", by=None, at=at)


def register(
    *, name: str, phone: str, work: str, code: str, caller: Caller, at: dt.datetime, channel: str = "web"
) -> tuple[Person | None, str]:
    """A new person, in one transaction: the code used up, the consent kept, the visits of this device taken along.

    `work` is an industry and, after a space, the kind within. Returns the person, None when the code is wrong: with a
    number that somebody has it is they, as they were. Where that may have changed hands nothing is done, and a proof
    comes along to say whose it is (owner_says). Raises KeyError for a work that there is not.
    """
    with writing():
        if codes.use(phone, "register", code, caller, now=at) == "wrong":
            return None, ""
        person = Person.by_phone(phone)
        if person and maybe_anothers(person, phone, caller, at=at):
            return person, codes.carry(phone, "owner", caller, now=at)
        if person is None:
            person = Person.register(name=name, phone=phone, at=at)
            RoleGrant.create(person=person, role="rider")
            Employment.put(person, work, at=at)
            _note(person, "registered", by=person, at=at)
        elif person.state == "pending":  # brought in from a list: now confirmed by the person
            person.state = "confirmed"
            person.save(only=[Person.state])
        agree(person, channel=channel, at=at)
        if caller.device:
            visits.take_along(person.id, caller.device)
        return person, ""


def agree(person: Person, *, channel: str, at: dt.datetime):
    """Keep that the person agreed to the account, unless it is kept in this version already."""
    version = PURPOSES["account"][0]
    for consent in Consent.of(person):
        if (consent.purpose, consent.version, consent.withdrawn_at) == ("account", version, None):
            return
    Consent.give(person, "account", channel=channel, at=at)


def change_phone(person: Person, phone: str, code: str, caller: Caller, *, at: dt.datetime) -> str:
    """Give a person another number, after the code that went to it; returns what the code is (codes.use).

    The old number keeps nothing and all devices are signed out. Raises Refused: `taken`, `closed`.
    """
    with writing():
        said = codes.use(phone, "change", code, caller, now=at)
        if said == "wrong":
            return said
        other = Person.by_phone(phone)
        if other == person:
            return said
        if other is None:
            _give_phone(person.id, phone, by=person, at=at)
    if other:  # outside of the transaction: the code is used up all the same
        raise Refused("taken", N_("This number already opens another account. Sign in with it to use that one."))
    return said


def move_phone(old: str, phone: str, code: str, caller: Caller, *, words: str, by: Person, at: dt.datetime) -> str:
    """Give whoever lost the phone with the number `old` another one, in person, after the code that went to that.

    `by` is the keeper who has seen them; the old number is told so by `words`. Returns what the code is (codes.use).
    Raises Refused: `taken`, and `nobody` alike for a number that nobody has and, unless `by` is an administrator, for
    one of staff.
    """
    with writing():
        said = codes.use(phone, "change", code, caller, now=at)
        if said == "wrong":
            return said
        if person := Person.by_phone(old):
            hold(person.id)  # nobody makes staff of them, or closes the account, between asking and doing
        person, other = Person.by_phone(old), Person.by_phone(phone)
        mine = person and ("administrator" in by.roles() or not _is_staff(person))
        if person and mine and not other:
            _give_phone(person.id, phone, by=by, at=at)
            Outbox.put("sms", old, words, now=at, ends_at=at + dt.timedelta(days=1))
    if said == "again" and other:
        return said
    if not mine:
        raise Refused("nobody", N_("We find no partner with the old number. For staff it is done by an administrator."))
    if other:
        raise Refused("taken", N_("This number already opens another account. Sign in with it to use that one."))
    return said


def _is_staff(person: Person) -> bool:
    grants = RoleGrant.select().where(RoleGrant.person == person, RoleGrant.role.not_in(["rider", "merchant"]))
    return grants.exists()


def _give_phone(person: int, phone: str, *, by: Person, at: dt.datetime):
    """From now on this number is theirs, and no device that they were signed in on is signed in."""
    hold(person)
    owner = Person.get_by_id(person)
    if owner.state == "closed":
        raise Refused("closed", N_("This account has been closed."))
    owner.take_phone(phone)
    owner.save(only=[Person.phone_sealed, Person.phone_index, Person.phone_last4])
    Session.end_all(owner)
    KnownDevice.forget(owner)
    _note(owner, "phone changed", by=by, at=at)


def _note(person: Person, what: str, *, by: Person | None, at: dt.datetime):
    Trail.note("changed", by=by, subject=f"person:{person.ref}", what=what, at=at)


def _moment(seen) -> dt.datetime:
    return Session.last_seen_at.python_value(seen)
