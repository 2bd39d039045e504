"""Where distances are measured from: the place that somebody chose, or the middle of the district."""

import re

from flask import abort, g, request

from models.areas import district
from models.stations import find_station
from views._answer import word, words_of


def place_of(prefs) -> tuple[float, float]:
    """The place chosen by hand, a town or the door of a station; else the middle of the district."""
    here = district()
    if place := here.town.get(prefs.place) or (prefs.place and find_station(prefs.place)):
        return place.lat, place.lng
    return here.centre["lat"], here.centre["lng"]


def place_words() -> str:
    """What the chosen place is called, '' where none was chosen: a town by its name, a door by its address."""
    if not g.prefs.place:
        return ""
    town = district().town.get(g.prefs.place)
    return word(town) if town else words_of(find_station(g.prefs.place), "address")


def position() -> tuple[float, float]:
    """The position in `?near=lat,lng` (rounded by the phone, never stored), else the place of the prefs."""
    near = request.args.get("near", "")
    if not near:
        return place_of(g.prefs)
    if not re.fullmatch(r"-?\d{1,2}(\.\d{1,6})?,-?\d{1,3}(\.\d{1,6})?", near):
        abort(404)
    lat, lng = (round(float(part), 3) for part in near.split(","))
    return lat, lng
