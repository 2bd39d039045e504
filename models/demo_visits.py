"""The demo's visits: eighteen months of them up to now, made from a seed, with every total of the demo's table.

Months are moved whole: the last is the one of `at`, with all its visits in the time that has passed of it.
"""

import datetime as dt
from bisect import bisect
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import accumulate

from models import crowds, freezing, months
from models._record import insert, to_ms
from models.areas import district
from models.demo_people import Chance, Rider, shuffled
from models.figures import span_of_month
from models.hours import Rule, Times, times_of
from models.openings import HoursRule
from models.stations import Station
from models.visits import ANON, KEEPER, REST, SCAN, Visit, VisitHour, VisitMonth

MINUTE, HOUR = 60_000, 3_600_000
GAP = REST // dt.timedelta(milliseconds=1)

QUIET = 6 * HOUR
"""So long before now the demo's own rider has not been anywhere: who tries the demo presses and is counted."""

MOST = 6
"""People in one tally."""

DEVICES = 900
"""Phones on which nobody is known."""


class Places:
    """The stations with how busy they are: in each town as many visits as it has stations, more or less."""

    def __init__(self, busy: dict, kept: int, chance: Chance):
        rows = list(Station.listed().select(Station.id, Station.kind, Station.town).order_by(Station.code).tuples())
        weight = {
            id: busy.get(kind, 1.0) * (0.6 + 0.8 * chance.random()) * (2.5 if id == kept else 1) for id, kind, _ in rows
        }
        towns: dict = defaultdict(list)
        for id, _, town in rows:
            towns[town].append(id)
        for ids in towns.values():
            whole = sum(weight[id] for id in ids)
            for id in ids:
                weight[id] *= len(ids) / whole
        self.ids = list(weight)
        self.sums = list(accumulate(weight[id] for id in self.ids))

    def draw(self, u: float) -> int:
        return self.ids[min(bisect(self.sums, u * self.sums[-1]), len(self.ids) - 1)]


class Clock:
    """Moments by chance: in a month, on days and at hours at which the place is open and people come."""

    def __init__(self, hours: dict, chance: Chance):
        self.hours, self.random, self.zone = hours, chance.random, district().zone
        rules = defaultdict(list)
        for id, *rule in HoursRule.select(
            HoursRule.station, *(HoursRule._meta.fields[f] for f in Rule._fields)
        ).tuples():
            rules[id].append(Rule(*rule))
        self.rules = {id: tuple(sorted(mine)) for id, mine in rules.items()}
        self.open = lru_cache(maxsize=None)(_open)
        self.weights = lru_cache(maxsize=None)(self._weights)
        self.midnight = lru_cache(maxsize=None)(lambda day: to_ms(dt.datetime.combine(day, dt.time(), self.zone)))

    def moment(self, station: int, days: list[dt.date], until: int, season: str) -> int:
        """Milliseconds on one of these days, before `until`; at any time of them when the place is not open on them."""
        rules = self.rules.get(station, ())
        for _ in range(12):
            day = days[int(self.random() * len(days))]
            stretches = self.open(rules, day)
            if not stretches:
                continue
            minute = bisect(self.weights(stretches, season), self.random()) * 60 + self.random() * 60
            at = self.midnight(day) + int(minute * MINUTE)
            if at < until and any(opens <= minute < closes for opens, closes in stretches):
                return at
        begin = self.midnight(days[0])
        return begin + int(self.random() * max(until - begin, 0))

    def _weights(self, stretches: Times, season: str) -> list[float]:
        """How likely each hour of a day is, added up."""
        told = [
            n * sum(max(0, min(closes, hour * 60 + 60) - max(opens, hour * 60)) for opens, closes in stretches)
            for hour, n in enumerate(self.hours[season])
        ]
        return [n / sum(told) for n in accumulate(told[:23])]


def _open(rules: tuple[Rule, ...], day: dt.date) -> Times:
    """The minutes of a day in which a place is open; of one whose hours nobody told, all."""
    if not rules:
        return ((0, 1440),)
    before = [(0, closes - 1440) for _, closes in times_of(rules, (), day - dt.timedelta(days=1)) if closes > 1440]
    return (*before, *times_of(rules, (), day))


class People:
    """Who comes: mostly to places of their own town, some often and some seldom, and to no two within the rest."""

    def __init__(self, riders: list[Rider], chance: Chance):
        self.random = chance.random
        self.last: dict[int, int] = {}
        self.all = [rider.id for rider in riders]
        self.towns: dict = defaultdict(list)
        for rider in shuffled(riders, chance):
            self.towns[rider.town].append(rider.id)

    def free(self, one: int, at: int) -> bool:
        return at - self.last.get(one, 0) >= GAP

    def come(self, one: int, at: int) -> int:
        self.last[one] = at
        return one

    def draw(self, town: str, at: int) -> int | None:
        near = self.towns.get(town) or self.all
        for _ in range(12):
            one = near[int(self.random() ** 2.5 * len(near))] if self.random() < 0.8 else self._anybody()
            if self.free(one, at):
                return self.come(one, at)
        start = int(self.random() * len(self.all))
        one = next((id for id in self.all[start:] + self.all[:start] if self.free(id, at)), None)
        return one and self.come(one, at)

    def _anybody(self) -> int:
        return self.all[int(self.random() * len(self.all))]


def make_visits(told: dict, riders: list[Rider], known: int, kept: Station, *, at: dt.datetime) -> int:
    """All visits of the table, their totals too; `known` is the rider and `kept` the station of the ten accounts.

    The rows know who came, whenever that was, until `close_months`.
    Returns how many visits.
    """
    chance = Chance(told["seed"] + 2)
    rows = sorted(_moments(told, kept, chance, at))
    town = {rider.id: rider.town for rider in riders}[known]
    people = People([rider for rider in riders if rider.id != known], chance)
    devices = People([Rider(-1 - int(chance.random() * 2**62), "", "") for _ in range(DEVICES)], chance)
    places = {id: town for id, town in Station.select(Station.id, Station.town).tuples()}
    quiet = to_ms(at) - QUIET
    hours: Counter = Counter()
    by_month: Counter = Counter()
    found = []
    for moment, day, hour, station, channel, n in rows:
        who, evidence, lag = None, 3, 0
        if channel == SCAN:
            evidence = 1 if chance.random() < 0.88 else 0
            mine = places[station] == town and chance.random() < (0.15 if station == kept.id else 0.02)
            if mine and moment < quiet and people.free(known, moment):
                who = people.come(known, moment)
            else:
                who = people.draw(places[station], moment)
            if chance.random() < 0.03:  # kept on a phone without network for a while
                lag = min(int(chance.random() * 10_800), max(to_ms(at) - moment, 0) // 1000)
        elif channel == ANON:
            evidence = 1 if chance.random() < 0.8 else 0
            who = devices.draw("", moment)
        found.append((station, who, moment, day, n, channel, evidence, lag))
        hours[station, day, hour, channel, evidence] += n
        by_month[day // 100, station, channel] += n
    insert(Visit, ("station", "actor", "at", "local_date", "n", "channel", "evidence", "lag"), found)
    insert(VisitHour, ("station", "local_date", "hour", "channel", "evidence", "n"), _flat(hours))
    insert(VisitMonth, ("month", "station", "channel", "n"), _flat(by_month))
    return sum(by_month.values())


def close_months(*, at: dt.datetime):
    """As if there had been a worker all the time: months that are over are frozen, each when it was due, their people
    counted, and visits of more than half a year ago know nobody any more."""
    for month in months.to_freeze(at):
        months.count(month, now=months.due(month), freeze=True)
    freezing.look_after_months(at)
    crowds.forget_persons(now=at)


def months_until(at: dt.datetime, count: int) -> list[int]:
    """The last `count` local months (yyyymm), this one included."""
    today = at.astimezone(district().zone)
    last = today.year * 12 + today.month - 1
    return [n // 12 * 100 + n % 12 + 1 for n in range(last - count + 1, last + 1)]


def _moments(told: dict, kept: Station, chance: Chance, at: dt.datetime):
    """(ms, yyyymmdd, hour, station, channel, n) of each visit and each tally, in no order."""
    table = told["visits"]
    ways = shuffled([SCAN] * table["scan"] + [ANON] * table["anon"] + [KEEPER] * table["keeper"], chance)
    places, clock, zone = Places(told["busy"], kept.id, chance), Clock(told["hours"], chance), district().zone
    for month, count in zip(months_until(at, len(table["months"])), table["months"], strict=True):
        begin, end = span_of_month(month)
        until = min(end, at)
        last = (until - dt.timedelta(milliseconds=1) if until > begin else begin).astimezone(zone).day
        days = [dt.date(month // 100, month % 100, day) for day in range(1, last + 1)]
        this, ways = Counter(ways[:count]), ways[count:]
        for channel, n in [*[(SCAN, 1)] * this[SCAN], *[(ANON, 1)] * this[ANON], *_tallies(this[KEEPER], chance)]:
            station = places.draw(chance.random())
            today = station == kept.id and end > at and chance.random() < 0.25
            moment = clock.moment(station, days[-1:] if today else days, to_ms(until), _season(month))
            local = dt.datetime.fromtimestamp(moment / 1000, zone)
            yield moment, int(f"{local:%Y%m%d}"), local.hour, station, channel, n


def _season(month: int) -> str:
    of_year, seasons = month % 100, district().seasons
    return "cold" if of_year in seasons["cold_months"] else "hot" if of_year in seasons["hot_months"] else "ordinary"


def _tallies(people: int, chance: Chance):
    """The keepers' notes that come to so many people together."""
    while people > 0:
        n = min(people, 1 + int(chance.random() * MOST))
        people -= n
        yield KEEPER, n


def _flat(counted: Counter) -> list[tuple]:
    return [(*key, n) for key, n in counted.items()]
