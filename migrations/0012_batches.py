"""Lists that were taken in: what came, what was there before and after, so that a batch can be undone."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE import_batch (id {id}, ref VARCHAR(10) NOT NULL UNIQUE, kind VARCHAR(10) NOT NULL,
  name VARCHAR(120) NOT NULL, header TEXT NOT NULL, ignored TEXT NOT NULL, state VARCHAR(10) NOT NULL,
  made_by {big} REFERENCES person (id), made_at {big} NOT NULL, applied_at {big}, undone_at {big},
  n_new INTEGER NOT NULL, n_changed INTEGER NOT NULL, n_same INTEGER NOT NULL, n_wrong INTEGER NOT NULL);
CREATE INDEX import_batch_made_at ON import_batch (made_at);
CREATE INDEX import_batch_made_by ON import_batch (made_by);
CREATE TABLE import_row (batch_id {big} NOT NULL REFERENCES import_batch (id), number INTEGER NOT NULL,
  state VARCHAR(10) NOT NULL, code VARCHAR(20) NOT NULL, cells TEXT NOT NULL, before TEXT, after TEXT,
  wrong TEXT NOT NULL, PRIMARY KEY (batch_id, number));
CREATE INDEX import_row_state ON import_row (batch_id, state, number)
"""
