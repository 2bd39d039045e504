"""Stations: where they are, what they have, and the printed codes that lead to them."""

import datetime as dt
from collections import defaultdict

from peewee import BooleanField, CharField, CompositeKey, FloatField, ForeignKeyField, IntegerField, TextField

from models._cells import Cells, Placed, Spot
from models._database import hold, writing
from models._record import N_, MomentField, Record, random_code
from models._trail import Trail
from models.areas import Grid, Revision, Town, Unit, until_changed

CENTRE = "centre"
"""The kind of the one service centre, which is not among the counted stations."""

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


class AmenityGroup(Record):
    """What amenities are for: health, food, rest, the road."""

    code = CharField(primary_key=True, max_length=4)
    name = CharField(max_length=40)
    name_en = CharField(max_length=60)
    sort = IntegerField()


class Amenity(Record):
    """Something a station may have; `lead` ones are shown first in lists."""

    code = CharField(primary_key=True, max_length=20)
    name = CharField(max_length=40)
    name_en = CharField(max_length=60)
    icon = CharField(max_length=20)
    group = CharField(max_length=4, column_name="grp")
    lead = BooleanField()
    sort = IntegerField()


ENTRIES = {
    "free": N_("walk in"),
    "register": N_("say hello at the counter first"),
    "call": N_("ring or call, somebody opens"),
    "code": N_("a code opens the door"),
}
"""How one gets in."""


class Station(Placed, Record):
    """A service point. `code` is permanent and public; the position is WGS-84.

    Lengths and heights of trucks are in metres, None: not said. `sought` is what a search looks through, see
    `sought_of`. A closed station keeps its rows and its visits, and is shown to nobody who looks for a place.
    """

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
    host = ForeignKeyField(Unit, column_name="host", null=True)
    phone = CharField(max_length=20, default="")
    entry = CharField(max_length=10, default="free")
    truck_length = FloatField(null=True)
    truck_height = FloatField(null=True)
    closed_at = MomentField(null=True)
    closed_why = CharField(max_length=200, default="")
    sought = TextField(default="")

    def note(self, what: str, *, by, at: dt.datetime):
        """A line of the trail: this was changed, in the transaction of the change."""
        Trail.note("changed", by=by, subject=f"station:{self.code}", what=what, at=at)

    @classmethod
    def listed(cls):
        """The stations people are shown and that are counted: all but the centre and those that were closed."""
        return cls.select().where(cls.kind != CENTRE, cls.closed_at.is_null())

    @classmethod
    def in_town(cls, code: str):
        return cls.listed().where(cls.town == code).order_by(cls.code)

    @classmethod
    def cells(cls) -> Cells:
        return _map()

    @classmethod
    def whole(cls, ids: list[int]) -> dict[int, "Station"]:
        return _known(ids)


def sought_of(row: dict, brand: Brand | None) -> str:
    """What a search for a station looks through, lowered: names, brand, address, landmark, code.

    `row` has the columns of a station by name.
    """
    named = [brand.name, brand.name_en] if brand else []
    fields = ("address", "address_en", "landmark", "landmark_en", "code")
    return " ".join([row["name"], row["name_en"], *named, *(row[field] for field in fields)]).lower()


@until_changed
def _map() -> Cells:
    """Where the listed stations are: (lat, lng, code, id, town); drawn again after a change."""
    rows = Station.listed().select(Station.lat, Station.lng, Station.code, Station.id, Station.town)
    return Cells([Spot.at(*row) for row in rows.tuples()])


@until_changed
def _stations() -> dict[int, Station]:
    """The stations that were asked for since the last change, by id."""
    return {}


def _known(ids: list[int]) -> dict[int, Station]:
    """These stations with their amenities, by id; asked of the database once between two changes."""
    known = _stations()
    if missing := [id for id in ids if id not in known]:
        for station in with_amenities(list(Station.select().where(Station.id.in_(missing)))):
            known[station.id] = station
    return known


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


@until_changed
def groups() -> list[AmenityGroup]:
    """医食驻行 in their order, read again after a change."""
    return list(AmenityGroup.select().order_by(AmenityGroup.sort))


def grouped(some: list[Amenity]) -> list[tuple[AmenityGroup | None, list[Amenity]]]:
    """Amenities by what they are for, groups and amenities in their order; last, with None, those for anything else."""
    named = [(group, [a for a in some if a.group == group.code]) for group in groups()]
    codes = {group.code for group in groups()}
    return [pair for pair in [*named, (None, [a for a in some if a.group not in codes])] if pair[1]]


class StationUnit(Record):
    """A unit that keeps the station together with its host."""

    station = ForeignKeyField(Station)
    unit = ForeignKeyField(Unit, column_name="unit")

    class Meta:
        primary_key = CompositeKey("station", "unit")

    @classmethod
    def of(cls, station: Station) -> list[Unit]:
        """The units that keep it together with its host, in their order."""
        return list(Unit.select().join(cls).where(cls.station == station).order_by(Unit.sort, Unit.code))


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
    def issue(cls, station: Station, *, by, at: dt.datetime, instead_of: int | None = None) -> "PosterToken":
        """A new token; the one before is retired and says so kindly.

        With `instead_of`, the version that somebody looked at, it is once: they get what came instead already.
        """
        with writing():
            hold(station.id)
            before = cls.select().where(cls.station == station).order_by(cls.version.desc()).first()
            if before and instead_of is not None and before.version != instead_of:
                return before
            cls.update(retired_at=at).where(cls.station == station, cls.retired_at.is_null()).execute()
            fresh = cls.create(
                station=station, token=random_code(), version=before.version + 1 if before else 1, made_at=at
            )
            station.note(f"poster {fresh.version}", by=by, at=at)
            Revision.bump()
        return fresh

    @classmethod
    def current(cls, station: Station) -> "PosterToken | None":
        return cls.get_or_none(cls.station == station, cls.retired_at.is_null())


class Place:
    """What a code or a token leads to: a station, and whether the token is valid, retired (since when) or none."""

    __slots__ = ("retired_at", "station", "token")

    def __init__(self, station: Station, token: str, retired_at: dt.datetime | None = None):
        self.station, self.token, self.retired_at = station, token, retired_at

    def stood(self, at: dt.datetime) -> bool:
        """Was there a station at this moment? What was pressed before it was closed counts."""
        return self.station.closed_at is None or at < self.station.closed_at

    def proves(self, at: dt.datetime) -> bool:
        """Was it a good token at this moment? One scanned before it was replaced, without a network, was."""
        return self.token == "valid" or (self.retired_at is not None and at < self.retired_at)


@until_changed
def brands() -> list[Brand]:
    """All brands, read again after a change."""
    return list(Brand.select())


@until_changed
def amenities() -> list[Amenity]:
    """All amenities in their order, read again after a change."""
    return list(Amenity.select().order_by(Amenity.sort))


@until_changed
def _places() -> dict[str, Place]:
    """What the codes and tokens lead to that were asked for since the last change."""
    return {}


def find_station(code: str) -> Station | None:
    """The station with this code; None for a token: pages about a station go by its public code alone."""
    place = find_place(code)
    return place.station if place and not place.token else None


def find_place(text: str) -> Place | None:
    """The station that a code (`YZ023`) or a poster's token stands for; `.token` is "valid", "retired" or ""."""
    known = _places()
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
    return token and Place(
        with_amenities([token.station])[0], "retired" if token.retired_at else "valid", token.retired_at
    )
