"""What makes pages an app: prefs, manifest, service worker, and the pages that work without network."""

import json

from flask import Blueprint, Response, current_app, g, request

from models._database import db
from models.areas import district
from views._access import anyone, public
from views._answer import changed, page
from views._forms import own_path
from views._prefs import YEAR

area = Blueprint("shell", __name__)


@area.post("/prefs")
@anyone
def prefs():
    """Language, look, 长辈版, 省电版 and place: a cookie and nothing else; back to the same page."""
    answer = changed(own_path(request.form.get("next", "")))
    chosen = g.prefs.change(request.form).cookie()
    answer.set_cookie("prefs", chosen, max_age=YEAR, path="/", secure=current_app.https, samesite="Lax")
    return answer


@area.get("/offline")
@public
def offline():
    return page("shell/offline.html")


@area.get("/queue")
@public
def queue():
    return page("shell/queue.html")


@area.get("/manifest.webmanifest")
@public
def manifest():
    here, english = district(), g.prefs.lang == "en"
    told = {
        "id": "/",
        "name": here.title_en if english else here.title,
        "short_name": "Nuanyi" if english else "暖驿",
        "lang": "en" if english else "zh-CN",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#141e2d",
        "theme_color": "#141e2d",
        "icons": [
            _icon("icons/icon-192.png", "192x192", "any"),
            _icon("icons/icon-512.png", "512x512", "any"),
            _icon("icons/maskable-512.png", "512x512", "maskable"),
        ],
    }
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")


def _icon(name, sizes, purpose):
    return {"src": current_app.assets.urls[name], "sizes": sizes, "type": "image/png", "purpose": purpose}


SHELL_PAGES = ("/offline", "/s/")
SHELL_ASSETS = ("app.css", "rider.js")


@area.get("/service-worker.js")
@public
def service_worker():
    assets = current_app.assets
    if current_app.config["WORKER"] == "off":
        text = assets.farewell
    else:
        shell = [*SHELL_PAGES, *(assets.urls[name] for name in SHELL_ASSETS)]
        known = {"VERSION": assets.digest(current_app.words_hash), "SHELL": shell, "QUEUE": assets.urls["rider.js"]}
        text = assets.worker
        for name, value in known.items():
            empty = "[]" if isinstance(value, list) else '""'
            text = text.replace(f"const {name} = {empty};", f"const {name} = {json.dumps(value)};", 1)
    answer = Response(text, mimetype="text/javascript")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'; script-src 'self'"
    return answer


@area.get("/healthz")
@anyone
def health():
    db.execute_sql("SELECT 1").fetchone()
    return {"ok": True}
