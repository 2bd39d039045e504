"""R7: 200 items from up to 72 hours without network, a network that loses 30 % and drops answers: all arrive once."""

from tests.promises import _pytest

TESTS = ["tests/browser/test_flapping.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "hasty_queue" if spoilt else "", 1 if short or spoilt else 5)
