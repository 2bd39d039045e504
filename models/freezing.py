"""What is done about months beside the web: the one that runs is counted each night, one that is over is frozen.

A run that was missed is made up for as soon as there is a worker again, and says when that was.
"""

import datetime as dt
from collections import Counter

from models import crowds, figures, months
from models._database import db, is_postgres, sql, writing
from models._record import from_ms
from models._work import stopping, work
from models.areas import district
from models.months import CHANNEL, EVIDENCE, HOUR, MonthCount, MonthShare


def to_count(now: dt.datetime) -> int | None:
    """The month that runs, when it was not counted since last midnight (and ten minutes, as a freeze)."""
    moment = now - months.AFTER
    month = months.month_of(moment)
    day = figures.span_of_day(moment.astimezone(district().zone).date())[0]
    if month < (months.start() or month + 1):
        return None
    counted = MonthCount.get_or_none(MonthCount.month == month)
    return month if counted is None or counted.counted_at < day + months.AFTER else None


def has_any(now: dt.datetime) -> bool:
    return bool(months.to_freeze(now) or to_count(now) or crowds.uncounted())


@work("months", every=dt.timedelta(minutes=1), lease=dt.timedelta(minutes=30), if_any=has_any)
def look_after_months(now: dt.datetime) -> int:
    """Freeze what is over, count what runs, and the distinct people of both; how many months that were."""
    over, runs = months.to_freeze(now), to_count(now)
    done = 0
    for month in over:
        if stopping():
            return done
        done += months.count(month, now=now, freeze=True)
    if runs:
        done += months.count(runs, now=now)
    for month in crowds.uncounted():
        if stopping():
            return done
        crowds.count_people(month, now=now)
    months.note_late()
    return done


# Counting all anew.

QUARTERS = """SELECT m.month, m.frozen_at, v.station, v.at / 900000, v.channel, v.evidence, sum(v.n)
FROM month_count AS m JOIN visit AS v ON v.local_date / 100 = m.month AND v.id <= m.last WHERE v.n <> 0
GROUP BY m.month, m.frozen_at, v.station, v.at / 900000, v.channel, v.evidence"""
"""Summed in the database: a local hour is whole quarters of an hour in every zone there is."""


def recount() -> dict[str, int]:
    """Compare the months' shares with the rows up to their marks; how many differed.

    Those of the month that runs are put right. A frozen figure is what was printed: it is told of and stays.
    Distinct people cannot be counted anew once the visits know them no more; the month that runs has them every night.
    """
    zone = district().zone
    counted: Counter = Counter()
    with writing():
        if is_postgres():
            db.execute_sql("LOCK TABLE visit IN SHARE MODE")
        for month, _frozen, station, quarter, channel, evidence, n in db.execute_sql(sql(QUARTERS)):
            hour = from_ms(quarter * 900_000).astimezone(zone).hour
            for cut, value in ((CHANNEL, channel), (EVIDENCE, evidence), (HOUR, hour)):
                counted[month, cut, value, station] += int(n)
        key = (MonthShare.month, MonthShare.cut, MonthShare.value, MonthShare.station)
        shares = MonthShare.select(*key, MonthShare.n).where(MonthShare.cut != months.DAY)
        kept = {tuple(key): n for *key, n in shares.tuples()}
        wrong = {key for key in counted.keys() | kept.keys() if counted[key] != kept.get(key, 0)}
        open_ = {
            m: at
            for m, at in MonthCount.select(MonthCount.month, MonthCount.counted_at)
            .where(MonthCount.frozen_at.is_null())
            .tuples()
        }
    for month in {key[0] for key in wrong} & open_.keys():
        months.count(month, now=open_[month])
    return {
        "month_share": sum(key[0] in open_ for key in wrong),
        "month_share (frozen, left as printed)": sum(key[0] not in open_ for key in wrong),
    }
