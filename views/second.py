"""The second factor: setting it up, its codes on paper, turning it off; and the code after signing in."""

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from models import second_factor
from models._keys import Locked
from models._record import Refused
from models.areas import district
from models.second_factor import RecoveryCode, SecondFactor
from models.sessions import Session
from views._access import second_is_due, signed_in_fresh, signed_in_half, signed_in_half_fresh, with_token
from views._answer import changed, invalid, page, words_of
from views._forms import own_path
from views._proof import CodeForm, ask_second
from views._qr import qr_path
from views._resume import carried

area = Blueprint("second", __name__)


# After signing in.


@area.get("/second")
@signed_in_half
def code():
    return ask_second(CodeForm(next=request.args.get("next", "")))


@area.post("/second")
@signed_in_half
def opening():
    form = CodeForm(request.form)
    go = own_path(form.next.data or "")
    if not g.viewer.has_second:
        return changed(url_for("second.show", next=go))
    if not _tried(form, lambda code: second_factor.is_right(g.viewer, code, at=g.now)):
        return ask_second(form, status=422)
    early = carried() if form.carry.data else None
    answer = page("people/resume.html", carried=early) if early else changed(go)
    return with_token(answer, Session.renew(g.viewer, at=g.now, proved=True, second=True))


# One's own. Setting it up counts as a proof afterwards, so it asks for one before: a stolen session has none.


@area.get("/me/second")
@signed_in_half_fresh
def show():
    return page("second/show.html", form=CodeForm(next=request.args.get("next", "")), **_state())


@area.post("/me/second")
@signed_in_half_fresh
def begin():
    second_factor.begin(g.viewer)
    return changed(url_for("second.show", next=own_path(request.form.get("next", ""))))


@area.post("/me/second/confirmation")
@signed_in_half_fresh
def confirm():
    form = CodeForm(request.form)
    go = own_path(form.next.data or "")
    if g.viewer.has_second or SecondFactor.of(g.viewer) is None:
        return changed(url_for("second.show"))
    codes = _tried(form, lambda code: second_factor.confirm(g.viewer, code, at=g.now))
    if not codes:
        return invalid("second/show.html", form=form, **_state())
    answer = page("second/codes.html", 201, codes=codes, go="/me/" if go == "/" else go)
    return with_token(answer, Session.renew(g.viewer, at=g.now, proved=True, second=True))


@area.post("/me/second/codes")
@signed_in_fresh
def renew_codes():
    form = CodeForm(request.form)
    codes = _tried(form, lambda code: second_factor.renew_codes(g.viewer, code, at=g.now))
    if not codes:
        return invalid("second/show.html", form=form, **_state())
    return page("second/codes.html", 201, codes=codes, go="/me/")


@area.post("/me/second/end")
@signed_in_fresh
def end():
    form = CodeForm(request.form)
    if g.viewer.has_second and not _tried(form, lambda code: second_factor.turn_off(g.viewer, code, at=g.now)):
        return invalid("second/show.html", form=form, **_state())
    return with_token(changed(url_for("second.show")), Session.renew(g.viewer, at=g.now, second=False))


def _tried(form: CodeForm, attempt):
    """What the attempt with this code answers; what was wrong stands beside the field."""
    try:
        if answer := attempt(form.code.data or ""):
            return answer
        form.code.errors = [_("This code is not right, or it was used already. Please take the next one.")]
    except Refused as no:
        form.code.errors = [_(no.message)]
    return None


def _state() -> dict:
    """How far this person has come: nothing, begun (with what the app has to know), or on."""
    factor = SecondFactor.of(g.viewer)
    state = {"factor": factor, "left": 0, "secret": "", "qr": None, "due": second_is_due(g.viewer)}
    if factor and factor.on:
        return state | {"left": RecoveryCode.left(g.viewer)}
    if factor:
        try:
            secret = factor.secret
        except Locked:
            return state
        groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        issuer = f"{_('Nuanyi')} {words_of(district(), 'name')}"
        return state | {"secret": groups, "qr": qr_path(factor.address(g.viewer.name, issuer))}
    return state
