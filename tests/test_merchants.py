"""A shop takes part: somebody applies, the district looks, each year once more, it pauses, and one day it leaves."""

import datetime as dt

import pytest

from models import credit_code, invitations, joining, redeeming, shop_changes, shop_facts, shop_finding, shop_hours
from models._database import writing
from models._record import Refused
from models.areas import district
from models.hours_text import parse
from models.invitations import Invitation
from models.merchants import HoursWish, Merchant, MerchantBreak, find_merchant
from models.offers import Offer, standing
from models.people import Person, RoleGrant
from models.stations import Station
from tests import _crowd
from tests._shops import SHOP, applied, live

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def refused(act, *args, **more) -> str:
    with pytest.raises(Refused) as no:
        act(*args, **more)
    return no.value.code


def past(merchant) -> list[str]:
    return [line.what for line in joining.history(merchant).rows][::-1]


def owners(merchant, at) -> list[str]:
    return [person.name for person in joining.owners(merchant, at=at)]


# The code of a business (GB 32100-2015, domain.md §2.3).


@pytest.mark.no_database
@pytest.mark.parametrize(
    "code",
    ["91350100M000100Y43", "91370812MA00DEM14U", "91370812MA00DEM22N", "92370812MA00DEM30E", "12370812MA00DEM49K",
     "52370812MA00DEM57A", "93370812MA00DEM65X"],
)  # fmt: skip
def test_a_right_code_is_right_however_it_is_typed(code):
    assert credit_code.mistake(code) is None and not credit_code.is_odd(code)
    typed = "".join(chr(ord(c) + 0xFEE0) for c in code[:9]).lower() + " " + code[9:].lower()
    assert credit_code.plain(typed) == code


@pytest.mark.no_database
@pytest.mark.parametrize(
    "code, why",
    [
        ("91350100M000100Y42", "check"),
        ("91350100M000100Y4Z", "letters"),
        ("9I350100M000100Y43", "letters"),
        ("370812600001234", "old"),
        ("91350100M000100Y4", "length"),
        ("91A50100M000100Y43", "form"),
        ("91350100M000100Y4é", "form"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(code, why):
    assert credit_code.mistake(code).code == why


@pytest.mark.no_database
def test_what_was_meant_is_said_and_the_inner_check_stops_nobody():
    assert credit_code.mistake("9I35O1OOMOOO1OOY43").inside == {"meant": "91350100M000100Y43"}
    odd = "91350100M000100Z"[:15] + "Y5"
    odd += credit_code.check_character(odd)
    assert credit_code.mistake(odd) is None and credit_code.is_odd(odd)


# Applying.


@pytest.mark.parametrize(
    "field, text",
    [
        ("name", ""), ("name", "字" * 61), ("category", "NONE"), ("town", "1"), ("address", ""), ("hours", "早到晚"),
        ("hours", ""), ("contact", ""), ("contact_phone", "12345"), ("phone", "x1"), ("uscc", "91350100M000100Y42"),
        ("position", "here"), ("position", "31.5, 110.5"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_has_its_sentence(field, text, town):
    _, wrong = shop_facts.check(SHOP | {"source": "gps" if field == "position" else "", field: text})
    assert list(wrong) == [field]


def test_what_was_typed_is_kept_clean(town):
    typed = {"name": " 新\u3000面馆 ", "uscc": "９１350100M000100Y43", "position": "110.501,30.502"}
    facts, wrong = shop_facts.check(SHOP | typed | {"source": "amap_pick"})
    assert not wrong and facts["name"] == "新 面馆" and facts["uscc"] == "91350100M000100Y43"
    assert facts["hours"] == "一至日 8:00-20:00" and facts["phone"] == facts["contact_phone"] == "13800000031"
    assert facts["coord_src"] == "amap_pick" and abs(facts["lat"] - 30.502) < 0.01
    nowhere, _ = shop_facts.check(SHOP | {"public": ""})
    middle = district().town["999999001"]
    assert (nowhere["lat"], nowhere["lng"], nowhere["coord_src"], nowhere["phone"]) == (middle.lat, middle.lng, "", "")


def test_an_application_is_in_no_list_and_the_same_form_is_the_same_one(town, noon):
    made = applied(noon, client_id="x")
    assert applied(noon, client_id="x").id == made.id
    assert (made.state, made.code, made.contact_phone) == ("applied", None, "13800000031")
    assert made.id not in Merchant.listed_ids() and Merchant.count_listed() == 3
    assert Offer.get(Offer.merchant == made).state == "asked" and not live(made.id, noon)
    assert list(joining.found(["999999001"], state="applied")) == [made]
    assert list(joining.found(["999999101"], state="applied")) == []
    assert past(made)[0] == "applied: 新面馆"


# Looking.


def test_it_is_taken_in_with_a_code_and_its_offer(town, noon):
    made = applied(noon, by=town.rui)
    joined = joining.approve(made, by=town.olga, at=noon)
    assert (joined.merchant.code, joined.token) == ("AX004", "")
    assert owners(joined.merchant, noon) == ["芮一"]
    assert [offer.state for offer in live(made.id, noon)] == ["approved"]
    assert find_merchant("ax004").id == made.id and made.id in Merchant.listed_ids()
    assert joining.approve(made, by=town.olga, at=noon).merchant.code == "AX004"
    assert sum("approved: 新面馆" in line for line in past(joined.merchant)) == 1


def test_the_owner_is_found_by_the_number_or_gets_a_link(town, noon):
    known = joining.approve(applied(noon, contact_phone="13800000002"), by=town.olga, at=noon)
    assert (known.token, owners(known.merchant, noon)) == ("", ["雷二"])
    new = joining.approve(applied(noon, name="又一家"), by=town.olga, at=noon)
    assert owners(new.merchant, noon) == [] and new.merchant.code == "AX005"
    town.ray.session_id = None
    invitations.accept(Invitation.of(new.token), by=town.ray, at=noon + HOUR)
    assert owners(new.merchant, noon + HOUR) == ["雷二"]


def test_nobody_takes_the_own_shop_in(town, noon):
    made = applied(noon, by=town.olga)
    assert refused(joining.approve, made, by=town.olga, at=noon) == "self"
    assert Merchant.get_by_id(made.id).state == "applied" and Merchant.get_by_id(made.id).code is None


def test_codes_go_on_behind_the_highest(town, noon):
    with writing():
        Merchant.update(code="AX1000").where(Merchant.code == "AX002").execute()
    assert joining.approve(applied(noon), by=town.olga, at=noon).merchant.code == "AX1001"


def test_asking_back_answering_and_saying_why_not(town, noon):
    made = applied(noon)
    assert refused(joining.move, made, "ask", " ", by=town.olga, at=noon) == "why"
    joining.move(made, "ask", "门头照片有吗？", by=town.olga, at=noon)
    assert Merchant.get_by_id(made.id).why == "门头照片有吗？"
    joining.move(made, "answer", "有的", by=None, at=noon)
    assert Merchant.get_by_id(made.id).state == "applied"
    joining.move(made, "refuse", "名额满了，明年请再来", by=town.olga, at=noon)
    joining.move(made, "refuse", "名额满了，明年请再来", by=town.olga, at=noon)
    assert refused(joining.approve, made, by=town.olga, at=noon) == "moved"
    assert refused(joining.move, made, "answer", "？", by=None, at=noon) == "moved"
    assert past(made)[2:] == ["asked: 门头照片有吗？", "applied: 有的", "refused: 名额满了，明年请再来"]


def test_two_officers_at_once_give_one_code(crowd, town, noon):
    made = applied(noon)
    told = crowd.do(_crowd.approve_shop_elsewhere, town.url, town.olga.id, noon, made.id)
    assert len(told) == _crowd.SIZE and Merchant.get_by_id(made.id).code == "AX004"
    assert Invitation.select().where(Invitation.role == "merchant").count() == 1
    assert sum(line.startswith("approved") for line in past(Merchant.get_by_id(made.id))) == 1


def test_two_shops_at_once_get_two_codes(crowd, town, noon):
    made = [(applied(noon, name=f"店{n}").id,) for n in range(_crowd.SIZE)]
    crowd.do(_crowd.approve_shop_elsewhere, town.url, town.olga.id, noon, each=made)
    codes = {Merchant.get_by_id(id).code for (id,) in made}
    assert codes == {f"AX{n:03}" for n in range(4, 4 + _crowd.SIZE)}


def test_the_yearly_look_is_due_after_a_year(town, noon):
    shop = find_merchant("AX001")
    assert not list(joining.due(None, noon + 365 * DAY))
    later = noon + 366 * DAY
    assert [one.code for one in joining.due(None, later)] == ["AX001", "AX002", "AX003"]
    assert [one.code for one in joining.due(["999999101"], later)] == ["AX003"]
    joining.review(shop, by=town.olga, at=later)
    joining.review(shop, by=town.olga, at=later)
    assert [one.code for one in joining.due(None, later)] == ["AX002", "AX003"]
    assert past(shop) == ["looked at"]


def test_whoever_leaves_is_gone_from_lists_and_counts_at_once(town, noon):
    shop = find_merchant("AX001")
    assert refused(joining.move, shop, "leave", "", by=town.olga, at=noon) == "why"
    joining.move(shop, "leave", "搬家", by=town.olga, at=noon)
    assert shop.id not in Merchant.listed_ids() and Merchant.count_listed() == 2
    assert shop.id not in shop_finding.fitting(shop_hours.minute(noon))
    assert find_merchant("AX001").state == "left" and find_merchant("AX001").left_at is not None
    assert [one.code for one in joining.found(None, state="left")] == ["AX001"]
    assert refused(joining.review, shop, by=town.olga, at=noon) == "moved"
    joining.move(shop, "return", by=town.olga, at=noon)
    assert Merchant.count_listed() == 3 and find_merchant("AX001").left_at is None


# When it is open.


def test_a_pause_is_seen_at_once_and_ends_by_itself(town, noon):
    shop = find_merchant("AX001")
    assert shop.id in shop_hours.minute(noon).open and len(live(shop.id, noon)) == 2
    shop_changes.pause(shop, by=town.kim, at=noon)
    shop_changes.pause(shop, by=town.kim, at=noon)
    now = shop_hours.minute(noon)
    assert shop.id not in now.open and shop.id in now.paused and now.state(shop).kind == "later"
    assert live(shop.id, noon) == [] and MerchantBreak.select().count() == 1
    tomorrow = noon + DAY
    assert shop.id in shop_hours.minute(tomorrow).open and len(live(shop.id, tomorrow)) == 2
    shop_changes.resume(shop, by=town.kim, at=noon)
    shop_changes.resume(shop, by=town.kim, at=noon)
    assert shop.id in shop_hours.minute(noon).open and len(live(shop.id, noon)) == 2
    assert past(shop) == ["paused 2024-09-19", "open again 2024-09-19"]


def test_over_midnight_a_shop_is_open_still(town, noon):
    shop = find_merchant("AX003")
    night = noon + 12 * HOUR + 30 * dt.timedelta(minutes=1)
    assert shop.id in shop_hours.minute(night).open and shop.id not in shop_hours.minute(night + HOUR).open


def seen(shop, at) -> tuple[bool, bool, bool]:
    """Is it open, paused, and does it give something at this moment? Lists, the owner and the till say the same."""
    now = shop_hours.minute(at)
    assert (shop_hours.paused(shop, at) is not None) is (shop.id in now.paused)
    assert (redeeming.giving(shop.id, at).reason == "paused") is (shop.id in now.paused)
    return shop.id in now.open, shop.id in now.paused, bool(live(shop.id, at))


@pytest.mark.parametrize("pressed", [7 * HOUR, 12 * HOUR + HOUR / 2])
def test_a_pause_is_about_the_evening_that_goes_on_over_midnight(pressed, town, noon):
    """AX003 is open from 17:00 to 1:00; somebody pauses it at 19:00, or at 0:30."""
    shop, night, evening = find_merchant("AX003"), noon + 12 * HOUR + HOUR / 2, noon + DAY + 7 * HOUR
    assert seen(shop, noon + pressed) == (True, False, True)
    for _ in range(2):
        shop_changes.pause(shop, by=town.kim, at=noon + pressed)
    assert seen(shop, noon + pressed) == seen(shop, night) == (False, True, False)
    assert seen(shop, noon + 13 * HOUR) == (False, False, True)  # at 1:00 that evening is over
    assert seen(shop, evening) == (True, False, True) and MerchantBreak.select().count() == 1
    shop_changes.resume(shop, by=town.kim, at=night)
    assert seen(shop, night) == (True, False, True)


def test_when_the_evening_ended_early_a_pause_is_about_the_next(town, noon):
    shop, night = find_merchant("AX003"), noon + 12 * HOUR + HOUR / 2
    shop_changes.add_break(shop, noon.date(), noon.date(), "17:00-23:00", "", by=town.kim, at=noon)
    shop_changes.pause(shop, by=town.kim, at=night)
    assert seen(shop, night + 18 * HOUR) == (False, True, False)


def test_of_what_was_said_about_a_day_the_last_counts(town, noon):
    shop, day = find_merchant("AX001"), noon.date()
    shop_changes.pause(shop, by=town.kim, at=noon)
    shop_changes.add_break(shop, day, day, "11:00-15:00", "", by=town.kim, at=noon)
    assert seen(shop, noon) == (True, False, True) and seen(shop, noon + 4 * HOUR)[0] is False
    shop_changes.add_break(shop, day, day, "", "", by=town.kim, at=noon)
    assert seen(shop, noon) == (False, True, False)
    shop_changes.resume(shop, by=town.kim, at=noon)
    assert seen(shop, noon) == (True, False, True) and seen(shop, noon + 4 * HOUR)[0] is False


@pytest.mark.parametrize("times, became", [("11:00-15:00", "kept"), ("9:00-15:00", "longer"), ("", "kept")])
def test_fewer_hours_on_a_day_hold_at_once_and_more_do_not(times, became, town, noon):
    shop, day = find_merchant("AX001"), noon.date() + DAY
    if became == "longer":
        assert refused(shop_changes.add_break, shop, day, day, times, "", by=town.kim, at=noon) == "longer"
        return
    for _ in range(2):
        shop_changes.add_break(shop, day, day, times, "进货", by=town.kim, at=noon)
    (one,) = shop_hours.to_come(shop, noon.date())
    assert (shop.id in shop_hours.minute(noon + DAY + 4 * HOUR).open) is False
    shop_changes.end_break(one, by=town.kim, at=noon)
    assert shop.id in shop_hours.minute(noon + DAY + 4 * HOUR).open


@pytest.mark.parametrize(
    "first, last, times, why, code",
    [(-1, 0, "", "", "break-past"), (1, 0, "", "", "break-backwards"), (0, 999, "", "", "break-far"),
     (0, 0, "", "长" * 121, "break-why"), (0, 0, "x", "", "hours-unread")],
)  # fmt: skip
def test_a_break_that_cannot_be_is_refused(first, last, times, why, code, town, noon):
    days = [noon.date() + n * DAY for n in (first, last)]
    assert refused(shop_changes.add_break, find_merchant("AX001"), *days, times, why, by=town.kim, at=noon) == code


@pytest.mark.no_database
@pytest.mark.parametrize(
    "new, old, inside",
    [
        ("每天 8:00-20:00", "每天 8:00-20:00", True),
        ("每天 9:00-12:00, 13:00-20:00", "每天 8:00-20:00", True),
        ("周一 8:00-20:00", "每天 8:00-20:00", True),
        ("每天 8:00-20:01", "每天 8:00-20:00", False),
        ("每天 8:00-20:00", "周一 8:00-20:00", False),
        ("每天 17:00-23:00", "每天 17:00-1:00", True),
        ("每天 17:00-2:00", "每天 17:00-1:00", False),
        ("每天 8:00-20:00", "4-10月：每天 8:00-20:00; 11-3月：每天 9:00-18:00", False),
        ("4-10月：每天 8:00-20:00; 11-3月：每天 9:00-17:00", "4-10月：每天 8:00-20:00; 11-3月：每天 9:00-18:00", True),
        ("每天 8:00-20:00", "", False),
    ],
)
def test_shorter_is_shorter_on_every_day_of_every_year(new, old, inside):
    assert shop_changes.within(parse(new), parse(old)) is inside


def test_shorter_weeks_hold_at_once_and_longer_ones_are_looked_at(town, noon):
    shop, by = find_merchant("AX001"), town.kim
    assert shop_changes.set_hours(shop, "每天 10:00-14:00", by=by, at=noon) == "kept"
    assert find_merchant("AX001").hours == "一至日 10:00-14:00"
    for _ in range(2):
        assert shop_changes.set_hours(shop, "每天 10:00-22:00", by=by, at=noon) == "asked"
    assert find_merchant("AX001").hours == "一至日 10:00-14:00"
    assert shop_changes.set_hours(shop, "每天 10:00-23:00", by=by, at=noon) == "asked"
    first, wish = HoursWish.select().order_by(HoursWish.id)
    assert first.state == "ended" and [one.id for one in shop_changes.waiting(["999999001"])] == [wish.id]
    assert refused(shop_changes.settle, wish, "refuse", by=town.olga, at=noon) == "why"
    assert refused(shop_changes.settle, first, "approve", by=town.olga, at=noon) == "moved"
    shop_changes.settle(wish, "approve", by=town.olga, at=noon)
    shop_changes.settle(wish, "approve", by=town.olga, at=noon)
    assert find_merchant("AX001").hours == "一至日 10:00-23:00" and not list(shop_changes.waiting(None))
    assert past(shop)[-1] == "hours 一至日 10:00-14:00 → 一至日 10:00-23:00"


# Finding.


def test_shops_are_narrowed_by_what_is_asked(town, noon):
    def found(**asked):
        ids = shop_finding.fitting(shop_hours.minute(noon), **asked)
        return [shop.code for shop in Merchant.by_number(30.5, 110.5, ids, 0, 9)]

    assert found() == ["AX001", "AX002", "AX003"]
    assert found(only_open=True) == ["AX001", "AX002"]
    assert found(category="food") == ["AX001", "AX003"] and found(category="none") == []
    assert found(town="999999101") == ["AX003"]
    assert found(words="面馆 春风路9") == ["AX001"] and found(words="NOODLES") == ["AX001"]
    near = Merchant.nearest(30.5079, 110.5119, 2)
    assert [shop.code for shop in near] == ["AX002", "AX001"] and near[0].metres < 10 < near[1].metres


def test_the_demo_has_184_shops_and_an_owner_of_three(yanzhou, noon):
    assert Merchant.count_listed() == 184
    per_town = [len(Merchant.ids_in(code)) for code in sorted({s.town_id for s in Station.listed()})]
    assert sorted(per_town, reverse=True) == [52, 46, 34, 16, 9, 8, 6, 6, 4, 3]
    owner = Person.by_phone("14108120002")
    assert [g.scope for g in RoleGrant.select().where(RoleGrant.person == owner)] == ["SH001", "SH002", "SH003"]
    assert find_merchant("SH001").name == "老街羊汤" and all(
        credit_code.mistake(m.uscc) is None for m in Merchant.select() if m.uscc
    )


def test_no_row_asks_the_database_for_itself(engine, yanzhou, noon):
    """A page with states and offers, fresh: all shops in short, what is not as always, the rows, their offers."""
    with engine.statements() as told:
        now = shop_hours.minute(noon)
        rows = Merchant.nearest(35.556, 116.83, 21, shop_finding.fitting(now, only_open=True, category="food"))
        assert len({now.state(shop).kind for shop in rows}) == 1 and len(rows) == 21
        assert len(list(standing([shop.id for shop in rows], noon.date()))) > 20
    assert len([line for line in told if "merchant" in line or "offer" in line]) == 4
