"""What the stations of a town need from the street: who has not said good morning, what is broken, what runs low."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from models import supplies, upkeep
from models._record import Refused
from models.areas import district
from models.inspections import SIX
from models.openings import today
from models.stations import amenities
from views._access import may
from views._answer import changed, page, page_number
from views._mine import my_towns

area = Blueprint("upkeep", __name__, url_prefix="/upkeep")


@area.get("/")
@may("answer what stations need")
def index():
    towns = my_towns()
    return page("upkeep/index.html", counts=upkeep.counts(towns, g.now), towns=_named(towns))


@area.get("/<what>")
@may("answer what stations need")
def rows(what):
    if what not in upkeep.LISTS:
        abort(404)
    return _rows(what)


@area.post("/supplies/<int:id>")
@may("answer what stations need")
def answer(id):
    """The street promises it, or says why not yet."""
    supply = upkeep.supply_of(id, my_towns()) or abort(404)
    step = request.form.get("move")
    if step not in ("promise", "decline"):
        abort(404)
    try:
        supplies.move(supply, step, by=g.viewer, at=g.now, answer=request.form.get("answer", ""))
    except Refused as no:
        return _rows("supplies", 409 if no.code == "moved" else 422, wrong=id, why=_(no.message))
    return changed(url_for("upkeep.rows", what="supplies"))


def _rows(what: str, status: int = 200, wrong: int = 0, why: str = ""):
    found = upkeep.LISTS[what](my_towns(), g.now, page_number())
    return page(
        f"upkeep/{what}.html",
        status,
        rows=found,
        today=today(g.now),
        towns=district().town,
        amenity={amenity.code: amenity for amenity in amenities()},
        six=SIX,
        wrong=wrong,
        why=why,
    )


def _named(towns: list[str] | None) -> list:
    return [district().town[code] for code in towns or () if code in district().town]
