"""The card on a real phone: the same codes as the server's, a key that cannot be taken out, and no network needed."""

import base64
import datetime as dt
import json
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import qrcode
from playwright.sync_api import expect
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from models import card_code
from models.card_code import CROCKFORD
from tests.browser.server import CHROMIUM

ROOT = Path(__file__).parent.parent.parent
VECTORS = json.loads((ROOT / "tests/vectors/card.json").read_text())

ALIVE = """async () => {
  const card = await Drawers.keys.get("card")
  return card && { code: card.code, state: card.state, kid: card.kid, device: card.device, extractable: [card.key.extractable, card.half.extractable] }
}"""
"""What lies on the phone, as far as a page can tell."""

TAKE_OUT = """async () => {
  const card = await Drawers.keys.get("card")
  const tried = []
  for (const [how, key] of [["raw", card.key], ["jwk", card.key], ["pkcs8", card.half], ["jwk", card.half]]) {
    try { await crypto.subtle.exportKey(how, key); tried.push(how) } catch (no) { tried.push(no.name) }
  }
  return [tried, JSON.stringify(card.key), JSON.stringify(localStorage)]
}"""

KEPT = """async ([path, cacheName]) => {
  while (!await caches.match(path, { cacheName, ignoreVary: true })) await new Promise(later => setTimeout(later, 50))
}"""
"""For `page.evaluate` with a path and its cache: wait until the service worker has kept the page apart."""


@pytest.fixture
def codes(quick, server):
    """The card's page, with its scripts."""
    page = quick.new_page()
    page.goto(server.url + "/card")
    yield page
    page.close()


BYTES = "text => Uint8Array.from(text.match(/../g) || [], pair => parseInt(pair, 16))"
HMAC = f"""crypto.subtle.importKey("raw", ({BYTES})(told.key), {{ name: "HMAC", hash: "SHA-256" }}, true, ["sign"])"""


def test_the_vectors_come_out_in_the_browser(codes):
    for told in VECTORS["codes"]:
        made = codes.evaluate(
            f"""async told => {{
              const key = await {HMAC}
              return Promise.all(told.at.map(async ({{ t }}) => [
                await CardCode.payload(key, told.code, Math.floor(t / 30)),
                await CardCode.number(key, told.code, Math.floor(t / 60))]))
            }}""",
            told,
        )
        assert made == [[at["payload"], at["number"]] for at in told["at"]]
    for told in VECTORS["agreement"]:
        checked = codes.evaluate(
            f"""async told => {{
              const curve = {{ name: "ECDH", namedCurve: "P-256" }}
              const half = await crypto.subtle.importKey("jwk", told.phone_private, curve, false, ["deriveBits"])
              const key = await CardCode.keyOf(half, ({BYTES})(told.server_public), told.code, told.device_id)
              const hex = raw => Array.from(raw, n => (n + 256).toString(16).slice(1)).join("")
              return [hex(await CardCode.check(key)), await CardCode.payload(key, told.code, 57747360), key.extractable]
            }}""",
            told,
        )
        key = bytes.fromhex(told["key"])
        assert checked == [told["kcv"], card_code.payload(key, told["code"], 57747360), False]


def as_python_draws(text, level):
    code = qrcode.QRCode(version=4, error_correction=level, border=0, mask_pattern=0)
    for n, part in enumerate(text.split("#")):
        if n:
            code.add_data(QRData(b"#", MODE_8BIT_BYTE))
        code.add_data(QRData(part.encode(), MODE_ALPHA_NUM))
    code.make(fit=False)
    return [[bool(dark) for dark in row] for row in code.modules]


@pytest.mark.parametrize(
    "host, level",
    [("127.0.0.1:8000", ERROR_CORRECT_M), ("A" * 42, ERROR_CORRECT_M), ("A" * 43, ERROR_CORRECT_L), ("A" * 64, ERROR_CORRECT_L)],
    ids=["short", "the longest at M", "L", "the longest"],
)  # fmt: skip
def test_the_qr_is_the_one_that_another_program_draws(codes, host, level):
    for n in range(5):
        text = f"HTTPS://{host}/C#C1" + "".join(CROCKFORD[(n * 7 + i * i + 3 * i * n) % 32] for i in range(30))
        drawn = codes.evaluate("text => CardQR.grid(text)", text)
        assert len(drawn) == 33 and drawn == as_python_draws(text, level)


def test_what_has_no_place_is_said_so(codes):
    said = "text => { try { CardQR.path(text); return '' } catch (no) { return no.name } }"
    assert codes.evaluate(said, f"HTTPS://{'A' * 70}/C#C1" + "0" * 30) == "RangeError"
    assert codes.evaluate(said, "C1" + "0" * 30) == ""


@contextmanager
def own_phone(playwright, folder, **more):
    """A phone whose storage stays when the browser is closed."""
    context = playwright.chromium.launch_persistent_context(
        str(folder), **CHROMIUM, viewport={"width": 360, "height": 720}, locale="zh-CN", has_touch=True, **more
    )
    context.set_default_timeout(20_000)
    try:
        yield context, context.pages[0] if context.pages else context.new_page()
    finally:
        context.close()


def payload_shown(page):
    page.wait_for_selector("card-face[data-payload]", state="attached")
    return page.locator("card-face").get_attribute("data-payload")


def test_switched_on_online_it_shows_in_flight_mode_after_a_restart(playwright, server, tmp_path):
    with own_phone(playwright, tmp_path) as (context, page):
        errors = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        page.goto(server.url + "/card")
        expect(page.get_by_role("heading", name="这部手机上还没有卡")).to_be_visible()
        server.sign_in(page, "rider")
        server.works(page)
        page.goto(server.url + "/card/own")
        if page.get_by_role("button", name="领卡").is_visible():
            page.get_by_role("button", name="领卡").click()
        else:
            page.goto(server.url + "/card/activation")
        page.wait_for_url("**/card/activation")
        page.get_by_role("button", name="在这部手机上启用").click()
        page.wait_for_url("**/card")
        first = payload_shown(page)
        lies = page.evaluate(ALIVE)
        assert lies["state"] == "active" and lies["extractable"] == [False, False] and first[2:10] == lies["code"]
        tried, text, local = page.evaluate(TAKE_OUT)
        assert set(tried) == {"InvalidAccessError"} and text == "{}" and "card" not in local
        page.evaluate("navigator.serviceWorker.ready.then(() => {})")
        page.goto(server.url + "/card")
        page.evaluate(KEPT, ["/card", "card"])
        assert errors == []
    with own_phone(playwright, tmp_path, offline=True) as (context, page):
        page.goto(server.url + "/card")
        shown = payload_shown(page)
        now = dt.datetime.now(dt.UTC).timestamp()
        scanned = card_code.parse(shown)
        assert scanned.code == lies["code"] and abs(scanned.step - now // 30) <= 1
        assert _accepted(server, scanned)
        digits = page.locator("[data-part=digits]").inner_text().replace(" ", "")
        assert len(digits) == 6 and digits.isdigit()
        expect(page.locator("article.face")).to_be_visible()
        assert page.locator("[data-part=colour]").inner_text() in "红橙黄绿青蓝紫黑"
        assert page.locator("[data-part=qr]").get_attribute("d").startswith("M4 4.5h7")


@pytest.fixture
def shown(quick, server):
    """A page of a phone that has just switched the rider's card on."""
    context = quick.new_context(viewport={"width": 360, "height": 720}, locale="zh-CN")
    page = context.new_page()
    switch_on(page, server)
    yield page
    context.close()


def switch_on(page, server, role="rider"):
    server.sign_in(page, role)
    server.apply(page)
    page.goto(server.url + "/card/activation")
    page.get_by_role("button", name="在这部手机上启用").click()
    page.wait_for_url("**/card")
    payload_shown(page)


@pytest.fixture(autouse=True)
def as_many_phones_as_tests(server):
    with closing(sqlite3.connect(server._database)) as database, database:
        # Older than the month in which a card moves three times; gone, their ids would be those of other phones.
        database.execute("UPDATE card_key SET made_at = made_at - 32 * 86400000")


def test_a_wrong_clock_is_put_right_at_the_first_contact(shown, server):
    shown.add_init_script("const now = Date.now; Date.now = () => now() - 3600000")
    shown.reload()
    payload_shown(shown)
    for _ in range(100):
        if shown.evaluate("Server.offset()"):
            break
        shown.wait_for_timeout(100)
    assert abs(shown.evaluate("Server.offset()") - 3_600_000) < 2000
    assert abs(card_code.parse(payload_shown(shown)).step - dt.datetime.now(dt.UTC).timestamp() // 30) <= 1


LEARN = """async answers => {
  let clock = Date.now(), told = []
  Date.now = () => clock
  for (const [trip, set] of answers) {
    clock += set
    fetch = async () => {
      const date = new Date(clock - self.set).toUTCString()
      clock += trip
      return new Response("{}", { headers: { Date: date, "Content-Type": "application/json" } })
    }
    self.set = (self.set || 0) + set
    await Server.ask("/healthz")
    told.push(await Server.offset())
  }
  return told
}"""
"""For `page.evaluate`: what is learned of answers that were on their way for so long (and the clock was set by so much)."""


def test_a_slow_answer_teaches_no_wrong_time(shown):
    day = 86_400_000
    learned = shown.evaluate(LEARN, [[200, 0], [9000, 0], [3000, 0], [9000, day], [100, 0]])
    assert [abs(ms) < 1100 for ms in learned[:3]] == [True] * 3
    assert abs(learned[3] + day) < 6000 and abs(learned[4] + day) < 1100


def test_after_a_while_switching_on_asks_who_it_is_once_more(quick, server):
    context = quick.new_context(viewport={"width": 360, "height": 720}, locale="zh-CN")
    page = context.new_page()
    server.sign_in(page, "rider")
    server.apply(page)
    page.goto(server.url + "/card/activation")
    with closing(sqlite3.connect(server._database)) as database, database:
        database.execute("UPDATE session SET proved_at = proved_at - 360000")
    page.get_by_role("button", name="在这部手机上启用").click()
    page.wait_for_url("**/prove?next=/card/activation")
    context.close()


def test_somebody_else_on_the_phone_does_not_see_it(shown, server):
    server.sign_in(shown, "keeper")
    shown.goto(server.url + "/card")
    expect(shown.locator("article.face")).to_be_hidden()
    expect(shown.locator("[data-part=name]")).to_have_text("")
    assert shown.evaluate(ALIVE)  # it is still its owner's


@pytest.mark.parametrize("own", [True, False])
def test_signed_out_the_card_stays_on_the_own_phone_alone(shown, server, own):
    shown.goto(server.url + "/me/")
    if own:
        shown.get_by_label("这是我自己的手机").check()
    shown.get_by_role("button", name="退出").click()
    shown.wait_for_url("**/")
    while any(cookie["name"] == "leave" for cookie in shown.context.cookies()):
        shown.wait_for_timeout(50)  # what a phone that is not their own has to clear away
    shown.goto(server.url + "/card")
    (
        expect(shown.locator("article.face")).to_be_visible
        if own
        else expect(shown.locator("article.face")).to_be_hidden
    )()
    assert bool(shown.evaluate(ALIVE)) == own


def test_another_phone_takes_it_over_and_this_one_says_so(shown, server, quick):
    other = quick.new_context(locale="zh-CN")
    switch_on(other.new_page(), server)
    other.close()
    shown.reload()
    expect(shown.get_by_role("heading", name="您的卡在另一部手机上")).to_be_visible()
    assert shown.evaluate(ALIVE) is None


def test_without_the_means_it_leads_to_a_code_for_once(quick, server):
    for more in ({"java_script_enabled": False}, {}):
        context = quick.new_context(locale="zh-CN", **more)
        page = context.new_page()
        page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
        server.sign_in(page, "rider")
        server.apply(page)
        page.goto(server.url + "/card")
        page.get_by_role("link", name="一次性码").click()
        page.get_by_role("button", name="亮出一次性码").click()
        expect(page.locator("article.face svg.qr")).to_be_visible()
        context.close()


def _accepted(server, scanned) -> bool:
    """As the server's own code says: the key made of the row in its database and its ring."""
    [(public, device, kid)] = server._ask("SELECT public, device_id, kid FROM card_key WHERE code = ?", scanned.code)
    ring = json.loads((Path(server._database).parent / "keys.json").read_text())
    secret = next(key["key"] for key in ring["card"] if key["kid"] == kid)
    private = card_code.private_of(base64.b64decode(secret))
    return card_code.matches(card_code.key_of(private, bytes(public), scanned.code, device), scanned)
