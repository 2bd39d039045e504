"""Visits: one press at a station is counted once, whoever presses, however often, in whatever order it arrives."""

import datetime as dt
import itertools
import logging
import random
import re
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models import visits
from models._database import Busy, db, sql, writing
from models._record import Refused, to_ms
from models.areas import Revision, Setting
from models.figures import (
    at_station,
    day_total,
    last_of,
    month_by_station,
    month_total,
    recount,
    span_of_day,
    span_of_month,
)
from models.visits import (
    Request,
    TooMany,
    Visit,
    VisitHour,
    VisitMonth,
    Who,
    admit,
    device_actor,
    moment_of,
)
from tests import _crowd
from tests._engines import NOON

MS, SECOND, MINUTE, HOUR, DAY = (
    dt.timedelta(**{unit: 1}) for unit in ("milliseconds", "seconds", "minutes", "hours", "days")
)
DEVICE, OTHER_DEVICE = "d" * 32, "e" * 32


@pytest.fixture
def press(town):
    """Press at a station: Rui at spring at noon, unless told otherwise. Each press has an id of its own."""
    ids = iter(range(10**6))

    def press(who=None, at=NOON, *, station=None, id=None, now=None, evidence=0, queued=False):
        who = who or person(town.rui)
        id = f"press-{next(ids)}" if id is None else id
        place = (station or town.spring).id
        return admit(place, who, client_id=id, at=at, now=now or at, evidence=evidence, queued=queued)

    return press


def person(somebody, device=None):
    return Who(somebody.id, device)


def anonymous(device=DEVICE, address=""):
    return Who(None, device, address)


def total():
    """How many visits were counted: by the rows, by the hours, by the months. They always agree."""
    by_rows, by_hours, by_months = (
        int(db.execute_sql(f"SELECT coalesce(sum(n), 0) FROM {table}").fetchone()[0])
        for table in ("visit", "visit_hour", "visit_month")
    )
    assert by_rows == by_hours == by_months
    return by_rows


def rows():
    return Visit.select().count()


# It works.


def test_a_press_is_counted(town, press):
    became = press(evidence=1)
    assert (became.result, became.counted, became.at) == ("accepted", True, NOON)
    row = Visit.get()
    assert (row.station, row.actor, row.at, row.n) == (town.spring.id, town.rui.id, NOON, 1)
    assert (row.channel, row.evidence, row.lag) == (visits.SCAN, 1, 0)
    assert total() == 1


def test_who_is_not_signed_in_is_counted_for_the_device(town, press):
    became = press(anonymous())
    assert (became.result, became.device) == ("accepted", DEVICE)
    row = Visit.get()
    assert row.actor == device_actor(DEVICE) < 0 and row.channel == visits.ANON


def test_a_device_that_had_none_is_given_one(press):
    became = press(anonymous(None))
    assert len(became.device) == 32 and set(became.device) <= set("0123456789abcdef")
    assert Visit.get().actor == device_actor(became.device)


def test_two_devices_that_had_none_are_two(press):
    one, other = press(anonymous(None), id="x"), press(anonymous(None), id="y")
    assert one.counted and other.counted and one.device != other.device


def test_an_id_and_a_device_are_kept_as_numbers_alone(press):
    press(anonymous(), id="a-very-secret-id")
    row = tuple(db.execute_sql("SELECT * FROM visit").fetchone())
    assert "a-very-secret-id" not in repr(row) and DEVICE not in repr(row)
    assert all(isinstance(value, int) for value in row)


@pytest.mark.no_database
@given(some.text(max_size=80))
def test_a_device_never_looks_like_a_person(text):
    assert -(2**63) <= device_actor(text) < 0


def test_the_time_between_the_visit_and_its_arrival_is_kept(press):
    press(at=NOON, now=NOON + 30 * HOUR)
    assert Visit.get().lag == 30 * 3600


# Rest: four hours before and after.


@pytest.mark.parametrize("side", [-1, 1], ids=["before", "after"])
@pytest.mark.parametrize(
    "away, counted",
    [(dt.timedelta(0), 0), (MS, 0), (2 * HOUR, 0), (4 * HOUR - MS, 0), (4 * HOUR, 1), (4 * HOUR + MS, 1)],
)
def test_within_four_hours_of_a_counted_visit_another_is_not_counted(side, away, counted, press):
    """Late ones arrive out of order: the rest holds on both sides."""
    now = NOON + 10 * HOUR
    press(at=NOON, now=now)
    became = press(at=NOON + side * away, now=now)
    assert (became.result, became.counted) == (("accepted", True) if counted else ("cool-down", False))
    assert total() == 1 + counted and rows() == 2


def test_too_soon_says_when_it_was_counted(press):
    press(at=NOON)
    became = press(at=NOON + HOUR)
    assert became.at == NOON and Visit.select().where(Visit.n == 0).count() == 1


def test_what_was_not_counted_does_not_prolong_the_rest(press):
    for hours in (0, 1, 2, 3):
        press(at=NOON + hours * HOUR)
    assert press(at=NOON + 4 * HOUR).counted


def test_a_late_visit_between_two_counted_ones_is_not_counted(press):
    now = NOON + 20 * HOUR
    press(at=NOON, now=now)
    press(at=NOON + 7 * HOUR, now=now)
    assert press(at=NOON + 3.5 * HOUR, now=now).result == "cool-down"
    assert total() == 2


def test_another_station_has_a_rest_of_its_own(town, press):
    press(station=town.spring)
    assert press(station=town.street, at=NOON + MINUTE).counted
    assert total() == 2


def test_another_person_has_a_rest_of_their_own(town, press):
    press(person(town.rui))
    assert press(person(town.ray)).counted


def test_two_riders_on_one_phone_both_count(town, press):
    press(person(town.rui, DEVICE))
    assert press(person(town.ray, DEVICE), at=NOON + MINUTE).counted
    assert total() == 2


def test_who_pressed_before_signing_in_rests_afterwards(town, press):
    press(anonymous(DEVICE))
    assert press(person(town.rui, DEVICE), at=NOON + MINUTE).result == "cool-down"


def test_on_another_phone_that_is_not_known(town, press):
    press(anonymous(DEVICE))
    assert press(person(town.rui, OTHER_DEVICE), at=NOON + MINUTE).counted


def test_one_person_with_two_phones_rests_on_both(town, press):
    press(person(town.rui, DEVICE))
    assert press(person(town.rui, OTHER_DEVICE), at=NOON + MINUTE).result == "cool-down"


def test_two_devices_both_count(press):
    press(anonymous(DEVICE))
    assert press(anonymous(OTHER_DEVICE)).counted


# The same press again.


def test_the_same_press_again_gives_the_first_answer(press):
    first = press(id="x")
    again = press(id="x", at=NOON + 5 * HOUR)
    assert (again.result, again.counted, again.at) == ("duplicate", False, first.at)
    assert total() == rows() == 1


def test_a_press_that_was_too_soon_stays_too_soon(press):
    press(id="x")
    press(id="y", at=NOON + HOUR)
    assert press(id="y", at=NOON + 9 * HOUR).result == "cool-down"
    assert (total(), rows()) == (1, 2)


def test_the_same_id_at_another_station_is_refused(town, press):
    press(id="x")
    with pytest.raises(Refused) as no:
        press(id="x", station=town.street)
    assert no.value.code == "other" and total() == 1


@pytest.mark.parametrize("who", ["another person", "a device", "another device"])
def test_the_same_id_from_somebody_else_is_refused(who, town, press):
    first, then = {
        "another person": (person(town.rui), person(town.ray)),
        "a device": (person(town.rui, DEVICE), anonymous(DEVICE)),
        "another device": (anonymous(DEVICE), anonymous(OTHER_DEVICE)),
    }[who]
    press(first, id="x")
    with pytest.raises(Refused) as no:
        press(then, id="x")
    assert no.value.code == "other" and total() == 1


def test_a_press_made_before_signing_in_and_sent_again_afterwards_is_the_same(town, press):
    press(anonymous(DEVICE), id="x")
    assert press(person(town.rui, DEVICE), id="x").result == "duplicate"


def test_a_retry_of_a_phone_that_never_got_its_cookie_is_the_same(press):
    press(anonymous(None), id="x")
    assert press(anonymous(None), id="x").result == "duplicate"
    assert total() == 1


@pytest.mark.parametrize("id", ["x", "~", "!", "a" * 64, "0"])
def test_any_id_of_the_phone_does(id, press):
    press(id=id)
    assert press(id=id).result == "duplicate"


# No id, no device.


def test_without_an_id_the_rest_is_the_guard(press):
    press(id="")
    assert press(id="", at=NOON + MINUTE).result == "cool-down"
    assert press(id="", at=NOON + 4 * HOUR).counted
    assert total() == 2


def test_without_an_id_a_device_is_enough(press):
    press(anonymous(DEVICE, "192.0.2.1"), id="")
    assert press(anonymous(DEVICE, "192.0.2.1"), id="", at=NOON + 11 * MINUTE).result == "cool-down"
    assert press(anonymous(OTHER_DEVICE, "192.0.2.1"), id="", at=NOON + MINUTE).counted


def test_without_both_an_address_counts_once_in_ten_minutes(press):
    nobody = anonymous(None, "192.0.2.1")
    assert press(nobody, id="").counted
    for soon in (SECOND, 10 * MINUTE - MS):
        became = press(nobody, id="", at=NOON + soon)
        assert (became.result, became.counted) == ("cool-down", False)
    assert press(nobody, id="", at=NOON + 10 * MINUTE).counted
    assert total() == rows() == 2


def test_that_holds_at_each_station_and_for_each_address(town, press):
    assert press(anonymous(None, "192.0.2.1"), id="").counted
    assert press(anonymous(None, "192.0.2.2"), id="").counted
    assert press(anonymous(None, "192.0.2.1"), id="", station=town.street).counted


def test_an_address_is_kept_as_a_number_that_leads_nowhere(press):
    press(anonymous(None, "192.0.2.1"), id="")
    assert Request.select().count() == 1
    assert "192.0.2" not in repr(tuple(db.execute_sql("SELECT * FROM request").fetchone()))


def test_with_an_id_an_address_is_not_looked_at(press):
    """Thousands of phones share the address of their carrier."""
    for device in (None, DEVICE, OTHER_DEVICE):
        assert press(anonymous(device, "192.0.2.1")).counted
    assert Request.select().count() == 0


# When it happened.


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text, at",
    [
        ("", NOON),
        ("2024-09-19T04:00:00Z", NOON),
        ("2024-09-19T03:59:59.999Z", NOON - MS),
        ("2024-09-19T12:00:00+08:00", NOON),
        ("2024-09-18T23:00:00-05:00", NOON),
        ("2024-09-19T04:02:00Z", NOON),
        ("2024-09-19T04:00:01Z", NOON),
        ("2024-09-16T04:00:00Z", NOON - 72 * HOUR),
    ],
)
def test_a_moment_is_what_the_phone_says_and_never_later_than_now(text, at):
    assert moment_of(text, NOON) == at


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text, code",
    [
        ("2024-09-19T04:02:00.001Z", "ahead"),
        ("2024-09-20T04:00:00Z", "ahead"),
        ("9999-12-31T23:59:59Z", "ahead"),
        ("2024-09-16T03:59:59.999Z", "too-old"),
        ("2024-09-15T04:00:00Z", "too-old"),
        ("1970-01-01T00:00:00Z", "too-old"),
        ("0001-01-01T00:00:00Z", "too-old"),
        ("0001-01-01T00:00:00+14:00", "malformed-at"),
        ("9999-12-31T23:59:59-14:00", "malformed-at"),
        ("2024-09-19T04:00:00", "malformed-at"),
        ("2024-09-19", "malformed-at"),
        ("12:00", "malformed-at"),
        ("yesterday", "malformed-at"),
        ("1726718400000", "malformed-at"),
        ("2024-02-30T04:00:00Z", "malformed-at"),
        ("2024-09-19T25:00:00Z", "malformed-at"),
        ("２０２４-09-19T04:00:00Z", "malformed-at"),
        ("2024-09-19T04:00:00Z\0", "malformed-at"),
        (" 2024-09-19T04:00:00Z", "malformed-at"),
        ("2024-09-19T04:00:00.000000000000000000000001Z", "malformed-at"),
        ("🛵", "malformed-at"),
        ("\ud800", "malformed-at"),
        ("2" * 10_000, "malformed-at"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_with_a_reason(text, code):
    with pytest.raises(Refused) as no:
        moment_of(text, NOON)
    assert no.value.code == code and no.value.message.endswith(".")


@pytest.mark.parametrize(
    "clock, day, hour",
    [("2024-09-19T23:59:59", 20240919, 23), ("2024-09-20T00:00:00", 20240920, 0), ("2024-10-01T00:01:00", 20241001, 0)],
)
def test_day_and_hour_are_those_of_the_district(clock, day, hour, press):
    at = dt.datetime.fromisoformat(clock).replace(tzinfo=NOON.tzinfo)
    press(at=at.astimezone(dt.UTC))
    assert Visit.get().local_date == day
    total = VisitHour.get()
    assert (total.local_date, total.hour) == (day, hour)
    assert VisitMonth.get().month == day // 100


def test_a_district_in_another_zone_has_another_day(press):
    with writing():
        Setting.put("zone", "Asia/Urumqi")
        Revision.bump()
    press(at=dt.datetime(2024, 9, 19, 17, 30, tzinfo=dt.UTC))
    assert (VisitHour.get().local_date, VisitHour.get().hour) == (20240919, 23)


# Too many.


@pytest.mark.parametrize("who", ["person", "device"])
def test_thirty_presses_a_minute_are_enough(who, town, press):
    presser = person(town.rui) if who == "person" else anonymous()
    for n in range(30):
        press(presser, at=NOON + n * SECOND)
    with pytest.raises(TooMany):
        press(presser, at=NOON + 59 * SECOND)
    assert rows() == 30 and total() == 1
    press(presser, at=NOON + 60 * SECOND)
    assert rows() == 31


def test_the_same_press_again_is_never_too_many(press):
    for n in range(30):
        press(id=f"{n}", at=NOON + n * SECOND)
    for _ in range(40):
        assert press(id="0", at=NOON + 40 * SECOND).result == "duplicate"


def test_what_waited_on_the_phone_is_never_too_many(press):
    for n in range(200):
        press(at=NOON - n * MINUTE, now=NOON + HOUR, queued=True)
    assert rows() == 200


def test_a_time_of_ones_own_does_not_get_round_the_limit(press):
    for n in range(30):
        press(at=NOON - HOUR - n * MINUTE, now=NOON)
    with pytest.raises(visits.TooMany):
        press(at=NOON - HOUR, now=NOON)
    press(at=NOON - HOUR, now=NOON + MINUTE)
    assert rows() == 31


def test_somebody_elses_presses_are_not_mine(town, press):
    for n in range(30):
        press(person(town.rui), at=NOON + n * SECOND)
    assert press(person(town.ray), at=NOON + 40 * SECOND).counted


# Totals.


def some_visits(town, press, count=120, seed=7):
    """A week of presses of all kinds; the same each time."""
    chance = random.Random(seed)
    people = [person(town.rui), person(town.ray, DEVICE), anonymous(), anonymous(OTHER_DEVICE)]
    for _ in range(count):
        at = NOON + chance.randrange(7 * 24 * 60) * MINUTE
        station = chance.choice([town.spring, town.street, town.fuel])
        press(chance.choice(people), at, station=station, now=NOON + 8 * DAY, evidence=chance.randrange(2))


def test_totals_are_the_sums_of_their_rows(town, press):
    some_visits(town, press)
    counted = total()
    assert 60 < counted < 120 == rows()
    assert recount() == {"visit_hour": 0, "visit_month": 0}
    months = month_total(202409)
    assert sum(months.values()) == counted and set(months) == {1, 2}
    by_station = dict(month_by_station(202409).rows)
    assert sum(by_station.values()) == counted
    for station in (town.spring, town.street, town.fuel):
        days = [day_total(station.id, NOON.date() + n * DAY) for n in range(9)]
        assert sum(sum(day.values()) for day in days) == by_station[station.id]


def test_the_month_lists_the_busiest_first(town, press):
    for n, station in enumerate([town.spring, town.fuel, town.fuel, town.street, town.fuel, town.street]):
        press(anonymous(f"{n:032}"), station=station)
    assert month_by_station(202409).rows == [(town.fuel.id, 3), (town.street.id, 2), (town.spring.id, 1)]


@pytest.mark.parametrize(
    "tamper, wrong",
    [
        ("UPDATE visit_hour SET n = n + 5 WHERE station = {spring} AND channel = 1", "hours"),
        ("UPDATE visit_month SET n = 0 WHERE station = {spring} AND channel = 1", "months"),
        ("DELETE FROM visit_hour WHERE station = {street}", "hours"),
        ("INSERT INTO visit_month (month, station, channel, n) VALUES (202001, {fuel}, 1, 3)", "months"),
        ("INSERT INTO visit_hour SELECT 99, 20200101, 1, 1, 0, 1", "hours"),
    ],
)
def test_a_recount_finds_and_repairs_what_somebody_tampered_with(tamper, wrong, town, press):
    some_visits(town, press, 40)
    before = totals()
    with writing():
        ids = {name: getattr(town, name).id for name in ("spring", "street", "fuel")}
        touched = db.execute_sql(tamper.format(**ids)).rowcount
    assert touched and totals() != before
    found = recount()
    assert found == {"visit_hour": touched * (wrong == "hours"), "visit_month": touched * (wrong == "months")}
    assert totals() == before
    assert set(recount().values()) == {0}


def test_a_recount_goes_by_the_rows(town, press):
    some_visits(town, press, 40)
    with writing():
        Visit.delete().where(Visit.station == town.spring.id).execute()
    assert min(recount().values()) > 0
    total()
    assert town.spring.id not in dict(month_by_station(202409).rows)


def totals():
    return sorted(VisitHour.select().tuples()), sorted(VisitMonth.select().tuples())


def test_a_recount_amid_visits_takes_none_of_them_for_a_mistake(town, press):
    some_visits(town, press, 40)
    found = []

    def work(number):
        _crowd.together()
        for n in range(25):
            if number == 0:
                found.append(sum(recount().values()))
            else:
                press(anonymous(f"{number * 1000 + n:032}"), id=f"{number}-{n}")

    before = total()
    _crowd.in_threads(work, each=[(n,) for n in range(_crowd.SIZE)])
    assert total() == before + 25 * (_crowd.SIZE - 1) and set(found) == {0}


def test_an_error_after_the_row_leaves_no_row(press, monkeypatch):
    monkeypatch.setattr(visits, "ADD_MONTH", "INSERT INTO nowhere VALUES (?, ?, ?, ?)")
    with pytest.raises(Exception) as mistake:
        press()
    assert "nowhere" in str(mistake.value)
    monkeypatch.undo()
    assert rows() == total() == 0
    assert press().counted


# Lists.


def test_my_last_visits_are_mine_newest_first_by_twenties(town, press):
    for n in range(23):
        press(at=NOON + n * 5 * HOUR)
        press(person(town.ray), at=NOON + n * 5 * HOUR)
    first, second = last_of(town.rui.id), last_of(town.rui.id, 2)
    assert (len(first.rows), first.more, len(second.rows), second.more) == (20, True, 3, False)
    times = [row.at for row in first.rows + second.rows]
    assert times == sorted(times, reverse=True) and {row.actor for row in first.rows} == {town.rui.id}
    assert last_of(town.rui.id, 3).rows == []


def test_a_stations_visits_of_a_day_are_those_of_its_local_day(town, press):
    midnight = NOON.replace(hour=0)
    for n, at in enumerate([midnight - MS, midnight, NOON, midnight + DAY - MS, midnight + DAY]):
        press(anonymous(f"{n:032}"), at=at)
    found = at_station(town.spring.id, *span_of_day(NOON.date()))
    assert [row.at for row in found.rows] == [midnight + DAY - MS, NOON, midnight]
    assert day_total(town.spring.id, NOON.date()) == {2: 3}


def test_what_was_not_counted_is_shown_only_on_demand(town, press):
    press()
    press(at=NOON + MINUTE)
    span = span_of_day(NOON.date())
    assert len(at_station(town.spring.id, *span).rows) == 1
    assert len(at_station(town.spring.id, *span, counted=False).rows) == 2


@pytest.mark.parametrize("month, days", [(202402, 29), (202412, 31), (202502, 28)])
def test_a_month_lasts_from_its_first_midnight_to_the_next_ones(month, days, small):
    begin, end = span_of_month(month)
    assert end - begin == days * DAY and (begin.day, begin.hour, end.day, end.hour) == (1, 0, 1, 0)


# What it costs, whatever somebody's history.


def fill(engine, town, count=20_000):
    """A long history of Rui and of everybody else, and its totals."""
    first = to_ms(NOON) - count * 5 * 3_600_000
    for table, columns, values in (
        (
            "visit",
            "station, actor, client_id, at, local_date, n, channel, evidence, lag",
            f"i % 139, CASE WHEN i % 2 = 0 THEN {town.rui.id} ELSE i + 1000 END, i, "
            f"{first} + CAST(i AS BIGINT) * 18000000, 20200101, 1, 1, 0, 0",
        ),
        (
            "visit_hour",
            "station, local_date, hour, channel, evidence, n",
            "i % 139, 20200101 + i / 1000, 12, i % 3, i / 10, 1",
        ),
        ("visit_month", "month, station, channel, n", "200001 + i / 100, i % 100, 1, 1"),
    ):
        engine.fill(table, columns, values, count)


def test_a_visit_takes_at_most_six_statements_and_one_commit(engine, town, press):
    press(station=town.fuel)  # the district is known
    most = {"sqlite": 6, "postgresql": 7}[engine.name]
    for history in ("none", "long"):
        if history == "long":
            fill(engine, town)
        at = NOON + (1 if history == "none" else 2) * DAY
        for who, id, delay, result in (
            (person(town.rui, DEVICE), "x", 0, "accepted"),
            (person(town.rui, DEVICE), "x", 1, "duplicate"),
            (person(town.rui, DEVICE), "y", 2, "cool-down"),
            (anonymous(OTHER_DEVICE), "z", 3, "accepted"),
            (anonymous(None, "192.0.2.9"), "", 4, "accepted"),
            (anonymous(None, "192.0.2.9"), "", 5, "cool-down"),
        ):
            with engine.statements() as told:
                became = press(who, at + delay * SECOND, id=id and id + history)
            assert became.result == result, (history, who, id)
            words = [statement.split()[0].upper() for statement in told]
            assert (words[0], words[-1]) == ("BEGIN", "COMMIT") and words.count("COMMIT") == 1, words
            assert len(words) - 2 <= most, told


@contextmanager
def asked():
    """The statements that the models ask meanwhile, with their values."""
    told = []

    class Ear(logging.Handler):
        def emit(self, record):
            told.append(record.msg)

    ear, logger = Ear(), logging.getLogger("peewee")
    logger.addHandler(ear)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    yield told
    logger.setLevel(level)
    logger.removeHandler(ear)


def test_nothing_that_is_asked_often_reads_a_whole_table(engine, town, press):
    fill(engine, town)
    with asked() as told:
        press()
        press(anonymous(None, "192.0.2.9"), id="")
        last_of(town.rui.id)
        last_of(town.rui.id, 100)
        at_station(town.spring.id, *span_of_day(NOON.date()))
        day_total(town.spring.id, NOON.date())
        month_total(200105)
        month_by_station(200105)
    looked_up = [(statement, values) for statement, values in told if "visit" in statement or "request" in statement]
    assert len(looked_up) >= 10
    for statement, values in looked_up:
        assert engine.scans(statement, values) == [], statement


@pytest.mark.parametrize("analysed", [True, False])
def test_the_look_up_goes_by_the_persons_own_visits_however_busy_the_station(analysed, engine, town):
    engine.fill(
        "visit",
        "station, actor, at, local_date, n, channel, evidence, lag",
        f"{town.spring.id}, i + 1000, {to_ms(NOON)} + i, 20240919, 1, 1, 0, 0",
        5000,
        analyse=analysed,
    )
    values = visits._look_up_values(
        town.spring.id, (town.rui.id, device_actor(DEVICE)), 5, to_ms(NOON), to_ms(NOON), False
    )
    plan = engine.plan(sql(visits.LOOK_UP), values)
    assert [name for name in re.findall(r"visit_\w+_?\w+", plan) if not re.fullmatch(r"visit_\d", name)] == [
        "visit_client_id", "visit_actor_at", "visit_actor_at"
    ], plan  # fmt: skip


# At once.


@pytest.fixture(params=["threads", "processes"])
def at_once(request, town):
    """Give each of four its rounds of presses; they press each round at the same moment."""

    def at_once(each):
        if request.param == "threads":
            return _crowd.in_threads(_crowd.press, each=[(rounds,) for rounds in each])
        crowd = request.getfixturevalue("crowd")
        return crowd.do(_crowd.press_elsewhere, town.url, each=[(rounds,) for rounds in each])

    return at_once


ROUNDS = 12


def rounds(station, who, *, id):
    """A press each round, five hours apart, with `id(round)`."""
    times = [NOON + n * 5 * HOUR for n in range(ROUNDS)]
    return [(station.id, who, {"client_id": id(n), "at": at, "now": at}) for n, at in enumerate(times)]


def became(answers):
    """What became of each round's four presses, sorted."""
    return {tuple(sorted(round)) for round in zip(*answers, strict=True)}


def test_four_presses_of_one_person_at_once_are_counted_once(town, at_once):
    answers = at_once([rounds(town.spring, person(town.rui), id=lambda n, k=k: f"{n}-{k}") for k in range(4)])
    assert became(answers) == {("accepted", "cool-down", "cool-down", "cool-down")}
    assert (total(), rows()) == (ROUNDS, 4 * ROUNDS)


def test_so_are_those_of_a_person_and_the_persons_phone(town, at_once):
    """Signed in and not, with and without an id: each shares something with the next."""
    people = [person(town.rui, DEVICE), person(town.rui, DEVICE), anonymous(DEVICE), anonymous(DEVICE)]
    answers = at_once(
        [rounds(town.spring, who, id=lambda n, k=k: f"{n}-{k}" if k % 2 else "") for k, who in enumerate(people)]
    )
    for round in zip(*answers, strict=True):
        counted = [k for k in range(4) if round[k] == "accepted"]
        signed_in, not_signed_in = [k for k in counted if k < 2], [k for k in counted if k >= 2]
        assert len(signed_in) <= 1 and len(not_signed_in) <= 1 and counted
    assert rows() == 4 * ROUNDS
    total()


def test_one_press_that_arrives_four_times_at_once_is_one(town, at_once):
    answers = at_once([rounds(town.spring, person(town.rui), id=str) for _ in range(4)])
    assert became(answers) == {("accepted", "duplicate", "duplicate", "duplicate")}
    assert total() == rows() == ROUNDS


def test_one_id_at_four_stations_at_once_is_counted_at_one(town, at_once):
    stations = [town.spring, town.street, town.fuel, town.spring]
    answers = at_once([rounds(station, person(town.rui), id=str) for station in stations])
    for round in became(answers):
        assert round.count("accepted") == 1 and set(round) <= {"accepted", "duplicate", "other"}
    assert total() == rows() == ROUNDS


def test_one_id_of_four_people_at_once_is_counted_for_one(town, at_once):
    answers = at_once([rounds(town.spring, person(who), id=str) for who in (town.rui, town.ray, town.kim, town.lee)])
    assert became(answers) == {("accepted", "other", "other", "other")}
    assert total() == rows() == ROUNDS


def test_four_people_at_once_are_four(town, at_once):
    people = [person(town.rui, DEVICE), person(town.ray, DEVICE), anonymous(OTHER_DEVICE), person(town.kim)]
    answers = at_once([rounds(town.spring, who, id=lambda n, k=k: f"{n}-{k}") for k, who in enumerate(people)])
    assert became(answers) == {("accepted",) * 4}
    assert total() == rows() == 4 * ROUNDS


def test_one_address_at_once_is_counted_once(town, at_once):
    answers = at_once([rounds(town.spring, anonymous(None, "192.0.2.1"), id=lambda n: "") for _ in range(4)])
    assert became(answers) == {("accepted", "cool-down", "cool-down", "cool-down")}
    assert total() == rows() == ROUNDS


def test_while_somebody_else_writes_for_too_long_it_is_busy_and_nothing_is_written(engine, town, press, monkeypatch):
    monkeypatch.setattr("models._database.BUDGET", 0.2)
    press(id="x")
    with writing():
        visits.hold(town.rui.id)

        def late():
            if engine.name == "postgresql":
                db.execute_sql("SET lock_timeout = 200")
            return press(id="y", at=NOON + DAY)

        with pytest.raises(Busy):
            in_a_thread(late)
    assert rows() == 1
    assert press(id="y", at=NOON + DAY).counted


def in_a_thread(work):
    """What it answers or raises in another thread, with a connection of its own."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            return future.result()
        finally:
            pool.submit(db.close).result()


# Whatever comes, in whatever order.

QUICK = settings(max_examples=40)


def empty():
    with writing():
        for model in (Visit, VisitHour, VisitMonth, Request):
            model.delete().execute()


@QUICK
@given(
    minutes=some.lists(some.integers(0, 24 * 60), min_size=1, max_size=14),
    order=some.randoms(use_true_random=False),
)
def test_in_any_order_no_two_are_counted_within_four_hours(town, minutes, order):
    empty()
    now = NOON + 2 * DAY
    arriving = list(enumerate(minutes))
    order.shuffle(arriving)
    for id, minute in arriving:
        admit(town.spring.id, person(town.rui), client_id=f"{id}", at=NOON + minute * MINUTE, now=now)
    counted = sorted(row.at for row in Visit.select().where(Visit.n == 1))
    assert rows() == len(minutes) and 1 <= len(counted) == total()
    assert all(later - earlier >= 4 * HOUR for earlier, later in itertools.pairwise(counted))
    for row in Visit.select().where(Visit.n == 0):  # nothing was left out without a reason
        assert any(abs(row.at - at) < 4 * HOUR for at in counted)


@QUICK
@given(
    items=some.lists(
        some.tuples(some.integers(0, 20), some.integers(0, 2), some.booleans()), min_size=1, max_size=6, unique=True
    ),
    times=some.lists(some.integers(1, 20), min_size=6, max_size=6),
    order=some.randoms(use_true_random=False),
)
def test_delivered_once_or_twenty_times_in_any_order_each_press_is_one_row_with_one_answer(town, items, times, order):
    empty()
    stations = (town.spring, town.street, town.fuel)
    deliveries = [n for n, _ in enumerate(items) for _ in range(times[n])]
    order.shuffle(deliveries)
    answers = {}
    for n in deliveries:
        hours, station, signed_in = items[n]
        who = person(town.rui, DEVICE) if signed_in else anonymous(DEVICE)
        at = NOON + hours * HOUR
        became = admit(stations[station].id, who, client_id=f"{n}", at=at, now=NOON + 2 * DAY)
        again = (
            "duplicate" if became.result == "accepted" else became.result,
            became.at if became.result != "cool-down" else None,
        )
        assert answers.setdefault(n, again) == again
        assert became.counted == (became.result == "accepted")
    assert rows() == len(items)
    assert total() == sum(result == "duplicate" for result, _ in answers.values())
    assert set(recount().values()) == {0}
