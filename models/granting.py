"""Giving and taking roles: for which place, until when and by whom; and that somebody always can."""

import datetime as dt

from models._database import hold, writing
from models._record import N_, Refused, to_ms
from models._trail import Trail
from models.areas import Town, Unit
from models.merchants import Merchant
from models.people import Person, RoleGrant
from models.roles import DISTRICT, MERCHANT, ROLES, STATION, TOWN, UNIT
from models.sessions import Session
from models.stations import Station

PLACES = {STATION: Station, UNIT: Unit, TOWN: Town, MERCHANT: Merchant}
"""Where the places of a kind stand, by their code."""

ADMINISTRATOR = "administrator"
ADMINISTRATORS = 2**63 - 1
"""What is held while somebody decides who the administrators are; the highest key, so always after the people's."""


def grantable() -> dict[str, tuple[str, ...]]:
    """The roles that can be given, each with the kinds of place for which."""
    return {role: told.scopes for role, told in ROLES.items() if told.scopes}


def fits(role: str, scope: str) -> bool:
    """Can this role be given for the place of this code ('' the district)?"""
    kinds = grantable().get(role, ())
    if scope == "":
        return DISTRICT in kinds
    if len(scope) > 20 or not scope.isprintable():
        return False
    listed = (PLACES[kind] for kind in kinds if kind != DISTRICT)
    return any(places.select().where(places.code == scope).exists() for places in listed)


def give(
    person: Person, role: str, scope: str, *, ends_at: dt.datetime | None, by: Person | None, at: dt.datetime
) -> RoleGrant:
    """The person holds the role for the place from now on, until `ends_at`. Twice is once; another end changes the end.

    `by` is None for the operator of the installation. All devices of the person are signed out, but for the one at
    which `person` stands. Raises Refused: "place", "self", "past", "closed", "last-administrator".
    """
    if not fits(role, scope):
        raise Refused("place", N_("This role is not given for this place."))
    if by is not None and by.id == person.id:
        raise Refused("self", N_("Nobody gives a role to themselves. Another administrator can do it."))
    if ends_at is not None and ends_at <= at:
        raise Refused("past", N_("This day has passed. Please choose a later one."))
    with writing():
        hold(*_keys(person.id, role))
        if Person.get_by_id(person.id).state == "closed":
            raise Refused("closed", N_("This account has been closed."))
        grant = RoleGrant.get_or_none(person=person, role=role, scope=scope)
        if grant is None:
            grant = RoleGrant(person=person, role=role, scope=scope)
        elif _same(grant.ends_at, ends_at):
            return grant
        elif ends_at is not None:
            _somebody_stays(grant)
        grant.ends_at, grant.given_by, grant.given_at = ends_at, by.id if by else 0, at
        grant.save()
        until = f" until {ends_at.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}" if ends_at else ""
        _note(person, f"given: {role} {scope}".strip() + until, by, at)
        Session.end_all(person, but=person.session_id)
    return grant


def take(grant: RoleGrant, *, by: Person | None, at: dt.datetime):
    """The role is no longer held, and all devices of who held it are signed out. Twice is once.

    Raises Refused("last-administrator").
    """
    with writing():
        hold(*_keys(grant.person_id, grant.role))
        held = RoleGrant.get_or_none(RoleGrant.id == grant.id)
        if held is None:
            return
        _somebody_stays(held)
        held.delete_instance()
        _note(held.person, f"taken: {held.role} {held.scope}".strip(), by, at)
        Session.end_all(held.person)


def leave(person: Person, *, at: dt.datetime):
    """All roles end, because the account is closed. Raises Refused("last-administrator")."""
    with writing():
        for grant in RoleGrant.select().where(RoleGrant.person == person):
            take(grant, by=person, at=at)


def held(person: Person, *, at: dt.datetime) -> list[RoleGrant]:
    """What a person holds now, the newest first."""
    return of([person.id], at=at).get(person.id, [])


def of(people: list[int], *, at: dt.datetime) -> dict[int, list[RoleGrant]]:
    """What these people (by id) hold now, the newest first, in one query."""
    found: dict[int, list[RoleGrant]] = {}
    if people:
        for grant in (
            RoleGrant.select().where(RoleGrant.person.in_(people), RoleGrant.alive(at)).order_by(RoleGrant.id.desc())
        ):
            found.setdefault(grant.person_id, []).append(grant)
    return found


def _keys(person: int, role: str) -> tuple[int, ...]:
    return (person, ADMINISTRATORS) if role == ADMINISTRATOR else (person,)


def _somebody_stays(grant: RoleGrant):
    """Of administrators one without an end must be left, else nobody could give a role any more."""
    if grant.role != ADMINISTRATOR:
        return
    others = RoleGrant.select().join(Person).where(RoleGrant.role == ADMINISTRATOR, RoleGrant.person != grant.person_id)
    if not others.where(RoleGrant.ends_at.is_null(), Person.state != "closed").exists():
        raise Refused(
            "last-administrator",
            N_("This is the last administrator without an end. First give the role to somebody else."),
        )


def _same(one, other) -> bool:
    return (one and to_ms(one)) == (other and to_ms(other))


def _note(person: Person, what: str, by: Person | None, at: dt.datetime):
    Trail.note("changed", by=by, subject=f"person:{person.ref}", what=what, at=at)
