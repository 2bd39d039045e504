"""Who answers for what: the units of the district with their duties."""

from flask import Blueprint, abort, request

from models import areas
from models.areas import UNIT_KINDS
from views._access import may
from views._answer import page, page_number

area = Blueprint("units", __name__, url_prefix="/units")


@area.get("/")
@may("see units, enterprises and who works where")
def index():
    kind = request.args.get("kind", next(iter(UNIT_KINDS)))
    if kind not in UNIT_KINDS:
        abort(404)
    rows = areas.units_of(kind, page_number())
    return page("units/index.html", rows=rows, kind=kind, kinds=UNIT_KINDS, counts=areas.units_by_kind())
