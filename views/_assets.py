"""Assets without a build step: joined, stripped, hashed and compressed when the app starts, served from memory."""

import base64
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

import brotli
from flask import Response, abort, current_app, request
from markupsafe import Markup

STATIC = Path(__file__).parent.parent / "static"

JOINED = {
    "app.css": ("css/base.css", "css/staff.css", "css/print.css"),
    "rider.js": ("js/drawers.js", "js/server.js", "js/items.js", "js/kinds.js", "js/queue.js"),
    "staff.js": ("js/copy-text.js",),
    "way.js": ("js/copy-text.js", "js/map-links.js"),
    "card.css": ("css/card.css",),
    "card.js": ("js/card-code.js", "js/card-qr.js", "js/card-face.js", "js/card-enrol.js"),
    "card-link.js": ("js/card-link.js",),
    "htmx.js": ("vendor/htmx.js",),
    "verify.js": ("js/verify.js",),
    "shop.css": ("css/shop.css",),
    "scan.js": ("js/scan.js",),
    "scanner.js": ("js/scanner.js",),
    "scan-worker.js": ("vendor/qr-decode.js", "js/scan-worker.js"),
    "scanner.css": ("css/scanner.css",),
    "kiosk.js": ("js/card-code.js", "js/card-qr.js", "js/kiosk.js"),
    "kiosk.css": ("css/kiosk.css",),
}
"""What a page loads, and the files that make it, in order."""

ELEMENTS = ("queue-form", "queue-bar", "queue-list", "near-me", "start")
"""The rest of rider.js: what needs a page, and begins once that is painted. The service worker loads the same file,
which the phone has already."""

AT_ONCE = ("who", "after")
"""What must be done before htmx looks at the page, and what says when it is painted."""

SINGLE = ("icons/icon-192.png", "icons/icon-512.png", "icons/maskable-512.png", "icons/icon.svg")

CRITICAL = ("css/tokens.css", "css/critical.css")
"""What a rider's first paint needs: it stands inside every page."""


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: bytes by encoding ('' is plain), and its type."""

    name: str
    kind: str
    bodies: dict[str, bytes]


class Assets:
    """All assets of the app by the name in their URL, and the critical style with its hash."""

    def __init__(self, root: Path = STATIC):
        self.by_url: dict[str, Asset] = {}
        self.urls: dict[str, str] = {}
        for name, parts in JOINED.items():
            text = "\n".join((root / part).read_text("utf-8") for part in parts)
            if name == "rider.js":
                at_once, elements = (
                    "\n".join((root / f"js/{name}.js").read_text("utf-8") for name in names)
                    for names in (AT_ONCE, ELEMENTS)
                )
                text += f"\nif (self.document) {{\n{at_once}\nafterPaint(() => {{\n{elements}\n}})\n}}\n"
            self._add(name, text.encode())
        for name in SINGLE:
            self._add(name, (root / name).read_bytes())
        critical = strip_css("".join((root / part).read_text("utf-8") for part in CRITICAL))
        self.style = Markup(f"<style>{critical}</style>")  # our own constant; the policy knows its hash
        self.style_hash = base64.b64encode(hashlib.sha256(critical.encode()).digest()).decode()
        self.symbols = dict(re.findall(r'(<symbol id="([\w-]+)".*?</symbol>)', (root / "icons.svg").read_text(), re.S))
        self.symbols = {name: Markup(symbol) for symbol, name in self.symbols.items()}
        self.worker = strip_js((root / "service-worker.js").read_text("utf-8"))
        self.farewell = (root / "service-worker-off.js").read_text("utf-8")

    def _add(self, name: str, body: bytes):
        if name.endswith(".css"):
            body = strip_css(body.decode()).encode()
        elif name.endswith(".js") and name != "htmx.js":
            body = strip_js(body.decode()).encode()
        stem, _, ending = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{ending}"
        kind = mimetypes.types_map.get("." + ending, "application/octet-stream")
        kind = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}.get(ending, kind)
        bodies = {"": body}
        if ending != "png":
            bodies |= {"br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9, mtime=0)}
        self.urls[name] = f"/static/{hashed}"
        self.by_url[hashed] = Asset(name, kind, bodies)

    def digest(self, *more: str) -> str:
        """One hash over everything a phone keeps for the shell."""
        told = "|".join([*sorted(self.by_url), self.style_hash, self.worker, *more])
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def strip_css(text: str) -> str:
    """Without comments and needless space; nothing else is touched."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>]) ?", r"\1", text)
    return re.sub(r": (?=[^;{}]*[;}])", ":", text).replace(";}", "}").strip()


def strip_js(text: str) -> str:
    """Without whole-line comments and indentation; the code itself is not touched."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def encoding_for(accepted: str, bodies: dict[str, bytes]) -> str:
    """The best encoding that the browser accepts and that we have."""
    return next((e for e in ("br", "gzip") if e in bodies and re.search(rf"\b{e}\b", accepted)), "")


def static(filename: str):
    """An asset under its hashed name, for ever; any other name is a 404."""
    asset = current_app.assets.by_url.get(filename)
    if asset is None:
        abort(404)
    encoding = encoding_for(request.headers.get("Accept-Encoding", ""), asset.bodies)
    answer = Response(asset.bodies[encoding], content_type=asset.kind)
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
