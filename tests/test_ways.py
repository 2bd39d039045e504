"""The way there: the map of windows, and links with the coordinates that each map counts in."""

import re
from urllib.parse import unquote

import pytest

from models import redmap, ways
from models._cells import Spot
from models.areas import metres
from models.coordinates import from_gcj
from models.stations import Station


def test_each_map_gets_its_own_coordinates(town):
    links = ways.links(town.spring, "nuanyi")
    lng, lat = map(float, re.search(r"position=([\d.]+),([\d.]+)&", links["amap"]).groups())
    assert metres(town.spring.lat, town.spring.lng, *from_gcj(lat, lng)) < 0.5
    assert "callnative=0" in links["amap"] and "coordinate=gaode" in links["amap"]
    lat, lng = map(float, re.search(r"coord:([\d.]+),([\d.]+);", links["tencent"]).groups())
    assert metres(town.spring.lat, town.spring.lng, *from_gcj(lat, lng)) < 0.5 and "coord_type=2" in links["tencent"]
    lat, lng = map(float, re.search(r"location=([\d.]+),([\d.]+)&", links["baidu"]).groups())
    assert metres(town.spring.lat, town.spring.lng, lat, lng) < 0.2 and "coord_type=wgs84" in links["baidu"]
    for link in links.values():
        assert link.startswith("https://") and link.isascii() and town.spring.name[:12] in unquote(link)


def test_the_page_has_the_links_and_the_address_to_copy(town, phone):
    page = phone.get("/stations/SF001/way")
    assert page.status_code == 200 and town.spring.address in page.page.text
    assert sum("map" in link for link in page.page.links()) >= 3
    assert phone.get("/stations/NOPE/way").status_code == 404


def test_every_station_has_its_window_and_a_line_in_the_list(yanzhou, phone):
    text = phone.get("/stations/map").get_data(as_text=True)
    codes = [station.code for station in Station.listed()]
    for code in codes:
        assert text.count(f'href="/stations/{code}"') == 2, code
    assert len(codes) == 139


@pytest.mark.no_database
def test_no_two_windows_lie_upon_each_other_and_all_lie_on_the_ground():
    spots = tuple(Spot.at(35.5 + n % 7 / 1000, 116.8 + n / 100_000, f"S{n:03}", n, "t") for n in range(139))
    drawn = redmap._drawn(spots)
    assert len({(w.x, w.y) for w in drawn}) == 139
    assert all(0 < w.x < redmap.WIDTH and 0 < w.y < redmap.HEIGHT and w.n == 1 for w in drawn)


@pytest.mark.no_database
def test_north_is_above_and_west_is_left():
    north, south = Spot.at(35.7, 116.7, "A", 1, "t"), Spot.at(35.4, 116.9, "B", 2, "t")
    one, other = sorted(redmap._drawn((north, south)), key=lambda w: w.spot.code)
    assert one.y < other.y and one.x < other.x


@pytest.mark.no_database
def test_of_very_many_each_square_says_how_many():
    spots = tuple(Spot.at(35.3 + n % 100 / 200, 116.5 + n // 100 / 300, f"S{n:05}", n, "t") for n in range(13_900))
    drawn = redmap._drawn(spots)
    assert len(drawn) < 150 and sum(w.n for w in drawn) == 13_900
    fewer = redmap.windows(list(spots), frozenset(range(0, 13_900, 139)))
    assert sum(w.n for w in fewer) == 100 and {(w.x, w.y) for w in fewer} <= {(w.x, w.y) for w in drawn}
