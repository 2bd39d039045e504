"""Bringing the schema up to what this code knows, and refusing one that it does not."""

from contextlib import contextmanager
from pathlib import Path

from playhouse.migrations import Runner

from models._database import db, is_postgres, writing

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK = 7_210_812
"""The advisory lock of upgrades on PostgreSQL."""


class UnknownSchema(Exception):
    """The database was not upgraded, or by newer code."""


def upgrade() -> list[str]:
    """Apply what is missing, one transaction each, one process at a time; returns the names applied."""
    with _alone():
        names = Runner(db.obj, str(MIGRATIONS)).up()
        if not is_postgres() and db.execute_sql("PRAGMA foreign_key_check").fetchone():
            raise UnknownSchema("a migration left rows that point to nothing")
        return names


def check():
    """Raises UnknownSchema unless the database has exactly the migrations of this code, or later ones of its kind.

    A database one step ahead is fine ("the former code runs on the next schema"); one behind, or with a gap, is not.
    """
    runner = Runner(db.obj, str(MIGRATIONS))
    applied, known = set(runner.applied()), {m.name for m in runner.migrations()}
    if known - applied:
        raise UnknownSchema(f"run `flask db upgrade` first: {', '.join(sorted(known - applied))}")
    if len(applied - known) > 1:
        raise UnknownSchema(f"this database was made by newer code: {', '.join(sorted(applied - known))}")


@contextmanager
def _alone():
    if is_postgres():
        with db.connection_context():
            db.execute_sql("SELECT pg_advisory_lock(%s)", (LOCK,))
            try:
                yield
            finally:
                db.execute_sql("SELECT pg_advisory_unlock(%s)", (LOCK,))
    else:
        with writing.lock():
            yield
