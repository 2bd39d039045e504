"""暖心卡 on the web: applying, switching on, what the phone asks for, the desk of a keeper and of an officer."""

import datetime as dt

import pytest

from models import card_code, card_keys, card_once, cards
from models._database import writing
from models._keys import _b64, _raw
from models._trail import Trail
from models.cards import Card
from models.people import Employment, Person, RoleGrant
from models.sessions import Session
from tests._cards import CardPhone, card_of, with_phone, works

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture
def rui(town, new_phone, noon):
    works(town.rui, noon)
    return new_phone().sign_in(town.rui)


@pytest.fixture
def kim(town, new_phone):
    return new_phone().sign_in(town.kim)


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


def again(card):
    return Card.get_by_id(card.id)


def enrolled(phone):
    """What the script of the page does; the phone that has the card then, and the server's receipt."""
    device, (kid, half) = CardPhone(), card_keys.our_half()
    answer = phone.post("/card/keys", json={"public": _b64(device.public), "kid": kid, "client_id": "x"})
    if answer.status_code == 200:
        device.take(answer.json["code"], answer.json["device_id"], half)
        assert _raw(answer.json["kcv"]) == card_code.kcv(device.key)
    return device, answer


def test_a_script_whose_proof_is_over_is_told_so_as_a_script(town, rui, noon):
    rui.post("/card/application")
    rui.now = noon + dt.timedelta(minutes=6)
    _, answer = enrolled(rui)
    assert (answer.status_code, answer.mimetype) == (401, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"


def test_from_one_press_to_a_code_that_counts(town, rui, noon):
    answer = rui.post("/card/application")
    assert (answer.status_code, answer.location) == (303, "/card/activation")
    page = rui.get("/card/activation").get_data(as_text=True)
    kid, half = card_keys.our_half()
    assert f'data-kid="{kid}" data-half="{_b64(half)}"' in page
    device, receipt = enrolled(rui)
    assert (receipt.json["name"], receipt.json["state"], receipt.json["valid_to"]) == ("芮*", "active", 20250919)
    assert len(receipt.json["colours"]) == 14 and receipt.headers["Cache-Control"] == "no-store"
    key = card_keys.by_code(device.code)
    assert card_code.matches(card_keys.key_bytes(key), card_code.parse(device.payload(noon)))


def test_applied_for_twice_it_is_one_card(rui):
    for _ in range(2):
        assert rui.post("/card/application").status_code == 303
    assert Card.select().count() == 1


@pytest.mark.parametrize("who", ["ray", "kim"])
def test_who_has_not_said_what_they_work_in_says_so_first_and_comes_back(who, town, new_phone):
    """Staff who ride too may have a card, once they have said so."""
    person = getattr(town, who)
    phone, first = new_phone().sign_in(person), "/me/data/edit?next=/card/own"
    page = phone.get("/card/own").page
    assert first in page.links() and "就差" in page.text and "按一下就行" not in page.text
    assert phone.post("/card/application").location == first and not Card.select().exists()
    assert 'name="next" value="/card/own"' in phone.get(first).text
    said = {"name": person.name, "industry": "driver truck", "next": "/card/own"}
    assert phone.post("/me/data/edit", said | {"industry": "pilot"}).text.count('value="/card/own"') == 1
    assert phone.post("/me/data/edit", said | {"next": "//elsewhere.example"}).location == "/"
    assert phone.post("/me/data/edit", said).location == "/card/own"
    assert "按一下就行" in phone.get("/card/own").text
    assert phone.post("/card/application").location == "/card/activation" and Card.of(person)


def test_switching_on_asks_who_it_is_when_the_proof_is_old(rui, noon):
    rui.post("/card/application")
    rui.now = noon + HOUR
    assert rui.get("/card/activation").location.startswith("/prove")
    assert enrolled(rui)[1].status_code == 401 and card_keys.CardKey.select().count() == 0


@pytest.mark.parametrize(
    "said", [{}, [], "x", {"public": 1, "kid": "1"}, {"public": "AAAA"}, {"kid": "1"}, None], ids=range(7)
)
def test_what_is_no_half_of_a_key_is_400(rui, said):
    rui.post("/card/application")
    assert rui.post("/card/keys", json=said).status_code == 400
    assert rui.post("/card/kid", json=said).status_code == 400


@pytest.mark.parametrize("public", ["", "***", "AAAA", _b64(b"\4" * 65), "é" * 87])
def test_a_half_that_is_no_point_is_said_in_words(rui, public):
    rui.post("/card/application")
    answer = rui.post("/card/keys", json={"public": public, "kid": "1"})
    assert answer.status_code == 409 and "密钥" in answer.json["message"]


def test_without_a_card_there_is_nothing_to_switch_on(rui):
    assert enrolled(rui)[1].status_code == 404
    assert rui.get("/card/activation").location == "/card/own"
    assert rui.get("/card/once").location == rui.post("/card/once").location == "/card/own"
    assert rui.post("/card/loss").status_code == rui.post("/card/renewal").status_code == 404


def test_what_the_phone_is_told(town, rui, new_phone, noon):
    assert new_phone().get("/card/mine").json == {"who": ""}
    assert rui.get("/card/mine").json == {"who": town.rui.tag, "state": "none"}
    rui.post("/card/application")
    device, _ = enrolled(rui)
    told = rui.get(f"/card/mine?key={device.code}")
    assert (told.json["key"], told.json["state"], told.json["kid"]) == ("alive", "active", "1")
    assert told.headers["Cache-Control"] == "no-store" and town.rui.phone not in told.get_data(as_text=True)
    for other in ("", "00000000", "x", "' OR 1=1"):
        assert rui.get(f"/card/mine?key={other}").json["key"] == "ended"
    enrolled(rui)  # another phone
    assert rui.get(f"/card/mine?key={device.code}").json["key"] == "ended"
    rui.now = dt.datetime(2025, 9, 19, 16, 1, tzinfo=dt.UTC)  # the night has come, the work has not
    with writing():
        Session.update(last_seen_at=rui.now, ends_at=rui.now + DAY).execute()
    assert rui.get("/card/mine").json["state"] == "expired"


def test_another_persons_key_is_not_ones_own(town, rui, noon):
    _, device = with_phone(town.ray, noon)
    card_of(town.rui, noon)
    assert rui.get(f"/card/mine?key={device.code}").json["key"] == "ended"
    assert rui.post("/card/kid", json={"code": device.code, "kid": "1", "check": ""}).json == {"taken": False}


def test_lost_from_any_device_and_pressed_twice(town, rui, new_phone, noon):
    card, _ = with_phone(town.rui, noon)
    other = new_phone().sign_in(town.rui)
    for _ in range(2):
        assert other.post("/card/loss").status_code == 303
    assert again(card).state == "lost" and card_keys.phone_of(card) is None
    assert "已挂失" in rui.get("/card/own").get_data(as_text=True)
    assert rui.post("/card/renewal").status_code == 409


@pytest.mark.parametrize("state", cards.STATES)
def test_where_it_was_used_stays_to_be_seen_whatever_became_of_the_card(state, town, rui, noon):
    assert "/card/uses" not in rui.get("/card/own").page.links()  # there is no card yet
    card = card_of(town.rui, noon)
    with writing():
        Card.update(state=state).where(Card.id == card.id).execute()
    assert "/card/uses" in rui.get("/card/own").page.links()


def test_renewed_with_one_press_when_it_is_time(town, rui, noon):
    card, _ = with_phone(town.rui, noon)
    with writing():
        Card.update(valid_to=20240930).execute()
    assert "快到期" in rui.get("/card/own").get_data(as_text=True)
    for _ in range(2):
        assert rui.post("/card/renewal").location == "/card"
    assert again(card).valid_to == 20250930


def test_a_code_for_once_without_scripts(town, rui, noon):
    card = card_of(town.rui, noon)
    assert 'action="/card/once" method="post"' in rui.get("/card/once").get_data(as_text=True)
    answers = [rui.post("/card/once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    with writing():
        card_once.CardOnce.delete().execute()
    digits = card_once.new_once(card, by=town.rui, at=noon)
    assert card_once.by_once(digits, noon) == card


def test_the_page_that_any_scanner_opens_is_the_same_for_all(rui, new_phone):
    for path in ("/c", "/C"):
        told = rui.get(path)
        assert new_phone().get(path).data == told.data and "我是店员，核验" in told.get_data(as_text=True)


def test_signing_out_takes_the_card_off_unless_it_is_the_own_phone(town, new_phone):
    for form, told in (({}, "1"), ({"own": "1"}, None)):
        phone = new_phone().sign_in(town.rui)
        phone.post("/sign-out", form)
        assert phone.cookie("leave") == told and not phone.cookie("who")


def test_an_export_of_ones_data_has_the_card(town, rui, noon):
    card, _ = with_phone(town.rui, noon)
    assert rui.get("/me/data.json").json["card"][0]["number"] == card.number


# The keeper's desk.


def test_a_keeper_finds_issues_prints_and_replaces(town, kim, noon):
    works(town.rui, noon)
    assert "还没有卡" in kim.post("/desk/cards", {"number": "138 0000 0001"}).get_data(as_text=True)
    assert Card.select().count() == 0  # looking issues none
    where = kim.post("/desk/cards", {"number": "138 0000 0001", "issue": "1"}).location
    card = Card.of(town.rui)
    assert (where, card.station, card.issued_by) == (f"/desk/cards/{card.ref}", town.spring, town.kim)
    page = kim.get(where).get_data(as_text=True)
    assert "芮*" in page and "芮一" not in page and "13800000001" not in page
    assert kim.post("/desk/cards", {"number": card.number}).location == where
    assert [line.what for line in Trail.about(f"card:{card.ref}", kind="seen").rows] == ["card"]
    for _ in range(2):
        assert kim.post(f"{where}/print").location == f"{where}/print"
    assert card_keys.CardKey.select().count() == 1
    assert kim.get(f"{where}/print").status_code == 200
    kim.now = noon + HOUR / 2
    assert kim.get(f"{where}/print").location == where  # whoever has the picture has the card
    for _ in range(2):
        kim.post(f"{where}/loss")
    new = {kim.post(f"{where}/replacement").location for _ in range(2)}
    assert new == {f"/desk/cards/{Card.of(town.rui).ref}"} and Card.select().count() == 2


def test_somebody_new_gets_a_name_at_the_desk(town, kim):
    form = {"number": "13900000055", "industry": "courier", "issue": "1"}
    for name in ("", "  ", "x" * 31, "a\x07b"):
        assert kim.post("/desk/cards", form | {"name": name}).status_code == 422
    assert kim.post("/desk/cards", form | {"name": "新来的"}).status_code == 303
    person = Person.by_phone("13900000055")
    assert (person.name, person.state, Card.of(person).issued_by) == ("新来的", "pending", town.kim)


def test_at_the_desk_what_they_work_in_is_asked_where_it_is_not_known(town, kim, noon):
    works(town.rui, noon)
    asked = [kim.post("/desk/cards", {"number": person.phone}).text for person in (town.rui, town.ray)]
    assert ['name="industry"' in page for page in asked] == [False, True]
    form = {"number": town.ray.phone, "issue": "1"}
    for industry in ("", "pilot", "driver"):
        answer = kim.post("/desk/cards", form | {"industry": industry})
        assert answer.status_code == 422 and "从列表里选" in answer.text
    assert not Card.select().exists()
    assert kim.post("/desk/cards", form | {"industry": "driver truck"}).status_code == 303
    assert Employment.now(town.ray).sub_kind == "truck" and Card.of(town.ray).issued_by == town.kim
    (line,) = Trail.about(f"person:{town.ray.ref}", kind="changed").rows
    assert (line.actor, line.what) == (town.kim.id, "work said at a station")


def test_the_paper_says_the_day_on_which_the_card_ends(town, kim, noon):
    card = card_of(town.rui, noon)
    with writing():
        Card.update(valid_to=20241029).execute()
    kim.post(f"/desk/cards/{card.ref}/print")
    assert "2024-10-29" in kim.get(f"/desk/cards/{card.ref}/print").text
    assert kim.get(f"/desk/cards/{card.ref}").text.count("2024-10-29") == 2  # of the card, and of the paper


@pytest.mark.parametrize("number", ["", "12345", "370812240000019", "x\0y", "一" * 50])
def test_what_is_no_number_is_said_so(kim, number):
    answer = kim.post("/desk/cards", {"number": number})
    assert answer.status_code == 422 and "请再看一眼" in answer.get_data(as_text=True)


def test_a_card_that_there_is_not_is_not_there(kim, olga, town):
    for path in ("/desk/cards/0000000000", "/desk/cards/0000000000/print"):
        assert kim.get(path).status_code == 404
    for act in ("loss", "replacement", "renewal", "print"):
        assert kim.post(f"/desk/cards/0000000000/{act}").status_code == 404
    assert olga.get("/cards/370812240000018").status_code == 404


# The officer.


def test_an_officer_finds_one_stops_it_and_lets_it_go_on(town, olga, noon):
    card, _ = with_phone(town.rui, noon)
    assert "没有查到" in olga.get("/cards/find?number=370812240000018").get_data(as_text=True)
    where = olga.get(f"/cards/find?number={card.number}").location
    assert where == f"/cards/{card.number}"
    page = olga.get(where).get_data(as_text=True)
    assert "芮*" in page and "芮一" not in page and "发卡" in page and "启用" in page
    assert olga.post(f"{where}/stop", {"why": " "}).status_code == 422
    assert olga.post(f"{where}/stop", {"why": "借给别人"}).location == where
    assert "停用：借给别人" in olga.get(where).get_data(as_text=True).replace("已停用", "停用")
    for _ in range(2):
        assert olga.post(f"{where}/resume").location == where
    assert again(card).state == "active"


def test_the_offices_menu_leads_to_the_cards(olga, admin):
    assert "/cards/find" in olga.get("/dashboard/").page.links()
    assert '<a href="/cards/find" aria-current="page">' in olga.get("/cards/find").text
    assert "/cards/find" not in admin.get("/stations/all").page.links()


def test_a_town_officer_sees_the_cards_of_the_own_town_alone(town, new_phone, noon):
    with writing():
        person = Person.register(name="镇上", phone="13800000055", at=noon)
        RoleGrant.create(person=person, role="town_officer", scope=town.spring.town_id)
    phone = new_phone().sign_in(person)
    works(town.rui, noon)
    mine = cards.issue(town.rui, by=town.kim, at=noon, station=town.spring)
    nobodys = card_of(town.ray, noon)
    assert phone.get(f"/cards/{mine.number}").status_code == 200
    for ask in (phone.get, phone.post):
        assert ask(f"/cards/{nobodys.number}").status_code in (404, 405)
    assert phone.post(f"/cards/{nobodys.number}/stop", {"why": "x"}).status_code == 404
    assert phone.get(f"/cards/find?number={nobodys.number}").status_code == 200  # found none
