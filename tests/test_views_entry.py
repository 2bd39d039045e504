"""Registering, signing in by code or password, a number that changes hands, another number, and signing out."""

import datetime as dt
import re

import pytest

from models import demo, limits
from models._database import Busy, db, writing
from models._trail import Trail
from models.codes import SmsCode
from models.consents import PURPOSES, Consent
from models.devices import KnownDevice
from models.limits import Attempt
from models.outbox import Outbox
from models.passwords import PASSWORDS
from models.people import Employment, Person, RoleGrant
from models.sessions import Session
from models.visits import Visit, VisitHour, VisitMonth, device_actor
from tests import _crowd
from tests._engines import CAST
from tests._phone import Phone
from views._device import caller, device_words, kind_of_device

SECOND, MINUTE, HOUR, DAY = (dt.timedelta(seconds=s) for s in (1, 60, 3600, 86400))
PASSWORD = "warm-rui"
RUI, FRESH = "13800000001", "13900000001"
DEVICE = "d" * 32


def sign_in(phone, number="13800000001", password=PASSWORD, **more):
    return phone.post("/sign-in/password", {"phone": number, "password": password, "next": ""} | more)


# By password: it works.


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
    assert set(cookies) == {"sid", "who", "device"}
    for line in cookies.values():
        assert "SameSite=Lax" in line and "Path=/" in line and "Domain" not in line
    assert "HttpOnly" in cookies["sid"] and "HttpOnly" not in cookies["who"]
    assert phone.cookie("who") == town.rui.tag
    assert len(phone.cookie("sid")) == 43


def test_behind_https_they_are_bound_to_the_host_and_to_https(town, real_app):
    phone = Phone(real_app)
    answer = sign_in(phone)
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
    assert field["value"] == number
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
    assert answer.status_code == 422 and phone.cookie("sid") is None


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


# The code that was sent, and the forms.


def code_sent() -> str:
    """The six digits of the newest message."""
    return re.search(r"\b[0-9]{6}\b", Outbox.select().order_by(Outbox.id.desc()).get().text)[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def enter(phone, number=RUI, code=None, **more):
    """The sign-in page with a number, or with the code besides."""
    step = {} if code is None else {"asked": "1", "code": code}
    return phone.post("/sign-in", {"phone": number, "next": ""} | step | more)


def come_in(phone, number=RUI, **more):
    """Both steps."""
    enter(phone, number)
    return enter(phone, number, code_sent(), **more)


def join(handset, code=None, **more):
    step = {} if code is None else {"asked": "1", "code": code}
    told = {
        "name": "赵新来",
        "phone": FRESH,
        "industry": "driver truck",
        "agree": "y",
        "version": str(PURPOSES["account"][0]),
        "next": "",
    }
    return handset.post("/register", told | step | more)


def joined(handset, **more):
    """Both steps."""
    join(handset, **more)
    return join(handset, code_sent(), **more)


def values(answer, name):
    return [field.get("value", "") for field in answer.page.all("input") if field.get("name") == name]


BAD_NUMBERS = [
    ("", "手机号"),
    ("1380000000", "少了几位"),
    ("12345678901", "手机号"),
    ("05373412345", "手机号"),
    ("1.38E+10", "表格"),
    ("🛵" * 11, "手机号"),
    ("\u202e13800000001", "手机号"),
    ("1" * 10_000, "手机号"),
    ("<script>alert(1)</script>", "手机号"),
]


# By code.


@pytest.mark.parametrize("written", ["13800000001", "+86 138 0000 0001", "１３８０００００００１", "008613800000001"])
def test_number_and_code_open_however_they_are_written(written, town, phone):
    asked = enter(phone, written)
    assert asked.status_code == 200 and values(asked, "phone") == [written]
    code = code_sent()
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in code)
    answer = enter(phone, written, f" {full_width[:3]} {full_width[3:]}")
    assert (answer.status_code, answer.location) == (303, "/me/")
    assert "芮一" in phone.get("/me/").page.text


def test_the_message_is_in_the_persons_language_and_says_how_long(town, phone, new_phone):
    enter(phone)
    assert "验证码" in Outbox.get().text and "10 分钟" in Outbox.get().text
    enter(new_phone().set("prefs", "lang=en"), "13800000002")
    assert "good for 10 minutes" in Outbox.select().order_by(Outbox.id.desc()).get().text


@pytest.mark.parametrize("number, words", BAD_NUMBERS)
def test_no_code_goes_to_what_is_no_number(number, words, town, phone):
    for answer in (enter(phone, number), join(phone, phone=number)):
        assert answer.status_code == 422 and words in answer.page.text
        assert values(answer, "phone") == [number]
    assert not Outbox.select().exists() and not SmsCode.select().exists()


def test_a_known_and_an_unknown_number_are_told_alike(town, new_phone):
    pages = []
    for number in (RUI, FRESH):
        answer = enter(new_phone(), number)
        again = enter(new_phone(), number, "000000")
        pages.append([(a.status_code, a.get_data(as_text=True).replace(number, "…")) for a in (answer, again)])
    assert pages[0] == pages[1]


def test_a_wrong_code_is_said_beside_its_field_and_the_number_is_kept(town, phone):
    enter(phone)
    for code in (wrong(code_sent()), "", "abc", "9" * 10_000):
        answer = enter(phone, code=code)
        assert answer.status_code == 422 and values(answer, "phone") == [RUI] and values(answer, "code") == [""]
        (field,) = [field for field in answer.page.all("input") if field.get("name") == "code"]
        assert field["aria-invalid"] == "true" and field["aria-describedby"] == "code-why"
    assert phone.cookie("sid") is None


def test_a_code_that_is_over_does_not_open(town, phone):
    enter(phone)
    phone.now += 10 * MINUTE
    assert enter(phone, code=code_sent()).status_code == 422


def test_a_code_is_good_on_the_phone_that_asked_for_it(town, phone, new_phone):
    enter(phone)
    assert enter(new_phone(), code=code_sent()).status_code == 422
    assert enter(phone, code=code_sent()).status_code == 303


def test_a_code_is_not_used_twice(town, phone, new_phone):
    come_in(phone)
    code, device = code_sent(), phone.cookie("device")
    later = new_phone().set("device", device)
    later.now += 31 * SECOND
    assert enter(later, code=code).status_code == 422 and later.cookie("sid") is None


def test_a_button_pressed_twice_signs_in_once_more_and_says_nothing_wrong(town, phone):
    assert come_in(phone).status_code == 303
    phone.now += 5 * SECOND
    assert enter(phone, code=code_sent()).status_code == 303
    assert Session.select().count() == 1  # the first ended with the second


def test_another_code_can_be_sent_and_both_open(town, phone):
    enter(phone)
    first = code_sent()
    phone.now += 2 * MINUTE
    answer = enter(phone, code="", again="1")
    assert answer.status_code == 200 and Outbox.select().count() == 2
    assert enter(phone, code=first).status_code == 303


def test_beyond_its_codes_a_number_is_told_so_with_429(town, phone):
    for _ in range(3):
        assert enter(phone).status_code == 200
        phone.now += 2 * MINUTE
    answer = enter(phone)
    assert answer.status_code == 429 and answer.headers["Retry-After"] and "好几次" in answer.page.text
    assert values(answer, "phone") == [RUI]


def test_beyond_the_codes_of_an_address_a_new_phone_is_told_so_and_a_known_one_gets_in(
    town, phone, new_phone, monkeypatch
):
    come_in(phone)
    monkeypatch.setitem(limits.LIMITS, "code address", (1, DAY))
    answer = enter(new_phone(), "13800000002")
    assert answer.status_code == 429 and "换个网络" in answer.page.text
    phone.post("/sign-out")
    phone.now += 2 * MINUTE
    assert come_in(phone).status_code == 303


def test_it_works_for_a_phone_that_keeps_no_script(town, phone):
    """The device's secret comes with the first answer."""
    enter(phone)
    assert re.fullmatch("[0-9a-f]{32}", phone.cookie("device"))
    assert phone.get("/sign-in").page.all("form")


# A session, whichever way one came in.


def test_what_signed_in_is_kept_in_words(town, phone):
    enter(phone)
    agent = "Mozilla/5.0 (Linux; Android 10; V2034A) Chrome/86 Mobile MicroMessenger/8.0.49"
    phone.ask(
        "POST",
        "/sign-in",
        data={"phone": RUI, "asked": "1", "code": code_sent()},
        headers={"Sec-Fetch-Site": "same-origin", "User-Agent": agent},
    )
    assert Session.get().device == "wechat android"


AGENTS = {
    "Mozilla/5.0 (Linux; Android 10; V2034A) Chrome/86 Mobile MicroMessenger/8.0.49": ("wechat android", "微信 · 安卓"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) MicroMessenger/7.0": ("wechat iphone", "微信 · iPhone"),
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1": ("browser harmony", "浏览器 · 鸿蒙"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120": ("browser windows", "浏览器 · Windows"),
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/120": ("browser linux", "浏览器 · Linux"),
    "curl/8": ("browser", "浏览器"),
    "": ("browser", "浏览器"),
    "🛵" * 3000: ("browser", "浏览器"),
}


@pytest.mark.no_database
@pytest.mark.parametrize("agent", AGENTS, ids=range(len(AGENTS)))
def test_a_device_is_kept_in_two_words_and_shown_in_the_viewers(agent, demo_app):
    kind, words = AGENTS[agent]
    with demo_app.test_request_context(headers={"User-Agent": agent.encode().decode("latin-1")}):
        assert (kind_of_device(), device_words(kind)) == (kind, words)
        assert device_words("") == device_words("toaster") == "浏览器"


def test_an_old_session_of_this_phone_ends_whoever_had_it(town, phone, new_phone):
    come_in(phone, "13800000002")
    old = phone.cookie("sid")
    phone.now += 2 * MINUTE
    come_in(phone)
    assert phone.cookie("sid") != old and Session.select().count() == 1
    assert new_phone().set("sid", old).get("/me/").status_code == 303


def test_a_device_that_came_in_is_known_from_then_on(town, phone):
    come_in(phone)
    assert KnownDevice.has(RUI, phone.cookie("device")) and not KnownDevice.has("13800000002", phone.cookie("device"))
    assert KnownDevice.select().count() == 1
    phone.now += HOUR
    sign_in(phone)
    assert KnownDevice.get().at == phone.now


# Wrong passwords.


def test_after_ten_wrong_passwords_a_code_still_opens(town, phone, new_phone):
    thief = new_phone()
    for _ in range(10):
        assert sign_in(thief, password="wrong").status_code == 422
    answer = sign_in(thief)
    assert answer.status_code == 429 and "验证码" in answer.page.text and thief.cookie("sid") is None
    assert come_in(phone).status_code == 303


def test_locked_is_said_alike_for_a_number_that_nobody_has(town, new_phone):
    pages = []
    for number in (RUI, FRESH):
        phone = new_phone()
        told = [sign_in(phone, number, "wrong") for _ in range(11)]
        pages.append([(a.status_code, a.get_data(as_text=True).replace(number, "…")) for a in told])
    assert pages[0] == pages[1]


def test_a_keeper_opens_it_and_is_told_the_same_for_any_number(town, phone, new_phone):
    for _ in range(11):
        sign_in(phone, password="wrong")
    kim, told = new_phone().sign_in(town.kim), []
    for number in (RUI, FRESH):
        answer = kim.post("/desk/locked", {"phone": number})
        assert answer.status_code == 303
        told.append((answer.location, kim.get(answer.location).page.text))
    assert told[0] == told[1]
    assert sign_in(phone).status_code == 303
    known, nobodys = Trail.select().order_by(Trail.seq)
    assert (known.kind, known.actor, known.subject) == ("changed", town.kim.id, f"person:{town.rui.ref}")
    assert nobodys.subject.startswith("number:") and FRESH not in nobodys.subject
    assert kim.post("/desk/locked", {"phone": "1"}).status_code == 422
    assert new_phone().sign_in(town.olga).post("/desk/locked", {"phone": RUI}).status_code == 403


@pytest.mark.no_database
@pytest.mark.parametrize(
    "address, network",
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("", ""),
        ("somewhere", "somewhere"),
    ],
)
def test_who_has_a_whole_ipv6_network_is_one_address(address, network, app):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert caller().address == network


# Registering.


def test_name_number_work_and_consent_on_one_page_and_then_the_code(town, phone):
    page = phone.get("/register").page
    assert {f["name"] for f in page.all("input")} >= {"name", "phone", "agree"}
    (box,) = [field for field in page.all("input") if field["name"] == "agree"]
    assert box["type"] == "checkbox" and "checked" not in box
    assert "我同意" in page.text and "行业" in page.text and "/stations/" in page.links()
    asked = join(phone)
    assert asked.status_code == 200
    assert (values(asked, "name"), values(asked, "phone")) == (["赵新来"], [FRESH])
    assert [o["value"] for o in asked.page.all("option") if "selected" in o] == ["driver truck"]
    assert any("checked" in field for field in asked.page.all("input"))
    assert not Person.select().where(Person.name == "赵新来").exists()
    answer = join(phone, code_sent())
    assert (answer.status_code, answer.location) == (303, "/me/")
    person = Person.by_phone(FRESH)
    assert (person.name, person.phone, person.state) == ("赵新来", FRESH, "confirmed")
    work = Employment.now(person)
    assert (work.industry, work.sub_kind) == ("driver", "truck")
    (consent,) = Consent.of(person)
    assert (consent.purpose, consent.version, consent.given_at) == ("account", PURPOSES["account"][0], phone.now)
    assert phone.cookie("who") == person.tag and "赵新来" in phone.get("/me/").page.text


def test_looking_around_first_keeps_nothing(town, phone):
    phone.get("/register")
    assert phone.get("/stations/").status_code == 200
    assert not any(record.select().exists() for record in (SmsCode, Outbox, Consent, Attempt))


@pytest.mark.parametrize(
    "field, text, words",
    [
        ("name", "", "姓名"),
        ("name", "   ", "姓名"),
        ("name", "x" * 31, "30"),
        ("name", "a\u202eb", "姓名"),
        ("industry", "", "选"),
        ("industry", "driver", "选"),
        ("industry", "driver rocket", "选"),
        ("agree", "", "打个勾"),
        ("version", "0", "再看一遍"),
        ("version", "", "再看一遍"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_sent(field, text, words, town, phone):
    answer = join(phone, **{field: text})
    assert answer.status_code == 422 and words in answer.page.text
    assert values(answer, "phone") == [FRESH] and not Outbox.select().exists()


@pytest.mark.parametrize("guess", ["", "000", "abcdef", "\0", "x" * 10_000])
def test_with_a_wrong_code_nobody_is_registered(guess, town, phone):
    join(phone)
    answer = join(phone, guess)
    assert answer.status_code == 422 and values(answer, "name") == ["赵新来"]
    assert not Person.by_phone(FRESH)


def test_a_code_for_signing_in_does_not_register(town, phone):
    enter(phone, FRESH)
    assert join(phone, code_sent()).status_code == 422


def test_with_a_number_that_has_an_account_one_is_simply_signed_in(town, phone):
    before = {person.id: person.name for person in Person.select()}
    answer = joined(phone, phone=RUI)
    assert (answer.status_code, answer.location) == (303, "/me/") and phone.cookie("who") == town.rui.tag
    assert {person.id: person.name for person in Person.select()} == before
    assert len(Consent.of(town.rui)) == 1
    phone.now += HOUR
    joined(phone, phone=RUI)
    assert len(Consent.of(town.rui)) == 1


def test_somebody_from_a_list_is_confirmed_by_the_own_code(town, phone):
    with writing():
        Person.update(state="pending").where(Person.id == town.rui.id).execute()
    joined(phone, phone=RUI)
    assert Person.get_by_id(town.rui.id).state == "confirmed"


def test_pressed_twice_there_is_one_person(town, phone):
    joined(phone)
    assert join(phone, code_sent()).status_code == 303
    assert Person.select().where(Person.name == "赵新来").count() == 1


def test_who_signs_in_with_a_new_number_is_asked_the_rest_without_a_second_code(town, phone):
    answer = come_in(phone, FRESH, next="/me/visits")
    assert answer.status_code == 200 and values(answer, "phone") == [FRESH]
    (proof,) = values(answer, "proof")
    again = join(phone, name="", proof=proof)
    assert again.status_code == 422 and values(again, "proof") == [proof]
    answer = join(phone, proof=proof, next="/me/visits")
    assert (answer.status_code, answer.location) == (303, "/me/visits")
    assert Person.by_phone(FRESH).name == "赵新来" and Outbox.select().count() == 1


def test_a_proof_is_good_for_its_number_and_its_phone(town, phone, new_phone):
    (proof,) = values(come_in(phone, FRESH), "proof")
    assert join(phone, proof=proof, phone="13900000002").status_code == 422
    assert join(new_phone(), proof=proof).status_code == 422
    answer = join(phone, proof="made up")
    assert answer.status_code == 422 and values(answer, "code") == [""]
    assert join(phone, proof=proof).status_code == 303


def test_registered_at_the_same_moment_there_is_one_person(town, phone, crowd):
    join(phone)
    ids = crowd.do(_crowd.register_elsewhere, town.url, FRESH, code_sent(), phone.now, phone.cookie("device"))
    assert len(set(ids)) == 1 and ids[0]
    assert Person.select().where(Person.name == "新来").count() == 1


# Visits made before.


def totals():
    return sorted(VisitHour.select().tuples()), sorted(VisitMonth.select().tuples())


def test_visits_made_before_on_this_phone_are_taken_along(town, phone, new_phone):
    phone.set("device", DEVICE)
    pressed = phone.press("SF001", client_id="x")
    assert "/register?next=/me/" in pressed.page.links()
    phone.press("SF002", client_id="y")
    other = new_phone().set("device", "e" * 32)
    other.press("SF001", client_id="z")
    before = totals()
    assert joined(phone, next="/me/").location == "/me/"
    text = phone.get("/me/").page.text
    assert "暖屋站前街" in text and "春风社区服务站" in text
    person = Person.by_phone(FRESH)
    assert sorted(v.actor for v in Visit.select()) == sorted([person.id, person.id, device_actor("e" * 32)])
    assert totals() == before


def test_plain_signing_in_takes_nothing_along(town, phone):
    """The phone may be shared: only who registers, or says so on that page, takes what was pressed on it."""
    phone.set("device", DEVICE).press("SF001", client_id="x")
    come_in(phone)
    assert Visit.get().actor == device_actor(DEVICE)


def test_a_press_whose_answer_was_lost_is_still_the_same_press(town, phone):
    phone.set("device", DEVICE).press("SF001", client_id="x")
    joined(phone)
    item = {"v": 1, "kind": "visit", "client_id": "x", "place": "SF001", "via": "", "at": "", "who": ""}
    assert phone.sync(item).json[0]["result"] == "duplicate"
    stranger = phone.set("device", "e" * 32)
    assert stranger.sync(item).json[0]["result"] == "refused"


def test_after_that_the_rest_of_four_hours_still_holds(town, phone):
    phone.set("device", DEVICE).press("SF001", client_id="x")
    joined(phone)
    assert phone.press("SF001", client_id="y").status_code == 200
    assert Visit.select().where(Visit.n == 1).count() == 1


# A number that changed hands.


def test_after_long_on_a_new_phone_one_is_asked_whose_it_is(town, phone):
    phone.now += 90 * DAY
    answer = come_in(phone)
    assert answer.status_code == 200 and "芮*" in answer.page.text and "芮一" not in answer.page.text
    assert [b["value"] for b in answer.page.all("button") if b.get("name") == "owner"] == ["mine", "other"]
    assert phone.cookie("sid") is None
    (proof,) = values(answer, "proof")
    answer = enter(phone, owner="mine", proof=proof)
    assert answer.status_code == 303 and phone.cookie("who") == town.rui.tag


def test_not_me_takes_the_number_off_the_old_person_and_registers_anew(town, phone, new_phone):
    old = new_phone().sign_in(town.rui)
    old.press("SF001")
    phone.now += 100 * DAY
    (proof,) = values(come_in(phone), "proof")
    answer = enter(phone, owner="other", proof=proof)
    assert answer.status_code == 200 and values(answer, "name") == [""]
    rui = Person.get_by_id(town.rui.id)
    assert (rui.phone, rui.phone_index, rui.phone_last4) == (None, None, None)
    assert not Session.select().where(Session.person == rui).exists()
    assert [line.subject for line in Trail.select()] == [f"person:{rui.ref}"]
    (proof,) = values(answer, "proof")
    assert join(phone, phone=RUI, proof=proof).status_code == 303
    new = Person.by_phone(RUI)
    assert new.name == "赵新来" and new != rui
    assert "春风社区服务站" not in phone.get("/me/").page.text


def test_one_is_not_asked_on_a_known_phone_or_after_a_short_while(town, phone, new_phone):
    come_in(phone)
    for days in (200, 289):
        phone.now += days * DAY
        phone.post("/sign-out")
        assert come_in(phone).status_code == 303
    stranger = new_phone()
    stranger.now = phone.now + 89 * DAY
    assert come_in(stranger).status_code == 303


def test_who_registers_with_such_a_number_is_asked_too(town, phone):
    phone.set("device", DEVICE).press("SF001", client_id="x")
    phone.now += 100 * DAY
    answer = joined(phone, phone=RUI)
    assert answer.status_code == 200 and "芮*" in answer.page.text and phone.cookie("sid") is None
    assert Visit.get().actor == device_actor(DEVICE) and not Consent.of(town.rui)
    (proof,) = values(answer, "proof")
    (proof,) = values(enter(phone, owner="other", proof=proof), "proof")
    assert join(phone, phone=RUI, proof=proof).status_code == 303
    assert Person.by_phone(RUI).name == "赵新来" and Visit.get().actor == Person.by_phone(RUI).id


def test_nobody_takes_a_number_off_without_its_code(town, phone, new_phone):
    phone.now += 100 * DAY
    (proof,) = values(come_in(phone), "proof")
    thief = new_phone()
    thief.now = phone.now
    for told in ("", "made up", proof):
        assert enter(thief, owner="other", proof=told).status_code == 422
    assert Person.by_phone(RUI) == town.rui
    phone.now += 11 * MINUTE
    assert enter(phone, owner="other", proof=proof).status_code == 422
    assert Person.by_phone(RUI) == town.rui


def test_who_signs_out_every_evening_is_not_taken_for_somebody_else(town, phone, new_phone):
    phone.now += 100 * DAY
    phone.sign_in(town.rui)
    with writing():
        KnownDevice.remember(town.rui, DEVICE, at=phone.now)
    phone.post("/sign-out")
    stranger = new_phone()
    stranger.now = phone.now + DAY
    assert come_in(stranger).status_code == 303


def test_nobody_gets_past_the_question_by_asking_for_a_closed_account(town, phone):
    phone.now += 100 * DAY
    join(phone, phone=RUI)
    answer = enter(phone, back="yes", proof=code_sent())
    assert answer.status_code == 422 and phone.cookie("sid") is None


# Another number.


def change(phone, number=FRESH, code=None):
    step = {} if code is None else {"asked": "1", "code": code}
    return phone.post("/me/phone", {"phone": number} | step)


def test_a_new_number_is_proved_by_its_own_code_and_the_old_one_opens_nothing(town, phone, new_phone):
    other = new_phone().sign_in(town.rui)
    phone.sign_in(town.rui)
    token = phone.cookie("sid")
    assert change(phone).status_code == 200 and Outbox.get().to == FRESH
    answer = change(phone, code=code_sent())
    assert answer.status_code == 303 and phone.cookie("sid") != token
    assert phone.get("/me/").status_code == 200 and other.get("/me/").status_code == 303
    person = Person.by_phone(FRESH)
    assert person == town.rui and person.phone == FRESH and Person.by_phone(RUI) is None
    assert [(line.actor, line.subject, line.what) for line in Trail.select()] == [
        (town.rui.id, f"person:{town.rui.ref}", "phone changed")
    ]
    assert change(phone, code=code_sent()).status_code == 303  # pressed twice


def test_a_number_that_has_an_account_is_said_to_have_one_after_its_code(town, phone):
    phone.sign_in(town.rui)
    asked = change(phone, "13800000002")
    assert asked.status_code == 200  # not before: else anybody could ask who is here
    answer = change(phone, "13800000002", code_sent())
    assert answer.status_code == 409 and "已经有一个账号" in answer.page.text
    assert Person.by_phone("13800000002") == town.ray and Person.by_phone(RUI) == town.rui
    assert change(phone, "13800000002", code_sent()).status_code in (409, 422)


def test_with_a_wrong_code_the_number_stays(town, phone):
    phone.sign_in(town.rui)
    change(phone)
    assert change(phone, code=wrong(code_sent())).status_code == 422
    assert Person.by_phone(RUI) == town.rui


@pytest.mark.parametrize("number, words", BAD_NUMBERS)
def test_another_number_must_be_one(number, words, town, phone):
    phone.sign_in(town.rui)
    answer = change(phone, number)
    assert answer.status_code == 422 and words in answer.page.text and not Outbox.select().exists()


def test_a_code_for_another_person_changes_nobody(town, phone, new_phone):
    ray = new_phone().sign_in(town.ray)
    change(ray)
    phone.sign_in(town.rui)
    assert change(phone, code=code_sent()).status_code == 422


# What is written nowhere.


def test_no_number_and_no_code_is_logged(town, phone, caplog):
    caplog.set_level(0)
    joined(phone)
    assert FRESH not in caplog.text and code_sent() not in caplog.text


def test_the_pages_of_the_entry_are_kept_by_nobody(town, phone):
    for path in ("/sign-in", "/sign-in/password", "/register"):
        answer = phone.get(path)
        assert answer.headers["Cache-Control"] == "no-store" and "X-Keep" not in answer.headers
    for answer in (enter(phone), join(phone)):
        assert answer.headers["Cache-Control"] == "no-store"
    assert db.execute_sql("SELECT count(*) FROM session").fetchone() == (0,)


# A lost phone: a keeper, in person.


def move(keeper, old=RUI, new=FRESH, code=None):
    step = {} if code is None else {"asked": "1", "code": code}
    return keeper.post("/desk/phone", {"old": old, "phone": new} | step)


def test_a_keeper_gives_a_partner_another_number_and_the_old_one_is_told(town, phone, new_phone):
    lost, kim = new_phone().sign_in(town.rui), phone.sign_in(town.kim)
    assert move(kim).status_code == 200 and Outbox.get().to == FRESH
    answer = move(kim, code=code_sent())
    assert (answer.status_code, answer.location) == (303, "/desk/phone?done=1")
    person = Person.by_phone(FRESH)
    assert person == town.rui and Person.by_phone(RUI) is None and lost.get("/me/").status_code == 303
    told = Outbox.select().order_by(Outbox.id.desc()).get()
    assert told.to == RUI and FRESH not in told.text
    assert [(line.actor, line.subject) for line in Trail.select()] == [(town.kim.id, f"person:{town.rui.ref}")]


def test_with_the_new_number_they_are_not_asked_whose_it_is(town, phone, new_phone):
    phone.now += 100 * DAY
    kim = phone.sign_in(town.kim)
    move(kim)
    move(kim, code=code_sent())
    anew = new_phone()
    anew.now = phone.now + MINUTE
    assert come_in(anew, FRESH).status_code == 303


def test_with_a_wrong_code_nothing_moves(town, phone):
    kim = phone.sign_in(town.kim)
    move(kim)
    assert move(kim, code=wrong(code_sent())).status_code == 422
    assert move(kim, old="1", code=code_sent()).status_code == 422
    assert Person.by_phone(RUI) == town.rui


def test_staff_and_nobody_are_told_alike_and_a_taken_number_is_refused(town, phone):
    kim, told = phone.sign_in(town.kim), []
    for old in ("13800000005", "13900000009"):
        move(kim, old)
        answer = move(kim, old, code=code_sent())
        told.append((answer.status_code, answer.get_data(as_text=True).replace(old, "…")))
        phone.now += 2 * MINUTE
    assert told[0] == told[1] and told[0][0] == 409
    move(kim, new="13800000002")
    assert move(kim, new="13800000002", code=code_sent()).status_code == 409
    assert Person.by_phone("13800000005") == town.olga and Person.by_phone(RUI) == town.rui


def test_an_administrator_moves_that_of_staff_too(town, phone):
    with writing():
        RoleGrant.create(person=town.lee, role="administrator")
    lee = phone.sign_in(town.lee)
    move(lee, "13800000005")
    assert move(lee, "13800000005", code=code_sent()).status_code == 303
    assert Person.by_phone(FRESH) == town.olga


def test_nobody_else_moves_a_number(town, phone):
    for who in (town.rui, town.olga):
        assert move(phone.sign_in(who)).status_code == 403
