"""Alternating rounds of load: reference, product, reference, product … and the medians of each side."""

from bench._load import press
from bench._table import median, row

CONCURRENCIES = (1, 8, 32)


def alternate(sides, rounds, seconds, phones, expected=(200,)):
    """`sides` are {name: (port, requests)}; answers {name: [Round, …]}."""
    shown = {name: [] for name in sides}
    for _ in range(rounds):
        for name, (port, requests) in sides.items():
            shown[name].append(press(port, requests, phones, seconds, expected=expected))
    return shown


def heads():
    row("", "at once", "requests/s", "p50 ms", "p99 ms", "longest ms", "phones' core")


def tell(name, phones, rounds):
    """One line of the table; answers the median rate and the median p99."""
    rate, p99 = median(r.rate for r in rounds), median(r.p99 for r in rounds)
    longest = max(max(r.latencies) for r in rounds) * 1000
    row(
        name,
        phones,
        rate,
        median(median(r.latencies) for r in rounds) * 1000,
        p99,
        longest,
        median(r.cost for r in rounds),
    )
    return rate, p99
