"""What partners say about a station with one tap: locked, broken, all right, what is free. No sign-in needed."""

from flask import Blueprint, abort, g, request
from flask_babel import gettext as _

from models import faults, limits, voices
from models._database import writing
from models._record import Refused
from models.stations import Station, amenities, find_station
from models.visits import device_actor
from views._access import anyone, public
from views._answer import changed, page, refusal
from views._device import caller, remember

area = Blueprint("voices", __name__)


@area.get("/stations/<code>/tell")
@public
def tell(code):
    """Everything that can be said, a tap each. `said`: what was just said, so that the page thanks for it."""
    station = _station(code)
    return page(
        "voices/tell.html",
        station=station,
        said=request.args.get("said", ""),
        open_faults={fault.what for fault in faults.open_at(station.id)},
        agreed=voices.agreed(station.id, g.now),
        free=voices.free(station.id, g.now),
        besides=faults.BESIDES,
        kinds=voices.FREE,
        levels=voices.LEVELS,
    )


@area.post("/stations/<code>/faults")
@anyone
def fault(code):
    station, what = _station(code), request.form.get("what", "")
    if what not in {amenity.code for amenity in amenities()} | set(faults.BESIDES):
        abort(404)
    with writing():
        if g.viewer is None:
            place = limits.subject(place=caller().address)
            if limits.over("fault address", place, g.now):
                return refusal(429)
            limits.note("fault address", place, g.now)
        faults.report(station, what, actor=_actor(), at=g.now)
    return _thanks(station, "fault")


@area.post("/stations/<code>/agreed")
@anyone
def agree(code):
    station = _station(code)
    voices.agree(station, actor=_actor(), at=g.now)
    return _thanks(station, "agreed")


@area.post("/stations/<code>/free")
@anyone
def free(code):
    station = _station(code)
    what, _dot, level = request.form.get("free", "").partition(" ")
    try:
        voices.say_free(station, what, level, actor=_actor(), at=g.now)
    except Refused as no:
        return refusal(422, _(no.message))
    return _thanks(station, "free")


def _station(code: str) -> Station:
    return find_station(code) or abort(404)


def _actor() -> int:
    """The person, or this device's negative number."""
    return g.viewer.id if g.viewer else device_actor(caller().device or "")


def _thanks(station: Station, said: str):
    answer = changed(f"/stations/{station.code}/tell?said={said}")
    return answer if g.viewer else remember(answer, caller().device)
