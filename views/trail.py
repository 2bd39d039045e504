"""The trail for an auditor: who saw, moved or changed what, and whether its seals fit. Each search is itself noted."""

import datetime as dt
from typing import Any

from flask import Blueprint, abort, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import Length, ValidationError

from models._database import writing
from models._record import CROCKFORD, N_
from models._trail import HOUR, KINDS, Trail
from models.areas import district
from models.people import Person
from models.seals import Seal, SealCheck
from views._access import may
from views._answer import invalid, page
from views._authors import authors
from views._forms import OurForm

area = Blueprint("trail", __name__)


class SearchForm(OurForm):
    subject = StringField(_l("About what"), [Length(max=80, message=_l("That is too long."))])
    actor = StringField(_l("By whom"))
    kind = SelectField(_l("What was done"), validate_choice=False)
    since = StringField(_l("From day"))
    until = StringField(_l("To day"))

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.kind.choices = [("", _("anything")), *((kind, _(words)) for kind, words in KINDS.items())]

    def validate_actor(self, field):
        self.who = None
        if text := (field.data or "").strip().upper():
            known = len(text) == 10 and set(text) <= set(CROCKFORD)
            self.who = Person.get_or_none(Person.ref == text) if known else None
            if self.who is None:
                raise ValidationError(_("Nobody has this reference. It has 10 letters and digits."))

    def validate_kind(self, field):
        if field.data and field.data not in KINDS:
            raise ValidationError(_("Please choose from the list."))

    def validate_since(self, field):
        self.first = _day(field.data)

    def validate_until(self, field):
        last = _day(field.data)
        self.end = last + dt.timedelta(days=1) if last else None
        if last and self.first and last < self.first:
            raise ValidationError(_("This day is before the first one."))


def _day(text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.min
    if not 2000 <= day.year <= 2199:
        raise ValidationError(_("Please write the day like 2024-09-19."))
    return day


@area.get("/trail")
@may("search the trail")
def search():
    form = SearchForm(request.args)
    if "subject" not in request.args:  # nothing was asked yet
        return page("trail/search.html", form=form, found=None, **_seals())
    if not form.validate():
        return invalid("trail/search.html", form=form, found=None, **_seals())
    asked: dict[str, Any] = {
        "subject": (form.subject.data or "").strip(),
        "actor": form.who.id if form.who else None,
        "kind": form.kind.data or "",
        "since": _midnight(form.first),
        "until": _midnight(form.end),
    }
    try:
        found = Trail.search(**asked, before=request.args.get("before", ""))
    except ValueError:
        abort(404)
    _note(form)
    return page("trail/search.html", form=form, found=found, names=authors(found.rows), **_seals())


SEARCHED = N_("searched the trail")


def _note(form: SearchForm):
    """A search is a look at people's acts, which they can see. Noted once for all its pages; again after an hour."""
    subject, who = (form.subject.data or "").strip(), form.who
    fields = (
        ("about", subject),
        ("by", who and who.ref),
        ("kind", form.kind.data),
        ("from", form.since.data),
        ("to", form.until.data),
    )
    what = ", ".join([SEARCHED, *(f"{name} {text}" for name, text in fields if text)])
    people = {text for text in (subject, f"person:{who.ref}" if who else "") if text.startswith("person:")}
    with writing():
        for about in sorted(people or {"trail"}):
            if not Trail.has_noted(by=g.viewer, subject=about, what=what, since=g.now - HOUR):
                Trail.note("seen", by=g.viewer, subject=about, what=what, at=g.now)


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), district().zone) if day else None


def _seals() -> dict:
    newest = Seal.newest()
    return {"sealed": newest.last if newest else 0, "check": SealCheck.newest(), "kinds": KINDS}
