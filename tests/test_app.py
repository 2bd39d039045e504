"""Starting, refusing to start, answering when something is broken, and the commands."""

import fcntl
import io
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from peewee import OperationalError

from app import WholeBody, create_app, ready
from models import _database, demo
from models._database import Busy, db, writing
from models._keys import KeyRing, use_ring
from models._schema import UnknownSchema
from models.demo import is_demo
from models.stations import Station
from models.visits import Visit, VisitMonth
from tests._engines import let_go
from tests._phone import Phone

ROOT = Path(__file__).parent.parent


# Starting.


@pytest.fixture
def start(keys, tmp_path, monkeypatch):
    """Start an app of one's own; nothing of this machine's environment is taken."""
    for name in list(os.environ):
        if name.startswith("NUANYI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NUANYI_INSTANCE", str(tmp_path / "instance"))
    started = []

    def start(**changes):
        started.append(create_app(**changes))
        return started[-1]

    yield start
    use_ring(KeyRing.read(keys))  # the demo starts with keys of its own
    if started:
        let_go()


GOOD = {
    "BASE_URL": "https://nuanyi.example",
    "SMS": "https://sms.example/send",
    "SMS_KEY": "nuanyi:a-secret-of-a-test",
}


@pytest.mark.no_database
@pytest.mark.parametrize(
    "changes, words",
    [
        ({}, "KEY_RING"),
        ({"KEY_RING": ""}, "KEY_RING"),
        ({"BASE_URL": ""}, "BASE_URL"),
        ({"BASE_URL": "http://nuanyi.example"}, "https"),
        ({"BASE_URL": "nuanyi.example"}, "https"),
        ({"SMS": ""}, "NUANYI_SMS"),
        ({"SMS": "console"}, "NUANYI_SMS"),
        ({"SMS": "http://sms.example/send"}, "https"),
        ({"SMS_KEY": ""}, "NUANYI_SMS_KEY"),
    ],
)
def test_it_does_not_start_unsafely(changes, words, start, keys):
    changes = {"KEY_RING": str(keys)} | GOOD | changes if changes else GOOD
    with pytest.raises(RuntimeError, match=words):
        start(**changes)


@pytest.mark.no_database
def test_a_key_ring_that_is_missing_or_broken_stops_it(start, tmp_path):
    with pytest.raises(FileNotFoundError):
        start(KEY_RING=str(tmp_path / "nowhere"), **GOOD)
    (tmp_path / "broken").write_text("{}")
    with pytest.raises(ValueError):
        start(KEY_RING=str(tmp_path / "broken"), **GOOD)


@pytest.mark.only("sqlite", "what is made for a first start is a SQLite file")
def test_the_demo_makes_what_it_needs(engine, start, tmp_path):
    app = start(DEMO=1)
    assert (tmp_path / "instance" / "keys.json").stat().st_mode & 0o777 == 0o400
    assert (tmp_path / "instance" / "nuanyi.db").exists() and app.sid == "sid"
    KeyRing.read(tmp_path / "instance" / "keys.json")


def test_it_serves_no_schema_that_it_does_not_know(bare, demo_app):
    with pytest.raises(UnknownSchema):
        ready(demo_app)


def test_it_serves_a_known_one(small, demo_app, real_app):
    assert ready(demo_app) is demo_app and ready(real_app) is real_app


def test_outside_demo_mode_it_does_not_serve_a_demo(yanzhou, demo_app, real_app):
    assert ready(demo_app) is demo_app
    with pytest.raises(RuntimeError, match="demo"):
        ready(real_app)


def test_a_district_that_is_not_loaded_yet_does_not_stumble(migrated, phone):
    for path in ("/", "/stations/", "/s/", "/s/X", "/offline", "/manifest.webmanifest"):
        answer = phone.get(path)
        assert answer.status_code == 503 and "还没有布置好" in answer.page.text, path
    for path in ("/sign-in", "/healthz"):
        assert phone.get(path).status_code == 200
    demo.load_district(ROOT / "districts" / "999999", at=phone.now)
    assert phone.get("/").status_code == 200


# When something is broken.


def test_a_mistake_of_ours_is_a_page_in_human_words(town, phone, monkeypatch, caplog):
    monkeypatch.setattr("views.home.greeting", lambda now: 1 / 0)
    with caplog.at_level(logging.ERROR):
        answer = phone.ask("GET", "/", query_string={"near": "35.5,116.8"}, fails=True)
    assert answer.status_code == 500 and "我们" in answer.page.text
    for secret in ("Traceback", "ZeroDivision", "File ", "greeting"):
        assert secret not in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store" and "X-Keep" not in answer.headers
    assert "GET /" in caplog.text and "116.8" not in caplog.text  # where somebody is stands in no log
    monkeypatch.undo()
    assert phone.get("/").status_code == 200


def test_even_the_page_of_errors_may_be_what_is_broken(town, phone, monkeypatch):
    monkeypatch.setattr("views._answer.render_template", lambda *_, **__: 1 / 0)
    answer = phone.ask("GET", "/", fails=True)
    assert answer.status_code == 500 and "稍后再来" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "error", [Busy("file lock"), OperationalError("database is locked"), OperationalError("disk I/O error")]
)
def test_a_database_that_cannot_now_is_503_everywhere(error, town, phone, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("views.visits.admit", fail)
    monkeypatch.setattr("views.people.figures.last_of", fail)
    phone.sign_in(town.rui)
    for answer in (phone.press("SF001"), phone.get("/me/")):
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
        assert "locked" not in answer.page.text and "disk" not in answer.page.text


@pytest.mark.only("sqlite", "the lock of SQLite's writers is a file")
def test_locked_for_a_moment_a_press_is_late_and_right(engine, town, phone):
    lock = os.open(writing.path, os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    threading.Timer(0.4, lambda: fcntl.flock(lock, fcntl.LOCK_UN)).start()
    assert phone.press("SF001", client_id="x").status_code == 201
    os.close(lock)


@pytest.mark.only("sqlite", "the lock of SQLite's writers is a file")
def test_locked_for_too_long_a_press_is_503_and_nothing_is_lost(engine, town, phone, monkeypatch):
    monkeypatch.setattr(_database, "BUDGET", 0.2)
    lock = os.open(writing.path, os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    answer = phone.press("SF001", client_id="x")
    assert answer.status_code == 503 and phone.get("/stations/SF001").status_code == 200  # reading goes on
    os.close(lock)
    assert phone.press("SF001", client_id="x").status_code == 201 and Visit.select().count() == 1


@pytest.mark.only("sqlite", "a full disk is tried with a file that may not grow")
def test_with_a_full_disk_a_press_is_503_and_pages_are_still_shown(engine, town, phone):
    db.execute_sql("PRAGMA max_page_count = 1")
    statuses = {phone.set("device", f"{n:032}").press("SF001", client_id=f"{n}").status_code for n in range(200)}
    assert 503 in statuses and statuses <= {201, 503}
    assert phone.get("/stations/SF001").status_code == 200
    db.execute_sql("PRAGMA max_page_count = 1073741823")
    counted = Visit.select().count()
    assert phone.set("device", "f" * 32).press("SF001", client_id="after").status_code == 201
    assert sum(row.n for row in VisitMonth.select()) == counted + 1


# A body cut short.


def test_a_request_cut_short_is_400_and_does_nothing(town, app):
    body = b"via=&client_id=x&at="
    environ = {"CONTENT_LENGTH": str(len(body) + 40), "wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    answer = Phone(app).post(
        "/stations/SF001/visits", environ=environ, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400 and not Visit.select().exists()


@pytest.mark.no_database
def test_a_body_of_unknown_length_is_411():
    told = []
    answer = WholeBody(lambda *_: told.append("reached"))(
        {"HTTP_TRANSFER_ENCODING": "chunked"}, lambda *said: told.append(said)
    )
    assert "再试一次" in b"".join(answer).decode() and [said[0] for said in told] == ["411 Length Required"]


# Commands.


@pytest.fixture
def command(demo_app):
    """`flask …` on the database that is open."""

    def command(*words, wrong=False):
        done = demo_app.test_cli_runner().invoke(args=list(words))
        assert (done.exit_code != 0) == wrong, (done.output, done.exception)
        return done.output

    return command


def test_a_district_comes_up_by_commands(bare, command):
    assert "applied 0001_ground" in command("db", "upgrade")
    assert command("db", "upgrade") == ""
    assert "3 stations" in command("district", "load", str(ROOT / "districts" / "999999"))
    assert Station.select().count() == 3 and not is_demo()


def test_the_demo_comes_and_goes_by_commands(migrated, command):
    assert "140 stations, 10 accounts" in command("demo", "load")
    assert is_demo()
    assert command("demo", "load", wrong=True)
    assert command("demo", "load", "--if-empty") == ""
    command("demo", "remove")
    assert not Station.select().exists()
    assert command("demo", "remove", wrong=True)


def test_a_recount_says_what_differed(town, command, phone):
    phone.press("SF001")
    assert command("recount").count(": 0 ") == 7
    with writing():
        VisitMonth.update(n=7).execute()
    assert "visit_month: 1 put right" in command("recount")
    assert VisitMonth.get().n == 1


@pytest.mark.no_database
def test_a_key_ring_is_made_by_command_once(tmp_path):
    """Before there is an app: it does not start without one."""
    command = [sys.executable, "-m", "models._keys", tmp_path / "ring"]
    subprocess.run(command, cwd=ROOT, check=True)
    KeyRing.read(tmp_path / "ring")
    before = (tmp_path / "ring").read_bytes()
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode != 0
    assert (tmp_path / "ring").read_bytes() == before


def test_a_command_is_a_process_of_its_own(town, phone, keys):
    phone.press("SF001")
    environment = {
        "NUANYI_DEMO": "1",
        "NUANYI_DATABASE_URL": town.url,
        "NUANYI_KEY_RING": str(keys),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "recount"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stdout.count(": 0 ") == 7, done.stderr
