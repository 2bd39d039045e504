"""The way to a station: the schematic map of all, and links that open a map app at one."""

from flask import Blueprint, abort, g

from models import openings, redmap, ways
from models.areas import district
from models.stations import Station, find_station
from views._access import public
from views._answer import page

area = Blueprint("ways", __name__)

LISTED = 300
"""So many stations stand beside the map, each with its name."""


@area.get("/stations/map")
@public
def red_map():
    """党建红色地图: what is open stands lit. Beside it the same as a list."""
    minute, spots = openings.minute(g.now), Station.spots()
    names = {}
    if len(spots) <= LISTED:
        rows = Station.listed().select(Station.id, Station.name, Station.name_en)
        names = {station.id: station for station in rows}
    of_town = {town.code: [spot for spot in spots if spot.town == town.code] for town in district().towns}
    return page(
        "ways/map.html",
        windows=redmap.windows(),
        width=redmap.WIDTH,
        height=redmap.HEIGHT,
        towns=redmap.towns(),
        open=minute.open,
        names=names,
        of_town=of_town,
    )


@area.get("/stations/<code>/way")
@public
def show(code):
    """Other apps know the way: each gets the coordinates that it counts in. And the address, to copy."""
    station = find_station(code) or abort(404)
    return page("ways/show.html", station=station, links=ways.links(station, "nuanyi"))
