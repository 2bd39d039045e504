"""`python -m bench [name …]`: the named benchmarks, or all. The last line of each is its verdict."""

import sys
import traceback
from importlib import import_module

NAMES = (
    "visit",
    "redeem",
    "pages",
    "list",
    "growth",
    "dashboard",
    "demo",
    "import",
    "queue",
    "memory",
    "signin",
    "seal",
    "rotate",
    "phone",
    "card",
    "scanner",
)
"""A benchmark is a module here with `run()`, which prints what it finds and answers its verdict's line."""


def main(wanted):
    if unknown := set(wanted) - set(NAMES):
        raise SystemExit(f"no such benchmark: {', '.join(unknown)} (there are {', '.join(NAMES)})")
    lines = []
    for name in wanted or NAMES:
        print(f"\n== {name}", flush=True)
        try:
            lines.append(import_module(f"bench.{name}").run())
        except Exception:
            traceback.print_exc()
            lines.append(f"{name}: figure none, it broke off: short")
    print("", *lines, sep="\n")
    return 0 if all(line.endswith(" ok") for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
