"""Caring merchants for everybody: the list by distance or town, a shop with what it offers, the way, its plaque."""

from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import quote

from flask import Blueprint, abort, g, request

from models import offers, shop_finding, shop_hours, ways
from models.areas import district, metres
from models.hours import week
from models.merchants import LISTED, Merchant, categories, find_merchant
from models.openings import today
from views._access import own_origin, public, signed_in
from views._answer import page, page_number
from views._mine import my_towns
from views._place import place_of, position
from views._qr import qr_path

area = Blueprint("merchants", __name__)

LAST_PAGE = 100
"""Of a list by distance: whoever is that far down wants another list."""

LONGEST = 40


class Asked(NamedTuple):
    """A list of shops: of a category, a town, with words, open ones only; from a position; its page."""

    category: str = ""
    town: str = ""
    open: str = ""
    words: str = ""
    near: str = ""
    page: int = 1

    @classmethod
    def read(cls) -> "Asked":
        """From the address; 404 for what there is not."""
        told = request.args
        category, town, only = told.get("kind", ""), told.get("town", ""), told.get("open", "")
        if (
            (category and category not in categories())
            or (town and town not in district().town)
            or only not in ("", "1")
        ):
            abort(404)
        words = " ".join(told.get("q", "").split())[:LONGEST]
        return cls(category, town, only, words, told.get("near", ""), page_number())

    def href(self, **changes) -> str:
        """The address of the same list with something changed, at its first page."""
        return ("/merchants/?" + self._replace(**changes)._told()).rstrip("?")

    def on_map(self, **changes) -> str:
        """The address of the map of the same shops, with something changed."""
        return ("/stations/map?layer=shops&" + self._replace(**changes)._told()).rstrip("&")

    def _told(self) -> str:
        said = {"kind": self.category, "town": self.town, "open": self.open, "q": self.words, "near": self.near}
        return "&".join(f"{name}={quote(text, safe=',')}" for name, text in said.items() if text)

    def among(self, now: shop_hours.Shops) -> frozenset[int]:
        """The ids of the shops that fit to all that is asked for."""
        return shop_finding.fitting(
            now, category=self.category, town=self.town, words=self.words, only_open=bool(self.open)
        )


@area.get("/merchants/")
@public
def index():
    asked, now = Asked.read(), shop_hours.minute(g.now)
    among = asked.among(now)
    rows = _rows(asked, among)
    return page(
        "merchants/index.html",
        asked=asked,
        rows=with_offers(rows, now),
        count=len(among),
        kinds=categories(),
    )


def _rows(asked: Asked, among) -> SimpleNamespace:
    """A page of 20: in a town by number, else in order of distance."""
    if asked.page > LAST_PAGE and not asked.town:
        abort(404)
    first = (asked.page - 1) * 20
    if asked.town:
        found = Merchant.by_number(*position(), among, first, 21)
    else:
        found = Merchant.nearest(*position(), first + 21, among)[first:]
    more = len(found) > 20 and (asked.page < LAST_PAGE or bool(asked.town))
    return SimpleNamespace(rows=found[:20], number=asked.page, more=more)


def with_offers(rows, now: shop_hours.Shops):
    """Give each shop of a page its `.opening`, whether it is `.paused`, and its standing `.offers`, in one statement.

    No column is written: its copies share those with the shop that all requests know.
    """
    told: dict[int, list] = {shop.id: [] for shop in rows.rows}
    for offer in offers.standing(list(told), now.day) if told else ():
        told[offer.merchant_id].append(offer)
    for shop in rows.rows:
        shop.opening, shop.paused, shop.offers = now.state(shop), shop.id in now.paused, told[shop.id]
    return rows


@area.get("/merchants/<code>")
@area.get("/MERCHANTS/<code>")
@public
def show(code):
    shop, now = find_merchant(code) or abort(404), shop_hours.minute(g.now)
    if shop.state != LISTED:
        near = SimpleNamespace(rows=Merchant.nearest(shop.lat, shop.lng, 3, now.open))
        return page("merchants/gone.html", shop=shop, near=with_offers(near, now).rows)
    breaks = shop_hours.to_come(shop, now.day)
    rules = shop_hours.rules_of(shop.hours)
    return page(
        "merchants/show.html",
        shop=shop,
        kind=categories()[shop.category_id],
        away=metres(*place_of(g.prefs), shop.lat, shop.lng),
        state=now.state(shop),
        paused=shop.id in now.paused,
        offers=list(offers.standing([shop.id], now.day)),
        coming=offers.coming(shop.id, now.day),
        week=week(rules, shop_hours.changes_of(breaks), now.day) if rules else (),
        breaks=breaks,
        today=now.day,
    )


@area.get("/merchants/<code>/way")
@public
def way(code):
    """Other apps know the way: each gets the coordinates that it counts in. And the address, to copy."""
    shop = find_merchant(code) or abort(404)
    if shop.state != LISTED:
        abort(404)
    back = f"/merchants/{shop.code}"
    links = ways.links(shop, "nuanyi") if shop.coord_src else {}
    return page("ways/show.html", station=shop, links=links, back=back)


@area.get("/merchants/<code>/plaque")
@signed_in
def plaque(code):
    """To hang up: its number and a code that leads to its page, in capitals so that the code stays coarse."""
    shop = find_merchant(code) or abort(404)
    if shop.state != LISTED or not _may_print(shop):
        abort(404)
    link = f"{own_origin()}/MERCHANTS/{shop.code}".upper()
    size = "A5" if request.args.get("size") == "A5" else "A4"
    return page(
        "merchants/plaque.html",
        shop=shop,
        qr=qr_path(link),
        size=size,
        offers=list(offers.standing([shop.id], today(g.now)))[:4],
        rules=shop_hours.rules_of(shop.hours),
    )


def _may_print(shop: Merchant) -> bool:
    """The owner, and those of the office in whose town it is."""
    if shop.code in g.viewer.scopes("merchant"):
        return True
    towns = my_towns()
    return g.viewer.may("look after merchants and their offers") and (towns is None or shop.town_id in towns)
