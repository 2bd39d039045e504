"""What every template may use: words, icons, the looks, the time in words."""

from flask import current_app, g, request
from flask_babel import get_domain
from markupsafe import Markup, escape

from models._keys import Locked
from models.areas import district
from models.roles import ROLES
from models.stations import WALK, brands
from models.visits import CHANNEL_WORDS, EVIDENCE_WORDS
from views import _answer, _device
from views._prefs import LANGUAGES


def _(text: str, **known) -> str:
    """The text in the person's language, from the catalogue that the page's templates use."""
    said = _catalogue().ugettext(text)
    return said % known if known else said


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
    return request.path if request.path in FORMS else "/"


FORMS = ("/sign-in", "/sign-in/password", "/register", "/me/phone", "/desk/locked", "/desk/phone")
"""Pages that a form shows again, or goes on from, under its own address."""


def asset(name: str) -> str:
    return current_app.assets.urls[name]


def minutes(metres: float) -> int:
    """Minutes on foot, at least one."""
    return max(1, round(metres / WALK))


def walk(metres: float) -> Markup:
    """6 分钟, the figure big; beyond an hour on foot the distance."""
    return _A_WALK % (minutes(metres), _("min")) if metres < 4000 else escape(far(metres))


_A_WALK = Markup('<b class="num">%s</b> %s')


def things(amenities, most: int = 3) -> str:
    """快充 · 热水 · 厕所"""
    return " · ".join(map(_answer.word, amenities[:most]))


def far(metres: float) -> str:
    """约 420 米 / 约 1.2 公里, without the 约."""
    if metres < 950:
        return _("%(n)s m", n=max(10, round(metres / 10) * 10))
    return _("%(n)s km", n=f"{metres / 1000:.1f}")


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


def _catalogue():
    """The translations of this request, looked up once and not for each of a page's fifty texts."""
    if "catalogue" not in g:
        g.catalogue = get_domain().get_translations()
    return g.catalogue


WORDS = (
    icon,
    sprite,
    here,
    asset,
    minutes,
    walk,
    things,
    far,
    breakable,
    sealed,
    number,
    role_word,
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
        _answer.month_words,
    )
    app.jinja_env.globals.update({function.__name__: function for function in (*WORDS, *said)})
    app.jinja_env.install_gettext_callables(
        lambda text: _catalogue().ugettext(text),
        lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        languages=LANGUAGES, critical=app.assets.style, channel_words=CHANNEL_WORDS, evidence_words=EVIDENCE_WORDS
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
