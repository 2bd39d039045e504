"""Real processes for the browser tests: granian with the demo district in a temporary folder, and the worker beside it."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

CHROMIUM = {
    "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
    "args": [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}

WITHOUT_WINDOW = CHROMIUM | {"executable_path": os.environ.get("CHROMIUM_SHELL", "/usr/bin/chromium-headless-shell")}
"""The same engine without its window: a page costs a third, for the tests that open hundreds of them."""

FLASK = [sys.executable, "-m", "flask", "--app", "app"]

CONTROLLED = """async () => {
  while (!navigator.serviceWorker.controller) await new Promise(later => setTimeout(later, 50))
}"""
"""For `page.evaluate`: wait until the service worker has taken over. (`wait_for_function` would need eval.)"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def settings(home: Path, **environment) -> dict[str, str]:
    """The environment of a process that belongs to the demo in this folder."""
    return os.environ | {"NUANYI_DEMO": "1", "NUANYI_INSTANCE": str(home), "PYTHONPATH": str(ROOT)} | environment


def load(environment: dict[str, str], people: bool):
    """The demo, unless it is there already."""
    some = [] if people else ["--without-people"]
    for command in (["db", "upgrade"], ["demo", "load", "--if-empty", *some]):
        subprocess.run(FLASK + command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


@cache
def loaded(people: bool) -> tempfile.TemporaryDirectory:
    """A folder with the demo that no server runs in, to be copied."""
    folder = tempfile.TemporaryDirectory(prefix="nuanyi")
    load(settings(Path(folder.name)), people)
    return folder


@contextlib.contextmanager
def running(workers: int = 1, port: int | None = None, folder: Path | None = None, people: bool = False, **environment):
    """Yields the URL of a server that runs until the end of the block. `environment`: more NUANYI_… settings.

    `people`: with those who ride in the demo and their visits.
    """
    with tempfile.TemporaryDirectory(prefix="nuanyi") as temporary:
        home = Path(folder or temporary)
        port = port or free_port()
        env = settings(home, **environment)
        if "NUANYI_DATABASE_URL" in environment or (home / "nuanyi.db").exists():
            load(env, people)
        else:
            shutil.copytree(loaded(people).name, home, dirs_exist_ok=True)
        log = open(home / "server.log", "ab")  # noqa: SIM115, it is the server's
        server = subprocess.Popen(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port",
             str(port), "--workers", str(workers), "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers",
             "--workers-kill-timeout", "3", "tests.promises._spoil:serve"],
            cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(10)


def wait_for(url: str, server: subprocess.Popen, seconds: float = 30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with contextlib.suppress(OSError), urllib.request.urlopen(url + "/healthz", timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(url)


@contextlib.contextmanager
def working(home: Path):
    """The worker of the demo in this folder runs until the end of the block. Yields the messages that it sends."""
    with open(home / "sms.log", "wb") as log, open(home / "worker.log", "ab") as told:
        env = settings(home, PYTHONIOENCODING="utf-8")
        worker = subprocess.Popen([*FLASK, "work"], cwd=ROOT, env=env, stdout=log, stderr=told)
        try:
            yield Messages(home / "sms.log", worker)
        finally:
            worker.terminate()
            worker.wait(20)


class Messages:
    """What arrives on the phones of the town, as each of them shows it: one message after the other."""

    def __init__(self, log: Path, worker: subprocess.Popen):
        self._log, self._worker = log, worker
        self._read: dict[str, int] = {}

    def next(self, phone: str, seconds: float = 30) -> str:
        """The oldest message to a number (11 digits) that was not read yet; waits for it. Raises TimeoutError."""
        until, read = time.monotonic() + seconds, self._read.get(phone, 0)
        while time.monotonic() < until:
            lines = self._log.read_text("utf-8").splitlines()
            came = [line.partition(": ")[2] for line in lines if line.startswith(f"SMS {phone}: ")]
            if len(came) > read:
                self._read[phone] = read + 1
                return came[read]
            if self._worker.poll() is not None:
                raise RuntimeError(f"the worker ended with {self._worker.returncode}")
            time.sleep(0.05)
        raise TimeoutError(f"no message to {phone}")

    def code(self, phone: str) -> str:
        """The six digits of the next message that has some."""
        while not (found := re.search(r"\b[0-9]{6}\b", self.next(phone))):
            continue
        return found[0]
