"""Who is it? The form that asks for a proof of identity, and what counts as one."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField

from models._keys import Locked
from models.people import Person
from models.second_factor import SecondFactor
from views._answer import page
from views._forms import OurForm


class ProofForm(OurForm):
    """One of three proofs. `next` is where to go afterwards, `carry` the form that was sent too early, `asked` whether
    a message is on its way."""

    password = PasswordField(_l("Password"))
    code = StringField(_l("Code of your app"))
    sms_code = StringField(_l("Code of the message"))
    next = HiddenField()
    carry = HiddenField()
    asked = HiddenField()


class CodeForm(OurForm):
    """The code of the own app, alone."""

    code = StringField(_l("Code of your app"))
    next = HiddenField()
    carry = HiddenField()


class Ways(NamedTuple):
    """What a person can prove with: the phone's number or '', a password, an app."""

    phone: str
    password: bool
    app: bool


def ways(viewer: Person) -> Ways:
    person, factor = Person.get_by_id(viewer.id), SecondFactor.of(viewer)
    try:
        phone = person.phone or ""
    except Locked:
        phone = ""
    return Ways(phone, bool(phone and person.password_hash), factor is not None and factor.on)


def ask(viewer: Person, form: ProofForm, *, status: int = 200):
    """The page that asks for one of the proofs which this person has."""
    return page("proof/prove.html", status, form=form, ways=ways(viewer))


def ask_second(form: CodeForm, *, status: int = 200):
    """The page that asks for the code of the own app, after signing in."""
    return page("second/code.html", status, form=form)
