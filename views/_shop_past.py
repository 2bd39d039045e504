"""The lines of the trail about a shop, in words that a person reads."""

import datetime as dt
import re
from typing import NamedTuple

from flask import g

from models import offers
from models._record import N_, bare
from models._trail import Trail
from models.areas import district
from models.merchants import categories
from models.offers import Offer
from models.openings import today
from views._answer import month_words, word
from views._hours import hours_words
from views._layout import times_in_words
from views._words import _

OFFER = re.compile(r"offer (\d+) (\w+): (.*)", re.DOTALL)
HOURS = re.compile(r"hours (\w+): (.*)")
WEEK = re.compile(r"hours:? (?:asked: )?(.*) → (.*)")
BREAK = re.compile(r"break (\S+) - (\S+): (.*)")
CODES = re.compile(r"(category|town): (\S+) → (\S+)")
DEVICE = re.compile(r"device (\w+) (made|opened|taken back)")
TABLE = re.compile(r"table of (\d+)")
REF = re.compile(r"(approved: .*), ref \w+")

DEVICES = {
    "made": N_("A device was made ready"),
    "opened": N_("A device was switched on"),
    "taken back": N_("A device was taken back"),
}

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
    "PIN of the shop": N_("A new PIN for the shop"),
}


class Past(NamedTuple):
    """What happened: about what, and what of it ('' where it says all)."""

    about: str
    after: str = ""


def told(lines: list[Trail]) -> list[Past]:
    """Each line in words."""
    ids = {int(found[1]) for line in lines if (found := OFFER.fullmatch(line.what))}
    meant = {offer.id: offer for offer in Offer.select().where(Offer.id.in_(ids))} if ids else {}
    return [_past(line.what, meant, today(line.at)) for line in lines]


def _offer_words(written: str, offer: Offer | None, day: dt.date) -> str:
    """What was written of an offer on that day, in the reader's language; what a person wrote stays as it is."""
    if offer is None or g.prefs.lang != "en":
        return written
    endless = bare(Offer, **offer.__data__ | {"last_on": None})  # its last day may have come later
    return next(
        (offers.words(one, day, True) for one in (offer, endless) if offers.words(one, day) == written), written
    )


def _past(what: str, meant: dict[int, Offer], on: dt.date) -> Past:
    if found := OFFER.fullmatch(what):
        state = offers.STATE_WORDS.get(found[2], found[2])
        words = _offer_words(found[3], meant.get(int(found[1])), on)
        return Past(f"{_('Offer')}{_(': ')}{_(state)}", words)
    if found := WEEK.fullmatch(what):
        about = _("Longer hours asked for") if what.startswith("hours asked") else _("Opening hours")
        return Past(about, f"{hours_words(found[1])} → {hours_words(found[2])}")
    if found := BREAK.fullmatch(what):
        days = found[1] if found[1] == found[2] else f"{found[1]} – {found[2]}"
        times = _("as usual again") if found[3] == "as usual" else times_in_words(found[3])
        return Past(_("Other hours"), f"{days} {times}")
    if found := HOURS.fullmatch(what):
        state = _(offers.STATE_WORDS.get(found[1], found[1]))
        return Past(_("Longer hours") + _(": ") + state, hours_words(found[2]))
    if found := CODES.fullmatch(what):
        things = categories() if found[1] == "category" else district().town
        names = [word(things[code]) if code in things else code for code in found.groups()[1:]]
        return Past(_(SAID[found[1]]), " → ".join(names))
    if found := DEVICE.fullmatch(what):
        return Past(_(DEVICES[found[2]]), found[1])
    if found := TABLE.fullmatch(what):
        return Past(_("A month was taken along as a table"), month_words(int(found[1])))
    if what == "applied":  # a question was answered
        return Past(_("Answered"))
    head, _colon, rest = REF.sub(r"\1", what).partition(": ")
    name, _space, day = head.partition(" 2")
    return Past(_(SAID.get(name, name)), rest or (f"2{day}" if day else ""))
