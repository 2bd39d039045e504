"""The form about a station: what stands in it, what was wrong with it, and what others changed while it was open."""

import json

from flask import g, request

from models.station_facts import check
from models.station_rows import typed
from models.station_words import FIELDS, WORDS, Mistake
from models.stations import Station, amenities
from views._words import mistake_words

LONGEST = 600
"""Characters of a field that are looked at."""


class StationForm:
    """`row`: what is typed, by field; `seen`: what stood there when the page was made; `wrong`: sentences by field;
    `asks`: the question about the position ("swapped", "outside" or ''); `others`: what others changed meanwhile,
    by field from what to what."""

    def __init__(self, station: Station | None = None, town: str = ""):
        self.station = station
        self.before = self._now() if station else dict.fromkeys(FIELDS, "") | {"town": town, "entry": "free"}
        self.row, self.seen = self.before | {"source": "", "swap": "", "sure": ""}, self.before
        self.wrong: dict[str, str] = {}
        self.others: dict[str, tuple[str, str]] = {}
        self.asks = ""

    def read(self) -> dict:
        """The facts that were typed; what is wrong stands in `wrong` from now on."""
        form = request.form
        self.row = {field: form.get(field, "")[:LONGEST] for field in FIELDS} | {
            "units": " ".join(form.getlist("units"))[:LONGEST],
            "yes": " ".join(one.code for one in amenities() if form.get(f"has-{one.code}") == "yes"),
            "no": " ".join(one.code for one in amenities() if form.get(f"has-{one.code}") == "no"),
            "swap": form.get("swap", ""),
            "sure": form.get("sure", ""),
        }
        if self.station:
            self.row["code"], self.seen = self.station.code, self._seen()
        stays = self.station and self.row["position"] == self.seen["position"] and not self.row["source"]
        facts, wrong = check(self.row | ({"source": "gps", "sure": "1"} if stays else {}))
        for field, mistake in wrong.items():
            self.refuse(field, mistake)
        return facts

    def refuse(self, field: str, mistake: Mistake):
        self.wrong[field] = mistake_words(mistake)
        self.asks = mistake.code if field == "position" and mistake.code in ("swapped", "outside") else self.asks

    def keep_to(self, towns: list[str] | None):
        """A town of those alone is ours to give (None: all are)."""
        if towns is not None and self.row["town"] not in towns and "town" not in self.wrong:
            self.refuse("town", Mistake(WORDS["choice"], "choice", text=self.row["town"][:40]))

    def seen_facts(self) -> dict:
        return check(self.seen | {"sure": "1"})[0]

    def meet(self):
        """Others were faster: what they changed comes into the fields that were left alone, and is told."""
        now = self._now()
        self.others = {field: (self.seen[field], now[field]) for field in FIELDS if self.seen[field] != now[field]}
        for field in self.others:
            if self.row[field] == self.seen[field]:
                self.row[field] = now[field]
        self.seen = now

    def seen_text(self) -> str:
        """What stands in the fields now, to be sent along."""
        return json.dumps(self.seen, ensure_ascii=False)

    def _now(self) -> dict[str, str]:
        assert self.station is not None
        fresh = Station.get_by_id(self.station.id)
        return typed([fresh], english=g.prefs.lang == "en")[fresh.code]

    def _seen(self) -> dict[str, str]:
        """What stood in the fields; where the form does not say it, what stands there now."""
        try:
            said = json.loads(request.form.get("seen", ""))
        except (ValueError, RecursionError):
            said = None
        said = said if isinstance(said, dict) else {}
        return {field: said[field] if isinstance(said.get(field), str) else self.before[field] for field in FIELDS}
