"""What partners say about a station, and the rooms of the centre."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE agreed (station_id {big} NOT NULL REFERENCES station (id), actor {big} NOT NULL, at {big} NOT NULL,
  PRIMARY KEY (station_id, actor)) {lean};
CREATE INDEX agreed_actor ON agreed (actor, at);
CREATE INDEX agreed_at ON agreed (at);
CREATE TABLE free_now (station_id {big} NOT NULL REFERENCES station (id), what VARCHAR(10) NOT NULL,
  level VARCHAR(10) NOT NULL, actor {big} NOT NULL, at {big} NOT NULL, PRIMARY KEY (station_id, what)) {lean};
CREATE INDEX free_now_at ON free_now (at);
CREATE INDEX free_now_actor ON free_now (actor);

CREATE TABLE room (code VARCHAR(20) PRIMARY KEY, station_id {big} NOT NULL REFERENCES station (id),
  name VARCHAR(60) NOT NULL, name_en VARCHAR(90) NOT NULL, seats INTEGER NOT NULL, sort INTEGER NOT NULL);
CREATE INDEX room_station_id ON room (station_id);
CREATE TABLE counter (code VARCHAR(20) PRIMARY KEY, station_id {big} NOT NULL REFERENCES station (id),
  name VARCHAR(60) NOT NULL, name_en VARCHAR(90) NOT NULL, does VARCHAR(200) NOT NULL, does_en VARCHAR(300) NOT NULL,
  unit VARCHAR(20) REFERENCES unit (code), sort INTEGER NOT NULL);
CREATE INDEX counter_station_id ON counter (station_id);
CREATE INDEX counter_unit ON counter (unit);
CREATE TABLE booking (id {id}, ref VARCHAR(10) NOT NULL UNIQUE, room VARCHAR(20) NOT NULL REFERENCES room (code),
  person_id {big} NOT NULL REFERENCES person (id), from_at {big} NOT NULL, to_at {big} NOT NULL,
  purpose VARCHAR(60) NOT NULL, client_id {big} UNIQUE, made_at {big} NOT NULL, ended_at {big});
CREATE INDEX booking_room ON booking (room, from_at);
CREATE INDEX booking_person_id ON booking (person_id, from_at);
CREATE INDEX booking_to_at ON booking (to_at)
"""
