"""Visits: what a station's code opens, the press, and what the phone's queue brings."""

import datetime as dt
import re
import unicodedata
from urllib.parse import quote

from flask import Blueprint, current_app, g, jsonify, redirect, request
from flask_babel import gettext as _

from models import board, kiosks
from models._database import Busy, writing
from models._record import N_, Refused
from models.finding import with_states
from models.openings import minute
from models.stations import Place, Station, find_place
from models.visits import TooMany, Who, admit, moment_of
from views import _keep, _queued
from views._access import anyone, public
from views._answer import RETRY, clock, local, page, refusal
from views._device import own_device, remember
from views._place import place_of
from views.stations import closed

area = Blueprint("visits", __name__)

MOST_ITEMS = 50
CLIENT_ID = re.compile(r"[\x21-\x7e]{1,64}")
TOKEN = re.compile(r"[0-9A-HJKMNP-TV-Z]{10}")
SCREEN = re.compile(r"P1[0-9A-HJKMNP-TV-Z]{28}")


@area.get("/s/")
@area.get("/S/")
@public
def code():
    """The page for a code that the phone knows and we do not yet: typed, or scanned without network."""
    typed = request.args.get("code", "")
    if typed and find_place(typed):
        return redirect("/s/" + quote(typed.strip().upper()), 303)
    return page("visits/code.html", 404 if typed else 200, typed=typed)


@area.get("/s/<text>")
@area.get("/S/<text>")
@public
def scanned(text):
    place = find_place(text)
    if place is None:
        return _unknown(text)
    noted = request.args.get("noted")
    if place.station.closed_at and not noted:
        return closed(place.station)
    if noted in ("accepted", "cool-down"):  # the page after a press, in another language or look
        return page("visits/done.html", station=place.station, result=noted, at=None, hint="")
    return page("visits/scan.html", place=place, via=text.upper() if place.token else "")


@area.post("/stations/<text>/visits")
@anyone
def create(text):
    place = find_place(text)
    if place is None:
        return _unknown(text)
    client_id = request.form.get("client_id", "")
    if client_id and not CLIENT_ID.fullmatch(client_id):
        return _again(place, 422, _("This press could not be read. Please press once more."))
    via, digits = request.form.get("via", ""), request.form.get("digits", "")
    who = Who(g.viewer.id if g.viewer else None, own_device(), request.remote_addr or "")
    try:
        at = _moment(place, request.form.get("at", ""))
        evidence, digits_fit = _evidence(place, via, digits, at)
        outcome = admit(place.station.id, who, client_id=client_id, at=at, now=g.now, evidence=evidence)
    except Refused as no:
        if no.code == "closed":
            return closed(place.station, 409)
        return _again(place, 409 if no.code == "other" else 422, _(no.message))
    except TooMany:
        return _again(place, 429, _("You pressed very often. Wait a minute, then press again."), client_id)
    except Busy:
        return _again(place, 503, _("Nothing is lost. Please press again in a few seconds."), client_id)
    hint = "digits" if digits.strip() and not digits_fit else "retired" if _is_old(_of_here(place, via)) else ""
    return remember(_done(place.station, outcome, hint), outcome.device)


def _done(station, outcome, hint):
    """The page after a press. The same for all who press at a station within a minute, so it is made once.

    `hint`: "retired" for an old code, "digits" for some that do not fit.
    """
    code = 201 if outcome.counted else 200
    g.noted = "cool-down" if outcome.result == "cool-down" else "accepted"
    known = _keep.same("POST", request.path, outcome.result, code, clock(outcome.at), hint, g.viewer is None)
    return known or page("visits/done.html", code, station=station, result=outcome.result, at=outcome.at, hint=hint)


@area.post("/sync")
@anyone
def sync():
    """What waited on the phone: each item gets its own answer, in the same order, all in one transaction."""
    items = _queue()
    if items is None:
        return refusal(422)
    if len(items) > MOST_ITEMS:
        return refusal(413)
    till = _queued.whose_till()
    mine = {"", None, *(one.tag for one in (g.viewer, till) if one)}
    if any(isinstance(item, dict) and _text(item.get("who")) not in mine for item in items):
        answer = refusal(401, _("Sign in again and these will be sent."))
        if g.viewer is None and till is None:  # the phone then knows that they wait for somebody
            answer.delete_cookie("who", path="/", secure=current_app.https, samesite="Lax")
        return answer
    device = own_device()
    answers: dict = {}
    shops = [n for n, item in enumerate(items) if _is_of_shop(item)]
    try:
        with writing():
            for n in sorted(set(range(len(items))) - set(shops), key=lambda n: _rank(items[n])):
                answers[n], device = _take(items[n], device)
    except TooMany:
        return refusal(429)
    for n in shops:  # each in a transaction of its own: two shops may have seen the same cards in another order
        answers[n] = {"client_id": items[n]["client_id"]} | _queued.take(items[n])
    return remember(jsonify([answers[n] for n in range(len(items))]), device)


def _queue() -> list | None:
    """The list in the body, None when it is none."""
    try:
        items = request.get_json(silent=True) if request.mimetype == "application/json" else None
    except RecursionError:  # [[[[[[…
        return None
    return items if isinstance(items, list) else None


def _is_of_shop(item) -> bool:
    """Was it noted at a shop's counter?"""
    named = isinstance(item, dict) and isinstance(item.get("client_id"), str) and CLIENT_ID.fullmatch(item["client_id"])
    return bool(named) and item.get("kind") in _queued.KINDS


def _text(said) -> str | None:
    """What can be compared: a text, or nothing; anything else is nobody's."""
    return said if said is None or isinstance(said, str) else "?"


def _rank(item) -> tuple:
    """All phones write in the same order of stations and times: else two could wait for each other's totals."""
    if not isinstance(item, dict):
        return 0, "", ""
    place = find_place(item["place"]) if isinstance(item.get("place"), str) else None
    return place.station.id if place else 0, str(item.get("who") or ""), str(item.get("at"))


def _take(item, device):
    """One item of the queue: its answer, and the device it was counted for."""
    if not isinstance(item, dict):
        return {"client_id": None, "result": "refused", "message": _("This note on the phone is damaged.")}, device
    client_id = item.get("client_id")
    answer = {"client_id": client_id, "result": "refused"}
    place = find_place(item["place"]) if isinstance(item.get("place"), str) else None
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id) or item.get("kind") != "visit":
        return answer | {"message": _("This note on the phone is damaged.")}, device
    if place is None:
        return answer | {"message": _("This code is old. Please tell the keeper to print a new one.")}, device
    person = g.viewer.id if g.viewer and item.get("who") else None
    told = {key: item[key] if isinstance(item.get(key), str) else "" for key in ("at", "via", "digits")}
    via = told["via"]
    try:
        at = _moment(place, told["at"])
        evidence, digits_fit = _evidence(place, via, told["digits"], at)
        outcome = admit(
            place.station.id,
            Who(person, device),
            client_id=client_id,
            at=at,
            now=g.now,
            evidence=evidence,
            queued=True,
        )
    except Refused as no:
        return answer | {"message": _(no.message)}, device
    words = {
        "accepted": _("Noted once. Go and get some rest"),
        "duplicate": _("Noted once. Go and get some rest"),
        "cool-down": _("Already noted a moment ago"),
    }
    message = words[outcome.result]
    if told["digits"].strip() and not digits_fit:
        message = _("The digits were not those of that moment. It counts all the same.")
    elif _is_old(_of_here(place, via)):
        message = _("This code is old. Please tell the keeper to print a new one.")
    return answer | {"result": outcome.result, "message": message}, device or outcome.device


def _moment(place: Place, text: str):
    """When it was pressed. Raises Refused as `moment_of`, and "closed" if the station was closed by then."""
    at = moment_of(text, g.now)
    if not place.stood(at):
        raise Refused("closed", N_("This station was closed by then."))
    return at


def _of_here(place: Place, via: str) -> Place | None:
    """What was scanned, if it leads to this very station: by its code or one of its tokens."""
    scanned = find_place(via)
    return scanned if scanned and scanned.station.id == place.station.id else None


def _is_old(via: Place | None) -> bool:
    return bool(via and via.token == "retired")


def _evidence(place: Place, via: str, digits: str, at: dt.datetime) -> tuple[int, bool]:
    """What proves that somebody was there, and whether the digits they typed are among it.

    2: today's two digits on the board, or the code (or the six digits) of a screen that comes at once; 1: a token of
    the station that was good then, or a screen's code that comes later; else 0.
    """
    digits = unicodedata.normalize("NFKC", "".join(digits.split()))
    if digits and board.fits(digits, place.station.id, local(at).date()):
        return 2, True
    typed = kiosks.proof(place.station.id, "", digits, at, g.now)
    token = _of_here(place, via)
    scanned = kiosks.proof(place.station.id, via, "", at, g.now)
    return max(typed, scanned, 1 if token and token.proves(at) else 0), typed > 0


def _again(place, code: int, why: str, client_id: str = ""):
    """The button again, with what was scanned, the same id where nothing was decided, and why."""
    via = request.form.get("via", "")
    via = via if _of_here(place, via) or SCREEN.fullmatch(via) else ""
    digits = request.form.get("digits", "")[:9]
    answer = page("visits/scan.html", code, place=place, via=via, why=why, client_id=client_id, digits=digits)
    if code in RETRY:
        answer.headers["Retry-After"] = RETRY[code]
    return answer


def _unknown(text: str):
    """A code that leads nowhere: the sentence, and where to go instead."""
    old = TOKEN.fullmatch(text.upper())  # it may have been one of ours
    sentence = (
        _("This code is old. Please tell the keeper to print a new one.") if old else _("We do not know this code.")
    )
    nearest = with_states(Station.nearest(*place_of(g.prefs), wanted=20), minute(g.now))
    return page("visits/unknown.html", 404, sentence=sentence, nearest=nearest)
