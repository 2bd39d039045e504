"""The door: every route says who may use it and whether its page is the same for everyone.

    @public             the same bytes for everybody; never reads the session
    @anyone             personal, open to all
    @signed_in          personal, for whoever is signed in
    @signed_in_half     the same, also before the second factor was shown
    @signed_in_fresh    the same as signed_in, and they have shown who they are a few minutes ago
    @signed_in_half_fresh   both: for setting the second factor up
    @may("…")           personal, for those whom PERMISSIONS names; `fresh=True` as above
    @counter            personal, for who stands behind a shop's counter: its owner, or a device opened with its PIN

A route that says nothing lets nobody in. Outside the demo whoever has a second factor, or a role that asks for one,
gets no further than to it until it was shown.
"""

import datetime as dt
from dataclasses import dataclass

from flask import abort, current_app, g, redirect, request, url_for
from flask_babel import gettext as _

from models._record import to_ms
from models.areas import district
from models.people import Person
from models.roles import PERMISSIONS
from models.sessions import Session
from models.tills import Till
from views import _keep, _proof
from views._device import HALF_A_YEAR
from views._resume import carried

SAFE = ("GET", "HEAD", "OPTIONS")

FRESH = dt.timedelta(minutes=5)
"""How long a proof of identity counts for what is dangerous (security.md §4.3)."""


@dataclass(frozen=True)
class Access:
    """How a route is guarded: `page` is public or personal; `phrase` a permission; `demo` opens it in demo mode;
    `fresh` asks for a recent proof of identity; `half` lets in before the second factor was shown."""

    page: str
    who: str
    phrase: str = ""
    demo: bool = False
    fresh: bool = False
    half: bool = False


def _mark(access: Access):
    def marked(view):
        view.access = access
        return view

    return marked


public = _mark(Access("public", "anyone"))
anyone = _mark(Access("personal", "anyone"))
signed_in = _mark(Access("personal", "signed in"))
signed_in_half = _mark(Access("personal", "signed in", half=True))
signed_in_fresh = _mark(Access("personal", "signed in", fresh=True))
signed_in_half_fresh = _mark(Access("personal", "signed in", fresh=True, half=True))

counter = _mark(Access("personal", "counter", "verify cards at my shop"))


def may(phrase: str, demo: bool = False, fresh: bool = False):
    """Only those whom the table of permissions names; `demo`: everybody while the demo runs; `fresh`: who have shown
    who they are a few minutes ago."""
    if phrase not in PERMISSIONS:
        raise LookupError(f"no such permission: {phrase}")
    return _mark(Access("personal", "may", phrase, demo, fresh))


def access_of(app, endpoint: str | None) -> Access | None:
    """The mark of a route, None for one that has none."""
    return getattr(app.view_functions.get(endpoint), "access", None)


def check_door():
    """Before every request: is it ours, may they, and have we the answer already?"""
    if request.routing_exception is not None:
        return None  # no such page: Flask says 404 or 405
    if "\0" in request.path:
        abort(404)  # nothing of ours is called so, and PostgreSQL could not even look for it
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
    if access.who == "counter" and not (g.viewer and g.viewer.may(access.phrase)):
        return _till_first()
    if g.viewer is None:
        return _sign_in_first()
    if not access.half and second_is_due(g.viewer):
        return _second_first()
    if access.who in ("may", "counter") and not g.viewer.may(access.phrase):
        abort(403)
    if access.fresh and not _has_just_proved(g.viewer):
        return _prove_first()
    return None


def second_is_due(viewer: Person) -> bool:
    """Has this device still to show the second factor? Not in the demo, whose accounts belong to everybody."""
    wanted = viewer.has_second or viewer.strong
    return wanted and not viewer.session_second and not current_app.config["DEMO"]


def _has_just_proved(viewer: Person) -> bool:
    return to_ms(g.now) - viewer.session_proved <= FRESH // dt.timedelta(milliseconds=1)


def with_token(answer, token: str):
    """The answer, with the renewed token of this device."""
    kept = {"max_age": HALF_A_YEAR, "path": "/", "secure": current_app.https, "samesite": "Lax"}
    answer.set_cookie(current_app.sid, token, httponly=True, **kept)
    return answer


def signed_out(answer, own: bool = False):
    """The answer, which takes both cookies of the session off this device; unless it is their `own` one, its page is
    told to take the card off it as well."""
    answer.delete_cookie(current_app.sid, path="/", secure=current_app.https, httponly=True, samesite="Lax")
    answer.delete_cookie("who", path="/", secure=current_app.https, samesite="Lax")
    if not own:
        answer.set_cookie("leave", "1", max_age=HALF_A_YEAR, path="/", secure=current_app.https, samesite="Lax")
    return answer


def _whose_device() -> Person | None:
    """The person whose device holds the session's cookie."""
    token = request.cookies.get(current_app.sid)
    return Session.person_of(token, at=g.now) if token and len(token) < 100 else None


TILL = "till"
"""The cookie of a shop's device: `__Host-till` where there is https."""


def till_cookie() -> str:
    return f"__Host-{TILL}" if current_app.https else TILL


def till_of_device() -> Till | None:
    """The shop's device that this one is, with its PIN typed or not."""
    token = request.cookies.get(till_cookie())
    return Till.of_token(token, at=g.now) if token and len(token) < 100 else None


def _till_first():
    """On for a shop's device while its shift lasts, else to its PIN; others sign in, or are told that it is not
    theirs."""
    g.till = till_of_device()
    if g.till is None:
        return _sign_in_first() if g.viewer is None else abort(403)
    if g.till.is_open(g.now):
        g.till.seen(at=g.now)
        return None
    return redirect(url_for("tills.pin"), 303)


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
        return redirect(url_for("entry.sign_in", next=request.full_path.rstrip("?")), 303)
    abort(401)


def _second_first():
    """To the code of the own app, or first to setting that up; a form that was sent is carried along to the code."""
    if request.method in SAFE and not request.headers.get("HX-Request"):
        where = "second.code" if g.viewer.has_second else "second.show"
        return redirect(url_for(where, next=request.full_path.rstrip("?")), 303)
    early = carried()
    if early is None or not g.viewer.has_second:
        abort(403, description=_("First the code of your app, please. Nothing was changed."))
    return _proof.ask_second(_proof.CodeForm(carry=str(early)), status=401)


def _prove_first():
    """To the page that asks who it is, and from there to what was wanted; a form that was sent is carried along. A
    script goes there by itself."""
    if request.is_json:
        return {}, 401
    if request.method in SAFE and not request.headers.get("HX-Request"):
        return redirect(url_for("proof.prove", next=request.full_path.rstrip("?")), 303)
    return _proof.ask(g.viewer, _proof.ProofForm(carry=str(carried() or "")), status=401)
