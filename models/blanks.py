"""The empty list to fill in: columns that stay text, a grey line as an example, and a sheet of what can be written."""

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from models.tables import safe

GREY = "808080"


def blank(header: Sequence[str], example: Sequence[str], title: str, allowed: Mapping[str, Sequence[str]]) -> bytes:
    """An .xlsx: the list with its header and an example, and a sheet `title` of what may stand in its columns."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    for n, name in enumerate(header, 1):
        column = sheet.column_dimensions[get_column_letter(n)]
        column.width, column.number_format = max(14, 2 * len(name) + 2), "@"
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, Font(bold=True)) for name in header])
    sheet.append([_cell(sheet, text, Font(color=GREY)) for text in example])
    other = book.create_sheet(title)
    other.append([_cell(other, name, Font(bold=True)) for name in allowed])
    longest = max(map(len, allowed.values()), default=0)
    for n in range(longest):
        other.append([_cell(other, words[n] if n < len(words) else "") for words in allowed.values()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet, text: str, font: Font | None = None):
    cell = WriteOnlyCell(sheet, safe(text))
    cell.number_format = "@"
    if font:
        cell.font = font
    return cell
