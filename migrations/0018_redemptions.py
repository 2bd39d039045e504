"""Redemptions with their totals, refusals, and the devices that stand in shops."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


# The unique index over key and step lets one code count once, whatever the program thinks.
TABLES = """
CREATE TABLE till (id {id}, ref VARCHAR(10) NOT NULL UNIQUE, merchant_id {big} NOT NULL REFERENCES merchant (id),
  name VARCHAR(30) NOT NULL, token_hash {blob} UNIQUE, link_hash {blob} UNIQUE, link_ends_at {big},
  made_at {big} NOT NULL, made_by {big} NOT NULL REFERENCES person (id), device VARCHAR(60) NOT NULL,
  pin_at {big}, seen_at {big} NOT NULL, ended_at {big});
CREATE INDEX till_merchant_id ON till (merchant_id, ended_at);
CREATE INDEX till_made_by ON till (made_by);

CREATE TABLE redemption (id {id}, merchant INTEGER NOT NULL, offer INTEGER, person {big}, card INTEGER,
  card_key INTEGER, step {big}, method {small} NOT NULL, at {big} NOT NULL, local_date INTEGER NOT NULL,
  n {small} NOT NULL, amount INTEGER, saved INTEGER NOT NULL, client_id {big}, actor {big} NOT NULL,
  lag INTEGER NOT NULL, flag {small} NOT NULL, reverses {big});
CREATE UNIQUE INDEX redemption_client_id ON redemption (client_id);
CREATE UNIQUE INDEX redemption_code ON redemption (card_key, method, step) WHERE step IS NOT NULL;
CREATE UNIQUE INDEX redemption_reverses ON redemption (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX redemption_merchant ON redemption (merchant, at);
CREATE INDEX redemption_person ON redemption (person, at);
CREATE INDEX redemption_known ON redemption (at) WHERE person IS NOT NULL;
CREATE INDEX redemption_flag ON redemption (at) WHERE flag = 1;

CREATE TABLE redemption_day (merchant INTEGER NOT NULL, local_date INTEGER NOT NULL, offer INTEGER NOT NULL,
  n INTEGER NOT NULL, saved {big} NOT NULL, PRIMARY KEY (merchant, local_date, offer)) {lean};
CREATE INDEX redemption_day_local_date ON redemption_day (local_date);
CREATE TABLE redemption_month (month INTEGER NOT NULL, merchant INTEGER NOT NULL, method {small} NOT NULL,
  n INTEGER NOT NULL, saved {big} NOT NULL, PRIMARY KEY (month, merchant, method)) {lean};
CREATE INDEX redemption_month_merchant ON redemption_month (merchant);

CREATE TABLE frequent (id {id}, card INTEGER NOT NULL, merchant INTEGER NOT NULL, n INTEGER NOT NULL,
  last_at {big} NOT NULL, found_at {big} NOT NULL, settled_at {big}, settled_by {big} REFERENCES person (id));
CREATE UNIQUE INDEX frequent_pair ON frequent (card, merchant);
CREATE INDEX frequent_open ON frequent (n) WHERE settled_at IS NULL;
CREATE INDEX frequent_settled_by ON frequent (settled_by);

CREATE TABLE refusal (id {id}, merchant INTEGER NOT NULL, actor {big} NOT NULL, at {big} NOT NULL,
  reason VARCHAR(20) NOT NULL, method {small} NOT NULL, person {big}, card INTEGER, client_id {big}, before {big});
CREATE INDEX refusal_merchant ON refusal (merchant, at);
CREATE INDEX refusal_at ON refusal (at);
CREATE INDEX refusal_person ON refusal (person);
CREATE INDEX refusal_card ON refusal (card, at);
CREATE UNIQUE INDEX refusal_client_id ON refusal (client_id)
"""
