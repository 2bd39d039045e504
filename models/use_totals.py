"""The totals of uses against their rows: what differs is put right."""

import datetime as dt

from models._database import db, is_postgres, sql, writing
from models._record import to_ms
from models.redeeming import ADD_DAY, ADD_MONTH, USED_CARD
from models.uses import KNOWN

DAYS = """SELECT merchant, local_date, offer, SUM(n), SUM(saved) FROM (
SELECT merchant, local_date, COALESCE(offer, 0) AS offer, n, saved FROM redemption
UNION ALL SELECT merchant, local_date, offer, -n, -saved FROM redemption_day) AS told
GROUP BY merchant, local_date, offer HAVING SUM(n) <> 0 OR SUM(saved) <> 0"""

MONTHS = """SELECT month, merchant, method, SUM(n), SUM(saved) FROM (
SELECT local_date / 100 AS month, merchant, method, n, saved FROM redemption
UNION ALL SELECT month, merchant, method, -n, -saved FROM redemption_month) AS told
GROUP BY month, merchant, method HAVING SUM(n) <> 0 OR SUM(saved) <> 0"""

CARDS = """SELECT SUM(n), SUM(saved), card, MAX(since) FROM (
SELECT card, n, saved, 0 AS since FROM redemption WHERE card IS NOT NULL
UNION ALL SELECT id, -uses, -saved, asked_at FROM card) AS told
GROUP BY card HAVING SUM(n) > 0 OR SUM(saved) > 0 OR (MAX(since) > ? AND (SUM(n) <> 0 OR SUM(saved) <> 0))"""


def recount(now: dt.datetime) -> dict[str, int]:
    """Compare all totals of uses with the rows and add what is missing; how many total rows differed, by table.

    A use forgets its card after half a year, so of a card older than that more may be told than rows are known: only
    what is too little is put right. Nothing is noted meanwhile: who notes a use counts it in redemption_day first.
    """
    with writing():
        if is_postgres():
            db.execute_sql("LOCK TABLE redemption_day IN SHARE ROW EXCLUSIVE MODE")
        days, months = (db.execute_sql(statement).fetchall() for statement in (DAYS, MONTHS))
        young = to_ms(now - KNOWN)
        cards = db.execute_sql(sql(CARDS), (young,)).fetchall()
        for row in days:
            db.execute_sql(sql(ADD_DAY), tuple(map(int, row)))
        for row in months:
            db.execute_sql(sql(ADD_MONTH), tuple(map(int, row)))
        for n, saved, card, since in cards:
            more = (int(n), int(saved)) if since > young else (max(int(n), 0), max(int(saved), 0))
            db.execute_sql(sql(USED_CARD), (*more, card))
    return {"redemption_day": len(days), "redemption_month": len(months), "card": len(cards)}
