"""The first page: where can I get warm, right now."""

from flask import Blueprint, g

from models.areas import district
from models.stations import Station
from views._access import public
from views._answer import local, page

area = Blueprint("home", __name__)


@area.get("/")
@public
def index():
    nearest = Station.nearest(*place_of(g.prefs), wanted=3)
    g.asks_position = True
    return page("home/index.html", nearest=nearest, count=Station.count_listed(), greeting=greeting(local(g.now)))


def place_of(prefs) -> tuple[float, float]:
    """Where distances are measured from: the town chosen by hand, else the middle of the district."""
    here = district()
    if prefs.place:
        return here.town[prefs.place].lat, here.town[prefs.place].lng
    return here.centre["lat"], here.centre["lng"]


def greeting(now) -> str:
    """The sentence of the season and the hour, from the district's settings, in both languages by suffix."""
    here = district()
    night = now.hour >= here.night["from_hour"] or now.hour < here.night["to_hour"]
    fits = {
        "cold": now.month in here.seasons["cold_months"],
        "night": night,
        "hot": now.month in here.seasons["hot_months"],
    }
    which = next((name for name, yes in fits.items() if yes), "ordinary")
    return here.greetings[which + ("_en" if g.prefs.lang == "en" else "")]
