"""Stations: the list by town or distance, a station, its poster; and the place distances are measured from."""

import re
from types import SimpleNamespace

from flask import Blueprint, abort, current_app, g, request

from models._record import Page
from models.areas import district
from models.stations import PosterToken, Station, find_station, metres, with_amenities
from views._access import may, own_origin, public
from views._answer import page, page_number
from views._qr import qr_path
from views.home import place_of

area = Blueprint("stations", __name__)

LAST_PAGE = 100
"""Of a list by distance: whoever is that far down wants another list."""


@area.get("/stations/")
@public
def index():
    town = request.args.get("town", "")
    if town:
        if town not in district().town:
            abort(404)
        rows: Page | SimpleNamespace = Page(Station.in_town(town), page_number())
        lat, lng = place_of(g.prefs)
        for station in rows.rows:
            station.metres = metres(lat, lng, station.lat, station.lng)
        with_amenities(rows.rows)
    else:
        rows = nearest_page(*position(), page_number())
    g.asks_position = True
    return page("stations/index.html", rows=rows, town=district().town.get(town), count=Station.count_listed())


@area.get("/stations/nearest")
@public
def nearest():
    """The lit window of the first page for one position, as a fragment."""
    return page("stations/nearest.html", nearest=Station.nearest(*position(), wanted=3))


@area.get("/stations/place")
@public
def place():
    g.asks_position = True
    return page("stations/place.html", towns=district().towns)


@area.get("/stations/<code>")
@public
def show(code):
    station = find_station(code) or abort(404)
    away = metres(*place_of(g.prefs), station.lat, station.lng)
    return page("stations/show.html", station=station, away=away)


@area.get("/stations/<code>/poster")
@may("print a station's poster", demo=True)
def poster(code):
    station = _station_to_print(code)
    token = PosterToken.current(station)
    if token is None:
        abort(404)
    link = f"{own_origin()}/S/{token.token}".upper()
    size = "A5" if request.args.get("size") == "A5" else "A4"
    return page("stations/poster.html", station=station, qr=qr_path(link), size=size)


def position() -> tuple[float, float]:
    """The position in `?near=lat,lng` (rounded by the phone, never stored), else the place of the prefs."""
    near = request.args.get("near", "")
    if not near:
        return place_of(g.prefs)
    if not re.fullmatch(r"-?\d{1,2}(\.\d{1,6})?,-?\d{1,3}(\.\d{1,6})?", near):
        abort(404)
    lat, lng = (round(float(part), 3) for part in near.split(","))
    return lat, lng


def nearest_page(lat: float, lng: float, number: int) -> SimpleNamespace:
    """A page of 20 stations in order of distance."""
    if number > LAST_PAGE:
        abort(404)
    found = Station.nearest(lat, lng, number * 20 + 1)
    more = len(found) > number * 20 and number < LAST_PAGE
    return SimpleNamespace(rows=found[(number - 1) * 20 : number * 20], number=number, more=more)


def _station_to_print(code: str) -> Station:
    """The station if this person may print its poster; 404 else, as if it were not there."""
    station = find_station(code) or abort(404)
    open_to_all = current_app.config["DEMO"] or "officer" in g.viewer.roles()
    if not open_to_all and station.code not in g.viewer.scopes("keeper"):
        abort(404)
    return station
