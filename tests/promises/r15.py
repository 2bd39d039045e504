"""R15: no writing request that comes from elsewhere changes the database (every unsafe route, every forgery, both engines)."""

from tests.promises import _pytest

TESTS = [
    "tests/test_door.py::test_nothing_is_changed_from_elsewhere",
    "tests/test_door.py::test_a_queue_is_taken_as_json_alone",
]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "open_door" if spoilt else "")
