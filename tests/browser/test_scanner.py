"""The scanner on the keeper's page: before a fake camera with its film, and where there is no camera to be had."""

import base64
import datetime as dt
import io
import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from bench._film import FAKE, blank, code, film
from tests.browser.server import CHROMIUM

PAGE = "/desk/note"
STATUS = "code-scanner [role=status]"
LISTEN = """() => {
  self.told = []
  addEventListener("scanned", event => {
    event.preventDefault()
    self.told.push(event.detail)
    event.target.say("ok")
  })
}"""
REFUSED = """navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"))"""
HIDE = """hidden => {
  const { track } = document.querySelector("code-scanner")
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true })
  document.dispatchEvent(new Event("visibilitychange"))
  return track && track.readyState
}"""
LOSE = """async () => {
  const scanner = document.querySelector("code-scanner")
  while (!scanner.track) await new Promise(later => setTimeout(later, 20))
  scanner.track.dispatchEvent(new Event("ended"))
}"""
TYPED = """text => {
  for (const key of [...text, "Enter"]) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))
}"""
"""A scanner that types like a keyboard: faster than the driver of a browser on a busy machine."""
CARD = "HTTPS://NUANYI.EXAMPLE/C#C1K7M2Q9X41RWW7AMF6EFNFAXYA97373"


CAMERA = """code => {
  self.light = [], self.felt = []
  const picture = document.createElement("canvas"), image = new Image()
  Object.assign(picture, { width: 640, height: 480 })
  image.src = code
  setInterval(() => {
    const paint = picture.getContext("2d")
    paint.fillStyle = "white"
    paint.fillRect(0, 0, 640, 480)
    paint.drawImage(image, 80, 0, 480, 480)
  }, 50)
  navigator.vibrate = pattern => self.felt.push(pattern)
  navigator.mediaDevices.getUserMedia = async () => {
    const stream = picture.captureStream(20), [track] = stream.getVideoTracks()
    track.getCapabilities = () => ({ torch: true })
    track.applyConstraints = async ({ advanced: [{ torch }] }) => {
      if (self.broken) throw new Error("no light")
      self.light.push(torch)
    }
    return stream
  }
}"""
"""A camera with a lamp that shows this picture, and a phone that trembles."""
READER = """self.BarcodeDetector = class {
  static async getSupportedFormats() { return ["ean_13", "qr_code"] }
  async detect() {
    if (!self.found) throw new Error("it says that it can, and cannot")
    return self.found.map(rawValue => ({ rawValue }))
  }
}"""


@contextmanager
def keeper(browser, server):
    context = browser.new_context(viewport={"width": 360, "height": 720}, locale="zh-CN")
    context.set_default_timeout(20_000)
    page = context.new_page()
    server.sign_in(page, "keeper")
    yield page
    context.close()


@pytest.fixture
def partners_card(browser, server):
    """The card of a partner, on a phone that is made in Python."""
    context = browser.new_context()
    card = server.card(context.new_page(), "rider")
    context.close()
    return card


def picture(image) -> dict:
    file = io.BytesIO()
    image.save(file, "PNG")
    return {"name": "photo.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_the_camera_waits_passes_over_another_code_and_takes_the_card(playwright, server, partners_card, tmp_path):
    """It is taken away once meanwhile, and comes back by itself."""
    now = dt.datetime.now(dt.UTC)
    good = f"{server.url}/C".upper() + "#" + partners_card.payload(now + dt.timedelta(seconds=15))
    show = film(tmp_path / "film.y4m", [blank(), code("6901234567892"), code(good)], 25)
    browser = playwright.chromium.launch(**CHROMIUM | {"args": [*CHROMIUM["args"], *FAKE, show]})
    with keeper(browser, server) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(server.url + PAGE, wait_until="networkidle")
        assert not [url for url in asked if re.search("/scan(ner|-worker)", url)], "not before its button is pressed"
        page.click("code-scanner > button")
        expect(page.locator(STATUS)).to_have_text("把码放到镜头前。")
        assert page.evaluate(HIDE, True) == "ended", "nobody looks: the camera is off"
        page.evaluate(HIDE, False)
        page.evaluate(LOSE)
        expect(page.locator(STATUS)).to_have_text(re.compile("镜头断开了"))
        expect(page.locator(STATUS)).to_have_text(re.compile("不是要扫的那种"))
        expect(page.locator(".notice")).to_have_text("记好了。")
    browser.close()
    assert [visit["evidence"] for visit in server.visits("YZ023")] == [3]


def test_where_the_camera_is_refused_a_photo_does_and_a_scanner_that_types(browser, server):
    with keeper(browser, server) as page:
        page.add_init_script(REFUSED)
        page.goto(server.url + PAGE)
        page.evaluate(LISTEN)
        page.click("h1")
        page.evaluate(TYPED, CARD)
        assert page.evaluate("self.told") == [{"text": CARD, "how": "keys"}]
        page.click("code-scanner > button")
        expect(page.locator(STATUS)).to_have_text(re.compile("用不了镜头"))
        assert all(box["height"] >= 44 for box in page.evaluate(
            "[...document.querySelectorAll('code-scanner .btn')].filter(b => b.offsetParent).map(b => ({ height: b.offsetHeight }))"
        ))  # fmt: skip
        for image, words in (
            (blank(), "没读出码"),
            (code("6901234567892"), "不是要扫的那种"),
            (code(CARD, 5).rotate(20, fillcolor=255).resize((1920, 1440)), "ok"),
        ):
            page.set_input_files("code-scanner input", picture(image))
            expect(page.locator(STATUS)).to_have_text(re.compile(words))
        assert page.evaluate("self.told")[1:] == [{"text": CARD, "how": "photo"}]
        page.set_input_files("code-scanner input", {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"})
        expect(page.locator(STATUS)).to_have_text(re.compile("没读出码"))
        page.click("code-scanner [data-close]")
        assert page.is_visible("code-scanner > button") and not page.query_selector("code-scanner video")


def has_told(page, *texts):
    """The page has heard of these codes, one after the other, and of no other ones."""
    for _ in range(100):
        if len(told := page.evaluate("self.told.map(({ text }) => text)")) >= len(texts):
            break
        page.wait_for_timeout(50)
    assert told == list(texts)


@pytest.mark.parametrize("can", [True, False], ids=["that can", "that cannot"])
def test_a_phone_with_its_own_reader_and_a_light(quick, server, can):
    """Its reader spares the battery and our script; one that only says that it can gives way to ours."""
    with keeper(quick, server) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.add_init_script(READER)
        page.goto(server.url + PAGE)
        shown = picture(code(CARD))["buffer"]
        page.evaluate(CAMERA, "data:image/png;base64," + base64.b64encode(shown).decode())
        page.evaluate(LISTEN)
        page.evaluate("can => { self.found = can && [] }", can)
        page.click("code-scanner > button")
        light = page.get_by_role("button", name="补光")
        light.click()
        expect(light).to_have_attribute("aria-pressed", "true")
        if can:
            page.evaluate("self.found = ['6901234567892']")
            expect(page.locator(STATUS)).to_have_text(re.compile("不是要扫的那种"))
            page.evaluate("card => { self.found = [card] }", CARD)
        has_told(page, CARD)
        assert any("scan-worker" in url for url in asked) != can
        assert page.evaluate("self.felt") == ([[60, 60, 60], 60] if can else [60])
        page.evaluate(LOSE)
        expect(light).to_have_attribute("aria-pressed", "false")
        light.click()
        expect(light).to_have_attribute("aria-pressed", "true")
        light.click()
        expect(light).to_have_attribute("aria-pressed", "false")
        assert page.evaluate("self.light") == [True, True, False]
        page.evaluate("self.broken = true")
        light.click()
        expect(light).to_be_hidden()
