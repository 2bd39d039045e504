"""The rooms of the centre: when they are free, booking one by the half hour, and giving it back."""

import datetime as dt

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from models import openings, rooms
from models._record import Refused, from_ms, random_code
from models.rooms import Booking, Room
from views._access import may, signed_in
from views._answer import changed, page, page_number
from views._forms import OurForm
from views._mine import my_station

area = Blueprint("rooms", __name__)

MINUTES = (30, 60, 90, 120, 180)


class BookingForm(OurForm):
    begin = HiddenField()
    minutes = HiddenField()
    purpose = StringField(_l("What for"))
    client_id = HiddenField()


@area.get("/rooms/<room>")
@signed_in
def show(room):
    form = BookingForm()
    form.client_id.data = random_code()
    return _room(_find(room), form)


@area.post("/rooms/<room>")
@signed_in
def book(room):
    room, form = _find(room), BookingForm(request.form)
    begin, minutes = form.begin.data or "", form.minutes.data or ""
    if not (begin.isascii() and begin.isdigit() and len(begin) < 15 and minutes in map(str, MINUTES)):
        abort(404)
    start = from_ms(int(begin))
    try:
        rooms.book(
            room,
            g.viewer,
            start,
            start + dt.timedelta(minutes=int(minutes)),
            form.purpose.data or "",
            client_id=(form.client_id.data or "")[:64],
            now=g.now,
        )
    except Refused as no:
        form.purpose.errors = [_(no.message)]
        return _room(room, form, 409 if no.code in ("taken", "other") else 422)
    return changed(url_for("rooms.show", room=room.code, day=f"{_day_of(start):%Y%m%d}"))


@area.post("/rooms/bookings/<ref>/end")
@signed_in
def give_back(ref):
    mine = Booking.get_or_none(Booking.ref == ref[:10], Booking.person == g.viewer.id) or abort(404)
    rooms.give_back(mine, at=g.now)
    return changed(url_for("rooms.show", room=mine.room_id))


@area.get("/desk/rooms")
@may("look after my station")
def bookings():
    station = my_station()
    return page("rooms/bookings.html", station=station, rows=rooms.at_station(station.id, g.now, page_number()))


def _room(room: Room, form: BookingForm, status: int = 200):
    day = _day()
    return page(
        "rooms/show.html",
        status,
        room=room,
        form=form,
        day=day,
        days=[openings.today(g.now) + dt.timedelta(days=n) for n in range(rooms.AHEAD.days)],
        starts=rooms.free_starts(room, day, g.now),
        minutes=MINUTES,
        mine=list(rooms.to_come(g.viewer, g.now)),
    )


def _day() -> dt.date:
    """The day in the address or the form (yyyymmdd), else the one that was to be booked, else today."""
    text = request.args.get("day", "")
    if not text:
        begin = request.form.get("begin", "")
        return _day_of(from_ms(int(begin))) if begin else openings.today(g.now)
    try:
        return dt.datetime.strptime(text, "%Y%m%d").date() if len(text) == 8 and text.isascii() else abort(404)
    except ValueError:
        abort(404)


def _day_of(moment: dt.datetime) -> dt.date:
    return openings.today(moment)


def _find(code: str) -> Room:
    return Room.get_or_none(Room.code == code[:20]) or abort(404)
