"""Public pages: finished bytes kept for a minute, with an ETag, and the mark that lets the phone keep them."""

import hashlib
import threading
import time

from flask import Response, g, request

from models.areas import Revision

SECONDS = 60
MOST = 2000

_pages: dict = {}
_lock = threading.Lock()


def forget():
    """Drop everything kept."""
    with _lock:
        _pages.clear()


def _key(*what) -> tuple:
    """What a page depends on besides `what`: the prefs, the light, the data; and which encoding it is in."""
    return (*what, request.headers.get("Accept-Encoding", ""), g.prefs, g.noon, Revision.current())


def kept_answer() -> Response | None:
    """The finished answer to a request for a public page, if there is one that is fresh."""
    if request.method not in ("GET", "HEAD"):
        return None
    answer = same(request.full_path, int(g.now.timestamp()) // 60)  # what is open changes with the minute
    if answer and request.if_none_match.contains(answer.headers["ETag"].strip('"')):
        return Response(status=304, headers=answer.headers)
    return answer


def same(*what) -> Response | None:
    """A finished answer that depends on nothing but `what`, if it was made within the last minute.

    If there is none, the answer of this request will be kept as such.
    """
    g.keep_key = key = _key(*what)
    kept = _pages.get(key)
    if kept is None or time.monotonic() - kept[0] > SECONDS:
        return None
    g.was_kept = True
    _, status, body, headers = kept
    return Response(body, status, headers)


def mark_public(answer: Response):
    """A public page's ETag, and the mark that lets the phone keep it."""
    answer.headers["ETag"] = f'"{hashlib.sha256(answer.get_data()).hexdigest()[:16]}"'
    answer.headers["Cache-Control"] = "no-cache"
    if answer.mimetype == "text/html":
        answer.headers["X-Keep"] = "1"


def keep(answer: Response) -> Response:
    """Last of all, when an answer is compressed and dressed: keep its bytes."""
    if "keep_key" not in g or answer.status_code not in (200, 201):
        return answer
    public = g.access.page == "public"
    if public:
        mark_public(answer)
    if "near" not in request.args:  # there are as many positions as people
        headers = [(name, value) for name, value in answer.headers if name not in ("Set-Cookie", "Date")]
        with _lock:
            if len(_pages) >= MOST:
                _pages.clear()
            _pages[g.keep_key] = (time.monotonic(), answer.status_code, answer.get_data(), headers)
    if public and request.if_none_match.contains(answer.headers["ETag"].strip('"')):
        answer.status_code = 304
        answer.set_data(b"")
    return answer
