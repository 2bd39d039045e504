"""The pages of lists: sent, looked at, taken in, taken back, and taken along; each by whom it is for, each noted."""

import csv
import io

import pytest
from openpyxl import load_workbook

from models import coordinates, imports
from models._database import writing
from models._trail import Trail
from models.comparing import SAME
from models.imports import ImportBatch
from models.lists import COLUMNS, known_of
from models.people import Person, RoleGrant
from models.sheets import MOST_BYTES, keys_of
from models.stations import Station
from tests._engines import NOON
from tests._lists import as_csv, as_xlsx, line, three_hundred
from tests.test_imports import all_rows


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


@pytest.fixture
def tess(town, new_phone):
    """The officer of the town of `spring` and `street`."""
    with writing():
        person = Person.register(name="田街", phone="13800000009", at=NOON)
        RoleGrant.create(person=person, role="town_officer", scope=town.spring.town_id)
    return new_phone().sign_in(person)


def send(phone, data, name="名单.csv", kind="stations"):
    return phone.post(f"/imports/{kind}", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def text_of(answer, status=200):
    assert answer.status_code == status
    return answer.page.text


def opened(answer):
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    return load_workbook(io.BytesIO(answer.data)).worksheets


def rows_of(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_from_the_file_to_the_preview_to_the_stations_and_back(olga, town):
    before = all_rows()
    sent = send(olga, as_xlsx(three_hundred()), "../新增 名单.xlsx")
    assert sent.status_code == 303
    text = text_of(olga.get(sent.location))
    assert "还没有导入" in text and "导入 288 行" in text and "新增 名单.xlsx" in text and ".." not in text
    assert text.count("手机号") >= 1 and "和第 8 行是同一个" in text
    assert "服务点 17 " not in text, "twelve mistakes fit on a page, and nothing else stands there"
    assert all_rows() == before
    answer = olga.post(sent.location + "/apply")
    assert (answer.status_code, answer.location) == (303, sent.location)
    assert Station.select().count() == 291
    assert "新增 288 条" in text_of(olga.get(sent.location + "?state=new"))
    assert olga.post(sent.location + "/apply").status_code == 303 and Station.select().count() == 291
    olga.post(sent.location + "/undo")
    assert "都和导入前一样" in text_of(olga.get(sent.location)) and all_rows() == before
    assert "已撤回" in text_of(olga.get("/imports/"))


def test_the_rows_with_a_mistake_come_back_as_a_file_that_can_be_sent_again(olga, town):
    lines = three_hundred()
    lines[16][4] = "=1+1"
    where = send(olga, as_csv(lines, "gb18030")).location
    olga.post(where + "/apply")
    sheet = opened(olga.get(where + "/returned"))[0]
    rows = rows_of(sheet)
    assert len(rows) == 13 and rows[0][-1] == "原因" and rows[0][1] == "服务点名称"
    assert all(row[-1] for row in rows[1:]) and "科学计数法" in rows[1][-1] and rows[1][4] == "'=1+1"
    mended = [[*row[:-1]] for row in rows]
    mended[1][8] = "13812345678"
    again = send(olga, as_csv([[cell or "" for cell in row] for row in mended[1:]], header=mended[0])).location
    batch = ImportBatch.get(ref=again.rpartition("/")[2])
    assert (batch.n_new, batch.n_wrong) == (1, 11)


def test_problem_rows_come_by_twenty(olga, town):
    where = send(olga, ("编号,电话\n" + "\n".join(f"SF9{n:02},1.3E+10" for n in range(45))).encode()).location
    found = [olga.get(f"{where}?state=wrong&page={n}").page.text.count("科学计数法") for n in (1, 2, 3)]
    assert found == [20, 20, 5]
    assert olga.get(f"{where}?state=none").status_code == 404


def test_what_is_changed_is_shown_in_short(olga, town):
    where = send(olga, "编号,电话,有,没有\nSF001,13812345678,热水、快充,厕所".encode()).location
    text = text_of(olga.get(where))
    assert "空 → 13812345678" in text and "快充" in text and "有改动" not in text and "改过" in text


def test_what_was_copied_from_a_spreadsheet_is_a_list_too(olga, town):
    where = olga.post("/imports/stations", {"text": "编号\t电话\nSF001\t13812345678"}).location
    assert "13812345678" in text_of(olga.get(where))
    answer = olga.post("/imports/stations", {"text": "我的<名单>"})
    assert "没找到表头" in text_of(answer, 422) and "我的&lt;名单&gt;" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "空的"), (b"\x89PNG\x00", "没读出来"), (bytes.fromhex("d0cf11e0a1b11ae1"), "老式的 .xls")],
)
def test_a_file_that_is_no_list_gets_a_sentence_beside_the_field(data, said, olga, town):
    assert said in text_of(send(olga, data), 422)
    assert not ImportBatch.select().exists()


def test_a_file_that_is_too_large_gets_a_sentence(olga, town):
    assert "超过 5 MB" in text_of(send(olga, b"x" * (MOST_BYTES + 1)), 422)
    assert "超过 5 MB" in text_of(send(olga, b"x" * (MOST_BYTES + 100_000)), 413)


def test_taking_in_and_back_asks_who_it_is(olga, town):
    where = send(olga, as_csv([line(1)])).location
    olga.now = NOON.replace(hour=12, minute=6)
    for step in ("apply", "undo"):
        assert olga.post(f"{where}/{step}").status_code == 401
    assert Station.select().count() == 3


def test_what_somebody_changed_since_is_named_and_nothing_is_undone(olga, town):
    where = send(olga, "编号,电话\nSF001,13812345678\nSF002,13812345679".encode()).location
    olga.post(where + "/apply")
    with writing():
        Station.update(phone="110").where(Station.code == "SF002").execute()
    text = text_of(olga.post(where + "/undo"), 409)
    assert "SF002" in text.partition("只看")[0] and "没有撤回" in text
    assert Station.get(code="SF001").phone == "13812345678"


def test_a_town_officer_takes_nothing_in(tess, olga, town):
    where = send(olga, as_csv([line(1)])).location
    for path in ("/imports/", "/imports/stations", where, where + "/returned"):
        assert tess.get(path).status_code == 403
    for path in ("/imports/stations", where + "/apply", where + "/undo"):
        assert tess.post(path).status_code == 403
    assert olga.get("/imports/riders").status_code == 404 and olga.get("/imports/batches/NONE").status_code == 404


@pytest.mark.parametrize("kind", ["stations", "towns", "grids", "units"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_empty_list_names_its_columns_so_that_we_know_them(kind, lang, olga, town):
    olga.set("prefs", f"lang={lang}")
    first, second = opened(olga.get(f"/imports/{kind}/template"))
    header, example = rows_of(first)
    names = known_of(kind).names
    assert [names[keys_of(cell)[0]] for cell in header] == [column.name for column in COLUMNS[kind]]
    assert example[0] == "示例" and second.max_row > 1


# Taken along.


def export(phone, what, form="xlsx", town=""):
    return phone.post(f"/exports/{what}", {"format": form, "town": town})


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_is_taken_along_can_be_taken_in_unchanged(lang, form, yanzhou, new_phone):
    officer = new_phone().sign_in(Person.by_phone("14108120009"))
    officer.set("prefs", f"lang={lang}")
    data = export(officer, "stations", form).data
    batch = imports.preview("stations", "again", data, by=None, at=NOON)
    told = [(row.number, row.mistakes, row.before, row.after) for row in batch.rows("changed", "wrong", "new")][:3]
    assert batch.counts() == {"new": 0, "changed": 0, SAME: 140, "wrong": 0}, told
    assert batch.unknown == []


def test_a_town_officer_takes_the_own_town_along(tess, town):
    rows = rows_of(opened(export(tess, "stations", town=town.spring.town_id))[0])
    assert {row[0] for row in rows[4:]} == {"SF001", "SF002"} and "田街" in rows[2][0]
    assert export(tess, "stations", town="").status_code == 404
    assert export(tess, "maps", town=town.fuel.town_id).status_code == 404
    text = text_of(tess.get("/exports/"))
    assert "甲街道" in text and "乙镇" not in text and "全区" not in text


def test_each_list_that_leaves_the_house_is_noted(olga, town):
    export(olga, "maps", "csv")
    (line,) = Trail.about("district").rows
    assert (line.kind, line.actor, line.what) == ("seen", town.olga.id, "export maps csv")
    assert export(olga, "riders").status_code == export(olga, "stations", "pdf").status_code == 404


def test_the_makers_of_maps_get_their_own_positions(olga, town):
    with writing():
        Station.update(closed_at=NOON).where(Station.code == "SF002").execute()
    rows = list(csv.reader(io.StringIO(export(olga, "maps", "csv").data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["春风社区服务站", "秋实路加油站"], "no closed ones"
    lat, lng = coordinates.to_gcj(town.spring.lat, town.spring.lng)
    assert rows[1][3:] == ["一至五 8:00-18:00; 六 9:00-12:00", str(round(lng, 6)), str(round(lat, 6)), "社区服务站"]


def test_a_formula_is_text_and_comes_back_as_it_was(olga, town):
    with writing():
        Station.update(name="=1+1", address="@SUM(A1)").where(Station.code == "SF001").execute()
    for form in ("xlsx", "csv"):
        data = export(olga, "stations", form).data
        if form == "xlsx":
            cells = [cell for row in load_workbook(io.BytesIO(data)).active.iter_rows() for cell in row]
            assert all(cell.data_type != "f" for cell in cells) and "'=1+1" in [cell.value for cell in cells]
        assert imports.preview("stations", "x", data, by=None, at=NOON).n_same == 3


# From the command line.


def test_the_command_does_the_same(town, app, tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(as_csv(three_hundred(), "gb18030"))
    run = app.test_cli_runner().invoke
    said = run(args=["import", "stations", str(file), "--dry"]).output
    assert "288 new, 0 changed, 0 same, 12 wrong (nothing taken in yet)" in said and "row 18, phone:" in said
    assert Station.select().count() == 3
    assert "288 new" in run(args=["import", "stations", str(file)]).output and Station.select().count() == 291
    file.write_text("nothing")
    assert run(args=["import", "towns", str(file)]).exit_code == 1
