"""A real server process for the browser tests: granian with the demo district in a temporary folder."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
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

CONTROLLED = """async () => {
  while (!navigator.serviceWorker.controller) await new Promise(later => setTimeout(later, 50))
}"""
"""For `page.evaluate`: wait until the service worker has taken over. (`wait_for_function` would need eval.)"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def running(workers: int = 1, port: int | None = None, folder: Path | None = None, **environment):
    """Yields the URL of a server that runs until the end of the block. `environment`: more NUANYI_… settings."""
    with tempfile.TemporaryDirectory(prefix="nuanyi") as temporary:
        home = Path(folder or temporary)
        port = port or free_port()
        env = os.environ | {"NUANYI_DEMO": "1", "NUANYI_INSTANCE": str(home), "PYTHONPATH": str(ROOT)} | environment
        flask = [sys.executable, "-m", "flask", "--app", "app"]
        for command in (["db", "upgrade"], ["demo", "load", "--if-empty"]):
            subprocess.run(flask + command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
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
