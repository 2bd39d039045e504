"""What stands on both sides of a till: a partner whose phone shows the card, and a shop with an offer."""

import datetime as dt

from models._database import writing
from models.cards import Card
from models.merchants import Category, Merchant
from models.offers import APPROVED, Offer
from models.people import Person, RoleGrant
from models.redeeming import Shop
from tests._cards import CardPhone, card_of


class Holder:
    """`person` with a card (the one they have, or a new one) on a phone that is switched on at `at`; its clock is
    `ahead` of ours."""

    def __init__(self, person: Person, at: dt.datetime, ahead=dt.timedelta()):
        self.person, self.ahead, self.phone = person, ahead, CardPhone()
        card = Card.of(person) or card_of(person, at)
        self.key = self.phone.enrol(card, at=at)
        self.card = Card.get_by_id(card.id)

    def code(self, at: dt.datetime) -> str:
        """What the QR holds at this moment, by the phone's own clock."""
        return self.phone.payload(at + self.ahead)

    def digits(self, at: dt.datetime) -> str:
        return self.phone.number(at + self.ahead)


def make_shop(code: str, at: dt.datetime, *, north: float = 0.0, daily: int | None = None, **offer) -> Shop:
    """A listed shop `north` degrees north of the middle of the small district, with one offer."""
    with writing():
        Category.get_or_create(code="food", defaults={"name": "餐饮", "name_en": "Food", "icon": "i-hot", "sort": 1})
        place = {"town": "999999001", "address": "春风路 1 号", "lat": 30.5 + north, "lng": 110.5, "coord_src": "gps"}
        merchant = Merchant.create(
            code=code, name=f"店{code}", category="food", state="listed", applied_at=at, approved_at=at, **place
        )
        told = {"kind": "percent", "value": 880, "what": "全单", "what_en": "everything", "first_on": 20200101} | offer
        Offer.create(merchant=merchant, state=APPROVED, asked_at=at, daily=daily, **told)
    return Shop(merchant, -1)


def owned_shop(code: str, at: dt.datetime, **more) -> Shop:
    """The same with an owner, Mo, who redeems there."""
    shop = make_shop(code, at, **more)
    with writing():
        mo = Person.register(name="莫七", phone="13800000007", at=at)
        RoleGrant.create(person=mo, role="merchant", scope=code)
    return shop._replace(actor=mo.id)
