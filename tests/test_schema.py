"""The schema: what the models believe is what the migrations made; it is brought up once, or not at all."""

import datetime as dt
import re
import shutil

import pytest
from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    SmallIntegerField,
    TextField,
)

from models import (  # noqa: F401 (the models say which tables there are)
    _schema,
    areas,
    card_keys,
    card_once,
    cards,
    codes,
    consents,
    days,
    devices,
    enterprises,
    farewells,
    faults,
    imports,
    inspections,
    invitations,
    kiosks,
    limits,
    merchants,
    months,
    odd_uses,
    offers,
    openings,
    outbox,
    people,
    redemptions,
    second_factor,
    sessions,
    stations,
    supplies,
    tally,
    tills,
    visits,
)
from models._database import db, is_postgres
from models._record import Record
from models._schema import UnknownSchema, check, upgrade
from tests import _crowd

RECORDS = sorted(Record.__subclasses__(), key=lambda record: record.__name__)

TYPES = {
    "sqlite": {
        AutoField: "INTEGER",
        BigIntegerField: "INTEGER",
        IntegerField: "INTEGER",
        SmallIntegerField: "INTEGER",
        BooleanField: "INTEGER",
        FloatField: "REAL",
        BlobField: "BLOB",
        TextField: "TEXT",
    },
    "postgresql": {
        AutoField: "bigint",
        BigIntegerField: "bigint",
        IntegerField: "integer|bigint",  # wider than the model says is no harm
        SmallIntegerField: "smallint",
        BooleanField: "boolean",
        FloatField: "double precision",
        BlobField: "bytea",
        TextField: "text",
    },
}


def type_of(field):
    """How a model's field is to be stored, as a pattern."""
    if isinstance(field, ForeignKeyField):
        return type_of(field.rel_field) if not isinstance(field.rel_field, AutoField) else type_of(BigIntegerField())
    if isinstance(field, CharField):
        return rf"(character varying|VARCHAR)\({field.max_length}\)"
    kinds = TYPES["postgresql" if is_postgres() else "sqlite"]
    return next(kinds[kind] for kind in type(field).__mro__ if kind in kinds)


def test_the_models_columns_are_the_tables_columns(migrated):
    wrong = []
    for record in RECORDS:
        table = {column.name: column for column in db.get_columns(record._meta.table_name)}
        keys = {field.column_name for field in record._meta.get_primary_keys()}
        assert set(table) == set(record._meta.columns), record
        for name, field in record._meta.columns.items():
            column = table[name]
            if not re.fullmatch(type_of(field), column.full_type):
                wrong.append((field, column.full_type))
            if column.primary_key != (name in keys) or (name not in keys and column.null != field.null):
                wrong.append((field, column))
    assert wrong == []


FEW = {"station.kind", "station.brand", "station.grid", "station_amenity.amenity"}
"""References to lists of a few rows from which nothing is ever taken out: nobody asks for them backwards."""


def test_what_a_model_calls_unique_is_and_references_are_indexed(migrated):
    for record in RECORDS:
        table = record._meta.table_name
        indexes = list(indexes_of(table))
        first = {columns[0] for columns, _ in indexes} | {record._meta.get_primary_keys()[0].column_name}
        unique = {columns[0] for columns, one in indexes if one and len(columns) == 1}
        for field in record._meta.sorted_fields:
            if field.unique:
                assert field.column_name in unique, field
            if field.index or (isinstance(field, ForeignKeyField) and f"{table}.{field.column_name}" not in FEW):
                assert field.column_name in first or f"{table}.{field.column_name}" in FEW, field


def indexes_of(table):
    """(columns, unique) of each index, those of UNIQUE and PRIMARY KEY too."""
    if is_postgres():
        yield from ((index.columns, index.unique) for index in db.get_indexes(table))
        return
    for _, name, unique, *_ in db.execute_sql(f'PRAGMA index_list("{table}")').fetchall():
        yield [column[2] for column in db.execute_sql(f'PRAGMA index_info("{name}")').fetchall()], bool(unique)


def test_the_tables_are_the_models_and_no_others(migrated):
    assert set(db.get_tables()) == {record._meta.table_name for record in RECORDS} | {"schema_migration"}


def test_a_reference_to_nothing_is_refused(migrated):
    with pytest.raises(Exception) as no:
        people.RoleGrant.create(person=4711, role="rider")
    assert type(no.value).__name__ == "IntegrityError"


# Bringing it up.


def test_the_second_time_there_is_nothing_to_do(bare):
    assert upgrade()[:1] == ["0001_ground"]
    assert upgrade() == []
    check()


def test_only_one_of_several_processes_brings_it_up(bare, crowd):
    names = crowd.do(_crowd.upgrade_elsewhere, bare)
    assert sorted(map(len, names)) == [0, 0, 0, len(list(_schema.MIGRATIONS.glob("0*.py")))]
    check()


@pytest.fixture
def migrations(tmp_path, monkeypatch):
    """A folder of migrations of one's own: those there are, to which a test may add."""
    folder = tmp_path / "migrations"
    shutil.copytree(_schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(_schema, "MIGRATIONS", folder)

    def add(number, *lines):
        body = "\n".join(f"    {line}" for line in lines)
        (folder / f"{number}_test.py").write_text(f"def up(migrator, db):\n{body}\n")

    return add


def test_a_migration_that_fails_half_way_leaves_nothing(migrated, migrations):
    half = 'db.execute_sql("CREATE TABLE half (id INTEGER)")'
    migrations(8001, half, "db.execute_sql(\"INSERT INTO setting VALUES ('half', '1')\")", "raise KeyError('half')")
    before = db.get_tables()
    with pytest.raises(KeyError):
        upgrade()
    assert db.get_tables() == before and not areas.Setting.select().exists()
    assert not db.in_transaction()
    migrations(8001, half)
    assert upgrade() == ["8001_test"]
    assert "half" in db.get_tables()


def test_those_before_the_one_that_failed_stay(migrated, migrations):
    migrations(8001, 'db.execute_sql("CREATE TABLE whole (id INTEGER)")')
    migrations(8002, 'db.execute_sql("CREATE TABLE half (id INTEGER)")', "raise KeyError")
    with pytest.raises(KeyError):
        upgrade()
    assert "whole" in db.get_tables() and "half" not in db.get_tables()


@pytest.mark.only("sqlite", "PostgreSQL does not switch its references off")
def test_a_migration_that_leaves_rows_pointing_to_nothing_is_reported(migrated, migrations, noon):
    migrations(8001, "db.execute_sql(\"INSERT INTO role_grant (person_id, role, scope) VALUES (99, 'rider', '')\")")
    with pytest.raises(UnknownSchema):
        upgrade()


# Refusing what this code does not know.


def test_an_empty_database_is_refused_with_what_to_do(bare):
    with pytest.raises(UnknownSchema, match="flask db upgrade"):
        check()


def test_a_database_that_is_behind_is_refused(migrated, migrations):
    migrations(8001, "pass")
    with pytest.raises(UnknownSchema, match="8001_test"):
        check()


def applied(*names):
    for name in names:
        values = (name, dt.datetime(2024, 9, 19))
        mark = "%s" if is_postgres() else "?"
        db.execute_sql(f"INSERT INTO schema_migration (name, applied) VALUES ({mark}, {mark})", values)


def test_the_former_code_runs_on_the_next_schema(migrated):
    applied("8001_next")
    check()


def test_but_not_on_one_two_steps_ahead(migrated):
    applied("8001_next", "8002_and_after")
    with pytest.raises(UnknownSchema, match="newer code"):
        check()
