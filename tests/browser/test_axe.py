"""axe-core finds nothing: normal Chinese on every page, each other look and language on one page of each family."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT

PAGES = {
    "nobody": [
        "/", "/stations/", "/stations/?town=370812001", "/stations/place", "/stations/?only=open,truck", "/stations/?q=%E6%B2%A1%E6%9C%89", "/stations/place?q=%E9%BC%93%E6%A5%BC", "/stations/YZ023", "/stations/YZ023/poster",
        "/card", "/c", "/merchants/", "/merchants/?q=%E6%B2%A1%E6%9C%89", "/merchants/SH002", "/merchants/SH002/way", "/merchants/apply", "/stations/map?layer=shops", "/kiosk",
        "/stations/map", "/stations/YZ023/tell", "/stations/YZ023/way", "/stations/YZ000", "/stations/YZ000/inside", "/s/YZ023", "/s/", "/s/?code=nonsense", "/offline", "/queue", "/sign-in", "/sign-in/password", "/register", "/nowhere",
    ],
    "rider": [
        "/me/", "/me/visits", "/me/data", "/me/data/edit", "/me/devices", "/me/password", "/me/phone", "/me/seen", "/me/second",
        "/me/close", "/rooms/YZ000-1", "/prove", "/desk/", "/invited/nonsense",
        "/card/own", "/card/uses", "/card/activation", "/card/once",
    ],
    "merchant": [
        "/me/", "/shop/", "/verify", "/verify?shop=SH001", "/verify/today", "/shop/tills", "/shop/hours", "/shop/offers", "/shop/offers/new", "/shop/month", "/shop/thanks",
        "/shop/sheet", "/shop/leave", "/merchants/SH001/plaque",
    ],
    "keeper": [
        "/me/", "/desk/", "/desk/change", "/desk/tally", "/desk/note", "/desk/kiosks", "/desk/visits", "/desk/things", "/desk/supplies", "/desk/loans",
        "/desk/inspection", "/desk/poster", "/desk/ill", "/desk/locked", "/desk/phone", "/me/handover", "/desk/rooms", "/desk/cards",
    ],
    "officer": [
        "/me/", "/dashboard/", "/dashboard/visits", "/dashboard/visits?by=evidence", "/dashboard/visits/YZ023", "/dashboard/months", "/dashboard/people",
        "/dashboard/checks/unvisited", "/dashboard/care/", "/dashboard/care/odd/far", "/upkeep/", "/upkeep/unconfirmed", "/upkeep/faults", "/upkeep/supplies", "/upkeep/silent", "/doubts/", "/doubts/impossible",
        "/enterprises/", "/enterprises/E01", "/enterprises/riders/", "/enterprises/riders/list?industry=food&town=370812001", "/units/", "/roles/table",
        "/stations/all", "/stations/new", "/stations/YZ023/edit", "/stations/YZ023/closing", "/stations/YZ023/days", "/stations/YZ023/history",
        "/imports/", "/imports/stations", "/exports/", "/merchants/waiting", "/merchants/all", "/cards/find",
        "/dashboard/care/cards", "/dashboard/care/uses", "/dashboard/care/idle", "/dashboard/care/odd/often",
    ],
    "administrator": [
        "/me/", "/roles/", "/roles/?q=周", "/roles/?q=1410812", "/roles/invitations", "/roles/table", "/desk/locked", "/desk/phone", "/settings",
    ],
}  # fmt: skip
FAMILIES = {
    "nobody": [
        "/", "/stations/", "/stations/YZ023", "/stations/YZ023/tell", "/stations/YZ023/way", "/stations/map", "/s/YZ023", "/sign-in", "/nowhere", "/card",
    ],
    "rider": ["/me/", "/me/data", "/me/phone"],
    "merchant": ["/verify?shop=SH001"],
    "keeper": ["/desk/", "/desk/things", "/desk/tally"],
    "officer": ["/dashboard/"],
    "administrator": ["/roles/invitations", "/roles/table"],
}  # fmt: skip
LOOKS = ["lang=en&elder=1", "look=dark&lite=1", "look=sharp", "lang=en&look=dark&elder=1"]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def found(page) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(
        """rules => axe.run(rules).then(({ violations }) => violations.map(
        ({ id, help, nodes }) => `${id}: ${help} ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120))}`))""",
        RULES,
    )


@pytest.fixture
def look(quick, server):
    """Open pages as somebody with a look and say what axe finds on them."""
    contexts = []

    def looked(who, paths, prefs=""):
        context = quick.new_context(viewport={"width": 360, "height": 720}, service_workers="block")
        contexts.append(context)
        page = context.new_page()
        if prefs:
            context.add_cookies([{"name": "prefs", "value": prefs, "url": server.url}])
        if who != "nobody":
            server.sign_in(page, who)
        if who == "rider":
            server.apply(page)
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
