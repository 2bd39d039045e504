"""Closing an account: anonymous at once, and for seven days what is needed to undo it."""

from peewee import BlobField, ForeignKeyField, TextField

from models._keys import Sealed
from models._record import MomentField, Record
from models.people import Person


class Farewell(Record):
    """What a closed account was, sealed, until the time to undo has passed."""

    person = ForeignKeyField(Person, primary_key=True)
    uid = BlobField()
    kept_sealed = TextField()
    phone_index = BlobField(null=True, unique=True)
    closed_at = MomentField(index=True)

    kept = Sealed("pii")
