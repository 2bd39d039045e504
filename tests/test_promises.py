"""The promises of SECURITY.md in their short form, and each one spoilt: it must hold, and it must be able to fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.server import loaded

ROOT = Path(__file__).parent.parent

SHORT = ["R1", "R2", "R3", "R5", "R6", "R10", "R11", "R12", "R13", "R25", "R28", "R31", "R32"]
"""The others are tests of the suite already; spoilt they are tried here too."""

pytestmark = [pytest.mark.only("sqlite", "kills, power cuts and locks are about the file")]


@pytest.fixture(scope="module")
def promise():
    """Tries one, in a process of its own; the demo that most of them kill and lock is made once."""
    env = os.environ | {"LOADED": loaded(False).name}

    def tried(name: str, *flags: str):
        line = [sys.executable, "-m", "tests.promises", name, "--short", *flags]
        return subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True)

    return tried


@pytest.mark.parametrize("name", SHORT)
def test_it_holds(name, promise):
    told = promise(name)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.strip().endswith("holds")


@pytest.mark.parametrize("name", [*SHORT, "R14", "R15", "R17", "R26", "R27", "R29", "R30"])
def test_spoilt_it_breaks(name, promise):
    told = promise(name, "--sabotage")
    assert told.returncode == 1, told.stdout + told.stderr
    assert told.stdout.strip().endswith("BROKEN")
