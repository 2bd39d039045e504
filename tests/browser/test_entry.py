"""Journeys of the entry: count first and join after, a new phone, a lost one; with scripts and without, in both languages."""

import pytest

from tests.browser.test_journeys import go, phone


@pytest.mark.parametrize(
    "scripts, number, station", [(True, "139 0000 1001", "YZ041"), (False, "13900001002", "YZ042")]
)
def test_counted_as_a_guest_and_joined_after_the_visit_is_mine(scripts, number, station, quick, server, messages):
    with phone(quick, java_script_enabled=scripts, service_workers="block") as guest:
        guest.goto(f"{server.url}/s/{station}")
        if scripts:
            guest.tap("button.tall")
            guest.wait_for_selector("body.alight")
        else:
            go(guest, "button.tall")
        go(guest, "a[href^='/register']:visible")
        assert not guest.is_checked("#agree")
        guest.fill("#name", "赵新来")
        guest.select_option("#industry", "driver truck")
        guest.fill("#phone", number)
        go(guest, ".pair button")  # not agreed: nothing is sent, everything is kept
        assert guest.input_value("#phone") == number and guest.is_visible("#agree-why")
        guest.check("#agree")
        go(guest, ".pair button")
        assert guest.input_value("#name") == "赵新来" and guest.is_checked("#agree")
        guest.fill("#code", messages.code(number.replace(" ", "")))
        go(guest, ".pair button")
        assert guest.url == server.url + "/me/"
        assert guest.locator(f"a[href='/stations/{station}']").count() == 1
        (visit,) = server.visits(station)
        assert visit["actor"] > 0 and visit["n"] == 1
        go(guest, "form[action='/sign-out'] button")
    with phone(quick, java_script_enabled=scripts, service_workers="block") as other:  # a new phone
        other.context.add_cookies([{"name": "prefs", "value": "lang=en", "url": server.url}])
        other.goto(server.url + "/sign-in")
        other.fill("#phone", number)
        go(other, "main form >> nth=0 >> button.lamp")
        other.fill("#code", messages.code(number.replace(" ", "")))
        go(other, "main form >> nth=0 >> button.lamp")
        assert other.url == server.url + "/me/" and other.locator(f"a[href='/stations/{station}']").count() == 1


def test_looking_around_first_is_as_near_as_agreeing(quick, server):
    with phone(quick, service_workers="block") as guest:
        guest.goto(server.url + "/register")
        agree, look = (guest.locator(f".pair {tag}").bounding_box() for tag in ("button", "a"))
        assert (agree["width"], agree["height"]) == (look["width"], look["height"])
        go(guest, ".pair a")
        assert guest.url == server.url + "/stations/"


def test_a_lost_phone_is_replaced_by_a_keeper_in_person(quick, server, messages):
    with phone(quick, service_workers="block") as keeper:
        server.sign_in(keeper, "keeper")
        keeper.goto(server.url + "/me/")
        go(keeper, "a[href='/desk/locked']")
        go(keeper, "a[href='/desk/phone']")
        keeper.fill("#old", "14108120001")
        keeper.fill("#phone", "13900001003")
        go(keeper, "button.lamp")
        keeper.fill("#code", messages.code("13900001003"))
        go(keeper, "button.lamp")
        assert keeper.is_visible(".notice[role=status]")
        keeper.goto(server.url + "/desk/phone")  # and back, for whoever comes after
        keeper.fill("#old", "13900001003")
        keeper.fill("#phone", "14108120001")
        go(keeper, "button.lamp")
        keeper.fill("#code", messages.code("14108120001"))
        go(keeper, "button.lamp")
        assert keeper.is_visible(".notice[role=status]")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/password", "/register"])
def test_at_320_px_with_letters_twice_as_large_nothing_runs_out_of_the_side(path, quick, server):
    context = quick.new_context(viewport={"width": 320, "height": 720}, service_workers="block")
    page = context.new_page()
    page.goto(server.url + path)
    page.evaluate("document.documentElement.style.fontSize = '36px'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
