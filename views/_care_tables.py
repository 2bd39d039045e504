"""The tables of cards and merchants that can be taken along."""

from flask import g
from flask_babel import gettext as _

from models import care
from models.areas import district
from models.cards import STATES
from models.merchants import Merchant, categories
from models.redemptions import METHOD_WORDS
from views import _layout
from views._answer import month_words, word
from views._figure_tables import head, where
from views._shop_words import yuan


def uses(town: str, _month: int):
    """The months with what was saved and how the cards were shown."""
    header = [_("Month"), _("Uses"), _("Saved, yuan"), *(_layout._(way) for way in METHOD_WORDS.values())]
    rows = [
        [month_words(m.month), m.n, yuan(m.saved), *(m.by.get(method, 0) for method in METHOD_WORDS)]
        for m in care.months(g.now, town)
    ]
    title = _("Uses of warm-heart cards, %(where)s, by month", where=where(town))
    meaning = _(
        "Each use of a card once, by the day of the use; what was taken back is off again. Cards that were only looked"
        " at count as noted. What was saved stands only where an amount was said."
    )
    return head(title, _("uses, yuan"), meaning), header, rows


def shops(town: str, month: int):
    """Each listed merchant with its month; one in which nobody came has a nought."""
    told = {id: (int(n), int(saved)) for id, n, saved in care.of_shops(month, town).tuples()}
    header = [_("Code"), _("Merchant"), _("Category"), _("Town"), _("Address"), _("Uses"), _("Saved, yuan")]
    rows, kinds = [], categories()
    listed = Merchant.listed().order_by(Merchant.code)
    for shop in listed.where(Merchant.town == town) if town else listed:
        n, saved = told.get(shop.id, (0, 0))
        what = word(kinds[shop.category_id]), word(district().town[shop.town_id])
        rows.append([shop.code, word(shop), *what, shop.address, n, yuan(saved)])
    title = _("Merchants, %(where)s, %(month)s", where=where(town), month=month_words(month))
    meaning = _("Shops that take part now, the paused ones too; not those that are being looked at or have left.")
    return head(title, _("uses, yuan"), meaning), header, rows


def cards(town: str, _month: int):
    """How many cards there are by town and state."""
    told = care.cards(town)
    places = [town] if town else [*district().town, care.NOWHERE]
    header = [_("Town"), *(_layout._(state) for state in STATES.values()), _("in all")]
    rows = []
    for place in places:
        counts = [told.get((place, state), 0) for state in STATES]
        name = _("no town known") if place == care.NOWHERE else word(district().town[place])
        rows.append([name, *counts, sum(counts)])
    title = _("Warm-heart cards, %(where)s, by town and state", where=where(town))
    meaning = _(
        "Every card that was ever issued, in the state in which it is; one that was lost and replaced counts as lost,"
        " its follower for itself. The town is where the partner works, or where the card was issued."
    )
    return head(title, _("cards"), meaning), header, rows


TABLES = {"uses": uses, "shops": shops, "cards": cards}
"""The tables by their name in the form."""
