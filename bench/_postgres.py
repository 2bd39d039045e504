"""A PostgreSQL of one's own for benchmarks and tests: an empty cluster in a folder that goes with it."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg

BIN = Path("/usr/lib/postgresql/15/bin")
OPTIONS = "-c listen_addresses='' -c unix_socket_directories={folder} -c shared_buffers=128MB -c max_connections=60"
MEMORY = "/dev/shm"
QUICK = " -c shared_buffers=32MB -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@contextmanager
def postgres(quick=False):
    """The URL of an empty database. As durable as a real one, unless `quick`: then for speed, as tests like it."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=MEMORY if quick and roomy(MEMORY) else None))
    as_user = []
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(*command):
        subprocess.run([*as_user, *map(str, command)], cwd="/", check=True, stdout=subprocess.DEVNULL)

    data, options = folder / "data", OPTIONS.format(folder=folder) + QUICK * quick
    run(BIN / "initdb", "-D", data, "-U", "nuanyi", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    run(BIN / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql:///postgres?host={folder}&user=nuanyi"
    finally:
        run(BIN / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def database(url, name, template="template1"):
    """The URL of a further database of the same cluster."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return url.replace("/postgres?", f"/{name}?")


def roomy(folder):
    """Is there a folder with a gigabyte to spare? In memory a database is copied fifteen times faster than on disk."""
    return os.path.isdir(folder) and shutil.disk_usage(folder).free > 1 << 30


def installed():
    return (BIN / "initdb").exists()
