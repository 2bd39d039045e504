"""The keeper's count of who came without scanning: +1, +5, by the hour; and somebody noted by their number."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired

from models import tally
from models._record import Refused, random_code
from models.openings import today
from views._access import may
from views._answer import changed, local, page
from views._forms import OurForm
from views._mine import my_station
from views.entry import PhoneForm

area = Blueprint("tally", __name__, url_prefix="/desk")


class CorrectionForm(OurForm):
    """What an hour's tally was when it was looked at, what it should be, and why."""

    hour = HiddenField()
    was = HiddenField()
    should = IntegerField(_l("How many it were"), [InputRequired(_l("Please write a number."))])
    why = StringField(_l("Why"))


class NoteForm(PhoneForm):
    client_id = HiddenField()


@area.post("/tally")
@may("look after my station")
def add():
    station = my_station()
    hour, n = (_number(request.form.get(name, "")) for name in ("hour", "n"))
    try:
        tally.add(station, hour, n, client_id=request.form.get("client_id", "")[:64], by=g.viewer, now=g.now)
    except Refused as no:
        return _hours(station, 409 if no.code == "other" else 422, why=_(no.message))
    return changed(url_for("desk.index", station=station.code))


@area.get("/tally")
@may("look after my station")
def hours():
    return _hours(my_station())


@area.post("/tally/correction")
@may("look after my station")
def correct():
    station, form = my_station(), CorrectionForm(request.form)
    hour, was = _number(form.hour.data), _number(form.was.data)
    if not form.validate():
        return _hours(station, 422, form=form)
    try:
        tally.correct(station, hour, was, form.should.data or 0, why=form.why.data or "", by=g.viewer, now=g.now)
    except Refused as no:
        (form.why if no.code == "why" else form.should).errors = [_(no.message)]
        if no.code == "changed":
            form.was.data = str(tally.by_hour(station.id, today(g.now)).get(hour, 0))
        return _hours(station, 409 if no.code == "changed" else 422, form=form)
    return changed(url_for("tally.hours", station=station.code))


@area.get("/note")
@may("look after my station")
def note():
    """Whoever came without pressing: by the number of their phone, or by their card."""
    form = NoteForm()
    form.client_id.data = random_code()
    return _note(my_station(), form)


@area.post("/note")
@may("look after my station")
def note_phone():
    """Somebody without a phone in hand says their number; the answer tells nobody whose it is."""
    station, form = my_station(), NoteForm(request.form)
    if not form.validate():
        return _note(station, form, 422)
    try:
        became = tally.note(station, form.number, client_id=_client_id(), by=g.viewer, now=g.now)
    except Refused as no:
        form.phone.errors = [_(no.message)]
        return _note(station, form, 409)
    return changed(url_for("tally.note", station=station.code, noted=became))


@area.post("/note/card")
@may("look after my station")
def note_card():
    """Somebody shows their card, which the scanner has read."""
    station, code = my_station(), request.form.get("code", "")
    try:
        became = tally.note_card(station, code, client_id=_client_id(), by=g.viewer, now=g.now)
    except Refused as no:
        form = NoteForm()
        form.client_id.data = random_code()
        return _note(station, form, 409, why=_(no.message))
    return changed(url_for("tally.note", station=station.code, noted=became))


def _note(station, form: NoteForm, status: int = 200, *, why: str = ""):
    """The page; `why` says what was wrong with a card."""
    g.uses_camera = True
    noted = request.args.get("noted", "")
    return page("tally/note.html", status, form=form, station=station, noted=noted, why=why)


def _client_id() -> str:
    return request.form.get("client_id", "")[:64] or random_code()


def _hours(station, status: int = 200, *, form: CorrectionForm | None = None, why: str = ""):
    """The tallies of today by the hour, each to be put right; the form that was wrong stands open at its hour."""
    now = local(g.now)
    return page(
        "tally/hours.html",
        status,
        station=station,
        hours=tally.by_hour(station.id, now.date()),
        now_hour=now.hour,
        corrections=tally.corrections(station.id, now.date()),
        form=form or CorrectionForm(),
        wrong=_number(form.hour.data) if form else -1,
        why=why,
    )


def _number(text: str | None) -> int:
    """A whole number as typed, 404 for what no form of ours sends."""
    try:
        number = int(text or "")
    except ValueError:
        abort(404)
    return number if abs(number) < 10_000 else abort(404)
