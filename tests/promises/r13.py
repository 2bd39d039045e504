"""R13: one photograph of a code and 500 accounts: all but a few visits marked, the keeper asked within ten minutes; of an honest week of 20,000 partners less than 0.5 % is marked."""

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from peewee import chunked

from models import doubting, doubts
from models._database import writing
from models._record import to_ms
from models.areas import metres
from models.people import Person
from models.sessions import Session
from models.stations import PosterToken, Station
from models.visits import Visit, VisitHour
from tests.promises import _spoil

NOON = dt.datetime(2024, 9, 19, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
OURS = {"Sec-Fetch-Site": "same-origin"}
SEED = 13
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)

DAY_CURVE = [1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 16, 18, 14, 10, 9, 9, 12, 16, 14, 9, 6, 3, 2]
"""How much comes in which hour of the day: two meals."""

DETOUR = 1.3
"""Metres of road for one as the crow flies."""


def run(spoilt: bool, short: bool):
    if spoilt:
        _spoil.no_window()
    with tempfile.TemporaryDirectory(prefix="r13") as folder:
        app = _app(Path(folder))
        attack = _attack(app, accounts=120 if short else 500)
        honest = _honest_week(people=1_000 if short else 20_000)
    marked, pressed, asked = attack
    wrongly, visits, why = honest
    figure = (
        f"{pressed} presses by one photograph in an hour: {marked} marked, the keeper asked"
        f" {'never' if asked is None else f'after {asked} min'}; of {visits} honest visits {wrongly} marked"
        f" ({100 * wrongly / visits:.2f} %: {dict(why)});"
    )
    holds = asked is not None and asked <= 10 and marked >= 0.9 * pressed and wrongly < 0.005 * visits
    return holds, figure


def _app(folder: Path):
    from app import create_app
    from models._keys import KeyRing

    KeyRing.make(folder / "keys.json")
    app = create_app(DEMO=1, DATABASE_URL=f"sqlite:///{folder / 'r13.db'}", KEY_RING=str(folder / "keys.json"))
    for words in (["db", "upgrade"], ["demo", "load", "--without-people"]):
        assert app.test_cli_runner().invoke(args=words).exit_code == 0, words
    return app


# The attack: through the pages, as phones would.


def _attack(app, accounts: int) -> tuple[int, int, int | None]:
    """Marked presses, presses, and minutes until the keeper is asked (None: never)."""
    chance, station = Random(SEED), Station.get(code="YZ024")
    token = PosterToken.current(station).token
    with writing():
        people = [
            Person.register(name="某人", phone=f"139{n:08}", at=NOON - chance.randint(2, 90) * DAY)
            for n in range(accounts)
        ]
    tokens = [Session.start(person, at=NOON) for person in people]
    pressed, asked = 0, None
    when = sorted((chance.random() * 60, n) for n in range(accounts))
    for minute in range(61):
        now = NOON + minute * MINUTE
        while when and when[0][0] < minute:
            _, n = when.pop(0)
            phone = app.test_client()
            phone.set_cookie(app.sid, tokens[n])
            environ = {"nuanyi.now": now - 0.5 * MINUTE, "REMOTE_ADDR": f"10.0.{n // 250}.{n % 250}"}
            form = {"via": token, "client_id": f"attack{n}", "at": ""}
            answer = phone.post(f"/stations/{station.code}/visits", data=form, headers=OURS, environ_overrides=environ)
            assert answer.status_code == 201, answer.status_code
            pressed += 1
        doubting.look(now)  # as the worker does, each minute
        if asked is None and doubts.warned(station.id, now):
            asked = minute
    return doubts.Doubt.select(doubts.Doubt.visit).distinct().count(), pressed, asked


# The honest week: rows as the presses would leave them, looked at hour by hour.


def _honest_week(people: int) -> tuple[int, int, Counter]:
    """Marked visits, visits, and what for."""
    chance = Random(SEED + 1)
    stations = list(Station.listed())
    likes = [0.4 + chance.random() ** 2 * 3 for _ in stations]
    begin = dt.datetime.combine((NOON + 7 * DAY).date(), dt.time(), NOON.tzinfo)
    _history(stations, likes, people, begin)
    before = Visit.select().count()
    for day in range(7):
        rows = []
        for n in range(people):
            rows += _day_of(100_000 + n, begin + day * DAY, stations, likes, chance)
        rows.sort(key=lambda row: row["at"] + row["lag"] * 1000)
        for hour in range(24):
            until = to_ms(begin + day * DAY + dt.timedelta(hours=hour + 1))
            some = [row for row in rows if until - 3_600_000 <= row["at"] + row["lag"] * 1000 < until]
            with writing():
                for few in chunked(some, 100):
                    Visit.insert_many(few).execute()
            doubting.look(begin + day * DAY + dt.timedelta(hours=hour + 1))
    mine = doubts.Doubt.select(doubts.Doubt.visit, doubts.Doubt.kind).join(Visit).where(Visit.actor >= 100_000)
    found = list(mine.tuples())
    return len({visit for visit, _ in found}), Visit.select().count() - before, Counter(kind for _, kind in found)


def _history(stations, likes, people, begin):
    """The four weeks before, as their totals are kept."""
    a_day = people * 1.2 / sum(likes)
    rows = []
    for days in range(1, 29):
        day = begin - days * DAY
        for station, like in zip(stations, likes, strict=True):
            for hour, share in enumerate(DAY_CURVE):
                if n := round(a_day * like * share / sum(DAY_CURVE)):
                    key = {"station": station.id, "local_date": int(f"{day:%Y%m%d}"), "hour": hour}
                    rows.append(key | {"channel": 1, "evidence": 1, "n": n})
    with writing():
        VisitHour.delete().execute()
        for some in chunked(rows, 100):
            VisitHour.insert_many(some).execute()


def _day_of(actor, day, stations, likes, chance) -> list[dict]:
    """One partner's day: none to three stops, with the way between them at the pace of a scooter or a car."""
    stops = chance.choices((0, 1, 2, 3), (20, 50, 22, 8))[0]
    rows, at, here = [], None, None
    kmh = chance.gauss(42, 12) if actor % 5 < 2 else chance.gauss(21, 5)  # two of five drive
    for _ in range(stops):
        if here is None:
            here = chance.choices(stations, likes)[0]
            hour = chance.choices(range(24), DAY_CURVE)[0]
            at = day + dt.timedelta(hours=hour, minutes=chance.random() * 60)
        else:
            there = chance.choice(stations)
            road = DETOUR * metres(here.lat, here.lng, there.lat, there.lng) / 1000
            ride = dt.timedelta(hours=road / max(kmh, 8))
            stay = dt.timedelta(minutes=3 + chance.expovariate(1 / 90))
            at, here = at + stay + ride, there
        if at.date() != day.date():
            break
        waits = chance.random()
        lag = (
            0 if waits < 0.94 else int(chance.expovariate(1 / 1500)) if waits < 0.99 else int(chance.random() * 14_400)
        )
        rows.append(
            {
                "station": here.id,
                "actor": actor,
                "at": to_ms(at),
                "local_date": int(f"{at:%Y%m%d}"),
                "n": 1,
                "channel": 1,
                "evidence": 1,
                "lag": lag,
            }
        )
    return rows
