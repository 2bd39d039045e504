"""Finding a place to rest: what a list can be narrowed to, words that are looked for, and the nearest that fit."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from models.areas import district, until_changed
from models.openings import Minute
from models.stations import Amenity, AmenityGroup, Station, StationAmenity

OPEN, ALWAYS = "open", "always"
"""What lists can be narrowed to in every district: open now, open all the time."""

NEARBY = 1000
"""Metres: no further does one walk who is cold."""

REACH = 3000
"""Metres: beyond that a place that is shut now is nothing to wait for."""

MOST_WORDS = 5

VEHICLES = ("truck",)
"""Whose drivers may have a list of their own."""


class Filter(NamedTuple):
    """Something a place may have: its word in both languages, the amenities of which one is enough, and the vehicle
    whose driver is shown nothing else unless he says so."""

    key: str
    name: str
    name_en: str
    amenities: tuple[str, ...]
    vehicle: str = ""
    group: bool = False


@until_changed
def filters() -> dict[str, Filter]:
    """The district's filters in their order, by key: those of its settings, else the leading amenities; then groups."""
    told = district().filters
    if not told:
        leading = Amenity.select().where(Amenity.lead).order_by(Amenity.sort)
        found = [Filter(a.code.lower(), a.name, a.name_en, (a.code,)) for a in leading]
    else:
        found = [Filter(f["key"], f["name"], f["name_en"], tuple(f["any"]), f.get("vehicle", "")) for f in told]
    of = {group.code: group for group in AmenityGroup.select().order_by(AmenityGroup.sort)}
    inside: dict[str, list[str]] = {code: [] for code in of}
    for code, group in Amenity.select(Amenity.code, Amenity.group).tuples():
        if group in inside:
            inside[group].append(code)
    found += [Filter(code, group.name, group.name_en, tuple(inside[code]), group=True) for code, group in of.items()]
    return {one.key: one for one in found}


@until_changed
def _having() -> dict[str, frozenset[int]]:
    return {}


def having(key: str) -> frozenset[int]:
    """The ids of the listed stations that have what a filter asks for; read once between two changes."""
    known = _having()
    if key not in known:
        rows = StationAmenity.select(StationAmenity.station).where(
            StationAmenity.amenity.in_(filters()[key].amenities), StationAmenity.has
        )
        known[key] = Station.listed_ids() & {id for (id,) in rows.tuples()}
    return known[key]


def sought(text: str) -> frozenset[int]:
    """The ids of the stations in whose names, brand, address or landmark all these words and figures stand."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _sought()(tuple(re.findall(r"[0-9]+|[^0-9\s]+", plain)[:MOST_WORDS]))


@until_changed
def _sought():
    """What was looked for since the last change; the latest few hundred, because anybody can ask for endless things."""
    return lru_cache(maxsize=300)(_look_for)


def _look_for(words: tuple[str, ...]) -> frozenset[int]:
    rows = Station.listed().select(Station.id).where(*[Station.sought.contains(word) for word in words])
    return frozenset(id for (id,) in rows.tuples())


def fitting(keys: Iterable[str], at: Minute, town: str = "", words: str = "") -> frozenset[int]:
    """The ids of the listed stations that fit to all that is asked for."""
    listed = Station.listed_ids()
    sets = [at.lit if key == OPEN else at.always & listed if key == ALWAYS else having(key) for key in keys]
    sets += [Station.ids_in(town)] if town else []
    sets += [sought(words)] if words else []
    return frozenset.intersection(*sorted(sets, key=len)) if sets else listed


def around(lat: float, lng: float, at: Minute, keys: Iterable[str] = (), wanted: int = 3) -> list[Station]:
    """The nearest open stations; where there are too few within reach, then those nearby that open next."""
    found = Station.nearest(lat, lng, wanted, fitting([*keys, OPEN], at))
    near = [station for station in found if station.metres <= REACH] or found[:1]
    if len(near) < wanted:
        shut = Station.nearest(lat, lng, 20, fitting(keys, at) - at.lit)
        states = at.states([station.id for station in shut])
        waiting = [(states[s.id].next, s.metres, s) for s in shut if s.metres <= REACH and states[s.id].next]
        near += [station for *_, station in sorted(waiting, key=lambda one: one[:2])][: wanted - len(near)]
    return with_states(near, at)


def with_states(stations: list[Station], at: Minute) -> list[Station]:
    """Give each station its `.state`."""
    states = at.states([station.id for station in stations])
    for station in stations:
        station.state = states[station.id]
    return stations
