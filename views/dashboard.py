"""The officer's figures: each number clicks down to the rows that make it, and says what it means."""

import datetime as dt

from flask import Blueprint, Response, abort, g, request

from models import checks, history, months, shares, tables
from models._database import writing
from models._record import Page
from models._trail import Trail
from models.areas import district
from models.history import History
from models.months import IN_TOWN, OF_KIND, after
from models.stations import Station, find_station
from views import _care_tables, _figure_tables, _figures
from views._access import may
from views._answer import local, page, page_number
from views._figures import against, asked, by_what, label, link, my_month, my_town, signed

area = Blueprint("dashboard", __name__, url_prefix="/dashboard")

LATE = dt.timedelta(hours=1)
"""So long after it was due, a freeze says that it was late."""

FIRST_DAYS = 5
"""Days on which a leader's question is about the month that is over."""

TABLES = _figure_tables.TABLES | _care_tables.TABLES
"""The tables that can be taken along."""

SEE = "see the figures of the district, or of the own town"


@area.get("/")
@may(SEE)
def index():
    """This month, what a leader asks for, and what waits for somebody."""
    town = my_town()
    told = History(g.now, town=town)
    month, today = told.of(told.last), local(g.now).date()
    stations = (Station.in_town(town) if town else Station.listed()).count()
    words = _of_frozen(told, told.frozen) if today.day <= FIRST_DAYS and told.frozen == after(told.last, -1) else ""
    words = words or _figures.paragraph(month, told.of(after(told.last, -1)), told.total, stations, today, town)
    return page(
        "dashboard/index.html", **_common(town), told=told, month=month, stations=stations, words=words, today=today,
        bars=_figures.bars(told.newest(), told.last), frozen=told.frozen and told.of(told.frozen),
        checks=[(check, check.of(town, g.now).count()) for check in checks.CHECKS],
    )  # fmt: skip


@area.get("/months")
@may(SEE)
def all_months():
    """The months one under the other, the newest first, a year and a half on a page."""
    town, number = my_town(), page_number()
    told = History(g.now, town=town)
    shown = told.newest(last=after(told.last, -history.MOST * (number - 1)))
    more = bool(told.first and shown and shown[0].month > told.first)
    rows = {"number": number, "more": more}
    return page("dashboard/months.html", **_common(town), told=told, months=shown[::-1], rows=rows, base=history.base())


@area.get("/visits")
@may(SEE)
def month():
    """A month shared out by stations, towns, kinds, channels, evidence or hours."""
    wanted, by = asked(), by_what()
    count = shares.count_of(wanted.month)
    told = History(g.now, town=wanted.town, kind=wanted.kind)
    found = shares.by_station(wanted, count, page_number()) if by == "station" else None
    rows = found.rows if found else shares.shared(wanted, by, count)
    ids = [row.key for row in rows] if found else []
    stations = {s.id: s for s in Station.select().where(Station.id.in_(ids))} if ids else {}
    figure = told.of(wanted.month)
    frozen = figure.frozen_at
    return page(
        "dashboard/month.html", **_common(wanted.town), asked=wanted, by=by, rows=rows, found=found, stations=stations,
        count=count, figure=figure, told=told,
        before=after(wanted.month, -1), year=after(wanted.month, -12),
        begun=told.first is not None and wanted.month >= told.first,
        words=_of_frozen(told, wanted.month) if frozen and not wanted.kind else "",
        delayed=frozen is not None and frozen > months.due(wanted.month) + LATE,
    )  # fmt: skip


@area.get("/visits/<code>")
@may(SEE)
def station(code):
    """The visits behind a number: when, how, with what evidence; never who."""
    found, wanted = find_station(code) or abort(404), asked()
    if wanted.town and found.town_id != wanted.town:
        abort(404)
    rows = shares.rows_of(found.id, wanted, page_number())
    return page(
        "dashboard/station.html", **_common(wanted.town), asked=wanted, station=found, rows=rows,
        total=shares.sum_of(found.id, wanted), count=shares.count_of(wanted.month),
    )  # fmt: skip


@area.get("/people")
@may(SEE)
def people():
    """Distinct people of a month: of the district by town and kind, of a town alone."""
    town, wanted = my_town(), my_month()
    told = History(g.now, town=town)
    groups = (
        [] if town else [("town", history.people_of(wanted, IN_TOWN)), ("kind", history.people_of(wanted, OF_KIND))]
    )
    return page("dashboard/people.html", **_common(town), month=told.of(wanted), told=told, groups=groups)


@area.get("/checks/<name>")
@may(SEE)
def check(name):
    """The stations behind a check's number."""
    town, found = my_town(), checks.find(name)
    if found is None or found.path:
        abort(404)
    query = found.of(town, g.now)
    rows = Page(query.tuples(), page_number())
    ids = [row[0] for row in rows.rows]
    stations = {s.id: s for s in Station.select().where(Station.id.in_(ids))} if ids else {}
    return page("dashboard/check.html", **_common(town), check=found, rows=rows, stations=stations, n=query.count())


@area.post("/table")
@may("take the figures along as a table")
def table():
    """A table as a file, with title, unit, maker, date and what is counted; noted, because it leaves the house."""
    town, month = my_town(request.form.get("town", None)), my_month(request.form.get("month", None))
    what, kind = request.form.get("what"), request.form.get("format")
    if what not in TABLES or kind not in _figure_tables.KINDS:
        abort(404)
    title, header, rows = TABLES[what](town, month)
    with writing():
        Trail.note(
            "seen",
            by=g.viewer,
            subject=f"town:{town}" if town else "district",
            what=f"export {what} {month} {kind}",
            at=g.now,
        )
    made = (tables.xlsx if kind == "xlsx" else tables.csv)(title, header, rows)
    answer = Response(made, mimetype=_figure_tables.KINDS[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="nuanyi-{what}-{month}.{kind}"'
    return answer


def _of_frozen(told: History, month: int) -> str:
    """The paragraph of a frozen month, which stays as it was."""
    figure, before = told.of(month), told.of(after(month, -1))
    day = _figures.last_day(month)
    return _figures.paragraph(figure, before, figure.so_far or 0, figure.stations or 0, day, told.town)


def _common(town: str) -> dict:
    """What all these pages may say."""
    return {
        "town": town, "mine": _figures.towns_of_mine(), "towns": district().town, "link": link, "label": label,
        "signed": signed, "against": against, "after": after,
    }  # fmt: skip
