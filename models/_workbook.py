"""An .xlsx as lines of text. It is looked over before it is opened: what it unpacks to, its parts, its entities."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator

from openpyxl import load_workbook

UNPACKED = 40_000_000
"""Bytes that all parts together may come to. The zip's own directory says so, and no part is read further than that."""

RATIO = 100
"""So many times as large as the file at most: tables come to a tenth or a thirtieth."""

PARTS = 200

LAST_ROW = 1_048_576

EXACT = 10**15
"""Up to here a spreadsheet's numbers are exact; of longer ones the end is lost."""


class NotATable(Exception):
    """Of which kind it is instead: other, old, locked."""


class TooLarge(Exception):
    pass


def is_zip(data: bytes) -> bool:
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def of_old_kind(data: bytes) -> str:
    """The container of before 2007: "old" for an .xls, "locked" for an .xlsx under a password, else ''."""
    if data[:8] != bytes.fromhex("d0cf11e0a1b11ae1"):
        return ""
    return "locked" if "EncryptedPackage".encode("utf-16-le") in data else "old"


def lines_of(data: bytes, columns: int) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of the filled rows of the first sheet, up to so many columns. Raises NotATable, TooLarge."""
    _look_over(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is often wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=columns), 1):
            if number > LAST_ROW:
                raise TooLarge
            if cells.count(None) < len(cells):  # a million empty rows are told in a few bytes
                yield number, [text_of(cell) for cell in cells]
    except (GeneratorExit, TooLarge, MemoryError):
        raise
    except Exception as wrong:  # whatever a damaged file makes of the library
        raise NotATable("other") from wrong


def _look_over(data: bytes):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            parts = book.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise NotATable("locked")
            if len(parts) > PARTS or sum(part.file_size for part in parts) > min(UNPACKED, RATIO * len(data)):
                raise TooLarge
            if "xl/workbook.xml" not in book.namelist():
                raise NotATable("other")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _has_no_entities(book, part)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, ValueError, NotImplementedError) as wrong:
        raise NotATable("other") from wrong
    except Exception as wrong:
        if isinstance(wrong, NotATable | TooLarge):
            raise
        raise NotATable("other") from wrong  # zlib's own, and the like


def _has_no_entities(book: zipfile.ZipFile, part: zipfile.ZipInfo):
    """A table declares none; what does wants to unpack, or to read, something else."""
    before = b""
    with book.open(part) as file:
        while some := file.read(1 << 16):
            whole = before + some
            if b"<!DOCTYPE" in whole or b"<!ENTITY" in whole or b"\0" in whole:  # in another encoding they would hide
                raise NotATable("other")
            before = whole[-16:]


def text_of(value) -> str:
    """What a cell shows, as text; of a number that was too long the short form in which its end is lost."""
    if value is None:
        return ""
    if isinstance(value, str):
        return re.sub("_x000D_", "", value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        if abs(value) >= EXACT:
            return f"{value:.5E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M}"
    return f"{value:%H:%M}" if isinstance(value, dt.time) else str(value)
