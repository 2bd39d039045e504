"""Taking the caring merchants of a district in: categories, shops and their offers from its folder."""

import datetime as dt

from peewee import chunked

from models import joining, offer_changes, offer_facts, shop_facts
from models._record import insert_facts, number_of
from models.areas import district
from models.hours_text import parse, parse_times
from models.merchants import LISTED, Category, Merchant, sought_of
from models.offers import APPROVED, KINDS, Offer

DAY = dt.timedelta(days=1)

FLAGS = ("alone", "service_day")


def load(kinds: list[dict], shops: list[dict], offers: list[dict], *, at: dt.datetime):
    """Take these rows in, or bring shops up to date by code: where they stand and what they offer stays as it is.

    Raises KeyError for a missing column, ValueError or Unclear for what cannot be read.
    """
    known = {code for (code,) in Category.select(Category.code).tuples()}
    insert_facts(Category, [row for row in kinds if row["code"] not in known])
    named = {one.code: one for one in Category.select()}
    there = {code for (code,) in Merchant.select(Merchant.code).where(Merchant.code.is_null(False)).tuples()}
    told = {row["code"]: _merchant(row, named) for row in shops}
    fresh = [row | _new(since, at) for code, (row, since) in told.items() if code not in there]
    for some in chunked(fresh, 100):
        Merchant.insert_many(some).execute()
    for code, (row, _) in told.items():
        if code in there:
            Merchant.update(row).where(Merchant.code == code).execute()
    ids = {
        code: id
        for code, id in Merchant.select(Merchant.code, Merchant.id).where(Merchant.code.is_null(False)).tuples()
    }
    insert_facts(Offer, [_offer(row, ids, at) for row in offers if row["merchant"] not in there])


WAITING = (
    ("晚风馄饨店", "food", "中和路 7 号", "一至日 17:00-1:00", {"kind": "percent", "value": "9", "what": "全单"}),
    ("拐弯修车铺", "repair", "建设路 5 号", "一至六 8:00-19:00", {"kind": "free", "what": "打气"}),
)
"""Who asks to take part in the demo: name, category, address, hours, what is offered."""

PHONE = "14108127999"
"""Of those who applied; nobody of ours has it."""


def make_waiting(*, at: dt.datetime):
    """What waits for the office in the demo: two who ask to take part, a changed offer, and some yearly looks."""
    today = at.astimezone(district().zone).date()
    for (name, kind, address, hours, offer), town in zip(WAITING, district().towns, strict=False):
        row = {"name": name, "category": kind, "town": town.code, "address": address, "hours": hours}
        shop, wrong = shop_facts.check(row | {"contact": "店主（演示）", "contact_phone": PHONE})
        if not wrong:  # a district may have other categories
            joining.apply(shop, offer_facts.check(offer, today)[0], by=None, at=at - DAY)
    owned = Merchant.listed().order_by(Merchant.code).first()
    if owned:
        wish = {"kind": "set", "value": "15", "what": "伙伴套餐", "what_en": "Partners' meal", "daily": "30"}
        offer_changes.ask(owned, offer_facts.check(wish, today)[0], by=None, at=at - DAY)
    due = number_of(today - 400 * DAY)
    some = [id for (id,) in Merchant.listed().select(Merchant.id).order_by(Merchant.code).tuples()][36::37]
    Merchant.update(reviewed_on=due).where(Merchant.id.in_(some)).execute()


def _merchant(row: dict, named: dict[str, Category]) -> tuple[dict, str]:
    """The columns of a shop, and since when it takes part ('' from now on)."""
    parse(row["hours"])
    said = {key: value for key, value in row.items() if key in Merchant._meta.columns}
    where = {"lat": float(row["lat"]), "lng": float(row["lng"])}
    sought = sought_of(row["name"], row["name_en"], row["address"], row["address_en"], named[row["category"]])
    return said | where | {"sought": sought}, row.get("since", "")


def _new(since: str, at: dt.datetime) -> dict:
    joined = dt.datetime.strptime(since, "%Y%m%d").replace(tzinfo=district().zone) if since else at
    today = number_of(at.astimezone(district().zone).date())
    return {"state": LISTED, "applied_at": joined, "approved_at": joined, "reviewed_on": today}


def _offer(row: dict, ids: dict[str, int], at: dt.datetime) -> dict:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind of an offer of {row['merchant']}: {row['kind']}")
    if row["times"]:
        parse_times(row["times"])
    numbers = {
        "value": int(row["value"]),
        "least": int(row["least"] or 0),
        "daily": int(row["daily"]) if row["daily"] else None,
    }
    texts = {name: row[name] for name in ("kind", "what", "what_en", "times")}
    return {
        "merchant": ids[row["merchant"]],
        **texts,
        **numbers,
        **{flag: row[flag] == "1" for flag in FLAGS},
        "first_on": int(row.get("first_on") or number_of(at.astimezone(district().zone).date())),
        "last_on": int(row["last_on"]) if row.get("last_on") else None,
        "state": APPROVED,
        "asked_at": at,
        "settled_at": at,
    }
