"""New keys for old: the district goes on, nothing is lost, and a wrong or missing key changes nothing."""

import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from peewee import IntegrityError

from app import ready
from models import _keys, rotation
from models._database import db, sql, writing
from models._keys import KeyRing, Locked, main, ring, use_ring
from models.farewells import Farewell, close, undo
from models.people import Person
from models.rotation import KeyCheck, Rotation, WrongKey, check_keys, old, rotate, sealed_fields, status
from tests import _crowd
from tests._engines import CAST, NOON, opened

ROOT = Path(__file__).parent.parent
PHONES = {key: phone for key, (_, phone, *_) in CAST.items()}


@pytest.fixture
def given():
    """The ring of the run; it is back in use afterwards."""
    ours = ring()
    yield ours
    use_ring(ours)


def newer(given, *purposes, kid="2"):
    """Use the ring with one more key for these purposes."""
    keys = {p: dict(given.keys[p]) | ({kid: secrets.token_bytes(32)} if p in purposes else {}) for p in given.keys}
    use_ring(KeyRing(keys))


def without(*kids):
    """Use the ring without these keys (of the purposes that have others)."""
    use_ring(
        KeyRing(
            {p: {k: v for k, v in keys.items() if k not in kids or len(keys) == 1} for p, keys in ring().keys.items()}
        )
    )


def turn():
    """Rotate to the end; what was told last of each table."""
    return {told.table: told for told in rotate(NOON)}


def sealed_of(person):
    statement = sql("SELECT phone_sealed, phone_index, phone_last4 FROM person WHERE id = ?")
    kept, index, last4 = db.execute_sql(statement, (person.id,)).fetchone()
    return kept, bytes(index), bytes(last4)


# It turns.


@pytest.mark.parametrize("purposes", [("pii",), ("index",), ("pii", "index")])
def test_everything_comes_under_the_newest_keys(town, given, purposes):
    newer(given, *purposes)
    before = sealed_of(town.rui)
    assert turn()["person"].done == len(PHONES) and old() == 0
    assert turn()["person"].done == len(PHONES)  # twice is once
    without("1")
    for key, phone in PHONES.items():
        person = Person.by_phone(phone)
        assert person == getattr(town, key) and person.phone == phone
    after = sealed_of(town.rui)
    assert (before[0] != after[0]) == ("pii" in purposes) and (before[1:] != after[1:]) == ("index" in purposes)
    assert after[2] == ring().blind("0001", length=8)


def test_nothing_to_do_is_nothing_done(town, given):
    before = sealed_of(town.rui)
    assert {told.done for told in turn().values()} == {0}
    assert sealed_of(town.rui) == before


def test_every_sealed_field_there_is_takes_part(town, given):
    names = {(record.__name__, field.name) for record, fields in sealed_fields().items() for field in fields}
    assert {("Person", "phone"), ("Farewell", "kept")} <= names
    for record, fields in sealed_fields().items():
        for field in fields:
            assert field.column in record._meta.fields and "uid" in record._meta.fields
            assert set(field.found_by) <= set(record._meta.fields)


def test_a_closed_account_can_be_had_back_under_the_new_keys(town, given):
    close(town.rui, at=NOON)
    newer(given, "pii", "index")
    assert turn()["farewell"].done == 1
    without("1")
    farewell = Farewell.by_phone(PHONES["rui"], at=NOON)
    assert undo(farewell, at=NOON).phone == PHONES["rui"]


def test_who_has_no_phone_stays_without(town, given, noon):
    with writing():
        person = Person.create(name="无号", created_at=noon)
    newer(given, "pii", "index")
    assert turn()["person"].over
    assert Person.get_by_id(person.id).phone is None and Person.get_by_id(person.id).phone_index is None


def test_a_row_that_changes_meanwhile_keeps_its_change(town, given, monkeypatch):
    newer(given, "pii", "index")
    renewed = rotation._Table._renewed

    def meanwhile(self, rows):
        found = renewed(self, rows)
        if self.name == "person" and Person.by_phone(PHONES["rui"]):
            with writing():
                person = Person.get_by_id(town.rui.id)
                person.take_phone("13911112222")
                person.save()
        return found

    monkeypatch.setattr(rotation._Table, "_renewed", meanwhile)
    turn()
    assert old() == 0 and Person.by_phone("13911112222") == town.rui and Person.by_phone(PHONES["rui"]) is None


def test_it_tells_what_lies_under_which_key(town, given):
    newer(given, "pii")
    person = [(count.kid, count.rows) for count in status() if count.table == "person"]
    assert person == [("1", len(PHONES)), ("2", 0)] and old() == len(PHONES)


# While both keys are there.


def test_people_are_found_under_either_key(town, given, noon):
    newer(given, "pii", "index")
    with writing():
        fresh = Person.register(name="新人", phone="13700000001", at=noon)
    assert sealed_of(fresh)[0].startswith("v1.2.")
    assert Person.by_phone("13700000001") == fresh and Person.by_phone(PHONES["rui"]) == town.rui


def test_a_phone_that_has_its_person_under_the_old_key_is_not_given_again(town, given, noon):
    newer(given, "index")
    with pytest.raises(IntegrityError), writing():
        Person.register(name="又一", phone=PHONES["rui"], at=noon)
    assert Person.by_phone(PHONES["rui"]) == town.rui


def _register_elsewhere(url, keys, phone):
    use_ring(KeyRing(keys))
    with opened(url):
        _crowd.together()
        try:
            with writing():
                Person.register(name="同时", phone=phone, at=NOON)
        except IntegrityError:
            return "refused"
        return "registered"


def test_two_at_once_give_a_phone_to_one_person_in_that_time_too(town, given, crowd, keys):
    newer(given, "pii", "index")
    both = ring().keys
    try:
        told = crowd.do(_register_elsewhere, town.url, both, "13700000009")
        assert sorted(told) == ["refused"] * 3 + ["registered"]
        assert crowd.do(_register_elsewhere, town.url, both, PHONES["rui"]) == ["refused"] * 4
    finally:
        crowd.do(_use_elsewhere, str(keys))


def _use_elsewhere(path):
    _crowd.together()
    use_ring(KeyRing.read(Path(path)))


# A key that is missing.


def test_without_its_key_a_row_is_left_as_it_is_and_counted(town, given):
    newer(given, "pii", "index")
    lost = sealed_of(town.rui)
    with writing():
        Person.update(phone_sealed=lost[0].replace("v1.1.", "v1.9.")).where(Person.id == town.rui.id).execute()
    before = sealed_of(town.rui)
    assert turn()["person"].locked == 1 and old() == 1
    assert sealed_of(town.rui) == before and Person.by_phone(PHONES["ray"]).phone == PHONES["ray"]
    assert [(c.kid, c.rows) for c in status() if c.table == "person"][-1] == ("?", 1)


def test_what_cannot_be_read_is_not_written_over(town, given):
    newer(given, "pii")
    without("1")
    person = Person.get_by_id(town.rui.id)
    for text in ("13911112222", None):
        with pytest.raises(Locked):
            person.phone = text
    assert sealed_of(person) == sealed_of(town.rui)


def test_pages_say_that_it_is_locked_and_no_page_fails(town, given, new_phone):
    newer(given, "pii")
    without("1")
    for who in (town.rui, town.kim, town.olga):
        phone = new_phone().sign_in(who)
        paths = {rule.rule for rule in phone.app.url_map.iter_rules() if not rule.arguments and "GET" in rule.methods}
        for path in sorted(paths):
            assert phone.get(path).status_code in (200, 303, 403, 404, 503), path
    text = new_phone().sign_in(town.rui).get("/me/data").get_data(as_text=True)
    assert "锁着" in text and PHONES["rui"] not in text


def test_what_cannot_be_read_is_not_lost_when_an_account_is_closed(town, given, phone):
    newer(given, "pii")
    without("1")
    answer = phone.sign_in(town.rui).post("/me/close", {"sure": "y"})
    assert answer.status_code == 503 and "锁着" in answer.get_data(as_text=True)
    assert Person.get_by_id(town.rui.id).state == "confirmed" and sealed_of(town.rui)[0].startswith("v1.1.")


# A key that is another one.


def test_a_wrong_key_is_refused_in_words_and_nothing_is_lost(town, given, app):
    check_keys()
    check_keys()
    for purpose in ("pii", "index", "actor"):
        use_ring(KeyRing({p: {"1": secrets.token_bytes(32)} if p == purpose else k for p, k in given.keys.items()}))
        before = sealed_of(town.rui)
        with pytest.raises(WrongKey, match=f"'1' for '{purpose}'"):
            ready(app)
        with pytest.raises(WrongKey):
            turn()
        assert sealed_of(town.rui) == before
    use_ring(given)
    assert ready(app) is app and Person.by_phone(PHONES["rui"]).phone == PHONES["rui"]


def test_a_wrong_key_shows_at_the_first_start_too(town, given):
    """Nothing is known of the keys yet, but there are rows that they must open."""
    use_ring(KeyRing(given.keys | {"pii": {"1": secrets.token_bytes(32)}}))
    with pytest.raises(WrongKey):
        check_keys()
    assert not KeyCheck.select().exists()


def test_new_keys_are_noted_and_old_ones_may_go(town, given):
    check_keys()
    newer(given, "pii")
    check_keys()
    turn()
    without("1")
    check_keys()
    assert {(c.purpose, c.kid) for c in KeyCheck.select()} == {
        ("pii", "1"),
        ("pii", "2"),
        ("index", "1"),
        ("actor", "1"),
        ("card", "1"),
    }


# Killed in the middle.

PROCESS = """
import os, sys
from pathlib import Path
import app
from models import rotation
from models._keys import KeyRing, use_ring
from tests._engines import NOON, opened

url, keys, pieces = sys.argv[1], sys.argv[2], int(sys.argv[3])
rotation.PIECE = 2
use_ring(KeyRing.read(Path(keys)))
with opened(url):
    for n, told in enumerate(told for told in rotation.rotate(NOON) if told.table == "person"):
        if n + 1 == pieces:
            os.kill(os.getpid(), 9)
"""


def test_killed_in_the_middle_it_goes_on_where_it_was(town, given, keys, tmp_path):
    both = tmp_path / "ring.json"
    both.write_bytes(keys.read_bytes())
    KeyRing.add(both, "pii")
    KeyRing.add(both, "index")
    line = [sys.executable, "-c", textwrap.dedent(PROCESS), town.url, str(both)]
    for pieces, done in ((1, 2), (1, 4)):
        assert subprocess.run([*line, str(pieces)], cwd=ROOT, timeout=60).returncode == -signal.SIGKILL
        assert Rotation.get_by_id("person").done == done
    assert subprocess.run([*line, "0"], cwd=ROOT, timeout=60).returncode == 0
    use_ring(KeyRing.read(both))
    assert old() == 0 and Rotation.get_by_id("person").done == len(PHONES)
    without("1")
    assert all(Person.by_phone(phone).phone == phone for phone in PHONES.values())


# The file.


@pytest.mark.no_database
def test_a_key_is_added_behind_the_others(tmp_path):
    path = tmp_path / "ring.json"
    main(str(path))
    before = json.loads(path.read_text())
    assert "key 2 added" in main("add", str(path), "pii")
    after = json.loads(path.read_text())
    assert after["pii"][0] == before["pii"][0] and [k["kid"] for k in after["pii"]] == ["1", "2"]
    assert (after["index"], after["actor"]) == (before["index"], before["actor"])
    assert path.stat().st_mode & 0o777 == 0o400 and [p.name for p in tmp_path.iterdir()] == ["ring.json"]
    assert KeyRing.read(path).newest("pii")[0] == "2"


@pytest.mark.no_database
@pytest.mark.parametrize("words", [("add", "ring.json", "actor"), ("add", "ring.json", "x"), ("add",), ()])
def test_it_is_added_for_what_can_be_rotated_alone(tmp_path, words):
    KeyRing.make(tmp_path / "ring.json")
    before = (tmp_path / "ring.json").read_bytes()
    with pytest.raises(SystemExit):
        main(*(str(tmp_path / word) if word == "ring.json" else word for word in words))
    assert (tmp_path / "ring.json").read_bytes() == before


@pytest.mark.no_database
@pytest.mark.parametrize("kids", [["1", "1"], ["1.2"], [""], ["钥"]])
def test_a_ring_with_two_keys_of_one_name_or_a_strange_name_is_refused(tmp_path, kids):
    path = tmp_path / "ring.json"
    KeyRing.make(path)
    told = json.loads(path.read_text())
    told["pii"] = [told["pii"][0] | {"kid": kid} for kid in kids]
    os.chmod(path, 0o600)
    path.write_text(json.dumps(told))
    with pytest.raises(ValueError):
        KeyRing.read(path)


@pytest.mark.no_database
def test_a_running_process_reads_a_changed_file_again(tmp_path, monkeypatch, given):
    monkeypatch.setattr(_keys, "AGAIN", 0.0)
    path = tmp_path / "ring.json"
    KeyRing.make(path)
    use_ring(KeyRing.read(path))
    assert ring() is ring()
    KeyRing.add(path, "pii")
    assert ring().newest("pii")[0] == "2"
    os.chmod(path, 0o600)
    path.write_text("{")
    assert ring().newest("pii")[0] == "2"  # a file that is none changes nothing
    path.unlink()
    assert ring().newest("pii")[0] == "2"


def test_the_commands_say_what_there_is_and_that_nothing_old_is_left(town, given, app, monkeypatch):
    monkeypatch.setattr(_keys, "AGAIN", 0.0)
    newer(given, "pii")
    runner = app.test_cli_runner()
    told = runner.invoke(args=["keys", "status"]).output
    assert "pii: 1, 2" in told and f"person.phone: {len(PHONES)} under key 1" in told
    done = runner.invoke(args=["keys", "rotate"])
    assert done.exit_code == 0 and "0 under an old key" in done.output
    with writing():
        Person.update(phone_sealed="v1.9.x.y").where(Person.id == town.rui.id).execute()
    done = runner.invoke(args=["keys", "rotate"])
    assert done.exit_code == 1 and "keep all keys" in done.output
