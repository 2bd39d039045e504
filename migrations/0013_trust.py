"""Trust in the count: what does not fit is marked, and somebody looks at it. The visits stay."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE doubt (visit_id {big} NOT NULL REFERENCES visit (id), kind VARCHAR(10) NOT NULL, at {big} NOT NULL,
  settled_at {big}, settled_by {big} REFERENCES person (id), fine {flag}, PRIMARY KEY (visit_id, kind)) {lean};
CREATE INDEX doubt_open ON doubt (kind, visit_id) WHERE settled_at IS NULL;
CREATE INDEX doubt_settled_by ON doubt (settled_by);
CREATE TABLE burst (id {id}, station_id {big} NOT NULL REFERENCES station (id), began_at {big} NOT NULL,
  n INTEGER NOT NULL, until_at {big} NOT NULL);
CREATE INDEX burst_station_id ON burst (station_id, until_at);
CREATE TABLE looked_at (id {id}, visit {big} NOT NULL)
"""
