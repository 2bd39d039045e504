"""What is known of stations: their facts in the form that station_facts.check gives, and as one would type them."""

from models.hours import Rule
from models.hours_text import words
from models.openings import HoursRule
from models.station_words import FIELDS, TEXTS
from models.stations import Station, StationAmenity, StationUnit, amenities


def typed(stations: list[Station], english: bool = False) -> dict[str, dict[str, str]]:
    """The rows of these stations by code, in three queries: `check` makes the same facts of them.

    Positions are WGS-84; where one stays as it was, so does where it was taken from.
    """
    rows = {}
    for station, facts in zip(stations, known_facts(stations).values(), strict=True):
        row = {field: str(facts.get(field) or "") for field in FIELDS}
        row |= {"position": f"{station.lat:.6f}, {station.lng:.6f}", "source": "gps"}
        row |= {"units": " ".join(facts["units"]), "hours": words(facts["hours"], english)}
        row |= {name: f"{facts[name]:g}" if facts[name] else "" for name in ("truck_length", "truck_height")}
        row |= {name: " ".join(code for code, has in facts["amenities"].items() if has is there)
                for name, there in (("yes", True), ("no", False))}  # fmt: skip
        rows[station.code] = row
    return rows


COLUMNS = (
    *("code", *TEXTS, "kind", "brand", "host", "town", "grid"),
    *("lat", "lng", "coord_src", "phone", "entry", "truck_length", "truck_height"),
)
"""The facts that stand in the row of the station itself."""


def known_facts(stations: list[Station]) -> dict[int, dict]:
    """The facts of these stations by id, in their order, in three queries."""
    ids = [station.id for station in stations]
    found = {s.id: {c: s.__data__[c] for c in COLUMNS} | {"amenities": {}, "units": (), "hours": ()} for s in stations}
    order = {one.code: number for number, one in enumerate(amenities())}
    things = StationAmenity.select(StationAmenity.station, StationAmenity.amenity, StationAmenity.has)
    for id, code, has in things.where(StationAmenity.station.in_(ids)).tuples():
        found[id]["amenities"][code] = has
    keeping = StationUnit.select(StationUnit.station, StationUnit.unit).where(StationUnit.station.in_(ids))
    for id, code in keeping.order_by(StationUnit.unit).tuples():
        found[id]["units"] += (code,)
    stretches = HoursRule.select(HoursRule.station, *(getattr(HoursRule, name) for name in Rule._fields))
    for id, *rule in stretches.where(HoursRule.station.in_(ids)).tuples():
        found[id]["hours"] += (Rule(*rule),)
    for facts in found.values():
        facts["amenities"] = dict(sorted(facts["amenities"].items(), key=lambda told: order[told[0]]))
        facts["hours"] = tuple(sorted(facts["hours"]))
    return found


def differences(before: dict, facts: dict) -> dict:
    """What of these facts is not so yet. A position that stays as it was keeps where it was taken from."""
    new = {name: value for name, value in facts.items() if name != "code" and before.get(name) != value}
    if "lat" not in new and "lng" not in new:
        new.pop("coord_src", None)
    return new


def found(towns: list[str] | None, text: str = "", state: str = "open"):
    """The stations of these towns (None: of all) in which the words stand, open or closed ones, by code; a query."""
    rows = Station.select().where(Station.town.in_(towns) if towns is not None else True)
    for word in text.lower().split():
        rows = rows.where(Station.sought.contains(word))
    return rows.where(Station.closed_at.is_null(state != "closed")).order_by(Station.code)
