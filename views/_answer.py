"""The ways in which a view ends: a page, a change, a form with what was wrong, or a sentence of refusal."""

import datetime as dt

from flask import abort, g, make_response, redirect, render_template, request
from flask_babel import gettext as _

from models.areas import district


def page(template: str, code: int = 200, /, **words):
    """A page of ours, with the HTTP status `code`. A leading underscore in its name says that it is a fragment."""
    g.fragment = template.rpartition("/")[2].startswith("_")
    return make_response(render_template(template, **words), code)


def changed(go: str):
    """After a form changed something: on to the page of the fact."""
    return redirect(go, 303)


def invalid(template: str, **words):
    """The form again, with what was typed and a sentence beside what was wrong."""
    return page(template, 422, **words)


ERRORS = {
    400: lambda: (_("We could not read that"), _("Something went missing on the way. Please try once more.")),
    401: lambda: (_("Please sign in again"), _("This device was signed out. Nothing was changed.")),
    403: lambda: (_("This page is for others"), _("Ask the person in charge if you need it.")),
    404: lambda: (_("This page is gone"), _("The code may be old, or it has moved.")),
    405: lambda: (_("This page is gone"), _("The code may be old, or it has moved.")),
    409: lambda: (_("Already received"), _("No need to press again.")),
    413: lambda: (_("That is too much at once"), _("Please send it in smaller parts.")),
    422: lambda: (_("Something is not right yet"), _("Please look at it once more.")),
    429: lambda: (_("A little slower, please"), _("You pressed very often. Wait a minute, then press again.")),
    500: lambda: (_("Something went wrong on our side"), _("We have noted it. Please come back a little later.")),
    503: lambda: (_("Very busy just now"), _("Nothing is lost. Please press again in a few seconds.")),
}
"""Title and sentence of each error page; the second may be replaced by what the view says."""

RETRY = {429: "60", 503: "5"}


def refusal(status: int, message: str = "", **more):
    """An error page in human words; JSON for `/sync`."""
    title, sentence = ERRORS.get(status, ERRORS[400 if status < 500 else 500])()
    if request.path == "/sync":
        answer = make_response({"message": message or sentence}, status)
    else:
        answer = page("error.html", status, title=title, sentence=message or sentence, status=status, **more)
    if status in RETRY:
        answer.headers["Retry-After"] = RETRY[status]
    answer.headers["Cache-Control"] = "no-store"
    return answer


def page_number() -> int:
    """The page that the address asks for; 404 for nonsense."""
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > 7 or not 1 <= int(text) <= 1_000_000:
        abort(404)
    return int(text)


def local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(district().zone)


def clock(moment: dt.datetime) -> str:
    """17:40"""
    return f"{local(moment):%H:%M}"


WEEKDAYS = "一二三四五六日"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def day_words(day: dt.date) -> str:
    """9月5日 周四 / Thu 5 Sep"""
    if g.prefs.lang == "en":
        return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


def date_words(moment: dt.datetime) -> str:
    """2024年9月5日 / 5 Sep 2024"""
    day = local(moment).date()
    if g.prefs.lang == "en":
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def month_words(month: int) -> str:
    """2024年9月 / Sep 2024"""
    year, of_year = divmod(month, 100)
    return f"{MONTHS[of_year - 1]} {year}" if g.prefs.lang == "en" else f"{year}年{of_year}月"


def when_words(moment: dt.datetime) -> str:
    """今天 17:40 / 昨天 8:05 / 9月5日 周四 17:40 / 2023年9月5日 17:40"""
    day, today = local(moment).date(), local(g.now).date()
    if day == today:
        return _("today %(clock)s", clock=clock(moment))
    if day == today - dt.timedelta(days=1):
        return _("yesterday %(clock)s", clock=clock(moment))
    said = day_words(day) if day.year == today.year else date_words(moment)
    return f"{said} {clock(moment)}"


def word(thing) -> str:
    """The name of a thing of the district in the person's language."""
    return (thing.name_en or thing.name) if g.prefs.lang == "en" else thing.name


def words_of(thing, field: str) -> str:
    """A field that the district keeps in both languages."""
    english = getattr(thing, field + "_en")
    return english if g.prefs.lang == "en" and english else getattr(thing, field)
