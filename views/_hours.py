"""Opening hours in words: how long it is open yet, when it opens, and the week."""

import datetime as dt

from flask import g
from markupsafe import Markup

from models.hours import DAY, MINUTE, Rule, State, Times
from models.hours_text import Unclear, parse, words
from views._answer import DAYS, MONTHS, WEEKDAYS, clock, day_words, local
from views._words import _

SOON, SHORTLY = 20, 60
"""Minutes: with fewer left one may come too late; with fewer than the second the window is lit by half."""


def minutes_left(state: State) -> int:
    """Whole minutes until it closes."""
    return (_closing(state) - g.now.replace(second=0, microsecond=0)) // MINUTE


def _closing(state: State) -> dt.datetime:
    assert state.until is not None, "only what is open closes"
    return state.until


def lit(state: State) -> str:
    """The glyph of a station: four panes lit, two, one, or none."""
    if not state.is_open:
        return "w0"
    left = minutes_left(state)
    return "w4" if left >= SHORTLY else "w2" if left >= SOON else "w1"


def edge(moment: dt.datetime) -> str:
    """18:30; midnight is the end of a day: 24:00."""
    said = clock(moment)
    return "24:00" if said == "00:00" else said


def state_words(state: State) -> str:
    """还开 50 分钟 / 再过 15 分钟关门 / 24 小时 / 22:00 开 / 明天 08:00 开."""
    if state.kind == "always":
        return _("open 24 hours")
    if state.kind == "open":
        left = minutes_left(state)
        if left < SOON:
            return _("closes in %(n)s min", n=left)
        return _("%(left)s left", left=_span(left)) if left < DAY else _("open for days")
    if state.next:
        return _("opens %(when)s", when=opening(state.next))
    return _("not open these days") if state.kind == "shut" else _("hours not known yet")


def until_words(state: State) -> str:
    """到 18:30, so that nobody has to know when the page was made; '' for what does not close soon or is shut."""
    if state.kind != "open":
        return ""
    day = "" if minutes_left(state) < DAY else _day(_closing(state) - MINUTE) + " "
    return _("until %(clock)s", clock=day + edge(_closing(state)))


def opening(moment: dt.datetime) -> str:
    """22:00 / 明天 08:00 / 9月23日 周一 08:00"""
    day = _day(moment)
    return f"{day} {clock(moment)}".strip()


def _day(moment: dt.datetime) -> str:
    day, today = local(moment).date(), local(g.now).date()
    if day == today:
        return ""
    return _("tomorrow") if day == today + dt.timedelta(days=1) else day_words(day)


def _span(left: int) -> str:
    """50 分钟 / 2 小时 20 分"""
    hours, minutes = divmod(left, 60)
    if not hours:
        return _("%(n)s min", n=minutes)
    return _("%(h)s h %(m)s min", h=hours, m=minutes) if minutes else _("%(h)s h", h=hours)


def left_big(state: State) -> Markup:
    """The same for the lit window, the figure big."""
    if state.kind == "always":
        return _BIG % ("24", _("h"))
    hours, minutes = divmod(minutes_left(state), 60)
    if hours >= 24:
        return Markup("<b>%s</b>") % _day(_closing(state) - MINUTE)
    return _BIG % (hours, _("h %(m)s min", m=minutes) if minutes else _("h")) if hours else _BIG % (minutes, _("min"))


_BIG = Markup('<b class="num">%s</b> %s')


def stretches(times: Times) -> list[str]:
    """8:30–12:00 and 14:00–18:30, each for itself."""
    if not times:
        return [_("closed")]
    if times == ((0, DAY),):
        return [_("24 hours")]
    return [f"{_time(opens)}–{_time(closes if closes <= DAY else closes - DAY)}" for opens, closes in times]


def times_said(times: Times) -> str:
    """8:30–12:00、14:00–18:30"""
    return _(", ").join(stretches(times))


def hours_words(text: str) -> str:
    """Written hours in the person's language; as they stand where nobody can read them."""
    try:
        return words(parse(text), english=g.prefs.lang == "en")
    except Unclear:
        return text


def _time(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def week_rows(week: list[tuple[dt.date, Times]]) -> list[tuple[str, list[str]]]:
    """今天 周四, then the days after it, those with the same hours in one line: 明天到周六."""
    rows: list[tuple[dt.date, dt.date, Times]] = []
    for number, (day, times) in enumerate(week):
        if number > 1 and rows[-1][2] == times:
            rows[-1] = rows[-1][0], day, times
        else:
            rows.append((day, day, times))
    return [(_days_of(week, first, last), stretches(times)) for first, last, times in rows]


def _days_of(week, first: dt.date, last: dt.date) -> str:
    if first == week[0][0]:
        return _("today, %(day)s", day=_weekday(first))
    begins = _("tomorrow") if first == week[1][0] else _weekday(first)
    return begins if first == last else _("%(first)s to %(last)s", first=begins, last=_weekday(last))


def _weekday(day: dt.date) -> str:
    return DAYS[day.weekday()] if g.prefs.lang == "en" else f"周{WEEKDAYS[day.weekday()]}"


def poster_lines(rules: tuple[Rule, ...]) -> list[str]:
    """周一到周五 8:30–18:30 · 周六 9:00–12:00, a line a season, for a sheet on the wall; closed days are left out."""
    seasons = sorted({(rule.first, rule.last) for rule in rules})
    said = [_season_said(*season) + _week_said(rules, season) for season in seasons]
    return [line.replace("–", f"{TOGETHER}–{TOGETHER}") for line in said]


def _week_said(rules: tuple[Rule, ...], season: tuple[int, int]) -> str:
    runs: list[tuple[list[int], Times]] = []
    for day in range(7):
        mine = [rule for rule in rules if rule.weekday == day and (rule.first, rule.last) == season]
        times = tuple((rule.opens, rule.closes) for rule in mine if rule.opens < rule.closes)
        if runs and runs[-1][1] == times:
            runs[-1][0].append(day)
        else:
            runs.append(([day], times))
    return " · ".join(f"{_days_said(days)} {times_said(times)}" for days, times in runs if times) or _("closed")


def _days_said(days: list[int]) -> str:
    monday = dt.date(2024, 1, 1)
    first, last = (_weekday(monday + dt.timedelta(days=day)) for day in (days[0], days[-1]))
    if len(days) == 7:
        return _("every day")
    return first if first == last else _("%(first)s to %(last)s", first=first, last=last)


def _season_said(first: int, last: int) -> str:
    if not first:
        return ""
    begins, ends = (_day_of_year(*divmod(mark, 100)) for mark in (first, last))
    return _("%(first)s to %(last)s", first=begins, last=ends) + " "


def _day_of_year(month: int, day: int) -> str:
    return f"{day} {MONTHS[month - 1]}" if g.prefs.lang == "en" else f"{month} 月 {day} 日"


TOGETHER = "\u2060"
"""Where a line must not break."""

WORDS = (
    lit,
    state_words,
    until_words,
    stretches,
    left_big,
    edge,
    opening,
    times_said,
    hours_words,
    week_rows,
    poster_lines,
)
"""What templates may call."""
