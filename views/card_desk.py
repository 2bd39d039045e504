"""Cards over a counter: a keeper for who stands there, and an officer who finds one by its number."""

import datetime as dt

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from models import card_keys, card_moves, cards
from models._database import writing
from models._record import Refused
from models._trail import Trail
from models.cards import STATES, Card
from models.people import Employment, Person, phone_number
from models.stations import Station
from views._access import may, own_origin
from views._answer import changed, invalid, local, page, page_number
from views._authors import authors
from views._forms import OurForm
from views._mine import my_stations, my_towns
from views._qr import qr_path
from views.account import WorkField

area = Blueprint("card_desk", __name__)

DESK = "look after cards at my station"
OFFICE = "stop cards and let them go on"

JUST_PRINTED = dt.timedelta(minutes=15)
"""So long a printed card can be looked at: whoever has the picture has the card."""


class FindForm(OurForm):
    """By the number of the phone, or of the card; a name, when it is somebody new, and the work, if unknown."""

    number = StringField(_l("Phone number, or number of the card"))
    name = StringField(
        _l("Name"),
        [Length(max=30, message=_l("The name is longer than 30 characters."))],
        filters=[lambda text: " ".join((text or "").split())],
    )
    industry = WorkField(_l("What they work in"))

    def says_who(self, person: Person | None, works: bool) -> bool:
        """Is all said that a card needs? What is missing is told beside its field."""
        if person is None and not (self.name.data and self.name.data.isprintable()):
            self.name.errors = [_("Please write the name.")]
        if not works and not self.industry.is_said:
            self.industry.errors = [_("Please choose from the list.")]
        return not self.errors


@area.get("/desk/cards")
@may(DESK)
def find():
    return page("card_desk/find.html", form=FindForm(), new=False)


@area.post("/desk/cards")
@may(DESK)
def found():
    """To the card of a number; to a new one for whom there is none, when the keeper presses once more with a name."""
    form = FindForm(request.form)
    form.validate()
    text = form.number.data or ""
    phone = phone_number(text)
    card, person = _of_number(text, phone)
    if phone is None and card is None:
        form.number.errors = [_("This is neither a phone number nor the number of a card. Please look once more.")]
    if form.errors or form.number.errors:
        return invalid("card_desk/find.html", form=form, new=False)
    if card is None and phone:
        works = bool(person and Employment.now(person))
        told = {"form": form, "new": True, "person": person, "works": works}
        if request.form.get("issue") != "1":
            return page("card_desk/find.html", **told)
        if not form.says_who(person, works):
            return invalid("card_desk/find.html", **told)
        name, work = form.name.data or "", form.industry.data or ""
        card = cards.issue_to_phone(phone, name, work, by=g.viewer, at=g.now, station=_station())
    assert card
    seen = {"by": g.viewer, "subject": f"card:{card.ref}", "what": "card"}
    if not Trail.has_noted(**seen, since=g.now - dt.timedelta(hours=1)):
        with writing():
            Trail.note("seen", **seen, at=g.now)
    return changed(url_for("card_desk.show", ref=card.ref))


def _of_number(text: str, phone: str | None) -> tuple[Card | None, Person | None]:
    if phone is None:
        card = Card.numbered(text)
        return card, None
    person = Person.by_phone(phone)
    return (Card.of(person) if person else None), person


@area.get("/desk/cards/<ref>")
@may(DESK)
def show(ref):
    card = _card(ref)
    return page(
        "card_desk/show.html",
        card=card,
        state=_(STATES[card.state]),
        phone=card_keys.phone_of(card),
        paper=card_keys.paper_of(card),
        can_renew=card.can_renew(_today()),
    )


@area.post("/desk/cards/<ref>/loss")
@may(DESK)
def loss(ref):
    card = _card(ref)
    card_moves.lose(card, by=g.viewer, at=g.now)
    return changed(url_for("card_desk.show", ref=ref))


@area.post("/desk/cards/<ref>/replacement")
@may(DESK)
def replacement(ref):
    new = cards.replace(_card(ref), by=g.viewer, at=g.now, station=_station())
    return changed(url_for("card_desk.show", ref=new.ref))


@area.post("/desk/cards/<ref>/renewal")
@may(DESK)
def renewal(ref):
    try:
        card_moves.renew(_card(ref), by=g.viewer, at=g.now)
    except Refused as no:
        if no.code != "early":  # pressed twice
            raise
    return changed(url_for("card_desk.show", ref=ref))


@area.post("/desk/cards/<ref>/print")
@may(DESK)
def print_one(ref):
    card = _card(ref)
    paper = card_keys.paper_of(card)
    if paper is None or g.now - paper.made_at > dt.timedelta(minutes=1):  # pressed twice it is one
        card_keys.print_card(card, by=g.viewer, at=g.now)
    return changed(url_for("card_desk.printed", ref=ref))


@area.get("/desk/cards/<ref>/print")
@may(DESK)
def printed(ref):
    card = _card(ref)
    paper = card_keys.paper_of(card)
    if paper is None or g.now - paper.made_at > JUST_PRINTED:
        return changed(url_for("card_desk.show", ref=ref))
    link = f"{own_origin()}/C#{card_keys.printed(paper)}".upper()
    return page("card_desk/print.html", card=card, until=paper.print_until, qr=qr_path(link))


def _card(ref: str) -> Card:
    """Any card of the district: partners go to whichever station is near."""
    found = Card.select(Card, Person).join(Person, on=Card.person).where(Card.ref == ref).get_or_none()
    return found or abort(404)


def _station() -> Station | None:
    """Where the keeper sits: the station of the form, or the first of theirs."""
    mine = my_stations()
    wanted = request.form.get("station", "")
    return next((station for station in mine if station.code == wanted), mine[0] if mine else None)


# An officer.


@area.get("/cards/find")
@may(OFFICE)
def office():
    text = request.args.get("number", "")[:40]
    card = Card.numbered(text) if text else None
    if card and _is_mine(card):
        return changed(url_for("card_desk.one", number=card.number))
    return page("card_desk/office.html", text=text)


@area.get("/cards/<number>")
@may(OFFICE)
def one(number):
    return _one(_of_mine(number))


MOVED = {
    "issued": _l("issued"),
    "activated": _l("switched on"),
    "lost": _l("reported lost"),
    "stopped": _l("stopped"),
    "resumed": _l("goes on"),
    "run out": _l("ran out"),
    "renewed": _l("renewed"),
    "replaced": _l("replaced by"),
}
"""What the trail says of a card, in words."""


def _said(what: str) -> str:
    """stopped: why → 停用：why"""
    move, _colon, more = what.partition(": ")
    words = str(MOVED.get(move, move))
    return _("%(what)s: %(why)s", what=words, why=more) if more else words


def _one(card: Card, status: int = 200, why: str = "", wrong: str = ""):
    rows = Trail.about(f"card:{card.ref}", kind="moved", page=page_number())
    return page(
        "card_desk/one.html",
        status,
        card=card,
        state=_(STATES[card.state]),
        rows=rows,
        said=[_said(line.what) for line in rows.rows],
        names=authors(rows.rows),
        can_stop=card.state in cards.MOVES["stopped"][0] and not card.replaced_by_id,
        why=why,
        wrong=wrong,
    )


@area.post("/cards/<number>/stop")
@may(OFFICE)
def stop(number):
    card, why = _of_mine(number), request.form.get("why", "")
    try:
        card_moves.stop(card, why, by=g.viewer, at=g.now)
    except Refused as no:
        if no.code != "why":
            raise
        return _one(card, 422, why[:600], _(no.message))
    return changed(url_for("card_desk.one", number=number))


@area.post("/cards/<number>/resume")
@may(OFFICE)
def resume(number):
    card = _of_mine(number)
    if card.state == cards.STOPPED:  # else it goes on already: pressed twice
        card_moves.resume(card, by=g.viewer, at=g.now)
    return changed(url_for("card_desk.one", number=number))


def _of_mine(number: str) -> Card:
    card = Card.numbered(number)
    return card if card and _is_mine(card) else abort(404)


def _is_mine(card: Card) -> bool:
    towns = my_towns()
    return towns is None or card.town_id in towns


def _today() -> dt.date:
    return local(g.now).date()
