"""`pages`: home and the list of stations beside a bare Flask "hello": kept, rendered fresh, with 100 × the stations."""

import csv
import shutil
import tempfile
from itertools import count, repeat
from pathlib import Path
from random import Random

from bench._district import District
from bench._load import get
from bench._rounds import alternate, heads, tell
from bench._server import PROJECT, served
from bench._table import Verdict

ROUNDS, SECONDS, PHONES = 4, 1.5, 8
PAGES = {"home": "/", "list": "/stations/"}
KEPT, FRESH, CROWDED = 0.25, 0.05, 1.5
MANY = 100


def run():
    verdict = Verdict("pages")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        small, large = District(folder / "district").load(), District(folder / "province").load()
        large.command("district", "load", str(crowd(folder / "crowd")))
        with served("bench.hello:create_app", folder) as hello, small.serve() as few, large.serve() as many:
            worst = measure(verdict, hello.port, few.port, many.port)
    return verdict.line(
        f"{worst[0]:.2f} × hello kept, {worst[1]:.3f} × fresh, {worst[2]:.2f} × the cost with 13,900 stations"
    )


def measure(verdict, hello, few, many, pages=PAGES):
    """Rounds of hello, kept and fresh pages in turn; answers the worst of the three ratios."""
    sides = {"hello": (hello, repeat(get(hello, "/")))}
    for name, path in pages.items():
        sides[f"{name} kept"] = (few, repeat(get(few, path)))
        sides[f"{name} fresh"] = (few, unlike(few, path))
        sides[f"{name} fresh 13900"] = (many, unlike(many, path))
    alternate(sides, 1, 0.3, PHONES)  # warm, not timed
    shown = alternate(sides, ROUNDS, SECONDS, PHONES)
    heads()
    rate = {side: tell(side, PHONES, rounds)[0] for side, rounds in shown.items()}
    for name in pages:
        sample = shown[f"{name} kept"][-1].sample
        verdict.must(
            f"{name}: a full answer of {len(sample)} bytes", sample.startswith(b"HTTP/1.1 200") and len(sample) > 1500
        )
    kept = {name: rate[f"{name} kept"] / rate["hello"] for name in pages}
    fresh = {name: rate[f"{name} fresh"] / rate["hello"] for name in pages}
    crowded = {name: rate[f"{name} fresh"] / rate[f"{name} fresh 13900"] for name in pages}
    for name in pages:
        verdict.at_least(f"{name} kept: requests/s × hello", kept[name], KEPT)
        verdict.at_least(f"{name} fresh: requests/s × hello", fresh[name], FRESH)
        verdict.at_most(f"{name} fresh, 13,900 stations: cost × that of 139", crowded[name], CROWDED)
    return min(kept.values()), min(fresh.values()), max(crowded.values())


def unlike(port, path):
    """Addresses that nobody has asked for yet, so that each page is rendered."""
    sign = "&" if "?" in path else "?"
    return (get(port, f"{path}{sign}fresh={n}") for n in count())


def crowd(folder):
    """The demo district's lists with each station standing a hundred times, some hundred metres around."""
    shutil.copytree(PROJECT / "districts" / "yanzhou", folder)
    path, chance = folder / "stations.csv", Random(7)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, rows[0])
        out.writeheader()
        for copy in range(MANY):
            for row in rows:
                if copy and row["kind"] == "centre":
                    continue
                there = {
                    "lat": float(row["lat"]) + chance.uniform(-0.01, 0.01),
                    "lng": float(row["lng"]) + chance.uniform(-0.01, 0.01),
                }
                out.writerow(row | ({"code": f"{row['code']}-{copy}"} | there if copy else {}))
    return folder
