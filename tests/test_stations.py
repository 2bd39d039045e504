"""Stations: what they have, how far they are, and the printed codes that lead to them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models import stations
from models._database import db, writing
from models._record import CROCKFORD
from models._trail import Trail
from models.areas import Revision, metres
from models.stations import PosterToken, Station, StationAmenity, find_place, with_amenities


def test_139_stations_are_listed_and_the_centre_is_not(yanzhou):
    assert Station.count_listed() == 139 == len(list(Station.listed()))
    assert Station.select().count() == 140
    assert "YZ000" not in {station.code for station in Station.listed()}


def test_a_towns_stations_stand_in_the_order_of_their_codes(yanzhou):
    codes = [station.code for station in Station.in_town("370812001")]
    assert len(codes) == 30 and codes == sorted(codes)


def test_in_an_unknown_town_there_are_none(small):
    assert list(Station.in_town("370812001")) == []


# What they have.


def test_an_amenity_is_there_or_not_or_nobody_has_told_us(town):
    (spring,) = with_amenities([town.spring])
    words = {name: [amenity.code for amenity in getattr(spring, name)] for name in ("yes", "no", "lead")}
    assert words == {"yes": ["HOTW", "WC", "SEAT", "BOOK"], "no": ["PUMP"], "lead": ["HOTW", "WC"]}
    assert "CHG" in {amenity.code for amenity in spring.unknown}
    known = len(spring.yes) + len(spring.no) + len(spring.unknown)
    assert known == len(stations.amenities())


def test_the_amenities_of_many_stations_are_one_question(engine, yanzhou):
    some_stations = list(Station.listed().limit(20))
    stations.amenities()
    with engine.statements() as told:
        with_amenities(some_stations)
    assert len(told) == 1
    assert all(station.yes for station in some_stations)


def test_without_stations_there_is_nothing_to_ask(small):
    assert with_amenities([]) == []


def test_what_somebody_changes_is_seen(town):
    find_place("SF001")
    with writing():
        StationAmenity.update(has=False).where(
            StationAmenity.station == town.spring, StationAmenity.amenity == "HOTW"
        ).execute()
        Revision.bump()
    assert "HOTW" in {amenity.code for amenity in find_place("SF001").station.no}


# How far they are.

NEAR_YANZHOU = some.tuples(some.floats(35.2, 35.9), some.floats(116.4, 117.2))


@given(place=NEAR_YANZHOU, wanted=some.integers(1, 150))
@settings(max_examples=40)
def test_the_nearest_are_the_nearest(yanzhou, place, wanted):
    found = Station.nearest(*place, wanted)
    all_by_distance = sorted(Station.listed(), key=lambda s: (metres(*place, s.lat, s.lng), s.code))
    assert [s.code for s in found] == [s.code for s in all_by_distance[:wanted]]
    assert [s.metres for s in found] == [metres(*place, s.lat, s.lng) for s in found]


@pytest.mark.parametrize("place", [(0, 0), (90, 0), (-90, 180), (35.5, -179.9)])
def test_at_the_end_of_the_world_some_station_is_still_the_nearest_and_soon_known(engine, place, yanzhou):
    with engine.statements() as told:
        assert len(Station.nearest(*place, 3)) == 3
    assert len(told) <= 12


def test_standing_at_a_station_it_is_the_nearest_and_no_step_away(yanzhou):
    station = Station.get(code="YZ023")
    assert Station.nearest(station.lat, station.lng, 1)[0].code == "YZ023"
    assert Station.nearest(station.lat, station.lng, 1)[0].metres == 0


# Printed codes.


def test_every_station_has_a_code_of_its_own_to_print(yanzhou):
    tokens = list(PosterToken.select())
    assert len(tokens) == len({token.token for token in tokens}) == 140
    assert all(re.fullmatch(f"[{CROCKFORD}]{{10}}", token.token) for token in tokens)
    assert {token.version for token in tokens} == {1}


@pytest.mark.parametrize("text", ["SF001", "sf001", " Sf001 ", "SF001\n"])
def test_a_code_leads_to_its_station_however_it_is_typed(text, town):
    place = find_place(text)
    assert place.station == town.spring and place.token == ""


def test_a_token_leads_to_its_station(town):
    token = PosterToken.current(town.spring).token
    for text in (token, token.lower(), f" {token} "):
        place = find_place(text)
        assert place.station == town.spring and place.token == "valid"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "SF999",
        "YZ023",
        "0123456789",
        "x" * 21,
        "x" * 10_000,
        "SF001\0",
        "ＳＦ００１",
        "暖驿",
        "🛵",
        "%",
        "'",
        "SF00_",
    ],
)
def test_nonsense_leads_nowhere(text, town):
    assert find_place(text) is None


def test_nonsense_is_not_remembered(town):
    find_place("SF001")
    for n in range(50):
        find_place(f"NO{n}")
    assert set(stations._places()) == {"SF001"}


def test_a_known_code_is_not_looked_up_twice(engine, town):
    find_place("SF001")
    with engine.statements() as told:
        find_place("sf001")
    assert told == []


def test_a_new_poster_retires_the_one_before(town, noon):
    old = PosterToken.current(town.spring)
    assert find_place(old.token).token == "valid"
    fresh = PosterToken.issue(town.spring, by=town.kim, at=noon)
    assert (old.version, fresh.version) == (1, 2)
    assert PosterToken.current(town.spring) == fresh
    assert find_place(old.token).token == "retired" and find_place(old.token).station == town.spring
    assert find_place(fresh.token).token == "valid"
    assert PosterToken.get_by_id(old.id).retired_at == noon


def test_who_made_a_new_poster_stands_in_the_trail(town, noon):
    PosterToken.issue(town.spring, by=town.kim, at=noon)
    line = Trail.get()
    assert (line.kind, line.actor, line.subject, line.what) == ("changed", town.kim.id, "station:SF001", "poster 2")


def test_without_its_line_in_the_trail_there_is_no_new_poster(town, noon, monkeypatch):
    monkeypatch.setattr(Trail, "note", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        PosterToken.issue(town.spring, by=town.kim, at=noon)
    assert PosterToken.current(town.spring).version == 1


def test_looking_a_code_up_reads_no_whole_table(engine, yanzhou):
    """With as many stations as a province has."""
    copied = "name, name_en, kind, town, address, address_en, landmark, landmark_en, lat, lng, coord_src"
    numbers = " UNION ALL ".join(f"SELECT {n} AS i" for n in range(100))
    with writing():
        db.execute_sql(
            f"INSERT INTO station (code, {copied}) SELECT code || '-' || i, {copied} FROM station, ({numbers}) AS n"
        )
        db.execute_sql(
            "INSERT INTO poster_token (station_id, token, version, made_at) SELECT id, 'T' || id, 1, 0 FROM station"
        )
    db.execute_sql("ANALYZE")
    for query in (
        Station.select().where(Station.code == "YZ023"),
        PosterToken.select().where(PosterToken.token == "T1"),
        PosterToken.select().where(PosterToken.station == 1, PosterToken.retired_at.is_null()),
        Station.in_town("370812001").limit(21),
    ):
        assert engine.scans(*query.sql()) == [], query.sql()


def test_finding_the_nearest_again_asks_nothing_of_the_database(engine, yanzhou):
    first = Station.nearest(35.556, 116.83, 20)
    with engine.statements() as told:
        again = Station.nearest(35.556, 116.83, 20)
    assert [s.code for s in again] == [s.code for s in first] and not [t for t in told if "station" in t]
    assert again[0] is not first[0]  # each looks from where it stands


def test_a_changed_district_has_a_map_of_its_own(yanzhou):
    moved = Station.nearest(35.556, 116.83, 1)[0]
    with writing():
        Station.update(lat=35.7, lng=116.6).where(Station.id == moved.id).execute()
        Revision.bump()
    assert Station.nearest(35.556, 116.83, 1)[0].code != moved.code
    assert Station.nearest(35.7, 116.6, 1)[0].code == moved.code
