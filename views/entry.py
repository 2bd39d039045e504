"""The entry: registering, signing in by code or password, signing out, and changing one's number."""

import unicodedata

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, StopValidation, ValidationError

from models import codes, demo, entry, farewells
from models._database import Busy, writing
from models._record import Refused
from models.consents import PURPOSES
from models.devices import KnownDevice
from models.farewells import Farewell
from models.people import Person, phone_number
from models.sessions import Session
from views._access import anyone, signed_in_fresh, signed_out, with_token
from views._answer import RETRY, changed, invalid, page, refusal
from views._device import HALF_A_YEAR, caller, kind_of_device, remember
from views._forms import OurForm, own_path
from views._resume import carried
from views.account import NameForm

area = Blueprint("entry", __name__)


def check_number(field):
    """Raises ValidationError with what is wrong with a number, in words."""
    digits = "".join(c for c in field.data if c.isdigit())
    if phone_number(field.data):
        return
    if "E+" in field.data.upper():
        raise ValidationError(_("A spreadsheet broke this number. Please type it again."))
    if len(digits) < 11:
        raise ValidationError(_("The phone number is too short."))
    raise ValidationError(_("This is not a mobile number. It has 11 digits and begins with 1."))


class PhoneForm(OurForm):
    """A number, and what goes along with it from step to step."""

    phone = StringField(_l("Phone number"), [InputRequired(_l("Please write your phone number."))])
    next = HiddenField()
    carry = HiddenField()

    def validate_phone(self, field):
        check_number(field)

    @property
    def number(self) -> str:
        return phone_number(self.phone.data or "") or ""


class CodeForm(PhoneForm):
    """The number first; when a code has been sent, the same again with the code."""

    code = StringField(_l("Code"))
    asked = HiddenField()

    @property
    def wants_code(self) -> bool:
        """Is this about having a code sent, for the first time or once more?"""
        return not self.asked.data or "again" in request.form

    @property
    def digits(self) -> str:
        """The code as typed, full-width digits and blanks put right."""
        return "".join(unicodedata.normalize("NFKC", (self.code.data or "")[:100]).split())

    def validate_code(self, field):
        if not self.wants_code and not self.digits:
            raise ValidationError(_("Please write the six digits of the message."))


class RegisterForm(CodeForm, NameForm):
    agree = BooleanField()
    version = HiddenField()
    proof = HiddenField()

    @property
    def wants_code(self) -> bool:
        return not self.proof.data and super().wants_code

    def validate_code(self, field):
        if not self.proof.data:
            super().validate_code(field)

    def validate_agree(self, field):
        if not field.data:
            raise StopValidation(_("If you agree, please tick the box. You can look around without."))
        if self.version.data != str(PURPOSES["account"][0]):
            field.data = False
            raise StopValidation(_("These words have changed meanwhile. Please read them once more."))


class PasswordForm(PhoneForm):
    password = PasswordField(_l("Password"), [InputRequired(_l("Please write your password."))])


class MovedForm(CodeForm):
    """The old number and, in `phone`, the new one."""

    old = StringField(_l("The old number"), [InputRequired(_l("Please write your phone number."))])

    def validate_old(self, field):
        check_number(field)

    @property
    def old_number(self) -> str:
        return phone_number(self.old.data or "") or ""


# Signing in by code.


@area.get("/sign-in")
@anyone
def sign_in():
    return _sign_in(CodeForm(next=request.args.get("next", "")))


@area.post("/sign-in")
@anyone
def signing_in():
    if current_app.config["DEMO"] and "account" in request.form:
        return _demo(request.form["account"])
    form = CodeForm(request.form)
    if request.form.get("way") == "password":  # a button, not a link: what the form carries comes along
        known = PasswordForm(phone=form.phone.data, next=form.next.data, carry=form.carry.data)
        return page("entry/password.html", form=known)
    if not form.validate():
        return _sign_in(form, 422)
    if "owner" in request.form:
        return _whose(form)
    if "back" in request.form:
        return _back(form)
    if form.wants_code:
        return _sign_in(form, send_code(form, "sign-in"))
    said, person, proof = entry.by_code(form.number, form.digits, caller(), at=g.now)
    if said == "wrong":
        return _sign_in(form, wrong_code(form))
    if person is None:
        return _new_here(form, proof)
    return _ask_whose(form, person, proof) if proof else _in(person)


def _ask_whose(form, person, proof):
    return show("entry/whose.html", 200, form=form, proof=proof, person=person)


def _whose(form):
    """是我, or 不是我: the answer about a number that may have changed hands."""
    mine = request.form["owner"] == "mine"
    person, proof = entry.owner_says(form.number, request.form.get("proof", "")[:64], mine, caller(), at=g.now)
    if person:
        return _in(person)
    return _new_here(form, proof) if proof else _sign_in(form, wrong_code(form))


def _back(form):
    """找回 or 重新开始: the answer about an account that was closed a few days ago."""
    proof = request.form.get("proof", "")[:64]
    if request.form["back"] != "yes":
        return _new_here(form, proof)
    person = farewells.come_back(form.number, proof, caller(), at=g.now)
    return _in(person) if person else _sign_in(form, wrong_code(form))


def _new_here(form, proof):
    """Nobody has this number yet: its holder is asked the rest, and needs no second code; or whether a closed account
    of it shall come back."""
    if Farewell.by_phone(form.number, at=g.now) and "back" not in request.form:
        return remember(page("entry/back.html", form=form, proof=proof), caller().device)
    return _register(RegisterForm(phone=form.phone.data, next=form.next.data, carry=form.carry.data, proof=proof))


def _sign_in(form, code: int = 200):
    accounts = demo.ACCOUNTS if current_app.config["DEMO"] else ()
    return show("entry/sign_in.html", code, form=form, accounts=accounts)


def _demo(phone):
    person = demo.account(phone)
    return _in(person) if person else changed(url_for("entry.sign_in"))


@area.app_errorhandler(401)
def again(error):
    """The session has ended in the middle of a form: what was typed is kept in the sign-in form."""
    form = None if request.headers.get("HX-Request") else carried()
    if form is None:
        return refusal(401)
    g.fragment = False
    return _sign_in(CodeForm(carry=str(form)), 401)


# By password.


@area.get("/sign-in/password")
@anyone
def by_password():
    return page("entry/password.html", form=PasswordForm(next=request.args.get("next", "")))


@area.post("/sign-in/password")
@anyone
def signing_in_by_password():
    form = PasswordForm(request.form)
    if not form.validate():
        return invalid("entry/password.html", form=form)
    try:
        person = entry.by_password(form.number, form.password.data or "", caller(), at=g.now)
    except Busy:
        form.password.errors = [_("Nothing is lost. Please press again in a few seconds.")]
        return show("entry/password.html", 503, form=form)
    except Refused as no:
        form.password.errors = [_(no.message)]
        return show("entry/password.html", 429, form=form)
    if person is None:
        form.password.errors = [_("Phone number and password do not fit together. Please try again.")]
        return invalid("entry/password.html", form=form)
    return _in(person)


@area.post("/sign-out")
@anyone
def sign_out():
    if token := request.cookies.get(current_app.sid):
        Session.end(token)
    return signed_out(changed(url_for("home.index")), own="own" in request.form)


# Registering.


@area.get("/register")
@anyone
def register():
    return _register(RegisterForm(next=request.args.get("next", "")))


@area.post("/register")
@anyone
def registering():
    form = RegisterForm(request.form)
    if not form.validate():
        return _register(form, 422)
    if form.wants_code:
        return _register(form, send_code(form, "register"))
    person, proof = entry.register(
        name=form.name.data or "",
        phone=form.number,
        work=form.industry.data,
        code=form.proof.data or form.digits,
        caller=caller(),
        at=g.now,
    )
    if person is None:
        form.proof.data = ""
        return _register(form, wrong_code(form))
    return _ask_whose(form, person, proof) if proof else _in(person)


def _register(form, code: int = 200):
    form.version.data, words = PURPOSES["account"]
    return show("entry/register.html", code, form=form, words=words)


# Another number.


@area.get("/me/phone")
@signed_in_fresh
def phone():
    return page("entry/phone.html", form=CodeForm())


@area.post("/me/phone")
@signed_in_fresh
def change_phone():
    form = CodeForm(request.form)
    if not form.validate():
        return invalid("entry/phone.html", form=form)
    if form.wants_code:
        return show("entry/phone.html", send_code(form, "change"), form=form)
    try:
        said = entry.change_phone(g.viewer, form.number, form.digits, caller(), at=g.now)
    except Refused as no:
        form.phone.errors, form.asked.data = [_(no.message)], ""
        return show("entry/phone.html", 409, form=form)
    if said == "wrong":
        return show("entry/phone.html", wrong_code(form), form=form)
    return _in(g.viewer, go=url_for("account.data"))


# What these have in common.


def send_code(form, purpose: str) -> int:
    """Have a code sent to the form's number; the status of the page that follows."""
    words = _("Code {code}, good for 10 minutes. If it was not you who asked, there is nothing to do.")
    said = codes.ask(form.number, purpose, caller(), words, now=g.now)
    form.code.data = ""
    if said == "sent":
        form.asked.data = "1"
        return 200
    if said == "enough":
        form.phone.errors = [_("This number was sent many codes already. Please use the newest, or try again later.")]
    else:
        form.phone.errors = [
            _("Many codes were asked for from this network today. Please try another, or ask a keeper.")
        ]
    return 429


def wrong_code(form) -> int:
    form.code.errors = [_("This code does not fit or its time is over. Please look at the newest message.")]
    form.asked.data, form.code.data = "1", ""
    return 422


def show(template: str, code: int, **words):
    """A page of the entry, with the device's secret for who has none and the wait where it is too early."""
    answer = remember(page(template, code, **words), g.get("device"))
    if code in RETRY:
        answer.headers["Retry-After"] = RETRY[code]
    return answer


def _in(person: Person, go: str = ""):
    """On to where the person was going, with a new session on this device, whoever was signed in on it before."""
    with writing():
        if old := request.cookies.get(current_app.sid):
            Session.end(old)
        token = Session.start(person, at=g.now, device=kind_of_device())
        KnownDevice.remember(person, caller().device or "", at=g.now)
    known = Session.person_of(token, at=g.now)
    if known is None:  # the account was closed on another device at this very moment
        return changed(url_for("entry.sign_in"))
    answer = with_token(_resumed(known) or redirect(go or _way(known), 303), token)
    kept = {"max_age": HALF_A_YEAR, "path": "/", "secure": current_app.https, "samesite": "Lax"}
    answer.set_cookie("who", known.tag, **kept)
    return remember(answer, caller().device, renew=True)


def _way(person: Person) -> str:
    """Where somebody goes who was not on the way to anything."""
    go = own_path(request.form.get("next", ""))
    if go != "/":
        return go
    if person.may("see who came to my station"):
        return url_for("desk.index")
    counts = person.may("see the figures of the district, or of the own town")
    return url_for("dashboard.index" if counts else "people.me")


def _resumed(person: Person):
    """The form that came while nobody was signed in, to be sent with one press; None when there was none.

    Nor is there one when somebody else was signed in on this device before: nobody sends what another has typed.
    """
    theirs = request.cookies.get("who", person.tag) == person.tag
    form = carried() if theirs and request.form.get("carry") else None
    return page("people/resume.html", carried=form) if form else None
