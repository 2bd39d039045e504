"""`redeem`: cards verified and redeemed a second, beside the least app that counts something (`reference_visit`); and with 3.6 million redemptions beside 36,000."""

import hashlib
import sqlite3
import tempfile
import time
from itertools import count
from pathlib import Path

from bench._district import District
from bench._load import post
from bench._reference_data import build_sqlite
from bench._riders import presses
from bench._rounds import alternate, heads, tell
from bench._server import served
from bench._table import Verdict, median, row
from bench.growth import plan
from bench.visit import reference_riders

CARDS, SHOPS = 12_000, 184
ROUNDS, SECONDS, AT_ONCE = 4, 2.2, 8
SHARE, PATIENCE = 0.35, 2.5
FEW, MANY, SLOWER = 36_000, 3_600_000, 1.3
GROWING = ("redemption", "redemption_day", "redemption_month", "card", "card_key", "refusal", "person", "till")

ROWS = """INSERT INTO redemption (merchant, offer, person, card, card_key, step, method, at, local_date, n, saved, actor, lag,
flag, client_id) WITH RECURSIVE one (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM one WHERE i + 1 < :rows),
  use (at, i) AS (SELECT :begin + i * :every, i FROM one)
SELECT 1 + abs(random()) % 184, 1 + abs(random()) % 184, :person + i % :cards, :card + i % :cards, :key + i % :cards,
  at / 30000, 1, at, CAST(strftime('%Y%m%d', at / 1000 + 28800, 'unixepoch') AS INTEGER), 1, 300, -1, 0, 0, random() FROM use"""
DAYS = """INSERT INTO redemption_day (merchant, local_date, offer, n, saved)
SELECT merchant, local_date, offer, sum(n), sum(saved) FROM redemption GROUP BY merchant, local_date, offer"""
MONTHS = """INSERT INTO redemption_month (month, merchant, method, n, saved)
SELECT local_date / 100, merchant, method, sum(n), sum(saved) FROM redemption GROUP BY local_date / 100, merchant, method"""


def run():
    verdict = Verdict("redeem")
    with tempfile.TemporaryDirectory() as folder:
        share, slower = compare(verdict, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        worst = grow(verdict, Path(folder))
    return verdict.line(
        f"{share:.2f} × the reference at {AT_ONCE} at once, p99 {slower:.2f} ×; {worst:.2f} × the time with 100 × the rows"
    )


def compare(verdict, folder):
    path = str(folder / "reference.sqlite")
    build_sqlite(path, reference_riders())
    district = District(folder / "product").load()
    cards = district.apart(hand_out)
    with (
        served("bench.reference_visit:create_app", folder, BENCH_DATABASE=path) as reference,
        district.serve() as product,
    ):
        sides = {
            "reference": (reference.port, presses(reference.port)),
            "product": (product.port, uses(product.port, cards)),
        }
        alternate(sides, 1, 0.7, AT_ONCE, expected=(200, 201))  # warm, not timed
        before = district.apart(kept)
        print(f"\n  {CARDS} cards, {SHOPS} shops, {ROUNDS} rounds of {SECONDS} s each")
        heads()
        rounds = alternate(sides, ROUNDS, SECONDS, AT_ONCE, expected=(200, 201))
        told = {name: tell(name, AT_ONCE, rounds[name]) for name in sides}
        verdict.must("the answer is the lit one", "可以优惠" in lit(rounds["product"][-1].sample))
    share, slower = (told["product"][n] / told["reference"][n] for n in (0, 1))
    verdict.at_least("requests/s × the reference", share, SHARE)
    verdict.at_most("p99 × the reference", slower, PATIENCE)
    answered = sum(r.statuses[200] for r in rounds["product"])
    grown = [now - then for now, then in zip(district.apart(kept), before, strict=True)]
    verdict.must(f"each answer is a row and in all totals ({answered})", set(grown) == {answered})
    return share, slower


def lit(answer: bytes) -> str:
    """The page in an answer as it came."""
    import gzip

    import brotli

    head, _, body = answer.partition(b"\r\n\r\n")
    if b"content-encoding: br" in head.lower():
        body = brotli.decompress(body)
    elif b"content-encoding: gzip" in head.lower():
        body = gzip.decompress(body)
    return body.decode()


def uses(port, cards, shops=SHOPS):
    """The POST of one use after another: each time another card, whose code is made at that moment, at another shop."""
    from models.card_code import payload

    run = f"{time.time_ns():x}"
    for n in count():
        code, key = cards[n % len(cards)]
        shop = n % shops
        text = f"code={payload(key, code, int(time.time()) // 30)}&client_id={run}-{n}"
        whole = post(port, "/redemptions/", text, f"till={token(shop)}")
        yield whole.replace(b"\r\nContent-Type", b"\r\nX-Fragment: 1\r\nContent-Type", 1)


def token(shop: int) -> str:
    return hashlib.sha256(f"bench till {shop}".encode()).hexdigest()[:43]


def hand_out(cards: int = CARDS):
    """Cards on phones, open tills and offers without limits; [(code, key)] of the cards; to be run `apart`."""
    import datetime as dt

    from cryptography.hazmat.primitives.asymmetric import ec

    from models import card_code, card_keys
    from models._database import writing
    from models._record import insert_facts, random_code
    from models.areas import Revision
    from models.card_keys import CardKey
    from models.cards import Card, number_for
    from models.merchants import Merchant
    from models.offers import Offer
    from models.people import Person
    from models.tills import Till, _hash

    now = dt.datetime.now(dt.UTC)
    mine = ec.generate_private_key(ec.SECP256R1())
    public, (kid, half) = card_code.public_of(mine), card_keys.our_half()
    with writing():
        first = 1 + (Person.select(Person.id).order_by(Person.id.desc()).tuples().first() or (0,))[0]
        insert_facts(
            Person,
            [
                {"id": first + n, "ref": random_code(), "uid": b"0" * 16, "name": "某人", "created_at": now}
                for n in range(cards)
            ],
        )
        facts = {"state": "active", "town": None, "asked_at": now, "valid_to": 20991231, "moved_at": now}
        insert_facts(
            Card,
            [
                {"id": n + 1, "ref": random_code(), "number": number_for(99, n + 1), "person": first + n} | facts
                for n in range(cards)
            ],
        )
        same = {"kind": "phone", "public": public, "kid": kid, "made_at": now, "seen_at": now}
        keys = [
            {"id": n + 1, "card": n + 1, "code": random_code(8), "device_id": f"{n:036}"} | same for n in range(cards)
        ]
        insert_facts(CardKey, keys)
        Offer.update(daily=None, times="", service_day=False, least=0).execute()
        for n, merchant in enumerate(Merchant.select().order_by(Merchant.code)):
            Till.create(
                merchant=merchant,
                name="bench",
                token_hash=_hash(token(n)),
                made_at=now,
                made_by=first,
                pin_at=now,
                seen_at=now,
            )
        Revision.bump()
    return [(key["code"], card_code.key_of(mine, half, key["code"], key["device_id"])) for key in keys]


def kept():
    """(rows, sums of days, of months, of cards); to be run `apart`."""
    from models._database import db

    sums = "SELECT count(*), (SELECT coalesce(sum(n), 0) FROM redemption_day), (SELECT coalesce(sum(n), 0) FROM redemption_month), (SELECT sum(uses) FROM card)"
    return tuple(map(int, db.execute_sql(sums + " FROM redemption").fetchone()))


def grow(verdict, folder):
    """The same act in a young district and in one that lived a hundred times as long."""
    districts, cards = {}, {}
    for name, rows in (("few", FEW), ("many", MANY)):
        district = districts[name] = District(folder / name).load()
        cards[name] = district.apart(hand_out, 2_000)
        began = time.time()
        fill(district.path, rows)
        print(f"  {rows} redemptions built in {time.time() - began:.1f} s", flush=True)
    told = {name: districts[name].apart(traced, cards[name][-1]) for name in districts}
    few, many = told["few"], told["many"]
    row("", "statements", "with 100 ×")
    row("redeem", len(few), len(many))
    verdict.must("as many statements with 100 × the redemptions", len(few) == len(many) > 0)
    scans = [step for _, steps in many for step in steps if step.split()[0] == "SCAN" and step.split()[1] in GROWING]
    verdict.must("only index searches " + "; ".join(scans), not scans)
    with districts["few"].serve() as few_server, districts["many"].serve() as many_server:
        sides = {
            "few": (few_server.port, uses(few_server.port, cards["few"][:-1])),
            "many": (many_server.port, uses(many_server.port, cards["many"][:-1])),
        }
        alternate(sides, 1, 0.3, 1)  # warm, not timed
        heads()
        middles = []
        for side, rounds in alternate(sides, 5, 1.0, 1).items():
            tell(side, 1, rounds)
            middles.append(median(median(r.latencies) for r in rounds))
    verdict.at_most("median × that with 36,000", middles[1] / middles[0], SLOWER)
    return middles[1] / middles[0]


def fill(path, rows):
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-600000"):
        db.execute("PRAGMA " + pragma)
    every = 30 * 86_400_000 // FEW
    begin = int(time.time() * 1000) - 2 * 86_400_000 - rows * every
    person, card, key = db.execute("SELECT min(person_id), min(id), 1 FROM card").fetchone()
    db.execute("BEGIN")
    db.execute(
        ROWS, {"rows": rows, "begin": begin, "every": every, "person": person, "card": card, "key": key, "cards": 2_000}
    )
    db.execute(DAYS)
    db.execute(MONTHS)
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode=WAL")
    db.close()


def traced(card):
    """[(statement, steps of its plan)] of one use through the page; to be run `apart`."""
    from app import create_app
    from models._database import db
    from models.areas import Revision
    from models.card_code import payload

    client, heard = create_app().test_client(use_cookies=False), []
    headers = {"Sec-Fetch-Site": "same-origin", "X-Fragment": "1"}
    for shop in (0, 1):  # the first time fills what is kept of the district
        heard.clear()
        Revision.current()  # asked once a second, whatever comes: not of one use
        db.connection().set_trace_callback(heard.append)
        form = {"code": payload(card[1], card[0], int(time.time()) // 30), "client_id": f"traced-{shop}"}
        answer = client.post("/redemptions/", headers=headers | {"Cookie": f"till={token(shop)}"}, data=form)
        db.connection().set_trace_callback(None)
        assert answer.status_code == 200, answer.text[:500]
        db.execute_sql("UPDATE card_key SET last_step = 0")
        db.execute_sql("UPDATE redemption SET at = at - 86400000, step = NULL WHERE card = (SELECT max(id) FROM card)")
    return [(statement, plan(db, statement)) for statement in heard]
