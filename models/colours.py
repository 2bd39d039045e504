"""The colour of the day: everybody's card and every till has the same, and nobody knows tomorrow's."""

import datetime as dt

from models._keys import ring
from models._record import N_, number_of
from models.areas import district

COLOURS = {
    "red": N_("red"),
    "orange": N_("orange"),
    "yellow": N_("yellow"),
    "green": N_("green"),
    "cyan": N_("cyan"),
    "blue": N_("blue"),
    "violet": N_("violet"),
    "black": N_("black"),
}
"""Each by its name in the style sheet (`day-…`), with the word that is said across a counter."""

AHEAD = 14
"""So many days' colours a phone gets at each contact, for as long as it may have no network."""


def day_colour(day: dt.date) -> str:
    """One of COLOURS, by a key of the district. Even and odd days have each their half of them, so that a picture of
    yesterday's card always has another one."""
    told = ring().blind(f"colour|{district().code}|{number_of(day)}", "actor")
    return list(COLOURS)[day.toordinal() % 2 :: 2][told[0] % (len(COLOURS) // 2)]


def days_from(day: dt.date) -> dict[int, str]:
    """The colours of this day (yyyymmdd) and of those that come."""
    each = [day + dt.timedelta(days=n) for n in range(AHEAD)]
    return {number_of(one): day_colour(one) for one in each}
