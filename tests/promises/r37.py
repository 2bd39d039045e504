"""R37: no page asks anything of another host, whoever looks at it."""

from tests.promises import _pytest

TESTS = ["tests/browser/test_click_through.py"]


def run(spoilt: bool, short: bool):
    return _pytest.run(
        TESTS + (["-k", "nobody or rider or officer"] if short else []), "foreign_picture" if spoilt else ""
    )
