"""A session that is not one: forged, fixed, stolen, over. None of them opens anything (R26)."""

import datetime as dt

import pytest

from models import farewells, granting
from models._database import db, writing
from models.people import Person, RoleGrant
from models.sessions import Session
from tests._phone import Phone

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def opens(app, sid, now, name="") -> bool:
    """Does this cookie open 我的?"""
    phone = Phone(app, now)
    return phone.set(name or app.sid, sid).get("/me/").status_code == 200


@pytest.fixture
def sid(town, noon):
    """The cookie of a phone that somebody else has got hold of."""
    return Session.start(town.rui, at=noon)


def test_as_long_as_nothing_happens_it_is_good(app, sid, noon):
    assert opens(app, sid, noon)


def signs_out(town, phone, noon):
    phone.post("/sign-out")


def signs_out_from_another(town, phone, noon):
    Phone(phone.app).sign_in(town.rui).post("/me/devices/end", {"all": "1"})


def sets_a_password(town, phone, noon):
    Phone(phone.app).sign_in(town.rui).post("/me/password", {"password": "a new winter"})


def closes(town, phone, noon):
    farewells.close(town.rui, at=noon)


def is_closed_behind_its_back(town, phone, noon):
    with writing():
        Person.update(state="closed").where(Person.id == town.rui.id).execute()


def gets_a_role(town, phone, noon):
    granting.give(town.rui, "keeper", "SF001", ends_at=None, by=town.olga, at=noon)


def loses_a_role(town, phone, noon):
    granting.take(RoleGrant.get(RoleGrant.person == town.rui), by=town.olga, at=noon)


@pytest.mark.parametrize(
    "happens",
    [
        signs_out,
        signs_out_from_another,
        sets_a_password,
        closes,
        is_closed_behind_its_back,
        gets_a_role,
        loses_a_role,
    ],
)
def test_after_this_it_is_no_longer(happens, town, app, sid, noon):
    happens(town, Phone(app).set(app.sid, sid).set("who", town.rui.tag), noon)
    assert not opens(app, sid, noon)


@pytest.mark.parametrize("later", [30 * DAY, 31 * DAY, 200 * DAY])
def test_when_its_time_is_over_it_is_no_longer(later, app, sid, noon):
    assert not opens(app, sid, noon + later)


def test_used_each_week_it_ends_all_the_same(town, app, sid, noon):
    for week in range(1, 26):
        opens(app, sid, noon + 7 * week * DAY)
    assert not opens(app, sid, noon + 181 * DAY)


def test_what_the_database_keeps_of_it_opens_nothing(app, sid, noon):
    (kept,) = db.execute_sql("SELECT token_hash FROM session").fetchone()
    for forged in (bytes(kept).hex(), sid.upper(), sid[:-1], sid + "A", sid[::-1], "", "%", "' OR 1=1 --", "A" * 5000):
        assert not opens(app, forged, noon), forged


@pytest.mark.parametrize("place", range(0, 43, 7))
def test_with_one_letter_changed_it_opens_nothing(place, app, sid, noon):
    assert not opens(app, sid[:place] + ("A" if sid[place] != "A" else "B") + sid[place + 1 :], noon)


def test_a_session_chosen_by_somebody_else_is_not_taken_over(town, phone):
    planted = "p" * 43
    phone.set(phone.app.sid, planted)
    phone.post("/sign-in/password", {"phone": "13800000001", "password": "warm-rui", "next": ""})
    assert phone.cookie("sid") != planted
    assert not opens(phone.app, planted, phone.now)


def test_signing_in_anew_ends_the_session_before_it(town, phone):
    form = {"phone": "13800000001", "password": "warm-rui", "next": ""}
    phone.post("/sign-in/password", form)
    before = phone.cookie("sid")
    phone.post("/sign-in/password", form)
    assert phone.cookie("sid") != before and not opens(phone.app, before, phone.now)


def test_behind_https_a_cookie_that_is_not_bound_to_the_host_is_not_read(town, real_app, sid, noon):
    assert opens(real_app, sid, noon)
    assert not opens(real_app, sid, noon, name="sid")


def test_the_readable_tag_opens_nothing(town, app, noon):
    phone = Phone(app, noon).set("who", town.rui.tag)
    assert phone.get("/me/").status_code == 303
