"""Passwords: argon2id, a few at a time."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from models._database import Busy
from models._record import N_

SHORTEST, SHORTEST_OF_STAFF = 6, 10
LONGEST = 200
COMMON = set((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())
"""What is tried first; besides runs of one character and one's own number."""


def weakness(password: str, *, phone: str = "", staff: bool = False) -> str | None:
    """What is wrong with a new password, as a sentence for the catalogue; None when it will do."""
    plain = password.casefold()
    if len(password) < (SHORTEST_OF_STAFF if staff else SHORTEST):
        return N_("Too short: at least 10 characters.") if staff else N_("Too short: at least 6 characters.")
    if len(password) > LONGEST:
        return N_("Too long: at most 200 characters.")
    if plain in COMMON or len(set(plain)) < 3 or (phone and plain in phone) or (phone and phone in plain):
        return N_("Too easy to guess. Please choose another one.")
    return None


class Passwords:
    """argon2id, one at a time in a process and at most two waiting, so that sign-ins never starve the rest."""

    WAITING = 2

    def __init__(self, **cost):
        # One thread does them all: of the 19 MiB that each takes one portion stays with the process, not one a thread.
        self.thread = ThreadPoolExecutor(1, "passwords")
        self.places, self.mine = threading.Semaphore(1 + self.WAITING), threading.local()
        self.use(**cost)

    def use(self, **cost):
        """What a hash costs from now on."""
        self.hasher = PasswordHasher(**cost)
        self.nobody = self.hasher.hash(secrets.token_hex(8))

    def hash(self, password: str) -> str:
        """What is kept of a password. Raises Busy when too many wait."""
        with self.place():
            return self.thread.submit(self.hasher.hash, password).result()

    def right(self, password: str, kept: str | None) -> bool:
        """Is it the password? Takes as long for nobody as for somebody. Raises Busy when too many wait."""
        with self.place():
            try:
                self.thread.submit(self.hasher.verify, kept or self.nobody, password).result()
                return kept is not None
            except (VerifyMismatchError, InvalidHashError):
                return False

    @contextmanager
    def place(self):
        """A place in the queue, held meanwhile. Raises Busy when there is none: nothing was looked at then."""
        if getattr(self.mine, "held", False):
            yield
            return
        if not self.places.acquire(blocking=False):
            raise Busy("sign-ins")
        self.mine.held = True
        try:
            yield
        finally:
            self.mine.held = False
            self.places.release()


PASSWORDS = Passwords(time_cost=2, memory_cost=19456, parallelism=1)
