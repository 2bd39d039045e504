"""How long what is kept: the table, and the run that lets go (PIPL 19: no longer than needed).

Not here: the trail, which only grows and is kept three years and more. The person is taken off a visit only when its
month is frozen and the month's distinct people are kept.
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from peewee import Tuple, ValuesList

from models import crowds, farewells, joining, outbox, uses
from models._database import writing
from models._record import number_of, to_ms
from models._work import stopping, work
from models.card_once import CardOnce
from models.codes import SmsCode
from models.farewells import Farewell
from models.faults import FaultReport
from models.imports import ImportBatch, ImportRow
from models.invitations import Invitation
from models.kiosks import Kiosk
from models.limits import Attempt
from models.merchants import REFUSED, HoursWish, Merchant, MerchantBreak
from models.odd_uses import Frequent
from models.openings import HoursException
from models.outbox import Outbox
from models.redemptions import Redemption, Refusal
from models.rooms import Booking
from models.sessions import Session
from models.supplies import Loan
from models.tills import Till
from models.visits import Request, Visit
from models.voices import Agreed, FreeNow

DAY = dt.timedelta(days=1)

PIECE = 500
"""Rows in one transaction."""


class Rule(NamedTuple):
    """What is kept, for how long after it is over, which rows those are (`before`: now less that time), and what
    happens to them, if they are not simply deleted."""

    what: str
    after: dt.timedelta
    record: type
    which: Callable
    instead: Callable[[dt.datetime], int] | None = None


RETENTION = (
    Rule("sessions that ended", DAY, Session, lambda before: _ended(before)),
    Rule("forms remembered so that they count once", 30 * DAY, Request, lambda before: Request.at < before),
    Rule("codes sent by SMS", 30 * DAY, SmsCode, lambda before: SmsCode.ends_at < before),
    Rule("who said that something does not work", 30 * DAY, FaultReport, lambda before: FaultReport.at < before),
    Rule("things lent that came back", 30 * DAY, Loan, lambda before: Loan.returned_at < before),
    Rule("what was said to be free", DAY, FreeNow, lambda before: FreeNow.at < before),
    Rule("who said that all is right", 365 * DAY, Agreed, lambda before: Agreed.at < before),
    Rule("bookings of rooms that are over", 90 * DAY, Booking, lambda before: Booking.to_at < before),
    Rule("rows of lists that were taken in", 30 * DAY, ImportRow, lambda before: _of_batches(before)),
    Rule("lists that were taken in", 365 * DAY, ImportBatch, lambda before: ImportBatch.made_at < before),
    Rule("codes of cards for once", DAY, CardOnce, lambda before: CardOnce.ends_at < before),
    Rule("tries that were counted", 30 * DAY, Attempt, lambda before: Attempt.at < before),
    Rule("messages that were sent or given up", outbox.KEPT, Outbox, lambda before: Outbox.done_at < before),
    Rule("screens that were taken back", 365 * DAY, Kiosk, lambda before: Kiosk.ended_at < before),
    Rule("invitations used or run out", 365 * DAY, Invitation, lambda before: Invitation.ends_at < before),
    Rule(
        "changed opening hours that are over",
        365 * DAY,
        HoursException,
        lambda before: HoursException.last_on < number_of(before.date()),
    ),
    Rule(
        "days on which shops were not open as always",
        365 * DAY,
        MerchantBreak,
        lambda before: MerchantBreak.last_on < number_of(before.date()),
    ),
    Rule(
        "shops that asked to take part and were refused",
        joining.REMEMBERED,
        Merchant,
        lambda before: (Merchant.state == REFUSED) & (Merchant.applied_at < before),
        lambda now: joining.forget_refused(now),
    ),
    Rule("longer hours that were asked for", 365 * DAY, HoursWish, lambda before: HoursWish.settled_at < before),
    Rule(
        "closed accounts that could be had back",
        farewells.UNDO,
        Farewell,
        lambda before: Farewell.closed_at <= before,
        lambda now: farewells.finish(at=now),
    ),
    Rule("cards that were not taken", 90 * DAY, Refusal, lambda before: Refusal.at < before),
    Rule("devices of shops that were taken back", 365 * DAY, Till, lambda before: Till.ended_at < before),
    Rule("cards often used at one shop, looked at", uses.KNOWN, Frequent, lambda before: Frequent.settled_at < before),
    Rule("uses that knew a person", uses.KNOWN, Redemption, uses.known_before, uses.forget_persons),
    Rule(
        "visits that knew a person",
        crowds.KNOWN,
        Visit,
        crowds.known_before,
        lambda now: crowds.forget_persons(now=now),
    ),
)
"""In days after which each goes. Some are let go sooner by their own hourly work; this is the longest."""


def retain(now: dt.datetime, *, dry: bool = False) -> dict[str, int]:
    """Let go of everything that has been kept long enough, in small transactions; how many rows of what.

    `dry` only counts. Ended in the middle it has done a part, and the next run does the rest.
    """
    return {rule.what: _count(rule, now) if dry else _let_go(rule, now) for rule in RETENTION}


@work("retain", every=DAY, lease=dt.timedelta(minutes=30), daily_at=dt.time(18, 30, tzinfo=dt.UTC))  # 2:30 in China
def nightly(now: dt.datetime) -> int:
    return sum(retain(now).values())


def _count(rule: Rule, now: dt.datetime) -> int:
    return rule.record.select().where(rule.which(now - rule.after)).count()


def _let_go(rule: Rule, now: dt.datetime) -> int:
    which, gone = rule.which(now - rule.after), 0
    if rule.instead:
        while not stopping() and (some := rule.instead(now)):
            gone += some
        return gone
    key = rule.record._meta.get_primary_keys()
    keys = list(rule.record.select(*key).where(which).tuples())  # read once: finding them again costs a whole table
    for start in range(0, len(keys), PIECE):
        if stopping():
            break
        these = Tuple(*key).in_(ValuesList(keys[start : start + PIECE]))
        with writing():
            gone += rule.record.delete().where(these, which).execute()  # `which` again: one may be used meanwhile
    return gone


def _ended(before: dt.datetime):
    return (Session.ends_at < before) | (Session.last_seen_at + Session.idle < to_ms(before))


def _of_batches(before: dt.datetime):
    return ImportRow.batch.in_(ImportBatch.select(ImportBatch.id).where(ImportBatch.made_at < before))
