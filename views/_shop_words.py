"""Words of shops and their counters for templates: what is given, why not, money and the colour of the day."""

import datetime as dt

from flask import g

from models import offers
from models.colours import COLOURS
from models.openings import today
from models.reasons import REASONS
from views._answer import clock
from views._words import _


def offer_words(offer) -> str:
    """全单 8.8 折，满 30 元，不与其他优惠同享"""
    return offers.words(offer, today(g.now), english=g.prefs.lang == "en")


def offer_head(offer) -> str:
    """全单 8.8 折"""
    return offers.headline(offer, english=g.prefs.lang == "en")


def offer_terms(offer) -> str:
    """满 30 元 · 不与其他优惠同享; '' without conditions."""
    return " · ".join(offers.conditions(offer, today(g.now), english=g.prefs.lang == "en"))


def offer_other(offer) -> str:
    """The same in the other language, for who writes it in one."""
    return offers.words(offer, today(g.now), english=g.prefs.lang != "en")


def yuan(fen: int) -> str:
    """12, 12.50"""
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen / 100:.2f}"


def colour_word(colour: str) -> str:
    return _(COLOURS[colour])


def why_words(reason: str, before: dt.datetime | None = None) -> str:
    """The sentence for who stands at the till, with the hour at which it was used before."""
    text = _(REASONS[reason].till)
    return text % {"clock": clock(before)} if before and "%(clock)s" in text else text


WORDS = (offer_words, offer_head, offer_terms, offer_other, yuan, colour_word, why_words)
