"""我的: my last visits, and who is signed in."""

from flask import Blueprint, g
from flask_babel import gettext as _

from models import figures
from models.cards import STATES, Card
from models.stations import Station
from views._access import anyone, signed_in
from views._answer import page, page_number

area = Blueprint("people", __name__)


@area.get("/me/")
@signed_in
def me():
    card = Card.of(g.viewer)
    state = _(STATES[card.state]) if card else _("none yet")
    return page("people/me.html", recent=_named(figures.last_of(g.viewer.id)), card=card, card_state=state)


@area.get("/me/visits")
@signed_in
def my_visits():
    return page("people/visits.html", recent=_named(figures.last_of(g.viewer.id, page_number())))


@area.get("/me/strip")
@anyone
def strip():
    return page("people/_strip.html")


def _named(rows):
    """Give each visit of a page its station, in one query."""
    ids = {row.station for row in rows.rows}
    stations = {s.id: s for s in Station.select().where(Station.id.in_(ids))} if ids else {}
    for row in rows.rows:
        row.where = stations[row.station]
    return rows
