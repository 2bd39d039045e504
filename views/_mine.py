"""What is mine: the stations that I keep, my shops, and the towns that I look after."""

from flask import abort, g, request

from models.merchants import LISTED, Merchant
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


def my_towns() -> list[str] | None:
    """The towns of who asks; None: the whole district."""
    return None if "officer" in g.viewer.roles() else g.viewer.scopes("town_officer")


def my_shop() -> Merchant:
    """The shop of mine that is asked for, else the first; 404 for one that is not mine or has left."""
    return asked_for(my_shops())


def asked_for(shops: list[Merchant], usual: str = "") -> Merchant:
    """The one of these that is asked for (`shop`, its code), else the `usual` one, else the first; 404 for another."""
    known = {shop.code: shop for shop in shops}
    wanted = request.values.get("shop", usual if usual in known else next(iter(known), ""))
    return known.get(wanted) or abort(404)


def my_shops(state: str = LISTED) -> list[Merchant]:
    """All shops that I own and that take part, or that have left, by code."""
    mine = Merchant.code.in_(g.viewer.scopes("merchant")), Merchant.state == state
    return list(Merchant.select().where(*mine).order_by(Merchant.code))
