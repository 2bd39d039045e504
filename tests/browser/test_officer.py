"""The officer on the first at 09:50: from the number to the rows to the paragraph, with the month frozen at ten past midnight."""

import datetime as dt
import re
import subprocess
from zoneinfo import ZoneInfo

import pytest

from tests.browser.server import FLASK, ROOT, running, settings

FIRST = dt.datetime(2024, 10, 1, 9, 50, tzinfo=ZoneInfo("Asia/Shanghai"))

SEPTEMBER = """
import datetime as dt
from tests.browser.test_officer import FIRST
from app import create_app
create_app()
from models import demo, freezing, months
from models._schema import upgrade
from models.stations import Station
from models.visits import Who, admit
upgrade()
demo.load_demo(__import__("pathlib").Path("districts/yanzhou"), at=FIRST - dt.timedelta(days=40), people=False)
stations = list(Station.listed().order_by(Station.code).limit(3))
for n in range(46):
    at = FIRST - dt.timedelta(days=2, hours=9 + n % 7, minutes=n)
    admit(stations[n % 23 % 3].id, Who(None, f"{n:032}"), client_id=f"s{n}", at=at, now=at, evidence=1)
freezing.look_after_months(months.due(202409))
late = FIRST - dt.timedelta(hours=10, minutes=20)
admit(stations[0].id, Who(None, "f" * 32), client_id="late", at=late, now=FIRST - dt.timedelta(hours=1), evidence=1)
"""


@pytest.fixture(scope="module")
def first_of_october(tmp_path_factory):
    """A server at 09:50 on the first of October 2024, over a September that was frozen in time."""
    home = tmp_path_factory.mktemp("first")
    env = settings(home)
    subprocess.run([FLASK[0], "-c", SEPTEMBER], cwd=ROOT, env=env, check=True)
    with running(folder=home, NUANYI_SPOIL="first_of_october") as url:
        yield url


@pytest.fixture
def officer(quick, first_of_october):
    context = quick.new_context(viewport={"width": 1280, "height": 800}, service_workers="block")
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(first_of_october + "/sign-in")
    with page.expect_navigation():
        page.click("button[value='14108120009']")
    yield page
    assert page.complaints == []
    context.close()


def follow(page, selector):
    with page.expect_navigation():
        page.click(selector)


def numbers(page, column=2):
    """The figures in a column of the page's table."""
    return [int(re.sub(r"\D", "", text)) for text in page.locator(f"tbody td:nth-of-type({column})").all_inner_texts()]


def test_from_the_number_to_the_rows_to_the_paragraph(officer, first_of_october):
    officer.goto(first_of_october + "/dashboard/")
    assert "10月1日" in officer.inner_text("h1")
    follow(officer, "text=2024年9月 已冻结")
    assert "一共 46 人次" in officer.inner_text("main") and "之后的调整：+1" in officer.inner_text("main")
    assert "10月1日 周二 00:10" in officer.inner_text("main") or "今天 00:10" in officer.inner_text("main")
    assert sum(numbers(officer)) == 46 and sum(numbers(officer, 3)) == 1
    most = numbers(officer)[0]
    follow(officer, "tbody tr:first-child td:nth-of-type(2) a")
    assert f"一共 {most} 人次" in officer.inner_text("main")
    rows = len(numbers(officer, 4))
    assert rows == min(most, 20)
    officer.go_back()
    follow(officer, "text=时段")
    assert sum(numbers(officer, 1)) == 46

    officer.goto(first_of_october + "/dashboard/")
    words = officer.input_value("textarea")
    assert words.startswith("截至9月30日，139 家服务点累计服务 46 人次，本月新增 46 人次。")
    officer.context.grant_permissions(["clipboard-read", "clipboard-write"])
    officer.click("text=复制这段话")
    officer.wait_for_selector("text=复制好了")
    assert officer.evaluate("navigator.clipboard.readText()") == words


def test_without_a_clipboard_the_paragraph_is_marked(officer, first_of_october):
    officer.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false"
    )
    officer.goto(first_of_october + "/dashboard/")
    officer.click("text=复制这段话")
    officer.wait_for_selector("text=已选中，请复制")
    assert officer.evaluate("getSelection().toString() || document.activeElement.value") == officer.input_value(
        "textarea"
    )


def test_without_scripts_the_paragraph_can_be_read_and_marked(quick, first_of_october):
    context = quick.new_context(java_script_enabled=False, viewport={"width": 360, "height": 720})
    page = context.new_page()
    page.goto(first_of_october + "/sign-in")
    page.click("button[value='14108120009']")
    page.goto(first_of_october + "/dashboard/")
    assert page.input_value("textarea").startswith("截至9月30日") and not page.is_visible("text=复制这段话")
    context.close()


def test_the_table_comes_as_a_file(officer, first_of_october, tmp_path):
    officer.goto(first_of_october + "/dashboard/visits?month=202409")
    with officer.expect_download() as waiting:
        officer.click("text=存成 .csv")
    waiting.value.save_as(tmp_path / "table.csv")
    assert "兖州区服务点到站人次（2024年9月）" in (tmp_path / "table.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    "path",
    ["", "months", "visits?month=202409", "visits?month=202409&by=hour", "people?month=202409", "checks/unvisited"],
)
def test_nothing_scrolls_sideways_on_a_phone(path, quick, first_of_october):
    context = quick.new_context(viewport={"width": 360, "height": 720}, service_workers="block")
    page = context.new_page()
    page.goto(first_of_october + "/sign-in")
    page.click("button[value='14108120009']")
    page.goto(f"{first_of_october}/dashboard/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
