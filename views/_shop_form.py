"""Forms about a shop and what it offers: what was typed, and what was wrong with it."""

from flask import g, request

from models import offer_facts, shop_facts
from models._record import date_of
from models.openings import today
from views._words import _, mistake_words

LONGEST = 600
"""Characters of a field that are looked at."""


class TypedForm:
    """`row`: what is typed, by field; `wrong`: sentences by field; `asks`: a question about the position ("swapped",
    "outside" or '')."""

    def __init__(self, fields: tuple[str, ...], row: dict[str, str] | None = None):
        self.row: dict[str, str] = dict.fromkeys(fields, "") | (row or {})
        self.wrong: dict[str, str] = {}
        self.asks = ""
        if request.method == "POST":
            self.row |= {field: request.form.get(field, "")[:LONGEST] for field in fields}

    def take(self, checked: tuple[dict, dict]) -> dict:
        """The facts; what is wrong stands in `wrong` from now on."""
        facts, wrong = checked
        if "position" in wrong and wrong["position"].code in ("swapped", "outside"):
            self.asks = wrong["position"].code
        self.wrong |= {field: mistake_words(mistake) for field, mistake in wrong.items()}
        return facts

    def refused(self, field: str, no):
        """What the model refuses, beside the field that it is about."""
        part = getattr(no, "part", "")
        self.wrong[field] = _(no.message) + (f" {_('“%(part)s”', part=part)}" if part else "")

    def offer(self) -> dict:
        return self.take(offer_facts.check(self.row, today(g.now)))

    def shop(self) -> dict:
        return self.take(shop_facts.check(self.row))


def offer_row(offer) -> dict[str, str]:
    """An offer as one would type it; its first day while that is to come."""
    yuan = f"{offer.value / 100:g}"
    return {
        "kind": offer.kind,
        "value": yuan if offer.value else "",
        "what": offer.what,
        "what_en": offer.what_en,
        "least": f"{offer.least / 100:g}" if offer.least else "",
        "times": offer.times,
        "daily": str(offer.daily or ""),
        "alone": "1" if offer.alone else "",
        "service_day": "1" if offer.service_day else "",
        "first_on": _day(offer.first_on) if date_of(offer.first_on) > today(g.now) else "",
        "last_on": _day(offer.last_on),
    }


def _day(number: int | None) -> str:
    return f"{number // 10000}-{number // 100 % 100:02}-{number % 100:02}" if number else ""
