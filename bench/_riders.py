"""Signed-in riders who press once at each station: everything that a phone needs to know, made from numbers."""

import hashlib
import secrets
from itertools import count

from bench._load import post

RIDERS, STATIONS = 4500, 139
CODES = [f"YZ{n:03d}" for n in range(1, STATIONS + 1)]


def secret(rider):
    """The value of the rider's `sid` cookie."""
    return hashlib.sha256(f"bench rider {rider}".encode()).hexdigest()[:43]


def digest(rider):
    """What the database keeps of it."""
    return hashlib.sha256(secret(rider).encode()).digest()


def presses(port, places=CODES, tokens=None, riders=RIDERS):
    """The POST of one visit after another, never the same rider at the same station twice, so each one counts.

    `tokens` are the posters' tokens of the places; the body is what the scan page sends.
    """
    run, body = secrets.token_hex(8), "via={via}&client_id={run}{n:016x}&at="
    for n in count():
        rider, place = n % riders, (n // riders + n) % len(places)  # neighbours in time press at different stations
        if n >= riders * len(places):
            raise RuntimeError("every rider has pressed everywhere")
        text = body.format(via=tokens[place] if tokens else places[place], run=run, n=n)
        yield post(port, f"/stations/{places[place]}/visits", text, f"sid={secret(rider)}; who=0123456789")
