"""The administrator's pages of roles, invitations, handing over, and the table of who may do what."""

import datetime as dt
import re
from urllib.parse import quote

import pytest

from models import granting
from models._database import db, writing
from models._trail import Trail
from models.invitations import Invitation
from models.people import Person, RoleGrant
from models.roles import PERMISSIONS, ROLES
from models.sessions import TWICE, Session

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def found(answer):
    return [link for link in answer.page.links() if re.fullmatch(r"/roles/[0-9A-Z]{10}", link)]


def roles_of(person, at):
    return {(grant.role, grant.scope) for grant in granting.held(person, at=at)}


# Looking for people.


def test_a_person_is_found_by_the_whole_number_and_by_the_beginning_of_the_name(town, admin):
    for sought in ("13800000003", "138 0000 0003", "+86 138-0000-0003"):
        answer = admin.post("/roles/", data={"q": sought})
        assert (answer.status_code, answer.location) == (303, f"/roles/{town.kim.ref}"), sought
        assert not found(admin.get(f"/roles/?q={quote(sought)}")), "no number in an address"
    for sought in ("金", "金三"):
        answer = admin.get(admin.post("/roles/", data={"q": sought}).location)
        assert found(answer) == [f"/roles/{town.kim.ref}"], sought
        assert "金*" in answer.page.text and "金三" not in answer.page.text.replace(sought, "")
        assert "站长" in answer.page.text and "13800000003" not in answer.page.text


@pytest.mark.parametrize(
    "sought", ["1380000000", "0003", "138", "13900000000", "三", "x", "%", "_", "*", "\0", "🛵" * 60]
)
def test_nobody_is_found_by_a_part_of_the_number_or_by_chance(sought, town, admin):
    answer = admin.get("/roles/", query_string={"q": sought})
    assert answer.status_code == 200 and found(answer) == []
    posted = admin.post("/roles/", data={"q": sought})
    if posted.status_code == 303:
        posted = admin.get(posted.location)
    assert posted.status_code == 200 and found(posted) == []


def test_many_of_one_name_come_in_pages_of_twenty(town, admin, noon):
    with writing():
        for n in range(23):
            Person.create(name=f"王{n}", created_at=noon)
        Person.create(name="王二", state="closed", created_at=noon)
    first = admin.get("/roles/?q=王")
    (more,) = [link for link in first.page.links() if "page=2" in link]
    assert len(found(first)) == 20 and len(found(admin.get(more))) == 3
    for nonsense in ("0", "x", "9" * 30):
        assert admin.get(f"/roles/?q=王&page={nonsense}").status_code == 404


def test_a_page_of_people_asks_for_their_roles_at_once(town, admin, engine, noon):
    with writing():
        for n in range(20):
            person = Person.create(name=f"王{n}", created_at=noon)
            RoleGrant.create(person=person, role="keeper", scope=f"SF00{1 + n % 3}")
    admin.get("/roles/?q=王")
    with engine.statements() as told:
        admin.get("/roles/?q=王")
    assert len(told) <= 5, told


def test_a_persons_page_shows_masks_alone(town, admin):
    text = admin.get(f"/roles/{town.kim.ref}").page.text
    assert "金*" in text and "138****0003" in text and "春风社区服务站" in text
    assert "金三" not in text and "13800000003" not in text


@pytest.mark.parametrize("ref", ["0000000000", "x", "%00", "é" * 10, "A" * 500])
def test_a_person_that_is_not_there_is_a_404(ref, town, admin):
    assert admin.get(f"/roles/{ref}").status_code == 404
    assert admin.post(f"/roles/{ref}/grants", {"role": "officer"}).status_code == 404


def test_nor_is_one_who_closed_the_account(town, admin):
    with writing():
        Person.update(state="closed").where(Person.id == town.rui.id).execute()
    assert admin.get(f"/roles/{town.rui.ref}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/roles/ABC%00EFGHIJ/grants", "/roles/invitations/A%00/revocation", "/me/handover/A%00/revocation"]
)
def test_a_name_that_the_database_cannot_hold_is_nobodys(path, admin):
    assert admin.post(path).status_code == 404


# Giving and taking.


def give(phone, person, **form):
    return phone.post(f"/roles/{person.ref}/grants", {"role": "", "station": "", "town": "", "until": ""} | form)


@pytest.mark.parametrize(
    "form, grant",
    [
        ({"role": "keeper", "station": "SF003"}, ("keeper", "SF003")),
        ({"role": "town_officer", "town": "999999101"}, ("town_officer", "999999101")),
        ({"role": "coordinator", "town": "999999101"}, ("coordinator", "999999101")),
        ({"role": "coordinator"}, ("coordinator", "")),
        ({"role": "unit_head", "unit": "union"}, ("unit_head", "union")),
        ({"role": "guide", "unit": "street-jia"}, ("guide", "street-jia")),
        ({"role": "handler"}, ("handler", "")),
        ({"role": "officer"}, ("officer", "")),
        ({"role": "administrator"}, ("administrator", "")),
    ],
)
def test_a_role_is_given_for_its_kind_of_place(form, grant, town, admin):
    answer = give(admin, town.rui, **form)
    assert (answer.status_code, answer.location) == (303, f"/roles/{town.rui.ref}")
    assert grant in roles_of(town.rui, admin.now)
    assert give(admin, town.rui, **form).status_code == 303, "twice is once"
    assert Trail.select().where(Trail.subject == f"person:{town.rui.ref}").count() == 1


@pytest.mark.parametrize("written", ["2024-12-31", "2024/12/31", "2024.12.31", "２０２４－１２－３１", " 2024-12-31 "])
def test_the_last_day_is_a_whole_day(written, town, admin):
    give(admin, town.rui, role="keeper", station="SF003", until=written)
    last = dt.datetime(2024, 12, 31, 23, 59, tzinfo=admin.now.tzinfo)
    assert ("keeper", "SF003") in roles_of(town.rui, last)
    assert ("keeper", "SF003") not in roles_of(town.rui, last + dt.timedelta(minutes=1))
    assert "2024-12-31" in admin.get(f"/roles/{town.rui.ref}").page.text


@pytest.mark.parametrize(
    "form, words",
    [
        ({}, "请选角色"),
        ({"role": "king"}, "请选角色"),
        ({"role": "rider"}, "请选角色"),
        ({"role": "unit_head"}, "请选地方"),
        ({"role": "unit_head", "town": "999999101"}, "不管这种地方"),
        ({"role": "unit_head", "unit": "nobody"}, "从单子里选"),
        ({"role": "keeper", "unit": "union"}, "不管这种地方"),
        ({"role": "keeper"}, "请选地方"),
        ({"role": "town_officer"}, "请选地方"),
        ({"role": "keeper", "town": "999999101"}, "不管这种地方"),
        ({"role": "officer", "station": "SF001"}, "不管这种地方"),
        ({"role": "officer", "town": "999999101"}, "不管这种地方"),
        ({"role": "keeper", "station": "SF999"}, "从单子里选"),
        ({"role": "keeper", "station": "\0"}, "从单子里选"),
        ({"role": "keeper", "station": "SF003", "until": "soon"}, "2024-12-31"),
        ({"role": "keeper", "station": "SF003", "until": "2024-02-30"}, "2024-12-31"),
        ({"role": "keeper", "station": "SF003", "until": "9999-12-31"}, "2024-12-31"),
        ({"role": "keeper", "station": "SF003", "until": "2024-9-18"}, "已经过了"),
        ({"role": "keeper", "station": "SF003", "until": "1" * 10_000}, "2024-12-31"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_given(form, words, town, admin):
    answer = give(admin, town.rui, **form)
    assert answer.status_code == 422 and words in answer.page.text
    wrong = [f for tag in ("input", "select") for f in answer.page.all(tag) if f.get("aria-invalid")]
    assert wrong, "it is said which field"
    chosen = {option["value"] for option in answer.page.all("option") if "selected" in option} - {""}
    assert chosen >= {form.get("role")} & set(granting.grantable()), "what was chosen stays chosen"
    assert roles_of(town.rui, admin.now) == {("rider", "")}


def test_today_is_a_last_day_that_has_not_passed(town, admin):
    assert give(admin, town.rui, role="keeper", station="SF003", until="2024-09-19").status_code == 303


def test_nobody_gives_a_role_to_themselves(ada, admin):
    answer = give(admin, ada, role="officer")
    assert answer.status_code == 422 and "自己" in answer.page.text
    assert roles_of(ada, admin.now) == {("administrator", "")}
    assert not [form for form in admin.get(f"/roles/{ada.ref}").page.all("form") if form["action"].endswith("/grants")]


def take(phone, person, grant):
    return phone.post(f"/roles/{person.ref}/grants/{grant}/end")


def test_a_role_is_taken_with_one_press_and_twice_is_once(town, admin, new_phone):
    kim = new_phone().sign_in(town.kim)
    grant = RoleGrant.get(person=town.kim)
    (form,) = [form for form in admin.get(f"/roles/{town.kim.ref}").page.all("form") if form["action"].endswith("/end")]
    for _ in range(2):
        answer = admin.post(form["action"])
        assert (answer.status_code, answer.location) == (303, f"/roles/{town.kim.ref}")
    assert not RoleGrant.select().where(RoleGrant.id == grant.id).exists()
    assert kim.get("/desk/").location.startswith("/sign-in"), "and the devices are signed out"


def test_a_grant_of_somebody_else_is_not_taken(town, admin):
    assert take(admin, town.rui, RoleGrant.get(person=town.kim).id).status_code == 303
    assert take(admin, town.rui, 10**30).status_code == 404
    assert roles_of(town.kim, admin.now) == {("keeper", "SF001")}


def test_the_last_administrator_cannot_be_taken_away(ada, admin):
    answer = take(admin, ada, RoleGrant.get(person=ada).id)
    assert answer.status_code == 409 and "最后一位管理员" in answer.page.text
    assert roles_of(ada, admin.now) == {("administrator", "")}


@pytest.mark.parametrize("who", ["rui", "kim", "olga"])
def test_others_neither_see_nor_do_it(who, town, ada, new_phone):
    phone = new_phone().sign_in(getattr(town, who))
    for path in ("/roles/", f"/roles/{town.rui.ref}", "/roles/invitations"):
        assert phone.get(path).status_code == 403
    assert give(phone, town.rui, role="officer").status_code == 403
    assert take(phone, town.kim, RoleGrant.get(person=town.kim).id).status_code == 403
    assert phone.post("/roles/invitations", {"role": "officer"}).status_code == 403
    assert not Invitation.select().exists() and roles_of(town.rui, phone.now) == {("rider", "")}


# Invitations.


def invite(phone, **form):
    return phone.post("/roles/invitations", {"role": "keeper", "station": "SF003", "town": "", "until": ""} | form)


def link_of(answer):
    assert answer.status_code == 201
    (link,) = [field["value"] for field in answer.page.all("input") if field.get("id") == "link"]
    return link.removeprefix("http://localhost")


@pytest.fixture
def link(town, admin):
    return link_of(invite(admin))


def test_the_link_is_shown_once_as_text_and_as_a_picture(town, admin):
    answer = invite(admin, until="2024-12-31")
    link = link_of(answer)
    assert re.fullmatch(r"/invited/[0-9A-Z]{26}", link) and "2024-12-31" in answer.page.text
    assert [svg for svg in answer.page.all("svg") if svg.get("role") == "img"]
    listed = admin.get("/roles/invitations")
    assert link not in listed.get_data(as_text=True) and "等到" in listed.page.text
    assert link.rpartition("/")[2] not in repr(db.execute_sql("SELECT * FROM invitation").fetchall())


def test_an_invitation_can_be_for_a_unit(town, admin):
    answer = invite(admin, role="unit_head", station="", unit="union")
    assert answer.status_code == 201 and "示范区总工会" in answer.page.text
    assert (Invitation.get().role, Invitation.get().scope) == ("unit_head", "union")
    assert "示范区总工会" in admin.get("/roles/invitations").page.text


def test_an_invitation_to_nothing_is_not_made(town, admin):
    assert invite(admin, role="king").status_code == 422
    assert invite(admin, until="2024-09-01").status_code == 422
    assert not Invitation.select().exists()


def test_looking_at_it_changes_nothing(town, link, phone, new_phone):
    before = list(Invitation.select().dicts())
    for who in (phone, new_phone().sign_in(town.rui)):
        text = who.get(link).page.text
        assert "站长" in text and "艾*" in text and "艾达" not in text
    assert list(Invitation.select().dicts()) == before


def test_a_guest_signs_in_first_and_comes_back(town, link, phone):
    links = phone.get(link).page.links()
    assert f"/sign-in?next={link}" in links
    assert phone.post(link).status_code == 401
    phone.sign_in(town.rui)
    assert [form["action"] for form in phone.get(link).page.all("form")].count(link) == 1


def test_whoever_accepts_it_holds_the_role_and_stays_signed_in(town, link, phone):
    old = phone.sign_in(town.rui).cookie("sid")
    answer = phone.post(link)
    assert (answer.status_code, answer.location) == (303, "/me/")
    assert phone.get("/desk/?station=SF003").status_code == 200 and phone.cookie("sid") != old
    assert Session.person_of(old, at=phone.now + TWICE) is None
    assert phone.post(link).status_code == 303, "twice is once"
    assert phone.get(link).status_code == 200 and "谢谢" in phone.get(link).page.text


def test_used_it_opens_nothing_for_others(town, link, new_phone):
    new_phone().sign_in(town.rui).post(link)
    ray = new_phone().sign_in(town.ray)
    assert ray.get(link).status_code == 410 and "用过了" in ray.get(link).page.text
    answer = ray.post(link)
    assert answer.status_code == 409 and "用过了" in answer.page.text
    assert ray.get("/desk/").status_code == 403


def test_after_seven_days_it_opens_nothing(town, link, phone):
    phone.now += 7 * DAY
    phone.sign_in(town.rui)
    assert phone.get(link).status_code == 410 and phone.post(link).status_code == 409
    assert roles_of(town.rui, phone.now) == {("rider", "")}


def test_taken_back_it_opens_nothing(town, link, admin, phone):
    (form,) = [
        form for form in admin.get("/roles/invitations").page.all("form") if form["action"].endswith("/revocation")
    ]
    for _ in range(2):
        assert admin.post(form["action"]).location == "/roles/invitations"
    phone.sign_in(town.rui)
    assert phone.get(link).status_code == 410 and phone.post(link).status_code == 409
    assert admin.post("/roles/invitations/0000000000/revocation").status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 26, "é", "A" * 3000])
def test_a_forged_one_is_a_404_with_a_sentence(token, town, phone):
    for who in (phone, phone.sign_in(town.rui)):
        answer = who.get(f"/invited/{token}")
        assert answer.status_code == 404 and "不认得这个邀请" in answer.page.text
    assert phone.post(f"/invited/{token}").status_code == 404


def test_the_maker_passes_it_on(ada, link, admin):
    assert link not in [form["action"] for form in admin.get(link).page.all("form")]
    assert admin.post(link).status_code == 409


def test_the_list_pages_and_tells_what_became_of_each(town, admin, link, phone):
    phone.sign_in(town.rui).post(link)
    for _ in range(21):
        invite(admin)
    first, second = admin.get("/roles/invitations"), admin.get("/roles/invitations?page=2")
    assert "?page=2" in first.page.links()
    assert "用过了" in second.page.text and "芮*" in second.page.text


def test_the_list_asks_few_questions(admin, engine):
    for _ in range(20):
        invite(admin)
    admin.get("/roles/invitations")
    with engine.statements() as told:
        admin.get("/roles/invitations")
    assert len(told) <= 7, told


# Handing over.


@pytest.fixture
def kim(town, new_phone):
    return new_phone().sign_in(town.kim)


def test_a_keeper_hands_the_station_over_without_a_password(town, kim, new_phone):
    assert "/me/handover" in kim.get("/me/").page.links()
    (post,) = [field["value"] for field in kim.get("/me/handover").page.all("input") if field["name"] == "post"]
    link = link_of(kim.post("/me/handover", {"post": post}))
    assert kim.get("/desk/").status_code == 200, "until the other accepts"
    ray = new_phone().sign_in(town.ray)
    assert "春风社区服务站" in ray.get(link).page.text
    assert ray.post(link).status_code == 303
    assert ray.get("/desk/").status_code == 200
    assert kim.get("/desk/").location.startswith("/sign-in")
    assert kim.sign_in(town.kim).get("/desk/").status_code == 403
    subjects = {line.subject for line in Trail.select().where(Trail.kind == "changed")}
    assert subjects >= {f"person:{town.kim.ref}", f"person:{town.ray.ref}"}


@pytest.mark.parametrize(
    "post", ["keeper SF002", "keeper ", "keeper", "officer ", "administrator ", "", "\0", "x" * 9999]
)
def test_what_is_not_mine_is_not_there(post, town, kim):
    assert kim.post("/me/handover", {"post": post}).status_code == 404
    assert not Invitation.select().exists()


def test_an_offer_can_be_taken_back_by_who_made_it_alone(town, kim, new_phone, admin):
    link = link_of(kim.post("/me/handover", {"post": "keeper SF001"}))
    ref = Invitation.get().ref
    lee = new_phone().sign_in(town.lee)
    assert lee.post(f"/me/handover/{ref}/revocation").status_code == 404
    assert admin.post(f"/roles/invitations/{ref}/revocation").status_code == 404
    assert Invitation.get().revoked_at is None and ref not in lee.get("/me/handover").get_data(as_text=True)
    assert kim.post(f"/me/handover/{ref}/revocation").status_code == 303
    assert lee.get(link).status_code == 410


def test_handing_over_asks_for_a_fresh_proof(town, kim):
    kim.now += HOUR
    assert kim.post("/me/handover", {"post": "keeper SF001"}).status_code == 401
    assert not Invitation.select().exists()


def test_who_has_no_post_has_nothing_to_hand_over(town, new_phone):
    rui = new_phone().sign_in(town.rui)
    assert "/me/handover" not in rui.get("/me/").page.links()
    assert not [field for field in rui.get("/me/handover").page.all("input") if field["name"] == "post"]


# Who may do what.


def test_the_table_is_the_one_that_the_door_uses(town, admin, new_phone):
    for phone in (admin, new_phone().sign_in(town.olga)):
        answer = phone.get("/roles/table")
        assert "/roles/table" in phone.get("/me/").page.links()
        rows = answer.get_data(as_text=True).partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>")
        assert rows == len(PERMISSIONS)
    for phone in (new_phone().sign_in(town.kim), new_phone().sign_in(town.rui)):
        assert phone.get("/roles/table").status_code == 403


def test_a_new_line_of_the_table_stands_on_the_page(town, admin, monkeypatch):
    before = admin.get("/roles/table").get_data(as_text=True).count("i-yes")
    monkeypatch.setitem(PERMISSIONS, "open the moon", {"hr", "editor"})
    answer = admin.get("/roles/table")
    assert "open the moon" in answer.page.text and "企业人事" in answer.page.text
    assert answer.get_data(as_text=True).count("i-yes") == before + 2


def test_its_lines_are_in_the_readers_language(town, admin):
    chinese, english = admin.get("/roles/table").page.text, admin.set("prefs", "lang=en").get("/roles/table").page.text
    for phrase in PERMISSIONS:
        assert phrase in english and phrase not in chinese, "mark it with N_ and translate it"
    assert not set(re.findall(r"[\u3400-\u9fff]+", english)) - {"中文"}


def test_english_pages_of_roles_are_english(town, admin, link, noon):
    admin.set("prefs", "lang=en")
    for path in (
        "/roles/",
        "/roles/?q=A",
        f"/roles/{town.rui.ref}",
        "/roles/invitations",
        link,
        "/me/handover",
        "/me/second",
        "/prove",
    ):
        left = set(re.findall(r"[\u3400-\u9fff]+", admin.get(path).page.text)) - {"中文", "芮", "艾"}
        assert not left, (path, left)


# The operator's command.


def test_the_first_administrator_of_a_district_comes_by_a_link(town, app, phone):
    said = app.test_cli_runner().invoke(args=["admin", "invite"]).output
    link = re.search(r"http://127\.0\.0\.1:8000(/invited/[0-9A-Z]{26})", said)[1]
    assert phone.sign_in(town.rui).post(link).status_code == 303
    assert phone.get("/roles/").status_code == 200
    assert set(ROLES) >= {grant.role for grant in RoleGrant.select()}
