"""The station that a keeper works at: one of theirs, named by the address or the form, else the first."""

from flask import abort, g, request

from models.stations import Station


def my_station() -> Station:
    """The station of mine that is asked for; 404 for one that is not mine."""
    mine = my_stations()
    wanted = request.values.get("station", mine[0].code if mine else "")
    return next((station for station in mine if station.code == wanted), None) or abort(404)


def my_stations() -> list[Station]:
    """All stations that I keep, by code; of those that were closed there is nothing to keep."""
    mine = Station.code.in_(g.viewer.scopes("keeper")), Station.closed_at.is_null()
    return list(Station.select().where(*mine).order_by(Station.code))
