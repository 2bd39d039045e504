"""Opening hours without a database: every edge, against a clock that is looked at minute by minute."""

import csv
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models.hours import DAY, MINUTE, Change, Rule, openings, state, times_of
from models.hours_text import MISTAKES, Unclear, parse, parse_times, times_words, words
from models.stations import ENTRIES
from tests._engines import DISTRICTS

pytestmark = pytest.mark.no_database

CHINA = ZoneInfo("Asia/Shanghai")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham")


def at(text, zone=CHINA):
    """A moment of the week that begins on Monday, 16 September 2024: "四 17:40"."""
    day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    return dt.datetime(2024, 9, 16 + "一二三四五六日".index(day), hour, minute, tzinfo=zone)


def asked(hours, now, *changes, zone=CHINA):
    """What is said at a moment: kind, and the clock of `until` or `next`."""
    found = state(openings(parse(hours), changes, now.astimezone(zone).date(), zone), now)
    edge = found.until or found.next
    return (found.kind,) if edge is None else (found.kind, f"{edge.astimezone(zone):%d %H:%M}")


# One change each.


@pytest.mark.parametrize(
    "hours, when, said",
    [
        ("每天 22:00-2:00", "四 21:59", ("later", "19 22:00")),
        ("每天 22:00-2:00", "四 22:00", ("open", "20 02:00")),
        ("每天 22:00-2:00", "四 1:30", ("open", "19 02:00")),
        ("每天 22:00-2:00", "四 1:59", ("open", "19 02:00")),
        ("每天 22:00-2:00", "四 2:00", ("later", "19 22:00")),
        ("五 22:00-2:00", "六 1:30", ("open", "21 02:00")),
        ("五 22:00-2:00", "五 1:30", ("later", "20 22:00")),
        ("日 22:00-2:00", "一 1:30", ("open", "16 02:00")),
        ("一至五 8:30-18:30; 六 9:00-12:00, 14:00-17:00", "四 17:40", ("open", "19 18:30")),
        ("一至五 8:30-18:30; 六 9:00-12:00, 14:00-17:00", "六 12:00", ("later", "21 14:00")),
        ("一至五 8:30-18:30; 六 9:00-12:00, 14:00-17:00", "六 17:00", ("later", "23 08:30")),
        ("一至六 9:00-17:00", "日 12:00", ("later", "23 09:00")),
        ("一至日 0:00-12:00, 12:00-18:00", "四 12:00", ("open", "19 18:00")),
        ("一 8:00-24:00; 二 0:00-3:00", "一 23:59", ("open", "17 03:00")),
        ("24h", "四 3:00", ("always", "28 00:00")),
        ("一至五 24h", "四 3:00", ("open", "21 00:00")),
        ("一至日 休", "四 12:00", ("shut",)),
        ("", "四 12:00", ("shut",)),
    ],
)
def test_the_edges(hours, when, said):
    assert asked(hours, at(when)) == said


def test_the_minute_of_opening_is_open_and_the_minute_of_closing_is_shut():
    for clock, kind in (("8:29", "later"), ("8:30", "open"), ("18:29", "open"), ("18:30", "later")):
        assert asked("一至五 8:30-18:30", at(f"四 {clock}"))[0] == kind, clock


def test_an_exception_overrides_the_day_that_it_names_and_no_other():
    power = Change(dt.date(2024, 9, 19), dt.date(2024, 9, 19), (), "今日停电")
    assert asked("每天 8:00-18:00", at("四 12:00"), power) == ("later", "20 08:00")
    assert asked("每天 8:00-18:00", at("三 12:00"), power) == ("open", "18 18:00")
    assert asked("每天 22:00-2:00", at("四 1:30"), power) == ("open", "19 02:00")  # that is Wednesday's evening
    assert asked("每天 22:00-2:00", at("五 1:30"), power) == ("later", "20 22:00")
    short = Change(dt.date(2024, 9, 19), dt.date(2024, 9, 20), ((600, 720),), "盘点")
    assert asked("每天 8:00-18:00", at("四 9:00"), short) == ("later", "19 10:00")
    assert asked("24h", at("三 3:00"), power) == ("open", "19 00:00")
    assert asked("24h", at("五 0:00"), power)[0] == "always"
    assert asked("", at("四 11:00"), short) == ("open", "19 12:00")


def test_of_two_exceptions_of_a_day_the_last_told_counts():
    day = dt.date(2024, 9, 19)
    closed, late = Change(day, day, (), "停电"), Change(day, day, ((600, 720),), "来电了")
    assert asked("每天 8:00-18:00", at("四 11:00"), closed, late) == ("open", "19 12:00")
    assert asked("每天 8:00-18:00", at("四 11:00"), late, closed) == ("later", "20 08:00")


def test_a_season_begins_and_ends_on_its_days():
    park = "4-10月：一至日 6:00-22:00; 11月1日-3月31日: 一至日 7:00-20:00"
    for day, closes in (
        ((2024, 10, 31), 22),
        ((2024, 11, 1), 20),
        ((2025, 1, 1), 20),
        ((2025, 3, 31), 20),
        ((2025, 4, 1), 22),
    ):
        now = dt.datetime(*day, 12, tzinfo=CHINA)
        assert asked(park, now) == ("open", f"{day[2]:02} {closes}:00"), day
    winter = "一至日 8:00-18:00; 12-2月: 休"
    assert asked(winter, dt.datetime(2024, 12, 1, 12, tzinfo=CHINA)) == ("shut",)
    assert asked(winter, dt.datetime(2025, 2, 28, 12, tzinfo=CHINA)) == ("later", "01 08:00")
    assert times_of(parse("2月15日-2月29日: 每天 8:00-9:00"), (), dt.date(2024, 2, 29)) == ((480, 540),)


def test_in_the_nights_when_the_clock_is_changed():
    """Put on from 2:00 to 3:00 on 31 March 2024, put back from 3:00 to 2:00 on 27 October."""
    berlin = ZoneInfo("Europe/Berlin")

    def found(hours, day):
        return [
            (f"{opens:%d %H:%M}", f"{closes:%d %H:%M}") for opens, closes in openings(parse(hours), (), day, berlin)
        ][1:2]

    assert found("每天 22:00-2:00", dt.date(2024, 3, 30)) == [("30 21:00", "31 01:00")]
    assert found("每天 2:30-6:00", dt.date(2024, 3, 31)) == [("31 01:00", "31 04:00")]  # at 3:00 it is past 2:30
    assert found("每天 22:00-3:00", dt.date(2024, 10, 26)) == [("26 20:00", "27 02:00")]  # six hours
    assert found("每天 22:00-2:30", dt.date(2024, 10, 26)) == [("26 20:00", "27 00:30")]  # when it first shows 2:30
    assert asked("每天 22:00-2:30", dt.datetime(2024, 10, 27, 2, 30, tzinfo=berlin, fold=1), zone=berlin)[0] == "later"


# Against the slow and obvious.

minutes = some.integers(0, DAY - 1)


@some.composite
def weeks(draw):
    """Rules whose stretches of a season do not overlap, and touch now and then."""
    rules = []
    for season in draw(
        some.sampled_from([((0, 0),), ((0, 0), (401, 1031)), ((1115, 315),), ((401, 1031), (1101, 331))])
    ):
        edges = draw(some.lists(some.integers(0, 7 * 48), max_size=8, unique=True))
        edges = sorted(edge * 30 for edge in edges)
        for opens, closes in zip(edges[::2], edges[1::2], strict=False):
            for day in range(opens // DAY, (closes - 1) // DAY + 1):  # longer than a day: a piece a day
                begins, ends = max(opens, day * DAY), min(closes, day * DAY + DAY)
                rules.append(Rule(*season, day, begins - day * DAY, ends - day * DAY))
        if draw(some.booleans()):
            last = max((r.closes for r in rules if r.weekday == 4 and (r.first, r.last) == season), default=1200)
            first = min((r.opens for r in rules if r.weekday == 5 and (r.first, r.last) == season), default=300)
            if last < DAY and first > 0:
                rules.append(Rule(*season, 4, last, DAY + min(first, last or first)))
    return tuple(sorted(set(rules)))


changes = some.lists(
    some.builds(
        lambda day, days, times: Change(day, day + dt.timedelta(days=days), times, "x"),
        some.dates(dt.date(2024, 10, 24), dt.date(2024, 11, 6)),
        some.integers(0, 3),
        some.sampled_from([(), ((480, 720),), ((0, DAY),), ((1320, 1560),), ((60, 180), (600, 660))]),
    ),
    max_size=2,
)


def is_open(rules, changed, now, zone):
    """Is it open? By looking at the clock from the day before on, minute by minute, at what it shows for the first time."""
    wall = now.astimezone(zone).replace(tzinfo=None)
    for back in (0, 1, 2):
        day = wall.date() - dt.timedelta(days=back)
        midnight = dt.datetime.combine(day, dt.time())
        for opens, closes in hours_on(rules, changed, day):
            if shown(midnight + opens * MINUTE, now, zone) and not shown(midnight + closes * MINUTE, now, zone):
                return True
    return False


def shown(wall, now, zone):
    """Has the clock shown this time, or a later one, by now? It may have been put back since."""
    return any((now - back * MINUTE).astimezone(zone).replace(tzinfo=None) >= wall for back in range(0, 150, 30))


def hours_on(rules, changed, day):
    for change in reversed(changed):
        if change.first <= day <= change.last:
            return change.times
    in_season = [r for r in rules if r.first and day_in(day, r.first, r.last)]
    fitting = in_season or ([] if in_season else [r for r in rules if not r.first])
    return [(r.opens, r.closes) for r in fitting if r.weekday == day.weekday()]


def day_in(day, first, last):
    year = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(366)] * 2
    marks = [(d.month * 100 + d.day) for d in year]
    start = marks.index(first)
    return day.month * 100 + day.day in marks[start : marks.index(last, start) + 1]


@settings(max_examples=60)
@given(weeks(), changes, some.sampled_from(ZONES), some.datetimes(dt.datetime(2024, 10, 25), dt.datetime(2024, 11, 5)))
def test_it_is_open_when_a_clock_says_so(rules, changed, zone, start):
    """Three hours after any moment around the night in which Europe, America and Australia change their clocks."""
    zone = ZoneInfo(zone)
    start = start.replace(second=0, microsecond=0, minute=start.minute // 30 * 30, tzinfo=dt.UTC)
    for now in (start + n * 30 * MINUTE + off * MINUTE for n in range(6) for off in (-1, 0, 1)):
        found = openings(rules, changed, now.astimezone(zone).date(), zone)
        assert state(found, now).is_open == is_open(rules, changed, now, zone), now


@given(weeks(), changes, some.sampled_from(ZONES))
def test_openings_follow_each_other_without_touching(rules, changed, zone):
    found = openings(rules, changed, dt.date(2024, 10, 27), ZoneInfo(zone))
    edges = [edge for opening in found for edge in opening]
    assert edges == sorted(set(edges))


# Written hours.


@given(weeks())
def test_what_is_written_down_is_read_again(rules):
    for english in (False, True):
        assert parse(words(rules, english)) == rules


@given(some.text(max_size=60))
def test_no_text_at_all_makes_trouble(text):
    try:
        parse(text)
    except Unclear as no:
        assert no.message in MISTAKES.values()


@given(some.text(alphabet="一二六日至、,; 0123456789:-24h月次日+ monfri", max_size=30))
def test_what_is_understood_can_be_written_down(text):
    try:
        rules = parse(text)
    except Unclear:
        return
    assert parse(words(rules)) == rules


@pytest.mark.parametrize(
    "text, same",
    [
        ("一至五 8:00-17:00; 六 9:00-12:00", None),
        ("mon-fri 08:00-17:00", "一至五 8:00-17:00"),
        ("Monday to Friday 9:00-17:00", "一至五 9:00-17:00"),
        ("周一到周五 8:30–18:30；周六 9:00–12:00，14:00–17:00", "一至五 8:30-18:30; 六 9:00-12:00, 14:00-17:00"),
        ("24小时", "一至日 24h"),
        ("每天 24 小时", "一至日 24h"),
        ("全天", "一至日 24h"),
        ("daily 22:00-02:00", "一至日 22:00-2:00"),
        ("一、三、五 8-12, 13:30-17", "一、三、五 8:00-12:00, 13:30-17:00"),
        ("六日 20:00-次日8:00", "六、日 20:00-次日8:00"),
        ("五至一 9:00-10:00", "一、五至日 9:00-10:00"),
        ("4月-10月 每天 6:00-22:00", "4-10月：一至日 6:00-22:00"),
        ("4 月到 10 月：每天 6:00-22:00", "4-10月：一至日 6:00-22:00"),
        ("11 月 15 日到 3 月 5 日：每天 20:00-次日 8:00", "11月15日-3月5日：一至日 20:00-次日8:00"),
        ("apr-oct: mon-sun 6:00-22:00; nov 15-mar 31: sat,sun closed",
         "4-10月：一至日 6:00-22:00; 11月15日-3月31日：六、日 休"),
        ("一至六 8:00-24:00\n日 休", "一至六 8:00-24:00; 日 休"),
        ("", ""),
    ],
)  # fmt: skip
def test_hours_as_people_write_them(text, same):
    assert words(parse(text)) == (text if same is None else same)


@pytest.mark.parametrize(
    "text, code",
    [
        ("8:00-25:00", "time"),
        ("25:00-26:00", "time"),
        ("8:61-9:00", "time"),
        ("24:00-24:00", "time"),
        ("9:00-次日10:00", "time"),
        ("17:00-8:00", "backwards"),
        ("9:00-5:00", "backwards"),
        ("8:00-8:00", "backwards"),
        ("8:00-12:00, 11:00-13:00", "overlap"),
        ("一 22:00-2:00; 二 1:00-3:00", "overlap"),
        ("日 22:00-2:00; 一 1:00-3:00", "overlap"),
        ("一 8:00-9:00; 一 8:00-9:00", "overlap"),
        ("13月: 一 8:00-9:00", "season"),
        ("2月30日-3月1日: 8:00-9:00", "season"),
        ("4-10月: 8:00-9:00; 10-12月: 8:00-9:00", "seasons"),
        ("abc", "unread"),
        ("一", "unread"),
        ("八点到五点", "unread"),
        ("一 8:00", "unread"),
        ("x" * 501, "long"),
    ],
)
def test_a_sentence_for_each_mistake(text, code):
    with pytest.raises(Unclear) as no:
        parse(text)
    assert no.value.code == f"hours-{code}" and no.value.message == MISTAKES[code]


@pytest.mark.parametrize("district", ["yanzhou", "999999"])
def test_the_hours_of_a_districts_list_stand_as_they_are_written_down(district):
    with (DISTRICTS / district / "stations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert words(parse(row["hours"])) == row["hours"] and row["entry"] in ENTRIES, row["code"]


def test_the_times_of_one_day():
    assert parse_times("9:00-12:00，14:00-17:00") == ((540, 720), (840, 1020))
    assert (
        parse_times("休") == () and parse_times("24h") == ((0, DAY),) and parse_times("22:00-2:00") == ((1320, 1560),)
    )
    assert times_words(parse_times("9:00-12:00，14:00-17:00")) == "9:00-12:00, 14:00-17:00" and times_words(()) == "休"
    for text, code in (
        ("", "unread"),
        ("9:00-12:00, 11:00-13:00", "overlap"),
        ("9:00-25:00", "time"),
        ("随便", "unread"),
    ):
        with pytest.raises(Unclear) as no:
            parse_times(text)
        assert no.value.code == f"hours-{code}"
