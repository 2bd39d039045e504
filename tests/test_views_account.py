"""My account: devices, password, my data and who looked at it, closing; and a form that outlives its session."""

import datetime as dt
import json
import re

import pytest

import views.entry
from models import farewells
from models._database import Busy, writing
from models._trail import Trail
from models.consents import Consent
from models.devices import KnownDevice
from models.outbox import Outbox
from models.passwords import PASSWORDS
from models.people import Employment, Person
from models.sessions import Session, sign_in
from tests._phone import Phone

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def rui(town, phone):
    return phone.sign_in(town.rui)


# My devices.


def test_all_my_devices_are_listed_and_this_one_says_so(town, rui, new_phone):
    new_phone().sign_in(town.rui)
    new_phone().sign_in(town.ray)
    text = rui.get("/me/devices").page.text
    assert text.count("用过") == 2 and text.count("就是这部") == 1


def test_a_lost_phone_is_signed_out_from_another(town, rui, new_phone):
    lost = new_phone().sign_in(town.rui)
    there = Session.of(town.rui, at=lost.now)
    (number,) = [s.id for s in there if s.id != Session.person_of(rui.cookie("sid"), at=rui.now).session_id]
    assert rui.post("/me/devices/end", {"session": number}).location == "/me/devices"
    assert lost.get("/me/").location.startswith("/sign-in")
    assert rui.get("/me/").status_code == 200
    assert rui.post("/me/devices/end", {"session": number}).status_code == 303


def test_nobody_signs_out_somebody_else(town, rui, new_phone):
    other = new_phone().sign_in(town.ray)
    (theirs,) = [s.id for s in Session.of(town.ray, at=rui.now)]
    assert rui.post("/me/devices/end", {"session": theirs}).status_code == 303
    assert other.get("/me/").status_code == 200


@pytest.mark.parametrize("nonsense", ["", "x", "-1", "1.5", "٣", "9" * 40, "1 OR 1=1"])
def test_what_is_no_device_is_not_there(nonsense, rui):
    assert rui.post("/me/devices/end", {"session": nonsense}).status_code == 404


def test_all_others_at_once(town, rui, new_phone):
    others = [new_phone().sign_in(town.rui) for _ in range(3)]
    rui.post("/me/devices/end", {"all": "1"})
    assert [other.get("/me/").status_code for other in others] == [303] * 3
    assert rui.get("/me/").status_code == 200


# My password.


def test_a_new_password_opens_and_the_old_one_no_longer(town, rui):
    assert rui.post("/me/password", {"password": "冬天里的窗户"}).location == "/me/"
    assert sign_in("13800000001", "冬天里的窗户") == town.rui
    assert sign_in("13800000001", "warm-rui") is None
    assert Trail.get().what == "password set"


def test_with_a_new_password_every_other_device_is_signed_out(town, rui, new_phone):
    thief = new_phone().sign_in(town.rui)
    rui.post("/me/password", {"password": "a new password"})
    assert thief.get("/me/").status_code == 303
    assert rui.get("/me/").status_code == 200


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "请填新口令"),
        ("12345", "至少要 6 位"),
        ("123456", "容易被猜到"),
        ("aaaaaaa", "容易被猜到"),
        ("13800000001", "容易被猜到"),
        ("00000001", "容易被猜到"),
        ("Woaini1314", "容易被猜到"),
        ("x" * 201, "最多 200 位"),
    ],
)
def test_a_weak_password_is_refused_with_a_reason_beside_it(password, why, town, rui):
    answer = rui.post("/me/password", {"password": password})
    assert answer.status_code == 422 and why in answer.page.text
    assert sign_in("13800000001", "warm-rui") == town.rui


def test_staff_need_ten_characters(town, phone):
    phone.sign_in(town.kim)
    assert "至少要 10 位" in phone.post("/me/password", {"password": "warm-kim2"}).page.text
    assert phone.post("/me/password", {"password": "warm-kim22"}).status_code == 303


def test_when_many_sign_in_the_form_comes_back_later(rui, monkeypatch):
    def busy(password):
        raise Busy("sign-ins")

    monkeypatch.setattr(PASSWORDS, "hash", busy)
    answer = rui.post("/me/password", {"password": "a new password"}, fails=True)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/me/password", "/me/close"])
def test_a_dangerous_page_wants_a_fresh_proof(path, rui):
    rui.now += 6 * MINUTE
    assert rui.get(path).status_code in (303, 200)
    before = Person.select(Person.state, Person.password_hash).tuples()[:]
    rui.post(path, {"password": "a new password"})
    assert Person.select(Person.state, Person.password_hash).tuples()[:] == before


# My data.


def test_my_data_says_what_is_known(town, rui, noon):
    with writing():
        Employment.put(town.rui, "driver truck", at=noon)
        Consent.give(town.rui, "account", channel="web", at=noon)
    text = rui.get("/me/data").page.text
    for known in ("芮一", "13800000001", "货车", "第 1 版"):
        assert known in text


def test_the_file_holds_the_same_and_is_mine_alone(town, rui):
    answer = rui.get("/me/data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    told = json.loads(answer.get_data(as_text=True))
    assert told["person"][0]["phone"] == "13800000001"
    assert "雷二" not in answer.get_data(as_text=True)


def test_name_and_work_are_corrected(town, rui):
    assert rui.post("/me/data/edit", {"name": " 芮  壹 ", "industry": "driver ride"}).location == "/me/data"
    assert Person.get_by_id(town.rui.id).name == "芮 壹"
    assert Employment.now(town.rui).sub_kind == "ride"
    assert [line.what for line in Trail.select()] == ["name corrected"]


def test_who_has_not_said_what_they_work_in_is_asked_and_nothing_is_guessed(town, rui):
    Employment.delete().execute()
    text = rui.get("/me/data/edit").get_data(as_text=True)
    assert re.search(r'<option[^>]*value=""', text) and "请选" in text
    assert "从列表里选" in rui.post("/me/data/edit", {"name": "芮一", "industry": ""}).page.text
    rui.post("/me/data/edit", {"name": "芮一", "industry": "food"})
    assert 'value=""' not in re.search(r"<select.*?</select>", rui.get("/me/data/edit").get_data(as_text=True), re.S)[0]


def test_correcting_twice_is_once(town, rui):
    for _ in range(2):
        rui.post("/me/data/edit", {"name": "芮壹", "industry": "food"})
    assert Employment.select().count() == 1 and Trail.select().count() == 1


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": "", "industry": "food"}, "请填姓名"),
        ({"name": "  ", "industry": "food"}, "请填姓名"),
        ({"name": "长" * 31, "industry": "food"}, "超过 30 个字"),
        ({"name": "芮\x07一", "industry": "food"}, "存不了的符号"),
        ({"name": "芮一", "industry": "pilot"}, "从列表里选"),
        ({"name": "芮一"}, "从列表里选"),
        ({"name": "芮一", "industry": "driver"}, "从列表里选"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_a_reason(form, why, town, rui):
    answer = rui.post("/me/data/edit", form)
    assert answer.status_code == 422 and why in answer.page.text
    assert Person.get_by_id(town.rui.id).name == "芮一"


def test_who_looked_at_my_data(town, rui, noon):
    assert "还没有人看过" in rui.get("/me/seen").page.text
    with writing():
        Trail.note("seen", by=town.kim, subject=f"person:{town.rui.ref}", what="phone number", at=noon)
        Trail.note("seen", by=town.kim, subject=f"person:{town.ray.ref}", what="phone number", at=noon)
        Trail.note("changed", by=town.kim, subject=f"person:{town.rui.ref}", what="poster", at=noon)
    text = rui.get("/me/seen").page.text
    assert text.count("12:00") == 1 and "站长" in text and "金三" not in text


# Closing.


def test_closing_takes_the_account_away_and_signs_out(town, rui, new_phone):
    other = new_phone().sign_in(town.rui)
    answer = rui.post("/me/close")
    assert answer.status_code == 200 and "7 天内" in answer.page.text
    assert rui.cookie("sid") is rui.cookie("who") is None
    assert other.get("/me/").status_code == 303
    assert Person.get_by_id(town.rui.id).state == "closed"


def test_looking_at_the_page_closes_nothing(town, rui):
    assert "先留着" in rui.get("/me/close").page.text
    assert Person.get_by_id(town.rui.id).state == "confirmed"


# A session that ends in the middle of a form.


def test_what_was_typed_is_carried_through_the_sign_in(town, rui):
    rui.set("sid", "")
    answer = rui.post("/me/data/edit", {"name": "芮壹", "industry": "food"})
    assert answer.status_code == 401 and "什么都" in answer.page.text
    carry = carried(answer)
    assert carry == ["/me/data/edit", [["name", "芮壹"], ["industry", "food"]]]
    answer = rui.post("/sign-in", {"phone": "", "next": "", "carry": json.dumps(carry), "way": "password"})
    assert carried(answer) == carry
    answer = rui.post(
        "/sign-in/password", {"phone": "13800000001", "password": "warm-rui", "next": "", "carry": json.dumps(carry)}
    )
    assert answer.status_code == 200 and 'action="/me/data/edit"' in answer.get_data(as_text=True)
    rui.post("/me/data/edit", {"name": "芮壹", "industry": "food"})
    assert Person.get_by_id(town.rui.id).name == "芮壹"


def test_a_wrong_password_loses_nothing_of_it(town, phone):
    carry = json.dumps(["/me/data/edit", [["name", "芮壹"]]])
    answer = phone.post("/sign-in/password", {"phone": "13800000001", "password": "wrong", "carry": carry})
    assert answer.status_code == 422 and carried(answer) == json.loads(carry)


def test_a_password_is_never_carried(town, rui):
    rui.set("sid", "")
    answer = rui.post("/me/password", {"password": "secret winter"})
    assert "secret winter" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "carry",
    ["", "x", "[]", "[1,2]", '["//evil.example",[]]', '["https://evil.example",[]]', '["/me/",[["a"]]]', "[" * 9000],
)
def test_what_no_page_of_ours_carried_is_dropped(carry, town, phone):
    answer = phone.post("/sign-in/password", {"phone": "13800000001", "password": "warm-rui", "carry": carry})
    assert (answer.status_code, answer.location) == (303, "/me/")


def carried(answer):
    """What the page's form carries, as it stands in its hidden field."""
    found = re.search(r'name="carry"[^>]* value="([^"]*)"', answer.get_data(as_text=True))
    return json.loads(found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&"))


def test_behind_https_closing_takes_the_bound_cookie_too(town, real_app):
    phone = Phone(real_app).sign_in(town.rui)
    gone = " ".join(phone.post("/me/close").headers.getlist("Set-Cookie"))
    assert "__Host-sid=;" in gone and "who=;" in gone
    assert Person.get_by_id(town.rui.id).state == "closed" and DAY


def test_the_one_button_says_so_when_it_closes_the_account(town, rui):
    Session.end_all(town.rui)
    (carry,) = {f["value"] for f in rui.post("/me/close", {"": ""}).page.all("input") if f.get("name") == "carry"}
    page = rui.post("/sign-in/password", {"phone": "13800000001", "password": "warm-rui", "carry": carry}).page
    assert "点一下就注销账号" in page.text and [
        f["action"] for f in page.all("form") if "prefs" not in f["action"]
    ] == ["/me/close"]


def test_half_a_character_in_what_is_carried_is_dropped(town, phone):
    form = {"phone": "13800000001", "password": "warm-rui", "carry": '["/me/data/edit",[["name","\\ud800"]]]'}
    assert phone.post("/sign-in/password", form).location == "/me/"


def test_nobody_sends_what_somebody_else_typed_before_them(town, rui):
    Session.end_all(town.rui)
    carry = rui.post("/me/data/edit", {"name": "芮芮"}).page
    (typed,) = {field["value"] for field in carry.all("input") if field.get("name") == "carry"}
    form = {"phone": "13800000002", "password": "warm-ray", "carry": typed}
    assert rui.post("/sign-in/password", form).location == "/me/"
    assert "雷二" in rui.get("/me/").page.text


def test_an_account_closed_at_the_moment_of_signing_in_is_not_signed_in(town, phone, monkeypatch):
    right = views.entry.entry.by_password

    def closed_then(*given, **more):
        person = right(*given, **more)
        farewells.close(person, at=phone.now)
        return person

    monkeypatch.setattr(views.entry.entry, "by_password", closed_then)
    answer = phone.post("/sign-in/password", {"phone": "13800000001", "password": "warm-rui"})
    assert answer.location == "/sign-in" and phone.cookie(phone.app.sid) is None


def test_nothing_is_put_back_into_an_account_closed_at_that_moment(town, rui, monkeypatch):
    made = PASSWORDS.hash

    def closed_then(password):
        farewells.close(town.rui, at=rui.now)
        return made(password)

    monkeypatch.setattr(PASSWORDS, "hash", closed_then)
    rui.post("/me/password", {"password": "another-word-1"})
    assert Person.get_by_id(town.rui.id).password_hash is None


def code_of(phone):
    """The code that is on its way to a number, as the message says it."""
    return re.search(r"\d{6}", Outbox.select().order_by(Outbox.id.desc()).get().text)[0]


def test_a_closed_account_comes_back_by_signing_in(town, rui, new_phone):
    rui.post("/me/close")
    anew = new_phone()
    anew.now += DAY
    anew.post("/sign-in", {"phone": "13800000001", "next": ""})
    answer = anew.post("/sign-in", {"phone": "13800000001", "asked": "1", "code": code_of(anew)})
    assert "找回来" in answer.page.text
    proof = re.search(r'name="proof" value="([^"]+)"', answer.get_data(as_text=True))[1]
    form = {"phone": "13800000001", "proof": proof, "back": "yes"}
    assert anew.post("/sign-in", form | {"proof": "x" * 32}).status_code == 422
    assert anew.post("/sign-in", form).location == "/me/"
    assert "芮一" in anew.get("/me/").page.text


def test_or_somebody_begins_anew(town, rui, new_phone):
    rui.post("/me/close")
    anew = new_phone()
    anew.post("/sign-in", {"phone": "13800000001", "next": ""})
    answer = anew.post("/sign-in", {"phone": "13800000001", "asked": "1", "code": code_of(anew)})
    proof = re.search(r'name="proof" value="([^"]+)"', answer.get_data(as_text=True))[1]
    answer = anew.post("/sign-in", {"phone": "13800000001", "proof": proof, "back": "no"})
    assert answer.status_code == 200 and 'action="/register"' in answer.get_data(as_text=True)
    assert Person.get_by_id(town.rui.id).state == "closed"


@pytest.mark.parametrize("act", [("/me/devices/end", {"all": "1"}), ("/me/password", {"password": "a new winter"})])
def test_signed_out_devices_are_strangers_from_then_on(act, town, rui, new_phone):
    with writing():
        for device in ("a" * 32, "b" * 32):
            KnownDevice.remember(town.rui, device, at=rui.now)
    rui.set("device", "a" * 32).post(*act)
    assert [KnownDevice.has("13800000001", device) for device in ("a" * 32, "b" * 32)] == [True, False]


def test_a_search_of_the_trail_about_me_is_told_in_words(town, rui, noon):
    with writing():
        what = f"searched the trail, about person:{town.rui.ref}, by {town.ray.ref}"
        Trail.note("seen", by=town.olga, subject=f"person:{town.rui.ref}", what=what, at=noon)
    text = rui.get("/me/seen").page.text
    assert "查了操作记录" in text and town.ray.ref not in text
