"""Trust in the count: what does not fit is marked, the visit stays, and honest partners are left alone."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import doubting, doubts, figures, tally
from models._database import writing
from models.doubting import crowded, speed_doubt
from models.doubts import BURST, FAST, IMPOSSIBLE, NEWCOMERS, SELF, Burst, Doubt
from models.people import Person
from models.stations import Station
from models.visits import Visit, Who, admit
from tests._engines import NOON
from tests._screens import Screen

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def come(station, who, at=NOON, evidence=1, now=None):
    who = who if isinstance(who, Who) else Who(who.id, None)
    return admit(station.id, who, client_id=f"{station.id}{who}{at}", at=at, now=now or at, evidence=evidence)


def device(n):
    return Who(None, f"{n:032}")


def marks(kind=None):
    rows = Doubt.select() if kind is None else Doubt.select().where(Doubt.kind == kind)
    return sorted((row.visit_id, row.kind) for row in rows)


@pytest.fixture
def apart(town):
    """The first station lies ten kilometres from the second, and one from the third."""
    with writing():
        Station.update(lat=town.spring.lat + 10 / 111.195).where(Station.id == town.street.id).execute()
        Station.update(lng=town.street.lng).where(Station.id == town.street.id).execute()
        for station, north in ((town.street, 10), (town.fuel, 1)):
            place = {"lat": town.spring.lat + north / 111.195, "lng": town.spring.lng}
            Station.update(**place).where(Station.id == station.id).execute()
    return town


# How fast.


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("apart", "minutes", "doubt"),
    [(10_000, 5, IMPOSSIBLE), (10_000, 10, FAST), (10_000, 20, ""), (1_999, 0, ""), (3_000, 0, IMPOSSIBLE)],
)
def test_nobody_is_asked_who_could_have_ridden(apart, minutes, doubt):
    assert speed_doubt(apart, minutes * 60_000) == doubt


def test_two_stations_at_once_are_marked_and_both_visits_stay(apart):
    come(apart.spring, apart.rui)
    come(apart.street, apart.rui, NOON + 5 * MINUTE)
    doubting.look(NOON + 6 * MINUTE)
    _first, second = Visit.select().order_by(Visit.at)
    assert marks() == [(second.id, IMPOSSIBLE)]
    assert figures.month_total(202409) == {1: 2}


def test_a_ride_is_no_wonder(apart):
    come(apart.spring, apart.rui)
    come(apart.fuel, apart.rui, NOON + MINUTE)
    come(apart.street, apart.rui, NOON + 25 * MINUTE)
    doubting.look(NOON + HOUR)
    assert marks() == []


def test_what_arrives_late_is_looked_at_by_when_it_happened(apart):
    come(apart.street, apart.rui, NOON + HOUR)
    doubting.look(NOON + HOUR)
    come(apart.spring, apart.rui, NOON + 55 * MINUTE, now=NOON + 2 * HOUR)
    doubting.look(NOON + 2 * HOUR)
    assert marks() == [(Visit.get(Visit.station == apart.street.id).id, IMPOSSIBLE)]


def test_two_people_are_two(apart):
    come(apart.spring, apart.rui)
    come(apart.street, apart.ray, NOON + MINUTE)
    doubting.look(NOON + HOUR)
    assert marks() == []


# Many at once.


@pytest.mark.no_database
@given(times=st.lists(st.integers(0, 3_600_000), max_size=60), most=st.integers(1, 12))
def test_a_crowd_is_found_as_by_looking_at_every_window(times, most):
    times = sorted(times)
    slow = {
        n
        for n, at in enumerate(times)
        for begin in times
        if begin <= at < begin + doubting.WINDOW
        and sum(begin <= other < begin + doubting.WINDOW for other in times) > most
    }
    assert crowded(times, lambda begin: most) == slow


def test_nine_in_ten_minutes_are_marked_and_the_keeper_is_asked_once(town):
    for n in range(9):
        come(town.spring, device(n), NOON + n * MINUTE)
    for _ in range(2):
        doubting.look(NOON + 10 * MINUTE)
    assert len(marks(BURST)) == 9 and Burst.select().count() == 1
    warned = doubts.warned(town.spring.id, NOON + HOUR)
    assert warned.n == 9 and doubts.warned(town.spring.id, NOON + 2 * DAY) is None
    assert doubts.warned(town.street.id, NOON + HOUR) is None


def test_eight_in_ten_minutes_are_a_meal_time(town):
    for n in range(16):
        come(town.spring, device(n), NOON + n * dt.timedelta(seconds=76))
    doubting.look(NOON + HOUR)
    assert marks() == []


def test_where_many_come_every_day_many_are_usual(town):
    for day in range(1, 29):
        tally_rows(town.spring, NOON - day * DAY, 30)
    for n in range(20):
        come(town.spring, device(n), NOON + n * dt.timedelta(seconds=20))
    doubting.look(NOON + HOUR)
    assert marks() == []


def tally_rows(station, at, n):
    """What `n` presses in an hour left in the totals."""
    from models.visits import VisitHour

    local = at.astimezone(dt.timezone(8 * HOUR))
    with writing():
        key = {"station": station.id, "local_date": int(f"{local:%Y%m%d}"), "hour": local.hour}
        VisitHour.create(**key, channel=1, evidence=1, n=n)


def test_who_knows_the_digits_or_was_seen_is_in_no_crowd(town):
    for n in range(12):
        come(town.spring, device(n), NOON + n * MINUTE / 2, evidence=2)
        tally.add(town.spring, 12, 1, client_id=f"t{n}", by=town.kim, now=NOON + n * MINUTE / 2)
    doubting.look(NOON + HOUR)
    assert marks() == []


def test_more_than_five_with_one_code_of_a_screen_are_looked_at(town):
    for n in range(6):  # the board's digits alone are no such thing
        come(town.street, device(n), NOON + n * dt.timedelta(seconds=10), evidence=2)
    Screen(town.spring, town.kim, NOON)
    for n in range(5):
        come(town.spring, device(n), NOON + n * dt.timedelta(seconds=10), evidence=2)
    doubting.look(NOON + MINUTE)
    assert marks() == []
    come(town.spring, device(6), NOON + dt.timedelta(seconds=80), evidence=2)
    come(town.spring, device(7), NOON + dt.timedelta(minutes=5), evidence=2)
    doubting.look(NOON + 6 * MINUTE)
    assert len(marks(BURST)) == 6


def test_a_crowd_that_arrives_late_with_times_of_its_own_choice_is_a_crowd(town):
    for n in range(18):
        come(town.spring, device(n), NOON - n * 2 * HOUR, now=NOON + n * dt.timedelta(seconds=30))
    doubting.look(NOON + HOUR)
    assert len(marks(BURST)) == 17


def test_four_new_accounts_at_once_are_looked_at(town):
    with writing():
        new = [Person.register(name=f"新{n}", phone=f"1380000010{n}", at=NOON - HOUR) for n in range(4)]
    for n, person in enumerate(new[:3]):
        come(town.spring, person, NOON + n * MINUTE)
    doubting.look(NOON + 5 * MINUTE)
    assert marks() == []
    come(town.spring, new[3], NOON + 5 * MINUTE)
    doubting.look(NOON + 6 * MINUTE)
    assert len(marks(NEWCOMERS)) == 4


# The keeper.


def test_a_keeper_who_counts_at_the_own_station_is_marked(town):
    come(town.spring, town.kim)
    come(town.street, town.kim, NOON + 5 * HOUR)
    tally.note(town.fuel, "13800000001", client_id="n", by=town.kim, now=NOON)
    doubting.look(NOON + 6 * HOUR)
    assert marks() == [(Visit.get(Visit.station == town.spring.id).id, SELF)]


# Looking into them.


def test_each_visit_is_looked_at_once_also_after_an_interruption(apart):
    come(apart.spring, apart.rui)
    assert doubting.look(NOON) == 0
    come(apart.street, apart.rui, NOON + 5 * MINUTE)
    assert doubting.look(NOON + 6 * MINUTE) == 1
    assert doubting.look(NOON + 7 * MINUTE) == 0


def test_what_was_looked_into_is_off_the_list_and_the_visit_is_what_it_was(apart):
    come(apart.spring, apart.rui)
    come(apart.street, apart.rui, NOON + 5 * MINUTE)
    doubting.look(NOON + 6 * MINUTE)
    before = list(Visit.select().tuples())
    (row,) = doubts.listed(IMPOSSIBLE, None).rows
    assert doubts.counts(None)[IMPOSSIBLE] == 1
    for _ in range(2):
        doubts.settle(row, True, by=apart.olga, at=NOON + HOUR)
    assert doubts.counts(None)[IMPOSSIBLE] == 0 and not doubts.listed(IMPOSSIBLE, None).rows
    assert list(Visit.select().tuples()) == before
    doubting.look(NOON + 2 * HOUR)
    assert doubts.counts(None)[IMPOSSIBLE] == 0


def test_a_town_looks_into_its_own(apart):
    come(apart.spring, apart.kim)
    doubting.look(NOON)
    (row,) = Doubt.select()
    town = Station.get_by_id(apart.spring.id).town_id
    assert doubts.counts([town])[SELF] == 1 and doubts.counts(["000000000"])[SELF] == 0
    assert doubts.of(row.visit_id, SELF, ["000000000"]) is None


# The pages.


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


def test_the_officer_sees_what_does_not_fit_and_never_who(apart, olga, new_phone):
    new_phone().sign_in(apart.kim).press("SF001")
    doubting.look(NOON)
    assert "春风社区服务站" in olga.get("/doubts/self").page.text and "金" not in olga.get("/doubts/self").page.text
    (row,) = Doubt.select()
    for _ in range(2):
        assert olga.post(f"/doubts/self/{row.visit_id}", data={"fine": "1"}).status_code == 303
    assert "春风社区服务站" not in olga.get("/doubts/self").page.text
    assert olga.get("/doubts/nonsense").status_code == 404
    assert olga.post(f"/doubts/fast/{row.visit_id}", data={"fine": "1"}).status_code == 404


def test_the_keeper_is_asked_to_look_and_the_partner_reads_nothing_of_it(town, new_phone):
    for n in range(9):
        answer = new_phone().set("device", f"{n:032}").press("SF001", client_id=f"{n}")
        assert answer.status_code == 201
    doubting.look(NOON)
    kim = new_phone().sign_in(town.kim)
    assert "一下子来了 9 位" in kim.get("/desk/").page.text
    again = new_phone().set("device", "z" * 32).press("SF001", client_id="z")
    assert again.status_code == 201 and "一下子" not in again.page.text
