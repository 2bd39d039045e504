"""My account: my devices, my password, my data and who looked at it, and closing it."""

import json

from flask import Blueprint, Response, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from models import farewells, granting, personal
from models._database import writing
from models._trail import Trail
from models.consents import PURPOSES, Consent
from models.devices import KnownDevice
from models.passwords import PASSWORDS, weakness
from models.people import INDUSTRIES, Employment, Person
from models.sessions import Session
from views._access import signed_in, signed_in_fresh, signed_out
from views._answer import changed, invalid, page, page_number
from views._device import own_device
from views._forms import OurForm, own_path

area = Blueprint("account", __name__)


class PasswordForm(OurForm):
    password = PasswordField(_l("New password"), [InputRequired(_l("Please write the new password."))])

    def validate_password(self, field):
        person = Person.get_by_id(g.viewer.id)
        staff = any(grant.role != "rider" for grant in g.viewer.grants)
        if wrong := weakness(field.data, phone=person.phone or "", staff=staff):
            raise ValidationError(_(wrong))


def _works() -> list[SelectChoice]:
    """One list without a second question: `driver truck` is a driver's kind."""
    found = [SelectChoice("", _("Please choose"))]
    for industry, (words, kinds) in INDUSTRIES.items():
        inside = [SelectChoice(f"{industry} {kind}", _(kind_words)) for kind, kind_words in kinds.items()]
        found += inside or [SelectChoice(industry, _(words))]
    return found


class WorkField(SelectField):
    """What somebody works in. Whether it must be said the form knows."""

    def __init__(self, label, **more):
        super().__init__(label, choices=_works, validate_choice=False, **more)

    @property
    def is_said(self) -> bool:
        return bool(self.data) and self.data in {choice.value for choice in _works()}

    def iter_choices(self):
        """Without the empty one, once it is said."""
        return (choice for choice in super().iter_choices() if choice[0] or not self.is_said)


class NameForm(OurForm):
    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Please write your name.")),
            Length(max=30, message=_l("The name is longer than 30 characters.")),
        ],
        filters=[lambda text: " ".join((text or "").split())],
    )
    industry = WorkField(_l("What you work in"))

    def validate_name(self, field):
        if not field.data:
            raise ValidationError(_("Please write your name."))
        if not field.data.isprintable():
            raise ValidationError(_("There is a character in the name that cannot be kept."))

    def validate_industry(self, field):
        if not field.is_said:
            raise ValidationError(_("Please choose from the list."))


# Devices.


@area.get("/me/devices")
@signed_in
def devices():
    return page("account/devices.html", sessions=Session.of(g.viewer, at=g.now))


@area.post("/me/devices/end")
@signed_in
def end_device():
    """One of my devices, or with `all` every one but this."""
    if "all" in request.form:
        _only_this_device()
    else:
        number = request.form.get("session", "")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            abort(404)
        Session.end_one(g.viewer, int(number))  # twice is once; another's stays, and nobody learns that it is there
    return changed(url_for("account.devices"))


# Password.


@area.get("/me/password")
@signed_in_fresh
def password():
    return page("account/password.html", form=PasswordForm(), person=Person.get_by_id(g.viewer.id))


@area.post("/me/password")
@signed_in_fresh
def set_password():
    form = PasswordForm(request.form)
    if not form.validate():
        return invalid("account/password.html", form=form, person=Person.get_by_id(g.viewer.id))
    secret = PASSWORDS.hash(form.password.data or "")
    with writing():
        _write(password_hash=secret)
        _only_this_device()
        _note("password set")
    return changed(url_for("people.me"))


# My data.


@area.get("/me/data")
@signed_in
def data():
    return page(
        "account/data.html",
        person=Person.get_by_id(g.viewer.id),
        work=_work_words(),
        consents=Consent.of(g.viewer),
        purposes=PURPOSES,
        sessions=len(Session.of(g.viewer, at=g.now)),
    )


@area.get("/me/data.json")
@signed_in_fresh
def data_file():
    told = json.dumps(personal.told(g.viewer), ensure_ascii=False, indent=1)
    answer = Response(told, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="nuanyi-my-data.json"'
    return answer


@area.get("/me/data/edit")
@signed_in
def edit():
    work = Employment.now(g.viewer)
    form = NameForm(name=g.viewer.name, industry=work.work if work else "")
    return page("account/edit.html", form=form, back=_back())


@area.post("/me/data/edit")
@signed_in
def correct():
    form = NameForm(request.form)
    if not form.validate():
        return invalid("account/edit.html", form=form, back=_back())
    with writing():
        if form.name.data != g.viewer.name:
            _write(name=form.name.data)
            _note("name corrected")
        Employment.put(g.viewer, form.industry.data, at=g.now)
    return changed(_back())


def _back() -> str:
    """Where one came from to say it, or to my data."""
    return own_path(request.values.get("next", url_for("account.data")))


@area.get("/me/seen")
@signed_in
def seen():
    """Who looked at my data, as roles: a person's name is theirs."""
    rows = Trail.about(f"person:{g.viewer.ref}", kind="seen", page=page_number())
    held = granting.of([row.actor for row in rows.rows], at=g.now)
    for row in rows.rows:
        row.roles = [grant.role for grant in held.get(row.actor, ())]
    return page("account/seen.html", rows=rows)


# Closing.


@area.get("/me/close")
@signed_in_fresh
def close():
    return page("account/close.html")


@area.post("/me/close")
@signed_in_fresh
def closing():
    farewells.close(g.viewer, at=g.now)
    g.viewer = None
    return signed_out(page("account/closed.html"))


def _work_words() -> str:
    work = Employment.now(g.viewer)
    if work is None:
        return ""
    words, kinds = INDUSTRIES[work.industry]
    return _(kinds[work.sub_kind]) if work.sub_kind else _(words)


def _write(**columns):
    """Into my row, unless another device has just closed the account: then nothing is put back into it."""
    Person.update(**columns).where(Person.id == g.viewer.id, Person.state != "closed").execute()


def _only_this_device():
    """All others are signed out, and strangers from now on."""
    with writing():
        Session.end_all(g.viewer, but=g.viewer.session_id)
        KnownDevice.forget(g.viewer)
        if device := own_device():
            KnownDevice.remember(g.viewer, device, at=g.now)


def _note(what: str):
    Trail.note("changed", by=g.viewer, subject=f"person:{g.viewer.ref}", what=what, at=g.now)
