"""Passwords: argon2id, a few at a time."""

import secrets
import threading
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from models._database import Busy


class Passwords:
    """argon2id, one at a time in a process and at most two waiting, so that sign-ins never starve the rest."""

    WAITING = 2

    def __init__(self, **cost):
        self.turn, self.places = threading.Lock(), threading.Semaphore(1 + self.WAITING)
        self.use(**cost)

    def use(self, **cost):
        """What a hash costs from now on."""
        self.hasher = PasswordHasher(**cost)
        self.nobody = self.hasher.hash(secrets.token_hex(8))

    def hash(self, password: str) -> str:
        return self.hasher.hash(password)

    def right(self, password: str, kept: str | None) -> bool:
        """Is it the password? Takes as long for nobody as for somebody. Raises Busy when too many wait."""
        with self._place():
            try:
                return self.hasher.verify(kept or self.nobody, password) and kept is not None
            except (VerifyMismatchError, InvalidHashError):
                return False

    @contextmanager
    def _place(self):
        if not self.places.acquire(blocking=False):
            raise Busy("sign-ins")
        try:
            with self.turn:
                yield
        finally:
            self.places.release()


PASSWORDS = Passwords(time_cost=2, memory_cost=19456, parallelism=1)
