"""What does not fit about visits, for whoever looks into it: where and when, never who."""

from flask import Blueprint, abort, g, request, url_for

from models import doubts
from models.areas import district
from models.stations import Station
from views._access import may
from views._answer import changed, page, page_number
from views._mine import my_towns

area = Blueprint("doubts", __name__, url_prefix="/doubts")


@area.get("/")
@may("look into visits that do not fit")
def index():
    return page("doubts/index.html", counts=doubts.counts(my_towns()), kinds=doubts.KINDS)


@area.get("/<kind>")
@may("look into visits that do not fit")
def listed(kind):
    if kind not in doubts.KINDS:
        abort(404)
    rows = doubts.listed(kind, my_towns(), page_number())
    ids = {row.visit.station for row in rows.rows}
    stations = {s.id: s for s in Station.select().where(Station.id.in_(ids))} if ids else {}
    return page(
        "doubts/kind.html", kind=kind, words=doubts.KINDS[kind], rows=rows, stations=stations, towns=district().town
    )


@area.post("/<kind>/<int:visit>")
@may("look into visits that do not fit")
def settle(kind, visit):
    doubt = doubts.of(visit, kind, my_towns()) or abort(404)
    doubts.settle(doubt, request.form.get("fine") == "1", by=g.viewer, at=g.now)
    return changed(url_for("doubts.listed", kind=kind))
