"""Codes by SMS: six digits for one number, one purpose, one device, once."""

import datetime as dt

import pytest

from models import codes, limits
from models._database import db, writing
from models.codes import Caller, SmsCode
from models.devices import KnownDevice
from models.limits import Attempt
from models.outbox import Outbox
from tests import _crowd

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
MOMENT = dt.timedelta(milliseconds=1)
OWN, NEW, OTHER = "a" * 32, "b" * 32, "c" * 32
RUI, NOBODY = "13800000001", "13900000009"
HERE = Caller(NEW, "198.51.100.7")


def ask(phone=RUI, purpose="sign-in", *, device=NEW, address="198.51.100.7", now):
    return codes.ask(phone, purpose, Caller(device, address), "{code}", now=now)


def use(code, phone=RUI, purpose="sign-in", *, device=NEW, address="198.51.100.7", now):
    return codes.use(phone, purpose, code, Caller(device, address), now=now)


def sent(n=-1) -> str:
    """The text of a message in the outbox, the newest by default."""
    return list(Outbox.select().order_by(Outbox.id))[n].text


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# It works.


def test_a_code_is_six_digits_and_opens_once(town, noon):
    assert ask(now=noon) == "sent"
    code = sent()
    assert len(code) == 6 and code.isdigit()
    assert use(code, now=noon + MINUTE) == "right"
    assert use(code, now=noon + 2 * MINUTE) == "wrong"


def test_an_unknown_number_gets_one_too(town, noon):
    assert ask(NOBODY, now=noon) == "sent"
    assert use(sent(), NOBODY, now=noon) == "right"


def test_it_lives_ten_minutes(town, noon):
    ask(now=noon)
    assert use(sent(), now=noon + 10 * MINUTE) == "wrong"
    ask(now=noon)
    assert use(sent(), now=noon + 10 * MINUTE - MOMENT) == "right"


def test_the_newest_is_not_the_only_one_and_the_one_used_ends_all_others(town, noon):
    for n in range(3):
        ask(now=noon + 2 * n * MINUTE)
    first, second, third = (sent(n) for n in range(3))
    assert use(second, now=noon + 5 * MINUTE) == "right"
    assert use(first, now=noon + 6 * MINUTE) == use(third, now=noon + 6 * MINUTE) == "wrong"


def test_what_is_kept_and_sent_later_says_nothing_to_who_reads_the_database(town, noon):
    ask(now=noon)
    code = sent()
    for table in ("sms_code", "outbox", "attempt"):
        told = repr(
            [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in db.execute_sql(f"SELECT * FROM {table}").fetchall()
            ]
        )
        assert RUI not in told and "198.51.100.7" not in told and NEW not in told, table
        assert f"'{code}'" not in told and f"b'{code}'" not in told, table


def test_code_and_message_are_written_together_or_not_at_all(town, noon, monkeypatch):
    def full(*_, **__):
        raise OSError

    monkeypatch.setattr(Outbox, "put", full)
    with pytest.raises(OSError):
        ask(now=noon)
    assert not SmsCode.select().exists() and not Attempt.select().exists()


# It does not.


@pytest.mark.parametrize("guess", ["", " ", "000", "1" * 7, "abcdef", "\0", "🛵" * 6, "x" * 100_000, "None"])
def test_what_is_no_code_is_wrong(guess, town, noon):
    ask(now=noon)
    assert use(guess, now=noon) == "wrong"


def test_it_is_good_for_its_number_its_purpose_and_its_device(town, noon):
    ask(now=noon)
    code = sent()
    assert use(code, "13800000002", now=noon) == "wrong"
    assert use(code, purpose="change", now=noon) == "wrong"
    assert use(code, device=OTHER, now=noon) == "wrong"
    assert use(code, device=None, now=noon) == "wrong"
    assert use(code, now=noon) == "right"


def test_five_wrong_tries_end_it(town, noon):
    ask(now=noon)
    code = sent()
    for _ in range(4):
        assert use(wrong(code), now=noon) == "wrong"
    ask(now=noon + 2 * MINUTE)
    second = sent()
    assert use(wrong(second) if wrong(second) != code else "x", now=noon + 2 * MINUTE) == "wrong"
    assert use(code, now=noon + 2 * MINUTE) == "wrong"  # five
    assert use(second, now=noon + 2 * MINUTE) == "right"  # only one of these was its own


def test_nobody_uses_up_anothers_tries(town, noon):
    ask(now=noon)
    for _ in range(20):
        use("x", device=OTHER, now=noon)
    assert use(sent(), now=noon) == "right"


def test_a_button_pressed_twice_is_told_from_a_replay(town, noon):
    ask(now=noon)
    assert use(sent(), now=noon) == "right"
    assert use(sent(), now=noon + dt.timedelta(seconds=5)) == "again"
    assert use(sent(), device=OTHER, now=noon + dt.timedelta(seconds=5)) == "wrong"
    assert use(sent(), now=noon + dt.timedelta(seconds=30)) == "wrong"


def test_a_purpose_that_there_is_not_is_an_error(town, noon):
    with pytest.raises(LookupError):
        ask(purpose="everything", now=noon)


# How many.


def test_asked_again_within_a_minute_the_one_on_its_way_will_do(town, noon):
    assert [ask(now=noon), ask(now=noon + MINUTE - MOMENT)] == ["sent", "sent"]
    assert Outbox.select().count() == 1
    ask(now=noon + MINUTE)
    assert Outbox.select().count() == 2


@pytest.mark.parametrize("number", [RUI, NOBODY])
def test_strangers_may_have_three_at_once(number, town, noon):
    said = [ask(number, now=noon + 2 * n * MINUTE) for n in range(5)]
    assert said == ["sent"] * 3 + ["enough"] * 2
    assert ask(number, now=noon + 10 * MINUTE) == "sent"  # the first has ended


def test_and_the_owners_device_the_rest_of_five(town, noon):
    KnownDevice.remember(town.rui, OWN, at=noon)
    for n in range(3):
        ask(now=noon + n * MINUTE)
    said = [ask(device=OWN, now=noon + n * MINUTE) for n in (4, 6, 8)]
    assert said == ["sent", "sent", "enough"]
    assert SmsCode.live(RUI, noon + 8 * MINUTE).count() == 5


def test_ten_a_day_a_number_of_which_three_stay_for_the_owners_device(town, noon):
    KnownDevice.remember(town.rui, OWN, at=noon)
    said = [ask(now=noon + 15 * n * MINUTE) for n in range(9)]
    assert said == ["sent"] * 7 + ["enough"] * 2
    said = [ask(device=OWN, now=noon + 15 * n * MINUTE) for n in range(10, 15)]
    assert said == ["sent"] * 3 + ["enough"] * 2
    assert Outbox.select().count() == 10
    assert ask(now=noon + DAY) == "sent"


def use_up(what, subject, noon):
    with writing():
        Attempt.insert_many([{"what": what, "subject": subject, "at": noon}] * limits.LIMITS[what][0]).execute()


def test_an_address_has_its_limit_but_not_for_a_device_that_the_number_knows(town, noon, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "code address", (20, DAY))
    KnownDevice.remember(town.rui, OWN, at=noon)
    use_up("code address", limits.subject(place=HERE.address), noon)
    assert ask("13800000002", now=noon) == ask(now=noon) == "busy"
    assert ask(now=noon, address="192.0.2.1") == "sent"
    assert ask(now=noon, device=OWN) == "sent"


def test_the_day_has_its_limit_of_which_a_part_stays_for_known_devices(town, noon, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "code strangers", (15, DAY))
    monkeypatch.setitem(limits.LIMITS, "code day", (20, DAY))
    KnownDevice.remember(town.rui, OWN, at=noon)
    use_up("code strangers", limits.subject(), noon)
    assert ask("13800000002", now=noon) == "busy"
    assert ask(now=noon, device=OWN) == "sent"
    use_up("code day", limits.subject(), noon)
    assert ask(now=noon + 2 * MINUTE, device=OWN) == "busy"


def test_while_an_address_guesses_a_code_has_one_try_and_the_right_one_still_opens(town, noon):
    use_up("guess address", limits.subject(place=HERE.address), noon)
    ask(now=noon)
    assert use(sent(), now=noon) == "right"
    ask("13800000002", now=noon)
    assert use(wrong(sent()), "13800000002", now=noon) == "wrong"
    assert use(sent(), "13800000002", now=noon) == "wrong"


def test_wrong_codes_of_an_address_are_counted_for_all_its_phones(town, noon, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "guess address", (2, DAY))
    ask(now=noon)
    for _ in range(2):
        use("x", "13800000002", device=OTHER, now=noon)
    use(wrong(sent()), now=noon)
    assert use(sent(), now=noon) == "wrong"  # one try was all it had
    assert Attempt.select().where(Attempt.what == "guess address").count() == 2  # and the table does not grow on


def test_what_is_long_over_is_dropped(town, noon):
    ask(now=noon)
    assert codes.drop_old(noon + 70 * MINUTE) == 0
    assert codes.drop_old(noon + 71 * MINUTE) == 1


# Carried on without a message.


def test_what_was_proved_is_carried_on_to_the_next_page(town, noon):
    with writing():
        proof = codes.carry(NOBODY, "register", HERE, now=noon)
    assert len(proof) == 32 and not Outbox.select().exists()
    assert use(proof, NOBODY, "register", device=OTHER, now=noon) == "wrong"
    assert use(proof, NOBODY, "register", now=noon) == "right"


# Known and unknown are told alike.


def test_a_known_and_an_unknown_number_cost_the_same_statements(engine, town, noon):
    shapes = []
    for number in (RUI, NOBODY):
        with engine.statements() as told:
            ask(number, now=noon)
            use("x", number, now=noon)
        shapes.append([statement.split()[0:3] for statement in told])
    assert shapes[0] == shapes[1]


def test_looking_for_a_code_reads_no_whole_table(engine, town, noon):
    mark = engine.percent
    values = "'x' || i, 'sign-in', 'd', 'h', i, i, 0, NULL".replace("%", mark)
    if engine.name == "postgresql":
        values = "('x' || i)::bytea, 'sign-in', 'd', 'h', i, i, 0, NULL"
    engine.fill("sms_code", "phone_index, purpose, device, code_hash, made_at, ends_at, wrong, used_at", values, 5000)
    assert engine.scans(*SmsCode.live(RUI, noon).sql()) == []


# Two at once.


def test_asked_for_at_the_same_moment_one_goes(town, noon, crowd):
    assert crowd.do(_crowd.ask_code_elsewhere, town.url, RUI, NEW, noon) == ["sent"] * 4
    assert Outbox.select().count() == 1


def test_used_at_the_same_moment_by_one_device_it_is_used_once(town, noon, crowd):
    ask(now=noon)
    said = crowd.do(_crowd.use_sms_code_elsewhere, town.url, RUI, sent(), noon, NEW)
    assert sorted(said) == ["again"] * 3 + ["right"]


def test_used_at_the_same_moment_by_several_phones_the_one_that_asked_wins(town, noon, crowd):
    ask(now=noon)
    each = [(device,) for device in (OTHER, NEW, OWN, "d" * 32)]
    said = crowd.do(_crowd.use_sms_code_elsewhere, town.url, RUI, sent(), noon, each=each)
    assert said == ["wrong", "right", "wrong", "wrong"]


def test_guessed_at_the_same_moment_there_are_five_tries_in_all(town, noon, crowd):
    ask(now=noon)
    for _ in range(2):
        crowd.do(_crowd.use_sms_code_elsewhere, town.url, RUI, "x", noon, NEW)
    assert SmsCode.get().wrong == 5
    assert use(sent(), now=noon) == "wrong"
