"""What a merchant gives: structured, so that the words in both languages and the till's arithmetic follow from it."""

import datetime as dt
from functools import lru_cache

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField

from models._record import N_, MomentField, Record, date_of, number_of
from models.areas import district
from models.hours import DAY, Times
from models.hours_text import parse_times
from models.merchants import Merchant
from models.people import Person

PERCENT, MINUS, SET, FREE = "percent", "minus", "set", "free"

KINDS = {
    PERCENT: N_("a share off the price"),
    MINUS: N_("an amount off the price"),
    SET: N_("a meal or thing at a fixed price"),
    FREE: N_("something for free"),
}
"""What an offer can be (domain.md §2.11), in words."""

ASKED, APPROVED, REFUSED, ENDED = "asked", "approved", "refused", "ended"

STATE_WORDS = {
    ASKED: N_("being looked at"),
    APPROVED: N_("holds"),
    REFUSED: N_("not this time"),
    ENDED: N_("ended"),
}
"""Where an offer stands; what moves it says models/offer_changes.py."""


class Offer(Record):
    """One offer. A change is a row of its own that `replaces` the one before once somebody has looked at it.

    `value`: of a `percent` what is still paid, in thousandths of the price (8.8 折 is 880); of `minus` what is taken
    off and of `set` what it costs, in fen; of `free` 0. `least` in fen. `times` as one writes them ('' all day).
    `daily`: portions a local day, None without limit. `first_on`, `last_on` are yyyymmdd.
    """

    merchant = ForeignKeyField(Merchant)
    kind = CharField(max_length=10)
    value = IntegerField(default=0)
    what = CharField(max_length=60, default="")
    what_en = CharField(max_length=90, default="")
    least = IntegerField(default=0)
    times = CharField(max_length=100, default="")
    daily = IntegerField(null=True)
    alone = BooleanField(default=False)
    service_day = BooleanField(default=False)
    first_on = IntegerField()
    last_on = IntegerField(null=True)
    state = CharField(max_length=10)
    replaces = ForeignKeyField("self", null=True)
    asked_at = MomentField()
    asked_by = ForeignKeyField(Person, column_name="asked_by", null=True)
    client_id = BigIntegerField(null=True, unique=True)
    settled_at = MomentField(null=True)
    settled_by = ForeignKeyField(Person, column_name="settled_by", null=True)
    why = CharField(max_length=200, default="")

    @property
    def holds(self) -> bool:
        return self.state == APPROVED

    @property
    def is_asked(self) -> bool:
        return self.state == ASKED


def holds_at(offer: Offer, now: dt.datetime) -> bool:
    """Is it within the offer's times of the day?"""
    return _within(offer.times, _minute_of(now))


def of_day(merchant: int, day: dt.date) -> list[Offer]:
    """The approved offers of a shop (its id) on this local day, by age; on the service day those for it alone too.

    Whether it is paused, and how many portions are left, is not asked here.
    """
    rows = standing([merchant], day)
    return list(rows if day.day == district().service_day else rows.where(~Offer.service_day))


def standing(merchants: list[int], day: dt.date):
    """The approved offers of these shops whose days have not passed by then and have begun; a query."""
    number = number_of(day)
    rows = Offer.select().where(Offer.merchant.in_(merchants), Offer.state == APPROVED, Offer.first_on <= number)
    return rows.where(Offer.last_on.is_null() | (Offer.last_on >= number)).order_by(Offer.merchant, Offer.id)


def coming(merchant: int, day: dt.date) -> list[Offer]:
    """The approved offers of a shop (its id) that begin after this day, the next first."""
    rows = Offer.select().where(Offer.merchant == merchant, Offer.state == APPROVED, Offer.first_on > number_of(day))
    return list(rows.order_by(Offer.first_on, Offer.id))


def saved(offer: Offer, amount: int | None) -> int:
    """What a partner keeps of `amount` fen (None: not said), in fen; what stays of a fen is the merchant's.

    Below what must be spent it is 0. Of a set price it is what the same would have cost less that price.
    """
    if amount is None:
        return offer.value if offer.kind == MINUS else 0
    if amount < offer.least:
        return 0
    if offer.kind == PERCENT:
        return amount - -(-amount * offer.value // 1000)
    if offer.kind == MINUS:
        return min(offer.value, amount)
    return max(amount - offer.value, 0) if offer.kind == SET else 0


# In words. They stand here and not in the catalogue because the sheet at the till says them in both languages.


def words(offer: Offer, day: dt.date, english: bool = False) -> str:
    """全单 8.8 折，满 30 元，不与其他优惠同享: all that an offer says on this day, in a line."""
    return (", " if english else "，").join([headline(offer, english), *conditions(offer, day, english)])


def headline(offer: Offer, english: bool = False) -> str:
    """全单 8.8 折 / 满 30 减 5 / 司机套餐 12 元 / 免费加汤: what is given."""
    return (_english if english else _chinese)(offer)


def conditions(offer: Offer, day: dt.date, english: bool = False) -> list[str]:
    """When and how far it holds, each for itself: from how much on, times, portions, alone, its days, the first
    while it is still to come."""
    told = [
        offer.least
        and offer.kind != MINUS
        and (f"for {_yuan(offer.least)} yuan or more", f"满 {_yuan(offer.least)} 元"),
        offer.service_day and _service_day(),
        offer.times and _times_words(offer.times),
        offer.daily and (f"{offer.daily} a day", f"每天 {offer.daily} 份"),
        offer.alone and ("not with other offers", "不与其他优惠同享"),
        offer.first_on > number_of(day)
        and (f"from {date_of(offer.first_on)}", f"{_day_words(date_of(offer.first_on))}起"),
        offer.last_on and (f"until {date_of(offer.last_on)}", f"到 {_day_words(date_of(offer.last_on))}"),
    ]
    return [pair[0 if english else 1] for pair in told if pair]


def _chinese(offer: Offer) -> str:
    what = offer.what
    if offer.kind == PERCENT:
        return f"{what or '全单'} {_short(offer.value, 100)} 折"
    if offer.kind == MINUS:
        least = f"满 {_yuan(offer.least)} 减" if offer.least else "立减"
        return f"{what}{least} {_yuan(offer.value)}" + ("" if offer.least else " 元")
    return f"{what} {_yuan(offer.value)} 元" if offer.kind == SET else f"免费{what}"


def _english(offer: Offer) -> str:
    what = offer.what_en or offer.what
    if offer.kind == PERCENT:
        return f"{_short(1000 - offer.value, 10)} % off {what or 'everything'}"
    if offer.kind == MINUS:
        least = f" from {_yuan(offer.least)} yuan on" if offer.least else ""
        return f"{_yuan(offer.value)} yuan off{' ' + what if what else ''}{least}"
    return f"{what} for {_yuan(offer.value)} yuan" if offer.kind == SET else f"Free: {what}"


def _service_day() -> tuple[str, str]:
    day = district().service_day
    return f"only on day {day} of the month", f"每月 {day} 日"


def _day_words(day: dt.date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _times_words(text: str) -> tuple[str, str]:
    said = [f"{_clock(opens)}–{_clock(closes if closes <= DAY else closes - DAY)}" for opens, closes in _times(text)]
    return ", ".join(said), "、".join(said)


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def _yuan(fen: int) -> str:
    return _short(fen, 100)


def _short(number: int, of: int) -> str:
    """880 of 100 is 8.8, 900 is 9, 1250 is 12.5."""
    return f"{number / of:.2f}".rstrip("0").rstrip(".")


# When it holds.


def _minute_of(now: dt.datetime) -> int:
    local = now.astimezone(district().zone)
    return local.hour * 60 + local.minute


def _within(text: str, minute: int) -> bool:
    """Is this minute of the day in the written times, or in those of the evening before that go on over midnight?"""
    return not text or any(opens <= at < closes for opens, closes in _times(text) for at in (minute, minute + DAY))


@lru_cache(maxsize=500)
def _times(text: str) -> Times:
    return parse_times(text)
