"""People: their phones, what they may do, and the sessions of their devices."""

import datetime as dt
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from peewee import IntegrityError

from models import passwords as passwords_module
from models import sessions
from models._database import Busy, db, sql, writing
from models._record import CROCKFORD
from models.passwords import PASSWORDS, Passwords
from models.people import Person, RoleGrant, phone_number
from models.roles import PERMISSIONS, ROLES
from models.second_factor import SecondFactor
from models.sessions import Session, sign_in
from tests import _crowd

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MOMENT = dt.timedelta(milliseconds=1)


# A phone number, however it is written (domain.md §2.4).


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "138 1234 5678",
        "+86 13812345678",
        "+86-138-1234-5678",
        "8613812345678",
        "008613812345678",
        "１３８１２３４５６７８",
        "＋８６　１３８－１２３４－５６７８",
        "138-1234-5678",
        "(138) 1234.5678",
        "\t13812345678\n",
        "\u202a13812345678\u202c".strip("\u202a\u202c"),
    ],
)
def test_a_number_is_understood_however_it_is_written(text):
    assert phone_number(text) == "13812345678"


@pytest.mark.no_database
@pytest.mark.parametrize("prefix", ["13", "15", "162", "165", "167", "170", "171", "190", "192", "196", "197", "199"])
def test_no_carriers_numbers_are_left_out(prefix):
    number = prefix.ljust(11, "5")
    assert phone_number(number) == number


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.38123E+10",
        "12345678901",
        "1381234567",
        "138123456789",
        "1410123456789",
        "05373412345",
        "110",
        "+1 138 1234 5678",
        "+8613812345678 ext 1",
        "1381234567a",
        "1381234567\0",
        "13812345678\0",
        "🛵🛵🛵🛵🛵🛵🛵🛵🛵🛵🛵",
        "١٣٨١٢٣٤٥٦٧٨",
        "1３8१२३४५६७८",
        "\u202e13812345678",
        "' OR 1=1 --",
        "1" * 100_000,
    ],
)
def test_what_is_no_mobile_number_is_none(text):
    assert phone_number(text) is None


# People.


def test_a_person_is_found_by_the_phone(town):
    assert Person.by_phone("13800000001") == town.rui
    assert Person.by_phone("13800000009") is None


def test_a_phone_belongs_to_one_person(town, noon):
    with pytest.raises(IntegrityError), writing():
        Person.register(name="又一", phone="13800000001", at=noon)
    assert Person.select().count() == 5


def test_people_without_a_phone_may_be_many(town, noon):
    with writing():
        for name in ("甲", "乙"):
            Person.create(name=name, created_at=noon)
    assert Person.select().where(Person.phone_index.is_null()).count() == 2


def test_the_address_of_a_person_is_ten_random_characters(town):
    refs = {person.ref for person in Person.select()}
    assert len(refs) == 5 and all(len(ref) == 10 and set(ref) <= set(CROCKFORD) for ref in refs)


@pytest.mark.no_database
@pytest.mark.parametrize("name, masked", [("张伟", "张*"), ("欧阳小华", "欧*"), ("A", "A*"), ("𠮷野", "𠮷*")])
def test_others_see_the_first_character_of_a_name(name, masked):
    assert Person(name=name).masked == masked


def test_the_readable_tag_tells_two_people_apart_and_says_nothing(town):
    tags = {person.tag for person in Person.select()}
    assert len(tags) == 5
    for tag in tags:
        assert len(tag) == 10 and set(tag) <= set("0123456789abcdef")
    assert Person.get_by_id(town.rui.id).tag == town.rui.tag


# What they may do.


@pytest.mark.no_database
def test_permissions_are_given_to_roles_that_exist():
    assert set().union(*PERMISSIONS.values()) <= set(ROLES)


@pytest.mark.parametrize(
    "who, phrases",
    [
        ("rui", set()),
        (
            "kim",
            {
                "see who came to my station",
                "look after my station",
                "look after cards at my station",
                "print a station's poster",
                "open a locked sign-in",
                "give a partner who lost the phone another number",
            },
        ),
        (
            "olga",
            {
                "see the figures of the district, or of the own town",
                "answer what stations need",
                "create, edit and close stations",
                "look into visits that do not fit",
                "see units, enterprises and who works where",
                "take in lists of stations, towns, grids and units",
                "take the figures along as a table",
                "take the list of stations along",
                "print a station's poster",
                "read who may do what",
                "look after merchants and their offers",
                "stop cards and let them go on",
            },
        ),
    ],
)
def test_a_role_may_what_the_table_says_and_nothing_else(who, phrases, town, noon):
    person = here(getattr(town, who), noon)
    assert {phrase for phrase in PERMISSIONS if person.may(phrase)} == phrases


def test_a_permission_that_nobody_wrote_down_is_an_error(town, noon):
    with pytest.raises(KeyError):
        here(town.olga, noon).may("see everything")


def test_a_keeper_keeps_a_station(town, noon):
    kim = here(town.kim, noon)
    assert (kim.roles(), kim.scopes("keeper"), kim.scopes("officer")) == (["keeper"], ["SF001"], [])


def test_a_role_ends_when_it_ends(town, noon):
    with writing():
        RoleGrant.create(person=town.rui, role="officer", ends_at=noon)
    assert here(town.rui, noon - MOMENT).roles() == ["rider", "officer"]
    assert here(town.rui, noon).roles() == ["rider"]


def test_somebody_without_any_role_is_somebody_who_may_nothing(town, noon):
    with writing():
        person = Person.create(name="新来", created_at=noon)
    assert here(person, noon).roles() == []


def here(person, at):
    """The person as a request sees them."""
    return Session.person_of(Session.start(person, at=at), at=at)


# Sessions.


def test_a_device_that_signed_in_is_known(town, noon):
    token = Session.start(town.rui, at=noon)
    assert Session.person_of(token, at=noon + HOUR) == town.rui


def test_we_keep_only_the_tokens_hash(town, noon):
    token = Session.start(town.rui, at=noon)
    assert len(token) == 43
    row = db.execute_sql("SELECT * FROM session").fetchone()
    assert token not in repr(row) and token.encode() not in map(bytes, filter(lambda v: isinstance(v, bytes), row))


@pytest.mark.parametrize("token", ["", "x", "\0", "é🛵", "0" * 43])
def test_a_made_up_token_is_nobodys(token, town, noon):
    Session.start(town.rui, at=noon)
    assert Session.person_of(token, at=noon) is None


def test_two_devices_of_one_person_are_two_sessions(town, noon):
    one, other = (Session.start(town.rui, at=noon) for _ in range(2))
    Session.end(one)
    assert Session.person_of(one, at=noon) is None
    assert Session.person_of(other, at=noon) == town.rui
    Session.end(one)  # twice is once


@pytest.mark.parametrize(
    "who, whole, idle", [("rui", 180 * DAY, 30 * DAY), ("kim", 90 * DAY, 7 * DAY), ("olga", DAY / 2, HOUR / 2)]
)
def test_a_session_ends_when_it_is_not_used_and_in_any_case_some_day(who, whole, idle, town, noon):
    person = getattr(town, who)
    token = Session.start(person, at=noon)
    assert Session.person_of(token, at=noon + idle - MOMENT)
    assert Session.person_of(token, at=noon + idle) is None
    used = noon
    while used + idle / 2 < noon + whole:
        used += idle / 2
        Session.seen(Session.person_of(token, at=used), at=used)
    assert Session.person_of(token, at=noon + whole - MOMENT)
    assert Session.person_of(token, at=noon + whole) is None


def test_of_several_roles_the_one_with_the_shortest_session_counts(town, noon):
    with writing():
        RoleGrant.create(person=town.rui, role="officer")
    assert Session.person_of(Session.start(town.rui, at=noon), at=noon + DAY) is None


def test_a_person_whose_account_was_closed_is_out_at_once(town, noon):
    token = Session.start(town.rui, at=noon)
    with writing():
        Person.update(state="closed").where(Person.id == town.rui.id).execute()
    assert Session.person_of(token, at=noon) is None


def test_of_staff_it_is_written_each_minute(engine, town, noon):
    token = Session.start(town.olga, at=noon)
    for seconds, written in ((59, False), (60, True), (90, False), (120, True)):
        at = noon + dt.timedelta(seconds=seconds)
        person = Session.person_of(token, at=at)
        with engine.statements() as told:
            Session.seen(person, at=at)
        assert bool(told) == written, seconds


def test_a_database_that_is_not_free_does_not_hold_up_a_page(town, noon, monkeypatch):
    token = Session.start(town.rui, at=noon)
    person = Session.person_of(token, at=noon + DAY)
    monkeypatch.setattr(sessions, "writing", busy)
    Session.seen(person, at=noon + DAY)


@contextmanager
def busy(patience=None):
    assert patience < 1
    raise Busy
    yield


def test_that_a_device_was_used_is_written_once_an_hour(engine, town, noon):
    token = Session.start(town.rui, at=noon)
    for minutes, written in ((59, False), (60, True), (61, False), (119, False), (121, True)):
        at = noon + minutes * dt.timedelta(minutes=1)
        person = Session.person_of(token, at=at)
        with engine.statements() as told:
            Session.seen(person, at=at)
        assert bool(told) == written, minutes


def test_knowing_who_asks_takes_one_statement(engine, town, noon):
    token = Session.start(town.kim, at=noon)
    with engine.statements() as told:
        assert Session.person_of(token, at=noon).may("see who came to my station")
    assert len(told) == 1


def test_knowing_who_asks_reads_no_whole_table(engine, town, noon):
    with writing():
        for n in range(600):
            Person.create(name=f"{n}", created_at=noon)
        ids = [person.id for person in Person.select(Person.id)]
        Session.insert_many(
            [
                {
                    "person": id,
                    "token_hash": b"%d" % id,
                    "started_at": noon,
                    "last_seen_at": noon,
                    "ends_at": noon,
                    "idle": 1,
                }
                for id in ids
            ]
        ).execute()
        RoleGrant.insert_many([{"person": id, "role": "editor"} for id in ids]).execute()
        SecondFactor.insert_many([{"person": id, "secret_sealed": ""} for id in ids]).execute()
    db.execute_sql("ANALYZE")
    assert engine.scans(sql(sessions._WHO_IS), (b"x", 0, 0)) == []


# Signing in with a password.


def test_the_right_password_opens(town):
    assert sign_in("13800000001", "warm-rui") == town.rui


@pytest.mark.parametrize(
    "phone, password", [("13800000001", "warm-ray"), ("13800000001", ""), ("13800000009", "warm-rui"), ("", "")]
)
def test_the_wrong_password_or_phone_does_not(phone, password, town):
    assert sign_in(phone, password) is None


def test_who_has_no_password_cannot_use_one(town, noon):
    with writing():
        Person.register(name="新来", phone="13800000008", at=noon)
    for guess in ("", "None", "nuanyi-demo"):
        assert sign_in("13800000008", guess) is None


def test_a_closed_account_does_not_open(town):
    with writing():
        Person.update(state="closed").where(Person.id == town.rui.id).execute()
    assert sign_in("13800000001", "warm-rui") is None


def test_for_nobody_it_takes_as_much_work_as_for_somebody(town, monkeypatch):
    checked = []
    real = PASSWORDS.hasher.verify

    class Hasher:
        def verify(self, kept, password):
            checked.append(kept.split("$")[:4])
            return real(kept, password)

    monkeypatch.setattr(PASSWORDS, "hasher", Hasher())
    sign_in("13800000001", "wrong")
    sign_in("13800000009", "wrong")
    assert len(checked) == 2 and checked[0] == checked[1]


@pytest.mark.no_database
def test_the_cost_of_a_password_is_what_was_decided():
    passwords = Passwords(time_cost=2, memory_cost=19456, parallelism=1)
    kept = passwords.hash("x")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "Passwords(time_cost=2, memory_cost=19456, parallelism=1)" in Path(passwords_module.__file__).read_text(
        "utf-8"
    )


@pytest.mark.no_database
def test_one_password_is_checked_at_a_time_two_wait_and_more_are_told_that_it_is_busy():
    passwords = Passwords(time_cost=1, memory_cost=8, parallelism=1)
    going, most, go_on = [], [], threading.Event()

    class Slow:
        def verify(self, kept, password):
            going.append(1)
            most.append(len(going))
            go_on.wait(10)
            going.pop()
            return True

    passwords.hasher = Slow()
    waiting = [threading.Thread(target=passwords.right, args=("x", "y")) for _ in range(3)]
    for thread in waiting:
        thread.start()
    while passwords.places._value or not going:
        pass
    with pytest.raises(Busy):
        passwords.right("x", "y")
    go_on.set()
    for thread in waiting:
        thread.join()
    assert max(most) == 1
    assert passwords.right("x", "y")


def test_ending_a_session_from_several_processes_at_once_ends_it(town, noon, crowd):
    token = Session.start(town.rui, at=noon)
    crowd.do(_crowd.end_session_elsewhere, town.url, token)
    assert Session.person_of(token, at=noon) is None
