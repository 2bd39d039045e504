"""Cards, the keys that make their codes, of a phone or printed, and codes of the server for once."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


# One person has one card that can be used; one card has one key of each kind.
TABLES = """
CREATE TABLE card (id {id}, ref VARCHAR(10) NOT NULL UNIQUE, number VARCHAR(15) NOT NULL UNIQUE,
  person_id {big} NOT NULL REFERENCES person (id), state VARCHAR(10) NOT NULL, town VARCHAR(12) REFERENCES town (code),
  asked_at {big} NOT NULL, issued_by {big} REFERENCES person (id), station_id {big} REFERENCES station (id),
  active_at {big}, valid_to INTEGER NOT NULL, moved_at {big} NOT NULL, replaced_by {big} REFERENCES card (id),
  uses INTEGER NOT NULL, saved {big} NOT NULL);
CREATE UNIQUE INDEX card_of_person ON card (person_id) WHERE replaced_by IS NULL;
CREATE INDEX card_person_id ON card (person_id, id);
CREATE INDEX card_state ON card (state, valid_to);
CREATE INDEX card_town ON card (town, state, valid_to);
CREATE INDEX card_replaced_by ON card (replaced_by);
CREATE INDEX card_issued_by ON card (issued_by);
CREATE INDEX card_station_id ON card (station_id);

CREATE TABLE card_key (id {id}, card_id {big} NOT NULL REFERENCES card (id), code VARCHAR(8) NOT NULL UNIQUE,
  device_id VARCHAR(36) NOT NULL, kind VARCHAR(10) NOT NULL, public {blob}, kid VARCHAR(40) NOT NULL,
  moved {flag} NOT NULL, made_at {big} NOT NULL, ended_at {big}, seen_at {big} NOT NULL, last_step {big} NOT NULL,
  last_minute {big} NOT NULL, drift INTEGER NOT NULL, ahead_step {big}, ahead_at {big});
CREATE UNIQUE INDEX card_key_alive ON card_key (card_id, kind) WHERE ended_at IS NULL;
CREATE INDEX card_key_card_id ON card_key (card_id, made_at);

CREATE TABLE card_once (card_id {big} NOT NULL PRIMARY KEY REFERENCES card (id), digits_hash {blob} NOT NULL UNIQUE,
  ends_at {big} NOT NULL);
CREATE INDEX card_once_ends_at ON card_once (ends_at)
"""
