"""Cards: their numbers, what becomes of them, the keys that make their codes, and codes for once."""

import datetime as dt
import secrets
from itertools import pairwise

import pytest

from models import card_code, card_keys, card_moves, card_once, cards, colours, farewells, verifying
from models._database import db, writing
from models._keys import KeyRing, ring, use_ring
from models._record import Refused, number_of
from models._trail import Trail
from models.areas import Revision, Setting
from models.card_keys import CardKey
from models.cards import Card
from models.outbox import Outbox
from models.people import Employment, Person
from tests import _crowd
from tests._cards import CardPhone, card_of, half_of, with_phone, works

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)


def refused(act, *arguments, **more):
    with pytest.raises(Refused) as no:
        act(*arguments, **more)
    return no.value.code


def moves(card):
    lines = Trail.select().where(Trail.subject == f"card:{card.ref}", Trail.kind == "moved").order_by(Trail.seq)
    return [(line.what, line.actor) for line in lines]


def again(card):
    return Card.get_by_id(card.id)


# Numbers (domain.md §2.11).


@pytest.mark.no_database
@pytest.mark.parametrize("number", ["370812240000018", "370812240016329"])
def test_the_check_digit_is_luhns(number):
    assert cards.luhn(number[:-1]) == number[-1] and cards.fits_luhn(number)
    for place in range(15):  # one digit wrong, or two neighbours the wrong way round (but for 09 and 90)
        assert not cards.fits_luhn(number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :])
    swapped = [number[:n] + number[n + 1] + number[n] + number[n + 2 :] for n in range(14)]
    assert not [
        one for one in swapped if one != number and cards.fits_luhn(one) and "09" not in one and "90" not in one
    ]


def test_numbers_run_on_through_the_year_and_begin_anew(town, noon):
    code = cards.district().code
    first, second = card_of(town.rui, noon), card_of(town.ray, noon)
    assert (first.number[:14], second.number[:14]) == (f"{code}24000001", f"{code}24000002")
    assert first.short == "000001" and cards.fits_luhn(first.number)
    late = card_of(town.kim, dt.datetime(2024, 12, 31, 15, 59, tzinfo=dt.UTC))  # a minute before midnight in China
    early = card_of(town.lee, dt.datetime(2024, 12, 31, 16, 0, tzinfo=dt.UTC))
    assert (late.number[6:14], early.number[6:14]) == ("24000003", "25000001")


def test_a_million_cards_a_year_and_no_more(town):
    with pytest.raises(ValueError):
        cards.number_for(2024, 1_000_000)


def test_two_at_once_get_two_numbers(town, noon, crowd):
    people = [town.rui, town.ray, town.kim, town.lee]
    for one in people:
        works(one, noon)
    numbers = crowd.do(_crowd.issue_card_elsewhere, town.url, noon, each=[(one.id,) for one in people])
    assert len(set(numbers)) == 4 == Card.select().count()


def test_pressed_four_times_at_once_it_is_one_card(town, noon, crowd):
    works(town.rui, noon)
    assert len(set(crowd.do(_crowd.issue_card_elsewhere, town.url, noon, town.rui.id))) == 1
    numbers = crowd.do(_crowd.issue_card_to_phone_elsewhere, town.url, "13900000077", town.kim.id, noon)
    assert len(set(numbers)) == 1
    assert Person.by_phone("13900000077").state == "pending" and Card.select().count() == 2


@pytest.mark.parametrize("text", ["", "370812240000019", "37081224000001", "１２３", "370812240000018x0", "abc"])
def test_no_number_of_a_card_finds_none(town, noon, text):
    card_of(town.rui, noon)
    assert Card.numbered(text) is None


def test_a_number_is_found_however_it_is_written(town, noon):
    number = card_of(town.rui, noon).number
    spaced = f" {number[:6]} {number[6:8]}-{number[8:]} "
    assert Card.numbered(spaced).person == town.rui


# What becomes of a card.


def test_a_card_is_issued_at_once_and_waits_for_its_phone(town, noon):
    with writing():
        Employment.put(town.rui, "courier", at=noon)
    card = card_of(town.rui, noon)
    assert (card.state, card.valid_to, card.issued_by) == ("waiting", 20250919, None)
    assert moves(card) == [("issued", town.rui.id)]
    assert card_of(town.rui, noon + DAY) == card and moves(card) == [("issued", town.rui.id)]


def test_a_keeper_issues_one_to_who_stands_there(town, noon):
    card = cards.issue_to_phone("13900000078", "新来", "driver truck", by=town.kim, at=noon, station=town.spring)
    person = card.person
    assert (person.name, person.state, person.phone) == ("新来", "pending", "13900000078")
    assert (Employment.now(person).industry, Employment.now(person).sub_kind) == ("driver", "truck")
    assert (card.issued_by, card.station, card.town_id) == (town.kim, town.spring, town.spring.town_id)
    assert cards.issue_to_phone("13900000078", "别名", "food", by=town.lee, at=noon, station=town.street) == card
    assert Employment.now(person).sub_kind == "truck"  # what somebody has said stays
    works(town.rui, noon)
    assert cards.issue_to_phone("13800000001", "", "", by=town.kim, at=noon, station=None).person == town.rui


def test_who_has_not_said_what_they_work_in_gets_no_card(town, noon):
    for who in (town.rui, town.kim):
        assert refused(cards.issue, who, by=who, at=noon) == "work"
        assert refused(cards.issue_to_phone, who.phone, "", "", by=town.lee, at=noon, station=None) == "work"
    assert not Card.select().exists()
    assert refused(cards.issue_to_phone, "13900000078", "新来", "", by=town.lee, at=noon, station=None) == "work"
    assert Person.by_phone("13900000078") is None


def test_a_closed_account_gets_no_card(town, noon):
    farewells.close(town.rui, at=noon)
    assert refused(card_of, town.rui, noon) == "closed"


def test_each_state_has_its_moves_and_no_others(town, noon):
    """The whole table: from each state each move."""
    card, _ = with_phone(town.rui, noon)
    for state in cards.STATES:
        for what, (before, after) in cards.MOVES.items():
            with writing():
                Card.update(state=state).where(Card.id == card.id).execute()
            if state in before:
                assert cards.move(card, what, by=town.olga, at=noon) == (state != after), (state, what)
                assert again(card).state == after
            elif state == after:
                assert not cards.move(card, what, by=town.olga, at=noon)
            else:
                assert refused(cards.move, card, what, by=town.olga, at=noon) == "move", (state, what)


def test_a_lost_card_shows_nothing_more_and_is_replaced_once(town, noon, crowd):
    card, _ = with_phone(town.rui, noon)
    assert refused(cards.replace, card, by=town.kim, at=noon) == "move"
    for _again in range(2):
        card_moves.lose(card, by=town.rui, at=noon + HOUR)
    assert again(card).state == "lost" and card_keys.phone_of(card) is None
    numbers = crowd.do(_crowd.replace_card_elsewhere, town.url, card.id, town.kim.id, noon + HOUR)
    new = Card.of(town.rui)
    assert set(numbers) == {new.number} and new.number != card.number
    assert (again(card).replaced_by, new.state, new.issued_by, new.uses) == (new, "waiting", town.kim, 0)
    assert [what for what, _ in moves(card)] == ["issued", "activated", "lost", f"replaced: {new.number}"]
    assert refused(card_moves.resume, card, by=town.olga, at=noon) == "move"  # of a replaced one nothing becomes


def test_an_officer_stops_a_card_with_a_reason_and_it_goes_on_as_it_was(town, noon):
    card, phone = with_phone(town.rui, noon)
    assert refused(card_moves.stop, card, "  ", by=town.olga, at=noon) == "why"
    card_moves.stop(card, " 借给\n别人 ", by=town.olga, at=noon)
    assert again(card).state == "stopped"
    assert refused(CardPhone().enrol, card, at=noon) == "state"
    card_moves.resume(card, by=town.olga, at=noon + HOUR)
    assert again(card).state == "active" and card_keys.phone_of(card).code == phone.code
    assert moves(card)[-2:] == [("stopped: 借给 别人", town.olga.id), ("resumed", town.olga.id)]


def test_one_without_a_key_goes_on_waiting(town, noon):
    card = card_of(town.rui, noon)
    card_moves.stop(card, "查一下", by=town.olga, at=noon)
    card_moves.resume(card, by=town.olga, at=noon)
    assert again(card).state == "waiting"


def test_one_that_was_lost_comes_to_life_with_a_new_key_alone(town, noon):
    """Stopped and let go on after it was lost, it waits: nothing that was out there shows it any more."""
    card, old = with_phone(town.rui, noon)
    paper = card_keys.printed(card_keys.print_card(card, by=town.kim, at=noon))
    card_moves.lose(card, by=town.rui, at=noon)
    card_moves.stop(card, "查一下", by=town.olga, at=noon)
    card_moves.resume(card, by=town.olga, at=noon + HOUR)
    assert again(card).state == "waiting" and not card_keys.has_one(card)
    new, later = CardPhone(), noon + DAY
    new.enrol(card, at=noon + HOUR)
    for shown, reason in ((old.payload(later), "ended"), (paper, "ended"), (new.payload(later), "")):
        assert verifying.check(card_code.parse(shown), later).reason == reason
    typed = old.number(later), new.number(later)
    assert [verifying.check_typed("0001", digits, 1, later).reason for digits in typed] == ["typed-wrong", ""]


def test_cards_run_out_in_the_night_after_their_last_day(town, noon):
    card, _ = with_phone(town.rui, noon)
    waiting = card_of(town.ray, noon)
    last = dt.datetime(2025, 9, 19, 15, 59, tzinfo=dt.UTC)  # a minute before midnight in China
    assert cards.expire(last) == 0 and not again(card).is_over(dt.date(2025, 9, 19))
    assert cards.expire(last + MINUTE) == 2 and cards.expire(last + MINUTE) == 0
    assert (again(card).state, again(waiting).state) == ("expired", "expired")
    assert moves(card)[-1] == ("run out", 0)


def test_a_card_is_renewed_in_its_last_thirty_days_and_after(town, noon):
    card, _ = with_phone(town.rui, noon)
    assert refused(card_moves.renew, card, by=town.rui, at=noon + 334 * DAY) == "early"
    card_moves.renew(card, by=town.rui, at=noon + 335 * DAY)  # 2025-08-20
    assert (again(card).valid_to, again(card).state) == (20260919, "active")
    assert (
        refused(card_moves.renew, card, by=town.rui, at=noon + 335 * DAY) == "early"
    )  # a second press is no year more
    late = noon + 800 * DAY
    cards.expire(late)
    card_moves.renew(card, by=town.kim, at=late)
    assert again(card).valid_to == number_of(cards.months_after(late.date(), 12)) and again(card).state == "active"


@pytest.mark.no_database
@pytest.mark.parametrize(
    "day, months, after",
    [((2024, 2, 29), 12, (2025, 2, 28)), ((2024, 8, 31), 6, (2025, 2, 28)), ((2024, 11, 30), 1, (2024, 12, 30)),
     ((2024, 12, 31), 2, (2025, 2, 28)), ((2024, 1, 31), 1, (2024, 2, 29))],
)  # fmt: skip
def test_months_later_is_the_same_day_or_the_last(day, months, after):
    assert cards.months_after(dt.date(*day), months) == dt.date(*after)


# Keys.


def test_a_phone_and_the_server_have_the_same_key_and_the_database_has_none(town, noon):
    card, phone = with_phone(town.rui, noon)
    key = card_keys.by_code(phone.code)
    assert card_keys.key_bytes(key) == phone.key
    assert (key.card, key.card.person.name, key.card.state, key.new_since) == (card, "芮一", "active", None)
    assert moves(card) == [("issued", town.rui.id), ("activated", town.rui.id)]
    rows = repr([list(map(bytes, filter(lambda v: isinstance(v, bytes | memoryview), row)))
                 for row in db.execute_sql("SELECT * FROM card_key").fetchall()])  # fmt: skip
    assert repr(phone.key) not in rows
    scanned = card_code.parse(phone.payload(noon))
    assert card_code.matches(card_keys.key_bytes(key), scanned)


def test_a_second_phone_takes_the_card_over_and_the_first_is_told(town, noon):
    card, first = with_phone(town.rui, noon)
    second = CardPhone()
    key = card_keys.enrol(card, second.public, "1", by=town.rui, at=noon + HOUR, words="卡在另一部手机上了")
    assert card_keys.by_code(first.code).ended_at == noon + HOUR
    assert card_keys.phone_of(card) == key and key.new_since == noon + HOUR and key.code != first.code
    assert "card moved to another phone" in [line.what for line in Trail.about(f"person:{town.rui.ref}").rows]
    assert Outbox.select().count() == 1


def test_the_same_half_twice_is_the_same_phone(town, noon, crowd):
    card, phone = with_phone(town.rui, noon)
    assert phone.enrol(card, at=noon + HOUR).code == phone.code and CardKey.select().count() == 1
    public = CardPhone().public.hex()
    codes = crowd.do(_crowd.enrol_card_elsewhere, town.url, card.id, noon + HOUR, public)
    assert len(set(codes)) == 1 and CardKey.select().count() == 2


def test_of_four_phones_at_once_one_shows_the_card(town, noon, crowd):
    card = card_of(town.rui, noon)
    each = [(CardPhone().public.hex(),) for _ in range(4)]

    def alive():
        return [key.code for key in CardKey.select().where(CardKey.ended_at.is_null())]

    codes = crowd.do(_crowd.enrol_card_elsewhere, town.url, card.id, noon, each=each)
    assert codes.count("moves") == 1 and CardKey.select().count() == 3  # the fourth is one too many
    assert len(alive()) == 1 and alive()[0] in codes


def test_three_phones_in_thirty_days_and_a_new_card_begins_anew(town, noon):
    card = card_of(town.rui, noon)
    for n in range(3):
        assert card_keys.moves_left(card, noon + n * DAY) == 3 - n
        CardPhone().enrol(card, at=noon + n * DAY)
    assert refused(CardPhone().enrol, card, at=noon + 29 * DAY) == "moves"
    CardPhone().enrol(card, at=noon + 30 * DAY + MINUTE)
    card_moves.lose(card, by=town.kim, at=noon + 31 * DAY)
    new = cards.replace(card, by=town.kim, at=noon + 31 * DAY)
    assert card_keys.moves_left(new, noon + 31 * DAY) == 3
    assert CardPhone().enrol(new, at=noon + 31 * DAY).new_since is None


@pytest.mark.parametrize("public", [b"", b"\4" * 65, bytes(65)], ids=["none", "beside", "zero"])
def test_what_is_no_half_is_refused(town, noon, public):
    card = card_of(town.rui, noon)
    assert refused(card_keys.enrol, card, public, "1", by=town.rui, at=noon) == "half"
    assert refused(card_keys.enrol, card, CardPhone().public, "9", by=town.rui, at=noon) == "half"
    assert CardKey.select().count() == 0 and again(card).state == "waiting"


@pytest.mark.parametrize("what", ["lost", "stopped", "run out"])
def test_a_card_that_is_not_in_use_gets_no_phone(town, noon, what):
    card = card_of(town.rui, noon)
    cards.move(card, what, by=town.olga, at=noon)
    assert refused(CardPhone().enrol, card, at=noon) == "state"


def test_last_four_digits_find_the_living_phones(town, noon):
    with writing():
        other = Person.register(name="同尾", phone="13900000001", at=noon)
    _, one = with_phone(town.rui, noon)  # 13800000001
    _, two = with_phone(other, noon)
    with_phone(town.ray, noon)
    found = card_keys.by_last4("0001")
    assert [(key.code, key.card.person.name) for key in found] == [(one.code, "芮一"), (two.code, "同尾")]
    card_moves.lose(Card.of(other), by=other, at=noon)
    assert [key.code for key in card_keys.by_last4("0001")] == [one.code]
    assert card_keys.by_last4("9999") == []


def test_looking_a_code_up_is_one_statement(engine, town, noon):
    _, phone = with_phone(town.rui, noon)
    for look in (lambda: [card_keys.by_code(phone.code)], lambda: card_keys.by_last4("0001")):
        with engine.statements() as told:
            assert [key.card.person.name for key in look()] == ["芮一"]
        assert len([line for line in told if "SELECT" in line]) == 1


def test_a_contact_is_noted_once_an_hour(town, noon):
    _, phone = with_phone(town.rui, noon)
    for minutes, seen in ((59, 0), (60, 60), (61, 60), (200, 200)):
        card_keys.contact(card_keys.by_code(phone.code), noon + minutes * MINUTE)
        assert card_keys.by_code(phone.code).seen_at == noon + seen * MINUTE


@pytest.fixture
def given():
    before = ring()
    yield before
    use_ring(before)


def newer(given):
    use_ring(KeyRing(given.keys | {"card": given.keys["card"] | {"2": secrets.token_bytes(32)}}))


def test_a_new_half_of_ours_is_taken_up_phone_by_phone(town, noon, given):
    card, phone = with_phone(town.rui, noon)
    newer(given)
    key = card_keys.by_code(phone.code)
    assert card_keys.key_bytes(key) == phone.key  # the old one is still good
    phone.take(phone.code, phone.device_id, half_of("2"))
    wrong = card_code.kcv(secrets.token_bytes(32))
    assert not card_keys.take_up(key, "2", wrong, at=noon)
    assert not card_keys.take_up(key, "1", card_code.kcv(phone.key), at=noon)
    assert card_keys.by_code(phone.code).kid == "1"
    for _again in range(2):
        assert card_keys.take_up(key, "2", card_code.kcv(phone.key), at=noon)
    assert card_keys.key_bytes(card_keys.by_code(phone.code)) == phone.key
    assert CardPhone().enrol(card, at=noon).kid == "2"


def test_who_does_not_come_by_for_ninety_days_has_lost_the_old_one(town, noon, given):
    _, phone = with_phone(town.rui, noon)
    _, other = with_phone(town.ray, noon)
    assert card_keys.end_old(noon + 200 * DAY) == 0  # there is no newer one
    newer(given)
    card_keys.contact(card_keys.by_code(other.code), noon + 2 * DAY)
    assert card_keys.end_old(noon + 90 * DAY) == 0
    assert card_keys.end_old(noon + 91 * DAY) == 1
    assert card_keys.by_code(phone.code).ended_at and not card_keys.by_code(other.code).ended_at


def test_without_our_half_a_key_says_so(town, noon, given):
    _, phone = with_phone(town.rui, noon)
    use_ring(KeyRing(given.keys | {"card": {"2": secrets.token_bytes(32)}}))
    assert card_keys.key_bytes(card_keys.by_code(phone.code)) is None


# On paper.


def test_a_printed_card_is_good_no_longer_than_the_card(town, noon):
    card = card_of(town.rui, noon)
    with writing():
        Card.update(valid_to=20241029).execute()
    key = card_keys.print_card(card, by=town.kim, at=noon)
    scanned = card_code.parse(card_keys.printed(key))
    assert key.print_until == card_keys.paper_of(card).print_until == dt.date(2024, 10, 29)
    for day, reason in ((29, ""), (30, "expired")):
        assert verifying.check(scanned, dt.datetime(2024, 10, day, 4, tzinfo=dt.UTC)).reason == reason


def test_a_printed_card_has_its_own_key_and_a_shorter_life(town, noon):
    card = card_of(town.rui, noon)
    key = card_keys.print_card(card, by=town.kim, at=noon)
    text = card_keys.printed(key)
    scanned = card_code.parse(text)
    assert scanned.kind == "print" and card_code.matches(card_keys.key_bytes(card_keys.by_code(scanned.code)), scanned)
    assert (again(card).state, key.print_until, key.new_since) == ("active", dt.date(2025, 3, 19), None)
    other = card_keys.print_card(card, by=town.kim, at=noon + DAY)
    assert card_keys.by_code(scanned.code).ended_at == noon + DAY and card_keys.printed(other) != text
    assert card_keys.by_last4("0001") == []  # there is no number on paper
    CardPhone().enrol(again(card), at=noon + DAY)
    assert card_keys.paper_of(card) == other  # a phone and paper go together
    card_moves.lose(card, by=town.rui, at=noon + DAY)
    assert card_keys.paper_of(card) is None
    assert refused(card_keys.print_card, card, by=town.kim, at=noon) == "state"


# For once.


def test_a_code_for_once_is_taken_once_within_a_minute(town, noon, crowd):
    card = card_of(town.rui, noon)
    digits = card_once.new_once(card, by=town.rui, at=noon)
    assert len(digits) == 8 and digits.isdigit() and again(card).state == "active"
    assert card_once.by_once(digits, noon).person.name == "芮一"
    kept = db.execute_sql("SELECT digits_hash FROM card_once").fetchall()
    assert digits.encode() not in bytes(kept[0][0])
    with writing():
        assert card_once.take_once(digits, noon + MINUTE) is None
        assert card_once.take_once("00000000" if digits != "00000000" else "1" * 8, noon) is None
    assert sorted(crowd.do(_crowd.take_once_elsewhere, town.url, digits, noon)) == [False, False, False, True]
    with writing():
        assert card_once.take_once(digits, noon) is None


def test_another_code_for_once_ends_the_one_before(town, noon):
    card = card_of(town.rui, noon)
    first, second = (card_once.new_once(card, by=town.rui, at=noon) for _ in range(2))
    assert card_once.by_once(second, noon) == card and (first == second or card_once.by_once(first, noon) is None)


# Closing the account.


def test_a_closed_account_has_no_card_and_when_undone_waits_for_a_phone(town, noon):
    card, phone = with_phone(town.rui, noon)
    card_keys.print_card(card, by=town.kim, at=noon)
    farewells.close(town.rui, at=noon)
    assert again(card).state == "stopped" and card_keys.by_code(phone.code).ended_at == noon
    assert card_keys.paper_of(card) is None
    person = farewells.undo(farewells.Farewell.get(), at=noon + DAY)
    assert again(card).state == "waiting"
    CardPhone().enrol(Card.of(person), at=noon + DAY)
    assert again(card).state == "active"


def test_a_card_that_was_stopped_before_stays_so(town, noon):
    card, _ = with_phone(town.rui, noon)
    card_moves.stop(card, "查一下", by=town.olga, at=noon)
    farewells.close(town.rui, at=noon)
    farewells.undo(farewells.Farewell.get(), at=noon + DAY)
    assert again(card).state == "stopped"


# The colour of the day.


def test_every_day_has_a_colour_another_than_yesterdays(town, noon):
    days = colours.days_from(noon.date())
    assert list(days) == [number_of(noon.date() + n * DAY) for n in range(14)]
    assert set(days.values()) <= set(colours.COLOURS)
    year = [colours.day_colour(noon.date() + n * DAY) for n in range(400)]
    assert all(one != next for one, next in pairwise(year)) and set(year) == set(colours.COLOURS)


def test_the_colour_is_the_keys_and_the_districts(town, noon, given):
    days = [colours.day_colour(noon.date() + n * DAY) for n in range(60)]
    with writing():
        Setting.put("code", "370811")
        Revision.bump()
    assert days != [colours.day_colour(noon.date() + n * DAY) for n in range(60)]
