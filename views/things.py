"""What a keeper looks after: things that break, run low, are lent; the monthly look; the printed code."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional

from models import faults, inspections, supplies
from models._record import Refused, number_of
from models.stations import PosterToken, amenities, with_amenities
from views._access import may
from views._answer import changed, invalid, local, page, page_number
from views._forms import OurForm
from views._mine import my_station

area = Blueprint("things", __name__, url_prefix="/desk")


# What breaks.


@area.get("/things")
@may("look after my station")
def index():
    station = my_station()
    with_amenities([station])
    open_faults = faults.open_at(station.id)
    return page(
        "things/index.html",
        station=station,
        faults=open_faults,
        broken={fault.what for fault in open_faults},
        amenity={amenity.code: amenity for amenity in amenities()},
    )


@area.post("/things")
@may("look after my station")
def tell():
    """坏了 or 修好了: one tap, and everybody is told."""
    station, what = my_station(), request.form.get("what", "")
    if what not in {amenity.code for amenity in amenities()} | set(faults.BESIDES):
        abort(404)
    if request.form.get("state") == "broken":
        faults.breaks(station, what, by=g.viewer, at=g.now)
    elif fault := faults.of(station.id, what):
        faults.end(fault, by=g.viewer, at=g.now)
    where = "desk.index" if request.form.get("from") == "desk" else "things.index"
    return changed(url_for(where, station=station.code))


# What runs low.


class SupplyForm(OurForm):
    name = StringField(_l("What it is"), [InputRequired(_l("Please write what it is, in at most 40 characters."))])
    expires_on = DateField(_l("good until"), [Optional()])


@area.route("/supplies", methods=["GET", "POST"])
@may("look after my station")
def stock():
    station, form = my_station(), SupplyForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _stock(station, form)
    if not form.validate():
        return _stock(station, form, 422)
    until = number_of(form.expires_on.data) if form.expires_on.data else None
    try:
        supplies.keep(station, form.name.data or "", until, by=g.viewer, at=g.now)
    except Refused as no:
        form.name.errors = [_(no.message)]
        return _stock(station, form, 422)
    return changed(url_for("things.stock", station=station.code))


@area.post("/supplies/<int:id>")
@may("look after my station")
def move(id):
    """快没了, 补上了, or off the list."""
    station = my_station()
    supply = supplies.Supply.get_or_none(id=id, station=station) or abort(404)
    step = request.form.get("move", "")
    if step == "drop":
        supplies.drop(supply, by=g.viewer, at=g.now)
    elif step in ("ask", "fill"):
        supplies.move(supply, step, by=g.viewer, at=g.now)
    else:
        abort(404)
    where = "desk.index" if request.form.get("from") == "desk" else "things.stock"
    return changed(url_for(where, station=station.code))


def _stock(station, form, status: int = 200):
    rows = supplies.of(station.id)
    soon = {row.id for row in rows if supplies.asks_attention(row, local(g.now).date())}
    return page("things/stock.html", status, station=station, form=form, rows=rows, soon=soon)


# What is lent.


class LoanForm(OurForm):
    number = StringField(_l("Its number"), [InputRequired(_l("Please write the number that stands on it."))])
    hint = StringField(_l("To know them again"))


@area.route("/loans", methods=["GET", "POST"])
@may("look after my station")
def loans():
    station, form = my_station(), LoanForm(request.form if request.method == "POST" else None)
    words = {"station": station, "form": form, "rows": supplies.out(station.id, page_number())}
    if request.method == "GET":
        return page("things/loans.html", **words)
    if not form.validate():
        return invalid("things/loans.html", **words)
    try:
        supplies.lend(station, form.number.data or "", form.hint.data or "", by=g.viewer, at=g.now)
    except Refused as no:
        form.number.errors = [_(no.message)]
        return page("things/loans.html", 409 if no.code == "out" else 422, **words)
    return changed(url_for("things.loans", station=station.code))


@area.post("/loans/<int:id>/return")
@may("look after my station")
def take_back(id):
    station = my_station()
    supplies.take_back(supplies.Loan.get_or_none(id=id, station=station) or abort(404), at=g.now)
    return changed(url_for("things.loans", station=station.code))


# The monthly look.


class InspectionForm(OurForm):
    failed = SelectMultipleField(validate_choice=False)
    note = StringField(_l("Anything else"))


@area.route("/inspection", methods=["GET", "POST"])
@may("look after my station")
def inspection():
    station = my_station()
    form = InspectionForm(request.form if request.method == "POST" else None)
    if request.method == "POST":
        month = int(f"{local(g.now):%Y%m}")
        inspections.inspect(station, month, form.failed.data or [], form.note.data or "", by=g.viewer, at=g.now)
        return changed(url_for("things.inspection", station=station.code))
    return page(
        "things/inspection.html",
        station=station,
        form=form,
        asked=inspections.asked(station),
        six=inspections.SIX,
        amenity={amenity.code: amenity for amenity in amenities()},
        rows=inspections.of(station.id, page_number()),
        this_month=int(f"{local(g.now):%Y%m}"),
    )


# The printed code.


@area.route("/poster", methods=["GET", "POST"])
@may("look after my station")
def renew_code():
    """A new code on the wall: the old one says kindly that it is old. Pressed twice it is one."""
    station = my_station()
    if request.method == "POST":
        seen = request.form.get("version", "")
        if not (seen.isascii() and seen.isdigit() and len(seen) < 9):
            abort(404)
        PosterToken.issue(station, by=g.viewer, at=g.now, instead_of=int(seen))
        return changed(url_for("stations.poster", code=station.code))
    return page("things/code.html", station=station, current=PosterToken.current(station))


@area.get("/ill")
@may("look after my station")
def ill():
    """What to read out to 120."""
    return page("things/ill.html", station=my_station())
