"""What is whose: every column says what it is about, and a person is told all that is theirs and nothing else (R30)."""

import datetime as dt
import json

import pytest

from models import personal
from models._database import db, writing
from models._record import Record
from models.consents import Consent
from models.people import Employment, Person, RoleGrant
from models.personal import ABOUT, NO_ONE, PASSING
from models.sessions import Session
from models.visits import Who, admit

RECORDS = {record._meta.table_name: record for record in Record.__subclasses__()}


@pytest.mark.no_database
def test_every_table_says_whether_it_is_about_somebody():
    classes = [*ABOUT, *NO_ONE, *PASSING]
    assert sorted(RECORDS) == sorted(classes)


@pytest.mark.no_database
@pytest.mark.parametrize("table", ABOUT)
def test_every_column_about_somebody_has_a_class(table):
    about = ABOUT[table]
    key = {field.column_name for field in RECORDS[table]._meta.get_primary_keys()}
    told = [*about.personal, *about.secret]
    assert len(told) == len(set(told))
    assert set(RECORDS[table]._meta.columns) == set(told) | {about.owner} | (key - set(told))


@pytest.mark.no_database
def test_a_table_that_points_to_a_person_is_about_somebody():
    pointing = {
        table
        for table, record in RECORDS.items()
        if any(getattr(field, "rel_model", None) is Person for field in record._meta.sorted_fields)
    }
    assert pointing <= set(ABOUT)


@pytest.mark.no_database
def test_what_is_sealed_is_personal_or_secret():
    for table, record in RECORDS.items():
        for column in record._meta.columns:
            if column.endswith("_sealed"):
                assert table in ABOUT or table in PASSING, f"{table}.{column} is sealed: whose is it?"


@pytest.fixture
def two(town, noon):
    """Two people of whom everything is known."""
    for n, person in enumerate((town.rui, town.ray), 1):
        admit(town.spring.id, Who(person.id, None), client_id=f"v{n}", at=noon, now=noon)
        with writing():
            Employment.put(person, ("driver truck", "driver ride")[n - 1], at=noon)
            Consent.give(person, "account", channel=f"way{n}", at=noon)
            RoleGrant.create(person=person, role="keeper", scope=f"SF00{n}")
        Session.start(person, at=noon + dt.timedelta(seconds=n), device=f"device {n}")
    return town.rui, town.ray


def test_a_person_is_told_all_that_is_theirs(two, noon):
    told = personal.told(two[0])
    assert told["person"] == [
        {
            "ref": two[0].ref,
            "name": "芮一",
            "phone": "13800000001",
            "state": "confirmed",
            "created_at": noon.astimezone(dt.UTC).isoformat(),
        }
    ]
    assert [(row["industry"], row["sub_kind"]) for row in told["employment"]] == [("driver", "truck")]
    assert [row["channel"] for row in told["consent"]] == ["way1"]
    assert {(row["role"], row["scope"]) for row in told["role_grant"]} == {("rider", ""), ("keeper", "SF001")}
    assert [row["device"] for row in told["session"]] == ["device 1"]
    assert [row["n"] for row in told["visit"]] == [1]


def test_each_table_with_a_row_of_theirs_is_there(two):
    told = personal.told(two[0])
    for table, about in ABOUT.items():
        column = RECORDS[table]._meta.columns[about.owner]
        assert len(told[table]) == RECORDS[table].select().where(column == two[0].id).count()


def test_nothing_of_anybody_else(two):
    text = json.dumps(personal.told(two[0]), ensure_ascii=False)
    for theirs in ("雷二", "13800000002", "way2", "SF002", "device 2", '"ride"', two[1].ref):
        assert theirs not in text


def test_no_hash_and_no_key_is_told(two):
    text = json.dumps(personal.told(two[0]))
    person = Person.get_by_id(two[0].id)
    for hidden in (person.password_hash, bytes(person.phone_index).hex(), person.phone_sealed, "v1."):
        assert hidden not in text


def test_a_phone_whose_key_is_gone_is_told_as_nothing(two):
    with writing():
        db.execute_sql("UPDATE person SET phone_sealed = 'v1.gone.AAAA.AAAA'")
    assert personal.told(two[0])["person"][0]["phone"] is None
