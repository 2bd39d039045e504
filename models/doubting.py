"""The rules by which a visit is doubted (security.md §3.1), and the worker that goes through them.

They know the stations' own positions and times alone: no partner's position is needed.
"""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from peewee import IntegerField, fn

from models._database import writing
from models._record import Record, number_of, to_ms
from models._work import stopping, work
from models.areas import district, metres
from models.doubts import BURST, FAST, IMPOSSIBLE, NEWCOMERS, SELF, Doubt, warn
from models.kiosks import Kiosk
from models.people import Person, RoleGrant
from models.stations import Station
from models.visits import KEEPER, Visit, VisitHour

NEAR = 2_000
"""Metres within which nobody is asked how fast they were."""

QUICK, FLYING = 45, 80
"""Kilometres an hour as the crow flies: faster is asked about, faster than the second is not believed."""

WINDOW = 600_000
"""Ten minutes, in ms."""

AT_LEAST, TIMES, LATE_TIMES = 8, 4, 8
"""A burst is more than 8 and more than 4 times the usual in ten minutes; of late arrivals twice that."""

ONE_CODE, OF_ONE_CODE = 90_000, 5
"""More than five in the ms for which a code of a station's screen is good (security.md §3.2)."""

NEW = 3
"""More accounts than that of less than a day, in ten minutes at one station, are looked at."""

AT_ONCE, BEHIND = 2_000, 500
"""Visits looked at in one go; and how many are looked at once more, because rows become visible out of order."""


class LookedAt(Record):
    """One row: the last visit that was looked at."""

    visit = IntegerField()


class Seen(NamedTuple):
    """What the rules look at; times in ms."""

    id: int
    station: int
    actor: int | None
    at: int
    lag: int
    evidence: int
    channel: int


# The rules.


def speed_doubt(apart: float, ms: int) -> str:
    """FAST, IMPOSSIBLE or '' for two visits of one person, so many metres and ms apart."""
    if apart <= NEAR:
        return ""
    kmh = apart / max(ms, 1) * 3_600
    return IMPOSSIBLE if kmh > FLYING else FAST if kmh > QUICK else ""


def crowded(times: list[int], most: Callable[[int], float], within: int = WINDOW) -> set[int]:
    """The places in a sorted list of moments (ms) that lie in ten minutes with more than usual of them.

    `most`: how many may come in the ten minutes (or `within`) that begin at a moment.
    """
    found: set[int] = set()
    for first, begin in enumerate(times):
        after = bisect_left(times, begin + within)
        if after - first > most(begin):
            found.update(range(first, after))
    return found


# Looking.


def _any_new(now: dt.datetime) -> bool:
    newest = Visit.select(fn.MAX(Visit.id)).scalar() or 0
    return newest > _last()


@work("doubts", every=dt.timedelta(minutes=1), lease=dt.timedelta(minutes=10), if_any=_any_new)
def look(now: dt.datetime) -> int:
    """Look at the visits that came since the last time; how many marks were set."""
    marks = 0
    while not stopping():
        last = _last()
        rows = _rows(Visit.id > last - BEHIND, Visit.n > 0, limit=AT_ONCE + BEHIND)
        newest = Visit.select(fn.MAX(Visit.id)).scalar() or 0
        if not rows or newest <= last:
            return marks
        found = _doubts(rows, now)
        seen = rows[-1].id if len(rows) == AT_ONCE + BEHIND else newest
        with writing():
            known = set(Doubt.select(Doubt.visit, Doubt.kind).where(Doubt.visit.in_([id for id, _ in found])).tuples())
            for visit, kind in found - known:
                Doubt.insert(visit=visit, kind=kind, at=now).on_conflict_ignore().execute()
            marks += len(found - known)
            LookedAt.delete().execute()
            LookedAt.create(visit=max(seen, last))
    return marks


def _doubts(rows: list[Seen], now: dt.datetime) -> set[tuple[int, str]]:
    return _by_speed(rows) | _by_crowd(rows, now) | _by_screen(rows) | _by_keeper(rows)


def _by_speed(rows: list[Seen]) -> set[tuple[int, str]]:
    """Each one's visits in order: the later of two that are too far apart."""
    actors = {row.actor for row in rows if row.actor}
    if not actors:
        return set()
    ours = {row.id for row in rows}
    since, until = min(row.at for row in rows) - 6 * 3_600_000, max(row.at for row in rows) + 6 * 3_600_000
    near = _rows(Visit.actor.in_(actors), Visit.at.between(since, until), Visit.n > 0)
    where = {id: (lat, lng) for id, lat, lng in _positions({row.station for row in near})}
    of: dict[int, list[Seen]] = defaultdict(list)
    for row in sorted(near, key=lambda row: row.at):
        of[row.actor or 0].append(row)
    found = set()
    for theirs in of.values():
        for one, next in pairwise(theirs):
            if one.station == next.station or not ({one.id, next.id} & ours):
                continue
            if doubt := speed_doubt(metres(*where[one.station], *where[next.station]), next.at - one.at):
                found.add((next.id, doubt))
    return found


def _by_crowd(rows: list[Seen], now: dt.datetime) -> set[tuple[int, str]]:
    """What came from afar could all have come: a photograph of a code passes from hand to hand."""
    found: set[tuple[int, str]] = set()
    afar = [row for row in rows if row.evidence < 2 and row.channel != KEEPER]
    if not afar:
        return found
    stations, prompt = {row.station for row in afar}, [row.at for row in afar if not _is_late(row)]
    near = _rows(
        Visit.station.in_(stations),
        Visit.at.between(min(prompt, default=0) - WINDOW, max(prompt, default=0) + WINDOW),
        Visit.n > 0,
        Visit.evidence < 2,
        Visit.channel != KEEPER,
    )
    usual, fresh = _usual(stations, min(row.at for row in rows)), _fresh(near)
    zone = district().zone
    there, waited = _by_station(near), _by_station([row for row in afar if _is_late(row)])
    for station in stations:

        def most(begin: int, least: int = AT_LEAST, times: int = TIMES, station: int = station) -> float:
            hour = dt.datetime.fromtimestamp(begin / 1000, zone).hour
            return max(least, times * usual.get((station, hour), 0.0))

        by_time = sorted(there[station], key=lambda row: row.at)
        late = sorted(waited[station], key=_came)
        new = [row for row in by_time if row.actor in fresh]
        marked = {by_time[n] for n in crowded([row.at for row in by_time], most)}
        marked |= {
            late[n] for n in crowded([_came(row) for row in late], partial(most, least=2 * AT_LEAST, times=LATE_TIMES))
        }
        found |= {(row.id, BURST) for row in marked}
        found |= {(new[n].id, NEWCOMERS) for n in crowded([row.at for row in new], lambda begin: NEW)}
        if marked & set(rows):
            warn(station, [row.at for row in marked], now)
    return found


def _by_screen(rows: list[Seen]) -> set[tuple[int, str]]:
    """More than a few with one code of a station's screen: a picture of it may go from hand to hand."""
    shown = [row for row in rows if row.evidence == 2 and row.channel != KEEPER]
    if not shown:
        return set()
    open_now = Kiosk.select(Kiosk.station).where(Kiosk.public.is_null(False), Kiosk.ended_at.is_null())
    near = _rows(
        Visit.station.in_(open_now.where(Kiosk.station.in_({row.station for row in shown}))),
        Visit.at.between(min(row.at for row in shown) - ONE_CODE, max(row.at for row in shown) + ONE_CODE),
        Visit.n > 0,
        Visit.evidence == 2,
        Visit.channel != KEEPER,
    )
    found = set()
    for theirs in _by_station(near).values():
        by_time = sorted(theirs, key=lambda row: row.at)
        marked = crowded([row.at for row in by_time], lambda begin: OF_ONE_CODE, ONE_CODE)
        found |= {(by_time[n].id, BURST) for n in marked}
    return found


def _by_station(rows: list[Seen]) -> dict[int, list[Seen]]:
    found: dict[int, list[Seen]] = defaultdict(list)
    for row in rows:
        found[row.station].append(row)
    return found


def _came(row: Seen) -> int:
    return row.at + row.lag * 1000


def _is_late(row: Seen) -> bool:
    """Did it wait on the phone? Then a crowd is told by when they arrived: what a phone says of its time is cheap."""
    return row.lag * 1000 > WINDOW


def _by_keeper(rows: list[Seen]) -> set[tuple[int, str]]:
    people = {row.actor for row in rows if row.actor and row.actor > 0}
    if not people:
        return set()
    kept = RoleGrant.select(RoleGrant.person, Station.id).join(Station, on=(Station.code == RoleGrant.scope))
    keeps = set(kept.where(RoleGrant.role == "keeper", RoleGrant.person.in_(people)).tuples())
    return {(row.id, SELF) for row in rows if (row.actor, row.station) in keeps}


def _usual(stations: set[int], at: int) -> dict[tuple[int, int], float]:
    """What comes in ten minutes of an hour of the day, by station and hour, over the four weeks before."""
    day = dt.datetime.fromtimestamp(at / 1000, district().zone).date()
    since, until = (number_of(day - dt.timedelta(days=n)) for n in (28, 1))
    rows = VisitHour.select(VisitHour.station, VisitHour.hour, fn.SUM(VisitHour.n))
    rows = rows.where(
        VisitHour.station.in_(stations),
        VisitHour.local_date.between(since, until),
        VisitHour.evidence < 2,
        VisitHour.channel != KEEPER,
    )
    return {
        (station, hour): n / 28 / 6 for station, hour, n in rows.group_by(VisitHour.station, VisitHour.hour).tuples()
    }


def _fresh(rows: list[Seen]) -> set[int]:
    """Whose account was less than a day old."""
    when = {row.actor: row.at for row in rows if row.actor and row.actor > 0}
    if not when:
        return set()
    since = min(when.values()) - 86_400_000
    made = Person.select(Person.id, Person.created_at).where(Person.id.in_(list(when)), Person.created_at >= since)
    return {id for id, at in made.tuples() if to_ms(at) > when[id] - 86_400_000}


def _rows(*which, limit: int | None = None) -> list[Seen]:
    columns = (Visit.id, Visit.station, Visit.actor, Visit.at, Visit.lag, Visit.evidence, Visit.channel)
    rows = Visit.select(*columns).where(*which).order_by(Visit.id).limit(limit).tuples()
    return [Seen(id, station, actor, to_ms(at), *rest) for id, station, actor, at, *rest in rows]


def _positions(stations: set[int]):
    return Station.select(Station.id, Station.lat, Station.lng).where(Station.id.in_(stations)).tuples()


def _last() -> int:
    row = LookedAt.select().first()
    return row.visit if row else 0
