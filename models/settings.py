"""The settings of a district: what there is, what each must be, and what it is when nobody said.

Pure: what is kept where says models/areas.py. A setting goes by its name, one inside another by both: `night.to_hour`.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from models._record import N_
from models.values import Code, Day, Filters, Kind, Malformed, Months, Number, Whole, Words, Zone


class Fact(NamedTuple):
    """A setting: its name, kind, default (None: the folder must say it), and words; `fixed`: from the folder alone,
    because what is kept already depends on it."""

    name: str
    kind: Kind
    default: Any
    words: str
    fixed: bool = False


HOUR, LAT, LNG, SENTENCE = Whole(0, 23), Number(-90, 90), Number(-180, 180), Words(60)

FACTS = (
    Fact("code", Code(r"[0-9]{6}"), None, N_("Code of the district"), fixed=True),
    Fact("name", Words(40), None, N_("Name of the district")),
    Fact("name_en", Words(60), None, N_("Name in English")),
    Fact("title", Words(60), None, N_("Title of the first page")),
    Fact("title_en", Words(90), None, N_("Title in English")),
    Fact("brand", Words(40, 0), "", N_("The district's own brand")),
    Fact("brand_en", Words(60, 0), "", N_("Brand in English")),
    Fact("zone", Zone(), "Asia/Shanghai", N_("Time zone"), fixed=True),
    Fact("station_prefix", Code(r"[A-Z]{1,6}"), None, N_("Station codes begin with"), fixed=True),
    Fact("merchant_prefix", Code(r"[A-Z]{1,6}"), "M", N_("Merchant codes begin with"), fixed=True),
    Fact("service_day", Whole(1, 28), 5, N_("Service day of the month")),
    Fact("filters", Filters(), [], N_("What stations can be narrowed to"), fixed=True),
    Fact("busy_day", Whole(1, 100_000), 200, N_("More visits at a station in a day are asked about")),
    Fact("card.months", Whole(1, 60), 12, N_("A card is valid for so many months")),
    Fact("card.print_months", Whole(1, 60), 6, N_("A printed card is valid for so many months")),
    Fact("card.gap_seconds", Whole(0, 3600), 60, N_("Seconds between two uses of a card")),
    Fact("card.shop_minutes", Whole(0, 1440), 30, N_("Minutes between two uses of a card at one merchant")),
    Fact("card.daily", Whole(1, 100), 8, N_("Uses of a card a day")),
    Fact("card.first_day", Whole(1, 100), 2, N_("Uses in the first 24 hours on a new phone")),
    Fact("card.print_daily", Whole(1, 100), 2, N_("Uses of a printed card a day")),
    Fact("card.speed", Whole(1, 1000), 60, N_("Two uses further apart than this many km/h are looked at")),
    Fact("base_visits.n", Whole(0, 999_999_999), 0, N_("Visits before the start")),
    Fact("base_visits.as_of", Day(), "", N_("Counted until")),
    Fact("base_visits.note", Words(200, 0), "", N_("Where that number is from")),
    Fact("centre.lat", LAT, None, N_("Latitude of the middle")),
    Fact("centre.lng", LNG, None, N_("Longitude of the middle")),
    Fact("box.south", LAT, None, N_("Southern edge")),
    Fact("box.north", LAT, None, N_("Northern edge")),
    Fact("box.west", LNG, None, N_("Western edge")),
    Fact("box.east", LNG, None, N_("Eastern edge")),
    Fact("seasons.cold_months", Months(), [12, 1, 2], N_("Cold months")),
    Fact("seasons.hot_months", Months(), [6, 7, 8], N_("Hot months")),
    Fact("night.from_hour", HOUR, 20, N_("Night begins at hour")),
    Fact("night.to_hour", HOUR, 6, N_("Night ends before hour")),
    Fact("greetings.cold", SENTENCE, "天冷路滑，慢点骑", N_("Greeting in cold months")),
    Fact("greetings.cold_en", SENTENCE, "Cold and slippery out there. Ride slowly", N_("the same in English")),
    Fact("greetings.night", SENTENCE, "夜里路暗，慢着点走", N_("Greeting at night")),
    Fact("greetings.night_en", SENTENCE, "The roads are dark. Take it slowly", N_("the same in English")),
    Fact("greetings.hot", SENTENCE, "太热了，先喝口水", N_("Greeting in hot months")),
    Fact("greetings.hot_en", SENTENCE, "It's hot. Have some water first", N_("the same in English")),
    Fact("greetings.ordinary", SENTENCE, "辛苦了，歇会儿吧", N_("Greeting otherwise")),
    Fact("greetings.ordinary_en", SENTENCE, "You've worked hard. Come and rest a while", N_("the same in English")),
)

BY_NAME = {fact.name: fact for fact in FACTS}


class Rule(NamedTuple):
    """What settings must be to each other; what breaks it is said beside `name`."""

    name: str
    holds: Callable[[dict], bool]
    sentence: str


RULES = (
    Rule("box.north", lambda s: s["box.south"] < s["box.north"], N_("North must lie north of south.")),
    Rule("box.east", lambda s: s["box.west"] < s["box.east"], N_("East must lie east of west.")),
    Rule(
        "centre.lat",
        lambda s: s["box.south"] < s["centre.lat"] < s["box.north"] and s["box.west"] < s["centre.lng"] < s["box.east"],
        N_("The middle must lie inside the edges."),
    ),
    Rule(
        "seasons.hot_months",
        lambda s: not set(s["seasons.cold_months"]) & set(s["seasons.hot_months"]),
        N_("A month is cold or hot, not both."),
    ),
    Rule("night.to_hour", lambda s: s["night.to_hour"] < s["night.from_hour"], N_("The night goes over midnight.")),
    Rule(
        "base_visits.as_of",
        lambda s: bool(s["base_visits.as_of"]) == bool(s["base_visits.n"]),
        N_("A number of visits and the day go together."),
    ),
)


def check(told: dict) -> dict:
    """All settings by name, of what a folder's settings file says; what it leaves out is as nobody said.

    Raises Malformed for one that there is not, that cannot be, or that is missing.
    """
    given = flat(told)
    for name, value in given.items():
        if name not in BY_NAME:
            raise Malformed(name, N_("There is no such setting."))
        if not BY_NAME[name].kind.fits(value):
            raise Malformed(name, BY_NAME[name].kind.sentence, **BY_NAME[name].kind.inside)
    for fact in FACTS:
        if fact.default is None and fact.name not in given:
            raise Malformed(fact.name, N_("This setting is missing."))
    for name, sentence in broken(all_of(told)).items():
        raise Malformed(name, sentence)
    return all_of(told)


def all_of(kept: dict) -> dict:
    """All settings by name, of what is kept; what nobody said has its default (None where there can be none)."""
    given = flat(kept)
    return {fact.name: given.get(fact.name, fact.default) for fact in FACTS}


def broken(whole: dict) -> dict[str, str]:
    """Which settings do not go together, each with its sentence."""
    return {rule.name: rule.sentence for rule in RULES if not rule.holds(whole)}


def complete(kept: dict) -> dict:
    """The settings as the program uses them, of what is kept: nested, with defaults, its zone a zone.

    There is no `base_visits` (None) where nothing was counted before the start.
    """
    found = nested(all_of(kept))
    found["zone"] = ZoneInfo(found["zone"])
    found["base_visits"] = found["base_visits"] if found["base_visits"]["n"] else None
    return found


def flat(told: dict) -> dict[str, Any]:
    """By name: {"night": {"to_hour": 6}} is {"night.to_hour": 6}. Days become text."""
    found: dict[str, Any] = {}
    for key, value in told.items():
        inside = {f"{key}.{name}": v for name, v in value.items()} if isinstance(value, dict) else {key: value}
        found |= {name: v.isoformat() if isinstance(v, dt.date) else v for name, v in inside.items()}
    return found


def nested(whole: dict) -> dict:
    """The other way round."""
    found: dict = {}
    for name, value in whole.items():
        outer, dot, inner = name.partition(".")
        if dot:
            found.setdefault(outer, {})[inner] = value
        else:
            found[name] = value
    return found
