"""What is mine: the stations that I keep, my shops, and the towns that I look after."""

from typing import TypeVar

from flask import abort, g, request

from models.merchants import LISTED, Merchant
from models.stations import Station

Place = TypeVar("Place", Station, Merchant)


def my_station() -> Station:
    """The station of mine that is asked for, else the first; 404 for one that is not mine."""
    return asked_for("station", my_stations())


def my_stations() -> list[Station]:
    """All stations that I keep, by code; of those that were closed there is nothing to keep."""
    mine = Station.code.in_(g.viewer.scopes("keeper")), Station.closed_at.is_null()
    return list(Station.select().where(*mine).order_by(Station.code))


def my_towns() -> list[str] | None:
    """The towns of who asks; None: the whole district."""
    return None if "officer" in g.viewer.roles() else g.viewer.scopes("town_officer")


def my_shop() -> Merchant:
    """The shop of mine that is asked for, else the first; 404 for one that is not mine or has left."""
    return asked_for("shop", my_shops())


def asked_for(name: str, mine: list[Place], usual: str = "") -> Place:
    """Of what is mine that whose code the field `name` says, else the `usual` one, else the first; 404 for another."""
    known = {one.code: one for one in mine}
    wanted = request.values.get(name, usual if usual in known else next(iter(known), ""))
    return known.get(wanted) or abort(404)


def my_shops(state: str = LISTED) -> list[Merchant]:
    """All shops that I own and that take part, or that have left, by code."""
    mine = Merchant.code.in_(g.viewer.scopes("merchant")), Merchant.state == state
    return list(Merchant.select().where(*mine).order_by(Merchant.code))
