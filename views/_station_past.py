"""The lines of the trail about a station, in words that a person reads."""

import datetime as dt
import re
from typing import NamedTuple

from models import days, faults
from models._record import N_
from models._trail import Trail
from models.areas import Grid, district
from models.station_words import NAMES
from models.stations import ENTRIES, Kind, amenities, brands
from views._answer import day_words, month_words, word
from views._hours import hours_words
from views._layout import times_in_words
from views._words import _

FACT = re.compile(r"fact (\w+): (.*) → (.*)")
HAS = re.compile(r"has (\w+): (yes|no|\?) → (yes|no|\?)")
WEEK = re.compile(r"hours (.*) → (.*)")
SOME_DAYS = re.compile(r"hours (\d{4}-\d\d-\d\d) - (\d{4}-\d\d-\d\d): (?:as usual|(.*?), ((?!\d).*))")
OTHERS = re.compile(r"(created|closed|broken|works|supply|day \d{4}-\d\d-\d\d|inspection \d+)(?:: | )(.*)")

HOURS = NAMES["hours"]

THERE = {"yes": N_("is there"), "no": N_("is not there"), "?": N_("not known")}

SUPPLY = {
    "low": N_("asked for"),
    "coming": N_("promised"),
    "declined": N_("not yet"),
    "enough": N_("enough there"),
    "off the list": N_("off the list"),
}


class Past(NamedTuple):
    """What happened: about what, and from what to what ('' where it says all)."""

    about: str
    before: str = ""
    after: str = ""


def told(lines: list[Trail]) -> list[Past]:
    """Each line in words."""
    facts = [FACT.fullmatch(line.what) for line in lines]
    codes = {code for found in facts if found and found[1] == "grid" for code in found.groups()[1:]}
    grids = {grid.code: word(grid) for grid in Grid.select().where(Grid.code.in_(codes))} if codes else {}
    return [_past(line.what, grids) for line in lines]


def value_words(field: str, text: str, grids: dict[str, str] | None = None) -> str:
    """A value of a field of the form, or of the trail, as a person reads it."""
    if text in ("", "?"):
        return _("not filled in")
    if field in ("units", "yes", "no"):
        return _(", ").join(_name(field, code) for code in text.split())
    if field == "hours":
        return hours_words(text)
    return (grids or {}).get(text) or _name(field, text)


def _past(what: str, grids: dict[str, str]) -> Past:
    if found := FACT.fullmatch(what):
        field, *ends = found.groups()
        return Past(_(NAMES.get(field, field)), *(value_words(field, end, grids) for end in ends))
    if found := HAS.fullmatch(what):
        return Past(_name("yes", found[1]), _(THERE[found[2]]), _(THERE[found[3]]))
    if found := SOME_DAYS.fullmatch(what):
        return _changed_days(*found.groups())
    if found := WEEK.fullmatch(what):
        return Past(_(HOURS), *(value_words("hours", end) for end in found.groups()))
    if what == "opened again":
        return Past(_("Opened again"))
    if what.startswith("poster "):
        return Past(_("A new printed code"), after=what.removeprefix("poster "))
    found = OTHERS.fullmatch(what)
    return _other(*found.groups()) if found else Past(what)


def _other(what: str, rest: str) -> Past:
    kind, _space, when = what.partition(" ")
    if kind == "created":
        return Past(_("Created"), after=rest)
    if kind == "closed":
        return Past(_("Closed"), after=rest)
    if kind == "broken":
        return Past(_name("fault", rest), after=_("does not work"))
    if kind == "works":
        return Past(_name("fault", rest), after=_("works again"))
    if kind == "day":
        usual = rest == days.OPEN
        return Past(day_words(dt.date.fromisoformat(when)), after=_("open as usual") if usual else _("different"))
    if kind == "inspection":
        return Past(_("The monthly look"), after=f"{month_words(int(when))}{_(': ')}{rest}")
    name, _colon, state = rest.rpartition(": ")
    return Past(_("Supplies") + _(": ") + name, after=_(SUPPLY.get(state, state)))


def _changed_days(first: str, last: str, times: str | None, why: str | None) -> Past:
    ends = [day_words(dt.date.fromisoformat(day)) for day in dict.fromkeys((first, last))]
    about = _("Hours of %(days)s", days="–".join(ends))
    return Past(about, after=f"{times_in_words(times)}{_(', ')}{why}" if times else _("as usual again"))


def _name(field: str, code: str) -> str:
    """What a code stands for; the text itself where it stands for nothing."""
    if field == "entry":
        return _(ENTRIES.get(code, code))
    if field == "fault" and code in faults.BESIDES:
        return _(faults.BESIDES[code])
    return _names(field).get(code, code)


def _names(field: str) -> dict[str, str]:
    if field == "town":
        return {code: word(town) for code, town in district().town.items()}
    if field in ("host", "units"):
        return {code: word(unit) for code, unit in district().unit.items()}
    things = {"kind": Kind.select, "brand": brands, "yes": amenities, "no": amenities, "fault": amenities}.get(field)
    return {thing.code: word(thing) for thing in things()} if things else {}
