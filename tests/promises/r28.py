"""R28: keys are rotated under reads and kills: no read fails, 0 rows are left under an old key, a wrong key loses nothing."""

import hashlib
import http.client
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from models._database import connect, db, writing
from models._keys import KeyRing, Locked, ring, use_ring
from models.people import Person
from models.rotation import old
from tests._engines import opened
from tests.browser.server import free_port
from tests.promises import _spoil
from tests.promises._server import ROOT, Server

ROTATE = """
import sys
import app
from models import rotation
import datetime as dt
app.create_app()
for told in rotation.rotate(dt.datetime.now(dt.UTC)):
    if told.table == "person":
        print(told.done, flush=True)
"""


def run(spoilt: bool, short: bool):
    kills, phones = (3, 1500) if short else (50, 40_000)
    chance, blinds = random.Random(28), KeyRing.blinds
    if spoilt:
        _spoil.one_index()
    try:
        with tempfile.TemporaryDirectory(prefix="r28") as folder:
            return _run(Path(folder), kills, phones, chance, "one_index" if spoilt else "")
    finally:
        KeyRing.blinds = blinds


def _run(folder, kills, phones, chance, spoil):
    keys = folder / "keys.json"
    server = Server(folder, free_port(), spoil=spoil).load().start()
    use_ring(KeyRing.read(keys))
    numbers = [f"139{n:08}" for n in range(phones)]
    try:
        with opened(f"sqlite:///{server.database}", synchronous="full"):
            _register(numbers)
            over, reads, failed = threading.Event(), [0], []
            readers = [threading.Thread(target=_read, args=(numbers, over, reads, failed, n)) for n in range(2)]
            readers.append(threading.Thread(target=_sign_in, args=(server, over, reads, failed)))
            for reader in readers:
                reader.start()
            for purpose in ("pii", "index"):
                KeyRing.add(keys, purpose)
            time.sleep(2.5)  # until every process has read the file again
            killed = sum(_rotate(server, chance.randint(1, 3)) for _ in range(kills))
            _rotate(server, 0)
            over.set()
            for reader in readers:
                reader.join()
            left = old()
            _without_old_keys(keys)
            use_ring(KeyRing.read(keys))
            time.sleep(1.5)
            unread = sum(not _reads(number) for number in numbers)
            status = _signs_in(server)
            before = _rows()
            wrong = _with_a_wrong_key(server, keys, folder / "wrong.json")
            same = _rows() == before
    finally:
        server.stop()
    figure = (
        f"{killed} kills while {phones} phones were rotated, {reads[0]} reads, {len(failed)} failed; {left} rows under an old"
        f" key, {unread} unread without it, sign-in {status}; a wrong key: {'said so' if wrong else 'NOT SAID'},"
        f" {'nothing changed' if same else 'CHANGED'}"
    )
    for why in sorted(set(failed))[:3]:
        print("  failed:", why)
    return killed == kills and not failed and reads[0] > 100 and not (
        left or unread
    ) and status == 303 and wrong and same, figure


def _register(numbers):
    now = int(time.time() * 1000)
    fields = [Person.ref, Person.uid, Person.name, Person.phone_sealed, Person.phone_index, Person.phone_last4]
    for start in range(0, len(numbers), 1000):
        rows = []
        for number in numbers[start : start + 1000]:
            person = Person(name="伙伴", uid=secrets.token_bytes(16))
            person.take_phone(number)
            rows.append([*(getattr(person, field.name) for field in fields), "confirmed", now])
        with writing():
            Person.insert_many(rows, fields=[*fields, Person.state, Person.created_at]).execute()


def _reads(number) -> bool:
    try:
        person = Person.by_phone(number)
        return person is not None and person.phone == number
    except Locked:
        return False


def _read(numbers, over, reads, failed, n):
    """A reader of this process: finds people by their phone and opens it."""
    mine = random.Random(n)
    connect()
    while not over.is_set():
        number = mine.choice(numbers)
        reads[0] += 1
        if not _reads(number):
            failed.append("by phone")
    db.close()


def _sign_in(server, over, reads, failed):
    """A reader of the server: a demo account is found by its phone."""
    while not over.is_set():
        reads[0] += 1
        if (status := _signs_in(server)) != 303:
            failed.append(f"sign-in {status}")
        time.sleep(0.05)


def _signs_in(server) -> int:
    """The answer to signing in, its redirection not followed: 303 when the phone was found."""
    asking = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    asking.request("POST", "/sign-in", "account=14108120001", headers)
    answer = asking.getresponse()
    answer.read()
    asking.close()
    return answer.status if "sid=" in answer.headers.get("Set-Cookie", "") else 0


def _rotate(server, pieces: int) -> bool:
    """Rotate in a process of its own, killed with -9 after so many pieces (0: never). Was it killed?"""
    line = [sys.executable, "-c", ROTATE]
    process = subprocess.Popen(line, cwd=ROOT, env=server.env, stdout=subprocess.PIPE, text=True)
    for _ in range(pieces):
        process.stdout.readline()
    if pieces:
        process.kill()
    else:
        process.stdout.read()
    process.stdout.close()
    return process.wait() == -9


def _without_old_keys(keys: Path):
    told = json.loads(keys.read_text())
    for purpose in ("pii", "index"):
        told[purpose] = told[purpose][-1:]
    fresh = keys.with_name("fresh.json")
    fresh.write_text(json.dumps(told))
    os.replace(fresh, keys)


def _rows() -> str:
    told = hashlib.sha256()
    for row in db.execute_sql("SELECT id, phone_sealed, phone_index, phone_last4 FROM person ORDER BY id").fetchall():
        told.update(repr(row).encode())
    return told.hexdigest()


def _with_a_wrong_key(server, keys: Path, wrong: Path) -> bool:
    """Keys of the right names and other bytes: are they refused in words by the command and at the start?"""
    KeyRing.make(wrong)
    kids = {purpose: ring().newest(purpose)[0] for purpose in ring().keys}
    told = {
        purpose: [key | {"kid": kids[purpose]} for key in keys]
        for purpose, keys in json.loads(wrong.read_text()).items()
    }
    wrong.chmod(0o600)
    wrong.write_text(json.dumps(told))
    env = server.env | {"NUANYI_KEY_RING": str(wrong)}
    said = []
    for line in (["-m", "flask", "--app", "app", "keys", "rotate"], ["-c", "import app; app.serve()"]):
        done = subprocess.run([sys.executable, *line], cwd=ROOT, env=env, capture_output=True, text=True)
        said.append(done.returncode != 0 and "is not the one that this database was written with" in done.stderr)
    return all(said)
