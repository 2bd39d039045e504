"""Roles: who holds which, giving and taking them; and the table of who may do what."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from models import granting, second_factor
from models._database import writing
from models._keys import Locked
from models._record import Page, Refused
from models.people import Person, RoleGrant, phone_number
from models.roles import PERMISSIONS, ROLES
from models.second_factor import SecondFactor
from models.sessions import Session
from views._access import may
from views._answer import changed, invalid, page, page_number
from views._granting import KIND_WORDS, GrantForm, last_day, places

area = Blueprint("roles", __name__, url_prefix="/roles")


@area.get("/")
@may("give and take roles")
def index():
    """People by how their name begins."""
    return _people(_sought(request.args.get("q", "")))


@area.post("/")
@may("give and take roles")
def look_for():
    """A whole phone number leads to its person: so it stands in no address. A name leads to the page of those."""
    sought = _sought(request.form.get("q", ""))
    phone = phone_number(sought)
    if phone is None:
        return changed(url_for("roles.index", q=sought)) if not _has_digits(sought) else _people(sought)
    person = Person.by_phone(phone)
    return changed(url_for("roles.show", ref=person.ref)) if person else _people(sought)


def _sought(text: str) -> str:
    return "".join(c for c in text[:60] if c.isprintable()).strip()


def _people(sought: str):
    rows, wrong = _found(sought)
    grants = granting.of([person.id for person in rows.rows], at=g.now) if rows else {}
    names = places({grant.scope for held in grants.values() for grant in held})
    return page("roles/index.html", sought=sought, rows=rows, wrong=wrong, grants=grants, places=names)


@area.get("/<ref>")
@may("give and take roles")
def show(ref):
    person = _person(ref)
    return page("roles/show.html", form=GrantForm(), **_about(person))


@area.post("/<ref>/grants")
@may("give and take roles", fresh=True)
def give(ref):
    person, form = _person(ref), GrantForm(request.form)
    if form.validate():
        try:
            granting.give(person, form.role.data, form.scope, ends_at=form.ends_at, by=g.viewer, at=g.now)
            return changed(url_for("roles.show", ref=ref))
        except Refused as no:
            form.refused(no)
    return invalid("roles/show.html", form=form, **_about(person))


@area.post("/<ref>/grants/<int:number>/end")
@may("give and take roles", fresh=True)
def take(ref, number):
    grant = RoleGrant.get_or_none(RoleGrant.id == number, RoleGrant.person == _person(ref)) if number < 2**63 else None
    if grant is not None and ROLES[grant.role].scopes:  # twice is once
        granting.take(grant, by=g.viewer, at=g.now)
    return changed(url_for("roles.show", ref=ref) if ref != g.viewer.ref else url_for("people.me"))


@area.post("/<ref>/second/end")
@may("give and take roles", fresh=True)
def forget_second(ref):
    """Phone and paper are lost: the person sets the second factor up anew. All their devices are signed out."""
    person = _person(ref)
    if person.id == g.viewer.id:  # one's own is turned off with a code
        return changed(url_for("second.show"))
    with writing():
        second_factor.forget(person, by=g.viewer, at=g.now)
        Session.end_all(person)
    return changed(url_for("roles.show", ref=ref))


@area.get("/table")
@may("read who may do what")
def table():
    """The very table that the door uses."""
    columns = [role for role in ROLES if any(role in roles for roles in PERMISSIONS.values())]
    return page("roles/table.html", permissions=PERMISSIONS, columns=columns, roles=ROLES, kinds=KIND_WORDS)


def _found(sought: str) -> tuple[Page | None, str]:
    """A page of people, and what was wrong with the question."""
    if not sought:
        return None, ""
    if phone_number(sought):
        return Page(Person.select().where(Person.id == 0), 1), ""
    if _has_digits(sought):
        return None, _("By phone only with all 11 digits, so that nobody is found by chance.")
    return Page(Person.named(sought), page_number()), ""


def _has_digits(sought: str) -> bool:
    return any(c.isdigit() for c in sought)


def _person(ref: str) -> Person:
    person = (
        Person.get_or_none(Person.ref == ref, Person.state != "closed") if len(ref) == 10 and ref.isalnum() else None
    )
    return person or abort(404)


def _about(person: Person) -> dict:
    held = granting.held(person, at=g.now)
    names = places({grant.scope for grant in held})
    return {
        "person": person,
        "second": SecondFactor.of(person),
        "phone": _masked_phone(person),
        "grants": held,
        "places": names,
        "last_day": last_day,
        "roles": ROLES,
    }


def _masked_phone(person: Person) -> str:
    """138****1234: enough to tell two people of one name apart."""
    try:
        phone = person.phone
    except Locked:
        return _("locked")
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""
