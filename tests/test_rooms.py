"""Rooms of the centre: by the half hour, within the opening hours, to one person at a time."""

import datetime as dt
import re

import pytest

from models import openings, rooms
from models._database import writing
from models._record import Refused, to_ms
from models.areas import Revision
from models.rooms import Booking, Counter, Room
from models.stations import CENTRE, Kind, Station
from tests import _crowd
from tests._engines import NOON

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def room(town):
    openings.set_hours(town.spring, "每天 8:00-18:00", by=town.olga, at=NOON)
    with writing():
        return Room.create(code="SF001-1", station=town.spring, name="议事厅", name_en="Talks", seats=8, sort=1)


def book(room, person, begin=NOON + HOUR, hours=1.0, purpose="开会", client_id="b", now=NOON):
    return rooms.book(room, person, begin, begin + hours * HOUR, purpose, client_id=client_id, now=now)


def why(*given, **more):
    with pytest.raises(Refused) as no:
        book(*given, **more)
    return no.value.code


def test_a_room_is_booked_once_however_often_it_is_sent(room, town):
    assert book(room, town.rui) == book(room, town.rui)
    assert Booking.select().count() == 1
    assert why(room, town.ray) == "other"


def test_a_taken_room_is_taken_and_beside_it_is_free(room, town):
    book(room, town.rui, NOON + HOUR, 2)
    for begin, hours in ((1, 2), (0.5, 1), (2.5, 1), (1.5, 0.5), (0, 3)):
        assert why(room, town.ray, NOON + begin * HOUR, hours, client_id=f"x{begin}") == "taken"
    assert book(room, town.ray, NOON + 3 * HOUR, 1, client_id="after")
    assert book(room, town.kim, NOON, 1, client_id="before")


def test_what_was_given_back_is_free(room, town):
    made = book(room, town.rui)
    for _ in range(2):
        rooms.give_back(made, at=NOON)
    assert book(room, town.ray, client_id="c")


@pytest.mark.parametrize(
    ("begin", "hours", "code"),
    [
        (-1, 1, "past"),
        (1, 0, "past"),
        (1, -1, "past"),
        (8 * 24, 1, "far"),
        (1.25, 1, "steps"),
        (1, 3.5, "long"),
        (5.5, 1, "shut"),
        (-5, 1, "past"),
        (19, 1, "shut"),
    ],
)
def test_a_time_that_cannot_be(begin, hours, code, room, town):
    assert why(room, town.rui, NOON + begin * HOUR, hours) == code


def test_nobody_keeps_more_than_two(room, town):
    for n in range(2):
        book(room, town.rui, NOON + n * DAY, client_id=f"{n}")
    assert why(room, town.rui, NOON + 2 * DAY, client_id="2") == "many"
    assert book(room, town.rui, NOON + 3 * DAY, client_id="3", now=NOON + 2 * DAY)


def test_it_says_what_for(room, town):
    assert why(room, town.rui, purpose=" ") == "purpose" == why(room, town.rui, purpose="x" * 61)


def test_of_four_at_once_one_has_the_room(room, town, crowd):
    each = [(person.id, f"c{person.id}") for person in (town.rui, town.ray, town.kim, town.lee)]
    became = crowd.do(_crowd.book_elsewhere, town.url, room.code, NOON + HOUR, NOON, each=each)
    assert sorted(became) == ["booked", "taken", "taken", "taken"]


def test_the_free_half_hours_of_a_day(room, town):
    book(room, town.rui, NOON + HOUR, 1)
    day = dt.date(2024, 9, 19)
    starts = [f"{at:%H:%M}" for at in rooms.free_starts(room, day, NOON)]
    assert starts[:4] == ["12:00", "12:30", "14:00", "14:30"] and starts[-1] == "17:30"
    assert len(rooms.free_starts(room, day + dt.timedelta(days=1), NOON)) == 20


# The page.


@pytest.fixture
def rui(town, new_phone):
    return new_phone().sign_in(town.rui)


def form(begin=NOON + HOUR, minutes=60, **more):
    return {"begin": str(to_ms(begin)), "minutes": str(minutes), "purpose": "开会", "client_id": "f"} | more


def test_a_partner_books_and_gives_back(room, rui, town, new_phone):
    page = rui.get("/rooms/SF001-1").get_data(as_text=True)
    assert f'value="{to_ms(NOON)}"' in page
    for _ in range(2):
        assert rui.post("/rooms/SF001-1", data=form()).status_code == 303
    assert "13:00–14:00" in rui.get("/rooms/SF001-1").page.text
    ref = re.search(r"/rooms/bookings/(\w+)/end", rui.get("/rooms/SF001-1").get_data(as_text=True))[1]
    ray = new_phone().sign_in(town.ray)
    assert ray.post(f"/rooms/bookings/{ref}/end").status_code == 404
    assert "13:00–14:00" not in ray.get("/rooms/SF001-1").page.text
    kim = new_phone().sign_in(town.kim)
    assert "芮*" in kim.get("/desk/rooms").page.text and "芮一" not in kim.get("/desk/rooms").page.text
    assert rui.post(f"/rooms/bookings/{ref}/end").status_code == 303
    assert "13:00–14:00" not in rui.get("/rooms/SF001-1").page.text


def test_a_wrong_time_comes_back_with_what_was_typed(room, rui):
    answer = rui.post("/rooms/SF001-1", data=form(NOON - 2 * HOUR))
    assert answer.status_code == 422 and 'value="开会"' in answer.get_data(as_text=True)
    for wrong in ({"begin": "x"}, {"begin": ""}, {"minutes": "45"}, {"begin": "9" * 20}):
        assert rui.post("/rooms/SF001-1", data=form() | wrong).status_code == 404
    for day in ("x", "20241301", "２０２４０９１９", "99999999"):
        assert rui.get(f"/rooms/SF001-1?day={day}").status_code == 404
    assert rui.get("/rooms/NOPE").status_code == 404


def test_a_form_without_a_purpose_says_so(room, rui):
    answer = rui.post("/rooms/SF001-1", data=form(purpose=""))
    assert answer.status_code == 422 and 'class="field bad"' in answer.get_data(as_text=True)


def test_the_station_leads_to_what_is_inside(room, rui, town):
    with writing():
        Kind.create(code=CENTRE, name="中心", name_en="Centre", sort=9)
        Station.update(kind=CENTRE).where(Station.id == town.spring.id).execute()
        Counter.create(
            code="A", station=town.spring, name="综合窗口", name_en="General", does="办卡", does_en="Cards", sort=1
        )
        Revision.bump()
    assert "/stations/SF001/inside" in rui.get("/stations/SF001").page.links()
    inside = rui.get("/stations/SF001/inside")
    assert "议事厅" in inside.page.text and "办卡" in inside.page.text and "/rooms/SF001-1" in inside.page.links()
    assert rui.get("/stations/SF002/inside").status_code == 404
