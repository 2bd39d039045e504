"""What bad input gets at a till: a calm answer in words, never an error page, and nothing is redeemed twice."""

import datetime as dt
import re

import pytest

from models import card_code, card_keys
from models._keys import KeyRing, ring, use_ring
from models.card_clock import step_of
from models.card_code import CROCKFORD
from models.cards import Card
from models.merchants import Merchant
from models.offers import Offer
from models.people import Person
from models.redemptions import LOOK, Redemption, Refusal
from tests._engines import NOON
from tests._screens import Screen
from tests._till import Holder, owned_shop

SECOND, MINUTE, HOUR, DAY = (dt.timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


@pytest.fixture
def shop(town):
    """AX101, whose owner is Mo."""
    return owned_shop("AX101", NOON, daily=2)


@pytest.fixture
def owner(shop, new_phone):
    return new_phone().sign_in(Person.get_by_id(shop.actor))


@pytest.fixture
def rui(town):
    return Holder(town.rui, NOON)


class Till:
    """The shop's page: what it says to one code after the other."""

    def __init__(self, phone):
        self.phone, self.n = phone, 0

    def says(self, code: str, **form) -> str:
        """The reason of what it shows ('' for a card that is good), which stands there in words as a page and as a piece."""
        self.n += 1
        press = form.setdefault("client_id", f"press-{self.n}")
        piece = self.phone.post("/redemptions/", {"code": code} | form, headers={"X-Fragment": "1"}, fragment=True)
        page = self.phone.get(f"/redemptions/{press}?shop=AX101")
        assert (piece.status_code, page.status_code) == (200, 200)
        for text in (piece.text, page.text):
            assert ("可以优惠" in text) != ("按原价" in text)
        if "可以优惠" in page.text:
            return ""
        assert re.search(r'class="big">[^<a-z]*[\u4e00-\u9fff]+[^<a-z]*。<', page.text), "it says why, in words"
        return Refusal.select().order_by(Refusal.id.desc()).get().reason


def mutated(code: str) -> list[str]:
    """The code with one character after the other turned into another, with one too few and one too many."""
    other = dict(zip(CROCKFORD, CROCKFORD[1:] + CROCKFORD[0], strict=True))
    return [code[:n] + other.get(code[n], "Z") + code[n + 1 :] for n in range(len(code))] + [code[:-1], code + "0"]


def test_whatever_is_scanned_gets_a_calm_answer(owner, rui, town):
    good, till = rui.code(NOON), Till(owner)
    unknown = card_code.payload(b"\1" * 32, "ZZZZZZZZ", step_of(NOON))
    told = {
        # No code of a card.
        "": None,
        " ": None,
        "\0\ud7ff￿": "not-card",
        "C" * 5000: "not-card",
        "汉字" * 16: "not-card",
        "C1" + "I" * 30: "not-card",  # letters that Crockford leaves out
        "'; DROP TABLE redemption; --": "not-card",
        "<script>alert(1)</script>": "not-card",
        "SF1402938475610": "not-card",  # a parcel
        "284751029384756102": "not-card",  # paying
        "https://qr.example.com/bax01234abcd": "not-card",
        "wxp://f2f0AbCdEf": "not-card",
        "https://example.com/c1/#C1": "not-card",
        f"https://example.com/?u=/c#{good}": "not-card",
        "HTTP://LOCALHOST/S/0123456789ABCDEFGHJKMNPQRS": "not-card",  # a station's poster
        Screen(town.spring, town.kim, NOON).code(NOON): "not-card",  # and its screen
        # Codes that look like ours.
        unknown: "bad",
        "C2" + "Z" * 24: "bad",
        "C300000000": "once",
        # Ours, of another moment.
        rui.code(NOON - 2 * MINUTE): "stale",
        rui.code(NOON - DAY): "stale",
        rui.code(NOON + DAY): "stale",
        rui.code(NOON + 5 * MINUTE): "ahead",
    }
    said = {code: till.says(code) for code, expected in told.items() if expected}
    assert said == {code: expected for code, expected in told.items() if expected}
    for code in mutated(good):
        assert till.says(code) in ("bad", "not-card", "stale", "ahead"), code
    assert owner.post("/redemptions/", {"code": "", "client_id": "empty"}).status_code == 422
    assert Redemption.select().count() == 0
    assert till.says(f"https://nuanyi.example/c#{good.lower()}") == ""
    assert Redemption.select().count() == 1


def test_a_code_of_another_district_is_none_here(owner, rui, tmp_path):
    """Made with another key ring: of the phone's half, and printed."""
    ours, path = ring(), tmp_path / "other.json"
    KeyRing.make(path)
    use_ring(KeyRing.read(path))
    try:
        _, half = card_keys.our_half()
        key = card_code.key_of(rui.phone.private, half, rui.phone.code, rui.phone.device_id)
        paper = card_code.printed(card_code.print_key_of(ring().newest("card")[1]), rui.phone.code)
    finally:
        use_ring(ours)
    till = Till(owner)
    assert till.says(card_code.payload(key, rui.phone.code, step_of(NOON))) == "bad"
    assert till.says(paper) == "bad"
    assert Redemption.select().count() == 0


def test_a_card_that_was_taken_away_is_dark_at_once(owner, rui, town):
    till = Till(owner)
    for state in ("lost", "stopped", "expired"):
        Card.update(state=state).execute()
        assert till.says(rui.code(NOON)) == state
    Card.update(state="active").execute()
    Person.update(state="closed").where(Person.id == town.rui.id).execute()
    assert till.says(rui.code(NOON)) == "ended"
    assert Redemption.select().count() == 0


def test_a_press_is_answered_once_whatever_comes_with_it_later(owner, rui, town):
    ray, till = Holder(town.ray, NOON), Till(owner)
    assert till.says(rui.code(NOON), client_id="one") == ""
    assert till.says(ray.code(NOON), client_id="one") == ""  # the first answer again: Rui's
    assert "芮*" in owner.get("/redemptions/one").text
    [row] = Redemption.select()
    assert row.person == town.rui.id
    assert [till.says(rui.code(NOON)) for _ in range(3)] == ["used-here"] * 3
    assert Redemption.select().count() == 1


def test_an_offer_that_changes_during_a_scan(owner, rui, town, shop):
    """Ended, given up for a break, and asked for anew: what holds at the press is what counts."""
    till, before = Till(owner), Offer.get(Offer.merchant == shop.merchant)
    assert owner.get("/verify").status_code == 200
    owner.post("/shop/pause")
    assert till.says(rui.code(NOON)) == "paused"
    owner.post("/shop/resume")
    smaller = {"kind": "percent", "value": "9", "what": "全单", "daily": "1", "client_id": "smaller"}
    assert owner.post(f"/shop/offers/{before.id}", smaller).status_code == 303
    assert till.says(rui.code(NOON), client_id="rui") == ""  # nobody has looked at the new one yet
    assert "8.8 折" in owner.get("/redemptions/rui").text
    assert owner.post(f"/shop/offers/{before.id}/end").status_code == 303
    late = owner.post("/redemptions/rui/instead", {"offer": str(before.id), "amount": "23.50"})
    assert late.status_code == 422 and "23.50" in late.text and "用不上" in late.text
    ray = Holder(town.ray, NOON)
    assert till.says(ray.code(NOON)) == "no-offer"
    assert Redemption.select().count() == 1


def test_the_last_portion_is_taken_by_one_and_may_be_taken_back(owner, rui, town, shop):
    people = [rui, Holder(town.ray, NOON), Holder(town.kim, NOON)]
    till = Till(owner)
    assert [till.says(one.code(NOON), client_id=f"p{n}") for n, one in enumerate(people)] == ["", "", "sold-out"]
    assert owner.post("/redemptions/p0/undo").status_code == 303
    owner.now = NOON + 30 * SECOND
    assert till.says(people[2].code(owner.now)) == ""
    assert sum(row.n for row in Redemption.select()) == 2


def test_fields_that_make_no_sense_are_asked_back_with_what_was_typed(owner, rui, shop):
    till = Till(owner)
    assert till.says(rui.code(NOON), client_id="one") == ""
    for amount in ("-5", "1e9", "NaN", "12.345", "999999", "٢٣", "十元"):
        answer = owner.post("/redemptions/one/instead", {"amount": amount})
        assert answer.status_code == 422 and amount in answer.text
    for offer in ("0", "99", str(10**30), "x"):
        assert owner.post("/redemptions/one/instead", {"offer": offer, "amount": "5"}).status_code in (303, 422)
    for client_id in ("\0", "按" * 9, "a b", "x" * 65):
        answer = owner.post("/redemptions/", {"digits": "123456", "last4": "0001", "client_id": client_id})
        assert answer.status_code == 422 and "123456" in answer.text
    for last4, digits in (("٠٠٠١", "123456"), ("0001", "一二三四五六"), ("0001", "1" * 400), ("", "\0")):
        answer = owner.post("/redemptions/", {"last4": last4, "digits": digits, "client_id": "two"})
        assert answer.status_code == 422
    for press in ("nobody", "\0", "x" * 300, "按"):
        assert owner.get(f"/redemptions/{press}").status_code == 404
        assert owner.post(f"/redemptions/{press}/undo").status_code == 404
    for was, should in ((str(10**30), "1"), ("0", "-1"), ("0", "1" * 40), ("x", "9")):
        assert owner.post("/verify/today", {"was": was, "should": should}).status_code in (303, 409, 422)
    for code in ("AX001", "AX999", "\0", "x" * 300):
        assert owner.post("/redemptions/", {"code": "C1", "shop": code}).status_code == 404
        assert owner.get("/verify?shop=" + code.replace("\0", "%00")).status_code == 404
    assert sum(row.n for row in Redemption.select().where(Redemption.method != LOOK)) == 1
    assert Merchant.get(code="AX101").state == "listed"
