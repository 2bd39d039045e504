"""The pages of caring merchants: found by everybody, applied for by anybody, kept by their owners and the district."""

import datetime as dt
import re

import pytest

from models import joining, limits, shop_changes, shop_editing
from models._database import writing
from models._trail import Trail
from models.areas import Revision
from models.invitations import Invitation
from models.merchants import HoursWish, Merchant, MerchantBreak, find_merchant
from models.offers import Offer
from models.people import Person, RoleGrant
from models.tills import Till
from tests._shops import OFFER, SHOP, applied
from views._qr import qr_path

FORM = SHOP | OFFER | {"client_id": "one"}


def whys(answer) -> dict[str, str]:
    """The sentences beside the fields, by field."""
    return dict(re.findall(r'<p class="why" id="([^"]*)-why">.*?<span>(.*?)</span>', answer.text))


@pytest.fixture
def owner(town, new_phone):
    """Ray, who owns two of the three shops."""
    with writing():
        for code in ("AX001", "AX003"):
            RoleGrant.create(person=town.ray, role="merchant", scope=code)
    return new_phone().sign_in(town.ray)


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


@pytest.fixture
def jia(town, new_phone, noon):
    """An officer of the first town."""
    with writing():
        person = Person.register(name="贾六", phone="13800000016", at=noon)
        RoleGrant.create(person=person, role="town_officer", scope="999999001")
    return new_phone().sign_in(person)


# For everybody.


def test_the_list_says_what_is_open_what_is_given_and_how_far(town, phone):
    text = phone.get("/merchants/").text
    assert re.findall(r'href="/merchants/(AX\d+)"', text) == ["AX001", "AX002", "AX003"]
    assert "全单 8.8 折" in text and "免费打气" in text and "还开" in text
    assert "AX003" not in phone.get("/merchants/?open=1").text
    assert re.findall(r"/merchants/(AX\d+)", phone.get("/merchants/?kind=repair").text) == ["AX002"]
    assert re.findall(r"/merchants/(AX\d+)", phone.get("/merchants/?q=饺子").text) == ["AX003"]
    assert "没找到" in phone.get("/merchants/?q=鲸鱼").text
    assert re.findall(r'"/merchants/(AX\d+)"', phone.get("/merchants/?near=30.541,110.552").text)[0] == "AX003"


@pytest.mark.parametrize("asked", ["kind=none", "town=1", "open=2", "page=0", "page=101", "near=x"])
def test_an_address_that_asks_for_nothing_there_is_is_404(asked, town, phone):
    assert phone.get(f"/merchants/?{asked}").status_code == 404


def test_pages_go_on(yanzhou, phone):
    first, second = (phone.get(f"/merchants/?page={n}").text for n in (1, 2))
    codes = [set(re.findall(r'"/merchants/(SH\d+)"', text)) for text in (first, second)]
    assert [len(some) for some in codes] == [20, 20] and not codes[0] & codes[1]
    assert "page=2" in first and "page=1" in second


def test_the_plaques_code_in_capitals_leads_to_the_shop(town, phone, owner):
    page = owner.get("/merchants/AX001/plaque?size=A5")
    assert "sheet-a5" in page.text and qr_path("HTTP://LOCALHOST/MERCHANTS/AX001")[0] in page.text
    text = phone.get("/MERCHANTS/AX001").text
    assert "全单 8.8 折" in text and "司机套餐 12 元" in text and "14108128901" in text
    assert phone.get("/merchants/AX001/way").status_code == 200
    assert owner.get("/merchants/AX002/plaque").status_code == 404  # another's
    assert phone.get("/merchants/AX009").status_code == 404


def test_a_shop_that_has_left_says_so_kindly(town, phone, owner):
    assert owner.post("/shop/leave", {"shop": "AX001", "why": ""}).status_code == 422
    assert owner.post("/shop/leave", {"shop": "AX001", "why": "搬家"}).location == "/merchants/AX001"
    for path in ("/merchants/AX001", "/MERCHANTS/AX001"):
        answer = phone.get(path)
        assert answer.status_code == 200 and "已经不在爱心商户里了" in answer.text and "8.8 折" not in answer.text
    assert '"/merchants/AX001"' not in phone.get("/merchants/").text
    assert "AX001" not in phone.get("/stations/map?layer=shops").text
    assert phone.get("/merchants/AX001/way").status_code == 404
    assert owner.get("/shop/?shop=AX001").status_code == 404 and "饺子" in owner.get("/shop/").text


def test_leaving_twice_is_once_and_whose_shops_have_all_left_is_thanked(town, owner):
    for _ in range(2):
        assert owner.post("/shop/leave", {"shop": "AX001", "why": "搬家"}).location == "/merchants/AX001"
    assert owner.get("/shop/leave?shop=AX001").location == "/merchants/AX001"
    assert len([line for line in joining.history(find_merchant("AX001")).rows if line.what == "left: 搬家"]) == 1
    assert "秋实饺子馆" in owner.get("/shop/").text
    owner.post("/shop/leave", {"shop": "AX003", "why": "搬家"})
    assert "/shop/" in owner.get("/me/").page.links()
    page = owner.get("/shop/")
    assert page.status_code == 200 and "谢谢" in page.text
    assert {"/merchants/AX001", "/merchants/AX003", "/merchants/apply"} <= set(page.page.links())


def test_the_map_shows_stations_or_shops(town, phone):
    shops, stations = phone.get("/stations/map?layer=shops").text, phone.get("/stations/map").text
    assert "/merchants/AX002" in shops and "/stations/SF001" not in shops and "/stations/SF001" in stations
    assert phone.get("/stations/map?layer=x").status_code == 404


def test_the_map_shows_the_same_shops_as_the_list_and_leads_back_to_it(town, phone):
    def on_map(asked):
        return sorted(
            set(re.findall(r'href="/merchants/(AX\d+)"', phone.get(f"/stations/map?layer=shops{asked}").text))
        )

    assert on_map("") == ["AX001", "AX002", "AX003"] and on_map("&open=1") == ["AX001", "AX002"]
    assert on_map("&kind=repair") == ["AX002"] and on_map("&town=999999101") == ["AX003"]
    assert on_map("&kind=food&open=1") == ["AX001"] and on_map("&q=饺子") == ["AX003"]
    assert "没有合适的" in phone.get("/stations/map?layer=shops&kind=repair&town=999999101").text
    assert phone.get("/stations/map?layer=shops&kind=none").status_code == 404
    narrowed = phone.get("/merchants/?kind=food&open=1").page.links()
    assert "/stations/map?layer=shops&kind=food&open=1" in narrowed
    narrowed = phone.get("/stations/map?layer=shops&kind=food&open=1").page.links()
    assert {"/merchants/?kind=food&open=1", "/stations/map?layer=shops&kind=food"} <= set(narrowed)


def test_a_shop_keeps_its_window_when_the_map_is_narrowed(town, phone):
    def window(asked):
        return re.search(r'href="/merchants/AX002".*?<path d="([^"]+)"', phone.get(f"/stations/map?{asked}").text)[1]

    assert window("layer=shops") == window("layer=shops&kind=repair")


def test_who_says_where_they_are_comes_back_to_the_shops(town, phone):
    for path in ("/merchants/", "/merchants/AX001"):
        assert "/stations/place?for=shops" in phone.get(path).page.links()
    page = phone.get("/stations/place?for=shops&q=春风路")
    assert '<near-me hidden to="/merchants/"' in page.text and 'name="for" value="shops"' in page.text
    assert page.text.count('name="next" value="/merchants/"') == 2 and 'name="next" value="/stations/"' not in page.text
    assert '<near-me hidden to="/stations/"' in phone.get("/stations/place").text
    assert phone.get("/stations/place?for=x").status_code == 404
    assert phone.post("/prefs", {"place": "999999101", "next": "/merchants/"}).location == "/merchants/"
    assert "乙镇" in re.search(r'<div class="near">.*?</div>', phone.get("/merchants/").text)[0]


# Applying.


def test_anybody_applies_and_sees_how_it_stands(town, phone, olga):
    answer = phone.post("/merchants/apply", FORM)
    assert answer.status_code == 303 and phone.post("/merchants/apply", FORM).location == answer.location
    where = answer.location
    made = Merchant.get(Merchant.name == "新面馆")
    assert where.endswith(made.ref) and Merchant.select().where(Merchant.state == "applied").count() == 1
    assert "区里会有人看" in phone.get(where).text and "13800000031" not in phone.get(where).text
    assert olga.post(f"/merchants/of/{made.ref}/ask", {"why": "门头照片有吗？"}).status_code == 303
    assert "门头照片有吗？" in phone.get(where).text
    assert phone.post(where, {"answer": " "}).status_code == 422
    assert phone.post(where, {"answer": "有的"}).status_code == 303
    assert olga.post(f"/merchants/of/{made.ref}/approve", {}).status_code == 201
    assert "/merchants/AX004" in phone.get(where).text and phone.get("/merchants/AX004").status_code == 200
    assert phone.post(where, {"answer": "还有"}).status_code == 409
    assert phone.get("/merchants/applied/NOSUCHTHING").status_code == 404


def test_what_answers_a_question_about_the_position_stands_there_only_when_it_is_asked(town, phone):
    """A map that was not said is no question; what was ticked once stays ticked."""

    def ticks(**typed):
        page = phone.post("/merchants/apply", FORM | {"uscc": "x"} | typed).page
        return [box["name"] for box in page.all("input") if box.get("name") in ("swap", "sure")]

    assert ticks(position="116.8, 35.5") == [] and ticks(position="nowhere", source="gps") == []
    assert ticks(position="110.5, 30.502", source="gps") == ["swap", "sure"]
    assert ticks(position="50.1, 10.2", source="gps") == ["sure"]


@pytest.mark.parametrize(
    "field, text",
    [("name", ""), ("category", "x"), ("town", ""), ("address", ""), ("hours", "随便"), ("contact_phone", "1380000"),
     ("uscc", "91350100M000100Y42"), ("kind", ""), ("value", "免费")],
)  # fmt: skip
def test_a_wrong_field_keeps_what_was_typed(field, text, town, phone):
    answer = phone.post("/merchants/apply", FORM | {field: text})
    assert answer.status_code == 422 and list(whys(answer)) == [field]
    assert 'value="赵老板"' in answer.text and 'value="one"' in answer.text
    assert text in answer.text or field == "category"  # what is no category cannot be chosen again
    assert Merchant.select().count() == 3


def test_a_flood_of_applications_is_answered_calmly(town, phone, new_phone):
    most = limits.LIMITS["apply address"][0]
    for n in range(most):
        assert new_phone().post("/merchants/apply", FORM | {"client_id": str(n)}).status_code == 303
    late = phone.post("/merchants/apply", FORM | {"client_id": "more"})
    assert late.status_code == 429 and 'value="新面馆"' in late.text and "明天" in late.text
    assert phone.post("/merchants/apply", FORM | {"client_id": "0"}).status_code == 303  # it is there already
    assert new_phone().sign_in(town.rui).post("/merchants/apply", FORM | {"client_id": "mine"}).status_code == 303


def test_who_applied_signed_in_owns_it(town, new_phone, olga):
    rui = new_phone().sign_in(town.rui)
    assert 'value="芮一"' in rui.get("/merchants/apply").text
    rui.post("/merchants/apply", FORM)
    made = Merchant.get(Merchant.name == "新面馆")
    assert made.applicant_id == town.rui.id
    assert olga.post(f"/merchants/of/{made.ref}/approve", {}).status_code == 303
    assert "新面馆" in new_phone().sign_in(town.rui).get("/shop/").text


# The owner.


def test_an_owner_goes_from_shop_to_shop_and_to_no_other(town, owner, phone):
    assert "春风面馆" in owner.get("/shop/").text and "/shop/?shop=AX003" in owner.get("/shop/").text
    assert "秋实饺子馆" in owner.get("/shop/?shop=AX003").text
    for method, path in (("GET", "/shop/"), ("GET", "/shop/hours"), ("GET", "/shop/offers"), ("POST", "/shop/pause"),
                         ("POST", "/shop/breaks"), ("POST", "/shop/leave"), ("POST", "/shop/hours")):  # fmt: skip
        headers = {"Sec-Fetch-Site": "same-origin"}
        assert owner.ask(method, f"{path}?shop=AX002", headers=headers).status_code == 404, path
    assert phone.get("/shop/").location.startswith("/sign-in")


def test_paused_and_going_on_with_a_press_each(town, owner, phone):
    for _ in range(2):
        assert owner.post("/shop/pause", {"shop": "AX001"}).status_code == 303
    assert "今天暂停" in phone.get("/merchants/AX001").text and "今天暂停" in phone.get("/merchants/").text
    assert "恢复" in owner.get("/shop/?shop=AX001").text
    owner.post("/shop/resume", {"shop": "AX001"})
    assert "今天暂停" not in phone.get("/merchants/AX001").text


def test_hours_shorter_at_once_longer_later(town, owner, olga, phone):
    assert owner.post("/shop/hours", {"hours": "每天 10:00-13:00"}).location.endswith("said=kept")
    assert "13:00" in phone.get("/merchants/AX001").text
    assert owner.post("/shop/hours", {"hours": "每天 6:00-23:00"}).location.endswith("said=asked")
    assert "6:00-23:00" in owner.get("/shop/hours").text and "6:00" not in phone.get("/merchants/AX001").text
    assert "6:00-23:00" in olga.get("/merchants/waiting?what=hours").text
    wish = HoursWish.get()
    answer = olga.post(f"/merchants/hours/{wish.id}", {"move": "refuse"})
    assert answer.status_code == 422 and "6:00-23:00" in answer.text
    assert olga.post(f"/merchants/hours/{wish.id}", {"move": "refuse", "why": "门口说的是 20 点"}).status_code == 303
    assert "门口说的是 20 点" in owner.get("/shop/hours").text
    bad = owner.post("/shop/hours", {"hours": "早到晚"})
    assert bad.status_code == 422 and "hours" in whys(bad) and "早到晚" in bad.text


def test_a_day_off_is_said_and_taken_back(town, owner, phone):
    told = {"first": "2024-09-20", "last": "2024-09-22", "times": "", "why": "回老家"}
    assert owner.post("/shop/breaks", told).status_code == 303
    assert "回老家" in phone.get("/merchants/AX001").text
    one = MerchantBreak.get()
    assert owner.post(f"/shop/breaks/{one.id}/end", {"shop": "AX003"}).status_code == 404
    assert owner.post(f"/shop/breaks/{one.id}/end", {"shop": "AX001"}).status_code == 303
    assert "回老家" not in phone.get("/merchants/AX001").text
    for field, text in (("first", "明天"), ("last", "2024-09-01"), ("times", "1:00-2:00"), ("why", "长" * 121)):
        bad = owner.post("/shop/breaks", told | {field: text})
        assert bad.status_code == 422 and list(whys(bad)) == [field] and text in bad.text


def test_an_offer_is_read_before_it_is_asked_for_and_looked_at_before_it_holds(town, owner, olga, phone):
    typed = {
        "kind": "set",
        "value": "15",
        "what": "伙伴套餐",
        "what_en": "Partners' meal",
        "daily": "30",
        "client_id": "x",
    }
    looked = owner.post("/shop/offers/new", typed | {"look": "1"})
    assert "伙伴套餐 15 元" in looked.text and "Partners&#39; meal for 15 yuan, 30 a day" in looked.text
    assert Offer.select().where(Offer.state == "asked").count() == 0
    for _ in range(2):
        assert owner.post("/shop/offers/new", typed).status_code == 303
    (asked,) = Offer.select().where(Offer.state == "asked")
    assert "伙伴套餐" not in phone.get("/merchants/AX001").text
    assert "伙伴套餐" in olga.get("/merchants/waiting?what=offers").text
    assert olga.post(f"/merchants/offers/{asked.id}", {"move": "approve"}).status_code == 303
    assert "伙伴套餐 15 元" in phone.get("/merchants/AX001").text
    assert olga.post(f"/merchants/offers/{asked.id}", {"move": "refuse", "why": "x"}).status_code == 409
    bad = owner.post("/shop/offers/new", typed | {"value": "便宜"})
    assert bad.status_code == 422 and list(whys(bad)) == ["value"] and 'value="便宜"' in bad.text


def test_an_offer_is_changed_and_ended(town, owner, olga, phone):
    former = Offer.get(Offer.merchant == find_merchant("AX001").id, Offer.kind == "percent")
    assert 'value="8.8"' in owner.get(f"/shop/offers/{former.id}?shop=AX001").text
    assert owner.get(f"/shop/offers/{former.id}?shop=AX003").status_code == 404
    owner.post(f"/shop/offers/{former.id}", {"shop": "AX001", "kind": "percent", "value": "8"})
    asked = Offer.get(Offer.replaces == former)
    olga.post(f"/merchants/offers/{asked.id}", {"move": "approve"})
    text = phone.get("/merchants/AX001").text
    assert "全单 8 折" in text and "8.8 折" not in text
    assert owner.get(f"/shop/offers/{former.id}?shop=AX001").status_code == 404  # it does not hold any more
    for _ in range(2):
        assert owner.post(f"/shop/offers/{asked.id}/end", {"shop": "AX001"}).status_code == 303
    assert "全单 8 折" not in phone.get("/merchants/AX001").text


def test_the_first_day_of_an_offer_is_told_to_whom_it_is_about(town, owner, olga, phone):
    former = Offer.get(Offer.merchant == find_merchant("AX003").id)
    typed = {"shop": "AX003", "kind": "percent", "value": "8", "first_on": "2024-09-22"}
    assert "9 月 22 日起" in owner.post(f"/shop/offers/{former.id}", typed | {"look": "1"}).text
    owner.post(f"/shop/offers/{former.id}", typed)
    asked = Offer.get(Offer.replaces == former)
    for page in (olga.get("/merchants/waiting?what=offers"), olga.get("/merchants/of/AX003")):
        assert "全单 8 折，2024 年 9 月 22 日起" in page.text
    olga.post(f"/merchants/offers/{asked.id}", {"move": "approve"})
    text = phone.get("/merchants/AX003").text
    assert "到 2024 年 9 月 21 日" in text and "全单 8 折，2024 年 9 月 22 日起" in text
    assert 'name="first_on" type="date" value="2024-09-22"' in owner.get(f"/shop/offers/{asked.id}?shop=AX003").text
    assert 'name="first_on" type="date" value=""' in owner.get(f"/shop/offers/{former.id}?shop=AX003").text
    phone.now += dt.timedelta(days=3)
    text = phone.get("/merchants/AX003").text
    assert "全单 8 折" in text and "日起" not in text and "9 月 21 日" not in text


# The district.


def test_an_officer_of_a_town_sees_the_own_town_alone(town, jia, noon):
    here, there = applied(noon), applied(noon, name="别镇的店", town="999999101")
    assert "新面馆" in jia.get("/merchants/waiting").text and "别镇的店" not in jia.get("/merchants/waiting").text
    listed = jia.get("/merchants/all").text
    assert "AX001" in listed and "AX003" not in listed and jia.get("/merchants/all?town=999999101").status_code == 404
    far = find_merchant("AX003")
    wish = shop_changes.set_hours(far, "每天 1:00-24:00", by=town.ray, at=noon) and HoursWish.get()
    offer = Offer.get(Offer.merchant == far)
    for path in (f"of/{there.ref}/approve", "of/AX003/review", f"offers/{offer.id}", f"hours/{wish.id}"):
        assert jia.post(f"/merchants/{path}", {"move": "approve"}).status_code == 404, path
    assert jia.get("/merchants/of/AX003").status_code == 404 and jia.get("/merchants/AX003/plaque").status_code == 404
    assert jia.post(f"/merchants/of/{here.ref}/approve", {}).status_code == 201


def test_the_owners_link_is_shown_once_and_opens_the_shop(town, olga, new_phone, noon):
    made = applied(noon)
    answer = olga.post(f"/merchants/of/{made.ref}/approve", {})
    link = re.search(r'value="http://localhost(/invited/[^"]+)"', answer.text)[1]
    assert olga.post(f"/merchants/of/{made.ref}/approve", {}).status_code == 303
    assert Invitation.select().count() == 1
    rui = new_phone().sign_in(town.rui)
    assert rui.post(link).status_code == 303 and "新面馆" in rui.get("/shop/").text


def test_where_it_is_is_asked_for_before_it_is_taken_in(town, olga, phone, noon):
    made = applied(noon)
    at = f"/merchants/of/{made.ref}"
    bad = olga.post(f"{at}/approve", {"position": "30.502, 110.5"})
    assert bad.status_code == 422 and list(whys(bad)) == ["position"] and "30.502, 110.5" in bad.text
    assert olga.post(f"{at}/approve", {}).status_code == 201
    assert "按地址找" in phone.get("/merchants/AX004").text
    assert olga.post(f"{at}/place", {"position": "30.502, 110.5", "source": "gps"}).status_code == 303
    assert "按地址找" not in phone.get("/merchants/AX004").text
    assert (Merchant.get_by_id(made.id).lat, Merchant.get_by_id(made.id).coord_src) == (30.502, "gps")


def test_the_contacts_number_is_shown_to_the_office_and_noted(town, olga, noon):
    made = applied(noon)
    at = f"/merchants/of/{made.ref}"
    with writing():
        Merchant.update(phone="").where(Merchant.id == made.id).execute()
    assert "13800000031" not in olga.get(at).text
    assert "13800000031" in olga.post(f"{at}/contact").text
    assert Trail.select().where(Trail.kind == "seen", Trail.subject == f"merchant:{made.ref}").count() == 1


def test_each_step_has_its_answer(town, olga, noon):
    made = applied(noon)
    at = f"/merchants/of/{made.ref}"
    assert olga.post(f"{at}/nothing").status_code == 404 and olga.post(f"{at}/invitation").status_code == 404
    bad = olga.post(f"{at}/refuse", {"why": ""})
    assert bad.status_code == 422 and list(whys(bad)) == ["refuse"]
    assert olga.post(f"{at}/refuse", {"why": "名额满了"}).status_code == 303
    assert olga.post(f"{at}/approve", {}).status_code == 409


def test_the_yearly_look_is_a_press(town, new_phone, noon):
    with writing():
        Merchant.update(reviewed_on=20230901).where(Merchant.code == "AX002").execute()
        Revision.bump()
    olga = new_phone().sign_in(town.olga)
    shop = find_merchant("AX002")
    assert shop.name in olga.get("/merchants/waiting?what=yearly").text
    back = olga.post(f"/merchants/of/{shop.ref}/review", {"from": "yearly"})
    assert back.location == "/merchants/waiting?what=yearly"
    assert shop.name not in olga.get("/merchants/waiting?what=yearly").text


def test_the_history_is_in_words(town, olga, owner, noon):
    joining.move(find_merchant("AX001"), "leave", "装修", by=town.olga, at=noon)
    joining.move(find_merchant("AX001"), "return", by=town.olga, at=noon)
    owner.post("/shop/pause", {"shop": "AX001"})
    text = olga.get("/merchants/of/AX001").text
    for words in ("装修", "又回来了", "暂停", "欧*", "雷*"):
        assert words in text
    assert "paused 2024" not in text and "欧五" not in text


def test_every_line_of_the_history_is_in_the_readers_language(town, olga, owner, noon):
    """Whatever can happen to a shop has happened: no word of the program's own stands in the Chinese page."""
    made = applied(noon)
    olga.post(f"/merchants/of/{made.ref}/ask", {"why": "门头照片有吗？"})
    owner.post(f"/merchants/applied/{made.ref}", {"answer": "有的"})
    olga.post(f"/merchants/of/{made.ref}/approve", {})
    for step in ("contact", "invitation", "place", "leave", "return"):
        olga.post(f"/merchants/of/{made.ref}/{step}", {"why": "搬家", "position": "30.502, 110.5", "source": "gps"})
    shop = find_merchant("AX001")
    with writing():
        Merchant.update(reviewed_on=20230901).where(Merchant.id == shop.id).execute()
    olga.post("/merchants/of/AX001/review")
    for _ in range(2):
        owner.post("/shop/pin", {"pin": "4826"})
    made_till = owner.post("/shop/tills", {"name": "前台"}).text
    owner.post(re.search(r"http://localhost(/till/[\w-]+)", made_till)[1], {"pin": "4826"})
    owner.post(f"/shop/tills/{Till.get().ref}/end")
    owner.post("/shop/month", {"month": "202409"})
    for path, form in (
        ("pause", {}), ("resume", {}), ("breaks", {"why": "进货"}), ("breaks/2/end", {}), ("hours", {"hours": "每天 10:00-13:00"}),
        ("hours", {"hours": "每天 8:00-23:00"}), ("hours/end", {}), ("hours", {"hours": "每天 9:00-23:00"}),
        ("offers/new", OFFER | {"client_id": "new"}),
    ):  # fmt: skip
        assert owner.post(f"/shop/{path}", form).status_code == 303, path
    wish = HoursWish.get(HoursWish.state == "asked")
    olga.post(f"/merchants/hours/{wish.id}", {"move": "refuse", "why": "门口说的是 20 点"})
    olga.post(f"/merchants/offers/{Offer.get(Offer.state == 'asked').id}", {"move": "approve"})
    typed = SHOP | {"name": "换名面馆", "category": "repair", "town": "999999101", "hours": "每天 10:00-12:00"}
    typed |= {"seen": shop_editing.digest(Merchant.get_by_id(shop.id)), "phone": "0537-1234567", "name_en": "新"}
    assert olga.post("/merchants/of/AX001/edit", typed).status_code == 303
    text = olga.get("/merchants/of/AX001").text + olga.get("/merchants/of/AX001?page=2").text
    text += olga.get(f"/merchants/of/{made.ref}").text
    told = [re.sub("<.*?>", " ", cell) for cell in re.findall(r'<td class="w">(.*?)</td>', text)]
    assert len(told) > 28 and [one for one in told if re.search("[a-z]", one) and "英文" not in one] == []
    for words in ("换了店内口令", "店里的手机", "带走了一个月的表格", "2024年9月", "修车", "照常"):
        assert any(words in one for one in told), words


def test_in_english_hours_are_in_english(town, olga, owner):
    owner.post("/shop/hours", {"hours": "每天 8:00-23:00"})
    for phone in (owner, olga):
        phone.set("prefs", "lang=en")
    pages = [owner.get("/shop/hours").text]
    pages += [olga.get(f"/merchants/{path}").text for path in ("of/AX001", "of/AX001/edit", "waiting?what=hours")]
    for text in pages:
        assert "mon-sun 10:00-21:00" in text and "一至日" not in text
    assert owner.post("/shop/hours/end").status_code == 303 and "8:00-23:00" not in owner.get("/shop/hours").text


def test_in_english_past_offers_are_in_english_and_what_a_person_wrote_stays(town, olga, owner, noon):
    """Also what was said of one whose last day came later, when another took its place."""
    owner.post("/shop/offers/new", OFFER | {"client_id": "first"})
    first = Offer.get(Offer.state == "asked")
    olga.post(f"/merchants/offers/{first.id}", {"move": "approve"})
    later = OFFER | {"client_id": "second", "first_on": "2024-10-01", "value": "7.5"}
    assert owner.post(f"/shop/offers/{first.id}", later).status_code == 303
    olga.post(f"/merchants/offers/{Offer.get(Offer.state == 'asked').id}", {"move": "approve"})
    owner.post("/shop/offers/new", OFFER | {"client_id": "third"})
    olga.post(f"/merchants/offers/{Offer.get(Offer.state == 'asked').id}", {"move": "refuse", "why": "门口写的是 9 折"})
    olga.set("prefs", "lang=en")
    told = olga.get("/merchants/of/AX001").page.text.split("Offer: ")[1:]
    assert len(told) == 7 and any("until 2024-09-30" in line for line in told)
    assert sum("门口写的是 9 折" in line for line in told) == 1 and not any(
        "折" in line.replace("9 折", "") for line in told
    )


def test_the_list_of_the_office_is_found_by_words_state_and_town(town, olga):
    def found(asked):
        return re.findall(r'<td class="num">(AX\d+)', olga.get(f"/merchants/all?{asked}").text)

    assert found("") == ["AX001", "AX002", "AX003"] and found("q=ax002") == ["AX002"] and found("q=面馆") == ["AX001"]
    assert found("town=999999101") == ["AX003"] and found("state=left") == []
    assert olga.get("/merchants/all?state=x").status_code == 404


def test_a_merchant_role_is_given_by_the_code_of_the_shop(admin, town):
    at = f"/roles/{town.rui.ref}/grants"
    assert admin.post(at, {"role": "merchant", "merchant": "AX009"}).status_code == 422
    assert admin.post(at, {"role": "merchant", "merchant": " ax002 "}).status_code == 303
    assert "站前修车铺" in admin.get(f"/roles/{town.rui.ref}").text
