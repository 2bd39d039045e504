"""What an owner sees of the own shop: its months, the thank-you, the sheet beside the till, and the table to keep."""

import datetime as dt

import pytest

from models import redeeming, tallies, verifying
from models._database import writing
from models._trail import Trail
from models.card_code import parse
from models.people import Person, RoleGrant
from tests._engines import NOON
from tests._till import Holder, make_shop

DAY = dt.timedelta(days=1)


@pytest.fixture
def shop(town):
    """AX101 of Mo: one partner with a card for 30 yuan in August and one in September, and five cards looked at."""
    shop = make_shop("AX101", NOON, kind="minus", value=500)
    with writing():
        mo = Person.register(name="莫七", phone="13800000007", at=NOON)
        RoleGrant.create(person=mo, role="merchant", scope="AX101")
    rui = Holder(town.rui, NOON - 40 * DAY)
    for n, at in enumerate((NOON - 30 * DAY, NOON)):
        checked, given = verifying.check(parse(rui.code(at)), at), redeeming.giving(shop.merchant.id, at, amount=3000)
        assert redeeming.redeem(shop, checked, given, client_id=f"use {n}", now=at).reason == ""
    tallies.looked(shop, 5, client_id="look", now=NOON)
    return shop


@pytest.fixture
def owner(shop, new_phone):
    return new_phone().sign_in(Person.by_phone("13800000007"))


def test_the_month_is_told_by_day_and_by_offer(owner):
    page = owner.get("/shop/month").text
    assert "2024年9月" in page and ">6<" in page and ">5<" in page  # six partners, five yuan
    assert "month=202408" in page
    assert ">1<" in owner.get("/shop/month?month=202408").text
    for month in ("202410", "20249", "abcdef", "202413"):
        assert owner.get(f"/shop/month?month={month}").status_code == 404


def test_the_table_has_every_row_and_no_name(owner):
    answer = owner.post("/shop/month", {"month": "202409"})
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/csv" and "2024-09-19 12:00" in text and "30" in text
    assert "芮" not in text and "莫" not in text
    assert Trail.get(Trail.kind == "seen").what == "table of 202409"


def test_the_thank_you_counts_and_compares_nobody(owner):
    page = owner.get("/shop/thanks").text
    assert "本月您帮了 6 位伙伴" in page and "一共 7 位" in page


def test_the_sheet_says_colour_offer_and_what_to_say(owner):
    page = owner.get("/shop/sheet").text
    assert "今天的颜色" in page and "减 5" in page and "不是您的错" in page


def test_another_owner_sees_nothing_of_it(shop, new_phone, town):
    make_shop("AX102", NOON)
    with writing():
        other = Person.register(name="欧八", phone="13800000008", at=NOON)
        RoleGrant.create(person=other, role="merchant", scope="AX102")
    theirs = new_phone().sign_in(other)
    for path in ("/shop/month", "/shop/thanks", "/shop/sheet"):
        assert theirs.get(path + "?shop=AX101").status_code == 404
        assert "AX101" not in theirs.get(path).text
    assert theirs.post("/shop/month", {"shop": "AX101", "month": "202409"}).status_code == 404
