"""R5: the database is locked by another process: late answers, no errors; beyond the budget 503 with Retry-After."""

import contextlib
import secrets
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

from models.visits import number
from tests.browser.server import free_port
from tests.promises._server import Server, post

PHONES = 4


def run(spoilt: bool, short: bool):
    locks = 1 if short else 100
    with tempfile.TemporaryDirectory(prefix="r5") as folder:
        server = Server(Path(folder), free_port(), spoil="short_patience" if spoilt else "").load().start()
        codes = [code for (code,) in server.ask("SELECT code FROM station")]
        try:
            said, slowest = [], 0.0
            for n in range(locks):
                with _locked(server.database):
                    began = time.monotonic()
                    threads = [
                        threading.Thread(target=_press, args=(server, codes[(n * PHONES + k) % len(codes)], said))
                        for k in range(PHONES)
                    ]
                    for thread in threads:
                        thread.start()
                    time.sleep(5 - (time.monotonic() - began))
                for thread in threads:
                    thread.join()
                slowest = max(slowest, time.monotonic() - began)
                if failed := [status for status, *_ in said if status != 201]:
                    return False, f"{len(said)} presses, {len(failed)} refused;"
            beyond, waits = [], []
            with _locked(server.database):
                began = time.monotonic()
                thread = threading.Thread(target=_press, args=(server, codes[0], beyond, 30))
                thread.start()
                thread.join()
                waits.append(time.monotonic() - began)
                time.sleep(max(0, 12 - waits[0]))
            status, press, headers, device = beyond[0]
            honest = status == 503 and "retry-after" in headers and waits[0] < 14
            again, _, _ = post(_address(server, codes[0]), {"client_id": press}, {"Cookie": f"device={device}"})
        finally:
            server.stop()
        rows = [row for (row,) in server.ask("SELECT client_id FROM visit")]
        once = sorted(rows) == sorted(number(press) for _, press, *_ in [*said, *beyond])
        wrong = server.whole()
    figure = (
        f"{locks} locks of 5 s: {len(said)} presses, 0 refused, the slowest answered after {slowest:.1f} s; a lock"
        f" beyond the budget: {status} after {waits[0]:.1f} s, then {again}; each counted {'once' if once else 'NOT once'}"
        f"{'; '.join(['', *wrong])}"
    )
    return slowest < 10 and honest and again == 201 and once and not wrong, figure


def _address(server, code):
    return f"{server.url}/stations/{code}/visits"


def _press(server, code, said, patience=20):
    press, device = secrets.token_hex(8), secrets.token_hex(16)
    status, _, headers = post(_address(server, code), {"client_id": press}, {"Cookie": f"device={device}"}, patience)
    said.append((status, press, headers, device))


@contextlib.contextmanager
def _locked(path):
    """Somebody at a shell holds the database, past our lock."""
    shell = sqlite3.connect(path, isolation_level=None, timeout=20)
    shell.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        shell.execute("ROLLBACK")
        shell.close()
