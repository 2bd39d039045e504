"""`rotate`: 100,000 phones come under new keys while the server goes on: how long, and how it answers meanwhile."""

import subprocess
import sys
import tempfile
import threading
import time
from itertools import count

from bench._district import District, places, sign_in_riders
from bench._load import get, press
from bench._riders import RIDERS, presses, secret
from bench._server import PROJECT
from bench._table import Verdict, row

PHONES, MOST = 100_000, 60.0  # seconds
AT_ONCE, SLOWER = 4, 5.0  # phones that press meanwhile; × of the p99 before


def run():
    verdict = Verdict("rotate")
    with tempfile.TemporaryDirectory() as folder:
        district = District(folder).load()
        district.apart(sign_in_riders)
        district.apart(register, PHONES)
        codes, tokens = zip(*district.apart(places), strict=True)
        with district.serve() as server:
            requests = mixture(server.port, codes, tokens)
            press(server.port, requests, AT_ONCE, 1, expected=(200, 201))  # warm, not timed
            before = press(server.port, requests, AT_ONCE, 4, expected=(200, 201))
            for purpose in ("pii", "index"):
                subprocess.run(
                    [sys.executable, "-m", "models._keys", "add", f"{folder}/keys.json", purpose],
                    cwd=PROJECT,
                    check=True,
                )
            over, meanwhile = threading.Event(), []

            def go_on():
                while not over.is_set():
                    meanwhile.append(press(server.port, requests, AT_ONCE, 2, expected=(200, 201)))

            phones = threading.Thread(target=go_on)
            phones.start()
            begun = time.perf_counter()
            district.command("keys", "rotate")
            took = time.perf_counter() - begun
            over.set()
            phones.join()
        left = district.apart(old)
    latencies = sorted(latency for round in meanwhile for latency in round.latencies)
    p99 = latencies[int(len(latencies) * 0.99)] * 1000
    row("", "requests/s", "p99 ms", "longest ms")
    row("before", before.rate, before.p99, max(before.latencies) * 1000)
    row("meanwhile", len(latencies) / took, p99, latencies[-1] * 1000)
    verdict.at_most(f"seconds for {PHONES:,} phones, the command's start included", took, MOST)
    verdict.at_most("p99 meanwhile × that before", p99 / before.p99, SLOWER)
    verdict.must(f"{left} under an old key", left == 0)
    verdict.must(f"{len(latencies)} requests answered meanwhile, none failed", bool(latencies))
    return verdict.line(f"{took:.1f} s for {PHONES:,} phones, p99 {p99:.0f} ms meanwhile ({before.p99:.0f} before)")


def mixture(port, codes, tokens):
    """Visits and signed-in pages in turn."""
    visits = presses(port, codes, tokens)
    for n in count():
        yield next(visits)
        yield get(port, "/me/", f"sid={secret(n % RIDERS)}")


def register(many):
    """People with phones, in pieces; to be run `apart`."""
    import secrets

    from models._database import writing
    from models.people import Person

    now = int(time.time() * 1000)
    fields = [Person.ref, Person.uid, Person.name, Person.phone_sealed, Person.phone_index, Person.phone_last4]
    fields += [Person.state, Person.created_at]
    for start in range(0, many, 1000):
        rows = []
        for n in range(start, min(start + 1000, many)):
            person = Person(name="伙伴", uid=secrets.token_bytes(16))
            person.take_phone(f"139{n:08}")
            rows.append([getattr(person, field.name) for field in fields[:-2]] + ["confirmed", now])
        with writing():
            Person.insert_many(rows, fields=fields).execute()


def old():
    """Phones under an old key; to be run `apart`."""
    from models.rotation import old

    return old()
