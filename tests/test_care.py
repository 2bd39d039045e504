"""What the office sees of cards and merchants: the numbers and their rows, who was idle, what does not fit, recount."""

import datetime as dt

import pytest

from models import care, checks, odd_uses, redeeming, shop_months, taking_back, tallies, use_totals, verifying
from models._database import writing
from models._trail import Trail
from models.card_code import parse
from models.cards import Card
from models.merchants import Merchant
from models.odd_uses import Frequent
from models.redemptions import FAR, FINE, LOOK, SCAN, Redemption, RedemptionDay, RedemptionMonth
from models.retention import retain
from tests import _crowd
from tests._engines import NOON
from tests._till import Holder, make_shop

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)


def use(shop, holder, at, amount=3000):
    """The id of a use of 30 yuan."""
    checked, given = verifying.check(parse(holder.code(at)), at), redeeming.giving(shop.merchant.id, at, amount=amount)
    answer = redeeming.redeem(shop, checked, given, client_id=f"{shop.merchant.id} {at}", now=at)
    assert answer.reason == ""
    return answer.id


@pytest.fixture
def shop(town):
    return make_shop("AX101", NOON - 200 * DAY, kind="minus", value=500)


@pytest.fixture
def rui(town):
    return Holder(town.rui, NOON - 190 * DAY)


@pytest.fixture
def used(shop, rui):
    """Three uses in July and September, one of them taken back, and five cards looked at."""
    for at in (NOON - 60 * DAY, NOON - HOUR * 30, NOON):
        last = use(shop, rui, at)
    taking_back.undo(shop, last, now=NOON + dt.timedelta(seconds=20))
    tallies.looked(shop, 5, client_id="look", now=NOON)
    return shop


def elsewhere(town, code="AX102", north=0.2, at=NOON - 200 * DAY):
    shop = make_shop(code, at, north=north, kind="minus", value=500)
    with writing():
        Merchant.update(town="999999101").where(Merchant.id == shop.merchant.id).execute()
    return shop


# The numbers.


def test_the_months_are_told_from_the_first_use_on_by_way_and_money(used):
    told = care.months(NOON)
    assert [(m.month, m.n, m.saved) for m in told] == [(202407, 1, 500), (202408, 0, 0), (202409, 6, 500)]
    assert told[2].by == {SCAN: 1, LOOK: 5} and told[1].by == {}
    assert care.months(NOON - 400 * DAY) == []
    assert len(care.months(NOON + 510 * DAY)) == 18


def test_a_month_by_merchant_and_its_rows_come_to_the_same(used):
    (row,) = care.by_shop(202409).rows
    assert row == (used.merchant.id, 6, 500)
    assert sum(told.n for told in care.by_method(202409).values()) == 6
    for method, n in ((None, 6), (SCAN, 1), (LOOK, 5)):
        rows = care.rows_of(used.merchant.id, 202409, method).rows
        assert sum(one.n for one in rows) == care.sum_of(used.merchant.id, 202409, method).n == n


def test_where_all_was_taken_back_nothing_is_told(shop, rui):
    taking_back.undo(shop, use(shop, rui, NOON), now=NOON)
    assert care.by_shop(202409).rows == [] and care.by_method(202409) == {}
    id = shop.merchant.id
    assert shop_months.days(id, 202409) == shop_months.by_offer(id, 202409) == shop_months.months(id) == []


def test_what_is_taken_back_after_midnight_counts_in_its_month(shop, rui):
    late = dt.datetime(2024, 8, 31, 23, 59, 40, tzinfo=NOON.tzinfo)
    id = use(shop, rui, late)
    taking_back.undo(shop, id, now=late + dt.timedelta(seconds=50))
    rows = care.rows_of(shop.merchant.id, 202408).rows
    assert [row.n for row in rows] == [1, -1]
    assert care.rows_of(shop.merchant.id, 202409).rows == []


def test_a_town_has_only_its_own_merchants_and_cards(used, rui, town):
    other = elsewhere(town)
    tallies.looked(other, 3, client_id="there", now=NOON)
    assert [m.n for m in care.months(NOON, "999999101")] == [3]
    assert [m.n for m in care.months(NOON, "999999001")] == [1, 0, 6]
    assert care.by_shop(202409, "999999101").rows == [(other.merchant.id, 3, 0)]
    with writing():
        Card.update(town="999999001").where(Card.id == rui.card.id).execute()
    assert care.cards("999999001") == {("999999001", "active"): 1} == care.cards()
    assert care.cards("999999101") == {}
    assert [card.id for card in care.cards_of("999999001", "active").rows] == [rui.card.id]
    assert care.cards_of("999999101", "").rows == [] == care.cards_of("", "lost").rows


def test_a_card_of_no_town_is_told_apart(rui, town):
    with writing():
        Card.update(town=None).execute()
    assert care.cards() == {(care.NOWHERE, "active"): 1}
    assert len(care.cards_of(care.NOWHERE, "active").rows) == 1


# Without use.


def test_without_use_for_sixty_days_the_longest_first(shop, rui, town):
    never, new = elsewhere(town), make_shop("AX103", NOON - 59 * DAY)
    use(shop, rui, NOON - 61 * DAY)
    here = [shop.merchant.id, new.merchant.id, never.merchant.id]
    assert [row for row in care.idle("", NOON).tuples() if row[0] in here] == [
        (never.merchant.id, 0),
        (shop.merchant.id, 20240720),
    ]
    assert [id for id, _ in care.idle("999999101", NOON).tuples()] == [never.merchant.id]
    use(shop, rui, NOON - 60 * DAY)
    assert [row[0] for row in care.idle("", NOON).tuples() if row[0] in here] == [never.merchant.id]


def test_a_use_that_was_taken_back_is_no_use(shop, rui):
    id = use(shop, rui, NOON - DAY)
    assert shop.merchant.id not in [row[0] for row in care.idle("", NOON).tuples()]
    taking_back.undo(shop, id, now=NOON - DAY + dt.timedelta(seconds=9))
    assert shop.merchant.id in [row[0] for row in care.idle("", NOON).tuples()]


# What does not fit.


def test_two_shops_too_far_apart_are_told_with_both_uses(shop, rui, town):
    far = elsewhere(town)
    first = use(shop, rui, NOON - 10 * MINUTE)
    second = use(far, rui, NOON)
    (row,) = odd_uses.far_listed("").rows
    assert (row.use.id, row.other.id, row.minutes) == (second, first, 10) and 22_000 < row.metres < 22_500
    assert odd_uses.far("999999001").count() == 0 and odd_uses.far("999999101").count() == 1
    assert odd_uses.far_one(second, "999999001") is None and odd_uses.far_one(first, "") is None


def test_looked_at_it_is_fine_once_and_gone_from_the_list(shop, rui, town):
    use(shop, rui, NOON - 10 * MINUTE)
    id = use(elsewhere(town), rui, NOON)
    for _ in range(2):
        odd_uses.far_is_fine(odd_uses.far_one(id, ""), by=town.olga, at=NOON)
    assert Redemption.get_by_id(id).flag == FINE != FAR and odd_uses.far_listed("").rows == []
    (line,) = Trail.select().where(Trail.subject == f"redemption:{id}")
    assert (line.actor, line.what) == (town.olga.id, "far apart: fine")


def test_where_the_other_use_was_taken_back_the_list_says_so(shop, rui, town):
    first = use(shop, rui, NOON - MINUTE * 6)
    use(elsewhere(town), rui, NOON)
    with writing():
        row = Redemption.get_by_id(first)
        Redemption.create(
            merchant=row.merchant, method=SCAN, at=NOON, local_date=row.local_date, n=-1, actor=1, reverses=first,
            person=row.person,
        )  # fmt: skip
    (row,) = odd_uses.far_listed("").rows
    assert row.other is None


def test_what_was_taken_back_is_neither_listed_nor_counted(shop, rui, town):
    """One use is one line, also where another offer was chosen afterwards; taken back, there is none."""
    far = elsewhere(town)
    use(shop, rui, NOON - 10 * MINUTE)
    id, soon = use(far, rui, NOON), NOON + dt.timedelta(seconds=20)
    offer = Redemption.get_by_id(id).offer
    changed = taking_back.instead(far, id, offer, 4000, client_id="instead", now=soon)
    for town_code in ("", "999999101"):
        assert [row.use.id for row in odd_uses.far_listed(town_code).rows] == [changed]
        assert odd_uses.far(town_code).count() == 1
    taking_back.undo(far, changed, now=soon)
    assert odd_uses.far_listed("").rows == [] and odd_uses.far("").count() == 0
    assert use_totals.recount(NOON) == {"redemption_day": 0, "redemption_month": 0, "card": 0}


def often(shop, rui, n, since=NOON - 29 * DAY):
    for day in range(n):
        use(shop, rui, since + day * DAY)


def test_twelve_times_in_thirty_days_at_one_shop_is_asked_about(shop, rui, town):
    often(shop, rui, 11)
    assert odd_uses.find_frequent(NOON) == 0
    use(shop, rui, NOON - DAY)
    assert odd_uses.find_frequent(NOON) == 1 == odd_uses.find_frequent(NOON)
    (pair,) = odd_uses.often("")
    assert (pair.card, pair.merchant, pair.n) == (rui.card.id, shop.merchant.id, 12)
    assert odd_uses.often("999999101").count() == 0 and odd_uses.often_one(pair.id, "999999101") is None
    odd_uses.find_frequent(NOON + 60 * DAY)
    assert not Frequent.select().exists(), "what is no more so goes away"


def test_of_twelve_times_one_was_taken_back(shop, rui):
    often(shop, rui, 11)
    last = use(shop, rui, NOON)
    offer, soon = Redemption.get_by_id(last).offer, NOON + dt.timedelta(seconds=20)
    changed = taking_back.instead(shop, last, offer, 4000, client_id="instead", now=soon)
    assert odd_uses.find_frequent(NOON + MINUTE) == 1 and odd_uses.often("").get().n == 12
    Frequent.delete().execute()
    taking_back.undo(shop, changed, now=soon)
    assert odd_uses.find_frequent(NOON + MINUTE) == 0 == odd_uses.often("").count()


def test_a_regular_guest_is_fine_and_asked_about_again_in_half_a_year(shop, rui, town):
    often(shop, rui, 12)
    odd_uses.find_frequent(NOON)
    pair = odd_uses.often("").get()
    for _ in range(2):
        odd_uses.often_is_fine(pair, by=town.olga, at=NOON)
    odd_uses.find_frequent(NOON + DAY)
    assert odd_uses.often("").count() == 0 and Frequent.get().settled_by == town.olga
    assert [line.what for line in Trail.select().where(Trail.subject == f"card:{rui.card.ref}", Trail.actor == town.olga)] == [
        "often at AX101: fine"
    ]  # fmt: skip
    retain(NOON + 179 * DAY)
    assert Frequent.select().exists()
    retain(NOON + 181 * DAY)
    assert not Frequent.select().exists()


def test_four_officers_at_once_say_so_once(shop, rui, town, crowd):
    often(shop, rui, 12)
    odd_uses.find_frequent(NOON)
    use(shop, rui, NOON - 10 * MINUTE)
    id = use(elsewhere(town), rui, NOON)
    crowd.do(_crowd.say_fine, town.url, id, Frequent.get().id, town.olga.id, NOON)
    assert Trail.select().where(Trail.what.endswith(": fine")).count() == 2


def test_they_are_numbers_of_the_dashboard(shop, rui, town):
    use(shop, rui, NOON - 10 * MINUTE)
    use(elsewhere(town), rui, NOON)
    told = {check.name: check.of("", NOON).count() for check in checks.CHECKS if check.path}
    assert told == {"applied": 0, "idle": care.idle("", NOON).count(), "far": 1, "often": 0}


# The recount.


def test_a_recount_finds_nothing_to_put_right(used):
    assert use_totals.recount(NOON) == {"redemption_day": 0, "redemption_month": 0, "card": 0}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: RedemptionDay.update(n=RedemptionDay.n + 1).where(RedemptionDay.local_date == 20240919),
        lambda: RedemptionDay.delete(),
        lambda: RedemptionMonth.update(saved=7),
        lambda: RedemptionMonth.insert(month=202401, merchant=99, method=1, n=4, saved=1),
        lambda: Card.update(uses=9, saved=0),
    ],
)
def test_a_recount_puts_right_what_was_spoiled(spoil, used):
    before = {model: sorted(model.select().tuples()) for model in (RedemptionDay, RedemptionMonth, Card)}
    with writing():
        Card.update(asked_at=NOON - 100 * DAY).execute()
        spoil().execute()
    assert sum(use_totals.recount(NOON).values()) > 0
    assert sum(use_totals.recount(NOON).values()) == 0
    for model in (RedemptionDay, RedemptionMonth):
        kept = [row for row in sorted(model.select().tuples()) if row[3] or row[-1]]
        assert kept == [row for row in before[model] if row[3] or row[-1]]
    assert list(Card.select(Card.uses, Card.saved).where(Card.uses > 0).tuples()) == [(2, 1000)]


def test_of_a_card_older_than_half_a_year_the_total_outlives_its_rows(used, rui):
    """A use forgets its card: what the card says then is all there is."""
    with writing():
        Redemption.update(person=None, card=None).where(Redemption.at < NOON - 50 * DAY).execute()
        Card.update(asked_at=NOON - 300 * DAY).execute()
    assert use_totals.recount(NOON)["card"] == 0 and Card.get_by_id(rui.card.id).uses == 2
    with writing():
        Card.update(uses=0, saved=2000).execute()
    assert use_totals.recount(NOON)["card"] == 1
    assert (Card.get_by_id(rui.card.id).uses, Card.get_by_id(rui.card.id).saved) == (1, 2000)


# At a hundred times the size.


def test_the_lists_search_an_index(engine, migrated):
    engine.fill(
        "redemption",
        "merchant, offer, person, card, method, at, local_date, n, saved, actor, lag, flag",
        "i % 500, 1, i % 900, i % 900, 1, CAST(1700000000 + i * 60 AS BIGINT) * 1000, 20231114, 1, 0, 1, 0, CASE WHEN i % 999 = 0 THEN 1 ELSE 0 END",
        50_000,
        analyse=False,
    )
    engine.fill("redemption_month", "month, merchant, method, n, saved", "202301 + i % 12, i / 12, 1, 1, 0", 36_000)
    engine.fill("redemption_day", "merchant, local_date, offer, n, saved", "i / 60, 20230101 + i % 60, 1, 1, 0", 50_000)
    engine.fill("frequent", "card, merchant, n, last_at, found_at, settled_at", "i, 1, 12 + i % 9, 1, 1, 1", 5000)
    now = dt.datetime.fromtimestamp(1703600000, dt.UTC)
    for query in (
        odd_uses.far("").order_by(Redemption.at.desc(), Redemption.id.desc()).limit(21),
        odd_uses.often("").limit(21),
        care.of_shops(202305),
        RedemptionMonth.select().where(RedemptionMonth.month == 202305, RedemptionMonth.merchant == 7),
        Redemption.select().where(Redemption.person.in_([1, 2, 3]), Redemption.at >= now - DAY),
    ):
        assert engine.scans(*query.sql()) == [], query.sql()
