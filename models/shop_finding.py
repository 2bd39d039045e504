"""Finding a shop: by category, town, words, and whether it is open."""

import re
import unicodedata
from functools import lru_cache

from models.areas import until_changed
from models.finding import MOST_WORDS
from models.merchants import Merchant, all_listed
from models.shop_hours import Shops


def fitting(
    at: Shops, *, category: str = "", town: str = "", words: str = "", only_open: bool = False
) -> frozenset[int]:
    """The ids of the listed shops that fit to all that is asked for."""
    sets = [all_listed().by_category.get(category, frozenset())] if category else []
    sets += [Merchant.ids_in(town)] if town else []
    sets += [at.open] if only_open else []
    sets += [_sought()(_plain(words))] if words else []
    return frozenset.intersection(*sorted(sets, key=len)) if sets else Merchant.listed_ids()


def _plain(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[0-9]+|[^0-9\s]+", unicodedata.normalize("NFKC", text).lower())[:MOST_WORDS])


@until_changed
def _sought():
    """What was looked for since the last change; the latest few hundred, because anybody can ask for endless things."""
    return lru_cache(maxsize=300)(_look_for)


def _look_for(words: tuple[str, ...]) -> frozenset[int]:
    rows = Merchant.listed().select(Merchant.id).where(*[Merchant.sought.contains(word) for word in words])
    return frozenset(id for (id,) in rows.tuples())
