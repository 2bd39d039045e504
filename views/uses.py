"""A partner's own view: where the card was used, and what it saved."""

from flask import Blueprint, g

from models import uses
from models.merchants import Merchant
from views._access import signed_in
from views._answer import page, page_number

area = Blueprint("uses", __name__)


@area.get("/card/uses")
@signed_in
def index():
    rows = uses.of(g.viewer, page_number())
    shops = {row.merchant for row in rows.rows}
    named = Merchant.select(Merchant.id, Merchant.code, Merchant.name, Merchant.name_en).where(Merchant.id.in_(shops))
    times, saved = uses.sums(g.viewer)
    return page(
        "uses/index.html", rows=rows, shops={shop.id: shop for shop in named} if shops else {}, times=times, saved=saved
    )
