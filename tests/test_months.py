"""Months: counted each night, frozen once when over; what comes later stands beside; distinct people are kept."""

import datetime as dt

import psycopg
import pytest

from models import _work, crowds, freezing, months, visits
from models._database import Busy, db, writing
from models.areas import Revision, Setting
from models.crowds import KNOWN
from models.figures import last_of, recount
from models.history import History, base, people_of
from models.months import CHANNEL, DAY, DISTRICT, EVIDENCE, HOUR, IN_TOWN, OF_KIND, MonthCount, MonthFigure, MonthShare
from models.retention import retain
from models.stations import Station
from models.visits import Visit, VisitHour
from tests import _crowd
from tests._months import FIRST, ZONE, come, night, on, tallied

MINUTE, DAYS = dt.timedelta(minutes=1), dt.timedelta(days=1)


def shares(cut, month=202409):
    rows = MonthShare.select().where(MonthShare.month == month, MonthShare.cut == cut)
    return {(row.value, row.station): row.n for row in rows}


def figure(month=202409, cut=DISTRICT, value=""):
    return MonthFigure.get(MonthFigure.month == month, MonthFigure.cut == cut, MonthFigure.value == value)


@pytest.fixture
def september(town):
    """Three people and a phone without a name, at three stations."""
    come(town.spring, town.rui, on(9, 3, 8))
    come(town.spring, town.ray, on(9, 3, 17), evidence=2)
    come(town.street, town.rui, on(9, 4, 8), evidence=0)
    come(town.fuel, "d", on(9, 30, 23, 59))
    tallied(town.spring, 5, on(9, 5, 9))
    return town


# Which months there are.


@pytest.mark.no_database
def test_months_follow_each_other():
    assert months.after(202412) == 202501 and months.after(202501, -1) == 202412
    assert months.after(202409, -12) == 202309 and months.after(202409, 18) == 202603


def test_a_month_is_of_the_districts_zone(town):
    assert months.month_of(dt.datetime(2024, 9, 30, 16, 0, tzinfo=dt.UTC)) == 202410
    assert months.due(202409) == FIRST


def test_without_a_visit_there_is_nothing_to_freeze(town):
    assert months.start() is None
    assert not freezing.has_any(FIRST) and night(FIRST) == 0
    assert not MonthCount.select().exists()


# Freezing.


def test_a_month_is_frozen_at_ten_past_midnight_and_not_before(september):
    night(FIRST - MINUTE)
    assert MonthCount.get_by_id(202409).frozen_at is None
    night(FIRST)
    assert MonthCount.get_by_id(202409).frozen_at == FIRST
    assert figure().n == 9


def test_it_is_shared_out_by_station_and_channel_evidence_hour(september):
    night(FIRST)
    spring, street, fuel = (getattr(september, name).id for name in ("spring", "street", "fuel"))
    assert shares(CHANNEL) == {(1, spring): 2, (3, spring): 5, (1, street): 1, (2, fuel): 1}
    assert shares(EVIDENCE) == {(1, spring): 1, (2, spring): 1, (3, spring): 5, (0, street): 1, (1, fuel): 1}
    assert shares(HOUR) == {(8, spring): 1, (9, spring): 5, (17, spring): 1, (8, street): 1, (23, fuel): 1}
    rows = list(MonthFigure.select().where(MonthFigure.month == 202409))
    by_town, by_kind = ({row.value: row.n for row in rows if row.cut == cut} for cut in (IN_TOWN, OF_KIND))
    assert sum(by_town.values()) == sum(by_kind.values()) == 9
    assert by_town[september.spring.town_id] >= 7


def test_twice_is_once(september):
    night(FIRST)
    before = [vars(row)["__data__"] for row in (*MonthCount.select(), *MonthFigure.select(), *MonthShare.select())]
    come(september.spring, september.rui, on(9, 30, 20), now=FIRST + 30 * MINUTE)
    assert not months.count(202409, now=FIRST + DAYS, freeze=True)
    night(FIRST + MINUTE)
    september_rows = [
        row for row in (*MonthCount.select(), *MonthFigure.select(), *MonthShare.select()) if row.month == 202409
    ]
    after = [vars(row)["__data__"] for row in september_rows]
    assert [row for row in before if row["month"] == 202409] == [
        row | ({"late": 0} if "late" in row else {}) for row in after
    ]


def test_two_workers_at_once_freeze_it_once(september, crowd):
    done = crowd.do(_crowd.freeze_elsewhere, september.url, 202409, FIRST)
    assert sorted(done) == [False, False, False, True]
    assert figure().n == 9 and sum(shares(CHANNEL).values()) == 9


def test_presses_at_that_very_moment_are_frozen_or_late_and_never_both_or_none(town, crowd):
    come(town.spring, town.rui, on(9, 3))
    told = crowd.do(_crowd.freeze_among_presses, town.url, town.spring.id, FIRST, each=[(n,) for n in range(4)])
    assert "froze" in told
    rows = Visit.select().where(Visit.local_date.between(20240901, 20240930))
    frozen, mark = figure().n, MonthCount.get_by_id(202409).last
    assert frozen == sum(row.n for row in rows if row.id <= mark)
    months.note_late()
    assert figure().late == sum(row.n for row in rows if row.id > mark)
    assert frozen + figure().late == sum(row.n for row in VisitHour.select()) == 61


@pytest.mark.only("postgresql", "SQLite has one writer at a time")
def test_a_press_that_is_being_written_is_waited_for(september):
    with psycopg.connect(september.url) as other:
        row = "station, actor, client_id, at, local_date, n, channel, evidence, lag) VALUES (1, 1, 1, 1, 20240930, 1, 1, 1, 0"
        other.execute(f"INSERT INTO visit ({row})")
        db.execute_sql("SET lock_timeout = 200")
        with pytest.raises(Busy):
            months.count(202409, now=FIRST, freeze=True)
        (written,) = other.execute("SELECT max(id) FROM visit").fetchone()
    assert months.count(202409, now=FIRST, freeze=True)
    assert MonthCount.get_by_id(202409).last == written


def test_a_run_that_was_missed_is_made_up_for_and_says_when(september):
    late = FIRST + 3 * DAYS
    come(september.spring, september.rui, on(9, 30, 20), now=FIRST + DAYS)
    night(late)
    assert MonthCount.get_by_id(202409).frozen_at == late
    assert figure().n == 10 and History(late).of(202409).late == 0


def test_several_months_that_were_missed_are_frozen_each(town):
    come(town.spring, town.rui, on(6, 3))
    come(town.spring, town.rui, on(8, 3))
    night(FIRST)
    frozen = {row.month: figure(row.month).n for row in MonthCount.select() if row.frozen_at}
    assert frozen == {202406: 1, 202407: 0, 202408: 1, 202409: 0}
    assert [figure(m).so_far for m in sorted(frozen)] == [1, 1, 2, 2]


def test_the_month_that_runs_is_counted_once_a_night(september):
    night(on(9, 5, 0, 10))
    assert figure().n == 9 and MonthCount.get_by_id(202409).frozen_at is None
    come(september.street, september.ray, on(9, 5, 10))
    assert not freezing.has_any(on(9, 5, 23, 59))
    night(on(9, 6, 0, 10))
    assert figure().n == 10


def test_a_station_that_moved_to_another_town_moves_no_frozen_figure(september):
    night(FIRST)
    before, other = september.spring.town_id, Station.get(Station.town != september.spring.town_id).town_id
    with writing():
        Station.update(town=other).where(Station.id == september.spring.id).execute()
    assert figure(cut=IN_TOWN, value=before).n == sum(
        n for (_, station), n in shares(CHANNEL).items() if MonthShare.get(station=station).town == before
    )


# What comes later.


def test_a_late_visit_stands_beside_the_frozen_figure(september):
    night(FIRST)
    come(september.spring, september.rui, on(9, 30, 20), now=FIRST + DAYS)
    tallied(september.street, -1, on(9, 30, 12), now=FIRST + 2 * MINUTE)
    tallied(september.street, 4, on(9, 30, 12), now=FIRST + 2 * MINUTE)
    told = History(FIRST + DAYS).of(202409)
    assert (told.n, told.late, told.total) == (9, 4, 13)
    night(FIRST + 2 * DAYS)
    assert figure().late == 4 and figure(cut=IN_TOWN, value=september.street.town_id).late >= 3
    rows = Visit.select().where(months.came_late(202409))
    assert sorted(row.n for row in rows) == [-1, 1, 4]


def test_one_that_came_before_the_freeze_is_no_adjustment_however_late_it_was(september):
    come(september.spring, september.rui, on(9, 29, 20), now=on(9, 30, 20))
    night(FIRST)
    assert figure().n == 10 and History(FIRST).of(202409).late == 0


def test_all_that_came_late_are_in_the_index_that_finds_them(september, engine):
    night(FIRST)
    come(
        september.spring, september.rui, on(9, 30, 23, 59), now=FIRST
    )  # ten minutes and some seconds: the least there is
    assert History(FIRST).of(202409).late == 1
    engine.fill("visit", "station, at, local_date, n, channel, evidence, lag", "1, i, 20240101, 1, 1, 1, 0", 2000)
    statement, values = Visit.select().where(months.came_late(202409)).sql()
    assert not [scan for scan in engine.scans(statement, values) if "month" not in scan]


def test_the_next_months_sum_holds_what_came_late(september):
    night(FIRST)
    come(september.spring, september.rui, on(9, 30, 20), now=FIRST + DAYS)
    come(september.spring, september.rui, on(10, 3))
    night(dt.datetime(2024, 11, 1, 0, 10, tzinfo=ZONE))
    assert figure(202410).n == 1 and figure(202410).so_far == 11
    assert History(dt.datetime(2024, 11, 1, 9, tzinfo=ZONE)).total == 11


# Blank is not nought.


def test_before_the_start_it_is_blank_and_after_it_nought(town):
    come(town.spring, town.rui, on(7, 3))
    come(town.spring, town.rui, on(9, 3))
    for work in (lambda: None, lambda: night(FIRST)):
        work()
        told = History(FIRST)
        assert [told.of(m).n for m in (202309, 202406, 202407, 202408, 202409)] == [None, None, 1, 0, 1]
        assert [m.month for m in told.newest()] == [202407, 202408, 202409, 202410]
        assert told.of(202411).n is None and told.total == 2


def test_without_a_worker_the_figures_are_those_of_this_moment(september):
    told = History(FIRST + DAYS)
    assert (told.of(202409).n, told.of(202409).people, told.frozen) == (9, None, None)


def test_a_town_and_a_kind_have_their_own_months(september):
    here = {town: History(FIRST, town=town).of(202409).n for town in {s.town_id for s in Station.select()}}
    kinds = {kind: History(FIRST, kind=kind).of(202409).n for kind in {s.kind_id for s in Station.select()}}
    assert sum(here.values()) == sum(kinds.values()) == 9
    night(FIRST)
    assert {town: History(FIRST, town=town).of(202409).n for town in here} == here
    assert {kind: History(FIRST, kind=kind).of(202409).n for kind in kinds} == kinds


def test_what_was_before_the_start_is_a_line_of_its_own(september):
    assert base() is None
    with writing():
        Setting.put("base_visits", {"n": 3600, "as_of": "2023-03-31", "note": "手工台账"})
        Revision.bump()
    assert (base().n, base().as_of, base().note) == (3600, dt.date(2023, 3, 31), "手工台账")
    assert History(FIRST).total == 9


# People.


def test_distinct_people_do_not_add_up(september):
    come(september.fuel, september.rui, on(9, 6))
    night(FIRST)
    assert (figure().people, figure().devices) == (2, 1)
    assert sum(group.people for group in people_of(202409, IN_TOWN)) == 3
    assert {(g.value, g.people, g.devices) for g in people_of(202409, OF_KIND)} == {
        (kind, *_distinct(september, kind)) for kind in {g.value for g in people_of(202409, OF_KIND)}
    }


def _distinct(town, kind):
    stations = [s.id for s in Station.select().where(Station.kind == kind)]
    actors = {v.actor for v in Visit.select().where(Visit.station.in_(stations), Visit.actor.is_null(False))}
    return sum(a > 0 for a in actors), sum(a < 0 for a in actors)


def test_people_are_counted_up_to_the_freeze_and_not_again(september):
    night(FIRST)
    come(september.spring, september.kim, on(9, 30, 20), now=FIRST + DAYS)
    night(FIRST + DAYS)
    assert figure().people == 2 and History(FIRST + DAYS).of(202409).people == 2


def test_so_they_are_when_the_worker_ended_between_the_freeze_and_the_people(september):
    months.count(202409, now=FIRST, freeze=True)
    come(september.spring, september.kim, on(9, 30, 20), now=FIRST + DAYS)
    night(FIRST + DAYS)
    assert figure().people == 2


def test_people_of_the_month_that_runs_are_those_of_last_night(september):
    night(on(9, 6))
    assert figure().people == 2
    come(september.spring, september.kim, on(9, 6, 10))
    assert History(on(9, 6, 11)).of(202409).people == 2
    night(on(9, 7))
    assert figure().people == 3


# After half a year.


def test_after_half_a_year_a_visit_knows_no_person_and_all_figures_stay(september):
    night(FIRST)
    before = [vars(row)["__data__"] for row in MonthFigure.select().where(MonthFigure.month == 202409)]
    then = on(9, 30, 23, 59) + KNOWN + MINUTE
    assert retain(then)["visits that knew a person"] == 4
    assert not Visit.select().where(Visit.actor.is_null(False)).exists()
    assert [vars(row)["__data__"] for row in MonthFigure.select().where(MonthFigure.month == 202409)] == before
    assert recount() == {"visit_hour": 0, "visit_month": 0}
    assert last_of(september.rui.id).rows == []
    assert retain(then + DAYS)["visits that knew a person"] == 0


def test_each_visit_after_its_own_half_year(september):
    night(FIRST)
    assert retain(on(9, 3, 17) + KNOWN + MINUTE)["visits that knew a person"] == 2
    assert MonthCount.get_by_id(202409).persons_off_at is None
    assert retain(on(9, 3, 17) + KNOWN + MINUTE, dry=True)["visits that knew a person"] == 0
    assert retain(on(10, 1) + KNOWN, dry=True)["visits that knew a person"] == 2
    assert retain(on(10, 1) + KNOWN)["visits that knew a person"] == 2
    assert MonthCount.get_by_id(202409).persons_off_at is not None


def test_a_month_whose_people_are_not_kept_keeps_its_persons(september):
    months.count(202409, now=FIRST, freeze=True)
    assert retain(FIRST + 400 * DAYS)["visits that knew a person"] == 0
    crowds.count_people(202409, now=FIRST)
    assert retain(FIRST + 400 * DAYS)["visits that knew a person"] == 4


def test_told_to_end_it_ends_and_goes_on_the_next_night(september, monkeypatch):
    night(FIRST)
    monkeypatch.setattr(crowds, "stopping", lambda: True)
    assert crowds.forget_persons(now=FIRST + KNOWN + 40 * DAYS) == 0
    monkeypatch.undo()
    assert crowds.forget_persons(now=FIRST + KNOWN + 40 * DAYS) == 4


def test_a_press_that_comes_again_after_half_a_year_is_not_counted_twice(september):
    night(FIRST)
    told = dict(client_id="again", at=on(9, 30, 13), evidence=1)
    visits.admit(september.spring.id, visits.Who(september.rui.id, None), now=on(9, 30, 13), **told)
    later = FIRST + KNOWN + 40 * DAYS
    retain(later)
    with pytest.raises(visits.Refused):
        visits.admit(september.spring.id, visits.Who(september.rui.id, None), now=later, **told | {"at": later})
    assert Visit.select().where(Visit.client_id == visits.number("again")).count() == 1


# What does not fit.


def test_a_day_that_was_too_busy_is_kept_apart(september):
    tallied(september.fuel, 900, on(9, 12))
    night(on(9, 13))
    assert shares(DAY) == {(20240912, september.fuel.id): 900}


def test_a_recount_puts_the_month_that_runs_right_and_tells_of_frozen_ones(september):
    night(FIRST)
    come(september.spring, september.kim, on(10, 2))
    night(on(10, 3))
    assert freezing.recount() == {"month_share": 0, "month_share (frozen, left as printed)": 0}
    with writing():
        MonthShare.update(n=7).where(MonthShare.cut == CHANNEL, MonthShare.value == 1).execute()
    assert freezing.recount() == {"month_share": 1, "month_share (frozen, left as printed)": 2}
    assert shares(CHANNEL, 202410) == {(1, september.spring.id): 1}
    assert freezing.recount() == {"month_share": 0, "month_share (frozen, left as printed)": 2}


def test_the_command_tells_it(september, app):
    night(FIRST)
    assert "month_share: 0 put right" in app.test_cli_runner().invoke(args=["recount"]).output


def test_the_worker_does_it(september):
    done = _work.once(FIRST)
    assert "months" in done and MonthCount.get_by_id(202409).frozen_at == FIRST
