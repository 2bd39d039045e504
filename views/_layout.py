"""What every template may use: words, icons, the looks, the time in words."""

from functools import lru_cache
from weakref import WeakKeyDictionary

from flask import current_app, g, request
from markupsafe import Markup, escape
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from models import days
from models._keys import Locked
from models._record import date_of, random_code, to_ms
from models.areas import district
from models.faults import BESIDES
from models.hours_text import parse_times, times_words
from models.openings import Minute, minute
from models.redemptions import METHOD_WORDS
from models.roles import ROLES
from models.stations import ENTRIES, WALK, brands
from models.visits import CHANNEL_WORDS, EVIDENCE_WORDS
from models.voices import FREE, LEVELS
from views import _answer, _device, _hours, _place, _shop_words
from views._hours import lit
from views._prefs import LANGUAGES
from views._words import _, catalogue
from views._words import said as said_in_templates


def icon(name: str) -> Markup:
    """An icon of the sheet; the page carries only the symbols it uses."""
    _uses(name)
    kind = "w" if name.startswith("w") and name[1:].isdigit() else "i"
    return Markup('<svg class="%s" aria-hidden="true"><use href="#%s"/></svg>') % (kind, name)


def _uses(name: str):
    g.setdefault("icons", {})[name] = True


def sprite() -> Markup:
    """The symbols that the page has used, for the end of its body."""
    symbols = current_app.assets.symbols
    inside = Markup("").join(symbols[name] for name in g.get("icons", {}))
    return Markup('<svg class="hide" aria-hidden="true">%s</svg>') % inside if inside else Markup("")


def here() -> str:
    """The address of this page if it can be asked for again, else a page near it: where prefs lead back to."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    text = (request.view_args or {}).get("text")  # what this very person scanned or typed
    if text:
        return f"/s/{text}" + (f"?noted={noted}" if (noted := g.get("noted")) else "")
    return request.path if _can_be_asked_for(request.path) else "/"


def _can_be_asked_for(path: str) -> bool:
    """Is there a page under the address to which a form was sent?"""
    try:
        current_app.url_map.bind("localhost").match(path, "GET")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return False
    return True


def asset(name: str) -> str:
    return current_app.assets.urls[name]


def minutes(metres: float) -> int:
    """Minutes on foot, at least one."""
    return max(1, round(metres / WALK))


def each_said(stations, say, *how):
    """Each station with what `say(station, *how)` makes of it in this minute, made once for all who look at lists."""
    kept, lang = _said.setdefault(minute(g.now), {}), g.prefs.lang
    for station in stations:
        key = station.id, lang, *how
        if key not in kept:
            kept[key] = say(station, *how), lit(station.state)
        said, glyph = kept[key]
        _uses(glyph)
        yield station, said


_said: WeakKeyDictionary[Minute, dict] = WeakKeyDictionary()


def walk(metres: float) -> Markup:
    """6 分钟, the figure big; beyond an hour on foot the distance."""
    return _walk(minutes(metres), g.prefs.lang) if metres < 4000 else escape(far(metres))


@lru_cache(maxsize=200)
def _walk(minutes: int, lang: str) -> Markup:
    return _A_WALK % (minutes, _("min"))


_A_WALK = Markup('<b class="num">%s</b> %s')


def things(amenities, most: int = 3) -> str:
    """快充 · 热水 · 厕所"""
    return " · ".join(map(_answer.word, amenities[:most]))


def far(metres: float) -> str:
    """约 420 米 / 约 1.2 公里, without the 约."""
    if metres < 950:
        return _("%(n)s m", n=max(10, round(metres / 10) * 10))
    return _("%(n)s km", n=f"{metres / 1000:.1f}")


def metric(metres: float) -> str:
    """17.5, 4: a length as one says it."""
    return f"{metres:g}"


def breakable(name: str) -> Markup:
    """A station's name that may break behind its brand: 红帆驿站|鼓楼东街."""
    brand = next((b for b in map(_answer.word, brands()) if name.startswith(b) and name != b), "")
    return Markup("%s<wbr>%s") % (brand, name[len(brand) :])


def sealed(record, name: str) -> str | None:
    """A sealed text of a record; where its key is missing, a word that says so."""
    try:
        return getattr(record, name)
    except Locked:
        return _("locked")


def times_in_words(times: str) -> str:
    """The hours of a changed day as they are written, in the person's language."""
    return times_words(parse_times(times), english=g.prefs.lang == "en")


def booked_words(booking) -> str:
    """周四 9月5日 9:00–10:30: when a room is somebody's."""
    day = _answer.day_words(_answer.local(booking.from_at).date())
    return f"{day} {_answer.clock(booking.from_at)}–{_answer.clock(booking.to_at)}"


def names_of(things) -> str:
    """工会、团区委"""
    return _(", ").join(map(_answer.word, things))


def free_words(row) -> str:
    """座位还有，17:40 有人说"""
    level, what = _(LEVELS[row.level]), _(FREE[row.what])
    return _("%(what)s: %(level)s, said at %(clock)s", what=what, level=level, clock=_answer.clock(row.at))


def is_confirmed(station: int) -> bool:
    """Has the keeper of the station with this id said that it is open as usual today?"""
    return station in days.confirmed(_answer.local(g.now).date())


def role_word(role: str) -> str:
    return _(ROLES[role].words)


def counted_words() -> str:
    """What the number of visits means, wherever it stands."""
    return _(
        "Presses at a station, by the day they happened. The same person or phone counts once within four hours at"
        " one station; late ones arrive within 72 hours."
    )


def number(n: int) -> str:
    return f"{n:,}"


WORDS = (
    icon,
    sprite,
    here,
    asset,
    minutes,
    walk,
    each_said,
    things,
    far,
    metric,
    breakable,
    sealed,
    number,
    role_word,
    times_in_words,
    booked_words,
    free_words,
    names_of,
    is_confirmed,
    to_ms,
    date_of,
    random_code,
    counted_words,
    district,
)
"""What templates may call, beside the words of `_answer`."""


def use_layout(app):
    """Give all templates these words, and what every page knows: prefs, time, demo or not, and who looks at it."""
    said = (
        _device.device_words,
        _answer.word,
        _answer.words_of,
        _answer.clock,
        _answer.when_words,
        _answer.day_words,
        _answer.date_words,
        _answer.month_words,
        _place.place_words,
        *_hours.WORDS,
        *_shop_words.WORDS,
    )
    app.jinja_env.globals.update({function.__name__: function for function in (*WORDS, *said)})
    app.jinja_env.install_gettext_callables(
        lambda text: catalogue().ugettext(text),
        lambda one, many, n: catalogue().ungettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = said_in_templates
    app.jinja_env.globals.update(
        languages=LANGUAGES,
        critical=app.assets.style,
        channel_words=CHANNEL_WORDS,
        evidence_words=EVIDENCE_WORDS,
        method_words=METHOD_WORDS,
        fault_words=BESIDES,
        entries=ENTRIES,
    )
    app.context_processor(
        lambda: {
            "prefs": g.prefs,
            "noon": g.noon,
            "now": g.now,
            "viewer": g.get("viewer"),
            "demo": bool(app.config["DEMO"]),
        }
    )
