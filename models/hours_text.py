"""Opening hours as people write them, in a form or in a column of a list; read with a sentence for each mistake.

    一至五 8:30-18:30; 六 9:00-12:00, 14:00-17:00
    4-10月：一至日 6:00-22:00; 11月15日-3月15日：一至日 休
    daily 22:00-02:00 · mon-fri 8:00-17:00; sat closed · 24h

Days that are not named are closed. A season counts for what follows it, up to the next; the rest of the year has the
hours that stand before the first. What closes before it opens closes on the next day, if that is clear: by 6:00 and
after 16 hours at most, else with 次日 before the time (or +1 behind it).
"""

import calendar
import re
import unicodedata
from itertools import pairwise

from models._record import N_, Refused
from models.hours import DAY, Rule, Times

MOST = 16 * 60
MORNING = 6 * 60

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
HAN = "一二三四五六日"
GROUPS = {"每天": range(7), "天天": range(7), "daily": range(7), "工作日": range(5), "周末": (5, 6)}

ALL_DAY = {"24h", "24 h", "24小时", "24 小时", "全天", "24 hours"}
CLOSED = {"休", "休息", "不开", "关", "关门", "closed"}

NEXT_DAY = "次日"
MONTH, DATE = "月", "日"
WEEK = "周|星期|礼拜"
TIMES = re.compile(
    rf"(?P<oh>\d{{1,2}})(:(?P<om>\d\d))?-(?P<next>{NEXT_DAY}|)(?P<ch>\d{{1,2}})(:(?P<cm>\d\d))?(?P<after>\+1)?$"
)
A_MONTH = rf"(?:(\d{{1,2}}){MONTH}?|({'|'.join(MONTHS)})[a-z]*)(?: ?(\d{{1,2}}){DATE}?)?"
SEASON = re.compile(
    rf"(?=[^:]*(?:{MONTH}|[a-z]{{3}}))(?!{'|'.join(DAYS)}){A_MONTH}(?:-{A_MONTH})? ?(?::|(?<=[{MONTH}{DATE}]))"
)
A_DAY = rf"(?:(?:{WEEK}|)([{HAN}天])|({'|'.join(DAYS)})[a-z]*)"
SOME_DAYS = re.compile(rf"({'|'.join(GROUPS)})|{A_DAY}(?:-{A_DAY})?")


class Unclear(Refused):
    """A mistake in written hours: `part` is the piece that it is about."""

    def __init__(self, code: str, part: str):
        super().__init__(f"hours-{code}", MISTAKES[code])
        self.part = part


MISTAKES = {
    "unread": N_("We could not read these hours. Write them like mon-fri 8:00-17:00; sat 9:00-12:00, or 24h."),
    "time": N_("There is no such time of day. The day goes from 0:00 to 24:00."),
    "backwards": N_("It closes before it opens. If it closes on the next day, write 20:00-8:00+1."),
    "overlap": N_("Two of these times overlap. Write each stretch once."),
    "season": N_("There is no such season. Write it like apr-oct: or nov 15-mar 15: before the days."),
    "seasons": N_("Two of these seasons overlap. Each day of the year belongs to one."),
    "long": N_("These hours are too long to be read. Please write them shorter."),
}


def parse(text: str) -> tuple[Rule, ...]:
    """The rules of written hours, in their order; none for an empty text. Raises Unclear."""
    if len(text) > 500:
        raise Unclear("long", text[:20])
    rules: list[Rule] = []
    season = (0, 0)
    for clause in re.split(r"[;\n]", _plain(text)):
        clause = clause.strip()
        if found := SEASON.match(clause):
            season, clause = _season(found), clause[found.end() :].strip()
        if clause:
            rules += _clause(clause, season)
    _must_fit(rules)
    return tuple(sorted(set(rules)))


def parse_times(text: str) -> Times:
    """The stretches of one day, like 9:00-12:00, 14:00-17:00; none for 休. Raises Unclear."""
    plain = _plain(text).strip()
    if not plain or len(plain) > 200:
        raise Unclear("unread", text[:20])
    found = sorted(_times(plain))
    _must_not_overlap(found, [(opens, closes) for opens, closes in found])
    return tuple((opens, closes) for opens, closes in found if opens < closes)


def _plain(text: str) -> str:
    """Half-width, small letters, one sign for what is written in several ways."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"[~–—−至到]| to ", "-", text)
    text = re.sub("、|。|和| and ", ",", text)
    text = re.sub(rf"(?<=\d) (?={MONTH})|(?<={MONTH} \d) (?={DATE})|(?<={MONTH} \d\d) (?={DATE})", "", text)
    text = text.replace("翌日", NEXT_DAY).replace(f"{NEXT_DAY} ", NEXT_DAY)
    return re.sub(r"[ \t]+", " ", re.sub(r" ?- ?", "-", text))


def _season(found: re.Match) -> tuple[int, int]:
    month, named, day, month2, named2, day2 = found.groups()
    first = int(month) if month else MONTHS.index(named) + 1
    whole = not (month2 or named2)
    last = first if whole else int(month2) if month2 else MONTHS.index(named2) + 1
    if not (1 <= first <= 12 and 1 <= last <= 12):
        raise Unclear("season", found[0])
    begins = int(day or 1)
    ends = int(day2 or (day if whole and day else _days(last)))
    if not (1 <= begins <= _days(first) and 1 <= ends <= _days(last)):
        raise Unclear("season", found[0])
    return first * 100 + begins, last * 100 + ends


def _days(month: int) -> int:
    return calendar.monthrange(2024, month)[1]  # a year with 29 February


def _clause(clause: str, season: tuple[int, int]) -> list[Rule]:
    """The rules of 一至五 8:30-12:00, 14:00-18:00."""
    days: list[int] = []
    rest = clause
    while found := SOME_DAYS.match(rest):
        days += _weekdays(found)
        rest = rest[found.end() :].lstrip(" ,:")
    if not rest:
        raise Unclear("unread", clause)
    stretches = _times(rest)
    return [Rule(*season, day, opens, closes) for day in days or range(7) for opens, closes in stretches]


def _weekdays(found: re.Match) -> list[int]:
    group, *ends = found.groups()
    if group:
        return list(GROUPS[group])
    numbers = [_number(han, english) for han, english in (ends[:2], ends[2:]) if han or english]
    first, last = numbers[0], numbers[-1]
    return [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]


def _number(han: str, english: str) -> int:
    return HAN.index(han.replace("天", "日")) if han else DAYS.index(english)


def _times(text: str) -> list[tuple[int, int]]:
    """Pairs of minutes; (0, 0) for a day on which nothing opens."""
    if text in ALL_DAY:
        return [(0, DAY)]
    if text in CLOSED:
        return [(0, 0)]
    return [_stretch(part) for part in re.split(r"[, ]+(?=\d)", text.strip(" ,"))]


def _stretch(part: str) -> tuple[int, int]:
    found = TIMES.match(part.strip())
    if not found:
        raise Unclear("unread", part)
    opens = _minute(found["oh"], found["om"], part)
    closes = _minute(found["ch"], found["cm"], part)
    if opens == DAY:
        raise Unclear("time", part)
    if found["next"] or found["after"]:
        closes += DAY
        if closes - opens > DAY:
            raise Unclear("time", part)
    elif closes <= opens:
        if closes == opens or closes > MORNING or closes + DAY - opens > MOST:
            raise Unclear("backwards", part)
        closes += DAY
    return opens, closes


def _minute(hour: str, minute: str | None, part: str) -> int:
    at = int(hour) * 60 + int(minute or 0)
    if at > DAY or int(minute or 0) > 59:
        raise Unclear("time", part)
    return at


def _must_fit(rules: list[Rule]):
    """Stretches of a season never overlap, over midnight and from Sunday to Monday too; nor do seasons."""
    seasons = sorted({(rule.first, rule.last) for rule in rules})
    for season in seasons:
        mine = [rule for rule in rules if (rule.first, rule.last) == season]
        week = sorted((rule.weekday * DAY + rule.opens, rule.weekday * DAY + rule.closes) for rule in mine)
        again = [(opens + 7 * DAY, closes + 7 * DAY) for opens, closes in week[:1]]
        _must_not_overlap(mine, week + again)
    days = [day for season in seasons if season[0] for day in _days_of(season)]
    if len(days) != len(set(days)):
        raise Unclear("seasons", "")


def _must_not_overlap(of, stretches):
    for (_, closes), (opens, _) in pairwise(stretches):
        if opens < closes:
            raise Unclear("overlap", "")
    if len(of) > 1 and len(set(stretches)) < len(stretches):
        raise Unclear("overlap", "")


def _days_of(season: tuple[int, int]) -> list[int]:
    first, last = season
    year = [month * 100 + day for month in range(1, 13) for day in range(1, _days(month) + 1)]
    return [day for day in year if (first <= day <= last if first <= last else day >= first or day <= last)]


# Writing them down again.


def words(rules: tuple[Rule, ...], english: bool = False) -> str:
    """The hours as one writes them: `parse` reads the same rules from it."""
    said = []
    for season in sorted({(rule.first, rule.last) for rule in rules}):
        clauses = [f"{_days_words(days, english)} {times}" for days, times in _grouped(rules, season, english)]
        said.append((_season_words(season, english) if season[0] else "") + "; ".join(clauses))
    return "; ".join(said)


def _grouped(rules, season, english) -> list[tuple[list[int], str]]:
    """Weekdays with the same times, in the order of the week."""
    by_times: dict[str, list[int]] = {}
    for day in range(7):
        mine = [r for r in rules if r.weekday == day and (r.first, r.last) == season]
        if mine:
            pairs = tuple((r.opens, r.closes) for r in mine if r.opens < r.closes)
            by_times.setdefault(times_words(pairs, english), []).append(day)
    return [(days, times) for times, days in by_times.items()]


def times_words(times: Times, english: bool = False) -> str:
    """9:00-12:00, 14:00-17:00 as `parse_times` reads it."""
    if not times:
        return "closed" if english else "休"
    if times == ((0, DAY),):
        return "24h"
    return ", ".join(f"{_clock(opens)}-{_closing(opens, closes, english)}" for opens, closes in times)


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def _closing(opens: int, closes: int, english: bool) -> str:
    if closes <= DAY:
        return _clock(closes)
    at = _clock(closes - DAY)
    if closes - DAY <= MORNING and closes - opens <= MOST:
        return at
    return f"{at}+1" if english else f"{NEXT_DAY}{at}"


def _days_words(days: list[int], english: bool) -> str:
    """一至五, 一、三, mon-fri, mon,wed."""
    names = DAYS if english else list(HAN)
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    to, comma = ("-", ",") if english else ("至", "、")
    return comma.join(
        names[run[0]] if len(run) == 1 else f"{names[run[0]]}{to if len(run) > 2 else comma}{names[run[-1]]}"
        for run in runs
    )


def _season_words(season: tuple[int, int], english: bool) -> str:
    (month, day), (month2, day2) = (divmod(part, 100) for part in season)
    whole = day == 1 and day2 == _days(month2)
    if english:
        ends = [f"{MONTHS[month - 1]} {day}", f"{MONTHS[month2 - 1]} {day2}"]
        ends = [end.split()[0] for end in ends] if whole else ends
        return ("-".join(ends) if ends[0] != ends[1] else ends[0]) + ": "
    if whole:
        return f"{month}月：" if month == month2 else f"{month}-{month2}月："
    return f"{month}月{day}日-{month2}月{day2}日："
