"""The yardstick of `visit` on SQLite: the least that an honest app does to count a signed-in rider once.

Same session look-up, rows, indexes, durability and writers' lock as the product; no rules, no page.
"""

import datetime as dt
import fcntl
import hashlib
import os
import sqlite3
import threading
import time
import zoneinfo

from flask import Flask, abort, request

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
PRAGMAS = "journal_mode=WAL synchronous=FULL foreign_keys=ON busy_timeout=10000 secure_delete=ON trusted_schema=OFF"
SESSION = """SELECT s.id, s.last_seen_at, p.id, p.ref, p.uid, p.name, p.state, g.role, g.scope, g.ends_at
    FROM session s JOIN person p ON p.id = s.person_id LEFT JOIN role_grant g ON g.person_id = p.id
    WHERE s.token_hash = ? AND s.ends_at > ? AND s.last_seen_at + s.idle > ? AND p.state <> 'closed'"""
VISIT = """INSERT INTO visit (station, actor, client_id, at, local_date, n, channel, evidence, lag)
    VALUES (?, ?, ?, ?, ?, 1, 1, 1, 0) ON CONFLICT DO NOTHING"""
HOUR = "INSERT INTO visit_hour VALUES (?, ?, ?, 1, 1, 1) ON CONFLICT DO UPDATE SET n = n + 1"
MONTH = "INSERT INTO visit_month VALUES (?, ?, 1, 1) ON CONFLICT DO UPDATE SET n = n + 1"


def create_app():
    app, path = Flask(__name__), os.environ["BENCH_DATABASE"]
    here, one_thread = threading.local(), threading.Lock()
    one_process = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @app.post("/stations/<code>/visits")
    def visit(code):
        if not hasattr(here, "db"):
            here.db = sqlite3.connect(path, isolation_level=None)
            [here.db.execute("PRAGMA " + pragma) for pragma in PRAGMAS.split()]
        db, now, station = here.db, int(time.time() * 1000), int(code[2:])
        token = hashlib.sha256(request.cookies.get("sid", "").encode()).digest()
        person = (db.execute(SESSION, (token, now, now)).fetchall() or abort(401))[0][2]
        local, press = dt.datetime.fromtimestamp(now / 1000, ZONE), request.form["client_id"].encode()
        day, press = int(f"{local:%Y%m%d}"), int.from_bytes(hashlib.sha256(press).digest()[:8], "big", signed=True)
        with one_thread:
            while True:  # polled, as in the product, so that one budget can cover both locks
                try:
                    fcntl.flock(one_process, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(0.001)
            try:
                db.execute("BEGIN IMMEDIATE")
                with db:  # commits, or rolls back
                    if new := db.execute(VISIT, (station, person, press, now, day)).rowcount:
                        db.execute(HOUR, (station, day, local.hour))
                        db.execute(MONTH, (day // 100, station))
            finally:
                fcntl.flock(one_process, fcntl.LOCK_UN)
        return "counted", 201 if new else 200

    return app
