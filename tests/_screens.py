"""A station's screen, made in Python: it shows what the real one shows."""

import datetime as dt

from cryptography.hazmat.primitives.asymmetric import ec

from models import card_code, card_keys, kiosks
from models.card_clock import MINUTE, step_of


class Screen:
    """A screen of a station, opened at `at` by the link that its keeper made."""

    def __init__(self, station, keeper, at: dt.datetime, name: str = "柜台"):
        _, token = kiosks.make(station, name, by=keeper, at=at)
        self.private = ec.generate_private_key(ec.SECP256R1())
        kid, theirs = card_keys.our_half()
        self.kiosk = kiosks.open_screen(token, card_code.public_of(self.private), kid, at=at)
        told = self.kiosk.code, self.kiosk.device_id
        self.key = card_code.key_of(self.private, theirs, *told, card_code.KIOSK)

    def code(self, at: dt.datetime) -> str:
        """What stands behind the # at this moment."""
        return card_code.kiosk_payload(self.key, self.kiosk.code, step_of(at))

    def digits(self, at: dt.datetime) -> str:
        return card_code.number(self.key, self.kiosk.code, step_of(at, MINUTE))
