"""`demo`: how long `flask demo load` takes for the whole district, and what `flask demo remove` leaves."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench import _postgres
from bench._district import District
from bench._table import Verdict, row

SECONDS = 20
THERE = {"station": 140, "person": 10 + 4516 + 138, "employment": 4517, "enterprise": 28, "grid": 344}
THERE |= {"merchant": 184, "card": 1632, "redemption": 1632 * 20}
VISITS = 36_214


def run():
    verdict = Verdict("demo")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        databases = {"SQLite": ""}
        if _postgres.installed():
            url = stack.enter_context(_postgres.postgres())
            databases["PostgreSQL"] = _postgres.database(url, "demo")
        row("", "loaded in s", "removed in s")
        worst = 0.0
        for name, url in databases.items():
            district = District(Path(folder) / name, url)
            district.command("db", "upgrade")
            loaded = timed(district, "load")
            there = district.apart(counts)
            removed = timed(district, "remove")
            row(name, loaded, removed)
            verdict.must(
                f"{name}: the whole district is there", there["visits"] == VISITS and THERE.items() <= there.items()
            )
            left = {table: n for table, n in district.apart(counts).items() if n}
            verdict.must(f"{name}: nothing is left {left or ''}", not left)
            worst = max(worst, loaded)
    verdict.at_most("seconds to load", worst, SECONDS)
    return verdict.line(f"{worst:.1f} s")


def timed(district, word):
    begun = time.perf_counter()
    district.command("demo", word)
    return time.perf_counter() - begun


def counts():
    """The rows of each table, and the visits that they come to; to be run `apart`."""
    from models._database import db

    tables = [table for table in db.get_tables() if table != "schema_migration"]
    there = {table: db.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    return there | {"visits": int(db.execute_sql("SELECT coalesce(sum(n), 0) FROM visit").fetchone()[0])}
