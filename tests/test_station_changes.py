"""A station is created, changed, closed and opened again once, and each changed fact stands in its history."""

import datetime as dt

import pytest

from models import openings
from models._database import db
from models._record import Refused
from models._trail import Trail
from models.areas import Revision
from models.openings import hours_of, state
from models.station_changes import change, close, create, facts_now, free_codes, reopen
from models.station_facts import check
from models.station_rows import found
from models.stations import PosterToken, Station, StationAmenity, find_place, find_station
from tests import _crowd

HOUR = dt.timedelta(hours=1)


def whole(**fields):
    """Whole facts, as the form and a list bring them."""
    row = {
        "name": "新站", "kind": "community", "town": "999999001", "grid": "999999001901001", "address": "新路 1 号",
        "position": "30.5, 110.5", "source": "gps", "hours": "每天 8:00-20:00", "yes": "HOTW WC", "no": "CHG",
        "units": "union", "phone": "0537-3412345", "landmark": "红门旁边",
    }  # fmt: skip
    facts, wrong = check(row | fields)
    assert not wrong
    return facts


def other(station, **fields):
    return facts_now(station) | fields


def past(station):
    """What stands in its history, oldest first."""
    return [line.what for line in Trail.about(f"station:{station.code}").rows][::-1]


def rows():
    tables = ("station", "station_amenity", "station_unit", "hours_rule", "poster_token", "trail", "revision")
    return {t: sorted(map(repr, map(tuple, db.execute_sql(f"SELECT * FROM {t}").fetchall()))) for t in tables}


# A new one.


def test_a_new_station_has_all_that_a_station_has(town, noon):
    made = create(whole(), by=town.olga, at=noon)
    assert made.code == "SF004"
    assert facts_now(made) == whole() | {"code": "SF004"}
    assert state(made, noon).is_open and made.id in Station.listed_ids()
    assert find_place(PosterToken.current(made).token).station.id == made.id
    assert list(found(None, "红门")) == [made]
    assert [line.actor for line in Trail.about("station:SF004").rows] == [town.olga.id] * 3
    assert past(made) == ["created: 新站", "hours ? → 一至日 8:00-20:00", "poster 1"]


def test_the_same_form_twice_makes_one_station(town, noon):
    made = create(whole(), by=town.olga, at=noon)
    before = rows()
    assert create(whole(), by=town.olga, at=noon + HOUR).id == made.id
    assert create(whole(code="SF004"), by=town.olga, at=noon + HOUR).id == made.id
    assert rows() == before


def test_a_double_is_refused_and_a_closed_one_is_none(town, noon):
    made = create(whole(), by=town.olga, at=noon)
    with pytest.raises(Refused, match="double"):
        create(whole(phone=""), by=town.olga, at=noon)
    close(made, "搬走了", by=town.olga, at=noon)
    assert create(whole(phone=""), by=town.olga, at=noon).code == "SF005"


def test_a_code_may_be_typed_once(town, noon):
    assert create(whole(code="SF100"), by=town.olga, at=noon).code == "SF100"
    with pytest.raises(Refused, match="code"):
        create(whole(code="SF100", name="又一站"), by=town.olga, at=noon)
    assert create(whole(name="又一站"), by=town.olga, at=noon).code == "SF101"
    assert free_codes(2) == ["SF102", "SF103"]


def test_there_is_one_centre(yanzhou, noon):
    row = {
        "kind": "centre",
        "town": "370812001",
        "grid": "",
        "position": "35.55, 116.83",
        "units": "",
        "name": "又一个",
    }
    with pytest.raises(Refused, match="centre"):
        create(whole(**row), by=None, at=noon)
    station = find_station("YZ001")
    with pytest.raises(Refused, match="centre"):
        change(station, other(station, kind="centre"), facts_now(station), by=None, at=noon)


def test_two_new_ones_at_once_get_two_codes(town, noon, crowd):
    each = [(whole(name=f"新站 {n}"),) for n in range(4)]
    codes = crowd.do(_crowd.create_station_elsewhere, town.url, noon, each=each)
    assert sorted(codes) == ["SF004", "SF005", "SF006", "SF007"]


def test_one_form_sent_many_times_at_once_makes_one_station(town, noon, crowd):
    assert set(crowd.do(_crowd.create_station_elsewhere, town.url, noon, whole())) == {"SF004"}
    assert Station.select().count() == 4 and PosterToken.select().where(PosterToken.version == 1).count() == 4


# Changes.


def test_each_changed_fact_is_a_line_of_the_history(town, noon):
    seen = facts_now(town.spring)
    told = seen | {
        "name": "春风里", "brand": "nuanwu", "truck_length": 9.6, "lat": 30.51, "coord_src": "amap_pick", "entry": "call",
        "amenities": {"HOTW": False, "WC": True, "SEAT": True, "CHG": True}, "units": (), "hours": whole()["hours"],
    }  # fmt: skip
    assert change(town.spring, told, seen, by=town.olga, at=noon)
    assert facts_now(town.spring) == told
    assert sorted(past(town.spring)) == [
        "fact brand: ? → nuanwu",
        "fact entry: free → call",
        "fact name: 春风社区服务站 → 春风里",
        "fact position: 30.501200, 110.498700 (gps) → 30.510000, 110.498700 (amap_pick)",
        "fact truck_length: ? → 9.6",
        "fact units: union → ?",
        "has BOOK: yes → ?",
        "has CHG: ? → yes",
        "has HOTW: yes → no",
        "has PUMP: no → ?",
        "hours 一至五 8:00-18:00; 六 9:00-12:00 → 一至日 8:00-20:00",
    ]
    assert {line.actor for line in Trail.about("station:SF001").rows} == {town.olga.id}


def test_what_people_see_and_search_changes_with_it(town, noon):
    assert find_station("SF001").name == "春风社区服务站" and list(found(None, "槐荫")) == []
    seen, before = facts_now(town.spring), Revision.current()
    change(town.spring, seen | {"name": "槐荫站", "hours": ()}, seen, by=town.olga, at=noon)
    assert find_station("SF001").name == "槐荫站" and Revision.current() > before
    assert list(found(None, "槐荫")) == [town.spring] and not state(town.spring, noon).is_open


def test_the_same_again_changes_nothing(town, noon):
    seen = facts_now(town.spring)
    told = seen | {"name": "春风里"}
    assert change(town.spring, told, seen, by=town.olga, at=noon)
    before = rows()
    assert not change(town.spring, told, seen, by=town.olga, at=noon)
    assert not change(town.spring, facts_now(town.spring), seen, by=town.olga, at=noon)
    assert rows() == before


def test_the_same_position_keeps_where_it_was_taken_from(town, noon):
    Station.update(coord_src="baidu_pick").execute()
    seen = facts_now(town.spring)
    assert not change(town.spring, seen | {"coord_src": "gps"}, seen, by=town.olga, at=noon)


def test_whoever_looked_before_another_changed_it_is_told(town, noon):
    seen = facts_now(town.spring)
    change(town.spring, seen | {"phone": "12345"}, seen, by=town.olga, at=noon)
    before = rows()
    with pytest.raises(Refused, match="meanwhile"):
        change(town.spring, seen | {"name": "春风里"}, seen, by=town.olga, at=noon)
    assert rows() == before


def test_of_two_officers_at_once_one_is_told(town, noon, crowd):
    seen = facts_now(town.spring)
    each = [(seen | {"name": f"春风 {n}"},) for n in range(4)]
    became = crowd.do(_crowd.change_station_elsewhere, town.url, town.spring.id, seen, noon, each=each)
    assert sorted(became) == ["True", "meanwhile", "meanwhile", "meanwhile"]
    assert len(past(town.spring)) == 1


def test_one_form_sent_many_times_at_once_changes_it_once(town, noon, crowd):
    seen = facts_now(town.spring)
    told = seen | {"name": "春风里", "amenities": {"HOTW": True}}
    became = crowd.do(_crowd.change_station_elsewhere, town.url, town.spring.id, seen, noon, told)
    assert sorted(became) == ["False", "False", "False", "True"]
    assert sum(what.startswith("fact name") for what in past(town.spring)) == 1


# Closing.


def test_a_closed_station_leaves_lists_and_keeps_what_it_was(town, noon):
    assert town.spring.id in Station.listed_ids()
    tokens, told = PosterToken.select().count(), facts_now(town.spring)
    close(town.spring, " 房子  到期了 ", by=town.olga, at=noon)
    assert town.spring.id not in Station.listed_ids() and find_station("SF001").closed_why == "房子 到期了"
    assert list(found(None)) == [town.street, town.fuel] and list(found(None, state="closed")) == [town.spring]
    assert PosterToken.select().count() == tokens and facts_now(town.spring) == told
    assert past(town.spring) == ["closed: 房子 到期了"]


def test_closing_and_opening_twice_is_once(town, noon):
    close(town.spring, "到期", by=town.olga, at=noon)
    close(town.spring, "又说一遍", by=town.olga, at=noon + HOUR)
    assert find_station("SF001").closed_at == noon and past(town.spring) == ["closed: 到期"]
    for _ in range(2):
        reopen(town.spring, by=town.olga, at=noon + HOUR)
    assert past(town.spring) == ["closed: 到期", "opened again"] and town.spring.id in Station.listed_ids()


@pytest.mark.parametrize("why", ["", "  ", "长" * 201])
def test_a_reason_is_needed(why, town, noon):
    with pytest.raises(Refused, match="why"):
        close(town.spring, why, by=town.olga, at=noon)
    assert find_station("SF001").closed_at is None


def test_many_who_close_it_at_once_close_it_once(town, noon, crowd):
    crowd.do(_crowd.close_station_elsewhere, town.url, town.spring.id, noon, each=[(f"到期 {n}",) for n in range(4)])
    assert len(past(town.spring)) == 1


# What others do stays theirs.


def test_a_change_leaves_exceptions_and_other_stations_alone(town, noon):
    day = openings.today(noon)
    openings.add_exception(town.spring, day, day, "", "停电", by=town.kim, at=noon)
    told = sorted(map(repr, StationAmenity.select().where(StationAmenity.station != town.spring).tuples()))
    seen = facts_now(town.spring)
    change(town.spring, seen | {"amenities": {}, "hours": whole()["hours"]}, seen, by=town.olga, at=noon)
    assert [one.why for one in hours_of(town.spring, noon).exceptions] == ["停电"]
    assert sorted(map(repr, StationAmenity.select().where(StationAmenity.station != town.spring).tuples())) == told
