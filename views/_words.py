"""The translations of a request, looked up once and not for each of a page's fifty texts."""

from functools import lru_cache

from flask import g
from flask_babel import get_domain
from markupsafe import Markup


def _(text: str, /, **known) -> str:
    """The text in the person's language, from the catalogue that the page's templates use."""
    said = catalogue().ugettext(text)
    return said % known if known else said


def said(text: str, /, **known) -> Markup:
    """The same for a template: what is put into the text is escaped."""
    return Markup(catalogue().ugettext(text)) % known if known else _plain(g.prefs.lang, text)


@lru_cache(maxsize=5000)
def _plain(lang: str, text: str) -> Markup:
    """A text without anything put in; `%%` is a per cent sign in it as in all others."""
    return Markup(catalogue().ugettext(text)) % {}


def catalogue():
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_domain().get_translations()
    return found


def mistake_words(mistake) -> str:
    """What is wrong with a field (station_words.Mistake), and in brackets which part of it."""
    part = mistake.inside.get("part")
    return _(mistake, **mistake.inside) + (f" {_('“%(part)s”', part=part)}" if part else "")
