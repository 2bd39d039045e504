"""Where can I get warm, charge and find a toilet, open right now? Whole ways at 360×720, with scripts and without."""

import re

import pytest

from tests.browser.server import running
from tests.browser.test_journeys import go, phone

WAYS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


@pytest.fixture(scope="module")
def rush_hour():
    """The demo at 17:40."""
    with running(NUANYI_SPOIL="rush_hour") as url:
        yield url


@pytest.fixture(scope="module")
def late():
    """The demo at 23:00."""
    with running(NUANYI_SPOIL="late") as url:
        yield url


def choose(page, words):
    """Tap a filter, if need be under 更多条件, and see that it is chosen."""
    chip = page.locator(".filters a", has_text=re.compile(rf"^{words}$"))
    if not chip.is_visible():
        page.tap("summary")
    with page.expect_navigation():
        chip.tap()
    assert page.locator(".filters [aria-current]", has_text=words).is_visible()


@WAYS
def test_with_the_location_refused_a_rider_finds_hot_water_and_a_charger(scripts, quick, rush_hour):
    with phone(quick, java_script_enabled=scripts) as rider:
        rider.goto(rush_hour)
        window = rider.inner_text("a.window")
        assert "还开" in window and re.search(r"到 \d\d:\d\d|24 小时", window)
        go(rider, ".near a")
        if scripts:
            rider.tap("near-me button")
            rider.wait_for_selector("near-me .notice:not([hidden])")
            assert "没定上位，选一下您在哪儿" in rider.inner_text("near-me .notice")
        else:
            assert not rider.locator("near-me button").is_visible()
        rider.fill("#q", "鼓楼东街")
        go(rider, ".find button")
        with rider.expect_navigation():
            rider.locator("button[name=place]", has_text="鼓楼东街 18 号").tap()
        assert "从鼓楼东街 18 号算起" in rider.inner_text("main")
        for words in ("现在开着", "热水", "快充"):
            choose(rider, words)
        first = rider.locator(".row").nth(0)
        assert "还开 50 分钟" in first.inner_text() and "到 18:30" in first.inner_text()
        with rider.expect_navigation():
            first.tap()
        said = rider.inner_text("main")
        assert "红帆驿站鼓楼东街" in rider.inner_text("h1") and "50 分钟" in said and "到 18:30" in said
        assert {"热水", "快充", "厕所"} <= set(rider.locator(".am li").all_inner_texts())
        rider.goto(rush_hour + "/")  # the choice is remembered
        assert "离鼓楼东街 18 号最近" in rider.inner_text("#near")


@WAYS
def test_at_eleven_at_night_a_truck_of_17_metres_finds_where_to_stand(scripts, quick, late):
    with phone(quick, java_script_enabled=scripts) as driver:
        driver.goto(late + "/stations/place")
        go(driver, "button[name=vehicle]")
        assert "能停货车" in driver.inner_text(".filters [aria-current]")
        choose(driver, "现在开着")
        rows = driver.locator(".row").all()
        assert rows and all("还开" in row.inner_text() or "24 小时" in row.inner_text() for row in rows)
        fits = [
            row
            for row in rows
            if (found := re.search(r"车长 ([\d.]+) 米以内", row.inner_text())) and float(found[1]) >= 17
        ]
        with driver.expect_navigation():
            fits[0].tap()
        said = driver.inner_text("main")
        assert re.search(r"货车长 1[78]\.5 米以内", said) and "停货车" in said and "24" in driver.inner_text(".window")
        assert "1410812" in said  # whom to call
        driver.goto(late + "/stations/")
        assert "能停货车" in driver.inner_text(".filters [aria-current]")  # the next time too


def test_what_is_shut_is_dark_and_says_when_it_opens(quick, late):
    with phone(quick) as rider:
        rider.goto(late + "/stations/YZ023")
        assert "现在没开" in rider.inner_text(".window.unlit") and "明天 08:30 开" in rider.inner_text(".window.unlit")
        rider.goto(late + "/stations/?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E9%87%8C")
        go(rider, ".rows .row")  # nothing found leads to the nearest open one
        assert rider.locator(".window:not(.unlit)").count() == 1
