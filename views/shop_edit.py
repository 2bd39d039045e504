"""The office changes the facts of a shop; a town's officer those of the own town, and keeps them there."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from models import shop_editing, shop_facts
from models._record import Refused
from models.areas import district
from models.merchants import Merchant, categories
from models.station_words import SOURCES
from views._access import may
from views._answer import changed, page
from views._hours import hours_words
from views._mine import my_towns
from views._shop_form import TypedForm
from views.shop_office import OURS, our_shop

area = Blueprint("shop_edit", __name__, url_prefix="/merchants")

FIELDS = (*shop_facts.EDITED, "swap", "sure", "seen")


@area.route("/of/<ref>/edit", methods=["GET", "POST"])
@may(OURS)
def edit(ref):
    shop = our_shop(ref)
    if not shop.is_listed:
        abort(404)
    if request.method != "POST":
        return _form(shop, TypedForm(FIELDS, _as_typed(shop)))
    form = TypedForm(FIELDS)
    facts = form.take(shop_facts.check(form.row, shop_editing.NEEDED))
    if shop.coord_src and not form.row["position"].strip():  # where it was known and nobody says it anew, it stays
        facts = {name: value for name, value in facts.items() if name not in ("lat", "lng", "coord_src")}
    if "town" in facts and facts["town"] not in _towns():
        form.wrong["town"] = _("This town is looked after by somebody else.")
    if form.wrong:
        return _form(shop, form, 422)
    try:
        shop_editing.edit(shop, facts, form.row["seen"], by=g.viewer, at=g.now)
    except Refused as no:
        form.wrong["seen"], form.row["seen"] = _(no.message), shop_editing.digest(Merchant.get_by_id(shop.id))
        return _form(shop, form, 409)
    return changed(url_for("shop_office.show", ref=shop.ref))


def _as_typed(shop: Merchant) -> dict[str, str]:
    columns = {name: str(shop.__data__[name] or "") for name in shop_facts.EDITED if name in shop.__data__}
    return columns | {"hours": hours_words(shop.hours), "seen": shop_editing.digest(shop)}


def _towns() -> dict:
    mine = my_towns()
    return {code: town for code, town in district().town.items() if mine is None or code in mine}


def _form(shop: Merchant, form: TypedForm, status: int = 200):
    theirs = Merchant.get_by_id(shop.id) if status == 409 else None
    lists = {"kinds": categories(), "towns": list(_towns().values()), "sources": SOURCES}
    return page("shop_office/edit.html", status, shop=shop, form=form, theirs=theirs, **lists)
