"""How a month is shared out, and that each share leads to the visits that make it."""

import datetime as dt

import pytest

from models import shares
from models.shares import BY, COUNTED, SINCE, Asked
from models.stations import Station
from models.visits import Visit
from tests._months import FIRST, come, night, on, tallied

MONTH = 202409


@pytest.fixture
def september(town):
    come(town.spring, town.rui, on(9, 3, 8))
    come(town.spring, town.ray, on(9, 3, 17), evidence=2)
    come(town.street, town.rui, on(9, 4, 8), evidence=0)
    come(town.fuel, "d", on(9, 30, 23, 59))
    tallied(town.spring, 5, on(9, 5, 9))
    tallied(town.spring, -2, on(9, 5, 9))
    return town


@pytest.fixture
def frozen(september):
    """The same, frozen; and two came late."""
    night(FIRST)
    come(september.spring, september.kim, on(9, 30, 20), now=FIRST + dt.timedelta(hours=5))
    tallied(september.street, -1, on(9, 30, 8), now=FIRST + dt.timedelta(hours=6))
    return september


def rows(asked, station):
    found, number = [], 1
    while True:
        page = shares.rows_of(station, asked, number)
        found += page.rows
        if not page.more:
            return found
        number += 1


def all_stations(asked, count):
    return shares.by_station(asked, count).rows


@pytest.mark.parametrize("by", BY)
def test_each_share_of_the_month_that_runs_leads_to_its_rows(by, september):
    night(on(10, 1, 0, 5))
    count = shares.count_of(MONTH)
    assert count.frozen_at is None
    parts = shares.shared(Asked(MONTH), by, count) if by != "station" else all_stations(Asked(MONTH), count)
    assert sum(share.n for share in parts) == 7
    for share in parts:
        asked = (
            Asked(MONTH, part=COUNTED) if by == "station" else Asked(MONTH, part=COUNTED)._replace(**{by: share.key})
        )
        stations = [share] if by == "station" else all_stations(asked, count)
        assert sum(s.n for s in stations) == share.n
        for each in stations:
            assert sum(row.n for row in rows(asked, each.key)) == each.n == shares.sum_of(each.key, asked)


@pytest.mark.parametrize("by", BY)
def test_each_share_of_a_frozen_month_and_what_came_late_lead_to_their_rows(by, frozen):
    count = shares.count_of(MONTH)
    parts = shares.shared(Asked(MONTH), by, count) if by != "station" else all_stations(Asked(MONTH), count)
    assert (sum(share.n for share in parts), sum(share.late for share in parts)) == (7, 0)
    assert sorted(share.late for share in parts if share.late) in ([-1, 1], [])
    for share in parts:
        asked = Asked(MONTH) if by == "station" else Asked(MONTH)._replace(**{by: share.key})
        stations = [share] if by == "station" else all_stations(asked, count)
        assert (sum(s.n for s in stations), sum(s.late for s in stations)) == (share.n, share.late)
        for each in stations:
            assert shares.sum_of(each.key, asked._replace(part=COUNTED)) == each.n
            assert sum(row.n for row in rows(asked._replace(part=SINCE), each.key)) == each.late


def test_a_town_has_only_its_own(frozen):
    count = shares.count_of(MONTH)
    for town in {s.town_id for s in Station.select()}:
        for by in BY[2:]:
            asked = Asked(MONTH, town=town)
            parts = shares.shared(asked, by, count) if by != "station" else all_stations(asked, count)
            here = {s.id for s in Station.select().where(Station.town == town)}
            true = sum(v.n for v in Visit.select() if v.station in here)
            assert sum(share.n + share.late for share in parts) == true
            if by == "station":
                assert {share.key for share in parts} <= here


def test_the_month_that_runs_is_as_of_now_but_its_hours_as_of_last_night(september):
    night(on(10, 1, 0, 5))
    come(september.street, september.ray, on(9, 30, 23, 58), now=on(10, 1, 0, 5))
    count = shares.count_of(MONTH)
    assert sum(s.n for s in shares.shared(Asked(MONTH), "town", count)) == 8
    assert sum(s.n for s in shares.shared(Asked(MONTH), "hour", count)) == 7


def test_never_counted_it_has_no_hours_yet(september):
    assert shares.shared(Asked(MONTH), "hour", None) == []
    assert sum(s.n for s in shares.shared(Asked(MONTH), "channel", None)) == 7


def test_a_station_of_which_all_came_late_stands_there_too(september):
    night(FIRST)
    come(september.street, september.kim, on(9, 30, 20), now=FIRST + dt.timedelta(hours=5))
    found = {s.key: s for s in all_stations(Asked(MONTH), shares.count_of(MONTH))}
    assert found[september.street.id].late == 1
    assert shares.of_stations(Asked(MONTH), shares.count_of(MONTH)) == found


def test_a_day_can_be_looked_at(september):
    assert {row.n for row in rows(Asked(MONTH, day=5), september.spring.id)} == {5, -2}


def test_nothing_reads_a_whole_table_of_visits(frozen, engine):
    engine.fill("visit", "station, at, local_date, n, channel, evidence, lag", "1, i, 20240101, 1, 1, 1, 0", 3000)
    count = shares.count_of(MONTH)
    queries = [shares._rows(1, Asked(MONTH, hour=8)), shares._stations(Asked(MONTH), count)]
    queries += [shares._late(Asked(MONTH, hour=8), by) for by in ("town", "station")]
    for query in queries:
        assert not [s for s in engine.scans(*query.sql()) if s.split()[-1] in ("visit", "visit_hour")]
