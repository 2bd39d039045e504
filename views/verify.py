"""The shop's counter: a card is scanned, typed or looked at, and the answer fills the screen."""

import re
import unicodedata
from types import SimpleNamespace

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from models import card_code, colours, finding, openings, redeeming, taking_back, tallies, verifying
from models._record import Refused, random_code
from models.people import Person
from models.reasons import REASONS
from models.redemptions import LOOK, UNDO, Redemption, Refusal
from models.verifying import Checked
from models.visits import number
from views._access import counter, public
from views._answer import changed, local, page, page_number
from views._counter import Counter, at_counter, must_choose, stands_here
from views._forms import OurForm

area = Blueprint("verify", __name__)

PRESS = re.compile(r"[0-9A-Za-z-]{1,64}")

DIGITS = re.compile(r"[0-9]{6}|[0-9]{8}")


class CodeForm(OurForm):
    """The last four digits of the phone's number and the six (or eight) of the card."""

    last4 = StringField(_l("Last four digits of their phone number"), default="")
    digits = StringField(_l("The digits on the card"), default="")

    @property
    def plain(self) -> tuple[str, str]:
        """Both as digits alone: full-width ones and pairs with spaces are fine."""
        told = (unicodedata.normalize("NFKC", field.data or "") for field in (self.last4, self.digits))
        last4, digits = (re.sub(r"\s", "", text) for text in told)
        return last4, digits

    def check(self, shop: int) -> Checked | None:
        """What it says of a card; None when something is missing, with the sentence beside it. Raises Busy."""
        last4, digits = self.plain
        if not DIGITS.fullmatch(digits):
            self.digits.errors = [_("Six digits, please, as the card shows them now; eight of a code for once.")]
        if len(digits) != 8 and not re.fullmatch(r"[0-9]{4}", last4):
            self.last4.errors = [_("Four digits, please: the last ones of their phone number.")]
        if self.errors:
            return None
        if len(digits) == 8:
            return verifying.check_once(digits, shop, g.now, typed=True)
        return verifying.check_typed(last4, digits, shop, g.now)


class AmountForm(OurForm):
    """Another offer, and what was spent in yuan."""

    offer = IntegerField(default=0)
    amount = StringField(_l("What it came to, in yuan (if you like)"), default="")

    @property
    def fen(self) -> int | None:
        """In fen; None when nothing was said. Raises ValueError."""
        text = unicodedata.normalize("NFKC", self.amount.data or "").strip().removesuffix("元").strip()
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,2})?", text):
            raise ValueError(text)
        return round(float(text) * 100)


@area.get("/verify")
@counter
def index():
    if several := must_choose():  # whoever comes with a code keeps it, behind the # of the address
        return page("verify/where.html", shops=several)
    at = at_counter()
    return stands_here(_desk(at), at)


@area.get("/verify/offline")
@public
def offline():
    """The counter for a phone without network, which keeps it: there codes are noted, and checked later."""
    g.uses_camera = True
    return page("verify/offline.html", colours=colours.COLOURS)


def _desk(at: Counter, status: int = 200, *, form: CodeForm | None = None, why: str = ""):
    """The counter's page: the scanner, the digits, and the tally of those that were only looked at."""
    g.uses_camera = True
    day = local(g.now).date()
    today, used = redeeming.offers_today(at.merchant.id, g.now), tallies.used_today(at.merchant.id, g.now)
    return page(
        "verify/index.html",
        status,
        at=at,
        form=form or CodeForm(),
        why=why,
        offers=today,
        left={offer.id: tallies.left(offer, used) for offer in today},
        none=redeeming.giving(at.merchant.id, g.now).reason if not today else "",
        total=sum(used.values()),
        day=day.isoformat(),
        colour=colours.day_colour(day),
    )


@area.post("/redemptions/")
@counter
def redeem():
    """One press, one answer: to a script as a fragment, else on its own page."""
    at, code = at_counter(), request.form.get("code", "").strip()
    form = None if code else CodeForm(request.form)
    press = request.form.get("client_id") or random_code()
    if not PRESS.fullmatch(press):
        return _desk(at, 422, form=form, why=_("This press could not be read. Please press once more."))
    checked = form.check(at.merchant.id) if form else _scanned(code, at.merchant.id)
    if checked is None:
        return _desk(at, 422, form=form)
    given = redeeming.giving(at.merchant.id, g.now)
    try:
        answer = redeeming.redeem(at.shop, checked, given, client_id=press, now=g.now)
    except Refused as no:
        return _desk(at, 409, form=form, why=_(no.message))
    if not request.headers.get("X-Fragment"):
        return changed(url_for("verify.show", press=press, shop=at.merchant.code))
    if answer.offer is None:
        return _verdict(at, press, fragment=True)
    row = SimpleNamespace(at=g.now, offer=answer.offer.id, saved=answer.saved, amount=None)
    return _lit(at, press, row, answer.offer, checked.name, fragment=True)


def _scanned(code: str, shop: int) -> Checked:
    scanned = card_code.parse(code)
    if scanned and scanned.kind == "once":
        return verifying.check_once(scanned.code, shop, g.now, typed=False)
    return verifying.check(scanned, g.now)


@area.get("/redemptions/<press>")
@counter
def show(press):
    return _verdict(at_counter(), press)


def _verdict(at: Counter, press: str, status: int = 200, *, fragment=False, form: AmountForm | None = None, why=""):
    """What became of a press: lit, 可以优惠; or dark, 按原价就好, with the reason that helps most. 404 if not ours."""
    template = "verify/_verdict.html" if fragment else "verify/verdict.html"
    row = _found(at, press)
    words = {"at": at, "press": press, "row": row, "form": form, "why": why}
    if row is None:
        no = Refusal.get_or_none(Refusal.client_id == number(press), Refusal.merchant == at.merchant.id) or abort(404)
        return page(template, status, **words, no=no, reason=REASONS[no.reason], nearest=_helps(at, no))
    undone = Redemption.get_or_none(Redemption.reverses == row.id)
    person = Person.get_or_none(Person.id == row.person)
    offer, name = redeeming.Offer.get_by_id(row.offer), person.masked if person else ""
    return _lit(at, press, row, offer, name, status, undone=undone, form=form, why=why, fragment=fragment)


def _lit(
    at: Counter, press: str, row, offer, name: str, status: int = 200, *, undone=None, form=None, why="", fragment
):
    """A use: what is given to whom, and for a minute the ways to change it."""
    today = redeeming.offers_today(at.merchant.id, row.at)
    used = tallies.used_today(at.merchant.id, g.now)
    return page(
        "verify/_verdict.html" if fragment else "verify/verdict.html",
        status,
        **{"at": at, "press": press, "row": row, "undone": undone, "form": form, "why": why},
        **{"offer": offer, "name": name, "left": tallies.left(offer, used), "total": sum(used.values())},
        offers=[one for one in today if redeeming.offers.holds_at(one, g.now)],
        open=not undone and g.now <= row.at + UNDO,
    )


def _helps(at: Counter, no: Refusal):
    """The nearest open station, where a station puts it right."""
    if no.reason not in ("lost", "stopped", "expired"):
        return None
    return next(iter(finding.around(at.merchant.lat, at.merchant.lng, openings.minute(g.now), wanted=1)), None)


@area.post("/redemptions/<press>/undo")
@counter
def undo(press):
    at = at_counter()
    row = _row(at, press)
    try:
        taking_back.undo(at.shop, row.id, now=g.now)
    except Refused as no:
        return _verdict(at, press, 409, why=_(no.message))
    return changed(url_for("verify.show", press=press, shop=at.merchant.code))


@area.post("/redemptions/<press>/instead")
@counter
def instead(press):
    """Another offer, or what it came to: within a minute of the scan."""
    at, form = at_counter(), AmountForm(request.form)
    row = _row(at, press)
    try:
        offer, amount = form.offer.data or row.offer or 0, form.fen
    except ValueError:
        form.amount.errors = [_("An amount like 23.50, please; at most 99,999.99.")]
        return _verdict(at, press, 422, form=form)
    again = f"{press[:28]}-{row.id}-{offer}-{amount or 0}"  # the same change of the same row is the same press
    try:
        taking_back.instead(at.shop, row.id, offer, amount, client_id=again, now=g.now)
    except Refused as no:
        form.amount.errors = [_(no.message)]
        return _verdict(at, press, 409 if no.code in ("late", "gone") else 422, form=form)
    return changed(url_for("verify.show", press=again, shop=at.merchant.code))


def _row(at: Counter, press: str) -> Redemption:
    return _found(at, press) or abort(404)


def _found(at: Counter, press: str) -> Redemption | None:
    """The use of this press at this shop; not what was only looked at, which has no answer to show."""
    mine = Redemption.client_id == number(press), Redemption.merchant == at.merchant.id
    return Redemption.get_or_none(*mine, Redemption.method != LOOK)


class LooksForm(OurForm):
    n = RadioField(choices=[SelectChoice("1", "+1"), SelectChoice("5", "+5")])
    client_id = StringField(default="")


@area.post("/verify/looks")
@counter
def looks():
    """亮卡: the card was looked at; one more, or five after the rush."""
    at, form = at_counter(), LooksForm(request.form)
    if not form.validate():
        return _desk(at, 422, why=_("This press could not be read. Please press once more."))
    try:
        tallies.looked(
            at.shop, int(form.n.data), client_id=(form.client_id.data or "")[:64] or random_code(), now=g.now
        )
    except Refused as no:
        return _desk(at, 409, why=_(no.message))
    return changed(url_for("verify.index", shop=at.merchant.code))


class RightForm(OurForm):
    was = IntegerField(default=0)
    should = StringField(_l("It should be"), default="")


@area.route("/verify/today", methods=["GET", "POST"])
@counter
def today():
    """What was noted today, and the number of cards looked at, to be put right until midnight."""
    at = at_counter()
    form = RightForm(request.form if request.method == "POST" else None)
    if request.method == "POST":
        should = unicodedata.normalize("NFKC", form.should.data or "").strip()
        if not re.fullmatch(r"[0-9]{1,3}", should):
            form.should.errors = [_("From 0 to 999, please.")]
            return _today(at, form, 422)
        try:
            tallies.put_right(at.shop, form.was.data or 0, int(should), now=g.now)
        except Refused as no:
            form.should.errors = [_(no.message)]
            return _today(at, form, 409)
        return changed(url_for("verify.today", shop=at.merchant.code))
    return _today(at, form)


def _today(at: Counter, form: RightForm, status: int = 200):
    since, until = tallies.day_of(g.now)
    rows = tallies.rows_of(at.merchant.id, since, until, page_number())
    people = {row.person for row in rows.rows if row.person}
    known = Person.select(Person.id, Person.name).where(Person.id.in_(people)) if people else ()
    gone = tallies.taken_back([row.id for row in rows.rows])
    looked = tallies.looks_of(at.merchant.id, g.now)
    words = {"names": {person.id: person.masked for person in known}, "gone": gone, "looked": looked, "look": LOOK}
    return page("verify/today.html", status, at=at, rows=rows, form=form, **words)
