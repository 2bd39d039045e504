"""The keeper's five minutes at 360×720: the morning tap, who came, what is broken, lent, asked for; and the partner beside it."""

import re
from contextlib import ExitStack, contextmanager

import pytest

from tests.browser.conftest import Server
from tests.browser.server import CONTROLLED, running
from tests.browser.test_journeys import go, phone

STATION = "YZ023"
KEEPER, OFFICER = "14108120003", "14108120009"
PARTNERS = ("14108120001", "14108120002", "14108120004")
"""Who press here: without scripts a phone that is nobody's is known by its address alone, and they share one."""


WAYS = [
    pytest.param(on, id=name, marks=pytest.mark.xdist_group(name))
    for on, name in ((True, "with scripts"), (False, "without"))
]
"""Each on one worker, so that its servers are started once."""


@pytest.fixture(scope="module", params=WAYS)
def scripts(request):
    return request.param


@pytest.fixture(scope="module")
def morning(scripts, tmp_path_factory):
    """A demo of its own at 8:40, so that nobody else opens, breaks or mends things here."""
    home = tmp_path_factory.mktemp("keeper")
    with running(folder=home, NUANYI_SPOIL="morning") as url:
        yield url, home / "nuanyi.db"


@pytest.fixture
def here(morning):
    return Server(*morning)


@pytest.fixture(scope="module")
def today(scripts, tmp_path_factory):
    """Another, where the hour is that of the phones: what waits for a network knows when it was pressed."""
    home = tmp_path_factory.mktemp("keeper")
    with running(folder=home) as url:
        yield url, home / "nuanyi.db"


@pytest.fixture
def now(today):
    return Server(*today)


@contextmanager
def phones(quick, scripts, address):
    """Give a path, and an account for whoever signs in by the demo's button: another phone shows the page."""
    with ExitStack() as pockets:

        def opened(path, account=""):
            page = pockets.enter_context(phone(quick, java_script_enabled=scripts))
            if account:
                page.goto(address + "/sign-in")
                go(page, f"button[value='{account}']")
            page.goto(address + path)
            return page

        yield opened


@pytest.fixture
def someone(quick, scripts, here):
    with phones(quick, scripts, here.url) as opened:
        yield opened


@pytest.fixture
def someone_now(quick, scripts, now):
    with phones(quick, scripts, now.url) as opened:
        yield opened


@pytest.fixture
def keeper(someone):
    return someone("/desk/", KEEPER)


@pytest.fixture
def keeper_now(someone_now):
    return someone_now("/desk/", KEEPER)


def line(page, words):
    return page.locator(".line", has_text=words)


def tap(page, target):
    with page.expect_navigation():
        target.tap()


def came(here):
    return sum(row["n"] for row in here.visits(STATION))


def arrives(here, page):
    """The last visit, now or within seconds."""
    for _ in range(100):
        if rows := here.visits(STATION):
            return rows[-1]
        page.wait_for_timeout(100)
    raise AssertionError("nothing came")


def test_one_tap_says_open_today_and_partners_see_it(keeper, someone):
    assert "还没确认开门" in keeper.inner_text("#open")
    go(keeper, "button.tall")
    assert "已确认：正常开放" in keeper.inner_text(".notice")
    assert not keeper.is_visible("button.tall")
    assert "今天已确认" in someone(f"/stations/{STATION}").inner_text("main")


def test_five_are_noted_once_and_put_right_with_a_reason(keeper, here):
    number = "a.num[href^='/desk/visits']"
    before = int(keeper.inner_text(number))
    with keeper.expect_event("requestfinished", lambda request: request.method == "GET" and "/desk/" in request.url):
        keeper.dblclick("button[name=n][value='5']")  # the second press takes the place of the first
    keeper.goto(here.url + "/desk/")
    assert int(keeper.inner_text(number)) == before + 5 and came(here) == 5
    assert "记了 5 位" in keeper.inner_text("main")
    tap(keeper, keeper.locator("main a", has_text="记错了"))
    noted = keeper.locator("details", has_text=re.compile(r"· 5")).first
    noted.locator("summary").tap()
    noted.locator("input[name=should]").fill("3")
    tap(keeper, noted.locator("button"))
    assert keeper.is_visible(".why") and keeper.input_value("details[open] input[name=should]") == "3"
    keeper.fill("details[open] input[name=why]", "两位是来取快递的")
    tap(keeper, keeper.locator("details[open] button"))
    assert came(here) == 3
    assert "−2" in (said := keeper.inner_text("main")).replace("-2", "−2") and "两位是来取快递的" in said


def test_whoever_has_no_phone_in_hand_is_noted_by_number(keeper, here):
    tap(keeper, keeper.locator("main a", has_text="报手机号"))
    keeper.fill("#phone", "1410812")
    go(keeper, "button.lamp")
    assert "少了" in keeper.inner_text(".why") and keeper.input_value("#phone") == "1410812"
    for said in ("记好了", "四小时内只算一次"):
        keeper.fill("#phone", "141 0812 0001")
        go(keeper, "button.lamp")
        assert said in keeper.inner_text("main [role=status]")
    assert came(here) == 1 and here.visits(STATION)[0]["actor"] > 0


def test_what_partners_say_reaches_the_keeper_with_its_clock(keeper, someone, here):
    partner = someone(f"/stations/{STATION}")
    tap(partner, partner.locator("a.line", has_text="信息还对吗"))
    tap(partner, line(partner, "微波炉").locator("button"))
    assert "谢谢" in partner.inner_text("main [role=status]")
    tap(partner, line(partner, "锁门").locator("button"))
    partner.goto(f"{here.url}/stations/{STATION}")
    assert "锁门" in partner.inner_text(".notice.warn")
    keeper.goto(keeper.url)
    rows = [row.inner_text() for row in keeper.locator("#stuff + .sheet .line").all()]
    assert all("1 位伙伴" in row and "前" in row for row in rows[:2]), rows
    assert "锁" in rows[0] and "微波炉" in rows[1], "the most urgent comes first"
    tap(keeper, line(keeper, "锁").locator("button[value=works]"))
    tap(keeper, line(keeper, "微波炉").locator("button[value=works]"))
    assert "位伙伴" not in keeper.inner_text("#stuff + .sheet")
    partner.goto(f"{here.url}/stations/{STATION}")
    assert partner.locator(".notice.warn", has_text="锁").count() == 0


def test_what_is_broken_is_not_looked_for_until_it_works(keeper, someone, here):
    partner = someone("/stations/")
    tap(partner, partner.locator(".filters a", has_text=re.compile("^热水$")))
    list_of_hot_water, ours = partner.url, f"a.row[href='/stations/{STATION}']"
    assert partner.locator(ours).count() == 1
    tap(keeper, line(keeper, "热水").locator("button[value=broken]"))
    assert "坏了" in line(keeper, "热水").locator(".chip").inner_text()
    partner.goto(list_of_hot_water)
    assert partner.locator(ours).count() == 0
    tap(keeper, line(keeper, "热水").locator("button[value=works]"))
    partner.goto(list_of_hot_water)
    assert partner.locator(ours).count() == 1


def on_the_board(keeper):
    keeper.goto(keeper.url)
    return keeper.inner_text("section[aria-labelledby=board] .num")


def press(partner, digits):
    partner.tap("summary")
    partner.fill("#digits", digits)
    partner.tap("button.lamp")


def test_the_digits_on_the_board_prove_that_somebody_stood_there(keeper_now, someone_now, now):
    partner = someone_now(f"/s/{STATION}", PARTNERS[0])
    press(partner, on_the_board(keeper_now))
    partner.wait_for_selector("body.alight")
    assert [(row["n"], row["evidence"]) for row in now.visits(STATION)] == [(1, 2)]


def test_other_digits_count_all_the_same_and_prove_nothing(keeper_now, someone_now, now):
    partner = someone_now(f"/s/{STATION}", PARTNERS[1])
    press(partner, f"{(int(on_the_board(keeper_now)) + 1) % 100:02}")
    partner.wait_for_selector("body.alight")
    assert "照样记上了" in partner.inner_text("main")
    assert [(row["n"], row["evidence"]) for row in now.visits(STATION)] == [(1, 0)]


@pytest.mark.parametrize("scripts", WAYS[:1], indirect=True)  # without scripts nothing waits
def test_without_network_the_digits_wait_on_the_phone(scripts, keeper_now, someone_now, now):
    partner = someone_now(f"/s/{STATION}")
    partner.evaluate(CONTROLLED)
    partner.reload()
    digits = on_the_board(keeper_now)
    partner.context.set_offline(True)
    partner.reload()
    press(partner, digits)
    partner.wait_for_selector("text=先记在手机里了")
    assert now.visits(STATION) == []
    partner.context.set_offline(False)
    row = arrives(now, partner)
    assert (row["n"], row["evidence"]) == (1, 2)


def test_what_runs_low_is_asked_for_answered_and_filled_up(keeper, someone, here):
    tap(keeper, keeper.locator("main a", has_text="发放的物品"))
    keeper.fill("#name", "暖宝宝")
    go(keeper, "button.lamp")
    tap(keeper, line(keeper, "暖宝宝").locator("button[value=ask]"))
    officer = someone("/upkeep/", OFFICER)
    go(officer, "a[href='/upkeep/supplies']")
    asked = line(officer, "暖宝宝")
    asked.locator("input[name=answer]").fill("周四送到")
    tap(officer, asked.locator("button[value=promise]"))
    keeper.goto(here.url + "/desk/")
    assert "在路上" in (said := line(keeper, "暖宝宝").inner_text()) and "周四送到" in said
    tap(keeper, line(keeper, "暖宝宝").locator("button[value=fill]"))
    assert line(keeper, "暖宝宝").count() == 0
    officer.goto(here.url + "/upkeep/supplies")
    assert line(officer, "暖宝宝").count() == 0


def test_a_power_bank_goes_out_once_and_comes_back(keeper):
    go(keeper, "a[href^='/desk/loans']")
    for n in (1, 2):
        keeper.fill("#number", "7")
        keeper.fill("#hint", "蓝头盔")
        go(keeper, "button.lamp")
        assert keeper.locator(".line", has_text="蓝头盔").count() == 1
        assert keeper.locator(".why").count() == n - 1, "the same one cannot be lent twice"
    tap(keeper, line(keeper, "蓝头盔").locator("button"))
    assert "蓝头盔" not in keeper.inner_text("main")


def test_the_monthly_look_is_done_in_a_minute(keeper):
    go(keeper, "a[href^='/desk/inspection']")
    keeper.locator(".tick", has_text="制度上墙").tap()
    keeper.fill("#note", "周五补上")
    go(keeper, "button.lamp")
    said = keeper.inner_text("main [role=status]")
    assert 0 < int(re.search(r"(\d+) 分", said)[1]) < 100
    assert "制度上墙" in (past := keeper.inner_text("#past + .rows")) and "周五补上" in past


def test_a_new_code_leaves_the_old_one_kind(keeper_now, someone_now, now):
    old = now.token(STATION)
    go(keeper_now, "a[href^='/desk/poster']")
    go(keeper_now, "button.lamp")
    assert "/poster" in keeper_now.url and STATION in keeper_now.inner_text("main")
    assert now.token(STATION) != old
    partner = someone_now(f"/S/{old}", PARTNERS[2])
    assert "这张码旧了，告诉站长换一张就行" in partner.inner_text("main")
    partner.tap("button.lamp")
    partner.wait_for_selector("body.alight")
    assert [row["n"] for row in now.visits(STATION)] == [1]
    assert "这张码旧了" not in someone_now(f"/S/{now.token(STATION)}").inner_text("main")
