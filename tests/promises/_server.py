"""A server that is killed: a real granian in a process group of its own, on a database that stays."""

import contextlib
import http.client
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent.parent


class Server:
    """granian with `workers` on one port; `spoil` names a function of `_spoil` that the app goes through first."""

    def __init__(self, folder: Path, port: int, workers: int = 2, spoil: str = "", **environment):
        self.folder, self.port, self.workers = Path(folder), port, workers
        self.url = f"http://127.0.0.1:{port}"
        self.database = self.folder / "nuanyi.db"
        self.env = os.environ | environment | {
            "NUANYI_DEMO": "1", "NUANYI_INSTANCE": str(folder), "PYTHONPATH": str(ROOT), "NUANYI_SPOIL": spoil
        }  # fmt: skip
        self.process = None

    def command(self, *words: str):
        """One of the `flask` commands."""
        line = [sys.executable, "-m", "flask", "--app", "app", *words]
        return subprocess.run(line, cwd=ROOT, env=self.env, check=True, capture_output=True, text=True).stdout

    def load(self) -> "Server":
        """The demo's stations and accounts; a copy of those in the folder LOADED, where there is one."""
        if made := os.environ.get("LOADED"):
            shutil.copytree(made, self.folder, dirs_exist_ok=True)
            return self
        self.command("db", "upgrade")
        self.command("demo", "load", "--without-people")
        return self

    def start(self) -> "Server":
        line = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port",
                str(self.port), "--workers", str(self.workers), "--blocking-threads", "8", "--no-ws",
                "--respawn-failed-workers", "--respawn-interval", "0.5", "tests.promises._spoil:serve"]  # fmt: skip
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                line, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url + "/healthz", timeout=2):
                return self
            time.sleep(0.02)
        raise TimeoutError((self.folder / "server.log").read_text()[-2000:])

    def kill(self):
        """kill -9 for the parent and all its workers at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.kill()

    def ask(self, sql: str, *values):
        """Rows of the database, read only."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()

    def whole(self) -> list[str]:
        """What is wrong with the database: nothing, when the file is sound and the totals are the sums of the rows."""
        wrong = []
        if (said := self.ask("PRAGMA integrity_check")[0][0]) != "ok":
            wrong.append(said)
        sums = {self.ask(f"SELECT coalesce(sum(n), 0) FROM {t}")[0][0] for t in ("visit", "visit_hour", "visit_month")}
        if len(sums) != 1:
            wrong.append(f"rows and totals differ: {sorted(sums)}")
        return wrong


def post(url: str, data, headers=(), timeout: float = 20) -> tuple[int, bytes, dict]:
    """One POST on a connection of its own: status, whole body and headers. Raises OSError when the network fails."""
    body = urlencode(data).encode() if isinstance(data, dict) else data
    request = urllib.request.Request(url, body, {"Sec-Fetch-Site": "same-origin", **dict(headers)})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read(), _lower(answer.headers)
    except urllib.error.HTTPError as no:
        return no.code, no.read(), _lower(no.headers)
    except http.client.HTTPException as cut:
        raise OSError(str(cut)) from cut


def _lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
