"""The demo's stations as a week leaves them: what broke, runs low, was lent, was looked at and said."""

import datetime as dt

from peewee import chunked

from models import inspections
from models._database import writing
from models._record import number_of
from models.areas import district
from models.demo_people import Chance
from models.faults import CLOCK, LOCKED, SLOWER, Fault
from models.inspections import Inspection
from models.people import Person, RoleGrant
from models.stations import Station, StationAmenity
from models.supplies import COMING, ENOUGH, LOW, Loan, Supply
from models.voices import Agreed, FreeNow

SEED = 139
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def make_upkeep(told: dict, kept: Station, *, at: dt.datetime):
    """What `told` (demo.toml) names: faults, supplies, loans, looks and words of the last days, none in the future."""
    chance = Chance(SEED)
    stations = list(Station.listed().order_by(Station.code))
    held = RoleGrant.select(RoleGrant.scope, RoleGrant.person).where(RoleGrant.role == "keeper")
    keepers = {scope: person for scope, person in held.tuples()}
    with writing():
        _faults(stations, kept, chance, at)
        for some in chunked(_supplies(told["supplies"], stations, kept, chance, at), 100):
            Supply.insert_many(some).execute()
        _loans(kept, keepers[kept.code], at)
        for some in chunked(_looks(stations, keepers, chance, at), 100):
            Inspection.insert_many(some).execute()
        for some in chunked(_words(stations, chance, at), 100):
            Agreed.insert_many(some).execute()
        FreeNow.create(station=kept, what="SEAT", level="few", actor=-1, at=at - 12 * MINUTE)


def _faults(stations, kept, chance: Chance, at):
    """A dozen: some new, some seen by the keeper, two that have waited too long."""
    picked = [station for station in stations if chance.random() < 0.08][:11]
    for n, station in enumerate([kept, *picked]):
        has = StationAmenity.select().where(StationAmenity.station == station, StationAmenity.has)
        thing = has.order_by(StationAmenity.amenity).offset(int(chance.random() * 5)).first()
        what = LOCKED if n % 6 == 5 or thing is None else thing.amenity_id
        opened = at - (20 * MINUTE if n == 0 else (4 * DAY if n % 5 == 4 else 5 * HOUR * chance.random()))
        fault = {"station": station, "what": what, "n": 1 + int(3 * chance.random()), "broken": n % 3 == 2}
        moments = {"opened_at": opened, "last_at": opened, "due_at": opened + CLOCK.get(what, SLOWER)}
        Fault.create(**fault, **moments)
        if what != LOCKED:
            thing.delete_instance()
            if n % 3 == 2:
                StationAmenity.create(station=station, amenity=what, has=False)


def _supplies(told: dict, stations, kept, chance: Chance, at) -> list[dict]:
    rows = []
    today = at.astimezone(district().zone).date()
    for station in stations:
        for name in told["names"][: 1 + int(4 * chance.random())]:
            draw = chance.random()
            asked = draw < 0.05 or (station == kept and name == told["names"][0])
            state = LOW if asked else COMING if draw < 0.08 else ENOUGH
            until = today + dt.timedelta(days=int(20 + 300 * chance.random())) if name in told["expire"] else None
            rows.append(
                {
                    "station": station,
                    "name": name,
                    "state": state,
                    "expires_on": number_of(until) if until else None,
                    "answer": told["promise"] if state == COMING else "",
                    "changed_at": at - 2 * DAY * chance.random(),
                }
            )
    return rows


def _loans(kept, keeper: Person, at):
    for n, hours in enumerate((1, 5, 26), 3):
        Loan.create(station=kept, number=f"PB {n}", lent_at=at - hours * HOUR, by=keeper)


def _looks(stations, keepers, chance: Chance, at) -> list[dict]:
    """Two of three stations were looked at this month; most were in order."""
    rows = []
    local = at.astimezone(district().zone)
    begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for station in stations:
        if station.code not in keepers or chance.random() > 0.66:
            continue
        all_of = list(inspections.SIX)
        failed = [code for code in all_of if chance.random() < 0.06]
        rows.append(
            {
                "station": station,
                "month": local.year * 100 + local.month,
                "at": begin + (local - begin) * chance.random(),
                "by": keepers[station.code],
                "score": inspections.score(all_of, failed),
                "failed": " ".join(failed),
                "note": "",
            }
        )
    return rows


def _words(stations, chance: Chance, at) -> list[dict]:
    return [
        {"station": station, "actor": -1 - n, "at": at - 30 * DAY * chance.random()}
        for station in stations
        for n in range(int(4 * chance.random()))
    ]
