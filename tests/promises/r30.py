"""R30: the download holds everything that is marked personal of a person, nothing of others; no column is unmarked."""

from tests.promises import _pytest

TESTS = ["tests/test_personal.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "generous_download" if spoilt else "")
