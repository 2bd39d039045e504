"""When shops are open: who is right now, and what is not as always."""

import datetime as dt
from collections import defaultdict
from functools import lru_cache
from zoneinfo import ZoneInfo

from models._record import number_of
from models.areas import district, until_changed
from models.hours import DAY, UNKNOWN, Change, State, moment, openings, state, times_of
from models.hours_text import parse, parse_times
from models.merchants import LISTED, Merchant, MerchantBreak, all_listed
from models.openings import today

rules_of = lru_cache(maxsize=2000)(parse)
"""The rules of written hours, kept: thousands of shops have a few hundred different ones."""


class Shops:
    """All listed shops in one minute: which are open (`open`, ids), which were said to be shut today (`paused`)."""

    def __init__(self, at: dt.datetime):
        self.at, self.day, self.zone = at, today(at), district().zone
        texts = all_listed().by_hours
        self.usual = {text: _state_of(text, self.day, at, self.zone) for text in texts}
        changes = _changes(self.day)
        self.changed = {id: self._changed(some) for id, some in changes.items()}
        self.paused = {id for id, some in changes.items() if pause_of(some[0].merchant.hours, some, at)}
        lit = {id for text, now in self.usual.items() if now.is_open for id in texts[text]} - self.changed.keys()
        self.open = frozenset(lit | {id for id, now in self.changed.items() if now.is_open})

    def _changed(self, breaks: list[MerchantBreak]) -> State:
        rules = rules_of(breaks[0].merchant.hours)
        return state(openings(rules, changes_of(breaks), self.day, self.zone), self.at)

    def state(self, merchant: Merchant) -> State:
        """How a shop is now; nothing is asked of the database."""
        if merchant.id in self.changed:
            return self.changed[merchant.id]
        return self.usual.get(merchant.hours) or _state_of(merchant.hours, self.day, self.at, self.zone)


def changes_of(breaks: list[MerchantBreak]) -> list[Change]:
    """The same as models/hours.py reads them, the last told last."""
    ordered = sorted(breaks, key=lambda one: one.id)
    return [Change(one.first, one.last, parse_times(one.times) if one.times else (), one.why) for one in ordered]


def minute(now: dt.datetime) -> Shops:
    """All shops as they are in the minute of `now`; worked out once a minute and after each change."""
    at, known = now.replace(second=0, microsecond=0), _minutes()
    if at not in known:
        fresh = Shops(at)
        if len(known) > 3:
            known.clear()
        known[at] = fresh
        return fresh
    return known[at]


def _state_of(text: str, day: dt.date, at: dt.datetime, zone: ZoneInfo) -> State:
    return state(_usual(text, day, zone), at) if text else UNKNOWN


@lru_cache(maxsize=2000)
def _usual(text: str, day: dt.date, zone: ZoneInfo):
    return openings(rules_of(text), (), day, zone)


@until_changed
def _minutes() -> dict[dt.datetime, Shops]:
    return {}


def _changes(day: dt.date) -> dict[int, list[MerchantBreak]]:
    """What is not as always at listed shops around this day, in one query."""
    rows = MerchantBreak.select(MerchantBreak, Merchant).join(Merchant).where(Merchant.state == LISTED)
    rows = rows.where(MerchantBreak.ended_at.is_null(), MerchantBreak.last_on >= number_of(day - dt.timedelta(days=1)))
    found: dict[int, list[MerchantBreak]] = defaultdict(list)
    for one in rows.order_by(MerchantBreak.id):
        found[one.merchant_id].append(one)
    return dict(found)


def to_come(merchant: Merchant, day: dt.date) -> list[MerchantBreak]:
    """What is not as always from this day on, the next first; never many."""
    mine = MerchantBreak.merchant == merchant, MerchantBreak.last_on >= number_of(day), MerchantBreak.ended_at.is_null()
    return list(MerchantBreak.select().where(*mine).order_by(MerchantBreak.first_on, MerchantBreak.id).limit(50))


def around(merchant: Merchant | int, day: dt.date) -> list[MerchantBreak]:
    """What is not as always at a shop on this day and the one before, the last told last."""
    mine = MerchantBreak.merchant == merchant, covers(day - dt.timedelta(days=1)) | covers(day)
    return list(MerchantBreak.select().where(*mine).order_by(MerchantBreak.id))


def covers(day: dt.date):
    """The condition that a break holds on a day."""
    on = number_of(day)
    return (MerchantBreak.first_on <= on) & (MerchantBreak.last_on >= on) & MerchantBreak.ended_at.is_null()


def business_day(hours: str, breaks: list[MerchantBreak], at: dt.datetime) -> dt.date:
    """The day that a pause is about: yesterday while the hours go on that began on it, if it was not shut; else today.

    `breaks`: what is not as always around this day, the last told last.
    """
    day = today(at)
    before = day - dt.timedelta(days=1)
    times = times_of(rules_of(hours), changes_of([one for one in breaks if one.times]), before)
    night = any(closes > DAY and at < moment(before, closes, district().zone) for _opens, closes in times)
    return before if night else day


def pause_of(hours: str, breaks: list[MerchantBreak], at: dt.datetime) -> MerchantBreak | None:
    """Why a shop is shut all day, if somebody said so: of what was said about the day the last counts."""
    on = number_of(business_day(hours, breaks, at))
    last = next((one for one in reversed(breaks) if one.first_on <= on <= one.last_on), None)
    return last if last and not last.times else None


def paused(merchant: Merchant, at: dt.datetime) -> MerchantBreak | None:
    """The same of one shop, asked of the database."""
    return pause_of(merchant.hours, around(merchant, today(at)), at)
