"""Stations: where they are, what they have, and the printed codes that lead to them."""

import datetime as dt
import math
from collections import defaultdict

from peewee import BooleanField, CharField, CompositeKey, FloatField, ForeignKeyField, IntegerField

from models._database import writing
from models._record import MomentField, Record, random_code
from models._trail import Trail
from models.areas import Grid, Revision, Town, metres

CENTRE = "centre"
"""The kind of the one service centre, which is not among the counted stations."""

DEGREES_PER_KM = 0.009
"""Of latitude, a little more than a kilometre: the box must not be smaller than the circle that it stands for."""

WHOLE_DISTRICT = 64
"""Kilometres beyond which a box around a place no longer saves anything."""

WALK = 70.0
"""Metres a minute on foot, with shoes made for riding and a look at the road."""


class Kind(Record):
    code = CharField(primary_key=True, max_length=20)
    name = CharField(max_length=40)
    name_en = CharField(max_length=60)
    sort = IntegerField()


class Brand(Record):
    code = CharField(primary_key=True, max_length=20)
    name = CharField(max_length=40)
    name_en = CharField(max_length=60)


class Amenity(Record):
    """Something a station may have; `lead` ones are shown first in lists."""

    code = CharField(primary_key=True, max_length=20)
    name = CharField(max_length=40)
    name_en = CharField(max_length=60)
    icon = CharField(max_length=20)
    group = CharField(max_length=4, column_name="grp")
    lead = BooleanField()
    sort = IntegerField()


class Station(Record):
    """A service point. `code` is permanent and public; the position is WGS-84."""

    code = CharField(max_length=20, unique=True)
    name = CharField(max_length=60)
    name_en = CharField(max_length=90)
    kind = ForeignKeyField(Kind, column_name="kind")
    brand = ForeignKeyField(Brand, column_name="brand", null=True)
    town = ForeignKeyField(Town, column_name="town")
    grid = ForeignKeyField(Grid, column_name="grid", null=True)
    address = CharField(max_length=120)
    address_en = CharField(max_length=160)
    landmark = CharField(max_length=120)
    landmark_en = CharField(max_length=160)
    lat = FloatField()
    lng = FloatField()
    coord_src = CharField(max_length=10)

    @classmethod
    def listed(cls):
        """The stations people are shown and that are counted: all but the centre."""
        return cls.select().where(cls.kind != CENTRE)

    @classmethod
    def count_listed(cls) -> int:
        return cls.listed().count()

    @classmethod
    def in_town(cls, code: str):
        return cls.listed().where(cls.town == code).order_by(cls.code)

    @classmethod
    def nearest(cls, lat: float, lng: float, wanted: int) -> list["Station"]:
        """Up to `wanted` stations in order of distance; each gets `.metres`.

        A box around the place is doubled until it surely holds them (its half side must reach beyond the
        farthest of the wanted), so the cost follows `wanted`, not the number of stations. Far away from all of
        them no box helps: then the database sorts.
        """
        narrower = max(math.cos(math.radians(lat)), 0.01)  # meridians draw together towards the poles
        km = 1.0
        while km <= WHOLE_DISTRICT:
            up, across = km * DEGREES_PER_KM, km * DEGREES_PER_KM / narrower
            box = cls.listed().where(cls.lat.between(lat - up, lat + up), cls.lng.between(lng - across, lng + across))
            inside = [station for station in _measured(box, lat, lng) if station.metres <= km * 1000]
            if len(inside) >= wanted:
                return inside[:wanted]
            km *= 2
        apart = (cls.lat - lat) * (cls.lat - lat) + (cls.lng - lng) * (cls.lng - lng) * narrower**2
        return _measured(cls.listed().order_by(apart, cls.code).limit(wanted), lat, lng)


def _measured(stations, lat: float, lng: float) -> list[Station]:
    """These stations with their distance from a place, the nearest first."""
    found = list(stations)
    for station in found:
        station.metres = metres(lat, lng, station.lat, station.lng)
    return sorted(found, key=lambda station: (station.metres, station.code))


def with_amenities(stations: list[Station]) -> list[Station]:
    """Give each station `.yes`, `.no`, `.unknown`, `.lead`: lists of amenities in their order, in one query."""
    known = amenities()
    rows = StationAmenity.select(StationAmenity.station, StationAmenity.amenity, StationAmenity.has).where(
        StationAmenity.station.in_([s.id for s in stations])
    )
    told: dict = defaultdict(dict)
    for station, amenity, has in rows.tuples():
        told[station][amenity] = has
    for station in stations:
        facts = told[station.id]
        station.yes = [a for a in known if facts.get(a.code) is True]
        station.no = [a for a in known if facts.get(a.code) is False]
        station.unknown = [a for a in known if a.code not in facts]
        station.lead = [a for a in station.yes if a.lead]
    return stations


class StationAmenity(Record):
    """What somebody knows about a thing at a station; no row: nobody has told us."""

    station = ForeignKeyField(Station)
    amenity = ForeignKeyField(Amenity, column_name="amenity")
    has = BooleanField()

    class Meta:
        primary_key = CompositeKey("station", "amenity")


class PosterToken(Record):
    """What a printed code holds: 10 Crockford characters, replaced when a poster is to be replaced."""

    station = ForeignKeyField(Station, backref="tokens")
    token = CharField(max_length=10, unique=True)
    version = IntegerField()
    made_at = MomentField()
    retired_at = MomentField(null=True)

    @classmethod
    def issue(cls, station: Station, *, by, at: dt.datetime) -> "PosterToken":
        """A new token; the one before is retired and says so kindly."""
        with writing():
            before = cls.select().where(cls.station == station).order_by(cls.version.desc()).first()
            cls.update(retired_at=at).where(cls.station == station, cls.retired_at.is_null()).execute()
            fresh = cls.create(
                station=station, token=random_code(), version=before.version + 1 if before else 1, made_at=at
            )
            Trail.note("changed", by=by, subject=f"station:{station.code}", what=f"poster {fresh.version}", at=at)
            Revision.bump()
        return fresh

    @classmethod
    def current(cls, station: Station) -> "PosterToken | None":
        return cls.get_or_none(cls.station == station, cls.retired_at.is_null())


class Place:
    """What a code or a token leads to: a station, and whether the token is valid, retired or none."""

    __slots__ = ("station", "token")

    def __init__(self, station: Station, token: str):
        self.station, self.token = station, token


_brands: tuple[int, list] = (-1, [])


def brands() -> list[Brand]:
    """All brands, read again after a change."""
    global _brands
    if _brands[0] != Revision.current():
        _brands = (Revision.current(), list(Brand.select()))
    return _brands[1]


_amenities: tuple[int, list] = (-1, [])


def amenities() -> list[Amenity]:
    """All amenities in their order, read again after a change."""
    global _amenities
    if _amenities[0] != Revision.current():
        _amenities = (Revision.current(), list(Amenity.select().order_by(Amenity.sort)))
    return _amenities[1]


_places: tuple[int, dict] = (-1, {})


def find_place(text: str) -> Place | None:
    """The station that a code (`YZ023`) or a poster's token stands for; `.token` is "valid", "retired" or ""."""
    global _places
    revision = Revision.current()
    if _places[0] != revision:
        _places = (revision, {})
    known = _places[1]
    key = text.strip().upper()
    if key not in known:
        if not key or len(key) > 20 or not key.isascii() or "\0" in key:
            return None
        found = _look_up(key)
        if found is None:
            return None  # not kept: anybody can ask for endless nonsense
        known[key] = found
    return known[key]


def _look_up(key: str) -> Place | None:
    station = Station.get_or_none(Station.code == key)
    if station:
        return Place(with_amenities([station])[0], "")
    token = PosterToken.select(PosterToken, Station).join(Station).where(PosterToken.token == key).first()
    return token and Place(with_amenities([token.station])[0], "retired" if token.retired_at else "valid")
