"""Screens at stations whose code moves on: each with its own key, to be revoked one by one."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE kiosk (id {id}, station_id {big} NOT NULL REFERENCES station (id), code VARCHAR(6) NOT NULL UNIQUE,
  device_id VARCHAR(36) NOT NULL, name VARCHAR(30) NOT NULL,
  link_hash {blob} NOT NULL UNIQUE, link_ends_at {big} NOT NULL,
  public {blob}, kid VARCHAR(40), made_at {big} NOT NULL, made_by {big} NOT NULL REFERENCES person (id),
  seen_at {big}, ended_at {big});
CREATE INDEX kiosk_station_id ON kiosk (station_id, ended_at);
CREATE INDEX kiosk_made_by ON kiosk (made_by)
"""
