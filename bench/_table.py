"""How a benchmark speaks: a table while it runs, one line at its end."""

from statistics import median

__all__ = ["Verdict", "median", "row"]


class Verdict:
    """Collects what was asked for and what was found; ok only when nothing fell short."""

    def __init__(self, name):
        self.name, self.short, self.seen = name, [], []

    def at_least(self, what, found, limit):
        self._note(what, found, "≥", limit, found >= limit)

    def at_most(self, what, found, limit):
        self._note(what, found, "≤", limit, found <= limit)

    def must(self, what, holds):
        self.seen.append(what)
        if not holds:
            self.short.append(what)
        print(f"  {'ok   ' if holds else 'SHORT'} {what}")

    def _note(self, what, found, sign, limit, holds):
        self.must(f"{what} {found:.4g} ({sign} {limit:g})", holds)

    def line(self, figure):
        """The benchmark's last line."""
        return f"{self.name}: {figure} {'short' if self.short else 'ok'}"


def row(*cells):
    print("  " + "  ".join(f"{c:>12.2f}" if isinstance(c, float) else f"{c!s:>12}" for c in cells), flush=True)
