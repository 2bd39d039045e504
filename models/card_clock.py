"""Is this code good now? The rule of time of a card's codes, and what we learn of a phone's clock (security.md §2.4).

Pure: steps are numbers of half minutes since 1970, `drift` the steps by which the phone's clock runs ahead of ours.
"""

import datetime as dt
from typing import NamedTuple

STEP = 30
"""Seconds for which a code is shown."""

MINUTE = 60
"""Seconds for which a typed number is shown."""

FRESH = dt.timedelta(hours=24)
"""A phone that was in touch within this has a clock that we know: one step either way."""

FUTURE = 20
"""Steps ahead of ours at which a clock is only wrong: no recording comes from the future."""

LEARNING = 20
"""Steps within which a second code of a clock that is ahead must be seen."""

CLAIM = dt.timedelta(minutes=10)
"""How far the moment that a shop without network notes for a scan may lie from the code's own."""


class Clock(NamedTuple):
    """What is known of a phone's clock: the drift, whether it was in touch lately, and the code ahead of its time that
    was seen last: its step, and the step of ours at which we saw it."""

    drift: int = 0
    fresh: bool = True
    ahead: int | None = None
    ahead_seen: int | None = None


class Verdict(NamedTuple):
    """`word`: ok, stale or ahead; `drift` what the phone's clock is ahead, as we know by now."""

    word: str
    drift: int


def step_of(moment: dt.datetime, seconds: int = STEP) -> int:
    """The number of the half minute (or of `seconds`) in which a moment lies."""
    return int(moment.timestamp()) // seconds


def judge(step: int, now: int, clock: Clock) -> Verdict:
    """Is the code of this step good at our step `now`?

    From one step ahead to one behind, to two behind for a phone that was not in touch lately. One further ahead is
    `ahead`: the second such code, as much later as our own clock says, teaches us the drift and is good. One further
    behind is `stale`, whatever comes after it: it may be a film that is played back.
    """
    age = now + clock.drift - step
    if -1 <= age <= (1 if clock.fresh else 2):
        return Verdict("ok", clock.drift)
    if age > 0 or step - now > FUTURE:
        return Verdict("stale", clock.drift)
    if clock.ahead is None or clock.ahead_seen is None:
        return Verdict("ahead", clock.drift)
    passed, shown = now - clock.ahead_seen, step - clock.ahead
    if 1 <= shown <= LEARNING and abs(shown - passed) <= 1:
        return Verdict("ok", step - now)
    return Verdict("ahead", clock.drift)


def minutes_to_try(now: dt.datetime, drift: int) -> range:
    """The minutes whose typed number is good now: this one by the phone's clock, the one before and the one after."""
    at = (int(now.timestamp()) + drift * STEP) // MINUTE
    return range(at - 1, at + 2)


def claim_fits(step: int, at: dt.datetime, drift: int) -> bool:
    """Can a shop without network have seen the code of this step at the moment it noted?"""
    return abs(at.timestamp() - (step - drift) * STEP) <= CLAIM.total_seconds()
