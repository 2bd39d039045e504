"""What holds on to a station, a town, a grid or a unit, so that it cannot go as if it had never been there."""

from peewee import IntegerField, chunked

from models._record import Record
from models.invitations import Invitation
from models.people import RoleGrant
from models.stations import PosterToken, Station
from models.takers import PIECE, Taker, ids_of


def used(taker: Taker, codes: list[str]) -> set[str]:
    """Which of these things something else holds on to: a visit, a keeper, a fault, a station of the town."""
    numbers = ids_of(codes) if taker.record is Station else {code: code for code in codes}
    keys = {number: code for code, number in numbers.items()}
    found = {keys[key] for field in _pointing_to(taker) for key in _held_by(field, list(keys))}
    found |= {code for field in (RoleGrant.scope, Invitation.scope) for code in _held_by(field, codes)}
    if taker.record is Station:
        found |= _changed_otherwise(codes)
    return found


def _held_by(field, keys: list) -> list:
    """Which of these the field holds somewhere."""
    found = []
    for some in chunked(keys, PIECE):
        found += [key for (key,) in field.model.select(field).where(field.in_(some)).distinct().tuples()]
    return found


def _pointing_to(taker: Taker) -> list:
    """The fields of all tables that point to things of this kind; visits and their totals do it by number alone."""
    return [
        field
        for record in Record.__subclasses__()
        if record not in taker.own
        for field in record._meta.sorted_fields
        if getattr(field, "rel_model", None) is taker.record
        or (taker.record is Station and field.name == "station" and type(field) is IntegerField)
    ]


def _changed_otherwise(codes: list[str]) -> set[str]:
    """Stations that were closed, or whose printed code was made anew."""
    found = set()
    for some in chunked(codes, PIECE):
        again = PosterToken.select(Station.code).join(Station).where(Station.code.in_(some), PosterToken.version > 1)
        closed = Station.select(Station.code).where(Station.code.in_(some), Station.closed_at.is_null(False))
        found |= {code for query in (again, closed) for (code,) in query.tuples()}
    return found
