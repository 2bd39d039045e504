"""The keeper's desk: who came today, and what is done for whoever stands there and cannot sign in."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from models import entry, figures
from models._record import Refused
from models.people import Person
from models.stations import Station
from views._access import may
from views._answer import changed, invalid, local, page, page_number
from views._device import caller
from views.entry import MovedForm, PhoneForm, send_code, show, wrong_code

area = Blueprint("desk", __name__, url_prefix="/desk")


@area.get("/")
@may("see who came to my station")
def index():
    station, mine = _my_station()
    today = local(g.now).date()
    return page("desk/index.html", station=station, mine=mine, today=today, total=figures.day_total(station.id, today))


@area.get("/visits")
@may("see who came to my station")
def today():
    station, _mine = _my_station()
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


def _my_station() -> tuple[Station, list[Station]]:
    """The station of mine that the address names, else the first; 404 for one that is not mine."""
    mine = list(Station.select().where(Station.code.in_(g.viewer.scopes("keeper"))).order_by(Station.code))
    wanted = request.args.get("station", mine[0].code if mine else "")
    station = next((s for s in mine if s.code == wanted), None)
    if station is None:
        abort(404)
    return station, mine
