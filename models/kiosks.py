"""Screens at stations: a code that moves on each half minute, made by the screen's own key (security.md §3.2).

The keeper makes a one-time link; the screen that opens it makes its key and is the station's until the keeper takes it
back. Whoever presses with its code has stood before it: evidence 2, if the press arrives at once. One that waited on a
phone may be a picture that was passed on together with a false time: it proves as much as a printed code.
"""

import datetime as dt
import hashlib
import hmac
import uuid

from peewee import BlobField, CharField, ForeignKeyField

from models import card_code, card_keys
from models._database import hold, writing
from models._keys import ring
from models._record import N_, MomentField, Record, Refused, random_code
from models.areas import Revision, until_changed
from models.card_clock import MINUTE, STEP, step_of
from models.people import Person
from models.stations import Station

LINK = dt.timedelta(minutes=10)
"""How long the link that makes a device the screen can be opened."""

MOST = 10
"""Screens of a station."""

HOUR = dt.timedelta(hours=1)
"""Between two notes that a screen was in touch."""

EARLY, PROMPT = dt.timedelta(seconds=STEP), dt.timedelta(seconds=90)
"""A code is good from this long before it is shown (the screen's clock may be ahead) to this long after."""

PASSED_ON = dt.timedelta(minutes=10)
"""How far what a phone brings later may lie from the code's own moment."""

WAITING, OPEN, ENDED = "waiting", "open", "ended"

STATES = {WAITING: N_("waits for its screen"), OPEN: N_("shows the code"), ENDED: N_("taken back")}
"""What a screen can be, with its words."""

MOVES = {"linked anew": (WAITING,), "opened": (WAITING,), "taken back": (WAITING, OPEN)}
"""From which states a screen can be given another link, be opened, be taken back."""


class Kiosk(Record):
    """A screen of a station until `ended_at`; `code` is its name in what it shows, `public` its half of the key.

    `link_hash` is of the one-time link that makes a device this screen, until `link_ends_at`; `seen_at` when the screen
    was last in touch.
    """

    station = ForeignKeyField(Station)
    code = CharField(max_length=6, unique=True)
    device_id = CharField(max_length=36)
    name = CharField(max_length=30)
    link_hash = BlobField(unique=True)
    link_ends_at = MomentField()
    public = BlobField(null=True)
    kid = CharField(max_length=40, null=True)
    made_at = MomentField()
    made_by = ForeignKeyField(Person, column_name="made_by")
    seen_at = MomentField(null=True)
    ended_at = MomentField(null=True)

    @property
    def state(self) -> str:
        return ENDED if self.ended_at else OPEN if self.public else WAITING

    @property
    def waits(self) -> bool:
        """Is it still to be opened on its device?"""
        return self.state == WAITING

    @classmethod
    def of(cls, station: Station) -> list["Kiosk"]:
        """The screens of a station that were not taken back, the newest first."""
        mine = cls.select().where(cls.station == station.id, cls.ended_at.is_null())
        return list(mine.order_by(cls.id.desc()).limit(MOST))

    def key(self) -> bytes | None:
        """The 32 bytes that make its codes; None when our half is not in the ring any more."""
        secret = ring().keys["card"].get(self.kid or "")
        if secret is None or self.public is None:
            return None
        ours = card_code.private_of(secret)
        return card_code.key_of(ours, bytes(self.public), self.code, self.device_id, card_code.KIOSK)

    @property
    def kcv(self) -> bytes:
        """By which a screen sees that its key is ours, b"" when there is none."""
        key = self.key()
        return card_code.kcv(key) if key else b""


def make(station: Station, name: str, *, by: Person, at: dt.datetime) -> tuple[Kiosk, str]:
    """A screen that waits for its device, and the link's token. Raises Refused: "name", "many"."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 30:
        raise Refused("name", N_("Give the screen a short name, so that you know it again."))
    with writing():
        hold(station.id)
        if len(Kiosk.of(station)) >= MOST:
            raise Refused("many", N_("That is 10 screens already. Take back those that are no longer used."))
        token = _token()
        kiosk = Kiosk.create(
            station=station,
            code=random_code(6),
            device_id=str(uuid.uuid4()),
            name=name,
            link_hash=_hash(token),
            link_ends_at=at + LINK,
            made_at=at,
            made_by=by,
        )
        _note(kiosk, "made", by=by, at=at)
    return kiosk, token


def link_anew(kiosk: Kiosk, *, by: Person, at: dt.datetime) -> str:
    """The token of another link, instead of the one before. Raises Refused("state") for a screen that does not wait."""
    with writing():
        kiosk = _about_to_be(kiosk, "linked anew")
        token = _token()
        Kiosk.update(link_hash=_hash(token), link_ends_at=at + LINK).where(Kiosk.id == kiosk.id).execute()
        _note(kiosk, "linked anew", by=by, at=at)
    return token


def open_screen(token: str, public: bytes, kid: str, *, at: dt.datetime) -> Kiosk:
    """The device with this half of a key (65 bytes) is the screen from now on. The same half twice is once.

    Raises Refused: "half" for what is no point of the curve or meant for another half of ours than the newest, "gone"
    for a link that was used, ran out or was taken back (two at once: one of them).
    """
    if not card_code.is_point(public) or kid != card_keys.our_half()[0]:
        raise Refused("half", N_("The screen could not make its key. Please open the page anew and try once more."))
    with writing():
        kiosk = Kiosk.get_or_none(Kiosk.link_hash == _hash(token))
        hold(*([kiosk.station_id] if kiosk else []))
        kiosk = Kiosk.get_or_none(Kiosk.link_hash == _hash(token))
        if kiosk and kiosk.state == OPEN and bytes(kiosk.public or b"") == public:
            return kiosk
        if kiosk is None or kiosk.state not in MOVES["opened"] or kiosk.link_ends_at <= at:
            raise Refused("gone", N_("This link is over. Ask the keeper for a new one, it takes ten seconds."))
        Kiosk.update(public=public, kid=kid, seen_at=at).where(Kiosk.id == kiosk.id).execute()
        _note(kiosk, "opened", by=None, at=at)
        Revision.bump()
        return Kiosk.get_by_id(kiosk.id)


def take_back(kiosk: Kiosk, *, by: Person, at: dt.datetime):
    """Its codes prove nothing any more. Twice is once."""
    with writing():
        kiosk = _about_to_be(kiosk, "taken back", already=ENDED)
        if kiosk.state == ENDED:
            return
        Kiosk.update(ended_at=at).where(Kiosk.id == kiosk.id).execute()
        _note(kiosk, "taken back", by=by, at=at)
        Revision.bump()


def contact(text: str, *, at: dt.datetime) -> Kiosk | None:
    """The screen that shows this code, and it was in touch; None for one that is none or was taken back."""
    scanned = card_code.parse(text)
    if scanned is None or scanned.kind != "kiosk":
        return None
    kiosk = Kiosk.select(Kiosk, Station).join(Station).where(Kiosk.code == scanned.code).get_or_none()
    if kiosk is None or kiosk.state != OPEN or kiosk.station.closed_at:
        return None
    key = kiosk.key()
    if not key or not card_code.matches(key, scanned):
        return None
    if kiosk.seen_at is None or at - kiosk.seen_at >= HOUR:
        with writing():
            Kiosk.update(seen_at=at).where(Kiosk.id == kiosk.id).execute()
    return kiosk


def proof(station: int, code: str, digits: str, at: dt.datetime, now: dt.datetime) -> int:
    """What a press proves with the code of a screen of this station, or with the six digits under it.

    2 when it arrives (`now`) while the code is good, 1 when the code only fits the moment `at` of the press, else 0.
    """
    scanned = card_code.parse(code) if code else None
    if scanned and scanned.kind == "kiosk":
        key = _screens(station).get(scanned.code)
        if key and card_code.matches(key, scanned):
            return _in_time(scanned.step * STEP, at, now, PASSED_ON)
    if len(digits) == 6 and digits.isascii() and digits.isdigit():
        return max((_of_digits(key, name, digits, at, now) for name, key in _screens(station).items()), default=0)
    return 0


def _of_digits(key: bytes, code: str, digits: str, at: dt.datetime, now: dt.datetime) -> int:
    near = {step_of(moment, MINUTE) - back for moment in (at, now) for back in (-1, 0, 1)}
    shown = [minute for minute in near if hmac.compare_digest(card_code.number(key, code, minute), digits)]
    return max((_in_time(minute * MINUTE, at, now, PROMPT) for minute in shown), default=0)


def _in_time(shown: int, at: dt.datetime, now: dt.datetime, later: dt.timedelta) -> int:
    """`shown`: the second since 1970 at which the code came up; `later`: how far `at` may be from it for a 1."""
    began = dt.datetime.fromtimestamp(shown, dt.UTC)
    if all(-EARLY <= moment - began <= PROMPT for moment in (at, now)):
        return 2
    return 1 if -EARLY <= at - began <= later else 0


def _screens(station: int) -> dict[str, bytes]:
    """The keys of a station's open screens by code; asked of the database once between two changes."""
    known = _known()
    if station not in known:
        rows = Kiosk.select().where(Kiosk.station == station, Kiosk.ended_at.is_null(), Kiosk.public.is_null(False))
        known[station] = {kiosk.code: key for kiosk in rows if (key := kiosk.key())}
    return known[station]


@until_changed
def _known() -> dict[int, dict[str, bytes]]:
    """The screens of the stations that were asked for since the last change."""
    return {}


def _about_to_be(kiosk: Kiosk, what: str, already: str = "") -> Kiosk:
    """The screen as it is now, held; Refused when what is wanted cannot become of it."""
    hold(kiosk.station_id)
    kiosk = Kiosk.get_by_id(kiosk.id)
    if kiosk.state not in (*MOVES[what], already):
        raise Refused("state", N_("This screen is open already, or was taken back."))
    return kiosk


def _token() -> str:
    return random_code(20)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.strip().upper().encode()).digest()


def _note(kiosk: Kiosk, what: str, *, by, at: dt.datetime):
    kiosk.station.note(f"screen {kiosk.code} {what}", by=by, at=at)
