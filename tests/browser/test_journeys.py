"""Whole journeys at 360×720: from the code on the wall to the figures; without scripts, by keyboard, in poor browsers."""

import base64
import os
import re
import signal
import sqlite3
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.server import CHROMIUM, CONTROLLED, free_port, running

PHONE = {"viewport": {"width": 360, "height": 720}, "has_touch": True, "is_mobile": True}

WECHAT_ANDROID = (
    "Mozilla/5.0 (Linux; Android 9; V1818A Build/PKQ1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/78.0"
    ".3904.62 XWEB/2693 MMWEBSDK/201001 Mobile Safari/537.36 MMWEBID/1 MicroMessenger/7.0.20 Process/tools WeChat/arm64"
)
WECHAT_IOS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/7.0.20(0x17001430) NetType/WIFI Language/zh_CN"
)

THROWING = """for (const [thing, name] of [[window, "localStorage"], [window, "sessionStorage"], [window, "indexedDB"],
    [window, "caches"], [window, "BroadcastChannel"], [Navigator.prototype, "geolocation"],
    [Navigator.prototype, "serviceWorker"], [Navigator.prototype, "locks"]]) {
  Object.defineProperty(thing, name, { get() { throw new DOMException("no", "SecurityError") } })
}"""


@contextmanager
def phone(browser, **more):
    context = browser.new_context(**PHONE, **more)
    try:
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield page
        assert page.complaints == []
    finally:
        context.close()


both = pytest.mark.runs_on("sqlite", "postgresql")


def go(page, selector):
    """Tap what leads to another page, and be there."""
    with page.expect_navigation():
        page.tap(selector)


def number_on(page, selector):
    return int(re.sub(r"\D", "", page.inner_text(selector)))


def today(page, server):
    """What the keeper and the officer read, each on an own device."""
    server.sign_in(page, "keeper")
    page.goto(server.url + "/desk/")
    keeper = number_on(page, "a.num[href^='/desk/visits']")
    page.goto(server.url + "/desk/visits")
    rows = page.locator(".line").count()
    server.sign_in(page, "officer")
    page.goto(server.url + "/dashboard/")
    officer = number_on(page, ".stats .lead")
    return keeper, rows, officer


@both
def test_a_code_is_counted_and_keeper_and_officer_see_one_more(browser, either):
    with phone(browser) as rider, phone(browser) as staff:
        before = today(staff, either)
        rider.goto(either.url)
        go(rider, "a.window")
        assert "/stations/YZ" in rider.url
        rider.goto(either.url + "/stations/YZ023")  # that of the keeper, open or shut at this hour
        go(rider, "main a[href^='/s/']")
        rider.tap("button.lamp")
        rider.wait_for_selector("body.alight")
        assert "已记一次，快去歇着" in rider.inner_text("h1")
        rider.goto(either.url + f"/S/{either.token('YZ023')}")
        rider.tap("button.lamp")
        rider.wait_for_selector("body.alight")
        assert "刚才已经记过啦" in rider.inner_text("h1")
        assert [each - one for each, one in zip(today(staff, either), before, strict=True)] == [1, 1, 1]
        staff.goto(either.url + "/dashboard/visits")
        go(staff, ".table a >> nth=0")
        assert staff.locator("tbody tr").count() >= 1


@both
def test_without_scripts_the_whole_way_works(browser, either):
    with phone(browser, java_script_enabled=False) as rider:
        rider.goto(either.url)
        go(rider, "a.go")
        go(rider, "nav[aria-label='翻页'] a")
        go(rider, ".filters a >> nth=3")
        go(rider, ".row >> nth=1")
        go(rider, "main a[href^='/s/']")
        code = rider.url.rpartition("/")[2]
        go(rider, "button.lamp")
        assert "已记一次，快去歇着" in rider.inner_text("h1")
        rider.go_back(wait_until="load")
        go(rider, "button.lamp")
        assert "刚才已经记过啦" in rider.inner_text("h1")
        assert [row["n"] for row in either.visits(code)] == [1, 0]
        rider.goto(either.url + "/s/")
        rider.fill("#code", "nonsense")
        go(rider, 'form[action="/s/"] button')
        assert "没找到这张码" in rider.inner_text("#code-why") and rider.input_value("#code") == "nonsense"
        rider.fill("#code", "yz024")
        go(rider, 'form[action="/s/"] button')
        assert rider.url.endswith("/s/YZ024")
        go(rider, "button[name=lang]")
        assert rider.url.endswith("/s/YZ024") and rider.get_attribute("html", "lang") == "en"
        rider.goto(either.url + "/sign-in/password")
        rider.fill("#phone", "1410812000")
        rider.fill("#password", "x")
        go(rider, "main form >> nth=0 >> button.lamp")
        assert "too short" in rider.inner_text("#phone-why") and rider.input_value("#phone") == "1410812000"
        rider.fill("#phone", "+86 141-0812-0001")
        rider.fill("#password", "nuanyi-demo")
        go(rider, "main form >> nth=0 >> button.lamp")
        assert "/me/" in rider.url
        go(rider, "form[action='/sign-out'] button")
        assert rider.url == either.url + "/"


def test_by_keyboard_alone_a_visit_is_counted(browser, server):
    with phone(browser) as rider:
        rider.goto(server.url + "/s/YZ031")
        for _ in range(12):
            rider.keyboard.press("Tab")
            if rider.evaluate("document.activeElement.matches('button.lamp')"):
                break
        assert rider.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        rider.keyboard.press("Enter")
        rider.wait_for_selector("body.alight")
        assert rider.evaluate("document.activeElement.tagName") == "H1"
        assert [row["n"] for row in server.visits("YZ031")] == [1]


@both
@pytest.mark.parametrize(("agent", "code"), [(WECHAT_ANDROID, "YZ032"), (WECHAT_IOS, "YZ033")], ids=["android", "ios"])
def test_in_wechat_without_a_service_worker_the_whole_way_works(browser, either, agent, code):
    with phone(browser, user_agent=agent, service_workers="block") as rider:
        rider.goto(either.url)
        rider.goto(either.url + f"/stations/{code}")
        rider.tap("main a[href^='/s/']")
        rider.context.set_offline(True)
        rider.tap("button.lamp")
        rider.wait_for_selector("text=先记在手机里了")
        assert either.visits(code) == []
        rider.context.set_offline(False)
        rider.wait_for_selector("body.alight")
        assert [row["n"] for row in either.visits(code)] == [1]


def test_where_everything_throws_a_press_is_counted(browser, server):
    with phone(browser) as rider:
        rider.add_init_script(THROWING)
        for path in ("/", "/stations/", "/stations/place", "/queue"):
            rider.goto(server.url + path)
        rider.goto(server.url + "/s/YZ034")
        rider.tap("button.lamp")
        rider.wait_for_selector("body.alight")
        assert [row["n"] for row in server.visits("YZ034")] == [1]


def test_a_phone_that_knows_where_it_is_finds_what_is_near(browser, server):
    where = {"latitude": 35.6801, "longitude": 116.7302}
    with phone(browser, geolocation=where, permissions=["geolocation"]) as rider:
        rider.goto(server.url + "/stations/place")
        rider.tap("near-me button")
        rider.wait_for_url("**/stations/?near=35.680,116.730")
        assert "从您这儿算起" in rider.inner_text(".near")
        near = rider.context.request.get(server.url + "/stations/nearest?near=35.680,116.730").text()
        first = re.search(r'class="window\D*(/stations/YZ\d{3})"', near)[1]
        rider.goto(server.url)  # allowed once, so the first page follows
        rider.wait_for_selector(f"#nearest .window[href='{first}']")


def test_a_phone_that_does_not_say_is_asked_for_the_town(browser, server):
    with phone(browser) as rider:
        rider.goto(server.url + "/stations/place")
        rider.tap("near-me button")
        rider.wait_for_selector("text=没定上位，选一下您在哪儿")
        rider.tap("button[value='370812111']")
        assert "小孟镇" in rider.inner_text(".near")
        rider.goto(server.url)
        assert "小孟镇" in rider.inner_text("#near")


def test_looks_are_there_at_the_first_paint_and_need_no_account(browser, server):
    with phone(browser) as rider:
        rider.goto(server.url + "/stations/YZ023")
        for button, name in (("[value='dark']", "dark"), ("[name='elder']", "elder"), ("[name='lite']", "lite")):
            go(rider, f"button{button}")
            assert name in rider.get_attribute("html", "class").split()
            assert rider.url == server.url + "/stations/YZ023"
        answer = rider.request.get(server.url + "/")
        assert 'class="dark elder lite"' in answer.text()


def test_a_killed_browser_sends_at_its_next_start(playwright, server, tmp_path):
    """The tab is a browser process that gets SIGKILL on a profile that stays, and is started again."""
    profile = str(tmp_path / "profile")
    for n in (1, 2):
        context = playwright.chromium.launch_persistent_context(profile, **PHONE, **CHROMIUM)
        page = context.new_page()
        if n == 1:
            page.goto(server.url)
            page.evaluate(CONTROLLED)
            context.set_offline(True)
            page.goto(server.url + f"/S/{server.token('YZ035')}")
            page.tap("button.lamp")
            page.wait_for_selector("text=先记在手机里了")
            pressed = page.evaluate("Date.now()")
            kill_all_of(profile)
            continue
        page.goto(server.url)
        for _ in range(100):
            if rows := server.visits("YZ035"):
                break
            page.wait_for_timeout(100)
        assert [(row["n"], row["evidence"]) for row in rows] == [(1, 1)]
        assert abs(rows[0]["at"].timestamp() * 1000 - pressed) < 5000
        page.reload()
        page.wait_for_timeout(500)
        assert len(server.visits("YZ035")) == 1
        context.close()


def kill_all_of(profile):
    """SIGKILL for the browser that runs on this profile and all its processes."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if profile.encode() in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGKILL)
        except OSError:
            continue


def test_the_worker_can_be_switched_off_from_the_server(browser, tmp_path):
    port = free_port()
    with phone(browser) as rider:
        with running(port=port, folder=tmp_path) as url:
            rider.goto(url)
            rider.evaluate(CONTROLLED)
            rider.context.set_offline(True)
            rider.goto(url + "/s/YZ001")
            rider.tap("button.lamp")
            rider.wait_for_selector("text=先记在手机里了")
            rider.context.set_offline(False)
            rider.context.set_offline(True)
        rider.context.set_offline(False)
        with running(port=port, folder=tmp_path, NUANYI_WORKER="off") as url:
            rider.goto(url + "/queue")
            gone = """async () => { for (let n = 0; n < 100; n++) {
                if (!(await navigator.serviceWorker.getRegistrations()).length && !(await caches.keys()).length) return true
                await new Promise(later => setTimeout(later, 100)) } return false }"""
            assert rider.evaluate(gone)
            rider.goto(url)


SHELLS = "caches.keys().then(names => names.filter(name => name.startsWith('shell-')))"


def test_an_update_of_the_worker_loses_nothing_and_reloads_nothing(browser, tmp_path):
    port = free_port()
    with phone(browser) as rider:
        with running(port=port, folder=tmp_path) as url:
            rider.goto(url + "/stations/")
            rider.evaluate(CONTROLLED)
            before = rider.evaluate(SHELLS)
            rider.context.set_offline(True)
            for code in ("YZ001", "YZ002", "YZ003"):
                rider.goto(url + f"/s/{code}")
                rider.tap("button.lamp")
                rider.wait_for_selector("text=先记在手机里了")
        rider.evaluate("window.underTheFinger = true")
        with running(port=port, folder=tmp_path, NUANYI_SPOIL="another_version") as url:
            rider.context.set_offline(False)
            rider.evaluate("navigator.serviceWorker.getRegistration().then(registration => registration.update())")
            for _ in range(100):
                after = set(rider.evaluate(SHELLS)) - set(before)
                if after and not rider.evaluate("Items.all()"):
                    break
                rider.wait_for_timeout(100)
            assert after, "the new worker has not come"
            assert rider.evaluate("Items.all()") == []
            assert rider.evaluate("window.underTheFinger"), "the page was loaded again"
            assert "已记一次" in rider.inner_text("h1")
    with sqlite3.connect(f"file:{tmp_path / 'nuanyi.db'}?mode=ro", uri=True) as database:
        assert database.execute("SELECT count(*), sum(n) FROM visit").fetchone() == (3, 3)


@pytest.mark.parametrize("size", ["A4", "A5"])
def test_the_printed_code_leads_to_the_button(browser, server, tmp_path, size):
    """The poster as a picture, read by a decoder that knows nothing of us."""
    decoder = (Path(__file__).parent.parent / "vendor" / "jsQR.js").read_text()
    with phone(browser) as page:
        page.set_viewport_size({"width": 900, "height": 1300})
        page.goto(server.url + f"/stations/YZ023/poster?size={size}")
        assert "YZ023" in page.inner_text("main")
        picture = tmp_path / "poster.png"
        page.screenshot(path=picture)
        image = Image.open(picture).convert("L").convert("RGBA")
        page.evaluate("() => {" + decoder + "; window.decode = jsqr.default || jsqr }")
        read = page.evaluate(
            """([text, width, height]) => {
              const bytes = Uint8ClampedArray.from(atob(text), letter => letter.charCodeAt(0))
              return decode(bytes, width, height).data
            }""",
            [base64.b64encode(image.tobytes()).decode(), image.width, image.height],
        )
        assert read == f"{server.url}/S/{server.token('YZ023')}".upper()
        page.goto(server.url + read[len(server.url) :])
        assert page.is_visible("button.lamp") and "红帆驿站鼓楼东街" in page.inner_text("h1")
