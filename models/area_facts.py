"""What is told about towns, grids and units, from the texts of a list to clean facts, with a sentence for a mistake."""

import re
import unicodedata
from collections.abc import Callable

from models import station_facts
from models._record import N_
from models.areas import Grid, Town, Unit
from models.station_facts import Mistake, known, plain

CODE = N_("A code is made of at most %(most)s figures, letters and dashes.")
WHOLE = N_("A whole number from 0 to 9999, please, or nothing.")

UNIT_KINDS_CALLED = {
    "责任单位": "office", "主责单位": "office", "单位": "office", "office": "office", "responsible units": "office",
    "行业党委": "committee", "行业委员会": "committee", "党委": "committee", "committee": "committee",
    "industry committees": "committee", "协会": "association", "行业协会": "association", "商会": "association",
    "association": "association", "associations": "association", "镇街": "street", "街道": "street", "street": "street",
    "towns": "street",
}  # fmt: skip
"""What lists call the kinds of units."""

Facts = tuple[dict, dict[str, Mistake]]


def check_town(row: dict[str, str]) -> Facts:
    facts, wrong = _checked(row, {"code": _code(12), "name": _text(40), "name_en": _text(60), "sort": _number})
    place = {name: row.get(name, "") for name in ("position", "lat", "lng", "source")}
    there, mistakes = station_facts.check(place)
    facts |= {name: there[name] for name in ("lat", "lng") if name in there}
    return facts, wrong | {name: mistakes[name] for name in ("position", "source") if name in mistakes}


def check_grid(row: dict[str, str]) -> Facts:
    return _checked(row, {"code": _code(20), "name": _text(60), "name_en": _text(80), "town": _town(needed=True)})


def check_unit(row: dict[str, str]) -> Facts:
    read = {"code": _code(20), "name": _text(60), "name_en": _text(90), "kind": _unit_kind, "sort": _number}
    return _checked(row, read | {"town": _town(needed=False)})


def _checked(row: dict[str, str], fields: dict[str, Callable]) -> Facts:
    facts, wrong = {}, {}
    for field, read in fields.items():
        try:
            facts[field] = read(plain(row.get(field, "")), field)
        except station_facts.Wrong as no:
            wrong[field] = no.mistake
    return facts, wrong


def _code(most: int):
    def read(text: str, _field: str) -> str:
        code = unicodedata.normalize("NFKC", text)
        if not code:
            raise station_facts.Wrong("needed")
        if not re.fullmatch(rf"[0-9A-Za-z-]{{1,{most}}}", code):
            raise station_facts.Wrong("code", CODE, most=most)
        return code

    return read


def _text(most: int):
    def read(text: str, field: str) -> str:
        if not text and field == "name":
            raise station_facts.Wrong("needed")
        if len(text) > most:
            raise station_facts.Wrong("long", most=most)
        return text

    return read


def _town(needed: bool):
    def read(text: str, _field: str) -> str | None:
        if text and text.lower() not in known().town:
            raise station_facts.Wrong("choice", text=text)
        if needed and not text:
            raise station_facts.Wrong("needed")
        return known().town[text.lower()] if text else None

    return read


def _unit_kind(text: str, _field: str) -> str:
    if not text:
        raise station_facts.Wrong("needed")
    if text.lower() not in UNIT_KINDS_CALLED:
        raise station_facts.Wrong("choice", text=text)
    return UNIT_KINDS_CALLED[text.lower()]


def _number(text: str, _field: str) -> int:
    text = unicodedata.normalize("NFKC", text) or "0"
    if not re.fullmatch(r"\d{1,4}", text):
        raise station_facts.Wrong("number", WHOLE)
    return int(text)


COLUMNS = {
    Town: ("code", "name", "name_en", "lat", "lng", "sort"),
    Grid: ("code", "town", "name", "name_en"),
    Unit: ("code", "name", "name_en", "kind", "town", "sort"),
}


def facts_of(record) -> dict:
    """The facts of a town, a grid or a unit, as the checks give them."""
    return {column: record.__data__[column] for column in COLUMNS[type(record)]}


def typed(record) -> dict[str, str]:
    """The same as one would type it."""
    facts = facts_of(record)
    row = {column: "" if value is None else str(value) for column, value in facts.items()}
    if "lat" in facts:
        row |= {"lat": "", "lng": "", "position": f"{facts['lat']:.6f}, {facts['lng']:.6f}", "source": "gps"}
    return row
