"""Stations: the list by town or distance, a station, its poster; and the place distances are measured from."""

from types import SimpleNamespace

from flask import Blueprint, abort, current_app, g, request

from models import asides, finding, openings
from models.areas import district, metres
from models.hours import week
from models.stations import PosterToken, Station, find_station, grouped
from views._access import may, own_origin, public
from views._answer import page
from views._place import place_of, position
from views._qr import qr_path
from views._search import LONGEST, Asked, usual

area = Blueprint("stations", __name__)

LAST_PAGE = 100
"""Of a list by distance: whoever is that far down wants another list."""

LISTS = {"stations": "/stations/", "shops": "/merchants/"}
"""What is sorted by where somebody is, and the list that one comes back to."""


@area.get("/stations/")
@public
def index():
    asked, now = Asked.read(), openings.minute(g.now)
    among = finding.fitting(asked.only, now, asked.town, asked.words)
    rows = _rows(asked, now, among)
    nearest = [] if rows.rows else finding.around(*position(), now, wanted=1)
    g.asks_position = True
    total = Station.count_listed()
    return page("stations/index.html", asked=asked, rows=rows, count=len(among), total=total, nearest=nearest)


def _rows(asked: Asked, now: openings.Minute, among) -> SimpleNamespace:
    """A page of 20: in a town by number, else in order of distance."""
    if asked.page > LAST_PAGE and not asked.town:
        abort(404)
    first = (asked.page - 1) * 20
    if asked.town:
        found = Station.by_number(*position(), among, first, 21)
    else:
        found = Station.nearest(*position(), first + 21, among)[first:]
    more = len(found) > 20 and (asked.page < LAST_PAGE or bool(asked.town))
    return SimpleNamespace(rows=finding.with_states(found[:20], now), number=asked.page, more=more)


@area.get("/stations/nearest")
@public
def nearest():
    """The lit window of the first page for one position, as a fragment."""
    return page("stations/nearest.html", nearest=finding.around(*position(), openings.minute(g.now), usual()))


@area.get("/stations/place")
@public
def place():
    """Where are you? The phone's position, a town, or a door found by the name of its road; `for` stations or shops."""
    what = request.args.get("for", "stations")
    if what not in LISTS:
        abort(404)
    words = request.args.get("q", "").strip()[:LONGEST]
    doors = Station.by_number(*place_of(g.prefs), finding.sought(words), 0, 8) if words else []
    g.asks_position = True
    return page("stations/place.html", what=what, at=LISTS[what], towns=district().towns, words=words, doors=doors)


@area.get("/stations/<code>")
@public
def show(code):
    station = find_station(code) or abort(404)
    if station.closed_at:
        return closed(station)
    away = metres(*place_of(g.prefs), station.lat, station.lng)
    hours, day = openings.hours_of(station, g.now), openings.today(g.now)
    return page(
        "stations/show.html",
        station=station,
        away=away,
        state=openings.state(station, g.now),
        hours=hours,
        week=week(hours.rules, hours.changes(), day),
        today=day,
        grouped=grouped(station.yes),
        aside=asides.of(station, g.now),
    )


def closed(station: Station, status: int = 200):
    """Where a station was: since when it is closed and why, and where to go instead."""
    nearest = finding.around(station.lat, station.lng, openings.minute(g.now))
    return page("stations/closed.html", status, station=station, nearest=nearest)


@area.get("/stations/<code>/inside")
@public
def inside(code):
    """The rooms and counters of the centre; 404 for a station that has none."""
    station = find_station(code) or abort(404)
    aside = asides.of(station, g.now)
    if not aside.rooms and not aside.counters:
        abort(404)
    return page("stations/inside.html", station=station, aside=aside)


@area.get("/stations/<code>/poster")
@may("print a station's poster", demo=True)
def poster(code):
    station = _station_to_print(code)
    token = PosterToken.current(station)
    if token is None:
        abort(404)
    link = f"{own_origin()}/S/{token.token}".upper()
    size = "A5" if request.args.get("size") == "A5" else "A4"
    rules = openings.hours_of(station, g.now).rules
    return page("stations/poster.html", station=station, qr=qr_path(link), size=size, rules=rules)


def _station_to_print(code: str) -> Station:
    """The station if this person may print its poster; 404 else, as if it were not there."""
    station = find_station(code) or abort(404)
    open_to_all = current_app.config["DEMO"] or "officer" in g.viewer.roles()
    if not open_to_all and station.code not in g.viewer.scopes("keeper"):
        abort(404)
    return station
