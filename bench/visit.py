"""`visit`: visits of signed-in riders a second, beside the least app that does the same (`reference_visit`)."""

import sqlite3
import tempfile
import time
from pathlib import Path

import psycopg

from bench import _postgres
from bench._district import District, counted, places, sign_in_riders
from bench._load import press
from bench._reference_data import build_postgres, build_sqlite
from bench._riders import RIDERS, digest, presses
from bench._rounds import CONCURRENCIES, alternate, heads, tell
from bench._server import served
from bench._table import Verdict

ROUNDS, SECONDS = 4, 2.2
SUMS = """SELECT count(*), sum(n), (SELECT sum(n) FROM visit_hour), (SELECT sum(n) FROM visit_month) FROM visit"""


def run():
    verdict = Verdict("visit")
    with tempfile.TemporaryDirectory() as folder:
        worst = compare_sqlite(verdict, Path(folder))
    figure = f"{worst:.2f} × the reference on SQLite"
    if _postgres.installed():
        with tempfile.TemporaryDirectory() as folder, _postgres.postgres() as url:
            worst = compare_postgres(verdict, Path(folder), url)
        figure += f", {worst:.2f} × on PostgreSQL"
    else:
        print("  PostgreSQL is not installed: not compared")
    return verdict.line(figure)


def compare_sqlite(verdict, folder):
    path = str(folder / "reference.sqlite")
    build_sqlite(path, reference_riders())
    with served("bench.reference_visit:create_app", folder, BENCH_DATABASE=path) as reference:
        shown = compare(verdict, "SQLite", reference, District(folder / "product"), 0.5, 2)
    verdict.must("the reference kept each acknowledged visit", settled(sqlite3.connect(path), shown["reference"]))
    return shown["worst"]


def compare_postgres(verdict, folder, url):
    theirs, ours = (_postgres.database(url, name) for name in ("reference", "product"))
    build_postgres(theirs, reference_riders())
    with served("bench.reference_visit_pg:create_app", folder, BENCH_DATABASE=theirs) as reference:
        shown = compare(verdict, "PostgreSQL", reference, District(folder / "product", ours), 0.6, None)
    with psycopg.connect(theirs) as db:
        verdict.must("the reference kept each acknowledged visit", settled(db, shown["reference"]))
    return shown["worst"]


def compare(verdict, engine, reference, district, limit, patience):
    """Alternating rounds at each concurrency; answers the visits of the reference and the product's worst ratio."""
    district.load().apart(sign_in_riders)
    codes, tokens = zip(*district.apart(places), strict=True)
    before, acknowledged, worst = district.apart(counted), {"reference": 0, "product": 0}, float("inf")
    with district.serve() as product:
        sides = {
            "reference": (reference.port, presses(reference.port)),
            "product": (product.port, presses(product.port, codes, tokens)),
        }
        for name, (port, requests) in sides.items():  # warm, not timed
            acknowledged[name] += press(port, requests, 8, 0.7, expected=(201,)).statuses[201]
        print(f"\n  {engine}: {RIDERS} riders, {len(codes)} stations, {ROUNDS} rounds of {SECONDS} s each")
        heads()
        for phones in CONCURRENCIES:
            rounds = alternate(sides, ROUNDS, SECONDS, phones, expected=(201,))
            told = {name: tell(name, phones, rounds[name]) for name in sides}
            for name in sides:
                acknowledged[name] += sum(r.statuses[201] for r in rounds[name])
            ratio = told["product"][0] / told["reference"][0]
            worst = min(worst, ratio)
            verdict.at_least(f"{engine}, {phones} at once: requests/s × the reference", ratio, limit)
            slower = told["product"][1] / told["reference"][1]
            if patience:
                verdict.at_most(f"{engine}, {phones} at once: p99 × the reference", slower, patience)
            else:
                print(f"        (p99 {slower:.2f} × the reference)")
    grown = [now - then for now, then in zip(district.apart(counted), before, strict=True)]
    verdict.must(
        f"{engine}: each acknowledged visit is a row and in both totals ({acknowledged['product']})",
        set(grown) == {acknowledged["product"]},
    )
    return {"reference": acknowledged["reference"], "worst": worst}


def reference_riders():
    now = int(time.time() * 1000)
    return [(n + 1, digest(n), now) for n in range(RIDERS)]


def settled(db, acknowledged):
    return set(map(int, db.execute(SUMS).fetchone())) == {acknowledged}
