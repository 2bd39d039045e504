"""Sabotage: each function spoils one of the product's own settings or code paths before the app is made."""

import contextlib
import os
import sys

from markupsafe import Markup


def serve():
    """What the promises' servers start: the app, spoilt by the function that the environment names, if any."""
    if name := os.environ.get("NUANYI_SPOIL"):
        globals()[name]()
    from app import serve as whole

    return whole()


def no_transaction():
    """Each statement of a visit is committed by itself: rows without their totals are left by a kill."""
    from models import visits

    @contextlib.contextmanager
    def bare():
        yield

    visits.writing = bare


def no_once():
    """The same id is not looked up and not unique: what comes again is counted again."""
    from models import visits
    from models._database import db

    visits.LOOK_UP = visits.LOOK_UP.replace("WHERE client_id = ?", "WHERE client_id = ? AND 1 = 0")
    visits.REST *= 0
    opened = visits.admit.__globals__["writing"]

    @contextlib.contextmanager
    def dropping():
        with opened():
            db.execute_sql("DROP INDEX IF EXISTS visit_client_id")
            yield

    visits.writing = dropping


def short_patience():
    """A write waits a second for the database, not ten."""
    from models import _database

    _database.BUDGET = 1.0
    _database.PRAGMAS["busy_timeout"] = 1000


def silent_no():
    """A database that is locked too long is answered as if the visit had been counted."""
    from views import visits

    admit = visits.admit

    def pretending(*args, **kwargs):
        from models._database import Busy
        from models.visits import Outcome

        try:
            return admit(*args, **kwargs)
        except Busy:
            return Outcome("accepted", kwargs["now"], True)

    visits.admit = pretending


def open_door():
    """Writing requests are taken from anywhere."""
    from views import _access

    _access._from_our_own_pages = lambda: True


def everybody_may():
    """Whoever is signed in may do everything, and masked names are whole."""
    from models.people import Person

    Person.may = lambda self, phrase: True
    Person.masked = property(lambda self: self.name)


def sessions_for_ever():
    """A session neither grows old nor is ended by anything but its own sign-out."""
    from models import sessions

    sessions._WHO_IS = sessions._WHO_IS.replace("s.ends_at > ?", "? > 0").replace(
        "s.last_seen_at + s.idle > ?", "? > 0"
    )
    sessions.Session.end_all = classmethod(lambda cls, person, but=None: 0)


def plain_text():
    """What should be sealed is only marked as such."""
    from models._keys import KeyRing

    KeyRing.seal = lambda self, text, purpose, place: f"v1.plain.{text}."


def half_closed():
    """A closed account keeps its name."""
    from models import farewells

    before = farewells.close

    def close(person, *, at):
        before(person, at=at)
        farewells.Person.update(name=person.name).where(farewells.Person.id == person.id).execute()

    farewells.close = close


def generous_download():
    """The download does not ask whose rows they are."""
    from models import personal

    def everything(record, about, person):
        return [{personal._name(c): personal._value(row, c) for c in about.personal} for row in record.select()]

    personal._rows = everything


def bare_headers():
    """Pages forget to forbid guessing at types."""
    from views import _headers

    _headers.SHORT.pop("X-Content-Type-Options")
    whole = _headers.page_headers
    _headers.page_headers = lambda *args: {k: v for k, v in whole(*args).items() if k != "X-Content-Type-Options"}


def forgetful_queue():
    """The phone keeps nothing beyond the page, and says that it does."""
    _change_script("await inTime(() => drawer.set(key, value))", "")


def hasty_queue():
    """A question without an answer is taken for answered: what was lost on the way is dropped from the phone."""
    answers = "JSON.parse((options || {}).body || '[]').map(({ client_id }) => ({ client_id, result: 'accepted' }))"
    _change_script("return { status: 0 }", f"return {{ status: 200, said: {answers} }}")


def another_version():
    """Not a sabotage: the next release, whose service worker and shell differ from this one's."""
    from views import _assets

    digest = _assets.Assets.digest
    _assets.Assets.digest = lambda self, *more: digest(self, *more, "the next release")


def morning():
    """Not a sabotage: it is 8:40 in the district."""
    _clock(8, 40)


def rush_hour():
    """Not a sabotage: it is 17:40 in the district."""
    _clock(17, 40)


def late():
    """Not a sabotage: it is 23:00 in the district."""
    _clock(23, 0)


def _clock(hour: int, minute: int):
    """Every request comes today at this time of the district."""
    import datetime as dt
    from zoneinfo import ZoneInfo

    from flask import request

    import app

    whole = app.begin

    def begin():
        today = dt.datetime.now(ZoneInfo("Asia/Shanghai"))
        request.environ["nuanyi.now"] = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return whole()

    app.begin = begin


def first_of_october():
    """No sabotage: every request comes on the first of October 2024 at ten to ten."""
    import datetime as dt
    from zoneinfo import ZoneInfo

    from flask import request

    import app

    whole = app.begin

    def begin():
        request.environ["nuanyi.now"] = dt.datetime(2024, 10, 1, 9, 50, tzinfo=ZoneInfo("Asia/Shanghai"))
        return whole()

    app.begin = begin


def foreign_picture():
    """The first page shows a picture of another host, and the policy allows it."""
    from views import _headers, _layout

    whole, sprite = _headers.content_policy, _layout.sprite
    _headers.content_policy = lambda *args: whole(*args).replace("img-src 'self'", "img-src *")

    def with_picture():
        return sprite() + Markup('<img src="http://127.0.0.2:9/pixel.png" alt="">')

    _layout.WORDS = tuple(with_picture if word is sprite else word for word in _layout.WORDS)
    with_picture.__name__ = "sprite"


def one_index():
    """Phones are looked for under the newest key alone, also while a rotation goes on."""
    from models._keys import KeyRing

    KeyRing.blinds = lambda self, *what, **more: [self.blind(*what, **more)]


def blind_seals():
    """Seals look away from who did it."""
    from models import seals

    whole = seals._hash
    seals._hash = lambda prev, about, lines: whole(prev, about, [(*line[:3], 0, *line[4:]) for line in lines])


def hasty_no():
    """A number that nobody has is turned away without looking at the password."""
    from models import entry

    whole = entry.sign_in
    entry.sign_in = lambda phone, password: whole(phone, password) if entry.Person.by_phone(phone) else None


def row_by_row():
    """A list is taken in with a commit after each statement: a kill leaves half of it."""
    from models import imports

    @contextlib.contextmanager
    def bare():
        yield

    imports.writing = bare


def no_window():
    """Nobody looks at how many come at once."""
    from models import doubting

    doubting.crowded = lambda times, most, within=0: set()


def any_tag():
    """Whatever a code says of itself is believed."""
    from models import card_code

    card_code.matches = lambda key, scanned: True


def no_step():
    """What was used up is neither looked for nor marked, and the index does not mind."""
    from models import redeeming, verifying
    from models._database import db

    redeeming.LOOK_UP = redeeming.LOOK_UP.replace("AND step = ?", "AND step = ? AND 1 = 0")
    verifying.take = lambda checked, now: True
    whole = redeeming._write

    def dropping(*told):
        db.execute_sql("DROP INDEX IF EXISTS redemption_code")
        return whole(*told)

    redeeming._write = dropping


def no_limits():
    """Numbers may be guessed at without end."""
    from models import limits

    limits.over = lambda *told: False


def _change_script(old: str, new: str):
    """Serve our scripts with one place changed."""
    from views import _assets

    strip = _assets.strip_js

    def changed(text):
        return strip(text.replace(old, new))

    _assets.strip_js = changed


if os.environ.get("NUANYI_SPOIL") and "pytest" in sys.modules:
    globals()[os.environ["NUANYI_SPOIL"]]()  # as a plugin of pytest: before any test imports the product
