"""Lists taken in: looked at first, good rows in, bad rows back with reasons, and all of it undone within a day."""

import datetime as dt
import json

import pytest

from models import imports
from models._database import db, hold, writing
from models._record import Refused
from models._trail import Trail
from models.comparing import CHANGED, NEW, SAME, WRONG
from models.imports import ImportBatch, ImportRow, Moved
from models.openings import HoursRule, state
from models.people import RoleGrant
from models.sheets import Unread
from models.stations import PosterToken, Station, StationAmenity, StationUnit, find_station
from models.visits import Who, admit
from tests import _crowd
from tests._engines import NOON
from tests._lists import DEFECTS, as_csv, as_xlsx, line, three_hundred

HOUR = dt.timedelta(hours=1)

OF_THEIR_OWN = {"import_batch", "import_row", "trail", "revision", "schema_migration"}
"""What taking in and back leaves behind: the batch, the trail, and the count of changes of what pages show."""


def all_rows():
    """Every row of every table but those."""
    return {
        table: sorted(map(repr, map(tuple, db.execute_sql(f'SELECT * FROM "{table}"').fetchall())))
        for table in set(db.get_tables()) - OF_THEIR_OWN
    }


def look(data, kind="stations", by=None, at=NOON):
    data = data.encode() if isinstance(data, str) else data
    return imports.preview(kind, "名单.csv", data, by=by, at=at)


def take(data, kind="stations", by=None, at=NOON):
    return imports.apply(look(data, kind, by, at), by=by, at=at)


def counts(batch):
    """(new, changed, same, wrong)"""
    return tuple(batch.counts().values())


def wrong(batch):
    """{row: {column: sentence}}"""
    return {row.number: {field: text % inside for field, text, inside in row.mistakes} for row in batch.rows(WRONG)}


# The list of three hundred.


@pytest.mark.parametrize(
    ("make", "first"),
    [
        (lambda lines: as_csv(lines, "gb18030"), 2),
        (lambda lines: as_csv(lines, "utf-8-sig", ";"), 2),
        (lambda lines: as_csv(lines, "utf-16", "\t"), 2),
        (as_xlsx, 4),
    ],
    ids=["GB18030", "UTF-8 with its mark", "UTF-16 with tabs", "xlsx with titles"],
)
def test_of_three_hundred_288_go_in_and_12_come_back_with_reasons(make, first, town):
    before = all_rows()
    batch = look(make(three_hundred()), by=town.olga)
    assert counts(batch) == (288, 0, 0, 12)
    assert all_rows() == before, "a preview changes nothing"
    found = wrong(batch)
    assert {n - first + 1: list(mistakes) for n, mistakes in found.items()} == {
        n: [column] for n, (_, _, column) in DEFECTS.items()
    }
    batch = imports.apply(batch, by=town.olga, at=NOON)
    assert counts(batch) == (288, 0, 0, 12) and Station.select().count() == 3 + 288
    one = Station.get(Station.name == "春风服务点 7")
    assert (one.code, one.phone, one.lat, one.coord_src) == ("SF010", "13812340007", 30.4507, "gps")
    assert PosterToken.current(one) and HoursRule.select().where(HoursRule.station == one).count() == 6
    assert {a.code for a in find_station(one.code).yes} == {"HOTW", "WC"}
    assert state(one, NOON).is_open
    assert imports.undo(batch, by=town.olga, at=NOON + HOUR * 0).state == "undone"
    assert all_rows() == before


def test_each_mistake_says_what_to_do(town):
    said = {n: next(iter(mistakes.values())) for n, mistakes in wrong(look(as_csv(three_hundred()))).items()}
    assert "1.38E+10" in said[18] and "text" in said[18]
    assert "There is no such time" in said[52] and "closes before it opens" in said[69]
    assert "30.46" in said[86] and "wrong way round" in said[86]
    assert "outside the district" in said[103] and "which map" in said[120]
    assert said[137] == "There is no such thing here: 没有这个镇." and said[171] == "Please fill this in."
    assert said[188] == "Row 6 is about the same one. Please keep one of the two."


def test_undo_puts_back_what_was_changed_to_the_last_row(town):
    with writing():
        StationUnit.create(station=town.fuel, unit="street-jia")
    before = all_rows()
    batch = take(
        "编号,名称,电话,开放时间,有,没有,共建单位,限长\n"
        "SF001,春风新站,0537-3412345,一至日 6:00-22:00,热水、快充,厕所,,12\n"
        "SF003,秋实路加油站,,,,,union,\n"
        ",新站,13812345678,24h,,,,\n"
    )
    assert counts(batch) == (0, 2, 0, 1)
    changed = Station.get(code="SF001")
    assert (changed.name, changed.phone, changed.truck_length) == ("春风新站", "0537-3412345", 12.0)
    assert "春风新站" in changed.sought and changed.address == town.spring.address
    fuel = Station.get(code="SF003")
    assert fuel.phone == "" and not StationAmenity.select().where(StationAmenity.station == fuel).exists()
    imports.undo(batch, by=None, at=NOON)
    assert all_rows() == before


def test_what_the_list_has_no_column_for_stays(town):
    before = {name: value for name, value in town.spring.__data__.items() if name != "phone"}
    assert counts(take("编号,电话\nSF001,13812345678")) == (0, 1, 0, 0)
    now = Station.get(code="SF001")
    assert now.phone == "13812345678" and {n: v for n, v in now.__data__.items() if n != "phone"} == before


def test_the_same_list_again_changes_nothing(town):
    take(as_csv([line(n) for n in range(1, 30)]))
    trail = Trail.select().count()
    codes = "编号,电话\n" + "\n".join(f"{s.code},{s.phone}" for s in Station.select())
    batch = take(codes)
    assert counts(batch) == (0, 0, 32, 0)
    assert Trail.select().count() == trail + 1
    assert set(wrong(look(as_csv([line(3)]))).popitem()[1]) == {"name"}, "a new one of the same name and address"


def test_positions_come_from_the_map_that_they_are_said_to_be_from(town):
    take('编号,坐标,来源\nSF001,"110.505,30.498",高德\nSF002,"30.51,110.52",百度\nSF003,"30.5,110.5",GPS')
    places = {s.code: (s.lat, s.lng, s.coord_src) for s in Station.select()}
    assert places["SF003"] == (30.5, 110.5, "gps")
    assert places["SF001"][2] == "amap_pick" and 0.001 < 110.505 - places["SF001"][1] < 0.01
    assert places["SF002"][2] == "baidu_pick" and 0.005 < 110.52 - places["SF002"][1] < 0.02


# Towns, grids, units.


def test_towns_grids_and_units_come_in_and_go_again(town):
    before = all_rows()
    towns = take(
        "编码,名称,纬度,经度,坐标系,排序\n999999103,夏雨镇,30.6,110.6,GPS,3\n999999001,甲街道办,30.5,110.5,GPS,1",
        "towns",
    )
    assert counts(towns) == (1, 1, 0, 0)
    grids = take(
        "网格编码,所属镇街,网格名称\n999999103901001,夏雨镇,夏雨第１网格\n370812199001011000,夏雨镇,坏\n999999103901002,没有,乙",
        "grids",
    )
    assert counts(grids) == (1, 0, 0, 2)
    assert {n: list(m) for n, m in wrong(grids).items()} == {3: ["code"], 4: ["town"]}
    units = take("单位代码,单位名称,类型,镇街\nxia,夏雨镇,镇街,夏雨镇\nwho,谁,什么,\nunion,总工会,责任单位,", "units")
    assert counts(units)[:2] == (1, 1) and {n: list(m) for n, m in wrong(units).items()} == {3: ["kind"]}
    with pytest.raises(Moved) as no:
        imports.undo(towns, by=None, at=NOON)
    assert no.value.codes == ["999999103"], "a grid and a unit stand on it"
    for batch in (units, grids, towns):
        imports.undo(batch, by=None, at=NOON)
    assert all_rows() == before


# Undo: only as long as nobody has touched it.


def test_nothing_is_undone_where_somebody_changed_something_since(town):
    batch = take("编号,名称,电话\nSF001,甲站,13812345671\nSF002,乙站,13812345672")
    with writing():
        Station.update(phone="110").where(Station.code == "SF002").execute()
    before = all_rows()
    with pytest.raises(Moved) as no:
        imports.undo(batch, by=None, at=NOON)
    assert no.value.codes == ["SF002"] and all_rows() == before
    assert ImportBatch.get_by_id(batch.id).state == "applied"


def visited(station, town):
    admit(station.id, Who(town.rui.id, None), client_id="v", at=NOON, now=NOON)


def kept(station, town):
    RoleGrant.create(person=town.kim, role="keeper", scope=station.code)


def closed(station, town):
    Station.update(closed_at=NOON, closed_why="停").where(Station.id == station.id).execute()


def reprinted(station, town):
    PosterToken.issue(station, by=town.olga, at=NOON)


@pytest.mark.parametrize("act", [visited, kept, closed, reprinted])
def test_a_new_station_that_is_in_use_stays(act, town):
    batch = take(as_csv([line(1), line(2)]))
    with writing():
        act(Station.get(code="SF005"), town)
    with pytest.raises(Moved) as no:
        imports.undo(batch, by=None, at=NOON)
    assert no.value.codes == ["SF005"]


def test_undo_is_possible_for_a_day(town):
    batch = take(as_csv([line(1)]))
    assert batch.can_be_undone(NOON + 24 * HOUR)
    with pytest.raises(Refused) as no:
        imports.undo(batch, by=None, at=NOON + 24 * HOUR + dt.timedelta(milliseconds=1))
    assert no.value.code == "import-late"
    assert imports.undo(batch, by=None, at=NOON + 24 * HOUR).state == "undone"


def test_what_was_only_looked_at_cannot_be_undone(town):
    with pytest.raises(Refused) as no:
        imports.undo(look(as_csv([line(1)])), by=None, at=NOON)
    assert no.value.code == "import-preview"


# Twice, and two at once.


def test_confirmed_twice_is_once_and_so_is_taking_back(town):
    before, batch = all_rows(), look(as_csv([line(1)]))
    for _ in range(2):
        imports.apply(batch, by=town.olga, at=NOON)
    assert Station.select().count() == 4
    trail = Trail.select().count()
    for _ in range(2):
        imports.undo(batch, by=town.olga, at=NOON)
    assert all_rows() == before and Trail.select().count() == trail + 2
    imports.apply(batch, by=town.olga, at=NOON)
    assert all_rows() == before, "what was taken back stays so"


def test_several_confirm_at_once_and_it_is_once(town, crowd):
    batch = look(as_csv([line(n) for n in range(1, 6)]))
    states = crowd.do(_crowd.take_in_elsewhere, town.url, batch.id, NOON)
    assert states == ["applied"] * _crowd.SIZE and Station.select().count() == 8
    assert Trail.select().where(Trail.subject == f"import:{batch.ref}").count() == 1
    crowd.do(_crowd.take_back_elsewhere, town.url, batch.id, NOON)
    assert Station.select().count() == 3
    assert Trail.select().where(Trail.subject == f"import:{batch.ref}").count() == 2


def test_as_much_as_is_held_at_most_can_be_held(town):
    with writing():
        hold(*range(1, imports.MOST_HELD + 1))


def test_a_row_that_somebody_changed_since_the_preview_comes_back(town):
    batch = look("编号,电话\nSF001,13812345671\nSF002,13812345672")
    with writing():
        Station.update(phone="110").where(Station.code == "SF001").execute()
    batch = imports.apply(batch, by=None, at=NOON)
    assert counts(batch) == (0, 1, 0, 1) and Station.get(code="SF001").phone == "110"
    assert "Somebody has changed this in the meantime" in wrong(batch)[2]["code"]


def test_what_the_list_points_to_is_gone_and_nothing_is_half_done(town):
    towns = take('编码,名称,坐标,坐标系\n999999103,夏雨镇,"30.6,110.6",GPS', "towns")
    batch = look("编码,镇街,名称\n999999103901001,夏雨镇,甲\n999999001901009,甲街道,乙", "grids")
    imports.undo(towns, by=None, at=NOON)
    before = all_rows()
    with pytest.raises(Refused) as no:
        imports.apply(batch, by=None, at=NOON)
    assert no.value.code == "import-gone" and all_rows() == before


# The trail, and how long it is kept.


def test_each_changed_fact_is_in_the_trail_of_its_station(town):
    batch = take("编号,电话,开放时间\nSF001,13812345678,一至日 24h", by=town.olga)
    imports.undo(batch, by=town.olga, at=NOON)
    told = [(row.actor, row.what) for row in Trail.about("station:SF001").rows]
    assert {actor for actor, _ in told} == {town.olga.id}
    assert [what for _, what in told if what.startswith("fact")] == [
        "fact phone: 13812345678 → ?",
        "fact phone: ? → 13812345678",
    ]
    assert sum(what.startswith("hours ") for _, what in told) == 2
    assert [row.what for row in Trail.about(f"import:{batch.ref}").rows] == [
        "stations taken back: 1",
        "stations taken in: 1",
    ]


def test_two_rows_about_one_and_an_unknown_column(town):
    batch = look("编号,电话,备注\nSF001,110,甲\nSF001,120,乙\nsf001,119,丙")
    assert counts(batch) == (0, 1, 0, 2) and batch.unknown == ["备注"]
    assert set(wrong(batch)) == {3, 4}
    assert [json.loads(row.cells) for row in ImportRow.select().where(ImportRow.number == 2)] == [
        ["SF001", "110", "甲"]
    ]


def test_a_second_centre_is_none(yanzhou):
    batch = look('编号,名称,类型,镇街,地址,坐标,坐标系\n,又一个中心,中心,鼓楼街道,某路 1 号,"35.55,116.83",GPS')
    assert list(wrong(batch)[2]) == ["kind"]


def test_a_list_that_cannot_be_read_leaves_no_batch(town):
    with pytest.raises(Unread):
        look("这不是,一张表\n1,2")
    assert not ImportBatch.select().exists()


def test_states_are_what_the_table_says(town):
    assert counts(look("编号,电话\nSF001,\nSF002,14108129902\nSF003,1")) == (0, 0, 2, 1)
    assert (NEW, CHANGED, SAME, WRONG) == ("new", "changed", "same", "wrong")
