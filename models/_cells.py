"""Places in cells of about 200 m, so that finding the nearest looks at few of them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Set
from heapq import nsmallest
from typing import NamedTuple, Self

from models.areas import EARTH, metres

METRES_A_DEGREE = 111_000
"""Of latitude, a little less than the true number: the circle must lie inside the box that stands for it."""

FEW = 1000
"""So many places are sooner sorted than searched."""


class Spot(NamedTuple):
    """Where a station is (WGS-84, and as a point on the sphere of radius 1), and what it is called inside."""

    lat: float
    lng: float
    code: str
    id: int
    town: str
    x: float
    y: float
    z: float

    @classmethod
    def at(cls, lat: float, lng: float, code: str, id: int, town: str) -> "Spot":
        return cls(lat, lng, code, id, town, *_point(lat, lng))


class Cells:
    """All listed stations by cell, by id and by town."""

    CELL = 0.002
    """Degrees."""

    MOST_RINGS = 64
    """Further away than that from all of them, they are simply sorted."""

    def __init__(self, spots: list[Spot]):
        self.by_id = {spot.id: spot for spot in spots}
        self.ids = frozenset(self.by_id)
        self.cells, towns = defaultdict(list), defaultdict(set)
        for spot in spots:
            self.cells[int(spot.lat // self.CELL), int(spot.lng // self.CELL)].append(spot)
            towns[spot.town].add(spot.id)
        self.towns = {town: frozenset(ids) for town, ids in towns.items()}

    def nearest(self, lat: float, lng: float, wanted: int, among: Set[int] | None) -> list[tuple[float, Spot]]:
        """(metres, spot) of up to `wanted` stations, the nearest first; `among`: only those with these ids."""
        if among is not None and len(among) <= FEW:
            found = _by_distance((self.by_id[id] for id in among), lat, lng, wanted)
        else:
            found = self._around(lat, lng, wanted, among)
        return [(metres(lat, lng, spot.lat, spot.lng), spot) for _, _, spot in found]

    def _around(self, lat: float, lng: float, wanted: int, among: Set[int] | None):
        """The box of cells around the place is doubled until the circle inside it holds them."""
        narrower = max(math.cos(math.radians(lat)), 0.05)  # meridians draw together towards the poles
        x, y = int(lat // self.CELL), int(lng // self.CELL)
        rings = 1
        while rings <= self.MOST_RINGS:
            across = int(rings / narrower) + 1
            box = [
                spot
                for i in range(x - rings, x + rings + 1)
                for j in range(y - across, y + across + 1)
                for spot in self.cells.get((i, j), ())
                if among is None or spot[3] in among
            ]
            if len(box) >= wanted:
                edge = (2 * math.sin(rings * self.CELL * METRES_A_DEGREE / EARTH / 2)) ** 2
                found = _by_distance(box, lat, lng, wanted)
                if found[-1][0] <= edge:
                    return found
            rings *= 2
        return _by_distance((self.by_id[id] for id in (self.ids if among is None else among)), lat, lng, wanted)


class Placed:
    """What records that stand somewhere have in common: which listed ones are near. They say `cells` and `whole`."""

    metres: float

    @classmethod
    def cells(cls) -> Cells:
        """Where the listed ones are, kept until a change."""
        raise NotImplementedError

    @classmethod
    def whole(cls, ids: list[int]) -> dict:
        """These records by id, asked of the database once between two changes."""
        raise NotImplementedError

    @classmethod
    def count_listed(cls) -> int:
        return len(cls.cells().ids)

    @classmethod
    def listed_ids(cls) -> frozenset[int]:
        return cls.cells().ids

    @classmethod
    def spots(cls) -> list[Spot]:
        """Where the listed ones are, by code."""
        return sorted(cls.cells().by_id.values(), key=lambda spot: spot.code)

    @classmethod
    def ids_in(cls, town: str) -> frozenset[int]:
        """The listed ones of a town."""
        return cls.cells().towns.get(town, frozenset())

    @classmethod
    def nearest(cls, lat: float, lng: float, wanted: int, among: Set[int] | None = None) -> list[Self]:
        """Up to `wanted` listed ones in order of distance; each gets `.metres`. `among`: only those with these ids."""
        found = cls.cells().nearest(lat, lng, wanted, among)
        known = cls.whole([spot.id for _, spot in found])
        return [known[spot.id].seen_from(away) for away, spot in found]

    @classmethod
    def by_number(cls, lat: float, lng: float, among: Set[int], first: int, wanted: int) -> list[Self]:
        """The same in order of their codes, from number `first` of them on."""
        there = cls.cells().by_id
        spots = sorted((there[id] for id in among), key=lambda spot: spot.code)[first : first + wanted]
        known = cls.whole([spot.id for spot in spots])
        return [known[spot.id].seen_from(metres(lat, lng, spot.lat, spot.lng)) for spot in spots]

    def seen_from(self, away: float) -> Self:
        """As it is seen from so many metres: a copy, because many look at once."""
        seen = object.__new__(type(self))
        seen.__dict__.update(self.__dict__)  # thrice as fast as copy.copy, and a page has twenty
        seen.metres = away
        return seen


def _point(lat: float, lng: float) -> tuple[float, float, float]:
    a, b = math.radians(lat), math.radians(lng)
    return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)


def _by_distance(spots: Iterable[Spot], lat: float, lng: float, wanted: int) -> list[tuple[float, str, Spot]]:
    """The nearest by the straight line through the earth, squared: the same order, at a fifth of the cost."""
    x, y, z = _point(lat, lng)
    return nsmallest(wanted, [((s[5] - x) ** 2 + (s[6] - y) ** 2 + (s[7] - z) ** 2, s[2], s) for s in spots])
