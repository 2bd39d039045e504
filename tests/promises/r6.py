"""R6: the same item delivered up to 20 times, in any order, to four workers that are killed between: one row, one answer."""

import json
import os
import random
import signal
import tempfile
import threading
import time
from pathlib import Path

from models.visits import number
from tests.browser.server import free_port
from tests.promises._server import Server, post


def run(spoilt: bool, short: bool):
    items, kills, seed = (150, 4, 20246) if short else (1500, 20, 20246)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="r6") as folder:
        server = Server(Path(folder), free_port(), workers=4, spoil="no_once" if spoilt else "").load().start()
        codes = [code for (code,) in server.ask("SELECT code FROM station")]
        wanted = [(f"item-{n}", f"{n:032x}", chance.choice(codes)) for n in range(items)]
        deliveries = [item for item in wanted for _ in range(chance.randint(1, 20))]
        chance.shuffle(deliveries)
        answers: dict[str, list] = {item: [] for item, *_ in wanted}
        left, lock = iter(deliveries), threading.Lock()

        def carrier():
            while True:
                with lock:
                    item = next(left, None)
                if item is None:
                    return
                deliver(server, *item, answers)

        carriers = [threading.Thread(target=carrier) for _ in range(8)]
        for thread in carriers:
            thread.start()
        for _ in range(kills):
            time.sleep(0.4 if short else 1.7)  # granian gives up on a worker that dies twice in 5.5 s
            os.kill(_oldest_worker(server.process.pid), signal.SIGKILL)
        for thread in carriers:
            thread.join()
        server.stop()
        rows = server.ask("SELECT client_id, count(*), sum(n) FROM visit GROUP BY client_id")
        once = {client_id for client_id, count, n in rows if count == 1 and n == 1}
        missing = [item for item, *_ in wanted if number(item) not in once]
        strange = [
            item
            for item, said in answers.items()
            if set(said) - {"accepted", "duplicate"} or said.count("accepted") > 1
        ]
        wrong = server.whole()
    figure = (
        f"{items} items in {len(deliveries)} deliveries, {kills} workers killed, {len(missing)} not exactly once, "
        f"{len(strange)} answered otherwise, {'; '.join(wrong) or 'whole'} (seed {seed})"
    )
    return not (missing or strange or wrong), figure


def deliver(server, item, device, code, answers):
    """Until there is an answer, by the form or by the queue, as it comes."""
    cookie = {"Cookie": f"device={device}"}
    while True:
        try:
            if len(answers[item]) % 2:
                status, body, _ = post(f"{server.url}/stations/{code}/visits", {"client_id": item}, cookie)
                said = {201: "accepted", 200: "duplicate"}.get(status)
            else:
                record = [{"v": 1, "kind": "visit", "client_id": item, "place": code, "via": "", "at": "", "who": ""}]
                status, body, _ = post(
                    f"{server.url}/sync", json.dumps(record).encode(), cookie | {"Content-Type": "application/json"}
                )
                said = json.loads(body)[0]["result"] if status == 200 else None
        except OSError:
            said = None
        if said:
            answers[item].append(said)
            return
        time.sleep(0.05)


def _oldest_worker(pid: int) -> int:
    """The one that was killed longest ago: process numbers grow."""
    return min(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
