"""Roles given and taken, invitations to them, and posts handed over."""

import datetime as dt

import pytest

from models import farewells, granting, invitations
from models._database import writing
from models._record import Refused
from models._trail import Trail
from models.invitations import LIFE, Invitation
from models.people import Person, RoleGrant
from models.roles import ROLES
from models.sessions import TWICE, Session
from tests import _crowd

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MOMENT = dt.timedelta(milliseconds=1)


def administrator(name, noon, ends_at=None):
    with writing():
        person = Person.create(name=name, created_at=noon)
        RoleGrant.create(person=person, role="administrator", ends_at=ends_at)
    return person


@pytest.fixture
def ada(town, noon):
    return administrator("艾达", noon)


def give(person, role="keeper", scope="SF003", *, ends_at=None, by, at):
    return granting.give(person, role, scope, ends_at=ends_at, by=by, at=at)


def roles_of(person, at):
    return {(grant.role, grant.scope) for grant in granting.held(person, at=at)}


def refused(act, *arguments, **more):
    with pytest.raises(Refused) as no:
        act(*arguments, **more)
    return no.value.code


def told():
    return [(line.subject, line.what, line.actor) for line in Trail.select().order_by(Trail.seq)]


# Giving.


def test_a_role_is_given_for_a_place_until_a_day_and_the_trail_says_so(town, ada, noon):
    grant = give(town.rui, ends_at=noon + DAY, by=ada, at=noon)
    assert ("keeper", "SF003") in roles_of(town.rui, noon + DAY - MOMENT)
    assert ("keeper", "SF003") not in roles_of(town.rui, noon + DAY)
    grant = RoleGrant.get_by_id(grant.id)
    assert (grant.given_by, grant.given_at) == (ada.id, noon)
    assert told() == [(f"person:{town.rui.ref}", "given: keeper SF003 until 2024-09-20T04:00Z", ada.id)]


@pytest.mark.parametrize(
    "role, scope, code",
    [
        ("keeper", "", "place"),
        ("keeper", "999999101", "place"),
        ("keeper", "SF999", "place"),
        ("keeper", "SF001\0", "place"),
        ("keeper", "x" * 5000, "place"),
        ("officer", "SF001", "place"),
        ("officer", "999999101", "place"),
        ("town_officer", "", "place"),
        ("town_officer", "370812001", "place"),
        ("unit_head", "", "place"),
        ("unit_head", "999999101", "place"),
        ("unit_head", "unions", "place"),
        ("guide", "", "place"),
        ("guide", "SF001", "place"),
        ("keeper", "union", "place"),
        ("officer", "union", "place"),
        ("rider", "", "place"),
        ("king", "", "place"),
    ],
)
def test_a_role_is_not_given_for_a_place_of_another_kind(role, scope, code, town, ada, noon):
    assert refused(give, town.rui, role, scope, by=ada, at=noon) == code
    assert roles_of(town.rui, noon) == {("rider", "")} and told() == []


@pytest.mark.parametrize(
    "role, scope",
    [
        ("keeper", "SF001"),
        ("town_officer", "999999101"),
        ("coordinator", "999999101"),
        ("coordinator", ""),
        ("unit_head", "union"),
        ("handler", "street-jia"),
        ("handler", ""),
        ("guide", "committee-courier"),
        ("guide", "999999101"),
    ],
)
def test_and_it_is_for_one_of_its_own(role, scope, town, ada, noon):
    give(town.rui, role, scope, by=ada, at=noon)
    assert (role, scope) in roles_of(town.rui, noon)


@pytest.mark.no_database
def test_every_role_that_is_offered_names_a_place_there_is():
    for role, kinds in granting.grantable().items():
        assert kinds and set(kinds) <= set(ROLES[role].scopes) & {"station", "unit", "town", "merchant", "district"}
    assert "rider" not in granting.grantable()


def test_nobody_gives_a_role_to_themselves(town, ada, noon):
    assert refused(give, ada, by=ada, at=noon) == "self"
    assert roles_of(ada, noon) == {("administrator", "")}


@pytest.mark.parametrize("ago", [dt.timedelta(0), MOMENT, 400 * DAY])
def test_an_end_in_the_past_is_refused(ago, town, ada, noon):
    assert refused(give, town.rui, ends_at=noon - ago, by=ada, at=noon) == "past"


def test_a_closed_account_is_given_nothing(town, ada, noon):
    farewells.close(town.rui, at=noon)
    assert refused(give, town.rui, by=ada, at=noon) == "closed"


def test_giving_twice_is_once(town, ada, noon):
    first = give(town.rui, ends_at=noon + DAY, by=ada, at=noon)
    token = Session.start(town.rui, at=noon)
    again = give(Person.get_by_id(town.rui.id), ends_at=noon + DAY, by=ada, at=noon + HOUR)
    assert again.id == first.id and len(told()) == 1
    assert Session.person_of(token, at=noon + HOUR), "nothing changed, so nobody is signed out"


def test_another_end_changes_the_end_and_a_role_that_ended_can_be_given_again(town, ada, noon):
    first = give(town.rui, ends_at=noon + DAY, by=ada, at=noon)
    assert give(town.rui, ends_at=noon + 9 * DAY, by=ada, at=noon).id == first.id
    assert ("keeper", "SF003") in roles_of(town.rui, noon + 8 * DAY)
    give(town.rui, by=ada, at=noon + 30 * DAY)
    assert ("keeper", "SF003") in roles_of(town.rui, noon + 400 * DAY)
    assert RoleGrant.select().where(RoleGrant.person == town.rui).count() == 2 and len(told()) == 3


def test_giving_at_the_same_moment_is_once(town, noon, crowd):
    became = crowd.do(_crowd.give_role_elsewhere, town.url, town.rui.id, "keeper", "SF003", noon)
    assert became == ["given"] * 4
    assert len(told()) == 1 and RoleGrant.select().where(RoleGrant.person == town.rui).count() == 2


def test_a_change_of_roles_signs_all_devices_of_that_person_out(town, ada, noon):
    mine, others = [Session.start(town.rui, at=noon) for _ in range(2)], Session.start(town.ray, at=noon)
    grant = give(town.rui, by=ada, at=noon)
    assert not any(Session.person_of(token, at=noon) for token in mine)
    assert Session.person_of(others, at=noon)
    again = Session.start(town.rui, at=noon)
    granting.take(grant, by=ada, at=noon)
    assert Session.person_of(again, at=noon) is None


# Taking.


def test_what_was_taken_is_no_longer_held_and_taking_twice_is_once(town, ada, noon):
    grant = RoleGrant.get(person=town.kim)
    for _ in range(2):
        granting.take(grant, by=ada, at=noon)
    assert roles_of(town.kim, noon) == set()
    assert told() == [(f"person:{town.kim.ref}", "taken: keeper SF001", ada.id)]


def the_grant(person):
    return RoleGrant.get(person=person, role="administrator")


def test_the_last_administrator_stays(town, ada, noon):
    assert refused(granting.take, the_grant(ada), by=ada, at=noon) == "last-administrator"
    bea = administrator("贝", noon)
    granting.take(the_grant(ada), by=ada, at=noon)
    assert refused(granting.take, the_grant(bea), by=ada, at=noon) == "last-administrator"
    assert roles_of(bea, noon) == {("administrator", "")}


def test_nor_can_the_last_one_run_out(town, ada, noon):
    bea = administrator("贝", noon, ends_at=noon + DAY)
    assert refused(granting.take, the_grant(ada), by=bea, at=noon) == "last-administrator", "the other one will end"
    assert refused(give, ada, "administrator", "", ends_at=noon + DAY, by=bea, at=noon) == "last-administrator"
    give(bea, "administrator", "", by=ada, at=noon)
    give(ada, "administrator", "", ends_at=noon + DAY, by=bea, at=noon)
    assert roles_of(ada, noon + DAY) == set()


def test_nor_close_the_account_and_leave(town, ada, noon):
    assert refused(granting.leave, ada, at=noon) == "last-administrator"
    bea = administrator("贝", noon)
    granting.leave(ada, at=noon)
    assert roles_of(ada, noon) == set() and roles_of(bea, noon)


def test_two_administrators_who_remove_each_other_at_once_are_not_both_removed(town, ada, noon, crowd):
    bea = administrator("贝", noon)
    for _ in range(5):
        each = [(the_grant(bea).id, ada.id, noon), (the_grant(ada).id, bea.id, noon)] * 2
        became = crowd.do(_crowd.take_role_elsewhere, town.url, each=each)
        left = RoleGrant.select().where(RoleGrant.role == "administrator")
        assert left.count() == 1 and "last-administrator" in became
        gone = ada if left.get().person == bea else bea
        with writing():
            RoleGrant.create(person=gone, role="administrator")


# Invitations.


@pytest.fixture
def invited(town, ada, noon):
    return invitations.invite("keeper", "SF003", grant_ends_at=noon + 90 * DAY, by=ada, at=noon)


def standing(person, at):
    """The person as a request sees them: at a device."""
    return Session.person_of(Session.start(person, at=at), at=at)


def accept(made, person, at):
    return invitations.accept(Invitation.of(made.token), by=standing(person, at), at=at)


def test_whoever_opens_the_link_holds_the_role_at_once(town, ada, invited, noon):
    device = accept(invited, town.rui, noon + HOUR)
    person = Session.person_of(device, at=noon + HOUR)
    assert person == town.rui and person.scopes("keeper") == ["SF003"]
    assert ("keeper", "SF003") not in roles_of(town.rui, noon + 90 * DAY)
    subject = f"invitation:{invited.invitation.ref}"
    assert told() == [
        (subject, "made: keeper SF003", ada.id),
        (f"person:{town.rui.ref}", "given: keeper SF003 until 2024-12-18T04:00Z", ada.id),
        (subject, f"used by person:{town.rui.ref}: keeper SF003", town.rui.id),
    ]


def test_the_device_gets_a_new_token_and_the_others_are_signed_out(town, invited, noon):
    old, other = (Session.start(town.rui, at=noon) for _ in range(2))
    new = invitations.accept(invited.invitation, by=Session.person_of(old, at=noon), at=noon + HOUR)
    assert Session.person_of(old, at=noon + HOUR).grants == (), "for a second press it says who, and opens nothing"
    assert Session.person_of(old, at=noon + HOUR + TWICE) is None and Session.person_of(other, at=noon + HOUR) is None
    assert Session.person_of(new, at=noon + HOUR).session_proved < (noon + HOUR).timestamp() * 1000, "it is no proof"
    assert Session.person_of(new, at=noon + HOUR + 7 * DAY) is None, "and lives as long as a keeper's"


@pytest.mark.parametrize("typed", [str.lower, lambda t: t.replace("0", "O").replace("1", "l"), str])
def test_a_link_is_known_however_it_was_typed_and_only_its_hash_is_kept(typed, invited):
    assert Invitation.of(typed(invited.token)) == invited.invitation
    assert invited.token.encode() not in bytes(invited.invitation.token_hash) and len(invited.token) == 26


@pytest.mark.parametrize("token", ["", "x", "0" * 26, "\0", "é🛵", "\ud800", "x" * 100_000])
def test_a_forged_link_is_nobodys(token, invited):
    assert Invitation.of(token) is None


def test_it_works_once_and_for_who_used_it_twice_is_once(town, invited, noon):
    accept(invited, town.rui, noon)
    assert accept(invited, town.rui, noon) is None
    assert refused(accept, invited, town.ray, noon) == "over"
    assert roles_of(town.ray, noon) == {("rider", "")}


def test_at_the_same_moment_one_wins(town, invited, noon, crowd):
    people = [town.rui, town.ray, town.lee, town.olga]
    became = crowd.do(_crowd.accept_elsewhere, town.url, invited.token, each=[(p.id, noon) for p in people])
    assert sorted(became) == ["accepted", "over", "over", "over"]
    assert RoleGrant.select().where(RoleGrant.scope == "SF003").count() == 1


def test_it_lives_for_seven_days(town, invited, noon):
    assert invited.invitation.over(noon + LIFE - MOMENT) == ""
    assert refused(accept, invited, town.rui, noon + LIFE) == "over"


def test_it_can_be_taken_back_before_it_is_used(town, ada, invited, noon):
    for _ in range(2):
        invitations.revoke(invited.invitation, by=ada, at=noon)
    assert refused(accept, invited, town.rui, noon) == "over"
    assert [what for _, what, _ in told()] == ["made: keeper SF003", "taken back: keeper SF003"]


def test_but_not_afterwards(town, ada, invited, noon):
    accept(invited, town.rui, noon)
    assert refused(invitations.revoke, invited.invitation, by=ada, at=noon) == "used"


def test_nobody_accepts_what_they_made_themselves(ada, invited, noon):
    assert refused(accept, invited, ada, noon) == "own"


def test_what_a_former_administrator_made_opens_nothing(town, ada, invited, noon):
    administrator("贝", noon)
    granting.take(the_grant(ada), by=None, at=noon)
    assert refused(accept, invited, town.rui, noon) == "over"


def test_an_invitation_never_shortens_what_is_held(town, ada, invited, noon):
    give(town.rui, by=ada, at=noon)
    accept(invited, town.rui, noon)
    assert ("keeper", "SF003") in roles_of(town.rui, noon + 400 * DAY)


@pytest.mark.parametrize(
    "role, scope, end, code",
    [("keeper", "", None, "place"), ("king", "", None, "place"), ("officer", "", -DAY, "past")],
)
def test_an_invitation_is_for_what_can_be_given(role, scope, end, code, town, ada, noon):
    ends_at = noon + end if end else None
    assert refused(invitations.invite, role, scope, grant_ends_at=ends_at, by=ada, at=noon) == code
    assert not Invitation.select().exists()


def test_a_place_that_is_gone_or_a_day_that_has_passed_is_noticed_when_it_is_used(town, ada, noon):
    made = invitations.invite("keeper", "SF003", grant_ends_at=noon + DAY, by=ada, at=noon)
    assert refused(accept, made, town.rui, noon + 2 * DAY) == "over"
    assert made.invitation.over(noon + DAY) == "The time for which this role was meant has passed."
    assert Invitation.get_by_id(made.invitation.id).used_at is None


def test_the_operators_own_makes_the_first_administrator(town, noon):
    made = invitations.invite("administrator", "", grant_ends_at=None, by=None, at=noon)
    accept(made, town.rui, noon)
    assert ("administrator", "") in roles_of(town.rui, noon)
    assert {actor for _, _, actor in told()} == {0, town.rui.id}


# Handing over.


def post(person):
    return RoleGrant.get(RoleGrant.person == person, RoleGrant.scope != "")


def test_a_post_goes_over_in_one_moment(town, noon):
    made = invitations.hand_over(post(town.kim), by=town.kim, at=noon)
    assert roles_of(town.kim, noon) == {("keeper", "SF001")}, "until somebody accepts"
    kims = Session.start(town.kim, at=noon)
    accept(made, town.rui, noon)
    assert roles_of(town.kim, noon) == set() and ("keeper", "SF001") in roles_of(town.rui, noon)
    assert Session.person_of(kims, at=noon) is None
    assert [(subject.partition(":")[2], what) for subject, what, _ in told()][1:3] == [
        (town.rui.ref, "given: keeper SF001"),
        (town.kim.ref, "taken: keeper SF001"),
    ]


def test_a_post_goes_over_with_the_end_it_has_by_then(town, ada, noon):
    made = invitations.hand_over(post(town.kim), by=town.kim, at=noon)
    granting.give(town.kim, "keeper", "SF001", ends_at=noon + DAY, by=ada, at=noon)
    accept(made, town.rui, noon)
    assert RoleGrant.get(person=town.rui, role="keeper").ends_at == noon + DAY


def test_at_the_same_moment_one_takes_over(town, noon, crowd):
    made = invitations.hand_over(post(town.kim), by=town.kim, at=noon)
    people = [town.rui, town.ray, town.rui, town.ray]
    became = crowd.do(_crowd.accept_elsewhere, town.url, made.token, each=[(p.id, noon) for p in people])
    assert sorted(became) in (["None", "accepted", "over", "over"],)
    assert RoleGrant.select().where(RoleGrant.scope == "SF001").count() == 1


def test_a_keeper_does_not_hand_over_anothers_station(town, noon):
    assert refused(invitations.hand_over, post(town.lee), by=town.kim, at=noon) == "not-yours"
    assert not Invitation.select().exists()


def test_nor_a_post_that_has_ended_meanwhile(town, ada, noon):
    made = invitations.hand_over(post(town.kim), by=town.kim, at=noon)
    grant = post(town.kim)
    granting.take(grant, by=ada, at=noon)
    assert refused(invitations.hand_over, grant, by=town.kim, at=noon) == "not-yours"
    assert refused(accept, made, town.rui, noon) == "over"
    assert roles_of(town.rui, noon) == {("rider", "")}


def test_roles_for_the_whole_district_are_given_by_administrators_alone(town, ada, noon):
    for person, grant in ((ada, the_grant(ada)), (town.olga, RoleGrant.get(person=town.olga))):
        assert refused(invitations.hand_over, grant, by=person, at=noon) == "not-yours"


# Finding people.


def test_people_are_found_by_how_their_name_begins(town, noon):
    with writing():
        for name in ("金", "金三丰", "全", "Kim", "kim", "金三", "%", "金%"):
            Person.create(name=name, created_at=noon)
    assert [p.name for p in Person.named("金")] == ["金", "金%", "金三", "金三", "金三丰"]
    assert [p.name for p in Person.named("金三")] == ["金三", "金三", "金三丰"]
    assert [p.name for p in Person.named("K")] == ["Kim"] and [p.name for p in Person.named("%")] == ["%"]


def test_that_reads_no_whole_table(engine, town, noon):
    engine.fill("person", "ref, uid, name, state, created_at", "'r' || i, 'u', 'name ' || i, 'confirmed', 0", 20_000)
    statement, values = Person.named("name 77").limit(21).sql()
    assert engine.scans(statement, values) == []
