"""What a list of stations is asked for, read from its address and made into addresses again."""

from typing import NamedTuple
from urllib.parse import quote

from flask import abort, g, request

from models.areas import district, until_changed
from models.finding import ALWAYS, OPEN, filters
from views._answer import page_number, word
from views._words import _

FIRST = 5
"""Filters that stand in the open; the others under 更多条件."""

LONGEST = 40
"""Letters of what one looks for; nobody types more with gloves."""


class Chip(NamedTuple):
    """A filter as a link that puts it on or takes it off."""

    words: str
    href: str
    chosen: bool


class Asked(NamedTuple):
    """A list of stations: narrowed to `only` (keys of filters), to a town, to words; from a position; its page."""

    only: tuple[str, ...]
    town: str = ""
    words: str = ""
    near: str = ""
    page: int = 1

    @classmethod
    def read(cls) -> "Asked":
        """From the address; 404 for what there is not."""
        told = request.args
        only = told["only"].split(",") if told.get("only") else []
        if "only" not in told:
            only = list(usual())
        known, town = keys(), told.get("town", "")
        words = " ".join(told.get("q", "").split())
        if not set(only) <= set(known) or (town and town not in district().town):
            abort(404)
        return cls(tuple(k for k in known if k in only), town, words[:LONGEST], told.get("near", ""), page_number())

    def href(self, **changes) -> str:
        """The address of the same list with something changed, at its first page."""
        asked = self._replace(**changes)
        return _address(asked.only, asked._rest())

    def _rest(self) -> str:
        """What follows the filters in an address."""
        said = {"town": self.town, "q": self.words, "near": self.near}
        return "&".join(f"{name}={quote(text, safe=',')}" for name, text in said.items() if text)

    def chips(self) -> tuple[list[Chip], list[Chip]]:
        """The filters: those in the open, what is chosen among them, and the rest."""
        known, rest, free = keys(), self._rest(), FIRST - len(self.only)
        shown = {*self.only, *[key for key in known if key not in self.only][: max(free, 0)]}
        at_once: list[Chip] = []
        later: list[Chip] = []
        for key, words in known.items():
            only = tuple(k for k in known if (k in self.only) != (k == key))
            (at_once if key in shown else later).append(Chip(words, _address(only, rest), key in self.only))
        return at_once, later

    @property
    def is_narrow(self) -> bool:
        return bool(self.only or self.words)


def usual() -> tuple[str, ...]:
    """What the list is narrowed to unless somebody says otherwise: by the vehicle in the prefs."""
    if not g.prefs.vehicle:
        return ()
    return tuple(one.key for one in filters().values() if one.vehicle == g.prefs.vehicle)


def _address(only: tuple[str, ...], rest: str) -> str:
    told = [f"only={','.join(only)}"] if only != usual() else []
    told += [rest] if rest else []
    return "/stations/" + ("?" + "&".join(told) if told else "")


def keys() -> dict[str, str]:
    """All filters in their order, with their words: now, what there is, all the time, groups."""
    known, lang = _known_keys(), g.prefs.lang
    if lang not in known:
        single = {key: word(one) for key, one in filters().items() if not one.group}
        groups = {key: word(one) for key, one in filters().items() if one.group}
        known[lang] = {OPEN: _("Open now")} | single | {ALWAYS: _("24 hours")} | groups
    return known[lang]


@until_changed
def _known_keys() -> dict[str, dict[str, str]]:
    return {}
