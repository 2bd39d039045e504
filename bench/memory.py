"""`memory`: what the web workers and their parent hold (PSS) after 10,000 requests, and what 10,000 more add."""

import re
import tempfile
from itertools import cycle, pairwise
from pathlib import Path

from bench._district import District, places, sign_in_riders
from bench._load import get, press
from bench._riders import RIDERS, presses, secret
from bench._table import Verdict, median, row

MOST, GROWTH = 200, 1.0  # MB, MB a 10,000 requests
REQUESTS, PHONES, SPANS = 10_000, 16, 10


def run():
    verdict = Verdict("memory")
    with tempfile.TemporaryDirectory() as folder:
        district = District(folder).load()
        district.apart(sign_in_riders)
        codes, tokens = zip(*district.apart(places), strict=True)
        with district.serve() as server:
            row("requests", "PSS MB", "processes")
            requests, held = mixture(server.port, codes, tokens), []
            for span in range(SPANS + 1):
                if span:
                    press(server.port, requests, PHONES, count=REQUESTS, expected=(200, 201))
                held.append(pss(server.pids()))
                row(span * REQUESTS, held[-1], len(server.pids()))
    after, growth = held[1], median(later - before for before, later in pairwise(held[1:]))
    verdict.at_most("MB after 10,000 requests", after, MOST)
    verdict.at_most("MB more for each 10,000 after that, in the middle", growth, GROWTH)
    return verdict.line(f"{after:.0f} MB, {growth:+.2f} MB a 10,000 requests")


def mixture(port, codes, tokens):
    """What phones ask for in a day: home, lists, stations, codes, one's own page, and a visit each fourth time."""
    visits = presses(port, codes, tokens)
    for n in cycle(range(RIDERS)):
        code, token = codes[n % len(codes)], tokens[n % len(tokens)]
        yield get(port, f"/s/{token}")
        yield next(visits)
        yield get(port, ("/", "/stations/", f"/stations/?near=35.{500 + n % 100},116.{800 + n % 50}")[n % 3])
        yield get(port, f"/stations/{code}") if n % 2 else get(port, "/me/", f"sid={secret(n)}")


def pss(pids):
    """Megabytes that these processes hold, shared pages in proportion."""
    rollups = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids)
    return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE).group(1)) for text in rollups) / 1024
