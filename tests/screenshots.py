"""`make screenshots`: every page in the looks that people use, into screenshots/, to be opened and judged."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.server import CHROMIUM, running

OUT = Path("screenshots")
RIDER = {
    "home": "/",
    "stations": "/stations/",
    "stations-town": "/stations/?town=370812001",
    "place": "/stations/place",
    "station": "/stations/YZ023",
    "visit": "/s/YZ023",
    "code": "/s/",
    "sign-in": "/sign-in",
    "register": "/register",
    "password": "/sign-in/password",
    "offline": "/offline",
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
    },
    "14108120003": {
        "keeper": "/desk/",
        "keeper-visits": "/desk/visits",
        "keeper-locked": "/desk/locked",
        "handover": "/me/handover",
    },
    "14108120010": {
        "roles": "/roles/",
        "roles-found": "/roles/?q=%E5%91%A8",
        "invitations": "/roles/invitations",
        "who-may": "/roles/table",
    },
}
STAFF = {"officer": "/dashboard/", "officer-month": "/dashboard/visits", "officer-station": "/dashboard/visits/YZ023"}


def main(only=""):
    OUT.mkdir(exist_ok=True)
    with running() as url, sync_playwright() as p:
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
                act(page)
            page.wait_for_timeout(150)
            page.screenshot(path=OUT / f"{name}-{look}.png", full_page=True)
            context.close()

        def press(page):
            page.click("button.tall")
            page.wait_for_selector("body.alight")
            page.wait_for_timeout(700)

        for look in LOOKS:
            shoot("visit-done", "/s/YZ023", look, "14108120001", act=press)
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
        for name, path in SIGNED["14108120010"].items():
            shoot(name, path, "1280", "14108120010", wide=True)
        shoot("poster", "/stations/YZ023/poster", "a4", wide=True)
        shoot("poster-a5", "/stations/YZ023/poster?size=A5", "a5", wide=True)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
