"""What stands beside the facts on a station's page: who keeps it, what partners say, what is inside."""

import datetime as dt
from typing import NamedTuple

from models import faults, rooms, voices
from models.areas import Unit, until_changed
from models.faults import Fault
from models.rooms import Counter, Room
from models.stations import CENTRE, Station, StationUnit
from models.voices import FreeNow


class Aside(NamedTuple):
    """`locked`: the fault of a locked door, if it is open; `agreed`: (when, how many) or None; `free` fades."""

    units: list[Unit]
    locked: Fault | None
    agreed: tuple[dt.datetime, int] | None
    free: list[FreeNow]
    rooms: list[Room]
    counters: list[Counter]


@until_changed
def _known() -> dict[int, Aside]:
    return {}


def of(station: Station, now: dt.datetime) -> Aside:
    """What there is to say now; each change of it is a change of what public pages show."""
    known = _known()
    if station.id not in known:
        inside = rooms.of(station.id) if station.kind_id == CENTRE else ([], [])
        locked, agreed = faults.of(station.id, faults.LOCKED), voices.agreed(station.id, now)
        known[station.id] = Aside(StationUnit.of(station), locked, agreed, voices.free(station.id, now), *inside)
    aside = known[station.id]
    return aside._replace(free=[row for row in aside.free if row.at > now - voices.FADES])
