"""Screens at stations: one link, one device, its own key; what its code proves, and that it proves nothing once taken back."""

import datetime as dt

import pytest

from models import card_code, card_keys, kiosks
from models._record import Refused
from models._trail import Trail
from models.kiosks import LINK, Kiosk
from tests import _crowd
from tests._engines import NOON
from tests._screens import Screen

SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
HALF = card_code.public_of(card_code.private_of(b"the half of a screen's own key!!"))
OTHER = card_code.public_of(card_code.private_of(b"the half of another screen's key"))


@pytest.fixture
def screen(town):
    return Screen(town.spring, town.kim, NOON)


def make(town, name="柜台", at=NOON):
    return kiosks.make(town.spring, name, by=town.kim, at=at)


def opened(token, half=HALF, at=NOON):
    return kiosks.open_screen(token, half, card_keys.our_half()[0], at=at)


def why(call, *given, **more):
    with pytest.raises(Refused) as no:
        call(*given, **more)
    return no.value.code


def proof(screen, code, at, now, digits=""):
    return kiosks.proof(screen.kiosk.station_id, code, digits, at, now)


# A screen.


def test_a_screen_is_made_opened_and_taken_back(town):
    kiosk, token = make(town)
    assert kiosk.state == "waiting"
    assert opened(token).state == "open"
    kiosks.take_back(kiosk, by=town.kim, at=NOON + HOUR)
    kiosks.take_back(kiosk, by=town.kim, at=NOON + 2 * HOUR)
    assert Kiosk.get().state == "ended" and Kiosk.get().ended_at == NOON + HOUR and Kiosk.of(town.spring) == []
    said = [(line.what.split()[-1], line.actor) for line in Trail.about("station:SF001").rows if "screen" in line.what]
    assert said == [("back", town.kim.id), ("opened", 0), ("made", town.kim.id)]


def test_both_sides_have_the_same_key(screen):
    kiosk = Kiosk.get()
    assert kiosk.key() == screen.key and kiosk.kcv == card_code.kcv(screen.key)


def test_the_link_is_kept_as_a_hash_alone(town):
    kiosk, token = make(town)
    assert token.encode() not in bytes(kiosk.link_hash) and len(token) == 20


def test_a_link_works_once_and_for_the_same_half_again(town):
    _, token = make(town)
    first = opened(token)
    assert opened(token.lower()).id == first.id  # the answer was lost on the way
    assert why(opened, token, OTHER) == "gone"
    assert bytes(Kiosk.get().public) == HALF


def test_a_link_is_good_for_ten_minutes(town):
    _, token = make(town)
    assert why(opened, token, at=NOON + LINK) == "gone"
    assert opened(token, at=NOON + LINK - SECOND).state == "open"


@pytest.mark.parametrize("half", [b"", b"\4" + bytes(64), HALF[:33], HALF + b"\0", b"\xff" * 65])
def test_what_is_no_point_of_the_curve_opens_nothing(half, town):
    _, token = make(town)
    assert why(opened, token, half) == "half"
    assert why(kiosks.open_screen, token, HALF, "no such half", at=NOON) == "half"
    assert Kiosk.get().state == "waiting"


def test_a_link_that_nobody_made_opens_nothing(town):
    assert why(opened, "0" * 20) == why(opened, "") == why(opened, "暖" * 200) == "gone"


def test_a_new_link_ends_the_one_before(town):
    kiosk, first = make(town)
    second = kiosks.link_anew(kiosk, by=town.kim, at=NOON + HOUR)
    assert why(opened, first, at=NOON + HOUR) == "gone"
    assert opened(second, at=NOON + HOUR).state == "open"
    assert why(kiosks.link_anew, kiosk, by=town.kim, at=NOON + HOUR) == "state"


def test_one_taken_back_before_it_was_opened_stays_shut(town):
    kiosk, token = make(town)
    kiosks.take_back(kiosk, by=town.kim, at=NOON)
    assert why(opened, token) == "gone"
    assert why(kiosks.link_anew, kiosk, by=town.kim, at=NOON) == "state"


@pytest.mark.parametrize("name", ["", "  ", "长" * 31])
def test_it_has_a_short_name(name, town):
    assert why(make, town, name) == "name"


def test_a_station_has_ten_at_most(town):
    kept = [make(town)[0] for _ in range(10)]
    assert why(make, town) == "many"
    kiosks.take_back(kept[0], by=town.kim, at=NOON)
    assert make(town) and len(Kiosk.of(town.spring)) == 10


def test_of_many_devices_at_one_link_one_becomes_the_screen(town, crowd):
    _, token = make(town)
    halves = [card_code.public_of(card_code.private_of(bytes([n]) * 32)) for n in range(1, 5)]
    became = crowd.do(_crowd.open_screen_elsewhere, town.url, token, NOON, each=[(half,) for half in halves])
    assert sorted(became) == ["gone", "gone", "gone", "open"]
    assert bytes(Kiosk.get().public) == halves[became.index("open")]


# What its code proves.


@pytest.mark.parametrize(
    ("at", "now", "shown"),
    [
        (0, 0, 2),
        (85, 89, 2),
        (-25, -25, 2),  # the screen's clock is ahead
        (0, 91, 1),  # it waited on a phone
        (60, 3 * 86400, 1),
        (-31, -31, 0),
        (91, 91, 1),  # slow to sign in
        (601, 601, 0),
        (86400, 86400, 0),  # a picture of yesterday's
        (-86400, 0, 0),  # the code of now for a visit of yesterday
    ],
)
def test_who_comes_at_once_was_here_and_who_comes_later_may_have_been(at, now, shown, screen):
    code = screen.code(NOON)  # noon is the first second of a step
    assert proof(screen, code, NOON + at * SECOND, NOON + now * SECOND) == shown
    address = f"HTTPS://NUANYI.EXAMPLE/C#{code}"
    assert proof(screen, address.lower(), NOON + at * SECOND, NOON + now * SECOND) == shown


@pytest.mark.parametrize(("at", "now", "shown"), [(0, 0, 2), (80, 85, 2), (-25, -25, 2), (10, 3600, 1), (120, 120, 0)])
def test_six_digits_typed_do_as_well(at, now, shown, screen):
    assert proof(screen, "", NOON + at * SECOND, NOON + now * SECOND, screen.digits(NOON)) == shown


def test_another_stations_screen_proves_nothing_here(town, screen):
    assert kiosks.proof(town.street.id, screen.code(NOON), screen.digits(NOON), NOON, NOON) == 0


def test_what_is_no_code_of_a_screen_proves_nothing(screen):
    good = screen.code(NOON)
    bad = good[:-1] + ("0" if good[-1] != "0" else "1")
    wrong = f"{(int(screen.digits(NOON)) + 1) % 1_000_000:06}"
    for code in (bad, "C1" + good[2:], "P1" + "0" * 28, good + "0", "6901234567892", "", "暖" * 30, "P1" + "U" * 28):
        assert proof(screen, code, NOON, NOON) == 0, code
    for digits in (wrong, "", "12", "１２３４５６", "abcdef", "0" * 6000):
        assert proof(screen, "", NOON, NOON, digits) == 0, digits


def test_once_taken_back_it_proves_nothing_from_that_moment(town, screen):
    code = screen.code(NOON)
    other = Screen(town.spring, town.kim, NOON, "门口")
    assert proof(screen, code, NOON, NOON) == 2
    kiosks.take_back(screen.kiosk, by=town.kim, at=NOON)
    assert proof(screen, code, NOON, NOON) == proof(screen, "", NOON, NOON, screen.digits(NOON)) == 0
    assert proof(other, other.code(NOON), NOON, NOON) == 2  # one by one


def test_the_keys_are_looked_up_once_between_two_changes(engine, town, screen):
    proof(screen, screen.code(NOON), NOON, NOON)
    with engine.statements() as told:
        assert proof(screen, screen.code(NOON), NOON, NOON) == 2
        assert proof(screen, "", NOON, NOON, screen.digits(NOON)) == 2
    assert not [one for one in told if "kiosk" in str(one)]


# In touch.


def test_a_screen_in_touch_is_noted_once_an_hour(screen):
    for minutes in (0, 30, 59):
        at = NOON + minutes * MINUTE
        assert kiosks.contact(screen.code(at), at=at).station.code == "SF001"
    assert Kiosk.get().seen_at == NOON
    kiosks.contact(screen.code(NOON), at=NOON + HOUR)  # its clock may be wrong: that is what it comes for
    assert Kiosk.get().seen_at == NOON + HOUR


def test_one_that_was_taken_back_hears_it(town, screen):
    kiosks.take_back(screen.kiosk, by=town.kim, at=NOON)
    assert kiosks.contact(screen.code(NOON), at=NOON) is None
    assert kiosks.contact("P1" + "0" * 28, at=NOON) is None and kiosks.contact("暖驿", at=NOON) is None
