"""What every record has in common: its table's database, moments, references, and the district's “no”."""

import datetime as dt
import secrets

from peewee import BigIntegerField, Model, __exception_wrapper__

from models._database import db, is_postgres

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a code read aloud or typed with gloves is not mistaken."""


class Record(Model):
    """A row of the district. Its table is named as the class, in snake case."""

    class Meta:
        database = db
        legacy_table_names = False


class Refused(Exception):
    """The district says no: `code` for the program, `message` (translated) for the person."""

    def __init__(self, code: str, message: str):
        super().__init__(code)
        self.code, self.message = code, message


class Page:
    """A page of rows and whether more follow."""

    def __init__(self, query, number: int, size: int = 20):
        rows = list(query.limit(size + 1).offset((number - 1) * size))
        self.rows, self.number, self.more = rows[:size], number, len(rows) > size


class MomentField(BigIntegerField):
    """An aware moment in the program, integer milliseconds UTC in both databases."""

    def db_value(self, value):
        return value if value is None or isinstance(value, int) else to_ms(value)

    def python_value(self, value):
        return value if value is None or isinstance(value, dt.datetime) else from_ms(value)


def bare(record, /, **values):
    """A record that was read by raw SQL: these fields and no others, as the program knows them, nothing to be saved."""
    made = record(__no_default__=True)
    made.__data__.update(values)
    return made


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def to_ms(moment: dt.datetime) -> int:
    """Milliseconds since 1970 UTC of an aware moment. Raises ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def from_ms(ms: int) -> dt.datetime:
    return EPOCH + dt.timedelta(milliseconds=ms)


def number_of(day: dt.date) -> int:
    """yyyymmdd"""
    return day.year * 10000 + day.month * 100 + day.day


def date_of(number: int) -> dt.date:
    return dt.date(number // 10000, number // 100 % 100, number % 100)


def random_code(length: int = 10) -> str:
    """Random Crockford characters: 50 bits at the usual length."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))


PIECE = 500
"""Rows in one statement."""


def insert(record, columns: tuple[str, ...], rows: list[tuple], **same):
    """Many rows at once, on SQLite by raw SQL, some hundreds in a statement, on PostgreSQL by COPY: the ORM takes ten
    times as long.

    `columns` as the database calls them, values as it keeps them; `same` are columns that say the same in every row.
    """
    columns, rest = (*columns, *same), tuple(same.values())
    into = f"{record._meta.table_name} ({', '.join(columns)})"
    if is_postgres():
        with __exception_wrapper__, db.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *rest))
        return
    one = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), PIECE):
        some = rows[start : start + PIECE]
        values = [value for row in some for value in (*row, *rest)]
        db.execute_sql(f"INSERT INTO {into} VALUES " + ", ".join([one] * len(some)), values)


PLAIN = {int, str, float, bool, type(None)}
"""What a database keeps as it is."""


def insert_facts(record, rows: list[dict]):
    """The same of rows that name their fields, all of them the same ones; the others are as they are by default."""
    if not rows:
        return
    fields = [record._meta.combined[name] for name in rows[0]]
    known = {field.name for field in fields}  # by name: two fields are never unequal, they make a condition
    unsaid = {field.column_name: value for field, value in record._meta.defaults.items() if field.name not in known}
    told = [
        tuple(v if type(v) in PLAIN else f.db_value(v) for f, v in zip(fields, row.values(), strict=True))
        for row in rows
    ]
    insert(record, tuple(field.column_name for field in fields), told, **unsaid)


def N_(text: str) -> str:
    """Marks an English text for the catalogue. Models know no language: the view translates what it shows."""
    return text
