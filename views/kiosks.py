"""Screens at stations: the keeper makes and takes them back; the screen's own page, and what it says to us."""

import binascii

from flask import Blueprint, abort, g, jsonify, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from models import card_keys, kiosks
from models._keys import _b64, _raw
from models._record import Refused
from models.kiosks import Kiosk
from views._access import anyone, may, own_origin, public
from views._answer import changed, page
from views._forms import OurForm
from views._mine import my_station
from views._qr import qr_path

area = Blueprint("kiosks", __name__)


class ScreenForm(OurForm):
    name = StringField(
        _l("Where it stands"),
        [InputRequired(_l("Give the screen a short name, so that you know it again.")), Length(max=30)],
    )


@area.get("/desk/kiosks")
@may("look after my station")
def index():
    return _list(my_station(), ScreenForm())


@area.post("/desk/kiosks")
@may("look after my station")
def make():
    """The link is shown in the answer, this once: we keep only its hash."""
    station, form = my_station(), ScreenForm(request.form)
    if not form.validate():
        return _list(station, form, 422)
    try:
        kiosk, token = kiosks.make(station, form.name.data or "", by=g.viewer, at=g.now)
    except Refused as no:
        form.name.errors = [_(no.message)]
        return _list(station, form, 409)
    return _shown_once(station, kiosk, token)


@area.post("/desk/kiosks/<code>/link")
@may("look after my station")
def link_anew(code):
    station = my_station()
    kiosk = _mine(station, code)
    return _shown_once(station, kiosk, kiosks.link_anew(kiosk, by=g.viewer, at=g.now))


@area.post("/desk/kiosks/<code>/end")
@may("look after my station")
def take_back(code):
    station = my_station()
    kiosks.take_back(_mine(station, code), by=g.viewer, at=g.now)
    return changed(url_for("kiosks.index", station=station.code))


@area.get("/kiosk")
@area.get("/KIOSK")
@public
def screen():
    """What a screen shows: the same bytes for all; whose screen it is only the screen knows, and works without us."""
    kid, half = card_keys.our_half()
    return page("kiosks/screen.html", kid=kid, half=_b64(half))


@area.post("/kiosk/screens")
@anyone
def open_screen():
    """A screen has made its key: {link, kid, half}, the link being what lets it in."""
    told = _told("link", "kid", "half")
    try:
        half = _raw(told["half"])
    except (ValueError, binascii.Error):
        half = b""
    try:
        kiosk = kiosks.open_screen(told["link"], half, told["kid"], at=g.now)
    except Refused as no:
        return make_response({"message": _(no.message)}, 409)
    return jsonify(_words_of(kiosk) | {"code": kiosk.code, "device": kiosk.device_id, "check": _b64(kiosk.kcv)})


@area.post("/kiosk/contact")
@anyone
def contact():
    """A screen has a network and says what it shows: {code}. It learns whether it is still one, and what time it is."""
    kiosk = kiosks.contact(_told("code")["code"], at=g.now)
    return jsonify({"state": "open"} | _words_of(kiosk) if kiosk else {"state": "ended"})


def _words_of(kiosk: Kiosk) -> dict[str, str]:
    station = kiosk.station
    return {"station": station.code, "name": station.name, "name_en": station.name_en}


def _told(*names: str) -> dict[str, str]:
    """These texts of the JSON that a screen sent; 422 for what no screen of ours sends."""
    told = request.get_json(silent=True) if request.mimetype == "application/json" else None
    if not isinstance(told, dict) or not all(
        isinstance(told.get(name), str) and len(told[name]) < 200 for name in names
    ):
        abort(422)
    return told


def _list(station, form: ScreenForm, status: int = 200):
    rows = Kiosk.of(station)
    words = {"station": station, "rows": rows, "form": form, "states": kiosks.STATES}
    return page("kiosks/index.html", status, **words)


def _mine(station, code: str) -> Kiosk:
    return Kiosk.get_or_none(Kiosk.station == station.id, Kiosk.code == code[:6]) or abort(404)


def _shown_once(station, kiosk: Kiosk, token: str):
    link = f"{own_origin()}/kiosk#{token}"
    qr = qr_path(f"{own_origin()}/KIOSK".upper() + "#" + token)
    return page("kiosks/made.html", 201, station=station, kiosk=kiosk, link=link, qr=qr)
