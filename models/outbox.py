"""The outbox: what is to be sent, written in the transaction that wants it sent, and sent by the worker.

At least once: a worker that dies between sending and noting it sends again, with the same id, by which the gateway
knows it. Number and text are sealed, and taken out as soon as it is over.
"""

import datetime as dt
import secrets

from peewee import BlobField, CharField, SmallIntegerField, TextField

from models import _sms
from models._database import writing
from models._keys import Locked, Sealed
from models._record import MomentField, Record
from models._sms import NotSent
from models._work import claim, due, stopping, work

WAITS = [dt.timedelta(seconds=seconds) for seconds in (2, 10, 30, 60, 120, 300, 900, 3600)]
"""How long after each try that failed the next one is; after the last it is given up."""

LEASE = dt.timedelta(seconds=120)
"""How long a worker holds twenty of them: each may take five seconds."""

KEPT = dt.timedelta(days=30)
"""How long it is kept that something was sent (not what, nor to whom)."""


class Outbox(Record):
    """One message. `failed` says why it was given up; a message that is over has neither number nor text."""

    uid = BlobField(default=lambda: secrets.token_bytes(16))
    kind = CharField(max_length=10)
    to_sealed = TextField(null=True)
    text_sealed = TextField(null=True)
    made_at = MomentField()
    ends_at = MomentField(null=True)
    due_at = MomentField()
    lease_until = MomentField(null=True)
    tries = SmallIntegerField(default=0)
    done_at = MomentField(null=True)
    failed = CharField(max_length=20, default="")

    to, text = Sealed("pii"), Sealed("pii")

    @classmethod
    def put(cls, kind: str, to: str, text: str, *, now: dt.datetime, ends_at: dt.datetime | None = None) -> "Outbox":
        """To be sent from now on, and not after `ends_at`. Call it in the transaction of what it tells."""
        row = cls(kind=kind, made_at=now, due_at=now, ends_at=ends_at)
        row.to, row.text = to, text
        row.save(force_insert=True)
        return row

    def over(self, now: dt.datetime, failed: str = ""):
        """It was sent, or is given up: forget what it said and to whom."""
        self._mark(done_at=now, failed=failed[:20], to_sealed=None, text_sealed=None)

    def later(self, now: dt.datetime):
        """Try again after a while."""
        self._mark(due_at=now + WAITS[min(self.tries, len(WAITS)) - 1], lease_until=None)

    def _mark(self, **marks):
        """Only what this worker still holds."""
        with writing():
            Outbox.update(**marks).where(
                Outbox.id == self.id, Outbox.tries == self.tries, Outbox.done_at.is_null()
            ).execute()


def _any_due(now: dt.datetime) -> bool:
    return due(Outbox, now).where(Outbox.done_at.is_null()).exists()


@work("outbox", every=dt.timedelta(seconds=1), if_any=_any_due)
def send_due(now: dt.datetime) -> int:
    """Send what is due; returns how many went."""
    sent = 0
    for row in claim(Outbox, now=now, lease=LEASE):
        if stopping():
            break  # those that are left come again when the lease has passed
        sent += _send(row, now)
    return sent


def _send(row: Outbox, now: dt.datetime) -> bool:
    if row.ends_at and row.ends_at <= now:
        row.over(now, "too late")
        return False
    try:
        _sms.sender().send(row.to or "", row.text or "", id=bytes(row.uid).hex(), now=now)
    except Locked:
        row.later(now)  # its key may come back; nothing is overwritten until then
    except NotSent as no:
        if no.again and row.tries <= len(WAITS):
            row.later(now)
        else:
            row.over(now, no.why)
    else:
        row.over(now)
        return True
    return False


@work("outbox-old", every=dt.timedelta(hours=1))
def drop_old(now: dt.datetime) -> int:
    """Take out what was over long ago."""
    with writing():
        return Outbox.delete().where(Outbox.done_at < now - KEPT).execute()
