"""A real granian for an app factory, on a free port of this machine, ended by its pid."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# The flags of `make run`: reference, hello and product all run under the same ones.
FLAGS = re.search(r"^SERVE := ((?:.*\\\n)*.*)", (PROJECT / "Makefile").read_text(), re.MULTILINE)[1].replace("\\\n", "")


class Server:
    """A running server: where it listens and which processes it is made of."""

    def __init__(self, port, process):
        self.port, self.process = port, process

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def pids(self):
        """The parent and its workers."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, listed.split())]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


@contextmanager
def served(factory, folder, **environment):
    """`with served("bench.hello:create_app", folder) as server:` … the server is up, and gone afterwards."""
    port, log = free_port(), Path(folder) / f"{factory.split(':')[0]}.log"
    command = [sys.executable, "-m", "granian", *FLAGS.split(), "--port", str(port), factory]
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | environment, stdout=out, stderr=out)
    try:
        wait_for(port, process, log)
        yield Server(port, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port, process, log):
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as sock:
                sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if sock.recv(12).startswith(b"HTTP/1.1 "):  # any answer: the reference has no such page
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"the server did not start:\n{log.read_text()[-3000:]}")
