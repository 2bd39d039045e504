"""What partners say with one tap: locked, broken, all right, what is free; without signing in, and not endlessly."""

import datetime as dt

import pytest

from models import faults, voices
from models._database import writing
from models.limits import LIMITS
from models.stations import StationAmenity
from models.voices import Agreed, FreeNow
from tests._engines import NOON

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def spring(town):
    """Has hot water, seats and sockets."""
    with writing():
        StationAmenity.delete().where(StationAmenity.station == town.spring).execute()
        for amenity in ("HOTW", "SEAT", "CHG"):
            StationAmenity.insert(station=town.spring, amenity=amenity, has=True).on_conflict_ignore().execute()
    return town.spring


def test_a_locked_door_is_told_with_one_tap(spring, phone):
    answer = phone.post("/stations/SF001/faults", data={"what": "LOCKED"})
    assert answer.status_code == 303 and "Set-Cookie" in answer.headers
    assert "谢谢" in phone.get(answer.headers["Location"]).page.text
    (fault,) = faults.open_at(spring.id)
    assert fault.what == faults.LOCKED and fault.n == 1
    assert "1 位伙伴说这里锁门了" in phone.get("/stations/SF001").page.text


def test_what_does_not_work_is_not_promised_any_more(spring, phone):
    assert "热水" in phone.get("/stations/SF001").page.text
    for _ in range(2):
        assert phone.post("/stations/SF001/faults", data={"what": "HOTW"}).status_code == 303
    assert faults.of(spring.id, "HOTW").n == 1
    assert (
        not StationAmenity.select().where(StationAmenity.station == spring, StationAmenity.amenity == "HOTW").exists()
    )


@pytest.mark.parametrize("what", ["", "NOPE", "\0", "x" * 999])
def test_what_no_station_can_lack_is_not_there(what, spring, phone):
    assert phone.post("/stations/SF001/faults", data={"what": what}).status_code == 404
    assert phone.post("/stations/NOPE/faults", data={"what": "LOCKED"}).status_code == 404


def test_one_address_does_not_take_everything_off(spring, new_phone, monkeypatch):
    monkeypatch.setitem(LIMITS, "fault address", (3, DAY))
    said = [new_phone().post("/stations/SF001/faults", data={"what": "LOCKED"}).status_code for _ in range(5)]
    assert said == [303, 303, 303, 429, 429] and faults.open_at(spring.id)[0].n == 3


def test_all_of_it_is_right(spring, new_phone):
    for n in range(3):
        phone = new_phone().set("device", f"{n:032}")
        for _ in range(2):
            assert phone.post("/stations/SF001/agreed").status_code == 303
    assert voices.agreed(spring.id, NOON) == (NOON, 3)
    assert "3 位伙伴" in new_phone().get("/stations/SF001/tell").page.text
    assert voices.agreed(spring.id, NOON + 91 * DAY) is None


def test_what_is_free_fades_after_an_hour(spring, phone):
    phone.set("device", "d" * 32)
    assert phone.post("/stations/SF001/free", data={"free": "SEAT few"}).status_code == 303
    assert phone.post("/stations/SF001/free", data={"free": "SEAT many"}).status_code == 303
    assert [row.level for row in voices.free(spring.id, NOON + 59 * MINUTE)] == ["many"]
    assert voices.free(spring.id, NOON + HOUR) == []
    assert FreeNow.select().count() == 1


@pytest.mark.parametrize("said", ["", "SEAT", "SEAT lots", "BED many", "SEAT many x"])
def test_what_is_free_is_one_of_three(said, spring, phone):
    assert phone.post("/stations/SF001/free", data={"free": said}).status_code == 422
    assert not FreeNow.select().exists()


def test_one_device_agrees_only_so_often_a_day(town, monkeypatch):
    monkeypatch.setattr(voices, "A_DAY", 2)
    for station in (town.spring, town.street, town.fuel):
        voices.agree(station, actor=-5, at=NOON)
    assert Agreed.select().count() == 2


def test_the_page_to_tell_is_the_same_for_everybody(spring, phone, new_phone, town):
    mine = new_phone().sign_in(town.rui).get("/stations/SF001/tell")
    assert mine.data == phone.get("/stations/SF001/tell").data and "Set-Cookie" not in mine.headers
