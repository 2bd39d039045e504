"""The hours of stations: written, changed for a day, worked out for the days around today, asked in one question."""

import datetime as dt

import pytest

from models import finding, openings
from models._database import db, writing
from models._record import Refused
from models._trail import Trail
from models._work import once
from models.areas import Revision, Setting
from models.hours import UNKNOWN
from models.openings import (
    HoursException,
    HoursRule,
    Opening,
    add_exception,
    end_exception,
    renew_all,
    set_hours,
    state,
)
from models.retention import retain
from models.stations import Station, StationAmenity
from tests import _crowd
from tests._crowd import in_threads

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY = dt.date(2024, 9, 19)  # a Thursday


def kind(station, now):
    return state(station, now).kind


def edge(station, now):
    found = state(station, now)
    moment = found.until or found.next
    return f"{moment.astimezone(now.tzinfo):%d %H:%M}"


# Written hours.


def test_a_district_comes_with_its_hours(town, noon):
    assert (kind(town.spring, noon), edge(town.spring, noon)) == ("open", "19 18:00")
    assert (kind(town.street, noon), edge(town.street, noon)) == ("later", "19 22:00")
    assert kind(town.fuel, noon) == "always"


def test_over_midnight_to_the_minute(town, noon):
    night = noon.replace(hour=1, minute=30)
    assert (kind(town.street, night), edge(town.street, night)) == ("open", "19 02:00")
    assert kind(town.street, night + HOUR / 2 - dt.timedelta(seconds=1)) == "open"
    assert kind(town.street, night + HOUR / 2) == "later"
    assert kind(town.street, noon.replace(hour=21, minute=59, second=59)) == "later"
    assert kind(town.street, noon.replace(hour=22)) == "open"


def test_new_hours_are_seen_at_once_and_stand_in_the_trail(town, noon):
    set_hours(town.spring, "每天 13:00-14:00", by=town.kim, at=noon)
    assert (kind(town.spring, noon), edge(town.spring, noon)) == ("later", "19 13:00")
    (line,) = Trail.about("station:SF001").rows
    what = "hours 一至五 8:00-18:00; 六 9:00-12:00 → 一至日 13:00-14:00"
    assert (line.kind, line.actor, line.what) == ("changed", town.kim.id, what)


def test_the_same_hours_again_change_nothing(town, noon):
    before = Revision.current()
    set_hours(town.spring, "mon-fri 8:00-18:00; sat 9:00-12:00", by=town.kim, at=noon)
    assert Trail.about("station:SF001").rows == [] and Revision.current() == before


def test_wrong_hours_leave_everything_as_it_was(town, noon):
    before = list(HoursRule.select().dicts()), list(Opening.select().dicts())
    with pytest.raises(Refused) as no:
        set_hours(town.spring, "8:00-25:00", by=town.kim, at=noon)
    assert no.value.code == "hours-time"
    assert (list(HoursRule.select().dicts()), list(Opening.select().dicts())) == before


def test_a_station_of_which_nobody_has_told_is_not_said_to_be_shut(town, noon):
    set_hours(town.spring, "", by=town.kim, at=noon)
    assert state(town.spring, noon) == UNKNOWN
    set_hours(town.spring, "一至日 休", by=town.kim, at=noon)
    assert kind(town.spring, noon) == "shut"


def test_another_zone_has_other_hours(town, noon):
    with writing():
        Setting.put("zone", "America/New_York")
        Revision.bump()
    renew_all(noon)
    assert (kind(town.spring, noon), edge(town.spring, noon)) == ("later", "19 20:00")  # 8:00 there
    assert (kind(town.spring, noon + 8 * HOUR), edge(town.spring, noon + 8 * HOUR)) == ("open", "20 06:00")


# Exceptions.


def test_a_day_without_power(town, noon):
    made = add_exception(town.spring, TODAY, TODAY, "", "今日停电", by=town.kim, at=noon)
    assert (kind(town.spring, noon), edge(town.spring, noon)) == ("later", "20 08:00")
    assert [one.why for one in openings.hours_of(town.spring, noon).exceptions] == ["今日停电"]
    assert openings.hours_of(town.spring, noon + DAY).exceptions == []
    end_exception(made, by=town.kim, at=noon)
    assert kind(town.spring, noon) == "open" and openings.hours_of(town.spring, noon).exceptions == []
    end_exception(made, by=town.kim, at=noon + HOUR)
    assert [line.what for line in Trail.about("station:SF001").rows] == [
        "hours 2024-09-19 - 2024-09-19: as usual",
        "hours 2024-09-19 - 2024-09-19: 休, 今日停电",
    ]


def test_other_hours_for_some_days(town, noon):
    add_exception(town.fuel, TODAY + DAY, TODAY + 2 * DAY, "9:00-12:00", "盘点", by=None, at=noon)
    assert (kind(town.fuel, noon), edge(town.fuel, noon)) == ("open", "20 00:00")
    assert edge(town.fuel, noon + DAY - HOUR) == "20 12:00" and edge(town.fuel, noon + DAY) == "21 09:00"


@pytest.mark.parametrize(
    "first, last, times, why, code",
    [
        (-1, 0, "", "停电", "exception-past"),
        (-3, -2, "", "停电", "exception-past"),
        (2, 1, "", "停电", "exception-backwards"),
        (0, 500, "", "停电", "exception-far"),
        (0, 0, "", " ", "exception-why"),
        (0, 0, "", "x" * 121, "exception-why"),
        (0, 0, "9:00-25:00", "停电", "hours-time"),
        (0, 0, "17:00-9:00", "停电", "hours-backwards"),
    ],
)
def test_an_exception_that_cannot_be(first, last, times, why, code, town, noon):
    with pytest.raises(Refused) as no:
        add_exception(town.spring, TODAY + first * DAY, TODAY + last * DAY, times, why, by=town.kim, at=noon)
    assert no.value.code == code
    assert not HoursException.select().exists() and not Trail.about("station:SF001").rows


def test_pressed_twice_it_is_one(town, noon):
    told = town.spring, TODAY, TODAY, "", "停电"
    first, second = (add_exception(*told, by=town.kim, at=noon) for _ in range(2))
    assert first == second and HoursException.select().count() == 1 and len(Trail.about("station:SF001").rows) == 1


def test_four_at_once_make_one(town, noon, crowd):
    crowd.do(_crowd.close_elsewhere, town.url, town.spring.id, TODAY, noon)
    assert HoursException.select().count() == 1 and len(Trail.about("station:SF001").rows) == 1
    in_threads(_crowd.end_exception_here, HoursException.get().id, noon)
    assert len(Trail.about("station:SF001").rows) == 2


def test_what_was_changed_is_let_go_a_year_after_it_is_over(town, noon):
    add_exception(town.spring, TODAY, TODAY, "", "停电", by=None, at=noon)
    told = "changed opening hours that are over"
    assert retain(noon + 365 * DAY)[told] == 0 and retain(noon + 367 * DAY)[told] == 1


# Worked out each night.


def test_the_nightly_work_goes_on_with_time(town, noon):
    assert kind(town.fuel, noon + 9 * DAY) == "shut"  # nobody has worked it out yet
    assert "openings" in once(noon + 9 * DAY)
    Revision.forget()
    assert kind(town.fuel, noon + 9 * DAY + HOUR / 60) == "always"
    ends = {row.to_at for row in Opening.select().where(Opening.station == town.fuel)}
    assert ends == {(noon + 9 * DAY).replace(hour=0) + 9 * DAY}


def test_it_works_in_pieces_and_gives_the_same(yanzhou, noon, monkeypatch):
    before = sorted(Opening.select().tuples())
    monkeypatch.setattr(openings, "PIECE", 7)
    assert renew_all(noon) == 140
    assert sorted(Opening.select().tuples()) == before


# Looking.


def test_many_stations_are_two_questions_a_minute(engine, yanzhou, noon):
    late = noon.replace(hour=23)
    ids = [station.id for station in Station.select()]
    openings._told()
    with engine.statements() as told:
        states = openings.minute(late).states(ids)
    assert len(states) == 140 and len([t for t in told if "opening" in t]) == 2
    with engine.statements() as told:
        assert openings.minute(late + dt.timedelta(seconds=59)).states(ids) == states
    assert not [t for t in told if "opening" in t]


def test_looking_reads_no_whole_table(engine, yanzhou, noon):
    engine.fill("opening", "station_id, from_at, to_at", "1, i * 1000, i * 1000 + 500", 20000)
    engine.fill(
        "hours_exception",
        "station_id, first_on, last_on, times, why, made_at",
        "1, 20240101, 20240101 + i % 9, '休', '', 0",
        9000,
    )
    told = (Opening.from_at <= noon) & (Opening.to_at > noon)
    later = Opening.select(Opening.station).where(Opening.station.in_([1, 2, 3]), Opening.from_at > noon)
    for query in (
        later,
        HoursException.select().where(HoursException.station.in_([1, 2]), HoursException.last_on >= 20240919),
        HoursRule.select().where(HoursRule.station.in_([1, 2])),
    ):
        assert engine.scans(*query.sql()) == [], query.sql()
    if engine.name == "sqlite":  # PostgreSQL rightly reads all where half of it is asked for
        assert engine.scans(*Opening.select(Opening.station).where(told).sql()) == []


# What somebody looks for.


def found(keys=(), now=None, **more):
    return finding.fitting(keys, openings.minute(now), **more)


def test_filters_are_those_of_the_district_and_its_groups(yanzhou):
    assert list(finding.filters()) == ["hot", "fast", "wc", "meal", "swap", "truck", "heal", "eat", "stay", "go"]


def test_each_filter_keeps_what_it_says_and_all_of_them_together(yanzhou, noon):
    night = noon.replace(hour=23)
    every = {s.id: s for s in Station.nearest(35.556, 116.83, 139)}
    truck, open_now = found(["truck"], night), found(["open"], night)
    assert truck == {id for id, s in every.items() if "TRUCK" in [a.code for a in s.yes]}
    assert open_now == {id for id, s in every.items() if state(s, night).is_open}
    assert found(["truck", "open"], night) == truck & open_now and truck & open_now
    assert found(["meal"], night) == {id for id, s in every.items() if {"MW", "MEAL"} & {a.code for a in s.yes}}
    assert found(["always"], night) == {id for id, s in every.items() if state(s, night).kind == "always"}
    assert found([], night) == every.keys()


def test_two_characters_are_found_in_name_brand_address_and_landmark(yanzhou, noon):
    def names(words):
        return {Station.get_by_id(id).name for id in found(now=noon, words=words)}

    assert any("小哥" in name for name in names("小哥"))
    assert "红帆驿站鼓楼东街" in names("红帆") & names("鼓楼东街18号") & names("蓝招牌") & names("yz023") & names(
        "ＹＺ０２３"
    )
    assert "红帆驿站鼓楼东街" in names("gulou east") and names("鼓楼 农行") <= names("农行")


@pytest.mark.parametrize("words", ["%", "_", "\\", "%%", "小%", "' OR 1=1", "没有这个地方", "🛵"])
def test_signs_mean_themselves(words, yanzhou, noon):
    assert found(now=noon, words=words) == set()


def test_a_closed_station_and_the_centre_are_never_found(yanzhou, noon):
    assert found(now=noon, words="智慧化一站式") == set()
    with writing():
        Station.update(closed_at=noon).where(Station.code == "YZ023").execute()
        Revision.bump()
    assert found(now=noon, words="yz023") == set() and found(["always"], noon) <= set(Station.listed_ids())


def test_around_me_are_the_open_ones_then_those_that_open_next(yanzhou, noon):
    def around(hour, *place, keys=()):
        return finding.around(*(place or (35.556, 116.83)), openings.minute(noon.replace(hour=hour)), keys)

    lit = around(12)
    assert (
        len(lit) == 3 and all(s.state.is_open for s in lit) and [s.metres for s in lit] == sorted(s.metres for s in lit)
    )
    town = around(3, 35.645, 116.665)  # a small town at night
    assert [s.state.is_open for s in town] == sorted((s.state.is_open for s in town), reverse=True)
    with writing():
        HoursRule.delete().where(HoursRule.opens == 0, HoursRule.closes == 1440).execute()
        Revision.bump()
    renew_all(noon)
    dark = around(4)
    assert len(dark) == 3 and not any(s.state.is_open for s in dark)
    assert [s.state.next for s in dark] == sorted(s.state.next for s in dark)
    nothing = around(12, keys=["truck", "swap", "heal", "eat"])
    assert all(s.metres <= finding.REACH for s in nothing[1:])


def test_what_is_open_far_away_stands_behind_what_opens_nearby(town, noon):
    def around(hour):
        here = town.spring.lat, town.spring.lng
        return [s.code for s in finding.around(*here, openings.minute(noon.replace(hour=hour)))]

    assert around(12) == ["SF001", "SF002"]  # SF003 is open too, ten kilometres away
    assert around(6) == ["SF003", "SF001", "SF002"]  # nothing nearby: at least that one, and the next to open
    assert around(23) == ["SF002", "SF001"]


def test_a_rare_thing_is_found_without_walking_over_everything(engine, yanzhou, noon):
    """With 400 and more that have it, cells are searched; with fewer, they are sorted: the same ones come."""
    from models import _cells

    rare = found(["swap"], noon)
    few = [s.code for s in Station.nearest(35.556, 116.83, 5, rare)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_cells, "FEW", 0)
        assert [s.code for s in Station.nearest(35.556, 116.83, 5, rare)] == few
    assert [s.code for s in Station.nearest(35.556, 116.83, 139) if s.id in rare][:5] == few


def test_what_has_a_thing_is_found_by_index(engine, yanzhou):
    for n in range(100):
        with writing():
            db.execute_sql(
                "INSERT INTO station (code, name, name_en, kind, town, address, address_en, landmark, landmark_en, lat, lng,"
                f" coord_src) SELECT code || '-{n}', name, name_en, kind, town, address, address_en, landmark, landmark_en,"
                " lat, lng, coord_src FROM station WHERE code < 'YZ01' AND length(code) = 5"
            )
    with writing():
        db.execute_sql(
            "INSERT INTO station_amenity (station_id, amenity, has) SELECT id, 'BOOK', true FROM station WHERE length(code) > 5"
        )
    db.execute_sql("ANALYZE")
    query = StationAmenity.select(StationAmenity.station).where(
        StationAmenity.amenity.in_(["SWAP"]), StationAmenity.has
    )
    assert engine.scans(*query.sql()) == []
