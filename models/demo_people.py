"""The demo's people: who rides in the district, for whom, and who keeps its stations. Made from a seed, all invented.

Nobody has a password; they are as from a list that an enterprise brought in: countable, not yet confirmed.
"""

import datetime as dt
import secrets
from collections import defaultdict
from itertools import cycle
from typing import NamedTuple

from models._keys import ring
from models._record import insert, number_of, random_code, to_ms
from models.areas import district
from models.days import OPEN, StationDay
from models.enterprises import Enterprise, Outlet
from models.people import Employment, Person, RoleGrant
from models.stations import Station

PIECE = 500
"""People in one query."""

FIRST_NUMBER = 1000
"""The last four digits of the first phone: those below are the ten accounts' and free for who tries the demo."""


class Chance:
    """Numbers as if drawn by chance, the same for a seed on every machine (splitmix64). For nothing secret."""

    def __init__(self, seed: int):
        self.state = seed

    def random(self) -> float:
        """A number from 0 to below 1."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & _WORD
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        return ((z ^ (z >> 31)) >> 11) / (1 << 53)


_WORD = 0xFFFFFFFFFFFFFFFF


class Rider(NamedTuple):
    """What a visit of theirs is made from: a person's id, the industry, the code of the town."""

    id: int
    industry: str
    town: str


class Names:
    """Surnames and given names, drawn by chance."""

    def __init__(self, told: dict, chance: Chance):
        self.told, self.random = told, chance.random

    def draw(self) -> str:
        surname = self._pick(self.told["surnames"], self.random() ** 2)
        return surname + self._pick(self.told["first"], self.random()) + self._pick(self.told["second"], self.random())

    @staticmethod
    def _pick(letters: str, where: float) -> str:
        return letters[int(where * len(letters))]


def make_riders(told: dict, known: Person, *, at: dt.datetime) -> list[Rider]:
    """The riders of the demo's table, `known` (one of the ten accounts) among them; all with what they work in."""
    chance = Chance(told["seed"])
    jobs = [job for industry in told["riders"] for job in _jobs(told, industry, chance)]
    mine = next(job for job in jobs if job["industry"] == "food" and job["town"] == district().towns[0].code)
    jobs.remove(mine)
    names = Names(told["names"], chance)
    people = _add_people(told["phones"], FIRST_NUMBER, [names.draw() for _ in jobs], at=at)
    rows = list(zip([known.id, *people], [mine, *jobs], strict=True))
    columns = ("person_id", *mine, "starts_at")
    since = [to_ms(at) - int(chance.random() * 1000) * 86_400_000 for _ in rows]
    insert(Employment, columns, [(id, *job.values(), began) for (id, job), began in zip(rows, since, strict=True)])
    return [Rider(id, job["industry"], job["town"]) for id, job in rows]


def make_keepers(told: dict, keeper: Person, kept: Station, *, at: dt.datetime):
    """Every station has its keeper, who has said in the mornings of the last days that it is open; the one of the ten
    accounts keeps the next station of the town as well, and has not said anything of today yet."""
    codes = [code for (code,) in Station.select(Station.code).order_by(Station.code).tuples() if code != kept.code]
    second = Station.in_town(kept.town_id).where(Station.code > kept.code).first()
    if second:
        codes.remove(second.code)
        RoleGrant.create(person=keeper, role="keeper", scope=second.code, given_at=at)
    names = Names(told["names"], Chance(told["seed"] + 1))
    people = _add_people(told["phones"], 9999 - len(codes), [names.draw() for _ in codes], at=at, state="confirmed")
    grants = [(person, "keeper", code, to_ms(at)) for person, code in zip(people, codes, strict=True)]
    insert(RoleGrant, ("person_id", "role", "scope", "given_at"), grants, given_by=0)
    keepers = dict(zip(codes, people, strict=True)) | {kept.code: keeper.id}
    chance = Chance(told["seed"] + 3)
    said = [row for station in Station.listed().order_by(Station.code) for row in _mornings(station, chance, at)]
    rows = [(id, day, moment, keepers.get(code, keeper.id)) for id, code, day, moment in said]
    today = number_of(at.astimezone(district().zone).date())
    rows = [row for row in rows if row[:2] != (kept.id, today)]
    insert(StationDay, ("station_id", "local_date", "confirmed_at", "by_id"), rows, state=OPEN)


def _mornings(station: Station, chance: Chance, at: dt.datetime):
    """(station's id, its code, day, moment) of what a keeper said in the last eight mornings; some say nothing."""
    silent = chance.random() < 0.06
    today = at.astimezone(district().zone).date()
    for ago in range(7, -1, -1):
        day, minute, missed = today - dt.timedelta(days=ago), chance.random() * 110, chance.random() < 0.05
        moment = dt.datetime.combine(day, dt.time(7, 30), district().zone) + dt.timedelta(minutes=minute)
        if moment <= at and not silent and not missed:
            yield station.id, station.code, number_of(day), to_ms(moment)


def _jobs(told: dict, industry: str, chance: Chance) -> list[dict]:
    """What each of an industry's people works in: relation, kind, enterprise and outlet, town."""
    towns = [town.code for town, n in zip(district().towns, told["riders"][industry], strict=True) for _ in range(n)]
    kinds = shuffled(_repeated(told["sub_kinds"].get(industry, {"": len(towns)})), chance)
    relations = _repeated(told["relations"][industry])
    places = list(_places(industry))[: len(relations)]
    places += [("", False)] * (len(relations) - len(places))
    outlets = _outlets()
    found = []
    for town, sub_kind, (relation, (enterprise, temporary)) in zip(
        towns, kinds, shuffled(list(zip(relations, places, strict=True)), chance), strict=True
    ):
        part = bool(enterprise) and chance.random() < 0.12
        found.append(
            {
                "industry": industry,
                "sub_kind": sub_kind,
                "relation": relation,
                "employ_type": "temporary" if temporary else "part" if part else "full",
                "enterprise": enterprise or None,
                "outlet": _outlet_of(outlets, enterprise, town),
                "town": town,
            }
        )
    return found


def _places(industry: str):
    """(code of the enterprise, temporary or not) for each place that the industry's enterprises have."""
    for enterprise in Enterprise.select().where(Enterprise.industry == industry).order_by(Enterprise.sort):
        for number in range(enterprise.staff):
            yield enterprise.code, number >= enterprise.staff - enterprise.temporary


def _outlets() -> dict:
    """The outlets by enterprise and town, and all of an enterprise in turn."""
    found: dict = defaultdict(list)
    for code, enterprise, town in (
        Outlet.select(Outlet.code, Outlet.enterprise, Outlet.town).order_by(Outlet.code).tuples()
    ):
        found[enterprise, town].append(code)
        found[enterprise, ""].append(code)
    return {key: cycle(codes) for key, codes in found.items()}


def _outlet_of(outlets: dict, enterprise: str, town: str) -> str | None:
    turn = outlets.get((enterprise, town)) or outlets.get((enterprise, ""))
    return next(turn) if turn else None


def _add_people(phones: str, first: int, names: list[str], *, at: dt.datetime, state="pending") -> list[int]:
    """People with these names and one number after the other, sealed as everybody's; their ids in that order."""
    refs, keys, rows = [random_code() for _ in names], ring(), []
    for number, (ref, name) in enumerate(zip(refs, names, strict=True), first):
        phone, uid = f"{phones}{number:04}", secrets.token_bytes(16)
        sealed = keys.seal(phone, "pii", Person.phone.place("person", uid))
        last4 = keys.blind(phone[-4:], length=8)
        rows.append((ref, uid, name, sealed, keys.blind(phone), last4, state, to_ms(at)))
    columns = ("ref", "uid", "name", "phone_sealed", "phone_index", "phone_last4", "state", "created_at")
    insert(Person, columns, rows)
    ids: dict[str, int] = {}
    for start in range(0, len(refs), PIECE):
        some = Person.select(Person.ref, Person.id).where(Person.ref.in_(refs[start : start + PIECE]))
        ids |= {ref: id for ref, id in some.tuples()}
    return [ids[ref] for ref in refs]


def shuffled(things: list, chance: Chance) -> list:
    """The same things in another order."""
    return [thing for _, _, thing in sorted((chance.random(), place, thing) for place, thing in enumerate(things))]


def _repeated(counts: dict[str, int]) -> list[str]:
    return [thing for thing, n in counts.items() for _ in range(n)]
