"""The codes of cards: exactly as security.md §2 and the vectors say, and nothing else is taken for one."""

import json
from pathlib import Path

import pytest

from models import card_code
from models.card_code import Scanned

pytestmark = pytest.mark.no_database

VECTORS = json.loads((Path(__file__).parent / "vectors/card.json").read_text())

KEY = bytes(range(32))


def ids(rows, name):
    return [str(row[name])[:40] for row in rows]


def test_the_vector_of_the_paper():
    assert card_code.payload(KEY, "K7M2Q9X4", 1790000000 // 30) == "C1K7M2Q9X41RWW7AMF6EFNFAXYA97373"
    assert card_code.number(KEY, "K7M2Q9X4", 1790000000 // 60) == "097855"


@pytest.mark.parametrize("told", VECTORS["agreement"], ids=["agreement"])
def test_both_halves_make_the_key(told):
    ours = card_code.private_of(bytes.fromhex(told["ring_key"]))
    assert card_code.public_of(ours).hex() == told["server_public"]
    key = card_code.key_of(ours, bytes.fromhex(told["phone_public"]), told["code"], told["device_id"])
    assert (key.hex(), card_code.kcv(key).hex()) == (told["key"], told["kcv"])
    others = [(told["code"], "another device"), ("K7M2Q9X5", told["device_id"])]
    assert key not in [card_code.key_of(ours, bytes.fromhex(told["phone_public"]), *other) for other in others]
    kiosk = card_code.key_of(ours, bytes.fromhex(told["phone_public"]), told["code"], told["device_id"], "kiosk-v1")
    assert kiosk != key


@pytest.mark.parametrize("told", VECTORS["codes"], ids=ids(VECTORS["codes"], "key"))
def test_codes_and_numbers(told):
    key = bytes.fromhex(told["key"])
    for at in told["at"]:
        assert card_code.payload(key, told["code"], at["t"] // 30) == at["payload"]
        assert card_code.number(key, told["code"], at["t"] // 60) == at["number"]
        assert card_code.matches(key, card_code.parse(at["payload"]))


def test_a_printed_card_and_a_kiosk():
    for told in VECTORS["print"]:
        key = card_code.print_key_of(bytes.fromhex(told["ring_key"]))
        assert (key.hex(), card_code.printed(key, told["code"])) == (told["key"], told["payload"])
        assert card_code.matches(key, card_code.parse(told["payload"]))
    for told in VECTORS["kiosk"]:
        key = bytes.fromhex(told["key"])
        assert card_code.kiosk_payload(key, told["code"], told["t"] // 30) == told["payload"]
        assert card_code.matches(key, card_code.parse(told["payload"]))


@pytest.mark.parametrize("told", VECTORS["scanned"], ids=ids(VECTORS["scanned"], "text"))
def test_what_a_scanner_brings(told):
    found = card_code.parse(told["text"])
    assert found == Scanned(told["kind"], told["code"], told["step"], bytes.fromhex(told["tag"]))


@pytest.mark.parametrize("text", VECTORS["not_ours"], ids=range(len(VECTORS["not_ours"])))
def test_a_label_a_payment_and_anothers_address_are_no_code(text):
    assert card_code.parse(text) is None


def test_one_character_off_is_another_code():
    code = VECTORS["codes"][0]["at"][0]["payload"]
    for place in range(2, 32):
        for other in {"0", "7", "Z"} - {code[place]}:
            scanned = card_code.parse(code[:place] + other + code[place + 1 :])
            assert scanned is None or not card_code.matches(KEY, scanned), place


def test_a_code_of_one_kind_is_none_of_another():
    """The same key under another label, as if somebody copied a tag from paper onto a screen."""
    step = 1790000000 // 30
    told = card_code.parse(card_code.printed(KEY, "K7M2Q9X4"))
    assert not card_code.matches(KEY, Scanned("card", "K7M2Q9X4", step, told.tag))
    kiosk = card_code.parse(card_code.kiosk_payload(KEY, "ABC234", step))
    assert not card_code.matches(KEY, Scanned("card", "ABC234", step, kiosk.tag))


@pytest.mark.parametrize(
    "public",
    [b"", b"\4" * 65, b"\4" + bytes(64), b"\0", bytes.fromhex(VECTORS["agreement"][0]["phone_public"])[:-1] + b"\0"],
    ids=["none", "beside", "zero", "infinity", "moved"],
)
def test_what_is_not_on_the_curve_is_no_half(public):
    assert not card_code.is_point(public)
    with pytest.raises(ValueError):
        card_code.key_of(card_code.private_of(KEY), public, "K7M2Q9X4", "x")


def test_a_compressed_point_is_not_what_we_asked_for():
    whole = bytes.fromhex(VECTORS["agreement"][0]["phone_public"])
    assert card_code.is_point(whole)
    assert not card_code.is_point(bytes([2 + whole[-1] % 2]) + whole[1:33])


@pytest.mark.parametrize("value", [-1, 32**6])
def test_a_step_that_has_no_six_characters(value):
    with pytest.raises(OverflowError):
        card_code.crockford(value, 6)
    assert card_code.from_crockford(card_code.crockford(32**6 - 1, 6)) == 32**6 - 1
