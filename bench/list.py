"""`list`: home with the nearest three open and the filtered list beside a bare "hello": kept, fresh, with 100 × the stations.

What is rare is asked for too: a battery swap at this hour, words that few have. The clock is the machine's own.
"""

import tempfile
import time
from pathlib import Path

from bench._district import District
from bench._server import served
from bench._table import Verdict
from bench.pages import crowd, measure

PAGES = {
    "home": "/",
    "open": "/stations/?only=open,fast",
    "rare": "/stations/?only=open,swap,always",
    "words": "/stations/?only=open&q=%E7%BA%A2%E5%B8%86",
}


def run():
    verdict = Verdict("list")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        small, large = District(folder / "district").load(), District(folder / "province").load()
        large.command("district", "load", str(crowd(folder / "crowd")))
        nightly = large.apart(renew)
        with served("bench.hello:create_app", folder) as hello, small.serve() as few, large.serve() as many:
            worst = measure(verdict, hello.port, few.port, many.port, PAGES)
    verdict.at_most("openings of 13,900 stations worked out anew: s", nightly, 60)
    return verdict.line(
        f"{worst[0]:.2f} × hello kept, {worst[1]:.3f} × fresh, {worst[2]:.2f} × the cost with 13,900 stations,"
        f" {nightly:.1f} s a night"
    )


def renew():
    """Seconds that the nightly work takes; to be run `apart`."""
    import datetime as dt

    from models.openings import renew_all

    begun = time.perf_counter()
    renew_all(dt.datetime.now(dt.UTC))
    return time.perf_counter() - begun
