"""The token that a session had before its last renewal: for a button that was pressed twice."""

from peewee import PostgresqlDatabase


def up(migrator, db):
    postgres = isinstance(db, PostgresqlDatabase)
    db.execute_sql(f"ALTER TABLE session ADD COLUMN before_hash {'BYTEA' if postgres else 'BLOB'}")
    db.execute_sql(
        f"ALTER TABLE session ADD COLUMN renewed_at {'BIGINT' if postgres else 'INTEGER'} NOT NULL DEFAULT 0"
    )
    db.execute_sql("CREATE INDEX session_before_hash ON session (before_hash)")
