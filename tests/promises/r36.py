"""R36: updates of the worker, wiped storage, two tabs, a killed browser: no queued item is lost silently."""

from tests.promises import _pytest

NAMES = "killed or two_tabs or wiped or update or storage or older or quota or closed_page"
TESTS = ["-k", NAMES, "tests/browser/test_offline.py", "tests/browser/test_journeys.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "forgetful_queue" if spoilt else "", 1 if short or spoilt else 5)
