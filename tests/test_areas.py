"""The district and its parts: its settings, its clock, its revisions, distances and daylight."""

import datetime as dt
import math
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models import areas
from models._database import db, writing
from models._record import from_ms, to_ms
from models.areas import Grid, Revision, Setting, Town, daylight, district, metres

DISTRICT = 35.55, 116.83


def test_a_district_is_its_settings_and_towns(small):
    here = district()
    assert here.loaded and here.code == "999999" and here.zone == ZoneInfo("Asia/Shanghai")
    assert [town.name for town in here.towns] == ["甲街道", "乙镇"]
    assert here.town["999999101"].name_en == "Yi Town"


def test_a_grid_lies_in_a_town(small):
    assert {grid.code: grid.town.name for grid in Grid.select()} == {
        "999999001901001": "甲街道",
        "999999001901002": "甲街道",
        "999999101901001": "乙镇",
    }


def test_before_a_district_is_loaded_there_is_an_empty_one(migrated):
    here = district()
    assert not here.loaded and here.towns == [] and here.zone == ZoneInfo("Asia/Shanghai")


def test_a_setting_is_kept_as_it_was_said(small):
    for value in (True, 5, "暖“驿”\0"[:5], ["一", 2], {"层": {"a": None}}):
        with writing():
            Setting.put("told", value)
            Revision.bump()
        assert Setting.kept()["told"] == value


def test_a_setting_said_again_replaces_the_first(small):
    with writing():
        Setting.put("service_day", 5)
        Setting.put("service_day", 6)
        Revision.bump()
    assert district().service_day == 6
    assert Setting.select().where(Setting.key == "service_day").count() == 1


# Revisions.


def test_a_change_of_ours_is_seen_at_once(small):
    before = district()
    with writing():
        Town.update(name="丙镇").where(Town.code == "999999101").execute()
        Revision.bump()
    assert district() is not before
    assert [town.name for town in district().towns] == ["甲街道", "丙镇"]


def test_without_a_change_nothing_is_read_again(engine, small):
    district()
    with engine.statements() as told:
        assert district() is district()
    assert told == []


def test_a_change_of_another_process_is_seen_within_a_second(small, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(areas.time, "monotonic", lambda: clock[0])
    Revision.forget()
    before = Revision.current()
    with writing():
        db.execute_sql("UPDATE revision SET n = n + 1")  # as another process does
    assert Revision.current() == before
    clock[0] += 1.01
    assert Revision.current() == before + 1


def test_a_change_that_was_taken_back_did_not_happen(small):
    before = Revision.current()
    with pytest.raises(KeyError), writing():
        Revision.bump()
        raise KeyError
    assert Revision.current() == before


# Moments.

MOMENTS = some.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9999, 12, 30), timezones=some.just(dt.UTC))


@pytest.mark.no_database
@given(MOMENTS)
def test_a_moment_is_kept_to_the_millisecond(moment):
    assert from_ms(to_ms(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.no_database
def test_a_moment_without_a_zone_is_an_error():
    with pytest.raises(ValueError):
        to_ms(dt.datetime(2024, 9, 19))


@pytest.mark.no_database
def test_the_same_moment_in_another_zone_is_the_same():
    shanghai = dt.datetime(2024, 9, 19, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert to_ms(shanghai) == to_ms(dt.datetime(2024, 9, 19, 4, tzinfo=dt.UTC)) == 1_726_718_400_000


# Distances.


@pytest.mark.no_database
def test_a_kilometre_is_a_kilometre():
    lat, lng = DISTRICT
    assert metres(lat, lng, lat + 0.008993, lng) == pytest.approx(1000, rel=1e-3)
    assert metres(lat, lng, lat, lng + 0.011041) == pytest.approx(1000, rel=3e-3)
    assert metres(0, 0, 0, 180) == pytest.approx(math.pi * 6_371_008.8)


LATITUDES, LONGITUDES = some.floats(-90, 90), some.floats(-180, 180)


@pytest.mark.no_database
@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_round_the_earth(lat1, lng1, lat2, lng2):
    there, back = metres(lat1, lng1, lat2, lng2), metres(lat2, lng2, lat1, lng1)
    assert there == pytest.approx(back, abs=1e-3)
    assert 0 <= there <= math.pi * areas.EARTH + 1


# Daylight.


@pytest.mark.no_database
@pytest.mark.parametrize(
    "date, rise, sets",
    [
        (dt.date(2024, 3, 20), "06:15", "18:24"),
        (dt.date(2024, 6, 21), "04:54", "19:28"),
        (dt.date(2024, 9, 19), "05:58", "18:17"),
        (dt.date(2024, 12, 21), "07:14", "16:58"),
    ],
)
def test_the_sun_rises_and_sets_to_within_a_quarter_of_an_hour(date, rise, sets):
    told = [(hour + 8) % 24 for hour in daylight(date, *DISTRICT)]
    for hour, clock in zip(told, (rise, sets), strict=True):
        known = int(clock[:2]) + int(clock[3:]) / 60
        assert hour == pytest.approx(known, abs=0.25)


@pytest.mark.no_database
@given(some.dates(), LATITUDES, LONGITUDES)
def test_every_day_everywhere_has_a_noon_between_its_sunrise_and_its_sunset(date, lat, lng):
    rise, sets = daylight(date, lat, lng)
    assert rise <= sets <= rise + 24.001
