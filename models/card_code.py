"""The codes of cards and kiosks, pure: keys from two halves, what a QR holds, the number for typing (security.md §2).

    card    C1 + card's code (8) + step (6) + tag (16)     a phone's, another one each half minute
    print   C2 + card's code (8) + tag (16)                on paper, always the same
    once    C3 + 8 digits                                  the server's, for a phone that cannot (models/card_once.py)
    kiosk   P1 + kiosk's code (6) + step (6) + tag (16)    a station's screen

All are upper-case letters and digits (a QR packs those closely), alone or as `HTTPS://HOST/C#` and the code: after the
`#`, so that no server's log gets it. Steps are half minutes since 1970. `tests/vectors/card.json` holds this and
`static/js/card-code.js` to the same results.
"""

import hmac
import re
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from models._record import CROCKFORD

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The number of points of P-256 (SEC 2, §2.4.2): private keys are 1 … ORDER − 1."""

TAG = 10
"""Bytes of a tag: 80 bits."""

CARD, KIOSK = "rider-card-v1", "kiosk-v1"
"""What a key is for: two that come of the same halves are still not the same."""

CODE = re.compile(
    r"""(?:https?://[^/?#\s]+/c/?\#)?
    (?: C1 (?P<card>C{8}) (?P<card_step>C{6}) (?P<card_tag>C{16})
      | C2 (?P<print>C{8}) (?P<print_tag>C{16})
      | C3 (?P<once>[0-9]{8})
      | P1 (?P<kiosk>C{6}) (?P<kiosk_step>C{6}) (?P<kiosk_tag>C{16}) )""".replace("C{", f"[{CROCKFORD}]{{"),
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""The code alone, or as the address that any scanner opens. Whose host that is does not matter: the tag tells."""


class Scanned(NamedTuple):
    """What a code says of itself: `kind` (card, print, once, kiosk), whose it is, of which step (0 where there is
    none) and its tag (10 bytes, none for `once`)."""

    kind: str
    code: str
    step: int = 0
    tag: bytes = b""


def private_of(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The server's half of cards' keys, made of 32 bytes of the key ring."""
    return _private(int.from_bytes(secret, "big") % (ORDER - 1) + 1)


@lru_cache(maxsize=8)
def _private(scalar: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(scalar, ec.SECP256R1())


def public_of(private: ec.EllipticCurvePrivateKey) -> bytes:
    """65 bytes: what a phone needs of our half."""
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def is_point(public: bytes) -> bool:
    """Are these 65 bytes a point of the curve? Others could ask our half out of us."""
    try:
        _point(public)
    except ValueError:
        return False
    return len(public) == 65


def _point(public: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)


def key_of(private: ec.EllipticCurvePrivateKey, public: bytes, code: str, device_id: str, what: str = CARD) -> bytes:
    """The 32 bytes that the device's half and ours make together. Raises ValueError for a `public` that is no point."""
    return _hkdf(private.exchange(ec.ECDH(), _point(public)), f"{what}|{code}|{device_id}")


def print_key_of(secret: bytes) -> bytes:
    """The key of printed cards, made of 32 bytes of the key ring."""
    return _hkdf(secret, "print-card-v1")


def _hkdf(secret: bytes, info: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=info.encode()).derive(secret)


def tag(key: bytes, code: str, step: int) -> bytes:
    """What a phone's card proves itself with in this step."""
    return _mac(key, f"qr1|{code}|", step)[:TAG]


def payload(key: bytes, code: str, step: int) -> str:
    """The 32 characters of a phone's QR."""
    return f"C1{code}{crockford(step, 6)}{crockford(int.from_bytes(tag(key, code, step), 'big'), 16)}"


def number(key: bytes, code: str, minute: int) -> str:
    """Six digits for typing, others each minute (RFC 4226 §5.3, with SHA-256)."""
    mac = _mac(key, f"num1|{code}|", minute)
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def kcv(key: bytes) -> bytes:
    """Four bytes by which both sides see that they have the same key."""
    return hmac.digest(key, b"kcv", "sha256")[:4]


def printed(key: bytes, code: str) -> str:
    """The 26 characters of a printed card's QR; `key` is print_key_of."""
    return f"C2{code}{crockford(int.from_bytes(_print_tag(key, code), 'big'), 16)}"


def kiosk_payload(key: bytes, code: str, step: int) -> str:
    """The 30 characters of a kiosk's QR."""
    return f"P1{code}{crockford(step, 6)}{crockford(int.from_bytes(_kiosk_tag(key, code, step), 'big'), 16)}"


def matches(key: bytes, scanned: Scanned) -> bool:
    """Is the tag the one that this key makes? Takes the same time whatever the answer."""
    if scanned.kind == "card":
        expected = tag(key, scanned.code, scanned.step)
    elif scanned.kind == "kiosk":
        expected = _kiosk_tag(key, scanned.code, scanned.step)
    else:
        expected = _print_tag(key, scanned.code)
    return hmac.compare_digest(expected, scanned.tag)


def parse(text: str) -> Scanned | None:
    """What a scanner brought, if it can be one of ours: the code alone or in its address, in any case. None for all
    else: a parcel's label, a payment code, another page's address."""
    found = CODE.fullmatch(text.strip()) if len(text) <= 300 else None
    if found is None:
        return None
    said = {name: value.upper() for name, value in found.groupdict().items() if value}
    kind = next(name for name in ("card", "print", "once", "kiosk") if name in said)
    step, proof = said.get(f"{kind}_step"), said.get(f"{kind}_tag")
    mac = from_crockford(proof).to_bytes(TAG, "big") if proof else b""
    return Scanned(kind, said[kind], from_crockford(step) if step else 0, mac)


def crockford(value: int, length: int) -> str:
    """A number as so many characters, the highest first. Raises OverflowError for one that has more."""
    if not 0 <= value < 32**length:
        raise OverflowError(value)
    return "".join(CROCKFORD[value >> 5 * place & 31] for place in range(length - 1, -1, -1))


def from_crockford(text: str) -> int:
    """The number again. Raises ValueError for a character that is none of Crockford's."""
    value = 0
    for character in text:
        value = value << 5 | CROCKFORD.index(character)
    return value


def _mac(key: bytes, label: str, count: int) -> bytes:
    return hmac.digest(key, label.encode() + count.to_bytes(8, "big"), "sha256")


def _print_tag(key: bytes, code: str) -> bytes:
    return hmac.digest(key, f"print1|{code}".encode(), "sha256")[:TAG]


def _kiosk_tag(key: bytes, code: str, step: int) -> bytes:
    return _mac(key, f"kiosk1|{code}|", step)[:TAG]
