"""The keeper's desk: who came today, and what is done for whoever stands there and cannot sign in."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from models import board, days, doubts, entry, faults, figures, openings, supplies, tally
from models._database import writing
from models._record import Refused
from models.people import Person
from models.stations import amenities, with_amenities
from views._access import may
from views._answer import changed, invalid, local, page, page_number
from views._device import caller
from views._forms import OurForm
from views._mine import my_station, my_stations
from views.entry import MovedForm, PhoneForm, send_code, show, wrong_code

area = Blueprint("desk", __name__, url_prefix="/desk")


@area.get("/")
@may("look after my station")
def index():
    station = my_station()
    now = local(g.now)
    with_amenities([station])
    return page(
        "desk/index.html",
        station=station,
        mine=my_stations(),
        today=now.date(),
        hour=now.hour,
        said=days.said_of([station.id], now.date()).get(station.id),
        state=openings.state(station, g.now),
        total=figures.day_total(station.id, now.date()),
        last=tally.last(station.id, now.date()),
        crowd=doubts.warned(station.id, g.now),
        digits=board.digits(station.id, now.date()),
        faults=faults.open_at(station.id),
        low=[supply for supply in supplies.of(station.id) if supplies.asks_attention(supply, now.date())],
        amenity={amenity.code: amenity for amenity in amenities()},
    )


@area.post("/day")
@may("look after my station")
def confirm():
    """今天正常开放: one tap in the morning."""
    station = my_station()
    days.confirm(station, local(g.now).date(), days.OPEN, by=g.viewer, at=g.now)
    return changed(url_for("desk.index", station=station.code))


class ChangeForm(OurForm):
    """What is different, from today on until a day."""

    what = RadioField(
        _l("What is different"),
        choices=[SelectChoice("closed", _l("not open")), SelectChoice("hours", _l("other hours"))],
        default="closed",
    )
    opens = StringField(_l("opens at"), default="")
    closes = StringField(_l("shuts at"), default="")
    until = DateField(_l("until which day"), [Optional()])
    why = StringField(_l("Why"), [InputRequired(_l("Say why in a few words, so that nobody comes for nothing."))])

    @property
    def times(self) -> str:
        return f"{self.opens.data}-{self.closes.data}" if self.what.data == "hours" else ""


@area.route("/change", methods=["GET", "POST"])
@may("look after my station")
def change():
    """晚开、早关、不开: what is different is an exception of the hours, and the day is confirmed by it."""
    station, today = my_station(), local(g.now).date()
    form = ChangeForm(request.form if request.method == "POST" else None)
    words = {"form": form, "station": station, "today": today, "hours": openings.hours_of(station, g.now)}
    if request.method == "GET":
        return page("desk/change.html", **words)
    if not form.validate():
        return invalid("desk/change.html", **words)
    try:
        with writing():
            openings.add_exception(
                station, today, form.until.data or today, form.times, form.why.data or "", by=g.viewer, at=g.now
            )
            days.confirm(station, today, days.CHANGED, by=g.viewer, at=g.now)
    except Refused as no:
        field = {"exception-why": form.why}.get(no.code, form.until if no.code.startswith("exc") else form.opens)
        field.errors = [_(no.message)]
        return invalid("desk/change.html", **words)
    return changed(url_for("desk.index", station=station.code))


@area.post("/change/<int:id>/end")
@may("look after my station")
def end_change(id):
    """From now on as usual again."""
    station = my_station()
    mine = openings.HoursException.station == station.id, openings.HoursException.id == id
    exception = openings.HoursException.get_or_none(*mine) or abort(404)
    with writing():
        openings.end_exception(exception, by=g.viewer, at=g.now)
        if days.said_of([station.id], local(g.now).date()):
            days.confirm(station, local(g.now).date(), days.OPEN, by=g.viewer, at=g.now)
    return changed(url_for("desk.index", station=station.code))


@area.get("/visits")
@may("see who came to my station")
def today():
    station = my_station()
    rows = figures.at_station(station.id, *figures.span_of_day(local(g.now).date()), page_number())
    known = {row.actor for row in rows.rows if row.actor and row.actor > 0}
    names = {p.id: p.masked for p in Person.select(Person.id, Person.name).where(Person.id.in_(known))} if known else {}
    return page("desk/visits.html", station=station, rows=rows, names=names)


@area.get("/locked")
@may("open a locked sign-in")
def locked():
    return page("desk/locked.html", form=PhoneForm(), done="done" in request.args)


@area.post("/locked")
@may("open a locked sign-in")
def unlock():
    """The answer is the same whether the number is anybody's and whether it was locked."""
    form = PhoneForm(request.form)
    if not form.validate():
        return invalid("desk/locked.html", form=form, done=False)
    entry.unlock(form.number, by=g.viewer, at=g.now)
    return changed(url_for("desk.locked", done=1))


@area.get("/phone")
@may("give a partner who lost the phone another number", fresh=True)
def phone():
    return page("desk/phone.html", form=MovedForm(), done="done" in request.args)


@area.post("/phone")
@may("give a partner who lost the phone another number", fresh=True)
def move_phone():
    """The code goes to the new number; whoever stands there reads it out."""
    form = MovedForm(request.form)
    if not form.validate():
        return invalid("desk/phone.html", form=form, done=False)
    if form.wants_code:
        return show("desk/phone.html", send_code(form, "change"), form=form, done=False)
    words = _("A station keeper gave your account another number. If that was not you, please tell any keeper.")
    try:
        said = entry.move_phone(form.old_number, form.number, form.digits, caller(), words=words, by=g.viewer, at=g.now)
    except Refused as no:
        form.old.errors, form.asked.data = [_(no.message)], ""
        return show("desk/phone.html", 409, form=form, done=False)
    if said == "wrong":
        return show("desk/phone.html", wrong_code(form), form=form, done=False)
    return changed(url_for("desk.phone", done=1))
