"""The service worker: pages for a day without network, told apart from fresh ones, and never in the way."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Error, expect

from tests.browser.between import LOST, Between
from tests.browser.server import CONTROLLED

KEPT = "async () => (await (await caches.open('pages')).keys()).map(({ url }) => new URL(url).pathname)"
SHELLS = "async () => (await caches.keys()).filter(name => name.startsWith('shell-'))"


@pytest.fixture
def between(server):
    with Between(server.url) as between:
        yield between


@pytest.fixture
def rider(quick, between):
    context = quick.new_context(viewport={"width": 360, "height": 720}, locale="zh-CN", timezone_id="Asia/Urumqi")
    page = context.new_page()
    page.goto(between.url + "/")
    page.evaluate(CONTROLLED)
    yield page
    context.close()


def arrives(server, code, page):
    """One visit, now or within seconds."""
    for _ in range(100):
        if server.visits(code):
            break
        page.wait_for_timeout(100)
    assert len(server.visits(code)) == 1


def offline(page, yes=True):
    page.context.set_offline(yes)


def until(page, question, given=None):
    """Waits until the page says yes."""
    page.evaluate(
        f"""async given => {{
        const ask = {question}
        for (let n = 0; n < 300; n++) if (await ask(given)) return; else await new Promise(later => setTimeout(later, 50))
        throw new Error("not in 15 s") }}""",
        given,
    )


def seen(page, between, *paths):
    """These pages were opened with network and are kept now."""
    for path in paths:
        page.goto(between.url + path)
        until(page, "async path => !!await (await caches.open('pages')).match(path, { ignoreVary: true })", path)


def renewed(page, between):
    """What is kept has been renewed after a change of the language, the look or the place."""
    page.goto(between.url + "/me/")
    until(page, "async () => await Drawers.get('prefs') === Items.cookie('prefs')")


def slow(seconds, *paths):
    return lambda method, path: seconds if path in paths else None


def text_kept(page, path):
    return page.evaluate(
        "async path => (await (await caches.open('pages')).match(path, { ignoreVary: true })).text()", path
    )


def test_a_kept_page_says_from_when_it_is(rider, between):
    seen(rider, between, "/stations/YZ001")
    expect(rider.locator("#kept")).to_be_hidden()
    now = datetime.now(ZoneInfo("Asia/Shanghai"))  # the district's hour, wherever the phone believes to be
    offline(rider)
    rider.goto(between.url + "/stations/YZ001")
    expect(rider.locator("#kept")).to_be_visible()
    shown = rider.locator("#kept-at").inner_text()
    assert shown in {f"{moment:%H:%M}" for moment in (now, now - timedelta(minutes=1))}


def test_the_page_that_was_there_first_is_kept_too(rider, between):
    del between.asked[:]
    offline(rider)
    rider.goto(between.url + "/")
    expect(rider.locator("#kept")).to_be_visible()
    assert between.asked == []


def test_a_page_kept_on_another_day_says_the_day(rider, between):
    seen(rider, between, "/stations/YZ001")
    rider.evaluate("""async () => {
        const pages = await caches.open("pages"), kept = await pages.match("/stations/YZ001", { ignoreVary: true })
        const headers = new Headers(kept.headers)
        headers.set("Date", "Thu, 05 Sep 2024 09:20:00 GMT")
        await pages.put("/stations/YZ001", new Response(await kept.text(), { headers })) }""")
    offline(rider)
    rider.goto(between.url + "/stations/YZ001")
    assert re.sub(r"\s", "", rider.locator("#kept-at").inner_text()) == "9月5日17:20"


def test_a_page_never_seen_is_answered_by_the_page_of_no_network(rider, between):
    offline(rider)
    for path in ("/stations/YZ002", "/me/", "/desk/"):
        rider.goto(between.url + path)
        expect(rider.locator("main queue-list")).to_be_visible()
        expect(rider.locator("#kept")).to_be_hidden()


def test_a_slow_network_is_not_waited_for_where_there_is_a_copy(rider, between):
    seen(rider, between, "/stations/YZ001")
    between.change = lambda path, body: body.replace(b"</main>", b"<i id=fresh></i></main>")
    answered = Event()
    between.rule = lambda method, path: answered.wait(60) and None if path == "/stations/YZ001" else None
    begin = monotonic()
    rider.goto(between.url + "/stations/YZ001")
    assert monotonic() - begin > 2.9
    expect(rider.locator("#kept")).to_be_visible()
    assert "id=fresh" not in text_kept(rider, "/stations/YZ001")
    answered.set()
    for _ in range(100):
        if "id=fresh" in text_kept(rider, "/stations/YZ001"):
            break
        rider.wait_for_timeout(100)
    assert "id=fresh" in text_kept(rider, "/stations/YZ001")


def test_without_a_copy_a_slow_network_is_waited_for(rider, between):
    between.rule = slow(4.0, "/stations/YZ003")
    rider.goto(between.url + "/stations/YZ003")
    expect(rider.locator("#kept")).to_be_hidden()
    expect(rider.locator("h1")).to_be_visible()


def test_only_public_pages_are_kept(rider, between, server):
    server.sign_in(rider, "rider")
    for path in ("/", "/me/", "/sign-in", "/stations/", "/stations/?near=35.551,116.831", "/nope"):
        rider.goto(between.url + path)
    assert set(rider.evaluate(KEPT)) == {"/", "/stations/"}
    assert not any(
        "near" in url
        for url in rider.evaluate("async () => (await (await caches.open('pages')).keys()).map(({ url }) => url)")
    )


def test_at_most_sixty_pages_are_kept_and_the_oldest_go(rider, between):
    rider.evaluate("""async () => {
        const pages = await caches.open("pages")
        for (const { url } of await pages.keys()) await pages.delete(url)
        for (let n = 0; n < 60; n++) await pages.put("/old/" + n, new Response("")) }""")
    rider.goto(between.url + "/stations/YZ004")
    until(rider, f"async () => (await ({KEPT})()).slice(-1)[0] === '/stations/YZ004'")
    until(rider, f"async () => (await ({KEPT})()).length === 60")
    kept = rider.evaluate(KEPT)
    assert len(kept) == 60
    assert kept[0] == "/old/1"
    assert kept[-1] == "/stations/YZ004"


def test_a_change_of_language_renews_what_is_kept(rider, between, server):
    seen(rider, between, "/stations/YZ001")
    server.post(rider, "/prefs", lang="en", next="/")
    renewed(rider, between)
    offline(rider)
    for path in ("/stations/YZ001", "/", "/queue", "/s/YZ099", "/offline"):
        rider.goto(between.url + path)
        assert rider.locator("html").get_attribute("lang") == "en", path


def test_a_failed_renewal_keeps_the_copy_and_is_made_up_for(rider, between, server):
    seen(rider, between, "/stations/YZ001")
    between.rule = lambda method, path: LOST if path == "/stations/YZ001" else None
    server.post(rider, "/prefs", lang="en", next="/")
    lost = len(between.asked)
    rider.goto(between.url + "/me/")
    for _ in range(100):
        if ("GET", "/stations/YZ001") in between.asked[lost:]:
            break
        rider.wait_for_timeout(100)
    assert ("GET", "/stations/YZ001") in between.asked[lost:]
    assert 'lang="zh-CN"' in text_kept(rider, "/stations/YZ001")
    between.rule = lambda method, path: None
    renewed(rider, between)
    assert 'lang="en"' in text_kept(rider, "/stations/YZ001")


def test_a_change_of_place_renews_only_what_shows_a_place(rider, between, server):
    seen(rider, between, "/stations/", "/stations/YZ001", "/s/YZ001")
    towns = rider.request.get(between.url + "/stations/place").text()
    place = re.search(r'name="place" value="([^"]+)"', towns).group(1)
    server.post(rider, "/prefs", place=place, next="/")
    del between.asked[:]
    renewed(rider, between)
    fetched = [path for method, path in between.asked]
    assert {"/", "/stations/", "/stations/YZ001"} <= set(fetched)
    assert not {"/s/YZ001", "/offline", "/queue", "/s/"} & set(fetched)


def newer(version):
    """The server has been renewed: its service worker is another."""
    return lambda path, body: (
        body.replace(b'VERSION = "', b'VERSION = "' + version) if path == "/service-worker.js" else body
    )


def update(page):
    page.evaluate("""async () => {
        const registration = await navigator.serviceWorker.getRegistration()
        const taken = new Promise(done => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }))
        await registration.update()
        await taken
        while (registration.active.state !== "activated") await new Promise(later => setTimeout(later, 50)) }""")


def test_an_update_loses_no_item_and_reloads_no_page(rider, between, server):
    offline(rider)
    rider.goto(between.url + "/s/YZ051")
    rider.locator("queue-form button").click()
    expect(rider.locator("main h1")).to_be_focused()
    rider.evaluate("window.here = true")
    rider.context.unroute_all()
    between.rule = lambda method, path: 503 if path == "/sync" else None
    offline(rider, False)
    for version in (b"b", b"c", b"d"):
        between.change = newer(version)
        update(rider)
        assert rider.evaluate("window.here")
        assert len(rider.evaluate("Items.all()")) == 1
    assert [name[6] for name in rider.evaluate(SHELLS)] == ["c", "d"]
    assert server.visits("YZ051") == []
    between.rule = lambda method, path: None
    rider.evaluate("dispatchEvent(new Event('online'))")
    arrives(server, "YZ051", rider)


def test_a_kept_scan_page_whose_script_is_gone_gives_way_to_one_that_works(rider, between):
    seen(rider, between, "/s/YZ052")
    rider.evaluate("""async () => {
        const pages = await caches.open("pages"), kept = await pages.match("/s/YZ052", { ignoreVary: true })
        const old = (await kept.text()).replace(/rider\\.[0-9a-f]{12}/, "rider.000000000000")
        await pages.put("/s/YZ052", new Response(old, { headers: kept.headers })) }""")
    between.change = newer(b"b")
    update(rider)
    offline(rider)
    rider.goto(between.url + "/s/YZ052")
    rider.locator("queue-form button").click()
    expect(rider.locator("main h1")).to_be_focused()
    assert rider.evaluate("Items.all()")[0]["record"]["place"] == "YZ052"


def test_a_code_typed_without_network_leads_to_the_button(rider, between):
    offline(rider)
    rider.goto(between.url + "/s/")
    rider.locator("#code").fill(" yz053")
    rider.locator("form[method=get] button").click()
    rider.wait_for_url("**/s/yz053")
    expect(rider.locator("queue-form button")).to_be_visible()


def test_a_server_in_trouble_does_not_take_the_button_away(rider, between, server):
    between.rule = lambda method, path: 503
    rider.goto(between.url + "/S/YZ054")
    rider.locator("queue-form button").click()
    expect(rider.locator("main h1")).to_be_focused()
    between.rule = lambda method, path: None
    rider.evaluate("dispatchEvent(new Event('online'))")
    arrives(server, "YZ054", rider)


def test_lost_caches_are_only_lost_caches(rider, between, server):
    rider.evaluate("async () => { for (const name of await caches.keys()) await caches.delete(name) }")
    rider.goto(between.url + "/s/YZ055")
    rider.locator("queue-form button").click()
    expect(rider.locator("main h1")).to_be_focused()
    assert len(server.visits("YZ055")) == 1


def test_the_browser_sends_by_itself_when_all_pages_are_closed(rider, between, server):
    offline(rider)
    rider.goto(between.url + "/s/YZ056")
    rider.locator("queue-form button").click()
    expect(rider.locator("main h1")).to_be_focused()
    until(rider, "async () => (await Items.all()).length === 1")
    plain = rider.context.new_page()
    rider.close()
    offline(plain, False)
    plain.goto(between.url + "/healthz")  # a page without any script of ours
    devtools = rider.context.new_cdp_session(plain)
    registrations = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda said: registrations.extend(said["registrations"]))
    devtools.send("ServiceWorker.enable")
    while not registrations:
        plain.wait_for_timeout(50)
    with suppress(Error):
        devtools.send("ServiceWorker.dispatchSyncEvent", {
            "origin": between.url, "registrationId": registrations[-1]["registrationId"], "tag": "queue", "lastChance": False,
        })  # fmt: skip
    arrives(server, "YZ056", plain)
