"""Consents: what a person has agreed to, in which version of the words, and when they took it back (PIPL 14, 15)."""

import datetime as dt

from peewee import CharField, ForeignKeyField, IntegerField

from models._database import writing
from models._record import N_, MomentField, Record
from models.people import Person

PURPOSES = {
    "account": (1, N_("Name, phone number and what you work in: to sign you in and to keep your visits as yours")),
}
"""What is asked for: the version of its words, and the words. New words get a new version and are asked for again."""


class Consent(Record):
    """One purpose agreed to. A row is never changed but for the moment of taking it back."""

    person = ForeignKeyField(Person)
    purpose = CharField(max_length=20)
    version = IntegerField()
    channel = CharField(max_length=10)
    given_at = MomentField()
    withdrawn_at = MomentField(null=True)

    @classmethod
    def give(cls, person: Person, purpose: str, *, channel: str, at: dt.datetime) -> "Consent":
        return cls.create(person=person, purpose=purpose, version=PURPOSES[purpose][0], channel=channel, given_at=at)

    @classmethod
    def of(cls, person: Person) -> list["Consent"]:
        """All that was ever agreed to, the newest first."""
        return list(cls.select().where(cls.person == person).order_by(cls.id.desc()))

    @classmethod
    def withdraw(cls, person: Person, purpose: str, *, at: dt.datetime):
        with writing():
            cls.update(withdrawn_at=at).where(
                cls.person == person, cls.purpose == purpose, cls.withdrawn_at.is_null()
            ).execute()
