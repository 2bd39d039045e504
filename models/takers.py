"""What a list of a kind does to the district: what is there already, and putting in, changing and taking out many."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from peewee import chunked

from models import area_facts, openings, station_changes, station_facts, station_rows
from models._record import Record, insert_facts, random_code
from models.areas import Grid, Town, Unit
from models.hours_text import words
from models.openings import HoursRule, Opening
from models.station_rows import COLUMNS, differences
from models.station_words import Mistake
from models.stations import (
    Brand,
    PosterToken,
    Station,
    StationAmenity,
    StationUnit,
    sought_of,
)

PIECE = 500
"""Rows in one statement of a query."""


class There(NamedTuple):
    """A thing that the district has: its facts as the checks give them, and as one would type them."""

    facts: dict
    typed: dict[str, str]


class Change(NamedTuple):
    """The facts of a thing before and after; none where it is not there."""

    before: dict
    after: dict


class Taker(NamedTuple):
    """How one kind of list is taken in. `own` are the tables that come and go with a thing of this kind."""

    record: type[Record]
    subject: str
    check: Callable[[dict[str, str]], tuple[dict, dict[str, Mistake]]]
    there: Callable[[list[str]], dict[str, There]]
    insert: Callable[[list[dict], dt.datetime], None]
    update: Callable[[list[Change], dt.datetime], None]
    remove: Callable[[list[str]], None]
    notes: Callable[[Change], list[str]]
    own: tuple[type[Record], ...] = ()


# Stations.


def stations_there(codes: list[str]) -> dict[str, There]:
    """By code; a few queries for each piece of them."""
    found: dict[str, There] = {}
    for some in chunked(codes, PIECE):
        stations = list(Station.select().where(Station.code.in_(some)))
        facts = station_rows.known_facts(stations)
        typed = station_rows.typed(stations)
        found |= {s.code: There(facts[s.id], typed[s.code]) for s in stations}
    return found


def insert_stations(rows: list[dict], at: dt.datetime):
    brands = _brands()
    insert_facts(Station, [{name: row[name] for name in COLUMNS} | {"sought": _sought(row, brands)} for row in rows])
    ids = ids_of([row["code"] for row in rows])
    facts = {ids[row["code"]]: row for row in rows}
    insert_facts(StationAmenity, _things_of(facts))
    insert_facts(StationUnit, _units_of(facts))
    insert_facts(PosterToken, [{"station": id, "token": random_code(), "version": 1, "made_at": at} for id in facts])
    openings.load({id: words(row["hours"]) for id, row in facts.items()}, at=at)


def update_stations(changes: list[Change], at: dt.datetime):
    brands, ids = _brands(), ids_of([change.before["code"] for change in changes])
    new = {ids[change.before["code"]]: (change, differences(change.before, change.after)) for change in changes}
    for id, (change, told) in new.items():
        columns = {name: value for name, value in told.items() if name in COLUMNS}
        if columns:
            columns["sought"] = _sought(change.before | columns, brands)
            Station.update(columns).where(Station.id == id).execute()
    for field, record, rows_of in (("amenities", StationAmenity, _things_of), ("units", StationUnit, _units_of)):
        told = {id: change.after for id, (change, said) in new.items() if field in said}
        for some in chunked(told, PIECE):
            record.delete().where(record.station.in_(some)).execute()
        insert_facts(record, rows_of(told))
    hours = {id: words(change.after["hours"]) for id, (change, said) in new.items() if "hours" in said}
    openings.load(hours, at=at)


def remove_stations(codes: list[str]):
    ids = list(ids_of(codes).values())
    for some in chunked(ids, PIECE):
        for record in STATIONS_OWN:
            record.delete().where(record.station.in_(some)).execute()
        Station.delete().where(Station.id.in_(some)).execute()


def notes_of_station(change: Change) -> list[str]:
    """Lines of the trail, as if somebody had typed it."""
    if not (change.before and change.after):
        return notes_of_area(change)
    new = differences(change.before, change.after)
    week = [words(facts["hours"]) or "?" for facts in change]
    hours = [f"hours {week[0]} → {week[1]}"] if "hours" in new else []
    return station_changes.notes(change.before, new) + hours


STATIONS_OWN = (PosterToken, Opening, HoursRule, StationAmenity, StationUnit)


def _brands() -> dict[str, Brand]:
    return {brand.code: brand for brand in Brand.select()}


def _sought(row: dict, brands: dict[str, Brand]) -> str:
    return sought_of(row, brands.get(row["brand"]))


def ids_of(codes: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunked(codes, PIECE):
        rows = Station.select(Station.code, Station.id).where(Station.code.in_(some))
        found |= {code: id for code, id in rows.tuples()}
    return found


def _things_of(facts: dict[int, dict]) -> list[dict]:
    return [
        {"station": id, "amenity": amenity, "has": has}
        for id, row in facts.items()
        for amenity, has in row["amenities"].items()
    ]


def _units_of(facts: dict[int, dict]) -> list[dict]:
    return [{"station": id, "unit": unit} for id, row in facts.items() for unit in row["units"]]


# Towns, grids, units: each a row, and nothing else.


def _areas_there(record) -> Callable[[list[str]], dict[str, There]]:
    def there(codes: list[str]) -> dict[str, There]:
        found: dict[str, There] = {}
        for some in chunked(codes, PIECE):
            for one in record.select().where(record.code.in_(some)):
                found[one.code] = There(area_facts.facts_of(one), area_facts.typed(one))
        return found

    return there


def _update_areas(record) -> Callable[[list[Change], dt.datetime], None]:
    def update(changes: list[Change], _at: dt.datetime):
        for change in changes:
            told = differences(change.before, change.after)
            record.update(told).where(record.code == change.before["code"]).execute()

    return update


def _remove_areas(record) -> Callable[[list[str]], None]:
    def remove(codes: list[str]):
        for some in chunked(codes, PIECE):
            record.delete().where(record.code.in_(some)).execute()

    return remove


def notes_of_area(change: Change) -> list[str]:
    if not change.before:
        return [f"created: {change.after['name']}"]
    if not change.after:
        return [f"taken away: {change.before['name']}"]
    new, before = differences(change.before, change.after), change.before
    said = [f"fact {name}: {before[name] or '?'} → {new[name] or '?'}" for name in new if name not in ("lat", "lng")]
    if {"lat", "lng"} & set(new):
        places = [f"{facts['lat']:.6f}, {facts['lng']:.6f}" for facts in change]
        said.append(f"fact position: {places[0]} → {places[1]}")
    return said


def _areas(record, subject: str, check) -> Taker:
    return Taker(
        record,
        subject,
        check,
        _areas_there(record),
        lambda rows, _at: insert_facts(record, rows),
        _update_areas(record),
        _remove_areas(record),
        notes_of_area,
    )


TAKERS = {
    "stations": Taker(
        Station,
        "station",
        station_facts.check,
        stations_there,
        insert_stations,
        update_stations,
        remove_stations,
        notes_of_station,
        STATIONS_OWN,
    ),
    "towns": _areas(Town, "town", area_facts.check_town),
    "grids": _areas(Grid, "grid", area_facts.check_grid),
    "units": _areas(Unit, "unit", area_facts.check_unit),
}
