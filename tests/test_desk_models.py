"""The keeper's five minutes: the tick, the tally, the two digits, faults, supplies, loans, inspections (rules)."""

import datetime as dt

import pytest

from models import board, card_code, cards, days, faults, figures, inspections, supplies, tally, verifying
from models._database import writing
from models._record import Refused
from models._trail import Trail
from models.cards import Card
from models.people import RoleGrant
from models.stations import StationAmenity, with_amenities
from models.supplies import Loan, Supply
from models.tally import Noted
from models.visits import KEEPER, Visit, Who, admit
from tests import _crowd
from tests._cards import with_phone
from tests._engines import NOON

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY = dt.date(2024, 9, 19)


def add(town, hour=12, n=1, client_id="t", at=NOON):
    return tally.add(town.spring, hour, n, client_id=client_id, by=town.kim, now=at)


def why(call, *given, **more):
    with pytest.raises(Refused) as no:
        call(*given, **more)
    return no.value.code


# The tally.


def test_a_tally_counts_its_people_in_its_hour(town):
    assert add(town, n=3) and add(town, hour=9, n=5, client_id="u")
    assert tally.by_hour(town.spring.id, TODAY) == {12: 3, 9: 5}
    assert figures.day_total(town.spring.id, TODAY) == {KEEPER: 8}
    assert figures.month_total(202409) == {KEEPER: 8}
    assert not any(figures.recount().values())
    assert {(row.evidence, row.actor) for row in Visit.select()} == {(3, None)}


def test_it_says_who_noted_it(town):
    add(town)
    (noted,) = Noted.select()
    assert noted.by == town.kim and noted.why == ""


def test_the_same_note_twice_is_one(town):
    assert add(town, n=5)
    assert not add(town, n=5)
    assert tally.by_hour(town.spring.id, TODAY) == {12: 5}
    assert why(add, town, n=1) == "other"
    assert why(tally.add, town.street, 12, 5, client_id="t", by=town.lee, now=NOON) == "other"


@pytest.mark.parametrize("n", [0, -50, 51])
def test_a_number_that_is_a_slip_is_not_noted(n, town):
    assert why(add, town, n=n) == "number"
    assert not Visit.select().exists()


@pytest.mark.parametrize("hour", [13, 24, -1])
def test_an_hour_that_has_not_begun_is_not_noted(hour, town):
    assert why(add, town, hour=hour) == "hour"


def test_a_correction_says_why_and_leaves_the_rows(town):
    add(town, n=5)
    assert tally.correct(town.spring, 12, 5, 2, why="数重了", by=town.kim, now=NOON)
    assert not tally.correct(town.spring, 12, 5, 2, why="数重了", by=town.kim, now=NOON)
    assert tally.by_hour(town.spring.id, TODAY) == {12: 2}
    assert [row.n for row in Visit.select().order_by(Visit.id)] == [5, -3]
    (noted,) = tally.corrections(town.spring.id, TODAY)
    assert (noted.why, noted.by) == ("数重了", town.kim)
    assert figures.month_total(202409) == {KEEPER: 2}


def test_a_correction_of_nothing_or_without_why_is_refused(town):
    assert why(tally.correct, town.spring, 12, 0, -1, why="x", by=town.kim, now=NOON) == "number"
    assert why(tally.correct, town.spring, 12, 0, 3, why=" ", by=town.kim, now=NOON) == "why"
    assert why(tally.correct, town.spring, 13, 0, 3, why="x", by=town.kim, now=NOON) == "hour"


def test_of_two_keepers_who_correct_one_hour_the_second_looks_again(town):
    add(town, n=5)
    tally.correct(town.spring, 12, 5, 4, why="数重了", by=town.kim, now=NOON)
    assert why(tally.correct, town.spring, 12, 5, 3, why="看错了", by=town.lee, now=NOON) == "changed"
    assert tally.by_hour(town.spring.id, TODAY) == {12: 4}


def test_of_two_keepers_at_once_one_corrects(town, crowd):
    add(town, n=5)
    each = [(should,) for should in (1, 2, 3, 4)]
    became = crowd.do(_crowd.correct_tally_elsewhere, town.url, town.spring.id, town.kim.id, NOON, each=each)
    assert sorted(became) == ["True", "changed", "changed", "changed"]
    assert tally.by_hour(town.spring.id, TODAY) == {12: became.index("True") + 1}
    assert not any(figures.recount().values())


def test_one_note_pressed_many_times_at_once_is_one(town, crowd):
    became = crowd.do(_crowd.tally_elsewhere, town.url, town.spring.id, town.kim.id, NOON, "t")
    assert sorted(became) == ["False", "False", "False", "True"]
    assert tally.by_hour(town.spring.id, TODAY) == {12: 5}


# Somebody noted by their number.


def note(town, phone="13800000001", client_id="n", at=NOON):
    return tally.note(town.spring, phone, client_id=client_id, by=town.kim, now=at)


def test_a_partner_known_by_the_number_has_the_visit(town):
    assert note(town) == "accepted"
    (visit,) = Visit.select()
    assert (visit.actor, visit.channel, visit.evidence, visit.n) == (town.rui.id, KEEPER, 3, 1)
    assert Noted.get().by == town.kim
    assert tally.by_hour(town.spring.id, TODAY) == {}


def test_a_number_that_nobody_has_counts_one_and_says_the_same(town):
    assert note(town, "13999999999") == "accepted"
    (visit,) = Visit.select()
    assert visit.actor is None and visit.n == 1


def test_within_four_hours_it_is_the_same_visit(town):
    admit(town.spring.id, Who(town.rui.id, None), client_id="x", at=NOON, now=NOON)
    assert note(town, at=NOON + HOUR) == "cool-down"
    assert figures.day_total(town.spring.id, TODAY) == {1: 1}


def test_noting_twice_with_one_id_is_once(town):
    assert note(town) == note(town) == "accepted"
    assert Visit.select().count() == 1
    assert why(note, town, "13800000002") == "other"


# Somebody noted by their card.


@pytest.fixture
def card(town):
    return with_phone(town.rui, NOON)[1]


def scan(town, text, client_id="c", at=NOON):
    return tally.note_card(town.spring, text, client_id=client_id, by=town.kim, now=at)


def test_who_shows_their_card_is_noted_and_the_code_is_still_good_for_a_meal(town, card):
    code = card.payload(NOON)
    assert scan(town, code) == "accepted"
    assert scan(town, code) == "accepted"  # the same press again
    assert scan(town, code, "d") == "cool-down"
    assert [(row.actor, row.evidence, row.channel, row.n) for row in Visit.select().order_by(Visit.id)] == [
        (town.rui.id, 3, KEEPER, 1),
        (town.rui.id, 3, KEEPER, 0),
    ]
    assert {noted.by_id for noted in Noted.select()} == {town.kim.id}
    assert verifying.check(card_code.parse(code), NOON).reason == ""


def test_a_code_that_bought_a_meal_is_still_a_visit(town, card):
    code = card.payload(NOON)
    with writing():
        assert verifying.take(verifying.check(card_code.parse(code), NOON), NOON)
    assert scan(town, code) == "accepted"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not-card"),
        ("6901234567892", "not-card"),
        ("https://example.com/C1", "not-card"),
        ("P1" + "0" * 28, "not-card"),
        ("C1" + "0" * 30, "bad"),
        ("C2" + "0" * 24, "bad"),
        ("stale", "stale"),
        ("lost", "lost"),
    ],
)
def test_what_is_no_good_code_is_no_visit(text, reason, town, card):
    if text == "lost":
        cards.move(Card.of(town.rui), "lost", by=town.kim, at=NOON)
    told = {"stale": card.payload(NOON - HOUR), "lost": card.payload(NOON)}.get(text, text)
    assert why(scan, town, told) == reason
    assert not Visit.select().exists()


def test_a_phone_whose_clock_is_ahead_shows_two_codes(town):
    _, card = with_phone(town.rui, NOON)
    later, ahead = NOON + dt.timedelta(seconds=30), dt.timedelta(minutes=5)
    assert why(scan, town, card.payload(NOON + ahead)) == "ahead"
    assert scan(town, card.payload(later + ahead), at=later) == "accepted"


# The two digits.


def test_the_digits_change_from_day_to_day_and_from_station_to_station(town):
    month = {board.digits(town.spring.id, TODAY + n * DAY) for n in range(30)}
    assert len(month) > 15 and all(len(each) == 2 and each.isdigit() for each in month)
    others = {board.digits(n, TODAY) for n in range(30)}
    assert len(others) > 15


def test_the_digits_fit_however_they_are_typed(town):
    today = board.digits(town.spring.id, TODAY)
    assert board.fits(f" {today} ", town.spring.id, TODAY)
    assert board.fits(today.translate({n: n - 48 + 0xFF10 for n in range(48, 58)}), town.spring.id, TODAY)
    assert not board.fits("", town.spring.id, TODAY)
    assert not board.fits(f"{(int(today) + 1) % 100:02}", town.spring.id, TODAY)


# The tick.


def test_the_tick_is_once_and_the_last_word_counts(town):
    for _ in range(2):
        days.confirm(town.spring, TODAY, days.OPEN, by=town.kim, at=NOON)
    assert len(Trail.about("station:SF001").rows) == 1
    days.confirm(town.spring, TODAY, days.CHANGED, by=town.kim, at=NOON + HOUR)
    (said,) = days.said_of([town.spring.id, town.street.id], TODAY).values()
    assert said.state == days.CHANGED and said.confirmed_at == NOON + HOUR
    assert not days.said_of([town.spring.id], TODAY + DAY)


# Faults.


def has(station, code):
    with_amenities([station])
    return next((word for word in ("yes", "no", "unknown") if code in {a.code for a in getattr(station, word)}), None)


@pytest.fixture
def hot(town):
    """The first station has hot water."""
    with writing():
        StationAmenity.delete().where(StationAmenity.station == town.spring, StationAmenity.amenity == "HOTW").execute()
        StationAmenity.create(station=town.spring, amenity="HOTW", has=True)
    return town.spring


def test_what_is_said_not_to_work_is_not_known_until_it_works(town, hot):
    assert has(hot, "HOTW") == "yes"
    fault = faults.report(hot, "HOTW", actor=town.rui.id, at=NOON)
    assert has(hot, "HOTW") == "unknown" and fault.due_at == NOON + 48 * HOUR
    faults.breaks(hot, "HOTW", by=town.kim, at=NOON)
    assert has(hot, "HOTW") == "no"
    for _ in range(2):
        faults.end(fault, by=town.kim, at=NOON + HOUR)
    assert has(hot, "HOTW") == "yes" and not faults.open_at(hot.id)
    assert [row.what for row in Trail.about("station:SF001").rows] == ["works: HOTW", "broken: HOTW"]


def test_forty_reports_are_one_fault(town, hot):
    for n in range(40):
        faults.report(hot, "HOTW", actor=-1 - n, at=NOON + n * dt.timedelta(minutes=1))
    (fault,) = faults.open_at(hot.id)
    assert fault.n == 40


def test_one_who_says_it_again_counts_once(town, hot):
    for _ in range(5):
        faults.report(hot, "HOTW", actor=-1, at=NOON)
    assert faults.open_at(hot.id)[0].n == 1


def test_a_locked_door_has_the_shortest_clock(town, hot):
    faults.report(hot, "HOTW", actor=-1, at=NOON)
    faults.report(hot, faults.LOCKED, actor=-1, at=NOON)
    assert [fault.what for fault in faults.open_at(hot.id)] == [faults.LOCKED, "HOTW"]
    assert [fault.what for fault in faults.overdue(NOON + 3 * HOUR)] == [faults.LOCKED]


def test_many_who_say_it_at_once_open_one_fault(town, hot, crowd):
    each = [(-n,) for n in (1, 2, 3, 4)]
    became = crowd.do(_crowd.report_fault_elsewhere, town.url, hot.id, NOON, each=each)
    assert len(set(became)) == 1 and faults.open_at(hot.id)[0].n == 4


def test_one_device_does_not_fill_the_list(town, hot):
    for _ in range(faults.A_DAY + 5):
        faults.report(hot, faults.LOCKED, actor=-1, at=NOON)
        for fault in faults.open_at(hot.id):
            faults.end(fault, by=town.kim, at=NOON)
    assert faults.Fault.select().count() == faults.FaultReport.select().count() == faults.A_DAY


def test_what_no_station_can_lack_is_refused(town):
    assert why(faults.report, town.spring, "NOPE", actor=-1, at=NOON) == "what"


# Supplies.


def test_a_supply_is_asked_for_promised_and_filled(town):
    patches = supplies.keep(town.spring, "暖宝宝", None, by=town.kim, at=NOON)
    assert supplies.move(patches, "ask", by=town.kim, at=NOON)
    assert not supplies.move(patches, "ask", by=town.kim, at=NOON)
    assert supplies.move(patches, "promise", by=town.olga, at=NOON, answer="明天送到")
    assert Supply.get().answer == "明天送到"
    assert why(supplies.move, patches, "ask", by=town.kim, at=NOON) == "moved"
    assert supplies.move(patches, "fill", by=town.kim, at=NOON)
    assert Supply.get().state == supplies.ENOUGH and Supply.get().answer == ""


def test_the_town_says_why_not(town):
    patches = supplies.keep(town.spring, "暖宝宝", None, by=town.kim, at=NOON)
    supplies.move(patches, "ask", by=town.kim, at=NOON)
    assert why(supplies.move, patches, "decline", by=town.olga, at=NOON, answer=" ") == "answer"
    assert supplies.move(patches, "decline", by=town.olga, at=NOON, answer="下周到货")
    assert Supply.get().state == supplies.LOW and Supply.get().answer == "下周到货"


def test_what_runs_low_or_out_of_date_stands_first(town):
    supplies.keep(town.spring, "退热贴", 20250101, by=town.kim, at=NOON)
    supplies.keep(town.spring, "创可贴", 20241001, by=town.kim, at=NOON)
    low = supplies.keep(town.spring, "暖宝宝", None, by=town.kim, at=NOON)
    supplies.move(low, "ask", by=town.kim, at=NOON)
    assert [row.name for row in supplies.of(town.spring.id)] == ["暖宝宝", "创可贴", "退热贴"]
    supplies.drop(low, by=town.kim, at=NOON)
    assert len(supplies.of(town.spring.id)) == 2


def test_a_supply_has_a_name_and_there_are_not_endlessly_many(town):
    assert why(supplies.keep, town.spring, "  ", None, by=town.kim, at=NOON) == "name"
    for n in range(50):
        supplies.keep(town.spring, f"东西 {n}", None, by=town.kim, at=NOON)
    assert why(supplies.keep, town.spring, "还有", None, by=town.kim, at=NOON) == "many"


# Things lent.


def test_a_power_bank_is_out_until_it_is_back(town):
    lent = supplies.lend(town.spring, " pb 7 ", "穿蓝衣服", by=town.kim, at=NOON)
    assert why(supplies.lend, town.spring, "PB 7", "", by=town.kim, at=NOON) == "out"
    assert supplies.lend(town.street, "PB 7", "", by=town.lee, at=NOON)
    for _ in range(2):
        supplies.take_back(lent, at=NOON + HOUR)
    assert not supplies.out(town.spring.id).rows and Loan.get_by_id(lent.id).hint == ""
    assert supplies.lend(town.spring, "PB 7", "", by=town.kim, at=NOON + HOUR)


@pytest.mark.parametrize("number", ["", "  ", "x" * 21, "a\0"])
def test_a_power_bank_has_a_number(number, town):
    assert why(supplies.lend, town.spring, number, "", by=town.kim, at=NOON) == "number"


# Inspections.


def test_the_score_is_how_much_was_right(town, hot):
    all_of = inspections.asked(hot)
    assert set(inspections.SIX) < set(all_of) and "HOTW" in all_of
    made = inspections.inspect(hot, 202409, ["SIGN", "HOTW", "NOPE"], "牌子掉了", by=town.kim, at=NOON)
    assert made.failed == "SIGN HOTW" and made.score == 100 * (len(all_of) - 2) // len(all_of)
    assert has(hot, "HOTW") == "no" and faults.of(hot.id, "HOTW").broken
    again = inspections.inspect(hot, 202409, ["SIGN", "HOTW"], "牌子掉了", by=town.kim, at=NOON + HOUR)
    assert again == made
    better = inspections.inspect(hot, 202409, [], "", by=town.kim, at=NOON + 2 * HOUR)
    assert better.score == 100 and has(hot, "HOTW") == "yes"
    assert [row.score for row in inspections.of(hot.id).rows] == [100, made.score]


# A second keeper.


def test_a_keeper_invites_a_second_and_no_third(town, noon):
    from models import invitations

    grant = RoleGrant.get(RoleGrant.person == town.kim, RoleGrant.role == "keeper")
    first, late = (invitations.share(grant, by=town.kim, at=noon).invitation for _ in range(2))
    invitations.accept(first, by=town.ray, at=noon)
    assert RoleGrant.select().where(RoleGrant.role == "keeper", RoleGrant.scope == "SF001").count() == 2
    assert why(invitations.accept, late, by=town.rui, at=noon) == "full"
    assert why(invitations.share, grant, by=town.kim, at=noon) == "full"
    assert why(invitations.share, grant, by=town.rui, at=noon) == "not-yours"
