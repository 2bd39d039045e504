"""The counter of a shop in a cellar: opened, scanned and typed at without a network."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from tests.browser.server import CONTROLLED
from tests.browser.test_axe import found
from tests.browser.test_card import KEPT
from tests.browser.test_card_journeys import SCANNED, SHOP, counted, phone  # noqa: F401 (counted: a fixture)

YESTERDAY = """async () => Drawers.set("counter", { ...await Drawers.get("counter"), day: "2024-09-19" })"""


@pytest.fixture
def merchant(quick, server):
    """A phone on which the counter was open once, and which has no network any more."""
    with phone(quick) as merchant:
        server.sign_in(merchant, "merchant")
        merchant.goto(server.url + "/verify?shop=" + SHOP)
        merchant.evaluate(CONTROLLED)
        merchant.evaluate(KEPT, ["/verify/offline", "counter"])
        merchant.context.set_offline(True)
        yield merchant


def test_it_opens_notes_codes_and_looks_and_sends_them_later(merchant, server, counted):  # noqa: F811
    merchant.context.set_offline(False)
    card = server.card(merchant, "coordinator")
    server.sign_in(merchant, "merchant")
    merchant.goto(server.url + "/verify?shop=" + SHOP)
    colour = merchant.inner_text(".today")
    merchant.context.set_offline(True)
    merchant.goto(server.url + "/verify?shop=" + SHOP)
    expect(merchant.locator("verify-desk .notice").first).to_contain_text("老街羊汤 这会儿没网")
    expect(merchant.locator(".today")).to_have_text(colour)
    expect(merchant.locator("[data-when=unknown]")).to_be_hidden()
    assert found(merchant) == []
    merchant.evaluate(SCANNED, card.payload(dt.datetime.now(dt.UTC)))
    expect(merchant.locator(".answer .verdict")).to_have_text("还没核验")
    merchant.click(".answer [data-next]")
    merchant.click("[name=n][value='5']")
    expect(merchant.locator("[data-when=kept]")).to_be_visible()
    expect(merchant.locator("queue-bar")).to_contain_text("2")
    assert counted() == 0
    merchant.context.set_offline(False)
    expect(merchant.locator("queue-bar")).not_to_contain_text("2")
    assert counted() == 6
    merchant.get_by_role("link", name="有网了").click()
    expect(merchant.locator("verify-desk > .near [data-told=total]")).to_be_visible()


def test_a_code_that_the_phones_own_scanner_brought_is_noted_too(merchant, server):
    merchant.goto(server.url + "/verify#C1ZZZZZZZZ000000ZZZZZZZZZZZZZZZZ")
    expect(merchant.locator(".answer .verdict")).to_have_text("还没核验")


def test_yesterdays_colour_is_not_shown_for_todays(merchant, server):
    merchant.evaluate(YESTERDAY)
    merchant.goto(server.url + "/verify")
    expect(merchant.locator(".today")).to_have_text("真卡上的钟在走，截图不会动。")
    assert merchant.is_hidden(".today .dot")


def test_of_another_shop_and_for_another_person_it_knows_nothing(merchant, server):
    def knows_nothing(path):
        merchant.goto(server.url + path)
        expect(merchant.locator("[data-when=unknown]")).to_be_visible()
        expect(merchant.locator("verify-desk")).to_have_count(0)

    knows_nothing("/verify?shop=SH003")
    for who in ("rider", None):
        merchant.context.set_offline(False)
        server.sign_in(merchant, who) if who else server.sign_out(merchant)
        merchant.context.set_offline(True)
        knows_nothing("/verify")


def test_typed_digits_are_not_lost_with_the_network(merchant, server, counted):  # noqa: F811
    merchant.fill("#last4", "0001")
    merchant.fill("#digits", "123456")
    for _ in range(2):
        merchant.get_by_role("button", name="核一下").click()
        expect(merchant.locator(".answer")).to_contain_text("输的数字没法先记着")
        merchant.click(".answer [data-next]")
    assert merchant.input_value("#digits") == "123456" and counted() == 0
    merchant.context.set_offline(False)
    merchant.get_by_role("button", name="核一下").click()
    expect(merchant.locator(".answer .verdict")).to_have_text("按原价就好")
    merchant.click(".answer [data-next]")
    assert merchant.input_value("#digits") == "" and counted() == 0
    merchant.fill("#digits", "12")
    merchant.get_by_role("button", name="核一下").click()
    expect(merchant.locator("#digits-why")).to_be_visible()
    assert merchant.input_value("#digits") == "12", "what was typed wrong is said beside it, on the page"
