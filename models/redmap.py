"""The district as a schematic map: a lit or dark window for each station, no tiles and no boundaries.

Public maps of China need a review number; windows on a lattice are no such map (domain.md §2.5). Each stands as near
to where it is as the others leave it room, so that all can be seen and touched; north is above.
"""

import math
from collections import defaultdict
from collections.abc import Set
from functools import lru_cache
from typing import NamedTuple

from models._cells import Spot
from models.areas import district

WIDTH, HEIGHT = 320, 400
"""The ground, in units of the drawing."""

EDGE, STEP = 10, 13
"""From the edge to the first window, and from one to the next."""

ACROSS, DOWN = (WIDTH - 2 * EDGE) // STEP + 1, (HEIGHT - 2 * EDGE) // STEP + 1

SINGLE = 300
"""So many stations are drawn one by one."""

SQUARE = 3
"""Of more of them those in a square of so many windows become one, with their number."""


class Window(NamedTuple):
    """A window of the drawing: one station, or with `n` above 1 the several around it."""

    x: int
    y: int
    n: int
    spot: Spot


def windows(spots: list[Spot], among: Set[int]) -> tuple[Window, ...]:
    """Those of these places that have these ids, from north to south, each where it stands among all of them."""
    if len(spots) <= SINGLE:
        return tuple(window for window in _drawn(tuple(spots)) if window.spot.id in among)
    return _drawn(tuple(spots), frozenset(among))


def towns(spots: list[Spot]) -> list[tuple[int, int, object]]:
    """Where the names of the towns stand, as near to their points as the drawing of these places allows."""
    if not spots:
        return []
    at = _projection(spots)
    return [(*_place(at(town.lat, town.lng)), town) for town in district().towns]


@lru_cache(maxsize=4)
def _drawn(spots: tuple[Spot, ...], among: frozenset[int] | None = None) -> tuple[Window, ...]:
    if not spots:
        return ()
    at = _projection(spots)
    where = {spot: at(spot.lat, spot.lng) for spot in spots if among is None or spot.id in among}
    found = _apart(where) if len(spots) <= SINGLE else _together(where)
    return tuple(sorted(found, key=lambda window: (window.y, window.x)))


def _apart(where: dict) -> list[Window]:
    """Each in the free window nearest to where it is; those in the middle choose first."""
    middle = tuple(sum(place[n] for place in where.values()) / len(where) for n in (0, 1))
    free = {(across, down) for across in range(ACROSS) for down in range(DOWN)}
    found = []
    for spot, place in sorted(where.items(), key=lambda pair: (math.dist(pair[1], middle), pair[0].code)):
        cell = min(free, key=lambda cell: (math.dist(cell, place), cell))
        free.remove(cell)
        found.append(Window(*_place(cell), 1, spot))
    return found


def _together(where: dict) -> list[Window]:
    squares = defaultdict(list)
    for spot, (across, down) in where.items():
        squares[int(across // SQUARE), int(down // SQUARE)].append(spot)
    return [
        Window(*_place((across * SQUARE + 1, down * SQUARE + 1)), len(some), min(some, key=lambda spot: spot.code))
        for (across, down), some in squares.items()
    ]


def _place(cell: tuple[float, float]) -> tuple[int, int]:
    """The middle of a place on the lattice, in the drawing."""
    return round(EDGE + cell[0] * STEP), round(EDGE + cell[1] * STEP)


def _projection(spots):
    """Degrees to places on the lattice: all stations within it, nothing stretched."""
    south, north = min(spot.lat for spot in spots), max(spot.lat for spot in spots)
    west, east = min(spot.lng for spot in spots), max(spot.lng for spot in spots)
    narrower = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * narrower, 1e-6), max(north - south, 1e-6)
    scale = min((ACROSS - 1) / wide, (DOWN - 1) / high)
    left, top = (ACROSS - 1 - wide * scale) / 2, (DOWN - 1 - high * scale) / 2

    def at(lat: float, lng: float) -> tuple[float, float]:
        return left + (lng - west) * narrower * scale, top + (north - lat) * scale

    return at
