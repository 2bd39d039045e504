"""Who stands behind the counter: an owner at one of their shops, or a device of a shop that was opened with its PIN."""

from typing import NamedTuple

from flask import abort, g, request

from models.merchants import Merchant
from models.redeeming import Shop
from models.tills import Till
from views._mine import my_shop, my_shops


class Counter(NamedTuple):
    """The shop and who acts there; the till, if it is one; the owner's other shops."""

    shop: Shop
    till: Till | None
    others: list[Merchant]

    @property
    def merchant(self) -> Merchant:
        return self.shop.merchant


def at_counter() -> Counter:
    """For routes marked @counter. 404 for a shop that is not theirs."""
    till = g.get("till")
    if till is None:
        mine = my_shop()
        return Counter(Shop(mine, g.viewer.id), None, [shop for shop in my_shops() if shop.id != mine.id])
    if request.values.get("shop", till.merchant.code) != till.merchant.code:
        abort(404)
    return Counter(Shop(till.merchant, till.actor), till, [])
