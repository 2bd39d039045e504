"""The yardstick of `visit` on PostgreSQL: as `reference_visit.py`, with the advisory lock of the person instead."""

import datetime as dt
import hashlib
import os
import threading
import time
import zoneinfo

import psycopg
from flask import Flask, abort, request

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
SESSION = """SELECT s.id, s.last_seen_at, p.id, p.ref, p.uid, p.name, p.state, g.role, g.scope, g.ends_at
    FROM session s JOIN person p ON p.id = s.person_id LEFT JOIN role_grant g ON g.person_id = p.id
    WHERE s.token_hash = %s AND s.ends_at > %s AND s.last_seen_at + s.idle > %s AND p.state <> 'closed'"""
VISIT = """INSERT INTO visit (station, actor, client_id, at, local_date, n, channel, evidence, lag)
    VALUES (%s, %s, %s, %s, %s, 1, 1, 1, 0) ON CONFLICT DO NOTHING"""
HOUR = """INSERT INTO visit_hour VALUES (%s, %s, %s, 1, 1, 1)
    ON CONFLICT (station, local_date, hour, channel, evidence) DO UPDATE SET n = visit_hour.n + 1"""
MONTH = """INSERT INTO visit_month VALUES (%s, %s, 1, 1)
    ON CONFLICT (month, station, channel) DO UPDATE SET n = visit_month.n + 1"""


def create_app():
    app, here = Flask(__name__), threading.local()

    @app.post("/stations/<code>/visits")
    def visit(code):
        if not hasattr(here, "db"):
            here.db = psycopg.connect(os.environ["BENCH_DATABASE"], autocommit=True)
        db, now, station = here.db, int(time.time() * 1000), int(code[2:])
        token = hashlib.sha256(request.cookies.get("sid", "").encode()).digest()
        person = (db.execute(SESSION, (token, now, now)).fetchall() or abort(401))[0][2]
        local, press = dt.datetime.fromtimestamp(now / 1000, ZONE), request.form["client_id"].encode()
        day, press = int(f"{local:%Y%m%d}"), int.from_bytes(hashlib.sha256(press).digest()[:8], "big", signed=True)
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s)", (person,))
            if new := db.execute(VISIT, (station, person, press, now, day)).rowcount:
                db.execute(HOUR, (station, day, local.hour))
                db.execute(MONTH, (day // 100, station))
        return "counted", 201 if new else 200

    return app
