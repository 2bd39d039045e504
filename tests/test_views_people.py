"""Signing in and out, 我的, and what somebody chose for their eyes."""

import datetime as dt
import io
import re
from urllib.parse import quote

import pytest

from models import demo
from models._database import Busy, db
from models.passwords import PASSWORDS
from models.people import Person
from models.sessions import Session
from models.visits import Visit
from tests._engines import CAST
from tests._phone import Phone

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
PASSWORD = "warm-rui"


def sign_in(phone, number="13800000001", password=PASSWORD, **more):
    return phone.post("/sign-in", {"phone": number, "password": password, "next": ""} | more)


# It works.


@pytest.mark.parametrize(
    "written",
    [
        "13800000001",
        "138 0000 0001",
        "+86 13800000001",
        "008613800000001",
        "１３８００００００ ０１",
        "138-0000-0001",
        "(138)0000.0001",
    ],
)
def test_the_right_number_and_password_open_however_they_are_written(written, town, phone):
    answer = sign_in(phone, written)
    assert (answer.status_code, answer.location) == (303, "/me/")
    assert "芮一" in phone.get("/me/").page.text


def test_the_sessions_cookie_is_for_us_alone_and_the_tag_is_for_the_page(town, phone):
    cookies = {line.partition("=")[0]: line for line in sign_in(phone).headers.getlist("Set-Cookie")}
    assert set(cookies) == {"sid", "who"}
    for line in cookies.values():
        assert "SameSite=Lax" in line and "Path=/" in line and "Domain" not in line
    assert "HttpOnly" in cookies["sid"] and "HttpOnly" not in cookies["who"]
    assert phone.cookie("who") == town.rui.tag
    assert len(phone.cookie("sid")) == 43


def test_behind_https_they_are_bound_to_the_host_and_to_https(town, real_app):
    phone = Phone(real_app)
    answer = phone.post("/sign-in", {"phone": "13800000001", "password": PASSWORD, "next": ""})
    lines = answer.headers.getlist("Set-Cookie")
    assert any(line.startswith("__Host-sid=") and "HttpOnly" in line for line in lines)
    assert all("Secure" in line and "Path=/" in line and "Domain" not in line for line in lines)


def test_each_sign_in_is_a_new_session(town, phone):
    sign_in(phone)
    first = phone.cookie("sid")
    sign_in(phone)
    assert phone.cookie("sid") != first


def test_a_session_that_somebody_planted_is_not_taken_over(town, phone):
    phone.set("sid", "planted" * 6)
    sign_in(phone)
    assert "planted" not in phone.cookie("sid")


@pytest.mark.parametrize("who, path", [("rui", "/me/"), ("kim", "/desk/"), ("olga", "/dashboard/")])
def test_everybody_arrives_where_they_work(who, path, town, phone):
    number = CAST[who][1]
    assert sign_in(phone, number, f"warm-{who}").location == path


def test_whoever_was_on_the_way_somewhere_arrives_there(town, phone):
    asked = phone.get("/me/visits?page=1")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/me/visits?page%3D1")
    form = phone.get(asked.location).page
    (next,) = {field["value"] for field in form.all("input") if field["name"] == "next" and "id" in field}
    assert sign_in(phone, next=next).location == "/me/visits?page=1"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie: x=1\r\nX: y",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "http:evil.example",
    "/\0",
    " //evil.example",
    "@evil.example",
    "\u2028//evil.example",
    "x" * 10_000,
]


@pytest.mark.parametrize("next", ELSEWHERE)
def test_nobody_is_sent_to_another_host(next, town, phone):
    for answer in (sign_in(phone, next=next), phone.post("/prefs", {"elder": "1", "next": next})):
        assert answer.status_code == 303
        assert answer.location.startswith("/") and not answer.location.startswith(("//", "/\\", "/\t"))
        assert "evil" not in answer.location.partition("?")[0] or answer.location.startswith("/%0d")
        assert "x=1" not in (phone.cookie("x") or "")
    phone.get("/sign-in", query_string={"next": next})


# It does not.


@pytest.mark.parametrize(
    "number, password, words",
    [
        ("", PASSWORD, "手机号"),
        ("13800000001", "", "口令"),
        ("13800000001", "wrong", "对不上"),
        ("13800000009", PASSWORD, "对不上"),
        ("1380000000", PASSWORD, "少了几位"),
        ("12345678901", PASSWORD, "手机号"),
        ("1410123456789", PASSWORD, "手机号"),
        ("05373412345", PASSWORD, "手机号"),
        ("1.38E+10", PASSWORD, "表格"),
        ("13800000001\0", PASSWORD, "手机号"),
        ("🛵" * 11, PASSWORD, "手机号"),
        ("\u202e13800000001", PASSWORD, "手机号"),
        ("1" * 10_000, PASSWORD, "手机号"),
        ("١٣٨٠٠٠٠٠٠٠١", PASSWORD, "手机号"),
        ("<script>alert(1)</script>", PASSWORD, "手机号"),
        ("13800000001", "\0", "对不上"),
        ("13800000001", "🛵", "对不上"),
        ("13800000001", "x" * 10_000, "对不上"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(number, password, words, town, phone):
    answer = sign_in(phone, number, password)
    assert answer.status_code == 422
    assert words in answer.page.text
    (field,) = [field for field in answer.page.all("input") if field["name"] == "phone"]
    assert field["value"] == number or "\0" in number
    assert all(not field.get("value") for field in answer.page.all("input") if field["name"] == "password")
    assert any("aria-invalid" in field for field in answer.page.all("input"))
    assert phone.cookie("sid") is None and not Session.select().exists()


def test_a_wrong_number_and_a_wrong_password_are_told_alike(town, phone):
    assert sign_in(phone, "13800000001", "wrong").page.text == sign_in(phone, "13800000009", "wrong").page.text


def test_when_many_sign_in_at_once_it_is_503_and_the_form_is_kept(town, phone, monkeypatch):
    def busy(*_):
        raise Busy("sign-ins")

    monkeypatch.setattr(PASSWORDS, "right", busy)
    answer = sign_in(phone)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert "13800000001" in [field.get("value") for field in answer.page.all("input") if field["name"] == "phone"]


# The ten.


def test_the_demo_lists_its_ten_and_one_tap_opens(yanzhou, phone):
    page = phone.get("/sign-in").page
    numbers = [button["value"] for button in page.all("button") if button.get("name") == "account"]
    assert numbers == [number for number, *_ in demo.ACCOUNTS]
    for number in numbers:
        assert phone.post("/sign-in", {"account": number, "next": ""}).status_code == 303
        assert Person.by_phone(number).tag == phone.cookie("who")


@pytest.mark.parametrize("account", ["13800000001", "14108120011", "", "x", "\0", "🛵"])
def test_one_tap_is_for_the_ten_alone(account, town, phone):
    answer = phone.post("/sign-in", {"account": account})
    assert answer.status_code == 303 and phone.cookie("sid") is None


def test_without_the_demo_there_is_no_tap_and_no_list(yanzhou, real_app):
    """Even if somebody brought a demo's database along."""
    phone = Phone(real_app)
    page = phone.get("/sign-in").page
    assert "14108120001" not in page.text and "nuanyi-demo" not in page.text
    answer = phone.post("/sign-in", {"account": "14108120001", "next": ""})
    assert answer.status_code == 422 and "Set-Cookie" not in answer.headers


# Signing out.


def test_signing_out_ends_the_session_on_our_side_too(town, phone, new_phone):
    sign_in(phone)
    token = phone.cookie("sid")
    answer = phone.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/")
    assert phone.cookie("sid") is None and phone.cookie("who") is None
    thief = new_phone().set("sid", token)
    assert thief.get("/me/").status_code == 303
    assert phone.post("/sign-out").status_code == 303  # twice is once


def test_the_device_stays_the_same_device(town, phone):
    phone.set("device", "d" * 32)
    sign_in(phone)
    phone.post("/sign-out")
    assert phone.cookie("device") == "d" * 32


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "0" * 99, "0" * 3000, "é", "\x7f"])
def test_a_made_up_session_is_nobodys(token, town, phone):
    phone.set("sid", token)
    assert phone.get("/me/").status_code == 303
    assert phone.post("/sign-out").status_code == 303


# 我的.


def test_my_visits_are_listed_newest_first_with_their_stations(town, phone):
    phone.sign_in(town.rui)
    for code in ("SF001", "SF002"):
        phone.press(code)
        phone.now += HOUR
    text = phone.get("/me/").page.text
    assert text.index("暖屋站前街") < text.index("春风社区服务站")
    assert "13:00" in text and "12:00" in text


def test_older_ones_are_a_page_away(town, phone):
    for _ in range(23):
        phone.sign_in(town.rui)  # a session lasts a month unused; the visits take longer
        phone.press("SF001")
        phone.now += 5 * HOUR
    assert "/me/visits?page=2" in phone.get("/me/").page.links()
    assert phone.get("/me/visits?page=2").page.text.count("春风社区服务站") == 3
    for nonsense in ("0", "-1", "x", "9" * 30, "\0", "0000001" + "9" * 40):
        assert phone.get(f"/me/visits?page={quote(nonsense)}").status_code == 404


def test_nobody_sees_anothers_visits(town, phone, new_phone):
    phone.sign_in(town.rui).press("SF001")
    assert "春风社区服务站" not in new_phone().sign_in(town.ray).get("/me/").page.text
    assert Visit.select().count() == 1


def test_the_strip_says_who_is_here_in_a_few_bytes(town, phone):
    assert "/sign-in" in phone.get("/me/strip").get_data(as_text=True) or "/me/" in phone.get("/me/strip").get_data(
        as_text=True
    )
    phone.sign_in(town.rui)
    for headers in ({}, {"HX-Request": "true"}):
        answer = phone.ask("GET", "/me/strip", headers=headers)
        text = answer.get_data(as_text=True)
        assert "芮*" in text and "芮一" not in text and len(text) < 300
        assert answer.headers["Cache-Control"] == "no-store"


PERSONAL = ("/me/", "/me/visits", "/me/strip", "/sign-in", "/healthz")


def test_a_personal_page_is_never_kept(town, phone):
    phone.sign_in(town.rui)
    for path in PERSONAL:
        answer = phone.get(path)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store", path
        assert "X-Keep" not in answer.headers and "ETag" not in answer.headers


def test_a_session_is_known_with_one_statement(engine, town, phone):
    phone.sign_in(town.rui)
    phone.get("/me/strip")
    with engine.statements() as told:
        phone.get("/me/strip")
    assert len(told) == 1


# Prefs.


@pytest.mark.parametrize(
    "form, cookie",
    [
        ({"lang": "en"}, "lang=en"),
        ({"lang": "zh_Hans"}, ""),
        ({"look": "dark"}, "look=dark"),
        ({"look": "sharp", "elder": "1", "lite": "1"}, "look=sharp&elder=1&lite=1"),
        ({"place": "999999101"}, "place=999999101"),
        ({"lang": "fr", "look": "pink", "elder": "2", "place": "370812001"}, ""),
        ({"lang": "\0", "look": "🛵", "elder": "yes", "place": "\u202e"}, ""),
        ({"place": "x" * 100_000}, ""),
        ({}, ""),
    ],
)
def test_what_we_know_is_kept_in_the_cookie_and_nothing_else(form, cookie, town, phone):
    answer = phone.post("/prefs", form | {"next": "/stations/?page=1"})
    assert (answer.status_code, answer.location) == (303, "/stations/?page=1")
    assert (phone.cookie("prefs") or "") == cookie


def test_one_choice_leaves_the_others(town, phone):
    phone.set("prefs", "lang=en&elder=1")
    phone.post("/prefs", {"look": "dark", "next": "/"})
    assert phone.cookie("prefs") == "lang=en&look=dark&elder=1"
    phone.post("/prefs", {"elder": "0", "next": "/"})
    assert phone.cookie("prefs") == "lang=en&look=dark"


def test_every_page_speaks_the_chosen_language_and_leads_back_to_itself(town, phone):
    phone.sign_in(town.kim)
    for path in (
        "/",
        "/stations/",
        "/stations/SF001",
        "/s/SF001",
        "/me/",
        "/desk/",
        "/desk/visits",
        "/sign-in",
        "/queue",
        "/nowhere",
    ):
        phone.post("/prefs", {"lang": "zh_Hans"})
        chinese = phone.get(path).page
        (next,) = {f["value"] for f in chinese.all("input") if f.get("name") == "next" and "id" not in f} or {"/"}
        assert next == path or path == "/nowhere", path
        phone.post("/prefs", {"lang": "en", "next": next})
        english = phone.get(path).page
        assert (chinese.all("html")[0]["lang"], english.all("html")[0]["lang"]) == ("zh-CN", "en")
        assert english.text != chinese.text


def test_english_pages_have_no_chinese_left_but_names(yanzhou, new_phone, noon):
    phone = new_phone().set("prefs", "lang=en")
    names = {"中文"}
    for path in (
        "/",
        "/stations/",
        "/stations/YZ023",
        "/s/YZ023",
        "/s/",
        "/queue",
        "/offline",
        "/nowhere",
        "/stations/place",
    ):
        left = set(re.findall(r"[\u3400-\u9fff]+", phone.get(path).page.text)) - names
        assert not left, (path, left)


def test_a_form_of_ten_megabytes_is_413(town, phone):
    for path in ("/prefs", "/sign-in", "/stations/SF001/visits"):
        answer = phone.post(path, {"phone": "x" * 10_000_000})
        assert answer.status_code == 413 and answer.page.text, path
    answer = phone.post("/sync", "[" + "5," * 5_000_000 + "5]", content_type="application/json")
    assert answer.status_code == 413 and answer.json["message"]
    assert db.execute_sql("SELECT count(*) FROM visit").fetchone() == (0,)


def test_a_form_of_a_thousand_fields_is_413(town, phone):
    parts = {f"f{n}": (io.BytesIO(b"x"), "x.txt") for n in range(200)}
    assert phone.post("/prefs", parts, content_type="multipart/form-data").status_code == 413
