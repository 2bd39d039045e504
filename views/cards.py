"""暖心卡: the card as a partner shows it, what its phone asks for, and what the partner does with it."""

import binascii
import datetime as dt
import re

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models import card_code, card_keys, card_moves, card_once, cards, colours
from models._keys import _b64, _raw
from models._record import CROCKFORD, Refused
from models.cards import STATES, Card
from models.colours import COLOURS
from models.people import Employment, Person
from views._access import anyone, own_origin, public, second_is_due, signed_in, signed_in_fresh
from views._answer import changed, local, page
from views._qr import qr_path

area = Blueprint("cards", __name__)

WORDS = {"none": _l("none yet"), **{state: _l(words) for state, words in STATES.items()}}
CODE = re.compile(rf"[{CROCKFORD}]{{8}}")


# For everybody the same bytes: the phone fills in what is its own.


@area.get("/card")
@public
def show():
    return page("cards/card.html", colours=COLOURS)


@area.get("/c")
@area.get("/C")
@public
def scanned():
    """What a card's QR opens in any scanner; the code stands behind the #, where no server sees it."""
    return page("cards/scanned.html")


# For the card's script.


@area.get("/card/mine")
@anyone
def mine():
    """What the phone keeps of the card: its state, the colours, our half. `key`: the code of the key on this phone."""
    if g.viewer is None or second_is_due(g.viewer):
        return {"who": ""}
    card = Card.of(g.viewer)
    if card is None:
        return {"who": g.viewer.tag, "state": "none"}
    key = _key_on_this_phone(card)
    if key:
        card_keys.contact(key, g.now)
    return _told(card) | {"key": "alive" if key else "ended"}


def _key_on_this_phone(card: Card) -> card_keys.CardKey | None:
    """The card's living key, if it is the one that this phone names."""
    code = request.args.get("key", "")
    key = card_keys.phone_of(card) if CODE.fullmatch(code) else None
    return key if key and key.code == code else None


def _told(card: Card) -> dict:
    kid, half = card_keys.our_half()
    return {
        "who": g.viewer.tag,
        "name": g.viewer.masked,
        "number": card.number,
        "state": _state(card),
        "valid_to": card.valid_to,
        "colours": colours.days_from(_today()),
        "kid": kid,
        "half": _b64(half),
    }


@area.post("/card/keys")
@signed_in_fresh
def enrol():
    """This phone shows the card from now on. JSON: its half of the key (65 bytes, base64url) and the name of ours."""
    said = _json("public", "kid")
    card = Card.of(g.viewer) or abort(404)
    words = _("Your warm-heart card is on another phone now. If that was not you, tell any station at once.")
    try:
        key = card_keys.enrol(card, _bytes(said["public"]), said["kid"], by=g.viewer, at=g.now, words=words)
    except Refused as no:
        return {"message": _(no.message)}, 409
    check = card_code.kcv(card_keys.key_bytes(key) or b"")
    told = {"code": key.code, "device_id": key.device_id, "kcv": _b64(check)}
    return _told(Card.get_by_id(card.id)) | told


@area.post("/card/kid")
@signed_in
def take_up():
    """The phone has made its key anew with our newest half."""
    said = _json("code", "kid", "check")
    card = Card.of(g.viewer) or abort(404)
    key = card_keys.phone_of(card)
    if key is None or key.code != said["code"]:
        return {"taken": False}
    return {"taken": card_keys.take_up(key, said["kid"], _bytes(said["check"]), at=g.now)}


def _json(*names: str) -> dict[str, str]:
    """The texts of these names; 400 for what is none."""
    said = request.get_json(silent=True)
    if not isinstance(said, dict) or not all(isinstance(said.get(name), str) for name in names):
        abort(400)
    return {name: said[name][:200] for name in names}


def _bytes(text: str) -> bytes:
    try:
        return _raw(text)
    except (binascii.Error, ValueError):
        return b""


# The partner's own pages.


@area.get("/card/own")
@signed_in
def own():
    """Which card I have, and what I can do with it."""
    card = Card.of(g.viewer)
    return page(
        "cards/own.html",
        card=card,
        state=_state(card),
        words=WORDS[_state(card)],
        phone=card and card_keys.phone_of(card),
        can_renew=card and card.can_renew(_today()),
        moves=card_keys.moves_left(card, g.now) if card else card_keys.MOST,
        works=bool(card or Employment.now(g.viewer)),
    )


def _state(card: Card | None) -> str:
    if card is None:
        return "none"
    return cards.EXPIRED if card.is_over(_today()) and card.state == cards.ACTIVE else card.state


@area.post("/card/application")
@signed_in
def apply():
    """One press for who has said name, number and work; who has not said the last says it first and comes back."""
    try:
        cards.issue(Person.get_by_id(g.viewer.id), by=g.viewer, at=g.now)
    except Refused as no:
        if no.code != "work":
            raise
        return changed(url_for("account.edit", next=url_for("cards.own")))
    return changed(url_for("cards.activation"))


@area.get("/card/activation")
@signed_in_fresh
def activation():
    card = Card.of(g.viewer)
    if card is None or card.state not in (cards.WAITING, cards.ACTIVE):
        return changed(url_for("cards.own"))
    kid, half = card_keys.our_half()
    phone, moves = card_keys.phone_of(card), card_keys.moves_left(card, g.now)
    return page("cards/activation.html", card=card, kid=kid, half=_b64(half), phone=phone, moves=moves)


@area.post("/card/loss")
@signed_in
def loss():
    """From any device that is signed in: nothing shows the card any more."""
    card = Card.of(g.viewer) or abort(404)
    _do(card_moves.lose, card)
    return changed(url_for("cards.own"))


@area.post("/card/renewal")
@signed_in
def renewal():
    card = Card.of(g.viewer) or abort(404)
    _do(card_moves.renew, card, done="early")
    return changed(url_for("cards.show"))


def _do(act, card: Card, done: str = ""):
    """What is done already is done: pressed twice it is once."""
    try:
        act(card, by=g.viewer, at=g.now)
    except Refused as no:
        if no.code != done:
            raise


@area.get("/card/once")
@signed_in
def once():
    """For a phone that cannot make its own codes: with a press it gets one of ours."""
    card = _usable()
    return page("cards/once.html", card=card, digits="") if card else changed(url_for("cards.own"))


@area.post("/card/once")
@signed_in
def new_once():
    """Each press, and each reload of what it showed, is another code, good for a minute."""
    card = _usable()
    if card is None:
        return changed(url_for("cards.own"))
    digits = card_once.new_once(card, by=g.viewer, at=g.now)
    return page(
        "cards/once.html",
        201,
        card=card,
        digits=digits,
        until=f"{local(g.now + card_once.LIFE):%H:%M:%S}",
        colour=colours.day_colour(_today()),
        colours=COLOURS,
        qr=qr_path(f"{own_origin()}/C#C3{digits}".upper()),
    )


def _usable() -> Card | None:
    card = Card.of(g.viewer)
    return card if card and card_once.can_have(card) and not card.is_over(_today()) else None


def _today() -> dt.date:
    return local(g.now).date()
