"""`signin`: a signed-in page beside a bare "hello"; and 200 people who sign in at once with their passwords.

While they do, riders press their buttons: their p99 is told beside that of a quiet minute, and what the server holds.
Two sign-ins wait for their turn in each worker; the others are told to come back, with what they had typed.
"""

import multiprocessing
import tempfile
from itertools import count, cycle, repeat
from pathlib import Path
from urllib.parse import urlencode

from bench._district import District, places, sign_in_riders
from bench._load import get, post, press
from bench._riders import RIDERS, presses, secret
from bench._rounds import alternate, heads, tell
from bench._server import served
from bench._table import Verdict, median, row
from bench.memory import pss

ROUNDS, SECONDS, PHONES = 4, 1.5, 8
PEOPLE, STORM = 200, 6  # people who sign in at once; seconds of visits meanwhile
SHARE, SLOWER, HELD = 0.05, 3, 200  # of hello's requests a second; × the quiet p99; MB
PASSWORD = "a bench's password"


def run():
    verdict = Verdict("signin")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        district = District(folder / "district").load()
        district.apart(sign_in_riders)
        phones = district.apart(people_with_passwords)
        codes, tokens = zip(*district.apart(places), strict=True)
        with district.serve() as product, served("bench.hello:create_app", folder) as hello:
            share = signed_in_page(verdict, hello.port, product.port)
            slower, held = storm(verdict, product, phones, presses(product.port, codes, tokens))
    return verdict.line(f"{share:.2f} × hello, visits' p99 {slower:.2f} × with 200 sign-ins at once, {held:.0f} MB")


def signed_in_page(verdict, hello, product):
    mine = (get(product, "/me/", f"sid={secret(n)}") for n in cycle(range(RIDERS)))
    sides = {"hello": (hello, repeat(get(hello, "/"))), "/me/": (product, mine)}
    alternate(sides, 1, 0.3, PHONES)  # warm, not timed
    shown = alternate(sides, ROUNDS, SECONDS, PHONES)
    heads()
    rate = {name: tell(name, PHONES, rounds)[0] for name, rounds in shown.items()}
    share = rate["/me/"] / rate["hello"]
    verdict.at_least("a signed-in page: requests/s × hello", share, SHARE)
    return share


def storm(verdict, server, phones, visits):
    """Quiet and stormy rounds of visits in turn; answers the ratio of their p99 and the most that was held, in MB."""
    quiet, stormy, held, answers = [], [], [], {303: 0, 503: 0}
    press(server.port, visits, PHONES, 1, expected=(201,))  # warm, not timed
    for _ in range(ROUNDS):
        quiet.append(press(server.port, visits, PHONES, STORM / 2, expected=(201,)))
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            signing = pool.apply_async(sign_in_at_once, (server.port, phones))
            stormy.append(press(server.port, visits, PHONES, STORM / 2, expected=(201,)))
            held.append(pss(server.pids()))
            told, kept = signing.get(60)
        verdict.must("who was turned away was told when to come back", kept)
        answers = {status: answers[status] + told.get(status, 0) for status in answers}
    row("", "p50 ms", "p99 ms")
    for name, rounds in (("quiet", quiet), ("200 sign-ins", stormy)):
        row(name, median(median(r.latencies) for r in rounds) * 1000, median(r.p99 for r in rounds))
    print(f"  of {sum(answers.values())} sign-ins {answers[303]} were let in at once, {answers[503]} asked to wait")
    slower = median(r.p99 for r in stormy) / median(r.p99 for r in quiet)
    verdict.must("somebody was let in", answers[303] > 0)
    verdict.at_most("visits' p99 with 200 sign-ins at once × without", slower, SLOWER)
    verdict.at_most("MB held", max(held), HELD)
    return slower, max(held)


def sign_in_at_once(port, phones):
    """200 connections, a sign-in on each at the same moment; ({status: how many}, whether the refusals were kind)."""
    forms = (
        post(port, "/sign-in/password", urlencode({"phone": phones[n % PEOPLE], "password": PASSWORD, "next": ""}))
        for n in count()
    )
    shown = press(port, forms, PEOPLE, count=PEOPLE, expected=(303, 503))
    kind = not shown.sample.startswith(b"HTTP/1.1 503") or b"retry-after" in shown.sample.lower()
    return dict(shown.statuses), kind


def people_with_passwords(count=PEOPLE):
    """Phones of people who have the password of this benchmark; to be run `apart`."""
    import datetime as dt

    from models._database import writing
    from models.passwords import PASSWORDS
    from models.people import Person

    phones, hashed, now = [f"139{n:08d}" for n in range(count)], PASSWORDS.hash(PASSWORD), dt.datetime.now(dt.UTC)
    with writing():
        for phone in phones:
            person = Person.register(name="伙伴", phone=phone, at=now)
            Person.update(password_hash=hashed).where(Person.id == person.id).execute()
    return phones
