"""A phone with our pages open: it asks as browsers ask, and looks over every page it is shown."""

import datetime as dt

from models.sessions import Session
from tests._engines import NOON
from tests._pages import look_over


class Phone:
    """`now` is the time at which it asks; change it and it is later."""

    def __init__(self, app, now: dt.datetime = NOON):
        self.app, self.now = app, now
        self.client = app.test_client()
        self.home = app.config["BASE_URL"] or "http://localhost"

    def get(self, path: str, **more):
        return self.ask("GET", path, **more)

    def post(self, path: str, data=None, *, headers=None, **more):
        """A form of our own page is sent (or, with `json`, what our own script sends)."""
        return self.ask("POST", path, data=data, headers={"Sec-Fetch-Site": "same-origin"} | (headers or {}), **more)

    def press(self, code: str, **form):
        """The button of a station."""
        return self.post(f"/stations/{code}/visits", {"via": "", "client_id": "", "at": ""} | form)

    def sync(self, *items):
        return self.post("/sync", json=list(items))

    def ask(self, method: str, path: str, *, fails=False, fragment=False, looks=True, **more):
        """Any request. A page of ours is looked over (`looks`); an answer of 500 is an error, unless the test is about one."""
        environ = {"nuanyi.now": self.now} | more.pop("environ", {})
        answer = self.client.open(path, method=method, base_url=self.home, environ_overrides=environ, **more)
        assert fails or answer.status_code != 500, f"{method} {path} failed"
        if looks and answer.mimetype == "text/html" and method != "HEAD" and not answer.headers.get("Content-Encoding"):
            text = answer.get_data(as_text=True)
            if text and answer.status_code not in (301, 302, 303, 308):
                fragment = fragment or path.startswith(("/me/strip", "/stations/nearest"))
                answer.page = look_over(text, fragment=fragment)
        return answer

    def sign_in(self, person, *, second: bool = True) -> "Phone":
        """As after signing in, with the second factor or without: both cookies, by the front door of the model."""
        return self.set(self.app.sid, Session.start(person, at=self.now, second=second)).set("who", person.tag)

    @property
    def host(self) -> str:
        return self.home.partition("//")[2]

    def cookie(self, name: str):
        found = self.client.get_cookie(name, domain=self.host)
        return found and found.value

    def set(self, name: str, value: str) -> "Phone":
        self.client.set_cookie(name, value, domain=self.host, secure=self.home.startswith("https"))
        return self
