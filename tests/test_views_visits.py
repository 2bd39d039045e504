"""The page of a station's code, the press of its button, and what the phone's queue brings."""

import datetime as dt
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models._database import Busy
from models.figures import recount
from models.stations import PosterToken
from models.visits import Visit, VisitHour, VisitMonth, admit, device_actor
from tests import _crowd
from tests._engines import NOON
from tests._phone import Phone

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
DEVICE = "d" * 32


def utc(moment):
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def counted():
    return sum(row.n for row in Visit.select())


@pytest.fixture
def token(town):
    return PosterToken.current(town.spring).token


# What a station's code opens.


@pytest.mark.parametrize("way", ["code", "token", "small letters", "capital S"])
def test_a_code_opens_the_page_with_the_button(way, town, token, phone):
    path = {"code": "/s/SF001", "token": f"/s/{token}", "small letters": "/s/sf001", "capital S": f"/S/{token}"}[way]
    answer = phone.get(path)
    assert answer.status_code == 200 and "春风社区服务站" in answer.page.text
    (form,) = [form for form in answer.page.all("form") if form["action"] == "/stations/SF001/visits"]
    assert form["method"] == "post"
    hidden = {field["name"]: field["value"] for field in answer.page.all("input") if field["name"] != "next"}
    assert hidden == {"via": token if path.endswith(token) else "", "client_id": "", "at": "", "digits": ""}


def test_without_javascript_the_form_alone_counts(town, token, phone):
    """Once a visit, and once more without harm: the id is empty, so the rest is the guard."""
    page = phone.get(f"/S/{token}").page
    form = {field["name"]: field["value"] for field in page.all("input") if field["name"] in ("via", "client_id", "at")}
    first = phone.post("/stations/SF001/visits", form)
    assert first.status_code == 201 and phone.cookie("device")
    second = phone.post("/stations/SF001/visits", form)
    assert second.status_code == 200
    assert counted() == 1 and [row.evidence for row in Visit.select().where(Visit.n == 1)] == [1]


@pytest.mark.parametrize(
    "text", ["NOPE", "SF999", "0123456789", "暖驿", "🛵", "a" * 300, "\u202eSF001", "%00", "..", "'"]
)
def test_an_unknown_code_is_told_so_and_shown_where_the_stations_are(text, town, phone):
    answer = phone.get(f"/s/{text}")
    assert answer.status_code == 404
    assert "/stations/" in answer.page.links()


def test_a_retired_code_still_opens_its_station_and_says_that_it_is_old(town, token, phone, noon):
    PosterToken.issue(town.spring, by=None, at=noon)
    page = phone.get(f"/s/{token}").page
    assert "这张码旧了，告诉站长换一张就行" in page.text and "春风社区服务站" in page.text


def test_looking_is_not_counting(town, token, phone):
    for method in ("GET", "HEAD"):
        for path in (f"/s/{token}", f"/S/{token}", "/s/SF001?client_id=x&at=&via=", "/stations/SF001", "/s/"):
            assert phone.ask(method, path).status_code == 200
    assert phone.get("/stations/SF001/visits").status_code == 405
    assert not Visit.select().exists()


def test_a_typed_code_leads_to_its_page(town, token, phone):
    for typed in ("SF001", " sf001 ", token.lower()):
        answer = phone.get("/s/", query_string={"code": typed})
        assert answer.status_code == 303 and answer.location.upper() == f"/S/{typed.strip().upper()}"
    answer = phone.get("/s/", query_string={"code": "SF00"})
    assert answer.status_code == 404 and "SF00" in str(answer.page.all("input"))


# 201: counted.


def test_a_press_is_counted_and_says_when(town, phone):
    answer = phone.press("SF001", client_id="x")
    assert answer.status_code == 201
    assert "记上一次了" in answer.page.text or "12:00" in answer.page.text
    assert "12:00" in answer.page.text
    assert counted() == 1


def test_with_the_printed_token_it_is_evidence_1(town, token, phone):
    assert phone.press("SF001", via=token).status_code == 201
    assert phone.press(token, via=token.lower(), client_id="y").status_code == 200
    assert Visit.get().evidence == 1


@pytest.mark.parametrize("via", ["none", "unknown", "another station's", "nonsense", "the code"])
def test_without_it_or_with_another_it_is_evidence_0_and_counts_all_the_same(via, town, token, phone):
    told = {
        "none": "",
        "unknown": "0123456789",
        "another station's": PosterToken.current(town.street).token,
        "nonsense": "\0🛵\u202e" * 20,
        "the code": "SF001",
    }[via]
    assert phone.press("SF001", via=told).status_code == 201
    assert Visit.get().evidence == 0


def test_with_a_retired_token_it_counts_and_says_that_the_code_is_old(town, token, phone, noon):
    PosterToken.issue(town.spring, by=None, at=noon)
    answer = phone.press(token, via=token)
    assert answer.status_code == 201 and "这张码旧了，告诉站长换一张就行" in answer.page.text
    assert Visit.get().evidence == 0


def test_signed_in_it_is_the_persons(town, phone):
    assert phone.sign_in(town.rui).press("SF001").status_code == 201
    assert Visit.get().actor == town.rui.id
    assert phone.cookie("device") is None


def test_not_signed_in_it_is_the_devices(town, phone):
    phone.set("device", DEVICE).press("SF001", client_id="x")
    assert Visit.get().actor == device_actor(DEVICE)


@pytest.mark.parametrize("device", ["", "x", "D" * 32, "d" * 33, "0" * 31 + "é", "'; DROP TABLE visit"])
def test_a_device_that_is_none_of_ours_is_replaced(device, town, phone):
    phone.set("device", device.encode("latin-1", "ignore").decode("latin-1"))
    assert phone.press("SF001", client_id="x").status_code == 201
    fresh = phone.cookie("device")
    assert len(fresh) == 32 and Visit.get().actor == device_actor(fresh)


def test_a_session_that_has_ended_does_not_stop_it(town, phone):
    phone.sign_in(town.rui).set("device", DEVICE)
    phone.now += 31 * 24 * HOUR
    answer = phone.press("SF001", client_id="x")
    assert answer.status_code == 201 and "/register?next=/me/" in answer.page.links()
    assert Visit.get().actor == device_actor(DEVICE)


def test_two_riders_on_one_phone_are_two(town, phone):
    phone.set("device", DEVICE)
    assert phone.sign_in(town.rui).press("SF001").status_code == 201
    assert phone.sign_in(town.ray).press("SF001").status_code == 201
    assert counted() == 2


# 200: not counted twice.


def test_the_same_press_again_is_answered_as_the_first(town, phone):
    first = phone.press("SF001", client_id="x")
    phone.now += 5 * HOUR
    again = phone.press("SF001", client_id="x")
    assert (first.status_code, again.status_code) == (201, 200)
    assert "12:00" in again.page.text and counted() == 1


def test_too_soon_says_so_kindly(town, phone):
    phone.press("SF001", client_id="x")
    phone.now += HOUR
    answer = phone.press("SF001", client_id="y")
    assert answer.status_code == 200 and counted() == 1
    assert "四小时" in answer.page.text or "4 小时" in answer.page.text


def test_the_next_visitor_sees_nothing_of_the_one_before(town, new_phone):
    """The page after a press is made once a minute: it must hold nothing of a person."""
    one, other = new_phone().sign_in(town.rui), new_phone().sign_in(town.ray)
    assert one.press("SF001").data == other.press("SF001").data
    strangers = [new_phone() for _ in range(3)]
    for n, phone in enumerate(strangers):
        stranger = phone.press("SF001", client_id=f"{n}")
        assert "/register?next=/me/" in stranger.page.links() and len(stranger.headers.getlist("Set-Cookie")) == 1
    assert len({phone.cookie("device") for phone in strangers}) == 3
    assert not stranger.headers.get("ETag") and stranger.headers["Cache-Control"] == "no-store"


# 409, 404, 422, 429, 503, 403: it says no.


def test_the_same_id_elsewhere_or_from_another_is_409(town, new_phone):
    phone = new_phone().set("device", DEVICE)
    phone.press("SF001", client_id="x")
    for other, code in (
        (phone, "SF002"),
        (new_phone().set("device", "e" * 32), "SF001"),
        (new_phone().sign_in(town.ray), "SF001"),
    ):
        answer = other.press(code, client_id="x")
        assert answer.status_code == 409 and answer.page.text
    assert counted() == 1


@pytest.mark.parametrize("code", ["SF999", "NOPE", "%00", "🛵", "x" * 500])
def test_an_unknown_station_is_404_with_the_stations(code, town, phone):
    answer = phone.press(code)
    assert answer.status_code == 404 and "/stations/" in answer.page.links()
    assert not Visit.select().exists()


@pytest.mark.parametrize(
    "at, words",
    [
        ("yesterday", "时间"),
        ("2024-09-19T12:00", "时间"),
        ("2024-09-19T04:00:00Z\0", "时间"),
        ("🛵", "时间"),
        ("2024-09-19T04:03:00Z", "快"),
        ("2025-01-01T00:00:00Z", "快"),
        ("2024-09-15T04:00:00Z", "三天"),
    ],
)
def test_a_moment_that_cannot_be_is_422_and_the_button_is_still_there(at, words, town, token, phone):
    answer = phone.press(token, via=token, client_id="x", at=at)
    assert answer.status_code == 422 and words in answer.page.text
    hidden = {field["name"]: field["value"] for field in answer.page.all("input")}
    assert hidden["via"] == token  # what the phone knew is kept
    assert not Visit.select().exists()
    assert phone.press("SF001", **{name: hidden[name] for name in ("via", "client_id", "at")}).status_code == 201


@pytest.mark.parametrize("minutes, at", [(0, NOON), (-90, NOON - 90 * MINUTE), (2, NOON), (-72 * 60, NOON - 72 * HOUR)])
def test_a_late_visit_keeps_its_own_time(minutes, at, town, phone):
    assert phone.press("SF001", client_id="x", at=utc(NOON + minutes * MINUTE)).status_code == 201
    assert Visit.get().at == at


@pytest.mark.parametrize("id", ["x" * 65, " ", "a b", "\0", "x\0", "é", "暖", "🛵", "\u202e", "a\nb", "\x7f"])
def test_an_id_that_is_none_is_422(id, town, phone):
    answer = phone.press("SF001", client_id=id)
    assert answer.status_code == 422 and not Visit.select().exists()
    assert any(form["action"] == "/stations/SF001/visits" for form in answer.page.all("form"))


def test_300_scans_a_minute_from_one_phone_are_thirty(town, phone):
    phone.set("device", DEVICE)
    answers = [phone.press("SF001", client_id=f"{n}") for n in range(300)]
    assert [answer.status_code for answer in answers[:31]] == [201] + [200] * 29 + [429]
    assert {answer.status_code for answer in answers[30:]} == {429}
    assert answers[-1].headers["Retry-After"] == "60" and "勤" in answers[-1].page.text
    assert (Visit.select().count(), counted()) == (30, 1)
    phone.now += MINUTE
    assert phone.press("SF001", client_id="later").status_code == 200


def test_a_database_that_is_not_free_is_503_and_nothing_is_lost(town, phone, monkeypatch):
    def busy(*_, **__):
        raise Busy("file lock")

    monkeypatch.setattr("views.visits.admit", busy)
    answer = phone.press("SF001", client_id="x")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    monkeypatch.undo()
    assert phone.press("SF001", client_id="x").status_code == 201


def test_a_press_from_another_site_is_403(town, phone):
    answer = phone.post("/stations/SF001/visits", {"client_id": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and not Visit.select().exists()


# /sync


def item(n=0, **more):
    return {
        "v": 1,
        "kind": "visit",
        "client_id": f"id-{n}",
        "place": "SF001",
        "via": "",
        "at": utc(NOON),
        "who": "",
    } | more


def results(answer):
    assert answer.status_code == 200, answer.data
    return [one["result"] for one in answer.json]


def test_what_waited_is_answered_in_the_same_order(town, token, phone):
    phone.set("device", DEVICE)
    answer = phone.sync(
        item(0, at=utc(NOON - 9 * HOUR), place=token, via=token),
        item(0, at=utc(NOON - 9 * HOUR), place=token, via=token),
        item(1, at=utc(NOON - 8 * HOUR)),
        item(2, at=utc(NOON - 80 * HOUR)),
        item(3, place="SF002", at=utc(NOON - HOUR)),
        item(4, place="NOPE"),
    )
    assert results(answer) == ["accepted", "duplicate", "cool-down", "refused", "accepted", "refused"]
    assert [one["client_id"] for one in answer.json] == ["id-0", "id-0", "id-1", "id-2", "id-3", "id-4"]
    assert all(set(one) == {"client_id", "result", "message"} and one["message"] for one in answer.json)
    first = Visit.get(Visit.station == town.spring.id, Visit.n == 1)
    assert (first.at, first.evidence, first.lag) == (NOON - 9 * HOUR, 1, 9 * 3600)
    assert counted() == 2


def test_a_late_one_between_two_is_not_counted(town, phone):
    phone.set("device", DEVICE)
    answer = phone.sync(*(item(n, at=utc(NOON - hours * HOUR)) for n, hours in enumerate((8, 1, 4.5))))
    assert results(answer) == ["accepted", "accepted", "cool-down"]


def test_messages_are_in_the_persons_language(town, phone):
    phone.set("device", DEVICE)
    assert not phone.sync(item(0)).json[0]["message"].isascii()
    assert phone.set("prefs", "lang=en").sync(item(1)).json[0]["message"].isascii()
    assert phone.sync(item(2, place="NOPE")).json[0]["message"].isascii()


def test_items_of_whoever_is_signed_in_are_theirs(town, phone):
    phone.sign_in(town.rui).set("device", DEVICE)
    assert results(phone.sync(item(0, who=town.rui.tag), item(1, place="SF002", who=""))) == ["accepted", "accepted"]
    assert {(row.station, row.actor) for row in Visit.select()} == {
        (town.spring.id, town.rui.id),
        (town.street.id, device_actor(DEVICE)),
    }


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("who", ["0123456789", "another's", 5, ["x"], {"a": 1}, True])
def test_items_of_somebody_else_are_401_and_nothing_is_done(signed_in, who, town, phone):
    if signed_in:
        phone.sign_in(town.rui)
    answer = phone.sync(item(0), item(1, place="SF002", who=town.ray.tag if who == "another's" else who))
    assert answer.status_code == 401 and answer.json["message"]
    assert not Visit.select().exists()


def test_more_than_fifty_are_413_and_fifty_are_taken(town, phone):
    phone.set("device", DEVICE)
    answer = phone.sync(*(item(n, at=utc(NOON - n * MINUTE)) for n in range(51)))
    assert answer.status_code == 413 and answer.json["message"] and not Visit.select().exists()
    assert results(phone.sync(*(item(n, at=utc(NOON - n * MINUTE)) for n in range(50)))).count("accepted") == 1
    assert Visit.select().count() == 50


def test_nothing_is_answered_with_nothing(town, phone):
    assert phone.sync().json == []


@pytest.mark.parametrize(
    "body, kind",
    [
        ("", "application/json"),
        ("{", "application/json"),
        ("{}", "application/json"),
        ("null", "application/json"),
        ('"x"', "application/json"),
        ("5", "application/json"),
        ("\0", "application/json"),
        ("<html>", "text/html"),
        ("[]", "text/plain"),
        ("[]", "application/x-www-form-urlencoded"),
        ("[" * 10_000, "application/json"),
        (b"\xff\xfe", "application/json"),
    ],
)
def test_a_body_that_is_no_list_is_422(body, kind, town, phone):
    answer = phone.post("/sync", body, content_type=kind)
    assert answer.status_code == 422 and answer.json["message"]


DAMAGED = [
    None,
    5,
    "x",
    [],
    {},
    {"client_id": "x"},
    {"kind": "visit", "client_id": "x"},
    item(0, kind="dance"),
    item(0, kind=None),
    item(0, client_id=""),
    item(0, client_id="é"),
    item(0, client_id="x" * 65),
    item(0, client_id=5),
    item(0, client_id=None),
    item(0, client_id=["x"]),
    item(0, place=None),
    item(0, place=5),
    item(0, place="\0"),
    item(0, place="🛵"),
    item(0, place={}),
    item(0, at="yesterday"),
    item(0, at="\ud800"),
    item(0, at="2024-09-15T04:00:00Z"),
    item(0, at="2030-09-15T04:00:00Z"),
]


def test_a_damaged_item_is_refused_and_those_around_it_are_taken(town, phone):
    phone.set("device", DEVICE)
    for n, damaged in enumerate(DAMAGED):
        at = utc(NOON - n * MINUTE)
        answer = phone.sync(item(f"{n}-a", at=at), damaged, item(f"{n}-b", at=at))
        told = results(answer)
        assert told[1] == "refused" and answer.json[1]["message"], damaged
        assert "refused" not in (told[0], told[2]), damaged
    assert counted() == 1


@pytest.mark.parametrize(
    "extra", [{"at": None}, {"at": 5}, {"via": None}, {"via": 5}, {"v": 0}, {"v": 99}, {"v": None}, {"more": "x"}]
)
def test_an_item_of_an_older_or_newer_shell_is_taken_as_far_as_it_is_understood(extra, town, phone):
    assert results(phone.set("device", DEVICE).sync(item(0, **extra))) == ["accepted"]
    fewer = item(1, place="SF002")
    for key in ("v", "via", "at", "who"):
        del fewer[key]
    assert results(phone.sync(fewer)) == ["accepted"]


def test_a_phone_without_a_device_gets_one_for_all_its_items(town, phone):
    answer = phone.sync(item(0, place="SF001"), item(1, place="SF002"), item(2, place="SF001"))
    assert results(answer) == ["accepted", "accepted", "cool-down"]
    assert {row.actor for row in Visit.select()} == {device_actor(phone.cookie("device"))}


def test_an_answer_lost_after_the_commit_is_given_again(town, phone):
    phone.set("device", DEVICE)
    items = [item(n, at=utc(NOON - n * 5 * HOUR)) for n in range(5)]
    first = phone.sync(*items)
    again = phone.sync(*items)
    assert results(first) == ["accepted"] * 5 and results(again) == ["duplicate"] * 5
    assert [one["message"] for one in first.json] == [one["message"] for one in again.json]
    assert counted() == 5


def test_too_many_in_a_minute_are_429_all_kept_and_taken_a_minute_later(town, phone):
    phone.set("device", DEVICE)
    items = [item(n) for n in range(31)]
    answer = phone.sync(*items)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0 and answer.json["message"]
    assert not Visit.select().exists() and not VisitHour.select().exists()
    phone.now += MINUTE
    assert results(phone.sync(*items)).count("accepted") == 1


def test_when_it_is_busy_it_is_503_and_nothing_is_half_done(town, phone, monkeypatch):
    presses = []

    def busy(*args, **more):
        presses.append(1)
        if len(presses) == 3:
            raise Busy("file lock")
        return admit(*args, **more)

    monkeypatch.setattr("views.visits.admit", busy)
    phone.set("device", DEVICE)
    items = [item(n, at=utc(NOON - n * 5 * HOUR)) for n in range(5)]
    answer = phone.sync(*items)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and answer.json["message"]
    assert not Visit.select().exists() and not VisitMonth.select().exists()
    monkeypatch.undo()
    assert results(phone.sync(*items)) == ["accepted"] * 5


def test_an_answer_to_one_item_is_small(town, phone):
    answer = phone.set("device", DEVICE).sync(item(0, client_id="x" * 64))
    headers = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers)
    assert len("HTTP/1.1 200 OK\r\n\r\n") + headers + len(answer.data) <= 1000


def test_every_answer_says_the_time(town, phone):
    for answer in (phone.sync(item(0)), phone.sync(5), phone.get("/"), phone.get("/nowhere"), phone.press("SF001")):
        assert answer.headers["Date"] == "Thu, 19 Sep 2024 04:00:00 GMT"


def test_two_phones_that_bring_the_same_stations_in_opposite_order_do_not_stop_each_other(town, app):
    """When the network comes back, all phones send at once."""
    codes = ["SF001", "SF002", "SF003"]

    def send(k):
        phone, answers = Phone(app).set("device", f"{k}" * 32), []
        for n in range(12):
            at = [utc(NOON - (n + 5 * m) * HOUR) for m in range(3)]
            waiting = [item(f"{k}-{n}-{code}-{m}", place=code, at=at[m]) for code in codes for m in range(3)]
            _crowd.together()
            answers.append(phone.sync(*(waiting if k % 2 else waiting[::-1])).status_code)
        return answers

    assert _crowd.in_threads(send, each=[(k,) for k in range(_crowd.SIZE)]) == [[200] * 12] * _crowd.SIZE
    assert set(recount().values()) == {0}


# Whatever comes.

QUICK = settings(max_examples=60)
JUNK = some.text(max_size=60) | some.sampled_from(["", "x", "SF001", utc(NOON), "\0", "\u202e", "🛵", "1e9", "٣"])


@QUICK
@given(code=JUNK, form=some.dictionaries(some.sampled_from(["via", "client_id", "at", "x"]), JUNK))
def test_no_form_makes_us_stumble(town, phone, code, form):
    answer = phone.post(
        f"/stations/{quote(code, safe='')}/visits", {k: v.encode("utf-8", "replace") for k, v in form.items()}
    )
    assert answer.status_code in (200, 201, 308, 404, 405, 409, 422, 429)


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | JUNK,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(JUNK, inner, max_size=4),
    max_leaves=8,
)
ITEMS = some.fixed_dictionaries(
    {}, optional={key: JSON for key in ("v", "kind", "client_id", "place", "via", "at", "who")}
)


@QUICK
@given(items=some.lists(JSON | ITEMS, max_size=5) | JSON)
def test_no_queue_makes_us_stumble(town, phone, items):
    phone.now += MINUTE
    answer = phone.post("/sync", json.dumps(items), content_type="application/json")
    assert answer.status_code in (200, 401, 413, 422, 429)
    if answer.status_code == 200:
        assert len(answer.json) == len(items)
