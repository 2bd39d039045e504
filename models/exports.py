"""The list of the stations to take along: all that is public about them, or what the makers of maps ask for."""

from collections.abc import Iterator

from peewee import chunked

from models import coordinates
from models.areas import Grid, Unit, district
from models.hours_text import words
from models.lists import COLUMNS
from models.station_facts import known
from models.station_rows import known_facts
from models.station_words import ENTRIES_CALLED
from models.stations import ENTRIES, Brand, Kind, Station, amenities
from models.tables import Cell

STATIONS = tuple(column for column in COLUMNS["stations"] if column.name != "position")
"""The columns of the list that can be taken in again unchanged."""

FOR_MAPS = ("name", "address", "phone", "hours", "lng", "lat", "kind")
"""The columns for the makers of maps; positions in GCJ-02."""

PIECE = 500

ENTRY_WORDS = {code: said for said, code in ENTRIES_CALLED.items()}


def stations(town: str = "", english: bool = False) -> Iterator[list[Cell]]:
    """A row for each station that is not closed, of a town or of the district, in the columns of STATIONS."""
    say = Say(english)
    for _station, facts in _open(town):
        row = {name: facts[name] for name in ("code", "name", "name_en", "address", "address_en", "landmark")}
        row |= {name: facts[name] for name in ("landmark_en", "phone", "truck_length", "truck_height", "lat", "lng")}
        row |= {name: say.one(name, facts[name]) for name in ("kind", "brand", "host", "town")}
        row |= {"units": say.many("host", facts["units"]), "grid": say.grid(facts["town"], facts["grid"])}
        row |= {"source": "GPS", "entry": say.entry(facts["entry"]), "hours": words(facts["hours"], english)}
        for name, has in (("yes", True), ("no", False)):
            row[name] = say.many("amenity", [code for code, there in facts["amenities"].items() if there is has])
        yield [row[column.name] for column in STATIONS]


def for_maps(town: str = "", english: bool = False) -> Iterator[list[Cell]]:
    """The same in the columns of FOR_MAPS."""
    say = Say(english)
    for station, facts in _open(town):
        lat, lng = coordinates.to_gcj(station.lat, station.lng)
        name, address = ((facts[f"{n}_en"] if english else "") or facts[n] for n in ("name", "address"))
        hours = words(facts["hours"], english)
        yield [name, address, facts["phone"], hours, round(lng, 6), round(lat, 6), say.one("kind", facts["kind"])]


def _open(town: str) -> Iterator[tuple[Station, dict]]:
    wanted = Station.select().where(Station.closed_at.is_null()).order_by(Station.code)
    wanted = wanted.where(Station.town == town) if town else wanted
    for some in chunked(wanted, PIECE):
        facts = known_facts(some)
        yield from ((station, facts[station.id]) for station in some)


class Say:
    """The names of what stations point to, where reading the name finds the same thing again; else the code."""

    def __init__(self, english: bool):
        self.english = english
        rows = {"kind": Kind.select(), "brand": Brand.select(), "host": Unit.select(), "town": district().towns}
        rows |= {"amenity": amenities()}
        self.names = {field: {row.code: self._name(row) for row in them} for field, them in rows.items()}
        self.grids = {grid.code: self._name(grid) for grid in Grid.select()}

    def _name(self, row) -> str:
        return (row.name_en if self.english else "") or row.name

    def one(self, field: str, code: str | None) -> str:
        name = self.names[field].get(code, "") if code else ""
        return name if getattr(known(), field).get(name.lower()) == code else code or ""

    def many(self, field: str, codes) -> str:
        said = [self.one(field, code) for code in codes]
        if any(set(",，、;；") & set(name) for name in said):
            said = list(codes)
        return (", " if self.english else "、").join(said)

    def grid(self, town: str, code: str | None) -> str:
        name = self.grids.get(code, "") if code else ""
        return name if known().grids.get((town, name.lower())) == code else code or ""

    def entry(self, code: str) -> str:
        return ENTRIES[code] if self.english else ENTRY_WORDS[code]
