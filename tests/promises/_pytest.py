"""Promises that are tests already: run by name, with the product spoilt before they begin."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def run(tests: list[str], spoil: str, times: int = 1) -> tuple[bool, str]:
    """Run these tests `times` times; (all passed, how many). `spoil` names a function of `_spoil`, '' for none."""
    env = os.environ | {"NUANYI_SPOIL": spoil}
    passed = failed = 0
    for _ in range(times):
        line = [sys.executable, "-m", "pytest", "-q", "-p", "tests.promises._spoil", "-p", "no:cacheprovider", *tests]
        line += ["--maxfail=1"] if spoil else []  # it is broken then: no need to count on
        told = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True).stdout
        last = told.strip().splitlines()[-1] if told.strip() else ""
        passed += int((re.search(r"(\d+) passed", last) or [0, 0])[1])
        failed += int((re.search(r"(\d+) failed", last) or [0, 0])[1]) + int("error" in last)
        for red in re.findall(r"^(?:FAILED|ERROR) (.+)$", told, re.M)[:3]:
            print("  red:", red[:200])
    return passed > 0 and not failed, f"{passed} trials passed, {failed} failed"
