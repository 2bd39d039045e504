"""The office changes the facts of a shop: each change told, nobody's work lost, nobody else's shop touched."""

import pytest

from models._database import writing
from models._trail import Trail
from models.areas import district
from models.merchants import Merchant
from models.people import Person, RoleGrant
from tests._engines import NOON
from tests._till import make_shop


@pytest.fixture
def office(town, new_phone):
    """The officer's phone, and the shop AX101."""
    shop = make_shop("AX101", NOON).merchant
    with writing():
        Merchant.update(hours="一至日 8:00-20:00", reviewed_on=20240901).execute()
    return new_phone().sign_in(town.olga), shop


def edited(officer, **typed):
    """The form of AX101 as it stands, with this changed."""
    page = officer.get("/merchants/of/AX101/edit").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    whole = {"name": "店AX101", "category": "food", "town": "999999001", "address": "春风路 1 号"}
    return whole | {"hours": "一至日 8:00-20:00", "seen": seen} | typed


def test_the_office_puts_a_shop_right_and_the_trail_says_what(office):
    phone, shop = office
    form = edited(phone, name="新名羊汤", phone="0537-1234567")
    for _ in range(2):
        assert phone.post("/merchants/of/AX101/edit", form).status_code == 303
    now = Merchant.get_by_id(shop.id)
    assert (now.name, now.lat, now.lng) == ("新名羊汤", shop.lat, shop.lng) and "新名羊汤" in now.sought
    assert "店AX101 → 新名羊汤" in phone.get("/merchants/of/AX101").text
    assert Trail.select().where(Trail.subject == "merchant:AX101").count() == 2


def test_two_of_the_office_lose_nothing_to_each_other(office):
    phone, shop = office
    mine, theirs = edited(phone, name="一号"), edited(phone, address="春风路 9 号")
    assert phone.post("/merchants/of/AX101/edit", theirs).status_code == 303
    late = phone.post("/merchants/of/AX101/edit", mine)
    assert late.status_code == 409 and "一号" in late.text and "春风路 9 号" in late.text
    assert Merchant.get_by_id(shop.id).name == "店AX101"


@pytest.mark.parametrize(
    "field, typed",
    [("name", ""), ("category", "none"), ("town", "1"), ("hours", "早上"), ("uscc", "91O"), ("position", "1, 1")],
)
def test_what_cannot_be_is_said_beside_the_field(office, field, typed):
    phone, shop = office
    answer = phone.post("/merchants/of/AX101/edit", edited(phone, **{field: typed}))
    assert answer.status_code == 422 and f'id="{field}-why"' in answer.text and typed in answer.text
    assert Merchant.get_by_id(shop.id).name == shop.name


def test_a_shop_of_unknown_place_moves_with_its_town_and_a_known_one_stays(office):
    phone, shop = office
    middle = district().town["999999101"]
    assert phone.post("/merchants/of/AX101/edit", edited(phone, town="999999101")).status_code == 303
    assert (Merchant.get_by_id(shop.id).lat, Merchant.get_by_id(shop.id).coord_src) == (shop.lat, "gps")
    with writing():
        Merchant.update(town="999999001", coord_src="").where(Merchant.id == shop.id).execute()
    assert phone.post("/merchants/of/AX101/edit", edited(phone, town="999999101")).status_code == 303
    now = Merchant.get_by_id(shop.id)
    assert (now.lat, now.lng, now.coord_src) == (middle.lat, middle.lng, "")


def test_a_town_officer_changes_the_own_towns_shops_and_keeps_them_there(office, new_phone, noon):
    with writing():
        person = Person.register(name="乡九", phone="13800000009", at=noon)
        RoleGrant.create(person=person, role="town_officer", scope="999999001")
        other = Person.register(name="乡十", phone="13800000010", at=noon)
        RoleGrant.create(person=other, role="town_officer", scope="999999101")
    phone = new_phone().sign_in(person)
    assert phone.post("/merchants/of/AX101/edit", edited(phone, town="999999101")).status_code == 422
    assert phone.post("/merchants/of/AX101/edit", edited(phone, name="二号")).status_code == 303
    assert new_phone().sign_in(other).get("/merchants/of/AX101/edit").status_code == 404
