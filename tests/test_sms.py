"""Sending an SMS: to the console, and by a gateway that checks who asks and fails in every way."""

import datetime as dt
import hashlib
import hmac
import http.server
import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from models._sms import ANSWER, Console, HttpGateway, NotSent

pytestmark = pytest.mark.no_database

NOW = dt.datetime(2024, 9, 19, 4, 0, tzinfo=dt.UTC)
KEY, SECRET = "district", "a-secret-of-a-test"


class Gateway(http.server.ThreadingHTTPServer):
    """What an operator's gateway does: `behave` answers once the signature is right."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.took, self.nonces, self.behave, self.clock = [], set(), sent, NOW
        self.url = f"http://127.0.0.1:{self.server_port}/v1/send?channel=codes"

    def handle_error(self, request, client_address):
        pass  # a phone that hangs up is no news


class Asked(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if (wrong := self.refused(body)) is not None:
            return self.say(401, {"why": wrong})
        self.server.took.append(json.loads(body))
        self.server.behave(self)

    def refused(self, body) -> str | None:
        told = self.headers
        lines = "\n".join(("POST", self.path, told["X-Timestamp"], told["X-Nonce"], hashlib.sha256(body).hexdigest()))
        if told["X-Key-Id"] != KEY:
            return "key"
        if not hmac.compare_digest(hmac.digest(SECRET.encode(), lines.encode(), "sha256").hex(), told["X-Signature"]):
            return "signature"
        if abs(int(told["X-Timestamp"]) - self.server.clock.timestamp()) > 300:
            return "clock"
        if told["X-Nonce"] in self.server.nonces:
            return "nonce"
        self.server.nonces.add(told["X-Nonce"])

    def say(self, status, told, **headers):
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def sent(ask):
    ask.say(200, {"status": "sent"})


@pytest.fixture
def gateway():
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()


def send(url, key=f"{KEY}:{SECRET}", timeout=5.0, now=NOW, id="1f"):
    HttpGateway(url, key, timeout).send("13800000001", "验证码 123456", id=id, now=now)


def verdict(*told, **more) -> tuple[str, bool]:
    with pytest.raises(NotSent) as no:
        send(*told, **more)
    assert "13800000001" not in str(no.value) and "123456" not in str(no.value)
    return no.value.why, no.value.again


# It works.


def test_a_signed_request_is_taken(gateway):
    send(gateway.url)
    assert gateway.took == [{"id": "1f", "to": "13800000001", "text": "验证码 123456"}]


def test_the_same_message_is_signed_anew_each_time(gateway):
    for _ in range(3):
        send(gateway.url)
    assert len(gateway.nonces) == 3 and {told["id"] for told in gateway.took} == {"1f"}


def test_the_console_says_one_line(capsys):
    Console().send("13800000001", "验证码 123456", id="1f", now=NOW)
    assert capsys.readouterr().out == "SMS 13800000001: 验证码 123456\n"


# It fails in every way; what may pass is tried again.


def test_nobody_there(gateway):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert verdict(f"http://127.0.0.1:{closed.getsockname()[1]}/") == ("ConnectionRefusedError", True)


@pytest.mark.parametrize(
    "status, again",
    [
        (500, True),
        (502, True),
        (503, True),
        (429, True),
        (408, True),
        (204, True),
        (400, False),
        (404, False),
        (410, False),
        (422, False),
    ],
)
def test_a_status_that_is_not_200(status, again, gateway):
    gateway.behave = lambda ask: ask.say(status, {"status": "sent"})
    assert verdict(gateway.url) == (f"answer {status}", again)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status, gateway):
    elsewhere = Gateway()
    gateway.behave = lambda ask: ask.say(status, b"", Location=elsewhere.url)
    assert verdict(gateway.url) == (f"answer {status}", True)
    elsewhere.server_close()
    assert elsewhere.took == [] and len(gateway.took) == 1


def test_an_answer_that_never_comes(gateway):
    hung = threading.Event()
    gateway.behave = lambda ask: hung.wait(60)
    began = time.monotonic()
    assert verdict(gateway.url, timeout=0.2)[1]
    assert time.monotonic() - began < 30
    hung.set()


def test_an_answer_that_drips(gateway):
    over = threading.Event()

    def drip(ask):
        ask.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            ask.wfile.write(b"X-More: 1\r\n")

    gateway.behave = drip
    began = time.monotonic()
    assert verdict(gateway.url, timeout=0.3)[1]
    assert time.monotonic() - began < 30
    over.set()


def test_an_answer_cut_short(gateway):
    def cut(ask):
        ask.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status": ')

    gateway.behave = cut
    assert verdict(gateway.url)[1]


def test_a_huge_answer_is_not_read(gateway):
    gateway.behave = lambda ask: ask.say(200, b'{"status": "sent"}' + b" " * (50 * ANSWER))
    assert verdict(gateway.url)[1]


@pytest.mark.parametrize(
    "body", [b"", b"ok", b"[]", b'"sent"', b"{}", b'{"status": null}', b'{"status": "later"}', b"\xff\xfe", b"[" * 3000]
)
def test_an_answer_that_is_none_of_a_gateway(body, gateway):
    gateway.behave = lambda ask: ask.say(200, body)
    assert verdict(gateway.url)[1]


def test_what_a_gateway_will_never_send_is_given_up(gateway):
    gateway.behave = lambda ask: ask.say(200, {"status": "refused"})
    assert verdict(gateway.url) == ("refused", False)


@pytest.mark.parametrize("key", [f"other:{SECRET}", f"{KEY}:another-secret-of-16"])
def test_a_wrong_key_may_be_put_right(key, gateway):
    assert verdict(gateway.url, key) == ("answer 401", True) and gateway.took == []


def test_a_wrong_clock_too(gateway):
    assert verdict(gateway.url, now=NOW + dt.timedelta(hours=1)) == ("answer 401", True) and gateway.took == []


def test_what_was_changed_on_the_way_is_not_taken(gateway, monkeypatch):
    signed = HttpGateway.signed
    monkeypatch.setattr(HttpGateway, "signed", lambda self, body, now: signed(self, body + b" ", now))
    assert verdict(gateway.url) == ("answer 401", True) and gateway.took == []


# Settings.


@pytest.mark.parametrize(
    "url",
    [
        "",
        "console",
        "ftp://sms.example/",
        "https://",
        "https://user:x@sms.example/",
        "https://sms.example/#x",
        "https://sms.example:x/",
        "sms.example",
    ],
)
def test_what_is_no_address_stops_it(url):
    with pytest.raises(ValueError):
        HttpGateway(url, f"{KEY}:{SECRET}")


@pytest.mark.parametrize("key", ["", "x", ":" + SECRET, "district:", "district:short"])
def test_what_is_no_key_stops_it(key):
    with pytest.raises(ValueError):
        HttpGateway("https://sms.example/send", key)


def test_only_the_host_of_the_settings_is_asked(monkeypatch, gateway):
    """Proxies of the environment are nobody we know."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    send(gateway.url)
    assert urlsplit(gateway.url).port and len(gateway.took) == 1
