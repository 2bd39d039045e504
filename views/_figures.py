"""What the pages of figures share: whose figures somebody may see, what an address asks for, and numbers in words."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from flask import abort, g, request
from flask_babel import gettext as _

from models import care, figures, shares
from models.areas import district
from models.history import Month, base
from models.months import month_of
from models.shares import Asked
from models.stations import Kind
from models.visits import CHANNEL_WORDS, EVIDENCE_WORDS
from views import _layout
from views._answer import MONTHS, word
from views._layout import number
from views._mine import my_towns


def towns_of_mine() -> list[str]:
    """The towns whose figures the viewer may see; '' among them is the district."""
    mine = my_towns()
    return ["", *district().town] if mine is None else [code for code in district().town if code in mine]


def my_town(wanted: str | None = None) -> str:
    """The town that is asked for, else the first the viewer may see; 404 for one that is not theirs."""
    mine = towns_of_mine()
    wanted = request.values.get("town") if wanted is None else wanted
    town = wanted if wanted is not None else (mine or [""])[0]
    return town if town in mine else abort(404)


def my_month(text: str | None = None) -> int:
    """The month in the address (yyyymm), else this one; 404 for nonsense."""
    text = request.values.get("month", str(month_of(g.now))) if text is None else text
    if len(text) != 6 or not text.isascii() or not text.isdigit() or not 1 <= int(text[4:]) <= 12 or text[:2] != "20":
        abort(404)
    return int(text)


def asked() -> Asked:
    """Which visits the address asks for; 404 for nonsense, or for two ways of sharing out at once."""
    cuts = {
        name: _one_of(name, allowed)
        for name, allowed in (
            ("channel", CHANNEL_WORDS),
            ("evidence", range(4)),
            ("hour", range(24)),
            ("day", range(1, 32)),
        )
    }
    kind, part = request.args.get("kind", ""), request.args.get("part", "")
    if sum(value is not None for value in cuts.values()) > 1 or part not in ("", shares.COUNTED, shares.SINCE):
        abort(404)
    if kind and kind not in kinds():
        abort(404)
    return Asked(my_month(), my_town(), kind, **cuts, part=part)


def _one_of(name: str, allowed) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 3 and int(text) in allowed):
        abort(404)
    return int(text)


def by_what() -> str:
    """What the month is to be shared out by; 404 for nonsense."""
    by = request.args.get("by", "station")
    return by if by in shares.BY else abort(404)


def link(path: str, asked: Asked, by: str = "station", **changes) -> str:
    """The address of a page about these visits."""
    told = asked._replace(**changes)._asdict()
    order = {"month": told.pop("month")} | ({"by": by} if by != "station" else {}) | told
    return f"/dashboard/{path}?" + urlencode({name: value for name, value in order.items() if value not in ("", None)})


def kinds() -> dict[str, Kind]:
    """The kinds of stations by code, in their order; asked for once a page."""
    if "kinds" not in g:
        g.kinds = {kind.code: kind for kind in Kind.select().order_by(Kind.sort)}
    return g.kinds


def label(by: str, key) -> str:
    """What a share is called."""
    if by == "town":
        return word(district().town[key]) if key in district().town else str(key)
    if by == "kind":
        known = kinds()
        return word(known[key]) if key in known else str(key)
    if by == "channel":
        return _layout._(CHANNEL_WORDS[key])
    return _layout._(EVIDENCE_WORDS[key]) if by == "evidence" else f"{key:02}:00–{key + 1:02}:00"


def signed(n: int) -> str:
    """+12, −3 with a true minus, 0"""
    return f"{'+' if n > 0 else '−' if n else ''}{number(abs(n))}"


def against(n: int | None, before: int | None) -> str:
    """How much more than before: +312（+12%）; '' when either is blank, which is not nought."""
    if n is None or before is None:
        return ""
    if not before:
        return signed(n - before)
    return _("%(more)s (%(part)s%%)", more=signed(n - before), part=signed(round(100 * (n - before) / before)))


def date_words(day) -> str:
    """9月19日 / 19 Sep"""
    return f"{day.day} {MONTHS[day.month - 1]}" if g.prefs.lang == "en" else f"{day.month}月{day.day}日"


def paragraph(month: Month, before: Month, total: int, stations: int, day, town: str) -> str:
    """The sentences that go into a report, with exact figures (domain.md §1.5, §3.8)."""
    stood = {"day": date_words(day), "stations": number(stations), "total": number(total), "n": number(month.n or 0)}
    if town:
        said = _(
            "By %(day)s the %(stations)s service points in %(town)s have been used %(total)s times in all, %(n)s of"
            " them this month",
            town=word(district().town[town]), **stood,
        )  # fmt: skip
    else:
        said = _(
            "By %(day)s %(stations)s service points have been used %(total)s times in all, %(n)s of them this month",
            **stood,
        )
    if month.frozen_at and before.n is not None and month.n is not None:  # a part of a month is compared with none
        more = month.n - (before.total or 0)
        than = {"n": number(abs(more))}
        said += (
            _(", %(n)s more than in the month before", **than)
            if more >= 0
            else _(", %(n)s less than in the month before", **than)
        )
    said += _(".")
    if month.people is not None:
        said += _(" %(people)s different partners came this month.", people=number(month.people))
    if not town and (early := base()):
        said += _(
            " Before the start, until %(day)s, there were %(n)s more, which are not part of this.",
            day=f"{early.as_of:%Y-%m-%d}", n=number(early.n),
        )  # fmt: skip
    return said


def last_day(month: int):
    """The last local day of a month."""
    return (figures.span_of_month(month)[1] - timedelta(hours=1)).astimezone(district().zone).date()


WIDE, HIGH, BASE = 760, 172, 200
"""The chart's width, its highest bar, and where its bars stand, in its own units."""


def bars(months: Sequence[Month | care.Month], present: int) -> list[dict]:
    """The bars of a chart: where each stands, how high it is, and the words at up to four of them, no neighbours."""
    told = [month for month in months if month.total is not None]
    most = max((month.total or 0 for month in told), default=0)
    step = WIDE / max(len(months), 12)
    highest = sorted(told, key=lambda month: -(month.total or 0))
    marked = {present}
    for month in (*highest[:1], *months[:1], *highest):
        if len(marked) < 4 and all(abs(_place(months, month.month) - _place(months, other)) > 1 for other in marked):
            marked.add(month.month)
    found = []
    for n, month in enumerate(months):
        high = round(HIGH * max(month.total or 0, 0) / most) if most else 0
        found.append(
            {
                "month": month, "x": round(n * step + 6), "mid": round(n * step + step / 2), "wide": round(step - 12),
                "high": high, "y": BASE - high, "on": month.month == present, "marked": month.month in marked,
                "year": month.month // 100 if n == 0 or month.month % 100 == 1 else None,
            }
        )  # fmt: skip
    return found


def _place(months: Sequence[Month | care.Month], month: int) -> int:
    return next((n for n, each in enumerate(months) if each.month == month), -9)
