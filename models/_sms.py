"""Sending an SMS: to the console in the demo, else to a gateway by signed requests. Only the worker does it.

The gateway's side of the contract. `POST <its URL>` with JSON `{"id", "to", "text"}`; the same id is the same message,
sent once. Headers: `X-Key-Id`, `X-Timestamp` (seconds since 1970), `X-Nonce` (32 hex characters) and `X-Signature`, the
hex HMAC-SHA-256 with the key over five lines: POST, path and query, timestamp, nonce, hex SHA-256 of the body. It
answers 200 with `{"status": "sent"}`, or with `{"status": "refused"}` what it will never send.
"""

import datetime as dt
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import sys
import threading
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

ANSWER = 4096
"""Bytes of an answer that we read."""

AGAIN = {401, 403, 408, 425, 429}
"""Refusals that may pass: keys, a clock or a limit are put right. Every other 4xx means this message."""


class NotSent(Exception):
    """It was not sent, as far as we know; `again` when it may go later."""

    def __init__(self, why: str, again: bool):
        super().__init__(why)
        self.why, self.again = why, again


class Sender(Protocol):
    def send(self, phone: str, text: str, *, id: str, now: dt.datetime):
        """Send a text to a number, once per id. Raises NotSent."""


class Console:
    """The demo's: a line in the window in which the worker runs."""

    def send(self, phone: str, text: str, *, id: str, now: dt.datetime):
        sys.stdout.write(f"SMS {phone}: {text}\n")
        sys.stdout.flush()


class HttpGateway:
    """A gateway behind one URL, with a key `<id>:<secret>`; answers within `timeout` seconds or counts as silent."""

    def __init__(self, url: str, key: str, timeout: float = 5.0):
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.fragment:
            raise ValueError("the gateway's URL is https://host/path")
        self.key_id, colon, secret = key.partition(":")
        if not self.key_id or not colon or len(secret) < 16:
            raise ValueError("the gateway's key is <id>:<secret>, the secret of at least 16 characters")
        self.parts, self.port, self.secret, self.timeout = parts, parts.port, secret.encode(), timeout
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def send(self, phone: str, text: str, *, id: str, now: dt.datetime):
        body = json.dumps({"id": id, "to": phone, "text": text}, ensure_ascii=False).encode()
        try:
            status, said = self._post(body, self.signed(body, now))
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise NotSent(type(error).__name__, again=True) from error
        if 400 <= status < 500 and status not in AGAIN:
            raise NotSent(f"answer {status}", again=False)
        if status != 200:  # a redirect too: it is for this host alone
            raise NotSent(f"answer {status}", again=True)
        if said == "refused":
            raise NotSent("refused", again=False)
        if said != "sent":
            raise NotSent("no answer of a gateway", again=True)

    def signed(self, body: bytes, now: dt.datetime) -> dict[str, str]:
        """The headers that say it is us, now, and this."""
        time, nonce = str(int(now.timestamp())), secrets.token_hex(16)
        lines = "\n".join(("POST", self.path, time, nonce, hashlib.sha256(body).hexdigest()))
        signature = hmac.digest(self.secret, lines.encode(), hashlib.sha256).hex()
        return {
            "Content-Type": "application/json",
            "X-Key-Id": self.key_id,
            "X-Timestamp": time,
            "X-Nonce": nonce,
            "X-Signature": signature,
        }

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Status and the word of the answer. The whole of it has `timeout`, however slowly it drips."""
        kind = http.client.HTTPSConnection if self.parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.parts.hostname or "", self.port, timeout=self.timeout)
        limit = threading.Timer(self.timeout, _cut, (connection,))
        limit.daemon = True
        try:
            connection.connect()
            limit.start()
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            raw = answer.read(ANSWER + 1)
            if answer.status != 200:
                return answer.status, ""
            if len(raw) > ANSWER:
                raise ValueError("an answer too long")
            told = json.loads(raw)
            return 200, str(told.get("status", "")) if isinstance(told, dict) else ""
        finally:
            limit.cancel()
            connection.close()


def _cut(connection):
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


_sender: Sender | None = None


def use_sender(sender: Sender):
    global _sender
    _sender = sender


def sender() -> Sender:
    if _sender is None:
        raise RuntimeError("nothing sends SMS: create_app() says what")
    return _sender
