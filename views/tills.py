"""The shop's devices: the owner makes and takes them back; a device opens with the shop's PIN, without an account."""

from flask import Blueprint, abort, current_app, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField

from models import tills
from models._record import Refused
from models.tills import Till
from views._access import anyone, may, own_origin, till_cookie, till_of_device
from views._answer import changed, invalid, page
from views._device import kind_of_device
from views._forms import OurForm
from views._mine import my_shop, my_shops
from views._qr import qr_path

area = Blueprint("tills", __name__)

QUARTER = 90 * 86400
"""Seconds that a till's cookie is kept, from each time the PIN is typed: as long as IDLE."""


class NameForm(OurForm):
    name = StringField(_l("What is it called?"), default="")


class PinForm(OurForm):
    pin = PasswordField(_l("The shop's PIN"), default="")


@area.get("/shop/tills")
@may("look after my shop")
def index():
    return _index(my_shop())


def _index(shop, status: int = 200, *, name: NameForm | None = None, pin: PinForm | None = None):
    words = {"shop": shop, "others": [one for one in my_shops() if one.id != shop.id], "tills": Till.of(shop)}
    return page("tills/index.html", status, **words, name=name or NameForm(), pin=pin or PinForm())


@area.post("/shop/tills")
@may("look after my shop")
def make():
    """A link for the device, shown once: opened there within ten minutes it becomes a till."""
    shop, form = my_shop(), NameForm(request.form)
    try:
        till, token = tills.make(shop, form.name.data or "", by=g.viewer, at=g.now)
    except Refused as no:
        form.name.errors = [_(no.message)]
        return _index(shop, 422, name=form)
    link = own_origin() + url_for("tills.pair", token=token)
    return page("tills/made.html", shop=shop, till=till, link=link, qr=qr_path(link))


@area.post("/shop/pin")
@may("look after my shop", fresh=True)
def set_pin():
    shop, form = my_shop(), PinForm(request.form)
    try:
        tills.set_pin(shop, form.pin.data or "", by=g.viewer, at=g.now)
    except Refused as no:
        form.pin.errors = [_(no.message)]
        return _index(shop, 422, pin=form)
    return changed(url_for("tills.index", shop=shop.code))


@area.post("/shop/tills/<ref>/end")
@may("look after my shop")
def end(ref):
    shop = my_shop()
    if not tills.take_back(shop, ref, by=g.viewer, at=g.now):
        abort(404)
    return changed(url_for("tills.index", shop=shop.code))


@area.get("/till/<token>")
@anyone
def pair(token):
    """What the link opens on the shop's device."""
    till = tills.by_link(token[:100], at=g.now)
    if till is None:
        return page("tills/gone.html", 404)
    return page("tills/pin.html", till=till, form=PinForm(), action=url_for("tills.paired", token=token), first=True)


@area.post("/till/<token>")
@anyone
def paired(token):
    form = PinForm(request.form)
    try:
        till, secret = tills.pair(token[:100], form.pin.data or "", device=kind_of_device(), at=g.now)
    except Refused as no:
        waits = tills.by_link(token[:100], at=g.now)
        if waits is None:
            return page("tills/gone.html", 404)
        form.pin.errors = [_(no.message)]
        return invalid("tills/pin.html", till=waits, form=form, action=url_for("tills.paired", token=token), first=True)
    return _to_counter(till, secret)


def _to_counter(till: Till, secret: str):
    """On to the counter; this device is known as the till for another while."""
    answer = changed(url_for("verify.index"))
    kept = {"max_age": QUARTER, "path": "/", "secure": current_app.https, "samesite": "Lax"}
    answer.set_cookie(till_cookie(), secret, httponly=True, **kept)
    if g.viewer is None:
        answer.set_cookie("who", till.tag, **kept)
    return answer


@area.get("/till")
@anyone
def pin():
    """The shift begins."""
    till = till_of_device()
    if till is None:
        return changed("/")
    return page("tills/pin.html", till=till, form=PinForm(), action=url_for("tills.typed"), first=False)


@area.post("/till")
@anyone
def typed():
    till, form = till_of_device(), PinForm(request.form)
    if till is None:
        return changed("/")
    try:
        tills.type_pin(till, form.pin.data or "", at=g.now)
    except Refused as no:
        form.pin.errors = [_(no.message)]
        return invalid("tills/pin.html", till=till, form=form, action=url_for("tills.typed"), first=False)
    return _to_counter(till, request.cookies[till_cookie()])
