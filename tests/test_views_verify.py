"""The counter of a shop: who may stand there, what it says, and that nothing is redeemed twice."""

import datetime as dt

import pytest

from models import card_once, cards, limits, uses
from models._database import writing
from models.areas import Revision
from models.limits import Attempt
from models.merchants import Merchant
from models.offers import Offer
from models.people import Person, RoleGrant
from models.redemptions import Redemption, Refusal
from models.tills import Till
from tests._engines import NOON
from tests._till import Holder, make_shop, owned_shop

SECOND, MINUTE, HOUR, DAY = (dt.timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


@pytest.fixture
def shop(town):
    """AX101, whose owner is Mo."""
    return owned_shop("AX101", NOON)


@pytest.fixture
def owner(shop, new_phone):
    return new_phone().sign_in(Person.get_by_id(shop.actor))


@pytest.fixture
def rui(town):
    return Holder(town.rui, NOON)


def redeem(phone, **form):
    return phone.post("/redemptions/", {"client_id": "press-1"} | form)


def test_a_scanned_card_lights_the_screen(owner, rui):
    answer = redeem(owner, code="HTTPS://NUANYI.EXAMPLE/C#" + rui.code(NOON))
    assert answer.status_code == 303 and answer.location.startswith("/redemptions/press-1")
    page = owner.get(answer.location)
    assert "可以优惠" in page.text and "芮*" in page.text and "8.8 折" in page.text
    assert "芮一" not in page.text and "0001" not in page.text


def test_a_script_gets_the_answer_at_once(owner, rui):
    form = {"client_id": "press-1", "code": rui.code(NOON)}
    answer = owner.post("/redemptions/", form, headers={"X-Fragment": "1"}, fragment=True)
    assert answer.status_code == 200 and "可以优惠" in answer.text and "<html" not in answer.text


def test_the_same_press_twice_is_one_use(owner, rui):
    for _ in range(2):
        answer = redeem(owner, code=rui.code(NOON))
        assert "可以优惠" in owner.get(answer.location).text
    assert Redemption.select().count() == 1


def test_a_refusal_is_calm_and_has_its_own_page(owner, rui):
    redeem(owner, code=rui.code(NOON))
    page = owner.get(redeem(owner, code=rui.code(NOON), client_id="press-2").location)
    assert "按原价" in page.text and "12:00" in page.text
    assert Refusal.get().reason == "used-here"


def test_a_card_that_ran_out_is_told_where_to_go(owner, rui):
    cards.Card.update(state="expired").execute()
    page = owner.get(redeem(owner, code=rui.code(NOON)).location)
    assert "按原价" in page.text and "分钟" in page.text


@pytest.mark.parametrize(
    "form, words",
    [
        ({}, "6 位"),
        ({}, "4 位"),
        ({"digits": "12a", "last4": "hello"}, "4 位"),
        ({"digits": "12345"}, "6 位"),
        ({"digits": "123456"}, "4 位"),
        ({"digits": "123456", "last4": "12a4"}, "4 位"),
        ({"code": "x" * 5000}, ""),
        ({"client_id": "<script>", "code": "C1"}, "再"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(owner, form, words):
    answer = redeem(owner, **form)
    if answer.status_code == 303:
        assert "按原价" in owner.get(answer.location).text
    else:
        assert answer.status_code == 422 and words in answer.text
        assert form.get("digits", "") in answer.text
    assert Redemption.select().count() == 0


def test_the_number_is_typed_as_it_stands_there(owner, rui):
    digits = rui.digits(NOON)
    pairs = " ".join((digits[:2], digits[2:4], digits[4:]))
    page = owner.get(redeem(owner, last4="０００１", digits=pairs).location)
    assert "可以优惠" in page.text


def test_a_code_for_once_is_taken_once(owner, rui):
    digits = card_once.new_once(rui.card, by=rui.person, at=NOON)
    assert "可以优惠" in owner.get(redeem(owner, digits=digits).location).text
    assert "按原价" in owner.get(redeem(owner, digits=digits, client_id="press-2").location).text


def says(phone, code: str, press: str) -> str:
    return phone.get(redeem(phone, code=code, client_id=press).location).text


def test_a_code_for_once_that_is_scanned_again_has_its_own_words(owner, rui):
    digits = card_once.new_once(rui.card, by=rui.person, at=NOON)
    assert "可以优惠" in says(owner, "C3" + digits, "press-1")
    assert "12:00" in says(owner, "C3" + digits, "press-2")
    owner.post("/redemptions/press-1/undo")
    assert "一次性码" in says(owner, "C3" + digits, "press-3")
    owner.now += 2 * MINUTE
    assert "一次性码" in says(owner, "C3" + digits, "press-4")
    assert Attempt.select().count() == 0  # they were no guesses


def test_digits_that_were_scanned_close_no_typing_and_typed_ones_no_scanning(owner, rui):
    for n in range(6):
        assert "一次性码" in says(owner, f"C30000000{n}", f"scan-{n}")
    assert "可以优惠" in owner.get(redeem(owner, last4="0001", digits=rui.digits(NOON)).location).text
    for n in range(6):
        redeem(owner, last4="0001", digits=f"0000000{n}", client_id=f"type-{n}")
    assert Refusal.select().where(Refusal.reason == "typed-locked").count() == 1
    owner.now += HOUR
    digits = card_once.new_once(rui.card, by=rui.person, at=owner.now)
    for n in range(6):
        redeem(owner, last4="0001", digits=f"0000000{n}", client_id=f"more-{n}")
    assert "可以优惠" in says(owner, "C3" + digits, "press-9")


def test_who_guesses_by_scanning_is_stopped_as_well(owner, rui):
    for n in range(21):
        redeem(owner, code=f"C3000000{n:02}", client_id=f"scan-{n}")
    digits = card_once.new_once(rui.card, by=rui.person, at=NOON)
    assert "一次性码" in says(owner, "C3" + digits, "press-9")
    owner.now += HOUR
    digits = card_once.new_once(rui.card, by=rui.person, at=owner.now)
    assert "可以优惠" in says(owner, "C3" + digits, "press-10")


def test_undo_and_another_amount_work_within_a_minute(owner, rui):
    redeem(owner, code=rui.code(NOON))
    wrong = owner.post("/redemptions/press-1/instead", {"amount": "abc"})
    assert wrong.status_code == 422 and "abc" in wrong.text
    changed = owner.post("/redemptions/press-1/instead", {"amount": "30"})
    assert "3.60" in owner.get(changed.location).text
    press = changed.location.split("?")[0]
    assert owner.post("/redemptions/press-1/instead", {"amount": "30"}).location == changed.location
    owner.now = NOON + 30 * SECOND
    owner.post(press + "/undo")
    assert owner.post(press + "/undo").status_code == 303
    assert sum(row.n for row in Redemption.select()) == 0
    owner.now = NOON + 2 * MINUTE
    late = rui.code(owner.now)
    redeem(owner, code=late, client_id="press-9")
    owner.now += 61 * SECOND
    assert owner.post("/redemptions/press-9/undo").status_code == 409


def test_a_change_may_be_changed_back_and_forth(owner, rui):
    """Each change is a press of its own, also when it was made before."""
    redeem(owner, code=rui.code(NOON))
    at = "/redemptions/press-1"
    for amount in ("25", "26", "25", "26", "25"):
        at = owner.post(f"{at}/instead", {"amount": amount}).location.split("?")[0]
        assert "已撤回" not in owner.get(at).page.text
    assert Redemption.select(Redemption.amount).order_by(Redemption.id.desc()).get().amount == 2500
    assert sum(row.n for row in Redemption.select()) == 1


def test_looks_are_tallied_and_put_right_the_same_day(owner, rui):
    for n in ("1", "5", "5"):
        owner.post("/verify/looks", {"n": n, "client_id": f"look-{n}"})
    assert "6" in owner.get("/verify/today").text
    assert owner.post("/verify/today", {"was": "6", "should": "x"}).status_code == 422
    assert owner.post("/verify/today", {"was": "5", "should": "4"}).status_code == 409
    assert owner.post("/verify/today", {"was": "6", "should": "４"}).status_code == 303
    assert "改数" in owner.get("/verify/today").page.text
    assert sum(row.n for row in Redemption.select()) == 4
    assert owner.post("/verify/looks", {"n": "7"}).status_code == 422


def test_a_look_has_no_answer_of_its_own(owner):
    with writing():
        Offer.update(state="ended").execute()
        Revision.bump()
    owner.post("/verify/looks", {"n": "1", "client_id": "look-1"})
    assert owner.get("/redemptions/look-1").status_code == 404
    assert owner.post("/redemptions/look-1/undo").status_code == 404
    assert owner.post("/redemptions/look-1/instead", {"amount": "30"}).status_code == 404
    assert Redemption.select().count() == 1


def test_the_answer_names_the_offer_that_was_left(owner, rui, shop, town):
    with writing():
        Offer.update(daily=0).execute()
        told = {"kind": "minus", "value": 500, "state": "approved", "first_on": 20200101, "asked_at": NOON}
        Offer.create(merchant=shop.merchant, **told)
        Revision.bump()
    form = {"client_id": "press-1", "code": rui.code(NOON)}
    answer = owner.post("/redemptions/", form, headers={"X-Fragment": "1"}, fragment=True)
    assert "立减 5 元" in answer.text.split("<details")[0]


# An owner of several.


def test_who_owns_several_shops_says_once_on_a_device_at_which_one_it_stands(owner, shop, rui, new_phone):
    make_shop("AX102", NOON)
    with writing():
        RoleGrant.create(person=shop.actor, role="merchant", scope="AX102")
    asked = owner.get("/verify").text
    assert "店AX101" in asked and "店AX102" in asked and "verify-desk" not in asked
    assert asked.count("<card-link>") == 2  # the code behind the # goes along
    assert 'shop="AX102"' in owner.get("/verify?shop=AX102").text
    assert 'shop="AX102"' in owner.get("/verify").text
    redeem(owner, code=rui.code(NOON))
    assert Redemption.get().merchant == Merchant.get(code="AX102").id
    assert 'shop="AX101"' in owner.get("/verify?shop=AX101").text
    assert 'shop="AX101"' in owner.get("/verify").text
    other = new_phone().sign_in(Person.get_by_id(shop.actor)).set("shop", "SH999")
    assert "<card-link>" in other.get("/verify").text  # what is not theirs is not chosen


# Who may.


def test_nobody_else_stands_at_the_counter(town, shop, rui, new_phone, owner):
    redeem(owner, code=rui.code(NOON))
    assert new_phone().get("/verify").status_code == 303
    for person in (town.rui, town.kim, town.olga):
        phone = new_phone().sign_in(person)
        assert phone.get("/verify").status_code == 403
        assert redeem(phone, code=rui.code(NOON)).status_code == 403
        assert phone.get("/redemptions/press-1").status_code == 403


def test_an_owner_sees_no_other_shop(owner, rui, town, new_phone):
    make_shop("AX102", NOON)
    with writing():
        other = Person.register(name="欧八", phone="13800000008", at=NOON)
        RoleGrant.create(person=other, role="merchant", scope="AX102")
    redeem(owner, code=rui.code(NOON))
    theirs = new_phone().sign_in(other)
    assert theirs.get("/redemptions/press-1").status_code == 404
    assert theirs.post("/redemptions/press-1/undo").status_code == 404
    assert theirs.get("/verify?shop=AX101").status_code == 404
    assert redeem(theirs, shop="AX101", code=rui.code(NOON + MINUTE)).status_code == 404


# The devices of a shop.


def make_till(owner, new_phone, pin="4826"):
    """A device with the shop's PIN typed, as an owner and an assistant do it."""
    owner.post("/shop/pin", {"pin": pin})
    page = owner.post("/shop/tills", {"name": "柜台平板"})
    link = page.text.split("<textarea")[1].split(">")[1].split("<")[0]
    phone = new_phone()
    phone.now = owner.now
    path = "/till/" + link.rsplit("/", 1)[1]
    assert phone.get(path).status_code == 200
    assert phone.post(path, {"pin": pin}).status_code == 303
    return phone, path


def test_an_assistant_verifies_with_the_pin_and_no_account(owner, rui, new_phone):
    till, path = make_till(owner, new_phone)
    assert "核验" in till.get("/verify").text
    page = till.get(redeem(till, code=rui.code(NOON)).location)
    assert "可以优惠" in page.text and "芮一" not in page.text
    assert Redemption.get().actor == -Till.get().id
    assert new_phone().get(path).status_code == 404  # the link was for one device


@pytest.mark.parametrize("path", ["/merchants/", "/merchants/AX109"])
def test_who_looks_at_the_shops_signs_no_till_out(owner, new_phone, path):
    till, _ = make_till(owner, new_phone)
    with writing():
        gone = make_shop("AX109", NOON)
        Merchant.update(hours="一至日 24h").execute()
        Merchant.update(state="left").where(Merchant.id == gone.merchant.id).execute()
        Revision.bump()
    assert till.get("/verify").status_code == 200
    assert "店AX101" in new_phone().get(path).text
    assert till.get("/verify").status_code == 200


def test_a_till_sends_what_it_kept_after_somebody_signed_out_on_it(owner, new_phone):
    till, _ = make_till(owner, new_phone)
    tag = till.cookie("who")
    till.post("/sign-out")
    assert not till.cookie("who")
    till.get("/verify")
    assert till.cookie("who") == tag
    till.post("/sign-out")
    till.now += 17 * HOUR
    till.post("/till", {"pin": "4826"})
    assert till.cookie("who") == tag


def test_a_device_is_taken_back_alone_and_at_once(owner, rui, new_phone):
    till, _ = make_till(owner, new_phone)
    make_till(owner, new_phone)
    ref = Till.select().order_by(Till.id).first().ref
    for _ in range(2):
        assert owner.post(f"/shop/tills/{ref}/end").status_code == 303
    assert till.get("/verify").status_code == 303
    assert redeem(till, code=rui.code(NOON)).status_code == 401
    assert owner.get("/shop/tills").text.count("柜台平板") == 1


def test_after_a_shift_the_pin_is_asked_for_again(owner, rui, new_phone):
    till, _ = make_till(owner, new_phone)
    till.now = NOON + 17 * HOUR
    assert till.get("/verify").location == "/till"
    assert till.post("/till", {"pin": "1111"}).status_code == 422
    assert till.post("/till", {"pin": "4826"}).status_code == 303
    assert till.get("/verify").status_code == 200


def test_a_new_pin_asks_all_devices(owner, new_phone):
    till, _ = make_till(owner, new_phone)
    owner.post("/shop/pin", {"pin": "7391"})
    assert till.get("/verify").location == "/till"
    assert till.post("/till", {"pin": "4826"}).status_code == 422


def test_guessing_the_pin_is_locked_after_five(owner, new_phone):
    till, _ = make_till(owner, new_phone)
    till.now = NOON + 17 * HOUR
    for n in range(5):
        assert "不是" in till.post("/till", {"pin": f"000{n}"}).text
    assert till.post("/till", {"pin": "4826"}).status_code == 422  # also the right one, for a quarter of an hour
    till.now += 16 * MINUTE
    assert till.post("/till", {"pin": "4826"}).status_code == 303
    assert Attempt.select().where(Attempt.what == "pin shop").count() == 5


def guessed(till, times):
    """So many wrong PINs, five in a quarter of an hour; what is said to the right one then."""
    for n in range(times):
        if n and n % 5 == 0:
            till.now += 16 * MINUTE
        till.post("/till", {"pin": "0000"})
    return till.post("/till", {"pin": "4826"}).text


def test_a_device_that_is_locked_says_until_when(owner, new_phone):
    till, _ = make_till(owner, new_phone)
    text = guessed(till, 5)
    assert "一刻钟" in text and "明天" not in text


def test_a_shop_that_is_locked_says_until_when_on_all_its_devices(owner, new_phone):
    till, _ = make_till(owner, new_phone)
    other, _ = make_till(owner, new_phone)
    other.now = NOON + 2 * HOUR
    for text in (guessed(till, 20), guessed(other, 0)):
        assert "明天" in text and "店主" in text and "一刻钟" not in text
    other.now = NOON + 26 * HOUR
    assert other.post("/till", {"pin": "4826"}).status_code == 303


@pytest.mark.parametrize("times", [5, 20])
def test_another_pin_opens_the_devices_and_the_shop_at_once(times, shop, owner, new_phone):
    till, _ = make_till(owner, new_phone)
    typed = "typed day", limits.subject(f"shop|{shop.merchant.id}")
    with writing():
        limits.note(*typed, NOON)
    guessed(till, times)
    owner.post("/shop/pin", {"pin": "7391"})
    assert till.post("/till", {"pin": "7391"}).status_code == 303
    assert [attempt.what for attempt in Attempt.select()] == ["typed day"]  # guessed numbers of cards stay counted


def test_each_time_the_pin_is_typed_the_device_is_known_for_another_quarter(owner, new_phone):
    till, _ = make_till(owner, new_phone)
    before = till.cookie("till"), till.cookie("who")
    till.now = NOON + 17 * HOUR
    given = till.post("/till", {"pin": "4826"}).headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in given if "Max-Age=7776000" in cookie] == ["till", "who"]
    assert (till.cookie("till"), till.cookie("who")) == before
    assert not till.post("/till", {"pin": "0000"}).headers.getlist("Set-Cookie")


def test_a_pin_is_asked_back_when_it_is_none_or_easy(owner):
    for pin in ("", "123", "12345", "1111", "abcd", "123456789"):
        assert owner.post("/shop/pin", {"pin": pin}).status_code == 422
    assert owner.post("/shop/tills", {"name": "前台"}).status_code == 422  # first a PIN
    owner.post("/shop/pin", {"pin": "4826"})
    assert owner.post("/shop/tills", {"name": ""}).status_code == 422


def test_a_link_runs_out(owner, new_phone):
    owner.post("/shop/pin", {"pin": "4826"})
    shop = owner.post("/shop/tills", {"name": "前台"})
    path = "/till/" + shop.text.split("<textarea")[1].split(">")[1].split("<")[0].rsplit("/", 1)[1]
    late = new_phone()
    late.now = NOON + 11 * MINUTE
    assert late.get(path).status_code == 404 and late.post(path, {"pin": "4826"}).status_code == 404


# Without a network.


def queued(phone, rui, when, **item):
    """What the shop's phone kept and sends."""
    told = {"v": 1, "kind": "redemption", "client_id": "kept-1", "place": "AX101", "code": rui.code(when)}
    return phone.sync(told | {"at": when.isoformat(), "who": phone.cookie("who")} | item).json


def test_a_code_kept_without_network_is_checked_later(owner, rui):
    owner.now = NOON + 2 * HOUR
    for _ in range(2):
        [answer] = queued(owner, rui, NOON)
        assert answer["result"] == "accepted" and "芮*" in answer["message"]
    row = Redemption.get()
    assert (row.at, row.lag) == (NOON, 7200)
    assert "当时没网" in owner.get("/verify/today").text
    [answer] = queued(owner, rui, NOON, client_id="kept-2")
    assert answer["result"] == "refused" and "核过了" in answer["message"]


def test_a_till_sends_what_it_kept_also_after_its_shift(owner, rui, new_phone):
    till, _ = make_till(owner, new_phone)
    till.now = NOON + 20 * HOUR
    assert queued(till, rui, NOON)[0]["result"] == "accepted"
    [answer] = till.sync(
        {"v": 1, "kind": "look", "client_id": "l-1", "place": "AX101", "n": 5, "who": till.cookie("who")}
    ).json
    assert answer["result"] == "accepted" and sum(row.n for row in Redemption.select()) == 6


def test_what_is_damaged_or_anothers_is_refused_one_by_one(owner, rui, new_phone, town):
    make_shop("AX102", NOON)
    for item in ({"place": "AX102"}, {"place": None}, {"code": None}, {"code": "x"}, {"at": "yesterday"}, {"place": 7}):
        [answer] = queued(owner, rui, NOON, client_id=f"kept-{item}"[:30].replace(" ", ""), **item)
        assert answer["result"] == "refused" and answer["message"]
    rider = new_phone().sign_in(town.rui)
    assert queued(rider, rui, NOON)[0]["result"] == "refused"
    assert (
        new_phone().sync({"v": 1, "kind": "look", "client_id": "l", "place": "AX101", "n": "5"}).json[0]["result"]
        == "refused"
    )
    assert Redemption.select().count() == 0


# What the partner sees.


def test_a_partner_sees_where_the_card_was_used_and_what_it_saved(owner, rui, new_phone, town):
    redeem(owner, code=rui.code(NOON))
    owner.post("/redemptions/press-1/instead", {"amount": "100"})
    page = new_phone().sign_in(town.rui).get("/card/uses")
    assert "店AX101" in page.text and ">12<" in page.text and page.text.count("店AX101") == 1
    assert "店AX101" not in new_phone().sign_in(town.ray).get("/card/uses").text


def test_after_half_a_year_nobody_knows_whose_use_it_was(owner, rui):
    redeem(owner, code=rui.code(NOON))
    assert uses.forget_persons(NOON + 179 * DAY) == 0
    assert uses.forget_persons(NOON + 181 * DAY) == 1
    row = Redemption.get()
    assert (row.person, row.card, row.card_key, row.n) == (None, None, None, 1)
    assert uses.sums(rui.person) == (1, 0)
