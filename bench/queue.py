"""`queue`: a phone that was without network for days: 200 presses, and how many requests it takes to send them."""

import tempfile
import time

from bench._browser import chromium, phone
from bench._district import District, counted, places
from bench._table import Verdict

ITEMS, REQUESTS = 200, 5

FILL = """async ([places, items]) => {
  const told = []
  for (let n = 0; n < items; n++) {
    const place = places[n % places.length]
    const record = await Items.record("visit", { client_id: Items.random(), place, via: place, label: "" })
    told.push(await Items.put({ ...record, pressed: record.pressed - (items - n) * 20 * 60000 }))
  }
  return told.filter(how => how === "queued").length
}"""


def run():
    verdict = Verdict("queue")
    with tempfile.TemporaryDirectory() as folder:
        district = District(folder).load()
        tokens = [token for _, token in district.apart(places)]
        with district.serve() as server, chromium() as browser, phone(browser, service_workers="block") as context:
            page = context.new_page()
            page.goto(f"{server.url}/s/{tokens[0]}", wait_until="networkidle")
            context.set_offline(True)
            kept = page.evaluate(FILL, [tokens, ITEMS])
            asked = []
            page.on("request", lambda request: asked.append(request.url.removeprefix(server.url)))
            began = time.time()
            context.set_offline(False)  # the page hears `online` and sends
            while page.evaluate("async () => (await Items.all()).length") and time.time() < began + 60:
                page.wait_for_timeout(100)
            took, left = time.time() - began, page.evaluate("async () => (await Items.all()).length")
        rows, total, *_ = district.apart(counted)
    print(f"  asked: {', '.join(asked)} in {took:.1f} s")
    verdict.must(f"{kept} of {ITEMS} presses kept without network", kept == ITEMS)
    verdict.must(f"{left} left on the phone, {rows} rows and {total} counted", (left, rows, total) == (0, ITEMS, ITEMS))
    verdict.at_most("requests", len(asked), REQUESTS)
    return verdict.line(f"{ITEMS} items in {len(asked)} requests")
