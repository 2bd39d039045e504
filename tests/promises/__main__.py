"""`make promise R=R1 [SABOTAGE=1]`: one promise; its figure on the last line, exit status 0 only when it holds."""

import importlib
import pkgutil
import sys

from tests import promises


def main(name: str = "", *flags: str) -> int:
    known = sorted(
        (m.name for m in pkgutil.iter_modules(promises.__path__) if m.name[1:].isdigit()), key=lambda n: int(n[1:])
    )
    if name.lower() not in known:
        print("which one? " + " ".join(known).upper())
        return 2
    spoilt = "--sabotage" in flags
    harness = importlib.import_module(f"tests.promises.{name.lower()}")
    print(f"{harness.__doc__.splitlines()[0]}{'  (spoilt on purpose)' if spoilt else ''}")
    holds, figure = harness.run(spoilt, "--short" in flags)
    print(f"{name.upper()}: {figure} {'holds' if holds else 'BROKEN'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
