"""The tables of figures that can be taken along: what stands in them, and above them."""

from flask import g
from flask_babel import gettext as _

from models import history, shares
from models.areas import district
from models.history import History
from models.months import after
from models.shares import Asked
from models.stations import Station
from models.visits import ANON, KEEPER, SCAN
from views._answer import local, month_words, word
from views._figures import kinds
from views._layout import counted_words

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
"""The kinds of files, with their types."""


def head(title: str, unit: str, meaning: str) -> list[str]:
    """The lines above a table: its title, its unit, who made it and when, and what is counted."""
    return [
        title,
        _("Unit: %(unit)s", unit=unit),
        _("Made by %(name)s, %(when)s", name=g.viewer.name, when=f"{local(g.now):%Y-%m-%d %H:%M}"),
        _("What is counted: %(meaning)s", meaning=meaning),
    ]


def where(town: str) -> str:
    """The town or the district by name."""
    return word(district().town[town]) if town else word(district())


def all_months(town: str, _month: int):
    """Every month since the start."""
    told = History(g.now, town=town)
    first = told.first or told.last
    shown = [told.of(month) for month in _from(first, told.last)]
    header = [
        _("Month"), _("Visits"), _("Came after the freeze"), _("Month before"), _("A year before"),
        _("Different partners"), _("Phones without a name"), _("Frozen at"),
    ]  # fmt: skip
    rows = [
        [
            month_words(m.month), m.n, m.late if m.frozen_at else None, told.of(after(m.month, -1)).total,
            told.of(after(m.month, -12)).total, m.people, m.devices,
            f"{local(m.frozen_at):%Y-%m-%d %H:%M}" if m.frozen_at else "",
        ]
        for m in shown
    ]  # fmt: skip
    if not town and (early := history.base()):
        rows.append([_("Before the start, until %(day)s", day=early.as_of.isoformat()), early.n])
    title = _("Visits to service points, %(where)s, by month", where=where(town))
    return head(title, _("visits, people"), counted_words()), header, rows


def by_station(town: str, month: int):
    """Each station's month; one in which nobody came has a nought."""
    count = shares.count_of(month)
    ways = [(None, _("Visits")), (SCAN, _("scanned")), (ANON, _("not signed in")), (KEEPER, _("by the keeper"))]
    found = [shares.of_stations(Asked(month, town, channel=channel), count) for channel, _name in ways]
    late = bool(count and count.frozen_at)
    header = [_("Code"), _("Station"), _("Town"), _("Kind"), *(name for _channel, name in ways)]
    header += [_("Came after the freeze")] if late else []
    rows, known = [], kinds()
    for s in Station.select().where(Station.town == town if town else True).order_by(Station.code):
        told = [ways_of.get(s.id) for ways_of in found]
        if s.kind_id == "centre" and not told[0]:
            continue
        line = [s.code, word(s), word(district().town[s.town_id]), word(known[s.kind_id])]
        line += [share.n if share else 0 for share in told]
        rows.append(line + ([told[0].late if told[0] else 0] if late else []))
    title = _("Visits to service points, %(where)s, %(month)s", where=where(town), month=month_words(month))
    return head(title, _("visits"), counted_words()), header, rows


def _from(first: int, last: int):
    while first <= last:
        yield first
        first = after(first)


TABLES = {"months": all_months, "stations": by_station}
"""The tables by their name in the form."""
