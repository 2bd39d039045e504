"""The officer's pages: from the number to the stations to the rows; frozen, late and blank; a town's own; and to take along."""

import datetime as dt
import io
import re
from itertools import pairwise
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from models._database import writing
from models._trail import Trail
from models.areas import Revision, Setting
from models.people import Person, RoleGrant
from models.stations import Station
from models.visits import Visit
from tests._engines import NOON
from tests._months import FIRST, come, night, on, tallied
from views._figures import bars

MORNING = dt.datetime(2024, 10, 1, 9, 50, tzinfo=FIRST.tzinfo)


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


@pytest.fixture
def september(town):
    come(town.spring, town.rui, on(9, 3, 8))
    come(town.spring, town.ray, on(9, 3, 17), evidence=2)
    come(town.street, town.rui, on(9, 4, 8), evidence=0)
    come(town.fuel, "d", on(9, 10, 23, 59))
    tallied(town.spring, 25, on(9, 5, 9))
    return town


@pytest.fixture
def first(september, new_phone):
    """The officer on the first, with September frozen and two that came late."""
    night(FIRST)
    come(september.spring, september.kim, on(9, 30, 20), now=FIRST + dt.timedelta(hours=5))
    tallied(september.street, -1, on(9, 30, 8), now=FIRST + dt.timedelta(hours=6))
    phone = new_phone()
    phone.now = MORNING
    return phone.sign_in(september.olga)


@pytest.fixture
def tess(town, new_phone):
    """The officer of the town of `spring` and `street`."""
    with writing():
        person = Person.register(name="田街", phone="13800000009", at=NOON)
        RoleGrant.create(person=person, role="town_officer", scope=town.spring.town_id)
    return new_phone().sign_in(person)


def html(phone, path):
    answer = phone.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True).replace("&amp;", "&")


def table(text):
    """{first cell: [(number, where it leads)]} of a page's last table."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", text.rpartition("<tbody>")[2].partition("</tbody>")[0], re.S):
        name = re.search(r'<th scope="row">(.*?)</th>', row, re.S)
        links = re.findall(r'<td class="n"><a href="([^"]*)">([+−\d,]+)</a>', row)
        found[re.sub(r"<[^>]+>", "", name[1]).strip() if name else row] = [(as_number(n), link) for link, n in links]
    return found


def as_number(text):
    return int(text.replace(",", "").replace("−", "-").replace("+", ""))


def rows_behind(phone, path):
    """What the rows of a station's page come to, over all its pages."""
    total = 0
    for number in range(1, 9):
        page = phone.get(f"{path}&page={number}").page
        text = phone.get(f"{path}&page={number}").get_data(as_text=True)
        body = text.rpartition("<tbody>")[2].partition("</tbody>")[0]
        total += sum(int(n) for n in re.findall(r'<td class="n">(-?\d+)</td>', body))
        if f"page={number + 1}" not in " ".join(page.links()):
            return total
    raise AssertionError("too many pages")


# From number to row.


@pytest.mark.parametrize("by", ["town", "kind", "channel", "evidence", "hour"])
def test_every_number_of_a_frozen_month_leads_to_rows_that_make_it(by, first):
    found = table(html(first, f"/dashboard/visits?month=202409&by={by}"))
    assert (sum(n for (n, _), _ in found.values()), sum(late for _, (late, _) in found.values())) == (29, 0)
    for (n, to), (late, since) in found.values():
        stations = table(html(first, to))
        assert sum(each for (each, _), _ in stations.values()) == n
        assert since == to and sum(each for _, (each, _) in stations.values()) == late
        for (each, rows), (more, later) in stations.values():
            assert rows_behind(first, rows) == each and rows_behind(first, later) == more


@pytest.mark.parametrize("by", ["town", "kind", "channel", "evidence", "hour"])
def test_every_number_of_the_month_that_runs_too(by, september, olga):
    olga.now = on(9, 11)
    olga.sign_in(september.olga)
    night(on(9, 11, 0, 20))
    found = table(html(olga, f"/dashboard/visits?month=202409&by={by}"))
    assert sum(n for ((n, _),) in found.values()) == 29
    for ((n, to),) in found.values():
        stations = table(html(olga, to))
        assert sum(each for ((each, _),) in stations.values()) == n
        for ((each, rows),) in stations.values():
            assert rows_behind(olga, rows) == each


def test_no_page_of_figures_names_a_person(first, september):
    for path in ("", "months", "people", "visits?month=202409", "visits/SF001?month=202409", "checks/busy"):
        text = html(first, f"/dashboard/{path}")
        for person in (september.rui, september.ray, september.kim):
            assert person.name not in text and person.ref not in text and person.tag not in text


# Frozen, late, blank.


def test_on_the_first_the_paragraph_of_the_month_is_ready_and_does_not_change(first, september):
    words = re.search(r"<textarea[^>]*>(.*?)</textarea>", html(first, "/dashboard/visits?month=202409"), re.S)[1]
    assert words.startswith("截至9月30日，3 家服务点累计服务 29 人次，本月新增 29 人次")
    come(september.fuel, september.rui, on(9, 30, 20), now=MORNING)
    with writing():
        station = dict(Station.select().where(Station.code == "SF003").dicts().get(), id=99, code="SF099")
        Station.insert(station).execute()
        Revision.bump()
    assert words in html(first, "/dashboard/visits?month=202409")
    assert ">4</a>" in html(first, "/dashboard/")


def test_on_the_first_days_the_leaders_sentence_is_about_the_month_that_is_over(first, september):
    def said():
        return re.search(r"<textarea[^>]*>(.*?)</textarea>", html(first, "/dashboard/"), re.S)[1]

    assert said().startswith("截至9月30日，3 家服务点累计服务 29 人次，本月新增 29 人次。本月到站的伙伴 2 人")
    first.now = on(10, 6)
    first.sign_in(september.olga)
    assert said().startswith("截至10月6日，3 家服务点累计服务 29 人次，本月新增 0 人次。")


def test_how_many_more_than_the_month_before(first, september):
    come(september.spring, september.rui, on(10, 6))
    first.now = dt.datetime(2024, 11, 1, 9, 50, tzinfo=FIRST.tzinfo)
    first.sign_in(september.olga)
    night(first.now)
    assert "累计服务 30 人次，本月新增 1 人次，比上月少 28 人次" in html(first, "/dashboard/visits?month=202410")


def test_frozen_and_late_stand_beside_each_other(first):
    page = first.get("/dashboard/visits?month=202409").page
    assert "29 人次" in page.text and "冻结" in page.text
    text = html(first, "/dashboard/months")
    assert ">29</a>" in text and "冻结" in text
    page = first.get("/dashboard/").page
    assert "2024年9月 已冻结" in page.text and "/dashboard/visits?month=202409" in page.links()


def test_a_freeze_that_was_late_says_so(september, olga):
    night(FIRST + dt.timedelta(days=2))
    olga.now = FIRST + dt.timedelta(days=2, hours=1)
    olga.sign_in(september.olga)
    assert "比原定" in olga.get("/dashboard/visits?month=202409").page.text


def test_one_in_time_does_not(first):
    assert "比原定" not in first.get("/dashboard/visits?month=202409").page.text


def test_blank_is_not_nought(first):
    assert "还没有" in first.get("/dashboard/visits?month=202408").page.text
    text = first.get("/dashboard/months").page.text
    assert "2024年8月" not in text and "还没有" in text  # nothing to compare with
    october = first.get("/dashboard/visits?month=202410").page.text
    assert "一共 0 人次" in october


def test_people_stand_apart_and_say_that_they_do_not_add_up(first):
    page = first.get("/dashboard/people?month=202409").page
    assert "不能相加" in page.text and "伙伴：2人；没登录的手机：1部" in page.text.replace(" ", "")


def test_what_was_before_the_start_stands_in_no_month(first):
    with writing():
        Setting.put("base_visits", {"n": 33000, "as_of": "2024-08-31", "note": "手工台账"})
        Revision.bump()
    page = first.get("/dashboard/months").page
    assert "33,000" in page.text and "手工台账" in page.text
    assert "33,000" in html(first, "/dashboard/") and ">29<" in html(first, "/dashboard/")


# Nonsense.


@pytest.mark.parametrize(
    "path",
    [
        "visits?by=x", "visits?town=NOPE", "visits?kind=NOPE", "visits?channel=4", "visits?channel=x", "visits?evidence=-1",
        "visits?hour=24", "visits?hour=１", "visits?hour=1&channel=1", "visits?part=x", "visits/SF001?day=32", "people?month=x",
        "people?town=NOPE", "months?page=0", "checks/nothing", "?town=NOPE", "months?town=%00",
    ],
)  # fmt: skip
def test_nonsense_is_404(path, olga):
    assert olga.get(f"/dashboard/{path}").status_code == 404


# A town.


def test_the_officer_of_a_town_sees_the_towns_figures_only(september, tess):
    tess.now = MORNING
    tess.sign_in(Person.get(name="田街"))
    night(FIRST)
    here = {s.id for s in Station.select().where(Station.town == september.spring.town_id)}
    own = sum(v.n for v in Visit.select() if v.station in here)
    assert own == 28
    for path in ("visits?month=202409", "visits?month=202409&by=hour", "visits?month=202409&by=kind"):
        assert sum(cells[0][0] for cells in table(html(tess, f"/dashboard/{path}")).values()) == own
    assert ">28</a>" in html(tess, "/dashboard/months")
    assert tess.get("/dashboard/visits/SF001?month=202409").status_code == 200
    assert tess.get("/dashboard/visits/SF003?month=202409").status_code == 404
    assert september.fuel.name not in tess.get("/dashboard/visits?month=202409").page.text
    other = september.fuel.town_id
    for path in ("", "visits", "months", "people", "checks/unvisited", "visits/SF003"):
        for town in (other, "", "NOPE"):
            assert tess.get(f"/dashboard/{path}?town={town}").status_code == 404, (path, town)
    assert (
        tess.post("/dashboard/table", {"what": "months", "month": "202409", "town": "", "format": "csv"}).status_code
        == 404
    )
    assert (
        tess.post(
            "/dashboard/table", {"what": "stations", "month": "202409", "town": other, "format": "csv"}
        ).status_code
        == 404
    )


def test_with_two_towns_both_can_be_chosen(september, tess):
    with writing():
        RoleGrant.create(person=Person.get(name="田街"), role="town_officer", scope=september.fuel.town_id)
    for town in (september.spring.town_id, september.fuel.town_id):
        assert tess.get(f"/dashboard/?town={town}").status_code == 200
    assert tess.get("/dashboard/?town=").status_code == 404


# What somebody must do.


def test_every_check_leads_to_its_list(september, olga):
    tallied(september.fuel, 900, on(9, 12))
    night(on(9, 13))
    text = html(olga, "/dashboard/")
    for n, name in re.findall(r'href="/dashboard/checks/(\w+)"><b class="num">(\d+)', text):
        assert olga.get(f"/dashboard/checks/{n}").page.text.count("SF00") == int(name)
    busy = html(olga, "/dashboard/checks/busy")
    path = re.search(r'href="(/dashboard/visits/SF003\?month=202409&day=12)">900<', busy)[1]
    assert rows_behind(olga, path) == 900
    assert 'class="line zero"' in text


# To take along.


def taken(phone, **form):
    answer = phone.post(
        "/dashboard/table", {"what": "stations", "month": "202409", "town": "", "format": "xlsx"} | form
    )
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    return answer.data


def test_a_table_says_title_unit_maker_date_and_meaning(first, september):
    with writing():
        Station.update(name="=HYPERLINK(1)").where(Station.code == "SF001").execute()
        Revision.bump()
    rows = [[c.value for c in row] for row in load_workbook(io.BytesIO(taken(first))).active.iter_rows()]
    assert (
        "2024年9月" in rows[0][0] and "人次" in rows[1][0] and "欧五" in rows[2][0] and "2024-10-01 09:50" in rows[2][0]
    )
    assert "4 小时" in rows[3][0]
    told = {row[0]: row[1:] for row in rows[5:]}
    assert told["SF001"][0] == "'=HYPERLINK(1)" and told["SF001"][3:] == [27, 2, 0, 25, 1]
    assert told["SF002"][3:] == [1, 1, 0, 0, -1]
    csv = taken(first, format="csv").decode("utf-8-sig")
    assert csv.startswith("示范区") and "'=HYPERLINK(1)" in csv


def test_the_table_of_months_leaves_blank_what_is_blank(first):
    rows = [[c.value for c in row] for row in load_workbook(io.BytesIO(taken(first, what="months"))).active.iter_rows()]
    assert rows[5][:5] == ["2024年9月", 29, 0, None, None] and rows[6][:4] == ["2024年10月", 0, None, 29]


def test_it_is_noted_who_took_a_table_along(first, september):
    taken(first)
    line = Trail.select().where(Trail.subject == "district").order_by(Trail.seq.desc()).get()
    assert (line.kind, line.actor, line.what) == ("seen", september.olga.id, "export stations 202409 xlsx")


@pytest.mark.parametrize(
    "form", [{"what": "people"}, {"format": "exe"}, {"month": "x"}, {"town": "NOPE"}, {"what": None}]
)
def test_a_table_that_there_is_not(form, olga):
    told = {"what": "stations", "month": "202409", "town": "", "format": "xlsx"} | form
    assert olga.post("/dashboard/table", {k: v for k, v in told.items() if v is not None}).status_code == 404


# A chart.


def test_the_chart_shows_each_month_with_its_table_behind(first):
    page = first.get("/dashboard/").page
    text = html(first, "/dashboard/")
    assert len(re.findall(r"<rect", text)) == 2 and text.count('<rect class="on"') == 1
    assert page.all("details") and "2024年9月" in page.text


@pytest.mark.no_database
@pytest.mark.parametrize("totals", [[3, 9, 4, 9, 8], [5], [0, 0, 7, 9, 9], [9, 9, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9]])
def test_words_stand_at_the_present_month_and_never_at_neighbours(totals):
    months = [SimpleNamespace(month=202401 + n, total=total) for n, total in enumerate(totals)]
    marked = [n for n, bar in enumerate(bars(months, months[-1].month)) if bar["marked"]]
    assert marked[-1] == len(totals) - 1 and len(marked) <= 4
    assert all(b - a > 1 for a, b in pairwise(marked))


def test_all_of_it_in_english(first):
    first.set("prefs", "lang=en")
    for path in (
        "",
        "months",
        "people?month=202409",
        "visits?month=202409&by=hour",
        "visits/SF001?month=202409",
        "checks/hours",
    ):
        assert first.get(f"/dashboard/{path}").status_code == 200
    words = re.search(r"<textarea[^>]*>(.*?)</textarea>", html(first, "/dashboard/visits?month=202409"), re.S)[1]
    assert words.startswith(
        "By 30 Sep 3 service points have been used 29 times in all, 29 of them this month. 2 different"
    )


def test_a_towns_paragraph_names_the_town(september, tess):
    night(FIRST)
    tess.now = MORNING
    tess.sign_in(Person.get(name="田街"))
    words = re.search(r"<textarea[^>]*>(.*?)</textarea>", html(tess, "/dashboard/"), re.S)[1]
    assert words.startswith("截至9月30日，甲街道 2 家服务点累计服务 28 人次")
