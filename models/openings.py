"""The opening hours of every station, and what follows from them: who is open now, until when, and who opens next."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField, chunked, fn

from models._database import hold, writing
from models._record import N_, MomentField, Record, Refused, date_of, insert_facts, number_of
from models._work import stopping, work
from models.areas import Revision, district, until_changed
from models.hours import SHUT, UNKNOWN, Change, Rule, State, open_state, openings
from models.hours_text import parse, parse_times, times_words, words
from models.stations import Station

PIECE = 200
"""Stations whose openings are worked out anew in one transaction."""

FURTHEST = dt.timedelta(days=400)
"""How far ahead hours may be changed."""


class HoursRule(Record):
    """A stretch of the week in which a station is open; see `hours.Rule`."""

    station = ForeignKeyField(Station)
    first = IntegerField()
    last = IntegerField()
    weekday = IntegerField()
    opens = IntegerField()
    closes = IntegerField()

    class Meta:
        primary_key = CompositeKey("station", "first", "weekday", "opens")


class HoursException(Record):
    """Local days (yyyymmdd, both named ones included) on which the hours are others; `times` as one writes them."""

    station = ForeignKeyField(Station)
    first_on = IntegerField()
    last_on = IntegerField()
    times = CharField(max_length=200)
    why = CharField(max_length=120)
    made_at = MomentField()
    ended_at = MomentField(null=True)

    @property
    def first(self) -> dt.date:
        return date_of(self.first_on)

    @property
    def last(self) -> dt.date:
        return date_of(self.last_on)

    def change(self) -> Change:
        return Change(self.first, self.last, parse_times(self.times), self.why)


class Opening(Record):
    """From when to when a station is open, worked out for the days around today."""

    station = ForeignKeyField(Station)
    from_at = MomentField()
    to_at = MomentField()

    class Meta:
        primary_key = CompositeKey("station", "from_at")


class Hours(NamedTuple):
    """What is written about a station: its rules, and the changes that are not over, the last told last."""

    rules: tuple[Rule, ...]
    exceptions: list[HoursException]

    def changes(self) -> list[Change]:
        return [one.change() for one in self.exceptions]


def today(now: dt.datetime) -> dt.date:
    """The local day of a moment."""
    return now.astimezone(district().zone).date()


# Changing them.


def set_hours(station: Station, hours: str | Iterable[Rule], *, by, at: dt.datetime):
    """Give a station its week, written or as rules; saying the same again changes nothing. Raises Unclear."""
    rules = _parsed(hours) if isinstance(hours, str) else tuple(sorted(hours))
    with writing():
        hold(station.id)
        before = _written([station.id])[station.id].rules
        if rules == before:
            return
        _put({station.id: rules})
        _changed(station, f"hours {words(before) or '?'} → {words(rules) or '?'}", by=by, at=at)


def add_exception(
    station: Station, first: dt.date, last: dt.date, times: str, why: str, *, by, at: dt.datetime
) -> HoursException:
    """On these days other hours (`times` as written, 休 or nothing: closed), and why; the same again is the same one.

    Raises Unclear, Refused("exception-past", "exception-backwards", "exception-far", "exception-why").
    """
    said, why = times_words(parse_times(times or "休")), why.strip()
    if first < today(at):
        raise Refused("exception-past", N_("That day is over. Choose today or a later one."))
    if last < first:
        raise Refused("exception-backwards", N_("It ends before it begins. Please look at the two days."))
    if last > today(at) + FURTHEST:
        raise Refused("exception-far", N_("That is more than a year away. Please come back when it is nearer."))
    if not why or len(why) > 120:
        raise Refused("exception-why", N_("Say why in a few words, so that nobody comes for nothing."))
    told = {"station": station, "first_on": number_of(first), "last_on": number_of(last), "times": said, "why": why}
    with writing():
        hold(station.id)
        same = [getattr(HoursException, name) == value for name, value in told.items()]
        if before := HoursException.get_or_none(*same, HoursException.ended_at.is_null()):
            return before
        made = HoursException.create(**told, made_at=at)
        _changed(station, f"hours {first} - {last}: {said}, {why}", by=by, at=at)
    return made


def end_exception(exception: HoursException, *, by, at: dt.datetime):
    """From now on the usual hours again. A second time changes nothing."""
    with writing():
        hold(exception.station_id)
        mine = HoursException.id == exception.id, HoursException.ended_at.is_null()
        if HoursException.update(ended_at=at).where(*mine).execute():
            _changed(exception.station, f"hours {exception.first} - {exception.last}: as usual", by=by, at=at)


def _changed(station: Station, what: str, *, by, at: dt.datetime):
    _renew([station.id], at)
    station.note(what, by=by, at=at)
    Revision.bump()


def load(hours: dict[int, str], *, at: dt.datetime):
    """Give many stations their week at once (in the transaction that takes a district in). Raises Unclear."""
    _put({id: _parsed(text) for id, text in hours.items()})
    for some in chunked(hours, PIECE):
        _renew(some, at)


_parsed = lru_cache(maxsize=500)(parse)


def _put(rules: dict[int, tuple[Rule, ...]]):
    for some in chunked(rules, 500):
        HoursRule.delete().where(HoursRule.station.in_(some)).execute()
    rows = [{"station": id, **rule._asdict()} for id, mine in rules.items() for rule in mine]
    insert_facts(HoursRule, rows)


# Working the openings out.


def renew(station: Station, now: dt.datetime):
    """Work out when a station is open, from its rules and their exceptions."""
    with writing():
        hold(station.id)
        _renew([station.id], now)
        Revision.bump()


@work("openings", every=dt.timedelta(hours=6), lease=dt.timedelta(minutes=30))
def renew_all(now: dt.datetime) -> int:
    """The openings of the days around today for all stations, in pieces; how many stations those were."""
    ids = [id for (id,) in Station.select(Station.id).order_by(Station.id).tuples()]
    done = 0
    for some in chunked(ids, PIECE):
        if stopping():
            break
        with writing():
            hold(*some)
            _renew(some, now)
        done += len(some)
    return done


def _renew(ids: list[int], now: dt.datetime):
    day, zone = today(now), district().zone
    known = _written(ids, since=day)
    weeks = {hours.rules for hours in known.values()}
    usual = {rules: openings(rules, [], day, zone) for rules in weeks}  # many stations have the same
    rows = [
        {"station": id, "from_at": opens, "to_at": closes}
        for id, hours in known.items()
        for opens, closes in (
            openings(hours.rules, hours.changes(), day, zone) if hours.exceptions else usual[hours.rules]
        )
    ]
    Opening.delete().where(Opening.station.in_(ids)).execute()
    insert_facts(Opening, rows)


def _written(ids: list[int], since: dt.date | None = None) -> dict[int, Hours]:
    """What is written about these stations, in two queries; exceptions that end after the day before `since`."""
    found: dict[int, Hours] = {id: Hours((), []) for id in ids}
    rules = defaultdict(list)
    of = HoursRule.select(HoursRule.station, *(getattr(HoursRule, name) for name in Rule._fields))
    for id, *rule in of.where(HoursRule.station.in_(ids)).order_by(HoursRule.station).tuples():
        rules[id].append(Rule(*rule))
    for id, mine in rules.items():
        found[id] = Hours(tuple(sorted(mine)), [])
    if since:
        going_on = HoursException.last_on >= number_of(since - dt.timedelta(days=1))
        told = HoursException.select().where(
            HoursException.station.in_(ids), going_on, HoursException.ended_at.is_null()
        )
        for one in told.order_by(HoursException.id):
            found[one.station_id].exceptions.append(one)
    return found


# Looking.


@until_changed
def _asked() -> dict[tuple[int, dt.date], Hours]:
    return {}


def hours_of(station: Station, now: dt.datetime) -> Hours:
    """What is written about a station: its week, and the exceptions from today on."""
    asked, key = _asked(), (station.id, today(now))
    if key not in asked:
        rules, exceptions = _written([station.id], since=key[1])[station.id]
        asked[key] = Hours(rules, [one for one in exceptions if one.last >= key[1]])
    return asked[key]


@until_changed
def _told() -> set[int]:
    """The stations whose hours somebody has told."""
    return {id for (id,) in HoursRule.select(HoursRule.station).distinct().tuples()}


class Minute:
    """All stations in one minute: which are open (`open`, by id; `lit`, the listed ones), which always (`always`)."""

    def __init__(self, at: dt.datetime):
        self.at = at
        rows = Opening.select(Opening.station, Opening.from_at, Opening.to_at)
        rows = rows.where(Opening.from_at <= at, Opening.to_at > at).tuples()
        self.open = {id: open_state(opens, closes) for id, opens, closes in rows}
        self.lit = Station.listed_ids().intersection(self.open)
        self.always = frozenset(id for id, state in self.open.items() if state.kind == "always")
        self.later: dict[int, State] = {}

    def states(self, ids: list[int]) -> dict[int, State]:
        """How each of these stations is now, in at most one query."""
        if missing := [id for id in ids if id not in self.open and id not in self.later]:
            self.later |= dict.fromkeys(missing, UNKNOWN) | {id: SHUT for id in missing if id in _told()}
            next_of = Opening.select(Opening.station, fn.MIN(Opening.from_at))
            next_of = next_of.where(Opening.station.in_(missing), Opening.from_at > self.at).group_by(Opening.station)
            self.later |= {id: State("later", next=opens) for id, opens in next_of.tuples()}
        return {id: self.open.get(id) or self.later[id] for id in ids}


@until_changed
def _minutes() -> dict[dt.datetime, Minute]:
    return {}


def minute(now: dt.datetime) -> Minute:
    """All stations as they are in the minute of `now`; worked out once a minute and after each change."""
    at, known = now.replace(second=0, microsecond=0), _minutes()
    if at not in known:
        fresh = Minute(at)
        if len(known) > 3:
            known.clear()
        known[at] = fresh
        return fresh
    return known[at]


def state(station: Station, now: dt.datetime) -> State:
    """How a station is now."""
    return minute(now).states([station.id])[station.id]
