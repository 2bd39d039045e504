"""Positions on the three maps of China: WGS-84 (GPS), GCJ-02 (Amap, Tencent) and BD-09 (Baidu); degrees, (lat, lng).

We keep WGS-84 and convert at the edge. The formulas are the ones in common use (domain.md §2.5); the way back from
GCJ-02 has no closed form and is found by steps.
"""

import math

AXIS, ECCENTRICITY = 6378245.0, 0.00669342162296594323
"""Semi-major axis in metres and squared eccentricity of the Krasovsky ellipsoid, on which GCJ-02 is made."""

BAIDU = math.pi * 3000 / 180

SOURCES = ("gps", "amap_pick", "tencent", "baidu_pick", "address")
"""Where a position was taken from; all but Baidu's and the two of GCJ-02 are WGS-84."""

Place = tuple[float, float]


def to_wgs(lat: float, lng: float, source: str) -> Place:
    """A position as it was taken from this source, in WGS-84. Raises ValueError for a source that there is not."""
    if source not in SOURCES:
        raise ValueError(source)
    if source == "baidu_pick":
        return from_gcj(*from_bd(lat, lng))
    return from_gcj(lat, lng) if source in ("amap_pick", "tencent") else (lat, lng)


def to_gcj(lat: float, lng: float) -> Place:
    """WGS-84 to GCJ-02. Outside China both are the same."""
    if not in_china(lat, lng):
        return lat, lng
    north, east = _shift_north(lng - 105, lat - 35), _shift_east(lng - 105, lat - 35)
    around = 1 - ECCENTRICITY * math.sin(math.radians(lat)) ** 2
    north = math.degrees(north / (AXIS * (1 - ECCENTRICITY) / (around * math.sqrt(around))))
    east = math.degrees(east / (AXIS / math.sqrt(around) * math.cos(math.radians(lat))))
    return lat + north, lng + east


def from_gcj(lat: float, lng: float) -> Place:
    """GCJ-02 to WGS-84, to less than a millimetre."""
    guess = lat, lng
    for _ in range(10):
        there = to_gcj(*guess)
        off = there[0] - lat, there[1] - lng
        guess = guess[0] - off[0], guess[1] - off[1]
        if max(map(abs, off)) < 1e-10:
            break
    return guess


def to_bd(lat: float, lng: float) -> Place:
    """GCJ-02 to BD-09."""
    far = math.hypot(lng, lat) + 0.00002 * math.sin(lat * BAIDU)
    turn = math.atan2(lat, lng) + 0.000003 * math.cos(lng * BAIDU)
    return far * math.sin(turn) + 0.006, far * math.cos(turn) + 0.0065


def from_bd(lat: float, lng: float) -> Place:
    """BD-09 to GCJ-02, to about a decimetre."""
    x, y = lng - 0.0065, lat - 0.006
    far = math.hypot(x, y) - 0.00002 * math.sin(y * BAIDU)
    turn = math.atan2(y, x) - 0.000003 * math.cos(x * BAIDU)
    return far * math.sin(turn), far * math.cos(turn)


def in_china(lat: float, lng: float) -> bool:
    """Is it within the rectangle in which the maps are shifted?"""
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347


def within(lat: float, lng: float, box: dict) -> bool:
    """Does it lie in the district's box (north, south, east, west)?"""
    return box["south"] <= lat <= box["north"] and box["west"] <= lng <= box["east"]


def swapped(lat: float, lng: float, box: dict) -> bool:
    """Would it lie in the box if the two numbers were the other way round? The commonest slip there is."""
    return not within(lat, lng, box) and within(lng, lat, box)


def _shift_north(x: float, y: float) -> float:
    shift = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    shift += (20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)) * 2 / 3
    shift += (20 * math.sin(math.pi * y) + 40 * math.sin(math.pi * y / 3)) * 2 / 3
    return shift + (160 * math.sin(math.pi * y / 12) + 320 * math.sin(math.pi * y / 30)) * 2 / 3


def _shift_east(x: float, y: float) -> float:
    shift = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    shift += (20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)) * 2 / 3
    shift += (20 * math.sin(math.pi * x) + 40 * math.sin(math.pi * x / 3)) * 2 / 3
    return shift + (150 * math.sin(math.pi * x / 12) + 300 * math.sin(math.pi * x / 30)) * 2 / 3
