"""One Chromium and one real server with the demo district for all tests in the browser."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest
from playwright.sync_api import expect, sync_playwright

from models._keys import _b64, _raw
from models.demo import ACCOUNTS
from tests._cards import CardPhone
from tests.browser.server import CHROMIUM, WITHOUT_WINDOW, running, working


@pytest.fixture(scope="session")
def playwright():
    expect.set_options(timeout=20_000)  # for a machine that has other work
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright):
    browser = playwright.chromium.launch(**CHROMIUM)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def quick(playwright):
    """A browser without its window, for all but whole journeys: those are made in `browser`."""
    browser = playwright.chromium.launch(**WITHOUT_WINDOW)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """The folder of the server's database."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def address(home):
    with running(folder=home) as url:
        yield url


@pytest.fixture(scope="module")
def messages(address, home):
    """The phones of the town, and the worker beside the server that sends to them."""
    with working(home) as messages:
        yield messages


@pytest.fixture
def server(address, home):
    return Server(address, home / "nuanyi.db")


@pytest.fixture(scope="session")
def on_postgresql(postgresql, tmp_path_factory):
    url = postgresql.empty()
    with running(folder=tmp_path_factory.mktemp("server-pg"), NUANYI_DATABASE_URL=url) as address:
        yield address, url


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request):
    """The server on one and on the other engine, for the journeys that are made on both."""
    if request.param == "sqlite":
        return request.getfixturevalue("server")
    return Server(*request.getfixturevalue("on_postgresql"))


class Server:
    """The server as a test sees it: its address, who signs in, and what it has counted since the test began."""

    def __init__(self, url, database):
        self.url, self._database = url, database
        self._before = self._ask("SELECT max(id) FROM visit")[0][0] or 0

    def _ask(self, sql, *values):
        if isinstance(self._database, str):
            with psycopg.connect(self._database) as database:
                return database.execute(sql.replace("?", "%s"), values).fetchall()
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as database:
            return database.execute(sql, values).fetchall()

    def visits(self, code):
        """The presses at a station that have arrived since, oldest first."""
        rows = self._ask(
            "SELECT at, n, actor, evidence FROM visit WHERE id > ? AND station = (SELECT id FROM station WHERE code = ?)"
            " ORDER BY id",
            self._before,
            code,
        )
        return [dict(at=datetime.fromtimestamp(at / 1000, UTC), n=n, actor=actor, evidence=evidence)
                for at, n, actor, evidence in rows]  # fmt: skip

    def stations(self):
        """How many there are."""
        return self._ask("SELECT count(*) FROM station")[0][0]

    def token(self, code):
        """The token on a station's poster."""
        sql = "SELECT token FROM poster_token WHERE retired_at IS NULL AND station_id = (SELECT id FROM station WHERE code = ?)"
        return self._ask(sql, code)[0][0]

    def sign_in(self, page, role):
        self.post(page, "/sign-in", account=next(phone for phone, _, its in ACCOUNTS if its == role))

    def sign_out(self, page):
        self.post(page, "/sign-out")

    def card(self, page, role) -> CardPhone:
        """The card of who has this role, switched on on a phone that is made in Python; signs them in."""
        self.sign_in(page, role)
        self.apply(page)
        answer = page.context.request.get(self.url + "/card/activation").text()
        kid, half = (re.search(rf'data-{name}="([^"]+)"', answer)[1] for name in ("kid", "half"))
        card = CardPhone()
        told = page.context.request.post(
            self.url + "/card/keys",
            data={"public": _b64(card.public), "kid": kid, "client_id": role},
            headers={"Origin": self.url},
        ).json()
        card.take(told["code"], told["device_id"], _raw(half))
        return card

    def apply(self, page):
        """Who is signed in has a card."""
        self.works(page)
        self.post(page, "/card/application")

    def works(self, page):
        """Who is signed in says what they work in: before that there is no card."""
        asked = page.context.request.get(self.url + "/me/data/edit").text()
        name = re.search(r'<input[^>]* name="name"[^>]* value="([^"]+)"', asked)[1]
        self.post(page, "/me/data/edit", name=name, industry="food")

    def post(self, page, path, **form):
        answer = page.context.request.post(self.url + path, form=form, headers={"Origin": self.url})
        assert answer.ok, answer.text()
