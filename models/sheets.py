"""A list as somebody sends it, .csv or .xlsx or pasted from a spreadsheet: as rows of text, whatever stands above them.

The header is the first line that names half of the columns that must be there, or the code and another one, by any of
their names. What comes is not trusted: a small file that unpacks to a large one, entities, and what only looks like a
table get a sentence.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from models._record import N_, Refused
from models._workbook import NotATable, TooLarge, is_zip, lines_of, of_old_kind
from models.tables import BEGINS, MOST_DIGITS

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CHARACTERS = 2_000
"""Of a file, of what stands in it, and of one cell."""

TITLES = 20
"""So many lines may stand above the header."""

EXAMPLES = ("示例", "example")
"""A line whose first cell begins so is the template's own."""

TRIMMED = " \t\r\n\v\f\u00a0\u3000\u200b\ufeff"

Line = tuple[int, list[str]]
"""A line's number as its sender sees it, and its cells."""


class Unread(Refused):
    """A file that cannot be taken in; `inside` is what stands in the sentence."""

    def __init__(self, code: str, **inside):
        super().__init__(f"sheet-{code}", WHY[code])
        self.inside = inside


WHY = {
    "empty": N_("There is nothing in this file."),
    "bytes": N_("This file is larger than 5 MB. Please send it in parts."),
    "large": N_("This file unpacks to far more than a list needs. Please save it anew, with the list alone."),
    "rows": N_("More than %(most)s rows are too many at once. Please send them in parts."),
    "columns": N_("More than %(most)s columns are too many. Please take out those that are not needed."),
    "long": N_("In row %(row)s there is a text of more than %(most)s characters. Please shorten it."),
    "old": N_("This is an .xls of the old kind. Open it, and save it as .xlsx."),
    "locked": N_("This file is protected with a password. Take the password off, and save it again."),
    "other": N_("This is no table that we can read. Please save it as .xlsx or .csv."),
    "header": N_("We do not find the row with the names of the columns. Please name them as the template does."),
    "twice": N_("Two columns mean the same: %(columns)s. Please take one out."),
}


class Known(NamedTuple):
    """What a list's columns are called: our name by the key of theirs (`keys_of`); and which must be there."""

    names: Mapping[str, str]
    needed: frozenset[str]


class Sheet(NamedTuple):
    """A list: the header as it was written, our column at each place of it that we know, and the lines below."""

    header: list[str]
    columns: dict[int, str]
    lines: list[Line]

    def told(self, cells: list[str]) -> dict[str, str]:
        """A line's cells by our names."""
        return {name: cells[place] for place, name in self.columns.items()}


def keys_of(heading: str) -> tuple[str, str]:
    """How a heading is looked up: whole, and without what stands in brackets (手机号* and 手机号（必填）)."""
    plain = unicodedata.normalize("NFKC", heading).lower()
    return re.sub(r"[\W_]", "", plain), re.sub(r"\(.*?\)|[\W_]", "", plain)


def read(data: bytes, known: Known) -> Sheet:
    """The list in these bytes. Raises Unread."""
    if not data.strip():
        raise Unread("empty")
    if len(data) > MOST_BYTES:
        raise Unread("bytes")
    if kind := of_old_kind(data):
        raise Unread(kind)
    if is_zip(data):
        return _sheet(_of_book(data), known)
    text = _decoded(data)
    best = max(",;\t", key=lambda sign: max(map(len, map(_columns_of(known), _first_of(text, sign))), default=0))
    return _sheet(_of_text(text, best), known)


def _of_book(data: bytes) -> Iterator[Line]:
    try:
        for number, cells in lines_of(data, MOST_COLUMNS + 1):
            yield number, [_trimmed(cell) for cell in cells]
    except NotATable as no:
        raise Unread(no.args[0]) from no
    except TooLarge as no:
        raise Unread("large") from no


def _decoded(data: bytes) -> str:
    """Text as spreadsheets write it. Raises Unread for what is none."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise Unread("other")


def _of_text(text: str, sign: str) -> Iterator[Line]:
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=sign), 1):
            yield number, [_trimmed(cell) for cell in cells]
    except csv.Error as no:
        raise Unread("other") from no


def _first_of(text: str, sign: str) -> Iterable[list[str]]:
    return [cells for number, cells in zip(range(TITLES), (line[1] for line in _of_text(text, sign)), strict=False)]


def _trimmed(cell: str) -> str:
    """Without spaces around it, and without the mark that our own tables set before what looks like a formula."""
    cell = cell.strip(TRIMMED)
    marked = cell[:1] == "'" and (cell[1:2] in BEGINS or (cell[1:].isdigit() and len(cell) > MOST_DIGITS))
    return cell[1:] if marked and len(cell) > 1 else cell


def _columns_of(known: Known) -> Callable[[list[str]], dict[int, str]]:
    """{place: our name} of a line, were it the header."""

    def columns(cells: list[str]) -> dict[int, str]:
        named = {place: [known.names.get(key) for key in keys_of(cell)] for place, cell in enumerate(cells) if cell}
        return {place: whole or short for place, (whole, short) in named.items() if whole or short}

    return columns


def _sheet(lines: Iterator[Line], known: Known) -> Sheet:
    header, columns = _header(lines, known)
    found: list[Line] = []
    for number, cells in lines:
        if not any(cells) or _first(cells).lower().startswith(EXAMPLES):
            continue
        if len(found) == MOST_ROWS:
            raise Unread("rows", most=MOST_ROWS)
        if any(cells[MOST_COLUMNS:]):
            raise Unread("columns", most=MOST_COLUMNS)
        if max(map(len, cells)) > MOST_CHARACTERS:
            raise Unread("long", row=number, most=MOST_CHARACTERS)
        width = len(header)
        found.append((number, (cells + [""] * width)[:width]))
    if not found:
        raise Unread("empty")
    return Sheet(header, columns, found)


def _header(lines: Iterator[Line], known: Known) -> tuple[list[str], dict[int, str]]:
    columns_of, filled = _columns_of(known), 0
    for _number, cells in lines:
        columns = columns_of(cells)
        names = set(columns.values())
        if 2 * len(known.needed & names) >= len(known.needed) or ("code" in names and len(names) > 1):
            if any(cells[MOST_COLUMNS:]):
                raise Unread("columns", most=MOST_COLUMNS)
            all_names = list(columns.values())
            if twice := [cells[place] for place, name in columns.items() if all_names.count(name) > 1]:
                raise Unread("twice", columns="、".join(twice))
            while cells and not cells[-1]:
                cells = cells[:-1]
            return cells, columns
        filled += any(cells)
        if filled > TITLES:
            break
    raise Unread("header")


def _first(cells: list[str]) -> str:
    return next(filter(None, cells), "")
