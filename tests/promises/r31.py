"""R31: any one byte of 10,000 sealed lines changed, lines deleted, swapped or put in: each is found; both databases refuse."""

import datetime as dt
import random
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from peewee import IntegrityError

from bench import _postgres
from models import seals
from models._database import db, is_postgres, sql, writing
from models._keys import KeyRing, use_ring
from models._record import to_ms
from models._schema import upgrade
from models._trail import Trail
from models.seals import seal, verify
from tests._engines import opened
from tests.promises import _spoil

LINES = 10_000
NOW = dt.datetime(2024, 9, 19, 4, tzinfo=dt.UTC)
COLUMNS = ("seq", "at", "kind", "actor", "subject", "what")
SEAL_COLUMNS = ("first", "last", "n", "prev", "hash", "at")


def run(spoilt: bool, short: bool):
    chance, tried, missed, refused = random.Random(31), Counter(), Counter(), 0
    whole = seals._hash
    if spoilt:
        _spoil.blind_seals()
    try:
        for url in _databases():
            with url as url, opened(url):
                upgrade()
                _fill()
                refused += _refused()
                without_triggers()
                for what, how in TRIALS.items():
                    for _ in range(max(1, how[1] // (20 if short else 1))):
                        found = _trial(how[0], chance)
                        tried[what] += 1
                        missed[what] += not found
                assert verify().wrong is None, "every trial was taken back"
    finally:
        seals._hash = whole
    told = ", ".join(f"{n} {what}" for what, n in tried.items())
    figure = f"{told}: {missed.total()} missed; {refused} of {2 * len(REFUSED)} changes refused by triggers"
    return not missed.total() and refused == 2 * len(REFUSED), figure


def _databases():
    @contextmanager
    def sqlite():
        with tempfile.TemporaryDirectory(prefix="r31") as folder:
            KeyRing.make(Path(folder) / "keys")
            use_ring(KeyRing.read(Path(folder) / "keys"))
            yield f"sqlite:///{folder}/r31.db"

    @contextmanager
    def postgres():
        with _postgres.postgres(quick=True) as url:
            yield _postgres.database(url, "r31")

    return sqlite(), postgres()


def _fill():
    """Ten seals of a thousand lines."""
    fields = [Trail.at, Trail.kind, Trail.actor, Trail.subject, Trail.what]
    for n in range(10):
        lines = [
            (to_ms(NOW) + i, ("seen", "moved", "changed")[i % 3], 1 + i % 500, f"station:YZ{i % 139:03}", f"第 {i} 次")
            for i in range(LINES // 10)
        ]
        with writing():
            Trail.insert_many(lines, fields=fields).execute()
        seal(NOW + n * dt.timedelta(minutes=1))


REFUSED = ("UPDATE trail SET actor = 0", "DELETE FROM trail", "UPDATE seal SET at = 0", "DELETE FROM seal")


def _refused() -> int:
    refused = 0
    for statement in REFUSED:
        try:
            with writing():
                db.execute_sql(statement)
        except IntegrityError:
            refused += 1
    return refused


def without_triggers():
    """Let the database take what its triggers refuse, as somebody does who has its file in hand."""
    with writing():
        if is_postgres():
            for table in ("trail", "seal"):
                db.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        else:
            for (name,) in db.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute_sql(f"DROP TRIGGER {name}")


class TakeBack(Exception):
    """So that the next trial finds everything as it was."""


def _trial(how, chance) -> bool:
    """Was it found? What cannot be done at all (a number that is taken) is tried in another place."""
    while True:
        found = False
        try:
            with writing():
                how(chance)
                found = verify().wrong is not None
                raise TakeBack
        except TakeBack:
            return found
        except IntegrityError:
            continue


def _flip(table, key, columns, chance):
    column = chance.choice(columns)
    id, value = db.execute_sql(
        f"SELECT {key}, {column} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {_any(table, chance)}"
    ).fetchone()
    if isinstance(value, int):
        wide = 31 if (table, column) == ("seal", "n") else 63
        new, value = sql("?"), value ^ (1 << chance.randrange(wide))
    else:
        raw = bytearray(value.encode() if isinstance(value, str) else bytes(value))
        place, old = chance.randrange(len(raw)), bytes(raw)
        raw[place] ^= chance.randrange(1, 256)
        while isinstance(value, str) and is_postgres() and not _is_text(raw):
            raw = bytearray(old)
            raw[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
        new = (
            ("convert_from(%s, 'UTF8')" if is_postgres() else "CAST(? AS TEXT)") if isinstance(value, str) else sql("?")
        )
        value = bytes(raw)
    db.execute_sql(sql(f"UPDATE {table} SET {column} = {new} WHERE {key} = ?"), (value, id))


def _is_text(raw) -> bool:
    try:
        return "\0" not in bytes(raw).decode()
    except UnicodeDecodeError:
        return False


def _any(table, chance) -> int:
    return chance.randrange(LINES if table == "trail" else 10)


def _delete(chance):
    first = 1 + chance.randrange(LINES)
    db.execute_sql(
        sql("DELETE FROM trail WHERE seq >= ? AND seq < ?"), (first, first + chance.choice((1, 1, 1, 10, 1000)))
    )


def _swap(chance):
    one, other = (1 + n for n in chance.sample(range(LINES), 2))
    for old, new in ((one, -1), (other, one), (-1, other)):
        db.execute_sql(sql("UPDATE trail SET seq = ? WHERE seq = ?"), (new, old))


def _put_in(chance):
    """Where a number is free: before all, or where a line was, with another in its place."""
    some = 1 + chance.randrange(LINES)
    copy = sql(
        "INSERT INTO trail (seq, at, kind, actor, subject, what) SELECT ?, at, kind, actor, subject, what FROM trail WHERE seq = ?"
    )
    if chance.random() < 0.5:
        db.execute_sql(copy, (-chance.randrange(2**62), some))
    else:
        other = some % LINES + 1
        db.execute_sql(sql("DELETE FROM trail WHERE seq = ?"), (some,))
        db.execute_sql(copy, (some, other))


TRIALS = {
    "bytes flipped in lines": (lambda chance: _flip("trail", "seq", COLUMNS, chance), 1000),
    "in seals": (lambda chance: _flip("seal", "id", SEAL_COLUMNS, chance), 100),
    "deletions": (_delete, 100),
    "swaps": (_swap, 100),
    "put in": (_put_in, 100),
}
"""What is tried, and how often on each database."""
