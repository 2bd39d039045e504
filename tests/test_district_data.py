"""What a district's folder must hold: the demo district, and the one that does not exist."""

import csv
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.areas import UNIT_KINDS
from models.enterprises import MODES
from models.people import INDUSTRIES

pytestmark = pytest.mark.no_database

DISTRICTS = Path(__file__).parent.parent / "districts"
COLUMNS = {
    "towns": "code name name_en lat lng sort",
    "grids": "code town name name_en",
    "kinds": "code name name_en sort",
    "brands": "code name name_en",
    "groups": "code name name_en sort",
    "amenities": "code name name_en icon group sort lead",
    "units": "code name name_en kind town sort",
    "duties": "unit text text_en sort",
    "stations": "code name name_en kind brand town grid address address_en"
    " landmark landmark_en lat lng coord_src yes no host units hours entry phone truck_length truck_height",
    "enterprises": "code name name_en industry platform mode regulator town staff temporary uscc sort",
    "outlets": "code enterprise name name_en town grid",
    "categories": "code name name_en icon sort",
    "merchants": "code name name_en category town address address_en lat lng coord_src phone uscc hours since",
    "offers": "merchant kind value what what_en least times daily alone service_day",
}
HAN = r"[\u3400-\u9fff]"


def read(folder):
    district = SimpleNamespace(folder=folder)
    district.settings = tomllib.loads((folder / "settings.toml").read_text("utf-8"))
    for name in COLUMNS:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            setattr(district, name, list(csv.DictReader(file, strict=True)))
    return district


CODED = [name for name in COLUMNS if "code " in COLUMNS[name]]


def codes(rows):
    return {row["code"] for row in rows}


def texts(district):
    """Every text that a person reads, with its English: where, Chinese, English."""
    tables = [(name, row) for name in COLUMNS for row in getattr(district, name)]
    tables += [("settings", district.settings), ("greetings", district.settings["greetings"])]
    for name, row in tables:
        for key, english in row.items():
            if key.endswith("_en"):
                yield f"{name}: {row.get('code', row.get('unit', ''))} {key}", row[key[:-3]], english


@pytest.fixture(scope="module")
def yanzhou():
    return read(DISTRICTS / "yanzhou")


@pytest.fixture(scope="module", params=["yanzhou", "999999"])
def district(request):
    return read(DISTRICTS / request.param)


# The demo district has the figures that the district reports.


def test_the_ten_towns_stand_in_the_order_of_the_reports(yanzhou):
    assert [(town["code"], town["name"]) for town in yanzhou.towns] == [
        ("370812001", "鼓楼街道"),
        ("370812003", "龙桥街道"),
        ("370812006", "酒仙桥街道"),
        ("370812007", "兴隆庄街道"),
        ("370812105", "新兖镇"),
        ("370812101", "大安镇"),
        ("370812103", "颜店镇"),
        ("370812102", "新驿镇"),
        ("370812107", "漕河镇"),
        ("370812111", "小孟镇"),
    ]


def test_344_grids_are_split_over_the_towns(yanzhou):
    count = Counter(grid["town"] for grid in yanzhou.grids)
    split = [count[town["code"]] for town in yanzhou.towns]
    assert split == [58, 52, 46, 28, 38, 26, 28, 26, 20, 22]
    assert sum(split) == 344


def test_139_stations_are_split_over_the_towns(yanzhou):
    count = Counter(s["town"] for s in yanzhou.stations if s["kind"] != "centre")
    split = [count[town["code"]] for town in yanzhou.towns]
    assert split == [30, 27, 22, 10, 14, 7, 9, 8, 6, 6]
    assert sum(split) == 139


def test_139_stations_are_split_over_the_kinds(yanzhou):
    called = {kind["code"]: kind["name"] for kind in yanzhou.kinds}
    assert Counter(called[station["kind"]] for station in yanzhou.stations) == {
        "社区党群服务站": 43,
        "银行网点": 24,
        "商超药店": 16,
        "快递网点/配送站": 18,
        "加油站": 12,
        "红帆驿站（工会）": 14,
        "司机之家": 6,
        "公园/城市书房": 5,
        "小哥学院": 1,
        "中心": 1,
    }


def test_the_centre_is_number_000_and_the_stations_are_001_to_139(yanzhou):
    assert [station["code"] for station in yanzhou.stations] == [f"YZ{n:03}" for n in range(140)]
    assert [s["code"] for s in yanzhou.stations if s["kind"] == "centre"] == ["YZ000"]


def test_grids_lie_in_communities_whose_codes_are_nobodys(yanzhou):
    for grid in yanzhou.grids:
        assert re.fullmatch(grid["town"] + r"9(0[1-9]|[1-9]\d)\d{3}", grid["code"])


def test_yz023_is_the_station_that_was_drawn(yanzhou):
    station = next(s for s in yanzhou.stations if s["code"] == "YZ023")
    assert station["name"] == "红帆驿站鼓楼东街"
    assert (station["kind"], station["brand"], station["town"]) == ("union", "hongfan", "370812001")
    assert station["address"] == "鼓楼东街 18 号"
    assert station["landmark"] == "农行往东第二个门，蓝招牌"
    assert station["yes"] == "CHG HOTW WC MW HEAT SEAT MED UMB"
    assert station["no"] == "SWAP SHOWER TRUCK"


def test_at_every_station_one_can_drink_and_sit(yanzhou):
    for station in yanzhou.stations:
        yes = set(station["yes"].split())
        assert "SEAT" in yes and yes & {"WATER", "HOTW"}, station["name"]


def test_a_drivers_home_takes_trucks_and_has_a_shower_and_laundry(yanzhou):
    for station in yanzhou.stations:
        if station["kind"] == "drivers":
            assert {"TRUCK", "SHOWER", "LAUNDRY"} <= set(station["yes"].split())


def test_36_amenities_of_which_four_groups_have_their_share(yanzhou):
    groups = {
        group["name"]: {a["code"] for a in yanzhou.amenities if a["group"] == group["code"]} for group in yanzhou.groups
    }
    assert groups == {
        "医": {"MED", "BP", "AED", "PSY"},
        "食": {"WATER", "HOTW", "MW", "FRIDGE", "MEAL"},
        "驻": {"SEAT", "BED", "AC", "HEAT", "WC", "SHOWER", "LAUNDRY", "WIFI"},
        "行": {"EV", "SWAP", "TOOL", "PUMP", "PARK", "TRUCK", "UMB", "HELMET", "CHG"},
    }
    assert len(yanzhou.amenities) == 36


def test_the_lists_can_be_made_again_byte_for_byte(yanzhou, tmp_path):
    make = [sys.executable, "-B", yanzhou.folder / "make.py", tmp_path]
    subprocess.run(make, check=True, cwd=tmp_path)
    assert {made.name for made in tmp_path.iterdir()} == {f"{name}.csv" for name in COLUMNS}
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (yanzhou.folder / made.name).read_bytes(), made.name


def test_24_units_with_duties_4_committees_7_associations_and_each_towns_office(yanzhou):
    assert Counter(unit["kind"] for unit in yanzhou.units) == {
        "office": 24,
        "committee": 4,
        "association": 7,
        "street": 10,
    }
    with_duties = {duty["unit"] for duty in yanzhou.duties}
    assert {unit["code"] for unit in yanzhou.units if unit["kind"] in ("office", "street")} == with_duties
    assert len([duty for duty in yanzhou.duties if not duty["unit"].startswith("street")]) >= 30
    assert {unit["town"] for unit in yanzhou.units} == codes(yanzhou.towns) | {""}


def test_what_is_invented_says_so(yanzhou):
    assert all(duty["text"].endswith("（演示）") for duty in yanzhou.duties)
    real = ("美团", "饿了么", "京东快递", "顺丰")
    for enterprise in yanzhou.enterprises:
        assert enterprise["platform"] in (*real, "")
        assert enterprise["name"].startswith(real) == bool(enterprise["platform"])
        assert enterprise["platform"] or enterprise["name"].endswith("（演示）")
    assert {enterprise["platform"] for enterprise in yanzhou.enterprises} == {*real, ""}


def test_28_enterprises_by_industry_with_outlets_and_as_many_people_as_the_demo_employs(yanzhou):
    count = Counter(enterprise["industry"] for enterprise in yanzhou.enterprises)
    assert count == {"courier": 11, "food": 4, "driver": 9, "live": 4}
    assert {outlet["enterprise"] for outlet in yanzhou.outlets} == codes(yanzhou.enterprises)
    table = tomllib.loads((yanzhou.folder / "demo.toml").read_text("utf-8"))
    for industry, split in table["riders"].items():
        places = sum(int(e["staff"]) for e in yanzhou.enterprises if e["industry"] == industry)
        assert sum(split) == sum(table["relations"][industry].values())
        assert places == sum(split) - table["relations"][industry].get("own", 0)
    assert sum(map(sum, table["riders"].values())) == 4517
    visits = table["visits"]
    assert sum(visits["months"]) == visits["scan"] + visits["keeper"] + visits["anon"] == 36214


def test_credit_codes_are_right_to_the_last_sign(district):
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    assert len({e["uscc"] for e in district.enterprises}) == len(district.enterprises)
    for code in [e["uscc"] for e in district.enterprises] + ["91350100M000100Y43", "12370812MA00DEM49K"]:
        total = sum(letters.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
        assert code[17] == letters[(31 - total % 31) % 31]
    assert all(e["uscc"].startswith("91" + district.settings["code"]) for e in district.enterprises)


# A district that does not exist comes up from its folder alone.


def test_the_model_district_knows_nothing_of_the_demo_district():
    for path in (DISTRICTS / "999999").iterdir():
        text = path.read_text("utf-8")
        assert not re.search("兖|[Yy]an(zhou|xin)|3708|YZ", text), path.name


def test_the_model_district_is_small():
    model = read(DISTRICTS / "999999")
    assert (len(model.towns), len(model.grids), len(model.stations)) == (2, 3, 3)


# What holds in every district.


@pytest.mark.parametrize("name", COLUMNS)
def test_a_list_is_plain_utf8_with_its_columns(district, name):
    raw = (district.folder / f"{name}.csv").read_bytes()
    assert raw.decode("utf-8").startswith(COLUMNS[name].replace(" ", ",") + "\n")
    assert b"\r" not in raw and raw.endswith(b"\n")
    for row in getattr(district, name):
        assert None not in row and None not in row.values(), row
        assert all(value == value.strip() for value in row.values()), row


@pytest.mark.parametrize("name", CODED)
def test_a_code_and_a_name_stand_once(district, name):
    rows = getattr(district, name)
    for key in ("code", "name", "name_en"):
        assert len({row[key] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", [name for name in CODED if "sort" in COLUMNS[name]])
def test_rows_stand_in_their_order(district, name):
    rows = getattr(district, name)
    assert [row["sort"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]


def test_every_reference_leads_somewhere(district):
    town_of = {grid["code"]: grid["town"] for grid in district.grids}
    assert set(town_of.values()) <= codes(district.towns)
    assert {amenity["group"] for amenity in district.amenities} <= codes(district.groups) | {""}
    for station in district.stations:
        assert station["kind"] in codes(district.kinds)
        assert station["brand"] in codes(district.brands) | {""}
        assert town_of[station["grid"]] == station["town"]
        assert station["host"] in codes(district.units)
        assert set(station["units"].split()) <= codes(district.units) - {station["host"]}
    for unit in district.units:
        assert unit["kind"] in UNIT_KINDS and unit["town"] in codes(district.towns) | {""}
    assert {duty["unit"] for duty in district.duties} <= codes(district.units)
    for enterprise in district.enterprises:
        assert enterprise["industry"] in INDUSTRIES and enterprise["mode"] in MODES
        assert enterprise["regulator"] in codes(district.units) and enterprise["town"] in codes(district.towns)
    for outlet in district.outlets:
        assert outlet["enterprise"] in codes(district.enterprises) and town_of[outlet["grid"]] == outlet["town"]


def test_towns_and_grids_lie_in_the_district(district):
    for row in district.towns + district.grids:
        assert row["code"].startswith(district.settings["code"])


def test_a_stations_code_fits_on_a_poster(district):
    for station in district.stations:
        assert re.fullmatch(district.settings["station_prefix"] + r"\d{3}", station["code"])


def test_a_branded_station_carries_the_brand_in_its_name(district):
    for brand in district.brands:
        for station in district.stations:
            assert (station["brand"] == brand["code"]) == (brand["name"] in station["name"])


def test_two_stations_never_share_an_address_or_a_position(district):
    for keys in ("town", "address"), ("lat", "lng"):
        places = [tuple(station[key] for key in keys) for station in district.stations]
        assert len(set(places)) == len(places)


def test_positions_lie_in_the_district_to_six_decimals(district):
    box = district.settings["box"]
    for row in district.towns + district.stations:
        assert re.fullmatch(r"\d+\.\d{6}", row["lat"]) and re.fullmatch(r"\d+\.\d{6}", row["lng"])
        assert box["south"] < float(row["lat"]) < box["north"], row["name"]
        assert box["west"] < float(row["lng"]) < box["east"], row["name"]
    for station in district.stations:
        assert station["coord_src"] in {"gps", "amap_pick", "baidu_pick", "address"}


def test_amenities_are_known_and_either_there_or_not_or_unknown(district):
    known = codes(district.amenities)
    for station in district.stations:
        yes, no = station["yes"].split(), station["no"].split()
        assert set(yes + no) < known, station["name"]
        assert len(set(yes + no)) == len(yes + no), station["name"]
        assert len(yes) >= 3 and len(no) >= 1, station["name"]


def test_a_few_amenities_lead_in_lists_and_those_have_an_icon(district):
    lead = [amenity for amenity in district.amenities if amenity["lead"] == "1"]
    assert 3 <= len(lead) <= 6
    assert all(amenity["icon"] for amenity in lead)
    for amenity in district.amenities:
        assert amenity["lead"] in {"0", "1"}
        assert re.fullmatch(r"(i-[a-z]+)?", amenity["icon"])


def test_every_text_stands_in_both_languages(district):
    for where, chinese, english in texts(district):
        if not where.endswith(("landmark_en", "what_en")):
            assert chinese, where
        assert bool(english) == bool(chinese), where
        assert not re.search(HAN, english), where


def test_chinese_uses_full_width_punctuation(district):
    for where, chinese, _ in texts(district):
        assert not re.search(HAN + r"\s*[,:;?!()]|[(]" + HAN, chinese), where


def test_between_chinese_and_figures_there_is_air(district):
    for where, chinese, _ in texts(district):
        assert not re.search(rf"{HAN}[0-9A-Za-z]|[0-9A-Za-z]{HAN}", chinese), where


def test_nobody_is_called_by_his_trade(district):
    for where, chinese, _ in texts(district):
        assert not re.search("骑手|小哥", chinese.replace("小哥学院", "")), where


def test_the_settings_of_all_districts_have_the_same_keys_each_with_a_comment(district, yanzhou):
    def keys(table):
        return {key: keys(v) if isinstance(v, dict) else type(v) for key, v in table.items()}

    assert keys(district.settings) == keys(yanzhou.settings)
    paragraphs = (district.folder / "settings.toml").read_text("utf-8").strip().split("\n\n")
    assert all(paragraph.startswith("# ") for paragraph in paragraphs)


def test_the_settings_make_sense(district):
    settings = district.settings
    seasons, night = settings["seasons"], settings["night"]
    assert not set(seasons["cold_months"]) & set(seasons["hot_months"])
    assert set(seasons["cold_months"] + seasons["hot_months"]) <= set(range(1, 13))
    assert 0 <= night["to_hour"] < night["from_hour"] <= 23
    assert 1 <= settings["service_day"] <= 28
    assert settings["box"]["south"] < settings["centre"]["lat"] < settings["box"]["north"]
    assert settings["box"]["west"] < settings["centre"]["lng"] < settings["box"]["east"]
