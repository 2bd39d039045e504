"""`make screenshots`: every page in the looks that people use, into screenshots/, to be opened and judged."""

import re
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from models.demo import ACCOUNTS
from tests.browser.server import CHROMIUM, running

OUT = Path("screenshots")
RIDER = {
    "home": "/",
    "stations": "/stations/",
    "stations-town": "/stations/?town=370812001",
    "stations-open": "/stations/?only=open,fast",
    "stations-none": "/stations/?q=%E6%B2%A1%E6%9C%89",
    "place": "/stations/place",
    "station": "/stations/YZ023",
    "tell": "/stations/YZ023/tell",
    "way": "/stations/YZ023/way",
    "map": "/stations/map",
    "card": "/card",
    "scanned-card": "/c",
    "merchants": "/merchants/",
    "merchants-none": "/merchants/?q=%E6%B2%A1%E6%9C%89",
    "merchant": "/merchants/SH002",
    "apply": "/merchants/apply",
    "shops-map": "/stations/map?layer=shops",
    "kiosk": "/kiosk",
    "centre": "/stations/YZ000",
    "visit": "/s/YZ023",
    "code": "/s/",
    "sign-in": "/sign-in",
    "register": "/register",
    "password": "/sign-in/password",
    "offline": "/offline",
    "verify-offline": "/verify/offline",
    "queue": "/queue",
    "not-found": "/nowhere",
}
LOOKS = {
    "360": ("", 360, 720),
    "360-dark": ("look=dark", 360, 720),
    "360-sharp": ("look=sharp", 360, 720),
    "360-elder": ("elder=1", 360, 720),
    "360-en": ("lang=en", 360, 720),
    "320-text-200": ("", 320, 720),
}
SIGNED = {
    "14108120001": {
        "me": "/me/",
        "my-visits": "/me/visits",
        "my-data": "/me/data",
        "my-data-edit": "/me/data/edit",
        "my-devices": "/me/devices",
        "my-password": "/me/password",
        "my-phone": "/me/phone",
        "seen": "/me/seen",
        "second": "/me/second",
        "close": "/me/close",
        "card-own": "/card/own",
        "card-uses": "/card/uses",
        "card-activation": "/card/activation",
        "card-once": "/card/once",
    },
    "14108120002": {
        "shop": "/shop/",
        "verify-where": "/verify",
        "verify": "/verify?shop=SH001",
        "verify-today": "/verify/today",
        "shop-tills": "/shop/tills",
        "shop-hours": "/shop/hours",
        "shop-offers": "/shop/offers",
        "shop-offer": "/shop/offers/new",
        "shop-month": "/shop/month",
        "shop-thanks": "/shop/thanks",
        "shop-sheet": "/shop/sheet",
        "shop-leave": "/shop/leave",
    },
    "14108120003": {
        "keeper": "/desk/",
        "keeper-change": "/desk/change",
        "keeper-tally": "/desk/tally",
        "keeper-note": "/desk/note",
        "keeper-kiosks": "/desk/kiosks",
        "keeper-things": "/desk/things",
        "keeper-supplies": "/desk/supplies",
        "keeper-loans": "/desk/loans",
        "keeper-inspection": "/desk/inspection",
        "keeper-code": "/desk/poster",
        "keeper-ill": "/desk/ill",
        "keeper-visits": "/desk/visits",
        "keeper-locked": "/desk/locked",
        "keeper-cards": "/desk/cards",
        "handover": "/me/handover",
    },
    "14108120010": {
        "roles": "/roles/",
        "roles-found": "/roles/?q=%E5%91%A8",
        "invitations": "/roles/invitations",
        "who-may": "/roles/table",
        "settings": "/settings",
    },
}
STAFF = {
    "officer": "/dashboard/",
    "officer-month": "/dashboard/visits",
    "officer-station": "/dashboard/visits/YZ023",
    "officer-hours": "/dashboard/visits?by=hour",
    "officer-months": "/dashboard/months",
    "officer-people": "/dashboard/people",
    "officer-check": "/dashboard/checks/unconfirmed",
    "officer-care": "/dashboard/care/",
    "officer-care-far": "/dashboard/care/odd/far",
    "upkeep": "/upkeep/",
    "upkeep-supplies": "/upkeep/supplies",
    "upkeep-unconfirmed": "/upkeep/unconfirmed",
    "doubts": "/doubts/",
    "roster": "/stations/all",
    "roster-new": "/stations/new?town=370812001",
    "roster-edit": "/stations/YZ023/edit",
    "roster-days": "/stations/YZ023/days",
    "roster-history": "/stations/YZ023/history",
    "roster-closing": "/stations/YZ023/closing",
    "enterprises": "/enterprises/",
    "enterprise": "/enterprises/E01",
    "riders": "/enterprises/riders/",
    "riders-list": "/enterprises/riders/list?industry=food&town=370812001",
    "units": "/units/",
    "merchants-waiting": "/merchants/waiting",
    "merchants-all": "/merchants/all",
    "cards-find": "/cards/find",
    "care": "/dashboard/care/",
    "care-cards": "/dashboard/care/cards",
    "care-uses": "/dashboard/care/uses",
    "care-idle": "/dashboard/care/idle",
    "care-odd": "/dashboard/care/odd/far",
}


def main(only=""):
    OUT.mkdir(exist_ok=True)
    with running(people=True) as url, sync_playwright() as p:
        browser = p.chromium.launch(**CHROMIUM)

        def shoot(name, path, look, account=None, wide=False, act=None):
            if only and only not in f"{name}-{look}":
                return
            prefs, width, height = LOOKS.get(look, ("", 360, 720)) if not wide else ("", 1280, 800)
            context = browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=1 if wide else 2, has_touch=not wide,
                service_workers="block",
            )  # fmt: skip
            if prefs:
                context.add_cookies([{"name": "prefs", "value": prefs, "url": url}])
            page = context.new_page()
            if account:
                page.goto(url + "/sign-in")
                page.click(f"button[value='{account}']")
            page.goto(url + path)
            if look.endswith("text-200"):
                page.evaluate("document.documentElement.style.fontSize = '36px'")
            if act:
                act(page, look)
            page.wait_for_timeout(150)
            page.screenshot(path=OUT / f"{name}-{look}.png", full_page=True)
            context.close()

        def press(page, look):
            page.click("button.tall")
            page.wait_for_selector("body.alight")
            page.wait_for_timeout(700)

        def switch_on(page, look):
            page.click("card-enrol button")
            page.wait_for_selector("card-face[data-payload]", state="attached")

        def fresh_code(page, look):
            page.click("button.lamp")

        def lit(page, look):
            """A code for once, of another of the ten in every look: a card is not used twice in half an hour."""
            phone = f"14108120{list(LOOKS).index(look) + 3:03}"
            partner = browser.new_context()
            asked = partner.request
            work = {"name": next(name for number, name, _ in ACCOUNTS if number == phone), "industry": "food"}
            steps = {"/sign-in": {"account": phone}, "/me/data/edit": work, "/card/application": {}, "/card/once": {}}
            for path, form in steps.items():
                told = asked.post(url + path, form=form, headers={"Origin": url}).text()
            page.fill("#digits", re.search(r'code">([0-9 ]+)<', told)[1])
            page.click("verify-desk form button")
            page.wait_for_selector("body.alight")
            partner.close()

        def dark(page, look):
            page.evaluate("document.getElementById('code').value = '1'; document.getElementById('code').form.submit()")
            page.wait_for_selector("body.unlit")

        for look in LOOKS:
            shoot("visit-done", "/s/YZ023", look, "14108120001", act=press)
            shoot("card-shown", "/card/activation", look, "14108120001", act=switch_on)
            shoot("card-once-shown", "/card/once", look, "14108120001", act=fresh_code)
            shoot("verify-yes", "/verify?shop=SH001", look, "14108120002", act=lit)
            shoot("verify-no", "/verify?shop=SH001", look, "14108120002", act=dark)
            for name, path in RIDER.items():
                shoot(name, path, look)
            for account, pages in SIGNED.items():
                for name, path in pages.items():
                    shoot(name, path, look, account)
            for name, path in STAFF.items():
                shoot(name, path, look, "14108120009")
        for name, path in STAFF.items():
            shoot(name, path, "1280", "14108120009", wide=True)
        shoot("keeper", "/desk/", "1280", "14108120003", wide=True)
        for account in ("14108120002", "14108120010"):
            for name, path in SIGNED[account].items():
                shoot(name, path, "1280", account, wide=True)
        shoot("poster", "/stations/YZ023/poster", "a4", wide=True)
        shoot("poster-a5", "/stations/YZ023/poster?size=A5", "a5", wide=True)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
