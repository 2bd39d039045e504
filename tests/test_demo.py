"""Filling a database: from a district's folder, and the demo with its ten accounts."""

import shutil

import pytest

from models import demo
from models._database import db, writing
from models._record import Refused
from models._schema import check, upgrade
from models.areas import Setting, Town, district
from models.demo import ACCOUNTS, load_demo, load_district, remove_demo
from models.people import Person, RoleGrant
from models.sessions import Session, sign_in
from models.stations import Amenity, PosterToken, Station, StationAmenity
from tests._engines import DISTRICTS


@pytest.fixture
def folder(tmp_path):
    """A copy of the small district's folder, to be changed."""
    return shutil.copytree(DISTRICTS / "999999", tmp_path / "999999")


def put(folder, name, old, new):
    file = folder / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_district_comes_up_from_its_folder(migrated, noon):
    assert load_district(DISTRICTS / "999999", at=noon) == 3
    assert [station.name for station in Station.listed().order_by(Station.code)] == [
        "春风社区服务站",
        "暖屋站前街",
        "秋实路加油站",
    ]
    assert Station.get(code="SF002").brand.name == "暖屋"
    assert Station.get(code="SF001").brand is None
    assert PosterToken.select().count() == 3
    assert StationAmenity.select().count() == 13


def test_loading_it_again_changes_nothing(small, noon):
    def all_rows():
        return {table: list(map(tuple, db.execute_sql(f"SELECT * FROM {table}"))) for table in TABLES}

    lists = ("town", "grid", "unit", "kind", "brand", "amenity_group", "amenity", "station", "enterprise", "outlet")
    TABLES = (*lists, "poster_token", "setting")
    before = all_rows()
    told = sorted(StationAmenity.select().tuples())
    load_district(DISTRICTS / "999999", at=noon)
    assert all_rows() == before and sorted(StationAmenity.select().tuples()) == told


def test_what_changed_in_the_folder_changes_in_the_district(small, folder, noon):
    district()
    put(folder, "stations.csv", "春风社区服务站", "春风里服务站")
    put(folder, "towns.csv", "乙镇", "丙镇")
    load_district(folder, at=noon)
    assert Station.get(code="SF001").name == "春风里服务站"
    assert [town.name for town in district().towns] == ["甲街道", "丙镇"]


def test_a_station_keeps_its_row_and_its_poster_when_it_is_loaded_again(small, folder, noon):
    before = {station.code: (station.id, PosterToken.current(station).token) for station in Station.select()}
    put(folder, "stations.csv", "30.501200", "30.501300")
    load_district(folder, at=noon)
    assert {s.code: (s.id, PosterToken.current(s).token) for s in Station.select()} == before


@pytest.mark.parametrize(
    "name, old, new",
    [
        ("stations.csv", "999999101901001", "999999101901009"),
        ("stations.csv", "SF003,", "SF002,"),
        ("stations.csv", ",fuel,", ",rocket,"),
        ("stations.csv", "WC CHG PUMP", "WC CHG POMP"),
        ("stations.csv", "30.562010", "north"),
        ("stations.csv", ",landmark,", ",landmarke,"),
        ("grids.csv", ",town,", ",twn,"),
        ("amenities.csv", ",lead", ",led"),
        ("settings.toml", "code =", "code code ="),
        ("settings.toml", "service_day = 12", "service_day = 31"),
        ("settings.toml", "service_day =", "service_days ="),
        ("units.csv", ",office,", ",castle,"),
        ("duties.csv", "union,", "unions,"),
        ("enterprises.csv", ",courier,", ",banking,"),
        ("enterprises.csv", ",franchise,", ",magic,"),
        ("outlets.csv", ",M1,", ",M9,"),
        ("stations.csv", ",street-jia,", ",street-yi,"),
    ],
)
def test_a_mistake_in_the_folder_is_an_error_and_leaves_the_district_as_it_was(name, old, new, migrated, folder, noon):
    load_district(folder, at=noon)
    before = sorted(Station.select(Station.code, Station.name, Station.lat).tuples())
    put(folder, name, old, new)
    with pytest.raises(Exception):  # noqa: B017 (which one differs by engine)
        load_district(folder, at=noon)
    assert sorted(Station.select(Station.code, Station.name, Station.lat).tuples()) == before
    assert Town.select().count() == 2


def test_a_missing_list_is_an_error(migrated, folder, noon):
    (folder / "brands.csv").unlink()
    with pytest.raises(FileNotFoundError):
        load_district(folder, at=noon)
    assert not Station.select().exists()


# The demo.


def test_the_demo_has_139_stations_and_ten_accounts(yanzhou):
    assert Station.count_listed() == 139
    for phone, name, role in ACCOUNTS:
        person = Person.by_phone(phone)
        assert person.name == name
        assert {grant.role for grant in RoleGrant.select().where(RoleGrant.person == person)} == {role}
        assert sign_in(phone, "nuanyi-demo") == person
    assert demo.is_demo()


def test_the_demos_keeper_keeps_yz023_and_the_coordinator_its_town(yanzhou):
    scopes = dict(RoleGrant.select(RoleGrant.role, RoleGrant.scope).tuples())
    assert (scopes["keeper"], scopes["coordinator"]) == ("YZ023", Station.get(code="YZ023").town_id)
    assert {scope for role, scope in scopes.items() if role not in ("keeper", "coordinator", "merchant")} == {""}


def test_one_tap_opens_a_session_for_the_ten_and_for_nobody_else(yanzhou, noon):
    with writing():
        Person.register(name="真人", phone="13800000001", at=noon)
    assert Session.person_of(demo.start_session("14108120009", at=noon), at=noon).roles() == ["officer"]
    for phone in ("13800000001", "14108120011", "", "14108120001 "):
        assert not demo.start_session(phone, at=noon)


def test_the_demo_loads_only_into_an_empty_database(small, noon):
    before = Person.select().count(), Station.select().count()
    with pytest.raises(Refused) as no:
        load_demo(DISTRICTS / "yanzhou", at=noon)
    assert no.value.code == "not-empty"
    assert (Person.select().count(), Station.select().count()) == before and not demo.is_demo()


def test_a_demo_that_fails_half_way_leaves_nothing(migrated, folder, noon, monkeypatch):
    monkeypatch.setattr(RoleGrant, "create", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load_demo(folder, at=noon)
    assert not Person.select().exists() and not Station.select().exists() and not Setting.select().exists()


def test_removing_the_demo_makes_the_database_anew(yanzhou, noon):
    remove_demo()
    check()
    assert upgrade() == []
    for model in (Person, Station, Amenity, Setting, Session):
        assert not model.select().exists()
    assert not district().loaded
    assert load_demo(DISTRICTS / "yanzhou", at=noon) == 140


def test_a_real_districts_data_is_never_removed(small):
    with pytest.raises(Refused) as no:
        remove_demo()
    assert no.value.code == "not-demo" and Station.select().count() == 3
