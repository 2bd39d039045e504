"""What is told about a station, from typed text to clean facts, with a sentence for each mistake.

The form of the staff and the imported list read stations alike. All text goes by the names of FIELDS; a list of codes
(`yes`, `no`, `units`) is written with spaces, and where a code is asked for, the name of the thing does too.
"""

import re
import unicodedata
from functools import lru_cache
from types import SimpleNamespace

from models import coordinates
from models.areas import Grid, Unit, district, until_changed
from models.hours_text import Unclear, parse
from models.people import phone_number
from models.station_words import CALLED, ENTRIES_CALLED, FIELDS, HEIGHT, LENGTH, NEEDED, SOURCES, TEXTS, WORDS, Mistake
from models.stations import ENTRIES, Brand, Kind, amenities

LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d\d))-?(\d{7,8})(?:-(\d{1,6}))?")
SERVICE = re.compile(r"[48]00\d{7}|[1-9]\d{2,5}")


def check(row: dict[str, str]) -> tuple[dict, dict[str, Mistake]]:
    """The clean facts of a typed row, and what is wrong with which field; a field that is not told is empty.

    The facts go by the columns of Station, codes for what they point to; besides `hours` (rules), `amenities`
    (code → is it there) and `units` (codes, sorted). Only where there is no mistake are they whole.
    """
    told = {name: plain(text.replace("\n", "; ") if name == "hours" else text) for name, text in row.items() if text}
    facts: dict = {}
    wrong: dict[str, Mistake] = {}

    def take(field, read, *more):
        try:
            facts.update(read(told, field, *more))
        except Wrong as no:
            wrong[field] = no.mistake

    take("code", _code)
    for field, most in TEXTS.items():
        take(field, _text, most)
    for field in ("kind", "brand", "host", "town"):
        take(field, _choice, getattr(known(), field))
    if "town" not in wrong:
        take("grid", _grid, facts["town"])
    take("entry", _choice, known().entry)
    take("units", _units)
    take("source", _source)
    if "source" not in wrong:
        take("position", position)
    take("phone", _phone)
    take("truck_length", _metres, LENGTH)
    take("truck_height", _metres, HEIGHT)
    take("yes", _amenities)
    take("hours", _hours)
    facts.pop("source", None)
    for field in NEEDED:
        if field not in wrong and not told.get(field) and not (field == "position" and told.get("lat")):
            wrong[field] = Mistake(WORDS["needed"], "needed")
    return facts, {field: wrong[field] for field in FIELDS if field in wrong}


def plain(text: str) -> str:
    """The text without what is not to be seen, and without double spaces."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


class Wrong(Exception):
    """A field that cannot be read."""

    def __init__(self, code: str, sentence: str = "", /, **inside):
        self.mistake = Mistake(sentence or WORDS[code], code, **inside)


# What each field can be.


def _text(told, field, most):
    text = told.get(field, "")
    if len(text) > most:
        raise Wrong("long", most=most)
    return {field: text}


def _code(told, field):
    code, prefix = _narrow(told.get(field, "")).upper(), district().station_prefix
    if code and not re.fullmatch(rf"{prefix}\d{{3,6}}", code):
        raise Wrong("code", prefix=prefix)
    return {field: code}


def _choice(told, field, there: dict):
    """The code of the thing that is called so; None for nothing."""
    text = told.get(field, "")
    if text and text.lower() not in there:
        raise Wrong("choice", text=text[:40])
    return {field: there[text.lower()] if text else "free" if field == "entry" else None}


def _grid(told, field, town):
    text = told.get(field, "")
    if not text:
        return {field: None}
    here = known().grids.get((town, text.lower()))
    if here is None:
        raise Wrong("town" if text in known().grid_codes else "choice", text=text[:40])
    return {field: here}


def _units(told, field):
    found = set()
    for text in listed(told.get(field, ""), known().host):
        found |= set(_choice({field: text}, field, known().host).values())
    return {field: tuple(sorted(found))}


def _amenities(told, field):
    facts: dict[str, bool] = {}
    for column, has in (("yes", True), ("no", False)):
        for text in listed(told.get(column, ""), known().amenity):
            (code,) = _choice({column: text}, column, known().amenity).values()
            if facts.setdefault(code, has) is not has:
                raise Wrong("both", text=text)
    return {"amenities": facts}


def listed(text: str, there: dict) -> list[str]:
    """The things of a list that is written with spaces or commas (names may have spaces where there are commas)."""
    parts = re.split("[,，、;；]", text)
    return [part.strip() for part in (parts if len(parts) > 1 or text.lower() in there else text.split()) if part]


def _phone(told, field):
    return {field: phone_text(told.get(field, ""))}


def phone_text(typed: str) -> str:
    """A number as it is kept: 13812345678, 0537-3412345-12, 4001234567. Raises Wrong."""
    text = _narrow(typed)
    if re.fullmatch(r"\d(\.\d+)?e\+?\d+", text.lower()):
        raise Wrong("sheet")
    if mobile := phone_number(text):
        return mobile
    digits = re.sub(r"[ ().]|^(\+|00)86-?", "", text)
    digits = "0" + digits if digits != text and re.match(r"[3-9]\d\d-?\d{7}", digits) else digits
    if found := LANDLINE.fullmatch(digits):
        return "-".join(part for part in found.groups() if part)
    if digits and not SERVICE.fullmatch(digits.replace("-", "")):
        raise Wrong("phone")
    return digits.replace("-", "")


def _metres(told, field, bounds):
    text = _narrow(told.get(field, "")).lower().removesuffix("米").removesuffix("m").strip()
    if not text:
        return {field: None}
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or not bounds[0] <= float(text) <= bounds[1]:
        raise Wrong("metres", least=f"{bounds[0]:g}", most=f"{bounds[1]:g}")
    return {field: float(text)}


def _source(told, field):
    text = _narrow(told.get(field, "")).lower()
    if not text:
        raise Wrong("source")
    if CALLED.get(text, text) not in SOURCES:
        raise Wrong("choice", text=text[:40])
    return {field: CALLED.get(text, text)}


def position(told, field):
    """The position in WGS-84, to a decimetre. Amap writes the longitude first, all others the latitude."""
    source = _source(told, "source")["source"]
    lat, lng = _two_numbers(told, source)
    if told.get("swap"):
        lat, lng = lng, lat
    box = district().box
    here = _in_wgs(lat, lng, source)
    if coordinates.within(*here, box) or (told.get("sure") and abs(lat) <= 90 and abs(lng) <= 180):
        return {"lat": here[0], "lng": here[1], "coord_src": source}
    if coordinates.within(*_in_wgs(lng, lat, source), box):
        raise Wrong("swapped", lat=f"{lng:g}", lng=f"{lat:g}")
    raise Wrong("outside", lat=f"{lat:g}", lng=f"{lng:g}")


def _two_numbers(told, source: str) -> tuple[float, float]:
    """Latitude and longitude, as this map writes them."""
    texts = [told.get("lat", ""), told.get("lng", "")]
    if told.get("position"):
        texts = re.findall(r"-?\d+(?:\.\d+)?", _narrow(told["position"]))
        texts = texts[::-1] if source == "amap_pick" else texts
    texts = [_narrow(text) for text in texts]
    if len(texts) != 2 or not all(re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", text) for text in texts):
        raise Wrong("position" if told.get("position") or any(texts) else "needed")
    return float(texts[0]), float(texts[1])


def _in_wgs(lat: float, lng: float, source: str) -> tuple[float, float]:
    lat, lng = coordinates.to_wgs(lat, lng, source)
    return round(lat, 6), round(lng, 6)


def _hours(told, field):
    try:
        return {field: _parsed(told.get(field, ""))}
    except Unclear as no:
        raise Wrong("hours", no.message, part=no.part) from None


_parsed = lru_cache(maxsize=500)(parse)


def _narrow(text: str) -> str:
    """Full-width figures and letters as narrow ones."""
    return unicodedata.normalize("NFKC", text).strip()


# What can be pointed to.


@until_changed
def known() -> SimpleNamespace:
    """Codes by what things are called (code, name, English name; lowered); `grids` by town and that."""

    def called(rows) -> dict[str, str]:
        rows = list(rows)
        return {text.lower(): code for code, *names in rows for text in (*names[::-1], code) if text}

    grids = list(Grid.select(Grid.town, Grid.code, Grid.name, Grid.name_en).tuples())
    return SimpleNamespace(
        kind=called(Kind.select(Kind.code, Kind.name, Kind.name_en).tuples()),
        brand=called(Brand.select(Brand.code, Brand.name, Brand.name_en).tuples()),
        host=called(Unit.select(Unit.code, Unit.name, Unit.name_en).tuples()),
        town=called((town.code, town.name, town.name_en) for town in district().towns),
        amenity=called((one.code, one.name, one.name_en) for one in amenities()),
        entry={code: code for code in ENTRIES}
        | ENTRIES_CALLED
        | {said.lower(): code for code, said in ENTRIES.items()},
        grids={(town, text.lower()): code for town, code, *names in grids for text in (*names[::-1], code) if text},
        grid_codes={code for _, code, *_ in grids},
    )
