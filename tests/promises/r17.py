"""R17: every answer carries exactly the headers of its kind, refusals and files included."""

from tests.promises import _pytest

TESTS = ["-k", "exactly_what or refusals_of_the_queue or no_less or the_policy", "tests/test_door.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(TESTS, "bare_headers" if spoilt else "")
