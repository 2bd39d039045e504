"""The keeper's five minutes a day: the opening tick, tallies, faults, supplies, things lent, inspections."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE station_day (station_id {big} NOT NULL REFERENCES station (id), local_date INTEGER NOT NULL,
  state VARCHAR(10) NOT NULL, confirmed_at {big} NOT NULL, by_id {big} NOT NULL REFERENCES person (id),
  PRIMARY KEY (station_id, local_date)) {lean};
CREATE INDEX station_day_local_date ON station_day (local_date);
CREATE INDEX station_day_by_id ON station_day (by_id);

CREATE TABLE noted (visit_id {big} PRIMARY KEY REFERENCES visit (id), by_id {big} NOT NULL REFERENCES person (id),
  why VARCHAR(120) NOT NULL, at {big} NOT NULL) {lean};
CREATE INDEX noted_by_id ON noted (by_id, at);

CREATE TABLE fault (id {id}, station_id {big} NOT NULL REFERENCES station (id), what VARCHAR(20) NOT NULL,
  n INTEGER NOT NULL, broken {flag} NOT NULL, opened_at {big} NOT NULL, last_at {big} NOT NULL,
  due_at {big} NOT NULL, ended_at {big}, ended_by {big} REFERENCES person (id));
CREATE UNIQUE INDEX fault_open ON fault (station_id, what) WHERE ended_at IS NULL;
CREATE INDEX fault_station_id ON fault (station_id, ended_at);
CREATE INDEX fault_due_at ON fault (due_at) WHERE ended_at IS NULL;
CREATE INDEX fault_ended_by ON fault (ended_by);
CREATE TABLE fault_report (fault_id {big} NOT NULL REFERENCES fault (id), actor {big} NOT NULL, at {big} NOT NULL,
  PRIMARY KEY (fault_id, actor)) {lean};
CREATE INDEX fault_report_actor ON fault_report (actor, at);

CREATE TABLE supply (id {id}, station_id {big} NOT NULL REFERENCES station (id), name VARCHAR(40) NOT NULL,
  state VARCHAR(10) NOT NULL, expires_on INTEGER, answer VARCHAR(120) NOT NULL, changed_at {big} NOT NULL);
CREATE UNIQUE INDEX supply_station_id_name ON supply (station_id, name);
CREATE INDEX supply_state ON supply (state, changed_at);

CREATE TABLE loan (id {id}, station_id {big} NOT NULL REFERENCES station (id), number VARCHAR(20) NOT NULL,
  hint VARCHAR(30) NOT NULL, lent_at {big} NOT NULL, returned_at {big}, by_id {big} NOT NULL REFERENCES person (id));
CREATE UNIQUE INDEX loan_out ON loan (station_id, number) WHERE returned_at IS NULL;
CREATE INDEX loan_station_id ON loan (station_id, lent_at);
CREATE INDEX loan_returned_at ON loan (returned_at);
CREATE INDEX loan_by_id ON loan (by_id);

CREATE TABLE inspection (id {id}, station_id {big} NOT NULL REFERENCES station (id), month INTEGER NOT NULL,
  at {big} NOT NULL, by_id {big} NOT NULL REFERENCES person (id), score {small} NOT NULL, failed TEXT NOT NULL,
  note VARCHAR(200) NOT NULL);
CREATE INDEX inspection_station_id ON inspection (station_id, month);
CREATE INDEX inspection_by_id ON inspection (by_id);

ALTER TABLE invitation ADD COLUMN beside {flag} NOT NULL DEFAULT {no}
"""
