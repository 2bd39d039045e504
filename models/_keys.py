"""The key ring, encrypted fields and blind indexes (security.md §6.3).

A ring is a JSON file outside the database: purpose → list of {"kid", "key" (base64, 32 bytes)}; the last of a
purpose is the one that new writes use. A sealed text is `v1.<kid>.<nonce>.<ciphertext and tag>` in base64url,
AES-256-GCM, bound to table, column and row by the additional data: moved elsewhere it does not open.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PURPOSES = ("pii", "index", "actor")
"""`pii` seals phones and the like, `index` finds them again, `actor` hides addresses behind a HMAC."""


class Locked(Exception):
    """A sealed field whose key is not in the ring, or that was moved or changed: it shows as locked."""


class KeyRing:
    def __init__(self, keys: dict[str, dict[str, bytes]]):
        self.keys = keys

    @classmethod
    def read(cls, path: Path) -> "KeyRing":
        """The ring in a file. Raises ValueError when it is none, a purpose is missing or a key is not 32 bytes."""
        raw = json.loads(Path(path).read_text())
        try:
            keys = {p: {k["kid"]: base64.b64decode(k["key"]) for k in raw.get(p, [])} for p in PURPOSES}
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("this file is no key ring") from error
        for purpose, ring in keys.items():
            if not ring or any(len(key) != 32 for key in ring.values()):
                raise ValueError(f"the key ring needs 32-byte keys for {purpose!r}")
        return cls(keys)

    @staticmethod
    def make(path: Path):
        """Write a new ring, readable by its owner alone."""
        ring = {p: [{"kid": "1", "key": base64.b64encode(secrets.token_bytes(32)).decode()}] for p in PURPOSES}
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
            json.dump(ring, file)

    def newest(self, purpose: str) -> tuple[str, bytes]:
        return next(reversed(self.keys[purpose].items()))

    def seal(self, text: str, purpose: str, place: bytes) -> str:
        kid, key = self.newest(purpose)
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), place)
        return ".".join(("v1", kid, _b64(nonce), _b64(sealed)))

    def unseal(self, token: str, purpose: str, place: bytes) -> str:
        """Raises Locked."""
        try:
            version, kid, nonce, sealed = token.split(".")
            if version != "v1":
                raise Locked(version)
            return AESGCM(self.keys[purpose][kid]).decrypt(_raw(nonce), _raw(sealed), place).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise Locked(str(error)) from error

    def blind(self, text: str, purpose: str = "index", length: int = 16) -> bytes:
        """HMAC-SHA-256 of a text, cut to `length` bytes: equal texts are found, no text can be read back."""
        _, key = self.newest(purpose)
        return hmac.digest(key, text.encode(), hashlib.sha256)[:length]


_current: KeyRing | None = None


def use_ring(ring: KeyRing):
    global _current
    _current = ring


def ring() -> KeyRing:
    if _current is None:
        raise RuntimeError("no key ring: create_app() reads it")
    return _current


class Sealed:
    """A property of a record whose text is kept sealed in the column `<name>_sealed`; the record has a `uid`."""

    def __init__(self, purpose: str = "pii"):
        self.purpose = purpose

    def __set_name__(self, owner, name):
        self.name, self.column = name, f"{name}_sealed"

    def _place(self, record) -> bytes:
        return f"{record._meta.table_name}|{self.name}|".encode() + bytes(record.uid)

    def __get__(self, record, owner=None):
        if record is None:
            return self
        sealed = getattr(record, self.column)
        return None if sealed is None else ring().unseal(sealed, self.purpose, self._place(record))

    def __set__(self, record, text):
        value = None if text is None else ring().seal(text, self.purpose, self._place(record))
        setattr(record, self.column, value)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":  # python -m models._keys FILE
    KeyRing.make(Path(sys.argv[1]))
