"""The keeper's page of screens, what a screen says to us, and the press of somebody who scanned one."""

import datetime as dt
import re

import pytest

from models import card_code, card_keys, kiosks
from models._keys import _b64, _raw
from models.kiosks import Kiosk
from models.visits import Visit
from tests._engines import NOON
from tests._screens import Screen

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
DEVICE = "d" * 32
HALF = card_code.public_of(card_code.private_of(b"the half of a screen's own key!!"))


@pytest.fixture
def kim(town, new_phone):
    return new_phone().sign_in(town.kim)


@pytest.fixture
def screen(town):
    return Screen(town.spring, town.kim, NOON)


@pytest.fixture
def rider(phone):
    return phone.set("device", DEVICE)


def post(who, path, **fields):
    return who.post(path, data={"station": "SF001"} | fields)


def open_screen(phone, token, half=HALF, instead=None):
    told = {"link": token, "kid": card_keys.our_half()[0], "half": _b64(half)}
    return phone.post("/kiosk/screens", json=told | (instead or {}))


def evidence():
    return [row.evidence for row in Visit.select().order_by(Visit.id)]


def utc(moment):
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


# The keeper's page.


def test_a_keeper_makes_a_screen_and_takes_it_back(town, kim, phone):
    assert "还没有屏幕" in kim.get("/desk/kiosks").page.text
    made = post(kim, "/desk/kiosks", name=" 柜台 ")
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store"
    link = re.search(r"http://localhost\S+", made.page.text)[0]
    token = link.partition("/kiosk#")[2]
    assert len(token) == 20
    assert "等屏幕打开" in kim.get("/desk/kiosks").page.text
    assert open_screen(phone, token).status_code == 200
    listed = kim.get("/desk/kiosks")
    assert "正在出码" in listed.page.text and token not in listed.get_data(as_text=True)
    code = Kiosk.get().code
    assert post(kim, f"/desk/kiosks/{code}/end").status_code == 303
    assert "还没有屏幕" in kim.get("/desk/kiosks").page.text


def test_a_link_that_ran_out_is_made_anew(town, kim, phone):
    post(kim, "/desk/kiosks", name="柜台")
    kim.now = phone.now = NOON + HOUR
    assert "链接已过期" in kim.get("/desk/kiosks").page.text
    made = post(kim, f"/desk/kiosks/{Kiosk.get().code}/link")
    link = re.search(r"http://localhost\S+", made.page.text)[0]
    assert open_screen(phone, link.partition("#")[2]).status_code == 200
    assert post(kim, f"/desk/kiosks/{Kiosk.get().code}/link").status_code == 409


@pytest.mark.parametrize("name", ["", "长" * 31])
def test_a_name_that_is_none_comes_back_with_a_sentence(name, town, kim):
    answer = post(kim, "/desk/kiosks", name=name)
    assert answer.status_code == 422 and answer.page.all("input")[1]["value"] == name
    assert Kiosk.select().count() == 0


def test_another_keepers_screens_are_not_there(town, kim, screen):
    other = Screen(town.street, town.lee, NOON)
    assert other.kiosk.code not in kim.get("/desk/kiosks").get_data(as_text=True)
    for what in ("end", "link"):
        assert post(kim, f"/desk/kiosks/{other.kiosk.code}/{what}").status_code == 404
        assert kim.post(f"/desk/kiosks/{other.kiosk.code}/{what}", data={"station": "SF002"}).status_code == 404
    assert kiosks.proof(town.street.id, other.code(NOON), "", NOON, NOON) == 2


# What a screen says to us.


def test_a_screen_learns_what_it_shows_and_that_the_key_is_ours(town, phone):
    kiosk, token = kiosks.make(town.spring, "柜台", by=town.kim, at=NOON)
    said = open_screen(phone, token).json
    check = _b64(Kiosk.get().kcv)
    names = {"station": "SF001", "name": "春风社区服务站", "name_en": town.spring.name_en}
    assert said == names | {"code": kiosk.code, "device": kiosk.device_id, "check": check}
    assert open_screen(phone, token).json == said  # the answer was lost
    assert open_screen(phone, token, card_code.public_of(card_code.private_of(b"2" * 32))).status_code == 409


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"link": "0" * 20}, 409),
        ({"half": "AAAA"}, 409),
        ({"half": "暖"}, 409),
        ({"half": "A"}, 409),
        ({"kid": "none"}, 409),
        ({"link": 7}, 422),
        ({"link": "0" * 5000}, 422),
        ({"half": None}, 422),
    ],
)
def test_what_no_screen_of_ours_sends_opens_nothing(told, status, town, phone):
    _, token = kiosks.make(town.spring, "柜台", by=town.kim, at=NOON)
    answer = open_screen(phone, token, instead=told)
    assert answer.status_code == status
    assert status == 422 or answer.json["message"]
    assert Kiosk.get().state == "waiting"
    assert phone.post("/kiosk/screens", json=[]).status_code == phone.post("/kiosk/contact", json={}).status_code == 422
    assert phone.post("/kiosk/screens", data={"link": token}).status_code == 422


def test_a_screen_in_touch_hears_what_its_station_is_called_and_when_it_is_over(town, phone, screen):
    told = {"code": screen.code(NOON)}
    assert phone.post("/kiosk/contact", json=told).json == {
        "state": "open", "station": "SF001", "name": "春风社区服务站", "name_en": town.spring.name_en,
    }  # fmt: skip
    kiosks.take_back(screen.kiosk, by=town.kim, at=NOON)
    assert phone.post("/kiosk/contact", json=told).json == {"state": "ended"}


def test_its_page_is_public_and_knows_our_half(town, phone):
    answer = phone.get("/kiosk")
    (element,) = answer.page.all("kiosk-screen")
    kid, half = card_keys.our_half()
    assert (element["data-kid"], _raw(element["data-half"])) == (kid, half)
    assert answer.headers["X-Keep"] == "1"


# The press of somebody who scanned one.


def test_who_scans_a_screen_and_presses_was_here(rider, screen):
    assert rider.press("SF001", client_id="x", via=screen.code(NOON)).status_code == 201
    assert evidence() == [2]


def test_a_press_that_waited_on_the_phone_proves_as_much_as_a_printed_code(rider, screen):
    rider.now = NOON + 2 * HOUR
    item = {
        "v": 1,
        "kind": "visit",
        "client_id": "q",
        "place": "SF001",
        "via": screen.code(NOON),
        "at": utc(NOON + MINUTE),
    }
    (said,) = rider.sync(item | {"who": ""}).json
    assert said["result"] == "accepted" and evidence() == [1]


@pytest.mark.parametrize("code", ["P1" + "0" * 28, "P1", "P1<script>", "C1K7M2Q9X41RWW7AMF6EFNFAXYA97373", "暖" * 30])
def test_an_unknown_code_counts_as_none_and_nobody_is_scolded(code, rider, screen):
    answer = rider.press("SF001", client_id="x", via=code)
    assert answer.status_code == 201 and "已记一次" in answer.page.text and "码" not in answer.page.text
    assert evidence() == [0]


def test_a_screen_taken_back_proves_nothing_at_once(town, rider, screen):
    kiosks.take_back(screen.kiosk, by=town.kim, at=NOON)
    rider.press("SF001", client_id="x", via=screen.code(NOON))
    assert evidence() == [0]


@pytest.mark.parametrize("typed", ["{}", " {} ", "two three"])
def test_its_six_digits_are_typed_where_the_boards_are(typed, rider, screen):
    digits = screen.digits(NOON)
    typed = f"{digits[:2]} {digits[2:4]} {digits[4:]}" if typed == "two three" else typed.format(digits)
    answer = rider.press("SF001", client_id="x", digits=typed)
    assert "没对上" not in answer.page.text and evidence() == [2]


def test_six_digits_that_do_not_fit_are_said_so_and_count_all_the_same(rider, screen):
    digits = f"{(int(screen.digits(NOON)) + 1) % 1_000_000:06}"
    assert "没对上" in rider.press("SF001", client_id="x", digits=digits).page.text
    assert evidence() == [0]


def test_the_button_comes_again_with_the_screens_code(rider, screen):
    answer = rider.press("SF001", client_id="x", via=screen.code(NOON), at="no time")
    assert answer.status_code == 422
    (via,) = [field["value"] for field in answer.page.all("input") if field.get("name") == "via"]
    assert via == screen.code(NOON)


def test_a_visit_with_a_screens_code_asks_no_more_than_another(engine, town, rider, new_phone, screen):
    rider.press("SF001", client_id="x", via=screen.code(NOON))
    told = []
    for n, via in enumerate(("", screen.code(NOON))):
        phone = new_phone().set("device", f"{n}" * 32)
        phone.press("SF002", client_id=f"a{n}")
        with engine.statements() as asked:
            phone.press("SF001", client_id=f"b{n}", via=via)
        told.append(len(asked))
    assert told[0] == told[1]
