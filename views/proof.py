"""Showing once more who one is, before something dangerous."""

from flask import Blueprint, g, request
from flask_babel import gettext as _

from models import codes, entry, second_factor
from models._database import Busy
from models._record import Refused
from models.sessions import Session
from views import _proof
from views._access import signed_in_half, with_token
from views._answer import RETRY, changed, page
from views._device import caller, remember
from views._forms import own_path
from views._resume import carried

area = Blueprint("proof", __name__)


@area.get("/prove")
@signed_in_half
def prove():
    return _ask(_proof.ProofForm(next=request.args.get("next", "")))


@area.post("/prove")
@signed_in_half
def proving():
    form = _proof.ProofForm(request.form)
    if "send" in request.form:
        return _ask(form, _send(form))
    if form.password.data:
        status = _password(form)
    elif form.sms_code.data:
        status = _sms(form)
    else:
        status = _app(form)
    if status != 200:
        return _ask(form, status)
    with_app = not form.password.data and not form.sms_code.data
    token = Session.renew(g.viewer, at=g.now, proved=True, second=True if with_app else None)
    early = carried() if form.carry.data else None
    answer = page("people/resume.html", carried=early) if early else changed(own_path(form.next.data or ""))
    return with_token(answer, token)


def _ask(form, status: int = 200):
    answer = remember(_proof.ask(g.viewer, form, status=status), g.get("device"))
    if status in RETRY:
        answer.headers["Retry-After"] = RETRY[status]
    return answer


# Each proof: 200 when it holds, else the status of the page that asks again, with the sentence in the form.


def _password(form) -> int:
    phone = _proof.ways(g.viewer).phone
    try:
        person = entry.by_password(phone, form.password.data, caller(), at=g.now) if phone else None
    except Busy:
        form.password.errors = [_("Nothing is lost. Please press again in a few seconds.")]
        return 503
    except Refused as no:
        form.password.errors = [_(no.message)]
        return 429
    if person == g.viewer:
        return 200
    form.password.errors = [_("This is not your password. Please try again.")]
    return 422


def _app(form) -> int:
    try:
        if second_factor.is_right(g.viewer, form.code.data or "", at=g.now):
            return 200
    except Refused as no:
        form.code.errors = [_(no.message)]
        return 429
    sentence = _("This code is not right, or it was used already. Please take the next one.")
    ways = _proof.ways(g.viewer)
    if ways.app:
        form.code.errors = [sentence]
    elif ways.password:
        form.password.errors = [_("Please write your password.")]
    return 422


def _send(form) -> int:
    """Have a code sent to the person's own number."""
    phone = _proof.ways(g.viewer).phone
    words = _("Code {code}, good for 10 minutes. If it was not you who asked, there is nothing to do.")
    if phone and codes.ask(phone, "prove", caller(), words, now=g.now) == "sent":
        form.asked.data = "1"
        return 200
    form.asked.data = "1"
    form.sms_code.errors = [_("This number was sent many codes already. Please use the newest, or try again later.")]
    return 429


def _sms(form) -> int:
    phone, typed = _proof.ways(g.viewer).phone, "".join((form.sms_code.data or "")[:100].split())
    if phone and codes.use(phone, "prove", typed, caller(), now=g.now) != "wrong":
        return 200
    form.asked.data = "1"
    form.sms_code.errors = [_("This code does not fit or its time is over. Please look at the newest message.")]
    return 422
