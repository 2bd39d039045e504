"""Every link of every page, as each of eleven visitors: none is dead, nothing personal is kept, no other host is asked."""

import re
from urllib.parse import urlsplit

import pytest

from models._record import CROCKFORD
from models.demo import ACCOUNTS
from tests.browser.server import CONTROLLED

VISITORS = ["nobody", *(role for *_, role in ACCOUNTS)]
PERSONAL = re.compile(
    r"^/(me|desk|dashboard|sign-in|register|roles|trail|invited|prove|second|rooms|upkeep|doubts|enterprises|units|settings|imports|exports|roster|shop|verify(?!/offline)|redemptions|till|cards)\b|/poster"
)
FILTERED = re.compile(r"/(stations|merchants)/(map)?\?")
NAMES = {role: name for _, name, role in ACCOUNTS}
PHONES = [phone for phone, *_ in ACCOUNTS]

CACHED = """async () => {
  const found = []
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const request of await cache.keys()) {
      const answer = await cache.match(request)
      found.push({ url: request.url, keep: answer.headers.get("X-Keep"), text: await answer.text() })
    }
  }
  return found
}"""


def alike(url: str) -> str:
    """Links that differ only in a station, a shop, an enterprise, a town or a page lead to pages of one kind."""
    parts = urlsplit(url)
    query = re.sub(r"=[^&]*", "=", parts.query)
    return re.sub(rf"\b((YZ|E|SH)\d+(-\d+)?|[{CROCKFORD}]{{10}})\b", "…", parts.path) + "?" + query


def walk(page, server, start, filters):
    """Open every kind of page that links lead to; answers the paths opened.

    `filters`: also the public lists behind each filter; they are the same bytes for everybody, so one walks them.
    """
    todo, seen = [server.url + path for path in start], {}
    while todo:
        url = todo.pop(0).partition("#")[0]
        if not url.startswith(server.url) or alike(url) in seen or (not filters and FILTERED.search(url)):
            continue
        answer = page.goto(url)
        seen[alike(url)] = answer.status
        assert answer.status < 400, f"{url} says {answer.status}"
        links = (
            "links => links.map(link => new URL(link.getAttribute('href'), location).href)"  # those of a drawing too
        )
        todo += page.eval_on_selector_all("a[href]:not([href$='.json']):not([download])", links)
    return seen


@pytest.mark.parametrize("who", VISITORS)
def test_every_link_leads_somewhere_and_nothing_personal_is_kept(quick, server, who):
    context = quick.new_context(viewport={"width": 360, "height": 720})
    page = context.new_page()
    elsewhere, complaints = [], []
    ours = (server.url, "data:", "blob:")
    context.on("request", lambda asked: asked.url.startswith(ours) or elsewhere.append(asked.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.url)
    page.evaluate(CONTROLLED)
    if who != "nobody":
        server.sign_in(page, who)
    start = ["/", "/me/" if who != "nobody" else "/sign-in", "/queue", "/offline", "/s/YZ001"]
    seen = walk(page, server, start, filters=who == "nobody")
    if who != "nobody":
        page.goto(server.url + "/s/YZ050")
        page.click("queue-form button")
        page.wait_for_selector("body.alight")
        page.goto(server.url + "/me/")
    assert len(seen) >= 9
    kept = page.evaluate(CACHED)
    assert {urlsplit(each["url"]).path for each in kept} >= {"/", "/stations/", "/offline", "/s/"}
    for each in kept:
        path = urlsplit(each["url"]).path
        assert path.startswith("/static/") or each["keep"] == "1", path
        assert not PERSONAL.search(path), f"{path} is kept on the phone"
        for told in [NAMES[who]] if who != "nobody" else []:
            assert told not in each["text"], f"{path} tells who was there"
        assert not any(phone in each["text"] for phone in PHONES), path
    stored = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert not [key for key in stored if key.startswith("queue item")], "nothing waits, so nothing is stored"
    own = {f"queue {what}" for what in ("offset", "pause", "prefs", "who", "lease")}
    assert set(stored) <= own | {"htmx-current-path-for-history"}, stored  # htmx is on the first page alone
    assert elsewhere == [], "another host was asked"
    assert complaints == []
    context.close()
