"""The district's settings: what there is, what each must be, and changing them in the app."""

import json
import tomllib

import pytest

from models import settings
from models._database import writing
from models._trail import Trail
from models.areas import Setting, district
from models.settings import BY_NAME, FACTS, check, complete, flat
from models.values import Malformed
from tests import _crowd
from tests._engines import DISTRICTS


@pytest.fixture
def told():
    return tomllib.loads((DISTRICTS / "999999" / "settings.toml").read_text("utf-8"))


def sent(phone):
    """What the form of the page sends when nobody has typed anything."""
    fields = {f["name"]: f.get("value", "") for f in phone.get("/settings").page.all("input") if "name" in f}
    return {name: value for name, value in fields.items() if name in BY_NAME or name == "seen"}


def lines():
    return [(line.subject, line.what) for line in Trail.select().order_by(Trail.seq)]


def of_settings():
    return [line for line in lines() if line[0].startswith("setting:")]


# What there is.


@pytest.mark.no_database
def test_what_a_folder_leaves_out_is_as_nobody_said(told):
    del told["night"], told["seasons"], told["service_day"]
    whole = check(told)
    assert (whole["night.from_hour"], whole["service_day"], whole["seasons.hot_months"]) == (20, 5, [6, 7, 8])
    assert set(whole) == {fact.name for fact in FACTS}


@pytest.mark.no_database
@pytest.mark.parametrize(
    "name, value, words",
    [
        ("colour", "red", "no such setting"),
        ("night", {"from_hour": 20, "to_hour": 6, "length": 3}, "no such setting"),
        ("night", {"from_hour": 24, "to_hour": 6}, "from 0 to 23"),
        ("night", {"from_hour": 5, "to_hour": 6}, "over midnight"),
        ("night", 5, "no such setting"),
        ("service_day", 31, "from 1 to 28"),
        ("service_day", True, "from 1 to 28"),
        ("service_day", "5", "from 1 to 28"),
        ("name", "", "write something"),
        ("name", "示\n范", "write something"),
        ("name", "长" * 41, "at most 40"),
        ("code", "37081", "right form"),
        ("zone", "Asia/Yanzhou", "no such time zone"),
        ("seasons", {"cold_months": [1, 13], "hot_months": []}, "from 1 to 12"),
        ("seasons", {"cold_months": [1, 1], "hot_months": []}, "each once"),
        ("seasons", {"cold_months": [1], "hot_months": [1, 6]}, "not both"),
        ("centre", {"lat": 110.5, "lng": 30.5}, "from -90 to 90"),
        ("centre", {"lat": 35.5, "lng": 116.8}, "inside the edges"),
        ("box", {"south": 30.7, "north": 30.3, "west": 110.2, "east": 110.8}, "north of south"),
        ("as_of", "2024-09-19", "no such setting"),
        ("base_visits", {"n": 5, "as_of": "yesterday"}, "2024-12-31"),
        ("base_visits", {"n": 5}, "go together"),
        ("filters", [{"key": "hot"}], "needs key"),
    ],
)
def test_one_that_cannot_be_is_refused_with_a_sentence(name, value, words, told):
    with pytest.raises(Malformed, match=words) as no:
        check(told | {name: value})
    assert no.value.name.partition(".")[0] in (name, "centre")


@pytest.mark.no_database
@pytest.mark.parametrize("name", ["name", "code", "title", "station_prefix"])
def test_what_nobody_can_guess_must_be_said(name, told):
    del told[name]
    with pytest.raises(Malformed, match="missing"):
        check(told)


@pytest.mark.no_database
def test_every_default_is_one_that_can_be_and_shows_as_it_is_read():
    for fact in FACTS:
        if fact.default is not None:
            assert fact.kind.fits(fact.default), fact.name
            if not fact.fixed:
                assert fact.kind.read(fact.kind.show(fact.default)) == fact.default, fact.name


@pytest.mark.no_database
def test_what_is_flat_becomes_whole_again(told):
    assert settings.nested(flat(told)) == json.loads(json.dumps(told, default=str))
    assert complete(told)["base_visits"] is None
    assert complete(told | {"base_visits": {"n": 3, "as_of": "2023-03-31"}})["base_visits"]["n"] == 3


# Changing them.


def test_the_page_shows_what_is_so(admin):
    texts = sent(admin)
    assert texts["service_day"] == "12" and texts["seasons.hot_months"] == "5 6 7 8 9" and texts["name"] == "示范区"
    assert "code" not in texts and "999999" in admin.get("/settings").page.text, "what is kept depends on it"


def test_a_change_is_kept_shows_and_stands_in_the_trail(admin, ada):
    answer = admin.post("/settings", sent(admin) | {"service_day": "8", "night.to_hour": "4", "name": " 新区 "})
    assert (answer.status_code, answer.location) == (303, "/settings?saved=3")
    here = district()
    assert (here.service_day, here.night, here.name) == (8, {"from_hour": 21, "to_hour": 4}, "新区")
    assert sorted(of_settings()) == [
        ("setting:name", "示范区 → 新区"),
        ("setting:night.to_hour", "5 → 4"),
        ("setting:service_day", "12 → 8"),
    ]
    assert "新区" in admin.get("/").page.text, "the pages that were kept are not shown any more"
    assert "记录" in admin.get(answer.location).page.text


def test_what_was_loaded_before_there_were_rules_can_be_put_right_here(admin):
    with writing():
        Setting.put("night", {"from_hour": 5, "to_hour": 6})
        Setting.delete().where(Setting.key == "title_en").execute()
    form = sent(admin)
    assert form["title_en"] == ""
    assert admin.post("/settings", form | {"service_day": "8"}).status_code == 422
    assert admin.post("/settings", form | {"night.from_hour": "22", "title_en": "Nuanyi"}).status_code == 303
    assert district().night == {"from_hour": 22, "to_hour": 6} and district().title_en == "Nuanyi"


def test_sending_it_twice_is_once_and_sending_it_as_it_is_nothing(admin):
    form = sent(admin)
    assert admin.post("/settings", form).status_code == 303 and of_settings() == []
    for _ in range(2):
        assert admin.post("/settings", form | {"service_day": "8"}).status_code == 303
    assert len(of_settings()) == 1


@pytest.mark.parametrize(
    "name, typed",
    [
        ("service_day", "29"),
        ("service_day", "soon"),
        ("service_day", "１２３４５６７８９０１"),
        ("seasons.cold_months", "12 1 2 13"),
        ("seasons.cold_months", "5 6"),
        ("night.to_hour", "23"),
        ("centre.lat", "110.5"),
        ("centre.lat", "nan"),
        ("box.north", "1"),
        ("name", ""),
        ("title", "x\x07y"),
        ("greetings.cold", "冷" * 61),
        ("base_visits.n", "500"),
        ("base_visits.as_of", "2024-13-01"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_changed(name, typed, admin):
    before = Setting.kept()
    answer = admin.post("/settings", sent(admin) | {"brand": "改了", name: typed})
    assert answer.status_code == 422 and Setting.kept() == before and of_settings() == []
    bad = [f for f in answer.page.all("input") if f.get("aria-invalid")]
    assert bad, "it is said where"
    kept = {f["name"]: f.get("value") for f in answer.page.all("input") if "name" in f}
    assert (kept[name], kept["brand"]) == (typed, "改了"), "what was typed stays"


def test_what_another_changed_meanwhile_stays(admin, new_phone, ada):
    other = new_phone().sign_in(ada)
    mine = sent(admin)
    other.post("/settings", sent(other) | {"service_day": "8", "brand": "别人的"})
    assert admin.post("/settings", mine | {"night.to_hour": "4"}).status_code == 303
    assert (district().service_day, district().brand, district().night["to_hour"]) == (8, "别人的", 4)
    answer = admin.post("/settings", mine | {"service_day": "9"})
    assert answer.status_code == 422 and district().service_day == 8
    (bad,) = [f for f in answer.page.all("input") if f.get("aria-invalid")]
    assert bad["name"] == "service_day"
    assert {f["name"]: f.get("value") for f in answer.page.all("input") if "name" in f}["brand"] == "别人的"
    again = {f["name"]: f.get("value", "") for f in answer.page.all("input") if "name" in f}
    assert admin.post("/settings", again).status_code == 303 and district().service_day == 9


def test_two_at_once_one_of_them_wins(town, noon, crowd):
    each = [(day,) for day in (1, 2, 3, 4)]
    became = crowd.do(_crowd.change_service_day_elsewhere, town.url, noon, each=each)
    assert sorted(became) == ["changed", "meanwhile", "meanwhile", "meanwhile"]
    assert len(of_settings()) == 1


@pytest.mark.parametrize("seen", ["", "x", "[]", '{"service_day": 7, "name": null}', "1" * 3000, "[" * 100_000])
def test_a_form_that_does_not_say_what_it_saw_is_compared_with_what_is_so(seen, admin):
    assert admin.post("/settings", sent(admin) | {"seen": seen, "service_day": "8"}).status_code == 303
    assert district().service_day == 8 and len(of_settings()) == 1


def test_what_comes_from_the_folder_alone_is_not_changed_here(admin):
    admin.post("/settings", sent(admin) | {"code": "111111", "zone": "Asia/Tokyo", "demo": "1", "station_prefix": "X"})
    assert (district().code, str(district().zone), district().station_prefix) == ("999999", "Asia/Shanghai", "SF")
    assert of_settings() == [] and "demo" not in Setting.kept()
