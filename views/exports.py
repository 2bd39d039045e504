"""Lists to take along: the stations with all that is public about them, and the list for the makers of maps."""

from flask import Blueprint, abort, g, request
from flask_babel import gettext as _

from models import exports, tables
from models._database import writing
from models._trail import Trail
from models.areas import district
from models.lists import COLUMNS
from models.stations import Station
from views import _figure_tables, _lists
from views._access import may
from views._answer import local, page, word
from views._figures import my_town, towns_of_mine

area = Blueprint("exports", __name__, url_prefix="/exports")

TAKE = "take the list of stations along"

WHAT = ("stations", "maps")


@area.get("/")
@may(TAKE)
def index():
    towns = {code: word(district().town[code]) for code in towns_of_mine() if code}
    return page("exports/index.html", towns=towns, whole="" in towns_of_mine())


@area.post("/<kind>")
@may(TAKE)
def take(kind):
    """A file, of the district or of a town; noted, because it leaves the house."""
    town, form = my_town(request.form.get("town")), request.form.get("format")
    if kind not in WHAT or form not in _figure_tables.KINDS:
        abort(404)
    english = g.prefs.lang == "en"
    if kind == "stations":
        title, rows = _title(town), exports.stations(town, english)
        header = [_(column.words) for column in exports.STATIONS]
    else:
        title, rows = [], exports.for_maps(town, english)
        words = {column.name: column.words for column in COLUMNS["stations"]}
        header = [_(words[name]) for name in exports.FOR_MAPS]
    made = (tables.xlsx if form == "xlsx" else tables.csv)(title, header, rows)
    with writing():
        subject = f"town:{town}" if town else "district"
        Trail.note("seen", by=g.viewer, subject=subject, what=f"export {kind} {form}", at=g.now)
    return _lists.file(made, f"nuanyi-{kind}{'-' + town if town else ''}", form)


def _title(town: str) -> list[str]:
    where = word(district().town[town]) if town else word(district())
    count = (Station.in_town(town) if town else Station.listed()).count()
    return [
        _("Stations, %(where)s", where=where),
        _("Unit: %(unit)s", unit=_("stations")) + _(", ") + str(count),
        _("Made by %(name)s, %(when)s", name=g.viewer.name, when=f"{local(g.now):%Y-%m-%d %H:%M}"),
    ]
