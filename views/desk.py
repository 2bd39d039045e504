"""The keeper's desk: who came today."""

from flask import Blueprint, abort, g, request

from models import visits
from models.people import Person
from models.stations import Station
from views._access import may
from views._answer import local, page, page_number

area = Blueprint("desk", __name__, url_prefix="/desk")


@area.get("/")
@may("see who came to my station")
def index():
    station, mine = _my_station()
    today = local(g.now).date()
    return page("desk/index.html", station=station, mine=mine, today=today, total=visits.day_total(station.id, today))


@area.get("/visits")
@may("see who came to my station")
def today():
    station, _ = _my_station()
    rows = visits.at_station(station.id, *visits.span_of_day(local(g.now).date()), page_number())
    known = {row.actor for row in rows.rows if row.actor and row.actor > 0}
    names = {p.id: p.masked for p in Person.select(Person.id, Person.name).where(Person.id.in_(known))} if known else {}
    return page("desk/visits.html", station=station, rows=rows, names=names)


def _my_station() -> tuple[Station, list[Station]]:
    """The station of mine that the address names, else the first; 404 for one that is not mine."""
    mine = list(Station.select().where(Station.code.in_(g.viewer.scopes("keeper"))).order_by(Station.code))
    wanted = request.args.get("station", mine[0].code if mine else "")
    station = next((s for s in mine if s.code == wanted), None)
    if station is None:
        abort(404)
    return station, mine
