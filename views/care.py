"""The office's figures of cards and merchants: each number clicks down to the rows that make it, and says what it
means. Never a person, except where somebody must look at a card, and masked there."""

from flask import Blueprint, abort, g, request, url_for

from models import care, odd_uses
from models._record import Page
from models.areas import district
from models.cards import STATES, Card
from models.merchants import Merchant, categories, find_merchant
from models.months import after, month_of
from models.offers import Offer
from models.people import Person
from models.redemptions import METHOD_WORDS
from views import _figures
from views._access import may
from views._answer import changed, page, page_number
from views._figures import my_month, my_town

area = Blueprint("care", __name__, url_prefix="/dashboard/care")

SEE = "see the figures of the district, or of the own town"
SETTLE = "stop cards and let them go on"


@area.get("/")
@may(SEE)
def index():
    town, now = my_town(), g.now
    told = care.months(now, town)
    return page(
        "care/index.html", **_common(town), shops=care.shops(), kinds=categories(), cards=care.cards(town),
        states=STATES, months=told, month=month_of(now), bars=_figures.bars(told, month_of(now)), nowhere=care.NOWHERE,
        idle=care.idle(town, now).count(), far=odd_uses.far(town).count(), often=odd_uses.often(town).count(),
    )  # fmt: skip


@area.get("/cards")
@may(SEE)
def cards():
    """The cards behind a number of cards: masked, and of the own towns."""
    town, state = my_town(), request.args.get("state", "")
    if state and state not in STATES:
        abort(404)
    nowhere = request.args.get("nowhere") == "1" and not town
    where = care.NOWHERE if nowhere else town
    rows = care.cards_of(where, state, page_number())
    return page("care/cards.html", **_common(town), rows=rows, state=state, states=STATES, nowhere=nowhere)


@area.get("/uses")
@may(SEE)
def uses():
    """A month shared out by the ways of showing a card and by merchants."""
    town, month, method = my_town(), my_month(), _method()
    rows = care.by_shop(month, town, method, page_number())
    ways = care.by_method(month, town)
    shops = _shops(id for id, *_sums in rows.rows)
    return page(
        "care/uses.html", **_common(town), month=month, method=method, rows=rows, ways=ways, shops=shops,
    )  # fmt: skip


@area.get("/uses/<code>")
@may(SEE)
def shop(code):
    """A merchant's uses of a month: when, what, how, how much; never whose."""
    found, town, month, method = find_merchant(code) or abort(404), my_town(), my_month(), _method()
    if town and found.town_id != town:
        abort(404)
    rows = care.rows_of(found.id, month, method, page_number())
    ids = [row.offer for row in rows.rows if row.offer]
    offers = {one.id: one for one in Offer.select().where(Offer.id.in_(ids))} if ids else {}
    return page(
        "care/shop.html", **_common(town), month=month, method=method, shop=found, rows=rows, offers=offers,
        total=care.sum_of(found.id, month, method),
    )  # fmt: skip


@area.get("/idle")
@may(SEE)
def idle():
    town = my_town()
    query = care.idle(town, g.now)
    rows = Page(query.tuples(), page_number())
    shops = _shops(id for id, _last in rows.rows)
    return page("care/idle.html", **_common(town), rows=rows, shops=shops, n=query.count())


@area.get("/odd/<what>")
@may(SEE)
def odd(what):
    """Uses that somebody should look at, each with what does not fit."""
    town = my_town()
    if what not in odd_uses.WORDS:
        abort(404)
    query = odd_uses.far(town) if what == "far" else odd_uses.often(town)
    rows = odd_uses.far_listed(town, page_number()) if what == "far" else Page(query, page_number())
    if what == "far":
        shops = _shops(use.merchant for row in rows.rows for use in (row.use, row.other) if use)
        cards = _cards(row.use.card for row in rows.rows)
    else:
        shops, cards = _shops(row.merchant for row in rows.rows), _cards(row.card for row in rows.rows)
    return page(
        f"care/{what}.html", **_common(town), what=what, words=odd_uses.WORDS[what], rows=rows, n=query.count(),
        shops=shops, cards=cards,
    )  # fmt: skip


@area.post("/odd/<what>/<int:id>")
@may(SETTLE)
def settle(what, id):
    """Somebody has looked at it, and it is fine."""
    town = my_town()
    if what == "far":
        odd_uses.far_is_fine(odd_uses.far_one(id, town) or abort(404), by=g.viewer, at=g.now)
    elif what == "often":
        odd_uses.often_is_fine(odd_uses.often_one(id, town) or abort(404), by=g.viewer, at=g.now)
    else:
        abort(404)
    return changed(url_for("care.odd", what=what, town=town or None))


def _method() -> int | None:
    """The way that is asked for; 404 for nonsense."""
    text = request.args.get("method")
    if text is None:
        return None
    return int(text) if text in {str(method) for method in METHOD_WORDS} else abort(404)


def _shops(ids) -> dict[int, Merchant]:
    wanted = list(set(ids))
    return {one.id: one for one in Merchant.select().where(Merchant.id.in_(wanted))} if wanted else {}


def _cards(ids) -> dict[int, Card]:
    """These cards with their persons, by id."""
    wanted = [id for id in set(ids) if id]
    rows = Card.select(Card, Person).join(Person, on=Card.person).where(Card.id.in_(wanted)) if wanted else ()
    return {card.id: card for card in rows}


def _common(town: str) -> dict:
    """What all these pages may say."""
    return {
        "town": town, "mine": _figures.towns_of_mine(), "towns": district().town, "methods": METHOD_WORDS,
        "after": after,
    }  # fmt: skip
