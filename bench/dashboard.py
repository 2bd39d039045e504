"""`dashboard`: the officer's pages with 3.6 million visits beside 36,000, in the same eighteen months: same statements, same time."""

import datetime as dt
import sqlite3
import tempfile
import time
from itertools import repeat
from pathlib import Path

from bench._district import District
from bench._load import get
from bench._rounds import alternate, heads, tell
from bench._table import Verdict, median, row
from bench.growth import HOURS, MONTHS, freeze_all, officers_session, plan, scanned

FEW, MANY = 36_000, 3_600_000  # the demo's visits, and a province's: a hundred times as many
DAYS = 540
PEOPLE, DEVICES = 4_500, 900
ROUNDS, SECONDS = 9, 0.5
SLOWER, NIGHT = 1.3, 60

VISITS = """INSERT INTO visit (station, actor, client_id, at, local_date, n, channel, evidence, lag)
WITH RECURSIVE one (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM one WHERE i + 1 < :rows),
  press (at, dice, lag) AS (SELECT :begin + CAST(i * :step AS INTEGER), abs(random()) % 100, abs(random()) % 50 FROM one)
SELECT (SELECT min(id) FROM station WHERE kind <> 'centre') + abs(random()) % 139,
  CASE WHEN dice < 62 THEN 1000 + abs(random()) % :people WHEN dice < 69 THEN -1 - abs(random()) % :devices END,
  random(), at, CAST(strftime('%Y%m%d', at / 1000 + 28800, 'unixepoch') AS INTEGER), 1,
  CASE WHEN dice < 62 THEN 1 WHEN dice < 69 THEN 2 ELSE 3 END,
  CASE WHEN dice < 55 THEN 1 WHEN dice < 60 THEN 2 WHEN dice < 69 THEN 0 ELSE 3 END,
  CASE WHEN lag = 0 THEN 600 + abs(random()) % 100000 ELSE 0 END FROM press"""
"""One in fifty waited on a phone without network."""


def run():
    verdict = Verdict("dashboard")
    with tempfile.TemporaryDirectory() as folder:
        districts = {
            name: grown(District(Path(folder) / name).load(), rows) for name, rows in (("few", FEW), ("many", MANY))
        }
        night = lived_through(verdict, districts)
        same_statements(verdict, districts)
        worst = same_time(verdict, districts)
    return verdict.line(f"{worst:.2f} × the time with 100 × the visits, a month frozen in {night:.1f} s")


def grown(district, rows):
    """Fill in visits in the order of their time, with the totals that are kept beside them."""
    began = time.time()
    db = sqlite3.connect(district.path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-600000"):
        db.execute("PRAGMA " + pragma)
    told = {"rows": rows, "step": DAYS * 86_400_000 / rows, "people": PEOPLE, "devices": DEVICES}
    db.execute("BEGIN")
    db.execute(VISITS, told | {"begin": int((time.time() - DAYS * 86_400) * 1000)})
    db.execute(HOURS)
    db.execute(MONTHS)
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
    print(f"  {rows} visits built in {time.time() - began:.1f} s", flush=True)
    return district


def lived_through(verdict, districts):
    """Freeze what is over as a worker would have; answers the seconds of the slowest month with 3.6 million visits."""
    for name, district in districts.items():
        slowest, held = district.apart(freeze_all)
        row(name, "a month, s", slowest, "writers wait, s", held)
    verdict.at_most("seconds to freeze a month with its people", slowest, NIGHT)
    verdict.at_most("seconds that writers wait for it", held, 5)
    return slowest


def pages(code):
    """The pages by what is looked at: `%s` the month frozen last, `%t` the one that runs."""
    return {
        "today": "/dashboard/",
        "months": "/dashboard/months",
        "stations now": "/dashboard/visits?month=%t",
        "channels now": "/dashboard/visits?month=%t&by=channel",
        "hours now": "/dashboard/visits?month=%t&by=hour",
        "stations, frozen": "/dashboard/visits?month=%s",
        "towns, frozen": "/dashboard/visits?month=%s&by=town",
        "evidence, frozen": "/dashboard/visits?month=%s&by=evidence",
        "hours, frozen": "/dashboard/visits?month=%s&by=hour",
        "an hour's stations": "/dashboard/visits?month=%s&hour=17",
        "late": f"/dashboard/visits/{code}?month=%s&part=since",
        "people": "/dashboard/people?month=%s",
        "a check": "/dashboard/checks/unvisited",
    }


def addresses():
    """{what: path} with the months of today; to be run `apart`."""
    from models import months
    from models.stations import Station

    this = months.month_of(dt.datetime.now(dt.UTC))
    code = Station.listed().order_by(Station.code).first().code
    return {
        what: path.replace("%t", str(this)).replace("%s", str(months.after(this, -1)))
        for what, path in pages(code).items()
    }


def same_statements(verdict, districts):
    told = {name: district.apart(traced) for name, district in districts.items()}
    row("", "statements", "with 100 ×")
    for what in told["few"]:
        few, many = (told[name][what] for name in ("few", "many"))
        row(what, len(few), len(many))
        verdict.must(f"{what}: as many statements with 100 × the visits", len(few) == len(many) > 0)
        scans = [(statement, step) for statement, steps in many for step in steps if scanned(step)]
        said = "".join(f"\n      {step}: {' '.join(statement.split())[:200]}" for statement, step in scans)
        verdict.must(f"{what}: only index searches{said}", not scans)


def traced():
    """{what: [(statement, steps of its plan)]}; to be run `apart`."""
    from app import create_app
    from models._database import db

    client, cookie = create_app().test_client(use_cookies=False), {"Cookie": f"sid={officers_session()}"}
    heard, told = [], {}
    for what, path in addresses().items():
        for _ in range(2):  # the first time fills what is kept of the district
            heard.clear()
            db.connection().set_trace_callback(heard.append)
            answer = client.get(path, headers=cookie)
            db.connection().set_trace_callback(None)
            assert answer.status_code == 200, (what, answer.status_code)
        told[what] = [(statement, plan(db, statement)) for statement in heard]
    return told


def same_time(verdict, districts):
    """Both served side by side and asked in turn by one officer; answers the worst ratio of medians."""
    worst, paths = 0, districts["few"].apart(addresses)
    cookies = {name: f"sid={district.apart(officers_session)}" for name, district in districts.items()}
    with districts["few"].serve() as few, districts["many"].serve() as many:
        heads()
        for what, path in paths.items():
            sides = {
                f"{name}: {what}": (server.port, repeat(get(server.port, path, cookies[name])))
                for name, server in (("few", few), ("many", many))
            }
            alternate(sides, 1, 0.3, 1)  # warm, not timed
            middles = []
            for side, rounds in alternate(sides, ROUNDS, SECONDS, 1).items():
                tell(side, 1, rounds)
                middles.append(median(median(r.latencies) for r in rounds))
            worst = max(worst, middles[1] / middles[0])
            verdict.at_most(f"{what}: median × that with 36,000", middles[1] / middles[0], SLOWER)
    return worst
