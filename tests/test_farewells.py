"""Closing an account: anonymous at once, the totals as they were, and seven days to undo it."""

import datetime as dt

import pytest

from models import entry, farewells, granting
from models._database import db, writing
from models._record import Refused
from models._trail import Trail
from models.codes import Caller, carry
from models.consents import Consent
from models.farewells import Farewell, close, finish, undo
from models.figures import recount
from models.people import Employment, Person, RoleGrant
from models.sessions import Session
from models.visits import Visit, VisitHour, VisitMonth, Who, admit

DAY, MOMENT = dt.timedelta(days=1), dt.timedelta(milliseconds=1)
PHONE = "13800000001"


@pytest.fixture
def rui(town, noon):
    """Somebody with a visit, a trade, a consent and a device."""
    admit(town.spring.id, Who(town.rui.id, None), client_id="v", at=noon, now=noon)
    with writing():
        Employment.put(town.rui, "driver truck", at=noon)
        Consent.give(town.rui, "account", channel="web", at=noon)
    Session.start(town.rui, at=noon)
    return town.rui


def everything() -> str:
    """All that the database holds, as text."""
    tables = [name for name in db.get_tables() if name != "schema_migration"]
    return "\n".join(repr(db.execute_sql(f'SELECT * FROM "{table}"').fetchall()) for table in tables)


def test_a_closed_account_is_anonymous_at_once(rui, noon):
    close(rui, at=noon + DAY)
    gone = Person.get_by_id(rui.id)
    assert (gone.name, gone.state, gone.phone, gone.password_hash) == ("", "closed", None, None)
    assert gone.phone_index is gone.phone_last4 is None
    assert Person.by_phone(PHONE) is None
    assert not RoleGrant.select().where(RoleGrant.person == rui).exists()
    assert Session.of(rui, at=noon) == []
    assert Consent.of(rui)[0].withdrawn_at == noon + DAY
    assert "芮一" not in everything()


def test_totals_and_rows_stay(rui, town, noon):
    before = [list(table.select().tuples()) for table in (VisitHour, VisitMonth)]
    close(rui, at=noon)
    assert Visit.select().where(Visit.station == town.spring.id).count() == 1
    finish(at=noon + 8 * DAY)
    assert [list(table.select().tuples()) for table in (VisitHour, VisitMonth)] == before
    assert Visit.get(Visit.station == town.spring.id).actor is None
    assert set(recount().values()) == {0}


def test_twice_is_once(rui, noon):
    close(rui, at=noon)
    close(rui, at=noon + DAY)
    assert Farewell.get().closed_at == noon
    assert Trail.select().where(Trail.what == "account closed").count() == 1


def test_within_seven_days_it_comes_back_as_it_was(rui, noon):
    password = Person.get_by_id(rui.id).password_hash
    close(rui, at=noon)
    found = Farewell.by_phone(PHONE, at=noon + 7 * DAY - MOMENT)
    person = undo(found, at=noon + 7 * DAY - MOMENT)
    assert person and (person.name, person.phone, person.state) == ("芮一", PHONE, "confirmed")
    assert Person.by_phone(PHONE) == rui and Person.get_by_id(rui.id).password_hash == password
    assert Employment.now(rui).sub_kind == "truck"
    assert Consent.of(rui)[0].withdrawn_at is None
    assert Visit.get().actor == rui.id
    assert not Farewell.select().exists()
    assert [line.what for line in Trail.select().order_by(Trail.seq)] == [
        "taken: rider",
        "account closed",
        "closing undone",
    ]


def test_roles_do_not_come_back_by_themselves_but_that_of_a_partner(town, noon):
    close(town.kim, at=noon)
    undo(Farewell.by_phone("13800000003", at=noon), at=noon)
    assert [grant.role for grant in granting.held(town.kim, at=noon)] == ["rider"]


def test_after_seven_days_it_does_not(rui, noon):
    close(rui, at=noon)
    farewell = Farewell.get()
    assert Farewell.by_phone(PHONE, at=noon + 7 * DAY) is None
    assert undo(farewell, at=noon + 7 * DAY) is None
    assert Person.get_by_id(rui.id).state == "closed"


def test_after_that_nothing_is_left_to_undo_it_with(rui, noon):
    close(rui, at=noon)
    assert finish(at=noon + 7 * DAY - MOMENT) == 0
    assert finish(at=noon + 7 * DAY) == 1
    assert not Farewell.select().exists() and not Employment.select().exists()
    assert finish(at=noon + 8 * DAY) == 0


def test_where_the_number_has_a_new_account_the_old_one_stays_closed(rui, noon):
    close(rui, at=noon)
    with writing():
        Person.register(name="新人", phone=PHONE, at=noon)
    assert undo(Farewell.get(), at=noon) is None
    assert Person.get_by_id(rui.id).state == "closed"


def test_a_number_that_says_farewell_twice_can_undo_the_last(rui, noon):
    close(rui, at=noon)
    with writing():
        second = Person.register(name="新人", phone=PHONE, at=noon)
    close(second, at=noon + DAY)
    assert Farewell.by_phone(PHONE, at=noon + DAY).person_id == second.id


def test_somebody_without_a_phone_can_close_too(town, noon):
    with writing():
        Person.update(phone_sealed=None, phone_index=None, phone_last4=None).where(Person.id == town.rui.id).execute()
    close(town.rui, at=noon)
    close(town.ray, at=noon)
    assert Person.select().where(Person.state == "closed").count() == 2


def test_what_is_kept_to_undo_it_cannot_be_read(rui, noon):
    close(rui, at=noon)
    sealed = Farewell.get().kept_sealed
    assert sealed.startswith("v1.") and "芮" not in sealed and PHONE not in sealed
    assert farewells.UNDO == 7 * DAY


def test_a_second_account_of_a_phone_that_is_closed_too_lets_the_first_go_for_good(rui, town, noon):
    close(rui, at=noon)
    with writing():
        second = Person.register(name="芮新", phone=PHONE, at=noon + DAY)
    close(second, at=noon + 2 * DAY)
    assert Visit.get(Visit.station == town.spring.id).actor is None, "nobody can have it back"
    assert not Employment.select().where(Employment.person == rui).exists()
    assert [farewell.person_id for farewell in Farewell.select()] == [second.id]


def test_accounts_without_a_phone_are_closed_each_by_itself(town, noon):
    for person in (town.rui, town.ray):
        with writing():
            entry.let_go(Person.get_by_id(person.id), at=noon)
        close(person, at=noon)
    assert {farewell.person_id for farewell in Farewell.select()} == {town.rui.id, town.ray.id}
    (made,) = Farewell.kept.found_by.values()
    assert {made(farewell.kept) for farewell in Farewell.select()} == {None}, "they can be rotated"


def test_no_number_goes_to_an_account_that_was_closed_meanwhile(town, noon):
    caller = Caller("d" * 32, "198.51.100.7")
    proof = carry("13900000009", "change", caller, now=noon)
    close(town.rui, at=noon)
    with pytest.raises(Refused, match="closed"):
        entry.change_phone(town.rui, "13900000009", proof, caller, at=noon)
    assert Person.by_phone("13900000009") is None


def test_a_device_of_somebody_without_any_role_is_not_signed_in_again_by_undoing(town, noon):
    with writing():
        RoleGrant.delete().where(RoleGrant.person == town.rui).execute()
    token = Session.start(town.rui, at=noon)
    close(town.rui, at=noon)
    undo(Farewell.by_phone(PHONE, at=noon), at=noon)
    assert Session.person_of(token, at=noon) is None
