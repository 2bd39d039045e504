"""What somebody types who has a shop, and a shop that has applied."""

from models import joining, offer_facts, offers, redeeming, shop_facts
from models.merchants import Merchant
from models.openings import today

SHOP = {
    "name": "新面馆", "category": "food", "town": "999999001", "address": "春风路 12 号", "hours": "每天 8:00-20:00",
    "contact": "赵老板", "contact_phone": "138 0000 0031", "public": "1",
}  # fmt: skip
OFFER = {"kind": "percent", "value": "8.8", "what": "全单", "alone": "1"}


def shop_of(**fields) -> dict:
    facts, wrong = shop_facts.check(SHOP | fields)
    assert not wrong, wrong
    return facts


def offer_of(at, **fields) -> dict:
    facts, wrong = offer_facts.check(OFFER | fields, today(at))
    assert not wrong, wrong
    return facts


def live(merchant: int, at) -> list:
    """What a shop gives at this moment."""
    return [offer for offer in redeeming.offers_today(merchant, at) if offers.holds_at(offer, at)]


def applied(at, *, by=None, client_id="", **fields) -> Merchant:
    return joining.apply(shop_of(**fields), offer_of(at), by=by, at=at, client_id=client_id)
