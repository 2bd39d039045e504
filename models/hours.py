"""When a place is open: weekly hours, seasons and changes of single days, as rules and as openings. No database.

A day's hours are those that begin on it: 22:00–02:00 of a Friday is the Friday's, at 01:30 on the Saturday too. Times
of a day are minutes since its midnight on the district's clock, beyond 1440 after the next midnight.
"""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
MINUTE = dt.timedelta(minutes=1)

BACK, AHEAD = 1, 8
"""The local days around today for which openings are worked out."""

ALWAYS = dt.timedelta(days=7)
"""Open for at least so long without a break is 24 小时."""

Times = tuple[tuple[int, int], ...]
Opening = tuple[dt.datetime, dt.datetime]


class Rule(NamedTuple):
    """One stretch of a weekday (0: Monday) in a season.

    `first` and `last` are the season's first and last day as month × 100 + day, over the new year too (1101, 331);
    0 and 0 all year round. A rule whose `opens` is its `closes` opens nothing: the season has its own hours, none.
    """

    first: int
    last: int
    weekday: int
    opens: int
    closes: int


class Change(NamedTuple):
    """The days from `first` to `last` have other hours, or none, and why."""

    first: dt.date
    last: dt.date
    times: Times
    why: str


class State(NamedTuple):
    """What somebody at the door wants to know: `kind` is always, open (until `until`), later (from `next` on), shut
    (for the next days) or unknown (nobody has told us)."""

    kind: str
    until: dt.datetime | None = None
    next: dt.datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.kind in ("open", "always")


UNKNOWN = State("unknown")
SHUT = State("shut")


def times_of(rules: Iterable[Rule], changes: Iterable[Change], day: dt.date) -> Times:
    """The hours that begin on a day; of several changes of it the last one counts."""
    changed = [change.times for change in changes if change.first <= day <= change.last]
    if changed:
        return changed[-1]
    season, weekday = season_of(rules, day), day.weekday()
    return tuple(
        (opens, closes)
        for first, last, on, opens, closes in rules
        if on == weekday and (first, last) == season and opens < closes
    )


def season_of(rules: Iterable[Rule], day: dt.date) -> tuple[int, int]:
    """The season of the rules that a day lies in; (0, 0) where it is in none."""
    mark = day.month * 100 + day.day
    for first, last, *_ in rules:
        if first and (first <= mark <= last if first <= last else mark >= first or mark <= last):
            return first, last
    return 0, 0


def openings(rules: Iterable[Rule], changes: Iterable[Change], today: dt.date, zone: ZoneInfo) -> list[Opening]:
    """From when to when (UTC) the place is open, of yesterday's hours to those in eight days; one after the other.

    What touches or overlaps is one opening.
    """
    merged: list[Opening] = []
    for opens, closes in sorted(_all(tuple(rules), tuple(changes), today, zone)):
        if merged and opens <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], closes)
        elif opens < closes:
            merged.append((opens, closes))
    return merged


def _all(rules, changes, today, zone):
    for ahead in range(-BACK, AHEAD + 1):
        day = today + dt.timedelta(days=ahead)
        for opens, closes in times_of(rules, changes, day):
            yield moment(day, opens, zone), moment(day, closes, zone)


def moment(day: dt.date, minute: int, zone: ZoneInfo) -> dt.datetime:
    """The moment (UTC) at which the clock first shows a time of a day, or has jumped over it."""
    wall = dt.datetime.combine(day, dt.time()) + minute * MINUTE
    found = wall.replace(tzinfo=zone).astimezone(dt.UTC)
    if _shows(found, zone) > wall:  # there is no such time in the night that the clock is put on
        while _shows(found - MINUTE, zone) >= wall:
            found -= MINUTE
    return found


def _shows(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def state(found: Iterable[Opening], now: dt.datetime) -> State:
    """Is it open? The minute of opening is open, the minute of closing is shut."""
    for opens, closes in found:
        if opens > now:
            return State("later", next=opens)
        if now < closes:
            return open_state(opens, closes)
    return SHUT


def open_state(opens: dt.datetime, closes: dt.datetime) -> State:
    return State("always", until=closes) if closes - opens >= ALWAYS else State("open", until=closes)


def week(rules: Iterable[Rule], changes: Iterable[Change], today: dt.date) -> list[tuple[dt.date, Times]]:
    """Today and the six days after it, each with its hours."""
    days = [today + dt.timedelta(days=n) for n in range(7)]
    return [(day, times_of(rules, changes, day)) for day in days]
