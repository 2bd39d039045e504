"""The monthly look at a station: the six things that each has, and whether each amenity works; with a score."""

import datetime as dt

from peewee import CharField, ForeignKeyField, IntegerField, SmallIntegerField, TextField

from models import faults
from models._database import writing
from models._record import N_, MomentField, Page, Record
from models.people import Person
from models.stations import Station, with_amenities

SIX = {
    "SIGN": N_("The sign hangs where people see it"),
    "PLACE": N_("The place is its own and open to partners"),
    "THINGS": N_("The things that belong to it are there"),
    "RULES": N_("The rules of the station hang on the wall"),
    "PEOPLE": N_("Somebody looks after it"),
    "MAP": N_("It is on the maps, in the right place"),
}
"""The six that every station has (六有: sign, place, things, rules, people, on the map)."""


class Inspection(Record):
    """One look in a local month (yyyymm); the last one of a month counts. `score` is 0…100, `failed` the codes of what
    was not right, with spaces between them."""

    station = ForeignKeyField(Station)
    month = IntegerField()
    at = MomentField()
    by = ForeignKeyField(Person)
    score = SmallIntegerField()
    failed = TextField(default="")
    note = CharField(max_length=200, default="")


def asked(station: Station) -> list[str]:
    """The codes of everything that is looked at: the six, and what the station is said to have or has broken."""
    with_amenities([station])
    have = [amenity.code for amenity in station.yes]
    broken = [fault.what for fault in faults.open_at(station.id) if fault.what not in faults.BESIDES]
    return [*SIX, *have, *(code for code in broken if code not in have)]


def score(all_of: list[str], failed: list[str]) -> int:
    """How much of what was looked at was right, in percent, rounded down: 100 only when all was."""
    return 100 * (len(all_of) - len(failed)) // len(all_of)


def inspect(station: Station, month: int, failed: list[str], note: str, *, by: Person, at: dt.datetime) -> Inspection:
    """Somebody looked at everything: what of it failed becomes a fault, what works ends one. Twice is once."""
    with writing():
        all_of = asked(station)
        failed = [code for code in all_of if code in failed]
        last = of(station.id).rows
        said = " ".join(failed), note.strip()[:200]
        if last and last[0].month == month and (last[0].failed, last[0].note) == said:
            return last[0]
        for code in failed:
            if code not in SIX:
                faults.breaks(station, code, by=by, at=at)
        for fault in faults.open_at(station.id):
            if fault.what in all_of and fault.what not in failed:
                faults.end(fault, by=by, at=at)
        made = Inspection.create(
            station=station, month=month, at=at, by=by, score=score(all_of, failed), failed=said[0], note=said[1]
        )
        station.note(f"inspection {month}: {made.score}", by=by, at=at)
        return made


def of(station: int, number: int = 1) -> Page:
    """The inspections of a station, newest first."""
    mine = Inspection.select().where(Inspection.station == station)
    return Page(mine.order_by(Inspection.at.desc(), Inspection.id.desc()), number)
