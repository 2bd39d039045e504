"""A demo district of the product for a benchmark: made by its own commands, then filled with riders.

What touches the models runs in a process of its own (`apart`): the models know one database a process.
"""

import multiprocessing
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from bench._riders import RIDERS, digest
from bench._server import PROJECT, served

DAY = 86_400_000  # milliseconds


class District:
    """A product's database and the environment that leads to it."""

    def __init__(self, folder, url=""):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.path = self.folder / "district.sqlite"
        self.environment = {
            "NUANYI_DEMO": "1",
            "NUANYI_DATABASE_URL": url or f"sqlite:///{self.path}",
            "NUANYI_SECRET_KEY": secrets.token_hex(32),
            "NUANYI_INSTANCE": str(self.folder),
        }

    def command(self, *words):
        """`flask …` on this district."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=PROJECT,
            check=False,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"flask {' '.join(words)}:\n{done.stderr[-2000:]}")

    def load(self):
        """The schema and the demo, its stations and accounts alone."""
        self.command("db", "upgrade")
        self.command("demo", "load", "--without-people")
        return self

    def apart(self, work, *args):
        """Run `work(*args)` in a process whose models stand on this district; answers what it answers."""
        with multiprocessing.get_context("spawn").Pool(1, _open, (self.environment,)) as pool:
            return pool.apply(work, args)

    def serve(self, **more):
        return served("app:serve", self.folder, **self.environment, **more)


def _open(environment):
    os.environ.update(environment)
    from app import create_app

    create_app()


def sign_in_riders(count=RIDERS):
    """`count` riders, each with a session that `_riders.secret` opens; to be run `apart`."""
    from models._database import db, writing
    from models.people import Person, RoleGrant
    from models.sessions import Session

    now = int(time.time() * 1000)
    with writing():
        db.execute_sql("DELETE FROM session")
        first = 1 + (Person.select(Person.id).order_by(Person.id.desc()).tuples().first() or (0,))[0]
        for start in range(0, count, 500):
            some = range(start, min(start + 500, count))
            Person.insert_many([{"id": first + n, "name": f"骑手{n}", "created_at": now} for n in some]).execute()
            RoleGrant.insert_many([{"person": first + n, "role": "rider"} for n in some]).execute()
            Session.insert_many(
                [
                    {
                        "person": first + n,
                        "token_hash": digest(n),
                        "started_at": now,
                        "last_seen_at": now,
                        "ends_at": now + 30 * DAY,
                        "idle": 30 * DAY,
                    }
                    for n in some
                ]
            ).execute()
    return first


def places():
    """(code, token) of each listed station; to be run `apart`."""
    from models.stations import PosterToken, Station

    rows = PosterToken.select(Station.code, PosterToken.token).join(Station)
    rows = rows.where(Station.kind != "centre", PosterToken.retired_at.is_null()).order_by(Station.code)
    return list(rows.tuples())


def counted():
    """(rows, sum of n, sum of the hours' totals, sum of the months' totals); to be run `apart`."""
    from models._database import db

    sums = "(SELECT coalesce(sum(n), 0) FROM {})"
    query = "SELECT count(*), coalesce(sum(n), 0), " + sums.format("visit_hour") + ", " + sums.format("visit_month")
    return tuple(map(int, db.execute_sql(query + " FROM visit").fetchone()))
