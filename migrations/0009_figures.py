"""Months that are counted each night and frozen once: what they came to, how that is shared out, who came how late."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


# The index holds only what came ten minutes late or more, so the press of somebody who stands there costs nothing more.
TABLES = """
CREATE TABLE month_count (month INTEGER NOT NULL PRIMARY KEY, counted_at {big} NOT NULL, last {big} NOT NULL,
  frozen_at {big}, people_at {big}, persons_off_at {big});
CREATE TABLE month_figure (month INTEGER NOT NULL, cut {small} NOT NULL, value VARCHAR(20) NOT NULL,
  n INTEGER NOT NULL, late INTEGER NOT NULL, so_far INTEGER NOT NULL, stations INTEGER NOT NULL,
  people INTEGER, devices INTEGER,
  PRIMARY KEY (month, cut, value)) {lean};
CREATE TABLE month_share (month INTEGER NOT NULL, cut {small} NOT NULL, value INTEGER NOT NULL,
  station INTEGER NOT NULL, town VARCHAR(12) NOT NULL, kind VARCHAR(20) NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (month, cut, value, station)) {lean};
CREATE INDEX visit_late ON visit (local_date, id) WHERE lag >= 600
"""
