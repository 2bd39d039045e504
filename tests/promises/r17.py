"""R17: every answer carries exactly the headers of its kind, refusals and files included."""

from tests.promises import _pytest

TESTS = ["-k", "says or said or headers or say_it or say_no_less or policy", "tests/test_door.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "bare_headers" if spoilt else "")
