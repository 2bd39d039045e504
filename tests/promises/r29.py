"""R29: a closed account leaves nothing of its person behind, and every total as it was."""

from tests.promises import _pytest

TESTS = ["tests/test_farewells.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "half_closed" if spoilt else "")
