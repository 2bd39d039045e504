"""The devices on which somebody has signed in before: attackers elsewhere cannot lock these out."""

import datetime as dt

from peewee import BlobField, CompositeKey, ForeignKeyField

from models._database import writing
from models._keys import ring
from models._record import MomentField, Record
from models.people import Person


class KnownDevice(Record):
    """A device of a person, by the keyed hash of its `device` cookie, and when it was last signed in on."""

    person = ForeignKeyField(Person)
    device = BlobField()
    at = MomentField()

    class Meta:
        primary_key = CompositeKey("person", "device")

    @staticmethod
    def hidden(device: str) -> bytes:
        """What stands for a device in the tables."""
        return ring().blind("device|" + device, "actor")

    @classmethod
    def remember(cls, person: Person, device: str, *, at: dt.datetime):
        """Somebody has signed in on it."""
        with writing():
            row = cls.insert(person=person, device=cls.hidden(device), at=at)
            row.on_conflict(conflict_target=[cls.person, cls.device], update={cls.at: at}).execute()

    @classmethod
    def has(cls, phone: str, device: str | None) -> bool:
        """Has the person with this number signed in on this device? One statement, whoever it is."""
        this = Person.phone_index.in_(ring().blinds(phone)), cls.device == cls.hidden(device or "")
        return cls.select(cls.person).join(Person).where(*this).exists()

    @classmethod
    def is_of(cls, person: int, device: str) -> bool:
        """The same by the person's id."""
        return cls.select(cls.person).where(cls.person == person, cls.device == cls.hidden(device)).exists()

    @classmethod
    def forget(cls, person: Person):
        """None of them is the person's any more."""
        KnownDevice.delete().where(cls.person == person).execute()
