"""The second factor on the screen, and showing once more who one is."""

import datetime as dt
import re

import pyotp
import pytest

from models import invitations, second_factor
from models._database import writing
from models._trail import Trail
from models.outbox import Outbox
from models.people import Person, RoleGrant
from models.second_factor import RecoveryCode, SecondFactor
from models.sessions import TWICE, Session
from tests._phone import Phone

MINUTE, STEP = dt.timedelta(minutes=1), dt.timedelta(seconds=30)


def code(person, at):
    return pyotp.TOTP(SecondFactor.of(person).secret).at(at)


def hidden(answer, name):
    return next(
        (field["value"] for field in answer.page.all("input") if field["name"] == name and field["type"] == "hidden"),
        None,
    )


def carried_form(answer):
    """What the page with the one button sends, and where to."""
    (form,) = [form for form in answer.page.all("form") if form["action"] not in ("/prefs", "/sign-out")]
    fields = [field for field in answer.page.all("input") if field.get("type") == "hidden" and field["name"] != "next"]
    return form["action"], [(field["name"], field["value"]) for field in fields]


@pytest.fixture
def enrolled(town, noon):
    """Olga has set it up, an hour before noon; her codes on paper."""
    early = noon - 60 * MINUTE
    second_factor.begin(town.olga)
    return second_factor.confirm(town.olga, code(town.olga, early), at=early)


@pytest.fixture
def real(real_app):
    """Phones before the product as a district runs it."""
    return lambda: Phone(real_app)


# Setting it up.


def set_up(phone, person):
    assert phone.post("/me/second").status_code == 303
    return phone.post("/me/second/confirmation", {"code": code(person, phone.now)})


def test_it_is_set_up_with_a_picture_or_by_typing_and_confirmed_with_a_code(town, phone):
    phone.sign_in(town.rui)
    assert "QR" not in phone.get("/me/second").page.text and not SecondFactor.select().exists()
    phone.post("/me/second")
    page = phone.get("/me/second").page
    secret = SecondFactor.of(town.rui).secret
    assert secret in page.text.replace(" ", "") and [svg for svg in page.all("svg") if svg.get("role") == "img"]
    answer = phone.post("/me/second/confirmation", {"code": code(town.rui, phone.now)})
    assert answer.status_code == 201
    codes = re.findall(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b", answer.page.text)
    assert len(set(codes)) == 10 and second_factor.is_right(town.rui, codes[0], at=phone.now)
    again = phone.get("/me/second").page.text
    assert not any(c in again for c in codes) and secret not in again.replace(" ", ""), "shown once"


def test_a_wrong_code_is_said_beside_the_field_and_the_secret_is_still_there(town, phone):
    phone.sign_in(town.rui).post("/me/second")
    answer = phone.post("/me/second/confirmation", {"code": "000000x"})
    assert answer.status_code == 422 and "这个码不对" in answer.page.text
    assert SecondFactor.of(town.rui).secret in answer.page.text.replace(" ", "")
    assert any(field.get("aria-invalid") for field in answer.page.all("input"))


def test_confirming_twice_gives_no_new_codes(town, phone):
    phone.sign_in(town.rui)
    set_up(phone, town.rui)
    phone.now += STEP
    answer = phone.post("/me/second/confirmation", {"code": code(town.rui, phone.now)})
    assert (answer.status_code, answer.location) == (303, "/me/second") and RecoveryCode.left(town.rui) == 10


def test_what_was_not_begun_cannot_be_confirmed(town, phone):
    assert phone.sign_in(town.rui).post("/me/second/confirmation", {"code": "123456"}).location == "/me/second"


def test_the_device_gets_a_new_token_and_counts_as_signed_in_with_it(town, phone):
    old = phone.sign_in(town.rui, second=False).cookie("sid")
    set_up(phone, town.rui)
    assert Session.person_of(old, at=phone.now + TWICE) is None
    assert Session.person_of(phone.cookie("sid"), at=phone.now).session_second


def test_new_codes_on_paper_and_turning_it_off_ask_for_a_code(town, phone):
    phone.sign_in(town.rui)
    set_up(phone, town.rui)
    for path in ("/me/second/codes", "/me/second/end"):
        assert phone.post(path, {"code": "x"}).status_code == 422
    phone.now += STEP
    assert phone.post("/me/second/codes", {"code": code(town.rui, phone.now)}).status_code == 201
    phone.now += STEP
    assert phone.post("/me/second/end", {"code": code(town.rui, phone.now)}).location == "/me/second"
    assert SecondFactor.of(town.rui) is None
    assert phone.post("/me/second/end", {"code": ""}).status_code == 303, "twice is once"


def test_after_five_wrong_ones_even_the_right_one_waits(town, phone):
    phone.sign_in(town.rui)
    phone.post("/me/second")
    for _ in range(5):
        phone.post("/me/second/confirmation", {"code": "x"})
    answer = phone.post("/me/second/confirmation", {"code": code(town.rui, phone.now)})
    assert answer.status_code == 422 and "一刻钟" in answer.page.text


def test_a_stolen_session_does_not_prove_itself_with_an_app_of_its_own(town, phone):
    phone.sign_in(town.rui, second=False)
    phone.now += 6 * MINUTE
    assert phone.get("/me/second").location == "/prove?next=/me/second"
    assert phone.post("/me/second").status_code == 401
    second_factor.begin(town.rui)  # begun by the owner, elsewhere
    answer = phone.post("/me/second/confirmation", {"code": code(town.rui, phone.now)})
    assert answer.status_code == 401 and not SecondFactor.of(town.rui).on
    assert SecondFactor.of(town.rui).secret not in phone.get("/me/second", follow_redirects=True).page.text.replace(
        " ", ""
    )
    assert phone.post("/me/password", {"password": "another-word-1"}).status_code == 401


# Outside the demo.


def test_a_strong_role_without_one_is_led_to_setting_it_up_and_nowhere_else(town, real):
    phone = real().sign_in(town.olga, second=False)
    for path in ("/dashboard/", "/me/", "/dashboard/visits?month=202409", "/roles/table", "/me/visits"):
        answer = phone.get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/me/second"), path
    assert phone.get("/dashboard/visits").location == "/me/second?next=/dashboard/visits"
    for path in ("/me/second/codes", "/me/handover", "/me/phone"):
        assert phone.post(path).status_code == 403, path
    for path in ("/", "/stations/", "/me/second", "/prove"):
        assert phone.get(path).status_code == 200, path
    assert phone.post("/sign-out").status_code == 303


def test_once_it_is_set_up_the_way_goes_on(town, real):
    phone = real().sign_in(town.olga, second=False)
    page = phone.get(phone.get("/dashboard/visits").location)
    phone.post("/me/second", {"next": hidden(page, "next")})
    answer = phone.post("/me/second/confirmation", {"code": code(town.olga, phone.now), "next": hidden(page, "next")})
    assert "/dashboard/visits" in answer.page.links()
    assert phone.get("/dashboard/").status_code == 200


def test_with_one_signing_in_asks_for_the_code_and_goes_on(town, enrolled, real):
    phone = real().sign_in(town.olga, second=False)
    asked = phone.get("/dashboard/visits?month=202409")
    assert asked.location == "/second?next=/dashboard/visits?month%3D202409"
    form = phone.get(asked.location)
    wrong = phone.post("/second", {"code": "x", "next": hidden(form, "next")})
    assert wrong.status_code == 422 and phone.get("/dashboard/").status_code == 303
    old = phone.cookie("__Host-sid")
    right = phone.post("/second", {"code": code(town.olga, phone.now), "next": hidden(wrong, "next")})
    assert (right.status_code, right.location) == (303, "/dashboard/visits?month=202409")
    assert phone.get("/dashboard/").status_code == 200
    thief = real().set("__Host-sid", old)
    assert thief.get("/dashboard/").location.startswith("/second")  # the token before has shown no code
    thief.now += TWICE
    assert thief.get("/dashboard/").location.startswith("/sign-in")


def test_a_code_that_was_used_opens_no_second_device(town, enrolled, real):
    now = code(town.olga, real().now)
    assert real().sign_in(town.olga, second=False).post("/second", {"code": now}).status_code == 303
    thief = real().sign_in(town.olga, second=False)
    assert thief.post("/second", {"code": now}).status_code == 422
    assert thief.get("/dashboard/").location.startswith("/second")


def test_a_code_on_paper_opens_too_and_once(town, enrolled, real):
    assert real().sign_in(town.olga, second=False).post("/second", {"code": enrolled[0].lower()}).status_code == 303
    assert real().sign_in(town.olga, second=False).post("/second", {"code": enrolled[0]}).status_code == 422


def test_a_half_signed_in_device_cannot_turn_it_off_or_make_new_codes(town, enrolled, real):
    phone = real().sign_in(town.olga, second=False)
    for path in ("/me/second/end", "/me/second/codes"):
        assert phone.post(path, {"code": enrolled[0]}).status_code == 401
    assert SecondFactor.of(town.olga).secret not in phone.get("/me/second").get_data(as_text=True)
    assert phone.post("/me/second").status_code == 303 and SecondFactor.of(town.olga).on
    assert RecoveryCode.left(town.olga) == 10


def test_who_turned_it_off_is_led_to_it_again(town, enrolled, real):
    phone = real().sign_in(town.olga)
    assert phone.post("/me/second/end", {"code": code(town.olga, phone.now)}).status_code == 303
    assert phone.get("/dashboard/").location.startswith("/me/second")


def test_for_others_it_is_asked_for_when_they_have_it_and_not_else(town, real):
    phone = real().sign_in(town.kim, second=False)
    assert phone.get("/desk/").status_code == 200
    set_up(phone, town.kim)
    assert phone.get("/desk/").status_code == 200
    assert real().sign_in(town.kim, second=False).get("/desk/").location.startswith("/second")


def test_there_is_nothing_to_show_for_who_has_none(town, real):
    assert real().sign_in(town.kim).post("/second", {"code": "x"}).location == "/me/second?next=/"


def test_in_the_demo_nobody_has_to(town, enrolled, phone):
    assert phone.sign_in(town.olga, second=False).get("/dashboard/").status_code == 200


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_host(next, town, enrolled, real):
    phone = real().sign_in(town.olga, second=False)
    assert phone.post("/second", {"code": code(town.olga, phone.now), "next": next}).location == "/"
    assert phone.post("/prove", {"password": "warm-olga", "next": next}).location == "/"


def test_a_guest_has_nothing_here(town, phone):
    for path in ("/second", "/me/second", "/prove"):
        assert phone.get(path).location.startswith("/sign-in")
        assert phone.post(path).status_code == 401


# Showing once more who one is.


@pytest.fixture
def ada(town, noon):
    with writing():
        person = Person.register(name="艾达", phone="13800000006", at=noon, password="warm-ada")
        RoleGrant.create(person=person, role="administrator")
    return person


def late(phone):
    """Six minutes after signing in."""
    phone.now += 6 * MINUTE
    return phone


def test_signing_in_is_a_proof_for_five_minutes(town, ada, phone):
    phone.sign_in(ada)
    phone.now += 5 * MINUTE
    gift = {"role": "keeper", "station": "SF003"}
    assert phone.post(f"/roles/{town.rui.ref}/grants", gift).status_code == 303
    phone.now += MINUTE
    answer = phone.post(f"/roles/{town.ray.ref}/grants", gift)
    assert answer.status_code == 401 and "是您本人吗" in answer.page.text
    assert RoleGrant.select().where(RoleGrant.scope == "SF003").count() == 1


def test_what_was_sent_is_carried_and_sent_with_one_press_after_the_password(town, ada, phone):
    address = f"/roles/{town.rui.ref}/grants"
    asked = late(phone.sign_in(ada)).post(address, {"role": "keeper", "station": "SF003", "until": "2024-12-31"})
    wrong = phone.post("/prove", {"password": "no", "carry": hidden(asked, "carry"), "next": ""})
    assert wrong.status_code == 422 and "口令" in wrong.page.text
    old = phone.cookie("sid")
    again = phone.post("/prove", {"password": "warm-ada", "carry": hidden(wrong, "carry"), "next": ""})
    assert again.status_code == 200 and phone.cookie("sid") != old
    action, fields = carried_form(again)
    assert action == address and ("until", "2024-12-31") in fields
    assert phone.post(action, dict(fields)).status_code == 303
    assert RoleGrant.get(person=town.rui, role="keeper").scope == "SF003"
    assert Session.person_of(old, at=phone.now + TWICE) is None


def test_a_page_that_asks_leads_on_to_itself(town, ada, phone):
    asked = late(phone.sign_in(town.rui)).get("/me/phone")
    assert asked.location == "/prove?next=/me/phone"
    form = phone.get(asked.location)
    answer = phone.post("/prove", {"password": "warm-rui", "next": hidden(form, "next")})
    assert (answer.status_code, answer.location) == (303, "/me/phone")
    assert phone.get("/me/phone").status_code == 200


def test_a_code_of_the_app_is_a_proof_too(town, ada, phone):
    phone.sign_in(ada)
    set_up(phone, ada)
    late(phone)
    assert phone.post("/me/handover", {"post": "x"}).status_code == 401
    assert phone.post("/prove", {"code": "x"}).status_code == 422
    assert phone.post("/prove", {"code": code(ada, phone.now)}).status_code == 303
    assert phone.post("/prove", {"code": code(ada, phone.now)}).status_code == 422, "replayed"
    assert phone.post("/me/handover", {"post": "x"}).status_code == 404


def test_a_code_by_message_is_a_proof_too(town, ada, phone):
    asked = late(phone.sign_in(ada)).post(f"/roles/{town.rui.ref}/grants", {"role": "keeper", "station": "SF003"})
    sent = phone.post("/prove", {"send": "1", "carry": hidden(asked, "carry")})
    assert sent.status_code == 200 and hidden(sent, "carry") == hidden(asked, "carry")
    message = Outbox.select().order_by(Outbox.id.desc()).get()
    assert message.to == "13800000006"
    digits = re.search(r"\d{6}", message.text)[0]
    wrong = phone.post("/prove", {"sms_code": "x", "carry": hidden(sent, "carry"), "asked": "1"})
    assert wrong.status_code == 422 and [field for field in wrong.page.all("input") if field["name"] == "sms_code"]
    answer = phone.post("/prove", {"sms_code": digits, "carry": hidden(wrong, "carry"), "asked": "1"})
    assert answer.status_code == 200 and carried_form(answer)[0] == f"/roles/{town.rui.ref}/grants"


def test_anothers_password_is_no_proof(town, ada, phone):
    late(phone.sign_in(ada))
    assert phone.post("/prove", {"password": "warm-rui"}).status_code == 422
    assert phone.post("/prove", {}).status_code == 422
    assert phone.post("/me/handover", {"post": "x"}).status_code == 401


def test_passwords_are_not_tried_out_here_either(town, ada, phone):
    late(phone.sign_in(ada)).set("device", "d" * 32)
    said = [phone.post("/prove", {"password": f"no-{n}"}).status_code for n in range(12)]
    assert said[:10] == [422] * 10 and said[10:] == [429] * 2
    assert phone.post("/prove", {"password": "warm-ada"}).status_code == 429


def test_who_has_neither_phone_nor_app_is_told_to_sign_in_again(town, phone, noon):
    with writing():
        person = Person.create(name="无", created_at=noon)
    page = late(phone.sign_in(person)).get("/prove").page
    assert "/sign-out" in [form["action"] for form in page.all("form")]
    assert phone.post("/prove", {"password": "x"}).status_code == 422


def test_passwords_and_codes_are_never_carried(town, phone):
    phone.sign_in(town.rui)
    late(phone)
    asked = phone.post("/me/phone", {"password": "very secret", "code": "123456", "other": "kept"})
    assert asked.status_code == 401
    told = asked.get_data(as_text=True)
    assert "very secret" not in told and "123456" not in told and "kept" in hidden(asked, "carry")


@pytest.mark.parametrize(
    "carry", ["", "x", "[]", '["https://evil.example/",[]]', '["//evil.example",[]]', "[1,2]", '["/x",[["a"]]]', "\0"]
)
def test_what_is_carried_is_for_our_own_pages_alone(carry, town, phone):
    answer = late(phone.sign_in(town.rui)).post("/prove", {"password": "warm-rui", "carry": carry})
    assert answer.status_code in (303, 200) and "evil" not in answer.get_data(as_text=True)
    assert (answer.location or "/") == "/"


def test_what_was_sent_before_the_second_step_is_carried_over_it(town, enrolled, real, noon):
    with writing():
        RoleGrant.update(role="administrator").where(RoleGrant.person == town.olga).execute()
    phone, address = real().sign_in(town.olga, second=False), f"/roles/{town.rui.ref}/grants"
    asked = phone.post(address, {"role": "keeper", "station": "SF003"})
    assert asked.status_code == 401 and RoleGrant.select().where(RoleGrant.scope == "SF003").count() == 0
    wrong = phone.post("/second", {"code": "x", "carry": hidden(asked, "carry")})
    right = phone.post("/second", {"code": code(town.olga, phone.now), "carry": hidden(wrong, "carry")})
    action, fields = carried_form(right)
    assert action == address and phone.post(action, dict(fields)).status_code == 303
    assert RoleGrant.get(person=town.rui, role="keeper").scope == "SF003"


def test_who_lost_phone_and_paper_is_helped_by_an_administrator(town, enrolled, ada, new_phone, phone):
    olga, admin = new_phone().sign_in(town.olga), phone.sign_in(ada)
    address = f"/roles/{town.olga.ref}/second/end"
    assert address in [form["action"] for form in admin.get(f"/roles/{town.olga.ref}").page.all("form")]
    for _ in range(2):
        assert admin.post(address).location == f"/roles/{town.olga.ref}"
    assert SecondFactor.of(town.olga) is None and not RecoveryCode.select().exists()
    assert olga.get("/me/").location.startswith("/sign-in")
    told = Trail.select().order_by(Trail.seq.desc()).get()
    assert (told.what, told.actor) == ("second factor off", ada.id)


def test_but_not_with_the_own_one(town, ada, phone):
    phone.sign_in(ada)
    set_up(phone, ada)
    assert phone.post(f"/roles/{ada.ref}/second/end").location == "/me/second"
    assert SecondFactor.of(ada).on


def test_a_new_administrator_of_a_district_is_led_from_the_link_to_the_pages(town, real, noon):
    """As it goes for the first one: the operator's link, the own phone, the second factor, the pages."""
    made = invitations.invite("administrator", "", grant_ends_at=None, by=None, at=noon)
    phone = real().sign_in(town.rui, second=False)
    assert phone.post(f"/invited/{made.token}").location == "/me/"
    assert phone.get("/me/").location == "/me/second?next=/me/"
    set_up(phone, town.rui)
    assert phone.get("/roles/").status_code == 200
    assert phone.post(f"/roles/{town.ray.ref}/grants", {"role": "keeper", "station": "SF003"}).status_code == 303


def test_a_button_that_proves_pressed_twice_answers_twice_the_same(town, ada, phone):
    late(phone.sign_in(town.rui))
    old, form = phone.cookie("sid"), {"password": "warm-rui", "next": "/me/phone"}
    first = phone.post("/prove", form)
    phone.set("sid", old)  # the first answer never came
    second = phone.post("/prove", form)
    assert (first.status_code, first.location) == (second.status_code, second.location) == (303, "/me/phone")
    assert phone.get("/me/phone").status_code == 200


def test_the_token_before_proves_nothing(town, ada, phone):
    late(phone.sign_in(town.rui))
    old = phone.cookie("sid")
    phone.post("/prove", {"password": "warm-rui", "next": "/me/phone"})
    phone.set("sid", old)
    assert phone.get("/me/phone").location.startswith("/prove")


def test_nor_does_it_with_the_password_alone_where_a_second_factor_is_asked_for(town, enrolled, real):
    phone = real().sign_in(town.olga, second=False)
    old = phone.cookie("__Host-sid")
    phone.post("/second", {"code": code(town.olga, phone.now)})
    thief = real().set("__Host-sid", old)
    assert thief.post("/prove", {"password": "warm-olga", "next": "/dashboard/"}).status_code == 303
    assert thief.get("/dashboard/").location.startswith("/second")
