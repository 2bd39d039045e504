"""The officer's figures: each number clicks down to the rows that make it, and says what it means."""

from flask import Blueprint, abort, g, request

from models import figures
from models.areas import district
from models.stations import Station, find_station
from views._access import may
from views._answer import local, page, page_number

area = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@area.get("/")
@may("see the district's figures")
def index():
    today = local(g.now)
    month = today.year * 100 + today.month
    return page("dashboard/index.html", month=month, total=figures.month_total(month), stations=Station.count_listed())


@area.get("/visits")
@may("see the district's figures")
def month():
    wanted = _month()
    rows = figures.month_by_station(wanted, page_number())
    ids = [id for id, _ in rows.rows]
    stations = {s.id: s for s in Station.select().where(Station.id.in_(ids))} if ids else {}
    total = figures.month_total(wanted)
    return page("dashboard/month.html", month=wanted, rows=rows, stations=stations, total=total, towns=district().town)


@area.get("/visits/<code>")
@may("see the district's figures")
def station(code):
    found = find_station(code) or abort(404)
    wanted = _month()
    rows = figures.at_station(found.id, *figures.span_of_month(wanted), page_number())
    return page("dashboard/station.html", month=wanted, station=found, rows=rows)


def _month() -> int:
    """The month in the address (yyyymm), else this one; 404 for nonsense."""
    today = local(g.now)
    text = request.args.get("month", f"{today:%Y%m}")
    if len(text) != 6 or not text.isascii() or not text.isdigit() or not 1 <= int(text[4:]) <= 12 or text[:2] != "20":
        abort(404)
    return int(text)
