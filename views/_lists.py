"""What lists in and out share: files, columns and mistakes in words, and the empty list to fill in."""

from flask import Response, g
from flask_babel import gettext as _

from models import blanks
from models._trail import Trail
from models.areas import UNIT_KINDS, Unit, district
from models.comparing import WRONG
from models.exports import Say
from models.imports import ImportBatch, ImportRow
from models.lists import COLUMNS
from models.station_words import Mistake
from models.stations import ENTRIES, Brand, Kind, amenities
from models.takers import TAKERS
from views._answer import word
from views._figure_tables import KINDS as FILES
from views._station_past import Past
from views._station_past import told as told_of_trail
from views._words import mistake_words

SOURCES = ("GPS", "高德", "腾讯", "百度")
"""What a list calls the map that a position is from."""


def file(data: bytes, name: str, kind: str) -> Response:
    """A file to keep."""
    answer = Response(data, mimetype=FILES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def told(batch: ImportBatch, rows: list[ImportRow]) -> list[tuple[ImportRow, list[Past]]]:
    """Each row with what is wrong with it, or with what it changes, in words."""
    if rows and rows[0].state == WRONG:
        return [(row, [Past(about, after=why) for about, why in mistakes(batch.kind, row)]) for row in rows]
    notes = TAKERS[batch.kind].notes
    said = [told_of_trail([Trail(what=line) for line in notes(row.change())]) if row.after else [] for row in rows]
    return [(row, [_named(batch.kind, past) for past in some]) for row, some in zip(rows, said, strict=True)]


def _named(kind: str, past: Past) -> Past:
    words = {column.name: column.words for column in COLUMNS[kind]}
    return past._replace(about=_(words[past.about])) if past.about in words else past


def mistakes(kind: str, row: ImportRow) -> list[tuple[str, str]]:
    """(column, sentence) of each mistake."""
    words = {column.name: column.words for column in COLUMNS[kind]}
    return [(_(words[field]), mistake_words(Mistake(sentence, **inside))) for field, sentence, inside in row.mistakes]


def reasons(kind: str, row: ImportRow) -> str:
    return _("; ").join(about + _(": ") + why for about, why in mistakes(kind, row))


def blank(kind: str) -> bytes:
    """The empty list, with what may stand in each column where there is a choice."""
    columns = COLUMNS[kind]
    header = [_(column.words) for column in columns]
    names = {column.name: _(column.words) for column in columns}
    choices = {
        "kind": [_(words) for words in UNIT_KINDS.values()] if kind == "units" else list(map(word, Kind.select())),
        "brand": list(map(word, Brand.select())),
        "host": list(map(word, Unit.select().order_by(Unit.sort))),
        "town": list(map(word, district().towns)),
        "entry": [Say(g.prefs.lang == "en").entry(code) for code in ENTRIES],
        "yes": list(map(word, amenities())),
        "source": SOURCES,
    }
    allowed = {names[name]: words for name, words in choices.items() if name in names}
    return blanks.blank(header, [column.example for column in columns], _("What can be written"), allowed)
