"""The trail only grows."""

import pytest
from peewee import IntegrityError

from models._database import db, writing
from models._trail import Trail


@pytest.fixture
def line(town, noon):
    with writing():
        Trail.note("changed", by=town.kim, subject="station:SF001", what="poster 2", at=noon)
    return Trail.get()


def test_a_line_says_when_who_and_what(town, line, noon):
    assert (line.at, line.kind, line.actor) == (noon, "changed", town.kim.id)
    assert (line.subject, line.what) == ("station:SF001", "poster 2")


def test_what_the_system_does_has_actor_0(town, noon):
    with writing():
        Trail.note("moved", by=None, subject="card:7", what="expired", at=noon)
    assert Trail.get().actor == 0


def test_a_kind_that_nobody_knows_is_an_error(town, noon):
    with pytest.raises(ValueError):
        Trail.note("forgotten", by=None, subject="", what="", at=noon)


@pytest.mark.parametrize(
    "change", ["UPDATE trail SET what = ''", "DELETE FROM trail", "DELETE FROM trail WHERE seq = 1"]
)
def test_no_line_is_ever_changed_or_taken_out(line, change):
    with pytest.raises(IntegrityError), writing():
        db.execute_sql(change)
    assert Trail.get() == line


@pytest.mark.only("postgresql", "SQLite has no TRUNCATE")
def test_the_trail_is_not_emptied_either(line):
    with pytest.raises(IntegrityError), writing():
        db.execute_sql("TRUNCATE trail")
    assert Trail.get() == line
