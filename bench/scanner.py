"""`scanner`: a QR code of 33 × 33 in pictures of 640 × 480, read by the page on a processor of a sixth; and what it loads.

The rate is counted twice: as phones do it, the reading in a worker, and with all of it in the page, as on a phone that
has no workers: that one the brake surely slows.
"""

import gzip
import tempfile
import time
import urllib.request

from playwright.sync_api import sync_playwright

from bench._browser import FLAGS, phone, slowed
from bench._district import District
from bench._film import FAKE, code, film
from bench._table import Verdict, row
from models.demo import ACCOUNTS

TEXT = "HTTPS://NUANYI.EXAMPLE/C#C1K7M2Q9X41RWW7AMF6EFNFAXYA97373"
SECONDS = 8
RATE, LOADED = 5, 35_000

LISTEN = """() => {
  self.told = 0
  addEventListener("scanned", event => {
    event.preventDefault()
    self.told++
    event.target.last = ""  // so that the same code is told again
  })
}"""
COUNT = "() => [performance.now(), self.told]"


def run():
    verdict = Verdict("scanner")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        district = District(folder).load()
        args = [*FLAGS, *FAKE, film(f"{folder}/film.y4m", [code(TEXT)])]
        with district.serve() as server:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=args)
            row("", "decodes/s", "after tap ms")
            rates = [read(verdict, browser, server.url, worker) for worker in (True, False)]
            browser.close()
    return verdict.line(f"{min(rates):.1f} decodes a second")


def read(verdict, browser, url, worker):
    """Codes read in a second, in a worker or in the page."""
    with phone(browser, service_workers="block") as context:
        keeper = next(number for number, _, role in ACCOUNTS if role == "keeper")
        context.request.post(url + "/sign-in", form={"account": keeper}, headers={"Origin": url})
        page, asked = context.new_page(), []
        if not worker:
            page.add_init_script("delete self.Worker")
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url + "/desk/note", wait_until="networkidle")
        parts = page.evaluate("() => Object.values({ ...document.querySelector('code-scanner').dataset })")
        parts = [url + part for part in parts if part.startswith("/static/")]
        early = set(parts) & set(asked)
        page.evaluate(LISTEN)
        slowed(page)
        tapped = time.monotonic()
        page.click("code-scanner > button")
        while not page.evaluate(COUNT)[1]:
            page.wait_for_timeout(50)
            if time.monotonic() > tapped + 60:
                raise RuntimeError("no code was read within a minute")
        first = (time.monotonic() - tapped) * 1000
        began, before = page.evaluate(COUNT)
        page.wait_for_timeout(SECONDS * 1000)
        ended, after = page.evaluate(COUNT)
    rate = (after - before) / (ended - began) * 1000
    where = "in a worker" if worker else "in the page"
    row(where, rate, first)
    verdict.at_least(f"decodes a second, {where}", rate, RATE)
    if worker:
        verdict.at_most("files of the scanner before its button is pressed", len(early), 0)
        verdict.must("all of it after", set(parts) <= set(asked))
        verdict.at_most("bytes then, by gzip, headers besides", sum(map(size, parts)), LOADED)
    return rate


def size(url):
    with urllib.request.urlopen(url) as answer:
        return len(gzip.compress(answer.read(), 9)) + len(str(answer.headers))
