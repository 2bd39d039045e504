"""axe-core finds nothing: normal Chinese on every page, every other look and language on one page of each family."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = {
    "nobody": [
        "/", "/stations/", "/stations/?town=370812001", "/stations/place", "/stations/YZ023", "/stations/YZ023/poster",
        "/s/YZ023", "/s/", "/s/?code=nonsense", "/offline", "/queue", "/sign-in", "/sign-in/password", "/register", "/nowhere",
    ],
    "rider": [
        "/me/", "/me/visits", "/me/data", "/me/data/edit", "/me/devices", "/me/password", "/me/phone", "/me/seen", "/me/second",
        "/me/close", "/prove", "/desk/", "/invited/nonsense",
    ],
    "keeper": ["/me/", "/desk/", "/desk/visits", "/desk/locked", "/desk/phone", "/me/handover"],
    "officer": ["/me/", "/dashboard/", "/dashboard/visits", "/dashboard/visits/YZ023", "/roles/table"],
    "administrator": [
        "/me/", "/roles/", "/roles/?q=周", "/roles/?q=1410812", "/roles/invitations", "/roles/table", "/desk/locked", "/desk/phone",
    ],
}  # fmt: skip
FAMILIES = {
    "nobody": ["/", "/stations/", "/stations/YZ023", "/s/YZ023", "/sign-in", "/nowhere"],
    "rider": ["/me/", "/me/data", "/me/phone"],
    "keeper": ["/desk/"],
    "officer": ["/dashboard/"],
    "administrator": ["/roles/invitations", "/roles/table"],
}
LOOKS = ["lang=en", "look=dark", "look=sharp", "elder=1", "lite=1", "lang=en&look=dark&elder=1"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def found(page) -> list[str]:
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{v['id']}: {v['help']} {[n['html'][:120] for n in v['nodes'][:3]]}" for v in violations]


@pytest.fixture
def look(browser, server):
    """Open pages as somebody with a look and say what axe finds on them."""
    contexts = []

    def looked(who, paths, prefs=""):
        context = browser.new_context(viewport={"width": 360, "height": 720}, service_workers="block")
        contexts.append(context)
        page = context.new_page()
        if prefs:
            context.add_cookies([{"name": "prefs", "value": prefs, "url": server.url}])
        if who != "nobody":
            server.sign_in(page, who)
        wrong = {}
        for path in paths:
            page.goto(server.url + path)
            assert urlsplit(page.url).path == urlsplit(path).path, f"{path} led to {page.url}"
            if said := found(page):
                wrong[path] = said
        return wrong

    yield looked
    for context in contexts:
        context.close()


@pytest.mark.parametrize("who", PAGES)
def test_every_page_in_its_normal_look(look, who):
    assert look(who, PAGES[who]) == {}


@pytest.mark.parametrize("prefs", LOOKS)
def test_a_page_of_each_family_in_every_other_look(look, prefs):
    assert {who: wrong for who, paths in FAMILIES.items() if (wrong := look(who, paths, prefs))} == {}


@pytest.mark.parametrize("result", ["accepted", "cool-down", "queued", "refused", "full", "page-only"])
def test_what_follows_a_press(browser, server, result):
    context = browser.new_context(viewport={"width": 360, "height": 720})
    page = context.new_page()
    page.goto(server.url + "/s/YZ023")
    page.evaluate("async result => { await customElements.whenDefined('queue-form');"  # after the first paint
                  " const form = document.querySelector('queue-form'); form.record = { pressed: Date.now() };"
                  " form.show(result) }", result)  # fmt: skip
    assert found(page) == []
    context.close()
