"""A station's screen: opened by its link, shows its code without a network and after a restart, until it is taken back."""

import base64
import re
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser.server import CONTROLLED

JSQR = Path(__file__).parent.parent / "vendor" / "jsQR.js"
LINK = "() => document.querySelector('kiosk-screen').link || ''"
DIGITS = "[data-digits]"
PARTS = """async () => {
  while (!await caches.match("/kiosk", { cacheName: "pages", ignoreVary: true }) || !await caches.match(document.querySelector("script[src*=kiosk]").src)) {
    await new Promise(later => setTimeout(later, 50))
  }
}"""


@contextmanager
def phone(browser, **more):
    context = browser.new_context(viewport={"width": 360, "height": 720}, locale="zh-CN", **more)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def read(page, path) -> str:
    """What a camera reads on the screen."""
    page.screenshot(path=path)
    image = Image.open(path).convert("RGBA")
    page.evaluate("() => {" + JSQR.read_text() + "; window.decode = jsqr.default || jsqr }")
    return page.evaluate(
        """([text, width, height]) =>
          decode(Uint8ClampedArray.from(atob(text), letter => letter.charCodeAt(0)), width, height).data""",
        [base64.b64encode(image.tobytes()).decode(), image.width, image.height],
    )


def test_a_screen_from_its_link_to_its_end(browser, server, tmp_path):
    with phone(browser) as keeper, phone(browser) as screen, phone(browser) as rider:
        server.sign_in(keeper, "keeper")
        keeper.goto(server.url + "/desk/kiosks")
        keeper.fill("#name", "柜台")
        keeper.click("button.lamp")
        link = keeper.input_value("#link")

        screen.goto(link)
        assert screen.evaluate("location.href") == server.url + "/kiosk"  # the link is not left standing there
        screen.click("button.lamp")
        screen.wait_for_selector(DIGITS)
        shown = read(screen, tmp_path / "screen.png")
        assert shown.startswith(f"{server.url}/S/YZ023#P1".upper())

        rider.goto(shown.replace(server.url.upper(), server.url))
        expect(rider).to_have_url(
            re.compile("^[^#]+$")
        )  # it goes once the form is there, which a busy machine may see later
        rider.click("button.lamp")
        expect(rider.locator("h1")).to_have_text("已记一次，快去歇着")
        assert [visit["evidence"] for visit in server.visits("YZ023")] == [2]

        screen.evaluate(CONTROLLED)
        screen.evaluate(PARTS)
        screen.context.set_offline(True)
        screen.goto("about:blank")  # the power was gone, and the browser opens its page again
        screen.goto(server.url + "/kiosk")
        screen.wait_for_selector(DIGITS)
        again = read(screen, tmp_path / "screen.png")
        assert again[: len(shown) - 22] == shown[: len(shown) - 22]

        keeper.goto(server.url + "/desk/kiosks")
        keeper.click("form[action$=end] button")
        screen.context.set_offline(False)
        expect(screen.locator("h1")).to_have_text("这块屏幕已收回")
        screen.reload()
        expect(screen.locator("h1")).to_have_text("驿站屏幕")
        assert "生成链接" in screen.inner_text("main")
