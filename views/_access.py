"""The door: every route says who may use it and whether its page is the same for everyone.

    @public         the same bytes for everybody; never reads the session
    @anyone         personal, open to all
    @signed_in      personal, for whoever is signed in
    @may("…")       personal, for those whom PERMISSIONS names

A route that says nothing lets nobody in.
"""

from dataclasses import dataclass

from flask import abort, current_app, g, redirect, request, url_for
from flask_babel import gettext as _

from models.areas import district
from models.people import Person
from models.roles import PERMISSIONS
from models.sessions import Session
from views import _keep

SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Access:
    """How a route is guarded: `page` is public or personal; `phrase` a permission; `demo` opens it in demo mode."""

    page: str
    who: str
    phrase: str = ""
    demo: bool = False


def _mark(access: Access):
    def marked(view):
        view.access = access
        return view

    return marked


public = _mark(Access("public", "anyone"))
anyone = _mark(Access("personal", "anyone"))
signed_in = _mark(Access("personal", "signed in"))


def may(phrase: str, demo: bool = False):
    """Only those whom the table of permissions names; `demo`: everybody while the demo runs."""
    if phrase not in PERMISSIONS:
        raise LookupError(f"no such permission: {phrase}")
    return _mark(Access("personal", "may", phrase, demo))


def access_of(app, endpoint: str | None) -> Access | None:
    """The mark of a route, None for one that has none."""
    return getattr(app.view_functions.get(endpoint), "access", None)


def check_door():
    """Before every request: is it ours, may they, and have we the answer already?"""
    if request.routing_exception is not None:
        return None  # no such page: Flask says 404 or 405
    if request.method not in SAFE and not _from_our_own_pages():
        abort(403, description=_("This did not come from our own pages. Please go back and press again."))
    access = g.access = access_of(current_app, request.endpoint)
    if access is None:
        abort(403)
    if access.page == "public":
        if not district().loaded:
            abort(503, description=_("This district has not been set up yet."))
        return _keep.kept_answer()
    g.viewer = _whose_device()
    if g.viewer:
        Session.seen(g.viewer, at=g.now)
    if access.who == "anyone" or (access.demo and current_app.config["DEMO"]):
        return None
    if g.viewer is None:
        return _sign_in_first()
    if access.who == "may" and not g.viewer.may(access.phrase):
        abort(403)
    return None


def _whose_device() -> Person | None:
    """The person whose device holds the session's cookie."""
    token = request.cookies.get(current_app.sid)
    return Session.person_of(token, at=g.now) if token and len(token) < 100 else None


def _from_our_own_pages() -> bool:
    """Does a writing request come from a page of ours? The browser says so: no token needed (design.md §7)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and origin == own_origin()


def own_origin() -> str:
    """Scheme, host and port of this installation."""
    return current_app.config["BASE_URL"] or request.host_url.rstrip("/")


def _sign_in_first():
    if request.method in SAFE and not request.headers.get("HX-Request"):
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")), 303)
    abort(401)
