"""Tables to take along: whatever stands in them, no spreadsheet takes it for a formula or loses a digit."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from models import tables

pytestmark = pytest.mark.no_database

EVIL = ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=cmd|' /C calc'!A0", "\n=1"]


def opened(data):
    return list(load_workbook(io.BytesIO(data)).active.iter_rows())


@pytest.mark.parametrize("text", EVIL)
def test_a_formula_is_text(text):
    for where in ("title", "header", "row"):
        given = {"title": ["t"], "header": ["h"], "row": ["r"]} | {where: [text]}
        cells = [cell for row in opened(tables.xlsx(given["title"], given["header"], [given["row"]])) for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        assert any(cell.value == "'" + text.replace("\r", "\n") or cell.value == "'" + text for cell in cells)
        assert "'" + text in tables.csv(given["title"], given["header"], [given["row"]]).decode("utf-8-sig")


def test_numbers_are_numbers_and_long_ones_are_text():
    data = tables.xlsx(["t"], ["a", "b", "c", "d", "e"], [[12, -3, 370812199001011234, "13800000001", None]])
    cells = opened(data)[2]
    assert [cell.value for cell in cells] == [12, -3, "370812199001011234", "13800000001", None]
    assert cells[2].number_format == cells[3].number_format == "@"
    told = tables.csv(["t"], ["a", "b", "c", "d"], [[12, -3, 370812199001011234, None]]).decode("utf-8-sig")
    assert told.splitlines()[2] == "12,-3,'370812199001011234,"


def test_blank_is_not_nought():
    assert [c.value for c in opened(tables.xlsx([], ["a", "b"], [[None, 0]]))[1]] == [None, 0]
    assert tables.csv([], ["a", "b"], [[None, 0]]).decode("utf-8-sig") == "a,b\r\n,0\r\n"


def test_an_empty_text_stays_empty():
    assert [tables.safe(text) for text in ("", " ")] == ["", " "]


def test_title_header_and_rows_stand_in_their_order():
    rows = opened(tables.xlsx(["标题", "单位：人次"], ["月份", "人次"], [["2024年9月", 9]]))
    assert [[c.value for c in row if c.value is not None] for row in rows] == [
        ["标题"], ["单位：人次"], ["月份", "人次"], ["2024年9月", 9],
    ]  # fmt: skip
    assert rows[2][0].font.bold and not rows[3][0].font.bold


def test_csv_begins_with_the_mark_that_spreadsheets_know():
    assert tables.csv(["兖"], ["州"], []).startswith(b"\xef\xbb\xbf")


@given(st.text(max_size=40))
def test_any_text_can_be_opened_again_and_is_no_formula(text):
    (row,) = opened(tables.xlsx([], [text], []))
    assert row[0].data_type != "f"
    tables.csv([], [text], [])
