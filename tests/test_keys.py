"""Sealed fields open only with their key and in their place; blind indexes find without reading."""

import json
import os
import secrets

import pytest

from models._database import db, sql, writing
from models._keys import KeyRing, Locked, main, ring, use_ring
from models.people import Person

PLACE = b"person|phone|0123456789abcdef"


@pytest.fixture
def two_rings(tmp_path):
    for name in ("one", "other"):
        KeyRing.make(tmp_path / name)
    return KeyRing.read(tmp_path / "one"), KeyRing.read(tmp_path / "other")


def rotated(ring, purpose="pii"):
    """The ring with a newer key after its own."""
    return KeyRing(ring.keys | {purpose: ring.keys[purpose] | {"2": secrets.token_bytes(32)}})


@pytest.mark.no_database
@pytest.mark.parametrize("text", ["13800000001", "", "鼓楼东街 18 号 🛵", "\0\u202e", "x" * 100_000])
def test_what_was_sealed_opens_again(text, two_rings):
    one, _ = two_rings
    sealed = one.seal(text, "pii", PLACE)
    assert one.unseal(sealed, "pii", PLACE) == text
    assert sealed.isascii() and sealed.startswith("v1.1.")
    assert not text or text not in sealed


@pytest.mark.no_database
def test_the_same_text_never_looks_the_same_twice(two_rings):
    one, _ = two_rings
    assert len({one.seal("13800000001", "pii", PLACE) for _ in range(50)}) == 50


@pytest.mark.no_database
@pytest.mark.parametrize(
    "place", [b"person|name|0123456789abcdef", b"card|phone|0123456789abcdef", b"person|phone|fedcba9876543210", b""]
)
def test_it_does_not_open_in_another_row_column_or_table(place, two_rings):
    one, _ = two_rings
    with pytest.raises(Locked):
        one.unseal(one.seal("13800000001", "pii", PLACE), "pii", place)


@pytest.mark.no_database
def test_it_does_not_open_with_another_key_or_for_another_purpose(two_rings):
    one, other = two_rings
    sealed = one.seal("13800000001", "pii", PLACE)
    for ring_, purpose in ((other, "pii"), (one, "index"), (one, "no such purpose")):
        with pytest.raises(Locked):
            ring_.unseal(sealed, purpose, PLACE)


@pytest.mark.no_database
def test_it_does_not_open_when_its_key_is_gone(two_rings):
    one, _ = two_rings
    newer = rotated(one)
    sealed = newer.seal("13800000001", "pii", PLACE)
    assert sealed.startswith("v1.2.")
    with pytest.raises(Locked):
        one.unseal(sealed, "pii", PLACE)


@pytest.mark.no_database
def test_what_an_older_key_sealed_still_opens_after_a_newer_one_came(two_rings):
    one, _ = two_rings
    sealed = one.seal("13800000001", "pii", PLACE)
    assert rotated(one).unseal(sealed, "pii", PLACE) == "13800000001"


@pytest.mark.no_database
@pytest.mark.parametrize("part", range(4))
def test_a_single_changed_character_keeps_it_locked(part, two_rings):
    one, _ = two_rings
    parts = one.seal("13800000001", "pii", PLACE).split(".")
    parts[part] = ("B" if parts[part][0] != "B" else "C") + parts[part][1:]
    with pytest.raises(Locked):
        one.unseal(".".join(parts), "pii", PLACE)


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text", ["", "v1", "v1.1.2", "v1.1.2.3", "v1.1.!!.!!", "v2.1.AAAA.AAAA", "v1.1.é.ü", "....", "13800000001"]
)
def test_nonsense_is_locked_and_no_error_of_ours(text, two_rings):
    with pytest.raises(Locked):
        two_rings[0].unseal(text, "pii", PLACE)


@pytest.mark.no_database
def test_a_blind_index_finds_equal_texts_and_says_nothing_else(two_rings):
    one, other = two_rings
    assert one.blind("13800000001") == one.blind("13800000001")
    assert one.blind("13800000001") not in (one.blind("13800000002"), other.blind("13800000001"))
    assert one.blind("13800000001") != one.blind("13800000001", "actor")
    assert (len(one.blind("x")), len(one.blind("x", length=8))) == (16, 8)


@pytest.mark.no_database
def test_a_newer_key_does_not_make_people_unfindable(two_rings):
    """The index key is not rotated with the sealing key."""
    one, _ = two_rings
    assert rotated(one).blind("13800000001") == one.blind("13800000001")


# The file.


@pytest.mark.no_database
def test_a_new_ring_is_its_owners_alone_and_never_overwritten(tmp_path):
    path = tmp_path / "ring.json"
    KeyRing.make(path)
    assert path.stat().st_mode & 0o777 == 0o400
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        KeyRing.make(path)
    assert path.read_bytes() == before


@pytest.mark.no_database
def test_two_rings_share_no_key(two_rings):
    one, other = two_rings
    keys = [key for ring_ in (one, other) for purpose in ring_.keys.values() for key in purpose.values()]
    assert len(set(keys)) == len(keys) == 8


@pytest.mark.no_database
@pytest.mark.parametrize("purpose", ["pii", "index", "actor", "card"])
@pytest.mark.parametrize("keys", [[], [{"kid": "1", "key": "AAAA"}]], ids=["none", "short"])
def test_a_ring_without_a_key_or_with_a_short_one_is_refused(purpose, keys, tmp_path):
    path = tmp_path / "ring.json"
    KeyRing.make(path)
    told = json.loads(path.read_text()) | {purpose: keys}
    os.chmod(path, 0o600)
    path.write_text(json.dumps(told))
    with pytest.raises(ValueError, match=purpose):
        KeyRing.read(path)


@pytest.mark.no_database
@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"pii": 1}', '{"pii": [{"key": "AAAA"}]}', "\0"])
def test_a_file_that_is_no_ring_is_refused_in_words(text, tmp_path):
    path = tmp_path / "ring.json"
    path.write_text(text)
    with pytest.raises(ValueError):
        KeyRing.read(path)


@pytest.mark.no_database
def test_a_ring_from_before_the_cards_says_how_it_gets_their_key_and_gets_it(tmp_path):
    path = tmp_path / "ring.json"
    KeyRing.make(path)
    told = {purpose: keys for purpose, keys in json.loads(path.read_text()).items() if purpose != "card"}
    os.chmod(path, 0o600)
    path.write_text(json.dumps(told))
    with pytest.raises(ValueError, match="add FILE card"):
        KeyRing.read(path)
    assert "card: key 1 added; phones" in main("add", str(path), "card")
    assert len(KeyRing.read(path).newest("card")[1]) == 32
    assert {p: keys for p, keys in json.loads(path.read_text()).items() if p != "card"} == told


@pytest.mark.no_database
def test_the_demos_ring_gets_what_it_lacks_once(tmp_path):
    path = tmp_path / "ring.json"
    KeyRing.make(path)
    whole = path.read_bytes()
    KeyRing.complete(path)
    assert path.read_bytes() == whole
    os.chmod(path, 0o600)
    path.write_text(json.dumps({p: keys for p, keys in json.loads(whole).items() if p != "card"}))
    for _ in range(2):
        KeyRing.complete(path)
    assert list(KeyRing.read(path).keys["card"]) == ["1"]


# In rows.


def test_a_phone_lies_sealed_in_its_row(town):
    (kept,) = db.execute_sql(sql("SELECT phone_sealed FROM person WHERE id = ?"), (town.rui.id,)).fetchone()
    assert kept.startswith("v1.1.") and "13800000001" not in kept
    assert town.rui.phone == "13800000001"


def test_a_phone_copied_to_another_person_is_locked(town):
    with writing():
        Person.update(phone_sealed=town.rui.phone_sealed).where(Person.id == town.ray.id).execute()
    with pytest.raises(Locked):
        _ = Person.get_by_id(town.ray.id).phone
    assert Person.get_by_id(town.rui.id).phone == "13800000001"


def test_with_another_ring_phones_are_locked_and_names_are_not(town, two_rings):
    ours = ring()
    use_ring(two_rings[1])
    try:
        person = Person.get_by_id(town.rui.id)
        assert person.name == "芮一" and Person.by_phone("13800000001") is None
        with pytest.raises(Locked):
            _ = person.phone
    finally:
        use_ring(ours)


def test_who_has_no_phone_has_none(town, noon):
    with writing():
        person = Person.create(name="无号", created_at=noon)
        assert person.phone is None
        person.phone = "13800000099"
        person.save()
        assert Person.get_by_id(person.id).phone == "13800000099"
        person.phone = None
        person.save()
    assert Person.get_by_id(person.id).phone_sealed is None
