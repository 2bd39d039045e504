"""Sabotage: each function spoils one of the product's own settings or code paths before the app is made."""

import contextlib
import os


def serve():
    """What the promises' servers start: the app, spoilt by the function that the environment names, if any."""
    if name := os.environ.get("NUANYI_SPOIL"):
        globals()[name]()
    from app import serve as whole

    return whole()


def no_transaction():
    """Each statement of a visit is committed by itself: rows without their totals are left by a kill."""
    from models import visits

    @contextlib.contextmanager
    def bare():
        yield

    visits.writing = bare


def no_once():
    """The same id is not looked up and not unique: what comes again is counted again."""
    from models import visits
    from models._database import db

    visits.LOOK_UP = visits.LOOK_UP.replace("WHERE client_id = ?", "WHERE client_id = ? AND 1 = 0")
    visits.REST *= 0
    opened = visits.admit.__globals__["writing"]

    @contextlib.contextmanager
    def dropping():
        with opened():
            db.execute_sql("DROP INDEX IF EXISTS visit_client_id")
            yield

    visits.writing = dropping


def short_patience():
    """A write waits a second for the database, not ten."""
    from models import _database

    _database.BUDGET = 1.0
    _database.PRAGMAS["busy_timeout"] = 1000


def silent_no():
    """A database that is locked too long is answered as if the visit had been counted."""
    from views import visits

    admit = visits.admit

    def pretending(*args, **kwargs):
        from models._database import Busy
        from models.visits import Outcome

        try:
            return admit(*args, **kwargs)
        except Busy:
            return Outcome("accepted", kwargs["now"], True)

    visits.admit = pretending
