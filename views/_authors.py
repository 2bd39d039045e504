"""Who acted, as the trail shows it: a masked name with its reference and roles."""

from collections.abc import Iterable

from flask import g

from models._trail import Trail
from models.people import Person, RoleGrant


def authors(lines: Iterable[Trail]) -> dict[int, tuple[str, str, list[str]]]:
    """The masked name, the reference and the roles of whoever acted, by number: three queries for a page."""
    ids = {line.actor for line in lines if line.actor}
    if not ids:
        return {}
    roles: dict[int, list[str]] = {}
    for grant in RoleGrant.select().where(RoleGrant.person.in_(ids)).order_by(RoleGrant.id):
        if grant.ends_at is None or grant.ends_at > g.now:
            roles.setdefault(grant.person_id, []).append(grant.role)
    people = Person.select(Person.id, Person.ref, Person.name).where(Person.id.in_(ids))
    return {person.id: (person.masked, person.ref, sorted(set(roles.get(person.id, [])))) for person in people}
