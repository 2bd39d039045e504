"""R25: known and unknown numbers take as long to sign in and to ask for a code (|Δ median| < 5 ms); 10,000 guesses: ten looked at."""

import datetime as dt
import operator
import statistics
import tempfile
import time
from pathlib import Path

from models._database import writing
from models.codes import SmsCode
from models.passwords import PASSWORDS
from models.people import Person
from tests.promises import _spoil

NOON = dt.datetime(2024, 9, 19, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
OURS = {"Sec-Fetch-Site": "same-origin"}
LIMIT = 5.0
"""Milliseconds."""

PART = 1 / 3
"""In the short form, which has few tries and is run beside other work: this part of what a look at a password costs here, of
CPU time."""


def run(spoilt: bool, short: bool):
    if spoilt:
        _spoil.hasty_no()
    with tempfile.TemporaryDirectory(prefix="r25") as folder:
        return _try(Path(folder), short, tries=60 if short else 2000, guesses=300 if short else 10_000)


def _try(folder: Path, short: bool, tries: int, guesses: int):
    from app import create_app
    from models._keys import KeyRing

    KeyRing.make(folder / "keys.json")
    app = create_app(DEMO=1, DATABASE_URL=f"sqlite:///{folder / 'r25.db'}", KEY_RING=str(folder / "keys.json"))
    for words in (["db", "upgrade"], ["demo", "load", "--without-people"]):
        assert app.test_cli_runner().invoke(args=words).exit_code == 0, words
    secret = PASSWORDS.hash("somebody's own")
    with writing():
        for n in range(tries // 2 + 1):
            person = Person.register(name="某人", phone=_number(0, n), at=NOON)
            person.password_hash = secret
            person.save()

    clock = time.process_time if short else time.perf_counter  # the first does not know of other work on the machine

    def ask(path, n, known, now=NOON, address=None, **form):
        """One request of a phone of its own, from an address of its own; its status and milliseconds."""
        environ = {"nuanyi.now": now, "REMOTE_ADDR": address or f"10.{known}.{n // 250}.{n % 250}"}
        phone, form = app.test_client(), {"phone": _number(0 if known else 1, n)} | form
        began = clock()
        status = phone.post(path, data=form, headers=OURS, environ_overrides=environ).status_code
        return status, 1000 * (clock() - began)

    def medians(path, wanted, **form) -> tuple[float, float]:
        """What known and unknown numbers take, asked in turn."""
        took: dict[bool, list[float]] = {True: [], False: []}
        for n in range(tries // 2):
            for known in (True, False) if n % 2 else (False, True):
                status, ms = ask(path, n, known, **form)
                assert status == wanted, (path, status)
                if n >= 5:
                    took[known].append(ms)
        return statistics.median(took[True]), statistics.median(took[False])

    look, beside = medians("/sign-in/password", 422, password="wrong")
    limit = look * PART if short else LIMIT
    by_password = abs(look - beside)
    by_code = abs(operator.sub(*medians("/sign-in", 200)))
    one = tries // 2
    said = [ask("/sign-in/password", one, True, address="10.9.9.9", password=f"guess {n}")[0] for n in range(guesses)]
    looked_at, locked = said.count(422), said.count(429)
    most = sent = 0
    for minutes in range(0, 24 * 60, 3):
        sent += ask("/sign-in", one, True, NOON + dt.timedelta(minutes=minutes))[0] == 200
        live = SmsCode.live(_number(0, one), NOON + dt.timedelta(minutes=minutes)).count()
        most = max(most, live)
    figure = (
        f"|Δ median| over {tries} tries: password {by_password:.2f} ms, code {by_code:.2f} ms (< {limit:.1f}); of {guesses} guesses"
        f" {looked_at} looked at, {locked} locked; {sent} codes a day, {most} live at once;"
    )
    holds = (
        max(by_password, by_code) < limit and looked_at == 10 and locked == guesses - 10 and sent <= 10 and most <= 5
    )
    return holds, figure


def _number(kind: int, n: int) -> str:
    return f"13{8 - kind}{n:08}"
