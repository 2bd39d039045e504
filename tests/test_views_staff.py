"""The keeper's desk and the officer's figures: each number clicks down to its rows, and nobody sees too much."""

import datetime as dt
import re

import pytest

from models import demo
from models._database import writing
from models.people import Person, RoleGrant
from models.stations import PosterToken, Station
from models.visits import Visit
from tests._phone import Phone
from views._qr import qr_path

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def number(answer, link):
    """The figure on a page whose link leads to `link`."""
    found = re.search(
        rf'<a class="num[^"]*" href="{re.escape(link)}">([\d,]+)</a>',
        answer.get_data(as_text=True).replace("&amp;", "&"),
    )
    assert found, f"no number leads to {link}"
    return int(found[1].replace(",", ""))


@pytest.fixture
def kim(town, new_phone):
    return new_phone().sign_in(town.kim)


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


# One more.


def test_the_keeper_and_the_officer_each_see_one_more(town, kim, olga, new_phone):
    def seen():
        return number(kim.get("/desk/"), "/desk/visits?station=SF001"), number(
            olga.get("/dashboard/"), "/dashboard/visits?month=202409"
        )

    assert seen() == (0, 0)
    assert new_phone().sign_in(town.rui).press("SF001").status_code == 201
    assert seen() == (1, 1)
    new_phone().set("device", "d" * 32).press("SF001", client_id="x")
    assert seen() == (2, 2)
    new_phone().set("device", "d" * 32).press("SF001", client_id="y")
    assert seen() == (2, 2)
    new_phone().set("device", "d" * 32).press("SF002", client_id="z")
    assert seen() == (2, 3)


def test_the_keepers_number_leads_to_as_many_rows(town, kim, new_phone):
    for n in range(23):
        new_phone().set("device", f"{n:032}").press("SF001", client_id=f"{n}")
    assert number(kim.get("/desk/"), "/desk/visits?station=SF001") == 23
    pages = [kim.get(f"/desk/visits?station=SF001&page={n}").page.text.count("12:00") for n in (1, 2, 3)]
    assert pages == [20, 3, 0]


def test_the_officers_number_leads_to_stations_and_these_to_rows(town, olga, new_phone):
    for n in range(25):
        new_phone().set("device", f"{n:032}").press("SF001" if n else "SF002", client_id=f"{n}")
    assert number(olga.get("/dashboard/"), "/dashboard/visits?month=202409") == 25
    month = olga.get("/dashboard/visits?month=202409").get_data(as_text=True)
    by_station = {code: int(n) for code, n in re.findall(r'href="/dashboard/visits/(\w+)\?month=202409">(\d+)<', month)}
    assert by_station == {"SF001": 24, "SF002": 1}
    rows = [olga.get(f"/dashboard/visits/SF001?month=202409&page={n}").page for n in (1, 2)]
    assert [len(page.all("tr")) - 1 for page in rows] == [20, 4]


def test_today_and_this_month_are_those_of_the_district(town, kim, olga, new_phone):
    rider = new_phone()
    rider.now = kim.now.replace(hour=23, minute=59)
    rider.set("device", "d" * 32).press("SF001", client_id="x")
    kim.now = rider.now
    assert number(kim.get("/desk/"), "/desk/visits?station=SF001") == 1
    kim.now = rider.now + dt.timedelta(minutes=2)
    assert number(kim.get("/desk/"), "/desk/visits?station=SF001") == 0
    olga.now = dt.datetime(2024, 9, 30, 16, 1, tzinfo=dt.UTC)
    olga.sign_in(town.olga)
    assert number(olga.get("/dashboard/"), "/dashboard/visits?month=202410") == 0
    assert olga.get("/dashboard/visits?month=202409").page.text.count("春风社区服务站") == 1


def test_a_late_visit_belongs_to_the_day_on_which_it_happened(town, kim, new_phone):
    yesterday = (kim.now - DAY).astimezone(dt.UTC).isoformat()
    new_phone().set("device", "d" * 32).press("SF001", client_id="x", at=yesterday)
    assert number(kim.get("/desk/"), "/desk/visits?station=SF001") == 0
    kim.now -= HOUR
    assert kim.get("/desk/").status_code == 200


# Who sees whom.


def test_the_keeper_sees_masked_names_and_never_a_phone(town, kim, new_phone):
    new_phone().sign_in(town.rui).press("SF001")
    text = kim.get("/desk/visits?station=SF001").get_data(as_text=True)
    assert "芮*" in text and "芮一" not in text and "1380000" not in text and town.rui.ref not in text


def test_the_officer_sees_no_person_at_all(town, olga, new_phone):
    new_phone().sign_in(town.rui).press("SF001")
    for path in ("/dashboard/", "/dashboard/visits", "/dashboard/visits/SF001"):
        text = olga.get(path).get_data(as_text=True)
        assert "芮" not in text and "1380000" not in text and town.rui.ref not in text and town.rui.tag not in text


def test_the_keeper_of_one_station_does_not_find_another(town, kim, new_phone):
    new_phone().sign_in(town.rui).press("SF002")
    for path in (
        "/desk/?station=SF002",
        "/desk/visits?station=SF002",
        "/desk/?station=NOPE",
        "/desk/visits?station=%00",
    ):
        answer = kim.get(path)
        assert answer.status_code == 404 and "芮" not in answer.page.text
    assert kim.get("/desk/?station=SF002").data == kim.get("/desk/?station=NOPE").data.replace(b"NOPE", b"SF002")


def test_a_keeper_of_two_stations_has_both(town, kim):
    with writing():
        RoleGrant.create(person=town.kim, role="keeper", scope="SF003")
    assert "秋实路加油站" in kim.get("/desk/?station=SF003").page.text
    assert "/desk/?station=SF003" in kim.get("/desk/").page.links()


def test_a_keeper_whose_role_has_ended_is_no_keeper(town, kim):
    assert kim.get("/desk/").status_code == 200
    with writing():
        RoleGrant.update(ends_at=kim.now).where(RoleGrant.person == town.kim).execute()
    assert kim.get("/desk/").status_code == 403


def test_a_keeper_without_a_station_has_no_desk(town, kim):
    with writing():
        RoleGrant.update(scope="").where(RoleGrant.person == town.kim).execute()
    assert kim.get("/desk/").status_code == 404


# Nonsense.


@pytest.mark.parametrize(
    "month",
    [
        "202413",
        "202400",
        "2024",
        "20240",
        "2024-09",
        "x",
        "",
        "000001",
        "999912",
        "210001",
        "199912",
        "٢٠٢٤٠٩",
        "２０２４０９",
        "\0",
        "9" * 40,
    ],
)
def test_a_month_that_is_none_is_404(month, town, olga):
    for path in ("/dashboard/visits", "/dashboard/visits/SF001"):
        assert olga.get(path, query_string={"month": month}).status_code == 404, path


def test_an_empty_month_says_so(town, olga):
    for path in ("/dashboard/visits?month=202001", "/dashboard/visits/SF001?month=202001"):
        assert "还没有" in olga.get(path).page.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "0000001" + "9" * 40, "\0"])
def test_a_page_that_is_none_is_404(page, town, kim, olga):
    for who, path in ((kim, "/desk/visits"), (olga, "/dashboard/visits"), (olga, "/dashboard/visits/SF001")):
        assert who.get(path, query_string={"page": page}).status_code == 404


@pytest.mark.parametrize("code", ["NOPE", "%00", "🛵", "x" * 300])
def test_a_station_that_is_none_is_404(code, town, olga):
    assert olga.get(f"/dashboard/visits/{code}").status_code == 404
    assert olga.get(f"/stations/{code}/poster").status_code == 404


def test_a_token_is_no_station_for_the_officer(town, olga):
    token = PosterToken.current(town.spring).token
    assert olga.get(f"/dashboard/visits/{token}").status_code == 404


# The poster.


def test_in_the_demo_everybody_may_print_a_poster(yanzhou, phone):
    answer = phone.get("/stations/YZ023/poster")
    token = PosterToken.current(Station.get(code="YZ023")).token
    assert answer.status_code == 200 and "YZ023" in answer.page.text
    path, _ = qr_path(f"HTTP://LOCALHOST/S/{token}")
    assert path in answer.get_data(as_text=True)
    assert phone.get("/stations/YZ023/poster?size=A5").status_code == 200


def test_in_a_real_district_its_keeper_and_the_officer_may(town, real_app):
    def print_it(who, code):
        phone = Phone(real_app)
        if who:
            phone.sign_in(who)
        return phone.get(f"/stations/{code}/poster").status_code

    for code, statuses in {
        "SF001": {"kim": 200, "lee": 404, "olga": 200, "rui": 403, None: 303},
        "SF002": {"kim": 404, "lee": 200, "olga": 200, "rui": 403, None: 303},
        "NOPE": {"kim": 404, "lee": 404, "olga": 404, "rui": 403, None: 303},
    }.items():
        assert {who: print_it(getattr(town, who) if who else None, code) for who in statuses} == statuses


def test_after_a_new_code_the_poster_shows_the_new_one(town, noon, olga):
    olga.get("/stations/SF001/poster")
    fresh = PosterToken.issue(town.spring, by=town.olga, at=noon)
    path, _ = qr_path(f"HTTP://LOCALHOST/S/{fresh.token}")
    assert path in olga.get("/stations/SF001/poster").get_data(as_text=True)


# Sums at the size of the demo.


def test_all_figures_agree_in_the_demo(yanzhou, new_phone, noon):
    for n in range(60):
        new_phone().set("device", f"{n:032}").press(f"YZ{n % 7 + 20:03}", client_id=f"{n}")
    officer = new_phone().sign_in(Person.by_phone(demo.ACCOUNTS[8][0]))
    whole = number(officer.get("/dashboard/"), "/dashboard/visits?month=202409")
    text = officer.get("/dashboard/visits?month=202409").get_data(as_text=True)
    by_station = dict(re.findall(r'href="/dashboard/visits/(\w+)\?month=202409">(\d+)<', text))
    assert whole == 60 == sum(map(int, by_station.values())) == Visit.select().where(Visit.n == 1).count()
    keeper = new_phone().sign_in(Person.by_phone(demo.ACCOUNTS[2][0]))
    assert number(keeper.get("/desk/"), "/desk/visits?station=YZ023") == int(by_station["YZ023"])
