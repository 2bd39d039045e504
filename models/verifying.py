"""Is this card good now? What was scanned or typed is looked up, checked and judged; nothing is used up here.

The same for a redemption at a shop and a visit that a keeper notes. An unknown card and a wrong tag are answered alike,
after the same work.
"""

import datetime as dt
import secrets
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from models import card_code, card_keys, card_once, limits
from models._database import db, sql, writing
from models._keys import ring
from models.areas import district
from models.card_clock import FRESH, Clock, claim_fits, judge, minutes_to_try, step_of
from models.card_code import Scanned
from models.card_keys import CardKey
from models.cards import ACTIVE, Card
from models.redemptions import ONLINE, PRINTED, SCAN, TYPED

NOBODY = card_code.public_of(ec.generate_private_key(ec.SECP256R1()))
"""The phone's half of a card that there is not: its codes are checked as long as others."""


class Checked(NamedTuple):
    """What was found: `reason` ('' all is well), how it was shown, and whose card it is, where we know that.

    `step` is what would be used up (a half minute, a minute of TYPED), `drift` what the phone's clock is ahead;
    `ahead` that the code is one from the future, to be remembered; `late` that it was scanned a while ago. `over_at`:
    when a code for once was used, or ended.
    """

    reason: str
    method: int
    card: Card | None = None
    key: CardKey | None = None
    step: int | None = None
    drift: int = 0
    ahead: bool = False
    late: bool = False
    once: str = ""
    over_at: dt.datetime | None = None

    @property
    def name(self) -> str:
        """张*, or nothing."""
        return self.card.person.masked if self.card else ""

    @property
    def new_since(self) -> dt.datetime | None:
        """When another phone took the card over, if one did."""
        return self.key.new_since if self.key else None


def check(scanned: Scanned | None, now: dt.datetime, at: dt.datetime | None = None) -> Checked:
    """Is what was scanned the code of a card that can be used now?

    `at`: it was scanned then, at a shop without network, and comes only now: its step must fit that moment. "past" is
    said of a code whose time is right but that, or a later one, was used.
    """
    if scanned and scanned.kind == "once":  # good for a minute, with a network, at a shop: `check_once`
        return Checked("once", ONLINE)
    if scanned is None or scanned.kind not in ("card", "print"):
        return Checked("not-card", SCAN)
    method = SCAN if scanned.kind == "card" else PRINTED
    key = card_keys.by_code(scanned.code)
    if key and (key.kind == card_keys.PRINT) != (method == PRINTED):
        key = None
    made = card_keys.key_bytes(key or _nobodys(scanned.code, method))
    if not card_code.matches(made or bytes(32), scanned) or not made or not key:
        return Checked("bad", method)
    if reason := _unusable(key, at or now):
        return Checked(reason, method, key.card, key)
    if method == PRINTED:
        return Checked("", method, key.card, key)
    if at is not None:
        fits = claim_fits(scanned.step, at, key.drift)
        return Checked("" if fits else "claim", method, key.card, key, scanned.step, key.drift, late=True)
    verdict = judge(scanned.step, step_of(now), _clock(key, now))
    reason = verdict.word if verdict.word != "ok" else "past" if scanned.step <= key.last_step else ""
    return Checked(reason, method, key.card, key, scanned.step, verdict.drift, ahead=verdict.word == "ahead")


def _nobodys(code: str, method: int) -> CardKey:
    """A key of no card, for as much work as one of a card is."""
    kind = card_keys.PRINT if method == PRINTED else card_keys.PHONE
    return CardKey(code=code, device_id="", kind=kind, public=NOBODY, kid=ring().newest("card")[0])


def check_once(digits: str, shop: int, now: dt.datetime, *, typed: bool) -> Checked:
    """Eight digits that our own page shows for a minute. Those that there are not count for the shop: `typed` ones as
    those of `check_typed`, scanned ones for themselves, for scanning goes on when typing is closed."""
    here, counted = limits.subject(f"shop|{shop}"), ("typed shop", "typed day") if typed else ("scanned once",)
    with writing():
        if any(limits.over(what, here, now) for what in counted):
            return Checked("typed-locked" if typed else "once", ONLINE)
        row = card_once.find(digits)
        if row is None:
            for what in counted:
                limits.note(what, here, now)
            return Checked("once", ONLINE)
    card = row.card
    if card.state not in (ACTIVE, "waiting"):
        return Checked(card.state, ONLINE, card)
    if row.ends_at <= now:
        return Checked("once", ONLINE, card, over_at=row.ends_at)
    return Checked("expired" if _is_over(card, now) else "", ONLINE, card, once=digits)


def check_typed(last4: str, digits: str, shop: int, now: dt.datetime) -> Checked:
    """The last four digits of a phone's number and the six of its card: whose are they, if anybody's?

    Wrong ones are counted for these last four and for the shop (its id), and too many lock both out for a while
    (security.md §2.5). Raises Busy.
    """
    card, here = limits.subject(f"last4|{last4}"), limits.subject(f"shop|{shop}")
    counted = (("typed card", card), ("typed shop", here), ("typed day", here))
    with writing():
        if any(limits.over(what, subject, now) for what, subject in counted):
            return Checked("typed-locked", TYPED)
        fitting = _fitting(last4, digits, now)
        if not fitting:
            for what, subject in counted:
                limits.note(what, subject, now)
            return Checked("typed-wrong", TYPED)
    if len({key.card_id for key, _ in fitting}) > 1:
        return Checked("typed-two", TYPED)
    key, minute = fitting[-1]
    if reason := _unusable(key, now):
        return Checked(reason, TYPED, key.card, key)
    used = minute <= key.last_minute
    return Checked("past" if used else "", TYPED, key.card, key, minute, key.drift)


def _fitting(last4: str, digits: str, now: dt.datetime) -> list[tuple[CardKey, int]]:
    found = []
    for key in card_keys.by_last4(last4):
        if made := card_keys.key_bytes(key):
            for minute in minutes_to_try(now, key.drift):
                if secrets.compare_digest(card_code.number(made, key.code, minute), digits):
                    found.append((key, minute))
    return found


def take(checked: Checked, now: dt.datetime) -> bool:
    """Use the code up, in the transaction of what it is used for; False when it was used or ended meanwhile."""
    key, step = checked.key, checked.step
    if key is None:
        return card_once.take_once(checked.once, now) is not None
    if checked.method == PRINTED or checked.late:
        alive = db.execute_sql(sql("UPDATE card_key SET kid = kid" + ALIVE), (key.id,))
    elif checked.method == TYPED:
        alive = db.execute_sql(
            sql("UPDATE card_key SET last_minute = ?" + ALIVE + " AND last_minute < ?"), (step, key.id, step)
        )
    else:
        learned = "UPDATE card_key SET last_step = ?, drift = ?, ahead_step = NULL"
        alive = db.execute_sql(sql(learned + ALIVE + " AND last_step < ?"), (step, checked.drift, key.id, step))
    return bool(alive.rowcount)


ALIVE = " WHERE id = ? AND ended_at IS NULL"


def remember(checked: Checked, now: dt.datetime):
    """A code from the future was shown: the next one, as much later, says how far the phone's clock is ahead."""
    if checked.ahead and checked.key:
        seen = {CardKey.ahead_step: checked.step, CardKey.ahead_at: now}
        CardKey.update(seen).where(CardKey.id == checked.key.id).execute()


def _clock(key: CardKey, now: dt.datetime) -> Clock:
    seen = step_of(key.ahead_at) if key.ahead_step is not None and key.ahead_at else None
    return Clock(key.drift, now - key.seen_at < FRESH, key.ahead_step, seen)


def _unusable(key: CardKey, now: dt.datetime) -> str:
    """Why this card cannot be used, '' when it can; the state of the card before that of its key."""
    card = key.card
    if card.replaced_by_id or card.person.state == "closed":
        return "ended"
    if card.state != ACTIVE:
        return card.state
    if _is_over(card, now) or (key.kind == card_keys.PRINT and key.print_until < _day(now)):
        return "expired"
    if not key.ended_at:
        return ""
    return "reprinted" if key.kind == card_keys.PRINT and card_keys.paper_of(card) else "ended"


def _is_over(card: Card, now: dt.datetime) -> bool:
    return card.is_over(_day(now))


def _day(now: dt.datetime) -> dt.date:
    return now.astimezone(district().zone).date()
