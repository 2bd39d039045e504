"""The way to a station: the schematic map of all, and links that open a map app at one."""

from flask import Blueprint, abort, g, request

from models import openings, redmap, shop_hours, ways
from models.areas import district
from models.merchants import Merchant
from models.stations import Station, find_station
from views._access import public
from views._answer import page

area = Blueprint("ways", __name__)

LISTED = 300
"""So many of them stand beside the map, each with its name."""

LAYERS = {"stations": (Station, openings.minute), "shops": (Merchant, shop_hours.minute)}
"""What the map can show: where they are, and how they are in a minute."""


@area.get("/stations/map")
@public
def red_map():
    """党建红色地图: what is open stands lit, stations or shops. Beside it the same as a list."""
    layer = request.args.get("layer", "stations")
    if layer not in LAYERS:
        abort(404)
    record, now = LAYERS[layer]
    spots, names = record.spots(), {}
    if len(spots) <= LISTED:
        names = {one.id: one for one in record.listed().select(record.id, record.name, record.name_en)}
    of_town = {town.code: [spot for spot in spots if spot.town == town.code] for town in district().towns}
    return page(
        "ways/map.html",
        layer=layer,
        at="/stations/" if record is Station else "/merchants/",
        windows=redmap.windows(spots),
        width=redmap.WIDTH,
        height=redmap.HEIGHT,
        towns=redmap.towns(spots),
        open=now(g.now).open,
        names=names,
        of_town=of_town,
    )


@area.get("/stations/<code>/way")
@public
def show(code):
    """Other apps know the way: each gets the coordinates that it counts in. And the address, to copy."""
    station = find_station(code) or abort(404)
    back = f"/stations/{station.code}"
    return page("ways/show.html", station=station, links=ways.links(station, "nuanyi"), back=back)
