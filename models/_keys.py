"""The key ring, encrypted fields and blind indexes (security.md §6.3).

A ring is a JSON file outside the database: purpose → list of {"kid", "key" (base64, 32 bytes)}; the last of a
purpose is the one that new writes use. A sealed text is `v1.<kid>.<nonce>.<ciphertext and tag>` in base64url,
AES-256-GCM, bound to table, column and row by the additional data: moved elsewhere it does not open.

A new key is added beside the old ones (`python -m models._keys add FILE PURPOSE`); a running process reads a changed
file again within a second. `flask keys rotate` then brings all rows to the newest keys (models/rotation.py); cards go
over to the newest one by one, when their phones come by (models/card_keys.py).
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PURPOSES = ("pii", "index", "actor", "card")
"""`pii` seals phones and the like, `index` finds them again, `actor` hides addresses behind a HMAC, `card` is our half
of the cards' keys."""

ROTATING = ("pii", "index", "card")
"""What gets new keys. What `actor` hides is not kept long, and cannot be read back to hide it anew."""

LATER = ("card",)
"""What rings of before have not: `add` gives them their first."""

KID = re.compile(r"[0-9A-Za-z_-]{1,40}")

AGAIN = 1.0
"""Seconds after which a process looks whether the file of keys has changed."""


class Locked(Exception):
    """A sealed field whose key is not in the ring, or that was moved or changed: it shows as locked."""


class KeyRing:
    def __init__(self, keys: dict[str, dict[str, bytes]], path: Path | None = None, stamp: tuple | None = None):
        self.keys, self.path, self.stamp = keys, path, stamp
        self.look_again = time.monotonic() + AGAIN

    @classmethod
    def read(cls, path: Path, lacking: tuple[str, ...] = ()) -> "KeyRing":
        """The ring in a file. Raises ValueError when it is none, a purpose (but for those that may be `lacking`) is
        missing or a key is not 32 bytes."""
        stamp = _stamp(Path(path))  # before reading: a change in between is seen later
        raw = json.loads(Path(path).read_text())
        try:
            pairs = {p: [(k["kid"], base64.b64decode(k["key"])) for k in raw.get(p, [])] for p in PURPOSES}
            named = all(KID.fullmatch(kid) for ring in pairs.values() for kid, _ in ring)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("this file is no key ring") from error
        keys = {purpose: dict(ring) for purpose, ring in pairs.items()}
        for purpose, ring in keys.items():
            if purpose in LATER and purpose not in raw:
                if purpose in lacking:
                    continue
                raise ValueError(f"this key ring is older than {purpose!r}: python -m models._keys add FILE {purpose}")
            if not ring or any(len(key) != 32 for key in ring.values()):
                raise ValueError(f"the key ring needs 32-byte keys for {purpose!r}")
            if not named or len(ring) < len(pairs[purpose]):
                raise ValueError(f"the key ring has two keys of one name, or a name that is none, for {purpose!r}")
        return cls(keys, Path(path), stamp)

    @staticmethod
    def make(path: Path):
        """Write a new ring, readable by its owner alone."""
        ring = {p: [{"kid": "1", "key": base64.b64encode(secrets.token_bytes(32)).decode()}] for p in PURPOSES}
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
            json.dump(ring, file)

    @staticmethod
    def add(path: Path, purpose: str) -> str:
        """Put a new key behind the others of a purpose, all at once or not at all; returns its kid.

        Raises ValueError for a purpose that has no rotation, FileExistsError while somebody else is at it.
        """
        if purpose not in ROTATING:
            raise ValueError(f"new keys are for {' and '.join(ROTATING)}, not for {purpose!r}")
        KeyRing.read(path, lacking=LATER)
        fresh = path.with_name(path.name + ".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
            raw, was = json.loads(path.read_text()), path.stat()  # read while nobody else can be adding
            there = raw.setdefault(purpose, [])
            kid = str(1 + max([int(k["kid"]) for k in there if k["kid"].isdigit()], default=len(there)))
            there.append({"kid": kid, "key": base64.b64encode(secrets.token_bytes(32)).decode()})
            json.dump(raw, file)
            file.flush()
            os.fsync(file.fileno())
            if os.geteuid() == 0:
                os.fchown(file.fileno(), was.st_uid, was.st_gid)  # it stays the service's
        os.replace(fresh, path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return kid

    @staticmethod
    def complete(path: Path):
        """Give a ring of before what came later. Raises as `add` does."""
        for purpose in LATER:
            if not KeyRing.read(path, lacking=LATER).keys[purpose]:
                KeyRing.add(path, purpose)

    def current(self) -> "KeyRing":
        """This ring, or the one that the file holds by now. A file that cannot be read changes nothing."""
        if self.path is None or time.monotonic() < self.look_again:
            return self
        self.look_again = time.monotonic() + AGAIN
        if _stamp(self.path) == self.stamp:
            return self
        try:
            return KeyRing.read(self.path)
        except (OSError, ValueError):
            return self

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
        return _hmac(self.newest(purpose)[1], text)[:length]

    def blinds(self, text: str, purpose: str = "index", length: int = 16) -> list[bytes]:
        """The same under each key of the purpose, the newest first: what to look for while a rotation goes on."""
        return [_hmac(key, text)[:length] for key in reversed(self.keys[purpose].values())]

    def check_value(self, purpose: str, kid: str) -> bytes:
        """What tells this key from another of the same name, and says nothing about it."""
        return _hmac(self.keys[purpose][kid], f"the key {kid} for {purpose}")[:16]


_current: KeyRing | None = None


def use_ring(ring: KeyRing):
    global _current
    _current = ring


def ring() -> KeyRing:
    global _current
    if _current is None:
        raise RuntimeError("no key ring: create_app() reads it")
    _current = _current.current()
    return _current


class Sealed:
    """A property of a record whose text is kept sealed in the column `<name>_sealed`; the record has a `uid`.

    `found_by` names the columns that find it again and how each is made of the text: a rotation makes them anew.
    """

    def __init__(self, purpose: str = "pii", found_by: dict[str, Callable[[str], bytes | None]] | None = None):
        self.purpose, self.found_by = purpose, found_by or {}

    def __set_name__(self, owner, name):
        self.name, self.column = name, f"{name}_sealed"

    def place(self, table: str, uid) -> bytes:
        """What the text is bound to."""
        return f"{table}|{self.name}|".encode() + bytes(uid)

    def _place(self, record) -> bytes:
        return self.place(record._meta.table_name, record.uid)

    def __get__(self, record, owner=None):
        """The text, or None where there is none. Raises Locked."""
        if record is None:
            return self
        sealed = getattr(record, self.column)
        return None if sealed is None else ring().unseal(sealed, self.purpose, self._place(record))

    def __set__(self, record, text):
        """Seal with the newest key. Raises Locked: what cannot be read is not written over."""
        self.__get__(record)
        value = None if text is None else ring().seal(text, self.purpose, self._place(record))
        setattr(record, self.column, value)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _stamp(path: Path) -> tuple | None:
    """What tells one state of a file from another."""
    try:
        told = os.stat(path)
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns, told.st_size


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main(*words: str) -> str:
    """`FILE` makes a ring; `add FILE PURPOSE` adds a key to one. Returns what to say; SystemExit says what is wrong."""
    try:
        if words[:1] == ("add",) and len(words) == 3:
            then = "phones take it up by themselves" if words[2] in LATER else "now: flask keys rotate"
            return f"{words[2]}: key {KeyRing.add(Path(words[1]), words[2])} added; {then}"
        if len(words) == 1 and words[0] != "add":
            KeyRing.make(Path(words[0]))
            return f"{words[0]}: keep a copy in a safe"
    except FileExistsError as there:
        raise SystemExit(f"{there.filename} is there already: nothing was changed") from there
    except (OSError, ValueError) as wrong:
        raise SystemExit(str(wrong)) from wrong
    raise SystemExit("python -m models._keys FILE | add FILE PURPOSE")


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]) + "\n")
