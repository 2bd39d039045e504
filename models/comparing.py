"""A list beside what the district has: each row is new, changed, the same, or has mistakes; nothing is written here."""

import json
import re
import unicodedata
from collections.abc import Iterable

from peewee import chunked

from models._record import N_
from models.hours import Rule
from models.sheets import Sheet
from models.station_rows import differences
from models.station_words import WORDS, Mistake
from models.stations import CENTRE, Station
from models.takers import PIECE, TAKERS, There

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"

TWICE = N_("Row %(row)s is about the same one. Please keep one of the two.")
CUT = N_("A spreadsheet keeps 15 figures of a number: the end is lost. Make the column “text” and type it again.")
DOUBLE = N_("There is one with this name and address: %(code)s. Please write its code, or another name.")
CENTRES = N_("There is one centre, and it stands here already.")

SHORTENED = re.compile(r"[+-]?\d(\.\d+)?E\+?\d+", re.IGNORECASE)


def compare(kind: str, sheet: Sheet) -> list[dict]:
    """The rows of a batch: number, state, code, cells, before, after, wrong. A few queries for each 500 of them."""
    taker = TAKERS[kind]
    told = [(number, cells, sheet.told(cells)) for number, cells in sheet.lines]
    for *_, row in told:
        if "code" in row:
            row["code"] = _code(kind, row["code"])
    there = taker.there(list({row.get("code", "") for *_, row in told} - {""}))
    doubles = Doubles(row for *_, row in told) if kind == "stations" else None
    seen: dict[str, int] = {}
    found = []
    for number, cells, row in told:
        code = row.get("code", "")
        before = there.get(code)
        facts, wrong = taker.check(_whole(row, before))
        wrong |= _spoilt(row)
        if code and (first := seen.setdefault(code, number)) != number:
            wrong["code"] = Mistake(TWICE, "twice", row=first)
        if doubles:
            wrong |= doubles.of(number, before, facts)
        found.append({"number": number, "cells": json_of(cells), **_compared(code, before, facts, wrong)})
    return found


def _compared(code: str, before: There | None, facts: dict, wrong: dict[str, Mistake]) -> dict:
    if wrong:
        said = json_of([[field, str(no), no.inside] for field, no in wrong.items()])
        return {"state": WRONG, "code": code[:20], "before": None, "after": None, "wrong": said}
    if before is None:
        return {"state": NEW, "code": code, "before": None, "after": frozen(facts), "wrong": "[]"}
    now, after = frozen(before.facts), frozen(before.facts | differences(before.facts, facts))
    return {"state": SAME if after == now else CHANGED, "code": code, "before": now, "after": after, "wrong": "[]"}


def _code(kind: str, text: str) -> str:
    """As it is kept; the codes of stations are written in capitals."""
    code = unicodedata.normalize("NFKC", text).strip()
    return code.upper() if kind == "stations" else code


def _whole(row: dict[str, str], before: There | None) -> dict[str, str]:
    """The row with what the list has no column for, as it is now. A position comes with its map, or neither."""
    if before is None:
        return row
    places = {"position", "lat", "lng"}
    if not places & set(row):
        return before.typed | {name: text for name, text in row.items() if name != "source"}
    return {name: text for name, text in before.typed.items() if name not in {*places, "source"}} | row


class Doubles:
    """Stations that are in a list twice, or in the list and in the district: of the same name at the same address."""

    def __init__(self, rows: Iterable[dict[str, str]]):
        self.there: dict[tuple, str] = {}
        for some in chunked({row.get("name", "") for row in rows}, PIECE):
            same = Station.select(Station.name, Station.address, Station.code).where(Station.name.in_(some))
            self.there |= {(name, address): code for name, address, code in same.tuples()}
        self.seen: dict[tuple, int] = {}
        self.centre = Station.select().where(Station.kind == CENTRE).exists()

    def of(self, number: int, before: There | None, facts: dict) -> dict[str, Mistake]:
        wrong: dict[str, Mistake] = {}
        key = facts.get("name"), facts.get("address")
        if before is None and all(key):
            if key in self.there:
                wrong["name"] = Mistake(DOUBLE, "double", code=self.there[key])
            elif (first := self.seen.setdefault(key, number)) != number:
                wrong["name"] = Mistake(TWICE, "twice", row=first)
        if facts.get("kind") == CENTRE and (before is None or before.facts["kind"] != CENTRE):
            if self.centre:
                wrong["kind"] = Mistake(CENTRES, "centre")
            self.centre = True
        return wrong


def _spoilt(row: dict[str, str]) -> dict[str, Mistake]:
    """What a spreadsheet has made of long numbers."""
    wrong = {name: Mistake(WORDS["sheet"], "sheet") for name, text in row.items() if SHORTENED.fullmatch(text)}
    for name in ("code", "town", "grid"):
        text = row.get(name, "")
        if len(text) > 15 and text.isascii() and text.isdigit() and not text[15:].strip("0"):
            wrong[name] = Mistake(CUT, "cut")
    return wrong


# Facts as they are kept in a batch.


def json_of(what) -> str:
    return json.dumps(what, ensure_ascii=False)


def frozen(facts: dict) -> str:
    """Facts as one text: the same for the same facts."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


def thawed(text: str | None) -> dict:
    facts = json.loads(text) if text else {}
    if "hours" in facts:
        facts |= {"hours": tuple(Rule(*rule) for rule in facts["hours"]), "units": tuple(facts["units"])}
    return facts
