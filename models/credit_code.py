"""The unified social credit code of a business (GB 32100-2015), as people type it (domain.md §2.3). Pure."""

import re
import unicodedata

from models._record import N_
from models.station_words import Mistake

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Its 31 characters; the value of each is its place."""

LENGTH = 18

MEANT = {"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U"}
"""What somebody meant who typed a letter that it never has."""

INNER = (3, 7, 9, 10, 5, 8, 4, 2)
"""The weights of the organisation's own code in it (GB 11714)."""

WORDS = {
    "letters": N_("The letters I, O, Z, S and V never stand in it. Is it %(meant)s?"),
    "old": N_("This is a registration number of the old kind. Please leave the field empty then."),
    "length": N_("It has 18 figures and letters; here are %(n)s."),
    "form": N_("It has only figures and capital letters, the third to the eighth are figures. Please look once more."),
    "check": N_("The last character does not fit the others. Please look once more."),
}


def plain(text: str) -> str:
    """As it is kept: half-width, capital, without spaces and dashes."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def mistake(code: str) -> Mistake | None:
    """What is wrong with a plain code, or None. That the inner check fails is none: some old codes do (`is_odd`)."""
    if len(code) == 15 and code.isascii() and code.isdigit():
        return Mistake(WORDS["old"], "old")
    if len(code) != LENGTH:
        return Mistake(WORDS["length"], "length", n=len(code))
    meant = "".join(MEANT.get(letter, letter) for letter in code)
    if meant != code:
        return Mistake(WORDS["letters"], "letters", meant=meant)
    if not set(code) <= set(ALPHABET) or not code[2:8].isdigit():
        return Mistake(WORDS["form"], "form")
    return None if check_character(code[:17]) == code[17] else Mistake(WORDS["check"], "check")


def check_character(first: str) -> str:
    """The last character after these 17; the outer remainder matters: 31 is "0"."""
    total = sum(ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(first))
    return ALPHABET[(31 - total % 31) % 31]


def is_odd(code: str) -> bool:
    """Does the inner check of characters 9 to 17 fail? Somebody should look at the licence; nobody is stopped by it."""
    value = {letter: n for n, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    rest = 11 - sum(value[letter] * weight for letter, weight in zip(code[8:16], INNER, strict=True)) % 11
    return bool(code) and {10: "X", 11: "0"}.get(rest, str(rest)) != code[16]
