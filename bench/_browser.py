"""Chromium as a cheap phone holds it: 360×720, a processor of a sixth."""

from contextlib import contextmanager

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOWNESS = 6


@contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def phone(browser, **more):
    """A fresh phone: nothing cached, nothing stored."""
    context = browser.new_context(
        viewport={"width": 360, "height": 720},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        **more,
    )
    try:
        yield context
    finally:
        context.close()


def slowed(page):
    """Slow the page's processor; answers the session with the browser's tools."""
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWNESS})
    return tools
