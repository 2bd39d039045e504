"""The staff's pages about stations: who may, what is kept and what comes back, closing, other hours, the history."""

import datetime as dt
import json
import re

import pytest

from models import faults, openings
from models._database import db, writing
from models._trail import Trail
from models.openings import HoursException
from models.people import Person, RoleGrant
from models.station_changes import close, facts_now
from models.stations import PosterToken, Station, StationAmenity, find_station
from models.visits import Visit
from tests._engines import NOON

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NEW = {
    "name": "新站", "kind": "community", "town": "999999001", "grid": "999999001901001", "address": "新路 1 号",
    "position": "30.5, 110.5", "source": "gps", "hours": "每天 8:00-20:00", "has-HOTW": "yes", "has-CHG": "no",
    "units": "union", "phone": "0537-3412345", "landmark": "红门旁边", "entry": "free",
}  # fmt: skip


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


@pytest.fixture
def tia(town, new_phone):
    """The officer of 甲街道, where `spring` is; `fuel` is in 乙镇."""
    with writing():
        tia = Person.register(name="田六", phone="13800000006", at=NOON)
        RoleGrant.create(person=tia, role="town_officer", scope="999999001")
    return new_phone().sign_in(tia)


def form_of(who, path):
    """What the form on a page would send."""
    page, sent = who.get(path).page, {}
    for field in page.all("input"):
        kind = field.get("type", "text")
        if field.get("name") and (kind not in ("radio", "checkbox") or "checked" in field):
            sent[field["name"]] = field.get("value", "")
    name = ""
    for tag, told in page.tags:
        if tag == "select":
            name = told["name"]
        if tag == "option" and ("selected" in told or name not in sent):
            sent[name] = told["value"]
    text = who.get(path).get_data(as_text=True)
    sent["hours"] = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)[1]
    return {name: value for name, value in sent.items() if name not in ("lang", "next", "look", "elder", "calm")}


def save(who, code, **fields):
    path = f"/stations/{code}/edit"
    return who.post(path, form_of(who, path) | fields)


def rows():
    tables = ("station", "station_amenity", "station_unit", "hours_rule", "hours_exception", "poster_token", "trail")
    return {t: sorted(map(repr, map(tuple, db.execute_sql(f"SELECT * FROM {t}").fetchall()))) for t in tables}


# Who may.

PATHS = ("/stations/all", "/stations/new?town=999999001", "/stations/SF001/edit", "/stations/SF001/closing",
         "/stations/SF001/days", "/stations/SF001/history")  # fmt: skip


def test_keepers_and_riders_have_none_of_it(town, new_phone):
    for person in (town.kim, town.rui):
        phone = new_phone().sign_in(person)
        assert {phone.get(path).status_code for path in PATHS} == {403}
        before = rows()
        for path in PATHS:
            assert phone.post(path.partition("?")[0], NEW).status_code in (403, 405)
        assert rows() == before


def test_a_town_officer_has_the_own_town_and_nothing_else(town, tia):
    assert {tia.get(path).status_code for path in PATHS} == {200}
    listed = tia.get("/stations/all").page.text
    assert "SF001" in listed and "SF003" not in listed
    before, fuel = rows(), town.fuel.code
    for path in PATHS[2:]:
        assert tia.get(path.replace("SF001", fuel)).status_code == 404
        assert tia.post(path.replace("SF001", fuel), NEW | {"why": "x"}).status_code in (404, 405)
    assert tia.get("/stations/all?town=999999101").status_code == 404
    assert tia.post("/stations/new", NEW | {"town": "999999101", "grid": ""}).status_code == 422
    assert rows() == before


def test_a_town_officer_moves_no_station_into_another_town(tia):
    answer = save(tia, "SF001", town="999999101", grid="")
    assert answer.status_code == 422 and "没有“999999101”" in answer.page.text
    assert find_station("SF001").town_id == "999999001"


def test_the_officer_moves_it_and_is_told_that_the_grid_is_of_the_other_town(olga):
    answer = save(olga, "SF001", town="999999101")
    assert answer.status_code == 422 and "不在这个镇街" in answer.page.text
    assert "秋实社区第 1 网格" in answer.page.text
    assert save(olga, "SF001", town="999999101", grid="999999101901001").status_code == 303
    assert find_station("SF001").town_id == "999999101"


# The list.


def test_the_list_finds_by_word_town_and_state(town, olga):
    close(town.spring, "到期", by=None, at=NOON)

    def codes(ask):
        return re.findall(r"/stations/(SF\d+)/edit", olga.get("/stations/all" + ask).get_data(as_text=True))

    assert codes("") == ["SF002", "SF003"] and codes("?state=closed") == ["SF001"]
    assert codes("?q=秋实") == ["SF003"] and codes("?town=999999001") == ["SF002"] and codes("?q=%00zz") == []
    assert codes("?page=2") == []
    for ask in ("?state=x", "?town=x", "?page=x"):
        assert olga.get("/stations/all" + ask).status_code == 404


def test_the_list_has_twenty_to_a_page_and_no_query_for_a_row(engine, yanzhou, new_phone):
    phone = new_phone().sign_in(Person.by_phone("14108120009"))
    told = {}
    for ask in ("", "", "?q=YZ023"):  # the first time once for what is kept until a change
        with engine.statements() as said:
            phone.get("/stations/all" + ask)
        told[ask] = len(said)
    assert told[""] == told["?q=YZ023"]
    assert phone.get("/stations/all").page.text.count("YZ0") == 20
    assert "YZ020" in phone.get("/stations/all?page=2").page.text


# A new one.


def test_a_new_station_is_made_once(town, olga):
    assert "甲街道" in olga.get("/stations/new").page.text
    sent = form_of(olga, "/stations/new?town=999999001") | NEW
    for _ in range(2):
        answer = olga.post("/stations/new", sent)
        assert (answer.status_code, answer.location) == (303, "/stations/SF004/edit?kept=1")
    made = find_station("SF004")
    assert (made.name, made.grid_id, made.phone, made.lat) == ("新站", "999999001901001", "0537-3412345", 30.5)
    assert [a.code for a in made.yes] == ["HOTW"] and [a.code for a in made.no] == ["CHG"]
    assert "新站" in olga.get("/stations/SF004").page.text and "新站" in olga.get("/stations/?q=红门").page.text
    assert olga.get(f"/s/{PosterToken.current(made).token}").status_code == 200


WRONG = {
    "name": ("", "这一项要填"),
    "address": ("长" * 121, "最多 120 个字"),
    "kind": ("gold", "没有“gold”"),
    "code": ("44", "编号是 SF"),
    "grid": ("999999101901001", "不在这个镇街"),
    "position": ("110.5, 30.5", "反"),
    "source": ("", "哪个地图"),
    "phone": ("1.38E+10", "科学计数法"),
    "hours": ("每天 25:00-26:00", "25:00-26:00"),
    "truck_length": ("300", "3 到 25 米"),
    "truck_height": ("-1", "1.5 到 5 米"),
    "entry": ("window", "没有“window”"),
    "units": ("nobody", "没有“nobody”"),
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(field, olga):
    typed, sentence = WRONG[field]
    before = rows()
    answer = olga.post("/stations/new", NEW | {field: typed})
    assert answer.status_code == 422 and rows() == before
    text = answer.get_data(as_text=True)
    beside = re.search(rf'id="{field}-why">.*?</p>', text, re.DOTALL)
    assert beside and sentence in beside[0]
    if field not in ("kind", "grid", "entry", "units", "source", "name"):
        assert typed in text
    for kept in ("新路 1 号", "红门旁边") if field != "address" else ("红门旁边",):
        assert kept in text
    assert next(i for i in answer.page.all("input") if i.get("name") == "has-HOTW" and "checked" in i)["value"] == "yes"


def test_a_swapped_position_is_offered_the_other_way_round(olga):
    answer = olga.post("/stations/new", NEW | {"position": "110.5, 30.5"})
    assert "北纬 30.5、东经 110.5" in answer.page.text
    assert [i for i in answer.page.all("input") if i.get("name") == "swap"]
    assert olga.post("/stations/new", NEW | {"position": "110.5, 30.5", "swap": "1"}).status_code == 303
    assert (find_station("SF004").lat, find_station("SF004").lng) == (30.5, 110.5)


def test_a_place_outside_the_district_goes_through_if_it_is_meant(olga):
    answer = olga.post("/stations/new", NEW | {"position": "39.9, 116.4"})
    assert answer.status_code == 422 and [i for i in answer.page.all("input") if i.get("name") == "sure"]
    assert olga.post("/stations/new", NEW | {"position": "39.9, 116.4", "sure": "1"}).status_code == 303
    assert find_station("SF004").lat == 39.9
    assert save(olga, "SF004", phone="12345").status_code == 303, "it is not asked about again"


def test_a_double_is_said_beside_the_name(olga):
    olga.post("/stations/new", NEW)
    answer = olga.post("/stations/new", NEW | {"phone": ""})
    assert answer.status_code == 422 and "同名" in answer.page.text


# Changes.


def test_saving_what_stands_there_changes_nothing(town, olga):
    for code in ("SF001", "SF002", "SF003"):
        before = rows()
        assert save(olga, code).status_code == 303
        assert rows() == before, code


def test_what_is_changed_is_seen_and_stands_in_the_history(town, olga):
    told = {"name": "春风里", "has-HOTW": "", "hours": "每天 9:00-17:00", "phone": "138 1234 5678", "kind": "fuel"}
    answer = save(olga, "SF001", **told)
    assert (answer.status_code, answer.location) == (303, "/stations/SF001/edit?kept=1")
    assert "春风里" in olga.get("/stations/SF001").page.text
    past = olga.get("/stations/SF001/history").page.text
    for words in ("春风社区服务站 → 春风里", "热水 有 → 不清楚", "社区服务站 → 加油站", "空 → 13812345678", "欧*"):
        assert words in past, words
    assert "一至五 8:00-18:00; 六 9:00-12:00 → 一至日 9:00-17:00" in past
    olga.set("prefs", "lang=en")
    past = olga.get("/stations/SF001/history").page.text
    assert "Hot water is there → not known" in past and "mon-sun 9:00-17:00" in past


def test_an_open_fault_is_said_beside_its_amenity_and_stays_unknown(town, olga):
    faults.report(town.spring, "HOTW", actor=town.rui.id, at=NOON)
    assert "有人报坏" in olga.get("/stations/SF001/edit").page.text
    assert save(olga, "SF001", name="春风里").status_code == 303
    assert not StationAmenity.get_or_none(station=town.spring, amenity="HOTW")


def test_a_new_position_needs_its_map(olga):
    assert save(olga, "SF001", position="30.51, 110.49").status_code == 422
    assert save(olga, "SF001", position="30.51, 110.49", source="tencent").status_code == 303
    assert find_station("SF001").coord_src == "tencent" and find_station("SF001").lat != 30.51


def test_of_two_who_edit_one_station_the_second_is_shown_what_the_first_did(town, olga, tia):
    path = "/stations/SF001/edit"
    mine, theirs = form_of(olga, path), form_of(tia, path)
    assert tia.post(path, theirs | {"phone": "12345", "name": "春风里"}).status_code == 303
    answer = olga.post(path, mine | {"name": "春风园", "landmark": "绿门"})
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "春风里" in answer.page.text and "空 → 12345" in answer.page.text, "what the other did is told"
    assert 'value="春风园"' in text and 'value="绿门"' in text, "what was typed stays"
    assert 'value="12345"' in text, "what was left alone is as the other made it"
    assert find_station("SF001").name == "春风里"
    seen = next(i["value"] for i in answer.page.all("input") if i.get("name") == "seen")
    again = mine | {"name": "春风园", "landmark": "绿门", "phone": "12345", "seen": seen}
    assert olga.post(path, again).status_code == 303
    assert (find_station("SF001").name, find_station("SF001").phone) == ("春风园", "12345")


@pytest.mark.parametrize("seen", ["", "x", "[]", "[" * 100_000, '{"name": 7}', '{"position": "x", "source": "y"}'])
def test_a_broken_seen_breaks_nothing(seen, olga):
    assert save(olga, "SF001", seen=seen, name="春风里").status_code in (303, 409, 422)


def test_nonsense_in_every_field_is_no_accident(olga):
    before = rows()
    for bad in ("\0", "长" * 900, "<script>", "%(x)s", "9" * 400, "{{ 7 }}"):
        names = ("seen", "units", "has-HOTW", "swap", *NEW)
        answer = olga.post("/stations/SF001/edit", dict.fromkeys(names, bad))
        assert answer.status_code in (422, 409)
        assert "<script>" not in answer.get_data(as_text=True).replace("<script src", "").replace("<script defer", "")
    assert rows() == before


# Closing.


def test_a_closed_station_says_so_kindly_and_leads_elsewhere(town, olga, new_phone):
    token = PosterToken.current(town.spring).token
    answer = olga.post("/stations/SF001/closing", {"why": ""})
    assert answer.status_code == 422 and "几个字" in answer.page.text
    for _ in range(2):
        assert olga.post("/stations/SF001/closing", {"why": "房子到期，搬走了"}).status_code == 303
    rider = new_phone()
    for path in ("/stations/SF001", "/s/SF001", f"/S/{token}"):
        page = rider.get(path).page
        assert "2024年9月19日" in page.text and "房子到期，搬走了" in page.text and "秋实路加油站" in page.text, path
        assert not [form for form in page.all("form") if "visits" in form["action"]], path
    assert "春风社区服务站" not in rider.get("/stations/").page.text
    assert "closed" not in olga.get("/stations/all").page.text and "SF001" not in olga.get("/stations/all").page.text
    for _ in range(2):
        assert olga.post("/stations/SF001/closing", {"move": "open"}).status_code == 303
    assert "春风社区服务站" in rider.get("/stations/").page.text
    assert [line.what for line in Trail.about("station:SF001").rows] == ["opened again", "closed: 房子到期，搬走了"]


def test_what_was_pressed_before_the_closing_counts_and_nothing_after_it(town, phone):
    close(town.spring, "到期", by=None, at=NOON - HOUR)

    def item(name, hours):
        at = (NOON - hours * HOUR).isoformat()
        return {"v": 1, "kind": "visit", "client_id": name, "place": "SF001", "via": "", "at": at, "who": ""}

    early, late = phone.sync(item("early", 8), item("late", 0.5)).json
    assert early["result"] == "accepted" and late["result"] == "refused" and "不开" in late["message"]
    answer = phone.press("SF001", client_id="now")
    assert answer.status_code == 409 and "到期" in answer.page.text
    assert phone.press("SF001", client_id="then", at=(NOON - 3 * HOUR).isoformat()).status_code in (200, 201)
    assert {visit.at < NOON - HOUR for visit in Visit.select()} == {True}


def test_a_keeper_keeps_nothing_of_a_closed_station(town, new_phone, olga):
    kim = new_phone().sign_in(town.kim)
    faults.breaks(town.spring, "LOCKED", by=town.kim, at=NOON - DAY)
    assert "春风社区服务站" in olga.get("/upkeep/faults").page.text
    close(town.spring, "到期", by=None, at=NOON)
    assert "春风社区服务站" not in olga.get("/upkeep/faults").page.text
    assert kim.get("/desk/").status_code == 404
    assert kim.post("/desk/day", {"station": "SF001"}).status_code == 404


# Other hours.


def test_days_with_other_hours_are_said_and_taken_back(town, tia):
    told = {"first": "2024-09-19", "last": "2024-09-21", "times": "", "why": "停电"}
    for _ in range(2):
        assert tia.post("/stations/SF001/days", told).status_code == 303
    (made,) = HoursException.select()
    assert "停电" in tia.get("/stations/SF001/days").page.text
    assert not openings.state(town.spring, NOON).is_open
    assert tia.post(f"/stations/SF002/days/{made.id}/end").status_code == 404, "of another station"
    for _ in range(2):
        assert tia.post(f"/stations/SF001/days/{made.id}/end").status_code == 303
    assert openings.state(town.spring, NOON).is_open
    past = tia.get("/stations/SF001/history").page.text
    assert "休、停电" in past and "照常" in past


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [("first", "2024-09-18", "过"), ("last", "2024-09-18", "早"), ("last", "2034-01-01", "一年"), ("why", " ", "几个字"),
     ("times", "25:00-26:00", "没有这个"), ("first", "x", ""), ("first", "", "")],
)  # fmt: skip
def test_days_that_make_no_sense_come_back(field, typed, sentence, olga):
    told = {"first": "2024-09-19", "last": "2024-09-21", "times": "9:00-10:00", "why": "停电"} | {field: typed}
    answer = olga.post("/stations/SF001/days", told)
    assert answer.status_code == 422 and not HoursException.select().exists()
    beside = re.search(rf'id="{field}-why">.*?</p>', answer.get_data(as_text=True), re.DOTALL)
    assert beside and sentence in beside[0]


# The history.


def test_the_history_has_pages_and_reads_what_keepers_did(town, olga, new_phone):
    kim = new_phone().sign_in(town.kim)
    kim.post("/desk/day", {"station": "SF001"})
    faults.breaks(town.spring, "HOTW", by=town.kim, at=NOON)
    faults.breaks(town.spring, "LOCKED", by=town.kim, at=NOON)
    kim.post("/desk/supplies", {"station": "SF001", "name": "手套"})
    kim.post("/desk/inspection", {"station": "SF001", "failed": "HOTW"})
    PosterToken.issue(town.spring, by=town.olga, at=NOON)
    past = olga.get("/stations/SF001/history").page.text
    for words in ("正常开放", "热水 坏了", "手套", "每月", "墙上码 2", "金*", "站长"):
        assert words in past, words
    assert not re.search(r"[a-z]{4}", past.replace("Nuanyi", "").partition("内容")[2].partition("大字")[0]), past
    with writing():
        for n in range(30):
            Trail.note("changed", by=None, subject="station:SF001", what=f"unheard of {n}", at=NOON + DAY)
    page = olga.get("/stations/SF001/history").page
    assert "unheard of 29" in page.text and "系统" in page.text
    assert "?page=2" in " ".join(page.links()) and "坏了" in olga.get("/stations/SF001/history?page=2").page.text


def test_seen_is_what_stood_there(town, olga):
    """What the form carries along is what the station was, read again to the same facts."""
    seen = json.loads(form_of(olga, "/stations/SF001/edit")["seen"])
    assert seen["name"] == "春风社区服务站" and seen["hours"] == "一至五 8:00-18:00; 六 9:00-12:00"
    assert facts_now(town.spring)["name"] == Station.get(code="SF001").name
