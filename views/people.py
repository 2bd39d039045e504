"""Signing in and out, and 我的."""

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from models import demo, visits
from models._database import Busy
from models.people import phone_number
from models.sessions import Session
from models.sessions import sign_in as find
from models.stations import Station
from views._access import anyone, signed_in
from views._answer import RETRY, changed, invalid, page, page_number
from views._forms import OurForm, own_path

area = Blueprint("people", __name__)


class SignInForm(OurForm):
    phone = StringField(_l("Phone number"), [InputRequired(_l("Please write your phone number."))])
    password = PasswordField(_l("Password"), [InputRequired(_l("Please write your password."))])
    next = HiddenField()

    def validate_phone(self, field):
        digits = "".join(c for c in field.data if c.isdigit())
        if phone_number(field.data or ""):
            return
        if "E+" in field.data.upper():
            raise ValidationError(_("A spreadsheet broke this number. Please type it again."))
        if len(digits) < 11:
            raise ValidationError(_("The phone number is too short."))
        raise ValidationError(_("This is not a mobile number. It has 11 digits and begins with 1."))


@area.get("/sign-in")
@anyone
def sign_in():
    return page("people/sign_in.html", form=SignInForm(next=request.args.get("next", "")), accounts=_accounts())


@area.post("/sign-in")
@anyone
def signing_in():
    if current_app.config["DEMO"] and "account" in request.form:
        token = demo.start_session(request.form["account"], at=g.now)
        return _with_session(token) if token else changed(url_for("people.sign_in"))
    form = SignInForm(request.form)
    if not form.validate():
        return invalid("people/sign_in.html", form=form, accounts=_accounts())
    try:
        person = find(phone_number(form.phone.data or "") or "", form.password.data or "")
    except Busy:
        form.password.errors = [_("Nothing is lost. Please press again in a few seconds.")]
        answer = page("people/sign_in.html", 503, form=form, accounts=_accounts())
        answer.headers["Retry-After"] = RETRY[503]
        return answer
    if person is None:
        form.password.errors = [_("Phone number and password do not fit together. Please try again.")]
        return invalid("people/sign_in.html", form=form, accounts=_accounts())
    return _with_session(Session.start(person, at=g.now))


@area.post("/sign-out")
@anyone
def sign_out():
    if token := request.cookies.get(current_app.sid):
        Session.end(token)
    answer = changed(url_for("home.index"))
    answer.delete_cookie(current_app.sid, path="/", secure=current_app.https, httponly=True, samesite="Lax")
    answer.delete_cookie("who", path="/", secure=current_app.https, samesite="Lax")
    return answer


@area.get("/me/")
@signed_in
def me():
    return page("people/me.html", recent=_named(visits.last_of(g.viewer.id)))


@area.get("/me/visits")
@signed_in
def my_visits():
    return page("people/visits.html", recent=_named(visits.last_of(g.viewer.id, page_number())))


@area.get("/me/strip")
@anyone
def strip():
    return page("people/_strip.html")


def _named(rows):
    """Give each visit of a page its station, in one query."""
    ids = {row.station for row in rows.rows}
    stations = {s.id: s for s in Station.select().where(Station.id.in_(ids))} if ids else {}
    for row in rows.rows:
        row.where = stations[row.station]
    return rows


def _accounts():
    return demo.ACCOUNTS if current_app.config["DEMO"] else ()


def _with_session(token: str):
    """On to where the person was going, with the session's cookie and the readable `who`."""
    person = Session.person_of(token, at=g.now)
    assert person is not None
    go = own_path(request.form.get("next", ""))
    if go == "/":
        go = url_for("dashboard.index") if person.may("see the district's figures") else url_for("people.me")
        go = url_for("desk.index") if person.may("see who came to my station") else go
    answer = redirect(go, 303)
    kept = {"max_age": 180 * 86400, "path": "/", "secure": current_app.https, "samesite": "Lax"}
    answer.set_cookie(current_app.sid, token, httponly=True, **kept)
    answer.set_cookie("who", person.tag, **kept)
    return answer
