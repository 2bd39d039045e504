"""What a station gives out and lends: medicine and heat patches that run low, power banks that should come back."""

import datetime as dt

from peewee import CharField, ForeignKeyField, IntegerField, IntegrityError

from models._database import hold, writing
from models._record import N_, MomentField, Page, Record, Refused, number_of
from models._trail import Trail
from models.people import Person
from models.stations import Station

ENOUGH, LOW, COMING = "enough", "low", "coming"

MOVES = {
    "ask": ({ENOUGH}, LOW),
    "promise": ({LOW}, COMING),
    "decline": ({LOW, COMING}, LOW),
    "fill": ({ENOUGH, LOW, COMING}, ENOUGH),
}
"""The keeper asks, the town promises or says why not yet, the keeper says that it is there: move → from, to."""

SOON = 14
"""Days before something expires from which on it is pointed out."""


class Supply(Record):
    """One thing that should be there. `expires_on` is a local day (yyyymmdd), `answer` what the town said last."""

    station = ForeignKeyField(Station)
    name = CharField(max_length=40)
    state = CharField(max_length=10, default=ENOUGH)
    expires_on = IntegerField(null=True)
    answer = CharField(max_length=120, default="")
    changed_at = MomentField()

    @property
    def runs_low(self) -> bool:
        return self.state == LOW

    @property
    def is_coming(self) -> bool:
        return self.state == COMING


class Loan(Record):
    """A power bank that somebody took along. `hint`, by which the keeper knows them again, goes with the return."""

    station = ForeignKeyField(Station)
    number = CharField(max_length=20)
    hint = CharField(max_length=30, default="")
    lent_at = MomentField()
    returned_at = MomentField(null=True)
    by = ForeignKeyField(Person)


def of(station: int) -> list[Supply]:
    """What a station keeps, what runs low first."""
    rows = Supply.select().where(Supply.station == station).order_by(Supply.name).limit(50)
    return sorted(rows, key=lambda row: (row.state == ENOUGH, row.expires_on or 99999999))


def asks_attention(supply: Supply, today: dt.date) -> bool:
    """Does it run low, or expire soon?"""
    soon = today + dt.timedelta(days=SOON)
    return supply.state != ENOUGH or (supply.expires_on or 99999999) <= number_of(soon)


def keep(station: Station, name: str, expires_on: int | None, *, by: Person, at: dt.datetime) -> Supply:
    """The station keeps this from now on, or has a new date for it. Raises Refused: "name", "many"."""
    name = " ".join(name.split())
    if not name or len(name) > 40:
        raise Refused("name", N_("Please write what it is, in at most 40 characters."))
    with writing():
        hold(station.id)
        supply = Supply.get_or_none(station=station, name=name)
        if supply is None:
            if Supply.select().where(Supply.station == station).count() >= 50:
                raise Refused("many", N_("Fifty things are listed. Please take one off first."))
            supply = Supply.create(station=station, name=name, expires_on=expires_on, changed_at=at)
        elif supply.expires_on == expires_on:
            return supply
        else:
            supply.expires_on, supply.changed_at = expires_on, at
            supply.save()
        station.note(f"supply {name}: until {expires_on or '-'}", by=by, at=at)
        return supply


def drop(supply: Supply, *, by: Person, at: dt.datetime):
    """The station does not keep this any more. Twice is once."""
    with writing():
        if Supply.delete().where(Supply.id == supply.id).execute():
            supply.station.note(f"supply {supply.name}: off the list", by=by, at=at)


def move(supply: Supply, move: str, *, by: Person, at: dt.datetime, answer: str = "") -> bool:
    """One step of MOVES; False when it stands there already with this answer.

    Raises Refused: "answer" for a town that says no without why, "moved" when somebody was faster.
    """
    before, after = MOVES[move]
    answer = answer.strip()[:120]
    if move == "decline" and not answer:
        raise Refused("answer", N_("Please say in a few words why."))
    with writing():
        hold(supply.station_id)
        now = Supply.get_by_id(supply.id)
        if now.state == after and now.answer == answer:
            return False
        if now.state not in before:
            raise Refused("moved", N_("Somebody has changed this meanwhile. Please look at it once more."))
        Supply.update(state=after, answer=answer, changed_at=at).where(Supply.id == supply.id).execute()
        Trail.note("moved", by=by, subject=f"station:{supply.station.code}", what=f"supply {now.name}: {after}", at=at)
        return True


def lend(station: Station, number: str, hint: str, *, by: Person, at: dt.datetime) -> Loan:
    """A power bank goes out. Raises Refused: "number" for none, "out" for one that is not back yet."""
    number = number.strip().upper()
    if not number or len(number) > 20 or not number.isprintable():
        raise Refused("number", N_("Please write the number that stands on it."))
    try:
        with writing():
            return Loan.create(station=station, number=number, hint=hint.strip()[:30], lent_at=at, by=by)
    except IntegrityError:
        raise Refused("out", N_("This one is out already. Note its return first.")) from None


def take_back(loan: Loan, *, at: dt.datetime):
    """It is back, and what was written about who had it goes. Twice is once."""
    with writing():
        Loan.update(returned_at=at, hint="").where(Loan.id == loan.id, Loan.returned_at.is_null()).execute()


def out(station: int, number: int = 1) -> Page:
    """What is lent and not back yet, the longest first."""
    return Page(Loan.select().where(Loan.station == station, Loan.returned_at.is_null()).order_by(Loan.lent_at), number)
