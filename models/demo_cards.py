"""The demo's cards and what they were used for: made from a seed, with totals that the rows add up to."""

import datetime as dt

from peewee import fn

from models import offers
from models._database import db
from models._record import insert, number_of, random_code, to_ms
from models.areas import district, metres
from models.cards import ACTIVE, EXPIRED, LOST, STOPPED, Card, months_after, number_for
from models.demo_people import Chance, Rider
from models.merchants import Merchant
from models.offers import Offer
from models.redemptions import FAR, ONLINE, PRINTED, SCAN, TYPED, Redemption

DAY = dt.timedelta(days=1)

METHODS = (SCAN, TYPED, ONLINE, PRINTED)

SOON = dt.timedelta(minutes=7)
"""Between two uses of one card at shops far apart."""

MEALS = ((11, 14), (17, 20))
"""Local hours in which most is bought."""

OLDEST, YOUNGEST, SILENT = 500, 40, 62
"""Days: the first card's age, the last one's, and for how long some shops have served nobody."""


def make_cards(told: dict, riders: list[Rider], known: int, *, at: dt.datetime):
    """The cards of the folder's table, among them that of the person `known`, and the uses of each."""
    chance = Chance(told["seed"] + 7)
    cards = _cards(told["cards"], riders, known, chance, at)
    _uses(told["cards"], cards, chance, at)


def _cards(told: dict, riders: list[Rider], known: int, chance: Chance, at) -> list[tuple]:
    """(id, person, state, town, from when, until when it was used) of each card."""
    towns = [town.code for town in district().towns]
    by_town = {town: [one.id for one in riders if one.town == town] for town in towns}
    holders = [(id, town) for town, n in zip(towns, told["towns"], strict=True) for id in by_town[town][:n]]
    states = [LOST] * told["lost"] + [EXPIRED] * told["expired"] + [STOPPED] * told["stopped"]
    others = [n for n, (id, _) in enumerate(holders) if id != known]
    picked = dict(zip(sorted(others, key=lambda _: chance.random()), states, strict=False))
    day, rows = at.astimezone(district().zone).date(), []
    for n, (person, town) in enumerate(holders):
        state = picked.get(n, ACTIVE)
        age = OLDEST if state == EXPIRED else YOUNGEST + int((OLDEST - YOUNGEST) * (1 - n / len(holders)))
        began = at - age * DAY - dt.timedelta(hours=9 * chance.random())
        ended = at - int(5 + 30 * chance.random()) * DAY if state != ACTIVE else at
        last = months_after(began.astimezone(district().zone).date(), district().card["months"])
        while state != EXPIRED and last < day:  # it was renewed in time
            last = months_after(last, district().card["months"])
        ended = min(ended, at - (day - last).days * DAY) if state == EXPIRED else ended
        rows.append((n + 1, person, state, town, began, ended, number_of(last)))
    year = (at - OLDEST * DAY).year % 100
    insert(
        Card,
        ("ref", "number", "person_id", "state", "town", "asked_at", "active_at", "moved_at", "valid_to"),
        [
            (random_code(), number_for(year, n), person, state, town, *map(to_ms, (began, began, ended)), last)
            for n, person, state, town, began, ended, last in rows
        ],
        uses=0,
        saved=0,
    )
    ids = {person: id for person, id in Card.select(Card.person, Card.id).tuples()}
    return [(ids[person], person, state, town, began, ended) for _, person, state, town, began, ended, _ in rows]


def _uses(told: dict, cards: list[tuple], chance: Chance, at: dt.datetime):
    """Each card's uses, most of them in shops of its own town; then the totals that are kept beside the rows."""
    shops = list(Merchant.listed().order_by(Merchant.code))
    first = {offer.merchant_id: offer for offer in Offer.select().order_by(Offer.id.desc())}
    shops = [shop for shop in shops if shop.id in first]
    in_town = {town.code: [shop for shop in shops if shop.town_id == town.code] for town in district().towns}
    silent = {shop.id for n, shop in enumerate(shops) if n % 100 >= 100 - told["silent"]}
    ways = [method for method, n in zip(METHODS, told["methods"], strict=True) for _ in range(n)]
    rows = []
    for card, person, _, town, began, ended in cards:
        last: tuple | None = None
        for _ in range(told["uses"]):
            moment = _at_a_meal(began + (ended - began) * chance.random(), began, ended, chance)
            near = in_town[town] if in_town[town] and chance.random() < 0.8 else shops
            shop = near[int(chance.random() ** 1.6 * len(near))]
            if shop.id in silent and moment > at - SILENT * DAY:
                shop = next(one for one in shops if one.id not in silent)
            flag = 0
            if last and chance.random() * 1000 < told["far"]:  # minutes after the one before, at the far end
                before, when = last
                there = max(shops, key=lambda one, of=before: metres(of.lat, of.lng, one.lat, one.lng))
                if when + SOON <= ended and there.id not in silent:
                    shop, moment, flag = there, when + SOON, FAR
            last = shop, moment
            offer, amount = first[shop.id], 100 * int(12 + 40 * chance.random() ** 2)
            saved = offers.saved(offer, max(amount, offer.least))
            method = ways[int(chance.random() * len(ways))]
            day = number_of(moment.astimezone(district().zone))
            rows.append(
                (shop.id, offer.id, person, card, method, to_ms(moment), day, max(amount, offer.least), saved, flag)
            )
    rows.sort(key=lambda row: row[5])
    columns = ("merchant", "offer", "person", "card", "method", "at", "local_date", "amount", "saved", "flag")
    insert(Redemption, columns, rows, n=1, actor=0, lag=0)
    add_up()
    sums = Redemption.select(Redemption.card, fn.SUM(Redemption.n), fn.SUM(Redemption.saved)).group_by(Redemption.card)
    for card, n, saved in sums.tuples():
        Card.update(uses=n, saved=saved).where(Card.id == card).execute()


def add_up():
    """The totals of days and months, made anew of the rows."""
    db.execute_sql("DELETE FROM redemption_day")
    db.execute_sql("DELETE FROM redemption_month")
    db.execute_sql(
        "INSERT INTO redemption_day (merchant, local_date, offer, n, saved) SELECT merchant, local_date,"
        " COALESCE(offer, 0), SUM(n), SUM(saved) FROM redemption GROUP BY merchant, local_date, COALESCE(offer, 0)"
    )
    db.execute_sql(
        "INSERT INTO redemption_month (month, merchant, method, n, saved) SELECT local_date / 100, merchant, method,"
        " SUM(n), SUM(saved) FROM redemption GROUP BY local_date / 100, merchant, method"
    )


def _at_a_meal(moment: dt.datetime, began: dt.datetime, ended: dt.datetime, chance: Chance) -> dt.datetime:
    """The same day at noon or in the evening, or the day before, if that lies within."""
    opens, closes = MEALS[int(chance.random() * len(MEALS))]
    local = moment.astimezone(district().zone).replace(hour=opens, minute=0, second=0, microsecond=0)
    meal = local + (closes - opens) * dt.timedelta(hours=chance.random())
    return next((one for one in (meal, meal - DAY) if began <= one <= ended), moment)
