"""The registry: units, enterprises and outlets, and who works where; its numbers and what they lead to."""

import re

import pytest

from models import enterprises
from models._database import writing
from models.enterprises import Enterprise, Outlet
from models.people import EMPLOY_TYPES, INDUSTRIES, RELATIONS, Employment, Person


@pytest.fixture
def officer(town, new_phone):
    return new_phone().sign_in(town.olga)


def hire(name, noon, industry="courier", **more):
    with writing():
        person = Person.create(name=name, created_at=noon, state="pending")
        return Employment.create(person=person, industry=industry, starts_at=noon, **more)


@pytest.fixture
def riders(town, noon):
    """Two at the enterprise of the small district, one of whom left it; and one who came alone."""
    light = {"enterprise": "M1", "outlet": "M1-01", "town": "999999001", "relation": "franchise", "employ_type": "full"}
    hire("钱一", noon, **light)
    hire("孔二", noon, ends_at=noon, **light)
    hire("曹三", noon, town="999999101", industry="driver", sub_kind="truck", relation="own")
    hire("严四", noon, industry="food")


def names(answer):
    return re.findall(r"[^\s*]\*", answer.page.text)


# The models.


def test_who_left_is_not_counted(riders):
    assert enterprises.riders_by_town() == {
        ("courier", "999999001"): 1,
        ("driver", "999999101"): 1,
        ("food", ""): 1,
    }
    assert enterprises.riders_by_relation() == {("franchise", "courier"): 1, ("own", "driver"): 1, ("", "food"): 1}
    (light,) = enterprises.listed().rows
    assert (light.riders, light.places) == (1, 1)
    assert [outlet.riders for outlet in enterprises.outlets(light).rows] == [1]
    assert enterprises.of_enterprise(light) == {"M1-01": 1}


def test_they_are_found_by_what_is_known_of_them_and_by_what_is_not(riders):
    def found(**wanted):
        return [row.person.name for row in enterprises.riders(**wanted).rows]

    assert found() == ["钱一", "曹三", "严四"]
    assert found(industry="courier", town="999999001") == ["钱一"] == found(enterprise="M1") == found(outlet="M1-01")
    assert found(town="") == ["严四"] == found(relation="")
    assert found(relation="own") == ["曹三"] and found(industry="live") == []


def test_what_somebody_changes_about_the_work_does_not_keep_the_old_employer(riders, noon):
    row = Employment.get(Employment.enterprise == "M1", Employment.ends_at.is_null())
    with writing():
        Employment.put(row.person, "food", at=noon)
    assert enterprises.of_enterprise(Enterprise.get()) == {}


@pytest.mark.parametrize("more", [{"enterprise": "M2"}, {"outlet": "M2-01"}, {"town": "999999999"}])
def test_a_place_that_is_not_there_is_refused(more, town, noon):
    with pytest.raises(Exception) as no, writing():
        hire("某人", noon, **more)
    assert type(no.value).__name__ == "IntegrityError"


QUERIES = {
    "by town": lambda: enterprises.riders_by_town(),
    "by relation": lambda: enterprises.riders_by_relation(),
    "all": lambda: enterprises.riders(),
    "industry": lambda: enterprises.riders(industry="courier"),
    "industry and town": lambda: enterprises.riders(industry="courier", town="999999001"),
    "town": lambda: enterprises.riders(town="999999001"),
    "relation": lambda: enterprises.riders(relation="own"),
    "relation and industry": lambda: enterprises.riders(relation="own", industry="driver"),
    "enterprise": lambda: enterprises.riders(enterprise="M1"),
    "outlet": lambda: enterprises.riders(outlet="M1-01"),
    "enterprises": lambda: enterprises.listed(),
    "outlets": lambda: enterprises.outlets(Enterprise(code="M1")),
}


@pytest.mark.parametrize("which", QUERIES)
def test_a_page_costs_few_questions_whatever_there_is(which, riders, engine):
    with engine.statements() as told:
        QUERIES[which]()
    assert len(told) <= 3


@pytest.mark.only("sqlite", "its plan is the same for a few rows as for many")
@pytest.mark.parametrize("which", [which for which in QUERIES if which not in ("all", "by town", "by relation")])
def test_and_it_reads_only_what_it_shows(which, riders, engine):
    with engine.statements() as told:
        QUERIES[which]()
    for statement in told:
        plan = engine.plan(statement)
        assert not re.search(r"SCAN (t1|employment|person)\b(?! USING)", plan), plan
        assert "TEMP B-TREE" not in plan or "GROUP BY" in statement, plan


# The pages.


def test_the_officer_sees_enterprises_and_what_each_is(riders, officer):
    first = officer.get("/enterprises/")
    assert "轻燕快递（演示）" in first.page.text
    one = officer.get("/enterprises/M1")
    assert "轻燕甲街道网点" in one.page.text and "91999999MA00D0016U" in one.page.text
    assert "示范区总工会" in one.page.text and "加盟" in one.page.text
    assert names(officer.get("/enterprises/riders/list?enterprise=M1")) == ["钱*"]


def test_every_number_of_partners_leads_to_as_many_names(riders, officer):
    page = officer.get("/enterprises/riders/").page
    links = [link for link in page.links() if link.startswith("/enterprises/riders/list")]
    assert len(links) >= 8
    for link in links:
        shown = officer.get(link)
        wanted = [name for name in ("钱*", "曹*", "严*") if name in shown.page.text]
        assert sorted(names(shown)) == sorted(wanted), link
    assert "曹三" not in officer.get("/enterprises/riders/list").page.text, "names are masked"


@pytest.mark.parametrize(
    "path",
    [
        "/enterprises/M9",
        "/enterprises/" + "M" * 400,
        "/enterprises/%00",
        "/enterprises/?industry=banking",
        "/enterprises/riders/list?industry=banking",
        "/enterprises/riders/list?town=370812001",
        "/enterprises/riders/list?relation=none",
        "/enterprises/riders/list?enterprise=",
        "/enterprises/riders/list?outlet=M9-01",
        "/enterprises/riders/list?town=%00",
        "/enterprises/?page=0",
        "/units/?kind=castle",
    ],
)
def test_what_is_not_there_is_not_found(path, officer):
    assert officer.get(path).status_code == 404


def test_long_lists_come_by_pages(riders, officer, noon):
    for n in range(22):
        hire(f"{chr(0x4E00 + n)}某", noon, industry="live", town="999999001")
    with writing():
        for n in range(2, 24):
            Enterprise.create(code=f"M{n}", name=f"企业{n}", name_en=f"Company {n}", industry="live", platform="", mode="own", staff=0, temporary=0, uscc="", sort=n)  # fmt: skip
            Outlet.create(code=f"M1-{n:02}", enterprise="M1", name=f"网点{n}", name_en=f"Outlet {n}", town="999999001")
    for path, total in (
        ("/enterprises/riders/list?industry=live&town=999999001", 22),
        ("/enterprises/?industry=live", 22),
        ("/enterprises/M1", 23),
    ):
        first = officer.get(path)
        (more,) = [link for link in first.page.links() if "page=2" in link]
        address = more if more.startswith("/") else path.partition("?")[0] + more
        rows = [len(answer.page.all("th")) for answer in (first, officer.get(address))]
        assert rows[0] - rows[1] == 20 - (total - 20), path


def test_units_stand_by_kind_with_their_duties(officer):
    page = officer.get("/units/").page
    assert "示范区总工会" in page.text and "服务点的建设和维护" in page.text
    assert "示范区快递行业党委" in officer.get("/units/?kind=committee").page.text
    assert "甲街道办事处" in officer.get("/units/?kind=street").page.text


@pytest.mark.no_database
def test_every_word_of_the_registry_is_short_enough_for_its_column():
    for codes in (INDUSTRIES, RELATIONS, EMPLOY_TYPES, enterprises.MODES):
        assert all(len(code) <= 20 for code in codes)
