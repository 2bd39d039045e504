"""Taking part with a shop: anybody applies, and looks with the number of the application how it stands."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from models import joining, limits, offer_facts, shop_facts
from models._database import writing
from models._record import Refused, random_code
from models.areas import district
from models.merchants import Merchant, categories
from models.offers import KINDS, Offer
from models.station_words import SOURCES
from views._access import anyone
from views._answer import changed, page
from views._device import caller
from views._shop_form import TypedForm

area = Blueprint("applying", __name__)

FIELDS = (*shop_facts.FIELDS, "swap", "sure", *offer_facts.FIELDS, "client_id")


@area.get("/merchants/apply")
@anyone
def form():
    return _form(TypedForm(FIELDS, {"client_id": random_code(), "contact": g.viewer.name if g.viewer else ""}))


@area.post("/merchants/apply")
@anyone
def apply():
    form = TypedForm(FIELDS)
    facts, offer = form.shop(), form.offer()
    if form.wrong:
        return _form(form, 422)
    who = limits.subject(number=g.viewer.ref) if g.viewer else limits.subject(place=caller().address)
    what = "apply person" if g.viewer else "apply address"
    client_id = form.row["client_id"][:64]
    with writing():
        merchant = joining.application(client_id)
        if merchant is None and not limits.over(what, who, g.now):
            limits.note(what, who, g.now)
            merchant = joining.apply(facts, offer, by=g.viewer, at=g.now, client_id=client_id)
    if merchant is None:
        why = _("That is many applications in one day. Please come back tomorrow, or call the district.")
        return _form(form, 429, why)
    return changed(url_for("applying.state", ref=merchant.ref))


@area.route("/merchants/applied/<ref>", methods=["GET", "POST"])
@anyone
def state(ref):
    """How the application stands; a question is answered here. Whoever has its number may: it is in no list."""
    merchant = Merchant.get_or_none(Merchant.ref == ref.upper()[:10]) or abort(404)
    typed = TypedForm(("answer",))
    if request.method != "POST":
        return _state(merchant, typed)
    answer = " ".join(typed.row["answer"].split())
    if not answer:
        typed.wrong["answer"] = _("Please write a few words.")
        return _state(merchant, typed, 422)
    try:
        joining.move(merchant, "answer", answer, by=g.viewer, at=g.now)
    except Refused as no:
        typed.refused("answer", no)
        return _state(merchant, typed, 409)
    return changed(url_for("applying.state", ref=merchant.ref))


def _state(merchant: Merchant, typed: TypedForm, status: int = 200):
    offered = list(Offer.select().where(Offer.merchant == merchant).order_by(Offer.id).limit(3))
    return page("merchants/applied.html", status, shop=merchant, form=typed, offers=offered)


def _form(form: TypedForm, status: int = 200, why: str = ""):
    return page(
        "merchants/apply.html",
        status,
        form=form,
        why=why,
        kinds=categories(),
        towns=district().towns,
        sources=SOURCES,
        offer_kinds=KINDS,
    )
