"""Visits: one press at a station, counted once: its row and the totals kept beside it.

This is the one place with raw SQL: a visit is what happens most, and the ORM costs four fifths of its time.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from peewee import BigIntegerField, BlobField, CompositeKey, IntegerField, IntegrityError, SmallIntegerField

from models._database import db, hold, sql, writing
from models._keys import ring
from models._record import N_, MomentField, Record, Refused, from_ms, number_of, to_ms
from models.areas import district
from models.devices import KnownDevice

REST = dt.timedelta(hours=4)
"""Within this of a counted visit, before or after, another press at the station is not counted again."""

LATE = dt.timedelta(hours=72)
"""How long a visit may wait on a phone without network."""

AHEAD = dt.timedelta(minutes=2)
"""How far ahead of ours a phone's clock may be; it is then taken as now."""

PRESSES, MINUTE = 30, 60_000
"""Presses that one person or device may make in a minute (of 60,000 ms)."""

NO_DEVICE = 10 * MINUTE
"""Without a device and an id of the press: once per station and address in this many ms."""

SCAN, ANON, KEEPER = 1, 2, 3
"""The channels: scanned by somebody signed in, pressed by nobody known, noted by the keeper."""

CHANNEL_WORDS = {SCAN: N_("scanned"), ANON: N_("not signed in"), KEEPER: N_("by the keeper")}
EVIDENCE_WORDS = (N_("nothing proves the place"), N_("printed code"), N_("code of the day"), N_("the keeper"))


class Visit(Record):
    """One press. `n` is 1 when counted, 0 within the rest; `actor` is a person's id or a device's negative number.

    `client_id` is the first 8 bytes of the SHA-256 of the phone's id for the press; `lag` the seconds between
    the visit and its arrival here.
    """

    station = IntegerField()
    actor = BigIntegerField(null=True)
    client_id = BigIntegerField(null=True)
    at = MomentField()
    local_date = IntegerField()
    n = SmallIntegerField()
    channel = SmallIntegerField()
    evidence = SmallIntegerField()
    lag = IntegerField()


class VisitHour(Record):
    """Visits of a station in an hour of a local day, by channel and evidence."""

    station = IntegerField()
    local_date = IntegerField()
    hour = SmallIntegerField()
    channel = SmallIntegerField()
    evidence = SmallIntegerField()
    n = IntegerField()

    class Meta:
        primary_key = CompositeKey("station", "local_date", "hour", "channel", "evidence")


class VisitMonth(Record):
    """Visits of a station in a local month (yyyymm), by channel. No row for the district: all would wait for it."""

    month = IntegerField()
    station = IntegerField()
    channel = SmallIntegerField()
    n = IntegerField()

    class Meta:
        primary_key = CompositeKey("month", "station", "channel")


class Request(Record):
    """A POST that makes no row of its own, remembered so that it happens once."""

    actor = BigIntegerField()
    client_id = BigIntegerField()
    route = SmallIntegerField()
    digest = BlobField(null=True)
    location = IntegerField(null=True)
    at = MomentField()

    class Meta:
        primary_key = CompositeKey("actor", "client_id")


@dataclass(frozen=True)
class Who:
    """Who presses: a person's id or None, the device's secret or None, and the address it came from."""

    person: int | None
    device: str | None
    address: str = ""

    @property
    def subjects(self) -> tuple[int, ...]:
        """Whose former visits count for the rest: the person and this device's anonymous visits."""
        mine = (self.person, device_actor(self.device) if self.device else None)
        return tuple(actor for actor in mine if actor is not None)


@dataclass(frozen=True)
class Outcome:
    """What became of a press: `accepted`, `duplicate` (the same press again) or `cool-down` (a moment ago)."""

    result: str
    at: dt.datetime
    counted: bool
    device: str | None = None


class TooMany(Exception):
    """More presses in a minute than a person makes."""


def number(text: str) -> int:
    """The first 8 bytes of a text's SHA-256, as a signed integer."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def device_actor(device: str) -> int:
    """An anonymous device's actor: a negative number, so that it never meets a person's id."""
    return -(int.from_bytes(hashlib.sha256(device.encode()).digest()[:8], "big") >> 1) - 1


def moment_of(text: str, now: dt.datetime) -> dt.datetime:
    """When a visit happened, from the phone's words ('' means now). Raises Refused: malformed, ahead or too old."""
    if not text:
        return now
    try:
        at = dt.datetime.fromisoformat(text)
        if at.tzinfo is None or len(text) > 40 or not text.isprintable():
            raise ValueError(text)
        at = at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Refused("malformed-at", N_("We could not read the time of this visit.")) from None
    if at > now + AHEAD:
        raise Refused("ahead", N_("The phone's clock is ahead. Please set it right, then press again."))
    if at < now - LATE:
        raise Refused("too-old", N_("This visit is more than three days old, so it can no longer be counted."))
    return min(at, now)


def admit(
    station: int,
    who: Who,
    *,
    client_id: str,
    at: dt.datetime,
    now: dt.datetime,
    evidence: int = 0,
    queued: bool = False,
    channel: int = 0,
) -> Outcome:
    """Count a press at a station, once, in one transaction. `channel` is told by who presses, if it is not given.

    `queued` presses come many at once, so of them a minute's are told by when they happened; of others by when
    they arrived, whatever time they say.

    Raises Refused("other") when the id belongs to another station or person, TooMany, Busy.
    """
    press = number(client_id) if client_id else None
    device = who.device or (None if who.person else _new_device(client_id))
    who = Who(who.person, device, "" if who.device or client_id else who.address)
    local = at.astimezone(district().zone)
    for patience in (True, False):
        try:
            with writing():
                return _admit(station, who, press, to_ms(at), local, to_ms(now), evidence, queued, channel)
        except IntegrityError:  # on PostgreSQL somebody else brought the same id at this moment: look again
            if not patience:
                raise
    raise AssertionError


def _admit(station, who, press, at, local, now, evidence, queued, channel) -> Outcome:
    subjects = who.subjects
    hold(*subjects)
    first, presses, near = None, 0, None
    asked = _look_up_values(station, subjects, press, at, now, queued)
    for what, *row in db.execute_sql(sql(LOOK_UP), asked).fetchall():
        if what == SAME:
            first = row
        elif what == PRESSED:
            presses = row[1]
        else:
            near = row
    if first:
        where, actor, n, then = first
        if where != station or not (actor in subjects or _taken_along(actor, who.device)):
            raise Refused("other", N_("This was already noted at another station or for somebody else."))
        return Outcome("duplicate" if n else "cool-down", from_ms(then), False, who.device)
    if presses >= PRESSES:
        raise TooMany
    if not near and who.address and not who.person and not _first_of_address(station, who.address, now):
        return Outcome("cool-down", from_ms(now), False)
    actor = who.person or subjects[0]
    day, n = number_of(local), 0 if near else 1
    channel = channel or (SCAN if who.person else ANON)
    lag = max(0, (now - at) // 1000)
    db.execute_sql(sql(ADD), (station, actor, press, at, day, n, channel, evidence, lag))
    if near:
        return Outcome("cool-down", from_ms(near[3]), False, who.device)
    db.execute_sql(sql(ADD_MONTH), (day // 100, station, channel, 1))  # first the row that more of us share
    db.execute_sql(sql(ADD_HOUR), (station, day, local.hour, channel, evidence, 1))
    return Outcome("accepted", from_ms(at), True, who.device)


def write(station: int, at: dt.datetime, n: int, *, channel: int, evidence: int, client_id: str, lag: float) -> int:
    """A row of `n` people that nobody pressed for, with its totals; its id. `lag` in seconds.

    Within a transaction of the caller. Raises IntegrityError for a `client_id` that is there already.
    """
    local = at.astimezone(district().zone)
    day = number_of(local)
    row = Visit.create(
        station=station,
        client_id=number(client_id) if client_id else None,
        at=at,
        local_date=day,
        n=n,
        channel=channel,
        evidence=evidence,
        lag=int(lag),
    )
    db.execute_sql(sql(ADD_MONTH), (day // 100, station, channel, n))
    db.execute_sql(sql(ADD_HOUR), (station, day, local.hour, channel, evidence, n))
    return row.id


def take_along(person: int, device: str) -> int:
    """What was pressed on this device before anybody was known on it becomes the person's; how many rows.

    The totals stay as they are: how it was pressed does not change.
    """
    with writing():
        hold(person, device_actor(device))
        return Visit.update(actor=person).where(Visit.actor == device_actor(device)).execute()


def _taken_along(actor: int | None, device: str | None) -> bool:
    """Is a press of this device the person's by now, and comes again because its answer was lost?"""
    return bool(actor and actor > 0 and device and KnownDevice.is_of(actor, device))


SAME, PRESSED, NEAR = 0, 1, 2

LOOK_UP = """SELECT 0, station, actor, n, at FROM visit WHERE client_id = ?
UNION ALL SELECT 1, 0, count(*), 0, 0 FROM visit WHERE actor IN (?, ?) AND at > ? AND at + lag * 1000 > ?
UNION ALL SELECT * FROM (SELECT 2, station, actor, n, at FROM visit
  WHERE actor IN (?, ?) AND at > ? AND at < ? AND +station = ? AND n > 0 LIMIT 1) AS near"""
"""The plus keeps the planner from going through all who came to a busy station: a person's own visits are few."""

ADD = """INSERT INTO visit (station, actor, client_id, at, local_date, n, channel, evidence, lag)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""

ADD_HOUR = """INSERT INTO visit_hour (station, local_date, hour, channel, evidence, n) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (station, local_date, hour, channel, evidence) DO UPDATE SET n = visit_hour.n + excluded.n"""

ADD_MONTH = """INSERT INTO visit_month (month, station, channel, n) VALUES (?, ?, ?, ?)
ON CONFLICT (month, station, channel) DO UPDATE SET n = visit_month.n + excluded.n"""

ADDRESS = """INSERT INTO request (actor, client_id, route, at) VALUES (?, ?, 1, ?)
ON CONFLICT (actor, client_id) DO UPDATE SET at = excluded.at WHERE request.at <= ? RETURNING at"""


def _look_up_values(station, subjects, press, at, now, queued):
    one, two = subjects[0], subjects[-1]
    rest, late = (span // dt.timedelta(milliseconds=1) for span in (REST, LATE))
    since = now - (MINUTE if queued else late)
    return press, one, two, since, now - MINUTE, one, two, at - rest, at + rest, station


def _first_of_address(station: int, address: str, now: int) -> bool:
    """No device, no id: is this the first press of the address at the station for ten minutes?"""
    actor = int.from_bytes(ring().blind(address, "actor", 8), "big", signed=True)
    return bool(db.execute_sql(sql(ADDRESS), (actor, station, now, now - NO_DEVICE)).fetchall())


def _new_device(client_id: str) -> str:
    """A device for who has none. Made from the press's id, so that a retry without the cookie is the same device."""
    return ring().blind("device|" + client_id, "actor").hex() if client_id else secrets.token_hex(16)
