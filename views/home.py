"""The first page: where can I get warm, right now."""

from flask import Blueprint, g

from models import finding, openings
from models.areas import district
from models.stations import Station
from views._access import public
from views._answer import local, page
from views._place import place_of
from views._search import usual

area = Blueprint("home", __name__)


@area.get("/")
@public
def index():
    now = openings.minute(g.now)
    nearest = finding.around(*place_of(g.prefs), now, usual())
    g.asks_position = True
    return page(
        "home/index.html",
        nearest=nearest,
        count=Station.count_listed(),
        open_now=len(finding.fitting((*usual(), finding.OPEN), now)),
        greeting=greeting(local(g.now)),
    )


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
