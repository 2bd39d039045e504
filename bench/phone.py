"""`phone`: the page of a scanned code on a cheap phone and a bad network, beside its own HTML as a static page.

Cold: first paint, when the button submits, long tasks. Then the heap beside a blank page's. Then without any network:
from the service worker, beside the static page from the browser's cache.
"""

import json
import re
import tempfile
import urllib.request
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import brotli

from bench._browser import chromium, phone, slowed
from bench._district import District, places
from bench._server import served
from bench._slow_network import SlowNetwork
from bench._table import Verdict, median, row

ROUNDS, REOPENED = 7, 31
PAINT, INTERACTIVE, OFFLINE, HEAP = 1.2, 1.3, 1.2, 300  # ratios, and kB over a blank page
STALL = 150  # ms without an answer to a press after which the page counts as not yet interactive

WATCH = """(() => {
  const seen = window.__seen = { paint: 0, submits: [], long: [] }
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    if (entry.name === "first-contentful-paint") seen.paint = entry.startTime
  })).observe({ type: "paint", buffered: true })
  new PerformanceObserver(list => list.getEntries().forEach(entry => seen.long.push([entry.startTime, entry.duration])))
    .observe({ type: "longtask", buffered: true })
  addEventListener("submit", event => {
    event.preventDefault()
    event.stopImmediatePropagation()
    seen.submits.push(performance.now())
  }, true)
  const press = () => {
    const button = document.querySelector("main form button")
    if (button) button.click()
    setTimeout(press, 25)
  }
  press()
})()"""
KEPT = """async path => { await navigator.serviceWorker.ready
  for (let n = 0; n < 100; n++) {
    if (navigator.serviceWorker.controller && await caches.match(path, { ignoreSearch: true })) return true
    await new Promise(done => setTimeout(done, 100))
  }
  return false }"""


def run():
    verdict = Verdict("phone")
    with tempfile.TemporaryDirectory() as folder:
        district = District(Path(folder) / "district").load()
        path = "/s/" + district.apart(places)[22][1]
        with district.serve() as product:
            pages = save_static(product.url, path, Path(folder) / "static")
            with (
                served("bench.static_page:create_app", folder, BENCH_PAGES=str(pages)) as static,
                chromium() as browser,
            ):
                sides = {"static": static.port, "product": product.port}
                worst = cold(verdict, browser, sides, path)
                heap(verdict, browser, sides, path)
                offline = without_network(verdict, browser, sides, path)
    return verdict.line(
        f"paint {worst[0]:.2f} ×, interactive {worst[1]:.2f} ×, offline {offline:.2f} × the static page"
    )


def save_static(url, path, folder):
    """The page's HTML without its scripts, and what it paints with, as files; and a blank page."""
    folder.mkdir()
    html, headers = fetch(url + path)
    links = re.findall(r"<link\b[^>]*href=\"?([^\s\">]+)", html.decode())
    html = re.sub(r"<script\b[^>]*>.*?</script>", "", html.decode(), flags=re.DOTALL).encode()
    saved = {path: (html, headers), "/blank": (b"<!doctype html><title>blank</title>", {"Content-Type": "text/html"})}
    saved |= {link: fetch(url + link) for link in links if link.startswith("/") and not link.endswith(".js")}
    told = {}
    for number, (where, (body, headers)) in enumerate(saved.items()):
        if "Content-Encoding" in headers:
            body = brotli.compress(body, quality=5)
        (folder / str(number)).write_bytes(body)
        told[where] = [str(number), headers | {"Cache-Control": "max-age=3600"}]
    (folder / "pages.json").write_text(json.dumps(told))
    return folder


def fetch(url):
    """The body, unpacked, and the two headers that say how it came."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": "br"})) as answer:
        body, kept = answer.read(), {"Content-Type": answer.headers["Content-Type"]}
        if answer.headers["Content-Encoding"] == "br":
            return brotli.decompress(body), kept | {"Content-Encoding": "br"}
        return body, kept


def cold(verdict, browser, sides, path):
    """Fresh phones in turn; answers the ratios of first paint and of the button that submits."""
    shown = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, port in sides.items():
            with SlowNetwork(port) as network, phone(browser) as context:
                page = context.new_page()
                page.add_init_script(WATCH)
                tools = slowed(page)
                page.goto(network.url + path, wait_until="load", timeout=60_000)
                page.wait_for_timeout(2500)  # the worker's precache and what starts after load
                shown[name].append(page.evaluate("window.__seen") | {"bytes": network.down})
                tools.detach()
    row("cold", "paint ms", "submits ms", "long tasks", "longest ms", "kB down")
    told = {}
    for name, seen in shown.items():
        told[name] = [
            median(s["paint"] for s in seen),
            median(submits(s) for s in seen),
            median(len(s["long"]) for s in seen),
        ]
        row(
            name,
            *map(float, told[name]),
            float(max([0, *(took for s in seen for _, took in s["long"])])),
            median(s["bytes"] for s in seen) / 1000,
        )
    paint, interactive = (told["product"][n] / told["static"][n] for n in (0, 1))
    verdict.at_most("first paint × the static page", paint, PAINT)
    verdict.at_most("the button submits × the static page", interactive, INTERACTIVE)
    verdict.at_most("long tasks", told["product"][2], told["static"][2])
    return paint, interactive


def submits(seen):
    """When the button submits and goes on doing so: the first press that counts after the paint and the last stall."""
    presses = [at for at in seen["submits"] if at >= seen["paint"]]
    if not presses:
        raise RuntimeError("the button never submitted")
    stalls = [later for before, later in pairwise(presses) if later - before > STALL]
    return stalls[-1] if stalls else presses[0]


def heap(verdict, browser, sides, path):
    """What the page's scripts hold beside a blank page, after collecting what is not used."""
    held = {}
    for name, port, where in (("blank", sides["static"], "/blank"), ("product", sides["product"], path)):
        found = []
        for _ in range(ROUNDS):
            with phone(browser) as context:
                page = context.new_page()
                tools = context.new_cdp_session(page)
                page.goto(f"http://127.0.0.1:{port}{where}", wait_until="networkidle")
                page.wait_for_timeout(500)
                tools.send("HeapProfiler.collectGarbage")
                found.append(tools.send("Runtime.getHeapUsage")["usedSize"] / 1000)
        held[name] = median(found)
    verdict.at_most("kB of heap over a blank page", held["product"] - held["blank"], HEAP)


def without_network(verdict, browser, sides, path):
    """Both opened before, the network gone: first paint from the service worker and from the browser's cache."""
    with ExitStack() as open_now:
        pages, networks = {}, []
        for name, port in sides.items():
            network = open_now.enter_context(SlowNetwork(port))
            page = open_now.enter_context(phone(browser)).new_page()
            network.slow = False
            page.goto(network.url + path, wait_until="networkidle")
            if name == "product":
                page.reload(wait_until="networkidle")  # now under the worker, which keeps it
                verdict.must("the service worker has kept the page", page.evaluate(KEPT, path))
            page.goto("about:blank")
            page.add_init_script(WATCH)
            pages[name] = (page, network.url + path)
            networks.append(network)
        for network in networks:
            network.cut = True
        before = sum(network.down for network in networks)
        found = {"static": [], "product": [], "worker asleep": []}
        for names in (("static", "product"), ("worker asleep",)):  # stopping it leaves a mark on the openings after it
            for _ in range(2 + REOPENED):
                for name in names:
                    told = reopened(*pages.get(name, pages["product"]), asleep=name == "worker asleep")
                    found[name].append(told)
        leaked = sum(network.down for network in networks) - before
    row("no network", "paint ms", "submits ms")
    told = {name: [median(values) for values in zip(*seen[2:], strict=True)] for name, seen in found.items()}
    for name, values in told.items():  # a worker that sleeps has to start first: shown, not judged
        row(name, *map(float, values))
    ratio = told["product"][0] / told["static"][0]
    verdict.at_most("without network: first paint × the static page from cache", ratio, OFFLINE)
    verdict.at_most("without network: bytes", leaked, 0)
    return ratio


def reopened(page, url, asleep):
    """When the page paints and its button submits, opened again."""
    tools = slowed(page)
    if asleep:
        tools.send("ServiceWorker.enable")
        tools.send("ServiceWorker.stopAllWorkers")
    page.goto(url, wait_until="load")
    page.wait_for_timeout(400)
    seen = page.evaluate("window.__seen")
    tools.detach()
    page.goto("about:blank")  # so that it leaves the processor to the other side
    return seen["paint"], submits(seen)
