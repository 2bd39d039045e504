"""R11: 32 merchants scan one code at the same moment, 1,000 times, on SQLite and on PostgreSQL: each time exactly one has it."""

import datetime as dt
import multiprocessing
import tempfile
import threading
from collections import Counter
from pathlib import Path

from bench import _postgres
from models import redeeming, verifying
from models._database import db
from models._keys import KeyRing, use_ring
from models.card_code import parse
from models.merchants import Merchant
from models.redeeming import Shop
from models.redemptions import Redemption, RedemptionMonth
from tests._engines import opened
from tests._till import Holder, make_shop
from tests.promises import _spoil
from tests.promises._district import NOON, no_caps, people, small

PROCESSES, THREADS = 4, 8
APART = dt.timedelta(minutes=20)
"""Between two rounds."""


def run(spoilt: bool, short: bool):
    rounds = 25 if short else 1000
    told = []
    with tempfile.TemporaryDirectory(prefix="r11") as folder:
        told.append(("SQLite", *_race(Path(folder), "", rounds, spoilt)))
    with tempfile.TemporaryDirectory(prefix="r11") as folder, _postgres.postgres(quick=True) as url:
        told.append(("PostgreSQL", *_race(Path(folder), _postgres.database(url, "r11"), rounds, spoilt)))
    figure = "; ".join(f"{engine}: {rounds} rounds, {won} with one winner, {rows} rows" for engine, won, rows in told)
    return all(won == rows == rounds for _, won, rows in told), f"{PROCESSES * THREADS} merchants at once, {figure};"


def _race(folder: Path, url: str, rounds: int, spoilt: bool) -> tuple[int, int]:
    """Rounds with exactly one winner, and rows that say so."""
    with small(folder, url) as where:
        no_caps()
        [person] = people(1)
        phone = Holder(person, NOON)
        for n in range(PROCESSES * THREADS):
            make_shop(f"AX9{n:02}", NOON)
        codes = [phone.code(NOON + n * APART) for n in range(rounds)]
        context = multiprocessing.get_context("spawn")
        barrier, said = context.Barrier(PROCESSES * THREADS), context.Queue()
        workers = [
            context.Process(target=_merchants, args=(where, str(folder / "keys.json"), n, codes, barrier, said, spoilt))
            for n in range(PROCESSES)
        ]
        for worker in workers:
            worker.start()
        wins: Counter = Counter()
        for _ in workers:
            wins.update(said.get(timeout=900))
        for worker in workers:
            worker.join()
        rows = Redemption.select().count()
        assert RedemptionMonth.select(RedemptionMonth.n).count()
        return sum(wins[n] == 1 for n in range(rounds)), rows


def _merchants(url, keys, process, codes, barrier, said, spoilt):
    """Eight merchants of one process, a thread each; what they won, by round."""
    if spoilt:
        _spoil.no_step()
    use_ring(KeyRing.read(Path(keys)))
    wins: Counter = Counter()
    with opened(url):
        shops = list(Merchant.select().where(Merchant.code.startswith("AX9")).order_by(Merchant.code))
        threads = [
            threading.Thread(target=_merchant, args=(shops[process * THREADS + n], n, codes, barrier, wins))
            for n in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    said.put(wins)


def _merchant(merchant, n, codes, barrier, wins):
    shop = Shop(merchant, -merchant.id)
    try:
        for number, code in enumerate(codes):
            now = NOON + number * APART
            barrier.wait(120)
            checked = verifying.check(parse(code), now)
            given = redeeming.giving(merchant.id, now)
            answer = redeeming.redeem(shop, checked, given, client_id=f"{merchant.code}-{number}", now=now)
            if answer.reason == "":
                wins[number] += 1
    finally:
        db.close()
