"""Tables to take along: .xlsx and .csv with a title above, safe to open wherever they are opened."""

import csv as _csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | None
"""What a field can hold. None is blank, which is not nought."""

BEGINS = "=+-@\t\r\n＝＋－＠"
"""A text that begins so is taken for a formula somewhere (domain.md §2.18)."""

MOST_DIGITS = 11
"""Longer numbers are shown as 5.1E+17, and beyond 15 digits the rest is lost."""


def safe(value: Cell) -> Cell:
    """What may stand in a field: no formula, and long numbers as text."""
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if len(str(abs(value))) <= MOST_DIGITS else str(value)
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    begins = {text[:1], text.lstrip()[:1]} - {""}
    return "'" + text if begins & set(BEGINS) else text


def xlsx(title_rows: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet: the title's lines, the header in bold, the rows; what is text stays text when it is edited."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    for n, name in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(n)].width = max(12, 2 * len(name) + 2)
    sheet.freeze_panes = f"A{len(title_rows) + 2}"
    for line in title_rows:
        sheet.append([_cell(sheet, line)])
    sheet.append([_cell(sheet, name, bold=True) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet, value: Cell, bold: bool = False):
    cell = WriteOnlyCell(sheet, safe(value))
    if isinstance(cell.value, str):
        cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell


def csv(title_rows: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same as UTF-8 with a mark at its beginning, by which spreadsheets know it."""
    out = io.StringIO()
    write = _csv.writer(out, lineterminator="\r\n").writerow
    for line in title_rows:
        write([_plain(line)])
    write([_plain(name) for name in header])
    for row in rows:
        write([_plain(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _plain(value: Cell) -> str:
    """As above; a number that is text needs its mark here, since a .csv has no types."""
    told = safe(value)
    if told is None:
        return ""
    return "'" + told if isinstance(told, str) and told.isdigit() and len(told) > MOST_DIGITS else str(told)
