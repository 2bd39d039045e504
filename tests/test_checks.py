"""What somebody must look into: each check finds what it says and nothing else, of a town too."""

import datetime as dt

import pytest

from models import checks, days
from models._database import writing
from models.faults import report
from models.months import IN_TOWN, MonthFigure
from models.stations import Station
from tests._engines import NOON
from tests._months import come, night, on, tallied

DAY = dt.timedelta(days=1)


def found(name, town="", now=NOON):
    return [row[0] for row in checks.find(name).of(town, now).tuples()]


def test_every_check_has_words_and_a_query_that_can_be_counted(town):
    for check in checks.CHECKS:
        assert check.words and check.meaning and check.group in (checks.WORK, checks.DATA)
        assert check.of("", NOON).count() == len(found(check.name))
    assert len({check.name for check in checks.CHECKS}) == len(checks.CHECKS)
    assert checks.find("nothing") is None


def test_not_confirmed_for_seven_days(town):
    everybody = sorted([town.spring.id, town.street.id, town.fuel.id])
    assert sorted(found("unconfirmed")) == everybody
    days.confirm(town.spring, NOON.date(), days.OPEN, by=town.kim, at=NOON)
    assert sorted(found("unconfirmed")) == everybody[1:]
    assert sorted(found("unconfirmed", now=NOON + 6 * DAY)) == everybody[1:]
    assert sorted(found("unconfirmed", now=NOON + 7 * DAY)) == everybody


def test_something_broken(town):
    assert found("faults") == []
    report(town.street, "LOCKED", actor=-1, at=NOON)
    assert found("faults") == [town.street.id]


def test_nobody_came_for_thirty_days(town):
    come(town.spring, town.rui, NOON - 20 * DAY)
    assert town.spring.id not in found("unvisited") and len(found("unvisited")) == 2
    assert len(found("unvisited", now=NOON + 11 * DAY)) == 3


def test_too_busy_as_of_last_night(town):
    tallied(town.fuel, 900, on(9, 12))
    tallied(town.spring, 200, on(9, 12))
    assert found("busy") == []
    night(on(9, 13))
    assert list(checks.find("busy").of("", NOON).tuples()) == [(town.fuel.id, 20240912, 900)]
    assert found("busy", now=on(11, 2)) == []


def test_outside_the_district(town):
    assert found("place") == []
    with writing():
        Station.update(lat=town.fuel.lng, lng=town.fuel.lat).where(Station.id == town.fuel.id).execute()
    assert found("place") == [town.fuel.id]


def test_the_same_name(town):
    assert found("names") == []
    with writing():
        Station.update(name=town.spring.name).where(Station.id == town.fuel.id).execute()
    assert found("names") == [town.spring.id, town.fuel.id]


@pytest.mark.parametrize("name", [check.name for check in checks.CHECKS])
def test_a_town_has_only_its_own(name, town):
    with writing():
        Station.update(name="同名", lat=0).execute()
    for code in {s.town_id for s in Station.select()}:
        here = {s.id for s in Station.select().where(Station.town == code)}
        assert set(found(name, code)) == set(found(name)) & here


def test_a_busy_day_can_be_another_number(town, noon):
    from models.areas import Revision, Setting

    with writing():
        Setting.put("busy_day", 20)
        Revision.bump()
    tallied(town.spring, 21, on(9, 12))
    night(on(9, 13))
    assert found("busy") == [town.spring.id]
    assert MonthFigure.select().where(MonthFigure.cut == IN_TOWN).exists()
