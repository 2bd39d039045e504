"""Public pages: finished bytes kept for a minute, with an ETag, and the mark that lets the phone keep them."""

import hashlib
import threading
import time

from flask import Response, g, request

from models.areas import Revision

SECONDS = 60
MOST = 1000

_pages: dict = {}
_lock = threading.Lock()


def forget():
    """Drop everything kept."""
    with _lock:
        _pages.clear()


def _key():
    """What a public page depends on: the URL, the prefs, the quarter of an hour; and which encoding it is in."""
    return (
        request.full_path,
        request.headers.get("Accept-Encoding", ""),
        g.prefs,
        int(g.now.timestamp()) // 900,
        Revision.current(),
    )


def kept_answer() -> Response | None:
    """The finished answer to this request if there is one that is fresh."""
    if request.method not in ("GET", "HEAD"):
        return None
    g.keep_key = _key()
    kept = _pages.get(g.keep_key)
    if kept is None or time.monotonic() - kept[0] > SECONDS:
        return None
    g.was_kept = True
    _, body, headers = kept
    if request.if_none_match.contains(headers["ETag"].strip('"')):
        return Response(status=304, headers=headers)
    return Response(body, headers=headers)


def keep(answer: Response) -> Response:
    """After a public page was made (and compressed): mark it, and keep its bytes unless it is for one position."""
    if answer.status_code != 200 or g.get("was_kept") or "keep_key" not in g:
        return answer
    body = answer.get_data()
    answer.headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    answer.headers["Cache-Control"] = "no-cache"
    if answer.mimetype == "text/html":
        answer.headers["X-Keep"] = "1"
    if "near" not in request.args:  # there are as many positions as people
        with _lock:
            if len(_pages) >= MOST:
                _pages.clear()
            _pages[g.keep_key] = (time.monotonic(), body, dict(answer.headers))
    if request.if_none_match.contains(answer.headers["ETag"].strip('"')):
        answer.status_code = 304
        answer.set_data(b"")
    return answer
