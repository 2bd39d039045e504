"""Filling a database: a district from its folder of a settings file and CSVs, and the demo's ten accounts."""

import csv
import datetime as dt
import tomllib
from pathlib import Path

from peewee import chunked

from models import demo_cards, demo_people, demo_shops, demo_upkeep, demo_visits, openings, settings
from models._database import db, is_postgres, writing
from models._record import N_, Refused, random_code
from models._schema import upgrade
from models.areas import UNIT_KINDS, Grid, Revision, Setting, Town, Unit, UnitDuty
from models.enterprises import MODES, Enterprise, Outlet
from models.passwords import PASSWORDS
from models.people import INDUSTRIES, Person, RoleGrant
from models.rooms import Counter, Room
from models.sessions import Session
from models.stations import (
    Amenity,
    AmenityGroup,
    Brand,
    Kind,
    PosterToken,
    Station,
    StationAmenity,
    StationUnit,
    sought_of,
)

PASSWORD = "nuanyi-demo"

ACCOUNTS = (
    ("14108120001", "李小安", "rider"),
    ("14108120002", "王春燕", "merchant"),
    ("14108120003", "周明远", "keeper"),
    ("14108120004", "陈秀兰", "coordinator"),
    ("14108120005", "张广平", "responder"),
    ("14108120006", "刘建设", "handler"),
    ("14108120007", "赵文静", "hr"),
    ("14108120008", "孙若云", "counsellor"),
    ("14108120009", "吴思齐", "officer"),
    ("14108120010", "郑一鸣", "administrator"),
)
"""Phone, name, role. 1410… belongs to things, not people: nobody can be called by mistake."""


def load_district(folder: Path, *, at: dt.datetime) -> int:
    """Take a district in from its folder, or bring it up to date by code; returns the number of stations.

    Raises FileNotFoundError, KeyError for a missing column, ValueError for a word that there is not or a position
    that is no number, Malformed (one of these) for a setting, IntegrityError for a code that leads nowhere.
    """
    folder = Path(folder)
    said = tomllib.loads((folder / "settings.toml").read_text("utf-8"))
    settings.check(said)
    with writing():
        for key, value in said.items():
            Setting.put(key, value)
        _put(Town, [_placed(row) for row in _rows(folder, "towns")])
        _put(Grid, _rows(folder, "grids"))
        _put(Unit, [_one_of(row, kind=UNIT_KINDS) | {"town": row["town"] or None} for row in _rows(folder, "units")])
        UnitDuty.delete().execute()
        _insert(UnitDuty, _rows(folder, "duties"))
        _put(Enterprise, [_enterprise(row) for row in _rows(folder, "enterprises")])
        _put(Outlet, _rows(folder, "outlets"))
        _put(Kind, _rows(folder, "kinds"))
        _put(Brand, _rows(folder, "brands"))
        _put(AmenityGroup, _rows(folder, "groups"))
        _put(Amenity, [row | {"lead": row["lead"] == "1"} for row in _rows(folder, "amenities")])
        rows = _rows(folder, "stations")
        brands = {brand.code: brand for brand in Brand.select()}
        _put(Station, [_station(row, brands) for row in rows])
        ids = {code: id for code, id in Station.select(Station.code, Station.id).tuples()}
        openings.load({ids[row["code"]]: row["hours"] for row in rows if "hours" in row}, at=at)
        StationAmenity.delete().execute()
        told = [
            {"station": ids[row["code"]], "amenity": amenity, "has": has}
            for row in rows
            for has, column in ((True, "yes"), (False, "no"))
            for amenity in row[column].split()
        ]
        _insert(StationAmenity, told)
        demo_shops.load(*(_rows(folder, name) for name in ("categories", "merchants", "offers")), at=at)
        for record, name in ((Room, "rooms"), (Counter, "counters")):
            _put(record, [_at_station(row, ids) for row in _rows(folder, name)])
        StationUnit.delete().execute()
        _insert(
            StationUnit,
            [{"station": ids[row["code"]], "unit": unit} for row in rows for unit in row.get("units", "").split()],
        )
        coded = {token.station_id for token in PosterToken.select(PosterToken.station)}
        tokens = [
            {"station": id, "token": random_code(), "version": 1, "made_at": at}
            for id in ids.values()
            if id not in coded
        ]
        _insert(PosterToken, tokens)
        Revision.bump()
    Revision.forget()
    return len(rows)


def load_demo(folder: Path, *, at: dt.datetime, people: bool = True) -> int:
    """The demo district with its ten accounts, into an empty database; returns the number of stations.

    `people` brings those who ride in it, its keepers, and eighteen months of visits up to `at`, as the folder's
    demo.toml says; without that list nobody comes. Raises Refused("not-empty").
    """
    with writing():
        if Person.select().exists() or Station.select().exists():
            raise Refused("not-empty", N_("The demo loads only into an empty database."))
        count = load_district(folder, at=at)
        told = _told(folder)
        kept = _keepers_station(told)
        secret = PASSWORDS.hash(PASSWORD)
        cast = {}
        for phone, name, role in ACCOUNTS:
            person = cast[role] = Person.register(name=name, phone=phone, at=at)
            person.password_hash = secret
            person.save()
            mine = {"keeper": [kept.code], "coordinator": [kept.town_id], "merchant": told.get("shops", [""])}
            for scope in mine.get(role, [""]):
                RoleGrant.create(person=person, role=role, scope=scope)
        Setting.put("demo", True)
        if people and told:
            _bring_to_life(told, cast, kept, at=at)
        Revision.bump()
    Revision.forget()
    return count


def _told(folder: Path) -> dict:
    """What the folder says about the demo's people and visits; nothing for a district that is none."""
    file = Path(folder) / "demo.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def _bring_to_life(told: dict, cast: dict[str, Person], kept: Station, *, at: dt.datetime):
    riders = demo_people.make_riders(told, cast["rider"], at=at)
    demo_people.make_keepers(told, cast["keeper"], kept, at=at)
    demo_visits.make_visits(told, riders, cast["rider"].id, kept, at=at)
    demo_visits.close_months(at=at)
    demo_shops.make_waiting(at=at)
    demo_upkeep.make_upkeep(told, kept, at=at)
    if "cards" in told:
        demo_cards.make_cards(told, riders, cast["rider"].id, at=at)


def is_demo() -> bool:
    """Does the database carry the demo's marker?"""
    return Setting.get_or_none(Setting.key == "demo") is not None


def remove_demo():
    """Make the database anew, empty. Raises Refused("not-demo") for one that is not a demo."""
    with writing.lock():
        if not is_demo():
            raise Refused("not-demo", N_("This database is not a demo; nothing was removed."))
        if is_postgres():
            db.execute_sql("DROP SCHEMA public CASCADE")
            db.execute_sql("CREATE SCHEMA public")
        else:
            db.execute_sql("PRAGMA foreign_keys=0")
            for table in db.get_tables():
                db.execute_sql(f'DROP TABLE "{table}"')
            db.execute_sql("PRAGMA foreign_keys=1")
            db.execute_sql("VACUUM")
    upgrade()
    Revision.forget()


def account(phone: str) -> Person | None:
    """Who has this number, if it is one of the ten."""
    return Person.by_phone(phone) if phone in {account[0] for account in ACCOUNTS} else None


def start_session(phone: str, *, at: dt.datetime) -> str | None:
    """A session for one of the ten accounts, without its password; None for anybody else."""
    person = account(phone)
    return Session.start(person, at=at) if person else None


def _keepers_station(told: dict) -> Station:
    wanted = Station.get_or_none(Station.code == told.get("kept", ""))
    return wanted or Station.listed().order_by(Station.code).first()


MAY_BE_MISSING = ("units", "duties", "enterprises", "outlets", "rooms", "counters", "categories", "merchants", "offers")
"""Lists that a small district does without."""


def _rows(folder: Path, name: str) -> list[dict]:
    if name in MAY_BE_MISSING and not (folder / f"{name}.csv").exists():
        return []
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _at_station(row: dict, ids: dict[str, int]) -> dict:
    """A row that names its station by code. Raises KeyError for one that there is not."""
    return row | {"station": ids[row["station"]]} | ({"unit": row["unit"] or None} if "unit" in row else {})


def _station(row: dict, brands: dict[str, Brand]) -> dict:
    """The columns of a station from a line of the list; what the list has no column for stays as it was."""
    columns = Station._meta.columns
    told = {key: value for key, value in _placed(row).items() if key in columns}
    for key in ("brand", "grid", "host", "truck_length", "truck_height"):
        if key in told:
            told[key] = told[key] or None
    for key in ("truck_length", "truck_height"):
        if told.get(key):
            told[key] = float(told[key])
    return told | {"sought": sought_of(row, brands.get(row["brand"]))}


def _enterprise(row: dict) -> dict:
    said = {"regulator": row["regulator"] or None, "town": row["town"] or None}
    return _one_of(row, industry=INDUSTRIES, mode=MODES) | said


def _one_of(row: dict, **known) -> dict:
    """The row, if these columns hold words that there are. Raises ValueError."""
    for column, words in known.items():
        if row[column] not in words:
            raise ValueError(f"{column} of {row['code']}: {row[column]}")
    return row


def _placed(row: dict) -> dict:
    """Positions are numbers: SQLite would keep any text."""
    return row | {"lat": float(row["lat"]), "lng": float(row["lng"])}


def _insert(model, rows: list[dict]):
    """Insert many rows, a hundred in a statement."""
    for some in chunked(rows, 100):
        model.insert_many(some).execute()


def _put(model, rows: list[dict]):
    """Insert rows by their `code`, or bring the ones that are there up to date."""
    known = {row[0] for row in model.select(model.code).tuples()}
    _insert(model, [row for row in rows if row["code"] not in known])
    for row in rows:
        if row["code"] in known:
            model.update({key: value for key, value in row.items() if key != "code"}).where(
                model.code == row["code"]
            ).execute()
