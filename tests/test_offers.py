"""What a merchant gives: words and arithmetic from the structure, when it holds, and how it changes."""

import datetime as dt

import pytest

from models import joining, offer_changes, offer_facts, offers, shop_changes
from models._database import writing
from models._record import Refused
from models.areas import Revision, Setting
from models.merchants import find_merchant
from models.offers import FREE, MINUS, PERCENT, SET, Offer, saved, standing
from models.people import Person
from models.redeeming import giving
from tests import _crowd
from tests._shops import OFFER, live, offer_of

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def offer(kind=PERCENT, value=880, **more) -> Offer:
    return Offer(**{"kind": kind, "value": value, "first_on": 20240101} | more)


def refused(act, *args, **more) -> str:
    with pytest.raises(Refused) as no:
        act(*args, **more)
    return no.value.code


# Words.


@pytest.mark.parametrize(
    "made, chinese, english",
    [
        (offer(what="全单", what_en="everything", alone=True), "全单 8.8 折，不与其他优惠同享",
         "12 % off everything, not with other offers"),
        (offer(value=900), "全单 9 折", "10 % off everything"),
        (offer(value=885, least=2050), "全单 8.85 折，满 20.5 元", "11.5 % off everything, for 20.5 yuan or more"),
        (offer(MINUS, 500, least=3000), "满 30 减 5", "5 yuan off from 30 yuan on"),
        (offer(MINUS, 250), "立减 2.5 元", "2.5 yuan off"),
        (offer(SET, 1200, what="司机套餐", what_en="Driver's meal", times="11:00-14:00", daily=20),
         "司机套餐 12 元，11:00–14:00，每天 20 份", "Driver's meal for 12 yuan, 11:00–14:00, 20 a day"),
        (offer(FREE, 0, what="加汤", what_en="more soup", service_day=True), "免费加汤，每月 12 日",
         "Free: more soup, only on day 12 of the month"),
        (offer(first_on=20240919), "全单 8.8 折", "12 % off everything"),
        (offer(first_on=20240920), "全单 8.8 折，2024 年 9 月 20 日起", "12 % off everything, from 2024-09-20"),
        (offer(FREE, 0, what="加汤", last_on=20241231), "免费加汤，到 2024 年 12 月 31 日", "Free: 加汤, until 2024-12-31"),
    ],
)  # fmt: skip
def test_the_words_come_from_the_structure(made, chinese, english, town, noon):
    day = noon.date()
    assert (offers.words(made, day), offers.words(made, day, english=True)) == (chinese, english)


# Arithmetic.


@pytest.mark.no_database
@pytest.mark.parametrize(
    "made, amount, keeps",
    [
        (offer(), 10000, 1200), (offer(), 1, 0), (offer(), 333, 39), (offer(), None, 0), (offer(least=2000), 1999, 0),
        (offer(least=2000), 2000, 240), (offer(MINUS, 500, least=3000), 3000, 500), (offer(MINUS, 500), 300, 300),
        (offer(MINUS, 500, least=3000), 2999, 0), (offer(MINUS, 500), None, 500), (offer(SET, 1200), 1800, 600),
        (offer(SET, 1200), 1000, 0), (offer(SET, 1200), None, 0), (offer(FREE, 0), 999, 0),
    ],
)  # fmt: skip
def test_what_is_saved_follows_from_it(made, amount, keeps):
    assert saved(made, amount) == keeps


# When it holds.


def hold(shop, at, **more):
    with writing():
        more = {"first_on": 20240101} | more
        return Offer.create(merchant=shop, kind=FREE, what="水", state="approved", asked_at=at, **more)


def test_it_holds_within_its_days_and_times_and_on_the_service_day(town, noon):
    shop = find_merchant("AX002")
    with writing():
        Offer.delete().where(Offer.merchant == shop).execute()
    always = hold(shop, noon)
    lunch, night = hold(shop, noon, times="11:00-13:00"), hold(shop, noon, times="22:00-2:00")
    over, early = hold(shop, noon, last_on=20240918), hold(shop, noon, first_on=20240920)
    last, monthly = hold(shop, noon, last_on=20240919), hold(shop, noon, service_day=True)

    def at(moment):
        return {one.id for one in live(shop.id, moment)}

    assert at(noon) == {always.id, lunch.id, last.id}
    assert at(noon + HOUR) == {always.id, last.id}
    assert at(noon + 11 * HOUR) == {always.id, last.id, night.id}
    assert at(noon + 13 * HOUR) == {always.id, night.id, early.id}
    assert at(noon - 7 * DAY) == {always.id, lunch.id, over.id, last.id, monthly.id}
    with writing():
        Setting.put("service_day", 19)
        Revision.bump()
    assert monthly.id in at(noon)


def test_many_shops_are_asked_in_one_statement(engine, town, noon):
    ids = [find_merchant(code).id for code in ("AX001", "AX002", "AX003")]
    with engine.statements() as told:
        found = list(standing(ids, noon.date()))
    assert len(told) == 1 and [one.merchant_id for one in found] == [ids[n] for n in (0, 0, 1, 1, 2)]


def test_what_a_shop_gives_is_asked_for_once(engine, town, noon):
    shop = find_merchant("AX001")
    shop_changes.add_break(shop, noon.date(), noon.date(), "11:00-15:00", "", by=town.kim, at=noon)
    giving(shop.id, noon)
    with engine.statements() as told:
        assert giving(shop.id, noon + HOUR / 60).offer
    assert [line for line in told if "offer" in line or "merchant" in line] == []


# What is typed.


@pytest.mark.parametrize(
    "typed, value",
    [("8.8", 880), ("８.８折", 880), ("88", 880), ("88%", 880), ("9", 900), ("8.85", 885), ("50", 500), ("1.5", 150)],
)
def test_a_share_is_read_however_it_is_written(typed, value, town, noon):
    assert offer_of(noon, value=typed)["value"] == value


@pytest.mark.parametrize(
    "field, fields",
    [
        ("kind", {"kind": "gift"}), ("kind", {"kind": ""}), ("value", {"value": ""}), ("value", {"value": "0.5"}),
        ("value", {"value": "15"}), ("value", {"value": "15%"}), ("value", {"kind": "set", "value": "99999", "what": "饭"}),
        ("value", {"kind": "minus", "value": "五元"}), ("value", {"kind": "set", "value": "0", "what": "饭"}),
        ("what", {"kind": "set", "value": "12", "what": ""}), ("what", {"what": "字" * 61}), ("what_en", {"what_en": "x" * 91}),
        ("what", {"kind": "free", "what": ""}), ("least", {"least": "很多"}),
        ("least", {"kind": "minus", "value": "50", "least": "30"}), ("times", {"times": "中午"}), ("times", {"times": "休"}),
        ("daily", {"daily": "0"}), ("daily", {"daily": "1.5"}), ("last_on", {"last_on": "2024-13-01"}),
        ("last_on", {"last_on": "2024-09-18"}), ("first_on", {"first_on": "2024-09-18"}),
        ("last_on", {"first_on": "2024-10-02", "last_on": "2024-10-01"}),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(field, fields, town, noon):
    _, wrong = offer_facts.check(OFFER | fields, noon.date())
    assert list(wrong) == [field]


# Changing.


def test_a_change_holds_when_somebody_has_looked_at_it(town, noon):
    shop = find_merchant("AX003")
    (former,) = live(shop.id, noon)
    first = offer_changes.ask(shop, offer_of(noon), by=town.kim, at=noon, client_id="a", replaces=former)
    assert offer_changes.ask(shop, offer_of(noon), by=town.kim, at=noon, client_id="a", replaces=former).id == first.id
    second = offer_changes.ask(shop, offer_of(noon, value="8.5"), by=town.kim, at=noon, replaces=former)
    assert [one.id for one in offer_changes.waiting(["999999101"])] == [second.id]
    assert [one.id for one in live(shop.id, noon)] == [former.id]
    assert refused(offer_changes.settle, first, "approve", by=town.olga, at=noon) == "moved"
    for _ in range(2):
        offer_changes.settle(second, "approve", by=town.olga, at=noon)
    assert [one.value for one in live(shop.id, noon)] == [850]
    assert refused(offer_changes.ask, shop, offer_of(noon), by=town.kim, at=noon, replaces=former) == "over"
    states = {one.id: one.state for one in Offer.select().where(Offer.merchant == shop)}
    assert states == {former.id: "ended", first.id: "ended", second.id: "approved"}


def changed(shop, former, noon, **fields) -> Offer:
    """The former offer with this changed, and somebody has looked at it."""
    asked = offer_changes.ask(shop, offer_of(noon, **fields), by=None, at=noon, replaces=former)
    return offer_changes.settle(asked, "approve", by=Person.get_by_id(1), at=noon)


def given_on(shop, noon, *days) -> list[list[int]]:
    return [[one.value for one in live(shop.id, noon + n * DAY)] for n in days]


def test_until_a_change_begins_the_former_holds(town, noon):
    shop = find_merchant("AX003")
    (former,) = live(shop.id, noon)
    changed(shop, former, noon, value="8", first_on="2024-09-22")
    assert given_on(shop, noon, 0, 2, 3, 9) == [[former.value], [former.value], [800], [800]]
    told = [line.what for line in joining.history(shop).rows]
    assert sum(line.startswith(f"offer {former.id} approved: ") and "9 月 21 日" in line for line in told) == 1


def test_a_limited_change_begins_tomorrow_so_that_no_portion_is_given_twice(town, noon):
    shop = find_merchant("AX003")
    (former,) = live(shop.id, noon)
    second = changed(shop, former, noon, value="8", daily="2")
    assert given_on(shop, noon, 0, 1, 9) == [[former.value], [800], [800]]
    third = changed(shop, second, noon, value="7", daily="9")  # before that one has begun
    assert given_on(shop, noon, 0, 1, 9) == [[former.value], [700], [700]] and third.first_on == 20240920
    changed(shop, third, noon + 2 * DAY, value="6")  # without a limit there is nothing to count
    assert [one.value for one in live(shop.id, noon + 2 * DAY)] == [600]


def test_a_change_that_is_to_come_is_changed_and_nothing_is_given_twice(town, noon):
    shop = find_merchant("AX003")
    (former,) = live(shop.id, noon)
    second = changed(shop, former, noon, value="8", first_on="2024-09-22")
    third = changed(shop, second, noon, value="7", first_on="2024-09-21")
    assert given_on(shop, noon, 0, 1, 2, 3) == [[former.value], [former.value], [700], [700]]
    changed(shop, former, noon, value="9", last_on="2024-09-20")  # once more the one that holds now
    assert given_on(shop, noon, 0, 1, 2, 3) == [[900], [900], [700], [700]]
    changed(shop, third, noon, value="6")
    assert given_on(shop, noon, 0, 1, 2, 3) == [[600]] * 4


def test_what_is_over_leaves_room_for_another(town, noon):
    shop = find_merchant("AX003")
    for n in range(11):
        changed(shop, live(shop.id, noon + n * DAY)[0], noon + n * DAY, first_on=str(noon.date() + (n + 1) * DAY))
    assert Offer.select().where(Offer.merchant == shop, Offer.state == "approved").count() == 12
    assert offer_changes.ask(shop, offer_of(noon + 20 * DAY), by=None, at=noon + 20 * DAY).is_asked


def test_saying_no_needs_words_and_ending_needs_nobody(town, noon):
    shop = find_merchant("AX001")
    asked = offer_changes.ask(shop, offer_of(noon), by=town.kim, at=noon)
    assert refused(offer_changes.settle, asked, "refuse", by=town.olga, at=noon) == "why"
    offer_changes.settle(asked, "refuse", by=town.olga, at=noon, why="和现有的一样")
    assert Offer.get_by_id(asked.id).why == "和现有的一样"
    for one in live(shop.id, noon):
        offer_changes.end(one, by=town.kim, at=noon)
        offer_changes.end(one, by=town.kim, at=noon)
    assert live(shop.id, noon) == []


def test_twelve_are_enough(town, noon):
    shop = find_merchant("AX003")
    for _ in range(11):
        offer_changes.ask(shop, offer_of(noon), by=town.kim, at=noon)
    assert refused(offer_changes.ask, shop, offer_of(noon), by=town.kim, at=noon) == "many"


def test_two_who_settle_at_once_one_wins(crowd, town, noon):
    asked = offer_changes.ask(find_merchant("AX001"), offer_of(noon), by=town.kim, at=noon)
    moves = ["approve", "refuse", "approve", "refuse"]
    told = crowd.do(
        _crowd.settle_offer_elsewhere, town.url, asked.id, town.olga.id, noon, each=[(move,) for move in moves]
    )
    now = Offer.get_by_id(asked.id).state
    lost = {"approved": "refuse", "refused": "approve"}[now]
    assert [word == "moved" for word in told] == [move == lost for move in moves]
