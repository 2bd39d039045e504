"""Opening hours: the week's rules, changes of single days, and the openings worked out of them."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE hours_rule (station_id {big} NOT NULL REFERENCES station (id), first INTEGER NOT NULL,
  last INTEGER NOT NULL, weekday INTEGER NOT NULL, opens INTEGER NOT NULL, closes INTEGER NOT NULL,
  PRIMARY KEY (station_id, first, weekday, opens)) {lean};
CREATE TABLE hours_exception (id {id}, station_id {big} NOT NULL REFERENCES station (id), first_on INTEGER NOT NULL,
  last_on INTEGER NOT NULL, times VARCHAR(200) NOT NULL, why VARCHAR(120) NOT NULL, made_at {big} NOT NULL,
  ended_at {big});
CREATE INDEX hours_exception_station_id ON hours_exception (station_id, last_on);
CREATE INDEX hours_exception_last_on ON hours_exception (last_on);
CREATE TABLE opening (station_id {big} NOT NULL REFERENCES station (id), from_at {big} NOT NULL, to_at {big} NOT NULL,
  PRIMARY KEY (station_id, from_at)) {lean};
CREATE INDEX opening_from_at ON opening (from_at, to_at, station_id);
CREATE INDEX station_amenity_amenity ON station_amenity (amenity, has, station_id)
"""
