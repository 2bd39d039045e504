"""Places in full: units and their duties, groups of amenities, and what else a station is."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE unit (code VARCHAR(20) PRIMARY KEY, name VARCHAR(60) NOT NULL, name_en VARCHAR(90) NOT NULL,
  kind VARCHAR(20) NOT NULL, town VARCHAR(12) REFERENCES town (code), sort INTEGER NOT NULL);
CREATE INDEX unit_town ON unit (town);
CREATE TABLE unit_duty (id {id}, unit VARCHAR(20) NOT NULL REFERENCES unit (code), text VARCHAR(200) NOT NULL,
  text_en VARCHAR(300) NOT NULL, sort INTEGER NOT NULL);
CREATE INDEX unit_duty_unit ON unit_duty (unit);
CREATE TABLE amenity_group (code VARCHAR(4) PRIMARY KEY, name VARCHAR(40) NOT NULL, name_en VARCHAR(60) NOT NULL,
  sort INTEGER NOT NULL);
ALTER TABLE station ADD COLUMN host VARCHAR(20) REFERENCES unit (code);
ALTER TABLE station ADD COLUMN phone VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE station ADD COLUMN entry VARCHAR(10) NOT NULL DEFAULT 'free';
ALTER TABLE station ADD COLUMN truck_length {real};
ALTER TABLE station ADD COLUMN truck_height {real};
ALTER TABLE station ADD COLUMN closed_at {big};
ALTER TABLE station ADD COLUMN closed_why VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE station ADD COLUMN sought TEXT NOT NULL DEFAULT '';
UPDATE station SET sought = lower(name || ' ' || name_en || ' ' || coalesce((SELECT b.name || ' ' || b.name_en
  FROM brand b WHERE b.code = station.brand), '') || ' ' || address || ' ' || address_en || ' ' || landmark || ' '
  || landmark_en || ' ' || code);
CREATE INDEX station_kind ON station (kind);
CREATE INDEX station_host ON station (host);
CREATE TABLE station_unit (station_id {big} NOT NULL REFERENCES station (id),
  unit VARCHAR(20) NOT NULL REFERENCES unit (code), PRIMARY KEY (station_id, unit)) {lean};
CREATE INDEX station_unit_unit ON station_unit (unit)
"""
