"""The rooms and counters of the centre, and who has a room when."""

import datetime as dt

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField

from models._database import hold, writing
from models._record import N_, MomentField, Page, Record, Refused, random_code, to_ms
from models.areas import Unit, district
from models.openings import Opening
from models.people import Person
from models.stations import Station
from models.visits import number

STEP = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=3)
AHEAD = dt.timedelta(days=7)
AT_ONCE = 2
"""Rooms are booked in half hours, for at most three, a week ahead, and nobody has more than two bookings to come."""


class Room(Record):
    """A room that can be booked."""

    code = CharField(primary_key=True, max_length=20)
    station = ForeignKeyField(Station)
    name = CharField(max_length=60)
    name_en = CharField(max_length=90)
    seats = IntegerField()
    sort = IntegerField()


class Counter(Record):
    """A counter where something is done, and by whom."""

    code = CharField(primary_key=True, max_length=20)
    station = ForeignKeyField(Station)
    name = CharField(max_length=60)
    name_en = CharField(max_length=90)
    does = CharField(max_length=200)
    does_en = CharField(max_length=300)
    unit = ForeignKeyField(Unit, column_name="unit", null=True)
    sort = IntegerField()


class Booking(Record):
    """A room for somebody from when to when; `ended_at`: given back before."""

    ref = CharField(max_length=10, unique=True, default=random_code)
    room = ForeignKeyField(Room, column_name="room")
    person = ForeignKeyField(Person)
    from_at = MomentField()
    to_at = MomentField()
    purpose = CharField(max_length=60)
    client_id = BigIntegerField(null=True, unique=True)
    made_at = MomentField()
    ended_at = MomentField(null=True)


def of(station: int) -> tuple[list[Room], list[Counter]]:
    """The rooms and the counters of a station, in their order."""
    rooms = list(Room.select().where(Room.station == station).order_by(Room.sort))
    counters = Counter.select(Counter, Unit).left_outer_join(Unit).where(Counter.station == station)
    return rooms, list(counters.order_by(Counter.sort))


def book(
    room: Room, person: Person, begin: dt.datetime, end: dt.datetime, purpose: str, *, client_id: str, now: dt.datetime
) -> Booking:
    """The room is theirs from `begin` to `end`. The same form again is the same booking.

    Raises Refused: "past", "far", "steps", "long", "purpose", "shut" outside the opening hours, "taken", "many".
    """
    if begin <= now - STEP or end <= begin:
        raise Refused("past", N_("This time is over. Please choose a later one."))
    if begin > now + AHEAD:
        raise Refused("far", N_("Rooms are booked at most a week ahead."))
    if any(to_ms(moment) % (STEP // dt.timedelta(milliseconds=1)) for moment in (begin, end)):
        raise Refused("steps", N_("Rooms are booked by the half hour."))
    if end - begin > LONGEST:
        raise Refused("long", N_("At most three hours at a time, please."))
    if not purpose.strip() or len(purpose) > 60:
        raise Refused("purpose", N_("Please say in a few words what for."))
    press = number(client_id) if client_id else None
    with writing():
        hold(person.id, -room.station_id)
        if press is not None and (before := Booking.get_or_none(Booking.client_id == press)):
            if before.person_id != person.id:
                raise Refused("other", N_("This was already noted at another station or for somebody else."))
            return before
        if not _is_open(room.station_id, begin, end):
            raise Refused("shut", N_("The centre is not open at that time."))
        if _taken(room, begin, end):
            raise Refused("taken", N_("Somebody has the room at that time. Please choose another."))
        if to_come(person, now).count() >= AT_ONCE:
            raise Refused("many", N_("You have two bookings to come. Please use one of them first."))
        return Booking.create(
            room=room, person=person, from_at=begin, to_at=end, purpose=purpose.strip(), client_id=press, made_at=now
        )


def give_back(booking: Booking, *, at: dt.datetime):
    """The room is free again. Twice is once."""
    with writing():
        Booking.update(ended_at=at).where(Booking.id == booking.id, Booking.ended_at.is_null()).execute()


def to_come(person: Person, now: dt.datetime):
    """The bookings of somebody that are not over, the next first; a query."""
    mine = Booking.select(Booking, Room).join(Room).where(Booking.person == person, Booking.ended_at.is_null())
    return mine.where(Booking.to_at > now).order_by(Booking.from_at)


def free_starts(room: Room, day: dt.date, now: dt.datetime) -> list[dt.datetime]:
    """The half hours of a local day at which a booking could begin, in the district's zone."""
    zone = district().zone
    begin = dt.datetime.combine(day, dt.time(), zone)
    rows = Opening.select(Opening.from_at, Opening.to_at).where(
        Opening.station == room.station_id,
        Opening.from_at < to_ms(begin + dt.timedelta(days=1)),
        Opening.to_at > to_ms(begin),
    )
    open_from, busy = list(rows.tuples()), taken(room, day)
    found = []
    for n in range(48):
        at = begin + n * STEP
        fits = any(opens <= at and at + STEP <= closes for opens, closes in open_from)
        if fits and at > now - STEP and not any(one < at + STEP and at < end for one, end in busy):
            found.append(at)
    return found


def taken(room: Room, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    """When a room is taken on a local day: times only, never by whom."""
    begin = dt.datetime.combine(day, dt.time(), district().zone)
    rows = Booking.select(Booking.from_at, Booking.to_at).where(
        Booking.room == room,
        Booking.ended_at.is_null(),
        Booking.from_at < to_ms(begin + dt.timedelta(days=1)),
        Booking.to_at > to_ms(begin),
    )
    return [(begin, end) for begin, end in rows.order_by(Booking.from_at).tuples()]


def at_station(station: int, now: dt.datetime, page: int = 1) -> Page:
    """For the keeper: who comes to which room, from now on."""
    rows = Booking.select(Booking, Room, Person).join(Room).switch(Booking).join(Person)
    mine = rows.where(Room.station == station, Booking.ended_at.is_null(), Booking.to_at > now)
    return Page(mine.order_by(Booking.from_at), page)


def _taken(room: Room, begin: dt.datetime, end: dt.datetime) -> bool:
    mine = Booking.room == room, Booking.ended_at.is_null(), Booking.from_at < to_ms(end), Booking.to_at > to_ms(begin)
    return Booking.select().where(*mine).exists()


def _is_open(station: int, begin: dt.datetime, end: dt.datetime) -> bool:
    """Is the whole time within one opening? They are worked out for eight days."""
    mine = Opening.station == station, Opening.from_at <= to_ms(begin), Opening.to_at >= to_ms(end)
    return Opening.select().where(*mine).exists()
