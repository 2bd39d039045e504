"""Lists that come in: sent, looked at, taken in, and taken back within a day."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from models import imports, sheets, tables
from models._record import Refused
from models.comparing import CHANGED, NEW, WRONG
from models.imports import ImportBatch, Moved
from models.lists import COLUMNS, KINDS
from models.sheets import Unread
from views import _lists
from views._access import may
from views._answer import changed, page, page_number

area = Blueprint("imports", __name__, url_prefix="/imports")

TAKE = "take in lists of stations, towns, grids and units"

ROOM = 50_000
"""Bytes that a form takes besides the file."""


@area.get("/")
@may(TAKE)
def index():
    """What can be taken in, and what was."""
    return page("imports/index.html", kinds=KINDS, rows=ImportBatch.newest(page_number()))


@area.get("/<kind>")
@may(TAKE)
def ask(kind):
    return _form(_kind(kind))


@area.get("/<kind>/template")
@may(TAKE)
def template(kind):
    """The empty list to fill in."""
    return _lists.file(_lists.blank(_kind(kind)), f"nuanyi-{kind}-template", "xlsx")


@area.post("/<kind>")
@may(TAKE)
def send(kind):
    """A file, or what was copied from a spreadsheet. Nothing is changed yet; of the file its rows alone are kept."""
    _kind(kind)
    request.max_content_length = sheets.MOST_BYTES + ROOM
    try:
        file, text = request.files.get("file"), request.form.get("text", "")
    except RequestEntityTooLarge:
        return _form(kind, _(Unread("bytes").message), status=413)
    data = file.read() if file and file.filename else text.encode("utf-8", "replace")
    try:
        batch = imports.preview(kind, file.filename or "" if file else "", data, by=g.viewer, at=g.now)
    except Unread as no:
        return _form(kind, _(no.message) % no.inside, text, 422)
    return changed(_address(batch))


@area.get("/batches/<ref>")
@may(TAKE)
def batch(ref):
    """A list beside what is there; before it is taken in, and after."""
    return _shown(_batch(ref))


@area.post("/batches/<ref>/apply")
@may(TAKE, fresh=True)
def apply(ref):
    """All good rows, at once."""
    return changed(_address(imports.apply(_batch(ref), by=g.viewer, at=g.now)))


@area.post("/batches/<ref>/undo")
@may(TAKE, fresh=True)
def undo(ref):
    """Everything as it was before. Where somebody changed something since, nothing."""
    found = _batch(ref)
    try:
        return changed(_address(imports.undo(found, by=g.viewer, at=g.now)))
    except Moved as no:
        return _shown(found, 409, why=_(no.message), codes=no.codes)
    except Refused as no:
        return _shown(found, 409, why=_(no.message))


@area.get("/batches/<ref>/returned")
@may(TAKE)
def returned(ref):
    """The rows that did not go in, as a file, each with its reason."""
    found = _batch(ref)
    header = [*found.headings, _("Reason")]
    rows = ([*row.told, _lists.reasons(found.kind, row)] for row in found.rows(WRONG))
    return _lists.file(tables.xlsx([], header, rows), f"nuanyi-{found.kind}-{found.ref}", "xlsx")


def _kind(kind: str) -> str:
    return kind if kind in KINDS else abort(404)


def _batch(ref: str) -> ImportBatch:
    return ImportBatch.get_or_none(ImportBatch.ref == ref) or abort(404)


def _address(batch: ImportBatch) -> str:
    return url_for("imports.batch", ref=batch.ref)


def _form(kind: str, why: str = "", text: str = "", status: int = 200):
    names = [_(column.words) for column in COLUMNS[kind]]
    return page("imports/send.html", status, kind=kind, words=KINDS[kind], why=why, text=text, names=names)


def _shown(batch: ImportBatch, status: int = 200, *, why: str = "", codes: list[str] | None = None):
    counts = batch.counts()
    first = next((state for state in (WRONG, NEW, CHANGED) if counts[state]), NEW)
    state = request.args.get("state", first)
    if state not in counts:
        abort(404)
    rows = batch.page(state, page_number())
    return page(
        "imports/batch.html", status, batch=batch, words=KINDS[batch.kind], counts=counts, state=state, rows=rows,
        code=COLUMNS[batch.kind][0].words,
        told=_lists.told(batch, rows.rows), why=why, codes=codes or [], can_undo=batch.can_be_undone(g.now),
    )  # fmt: skip
