"""A press is counted once, with a network or without, whatever the phone and the network do to it."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

SECOND = timedelta(seconds=1)
TOKENLESS = "/s/YZ029"
THROW = "Object.defineProperty(window, '%s', {get() { throw new Error('shut') }});"
THROW_OF_NAVIGATOR = "Object.defineProperty(Navigator.prototype, '%s', {get() { throw new Error('shut') }});"
NO_STORAGE = THROW % "indexedDB" + THROW % "localStorage"
EVERYTHING_THROWS = (
    NO_STORAGE
    + THROW % "BroadcastChannel"
    + "".join(THROW_OF_NAVIGATOR % name for name in ("serviceWorker", "locks", "geolocation", "storage"))
)
HANGING_DATABASE = "IDBFactory.prototype.open = () => ({});"
FULL_DISK = """
IDBObjectStore.prototype.put = function () { throw new DOMException('full', 'QuotaExceededError') };
Storage.prototype.setItem = function () { throw new DOMException('full', 'QuotaExceededError') };
"""
SLOW_SYNC = """
const quick = fetch
fetch = (url, options) => url === "/sync" ? new Promise(go => setTimeout(go, %d)).then(() => quick(url, options)) : quick(url, options)
"""


@contextmanager
def phone(quick, **more):
    """A phone of its own: its own storage, cookies and service worker."""
    context = quick.new_context(viewport={"width": 360, "height": 720}, locale="zh-CN", has_touch=True, **more)
    context.set_default_timeout(20_000)
    context.add_init_script(WATCH)
    errors = []
    context.on("weberror", lambda error: errors.append(error.error))
    yield context
    context.close()
    assert errors == []


@pytest.fixture
def rider(quick):
    with phone(quick) as context:
        yield context


@pytest.fixture
def without_worker(quick):
    """Most of what the queue does needs no service worker, and its calls can be tampered with only without one."""
    with phone(quick, service_workers="block") as context:
        yield context


def opened(context, url, ready=True):
    page = context.new_page()
    page.goto(url)
    if ready:
        page.wait_for_function("() => document.readyState === 'complete' && !document.querySelector(':not(:defined)')")
    return page


def press(page):
    page.locator("queue-form button").click()


def shows(page, result):
    page.wait_for_function(
        "result => document.querySelector('queue-form') === null && window.lastShown === result",
        arg=result,
    )


def flush(page):
    """Send now, and again what came while the page's own first sending was under way; how it ended."""
    return page.evaluate("Queue.flush().then(Queue.flush)")


def empties(page):
    """The queue runs empty by itself."""
    for _ in range(80):
        if not items(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError(items(page))


def items(page):
    return page.evaluate("Items.all()")


def keep_item(page, client_id, **more):
    """Puts an item straight into the phone's queue, as an earlier page or a curious hand might have."""
    now = page.evaluate("Date.now()")
    record = {
        "v": 1,
        "kind": "visit",
        "client_id": client_id,
        "place": "YZ029",
        "via": "",
        "who": "",
        "pressed": now - 60_000,
        "offset": 0,
    } | more
    page.evaluate("([key, record]) => Drawers.set('item ' + key, record)", [client_id, record])


# What the views of the press are told, so that tests need not know their words.
WATCH = """
customElements.whenDefined('queue-form').then(() => {
  const { prototype } = customElements.get('queue-form')
  const { show } = prototype
  prototype.show = function (result, ...rest) { show.call(this, result, ...rest); if (this.shown) window.lastShown = this.shown }
})
"""


def answer_sync(context, *answers):
    """Answers /sync with these, one after another (the last one for good). None lets it through; a callable decides."""
    asked = []

    def handle(route):
        asked.append(json.loads(route.request.post_data))
        answer = answers[min(len(asked), len(answers)) - 1]
        if answer is None:
            route.continue_()
        elif callable(answer):
            answer(route)
        else:
            route.fulfill(**answer)

    context.route("**/sync", handle)
    return asked


def status(code, body="{}", kind="application/json", **headers):
    return {
        "status": code,
        "body": body,
        "headers": {"Content-Type": kind} | {k.replace("_", "-"): str(v) for k, v in headers.items()},
    }


def lose_answer(route):
    """The server counts it; the phone never hears so."""
    route.fetch()
    route.abort()


# With a network


def test_a_press_is_counted_and_the_page_says_so(rider, server):
    page = opened(rider, server.url + TOKENLESS)
    press(page)
    shows(page, "accepted")
    assert [visit["n"] for visit in server.visits("YZ029")] == [1]
    assert items(page) == []


def test_the_new_heading_has_the_focus_after_pressing_by_keyboard(rider, server):
    page = opened(rider, server.url + TOKENLESS)
    page.locator("queue-form button").focus()
    page.keyboard.press("Enter")
    shows(page, "accepted")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert "alight" in page.locator("body").get_attribute("class")


def test_a_second_tap_makes_no_second_item(without_worker, server):
    without_worker.add_init_script(SLOW_SYNC % 700)
    asked = answer_sync(without_worker, None)
    page = opened(without_worker, server.url + TOKENLESS)
    page.evaluate("for (let n = 0; n < 5; n++) document.querySelector('queue-form button').click()")
    shows(page, "accepted")
    assert sum(len(batch) for batch in asked) == 1
    assert len(server.visits("YZ029")) == 1


def test_the_device_cookie_is_made_before_the_press(rider, server):
    opened(rider, server.url + TOKENLESS)
    device = {cookie["name"]: cookie for cookie in rider.cookies()}["device"]
    assert re.fullmatch("[0-9a-f]{32}", device["value"])
    assert device["sameSite"] == "Lax"


def test_without_fetch_the_plain_form_goes_with_its_id(without_worker, server):
    without_worker.add_init_script("delete window.AbortController")
    page = opened(without_worker, server.url + TOKENLESS)
    with page.expect_request("**/visits") as sent:
        press(page)
    first = re.search("client_id=([0-9a-f]{32})", sent.value.post_data).group(1)
    page.wait_for_load_state()
    page.go_back()
    page.wait_for_load_state()
    with page.expect_request("**/visits") as sent:
        press(page)
    assert first not in sent.value.post_data
    assert len({visit["at"] for visit in server.visits("YZ029")}) == len(server.visits("YZ029")) >= 1


# Without a network


def test_a_press_without_network_waits_and_counts_with_its_own_time(rider, server):
    page = opened(rider, server.url + TOKENLESS)
    page.wait_for_timeout(600)
    rider.set_offline(True)
    pressed = datetime.now(UTC)
    press(page)
    shows(page, "queued")
    assert server.visits("YZ029") == []
    page.wait_for_timeout(2500)
    rider.set_offline(False)
    shows(page, "accepted")
    (visit,) = server.visits("YZ029")
    assert abs(visit["at"] - pressed) < SECOND * 1.6
    assert items(page) == []


def test_a_closed_page_sends_it_at_the_next_one(rider, server):
    page = opened(rider, server.url + TOKENLESS)
    page.wait_for_timeout(600)
    rider.set_offline(True)
    press(page)
    shows(page, "queued")
    page.close()
    rider.set_offline(False)
    page = opened(rider, server.url + "/")
    empties(page)
    assert len(server.visits("YZ029")) == 1


def test_a_slow_answer_shows_as_waiting_and_then_as_counted(without_worker, server):
    without_worker.add_init_script(SLOW_SYNC % 5500)
    page = opened(without_worker, server.url + TOKENLESS)
    page.evaluate("document.querySelector('queue-form button').click()")
    page.wait_for_timeout(4300)
    assert page.evaluate("window.lastShown") == "queued"
    shows(page, "accepted")
    assert len(server.visits("YZ029")) == 1


def test_a_station_never_opened_works_from_its_address(rider, server):
    page = opened(rider, server.url + "/")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    rider.set_offline(True)
    page.goto(server.url + "/S/YZ031")
    press(page)
    shows(page, "queued")
    (item,) = items(page)
    assert (item["record"]["place"], item["record"]["via"]) == ("YZ031", "YZ031")
    rider.set_offline(False)
    shows(page, "accepted")
    assert len(server.visits("YZ031")) == 1


def test_two_tabs_send_each_thing_once(rider, server):
    pages = [opened(rider, server.url + f"/s/YZ0{n}") for n in (41, 42)]
    pages[0].wait_for_timeout(600)
    rider.set_offline(True)
    for page in pages:
        press(page)
        shows(page, "queued")
    rider.set_offline(False)
    for page in pages:
        shows(page, "accepted")
    assert [len(server.visits(code)) for code in ("YZ041", "YZ042")] == [1, 1]


def test_another_tab_without_locks_waits_for_the_lease(without_worker, server):
    without_worker.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', {get() {}})")
    asked = answer_sync(without_worker, None)
    pages = [opened(without_worker, server.url + "/") for _ in range(2)]
    for page in pages:
        flush(page)
    keep_item(pages[0], "leased")
    pages[0].evaluate("Drawers.set('lease', Date.now() + 5000)")
    assert flush(pages[1]) == "later"
    assert asked == []
    pages[0].evaluate("Drawers.delete('lease')")
    assert flush(pages[1]) == "done"
    assert len(asked) == 1


# Broken phones


@pytest.mark.parametrize(
    "broken", [EVERYTHING_THROWS, NO_STORAGE, HANGING_DATABASE, FULL_DISK, HANGING_DATABASE + THROW % "localStorage"]
)
def test_broken_storage_does_not_stop_a_press(without_worker, server, broken):
    without_worker.add_init_script(broken)
    page = opened(without_worker, server.url + TOKENLESS)
    press(page)
    shows(page, "accepted")
    assert len(server.visits("YZ029")) == 1


@pytest.mark.parametrize("broken", [EVERYTHING_THROWS, FULL_DISK])
def test_what_only_the_page_holds_says_so_and_warns(without_worker, server, broken):
    without_worker.add_init_script(broken)
    page = opened(without_worker, server.url + TOKENLESS)
    without_worker.set_offline(True)
    press(page)
    shows(page, "page-only")
    assert page.evaluate("typeof onbeforeunload") == "function"
    without_worker.set_offline(False)
    shows(page, "accepted")
    assert page.evaluate("onbeforeunload") is None
    assert len(server.visits("YZ029")) == 1


def test_without_a_database_the_local_storage_keeps_it(without_worker, server):
    without_worker.add_init_script(THROW % "indexedDB")
    page = opened(without_worker, server.url + TOKENLESS)
    without_worker.set_offline(True)
    press(page)
    shows(page, "queued")
    page.close()
    without_worker.set_offline(False)
    page = opened(without_worker, server.url + "/")
    empties(page)
    assert len(server.visits("YZ029")) == 1


def test_a_database_that_works_again_still_finds_what_local_storage_holds(without_worker, server):
    page = opened(without_worker, server.url + "/")
    record = {
        "v": 1,
        "kind": "visit",
        "client_id": "local",
        "place": "YZ029",
        "via": "",
        "who": "",
        "pressed": page.evaluate("Date.now()"),
        "offset": 0,
    }
    page.evaluate("text => localStorage.setItem('queue item local', text)", json.dumps(record))
    assert flush(page) == "done"
    assert len(server.visits("YZ029")) == 1
    assert page.evaluate("localStorage.getItem('queue item local')") is None


def test_a_wiped_storage_loses_nothing_while_the_page_is_open(without_worker, server):
    page = opened(without_worker, server.url + TOKENLESS)
    page.wait_for_timeout(500)
    without_worker.set_offline(True)
    press(page)
    shows(page, "queued")
    without_worker.new_cdp_session(page).send(
        "Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "indexeddb,local_storage"}
    )
    without_worker.set_offline(False)
    shows(page, "accepted")
    assert len(server.visits("YZ029")) == 1


# Servers and networks that do not answer as they should


@pytest.mark.parametrize("answer", [
    status(200, "<!doctype html><title>请登录无线网</title>", "text/html"),
    status(200, "<!doctype html>", "application/json"),
    status(200, "[]"),
    status(200, '[{"client_id": "somebody-else", "result": "accepted"}]'),
    status(200, '[null, 3, {"result": "accepted"}]'),
    status(200, '{"client_id": "x"}'),
    status(403, "<h1>forbidden</h1>", "text/html"),
    status(404, "<h1>not found</h1>", "text/html"),
    status(422, "<h1>what</h1>", "text/html"),
    status(429, Retry_After=1),
    status(500, "<h1>oh</h1>", "text/html"),
    status(502, "<h1>bad gateway</h1>", "text/html"),
    status(503, Retry_After=1),
])  # fmt: skip
def test_an_answer_that_is_none_keeps_the_item_waiting(without_worker, server, answer):
    asked = answer_sync(without_worker, answer, None)
    page = opened(without_worker, server.url + TOKENLESS)
    press(page)
    shows(page, "queued")
    assert [item["state"] for item in items(page)] == ["waiting"]
    assert server.visits("YZ029") == []
    page.evaluate("dispatchEvent(new Event('online'))")  # sooner than by itself
    shows(page, "accepted")
    assert len(server.visits("YZ029")) == 1
    assert len(asked) == 2


def test_a_server_that_wants_rest_gets_it(without_worker, server):
    asked = answer_sync(without_worker, status(503, Retry_After=7), None)
    page = opened(without_worker, server.url + TOKENLESS)
    press(page)
    shows(page, "queued")
    page.evaluate("dispatchEvent(new Event('online'))")
    again = opened(without_worker, server.url + "/")
    again.wait_for_timeout(1500)
    page.wait_for_timeout(1500)
    assert len(asked) == 1
    shows(page, "accepted")
    assert len(server.visits("YZ029")) == 1


def test_an_answer_lost_after_counting_counts_once(without_worker, server):
    answer_sync(without_worker, lose_answer, None)
    page = opened(without_worker, server.url + TOKENLESS)
    press(page)
    shows(page, "queued")
    assert len(server.visits("YZ029")) == 1
    page.evaluate("dispatchEvent(new Event('online'))")
    shows(page, "duplicate")
    assert len(server.visits("YZ029")) == 1
    assert items(page) == []


def test_a_refused_item_stays_with_its_reason_until_it_is_read(rider, server):
    page = opened(rider, server.url + "/")
    keep_item(page, "nowhere", place="NOPE")
    flush(page)
    (item,) = items(page)
    assert item["state"] == "refused"
    assert item["record"]["refused"]
    page.goto(server.url + "/queue")
    row = page.locator("queue-list li")
    expect(row.locator("[data-reason]")).to_have_text(item["record"]["refused"])
    row.locator("button").click()
    expect(row).to_have_count(0)
    assert items(page) == []


def test_what_waits_cannot_be_thrown_away(without_worker, server):
    answer_sync(without_worker, status(503, Retry_After=100))
    page = opened(without_worker, server.url + "/")
    keep_item(page, "waiting")
    page.goto(server.url + "/queue")
    expect(page.locator("queue-list li")).to_have_count(1)
    expect(page.locator("queue-list button")).to_be_hidden()
    expect(page.locator("queue-bar")).to_be_visible()


def test_two_hundred_items_go_in_five_requests(without_worker, server):
    page = opened(without_worker, server.url + "/")
    asked = answer_sync(without_worker, None)
    page.evaluate("""() => Promise.all(Array.from({length: 200}, (_, n) => Drawers.set("item n" + n, {
      v: 1, kind: "visit", client_id: "n" + n, place: "YZ0" + (10 + n % 80), via: "", who: "", pressed: Date.now() - n * 60000, offset: 0 })))""")
    assert flush(page) == "done"
    assert items(page) == []
    assert len(asked) <= 5
    assert sum(len(server.visits(f"YZ0{n}")) for n in range(10, 90)) == 200


def test_the_two_hundred_and_first_is_told_that_it_is_not_kept(without_worker, server):
    page = opened(without_worker, server.url + TOKENLESS)
    page.wait_for_timeout(500)
    without_worker.set_offline(True)
    page.evaluate("""() => Promise.all(Array.from({length: 200}, (_, n) => Drawers.set("item n" + n, {
      v: 1, kind: "visit", client_id: "n" + n, place: "YZ011", via: "", who: "", pressed: Date.now(), offset: 0 })))""")
    press(page)
    shows(page, "full")
    assert len(items(page)) == 200


# Queues with a history


def test_what_a_hand_has_broken_is_shown_and_holds_up_nobody(without_worker, server):
    page = opened(without_worker, server.url + "/")
    broken = ["text", None, 7, [], {}, {"v": 1, "kind": "visit"}, {"v": 1, "kind": "visit", "client_id": 5, "who": "", "pressed": 1},
              {"v": 1, "kind": "visit", "client_id": "x" * 65, "who": "", "pressed": 1}, {"v": 1, "kind": "visit", "client_id": "y", "who": {}, "pressed": 1},
              {"v": 1, "kind": "visit", "client_id": "z", "who": "", "pressed": 1e99}, {"v": 1, "kind": ["visit"], "client_id": "w", "who": "", "pressed": 1}]  # fmt: skip
    page.evaluate("broken => Promise.all(broken.map((value, n) => Drawers.set('item broken' + n, value)))", broken)
    page.evaluate("localStorage.setItem('queue item torn', '{\"v\":1,')")
    page.evaluate("Drawers.set('item big', {v: 1, kind: 'visit', client_id: 'big', who: '', pressed: 10n})")
    keep_item(page, "sound")
    assert flush(page) == "done"
    assert len(server.visits("YZ029")) == 1
    assert [item["state"] for item in items_without_values(page)] == ["broken"] * (len(broken) + 2)
    page.goto(server.url + "/queue")
    expect(page.locator("queue-list li[data-state=broken]")).to_have_count(len(broken) + 2)
    for _ in range(len(broken) + 2):
        page.locator("queue-list li[data-state=broken] button").first.click()
    expect(page.locator("queue-list li")).to_have_count(0)


def items_without_values(page):
    return page.evaluate("Items.all().then(all => all.map(({key, state}) => ({key, state})))")


def test_records_of_other_versions_and_kinds_go_as_they_are(without_worker, server):
    asked = answer_sync(without_worker, lambda route: route.fulfill(**status(200, json.dumps(
        [{"client_id": item["client_id"], "result": "accepted", "message": ""} for item in json.loads(route.request.post_data)]))))  # fmt: skip
    page = opened(without_worker, server.url + "/")
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    page.evaluate(
        "record => Drawers.set('item old', record)",
        {"v": 0, "kind": "visit", "client_id": "old", "place": "YZ029", "who": "", "at": now},
    )
    keep_item(page, "new", v=2, kind="snap", words="井盖松动")
    assert flush(page) == "done"
    old, new = sorted(asked[0], key=lambda item: item["v"])
    assert (old["v"], old["at"], old["place"]) == (0, now, "YZ029")
    assert (new["v"], new["kind"], new["words"]) == (2, "snap", "井盖松动")


def test_a_wrong_clock_is_put_right_by_what_was_learned(without_worker, server):
    page = without_worker.new_page()
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=3))
    page.goto(server.url + TOKENLESS)
    page.clock.run_for(2000)
    assert page.evaluate("Server.offset()") < -10_000_000
    without_worker.set_offline(True)
    press(page)
    page.clock.run_for(5000)
    shows(page, "queued")
    without_worker.set_offline(False)
    shows(page, "accepted")
    (visit,) = server.visits("YZ029")
    assert abs(visit["at"] - datetime.now(UTC)) < timedelta(seconds=15)


def test_a_clock_of_which_nothing_is_known_is_asked_about_first(without_worker, server):
    without_worker.route("**/healthz", lambda route: route.abort())
    page = without_worker.new_page()
    page.clock.install(time=datetime.now(UTC) - timedelta(days=400))
    page.goto(server.url + TOKENLESS)
    press(page)
    page.clock.run_for(5000)
    shows(page, "queued")
    assert items(page)[0]["record"]["offset"] is None
    without_worker.unroute("**/healthz")
    page.evaluate("dispatchEvent(new Event('online'))")
    shows(page, "accepted")
    (visit,) = server.visits("YZ029")
    assert abs(visit["at"] - datetime.now(UTC)) < timedelta(seconds=15)


# Whose it is


def test_one_person_s_items_wait_for_that_person(without_worker, server):
    page = without_worker.new_page()
    server.sign_in(page, "rider")
    page.goto(server.url + TOKENLESS)
    page.wait_for_timeout(500)
    without_worker.set_offline(True)
    press(page)
    shows(page, "queued")
    page.close()
    page = without_worker.new_page()
    without_worker.set_offline(False)
    server.sign_out(page)
    page.goto(server.url + "/queue")
    expect(page.locator("queue-list li[data-state=other]")).to_have_count(1)
    expect(page.locator("queue-list [data-place]")).to_have_text("")
    keep_item(page, "nobodys", place="YZ024")
    assert flush(page) == "done"
    assert (len(server.visits("YZ029")), len(server.visits("YZ024"))) == (0, 1)
    server.sign_in(page, "keeper")
    page.goto(server.url + "/")
    assert flush(page) == "done"
    assert server.visits("YZ029") == []
    server.sign_in(page, "rider")
    page.goto(server.url + "/")
    empties(page)
    assert len(server.visits("YZ029")) == 1


def test_a_session_that_has_ended_does_not_stop_a_press(without_worker, server):
    page = without_worker.new_page()
    page.goto(server.url + "/")
    without_worker.add_cookies([{"name": "who", "value": "0123456789", "url": server.url}])
    page.goto(server.url + TOKENLESS)
    press(page)
    shows(page, "accepted")
    assert len(server.visits("YZ029")) == 1


def test_an_ended_session_keeps_what_waited(without_worker, server):
    page = opened(without_worker, server.url + "/")
    without_worker.add_cookies([{"name": "who", "value": "0123456789", "url": server.url}])
    keep_item(page, "mine", who="0123456789")
    keep_item(page, "free", place="YZ025")
    flush(page)
    assert [(item["record"]["client_id"], item["state"]) for item in items(page)] == [("mine", "other")]
    assert len(server.visits("YZ025")) == 1
