"""Redemptions: a card was shown and something was given: the rows and the totals kept beside them."""

import datetime as dt

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField, SmallIntegerField, fn

from models._record import N_, MomentField, Record

SCAN, TYPED, LOOK, ONLINE, PRINTED = 1, 2, 3, 4, 5
"""How: the code was scanned, its number typed, the card looked at, a one-time code of ours, the printed card."""

METHOD_WORDS = {
    SCAN: N_("scanned"),
    TYPED: N_("number typed"),
    LOOK: N_("looked at the card"),
    ONLINE: N_("one-time code"),
    PRINTED: N_("printed card"),
}

UNDO = dt.timedelta(seconds=60)
"""How long after a redemption it can be taken back or changed."""

FAR, FINE = 1, 2
"""Flags: used at two shops too far apart for the time between; the same, and somebody looked at it."""


class Redemption(Record):
    """One use. `n` is 1, −1 for what takes `reverses` back, k for a tally of looks; `amount` and `saved` in fen.

    `actor` is a person's id or the negative number of a till; `step` what of `card_key` was used up; `lag` the
    seconds between the use and its arrival here; `flag` says that somebody should look.
    """

    merchant = IntegerField()
    offer = IntegerField(null=True)
    person = BigIntegerField(null=True)
    card = IntegerField(null=True)
    card_key = IntegerField(null=True)
    step = BigIntegerField(null=True)
    method = SmallIntegerField()
    at = MomentField()
    local_date = IntegerField()
    n = SmallIntegerField()
    amount = IntegerField(null=True)
    saved = IntegerField(default=0)
    client_id = BigIntegerField(null=True)
    actor = BigIntegerField()
    lag = IntegerField(default=0)
    flag = SmallIntegerField(default=0)
    reverses = BigIntegerField(null=True)

    @classmethod
    def stands(cls):
        """The condition that it was not taken back."""
        back = cls.alias()
        return ~fn.EXISTS(back.select(back.id).where(back.reverses == cls.id))


class RedemptionDay(Record):
    """Uses of an offer (0: none said) at a shop on a local day. What is left today is told by it."""

    merchant = IntegerField()
    local_date = IntegerField()
    offer = IntegerField()
    n = IntegerField()
    saved = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("merchant", "local_date", "offer")


class RedemptionMonth(Record):
    """Uses at a shop in a local month (yyyymm), by method. No row for the district: all would wait for it."""

    month = IntegerField()
    merchant = IntegerField()
    method = SmallIntegerField()
    n = IntegerField()
    saved = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("month", "merchant", "method")


class Refusal(Record):
    """A code that was not accepted: why (`reason`), never the code itself; `before`: when it or the card was used."""

    merchant = IntegerField()
    actor = BigIntegerField()
    at = MomentField()
    reason = CharField(max_length=20)
    method = SmallIntegerField()
    person = BigIntegerField(null=True)
    card = IntegerField(null=True)
    client_id = BigIntegerField(null=True)
    before = MomentField(null=True)
