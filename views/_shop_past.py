"""The lines of the trail about a shop, in words that a person reads."""

import re
from typing import NamedTuple

from flask import g

from models import offers
from models._record import N_
from models._trail import Trail
from models.hours_text import Unclear, parse, words
from models.merchants import STATE_WORDS
from views._words import _

OFFER = re.compile(r"offer \d+ (\w+): (.*)", re.DOTALL)
HOURS = re.compile(r"hours(?: (\w+))?: ?(.*)")
WEEK = re.compile(r"hours (?:asked: )?(.*) → (.*)")
BREAK = re.compile(r"break (\S+) - (\S+): (.*)")

SAID = {
    "applied": N_("Applied"),
    "approved": N_("Taken in"),
    "asked": N_("Asked back"),
    "refused": N_("Not this time"),
    "left": N_("Left"),
    "listed": N_("Back again"),
    "looked at": N_("The yearly look"),
    "owner invited": N_("The owner was invited"),
    "contact": N_("The contact's number was looked at"),
    "place": N_("Where it is"),
    "name": N_("Name"),
    "name_en": N_("Name in English"),
    "category": N_("Kind"),
    "town": N_("Town"),
    "address": N_("Address"),
    "address_en": N_("Address in English"),
    "phone": N_("Phone"),
    "uscc": N_("Unified social credit code"),
    "paused": N_("Paused"),
    "open again": N_("Open again"),
}


class Past(NamedTuple):
    """What happened: about what, and what of it ('' where it says all)."""

    about: str
    after: str = ""


def told(lines: list[Trail]) -> list[Past]:
    """Each line in words."""
    return [_past(line.what) for line in lines]


def _past(what: str) -> Past:
    if found := OFFER.fullmatch(what):
        state = offers.STATE_WORDS.get(found[1], found[1])
        return Past(f"{_('Offer')}{_(': ')}{_(state)}", found[2])
    if found := WEEK.fullmatch(what):
        about = _("Longer hours asked for") if what.startswith("hours asked") else _("Opening hours")
        return Past(about, f"{_week(found[1])} → {_week(found[2])}")
    if found := BREAK.fullmatch(what):
        days = found[1] if found[1] == found[2] else f"{found[1]} – {found[2]}"
        return Past(_("Other hours"), f"{days} {found[3]}")
    if found := HOURS.fullmatch(what):
        return Past(_("Longer hours") + _(": ") + _(offers.STATE_WORDS.get(found[1] or "", found[1] or "")), found[2])
    if what == "applied":  # a question was answered
        return Past(_("Answered"))
    head, _colon, rest = what.partition(": ")
    name, _space, day = head.partition(" 2")
    return Past(_(SAID.get(name, STATE_WORDS.get(name, name))), rest or (f"2{day}" if day else ""))


def _week(text: str) -> str:
    try:
        return words(parse(text), english=g.prefs.lang == "en") if text != "?" else "?"
    except Unclear:
        return text
