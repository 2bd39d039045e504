"""What tests of figures share: people who come to stations at given times, and months that are over."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

from models import freezing
from models._database import writing
from models.visits import Who, admit, write
from tests._engines import NOON

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = dt.datetime(2024, 10, 1, 0, 10, tzinfo=ZONE)
"""When September 2024 is frozen."""

_ids = itertools.count()


def on(month, day, hour=12, minute=0):
    """A local moment of 2024."""
    return dt.datetime(2024, month, day, hour, minute, tzinfo=ZONE)


def come(station, who, at=NOON, now=None, evidence=1):
    """A person (or a device, as text) presses at a station; `now` is when that arrives here."""
    person = who if not isinstance(who, str) else None
    device = f"{who:0>32}" if isinstance(who, str) else None
    became = admit(
        station.id,
        Who(person and person.id, device),
        client_id=f"m{next(_ids)}",
        at=at,
        now=now or at,
        evidence=evidence,
    )
    assert became.result == "accepted", became
    return became


def tallied(station, n, at=NOON, now=None):
    """The keeper notes `n` people, or takes so many away."""
    with writing():
        lag = ((now or at) - at).total_seconds()
        return write(station.id, at, n, channel=3, evidence=3, client_id="", lag=lag)


def night(now):
    """What the worker does about months at this moment, if there is anything."""
    return freezing.look_after_months(now) if freezing.has_any(now) else 0
