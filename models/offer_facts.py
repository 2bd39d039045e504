"""What somebody tells of an offer: from typed text to clean facts, with a sentence for each mistake."""

import datetime as dt
import re
import unicodedata

from models._record import N_, number_of
from models.hours_text import Unclear, parse_times, times_words
from models.offers import FREE, KINDS, MINUS, PERCENT, SET
from models.station_facts import Wrong, plain
from models.station_words import Mistake

FIELDS = ("kind", "value", "what", "what_en", "least", "times", "daily", "alone", "service_day", "first_on", "last_on")

TEXTS = {"what": 60, "what_en": 90}

WORDS = {
    "kind": N_("Please choose what kind of offer it is."),
    "percent": N_("Please write what is still paid, in tenths: 8.8 means 88 of 100. From 1 to 9.9."),
    "yuan": N_("Please write an amount in yuan, like 5 or 12.50; at most 9,999.99."),
    "what": N_("Please write what it is, like: driver's meal."),
    "least": N_("More is taken off than has to be spent. Please look at both amounts."),
    "daily": N_("A whole number from 1 to 9,999, please, or nothing."),
    "day": N_("Please write the day like 2024-12-31, or nothing."),
    "past": N_("This day has passed. Please choose a later one."),
    "backwards": N_("It ends before it begins. Please look at the two days."),
    "whole": N_("Times of the day only, please, like 11:00-14:00, or nothing."),
}


def check(row: dict[str, str], today: dt.date) -> tuple[dict, dict[str, Mistake]]:
    """The facts by the columns of Offer, and what is wrong with which field."""
    told = {name: plain(unicodedata.normalize("NFKC", row.get(name, ""))) for name in FIELDS}
    facts: dict = {name: bool(told[name]) for name in ("alone", "service_day")}
    wrong: dict[str, Mistake] = {}
    for field, read in READ.items():
        try:
            facts[field] = read(told, field)
        except Wrong as no:
            wrong[field] = no.mistake
        except Unclear as no:
            wrong[field] = Mistake(no.message, no.code, part=no.part)
    facts["first_on"] = facts.get("first_on") or number_of(today)
    if not wrong:
        wrong = _together(facts, number_of(today))
    return facts, {field: wrong[field] for field in FIELDS if field in wrong}


def _together(facts: dict, today: int) -> dict[str, Mistake]:
    """What does not go together."""
    if facts["first_on"] < today:
        return {"first_on": _mistake("past")}
    if facts["last_on"] and facts["last_on"] < today:
        return {"last_on": _mistake("past")}
    if facts["last_on"] and facts["last_on"] < facts["first_on"]:
        return {"last_on": _mistake("backwards")}
    if facts["kind"] == MINUS and 0 < facts["least"] < facts["value"]:
        return {"least": _mistake("least")}
    return {}


def _mistake(code: str) -> Mistake:
    return Mistake(WORDS[code], code)


def _wrong(code: str) -> Wrong:
    return Wrong(code, WORDS[code])


def _kind(told, field):
    if told[field] not in KINDS:
        raise _wrong("kind")
    return told[field]


def _value(told, field):
    kind = told["kind"]
    if kind in (MINUS, SET):
        if not (fen := _fen(told[field])):
            raise _wrong("yuan")
        return fen
    return _thousandths(told[field]) if kind == PERCENT else 0


def _thousandths(text: str) -> int:
    """8.8, 8.8 折, 88 and 88 % are 880. Of two figures below 50 nobody knows whether 15 % are paid or taken off."""
    found = re.fullmatch(r"(\d{1,2}(?:\.\d{1,2})?) ?[折%]?", text)
    number = float(found[1]) if found else 0
    paid = round(number * (100 if number < 10 else 10))
    if not 100 <= paid <= 990 or 10 <= number < 50:
        raise _wrong("percent")
    return paid


def _fen(text: str) -> int:
    """Yuan as typed, in fen; 0 for what is no amount."""
    found = re.fullmatch(r"¥? ?(\d{1,4})(?:\.(\d{1,2}))? ?(yuan|[元块]|)", text.lower())
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 0


def _least(told, field):
    if told[field] in ("", "0"):
        return 0
    if not (fen := _fen(told[field])):
        raise _wrong("yuan")
    return fen


def _what(told, field):
    if len(told[field]) > TEXTS[field]:
        raise Wrong("long", most=TEXTS[field])
    if field == "what" and not told[field] and told["kind"] in (SET, FREE):
        raise _wrong("what")
    return told[field]


def _times(told, field):
    if not told[field]:
        return ""
    times = parse_times(told[field])
    written = times_words(times)
    if not times or len(written) > 100:
        raise _wrong("whole")
    return written


def _daily(told, field):
    if not told[field]:
        return None
    if not re.fullmatch(r"[1-9]\d{0,3}", told[field]):
        raise _wrong("daily")
    return int(told[field])


def _day(told, field):
    """yyyymmdd, None for nothing."""
    if not told[field]:
        return None
    found = re.fullmatch(r"(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})", told[field])
    try:
        return number_of(dt.date(*map(int, found.groups()))) if found else _no_day()
    except ValueError:
        _no_day()


def _no_day():
    raise _wrong("day")


READ = {
    **{"kind": _kind, "value": _value, "what": _what, "what_en": _what, "least": _least},
    **{"times": _times, "daily": _daily, "first_on": _day, "last_on": _day},
}
