"""The stations as the staff keep them: the list of all, the form, closing, days with other hours, and the history."""

from typing import Any

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import InputRequired

from models import faults, openings, station_changes, station_rows
from models._record import Page, Refused
from models._trail import Trail
from models.areas import Grid, district
from models.openings import HoursException
from models.station_words import NAMES, SOURCES, TEXTS
from models.stations import CENTRE, ENTRIES, AmenityGroup, Kind, Station, amenities, brands, find_station
from views._access import may
from views._answer import changed, invalid, page, page_number
from views._authors import authors
from views._forms import OurForm
from views._mine import my_towns
from views._station_form import StationForm
from views._station_past import told, value_words

area = Blueprint("roster", __name__, url_prefix="/stations")

KEEP = "create, edit and close stations"

STATES = {"open": _l("open"), "closed": _l("closed for good")}


@area.get("/all")
@may(KEEP)
def index():
    """All stations of the district, or of the own town: found by a word, a town, and whether they are closed."""
    words, state = request.args.get("q", "").strip()[:60], request.args.get("state", "open")
    towns, town = _towns(), request.args.get("town", "")
    if state not in STATES or (town and town not in towns):
        abort(404)
    rows = Page(station_rows.found([town] if town else my_towns(), words, state), page_number())
    kinds = {kind.code: kind for kind in Kind.select()}
    return page(
        "roster/index.html", rows=rows, words=words, town=town, towns=towns, state=state, states=STATES, kinds=kinds
    )


@area.route("/new", methods=["GET", "POST"])
@may(KEEP)
def create():
    towns = _towns()
    if request.method == "GET":
        town = request.args.get("town", "") or (next(iter(towns), "") if len(towns) == 1 else "")
        return _form(StationForm(town=town)) if town in towns else page("roster/town.html", towns=towns)
    form = StationForm()
    facts = form.read()
    form.keep_to(my_towns())
    if not form.wrong:
        try:
            station = station_changes.create(facts, by=g.viewer, at=g.now)
        except Refused as no:
            return _refused(form, no)
        return changed(url_for("roster.edit", code=station.code, kept=1))
    return _form(form, 422)


@area.route("/<code>/edit", methods=["GET", "POST"])
@may(KEEP)
def edit(code):
    station = _mine(code)
    form = StationForm(station)
    if request.method == "GET":
        return _form(form)
    facts = form.read()
    form.keep_to(my_towns())
    if not form.wrong:
        try:
            station_changes.change(station, facts, form.seen_facts(), by=g.viewer, at=g.now)
        except Refused as no:
            return _refused(form, no)
        return changed(url_for("roster.edit", code=code, kept=1))
    return _form(form, 422)


FIELD_OF = {"code": "code", "double": "name", "centre": "kind"}
"""Beside which field a refusal of the district stands."""


def _refused(form: StationForm, no: Refused):
    if no.code == "meanwhile":
        form.meet()
        return _form(form, 409)
    form.wrong[FIELD_OF[no.code]] = _(no.message)
    return _form(form, 422)


def _form(form: StationForm, status: int = 200):
    town, kind = form.row["town"], form.before["kind"]
    station = form.station
    return page(
        "roster/edit.html",
        status,
        form=form,
        station=station,
        names=NAMES,
        texts=TEXTS,
        value_words=value_words,
        kinds=[one for one in Kind.select().order_by(Kind.sort) if one.code != CENTRE or kind == CENTRE],
        brands=brands(),
        units=list(district().unit.values()),
        towns=_towns(),
        grids=list(Grid.select().where(Grid.town == town).order_by(Grid.code)) if town in district().town else [],
        entries=ENTRIES,
        sources=SOURCES,
        groups=_grouped(),
        broken={fault.what: fault for fault in faults.open_at(station.id)} if station else {},
    )


def _grouped() -> list[tuple[Any, list]]:
    """The amenities by what they are for; those for nothing in particular last."""
    groups: list = list(AmenityGroup.select().order_by(AmenityGroup.sort))
    known = {group.code for group in groups}
    found = [(group, [one for one in amenities() if one.group == group.code]) for group in groups]
    return [*found, (None, [one for one in amenities() if one.group not in known])]


# Closing.


@area.route("/<code>/closing", methods=["GET", "POST"])
@may(KEEP)
def closing(code):
    """Close it with a reason, or open it again."""
    station, why = _mine(code), request.form.get("why", "")
    if request.method == "GET":
        return page("roster/closing.html", station=station, why="", wrong="")
    if request.form.get("move") == "open":
        station_changes.reopen(station, by=g.viewer, at=g.now)
        return changed(url_for("roster.closing", code=code))
    try:
        station_changes.close(station, why, by=g.viewer, at=g.now)
    except Refused as no:
        return invalid("roster/closing.html", station=station, why=why[:600], wrong=_(no.message))
    return changed(url_for("roster.closing", code=code))


# Days with other hours.


class DaysForm(OurForm):
    """From which day to which, what the hours are then, and why."""

    first = DateField(_l("From day"), [InputRequired(_l("Please write the day like 2024-09-19."))])
    last = DateField(_l("To day"), [InputRequired(_l("Please write the day like 2024-09-19."))])
    times = StringField(_l("Hours on these days"))
    why = StringField(_l("Why"))


@area.route("/<code>/days", methods=["GET", "POST"])
@may(KEEP)
def days(code):
    """Days on which the hours are others."""
    station, form = _mine(code), DaysForm(request.form if request.method == "POST" else None)
    words = {"station": station, "form": form, "hours": openings.hours_of(station, g.now)}
    if request.method == "GET":
        return page("roster/days.html", **words)
    first, last = form.first.data, form.last.data
    if not form.validate() or not first or not last:
        return invalid("roster/days.html", **words)
    try:
        times, why = form.times.data or "", form.why.data or ""
        openings.add_exception(station, first, last, times, why, by=g.viewer, at=g.now)
    except Refused as no:
        beside = {"exception-past": form.first, "exception-why": form.why}
        field = beside.get(no.code, form.last if no.code.startswith("exception") else form.times)
        field.errors = [_(no.message)]
        return invalid("roster/days.html", **words)
    return changed(url_for("roster.days", code=code))


@area.post("/<code>/days/<int:id>/end")
@may(KEEP)
def end_days(code, id):
    """From now on as usual again."""
    station = _mine(code)
    found = HoursException.get_or_none(HoursException.station == station, HoursException.id == id) or abort(404)
    openings.end_exception(found, by=g.viewer, at=g.now)
    return changed(url_for("roster.days", code=code))


@area.get("/<code>/history")
@may(KEEP)
def history(code):
    """What was changed about it, when, and by whom."""
    station = _mine(code)
    rows = Trail.about(f"station:{station.code}", page=page_number())
    lines = list(zip(rows.rows, told(rows.rows), strict=True))
    return page("roster/history.html", station=station, rows=rows, lines=lines, names=authors(rows.rows))


def _towns() -> dict:
    """The towns of who asks, by code."""
    mine = my_towns()
    return {code: town for code, town in district().town.items() if mine is None or code in mine}


def _mine(code: str) -> Station:
    """The station as it is in the database; 404 for one of another town."""
    found = find_station(code) or abort(404)
    if found.town_id not in _towns():
        abort(404)
    return Station.get_by_id(found.id)
