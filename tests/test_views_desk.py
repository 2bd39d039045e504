"""The keeper's five minutes on the page: morning, tally, faults, supplies, loans, the monthly look; and the town's list."""

import datetime as dt
import re

import pytest

from models import board, faults, openings, supplies, tally
from models._database import writing
from models.days import StationDay
from models.inspections import Inspection
from models.people import RoleGrant
from models.stations import PosterToken, StationAmenity
from models.supplies import Loan, Supply
from models.visits import Visit
from tests._cards import with_phone
from tests._engines import NOON

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY = dt.date(2024, 9, 19)


@pytest.fixture
def kim(town, new_phone):
    return new_phone().sign_in(town.kim)


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


@pytest.fixture
def hot(town):
    with writing():
        StationAmenity.delete().where(StationAmenity.station == town.spring, StationAmenity.amenity == "HOTW").execute()
        StationAmenity.create(station=town.spring, amenity="HOTW", has=True)
    return town.spring


def post(who, path, **fields):
    return who.post(path, data={"station": "SF001"} | fields)


# Whose desk.


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/desk/day", {}),
        ("/desk/change", {"what": "closed", "why": "停电"}),
        ("/desk/tally", {"hour": "9", "n": "1", "client_id": "x"}),
        ("/desk/tally/correction", {"hour": "9", "was": "0", "should": "3", "why": "x"}),
        ("/desk/note", {"phone": "13800000001", "client_id": "x"}),
        ("/desk/note/card", {"code": "", "client_id": "x"}),
        ("/desk/kiosks", {"name": "柜台"}),
        ("/desk/things", {"what": "HOTW", "state": "broken"}),
        ("/desk/supplies", {"name": "暖宝宝"}),
        ("/desk/loans", {"number": "7"}),
        ("/desk/inspection", {}),
        ("/desk/poster", {"version": "1"}),
    ],
)
def test_another_keepers_station_is_not_there(path, fields, town, kim, olga):
    before = PosterToken.current(town.street).token
    assert kim.post(path, data=fields | {"station": "SF002"}).status_code == 404
    assert olga.post(path, data=fields | {"station": "SF002"}).status_code == 403
    assert not Visit.select().exists() and not StationDay.select().exists() and not Supply.select().exists()
    assert PosterToken.current(town.street).token == before


# The morning.


def test_one_tap_says_that_it_is_open(town, kim):
    assert "还没确认" in kim.get("/desk/").page.text
    for _ in range(2):
        assert post(kim, "/desk/day").status_code == 303
    assert "已确认" in kim.get("/desk/").page.text and "还没确认" not in kim.get("/desk/").page.text
    assert StationDay.select().count() == 1


def test_what_is_different_is_an_exception_with_its_reason(town, kim):
    answer = post(kim, "/desk/change", what="closed", why="停电了")
    assert answer.status_code == 303
    (said,) = openings.hours_of(town.spring, NOON).exceptions
    assert (said.first, said.last, said.why) == (TODAY, TODAY, "停电了")
    assert StationDay.get().state == "changed"
    assert "停电了" in kim.get("/desk/change?station=SF001").page.text
    for _ in range(2):
        assert post(kim, f"/desk/change/{said.id}/end").status_code == 303
    assert not openings.hours_of(town.spring, NOON).exceptions and StationDay.get().state == "open"


def test_other_hours_until_a_day(town, kim):
    fields = {"what": "hours", "opens": "10:00", "closes": "15:00", "until": "2024-09-21", "why": "培训"}
    assert post(kim, "/desk/change", **fields).status_code == 303
    (said,) = openings.hours_of(town.spring, NOON).exceptions
    assert (said.last, said.times) == (dt.date(2024, 9, 21), "10:00-15:00")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"what": "closed", "why": ""}, "几个字"),
        ({"what": "hours", "opens": "25:00", "closes": "15:00", "why": "x"}, "没有这个"),
        ({"what": "hours", "opens": "15:00", "closes": "10:00", "why": "x"}, "次日"),
        ({"what": "closed", "until": "2024-09-01", "why": "x"}, "先"),
        ({"what": "closed", "until": "2034-09-01", "why": "x"}, "一年"),
    ],
)
def test_a_change_that_makes_no_sense_comes_back_with_what_was_typed(fields, sentence, town, kim):
    answer = post(kim, "/desk/change", **fields)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert 'class="field bad"' in text and not StationDay.select().exists()
    if fields["why"]:
        assert f'value="{fields["why"]}"' in text


# The tally.


def client_id(answer):
    return re.search(r'name="client_id" value="(\w+)"', answer.get_data(as_text=True))[1]


def test_five_came_and_did_not_scan(town, kim):
    id = client_id(kim.get("/desk/"))
    for _ in range(2):  # a double tap, or the form sent again after the network was gone
        assert post(kim, "/desk/tally", hour="12", n="5", client_id=id).status_code == 303
    assert tally.by_hour(town.spring.id, TODAY) == {12: 5}
    text = kim.get("/desk/").page.text
    assert "5 位" in text and client_id(kim.get("/desk/")) != id


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"hour": "12", "n": "-50"}, 422),
        ({"hour": "23", "n": "1"}, 422),
        ({"hour": "x", "n": "1"}, 404),
        ({"hour": "12", "n": "9" * 30}, 404),
        ({}, 404),
    ],
)
def test_a_tally_that_makes_no_sense_is_not_noted(fields, status, town, kim):
    assert post(kim, "/desk/tally", client_id="x", **fields).status_code == status
    assert not Visit.select().exists()


def test_an_hour_is_put_right_with_a_reason(town, kim):
    post(kim, "/desk/tally", hour="9", n="5", client_id="x")
    answer = post(kim, "/desk/tally/correction", hour="9", was="5", should="3", why="数重了")
    assert answer.status_code == 303 and tally.by_hour(town.spring.id, TODAY) == {9: 3}
    assert "数重了" in kim.get("/desk/tally").page.text


@pytest.mark.parametrize(
    ("should", "why", "status"), [("3", "", 422), ("-1", "x", 422), ("abc", "x", 422), ("", "x", 422)]
)
def test_a_correction_without_sense_says_what_is_missing(should, why, status, town, kim):
    post(kim, "/desk/tally", hour="9", n="5", client_id="x")
    answer = post(kim, "/desk/tally/correction", hour="9", was="5", should=should, why=why)
    assert answer.status_code == status and 'class="field bad"' in answer.get_data(as_text=True)
    assert f'value="{should}"' in answer.get_data(as_text=True)
    assert tally.by_hour(town.spring.id, TODAY) == {9: 5}


def test_what_somebody_else_changed_meanwhile_is_shown_first(town, kim):
    post(kim, "/desk/tally", hour="9", n="5", client_id="x")
    answer = post(kim, "/desk/tally/correction", hour="9", was="4", should="3", why="x")
    assert answer.status_code == 409 and 'name="was" value="5"' in answer.get_data(as_text=True)


def test_somebody_is_noted_by_their_number_and_nobody_learns_whose_it_is(town, kim):
    answers = []
    for n, phone in enumerate(("138 0000 0001", "13999999999")):
        went = post(kim, "/desk/note", phone=phone, client_id=f"n{n}")
        assert went.status_code == 303
        answers.append(kim.get(went.headers["Location"]).page.text)
    assert answers[0] == answers[1]
    assert [row.actor for row in Visit.select().order_by(Visit.id)] == [town.rui.id, None]


def test_a_number_with_a_digit_missing_comes_back(town, kim):
    answer = post(kim, "/desk/note", phone="1380000000", client_id="n")
    assert answer.status_code == 422 and 'value="1380000000"' in answer.get_data(as_text=True)


def test_who_shows_a_card_is_noted_by_it(town, kim):
    _, card = with_phone(town.rui, NOON)
    page = kim.get("/desk/note")
    assert (
        "camera=(self)" in page.headers["Permissions-Policy"]
        and "camera=()" in kim.get("/desk/").headers["Permissions-Policy"]
    )
    went = post(kim, "/desk/note/card", code=f"HTTPS://NUANYI.EXAMPLE/C#{card.payload(NOON)}", client_id="c")
    assert went.status_code == 303 and "记好了" in kim.get(went.headers["Location"]).page.text
    assert [(row.actor, row.evidence) for row in Visit.select()] == [(town.rui.id, 3)]


@pytest.mark.parametrize("code", ["", "6901234567892", "C1" + "0" * 30, "HTTPS://EVIL.EXAMPLE/PAY", "暖" * 900])
def test_a_card_that_cannot_be_taken_is_said_so_and_the_scanner_goes_on(code, town, kim):
    answer = post(kim, "/desk/note/card", code=code, client_id="c")
    assert answer.status_code == 409 and "open" in answer.page.all("code-scanner")[0]
    assert any("role" in told for told in answer.page.all("p")) and Visit.select().count() == 0


# The board.


def test_who_types_the_digits_has_been_there(town, kim, new_phone):
    digits = board.digits(town.spring.id, TODAY)
    assert digits in kim.get("/desk/").page.text
    answer = new_phone().set("device", "d" * 32).press("SF001", client_id="x", digits=f" {digits}")
    assert answer.status_code == 201 and Visit.get().evidence == 2


def test_wrong_digits_count_all_the_same(town, new_phone):
    wrong = f"{(int(board.digits(town.spring.id, TODAY)) + 1) % 100:02}"
    answer = new_phone().set("device", "d" * 32).press("SF001", client_id="x", digits=wrong)
    assert answer.status_code == 201 and "照样" in answer.page.text
    assert Visit.get().evidence == 0


def test_the_digits_of_the_day_on_which_it_happened_count_in_the_queue(town, phone):
    yesterday = NOON - DAY
    item = {"v": 1, "kind": "visit", "client_id": "q", "place": "SF001", "via": "", "who": ""}
    item |= {"at": yesterday.isoformat(), "digits": board.digits(town.spring.id, yesterday.date())}
    assert phone.set("device", "d" * 32).post("/sync", json=[item]).json[0]["result"] == "accepted"
    assert Visit.get().evidence == 2


def test_a_code_scanned_before_it_was_replaced_proves_the_place(town, phone, kim):
    old = PosterToken.current(town.spring).token
    kim.now += HOUR
    assert post(kim, "/desk/poster", version="1").status_code == 303
    assert PosterToken.current(town.spring).token != old
    phone.now = kim.now + HOUR
    phone.set("device", "d" * 32)
    early, late = ((kim.now + n * HOUR).isoformat() for n in (-24, 0.5))
    item = {"v": 1, "kind": "visit", "place": old, "via": old, "who": ""}
    answers = phone.post("/sync", json=[item | {"client_id": "a", "at": early}, item | {"client_id": "b", "at": late}])
    assert [one["result"] for one in answers.json] == ["accepted", "accepted"]
    assert [row.evidence for row in Visit.select().order_by(Visit.at)] == [1, 0]
    assert "旧" in answers.json[1]["message"]


def test_two_presses_make_one_new_code(town, kim):
    for _ in range(2):
        post(kim, "/desk/poster", version="1")
    assert PosterToken.current(town.spring).version == 2


# What breaks.


def test_a_keeper_takes_a_broken_thing_off_and_puts_it_back(town, hot, kim):
    for _ in range(2):
        assert post(kim, "/desk/things", what="HOTW", state="broken").status_code == 303
    assert "坏了" in kim.get("/desk/things").page.text and faults.of(hot.id, "HOTW").broken
    for _ in range(2):
        assert post(kim, "/desk/things", what="HOTW", state="works").status_code == 303
    assert faults.of(hot.id, "HOTW") is None
    assert post(kim, "/desk/things", what="NOPE", state="broken").status_code == 404


def test_what_partners_said_stands_on_the_desk_with_its_clock(town, hot, kim):
    for n in range(3):
        faults.report(hot, faults.LOCKED, actor=-1 - n, at=kim.now)
    text = kim.get("/desk/").page.text
    assert "3 位伙伴说" in text and "锁" in text
    kim.now += 3 * HOUR
    assert "等了很久" in kim.get("/desk/").page.text


# Supplies, loans.


def test_what_runs_low_is_asked_for_and_the_town_answers(town, kim, olga):
    post(kim, "/desk/supplies", name="暖宝宝")
    patches = Supply.get()
    for _ in range(2):
        assert post(kim, f"/desk/supplies/{patches.id}", move="ask").status_code == 303
    page = olga.get("/upkeep/supplies").page.text
    assert "暖宝宝" in page and "春风社区服务站" in page
    assert olga.post(f"/upkeep/supplies/{patches.id}", data={"move": "decline", "answer": ""}).status_code == 422
    for _ in range(2):
        answer = olga.post(f"/upkeep/supplies/{patches.id}", data={"move": "promise", "answer": "明天送到"})
        assert answer.status_code == 303
    assert "明天送到" in kim.get("/desk/").page.text
    post(kim, f"/desk/supplies/{patches.id}", move="fill")
    assert Supply.get().state == supplies.ENOUGH


def test_another_stations_supply_is_not_there(town, kim):
    other = supplies.keep(town.street, "暖宝宝", None, by=town.lee, at=NOON)
    assert post(kim, f"/desk/supplies/{other.id}", move="drop").status_code == 404
    assert post(kim, f"/desk/supplies/{other.id}", move="promise").status_code == 404


def test_a_power_bank_goes_out_once_and_comes_back(town, kim):
    assert post(kim, "/desk/loans", number="7", hint="蓝衣服").status_code == 303
    answer = post(kim, "/desk/loans", number="7", hint="")
    assert answer.status_code == 409 and 'class="field bad"' in answer.get_data(as_text=True)
    for _ in range(2):
        assert post(kim, f"/desk/loans/{Loan.get().id}/return").status_code == 303
    assert "蓝衣服" not in kim.get("/desk/loans").page.text


# The monthly look.


def test_the_monthly_look_has_a_score_and_the_town_sees_it(town, hot, kim, olga):
    assert "还没" in kim.get("/desk/inspection").page.text
    for _ in range(2):
        assert post(kim, "/desk/inspection", failed=["SIGN", "HOTW"], note="牌子掉了").status_code == 303
    (made,) = Inspection.select()
    assert str(made.score) in kim.get("/desk/inspection").page.text
    assert "春风社区服务站" in olga.get("/upkeep/inspected").page.text
    assert "牌子掉了" in olga.get("/upkeep/inspected").page.text
    assert "春风社区服务站" not in olga.get("/upkeep/uninspected").page.text


# The town.


def test_a_station_that_said_nothing_by_half_past_nine_stands_on_the_towns_list(town, kim, olga):
    openings.set_hours(town.spring, "24h", by=town.olga, at=NOON)
    olga.now = NOON.replace(hour=9, minute=29)
    openings.renew(town.spring, olga.now)
    assert "春风社区服务站" not in olga.get("/upkeep/unconfirmed").page.text
    olga.now = NOON.replace(hour=9, minute=30)
    assert "春风社区服务站" in olga.get("/upkeep/unconfirmed").page.text
    post(kim, "/desk/day")
    assert "春风社区服务站" not in olga.get("/upkeep/unconfirmed").page.text
    olga.now = NOON
    silent = olga.get("/upkeep/silent").page.text
    assert "春风社区服务站" not in silent and len(re.findall("SF00", olga.get("/upkeep/silent").get_data(as_text=True)))


def test_a_town_sees_its_own_stations_alone(town, new_phone):
    with writing():
        RoleGrant.create(person=town.ray, role="town_officer", scope=town.spring.town_id)
    ray = new_phone().sign_in(town.ray)
    elsewhere = next(s for s in (town.street, town.fuel) if s.town_id != town.spring.town_id)
    text = ray.get("/upkeep/silent").page.text
    assert town.spring.name in text and elsewhere.name not in text
    asked = supplies.keep(elsewhere, "暖宝宝", None, by=town.lee, at=NOON)
    supplies.move(asked, "ask", by=town.lee, at=NOON)
    assert "暖宝宝" not in ray.get("/upkeep/supplies").page.text
    assert ray.post(f"/upkeep/supplies/{asked.id}", data={"move": "promise"}).status_code == 404
    assert ray.get("/upkeep/nonsense").status_code == 404


def test_a_keeper_invites_a_second_keeper(town, kim):
    assert kim.post("/me/handover", data={"post": "keeper SF001", "beside": "1"}).status_code == 201
    assert kim.post("/me/handover", data={"post": "keeper SF002", "beside": "1"}).status_code == 404
