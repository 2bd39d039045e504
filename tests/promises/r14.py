"""R14: every route × twelve visitors × what is theirs, their peers', another town's: nobody sees what is not theirs."""

from tests.promises import _pytest

TESTS = [
    "tests/test_leaks.py",
    "tests/test_door.py::test_everybody_may_what_the_table_says_and_nothing_else",
    "tests/test_door.py::test_every_route_says_who_may_use_it",
    "tests/test_door.py::test_every_route_stands_in_the_table",
]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "everybody_may" if spoilt else "")
