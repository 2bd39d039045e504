"""Work beside the web: each piece is done once, by one worker, whoever dies meanwhile."""

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from peewee import OperationalError

from models import _work
from models._database import Busy, db, writing
from models._work import Job, claim, once, plant, run, step, work
from models.areas import Setting
from tests import _crowd
from tests._engines import NOON, opened, path_of

ROOT = Path(__file__).parent.parent
MINUTE = dt.timedelta(minutes=1)


class Clock:
    """A clock that the test moves; it ends the worker that looks too often."""

    def __init__(self):
        self.now, self.stop, self.looks = NOON, threading.Event(), 0

    def __call__(self):
        self.looks += 1
        if self.looks > 200:
            self.stop.set()
        return self.now


@pytest.fixture
def works(monkeypatch):
    """No work but the test's own."""
    monkeypatch.setattr(_work, "WORKS", {})
    return _work.WORKS


@pytest.fixture
def told(works):
    """What a work named `count` was called with."""
    told = []

    @work("count", every=MINUTE)
    def count(now):
        told.append(now)
        return 1

    return told


def at(now):
    return lambda: now


# When.


def test_a_new_work_is_due_at_once_and_then_after_its_time(migrated, told):
    assert once(NOON) == ["count"] and told == [NOON]
    assert once(NOON + MINUTE / 2) == []
    assert once(NOON + MINUTE) == ["count"] and told[-1] == NOON + MINUTE


def test_a_nightly_work_waits_for_its_hour_and_is_done_once_a_day(migrated, works):
    told, night = [], dt.time(19, tzinfo=dt.UTC)
    work("night", every=dt.timedelta(days=1), daily_at=night)(lambda now: told.append(now) or 0)
    assert once(NOON) == []  # noon in China is 04:00 UTC
    evening = NOON.astimezone(dt.UTC).replace(hour=19)
    assert once(evening - MINUTE) == [] and once(evening) == ["night"]
    assert once(evening + dt.timedelta(hours=23)) == []
    assert once(evening + dt.timedelta(days=3, hours=2)) == ["night"]  # the machine was off for a while
    assert Job.get().due_at == evening + dt.timedelta(days=4)


def test_what_went_well_says_when(migrated, told):
    once(NOON)
    job = Job.get()
    assert (job.name, job.done_at, job.lease_until, job.tries) == ("count", NOON, None, 0)


def test_planting_twice_changes_nothing(migrated, told):
    plant(NOON)
    plant(NOON + MINUTE)
    assert [job.due_at for job in Job.select()] == [NOON]


def test_a_row_of_a_work_that_is_no_more_is_left_alone(migrated, told):
    with writing():
        Job.create(name="of the next release", due_at=NOON)
    assert once(NOON) == ["count"]


# A work that fails.


def test_one_that_fails_stops_nobody_and_is_tried_again_later_and_later(migrated, works, caplog):
    @work("bad", every=MINUTE)
    def bad(now):
        raise KeyError("nobody expected this")

    work("good", every=MINUTE)(lambda now: 1)
    assert sorted(once(NOON)) == ["bad", "good"]
    assert "bad failed" in caplog.text
    waits, now = [], NOON
    for _ in range(12):
        due = Job.get_by_id("bad").due_at
        waits.append((due - now).total_seconds())
        now = due
        assert "bad" in once(now)
    assert waits[:4] == [1, 2, 4, 8] and max(waits) == waits[-1] == 300


def test_half_a_piece_that_fails_leaves_nothing(migrated, works):
    @work("half", every=MINUTE)
    def half(now):
        with writing():
            Setting.put("half", 1)
            raise KeyError

    once(NOON)
    assert not Setting.select().exists()


# The loop.


def test_it_works_until_it_is_told_to_stop_and_finishes_the_piece(migrated, works):
    clock, told = Clock(), []

    @work("piece", every=MINUTE)
    def piece(now):
        clock.stop.set()  # told to end in the middle of it
        with writing():
            Setting.put("piece", 1)
        assert _work.stopping()
        told.append(now)
        return 1

    work("never", every=MINUTE)(lambda now: told.append("never"))
    with writing():
        Job.create(name="never", due_at=NOON + MINUTE)
    run(clock.stop, clock, pause=0.001)
    assert told == [NOON] and Job.get_by_id("piece").done_at == NOON


@pytest.mark.parametrize("error", [Busy("locked"), OperationalError("server closed the connection")])
def test_a_database_that_is_busy_or_gone_is_waited_for(migrated, told, monkeypatch, error):
    clock, failures, whole = Clock(), [error] * 3, _work.step

    def failing(clock):
        if failures:
            raise failures.pop()
        clock.stop.set()
        return whole(clock)

    monkeypatch.setattr(_work, "step", failing)
    run(clock.stop, clock, pause=0.001)
    assert told == [NOON]


@pytest.mark.only("postgresql", "SQLite has no server that hangs up")
def test_a_connection_that_the_server_cuts_is_made_anew(migrated, works):
    clock = Clock()

    @work("cut", every=MINUTE)
    def cut(now):
        if Job.get_by_id("cut").tries == 1:
            db.execute_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        clock.stop.set()
        return 1

    original = clock.__call__

    def moving():
        clock.now += MINUTE * 2  # so that the lease passes
        return original()

    run(clock.stop, moving, pause=0.001)
    assert Job.get_by_id("cut").done_at is not None


def test_a_fault_that_nobody_expected_does_not_end_the_worker(migrated, told, monkeypatch):
    clock, failures, whole = Clock(), [KeyError("?")] * 2, _work.step

    def failing(clock):
        if failures:
            raise failures.pop()
        clock.stop.set()
        return whole(clock)

    monkeypatch.setattr(_work, "step", failing)
    run(clock.stop, clock, pause=0.001)
    assert told == [NOON] and not _work.stopping()


def test_while_there_is_nothing_to_do_nothing_is_written(engine, migrated, works):
    there, told = [], []
    work("idle", every=dt.timedelta(seconds=1), if_any=lambda now: bool(there))(lambda now: told.append(now) or 1)
    plant(NOON)
    with engine.statements() as statements:
        assert step(at(NOON)) is None
    assert not [line for line in statements if line.startswith("BEGIN")]
    there.append(1)
    assert step(at(NOON)) == "idle" and told == [NOON]


def test_one_that_cannot_tell_whether_there_is_anything_stops_nobody(migrated, works):
    work("strange", every=MINUTE, if_any=lambda now: {}["?"])(lambda now: 1)
    work("good", every=MINUTE)(lambda now: 1)
    assert once(NOON) == ["good"]


# Leases.


def test_what_one_holds_nobody_else_takes_until_the_lease_has_passed(migrated, noon):
    with writing():
        Job.create(name="row", due_at=noon)
    assert [row.tries for row in claim(Job, now=noon)] == [1]
    assert claim(Job, now=noon + MINUTE / 2) == []
    assert [row.tries for row in claim(Job, now=noon + MINUTE)] == [2]


def test_what_is_done_or_not_yet_due_is_not_claimed(migrated, noon):
    with writing():
        Job.create(name="done", due_at=noon, done_at=noon)
        Job.create(name="later", due_at=noon + MINUTE)
        Job.create(name="now", due_at=noon)
    assert [row.name for row in claim(Job, now=noon)] == ["now"]


def test_the_longest_due_are_claimed_first_and_no_more_than_asked_for(migrated, noon):
    with writing():
        for n in range(5):
            Job.create(name=f"{n}", due_at=noon - n * MINUTE)
    assert [row.name for row in claim(Job, now=noon, limit=2)] == ["4", "3"]


def test_looking_for_what_is_due_needs_no_lock_when_nothing_is(engine, migrated, noon):
    with engine.statements() as told:
        assert claim(Job, now=noon) == []
    assert not [line for line in told if line.startswith("BEGIN")]


def test_who_comes_back_after_its_lease_marks_nothing(migrated, works):
    """Somebody else has it by then: the late one must not set it free."""
    seen = []

    @work("slow", every=MINUTE)
    def slow(now):
        if not seen:
            seen.append(now)
            step(at(NOON + 2 * MINUTE))  # another worker meanwhile, after the lease
            with writing():
                Job.update(lease_until=NOON + 9 * MINUTE, tries=7).execute()
        return 1

    plant(NOON)
    step(at(NOON))
    job = Job.get()
    assert (job.lease_until, job.tries) == (NOON + 9 * MINUTE, 7)


def _step_elsewhere(url):
    with opened(url):
        WORKS = _work.WORKS
        WORKS.clear()

        @work("together", every=MINUTE)
        def add(now):
            _crowd.add_one()
            return 1

        plant(NOON)
        _crowd.together()
        return step(at(NOON))


def test_several_workers_at_once_do_it_once(small, crowd):
    before = revision()
    done = crowd.do(_step_elsewhere, small)
    assert sorted(map(str, done)) == ["None", "None", "None", "together"]
    assert revision() == before + 1


def revision():
    return db.execute_sql("SELECT n FROM revision").fetchone()[0]


def _claim_elsewhere(url):
    with opened(url):
        _crowd.together()
        names = []
        while rows := claim(Job, now=NOON, limit=3):
            names += [row.name for row in rows]
        return names


def test_several_that_claim_at_once_share_the_rows(migrated, crowd):
    with writing():
        Job.insert_many([{"name": f"{n}", "due_at": NOON} for n in range(40)]).execute()
    taken = [name for names in crowd.do(_claim_elsewhere, migrated) for name in names]
    assert sorted(taken) == sorted(f"{n}" for n in range(40))


# A real process.

PROCESS = """
import datetime as dt, os, sys, threading
from models import _work
from models._database import writing
from models._work import Job, run, work
from models.areas import Setting
from tests._engines import NOON, opened, path_of

url, later, last = sys.argv[1], int(sys.argv[2]), sys.argv[3]
_work.WORKS.clear()
stop = threading.Event()

@work("piece", every=dt.timedelta(hours=1))
def piece(now):
    with writing():
        Setting.put(f"begun {os.getpid()}", 1)
        if last == "die":
            os.kill(os.getpid(), 9)
    stop.set()
    return 1

with opened(url):
    run(stop, lambda: NOON + dt.timedelta(seconds=later), pause=0.01)
"""


def process(url, later, last="finish"):
    line = [sys.executable, "-c", textwrap.dedent(PROCESS), url, str(later), last]
    return subprocess.run(line, cwd=ROOT, timeout=60).returncode


def test_one_killed_in_the_middle_leaves_nothing_and_another_does_it_after_the_lease(migrated):
    assert process(migrated, 0, "die") == -signal.SIGKILL
    assert not Setting.select().exists()
    job = Job.get()
    assert (job.tries, job.done_at) == (1, None) and job.lease_until == NOON + MINUTE
    assert step_of_another(NOON + MINUTE / 2) is None
    assert process(migrated, 60) == 0
    assert Setting.select().count() == 1 and Job.get().done_at == NOON + MINUTE


def step_of_another(now):
    with_works = dict(_work.WORKS)
    _work.WORKS.clear()
    work("piece", every=MINUTE)(lambda now: 1)
    try:
        return step(at(now))
    finally:
        _work.WORKS.clear()
        _work.WORKS.update(with_works)


@pytest.fixture
def worker(tmp_path, migrated, keys):
    """`flask work` as it is started, on this database."""
    started = []

    def worker(*more):
        env = os.environ | {"NUANYI_DEMO": "1", "NUANYI_INSTANCE": str(tmp_path), "NUANYI_DATABASE_URL": migrated}
        line = [sys.executable, "-m", "flask", "--app", "app", "work", *more]
        started.append(subprocess.Popen(line, cwd=ROOT, env=env | {"NUANYI_KEY_RING": str(keys)}))
        return started[-1]

    yield worker
    for it in started:
        it.kill()
        it.wait()


def until(holds):
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_cleanly_when_told(worker, told):
    it = worker()
    until(lambda: Job.select().where(Job.done_at.is_null(False)).exists())
    it.send_signal(told)
    assert it.wait(30) == 0


def test_the_command_does_what_is_due_once(worker):
    assert worker("--once").wait(60) == 0
    assert Job.select().where(Job.done_at.is_null(False)).exists()


@pytest.mark.only("sqlite", "on PostgreSQL any number of workers may run")
def test_a_second_worker_waits_until_the_first_has_gone(worker):
    first = worker()
    until(lambda: Job.select().exists())
    assert worker("--once").wait(60) == 1
    second = worker()
    first.kill()
    first.wait()
    with writing():
        Job.delete().execute()
    until(lambda: Job.select().exists())
    second.terminate()
    assert second.wait(10) == 0


@pytest.mark.only("sqlite", "it is about processes")
def test_told_to_end_many_times_at_once_it_ends(worker):
    it = worker()
    until(lambda: Job.select().where(Job.done_at.is_null(False)).exists())
    for told in (signal.SIGINT, signal.SIGTERM) * 100:
        it.send_signal(told)
    assert it.wait(60) == 0


# With the web server, under one parent.


@pytest.fixture
def together(tmp_path, keys, sqlite):
    """A server (of the test's own making) and `flask work`, started as `make run` starts them."""
    url, started = sqlite.fresh("migrated"), []

    def together(server):
        env = {"NUANYI_DEMO": "1", "NUANYI_INSTANCE": str(tmp_path), "NUANYI_DATABASE_URL": url}
        env |= {"NUANYI_KEY_RING": str(keys), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        line = ["sh", "docs/together.sh", sys.executable, "-c", server]
        started.append(
            subprocess.Popen(line, cwd=ROOT, env=os.environ | env, start_new_session=True, preexec_fn=heed_ctrl_c)
        )
        until(lambda: working(started[-1]) and len(below(started[-1].pid)) == 3)  # server, who looks after it, worker
        until(path_of(url).with_suffix(".db.worker").exists)
        return started[-1]

    yield together
    for it in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(it.pid, signal.SIGKILL)
        it.wait()
    sqlite.drop(url)


def heed_ctrl_c():
    """Tests that were started in the background of a shell ignore it, and so would all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def below(pid):
    """The processes that descend from one."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children] + [pid for child in children for pid in below(int(child))]
    return []


def working(parent):
    """The worker's process, if there is one."""
    for pid in below(parent.pid):
        with contextlib.suppress(OSError):
            if b"\0work\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    return None


def gone(pids):
    return not any(os.path.exists(f"/proc/{pid}") for pid in pids)


SERVER = "import time; time.sleep(60)"


@pytest.mark.only("sqlite", "it is about processes")
@pytest.mark.parametrize("how", ["kill", "Ctrl-C"])
def test_told_to_end_server_and_worker_end(together, how):
    parent = together(SERVER)
    all_of_them = below(parent.pid)
    if how == "kill":
        parent.terminate()
    else:
        os.killpg(parent.pid, signal.SIGINT)
    parent.wait(15)
    assert gone(all_of_them)


@pytest.mark.only("sqlite", "it is about processes")
def test_when_the_server_ends_so_does_the_worker_and_its_status_is_told(together, tmp_path):
    parent = together(f"import os, time\nwhile not os.path.exists('{tmp_path / 'end'}'): time.sleep(0.05)\nexit(3)")
    all_of_them = below(parent.pid)
    (tmp_path / "end").touch()
    assert parent.wait(15) == 3
    assert gone(all_of_them)


@pytest.mark.only("sqlite", "it is about processes")
def test_a_worker_that_dies_is_started_again(together):
    parent = together(SERVER)
    first = working(parent)
    os.kill(first, signal.SIGKILL)
    until(lambda: working(parent) not in (None, first))
