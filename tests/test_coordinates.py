"""Positions on three maps: the published vectors, the way there and back, and the two commonest slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.areas import metres
from models.coordinates import from_bd, from_gcj, in_china, swapped, to_bd, to_gcj, to_wgs, within

pytestmark = pytest.mark.no_database

BOX = {"south": 35.3, "north": 35.8, "west": 116.5, "east": 117.1}

LATITUDES, LONGITUDES = st.floats(18, 53), st.floats(74, 134)


@pytest.mark.parametrize(
    ("wgs", "gcj", "places"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215), 12),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363), 12),
        ((35.55, 116.83), (35.5497399, 116.8355042), 7),
        ((35.556, 116.830), (35.555744, 116.835505), 6),
    ],
)
def test_the_vectors_from_gps_to_amap(wgs, gcj, places):
    assert tuple(round(part, places) for part in to_gcj(*wgs)) == tuple(round(part, places) for part in gcj)


def test_the_vector_from_amap_to_baidu():
    assert tuple(round(part, 7) for part in to_bd(*to_gcj(35.55, 116.83))) == (35.5555045, 116.8420967)


@given(lat=LATITUDES, lng=LONGITUDES)
def test_back_from_amap_to_a_millimetre(lat, lng):
    assert metres(lat, lng, *from_gcj(*to_gcj(lat, lng))) < 0.001


@given(lat=LATITUDES, lng=LONGITUDES)
def test_back_from_baidu_to_half_a_metre(lat, lng):
    assert metres(lat, lng, *from_bd(*to_bd(lat, lng))) < 0.5


def test_a_position_is_kept_as_the_satellites_tell_it():
    here = 35.55, 116.83
    amap, baidu = to_gcj(*here), to_bd(*to_gcj(*here))
    assert metres(*here, *amap) > 400 and metres(*here, *baidu) > 800
    assert to_wgs(*here, "gps") == here
    for source in ("amap_pick", "tencent"):
        assert metres(*here, *to_wgs(*amap, source)) < 0.001
    assert metres(*here, *to_wgs(*baidu, "baidu_pick")) < 0.5
    with pytest.raises(ValueError, match="somewhere"):
        to_wgs(*here, "somewhere")


def test_abroad_nothing_is_shifted():
    assert not in_china(48.85, 2.35) and to_gcj(48.85, 2.35) == (48.85, 2.35) == from_gcj(48.85, 2.35)


def test_the_numbers_the_other_way_round_are_seen():
    assert within(35.55, 116.83, BOX) and not swapped(35.55, 116.83, BOX)
    assert swapped(116.83, 35.55, BOX) and not within(116.83, 35.55, BOX)
    assert not swapped(31.2, 121.5, BOX) and not within(31.2, 121.5, BOX)
