"""What a shop noted without a network, and sends later: a scanned card to be verified, cards that were looked at."""

from flask import g
from flask_babel import gettext as _

from models import card_code, redeeming, tallies, verifying
from models._record import N_, Refused
from models.merchants import LISTED, Merchant
from models.redeeming import Shop
from models.visits import moment_of
from views._access import till_of_device
from views._shop_words import why_words

KINDS = ("redemption", "look")

DAMAGED = N_("This note on the phone is damaged.")


def whose_till():
    """The shop's device that sends, if it is one. A shift that is over hinders nothing: what was noted was noted."""
    if "sender" not in g:
        g.sender = till_of_device()
    return g.sender


def take(item: dict) -> dict:
    """The answer to one item: `accepted`, `duplicate` or `refused` with the reason in words."""
    try:
        shop = _shop(item.get("place"))
        at = moment_of(item["at"] if isinstance(item.get("at"), str) else "", g.now)
        return _look(shop, item, at) if item["kind"] == "look" else _redemption(shop, item, at)
    except Refused as no:
        return {"result": "refused", "message": _(no.message)}


def _shop(code) -> Shop:
    """The sender's own shop of this code. Raises Refused."""
    till = whose_till()
    if till and code == till.merchant.code:
        return Shop(till.merchant, till.actor)
    if g.viewer and isinstance(code, str) and code in g.viewer.scopes("merchant"):
        merchant = Merchant.get_or_none(Merchant.code == code, Merchant.state == LISTED)
        if merchant:
            return Shop(merchant, g.viewer.id)
    raise Refused("shop", N_("This phone does not verify cards for that shop any more."))


def _redemption(shop: Shop, item: dict, at) -> dict:
    code = item.get("code")
    scanned = card_code.parse(code) if isinstance(code, str) else None
    checked = verifying.check(scanned, g.now, at=at)
    given = redeeming.giving(shop.merchant.id, at)
    answer = redeeming.redeem(shop, checked, given, client_id=item["client_id"], now=g.now, at=at)
    if answer.reason:
        return {"result": "refused", "message": why_words(answer.reason, answer.before)}
    return {"result": "accepted", "message": _("Checked: %(name)s could have the offer.", name=checked.name)}


def _look(shop: Shop, item: dict, at) -> dict:
    n = item.get("n")
    if type(n) is not int:
        raise Refused("damaged", DAMAGED)
    fresh = tallies.looked(shop, n, client_id=item["client_id"], now=g.now, at=at)
    return {"result": "accepted" if fresh else "duplicate", "message": _("Noted.")}
