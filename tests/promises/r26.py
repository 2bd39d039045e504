"""R26: no session that was forged, fixed, stolen or is over opens anything."""

from tests.promises import _pytest

TESTS = ["tests/test_stolen_sessions.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "sessions_for_ever" if spoilt else "")
