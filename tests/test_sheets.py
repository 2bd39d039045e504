"""Reading a list: whatever office software made of it; and what only looks like one gets a sentence, at little cost."""

import datetime as dt
import io
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from models import _workbook, sheets, tables
from models.lists import COLUMNS, KINDS, known_of
from models.sheets import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Unread, keys_of, read
from tests._lists import HEADER, as_csv, as_xlsx, line

pytestmark = pytest.mark.no_database

STATIONS = known_of("stations")
HEAD = "编号,电话\n"


def told(data, known=STATIONS):
    data = data.encode() if isinstance(data, str) else data
    sheet = read(data, known)
    return [sheet.told(cells) for _, cells in sheet.lines]


def why(data):
    data = data.encode() if isinstance(data, str) else data
    with pytest.raises(Unread) as no:
        read(data, STATIONS)
    assert no.value.message % no.value.inside
    return no.value.code.removeprefix("sheet-")


def book(*rows, **more):
    out, made = io.BytesIO(), Workbook()
    for cells in rows:
        made.active.append(cells)
    made.save(out)
    return out.getvalue()


def packed(data=None, **changes):
    """The book with other parts: name (with __ for /) → bytes, None takes it out."""
    source, out = zipfile.ZipFile(io.BytesIO(data or book(["编号", "电话"], ["SF001", "110"]))), io.BytesIO()
    parts = {name: source.read(name) for name in source.namelist()}
    parts |= {name.replace("__", "/").replace("_xml", ".xml"): part for name, part in changes.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            if part is not None:
                target.writestr(name, part)
    return out.getvalue()


# What lists look like.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_every_way_of_saving_a_csv_is_the_same_list(encoding, sign):
    lines = [line(1), line(2)]
    first = told(as_csv(lines))
    assert told(as_csv(lines, encoding, sign)) == first and first[0]["name"] == "春风服务点 1"


def plain(row):
    """Without the noughts at the end, which a number has not."""
    return row | {name: row[name].rstrip("0") for name in ("lat", "lng")}


def test_an_xlsx_with_titles_and_empty_lines_is_the_same_list():
    lines = [line(1), line(2)]
    assert [plain(row) for row in told(as_xlsx(lines))] == [plain(row) for row in told(as_csv(lines))]
    numbers = [number for number, _ in read(as_xlsx(lines), STATIONS).lines]
    assert numbers == [4, 5], "as the spreadsheet counts them"


@pytest.mark.parametrize(
    "heading", ["手机", "手机号", " 联系电话 ", "电话（必填）", "电 话*", "Phone number", "phone", "ＰＨＯＮＥ"]
)
def test_a_column_is_known_by_any_of_its_names(heading):
    assert told(f"编号,{heading}\nSF001,110") == [{"code": "SF001", "phone": "110"}]


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_columns_of_a_list_claim_the_same_name(kind):
    claimed: dict = {}
    for column in COLUMNS[kind]:
        for called in (column.name, column.words, *column.called.split()):
            assert claimed.setdefault(keys_of(called)[0], column.name) == column.name, called


def test_cells_become_the_text_that_they_show():
    row = [
        "SF001",
        13812345678,
        2.0,
        2.50,
        dt.datetime(2024, 9, 1),
        dt.time(8, 30),
        True,
        None,
        370812199001011234,
        "\u3000甲　",
    ]
    data = book(["编号", "电话", "地址", "名称", "品牌", "网格", "有", "没有", "类型", "镇街"], row)
    (cells,) = [cells for _, cells in read(data, STATIONS).lines]
    assert cells == ["SF001", "13812345678", "2", "2.5", "2024-09-01", "08:30", "1", "", "3.70812E+17", "甲"]


def test_the_marks_of_our_own_tables_are_taken_off_again():
    for make in (tables.xlsx, tables.csv):
        data = make(["标题"], ["编号", "地址"], [["SF001", "=1+1"], ["370812001901001001", "-2"]])
        assert told(data) == [{"code": "SF001", "address": "=1+1"}, {"code": "370812001901001001", "address": "-2"}]


def test_the_templates_own_line_is_no_row():
    assert told(HEAD + "示例,1\nSF001,2\nExample,3") == [{"code": "SF001", "phone": "2"}]


def test_rows_may_be_shorter_or_longer_than_the_header():
    assert told(HEAD + "SF001\nSF002,2,3,4\n,,\n") == [{"code": "SF001", "phone": ""}, {"code": "SF002", "phone": "2"}]


# What is none, each with a sentence.


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (" \n ", "empty"),
        (HEAD, "empty"),
        (HEAD + "示例,1", "empty"),
        (b"x" * (MOST_BYTES + 1), "bytes"),
        ("甲,乙\n1,2", "header"),
        ("\n" * 3 + "标题\n" * 30 + HEAD + "1,2", "header"),
        ("编号,电话,手机\nSF001,1,2", "twice"),
        (HEAD + "SF001," + "长" * 2001, "long"),
        (HEAD + "SF001,1\n" * (MOST_ROWS + 1), "rows"),
        ("编号,电话" + ",列" * MOST_COLUMNS + "\nSF001,1", "columns"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "other"),
        (b"%PDF-1.4\x00\x01", "other"),
        (b"\xff\xfe\xff", "other"),
        (b"PK\x03\x04 and then nothing", "other"),
        (b"PK\x05\x06" + bytes(18), "other"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "locked"),
        ('编号,电话\n"' + "x" * 200_000, "other"),
    ],
    ids=lambda what: what if isinstance(what, str) and len(what) < 8 else "",
)  # fmt: skip
def test_what_is_no_list_gets_a_sentence(data, reason):
    assert why(data) == reason


def test_a_zip_that_is_no_spreadsheet_and_one_that_is_damaged():
    assert why(packed(xl__workbook_xml=None)) == "other"
    assert why(packed(xl__worksheets__sheet1_xml=None)) == "other"
    assert why(packed(xl__worksheets__sheet1_xml=b"<worksheet><sheetData><row")) == "other"
    whole = book(["编号", "电话"], ["SF001", "110"])
    for cut in range(4, len(whole), 97):
        assert why(whole[:cut]) == "other"


def test_a_zip_under_a_password():
    data = bytearray(packed())
    for start in (data.find(b"PK\x01\x02") + 8, 6):
        data[start] |= 1
    assert why(bytes(data)) == "locked"


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def measured(data):
    """Why it was refused, and how many bytes of memory that took."""
    tracemalloc.start()
    try:
        return why(data), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_is_not_unpacked():
    zeros = packed(xl__sharedStrings_xml=b" " * 60_000_000)
    assert len(zeros) < 100_000
    reason, memory = measured(zeros)
    assert reason == "large" and memory < 5_000_000
    assert why(packed(**{f"xl__media__{n}_xml": b"" for n in range(300)})) == "large"


def test_a_bomb_that_lies_about_its_size_is_read_no_further_than_it_says():
    data = bytearray(packed(xl__sharedStrings_xml=b" " * 60_000_000))
    place = data.find(b"PK\x01\x02")
    while b"sharedStrings" not in data[place : place + 80]:
        place = data.find(b"PK\x01\x02", place + 4)
    data[place + 24 : place + 28] = struct.pack("<I", 1000)
    reason, memory = measured(bytes(data))
    assert reason == "other" and memory < 10_000_000


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
FROM_ELSEWHERE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("before", [ENTITIES, FROM_ELSEWHERE, b"<!--" + b" " * 70_000 + b"-->" + ENTITIES[21:]])
def test_entities_are_not_unfolded(before):
    assert why(packed(xl__worksheets__sheet1_xml=before + SHEET % b"")) == "other"
    assert why(packed(xl__sharedStrings_xml=before + b"<a>&c;</a>")) == "other"
    wide = (before + b"<a/>").decode().encode("utf-16")
    assert why(packed(xl__sharedStrings_xml=wide)) == "other"


def test_a_row_far_down_and_a_column_far_right_cost_nothing():
    far = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="%d"><c r="A1"><v>1</v></c></row>'
    assert why(packed(xl__worksheets__sheet1_xml=SHEET % (far % 99_999_999_999))) in ("header", "large")
    head = b'<row r="1"><c r="A1" t="inlineStr"><is><t>code</t></is></c><c r="B1" t="inlineStr"><is><t>phone</t></is></c></row>'
    data = packed(xl__worksheets__sheet1_xml=SHEET % (head + far[far.index(b"<row", 5) :] % 99_999_999_999))
    assert why(data) == "large"
    wide = SHEET % (head + b'<row r="2"><c r="A2"><v>1</v></c><c r="XFD2"><v>1</v></c></row>')
    assert len(told(packed(xl__worksheets__sheet1_xml=wide))[0]) == 2


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_get_a_sentence(data):
    try:
        read(data, STATIONS)
    except Unread as no:
        assert no.message % no.inside


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_spreadsheet_with_other_bytes_in_it_is_a_list_or_gets_a_sentence(changes):
    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place % len(data)] = byte
    try:
        read(bytes(data), STATIONS)
    except Unread as no:
        assert no.message % no.inside


WHOLE = book(["编号", "电话"], ["SF001", "110"])


def test_numbers_that_are_too_long_are_shown_as_what_they_are():
    assert _workbook.text_of(370812199001011234) == "3.70812E+17" and _workbook.text_of(1e300) == "1.00000E+300"


def test_the_empty_list_is_text_has_a_grey_line_and_can_be_sent_back():
    from models import blanks

    data = blanks.blank(["编号", "电话"], ["示例", "=1"], "可以填什么", {"编号": ["甲", "乙"]})
    found = load_workbook(io.BytesIO(data))
    first, second = found.worksheets
    assert first.column_dimensions["B"].number_format == "@" and first["A2"].font.color.rgb == "00808080"
    assert first["B2"].value == "'=1" and [cell.value for cell in second["A"]] == ["编号", "甲", "乙"]
    assert why(data) == "empty" and HEADER and sheets.TITLES
