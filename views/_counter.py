"""Who stands behind the counter: an owner at one of their shops, or a device of a shop that was opened with its PIN."""

from typing import NamedTuple

from flask import abort, current_app, g, request

from models.merchants import Merchant
from models.redeeming import Shop
from models.tills import Till
from views._device import HALF_A_YEAR
from views._mine import asked_for, my_shops


class Counter(NamedTuple):
    """The shop and who acts there; the till, if it is one; the owner's other shops."""

    shop: Shop
    till: Till | None
    others: list[Merchant]

    @property
    def merchant(self) -> Merchant:
        return self.shop.merchant


STANDS = "shop"
"""The cookie with the code of the shop at which an owner's device was used last."""


def must_choose() -> list[Merchant]:
    """The shops of an owner of several who has not said at which one this device stands."""
    if g.get("till") or "shop" in request.values:
        return []
    mine = my_shops()
    known = {shop.code for shop in mine}
    return mine if len(mine) > 1 and request.cookies.get(STANDS) not in known else []


def stands_here(answer, at: Counter):
    """The answer, after which the device knows: an owner's at which shop it stands; a shop's own its readable tag
    again, which signing out takes off it and without which it does not send what was noted on it."""
    kept = {"max_age": HALF_A_YEAR, "path": "/", "secure": current_app.https, "samesite": "Lax"}
    if at.till is None:
        answer.set_cookie(STANDS, at.merchant.code, httponly=True, **kept)
    elif g.viewer is None:
        answer.set_cookie("who", at.till.tag, **kept)
    return answer


def at_counter() -> Counter:
    """For routes marked @counter: of an owner's shops the one that is asked for, else the one at which this device
    stands. 404 for a shop that is not theirs."""
    till = g.get("till")
    if till is None:
        mine = my_shops()
        here = asked_for("shop", mine, request.cookies.get(STANDS, ""))
        return Counter(Shop(here, g.viewer.id), None, [shop for shop in mine if shop.id != here.id])
    if request.values.get("shop", till.merchant.code) != till.merchant.code:
        abort(404)
    return Counter(Shop(till.merchant, till.actor), till, [])
