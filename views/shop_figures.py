"""What an owner sees of the own shop: its months, the thank-you page, the sheet beside the till, a table to keep."""

from flask import Blueprint, abort, g, request
from flask_babel import gettext as _

from models import colours, offers, shop_months, tables
from models._database import writing
from models.months import after
from models.offers import Offer
from models.openings import today
from models.redemptions import METHOD_WORDS
from views import _lists
from views._access import may
from views._answer import local, month_words, page, word
from views._mine import my_shop, my_shops
from views._shop_words import offer_words, yuan

area = Blueprint("shop_figures", __name__, url_prefix="/shop")

MINE = "look after my shop"


def my_month() -> int:
    """The month that is asked for as yyyymm, else the one that runs; 404 for none or one to come."""
    now = today(g.now)
    runs = now.year * 100 + now.month
    text = request.values.get("month", str(runs))
    if not (text.isascii() and text.isdigit() and len(text) == 6 and 1 <= int(text) % 100 <= 12 and int(text) <= runs):
        abort(404)
    return int(text)


@area.get("/month")
@may(MINE)
def month():
    """A month of the shop by day and by offer."""
    shop, asked = my_shop(), my_month()
    known = shop_months.months(shop.id)
    of_month = dict(known).get(asked, shop_months.Sum(0, 0))
    return page(
        "shop/month.html",
        shop=shop,
        month=asked,
        total=of_month,
        days=shop_months.days(shop.id, asked),
        given=shop_months.by_offer(shop.id, asked),
        months=known[:24],
    )


@area.post("/month")
@may(MINE)
def take():
    """The month's rows as a table, without anybody's name; noted, because it leaves the house."""
    shop, asked = my_shop(), my_month()
    rows = list(shop_months.rows_of_month(shop.id, asked))
    ids = {row.offer for row in rows if row.offer}
    named = {one.id: offer_words(one) for one in Offer.select().where(Offer.id.in_(list(ids)))} if ids else {}
    title = [f"{word(shop)} {shop.code}", month_words(asked)]
    header = [_("When"), _("Offer"), _("How"), _("Uses"), _("It came to, yuan"), _("Saved, yuan")]
    made = tables.csv(
        title,
        header,
        (
            [
                f"{local(row.at):%Y-%m-%d %H:%M}",
                named.get(row.offer, ""),
                _(METHOD_WORDS[row.method]),
                row.n,
                yuan(row.amount) if row.amount is not None else None,
                yuan(row.saved) if row.saved else None,
            ]
            for row in rows
        ),
    )
    with writing():
        shop.note(f"table of {asked}", by=g.viewer, at=g.now, kind="seen")
    return _lists.file(made, f"nuanyi-{shop.code}-{asked}", "csv")


@area.get("/thanks")
@may(MINE)
def thanks():
    """本月您帮了 86 位伙伴，谢谢: no ranking, nobody is compared."""
    shop = my_shop()
    known = shop_months.months(shop.id)
    now = today(g.now)
    runs = now.year * 100 + now.month
    told = dict(known)
    return page(
        "shop/thanks.html",
        shop=shop,
        others=[one for one in my_shops() if one.id != shop.id],
        month=told.get(runs, shop_months.Sum(0, 0)),
        before=told.get(after(runs, -1), shop_months.Sum(0, 0)),
        total=shop_months.Sum(sum(one.n for one in told.values()), sum(one.saved for one in told.values())),
        since=shop.approved_at,
    )


@area.get("/sheet")
@may(MINE)
def sheet():
    """For beside the till: the colour of the day, what is given, the limits, and what to say when a card is no good."""
    shop, now = my_shop(), today(g.now)
    given = list(offers.standing([shop.id], now))
    return page("shop/sheet.html", shop=shop, offers=given, colour=colours.day_colour(now), day=now)
