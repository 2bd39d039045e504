"""A server that stands between the browser and ours, and does to what passes whatever a test asks for."""

import http.client
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

LOST = "lost"  # the question never arrives
UNHEARD = "unheard"  # it arrives and is acted on, but the answer is lost
HOTEL = "hotel"  # somebody else answers: a page instead of what was asked for


class Between(ThreadingHTTPServer):
    """`rule(method, path)` says what becomes of a question: None, LOST, UNHEARD, HOTEL, a status, or seconds of delay.

    `change(path, body)` may change the answer's body. `asked` is what came by.
    """

    daemon_threads = True

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), Passing)
        self.beyond = urlsplit(url).netloc
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.rule = lambda method, path: None
        self.change = lambda path, body: body
        self.asked = []

    def __enter__(self):
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """A browser that goes away is nothing to tell of."""


class Passing(BaseHTTPRequestHandler):
    """One question and its answer."""

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path))
        fate = self.server.rule(self.command, self.path)
        if isinstance(fate, float):
            time.sleep(fate)
        if fate == LOST:
            return
        if fate == HOTEL or isinstance(fate, int):
            self.answer(
                200 if fate == HOTEL else fate, [("Content-Type", "text/html")], b"<!doctype html><title>Wi-Fi</title>"
            )
            return
        beyond = http.client.HTTPConnection(self.server.beyond, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name != "Accept-Encoding"}
        beyond.request(self.command, self.path, body, headers)
        heard = beyond.getresponse()
        said = self.server.change(self.path, heard.read())
        beyond.close()
        if fate != UNHEARD:
            self.answer(heard.status, heard.getheaders(), said)

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_HEAD = pass_on

    def log_message(self, *_):
        pass
