"""R27: phones, passwords, codes and secrets of a whole day of use stand nowhere in plain: database, its log, our logs."""

from tests.promises import _pytest

TESTS = ["tests/test_canaries.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "plain_text" if spoilt else "")
