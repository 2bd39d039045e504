"""Seals over the trail: what was written there cannot be changed, taken out or added without a trace."""

import datetime as dt
import threading

import pytest
from peewee import IntegrityError

from models import seals
from models._database import Busy, db, writing
from models._trail import Trail
from models.seals import ORIGIN, Seal, SealCheck, check, seal, verify
from tests import _crowd
from tests._engines import NOON, opened
from tests.promises.r31 import without_triggers

MINUTE = dt.timedelta(minutes=1)


def note(n=1, subject="station:SF001", what="poster"):
    with writing():
        for i in range(n):
            Trail.note("changed", by=None, subject=subject, what=f"{what} {i}", at=NOON)


def past_the_triggers(*statements):
    """Somebody with the database file in hand."""
    with writing():
        without_triggers()
        for statement in statements:
            db.execute_sql(statement)


@pytest.fixture
def sealed(migrated):
    """Thirty lines under three seals."""
    for n in range(3):
        note(10)
        seal(NOON + n * MINUTE)


# Sealing.


def test_new_lines_are_sealed_once(migrated):
    note(5)
    assert seal(NOON) == 5 and seal(NOON + MINUTE) == 0
    (one,) = Seal.select()
    assert (one.first, one.last, one.n, bytes(one.prev), one.at) == (1, 5, 5, ORIGIN, NOON)
    assert verify()[:3] == (1, 5, 5)


def test_each_seal_stands_on_the_one_before(sealed):
    one, two, three = Seal.select().order_by(Seal.last)
    assert (bytes(two.prev), bytes(three.prev)) == (bytes(one.hash), bytes(two.hash))
    assert (one.last, two.first, two.last, three.first) == (10, 11, 20, 21)


def test_an_empty_trail_has_no_seal_and_fits(migrated):
    assert seal(NOON) == 0 and not Seal.select().exists()
    assert verify().wrong is None


def test_many_lines_get_several_seals(migrated, monkeypatch):
    monkeypatch.setattr(seals, "MOST", 7)
    note(20)
    assert seal(NOON) == 20
    assert [one.n for one in Seal.select().order_by(Seal.last)] == [7, 7, 6]
    assert verify().wrong is None


def test_seals_do_not_depend_on_how_much_is_read_at_once(sealed, monkeypatch):
    for most in (1, 3, 10, 11, 1000):
        monkeypatch.setattr(seals, "MOST", most)
        assert verify()[:3] == (3, 30, 30)


def test_a_number_that_was_drawn_and_taken_back_is_no_gap_to_mind(migrated):
    note(2)
    with pytest.raises(KeyError), writing():
        note(1)
        raise KeyError
    note(2)
    seal(NOON)
    assert verify()[:2] == (1, 4)


def test_texts_cannot_be_moved_from_one_column_to_the_next(migrated):
    note(1, "station:SF001", "poster")
    seal(NOON)
    past_the_triggers("UPDATE trail SET subject = 'station:SF001p', what = 'oster 0'")
    assert verify().wrong


def test_all_kinds_of_text_can_be_sealed(migrated):
    for text in ("", "鼓楼东街 🛵", "a\nb", "0,1:2", "\u202e"):
        note(1, text, text)
    seal(NOON)
    assert verify().wrong is None


@pytest.mark.parametrize("table", ["trail", "seal"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET at = 0", "DELETE FROM {}"])
def test_both_only_grow(sealed, table, verb):
    with pytest.raises(IntegrityError), writing():
        db.execute_sql(verb.format(table))
    assert verify().wrong is None


@pytest.mark.only("sqlite", "PostgreSQL has no REPLACE")
def test_a_seal_is_not_replaced_either(sealed):
    for key in ("id", "last", "prev"):
        values = ", ".join(key if column == key else f"{column}" for column in ("id", "first", "last", "n", "prev"))
        with pytest.raises(IntegrityError), writing():
            db.execute_sql(f"REPLACE INTO seal SELECT {values}, hash, 0 FROM seal")


# What does not fit.


TAMPERED = {
    "a text": "UPDATE trail SET what = 'poster x' WHERE seq = 15",
    "a subject": "UPDATE trail SET subject = 'station:SF002' WHERE seq = 15",
    "a kind": "UPDATE trail SET kind = 'seen' WHERE seq = 15",
    "an actor": "UPDATE trail SET actor = 7 WHERE seq = 15",
    "a time": "UPDATE trail SET at = at + 1 WHERE seq = 15",
    "a number": "UPDATE trail SET seq = 1500 WHERE seq = 15",
    "one taken out": "DELETE FROM trail WHERE seq = 15",
    "the first taken out": "DELETE FROM trail WHERE seq = 11",
    "the last taken out": "DELETE FROM trail WHERE seq = 20",
    "all of a seal taken out": "DELETE FROM trail WHERE seq > 10 AND seq <= 20",
    "one put in before all": "INSERT INTO trail SELECT -9, at, kind, actor, subject, what FROM trail WHERE seq = 1",
    "one put in before all there can be": "INSERT INTO trail SELECT -9223372036854775807 - 1, at, kind, actor, subject, what"
    " FROM trail WHERE seq = 1",
    "a seal taken out": "DELETE FROM seal WHERE last = 20",
    "a seal's hash": "UPDATE seal SET hash = prev WHERE last = 20",
    "a seal's time": "UPDATE seal SET at = at + 1 WHERE last = 20",
    "a seal's number of lines": "UPDATE seal SET n = 11 WHERE last = 20",
    "a seal's beginning": "UPDATE seal SET first = 12 WHERE last = 20",
    "a seal's end": "UPDATE seal SET last = 19 WHERE last = 20",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_is_changed_behind_the_triggers_shows(sealed, how):
    past_the_triggers(TAMPERED[how])
    found = verify()
    assert found.wrong, how
    assert found.seals <= 1 or "before the first" in found.wrong


def test_two_lines_that_changed_places_show(sealed):
    past_the_triggers(
        "UPDATE trail SET seq = 1000 WHERE seq = 12",
        "UPDATE trail SET seq = 12 WHERE seq = 18",
        "UPDATE trail SET seq = 18 WHERE seq = 1000",
    )
    assert "lines 11 to 20" in verify().wrong


def test_a_line_put_in_where_one_was_taken_back_shows(migrated):
    past_the_triggers()
    note(3)
    past_the_triggers("DELETE FROM trail WHERE seq = 2")  # as if its transaction had been taken back
    seal(NOON)
    assert verify().wrong is None
    past_the_triggers("INSERT INTO trail SELECT 2, at, kind, actor, subject, what FROM trail WHERE seq = 1")
    assert verify().wrong


@pytest.mark.only("sqlite", "PostgreSQL keeps its types")
@pytest.mark.parametrize("value", ["CAST(what AS BLOB)", "NULL", "CAST(x'ff' AS TEXT)", "1.5"])
def test_what_is_no_text_any_more_shows_and_breaks_nothing(sealed, value):
    past_the_triggers("PRAGMA writable_schema = 1", f"UPDATE OR IGNORE trail SET what = {value} WHERE seq = 15")
    if value != "NULL":  # the column itself refuses that one
        assert verify().wrong


def test_the_newest_seals_taken_out_with_their_lines_show_after_a_check(sealed):
    """From the database alone only what was checked before can be missed; the printed head hash finds the rest."""
    check(NOON)
    past_the_triggers("DELETE FROM trail WHERE seq > 20", "DELETE FROM seal WHERE last > 20")
    assert "is gone" in verify().wrong


def test_a_whole_chain_made_anew_shows_after_a_check(sealed):
    check(NOON)
    past_the_triggers("UPDATE trail SET what = 'x' WHERE seq = 1", "DELETE FROM seal")
    seal(NOON)
    assert verify().wrong


def test_the_check_is_written_down(sealed):
    check(NOON)
    newest = SealCheck.newest()
    assert (newest.at, newest.last, newest.wrong) == (NOON, 30, None)
    assert bytes(newest.head) == bytes(Seal.newest().hash)
    past_the_triggers("DELETE FROM trail WHERE seq = 15")
    check(NOON + MINUTE)
    assert "lines 11 to 20" in SealCheck.newest().wrong


def test_what_is_sealed_while_it_is_checked_is_for_the_next_time(sealed, monkeypatch):
    monkeypatch.setattr(seals, "MOST", 7)
    read = seals._lines

    def meanwhile(after, until):
        lines = read(after, until)
        if after < 0:
            note(3, what="meanwhile")
            monkeypatch.setattr(seals, "_lines", read)
            seal(NOON + 9 * MINUTE)
        return lines

    before = Seal.newest().last
    monkeypatch.setattr(seals, "_lines", meanwhile)
    found = verify()
    assert (found.wrong, found.last) == (None, before)
    seal(NOON + 10 * MINUTE)
    assert verify().wrong is None and verify().last > before


# Two at once.


def _seal_elsewhere(url):
    with opened(url):
        _crowd.together()
        return seal(NOON)


def test_several_that_seal_at_once_make_one_chain(migrated, crowd):
    note(50)
    done = crowd.do(_seal_elsewhere, migrated)
    assert sum(done) == 50
    assert verify()[:2] == (1, 50)


@pytest.mark.only("postgresql", "SQLite has one writer: lines appear in the order of their numbers")
def test_a_line_that_appears_late_with_a_smaller_number_is_waited_for(migrated):
    inserted, go_on = threading.Event(), threading.Event()

    def slow():
        with writing():
            note(1, what="late")
            inserted.set()
            go_on.wait(30)
        db.close()

    thread = threading.Thread(target=slow)
    thread.start()
    inserted.wait(30)
    number = db.execute_sql("SELECT nextval(pg_get_serial_sequence('trail', 'seq'))").fetchone()[0]
    past = threading.Event()

    def quick():
        note(1, what="quick")
        past.set()
        db.close()

    other = threading.Thread(target=quick)
    other.start()
    past.wait(30)
    with pytest.raises(Busy):  # the slow one may still bring a smaller number
        seal(NOON)
    assert not Seal.select().exists()
    go_on.set()
    thread.join()
    other.join()
    assert seal(NOON) == 2 and verify()[:2] == (1, 2)
    assert {line.what for line in Trail.select().where(Trail.seq < number)} == {"late 0"}
