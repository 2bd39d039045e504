"""What somebody tells who wants to take part with a shop: from typed text to clean facts, a sentence a mistake."""

from models import credit_code
from models.areas import district
from models.hours_text import Unclear, parse
from models.hours_text import words as hours_words
from models.merchants import categories
from models.people import phone_number
from models.station_facts import Wrong, phone_text, plain, position
from models.station_words import WORDS, Mistake

TEXTS = {"name": 60, "name_en": 90, "address": 120, "address_en": 160, "contact": 60}
"""The most characters of each."""

FIELDS = (
    *("name", "name_en", "category", "town", "address", "address_en", "position", "source", "hours", "phone"),
    *("contact", "contact_phone", "public", "uscc"),
)

NEEDED = ("name", "category", "town", "address", "hours", "contact", "contact_phone")


EDITED = tuple(name for name in FIELDS if name not in ("contact", "contact_phone", "public"))
"""What the office can change of a shop that takes part."""


def check(row: dict[str, str], needed: tuple[str, ...] = NEEDED) -> tuple[dict, dict[str, Mistake]]:
    """The facts by the columns of Merchant (besides `contact_phone`), and what is wrong with which field.

    Where nobody says where it is, the middle of the town stands for it, with `coord_src` ''.
    """
    told = {name: plain(row.get(name, "").replace("\n", "; ")) for name in (*FIELDS, "swap", "sure")}
    facts: dict = {name: told[name] for name in TEXTS}
    wrong = {name: Mistake(WORDS["long"], "long", most=most) for name, most in TEXTS.items() if len(told[name]) > most}
    wrong |= {name: Mistake(WORDS["needed"], "needed") for name in needed if not told[name]}
    for field, read in READ.items():
        if told[field] and field not in wrong:
            try:
                facts |= read(told, field)
            except Wrong as no:
                wrong[field] = no.mistake
            except Unclear as no:
                wrong[field] = Mistake(no.message, no.code, part=no.part)
    facts |= {name: "" for name in ("phone", "uscc") if name not in facts}
    if told["public"] and not facts["phone"]:
        facts["phone"] = facts.get("contact_phone", "")
    if not told["position"] and "town" in facts:
        town = district().town[facts["town"]]
        facts |= {"lat": town.lat, "lng": town.lng, "coord_src": ""}
    return facts, {field: wrong[field] for field in FIELDS if field in wrong}


def where(row: dict[str, str]) -> tuple[dict, dict[str, Mistake]]:
    """The position alone, by the columns of Merchant, and what is wrong with it."""
    told = {name: plain(row.get(name, "")) for name in ("position", "source", "swap", "sure")}
    try:
        return position(told, "position"), {}
    except Wrong as no:
        return {}, {"position": no.mistake}


def _one_of(there):
    def read(told, field):
        if told[field] not in there():
            raise Wrong("choice", text=told[field][:40])
        return {field: told[field]}

    return read


def _hours(told, field):
    written = hours_words(parse(told[field]))
    if len(written) > 200:
        raise Unclear("long", told[field][:20])
    return {field: written}


def _mobile(told, field):
    number = phone_number(told[field])
    if number is None:
        raise Wrong("phone")
    return {field: number}


def _phone(told, field):
    return {field: phone_text(told[field])[:20]}


def _uscc(told, field):
    code = credit_code.plain(told[field])
    if mistake := credit_code.mistake(code):
        raise Wrong(mistake.code, mistake, **mistake.inside)
    return {field: code}


READ = {
    "category": _one_of(categories),
    "town": _one_of(lambda: district().town),
    "position": position,
    "hours": _hours,
    "phone": _phone,
    "contact_phone": _mobile,
    "uscc": _uscc,
}
"""How each is read, where something stands in it."""
