"""A form that came too early: the session had ended, or a proof was wanted. What was typed is carried on, not lost.

The form that asks for the sign-in or the proof holds it as one hidden field; afterwards a page with one button sends it
to where it was going. Passwords and codes are never carried, nor are files: a browser gives those only once.
"""

import json
from dataclasses import dataclass

from flask import request

from views._forms import own_path

SECRET = {"password", "code", "secret", "carry"}
MOST = 100


@dataclass(frozen=True)
class Carried:
    """Where a form was going, and its fields."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """For the hidden field `carry`."""
        return json.dumps([self.path, self.fields], ensure_ascii=False, separators=(",", ":"))


def carried() -> Carried | None:
    """What this request carries: the field `carry` of a sign-in form, or else itself as a form that came too early."""
    if "carry" in request.form:
        return _read(request.form["carry"])
    if request.method != "POST" or request.mimetype not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if not _is_secret(name)]
    return Carried(request.path, tuple(fields)) if len(fields) <= MOST else None


def _is_secret(name: str) -> bool:
    return name in SECRET


def _read(text: str) -> Carried | None:
    """The person's own browser says it, so it may say anything: what does not look like ours is nothing."""
    try:
        path, fields = json.loads(text)
        told = tuple((str(name), str(value)) for name, value in fields)
        "".join(map("".join, told)).encode()  # half a character of UTF-16 fits in JSON, and on no page
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(path, str) or own_path(path) != path or len(told) > MOST:
        return None
    return Carried(path, tuple((name, value) for name, value in told if not _is_secret(name)))
