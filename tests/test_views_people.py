"""我的, and what somebody chose for their eyes."""

import datetime as dt
import io
import re
from urllib.parse import quote

import pytest

from models._database import db
from models.visits import Visit

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


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
