"""The way to a station: the schematic map of all, and links that open a map app at one."""

from collections.abc import Container

from flask import Blueprint, abort, g, request

from models import openings, redmap, shop_hours, ways
from models._cells import Placed
from models.areas import district
from models.merchants import Merchant, categories
from models.stations import Station, find_station
from views._access import public
from views._answer import page
from views.merchants import Asked

area = Blueprint("ways", __name__)

LISTED = 300
"""So many of them stand beside the map, each with its name."""

LAYERS: dict[str, type[Placed]] = {"stations": Station, "shops": Merchant}
"""What the map can show."""


@area.get("/stations/map")
@public
def red_map():
    """党建红色地图: what is open stands lit, stations, or shops narrowed as in their list. Beside it the names."""
    layer = request.args.get("layer", "stations")
    if layer not in LAYERS:
        abort(404)
    record, asked = LAYERS[layer], None
    lit: Container[int]
    if record is Merchant:
        asked, now = Asked.read(), shop_hours.minute(g.now)
        lit, among = now.open, asked.among(now)
    else:
        lit, among = openings.minute(g.now).open, record.listed_ids()
    shown = [spot for spot in record.spots() if spot.id in among]
    of_town = {town.code: [spot for spot in shown if spot.town == town.code] for town in district().towns}
    return page(
        "ways/map.html",
        layer=layer,
        at="/stations/" if record is Station else "/merchants/",
        asked=asked,
        kinds=categories(),
        windows=redmap.windows(record.spots(), among),
        width=redmap.WIDTH,
        height=redmap.HEIGHT,
        towns=redmap.towns(record.spots()),
        open=lit,
        names=record.whole([spot.id for spot in shown]) if len(shown) <= LISTED else {},
        of_town=of_town,
    )


@area.get("/stations/<code>/way")
@public
def show(code):
    """Other apps know the way: each gets the coordinates that it counts in. And the address, to copy."""
    station = find_station(code) or abort(404)
    back = f"/stations/{station.code}"
    return page("ways/show.html", station=station, links=ways.links(station, "nuanyi"), back=back)
