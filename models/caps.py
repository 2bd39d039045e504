"""How often a card may be used: pure rules over what it was used for that day (security.md §2.3). The numbers are
settings of the district."""

import datetime as dt
from typing import NamedTuple

from models.areas import metres

DAY = dt.timedelta(days=1)


class Use(NamedTuple):
    """A use that was not taken back: at which merchant, when by the district's clock, with a printed card or not."""

    merchant: int
    at: dt.datetime
    printed: bool = False


class Caps(NamedTuple):
    """The settings `card.*` that say how often."""

    gap_seconds: int
    shop_minutes: int
    daily: int
    first_day: int
    print_daily: int
    speed: int

    @classmethod
    def of(cls, told: dict) -> "Caps":
        return cls(*(told[name] for name in cls._fields))


def too_often(
    uses: list[Use], merchant: int, at: dt.datetime, caps: Caps, *, printed: bool = False, new_since=None
) -> str:
    """The one reason that helps most why the card is not used again now, '' if it may be.

    `uses` of the 24 hours before `at` and after it (what comes late is not the last), all by the district's clock;
    `new_since`: when a new phone took the card over, None for the first. "shop" (here a while ago), "gap" (a moment
    ago), "first-day", "print-daily", "daily".
    """
    apart = [abs(at - use.at) for use in uses]
    here = [away for away, use in zip(apart, uses, strict=True) if use.merchant == merchant]
    today = [use for use in uses if use.at.date() == at.date()]
    if here and min(here) < dt.timedelta(minutes=caps.shop_minutes):
        return "shop"
    if apart and min(apart) < dt.timedelta(seconds=caps.gap_seconds):
        return "gap"
    if printed and sum(use.printed for use in today) >= caps.print_daily:
        return "print-daily"
    new = new_since and at < new_since + DAY
    if new and sum(new_since <= use.at < new_since + DAY for use in uses) >= caps.first_day:
        return "first-day"
    return "daily" if len(today) >= caps.daily else ""


def too_far(uses: list[Use], where: dict[int, tuple[float, float]], merchant: int, at: dt.datetime, caps: Caps) -> bool:
    """Was the card used at two shops between which nobody rides so fast? `where`: positions of merchants by id."""
    if merchant not in where:
        return False
    for use in uses:
        if use.merchant in where and use.merchant != merchant:
            hours = abs(at - use.at) / dt.timedelta(hours=1)
            if metres(*where[merchant], *where[use.merchant]) / 1000 > caps.speed * hours:
                return True
    return False
