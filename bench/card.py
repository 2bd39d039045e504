"""`card`: the page of the card over the wire, its scripts, and how long a new code takes on a cheap phone."""

import re
import socket
import tempfile

from bench._browser import SLOWNESS, chromium, phone, slowed
from bench._district import District
from bench._table import Verdict, median, row

PAGE, SCRIPT, REDRAW = 14_600, 12_000, 50
"""Bytes of the page with its headers; of its scripts, compressed; milliseconds of a redraw."""

TIMES = 60

DRAW = """async times => {
  const pair = await CardCode.newPair(), other = await CardCode.newPair()
  const key = await CardCode.keyOf(pair.privateKey, await CardCode.publicOf(other), "K7M2Q9X4", "bench")
  const face = document.querySelector("[data-part=face]")
  face.hidden = false
  const path = face.querySelector("[data-part=qr]"), digits = face.querySelector("[data-part=digits]")
  const took = []
  for (let step = 59666666; step < 59666666 + times; step++) {
    await new Promise(requestAnimationFrame)
    const began = performance.now()
    const [payload, number] = await Promise.all([
      CardCode.payload(key, "K7M2Q9X4", step), CardCode.number(key, "K7M2Q9X4", Math.floor(step / 2)),
    ])
    path.setAttribute("d", CardQR.path(`${location.origin.toUpperCase()}/C#${payload}`))
    digits.textContent = number
    face.getBoundingClientRect()
    took.push(performance.now() - began)
  }
  return took
}"""
"""The key's signatures, the QR and the layout, as static/js/card-face.js does it each half minute."""


def run():
    verdict = Verdict("card")
    with tempfile.TemporaryDirectory() as folder:
        district = District(folder).load()
        with district.serve() as product, chromium() as browser:
            page, scripts = sizes(product.port)
            first, usual = redraw(browser, product.url)
    row("", "page bytes", "script bytes", "first ms", "redraw ms")
    row("", page, scripts, first, usual)
    verdict.at_most("bytes of the page, headers included", page, PAGE)
    verdict.at_most("bytes of its script, compressed", scripts, SCRIPT)
    verdict.at_most(f"ms of a redraw, {SLOWNESS} × slower", usual, REDRAW)
    return verdict.line(f"page {page} B, script {scripts} B, redraw {usual:.1f} ms")


def sizes(port) -> tuple[int, int]:
    """The page as it comes, status line and headers included; the body of the script that is the card's own."""
    page = wire(port, "/card", "gzip")
    plain = wire(port, "/card", "identity").decode("utf-8", "replace")
    [script] = re.findall(r"/static/card\.[0-9a-f]+\.js", plain)
    return len(page), len(wire(port, script, "gzip").partition(b"\r\n\r\n")[2])


def wire(port, path, encoding) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        said = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(said.encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def redraw(browser, url) -> tuple[float, float]:
    """Milliseconds of the first code that a page draws (median of five fresh phones), and of the later ones."""
    first, later = [], []
    for _ in range(5):
        with phone(browser) as context:
            page = context.new_page()
            page.goto(url + "/card", wait_until="load")
            slowed(page)
            took = page.evaluate(DRAW, TIMES)
            first.append(took[0])
            later += took[1:]
    return median(first), median(later)
