"""Stations are created, changed, closed and opened again: once, by somebody, and each changed fact is in the trail."""

import datetime as dt

from peewee import chunked

from models import openings
from models._database import hold, writing
from models._record import N_, Refused
from models.areas import Revision, district
from models.station_rows import COLUMNS, differences, known_facts
from models.stations import CENTRE, Brand, PosterToken, Station, StationAmenity, StationUnit, sought_of

NUMBERS = 2**63 - 3
"""What is held while a station gets its code."""


def create(facts: dict, *, by, at: dt.datetime) -> Station:
    """A new station of whole facts (station_facts.check), with its printed code; the same once more is the same one.

    Without a code it gets the next free one. Raises Refused: "code" for one that is taken, "double" for a station of
    this name at this address, "centre" for a second one.
    """
    with writing():
        hold(NUMBERS)
        if before := _same(facts):
            return before
        _must_be_free(facts)
        code = facts["code"] or free_codes(1)[0]
        columns = {name: facts[name] for name in COLUMNS} | {"code": code}
        station = Station.create(**columns, sought=_sought(columns))
        station.note(f"created: {station.name}", by=by, at=at)
        _write_lists([(station.id, {}, facts)])
        openings.set_hours(station, facts["hours"], by=by, at=at)
        PosterToken.issue(station, by=by, at=at)
    return station


def change(station: Station, facts: dict, seen: dict, *, by, at: dt.datetime) -> bool:
    """The station is so from now on; False when it was already. `seen`: the facts that whoever changes it looked at.

    Raises Refused: "meanwhile" when somebody has changed one since then, "centre" for a second one.
    """
    with writing():
        hold(station.id)
        before = facts_now(station)
        new = differences(before, facts)
        if not new:
            return False
        if differences(before, seen):
            raise Refused("meanwhile", N_("Somebody has changed this station meanwhile. Please look once more."))
        _must_be_one_centre(new.get("kind"))
        write(station.id, before, new)
        for what in notes(before, new):
            station.note(what, by=by, at=at)
        if "hours" in new:
            openings.set_hours(station, new["hours"], by=by, at=at)
        Revision.bump()
    return True


def close(station: Station, why: str, *, by, at: dt.datetime):
    """From now on nobody is sent there; what happened there stays. Twice is once. Raises Refused("why")."""
    why = " ".join(why.split())
    if not why or len(why) > 200:
        raise Refused("why", N_("Say in a few words why: people who stand before the door read it."))
    with writing():
        hold(station.id)
        mine = Station.id == station.id, Station.closed_at.is_null()
        if Station.update(closed_at=at, closed_why=why).where(*mine).execute():
            station.note(f"closed: {why}", by=by, at=at)
            Revision.bump()


def reopen(station: Station, *, by, at: dt.datetime):
    """It is a station like the others again. Twice is once."""
    with writing():
        hold(station.id)
        mine = Station.id == station.id, Station.closed_at.is_null(False)
        if Station.update(closed_at=None, closed_why="").where(*mine).execute():
            station.note("opened again", by=by, at=at)
            Revision.bump()


def facts_now(station: Station) -> dict:
    """Its facts as they stand in the database at this moment."""
    return known_facts([Station.get_by_id(station.id)])[station.id]


def free_codes(wanted: int) -> list[str]:
    """The next codes that nobody has, behind the highest; of a closed station neither. Within `hold(NUMBERS)`."""
    prefix = district().station_prefix
    codes = Station.select(Station.code).where(Station.code.startswith(prefix)).tuples()
    taken = [int(code[len(prefix) :]) for (code,) in codes if code[len(prefix) :].isdigit()]
    highest = max(taken, default=0)
    return [f"{prefix}{number:03}" for number in range(highest + 1, highest + 1 + wanted)]


def write(id: int, before: dict, new: dict):
    """Write what is new of a station's facts, but for its hours (openings.set_hours). Within a transaction."""
    columns = {name: value for name, value in new.items() if name in COLUMNS}
    if columns:
        whole = before | columns
        Station.update(**columns, sought=_sought(whole)).where(Station.id == id).execute()
    _write_lists([(id, before, new)])


def notes(before: dict, new: dict) -> list[str]:
    """A line of the trail for each fact that changes, but for the hours, which note themselves: from what to what."""
    said = []
    for name in COLUMNS:
        if name in new and name not in ("lat", "lng", "coord_src"):
            said.append(f"fact {name}: {_said(before[name])} → {_said(new[name])}")
    if {"lat", "lng", "coord_src"} & set(new):
        said.append(f"fact position: {_position(before)} → {_position(before | new)}")
    if "units" in new:
        said.append(f"fact units: {_said(' '.join(before['units']))} → {_said(' '.join(new['units']))}")
    if "amenities" in new:
        old, now = before["amenities"], new["amenities"]
        codes = [code for code in [*now, *(set(old) - set(now))] if old.get(code) is not now.get(code)]
        said += [f"has {code}: {_THERE[old.get(code)]} → {_THERE[now.get(code)]}" for code in codes]
    return said


_THERE = {True: "yes", False: "no", None: "?"}


def _said(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value or "?")


def _position(facts: dict) -> str:
    return f"{facts['lat']:.6f}, {facts['lng']:.6f} ({facts['coord_src']})"


def _write_lists(changes: list[tuple[int, dict, dict]]):
    """The amenities and units of stations (id, facts before, what is new)."""
    for model, name, rows_of in (
        (StationAmenity, "amenities", lambda id, told: [_there(id, *one) for one in told.items()]),
        (StationUnit, "units", lambda id, told: [{"station": id, "unit": code} for code in told]),
    ):
        mine = [(id, new[name]) for id, before, new in changes if new.get(name, before.get(name)) != before.get(name)]
        for some in chunked([id for id, _ in mine], 500):
            model.delete().where(model.station.in_(some)).execute()
        for rows in chunked([row for id, told in mine for row in rows_of(id, told)], 300):
            model.insert_many(rows).execute()


def _there(id: int, code: str, has: bool) -> dict:
    return {"station": id, "amenity": code, "has": has}


def _sought(facts: dict) -> str:
    return sought_of(facts, Brand.get_or_none(Brand.code == facts["brand"]) if facts["brand"] else None)


def _same(facts: dict) -> Station | None:
    """The open station of this name at this address, if it is the very same. Raises Refused("double") if it is not."""
    where = (Station.town == facts["town"]) & (Station.name == facts["name"]) & (Station.address == facts["address"])
    for station in Station.select().where(where, Station.closed_at.is_null()):
        if not differences(facts_now(station), facts) and facts["code"] in ("", station.code):
            return station
        raise Refused("double", N_("There is a station of this name at this address already."))
    return None


def _must_be_free(facts: dict):
    if facts["code"] and Station.get_or_none(Station.code == facts["code"]):
        raise Refused("code", N_("There is a station with this code already."))
    _must_be_one_centre(facts["kind"])


def _must_be_one_centre(kind: str | None):
    if kind == CENTRE and Station.get_or_none(Station.kind == CENTRE):
        raise Refused("centre", N_("There is one centre, and it stands here already."))
