"""`growth`: a district with 3.6 million visits beside one with 36,000: same statements, same time, little disk."""

import datetime as dt
import sqlite3
import tempfile
import time
from itertools import repeat
from pathlib import Path

from bench._district import District, places, sign_in_riders
from bench._load import get
from bench._riders import presses, secret
from bench._rounds import alternate, heads, tell
from bench._table import Verdict, median, row

FEW, MANY = 36_000, 3_600_000  # a month, and a hundred months of the same traffic
PEOPLE = 1_000  # few enough that each has more than one page of visits in both
STEP = 30 * 86_400_000 // FEW  # ms between two visits
ROUNDS, SECONDS = 5, 1.2
SLOWER, BYTES = 1.3, 115
GROWING = ("visit", "visit_hour", "visit_month", "person", "role_grant", "session", "request", "trail")

VISITS = """INSERT INTO visit (station, actor, client_id, at, local_date, n, channel, evidence, lag)
WITH RECURSIVE one (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM one WHERE i + 1 < :rows),
  press (at) AS (SELECT :begin + i * :step FROM one)
SELECT (SELECT min(id) FROM station WHERE kind <> 'centre') + abs(random()) % 139, :rider + abs(random()) % :riders,
  random(), at, CAST(strftime('%Y%m%d', at / 1000 + 28800, 'unixepoch') AS INTEGER), 1, 1, 1, 0 FROM press"""
HOURS = """INSERT INTO visit_hour (station, local_date, hour, channel, evidence, n)
SELECT station, local_date, (at / 3600000 + 8) % 24 AS hour, channel, evidence, sum(n) FROM visit
GROUP BY station, local_date, hour, channel, evidence"""
MONTHS = """INSERT INTO visit_month (month, station, channel, n)
SELECT local_date / 100, station, channel, sum(n) FROM visit_hour GROUP BY local_date / 100, station, channel"""


def run():
    verdict = Verdict("growth")
    with tempfile.TemporaryDirectory() as folder:
        districts = {
            name: grown(District(Path(folder) / name).load(), rows) for name, rows in (("few", FEW), ("many", MANY))
        }
        size = bytes_a_visit(districts["many"].path)
        verdict.at_most("bytes a visit on disk, with its indexes", size, BYTES)
        same_statements(verdict, districts)
        worst = same_time(verdict, districts)
    return verdict.line(f"{worst:.2f} × the time with 100 × the visits, {size:.0f} bytes a visit")


def grown(district, rows):
    """Fill in visits in the order of their time, indexes in place, as a district that lived through them."""
    first, began = district.apart(sign_in_riders, PEOPLE), time.time()
    db = sqlite3.connect(district.path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-600000"):
        db.execute("PRAGMA " + pragma)
    begin = int(time.time() * 1000) - 5 * 3_600_000 - rows * STEP  # the last one is older than the cool-down
    db.execute("BEGIN")
    db.execute(VISITS, {"rows": rows, "begin": begin, "step": STEP, "rider": first, "riders": PEOPLE})
    db.execute(HOURS)
    db.execute(MONTHS)
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
    district.apart(freeze_all)
    print(f"  {rows} visits built in {time.time() - began:.1f} s", flush=True)
    return district


def freeze_all():
    """Seconds of the slowest month, and of its transaction; to be run `apart`."""
    from models import crowds, freezing, months

    now, slowest, held = dt.datetime.now(dt.UTC), 0.0, 0.0
    for month in months.to_freeze(now):
        began = time.monotonic()
        months.count(month, now=months.due(month), freeze=True)
        counted = time.monotonic()
        crowds.count_people(month, now=months.due(month))
        slowest, held = max(slowest, time.monotonic() - began), max(held, counted - began)
    freezing.look_after_months(now)
    return slowest, held


def bytes_a_visit(path):
    db = sqlite3.connect(path)
    rows = db.execute("SELECT count(*) FROM visit").fetchone()[0]
    size = "SELECT sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) WHERE tbl_name {}"
    alone, totals = (
        db.execute(size.format(names)).fetchone()[0] / rows for names in ("= 'visit'", "LIKE 'visit@_%' ESCAPE '@'")
    )
    db.close()
    row("bytes a visit", alone, "its totals", totals)
    return alone


def same_statements(verdict, districts):
    """The statements of each act and how SQLite finds what they ask for."""
    told = {name: district.apart(traced) for name, district in districts.items()}
    row("", "statements", "with 100 ×")
    for act in told["few"]:
        few, many = (told[name][act] for name in ("few", "many"))
        row(act, len(few), len(many))
        verdict.must(f"{act}: as many statements with 100 × the visits", len(few) == len(many) > 0)
        scans = [(statement, step) for statement, steps in many for step in steps if scanned(step)]
        verdict.must(
            f"{act}: only index searches"
            + "".join(f"\n      {step}: {' '.join(s.split())[:150]}" for s, step in scans),
            not scans,
        )


def scanned(step):
    """Does a step of the plan read a whole table that grows?"""
    words = step.split()
    return words[0] == "SCAN" and words[1] in GROWING


def traced():
    """{act: [(statement, steps of its plan)]} of the product, asked through its own pages; to be run `apart`."""
    from app import create_app
    from models._database import db
    from models.stations import PosterToken

    client = create_app().test_client(use_cookies=False)
    officer = officers_session()
    token = PosterToken.select().where(PosterToken.station == 5).first().token
    ours = {"Sec-Fetch-Site": "same-origin"}
    acts = {
        "visit": lambda sid, n: client.post(
            f"/stations/{token}/visits",
            headers=ours | {"Cookie": f"sid={sid}"},
            data={"via": token, "client_id": f"growth {n}".replace(" ", "-"), "at": ""},
        ),
        "my last 20": lambda sid, n: client.get("/me/", headers={"Cookie": f"sid={sid}"}),
        "the month": lambda sid, n: client.get("/dashboard/visits", headers={"Cookie": f"sid={officer}"}),
    }
    heard, told = [], {}
    for act, do in acts.items():
        for n in range(2):  # the first time fills what is kept of the district
            heard.clear()
            db.connection().set_trace_callback(heard.append)
            answer = do(secret(n), n)
            db.connection().set_trace_callback(None)
            assert answer.status_code in (200, 201), (act, answer.status_code, answer.text[:500])
        told[act] = [(statement, plan(db, statement)) for statement in heard]
    return told


def plan(db, statement):
    if statement.split()[0].upper() not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
        return []
    return [line[3] for line in db.execute_sql("EXPLAIN QUERY PLAN " + statement).fetchall()]


def same_time(verdict, districts):
    """Both districts served side by side, asked in turn, one phone at a time; answers the worst ratio of medians."""
    with districts["few"].serve() as few, districts["many"].serve() as many:
        acts, worst = {}, 0
        for name, server in (("few", few), ("many", many)):
            officer = districts[name].apart(officers_session)
            codes, tokens = zip(*districts[name].apart(places), strict=True)
            acts[name] = {
                "visit": presses(server.port, codes, tokens, PEOPLE),
                "my last 20": (get(server.port, "/me/", f"sid={secret(n % PEOPLE)}") for n in range(10**9)),
                "the month": repeat(get(server.port, "/dashboard/visits", f"sid={officer}")),
            }
        heads()
        for act in acts["few"]:
            sides = {
                f"{name}: {act}": (server.port, acts[name][act]) for name, server in (("few", few), ("many", many))
            }
            alternate(sides, 1, 0.3, 1, expected=(200, 201))  # warm, not timed
            shown = alternate(sides, ROUNDS, SECONDS, 1, expected=(200, 201))
            middles = []
            for side, rounds in shown.items():
                tell(side, 1, rounds)
                middles.append(median(median(r.latencies) for r in rounds))
            worst = max(worst, middles[1] / middles[0])
            verdict.at_most(f"{act}: median × that with 36,000", middles[1] / middles[0], SLOWER)
    return worst


def officers_session():
    """The token of a session of the demo's officer; to be run `apart`."""
    from models.demo import ACCOUNTS, start_session

    return start_session(next(phone for phone, _, role in ACCOUNTS if role == "officer"), at=dt.datetime.now(dt.UTC))
