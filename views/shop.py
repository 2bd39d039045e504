"""The owner's shop: open or paused today, its hours, what it offers, and leaving."""

import datetime as dt
from contextlib import suppress

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from models import joining, offer_changes, offer_facts, offers, redeeming, shop_changes, shop_hours
from models._record import Refused, random_code
from models.merchants import LEFT, HoursWish, MerchantBreak
from models.offers import APPROVED, KINDS, Offer
from models.openings import today
from views._access import may
from views._answer import changed, page, page_number
from views._hours import hours_words
from views._mine import my_shop, my_shops
from views._shop_form import TypedForm, offer_row

area = Blueprint("shop", __name__, url_prefix="/shop")

MINE = "look after my shop"


@area.get("/")
@may(MINE)
def index():
    if not my_shops():
        return page("shop/gone.html", shops=my_shops(LEFT))
    shop, now = my_shop(), shop_hours.minute(g.now)
    return page(
        "shop/index.html",
        shop=shop,
        others=[one for one in my_shops() if one.id != shop.id],
        state=now.state(shop),
        paused=shop_hours.paused(shop, g.now),
        today=now.day,
        offers=redeeming.offers_today(shop.id, g.now),
    )


@area.post("/pause")
@may(MINE)
def pause():
    shop = my_shop()
    shop_changes.pause(shop, by=g.viewer, at=g.now)
    return changed(url_for("shop.index", shop=shop.code))


@area.post("/resume")
@may(MINE)
def resume():
    shop = my_shop()
    shop_changes.resume(shop, by=g.viewer, at=g.now)
    return changed(url_for("shop.index", shop=shop.code))


# Hours.

BREAK = ("first", "last", "times", "why")


@area.get("/hours")
@may(MINE)
def hours():
    return _hours(TypedForm(("hours",)), TypedForm(BREAK))


@area.post("/hours")
@may(MINE)
def set_hours():
    """Fewer hours hold at once; longer ones are looked at first."""
    shop, form = my_shop(), TypedForm(("hours",))
    try:
        became = shop_changes.set_hours(shop, form.row["hours"].replace("\n", "; "), by=g.viewer, at=g.now)
    except Refused as no:
        form.refused("hours", no)
        return _hours(form, TypedForm(()), 422)
    return changed(url_for("shop.hours", shop=shop.code, said=became))


@area.post("/hours/end")
@may(MINE)
def end_wish():
    """The longer hours are not asked for any more."""
    shop = my_shop()
    if wish := shop_changes.wish_of(shop):
        shop_changes.settle(wish, "end", by=g.viewer, at=g.now)
    return changed(url_for("shop.hours", shop=shop.code))


@area.post("/breaks")
@may(MINE)
def add_break():
    shop, form = my_shop(), TypedForm(BREAK)
    first = _day(form, "first", today(g.now))
    last = _day(form, "last", first)
    if not form.wrong:
        try:
            times, why = form.row["times"].strip(), form.row["why"]
            shop_changes.add_break(shop, first, last, times, why, by=g.viewer, at=g.now)
            return changed(url_for("shop.hours", shop=shop.code, said="kept"))
        except Refused as no:
            where = {"break-past": "first", "break-backwards": "last", "break-far": "last", "break-why": "why"}
            form.refused(where.get(no.code, "times"), no)
    return _hours(TypedForm(()), form, 422)


def _day(form: TypedForm, field: str, otherwise: dt.date) -> dt.date:
    text = form.row[field].strip()
    try:
        return dt.date.fromisoformat(text) if text else otherwise
    except ValueError:
        form.wrong[field] = _("Please write the day like 2024-12-31, or nothing.")
        return otherwise


@area.post("/breaks/<int:id>/end")
@may(MINE)
def end_break(id):
    shop = my_shop()
    one = MerchantBreak.get_or_none(MerchantBreak.merchant == shop, MerchantBreak.id == id) or abort(404)
    shop_changes.end_break(one, by=g.viewer, at=g.now)
    return changed(url_for("shop.hours", shop=shop.code))


def _hours(form: TypedForm, less: TypedForm, status: int = 200):
    shop = my_shop()
    row = form.row if "hours" in form.row else {"hours": ""}
    form.row = row | {"hours": row["hours"] or hours_words(shop.hours)}
    less.row = dict.fromkeys(BREAK, "") | less.row
    last = HoursWish.select().where(HoursWish.merchant == shop).order_by(HoursWish.id.desc()).first()
    breaks = shop_hours.to_come(shop, today(g.now))
    words = {"wish": shop_changes.wish_of(shop), "last_wish": last, "breaks": breaks, "today": today(g.now)}
    return page("shop/hours.html", status, shop=shop, form=form, less=less, said=request.args.get("said", ""), **words)


# Offers.


@area.get("/offers")
@may(MINE)
def offer_list():
    shop = my_shop()
    return page("shop/offers.html", shop=shop, rows=offer_changes.of(shop, page_number()), states=offers.STATE_WORDS)


@area.route("/offers/new", methods=["GET", "POST"])
@may(MINE)
def new_offer():
    return _ask(None)


@area.route("/offers/<int:id>", methods=["GET", "POST"])
@may(MINE)
def change_offer(id):
    """Another offer in the place of this one, which holds until somebody has looked at the new one."""
    offer = _mine(id)
    return _ask(offer) if offer.state == APPROVED else abort(404)


def _ask(former: Offer | None):
    shop = my_shop()
    before = offer_row(former) if former else {}
    form = TypedForm((*offer_facts.FIELDS, "client_id"), before | {"client_id": random_code()})
    words = {"shop": shop, "form": form, "former": former, "offer_kinds": KINDS, "preview": None}
    if request.method != "POST":
        return page("shop/offer.html", **words)
    facts = form.offer()
    if form.wrong:
        return page("shop/offer.html", 422, **words)
    if request.form.get("look"):
        return page("shop/offer.html", **words | {"preview": Offer(merchant=shop, **facts)})
    try:
        client_id = form.row["client_id"][:64]
        offer_changes.ask(shop, facts, by=g.viewer, at=g.now, client_id=client_id, replaces=former)
    except Refused as no:
        form.refused("kind", no)
        return page("shop/offer.html", 409, **words)
    return changed(url_for("shop.offer_list", shop=shop.code))


@area.post("/offers/<int:id>/end")
@may(MINE)
def end_offer(id):
    with suppress(Refused):  # somebody has said no to it meanwhile: it does not hold either way
        offer_changes.end(_mine(id), by=g.viewer, at=g.now)
    return changed(url_for("shop.offer_list", shop=my_shop().code))


def _mine(id: int) -> Offer:
    return Offer.get_or_none(Offer.merchant == my_shop(), Offer.id == id) or abort(404)


# Leaving.


@area.route("/leave", methods=["GET", "POST"])
@may(MINE)
def leave():
    """By the owner's wish, at once: nobody is kept. The district can take it back in. Twice is once."""
    if gone := next((one for one in my_shops(LEFT) if one.code == request.values.get("shop")), None):
        return changed(f"/merchants/{gone.code}")
    shop, form = my_shop(), TypedForm(("why",))
    if request.method == "POST":
        try:
            joining.move(shop, "leave", form.row["why"], by=g.viewer, at=g.now)
        except Refused as no:
            form.refused("why", no)
            return page("shop/leave.html", 422, shop=shop, form=form)
        return changed(f"/merchants/{shop.code}")
    return page("shop/leave.html", shop=shop, form=form)
