"""create_app(): configuration, database, door, areas, error pages. The one file that knows every part."""

import ctypes
import datetime as dt
import hashlib
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel, gettext
from flask_compress import Compress
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from peewee import InterfaceError, OperationalError, PeeweeException
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import http_date
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

import commands
from models import demo
from models._database import Busy, connect, is_postgres, open_database
from models._keys import KeyRing, Locked, use_ring
from models._record import Refused
from models._schema import check
from models._sms import Console, HttpGateway, Sender, use_sender
from models.areas import Revision, is_light
from models.rotation import check_keys
from views import AREAS
from views._access import anyone, check_door
from views._answer import ERRORS, refusal
from views._assets import Assets, static
from views._forms import OurRequest
from views._headers import SHORT, dress, page_headers
from views._keep import keep
from views._layout import use_layout
from views._prefs import Prefs

HERE = Path(__file__).parent
log = logging.getLogger("nuanyi")

M_ARENA_MAX = -8
"""The number of that setting in malloc.h."""


TURN = 0.0005
"""Seconds after which a thread gives way to another, on SQLite. With Python's 5 ms whoever holds the writers' lock
gets on again too late after each statement, and all others wait: a tenth of it serves a fifth more redemptions, p99 a
third less."""


class NoSession(SecureCookieSessionInterface):
    """Flask's signed session is not used: sessions are rows, and answers must not vary by it."""

    def open_session(self, app, request):
        return self.make_null_session(app)


class WholeBody:
    """A request cut short by the network is refused instead of read as a shorter one."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        if environ.get("CONTENT_LENGTH"):
            environ.pop("wsgi.input_terminated", None)  # Werkzeug then counts the bytes itself
        elif environ.get("HTTP_TRANSFER_ENCODING"):
            said = "没读出来，请再试一次 · We could not read that, please try once more".encode()
            kind = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
            start_response("411 Length Required", [*kind, *SHORT.items(), ("Content-Length", str(len(said)))])
            return [said]  # a chunked body cut short looks whole: nobody of ours sends one
        return self.app(environ, start_response)


class Id(IntegerConverter):
    """A number in an address: what no table can hold is no page of ours."""

    def __init__(self, map, *args, **more):
        super().__init__(map, *args, **{"max": 2**31 - 1} | more)


def create_app(**changes) -> Flask:
    """The application, for a server, a command or a test. `changes` win over the environment (NUANYI_…)."""
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["int"] = Id
    configure(app, changes)
    use_ring(KeyRing.read(app.config["KEY_RING"]))
    use_sender(_sender(app.config))
    open_database(app.config["DATABASE_URL"], **app.config["PRAGMAS"])
    app.https = app.config["BASE_URL"].startswith("https:")
    app.sid = "__Host-sid" if app.https else "sid"
    app.session_interface = NoSession()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.assets = Assets()
    app.page_headers = page_headers(app.assets.style_hash, app.https)
    Htmx(app)
    app.request_class = OurRequest
    Babel(
        app,
        default_locale="zh_Hans",
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(HERE / "locales"),
        locale_selector=lambda: g.prefs.lang if "prefs" in g else "zh_Hans",
    )
    app.words_hash = _hash_of_words()
    app.before_request(begin)
    app.after_request(finish)
    app.squeeze = Compress(app).after_request
    app.add_url_rule("/static/<path:filename>", "static", anyone_static)
    for module in AREAS:
        app.register_blueprint(module.area)
    use_layout(app)
    _errors(app)
    commands.add(app)
    app.wsgi_app = WholeBody(app.wsgi_app)
    if app.config["PROXIES"]:
        hops = int(app.config["PROXIES"])
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    return app


def configure(app: Flask, changes: dict):
    """Defaults, then the environment, then `changes`. Raises RuntimeError for a start that would not be safe."""
    instance = Path(os.environ.get("NUANYI_INSTANCE", HERE / "instance"))
    app.config.from_mapping(
        DATABASE_URL=f"sqlite:///{instance / 'nuanyi.db'}",
        KEY_RING="",
        BASE_URL="",
        PROXIES=0,
        DEMO=0,
        WORKER="on",
        SMS="",
        SMS_KEY="",
        PRAGMAS={},
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_PARTS=100,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_BR_WINDOW=16,  # 64 kB, more than any page: a wider one only takes memory
        COMPRESS_MIN_SIZE=600,
        COMPRESS_MIMETYPES=["text/html", "text/javascript", "application/json", "application/manifest+json"],
        COMPRESS_STREAMS=False,
        COMPRESS_REGISTER=False,  # `finish` calls it, before the answer is kept
    )
    app.config.from_prefixed_env("NUANYI")
    app.config.from_mapping(changes)
    app.config["DEMO"] = str(app.config["DEMO"]) in ("1", "True")  # whatever else it says is production
    if app.config["DEMO"]:
        app.config["KEY_RING"] = app.config["KEY_RING"] or str(_demo_ring(instance))
        app.config["SMS"] = app.config["SMS"] or "console"
        return
    if not app.config["KEY_RING"]:
        raise RuntimeError("NUANYI_KEY_RING names the file of keys; `python -m models._keys <file>` makes one")
    if not app.config["BASE_URL"].startswith("https://"):
        raise RuntimeError("NUANYI_BASE_URL must begin with https:// (NUANYI_DEMO=1 is for trying it out)")
    app.config["BASE_URL"] = app.config["BASE_URL"].rstrip("/")
    if not (app.config["SMS"].startswith("https://") and app.config["SMS_KEY"]):
        raise RuntimeError("NUANYI_SMS is the https:// address of the gateway, NUANYI_SMS_KEY its <id>:<secret>")


def _sender(config) -> Sender:
    """What sends SMS. Raises ValueError for an address or a key that cannot be one."""
    return Console() if config["SMS"] == "console" else HttpGateway(config["SMS"], config["SMS_KEY"])


def _demo_ring(instance: Path) -> Path:
    """The demo's own keys, made at its first start; one of an older version gets what it lacks."""
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = instance / "keys.json"
    with suppress(FileExistsError):
        KeyRing.make(path)
    with suppress(FileExistsError):  # another process is at it
        KeyRing.complete(path)
    return path


def ready(app: Flask) -> Flask:
    """For the server: refuse a schema this code does not know, keys that are not this database's, and a demo outside
    demo mode."""
    check()
    check_keys()
    if demo.is_demo() and not app.config["DEMO"]:
        raise RuntimeError("this database holds a demo; production does not start on it")
    return app


def serve() -> Flask:
    """What granian starts."""
    with suppress(OSError, AttributeError):  # glibc keeps a heap for each thread: two are enough, and a third smaller
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    app = ready(create_app())
    if not is_postgres():
        sys.setswitchinterval(TURN)
    return app


def begin():
    """The clock, the connection and the prefs of this request; then the door."""
    g.now = now = request.environ.get("nuanyi.now") or dt.datetime.now(dt.UTC)  # tests choose the time
    g.prefs, g.noon = Prefs(), True  # for the page that says the database is gone
    connect()
    g.prefs = Prefs.read(request.cookies.get("prefs", ""))
    g.noon = is_light(int(now.timestamp()) // 900, Revision.current())
    return check_door()


def finish(answer):
    """Compress, dress and keep what was made anew; say the time, from which phones learn how wrong theirs is."""
    if not g.get("was_kept"):
        answer = keep(dress(squeezed(answer)))
    answer.headers["Date"] = http_date(g.now if "now" in g else None)
    return answer


def squeezed(answer):
    """Compressed; pages that say no as well, which the library leaves alone."""
    status, answer.status_code = answer.status_code, 200 if answer.status_code >= 400 else answer.status_code
    answer = current_app.squeeze(answer)
    answer.status_code = status
    return answer


anyone_static = anyone(static)


def _errors(app: Flask):
    for status in ERRORS.keys() - {401}:  # the entry answers that one: with the sign-in form
        app.register_error_handler(status, _http_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Refused, lambda no: refusal(409, gettext(no.message)))
    app.register_error_handler(Locked, _locked)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(PeeweeException, _database_error)
    app.register_error_handler(Exception, _our_fault)


def _http_error(error: HTTPException):
    if error.code is not None and error.code < 400:
        return error
    own = error.description if error.description != type(error).description else ""
    answer = refusal(error.code or 500, own or "")
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.allow.update(error.valid_methods)
    return answer


def _locked(error):
    """A sealed field was needed that no key of ours opens: the page could not do without it."""
    log.error("%s %s: a sealed field is locked, its key is not in the ring", request.method, request.path)
    return refusal(503, gettext("Something here is locked just now: its key is missing. Nothing was changed."))


def _busy(error):
    log.warning("the database was not free or not able: %s", error)
    return plainly(503)


def _database_error(error):
    if isinstance(error, OperationalError | InterfaceError):  # locked, full, gone: it passes
        return _busy(error)
    return _our_fault(error)


def _our_fault(error):
    rule = request.url_rule.rule if request.url_rule else request.path  # addresses may hold a token or a position
    log.exception("%s %s", request.method, rule)
    return plainly(500)


def plainly(status: int):
    """The error page, or, where its own making fails, the same in plain words of both languages."""
    try:
        return refusal(status)
    except Exception:
        log.exception("the error page itself")
        words = {503: "这会儿人多，过几秒再点一次 · Very busy just now, please press again in a few seconds"}
        said = words.get(status, "我们出了点岔子，稍后再来 · Something went wrong on our side")
        answer = Response(said, status, mimetype="text/plain")
        if status == 503:
            answer.headers["Retry-After"] = "5"
        return answer


def _hash_of_words() -> str:
    """A hash over catalogues and templates: what the shell's pages are made of besides the assets."""
    told = hashlib.sha256()
    for file in sorted([*(HERE / "locales").rglob("*.po"), *(HERE / "templates").rglob("*.html")]):
        told.update(file.read_bytes())
    return told.hexdigest()
