"""From the partner's phone to the shop's: two browsers, without a network on this side or on that, with and without scripts."""

import datetime as dt
import io
import re
from contextlib import contextmanager

import pytest
from PIL import Image
from playwright.sync_api import expect

from bench._film import FAKE, SIZE, blank, film
from tests.browser.server import CHROMIUM
from tests.browser.test_axe import found
from tests.browser.test_card import as_many_phones_as_tests, switch_on  # noqa: F401 (a fixture)
from tests.browser.test_scanner import TYPED

SHOP = "SH001"
SCANNED = """code => document.querySelector("code-scanner").dispatchEvent(
  new CustomEvent("scanned", { bubbles: true, cancelable: true, detail: { text: code, how: "camera" } }))"""
A_WHILE_AGO = """async ms => {
  const [{ key, record }] = await Items.all()
  await Drawers.set(key, { ...record, pressed: record.pressed - ms })
}"""
"""For `page.evaluate`: what waits was noted so much earlier."""


@contextmanager
def phone(browser, **more):
    context = browser.new_context(viewport={"width": 360, "height": 720}, locale="zh-CN", **more)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    assert page.complaints == []
    context.close()


@pytest.fixture
def counted(server):
    """How many redemptions there are more than when the test began; what was taken back does not count."""

    def count():
        return server._ask("SELECT coalesce(sum(n), 0) FROM redemption WHERE merchant = (SELECT id FROM merchant WHERE code = ?)", SHOP)[0][0]  # fmt: skip

    before = count()
    return lambda: count() - before


def camera_before(page) -> list[Image.Image]:
    """What a camera sees that looks at the card's code for 2 s, and at nothing for longer than the 3 s in which the same
    code is not told again."""
    shown = Image.open(io.BytesIO(page.locator("svg.qr").screenshot())).convert("L")
    code = blank()
    code.paste(shown, ((SIZE[0] - shown.width) // 2, (SIZE[1] - shown.height) // 2))
    return [code] * 4 + [blank()] * 7


def begin_of_a_step(page):
    """So that the code is not at its end when the camera sees it."""
    left = int(page.locator("[data-part=left]").inner_text())
    if left < 6:
        page.wait_for_timeout(1000 * left + 500)


def test_a_card_in_flight_mode_is_filmed_by_a_shops_camera(playwright, browser, server, tmp_path, counted):
    with phone(browser) as partner:
        switch_on(partner, server)
        partner.context.set_offline(True)
        begin_of_a_step(partner)
        show = film(tmp_path / "film.y4m", camera_before(partner), 5)
    shops = playwright.chromium.launch(**CHROMIUM | {"args": [*CHROMIUM["args"], *FAKE, show]})
    with phone(shops) as merchant:
        merchant.context.add_cookies([{"name": "prefs", "value": "lang=en", "url": server.url}])
        server.sign_in(merchant, "merchant")
        merchant.goto(server.url + "/verify?shop=" + SHOP)
        merchant.click("code-scanner > button")
        said, its_answer = merchant.locator(".answer .verdict"), merchant.locator(".answer")
        expect(said).to_have_text("Yes, for this partner")
        expect(its_answer).to_contain_text("李*")
        expect(its_answer).not_to_contain_text("李小安")
        assert merchant.evaluate("document.activeElement.matches('.verdict')") and counted() == 1
        assert found(merchant) == []
        undo = merchant.get_attribute(".answer form[action$=undo]", "action")
        merchant.click("[data-next]")
        expect(merchant.locator("verify-desk > .near [data-told=total]")).not_to_have_text("0")
        assert its_answer.is_hidden() and merchant.locator("code-scanner video").is_visible(), (
            "it is ready for the next one"
        )
        expect(said).to_have_text("The usual price")
        expect(its_answer).to_contain_text("taken here already")
        assert found(merchant) == []
        assert counted() == 1
        server.post(merchant, undo, shop=SHOP)
        merchant.goto(server.url + undo.replace("/undo", "?shop=" + SHOP))
        expect(merchant.locator("h1")).to_have_text("Taken back")
        assert counted() == 0
    shops.close()


def test_without_scripts_a_code_for_once_is_typed_and_taken_once(browser, server, counted):
    plain = {"java_script_enabled": False}
    with phone(browser, **plain) as partner, phone(browser, **plain) as merchant:
        server.sign_in(partner, "rider")
        server.apply(partner)
        partner.goto(server.url + "/card/once")
        partner.click("button.lamp")
        digits = partner.inner_text(".code")
        server.sign_in(merchant, "merchant")
        merchant.goto(server.url + "/verify?shop=" + SHOP)
        for heading in ("可以优惠", "按原价"):
            merchant.fill("#digits", digits)
            merchant.get_by_role("button", name="核一下").click()
            expect(merchant.locator("h1")).to_have_text(re.compile(heading))
            assert counted() == 1
            if heading == "可以优惠":
                press = merchant.url
            merchant.get_by_role("link", name="下一位").click()
        merchant.goto(press)
        merchant.get_by_role("button", name="记错了").click()
        expect(merchant.locator("h1")).to_have_text("已撤回")
        assert counted() == 0


def test_an_assistant_types_the_pin_and_the_digits_and_is_stopped_by_the_owner(browser, server, counted):
    with phone(browser) as partner, phone(browser) as owner, phone(browser) as assistant:
        switch_on(partner, server)
        server.sign_in(owner, "merchant")
        owner.goto(server.url + "/shop/tills?shop=" + SHOP)
        owner.fill("#pin", "4826")
        owner.get_by_role("button", name="就用这个").click()
        owner.fill("#name", "柜台手机")
        owner.get_by_role("button", name="开一个链接").click()
        assistant.goto(owner.input_value("#link"))
        assistant.fill("#pin", "4826")
        assistant.get_by_role("button", name="开始").click()
        assistant.wait_for_url("**/verify")
        assert assistant.locator("#last4").count(), assistant.inner_text("body")
        assistant.fill("#last4", "0001")
        assistant.fill("#digits", partner.inner_text("[data-part=digits]"))
        assistant.get_by_role("button", name="核一下").click()
        expect(assistant.locator(".answer h1")).to_have_text("可以优惠")
        expect(assistant.locator(".answer")).to_contain_text("李*")
        assert assistant.input_value("#last4") == assistant.input_value("#digits") == ""
        assert "李小安" not in assistant.content() and counted() == 1
        owner.goto(server.url + "/shop/tills?shop=" + SHOP)
        owner.get_by_role("button", name="撤回").click()
        assistant.get_by_role("link", name="下一位").click()
        assistant.fill("#digits", "123456")
        assistant.get_by_role("button", name="核一下").click()
        expect(assistant.locator("#digits")).to_have_count(0)
        assert "登录" in assistant.inner_text("body")


def test_a_shop_without_network_notes_the_code_and_sends_it_later(browser, server, counted):
    with phone(browser) as merchant:
        card = server.card(merchant, "hr")
        server.sign_in(merchant, "merchant")
        merchant.goto(server.url + "/verify?shop=" + SHOP)
        merchant.context.set_offline(True)
        for back in (120, 60):
            code = card.payload(dt.datetime.now(dt.UTC) - dt.timedelta(seconds=back))
            merchant.evaluate(SCANNED, f"{server.url}/C".upper() + "#" + code)
            expect(merchant.locator(".late .verdict:visible")).to_have_text("还没核验")
            assert found(merchant) == []
            merchant.click("[data-next]:visible")
            expect(merchant.locator(".answer")).to_be_hidden()
            if back == 120:
                merchant.evaluate(A_WHILE_AGO, 120_000)
        expect(merchant.locator("queue-bar")).to_contain_text("2")
        assert counted() == 0
        merchant.context.set_offline(False)
        expect(merchant.locator("queue-bar")).to_contain_text("没记上")
        assert counted() == 1
        merchant.goto(server.url + "/queue")
        expect(merchant.locator("main")).to_contain_text("在这儿用过了")
        merchant.goto(server.url + "/verify/today?shop=" + SHOP)
        expect(merchant.locator("main")).to_contain_text("当时没网")


def test_a_scanner_of_the_phone_leads_to_the_counter_and_the_answer(browser, server, counted):
    with phone(browser) as merchant:
        card = server.card(merchant, "handler")
        server.sign_in(merchant, "merchant")
        code = card.payload(dt.datetime.now(dt.UTC))
        merchant.goto(f"{server.url}/C#{code}")
        merchant.get_by_role("link", name="我是店员").click()
        merchant.locator("card-link a").first.click()
        expect(merchant.locator(".answer")).to_contain_text("可以优惠")
        assert "#" not in merchant.url and counted() == 1


BUSY = "() => { self.tones = []; document.querySelector('code-scanner').sound = good => self.tones.push(good) }"
NEXT_WHILE_IT_STAYS = """code => {
  const scanner = document.querySelector("code-scanner")
  scanner.at = performance.now()
  scanner.seen("6901234567892", "camera")
  scanner.seen(code, "camera")
  document.querySelector("[data-next]").click()
  scanner.seen(code, "camera")
}"""
"""All in one go: what a code that stays in the picture means is a matter of three seconds."""
SEEN = "code => document.querySelector('code-scanner').seen(code, 'camera')"


def test_a_code_that_comes_while_an_answer_shows_is_asked_about_after_it(browser, server, counted):
    with phone(browser) as merchant:
        good = server.card(merchant, "handler").payload(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30))
        other, its_answer = "C1ZZZZZZZZ000000ZZZZZZZZZZZZZZZZ", merchant.locator(".answer")
        server.sign_in(merchant, "merchant")
        merchant.goto(server.url + "/verify?shop=" + SHOP)
        merchant.click("code-scanner > button")
        merchant.wait_for_function("() => Boolean(document.querySelector('code-scanner').seen)")
        merchant.evaluate(BUSY)
        merchant.evaluate(SEEN, other)
        expect(its_answer).to_contain_text("按原价")
        assert merchant.evaluate("self.tones") == [True, False]
        merchant.evaluate(NEXT_WHILE_IT_STAYS, other)
        assert merchant.evaluate("self.tones") == [True, False], "another one neither sounds nor is it remembered"
        expect(its_answer).to_be_hidden()  # the first is there still, and was answered
        merchant.evaluate(SEEN, "6901234567892")
        expect(its_answer).to_contain_text("不是暖心卡的码")
        with merchant.expect_response("**/redemptions/"):
            merchant.evaluate(TYPED, good)
        expect(its_answer).to_be_visible()
        expect(its_answer).not_to_contain_text("不是暖心卡的码")
        asked = []
        merchant.on("request", lambda request: asked.append(request.url))
        merchant.evaluate(TYPED, good)
        merchant.wait_for_timeout(300)
        assert asked == []


def test_looks_that_find_no_room_or_no_script_are_not_said_to_be_kept(browser, server, counted):
    with phone(browser) as merchant:
        server.sign_in(merchant, "merchant")
        merchant.goto(server.url + "/verify?shop=" + SHOP)
        merchant.context.set_offline(True)
        merchant.evaluate("void (Items.put = async () => 'full')")
        merchant.click("[name=n][value='5']")
        expect(merchant.locator("[data-when=full]")).to_be_visible()
        assert merchant.locator("[data-when=kept]").is_hidden()
        merchant.context.set_offline(False)
        merchant.evaluate("void (Items.record = async () => { throw new Error('shut') })")
        with merchant.expect_navigation():
            merchant.click("[name=n][value='5']")
        assert counted() == 5


def test_half_a_sign_behind_the_address_is_no_card(browser, server):
    with phone(browser) as merchant:
        server.sign_in(merchant, "merchant")
        merchant.goto(server.url + "/verify?shop=" + SHOP + "#%")
        expect(merchant.locator(".answer")).to_contain_text("不是暖心卡的码")


def test_an_owner_of_several_says_first_where_the_phone_stands_and_the_code_goes_along(browser, server):
    with phone(browser) as merchant:
        server.sign_in(merchant, "merchant")
        merchant.goto(f"{server.url}/C#6901234567892")
        merchant.get_by_role("link", name="我是店员").click()
        merchant.locator("card-link a").nth(1).click()
        expect(merchant.locator(".answer")).to_contain_text("不是暖心卡的码")
        second = merchant.get_attribute("verify-desk", "shop")
        assert second != SHOP
        merchant.goto(f"{server.url}/C#6901234567892")
        merchant.get_by_role("link", name="我是店员").click()
        expect(merchant.locator(".answer")).to_contain_text("不是暖心卡的码")
        assert merchant.get_attribute("verify-desk", "shop") == second
