"""From typed text to clean facts of a station: each field, and the sentence for what is wrong with it."""

import pytest

from models.coordinates import to_gcj
from models.hours_text import parse
from models.station_facts import check
from models.station_rows import differences, known_facts, typed
from models.stations import Station

WHOLE = {
    "name": "新站", "kind": "community", "town": "999999001", "address": "新路 1 号", "position": "30.5, 110.5",
    "source": "gps",
}  # fmt: skip


def read(**fields):
    return check(WHOLE | fields)


def test_the_least_that_a_station_is(small):
    facts, wrong = read()
    assert not wrong
    assert (facts["name"], facts["kind"], facts["town"], facts["entry"]) == ("新站", "community", "999999001", "free")
    assert (facts["lat"], facts["lng"], facts["coord_src"]) == (30.5, 110.5, "gps")
    assert (facts["hours"], facts["amenities"], facts["units"]) == ((), {}, ())
    assert (facts["brand"], facts["grid"], facts["host"], facts["truck_length"]) == (None, None, None, None)


def test_nothing_at_all_is_said_field_by_field(small):
    assert set(check({})[1]) == {"name", "kind", "town", "address", "position", "source"}


def test_what_is_known_and_typed_again_is_the_same(yanzhou):
    """All 140 of the demo: nothing is wrong with them and nothing changes by being read again."""
    stations = list(Station.select().order_by(Station.code))
    rows, facts = typed(stations), known_facts(stations)
    for station in stations:
        again, wrong = check(rows[station.code])
        assert not wrong, (station.code, wrong)
        assert not differences(facts[station.id], again), station.code


def test_codes_and_names_of_things_are_both_read(small):
    facts, wrong = read(
        kind="社区服务站", town="甲街道", grid="", yes="热水、厕所", no="BOOK", source="GPS", entry="登记"
    )
    assert not wrong
    assert (facts["kind"], facts["town"], facts["entry"]) == ("community", "999999001", "register")
    assert facts["amenities"] == {"HOTW": True, "WC": True, "BOOK": False}


# Positions.


def test_each_map_writes_in_its_own_order_and_is_counted_back(small):
    """WGS (30.5, 110.5), as the picker of each map shows it; Amap writes the longitude first."""
    lat, lng = to_gcj(30.5, 110.5)
    for source, text in (("高德", f"{lng:.6f},{lat:.6f}"), ("腾讯", f"{lat:.6f}, {lng:.6f}")):
        facts, wrong = read(source=source, position=text)
        assert not wrong
        assert abs(facts["lat"] - 30.5) < 2e-6 and abs(facts["lng"] - 110.5) < 2e-6


def test_the_vectors_of_the_three_systems_lead_to_one_place(yanzhou):
    row = WHOLE | {"kind": "bank", "town": "370812001"}
    for source, text in (
        ("gps", "35.55, 116.83"), ("amap_pick", "116.8355042,35.5497399"), ("tencent", "35.5497399,116.8355042"),
        ("baidu_pick", "35.5555045，116.8420967"),
    ):  # fmt: skip
        facts, wrong = check(row | {"source": source, "position": text})
        assert not wrong, source
        assert abs(facts["lat"] - 35.55) < 2e-6 and abs(facts["lng"] - 116.83) < 2e-6, source
        assert facts["coord_src"] == source


def test_latitude_and_longitude_may_come_apart(small):
    facts, wrong = check({k: v for k, v in WHOLE.items() if k != "position"} | {"lat": "30.5", "lng": "１１０.５"})
    assert not wrong and (facts["lat"], facts["lng"]) == (30.5, 110.5)


def test_swapped_numbers_are_asked_about_and_read_the_other_way_round(small):
    _, wrong = read(position="110.5, 30.5")
    assert wrong["position"].code == "swapped" and wrong["position"].inside == {"lat": "30.5", "lng": "110.5"}
    facts, wrong = read(position="110.5, 30.5", swap="1")
    assert not wrong and (facts["lat"], facts["lng"]) == (30.5, 110.5)


def test_a_place_far_away_is_asked_about_and_taken_if_it_is_meant(small):
    _, wrong = read(position="39.9, 116.4")
    assert wrong["position"].code == "outside"
    facts, wrong = read(position="39.9, 116.4", sure="1")
    assert not wrong and facts["lat"] == 39.9
    assert read(position="239.9, 116.4", sure="1")[1]["position"].code == "outside"


@pytest.mark.parametrize("text", ["x", "30.5", "30.5, 110.5, 7", "30°30'1\" 110°30'2\"", "30.5,nan", "1e9, 110"])
def test_what_is_no_position(text, small):
    assert read(position=text)[1]["position"].code in ("position", "outside")


def test_a_map_must_be_named(small):
    assert read(source="")[1]["source"].code == "source"
    assert read(source="google")[1]["source"].code == "choice"


# Phones.


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 1234 5678", "13812345678"), ("+86 13812345678", "13812345678"), ("１３８１２３４５６７８", "13812345678"),
        ("0537-3412345", "0537-3412345"), ("(0537)3412345", "0537-3412345"), ("05373412345", "0537-3412345"),
        ("+86 537 3412345", "0537-3412345"), ("010-12345678-12", "010-12345678-12"), ("400-123-4567", "4001234567"),
        ("12345", "12345"), ("", ""),
    ],
)  # fmt: skip
def test_a_number_is_kept_in_one_way(typed, kept, small):
    facts, wrong = read(phone=typed)
    assert not wrong and facts["phone"] == kept
    assert read(phone=kept)[0]["phone"] == kept


@pytest.mark.parametrize("text", ["1.38E+10", "1.38123e+10", "１.38E+10"])
def test_what_a_spreadsheet_did_to_a_number_is_said(text, small):
    assert read(phone=text)[1]["phone"].code == "sheet"


@pytest.mark.parametrize("text", ["12345678901", "1441234567890", "0537", "0537-341", "138-1234", "call Li", "-"])
def test_what_is_no_number(text, small):
    facts, wrong = read(phone=text)
    assert wrong["phone"].code == "phone" or facts["phone"] == "0537", text


# The rest.


def test_hours_come_with_their_faulty_part(small):
    assert read(hours="一至五 8:00-17:00\n六 9:00-12:00")[0]["hours"] == parse("一至五 8:00-17:00; 六 9:00-12:00")
    mistake = read(hours="一至五 8:00-17:00; 六 25:00-26:00")[1]["hours"]
    assert "no such time" in mistake and mistake.inside == {"part": "25:00-26:00"}


@pytest.mark.parametrize("text", ["300", "2", "-5", "long", "nan", "inf", "1e1", "13,7"])
def test_a_truck_has_sensible_metres(text, small):
    assert read(truck_length=text)[1]["truck_length"].code == "metres"
    assert read(truck_length="13.7 米")[0]["truck_length"] == 13.7


def test_a_thing_is_there_or_not(small):
    assert read(yes="HOTW", no="WC HOTW")[1]["yes"].code == "both"
    assert read(yes="HOTW GOLD")[1]["yes"].code == "choice"


def test_a_grid_belongs_to_the_town(small):
    assert read(grid="999999001901001")[0]["grid"] == "999999001901001"
    assert read(grid="999999001901001", town="999999101")[1].keys() & {"grid", "town"}
    assert read(grid="nowhere")[1]["grid"].code == "choice"


def test_a_code_has_the_districts_prefix(small):
    assert read(code="sf044")[0]["code"] == "SF044"
    for text in ("44", "YZ044", "SF", "SF1", "SF0000000", "SF04X"):
        assert read(code=text)[1]["code"].code == "code", text


def test_texts_are_cleaned_and_not_too_long(small):
    assert read(name=" 新\0站\t  一 ")[0]["name"] == "新 站 一"
    assert read(name="长" * 61)[1]["name"].inside == {"most": 60}
    assert read(name="\0 ")[1]["name"].code == "needed"
