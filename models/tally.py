"""The keeper's count: who came and did not scan, by the hour; and somebody noted by their phone's number or their card.

A tally is a visit's row with `n`; a correction is a row with a negative one, so figures are sums and nothing is lost.
"""

import datetime as dt

from peewee import CharField, ForeignKeyField, IntegrityError, fn

from models import card_code, verifying, visits
from models._database import hold, writing
from models._record import N_, MomentField, Record, Refused, number_of, to_ms
from models.areas import district
from models.people import Person
from models.reasons import REASONS
from models.stations import Station
from models.visits import KEEPER, Outcome, Visit, Who

MOST = 50
"""People in one note: more at once is a slip of the finger."""

THE_KEEPER = 3
"""The evidence: the keeper saw them."""


class Noted(Record):
    """Who noted a visit for others or corrected a tally, and why."""

    visit = ForeignKeyField(Visit, primary_key=True)
    by = ForeignKeyField(Person)
    why = CharField(max_length=120, default="")
    at = MomentField()


def by_hour(station: int, day: dt.date) -> dict[int, int]:
    """What was tallied (people noted by their number are not among them) in each local hour of a day."""
    zone = district().zone
    since = dt.datetime.combine(day, dt.time(), zone)
    rows = Visit.select(Visit.at, fn.SUM(Visit.n)).where(
        Visit.station == station,
        Visit.at >= to_ms(since),
        Visit.at < to_ms(dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)),
        Visit.channel == KEEPER,
        Visit.actor.is_null(),
    )
    found: dict[int, int] = {}
    for at, n in rows.group_by(Visit.at).tuples():
        hour = at.astimezone(zone).hour
        found[hour] = found.get(hour, 0) + n
    return found


def add(station: Station, hour: int, n: int, *, client_id: str, by: Person, now: dt.datetime) -> bool:
    """`n` people came in this local hour of today; False when this very note was there already.

    Raises Refused: "number" beyond 1…50, "hour" for one that has not begun, "other" for an id of another note.
    """
    if not 1 <= n <= MOST:
        raise Refused("number", N_("From 1 to 50 at a time, please."))
    at = _moment(hour, now)
    try:
        with writing():
            if _is_there(station, client_id, at, n):
                return False
            _write(station, at, n, client_id=client_id, why="", by=by, now=now)
            return True
    except IntegrityError:  # on PostgreSQL the second of two presses at one moment
        return False


def correct(station: Station, hour: int, was: int, should: int, *, why: str, by: Person, now: dt.datetime) -> bool:
    """The tally of this local hour of today was `was` and should be `should`; False when it is so already.

    Raises Refused: "number", "why" without a reason, "hour", and "changed" when it is no longer what was seen.
    """
    if not 0 <= should <= 999:
        raise Refused("number", N_("From 0 to 999, please."))
    if not why.strip():
        raise Refused("why", N_("Please say in a few words why."))
    at = _moment(hour, now)
    with writing():
        hold(station.id)
        is_now = by_hour(station.id, at.astimezone(district().zone).date()).get(hour, 0)
        if is_now == should:
            return False
        if is_now != was:
            raise Refused("changed", N_("Somebody has changed this hour meanwhile. Please look at it once more."))
        _write(station, at, should - is_now, client_id="", why=why.strip()[:120], by=by, now=now)
        return True


def note(station: Station, phone: str, *, client_id: str, by: Person, now: dt.datetime) -> str:
    """Somebody without a phone in hand says their number (normalised): the visit is theirs, or of one more unknown.

    Returns "accepted" or "cool-down". Who keys in numbers learns nothing about whose they are.
    Raises Refused("other") for an id of another note.
    """
    person = Person.by_phone(phone)
    if person is None or person.state == "closed":
        local = now.astimezone(district().zone)
        add(station, local.hour, 1, client_id=client_id, by=by, now=now)
        return "accepted"
    return _see(station, person, client_id=client_id, by=by, now=now)


def note_card(station: Station, text: str, *, client_id: str, by: Person, now: dt.datetime) -> str:
    """Somebody shows their card, and `text` is what the scanner read of it: the visit is theirs.

    It takes a code as a shop does but does not use it up: the visit's own rest keeps it from counting twice, and the
    next meal is not in its way. Returns "accepted" or "cool-down".
    Raises Refused: "other" for an id of another note, else the reason why the card cannot be taken (models/reasons.py).
    """
    checked = verifying.check(card_code.parse(text), now)
    if checked.ahead:
        with writing():
            verifying.remember(checked, now)
    if checked.reason not in ("", "past") or checked.card is None:
        raise Refused(checked.reason, REASONS[checked.reason].till)
    return _see(station, checked.card.person, client_id=client_id, by=by, now=now)


def _see(station: Station, person: Person, *, client_id: str, by: Person, now: dt.datetime) -> str:
    """The keeper has this person before them."""
    with writing():
        outcome: Outcome = visits.admit(
            station.id, Who(person.id, None), client_id=client_id, at=now, now=now, evidence=THE_KEEPER, channel=KEEPER
        )
        if outcome.result != "duplicate":
            made = Visit.get(Visit.client_id == visits.number(client_id))
            Noted.insert(visit=made, by=by, at=now, why="").on_conflict_ignore().execute()
    return "accepted" if outcome.result == "duplicate" else outcome.result


def last(station: int, day: dt.date) -> tuple[dt.datetime, int] | None:
    """When the last tally of a day was noted and how many it was; None before the first."""
    row = (
        Noted.select(Noted.at, Visit.n)
        .join(Visit)
        .where(Visit.station == station, Visit.local_date == number_of(day), Visit.actor.is_null())
        .order_by(Visit.at.desc(), Noted.visit.desc())
        .limit(1)
        .tuples()
        .first()
    )
    return row and (row[0], row[1])


def corrections(station: int, day: dt.date) -> list[Noted]:
    """The corrections of a day with who made them and why, newest first."""
    rows = Noted.select(Noted, Visit, Person).join(Visit).switch(Noted).join(Person)
    mine = (Visit.station == station) & (Visit.local_date == number_of(day)) & (Noted.why != "")
    return list(rows.where(mine).order_by(Noted.visit.desc()).limit(20))


def _moment(hour: int, now: dt.datetime) -> dt.datetime:
    """The moment for which a tally of this hour of today is noted: now, or the hour's beginning when it is over."""
    local = now.astimezone(district().zone)
    if not 0 <= hour <= local.hour:
        raise Refused("hour", N_("This hour has not begun yet."))
    return now if hour == local.hour else local.replace(hour=hour, minute=0, second=0, microsecond=0)


def _is_there(station: Station, client_id: str, at: dt.datetime, n: int) -> bool:
    row = Visit.get_or_none(Visit.client_id == visits.number(client_id)) if client_id else None
    if row is None:
        return False
    if row.station != station.id or row.actor is not None or row.n != n:
        raise Refused("other", N_("This was already noted at another station or for somebody else."))
    return True


def _write(station: Station, at: dt.datetime, n: int, *, client_id: str, why: str, by: Person, now: dt.datetime):
    made = visits.write(
        station.id, at, n, channel=KEEPER, evidence=THE_KEEPER, client_id=client_id, lag=(now - at).total_seconds()
    )
    Noted.insert(visit=made, by=by, why=why, at=now).execute()
