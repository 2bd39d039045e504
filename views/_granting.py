"""What the pages of roles share: the form that says which role, where and until when; and places and ends in words."""

import datetime as dt
import re
import unicodedata

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import ValidationError

from models import granting
from models.areas import district
from models.merchants import Merchant
from models.roles import DISTRICT, MERCHANT, ROLES, STATION, TOWN, UNIT
from models.stations import Station
from views._answer import local, word, words_of
from views._forms import OurForm

DAY = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}")

KIND_WORDS = {
    STATION: _l("for a station"),
    UNIT: _l("for a unit"),
    TOWN: _l("for a town"),
    MERCHANT: _l("for a shop"),
    DISTRICT: _l("for the whole district"),
}


class GrantForm(OurForm):
    """A role, the place for it in the list of its kind (a shop by its code), and the last day, which may stay empty."""

    role = SelectField(_l("Role"), validate_choice=False)
    station = SelectField(_l("Station"), validate_choice=False)
    unit = SelectField(_l("Unit"), validate_choice=False)
    town = SelectField(_l("Town"), validate_choice=False)
    merchant = StringField(_l("Code of the shop"), filters=[lambda text: (text or "").strip().upper()])
    until = StringField(_l("Last day"))

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.kinds = granting.grantable()
        self.role.choices = [("", _("Please choose")), *((role, role_and_kinds(role)) for role in self.kinds)]
        stations = Station.listed().order_by(Station.code)
        self.station.choices = [("", "—"), *((s.code, f"{s.code} {word(s)}") for s in stations)]
        self.unit.choices = [("", "—"), *((u.code, word(u)) for u in district().unit.values())]
        self.town.choices = [("", "—"), *((t.code, word(t)) for t in district().towns)]
        self.places = {STATION: self.station, UNIT: self.unit, TOWN: self.town, MERCHANT: self.merchant}
        self.scope, self.ends_at = "", None

    def validate_role(self, field):
        if field.data not in self.kinds:
            raise ValidationError(_("Please choose a role."))

    def validate(self, *given, **more):
        """Besides: the place must be of a kind for which the role is given, and the day be a day."""
        known = super().validate(*given, **more)
        return all([known, known and self._has_place(), self._has_end()])

    def _has_place(self) -> bool:
        kinds = self.kinds[self.role.data]
        for kind, field in self.places.items():
            if not field.data:
                continue
            if kind not in kinds:
                field.errors = [_("This role is not given for this place.")]
            elif self.scope or not granting.fits(self.role.data, field.data):
                field.errors = [_("Please choose one place of the list.")]
            else:
                self.scope = field.data
        wrong = any(field.errors for field in self.places.values())
        if not self.scope and DISTRICT not in kinds and not wrong:
            self.places[kinds[0]].errors = [_("Please choose the place.")]
            wrong = True
        return not wrong

    def _has_end(self) -> bool:
        text = "".join(unicodedata.normalize("NFKC", self.until.data or "").split())
        if not text:
            return True
        try:
            last = dt.date(*map(int, re.split("[-/.]", text))) if DAY.fullmatch(text) else None
        except ValueError:
            last = None
        if last is None or not 2000 <= last.year <= 2100:
            self.until.errors = [_("Please write the day like 2024-12-31, or nothing.")]
            return False
        self.ends_at = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), district().zone)
        return True

    def refused(self, no):
        """What the model refuses, beside the field that it is about."""
        (self.until if no.code == "past" else self.role).errors = [_(no.message)]


def role_and_kinds(role: str) -> str:
    """站长（服务点）: the role and the kinds of place for which it is given."""
    kinds = _(", ").join(str(KIND_WORDS[kind]) for kind in granting.grantable()[role])
    return _("%(role)s (%(kinds)s)", role=_(ROLES[role].words), kinds=kinds)


def places(scopes) -> dict[str, str]:
    """The names of these places, in two queries at most."""
    known = district().town | district().unit
    others = [scope for scope in set(scopes) if scope and scope not in known]
    found: dict[str, str] = {}
    for record in (Station, Merchant) if others else ():
        found |= {one.code: word(one) for one in record.select().where(record.code.in_(others))}
    named = {scope: word(known[scope]) if scope in known else found.get(scope, scope) for scope in scopes}
    return named | {"": words_of(district(), "name")}


def last_day(ends_at: dt.datetime | None) -> str:
    """2024-12-31, the last day on which something is held; '' without an end."""
    return f"{local(ends_at - dt.timedelta(seconds=1)):%Y-%m-%d}" if ends_at else ""
