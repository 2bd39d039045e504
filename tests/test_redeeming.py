"""Redemptions without the web: a card counts once, whoever asks and how often; and says why when it does not."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from peewee import fn

from models import card_code, card_keys, taking_back, tallies, verifying
from models._database import db, writing
from models._record import Refused, random_code
from models.areas import Revision
from models.caps import Caps, Use, too_far, too_often
from models.card_clock import Clock, judge, step_of
from models.card_code import parse
from models.cards import Card
from models.merchants import MerchantBreak
from models.offers import Offer
from models.people import Person
from models.redeeming import giving, redeem
from models.redemptions import FAR, Redemption, RedemptionDay, RedemptionMonth, Refusal
from tests import _crowd
from tests._engines import NOON
from tests._till import Holder, make_shop

SECOND, MINUTE, HOUR, DAY = (dt.timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
CAPS = Caps(gap_seconds=60, shop_minutes=30, daily=8, first_day=2, print_daily=2, speed=60)


@pytest.fixture
def at_the_till(town):
    """Rui's phone with the card, and the mutton soup's till."""
    return SimpleNamespace(phone=Holder(town.rui, NOON), shop=make_shop("AX101", NOON), town=town)


def scan(shop, text: str, at: dt.datetime, *, client_id: str = "", amount: int | None = None, offer: int = 0):
    """What the till does with what was scanned."""
    given = giving(shop.merchant.id, at, offer=offer, amount=amount)
    return redeem(shop, verifying.check(parse(text), at), given, client_id=client_id or random_code(), now=at)


def type_in(shop, last4: str, digits: str, at: dt.datetime):
    checked = verifying.check_typed(last4, digits, shop.merchant.id, at)
    return redeem(shop, checked, giving(shop.merchant.id, at), client_id=random_code(), now=at)


def totals():
    """What is kept beside the rows."""
    sums = {
        tuple(int(n or 0) for n in record.select(fn.SUM(counted), fn.SUM(record.saved)).tuples().get())
        for record, counted in (
            (Redemption, Redemption.n),
            (RedemptionDay, RedemptionDay.n),
            (RedemptionMonth, RedemptionMonth.n),
            (Card, Card.uses),
        )
    }
    assert len(sums) == 1
    return sums.pop()


def test_a_card_is_taken_once_and_all_totals_know_it(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    answer = scan(shop, phone.code(NOON), NOON, amount=3000)
    assert answer.reason == ""
    row = Redemption.get_by_id(answer.id)
    assert (row.person, row.card, row.n, row.amount, row.saved) == (phone.person.id, phone.card.id, 1, 3000, 360)
    assert totals() == (1, 360)


def test_the_same_press_again_is_the_same_answer(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    first = scan(shop, phone.code(NOON), NOON, client_id="one")
    later = scan(shop, phone.code(NOON), NOON + 5 * MINUTE, client_id="one")
    assert (later.id, later.reason, later.again) == (first.id, "", True) and totals()[0] == 1


def test_a_refusal_again_is_the_same_refusal(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    first = scan(shop, phone.code(NOON - HOUR), NOON, client_id="one")
    assert first.reason == "stale"
    again = scan(shop, phone.code(NOON), NOON, client_id="one")
    assert (again.id, again.reason) == (first.id, "stale") and Refusal.select().count() == 1 and totals()[0] == 0


def test_an_id_of_another_shop_is_refused(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    scan(shop, phone.code(NOON), NOON, client_id="one")
    with pytest.raises(Refused, match="other"):
        scan(other, phone.code(NOON + HOUR), NOON + HOUR, client_id="one")


def test_a_code_is_taken_at_one_shop_only(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    code = phone.code(NOON)
    scan(shop, code, NOON)
    assert scan(shop, code, NOON + SECOND).reason == "used-here"
    assert scan(other, code, NOON + 2 * SECOND).reason == "used"
    assert totals()[0] == 1 and Refusal.select().count() == 2


def test_a_code_older_than_the_one_taken_is_dead(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    scan(shop, phone.code(NOON), NOON)
    assert scan(other, phone.code(NOON - 30 * SECOND), NOON + SECOND).reason == "stale"


def test_a_code_that_was_looked_at_before_a_newer_one_was_taken_is_dead(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    looked_at = verifying.check(parse(phone.code(NOON)), NOON)
    soon, later = NOON + 30 * SECOND, NOON + 95 * SECOND
    assert looked_at.reason == "" and scan(shop, phone.code(soon), soon).reason == ""
    answer = redeem(other, looked_at, giving(other.merchant.id, later), client_id="slow", now=later)
    assert answer.reason == "used" and totals()[0] == 1


@pytest.mark.parametrize("late, reason", [(0, ""), (30, ""), (60, "stale"), (90, "stale"), (3600, "stale")])
def test_a_screenshot_lives_a_minute_at_most(at_the_till, late, reason):
    phone, shop = at_the_till.phone, at_the_till.shop
    card_keys.CardKey.update(seen_at=NOON).execute()
    assert scan(shop, phone.code(NOON), NOON + late * SECOND).reason == reason


def test_a_phone_that_was_not_in_touch_has_half_a_minute_more(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    later = NOON + 2 * DAY
    assert scan(shop, phone.code(later), later + 60 * SECOND).reason == ""


def test_a_clock_that_is_ahead_is_learned_by_two_codes(at_the_till):
    shop, phone = at_the_till.shop, Holder(at_the_till.town.ray, NOON, ahead=5 * MINUTE)
    assert scan(shop, phone.code(NOON), NOON).reason == "ahead"
    assert scan(shop, phone.code(NOON), NOON + SECOND).reason == "ahead"  # the same one teaches nothing
    assert scan(shop, phone.code(NOON + 30 * SECOND), NOON + 30 * SECOND).reason == ""
    tomorrow = NOON + DAY
    assert scan(shop, phone.code(tomorrow), tomorrow).reason == ""


def test_a_film_played_later_is_never_good(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    for second in range(0, 300, 30):
        shown, now = NOON + second * SECOND, NOON + (second + 480) * SECOND
        assert scan(shop, phone.code(shown), now).reason == "stale"


@pytest.mark.no_database
@pytest.mark.parametrize("minutes", range(-20, 21))
def test_the_table_of_clocks(minutes):
    """security.md §2.4: behind is stale, up to ten minutes ahead is asked for one more, beyond that it is stale."""
    now, step = 1_000_000, 1_000_000 + 2 * minutes
    word = judge(step, now, Clock()).word
    assert word == ("ok" if minutes == 0 else "ahead" if 0 < minutes <= 10 else "stale")


def test_who_knows_no_key_makes_no_code(at_the_till):
    shop = at_the_till.shop
    step = step_of(NOON)
    made = card_code.payload(b"\0" * 32, at_the_till.phone.key.code, step)
    unknown = card_code.payload(b"\0" * 32, "ZZZZZZZZ", step)
    assert [scan(shop, text, NOON).reason for text in (made, unknown)] == ["bad", "bad"]
    noted = Refusal.select(Refusal.person, Refusal.card, Refusal.reason).tuples()
    assert set(noted) == {(None, None, "bad")}  # an unknown card and a wrong tag look the same


@pytest.mark.parametrize("kind", ["card", "print"])
def test_an_unknown_card_is_as_much_work_as_a_wrong_tag(at_the_till, monkeypatch, kind):
    key, done = at_the_till.phone.key, []
    if kind == "print":
        key = card_keys.print_card(at_the_till.phone.card, by=at_the_till.town.kim, at=NOON)
    for step in ("_hkdf", "_mac", "_print_tag"):
        real = getattr(card_code, step)
        monkeypatch.setattr(card_code, step, lambda *told, real=real, step=step: done.append(step) or real(*told))
    work = []
    for code in (key.code, "ZZZZZZZZ"):
        done.clear()
        assert verifying.check(card_code.Scanned(kind, code, step_of(NOON), b"\0" * 10), NOON).reason == "bad"
        work.append(list(done))
    assert work[0] == work[1] == ["_hkdf", "_mac" if kind == "card" else "_print_tag"]


@pytest.mark.parametrize(
    "text",
    [
        "SF1234567890123",
        "281234567890123456",
        "https://u.example.com/pay?x=C1",
        "",
        "\0",
        "C1",
        "https://a.cn/c#",
        "１" * 32,
    ],
)
def test_what_is_no_card_says_so_calmly(at_the_till, text):
    assert scan(at_the_till.shop, text, NOON).reason == "not-card"


def test_a_used_card_rests_a_minute_and_half_an_hour_here(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    scan(shop, phone.code(NOON), NOON)
    soon = NOON + 59 * SECOND
    assert scan(other, phone.code(soon), soon).reason == "gap"
    later = NOON + 29 * MINUTE
    here = scan(shop, phone.code(later), later)
    assert (here.reason, here.before) == ("shop", NOON)
    assert scan(other, phone.code(later), later).reason == ""
    assert scan(shop, phone.code(NOON + 31 * MINUTE), NOON + 31 * MINUTE).reason == ""


@pytest.mark.no_database
def test_how_often_a_card_is_used():
    def uses(n, printed=False):
        return [Use(9, NOON - HOUR - MINUTE * i, printed) for i in range(n)]

    assert too_often(uses(7), 1, NOON, CAPS) == ""
    assert too_often(uses(8), 1, NOON, CAPS) == "daily"
    assert too_often([Use(9, NOON - DAY)] * 8, 1, NOON, CAPS) == ""
    assert too_often(uses(2, printed=True), 1, NOON, CAPS, printed=True) == "print-daily"
    assert too_often(uses(2, printed=True), 1, NOON, CAPS) == ""
    assert too_often(uses(2), 1, NOON, CAPS, new_since=NOON - 2 * HOUR) == "first-day"
    assert too_often(uses(2), 1, NOON, CAPS, new_since=NOON - MINUTE) == ""
    assert too_often(uses(2), 1, NOON, CAPS, new_since=NOON - DAY) == ""


def test_two_shops_too_far_apart_are_taken_and_looked_at(at_the_till):
    phone, shop, far = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON, north=0.09)  # ten kilometres
    scan(shop, phone.code(NOON), NOON)
    soon = NOON + 5 * MINUTE
    answer = scan(far, phone.code(soon), soon)
    assert answer.reason == "" and Redemption.get_by_id(answer.id).flag == FAR


@pytest.mark.no_database
def test_how_far_is_too_far():
    where = {1: (30.5, 110.5), 2: (30.59, 110.5)}
    assert too_far([Use(2, NOON - 9 * MINUTE)], where, 1, NOON, CAPS)
    assert not too_far([Use(2, NOON - 11 * MINUTE)], where, 1, NOON, CAPS)
    assert not too_far([Use(1, NOON - SECOND)], where, 1, NOON, CAPS)


@pytest.mark.parametrize("state", ["waiting", "lost", "stopped", "expired"])
def test_a_card_that_is_not_in_use_says_which(at_the_till, state):
    Card.update(state=state).execute()
    phone = at_the_till.phone
    answer = scan(at_the_till.shop, phone.code(NOON), NOON)
    assert answer.reason == state
    assert Refusal.get().person == phone.person.id


def test_a_card_that_ran_out_this_morning_has_run_out(at_the_till):
    Card.update(valid_to=20240918).execute()
    assert scan(at_the_till.shop, at_the_till.phone.code(NOON), NOON).reason == "expired"


def test_the_former_phone_shows_nothing_any_more(at_the_till):
    former, shop = at_the_till.phone, at_the_till.shop
    now = Holder(at_the_till.town.rui, NOON)
    assert scan(shop, former.code(NOON), NOON).reason == "ended"
    assert scan(shop, now.code(NOON), NOON).reason == ""


def test_a_new_phone_is_used_twice_on_its_first_day(at_the_till):
    Holder(at_the_till.town.rui, NOON - HOUR)
    phone = Holder(at_the_till.town.rui, NOON)
    shops = [make_shop(f"AX20{n}", NOON) for n in range(3)]
    said = []
    for n, shop in enumerate(shops):
        now = NOON + 2 * n * MINUTE
        said.append(scan(shop, phone.code(now), now).reason)
    assert said == ["", "", "first-day"]


def test_a_printed_card_is_taken_twice_a_day(at_the_till):
    town = at_the_till.town
    card = at_the_till.phone.card
    text = card_keys.printed(card_keys.print_card(card, by=town.kim, at=NOON))
    said = []
    for n in range(3):
        now = NOON + 2 * n * MINUTE
        said.append(scan(make_shop(f"AX20{n}", NOON), text, now).reason)
    assert said == ["", "", "print-daily"]


def test_an_older_print_says_that_a_newer_one_holds(at_the_till):
    town, card = at_the_till.town, at_the_till.phone.card
    old, new = (card_keys.printed(card_keys.print_card(card, by=town.kim, at=NOON)) for _ in range(2))
    assert [scan(at_the_till.shop, text, NOON).reason for text in (old, new)] == ["reprinted", ""]


# Typed.


def test_the_typed_number_is_as_good(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    assert type_in(shop, "0001", phone.digits(NOON), NOON).reason == ""
    later = NOON + 20 * SECOND
    assert type_in(shop, "0001", phone.digits(NOON), later).reason == "used-here"
    assert totals()[0] == 1


def test_five_wrong_numbers_lock_typing_for_an_hour(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    wrong = f"{(int(phone.digits(NOON)) + 1) % 1_000_000:06}"
    said = [type_in(shop, "0001", wrong, NOON + n * SECOND).reason for n in range(6)]
    assert said == ["typed-wrong"] * 5 + ["typed-locked"]
    soon = NOON + MINUTE
    assert type_in(other, "0001", phone.digits(soon), soon).reason == "typed-locked"  # these four, wherever
    assert type_in(shop, "0002", phone.digits(soon), soon).reason == "typed-locked"  # this shop, whoever
    assert scan(shop, phone.code(soon), soon).reason == ""  # scanning is as ever
    later = NOON + HOUR + MINUTE
    assert type_in(other, "0001", phone.digits(later), later).reason == ""


def test_nobodys_digits_are_wrong_ones(at_the_till):
    assert type_in(at_the_till.shop, "9999", "123456", NOON).reason == "typed-wrong"


# What the shop gives.


def test_the_last_portion_is_given_once(at_the_till):
    shop = make_shop("AX102", NOON, daily=1)
    ray = Holder(at_the_till.town.ray, NOON)
    assert scan(shop, at_the_till.phone.code(NOON), NOON).reason == ""
    assert scan(shop, ray.code(NOON), NOON + SECOND).reason == "sold-out"
    tomorrow = NOON + DAY
    assert scan(shop, ray.code(tomorrow), tomorrow).reason == ""


def another_offer(shop, **more) -> Offer:
    told = {"kind": "minus", "value": 500, "state": "approved", "first_on": 20200101, "asked_at": NOON}
    with writing():
        offer = Offer.create(merchant=shop.merchant, **told | more)
        Revision.bump()
    return offer


def test_when_the_first_offer_is_used_up_the_next_one_is_given(at_the_till):
    shop, people = make_shop("AX102", NOON, daily=1), at_the_till.town
    soup = another_offer(shop, daily=1)
    another_offer(shop, times="6:00-9:00")
    codes = [Holder(person, NOON).code(NOON) for person in (people.rui, people.ray, people.kim)]
    said = [scan(shop, code, NOON, client_id=f"press-{n}") for n, code in enumerate(codes)]
    assert [answer.reason for answer in said] == ["", "", "sold-out"]
    assert (said[1].offer.id, said[1].saved) == (soup.id, 500) and totals() == (2, 500)
    again = scan(shop, codes[1], NOON, client_id="press-1")
    assert (again.id, again.again) == (said[1].id, True)


def test_who_chooses_one_offer_is_given_no_other(at_the_till):
    shop = make_shop("AX102", NOON)
    full = another_offer(shop, daily=0)
    answer = scan(shop, at_the_till.phone.code(NOON), NOON)
    with pytest.raises(Refused, match="sold-out"):
        taking_back.instead(shop, answer.id, full.id, None, client_id="again", now=NOON)
    assert totals() == (1, 0)


def test_a_shop_that_rests_or_has_no_offer_says_so(at_the_till):
    phone = at_the_till.phone
    assert giving(make_shop("AX102", NOON, times="6:00-9:00").merchant.id, NOON).reason == "later"
    assert giving(make_shop("AX103", NOON, service_day=True).merchant.id, NOON).reason == "service-day"
    assert giving(make_shop("AX104", NOON, least=2000).merchant.id, NOON, amount=1999).reason == "least"
    assert giving(make_shop("AX105", NOON, first_on=20250101).merchant.id, NOON).reason == "no-offer"
    resting = make_shop("AX106", NOON)
    with writing():
        MerchantBreak.create(merchant=resting.merchant, first_on=20240919, last_on=20240919, made_at=NOON)
    assert giving(resting.merchant.id, NOON).reason == "paused"
    assert scan(resting, phone.code(NOON), NOON).reason == "paused"


# Taking back.


def test_a_use_is_taken_back_within_a_minute(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    answer = scan(shop, phone.code(NOON), NOON, amount=1000)
    assert taking_back.undo(shop, answer.id, now=NOON + 59 * SECOND) == answer.id
    assert taking_back.undo(shop, answer.id, now=NOON + 59 * SECOND) == answer.id  # twice is once
    assert totals() == (0, 0) and Redemption.select().count() == 2
    soon = NOON + 60 * SECOND
    assert scan(shop, phone.code(soon), soon).reason == ""  # what was taken back does not stand in the way


def test_a_code_whose_use_was_taken_back_says_so(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    answer = scan(shop, phone.code(NOON), NOON)
    soup = another_offer(shop)
    new = taking_back.instead(shop, answer.id, soup.id, None, client_id="again", now=NOON)
    assert scan(shop, phone.code(NOON), NOON).reason == "used-here"  # another offer, but it counts
    taking_back.undo(shop, new, now=NOON)
    assert [scan(at, phone.code(NOON), NOON).reason for at in (shop, other)] == ["taken-back"] * 2


def test_all_rows_are_asked_for_in_one_order(at_the_till, monkeypatch):
    """Days by offer, the card, the month: else somebody who redeems and somebody who changes wait for each other."""
    shop = at_the_till.shop
    soup, first = another_offer(shop), Offer.get(Offer.merchant == shop.merchant)
    id = scan(shop, at_the_till.phone.code(NOON), NOON).id
    id = taking_back.instead(shop, id, soup.id, None, client_id="one", now=NOON)
    asked, really = [], db.obj.execute_sql

    def listen(text, *told):
        asked.extend(
            (row, *told[0][2:3])
            for row in re.findall(r"(?:INTO|UPDATE) (redemption_day|card|redemption_month)\b", text)
        )
        return really(text, *told)

    monkeypatch.setattr(db.obj, "execute_sql", listen)
    taking_back.instead(shop, id, first.id, 3000, client_id="two", now=NOON)
    assert asked[:2] == [("redemption_day", first.id), ("redemption_day", soup.id)]
    rows = list(dict.fromkeys(row for row, _ in asked))
    assert rows == ["redemption_day", "card", "redemption_month"]


def test_it_is_not_taken_back_later_nor_by_others(at_the_till):
    phone, shop, other = at_the_till.phone, at_the_till.shop, make_shop("AX102", NOON)
    answer = scan(shop, phone.code(NOON), NOON)
    for who, when, code in ((other, NOON, "gone"), (shop, NOON + 61 * SECOND, "late")):
        with pytest.raises(Refused, match=code):
            taking_back.undo(who, answer.id, now=when)
    assert totals()[0] == 1


def test_another_offer_is_chosen_within_a_minute(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    answer = scan(shop, phone.code(NOON), NOON)
    soup = another_offer(shop)
    for _ in range(2):
        new = taking_back.instead(shop, answer.id, soup.id, 3000, client_id="again", now=NOON + SECOND)
    row = Redemption.get_by_id(new)
    assert (row.offer, row.saved) == (soup.id, 500) and totals() == (1, 500)
    with pytest.raises(Refused, match="gone"):
        taking_back.instead(shop, answer.id, soup.id, 100, client_id="third", now=NOON + SECOND)


# Later, from a shop without network.


def test_a_scan_without_network_counts_when_it_comes(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    now = NOON + 3 * HOUR
    scan(shop, phone.code(NOON + 2 * HOUR), NOON + 2 * HOUR)  # a later code was taken meanwhile
    checked = verifying.check(parse(phone.code(NOON)), now, at=NOON)
    answer = redeem(shop, checked, giving(shop.merchant.id, NOON), client_id="late", now=now, at=NOON)
    row = Redemption.get_by_id(answer.id)
    assert (answer.reason, row.at, row.lag) == ("", NOON, 3 * 3600)
    again = redeem(shop, checked, giving(shop.merchant.id, NOON), client_id="other", now=now, at=NOON)
    assert again.reason == "used-here"


def test_a_time_that_does_not_fit_the_code_is_refused(at_the_till):
    phone, shop = at_the_till.phone, at_the_till.shop
    checked = verifying.check(parse(phone.code(NOON)), NOON + 3 * HOUR, at=NOON + 11 * MINUTE)
    assert redeem(shop, checked, giving(shop.merchant.id, NOON), client_id="late", now=NOON).reason == "claim"


# Two at once.


def test_one_code_at_four_shops_at_once_is_taken_by_one(at_the_till, crowd):
    shops = [make_shop(f"AX20{n}", NOON) for n in range(4)]
    each = [(shop.merchant.id, at_the_till.phone.code(NOON), NOON) for shop in shops]
    said = crowd.do(_crowd.redeem_elsewhere, at_the_till.town.url, each=each)
    assert sorted(said) == ["", "used", "used", "used"] and totals()[0] == 1


def test_of_four_partners_at_once_one_gets_the_last_portion(town, crowd):
    shop = make_shop("AX102", NOON, daily=1)
    with writing():
        people = [Person.register(name="某人", phone=f"1390000001{n}", at=NOON) for n in range(4)]
    codes = [Holder(person, NOON).code(NOON) for person in people]
    said = crowd.do(_crowd.redeem_elsewhere, town.url, each=[(shop.merchant.id, code, NOON) for code in codes])
    assert sorted(said) == ["", "sold-out", "sold-out", "sold-out"] and totals()[0] == 1


def test_what_comes_late_is_counted_with_what_came_after_it(at_the_till):
    """A photo of a printed card, and a shop that was without network all day: uploaded last first."""
    town = at_the_till.town
    text = card_keys.printed(card_keys.print_card(at_the_till.phone.card, by=town.kim, at=NOON - DAY))
    evening, said = NOON + 6 * HOUR, []
    for hours in (4, 2, 0, -2):
        at, shop = NOON + hours * HOUR, make_shop(f"AX2{hours + 10:02}", NOON)
        checked = verifying.check(parse(text), evening, at=at)
        answer = redeem(shop, checked, giving(shop.merchant.id, at), client_id=f"at {hours}", now=evening, at=at)
        said.append(answer.reason)
    assert said == ["", "", "print-daily", "print-daily"]


def test_fewer_looks_are_taken_from_the_offers_that_they_were_counted_for(at_the_till):
    """Nobody gets another portion because the till was put right after the first offer had ended."""
    shop = make_shop("AX301", NOON, daily=3)
    second = another_offer(shop, daily=3)
    first = Offer.get(Offer.merchant == shop.merchant.id, Offer.id != second.id)
    tallies.looked(shop, 5, client_id="five", now=NOON)
    with writing():
        Offer.update(state="ended").where(Offer.id == first.id).execute()
        Revision.bump()
    tallies.looked(shop, 2, client_id="two", now=NOON)
    assert tallies.put_right(shop, 7, 1, now=NOON)
    assert tallies.used_today(shop.merchant.id, NOON) == {first.id: 0, second.id: 1}
    assert tallies.looks_of(shop.merchant.id, NOON) == 1
    assert tallies.put_right(shop, 1, 3, now=NOON)
    assert tallies.used_today(shop.merchant.id, NOON) == {first.id: 0, second.id: 3}
