"""The second factor: codes that open once, codes on paper, and no way of trying them out."""

import datetime as dt

import pyotp
import pytest

from models import second_factor
from models._database import db, writing
from models._keys import KeyRing, ring, use_ring
from models._record import Refused
from models._trail import Trail
from models.limits import LIMITS
from models.people import Person
from models.second_factor import LIMIT, RecoveryCode, SecondFactor
from models.sessions import Session
from tests import _crowd

STEP, MOMENT = dt.timedelta(seconds=30), dt.timedelta(milliseconds=1)
WRONG = "no code"
MOST_WRONG, PAUSE = LIMITS[LIMIT]


def secret_of(person):
    return SecondFactor.of(person).secret


def code(person, at):
    """What the person's app shows at this time."""
    return pyotp.TOTP(secret_of(person)).at(at)


def right(person, text, at):
    return second_factor.is_right(person, text, at=at)


@pytest.fixture
def codes(town, noon):
    """Olga's codes on paper: she has set it up half an hour before noon."""
    second_factor.begin(town.olga)
    return second_factor.confirm(town.olga, code(town.olga, noon - 60 * STEP), at=noon - 60 * STEP)


# Setting it up.


def test_it_counts_once_the_app_has_shown_a_right_code(town, noon):
    second_factor.begin(town.olga)
    assert not SecondFactor.of(town.olga).on
    assert not right(town.olga, code(town.olga, noon), noon), "not yet"
    assert second_factor.confirm(town.olga, WRONG, at=noon) is None
    assert not SecondFactor.of(town.olga).on and not RecoveryCode.select().exists()
    assert len(second_factor.confirm(town.olga, code(town.olga, noon), at=noon)) == 10
    assert SecondFactor.of(town.olga).on and RecoveryCode.left(town.olga) == 10
    assert [(line.subject, line.what) for line in Trail.select()] == [(f"person:{town.olga.ref}", "second factor on")]


def test_beginning_twice_is_once_and_a_confirmed_one_is_not_confirmed_again(town, codes, noon):
    secret = secret_of(town.olga)
    second_factor.begin(town.olga)
    assert secret_of(town.olga) == secret
    assert second_factor.confirm(town.olga, code(town.olga, noon), at=noon) is None
    assert RecoveryCode.left(town.olga) == 10
    assert second_factor.confirm(town.rui, code(town.olga, noon), at=noon) is None, "not begun"


def test_the_secret_is_sealed_and_codes_are_kept_as_hashes(town, codes):
    kept = repr([db.execute_sql(f"SELECT * FROM {table}").fetchall() for table in ("second_factor", "recovery_code")])
    assert secret_of(town.olga) not in kept and not any(c in kept or c.replace("-", "") in kept for c in codes)


def test_the_app_is_told_name_and_issuer(town, codes):
    address = SecondFactor.of(town.olga).address("欧五", "暖驿 示范区")
    assert address.startswith("otpauth://totp/") and pyotp.parse_uri(address).secret == secret_of(town.olga)


def test_the_devices_that_were_signed_in_have_to_show_it_too(town, noon):
    token = Session.start(town.olga, at=noon, second=True)
    second_factor.begin(town.olga)
    assert not Session.person_of(token, at=noon).has_second
    second_factor.confirm(town.olga, code(town.olga, noon), at=noon)
    person = Session.person_of(token, at=noon)
    assert person.has_second and not person.session_second


# The code of the app.


@pytest.mark.parametrize("off, opens", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_half_a_minute(off, opens, town, codes, noon):
    assert right(town.olga, code(town.olga, noon + off * STEP), noon) == opens


def test_a_code_opens_once_and_none_before_it_does(town, codes, noon):
    now = code(town.olga, noon)
    assert right(town.olga, now, noon)
    assert not right(town.olga, now, noon + MOMENT)
    assert not right(town.olga, code(town.olga, noon - STEP), noon + MOMENT)
    assert right(town.olga, code(town.olga, noon + STEP), noon + STEP)


def test_the_code_that_confirmed_opens_nothing_more(town, noon):
    second_factor.begin(town.olga)
    now = code(town.olga, noon)
    assert second_factor.confirm(town.olga, now, at=noon)
    assert not right(town.olga, now, noon + MOMENT)


def test_at_the_same_moment_one_wins(town, codes, noon, crowd):
    for n in range(5):
        at = noon + n * STEP
        became = crowd.do(_crowd.use_code_elsewhere, town.url, town.olga.id, code(town.olga, at), at)
        assert sorted(became) == ["False", "False", "False", "True"]


def test_spaces_in_it_do_no_harm_and_it_is_the_own_app_that_counts(town, codes, noon):
    second_factor.begin(town.ray)
    second_factor.confirm(town.ray, code(town.ray, noon - 9 * STEP), at=noon - 9 * STEP)
    now = code(town.olga, noon)
    assert not right(town.ray, now, noon)
    wide = now.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert right(town.olga, f" {wide[:3]} {wide[3:]} ", noon)
    assert not right(town.rui, now, noon), "who has none"


@pytest.mark.parametrize("text", ["", " ", "0", "\0", "１２３４５６", "é🛵", "\ud800", "9" * 100_000, "-" * 19])
def test_nonsense_is_wrong(text, town, codes, noon):
    assert not right(town.olga, text, noon)


# The codes on paper.


def test_a_code_on_paper_opens_once(town, codes, noon):
    assert right(town.olga, codes[3], noon)
    assert not right(town.olga, codes[3], noon)
    assert RecoveryCode.left(town.olga) == 9
    assert Trail.select().order_by(Trail.seq.desc()).get().what == "recovery code used"


@pytest.mark.parametrize(
    "typed", [str.lower, lambda c: c.replace("-", ""), lambda c: c.replace("-", " "), lambda c: c.replace("0", "O")]
)
def test_however_it_is_typed(typed, town, codes, noon):
    assert right(town.olga, typed(codes[0]), noon)


def test_at_the_same_moment_it_opens_once(town, codes, noon, crowd):
    for each in codes[:5]:
        became = crowd.do(_crowd.use_code_elsewhere, town.url, town.olga.id, each, noon)
        assert sorted(became) == ["False", "False", "False", "True"]


def test_anothers_opens_nothing(town, codes, noon):
    second_factor.begin(town.ray)
    second_factor.confirm(town.ray, code(town.ray, noon), at=noon)
    assert not right(town.ray, codes[0], noon + STEP)


def test_ten_new_ones_make_the_old_ones_waste_paper(town, codes, noon):
    assert second_factor.renew_codes(town.olga, WRONG, at=noon) is None
    new = second_factor.renew_codes(town.olga, codes[0], at=noon)
    assert len(set(new) - set(codes)) == 10 and RecoveryCode.left(town.olga) == 10
    assert not right(town.olga, codes[1], noon) and right(town.olga, new[1], noon)


# Trying out.


def refused(act, *arguments, **more):
    with pytest.raises(Refused) as no:
        act(*arguments, **more)
    return no.value.code


def test_after_some_wrong_ones_no_code_is_looked_at_for_a_quarter_of_an_hour(town, codes, noon):
    for n in range(MOST_WRONG):
        assert not right(town.olga, WRONG, noon + n * MOMENT)
    last = noon + (MOST_WRONG - 1) * MOMENT
    for at in (last, noon + PAUSE - MOMENT):
        assert refused(right, town.olga, code(town.olga, at), at) == "wait"
        assert refused(right, town.olga, codes[0], at) == "wait"
        assert refused(second_factor.turn_off, town.olga, code(town.olga, at), at=at) == "wait"
    assert right(town.olga, code(town.olga, last + PAUSE), last + PAUSE)


def test_a_right_one_begins_the_count_anew(town, codes, noon):
    for n in range(4):
        at = noon + n * STEP
        for _ in range(MOST_WRONG - 1):
            assert not right(town.olga, WRONG, at)
        assert right(town.olga, code(town.olga, at), at)


def test_several_at_once_do_not_get_more_tries(town, codes, noon, crowd):
    became = [crowd.do(_crowd.use_code_elsewhere, town.url, town.olga.id, WRONG, noon) for _ in range(4)]
    told = [each for four in became for each in four]
    assert (told.count("False"), told.count("wait")) == (MOST_WRONG, 16 - MOST_WRONG)


def test_the_count_holds_while_it_is_set_up_as_well(town, noon):
    second_factor.begin(town.olga)
    for _ in range(MOST_WRONG):
        assert second_factor.confirm(town.olga, WRONG, at=noon) is None
    assert refused(second_factor.confirm, town.olga, code(town.olga, noon), at=noon) == "wait"


def test_an_empty_field_is_no_try(town, codes, noon):
    for empty in ("", "  ", "-") * 5:
        assert not right(town.olga, empty, noon)
    assert right(town.olga, codes[0], noon)


# Turning it off, and a key that is not there.


def test_it_is_turned_off_with_a_code_and_nothing_is_left(town, codes, noon):
    token = Session.start(town.olga, at=noon, second=True)
    assert not second_factor.turn_off(town.olga, WRONG, at=noon)
    assert SecondFactor.of(town.olga).on
    assert second_factor.turn_off(town.olga, code(town.olga, noon), at=noon)
    assert SecondFactor.of(town.olga) is None and not RecoveryCode.select().exists()
    assert not Session.person_of(token, at=noon).session_second
    assert Trail.select().order_by(Trail.seq.desc()).get().what == "second factor off"
    assert not second_factor.turn_off(town.olga, codes[0], at=noon)


def test_without_its_key_the_app_opens_nothing_but_the_codes_on_paper_do(town, codes, noon, tmp_path):
    now, known = code(town.olga, noon), ring()
    KeyRing.make(tmp_path / "other.json")
    use_ring(KeyRing(known.keys | {"pii": KeyRing.read(tmp_path / "other.json").keys["pii"]}))
    try:
        assert not right(town.olga, now, noon)
        assert right(town.olga, codes[0], noon)
    finally:
        use_ring(known)
    assert right(town.olga, now, noon)


def test_a_secret_moved_to_anothers_row_opens_nothing(town, codes, noon):
    second_factor.begin(town.ray)
    second_factor.confirm(town.ray, code(town.ray, noon - 9 * STEP), at=noon - 9 * STEP)
    now = code(town.ray, noon)
    stolen = SecondFactor.of(town.ray).secret_sealed
    with writing():
        SecondFactor.update(secret_sealed=stolen).where(SecondFactor.person == town.olga).execute()
    assert not right(Person.get_by_id(town.olga.id), now, noon)
