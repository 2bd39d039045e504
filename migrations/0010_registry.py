"""The registry: enterprises, their outlets, and for whom and how somebody works."""

from models._schema import make_tables


def up(migrator, db):
    make_tables(db, TABLES)


# Who works in something now is what is asked for: the indexes leave out what has ended.
TABLES = """
CREATE TABLE enterprise (code VARCHAR(20) PRIMARY KEY, name VARCHAR(60) NOT NULL, name_en VARCHAR(90) NOT NULL,
  industry VARCHAR(20) NOT NULL, platform VARCHAR(40) NOT NULL, mode VARCHAR(20) NOT NULL,
  regulator VARCHAR(20) REFERENCES unit (code), town VARCHAR(12) REFERENCES town (code), staff INTEGER NOT NULL,
  temporary INTEGER NOT NULL, uscc VARCHAR(18) NOT NULL, sort INTEGER NOT NULL);
CREATE INDEX enterprise_industry ON enterprise (industry, sort, code);
CREATE INDEX enterprise_sort ON enterprise (sort, code);
CREATE INDEX enterprise_regulator ON enterprise (regulator);
CREATE INDEX enterprise_town ON enterprise (town);
CREATE TABLE outlet (code VARCHAR(20) PRIMARY KEY, enterprise VARCHAR(20) NOT NULL REFERENCES enterprise (code),
  name VARCHAR(60) NOT NULL, name_en VARCHAR(90) NOT NULL, town VARCHAR(12) NOT NULL REFERENCES town (code),
  grid VARCHAR(20) REFERENCES grid (code));
CREATE INDEX outlet_enterprise ON outlet (enterprise, code);
CREATE INDEX outlet_town ON outlet (town);
CREATE INDEX outlet_grid ON outlet (grid);
ALTER TABLE employment ADD COLUMN relation VARCHAR(20);
ALTER TABLE employment ADD COLUMN employ_type VARCHAR(20);
ALTER TABLE employment ADD COLUMN enterprise VARCHAR(20) REFERENCES enterprise (code);
ALTER TABLE employment ADD COLUMN outlet VARCHAR(20) REFERENCES outlet (code);
ALTER TABLE employment ADD COLUMN town VARCHAR(12) REFERENCES town (code);
CREATE INDEX employment_industry ON employment (industry, town, id) WHERE ends_at IS NULL;
CREATE INDEX employment_town ON employment (town, id) WHERE ends_at IS NULL;
CREATE INDEX employment_relation ON employment (relation, industry, id) WHERE ends_at IS NULL;
CREATE INDEX employment_enterprise ON employment (enterprise, outlet, id) WHERE ends_at IS NULL;
CREATE INDEX employment_outlet ON employment (outlet, id) WHERE ends_at IS NULL
"""
