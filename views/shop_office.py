"""Merchants as the district keeps them: what waits, all of them, and one with its offers, its moves and its history."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models import credit_code, joining, offer_changes, offers, shop_changes, shop_facts
from models._record import Page, Refused
from models.areas import district
from models.invitations import LIFE
from models.merchants import LISTED, STATE_WORDS, HoursWish, Merchant, categories
from models.offers import Offer
from models.station_words import SOURCES
from views._access import may, own_origin
from views._answer import changed, page, page_number
from views._authors import authors
from views._mine import my_towns
from views._qr import qr_path
from views._shop_form import TypedForm
from views._shop_past import told

area = Blueprint("shop_office", __name__, url_prefix="/merchants")

OURS = "look after merchants and their offers"

WAITING = {
    "applied": (_l("Applications"), lambda towns: joining.found(towns, state="applied")),
    "asked": (_l("Asked back"), lambda towns: joining.found(towns, state="asked")),
    "offers": (_l("Changed offers"), offer_changes.waiting),
    "hours": (_l("Longer hours"), shop_changes.waiting),
    "yearly": (_l("The yearly look"), lambda towns: joining.due(towns, g.now)),
}
"""What waits for somebody of the office: words, and the query by towns."""


@area.get("/waiting")
@may(OURS)
def waiting():
    what, towns = request.args.get("what", "applied"), my_towns()
    if what not in WAITING:
        abort(404)
    counts = {key: query(towns).count() for key, (_words, query) in WAITING.items()}
    rows = Page(WAITING[what][1](towns), page_number())
    words = {key: said for key, (said, _query) in WAITING.items()}
    return page("shop_office/waiting.html", what=what, counts=counts, rows=rows, words=words, towns=district().town)


@area.get("/all")
@may(OURS)
def index():
    words, state = request.args.get("q", "").strip()[:60], request.args.get("state", LISTED)
    mine, town = my_towns(), request.args.get("town", "")
    towns = {code: one for code, one in district().town.items() if mine is None or code in mine}
    if state not in STATE_WORDS or (town and town not in towns):
        abort(404)
    rows = Page(
        joining.found([town] if town else mine, words.upper() if words.isascii() else words, state), page_number()
    )
    found = {"rows": rows, "words": words, "town": town, "towns": towns, "state": state}
    return page("shop_office/index.html", **found, states=STATE_WORDS, kinds=categories())


@area.get("/of/<ref>")
@may(OURS)
def show(ref):
    return _show(our_shop(ref))


@area.post("/of/<ref>/<step>")
@may(OURS)
def act(ref, step):
    """Take in, ask back, say why not, look at once a year, let go, take back: a press each."""
    shop = our_shop(ref)
    form = TypedForm(("why", *PLACE))
    if step == "approve":
        return _approve(shop, form)
    if step == "contact":
        shop.note("contact", by=g.viewer, at=g.now, kind="seen")
        return _show(shop, contact=True)
    try:
        if step == "review":
            joining.review(shop, by=g.viewer, at=g.now)
        elif step == "place":
            joining.put_at(shop, _place(form, shop), by=g.viewer, at=g.now)
        elif step == "invitation" and shop.state == LISTED:
            return _invited(shop, joining.invite(shop, by=g.viewer, at=g.now))
        elif step in ("ask", "refuse", "leave", "return"):
            joining.move(shop, step, form.row["why"], by=g.viewer, at=g.now)
        else:
            abort(404)
    except Refused as no:
        form.wrong.setdefault(PLACE_OF.get(step, step), _(no.message))
        return _show(shop, 409 if no.code == "moved" else 422, form=form)
    if request.form.get("from") == "yearly":
        return changed(url_for("shop_office.waiting", what="yearly"))
    return changed(url_for("shop_office.show", ref=shop.ref))


PLACE = ("position", "source", "swap", "sure")
PLACE_OF = {"place": "position"}


def _place(form: TypedForm, shop: Merchant) -> dict:
    """Where it is, as typed. Raises Refused("position") with the sentence of the field already beside it."""
    facts, wrong = shop_facts.where(form.row)
    if wrong:
        form.take((facts, wrong))
        raise Refused("position", next(iter(wrong.values())))
    return facts


def _approve(shop: Merchant, form: TypedForm):
    try:
        place = _place(form, shop) if form.row["position"].strip() else None
        joined = joining.approve(shop, place, by=g.viewer, at=g.now)
    except Refused as no:
        form.wrong.setdefault("position" if no.code == "position" else "approve", _(no.message))
        return _show(shop, 422 if no.code == "position" else 409, form=form)
    if joined.token:
        return _invited(joined.merchant, joined.token)
    return changed(url_for("shop_office.show", ref=shop.ref))


def _invited(shop: Merchant, token: str):
    """The owner's link, as text and as a code for their camera. It cannot be shown again."""
    link = own_origin() + url_for("invitations.show", token=token)
    return page("shop_office/invited.html", 201, shop=shop, link=link, qr=qr_path(link), days=LIFE.days)


@area.post("/offers/<int:id>")
@may(OURS)
def settle_offer(id):
    offer = Offer.get_or_none(Offer.id == id) or abort(404)
    shop, step = _in_my_towns(offer.merchant), request.form.get("move", "")
    if step not in offer_changes.MOVES:
        abort(404)
    form = TypedForm(("why",))
    try:
        if step == "end":
            offer_changes.end(offer, by=g.viewer, at=g.now)
        else:
            offer_changes.settle(offer, step, by=g.viewer, at=g.now, why=form.row["why"])
    except Refused as no:
        form.wrong[f"offer{id}"] = _(no.message)
        return _show(shop, 409 if no.code == "moved" else 422, form=form)
    return changed(url_for("shop_office.show", ref=shop.ref))


@area.post("/hours/<int:id>")
@may(OURS)
def settle_hours(id):
    wish = HoursWish.get_or_none(HoursWish.id == id) or abort(404)
    shop, step = _in_my_towns(wish.merchant), request.form.get("move", "")
    if step not in ("approve", "refuse"):
        abort(404)
    form = TypedForm(("why",))
    try:
        shop_changes.settle(wish, step, by=g.viewer, at=g.now, why=form.row["why"])
    except Refused as no:
        form.wrong["hours"] = _(no.message)
        return _show(shop, 409 if no.code == "moved" else 422, form=form)
    return changed(url_for("shop_office.show", ref=shop.ref))


def our_shop(ref: str) -> Merchant:
    """The shop with this ref or code, if it is in a town of ours; 404 else, as if it were not there."""
    key = ref.upper()[:20]
    return _in_my_towns(Merchant.get_or_none((Merchant.ref == key) | (Merchant.code == key)) or abort(404))


def _in_my_towns(shop: Merchant) -> Merchant:
    towns = my_towns()
    return shop if towns is None or shop.town_id in towns else abort(404)


def _show(shop: Merchant, status: int = 200, *, form: TypedForm | None = None, contact: bool = False):
    shop = Merchant.get_by_id(shop.id)
    rows = joining.history(shop, page_number())
    if form is None:
        form = TypedForm(())
    form.row = dict.fromkeys(("why", *PLACE), "") | form.row
    return page(
        "shop_office/show.html",
        status,
        shop=shop,
        form=form,
        contact=contact,
        odd=bool(shop.uscc) and credit_code.is_odd(shop.uscc),
        kinds=categories(),
        offers=list(Offer.select().where(Offer.merchant == shop).order_by(Offer.id.desc()).limit(30)),
        offer_states=offers.STATE_WORDS,
        states=STATE_WORDS,
        wish=shop_changes.wish_of(shop),
        owners=joining.owners(shop, at=g.now),
        sources=SOURCES,
        lines=list(zip(rows.rows, told(rows.rows), strict=True)),
        rows=rows,
        names=authors(rows.rows),
    )
