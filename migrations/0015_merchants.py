"""Caring merchants: their shops, what they offer, and on which days they are not as always."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


TABLES = """
CREATE TABLE category (code VARCHAR(20) PRIMARY KEY, name VARCHAR(40) NOT NULL, name_en VARCHAR(60) NOT NULL,
  icon VARCHAR(20) NOT NULL, sort INTEGER NOT NULL);

CREATE TABLE merchant (id {id}, ref VARCHAR(10) NOT NULL UNIQUE, code VARCHAR(20) UNIQUE, name VARCHAR(60) NOT NULL,
  name_en VARCHAR(90) NOT NULL, category VARCHAR(20) NOT NULL REFERENCES category (code),
  town VARCHAR(12) NOT NULL REFERENCES town (code), address VARCHAR(120) NOT NULL, address_en VARCHAR(160) NOT NULL,
  lat {real} NOT NULL, lng {real} NOT NULL, coord_src VARCHAR(10) NOT NULL, phone VARCHAR(20) NOT NULL,
  uscc VARCHAR(18) NOT NULL, hours VARCHAR(200) NOT NULL, state VARCHAR(10) NOT NULL, sought TEXT NOT NULL,
  uid {blob} NOT NULL, contact VARCHAR(60) NOT NULL, contact_phone_sealed TEXT,
  applicant_id {big} REFERENCES person (id), client_id {big} UNIQUE, applied_at {big} NOT NULL, approved_at {big},
  reviewed_on INTEGER, left_at {big}, why VARCHAR(200) NOT NULL, pin_hash VARCHAR(120));
CREATE INDEX merchant_state ON merchant (state, code);
CREATE INDEX merchant_town ON merchant (town, state, code);
CREATE INDEX merchant_category ON merchant (category, state, code);
CREATE INDEX merchant_applicant_id ON merchant (applicant_id);

CREATE TABLE merchant_break (id {id}, merchant_id {big} NOT NULL REFERENCES merchant (id), first_on INTEGER NOT NULL,
  last_on INTEGER NOT NULL, times VARCHAR(200) NOT NULL, why VARCHAR(120) NOT NULL, made_at {big} NOT NULL,
  ended_at {big});
CREATE INDEX merchant_break_merchant_id ON merchant_break (merchant_id, last_on);
CREATE INDEX merchant_break_last_on ON merchant_break (last_on);

CREATE TABLE hours_wish (id {id}, merchant_id {big} NOT NULL REFERENCES merchant (id), hours VARCHAR(200) NOT NULL,
  state VARCHAR(10) NOT NULL, asked_at {big} NOT NULL, asked_by {big} REFERENCES person (id), settled_at {big},
  settled_by {big} REFERENCES person (id), why VARCHAR(200) NOT NULL);
CREATE INDEX hours_wish_merchant_id ON hours_wish (merchant_id, state);
CREATE INDEX hours_wish_state ON hours_wish (state, asked_at);
CREATE INDEX hours_wish_asked_by ON hours_wish (asked_by);
CREATE INDEX hours_wish_settled_by ON hours_wish (settled_by);

CREATE TABLE offer (id {id}, merchant_id {big} NOT NULL REFERENCES merchant (id), kind VARCHAR(10) NOT NULL,
  value INTEGER NOT NULL, what VARCHAR(60) NOT NULL, what_en VARCHAR(90) NOT NULL, least INTEGER NOT NULL,
  times VARCHAR(100) NOT NULL, daily INTEGER, alone {flag} NOT NULL, service_day {flag} NOT NULL,
  first_on INTEGER NOT NULL, last_on INTEGER, state VARCHAR(10) NOT NULL, replaces_id {big} REFERENCES offer (id),
  asked_at {big} NOT NULL, asked_by {big} REFERENCES person (id), client_id {big} UNIQUE, settled_at {big},
  settled_by {big} REFERENCES person (id), why VARCHAR(200) NOT NULL);
CREATE INDEX offer_merchant_id ON offer (merchant_id, state);
CREATE INDEX offer_state ON offer (state, asked_at);
CREATE INDEX offer_replaces_id ON offer (replaces_id);
CREATE INDEX offer_asked_by ON offer (asked_by);
CREATE INDEX offer_settled_by ON offer (settled_by)
"""
