"""R1: kill -9 of the whole server under load; no acknowledged visit is lost, none counted twice, totals equal rows."""

import random
import secrets
import tempfile
import threading
import time
from pathlib import Path

from models.visits import number
from tests.browser.server import free_port
from tests.promises._server import Server, post

PHONES = 8


def run(spoilt: bool, short: bool):
    kills, seed = (8 if short else 200), 20241
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="r1") as folder:
        server = Server(Path(folder), free_port(), spoil="no_transaction" if spoilt else "").load()
        codes = [code for (code,) in server.ask("SELECT code FROM station")]
        acknowledged, retries, over = {}, [0], threading.Event()

        def phone(n):
            mine = random.Random(seed + n)
            while not over.is_set():
                press, device, code = secrets.token_hex(8), secrets.token_hex(16), mine.choice(codes)
                while not over.is_set():
                    try:
                        status, _, _ = post(
                            f"{server.url}/stations/{code}/visits",
                            {"client_id": press, "via": "", "at": ""},
                            {"Cookie": f"device={device}"},
                            timeout=15,
                        )
                    except OSError:
                        retries[0] += 1
                        time.sleep(0.02)
                        continue
                    if status in (200, 201):
                        acknowledged[press] = status
                        break
                    time.sleep(0.05)

        server.start()
        phones = [threading.Thread(target=phone, args=(n,)) for n in range(PHONES)]
        for thread in phones:
            thread.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 0.4))
            server.kill()
            server.start()
        time.sleep(0.5)
        over.set()
        for thread in phones:
            thread.join()
        server.stop()
        wrong = server.whole()
        rows = {client_id: n for client_id, n in server.ask("SELECT client_id, n FROM visit")}
        lost = [press for press in acknowledged if rows.get(number(press)) != 1]
        twice = server.ask("SELECT client_id FROM visit GROUP BY client_id HAVING count(*) > 1")
    figure = (
        f"{kills} kills, {len(acknowledged)} acknowledged, {retries[0]} retries, {len(lost)} lost, {len(twice)} twice, "
        f"{'; '.join(wrong) or 'whole'} (seed {seed})"
    )
    return not (lost or twice or wrong) and len(acknowledged) > kills, figure
