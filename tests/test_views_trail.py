"""The trail's page: an auditor finds who did what; the search itself leaves a line."""

import datetime as dt
import re

import pytest

from models import seals
from models._database import db, writing
from models._record import to_ms
from models._trail import Trail
from models.people import Person, RoleGrant
from models.seals import check, seal
from tests._engines import NOON

DAY = dt.timedelta(days=1)


@pytest.fixture
def auditor(town, new_phone):
    """Olga's phone; she is the auditor too."""
    with writing():
        RoleGrant.create(person=town.olga, role="auditor", scope="")
    return new_phone().sign_in(town.olga)


def note(n=1, *, by=None, subject="station:SF001", kind="changed", at=NOON - DAY, what="poster"):
    with writing():
        for i in range(n):
            Trail.note(kind, by=by, subject=subject, what=f"{what} {i}", at=at)


def ask(phone, **asked):
    fields = {"subject": "", "actor": "", "kind": "", "since": "", "until": ""} | asked
    return phone.get("/trail", query_string=fields)


def lines(answer):
    """What stands on the page, by its texts."""
    return re.findall(r'</a><span class="s">(.*?)</span>', answer.get_data(as_text=True))


def test_before_a_search_it_shows_no_line_and_notes_none(auditor):
    note(3)
    assert lines(auditor.get("/trail")) == []
    assert Trail.select().count() == 3


def test_it_is_for_auditors_alone(town, new_phone):
    assert new_phone().get("/trail").status_code == 303
    for who in (town.rui, town.kim, town.olga):
        assert ask(new_phone().sign_in(who)).status_code == 403
    assert not Trail.select().exists()


def test_it_finds_by_subject_actor_kind_and_day(auditor, town):
    note(1, what="one", by=town.kim)
    note(1, what="two", subject="station:SF002", by=town.lee)
    note(1, what="three", kind="seen", subject=f"person:{town.rui.ref}", by=town.kim)
    note(1, what="four", at=NOON - 3 * DAY)
    assert lines(ask(auditor, subject="station:SF001")) == ["one 0", "four 0"]
    assert lines(ask(auditor, actor=town.kim.ref)) == ["three 0", "one 0"]
    assert lines(ask(auditor, actor=town.kim.ref.lower(), kind="changed")) == ["one 0"]
    assert lines(ask(auditor, kind="seen", until="2024-09-18")) == ["three 0"]
    assert lines(ask(auditor, since="2024-09-16", until="2024-09-16")) == ["four 0"]
    assert lines(ask(auditor, subject="station:SF00")) == []


def test_days_are_those_of_the_district(auditor):
    late = dt.datetime(2024, 9, 18, 23, 59, tzinfo=NOON.tzinfo)
    note(1, what="late", at=late)
    note(1, what="early", at=late + dt.timedelta(minutes=2))
    assert lines(ask(auditor, until="2024-09-18")) == ["late 0"]
    assert lines(ask(auditor, since="2024-09-19", subject="station:SF001")) == ["early 0"]


def test_it_says_who_in_masked_words_with_their_roles(auditor, town):
    note(1, by=town.kim)
    note(1, subject="card:7")
    text = ask(auditor, subject="station:SF001").get_data(as_text=True)
    assert f"金* {town.kim.ref} · 站长" in text and "金三" not in text
    assert "系统" in ask(auditor, subject="card:7").get_data(as_text=True)


def test_what_was_looked_up_about_a_person_that_person_can_see(auditor, town):
    ask(auditor, subject=f"person:{town.rui.ref}")
    (line,) = Trail.about(f"person:{town.rui.ref}", kind="seen").rows
    assert (line.actor, line.at) == (town.olga.id, NOON) and line.what.startswith("searched the trail")


def test_a_search_is_noted_once_for_all_its_pages(auditor, town):
    note(50)
    answer = ask(auditor, subject="station:SF001")
    pages = [lines(answer)]
    while more := re.search(r'href="(/trail\?[^"]*before=[^"]*)"', answer.get_data(as_text=True)):
        answer = auditor.get(more[1].replace("&amp;", "&"))
        pages.append(lines(answer))
    assert [len(page) for page in pages] == [20, 20, 10]
    assert [line for page in pages for line in page] == [f"poster {i}" for i in reversed(range(50))]
    assert [line.subject for line in Trail.select().where(Trail.kind == "seen")] == ["trail"]


def test_a_deep_page_opened_by_its_address_is_noted_too(auditor):
    note(30)
    auditor.get("/trail", query_string={"subject": "station:SF001", "before": f"{to_ms(NOON)}-25"})
    assert Trail.select().where(Trail.kind == "seen").count() == 1


def test_the_same_search_an_hour_later_is_another_look(auditor):
    ask(auditor, subject="station:SF001")
    ask(auditor, subject="station:SF001")
    ask(auditor, subject="station:SF002")
    auditor.now += dt.timedelta(hours=2)
    auditor.sign_in(Person.by_phone("13800000005"))
    ask(auditor, subject="station:SF001")
    assert Trail.select().where(Trail.kind == "seen").count() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": "NOBODY0000"},
        {"actor": "x"},
        {"kind": "nothing"},
        {"since": "yesterday"},
        {"until": "0001-01-01"},
        {"since": "2024-09-19", "until": "2024-09-18"},
        {"subject": "x" * 81},
    ],
)
def test_what_cannot_be_searched_for_is_said_and_kept(auditor, wrong):
    answer = ask(auditor, **wrong)
    assert answer.status_code == 422 and 'class="why"' in answer.get_data(as_text=True)
    assert not Trail.select().exists()


@pytest.mark.parametrize("before", ["x", "1", "-", "1-x", "９-９", "9" * 30 + "-1", "1-" + "9" * 30])
def test_a_page_that_never_was_is_a_404(auditor, before):
    answer = auditor.get("/trail", query_string={"subject": "", "before": before})
    assert answer.status_code == 404


def test_it_says_what_is_sealed_and_how_the_last_check_went(auditor):
    note(1, what="old")
    assert "还没有核对过" in auditor.get("/trail").get_data(as_text=True)
    seal(NOON)
    check(NOON)
    note(1, what="new")
    text = ask(auditor, subject="station:SF001").get_data(as_text=True)
    assert "都对得上" in text and text.count("已封存") == 1 and text.count("还没封存") == 1


def test_it_says_when_a_seal_does_not_fit(auditor, monkeypatch):
    note(2)
    seal(NOON)
    monkeypatch.setattr(seals, "ORIGIN", b"another")
    check(NOON)
    assert "对不上" in auditor.get("/trail").get_data(as_text=True)


def test_a_hundred_times_the_lines_cost_no_whole_table(auditor, town, engine):
    values = f"{to_ms(NOON)} - i * 1000, 'changed', i % 50, 'station:S' || (i % 140), 'poster'"
    engine.fill("trail", "at, kind, actor, subject, what", values, 50_000)
    for asked in (
        {"subject": "station:S7"},
        {"actor": 7},
        {"kind": "seen"},
        {"since": NOON - dt.timedelta(hours=2), "until": NOON - dt.timedelta(hours=1)},
        {"before": f"{to_ms(NOON) - 40_000_000}-9"},
    ):
        statement, values = Found(**asked)
        assert engine.scans(statement, values) == [], asked


def Found(*, subject="", actor=None, kind="", since=None, until=None, before=""):
    """The statement of a search."""
    told = []
    execute = db.execute_sql

    def listening(statement, values=None, *more):
        told.append((statement, values))
        return execute(statement, values, *more)

    db.obj.execute_sql = listening
    try:
        Trail.search(subject=subject, actor=actor, kind=kind, since=since, until=until, before=before)
    finally:
        del db.obj.execute_sql
    return told[0]
