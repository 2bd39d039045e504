"""Taking lists in, in two steps: a preview that changes nothing, then all good rows at once; undone within a day.

A batch keeps what came and what was there before and after, so that undoing it puts every table back as it was. Where
somebody has changed a thing since, nothing is undone.
"""

import datetime as dt
import json

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField, IntegrityError, TextField, chunked

from models._database import hold, writing
from models._record import N_, MomentField, Page, Record, Refused, insert_facts, random_code
from models._trail import Trail
from models.areas import Revision
from models.comparing import CHANGED, NEW, SAME, WRONG, compare, frozen, json_of, thawed
from models.holding import used
from models.lists import known_of
from models.people import Person
from models.sheets import read
from models.station_changes import NUMBERS, free_codes
from models.takers import PIECE, TAKERS, Change, There

UNDO = dt.timedelta(hours=24)

IMPORTS = 2**63 - 4
"""What is held while somebody takes a list in, or one back."""

MOST_HELD = 4000
"""So many locks PostgreSQL bears in one transaction with its usual settings."""

MEANWHILE = N_("Somebody has changed this in the meantime. Please send the row once more.")


class ImportBatch(Record):
    """A list that somebody sent: "preview", "applied" or "undone". `ignored` are headings that we do not know."""

    ref = CharField(max_length=10, unique=True, default=random_code)
    kind = CharField(max_length=10)
    name = CharField(max_length=120)
    header = TextField()
    ignored = TextField()
    state = CharField(max_length=10, default="preview")
    made_by = ForeignKeyField(Person, column_name="made_by", null=True)
    made_at = MomentField(index=True)
    applied_at = MomentField(null=True)
    undone_at = MomentField(null=True)
    n_new = IntegerField()
    n_changed = IntegerField()
    n_same = IntegerField()
    n_wrong = IntegerField()

    @property
    def headings(self) -> list[str]:
        return json.loads(self.header)

    @property
    def unknown(self) -> list[str]:
        return json.loads(self.ignored)

    @property
    def is_preview(self) -> bool:
        return self.state == "preview"

    @property
    def is_applied(self) -> bool:
        return self.state == "applied"

    @property
    def is_undone(self) -> bool:
        return self.state == "undone"

    def counts(self) -> dict[str, int]:
        """How many rows of which state."""
        return {state: getattr(self, f"n_{state}") for state in (NEW, CHANGED, SAME, WRONG)}

    def can_be_undone(self, now: dt.datetime) -> bool:
        return self.is_applied and self.applied_at is not None and now <= self.applied_at + UNDO

    def rows(self, *states: str):
        """The rows of these states, as they stood in the file."""
        rows = ImportRow.select().where(ImportRow.batch == self, ImportRow.state.in_(states))
        return rows.order_by(ImportRow.number)

    def page(self, state: str, number: int) -> Page:
        return Page(self.rows(state), number)

    @classmethod
    def newest(cls, number: int) -> Page:
        return Page(cls.select(cls, Person).left_outer_join(Person).order_by(cls.made_at.desc(), cls.id.desc()), number)


class ImportRow(Record):
    """A line of a list: its cells as they came, the facts before and after, and what is wrong with which column."""

    batch = ForeignKeyField(ImportBatch)
    number = IntegerField()
    state = CharField(max_length=10)
    code = CharField(max_length=20)
    cells = TextField()
    before = TextField(null=True)
    after = TextField(null=True)
    wrong = TextField()

    class Meta:
        primary_key = CompositeKey("batch", "number")

    @property
    def told(self) -> list[str]:
        return json.loads(self.cells)

    @property
    def mistakes(self) -> list[tuple[str, str, dict]]:
        """(our column, sentence, what stands in it)"""
        return [(field, sentence, inside) for field, sentence, inside in json.loads(self.wrong)]

    def change(self) -> Change:
        return Change(thawed(self.before), thawed(self.after))


def preview(kind: str, name: str, data: bytes, *, by: Person | None, at: dt.datetime) -> ImportBatch:
    """Read a list and compare it with what is there; nothing is changed yet. Raises Unread."""
    sheet = read(data, known_of(kind))
    compared = compare(kind, sheet)
    ignored = [text for place, text in enumerate(sheet.header) if text and place not in sheet.columns]
    states = [row["state"] for row in compared]
    with writing():
        batch = ImportBatch.create(
            kind=kind, name=_name(name), header=json_of(sheet.header), ignored=json_of(ignored), made_by=by, made_at=at,
            **{f"n_{state}": states.count(state) for state in (NEW, CHANGED, SAME, WRONG)},
        )  # fmt: skip
        insert_facts(ImportRow, [{"batch": batch, **row} for row in compared])
    return batch


def apply(batch: ImportBatch, *, by: Person | None, at: dt.datetime) -> ImportBatch:
    """All good rows at once. A second time, or by somebody else at the same moment, changes nothing.

    A row whose thing somebody has changed since the preview goes to the others that come back. Raises
    Refused("import-gone") where something that the list points to is no longer there.
    """
    try:
        with writing():
            batch = _held(batch)
            if batch.is_preview:
                _apply(batch, by=by, at=at)
    except IntegrityError as no:
        raise Refused("import-gone", N_("What this list points to has changed meanwhile. Please send it anew.")) from no
    return batch


def _apply(batch: ImportBatch, *, by, at: dt.datetime):
    taker, rows = TAKERS[batch.kind], list(batch.rows(NEW, CHANGED))
    there = _there(batch, rows)
    for row in rows:
        now = there.get(row.code)
        if (frozen(now.facts) if now else None) != row.before:
            row.state, row.wrong = WRONG, json_of([["code", MEANWHILE, {}]])
            row.save()
    good = [row for row in rows if row.state != WRONG]
    changes = [(row, row.change()) for row in good]
    new = [(row, change.after) for row, change in changes if row.state == NEW]
    _give_numbers(new)
    taker.insert([facts for _, facts in new], at)
    taker.update([change for row, change in changes if row.state == CHANGED], at)
    for state in (NEW, CHANGED):
        setattr(batch, f"n_{state}", sum(row.state == state for row in good))
    batch.n_wrong += len(rows) - len(good)
    batch.state, batch.applied_at = "applied", at
    batch.save()
    notes = [(row.code, line) for row, change in changes for line in taker.notes(change)]
    _note(batch, notes, f"{batch.kind} taken in: {len(good)}", by=by, at=at)
    Revision.bump()


def _give_numbers(new: list[tuple[ImportRow, dict]]):
    """The next free numbers, for stations that came without one."""
    without = [(row, facts) for row, facts in new if not facts["code"]]
    taken = {facts["code"] for _, facts in new}
    free = [code for code in free_codes(len(new)) if code not in taken] if without else []
    for code, (row, facts) in zip(free, without, strict=False):
        row.code = facts["code"] = code
        row.after = frozen(facts)
        row.save()


class Moved(Refused):
    """Some of what a batch brought was changed or used since: `codes` says which."""

    def __init__(self, codes: list[str]):
        message = N_("Nothing was undone: some of it has been changed or used since.")
        super().__init__("import-moved", message)
        self.codes = codes


def undo(batch: ImportBatch, *, by: Person | None, at: dt.datetime) -> ImportBatch:
    """Put everything back as it was before. Twice is once. Raises Moved, Refused("import-late", "import-preview")."""
    with writing():
        batch = _held(batch)
        if batch.is_undone:
            return batch
        if not batch.is_applied:
            raise Refused("import-preview", N_("Nothing of this list has been taken in."))
        if not batch.can_be_undone(at):
            raise Refused("import-late", N_("That was more than a day ago. It can no longer be undone at once."))
        taker, rows = TAKERS[batch.kind], list(batch.rows(NEW, CHANGED))
        there = _there(batch, rows)
        new = [row.code for row in rows if row.state == NEW]
        moved = {row.code for row in rows if row.code not in there or frozen(there[row.code].facts) != row.after}
        if moved := moved | used(taker, new):
            raise Moved(sorted(moved))
        taker.remove(new)
        back = [(row.code, Change(row.change().after, row.change().before)) for row in rows]
        taker.update([change for _, change in back if change.after], at)
        batch.state, batch.undone_at = "undone", at
        batch.save()
        notes = [(code, line) for code, change in back for line in taker.notes(change)]
        _note(batch, notes, f"{batch.kind} taken back: {len(rows)}", by=by, at=at)
        Revision.bump()
    return batch


def _held(batch: ImportBatch) -> ImportBatch:
    """The batch as it is now, with nobody else at it."""
    hold(IMPORTS)
    return ImportBatch.get_by_id(batch.id)


def _there(batch: ImportBatch, rows: list[ImportRow]) -> dict[str, There]:
    """What the district has under these codes, with nobody else at it."""
    taker, codes = TAKERS[batch.kind], [row.code for row in rows if row.code]
    if batch.kind == "stations":
        ids = taker.record.select(taker.record.id)
        found = [id for some in chunked(codes, PIECE) for (id,) in ids.where(taker.record.code.in_(some)).tuples()]
        hold(NUMBERS, *found[:MOST_HELD])
    return taker.there(codes)


def _note(batch: ImportBatch, notes: list[tuple[str, str]], what: str, *, by, at: dt.datetime):
    """In the trail of each thing by its code, and of the batch."""
    subject = TAKERS[batch.kind].subject
    told = [(f"import:{batch.ref}", what), *((f"{subject}:{code}", line[:200]) for code, line in notes)]
    Trail.note_each("changed", told, by=by, at=at)


def _name(text: str) -> str:
    """The file's name as we keep it."""
    return "".join(c for c in text.replace("\\", "/").rpartition("/")[2] if c.isprintable())[:120]
