"""The outbox: sent once it is committed, again when it failed, and forgotten when it is over."""

import datetime as dt
import logging

import pytest

from models import _keys, _sms, outbox
from models._database import db, writing
from models._keys import KeyRing, use_ring
from models._sms import NotSent
from models._work import due
from models.outbox import KEPT, LEASE, WAITS, Outbox, send_due
from tests import _crowd

SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
RUI, TEXT = "13800000001", "验证码 123456"


class Sender:
    """Sends, or fails in the ways that `fails` says one after the other."""

    def __init__(self):
        self.went, self.tried, self.fails = [], [], []

    def send(self, phone, text, *, id, now):
        self.tried.append(id)
        if self.fails and (no := self.fails.pop(0)):
            raise no
        self.went.append((phone, text))


@pytest.fixture
def sender(monkeypatch):
    sender = Sender()
    monkeypatch.setattr(_sms, "_sender", sender)
    return sender


def put(now, **more):
    with writing():
        return Outbox.put("sms", RUI, TEXT, now=now, **more)


def again(why="TimeoutError"):
    return NotSent(why, again=True)


def test_what_is_put_is_sent_and_forgotten(migrated, noon, sender):
    put(noon)
    assert send_due(noon) == 1 and sender.went == [(RUI, TEXT)]
    row = Outbox.get()
    assert (row.done_at, row.failed, row.to_sealed, row.text_sealed) == (noon, "", None, None)
    assert send_due(noon + MINUTE) == 0 and len(sender.went) == 1


def test_it_is_sealed_until_then(migrated, noon):
    put(noon)
    row = db.execute_sql("SELECT to_sealed, text_sealed FROM outbox").fetchone()
    assert all(text.startswith("v1.") and RUI not in text and "123456" not in text for text in row)


def test_what_was_rolled_back_is_not_sent(migrated, noon, sender):
    with pytest.raises(KeyError), writing():
        Outbox.put("sms", RUI, TEXT, now=noon)
        raise KeyError
    assert send_due(noon) == 0


def test_what_failed_is_tried_again_later_and_later(migrated, noon, sender):
    put(noon)
    sender.fails = [again()] * 3
    at = noon
    for wait in WAITS[:3]:
        assert send_due(at) == 0
        assert send_due(at + wait - SECOND) == 0
        at += wait
    assert send_due(at) == 1
    assert len(sender.tried) == 4 and len(set(sender.tried)) == 1  # one id: the gateway knows it


def test_it_is_given_up_in_the_end(migrated, noon, sender):
    put(noon)
    sender.fails = [again()] * 99
    at = noon
    for wait in [*WAITS, MINUTE, MINUTE]:
        send_due(at)
        at += wait
    row = Outbox.get()
    assert (row.tries, row.failed, row.text_sealed) == (len(WAITS) + 1, "TimeoutError", None)


def test_what_will_never_go_is_given_up_at_once(migrated, noon, sender):
    put(noon)
    sender.fails = [NotSent("refused", again=False)]
    send_due(noon)
    assert (Outbox.get().failed, Outbox.get().to_sealed) == ("refused", None)
    assert send_due(noon + 60 * MINUTE) == 0 and len(sender.tried) == 1


def test_a_code_whose_time_is_over_is_not_sent(migrated, noon, sender):
    put(noon, ends_at=noon + 10 * MINUTE)
    assert send_due(noon + 10 * MINUTE) == 0 and sender.tried == []
    assert (Outbox.get().failed, Outbox.get().text_sealed) == ("too late", None)


def test_one_that_fails_does_not_hold_up_the_others(migrated, noon, sender):
    for _ in range(3):
        put(noon)
    sender.fails = [again(), NotSent("refused", again=False)]
    assert send_due(noon) == 1


def test_a_worker_that_died_leaves_it_to_the_next(migrated, noon, sender, monkeypatch):
    put(noon)

    class Killed(BaseException):
        pass

    sender.fails = [Killed()]
    with pytest.raises(Killed):
        send_due(noon)
    assert send_due(noon + LEASE - SECOND) == 0
    assert send_due(noon + LEASE) == 1
    assert len(set(sender.tried)) == 1


def test_a_worker_that_was_too_slow_marks_nothing(migrated, noon, sender):
    put(noon)
    (mine,) = outbox.claim(Outbox, now=noon)
    (anothers,) = outbox.claim(Outbox, now=noon + MINUTE)
    mine.over(noon + MINUTE)
    assert Outbox.get().done_at is None
    anothers.over(noon + MINUTE)
    assert Outbox.get().done_at == noon + MINUTE


def test_with_a_missing_key_it_waits_and_is_not_overwritten(migrated, noon, sender, keys, tmp_path):
    put(noon)
    whole = Outbox.get().text_sealed
    KeyRing.make(tmp_path / "ring")
    other = KeyRing.read(tmp_path / "ring")
    before = _keys.ring()
    use_ring(other)
    try:
        assert send_due(noon) == 0 and Outbox.get().text_sealed == whole
    finally:
        use_ring(before)
    assert send_due(noon + WAITS[0]) == 1


def test_nothing_of_it_stands_in_the_log(migrated, noon, sender, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    for no in (None, again(), NotSent("refused", again=False)):
        put(noon)
        sender.fails = [no]
        send_due(noon)
    told = caplog.text + "".join(capsys.readouterr())
    assert RUI not in told and "123456" not in told


def test_that_something_was_sent_is_kept_for_a_month(migrated, noon, sender):
    put(noon)
    put(noon + KEPT)
    send_due(noon)
    assert outbox.drop_old(noon + KEPT) == 0
    assert outbox.drop_old(noon + KEPT + SECOND) == 1
    assert Outbox.select().count() == 1


def test_what_is_due_is_found_without_reading_what_was_sent(engine, migrated, noon):
    values = "'u', 'sms', i, i, 1, i, ''"
    if engine.name == "postgresql":
        values = "'u'::bytea, 'sms', i, i, 1, i, ''"
    engine.fill("outbox", "uid, kind, made_at, due_at, tries, done_at, failed", values, 5000)
    put(noon)
    assert engine.scans(*due(Outbox, noon).where(Outbox.done_at.is_null()).limit(20).sql()) == []


def test_several_workers_send_each_message_once(migrated, noon, crowd):
    with writing():
        for _ in range(100):
            Outbox.put("sms", RUI, TEXT, now=noon)
    went = [id for ids in crowd.do(_crowd.send_elsewhere, migrated, noon) for id in ids]
    assert len(went) == len(set(went)) == 100
    assert Outbox.select().where(Outbox.done_at.is_null()).count() == 0
