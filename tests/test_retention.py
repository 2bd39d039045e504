"""How long what is kept: what has been kept long enough goes, at night and in small pieces; everything else stays."""

import datetime as dt
import hashlib

import pytest

from models import _work, imports, retention
from models._database import writing
from models._trail import Trail
from models.farewells import Farewell, close
from models.invitations import Invitation, invite
from models.limits import Attempt
from models.outbox import Outbox
from models.retention import RETENTION, retain
from models.sessions import Session
from models.visits import Request, Visit
from tests._engines import NOON

DAY = dt.timedelta(days=1)
NOTHING = {rule.what: 0 for rule in RETENTION}


def at(days):
    return NOON + days * DAY


def gone(now, **more):
    """What went, without what did not."""
    return {what: n for what, n in retain(now, **more).items() if n}


def test_on_a_new_day_nothing_goes(town):
    Session.start(town.rui, at=NOON)
    assert retain(NOON) == NOTHING


def test_sessions_go_a_day_after_they_ended_or_were_last_used(town):
    Session.start(town.rui, at=NOON)  # lives 180 days, 30 without use
    used = Session.start(town.rui, at=NOON)
    Session.start(town.olga, at=NOON)  # half an hour without use
    assert gone(at(1.01)) == {} and gone(at(1.03)) == {"sessions that ended": 1}
    with writing():
        Session.update(last_seen_at=at(30)).where(
            Session.token_hash == hashlib.sha256(used.encode()).digest()
        ).execute()
    assert gone(at(30.9)) == {} and gone(at(31.1)) == {"sessions that ended": 1}
    assert Session.person_of(used, at=at(31.1)) == town.rui


def test_what_is_remembered_of_forms_goes_after_thirty_days(town):
    with writing():
        for n in range(5):
            Request.create(actor=n % 2, client_id=n, route=1, at=at(n))
    assert gone(at(30)) == {} and gone(at(32.5)) == {"forms remembered so that they count once": 3}
    assert sorted(r.client_id for r in Request.select()) == [3, 4]


def test_tries_messages_and_invitations_go_in_their_time(town):
    with writing():
        Attempt.create(what="code day", subject=bytes(16), at=NOON)
        message = Outbox.put("sms", "13800000001", "hello", now=NOON)
        Outbox.put("sms", "13800000001", "not sent yet", now=NOON)
        message.over(NOON)
    assert gone(at(31), dry=True) == {"tries that were counted": 1, "messages that were sent or given up": 1}
    assert gone(at(31)) == {"tries that were counted": 1, "messages that were sent or given up": 1}
    assert Outbox.select().count() == 1


def test_an_invitation_goes_a_year_after_it_ran_out(town):
    invite("keeper", "SF001", grant_ends_at=None, by=None, at=NOON)
    ends = Invitation.get().ends_at
    assert gone(ends + 364 * DAY) == {} and gone(ends + 366 * DAY) == {"invitations used or run out": 1}


def test_a_closed_account_cannot_be_had_back_after_a_week(town):
    close(town.rui, at=NOON)
    assert gone(at(6.9)) == {}
    assert gone(at(7)) == {"closed accounts that could be had back": 1}
    assert not Farewell.select().exists()


def test_the_trail_is_never_touched(town):
    with writing():
        Trail.note("seen", by=None, subject="person:x", what="", at=NOON)
    retain(at(5000))
    assert Trail.select().count() == 1


def test_visits_are_left_alone_as_long_as_the_months_people_are_not_stored(town):
    with writing():
        row = dict(local_date=20240919, n=1, channel=1, evidence=1, lag=0)
        Visit.create(station=town.spring.id, actor=town.rui.id, client_id=1, at=NOON, **row)
    assert retain(at(400)) == NOTHING
    assert Visit.get().actor == town.rui.id


def test_a_dry_run_only_counts(town):
    Session.start(town.olga, at=NOON)
    assert gone(at(3), dry=True) == {"sessions that ended": 1} == gone(at(3), dry=True)
    assert Session.select().count() == 1


def test_twice_is_once(town):
    Session.start(town.olga, at=NOON)
    assert gone(at(3)) == {"sessions that ended": 1}
    assert gone(at(3)) == {}


def test_many_go_in_small_transactions(town, monkeypatch):
    monkeypatch.setattr(retention, "PIECE", 3)
    with writing():
        for n in range(10):
            Request.create(actor=n, client_id=n, route=1, at=NOON)
    begun, original = [], retention.writing

    def counting():
        begun.append(1)
        return original()

    monkeypatch.setattr(retention, "writing", counting)
    assert gone(at(31)) == {"forms remembered so that they count once": 10}
    assert len(begun) == 4


def test_one_that_is_used_again_meanwhile_stays(town, monkeypatch):
    token = Session.start(town.rui, at=NOON)
    original = retention.writing

    def late():
        Session.update(last_seen_at=at(31)).execute()
        return original()

    monkeypatch.setattr(retention, "writing", late)
    assert gone(at(31.5)) == {}
    assert Session.person_of(token, at=at(31.5)) == town.rui


def test_told_to_end_it_ends_between_two_pieces(town, monkeypatch):
    monkeypatch.setattr(retention, "PIECE", 1)
    monkeypatch.setattr(retention, "stopping", lambda: True)
    Session.start(town.olga, at=NOON)
    assert gone(at(3)) == {} and Session.select().count() == 1


def test_the_worker_does_it_at_night(town):
    work = _work.WORKS["retain"]
    due = work.next_due(NOON).astimezone(NOON.tzinfo)
    assert (due.hour, due.minute) == (2, 30)
    assert work.do(NOON) == 0


def test_the_command_prints_counts(town, app):
    Session.start(town.olga, at=NOON)
    runner = app.test_cli_runner()
    assert "sessions that ended: 1 would go" in runner.invoke(args=["retain", "--dry"]).output
    assert "sessions that ended: 1 gone" in runner.invoke(args=["retain"]).output
    assert not Session.select().exists()


@pytest.mark.no_database
def test_every_rule_says_how_long():
    assert all(rule.after > dt.timedelta() and rule.what for rule in RETENTION)


def test_the_rows_of_a_list_go_after_thirty_days_and_the_list_after_a_year(town):
    batch = imports.preview("stations", "list.csv", "编号,电话\nSF001,13812345678".encode(), by=town.olga, at=NOON)
    imports.apply(batch, by=town.olga, at=NOON)
    assert gone(at(29.9)) == {}
    assert gone(at(30.1)) == {"rows of lists that were taken in": 1}
    assert gone(at(366))["lists that were taken in"] == 1
