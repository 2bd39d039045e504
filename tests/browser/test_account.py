"""Journeys of an account, from the press to the farewell: each page fits on a narrow phone, codes come by the worker's SMS."""

import re
from contextlib import contextmanager

import pyotp
import pytest

from tests.browser.test_axe import PAGES, found
from tests.browser.test_journeys import go, number_on, phone

NO = re.compile(r"the server responded with a status of 4")

WIDEST = """() => {
  const most = document.documentElement.clientWidth, seen = document.documentElement.scrollWidth
  const out = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > most + 1)
  return [seen, out.slice(0, 3).map(one => one.outerHTML.slice(0, 120))]
}"""

CODES = ".rows .line"


class Handset:
    """A phone of 360×720 in somebody's hand. Every page that it comes to is looked at before the journey goes on."""

    def __init__(self, page, url, scripts):
        self.page, self.url, self.scripts = page, url, scripts

    def open(self, path):
        self.page.goto(self.url + path)
        self._fits()

    def tap(self, selector):
        """Tap what leads to another page."""
        go(self.page, selector)
        self._fits()

    def fill(self, **fields):
        for name, text in fields.items():
            self.page.fill(f"#{name}", text)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    def text(self, selector="main") -> str:
        return self.page.inner_text(selector)

    def count(self, selector) -> int:
        return self.page.locator(selector).count()

    def judged(self):
        """Nothing on this page stands in the way of somebody who hears it, or touches it with gloves."""
        if self.scripts:  # axe is one
            assert found(self.page) == [], self.path

    def press(self, station):
        """Scan the code on the wall of a station and press the button."""
        self.open(f"/s/{station}")
        if not self.scripts:
            return self.tap("button.lamp")
        self.page.tap("button.lamp")
        self.page.wait_for_selector("body.alight")
        self._fits()

    def stations(self) -> list[str]:
        """Where I was, newest first, as my visits tell it."""
        self.open("/me/visits")
        links = self.page.locator("main a[href^='/stations/']")
        return [link.get_attribute("href").rpartition("/")[2] for link in links.all()]

    def is_asked_to_sign_in(self) -> bool:
        """Do the pages of an account lead to the sign-in, and tell nothing?"""
        for path in ("/me/", "/me/visits", "/me/data", "/me/devices"):
            self.open(path)
            if not self.path.startswith("/sign-in?next=/me/"):
                return False
        return True

    def _fits(self):
        for width, letters in ((360, ""), (320, "36px")):
            self.page.set_viewport_size({"width": width, "height": 720})
            self._letters(letters)
            wide, out = self.page.evaluate(WIDEST)
            assert wide <= width, f"{self.path} is {wide} px wide on {width}: {out}"
        self.page.set_viewport_size({"width": 360, "height": 720})
        self._letters("")

    def _letters(self, size):
        self.page.evaluate("size => { document.documentElement.style.fontSize = size }", size)


@pytest.fixture
def handset(quick, server):
    """Somebody's phone, for the length of a block; its console stays silent."""

    @contextmanager
    def taken(scripts=True, prefs=""):
        with phone(quick, java_script_enabled=scripts) as page:
            said, pages = [], set()
            page.on("console", lambda message: said.append(message) if message.type == "error" else None)
            page.on(
                "response", lambda answer: pages.add(answer.url) if answer.request.is_navigation_request() else None
            )
            if prefs:
                page.context.add_cookies([{"name": "prefs", "value": prefs, "url": server.url}])
            yield Handset(page, server.url, scripts)
            # a page that asks again, or says that something is not there, is no fault: the journey wants that page
            page.complaints += [one.text for one in said if not (NO.search(one.text) and one.location["url"] in pages)]

    return taken


@pytest.fixture
def join(messages):
    """Fill in the one screen of the registration, on which the handset is."""

    def joined(handset, number, name="赵新来"):
        handset.fill(name=name, phone=number)
        handset.page.select_option("#industry", "driver truck")
        handset.page.check("#agree")
        handset.tap(".pair button")
        handset.judged()
        handset.fill(code=messages.code(number))
        handset.tap(".pair button")

    return joined


@pytest.fixture
def by_code(messages):
    """Sign in by a code, from the form on which the handset is."""

    def signed_in(handset, number):
        handset.fill(phone=number)
        handset.tap("main form >> nth=0 >> button.lamp")
        handset.fill(code=messages.code(number))
        handset.tap("main form >> nth=0 >> button.lamp")

    return signed_in


@pytest.mark.parametrize(
    ("scripts", "prefs", "number", "station"),
    [
        (True, "", "13900002001", "YZ061"),
        (False, "", "13900002002", "YZ062"),
        (True, "lang=en", "13900002003", "YZ063"),
    ],
    ids=["scripts", "no-scripts", "english"],
)
def test_counted_as_a_guest_then_joined_the_visit_is_mine(scripts, prefs, number, station, handset, join, server):
    with handset(scripts, prefs) as guest:
        guest.press(station)
        assert [row["n"] for row in server.visits(station)] == [1]
        guest.tap("a[href^='/register']:visible")
        assert not guest.page.is_checked("#agree")
        join(guest, number)
        assert guest.path == "/me/" and guest.count("form[action='/sign-out']") == 1
        assert guest.stations() == [station]
        assert guest.page.get_attribute("html", "lang") == ("en" if prefs else "zh-CN")
        (visit,) = server.visits(station)
        assert visit["n"] == 1 and visit["actor"] > 0


def test_a_new_phone_opens_the_same_account_and_the_old_one_can_be_signed_out(handset, join, by_code):
    with handset() as old, handset() as new:
        old.press("YZ064")
        old.tap("a[href^='/register']:visible")
        join(old, "13900002004")
        new.open("/sign-in?next=/me/visits")
        by_code(new, "13900002004")
        assert new.path == "/me/visits" and new.stations() == ["YZ064"]
        old.open("/me/devices")
        assert old.count("main .line") == 2
        old.tap("button[name=session]")
        assert old.count("main .line") == 1 and old.path == "/me/devices"
        assert new.is_asked_to_sign_in()
        assert old.stations() == ["YZ064"]


def test_a_lost_phone_opens_nothing_once_a_keeper_has_given_its_owner_another_number(
    handset, join, by_code, messages, server
):
    old, new = "13900002005", "13900002006"
    with handset() as lost, handset() as keeper, handset() as bought:
        lost.press("YZ065")
        lost.tap("a[href^='/register']:visible")
        join(lost, old)
        server.sign_in(keeper.page, "keeper")
        keeper.open("/me/")
        keeper.tap("a[href='/desk/locked']")
        keeper.tap("a[href='/desk/phone']")
        keeper.fill(old=old, phone=new)
        keeper.tap("button.lamp")
        keeper.judged()
        keeper.fill(code=messages.code(new))  # the owner reads it out
        keeper.tap("button.lamp")
        assert keeper.count(".notice[role=status]") == 1
        assert "站长帮您的账号换了手机号" in messages.next(old)
        assert lost.is_asked_to_sign_in()
        bought.open("/sign-in")
        by_code(bought, new)
        assert bought.stations() == ["YZ065"]
        lost.open("/sign-in")
        by_code(lost, old)  # who holds the old number is somebody new here
        assert lost.count("form[action='/register']") == 1 and lost.is_asked_to_sign_in()


def test_a_lost_phone_is_signed_out_by_its_owner_who_kept_the_number(handset, join, by_code):
    with handset() as lost, handset() as bought:
        lost.open("/register?next=/me/data")
        join(lost, "13900002007")
        assert lost.path == "/me/data"
        bought.open("/sign-in")
        by_code(bought, "13900002007")
        bought.tap("a[href='/me/devices']")
        bought.tap("button[name=all]")
        assert bought.count("main .line") == 1
        assert lost.is_asked_to_sign_in()


@pytest.mark.parametrize(
    ("scripts", "number"), [(True, "13900002008"), (False, "13900002009")], ids=["code", "password-no-scripts"]
)
def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(scripts, number, handset, join, by_code):
    with handset(scripts) as here, handset() as elsewhere:
        here.open("/register")
        join(here, number, name="钱来早")
        here.open("/me/data/edit")
        here.fill(name="钱迟到")
        elsewhere.open("/sign-in")
        by_code(elsewhere, number)
        elsewhere.open("/me/password")  # which ends all other sessions
        elsewhere.fill(password="十里春风 2026")
        elsewhere.tap("main button.lamp")
        here.tap("main button.lamp")
        assert here.path == "/me/data/edit" and here.count("main form[action='/sign-in']") >= 1
        here.judged()
        if scripts:
            by_code(here, number)
        else:
            here.tap("button[name=way]")
            here.fill(phone=number, password="十里春风 2026")
            here.tap("main button.lamp")
        assert here.count("main form button") == 1
        here.judged()
        here.tap("main form button")
        assert here.path == "/me/data" and "钱迟到" in here.text()
        elsewhere.open("/me/data")
        assert "钱迟到" in elsewhere.text()


def test_a_closed_account_is_gone_from_the_phone_not_from_the_total_and_comes_back(handset, join, by_code, server):
    with handset() as partner, handset() as officer:
        partner.press("YZ066")
        partner.tap("a[href^='/register']:visible")
        join(partner, "13900002010")
        server.sign_in(officer.page, "officer")

        def total():
            officer.page.goto(server.url + "/dashboard/")
            month = number_on(officer.page, ".stats .lead")
            officer.page.goto(server.url + "/dashboard/visits/YZ066")
            return month, officer.page.locator("tbody td.n").all_inner_texts()

        before = total()
        assert before[0] >= 1 and before[1] == ["1"]
        partner.open("/me/data")
        partner.tap("p.out a[href='/me/close']")
        partner.tap(".pair button")
        assert "账号已注销" in partner.text("h1")
        partner.judged()
        assert partner.is_asked_to_sign_in()
        assert total() == before
        by_code(partner, "13900002010")
        assert "找回来" in partner.text(".pair")
        partner.judged()
        partner.tap("button[name=back] >> nth=0")
        assert partner.stations() == ["YZ066"] and total() == before


def test_an_administrator_gives_and_takes_a_post(handset, join, by_code, server):
    number = "13900002011"
    with handset() as partner, handset() as administrator:
        partner.open("/register")
        join(partner, number, name="孙上岗")
        server.sign_in(administrator.page, "administrator")
        administrator.open("/me/")
        administrator.tap("a[href='/roles/']")
        administrator.fill(q=number)
        administrator.tap("main form button")
        administrator.judged()
        administrator.page.select_option("#role", "keeper")
        administrator.page.select_option("#station", "YZ067")
        administrator.tap("form[action$='/grants'] button")
        assert administrator.count("form[action$='/end']") == 1
        assert partner.is_asked_to_sign_in()  # a new role, a new sign-in
        partner.open("/sign-in")
        by_code(partner, number)
        assert partner.path == "/desk/" and partner.count("a[href='/stations/YZ067/poster']") == 1
        administrator.tap("form[action$='/end'] button")
        assert administrator.count("form[action$='/end']") == 0
        assert partner.is_asked_to_sign_in()
        partner.open("/sign-in")
        by_code(partner, number)
        assert partner.path == "/me/" and partner.count("a[href^='/desk/']") == 0
        assert partner.page.request.get(server.url + "/desk/").status in (403, 404)


def test_an_auditor_reads_in_the_trail_who_was_given_what(handset, join, by_code, server):
    number = "13900002014"
    with handset() as auditor, handset() as administrator:
        auditor.open("/register")
        join(auditor, number, name="郑查账")
        server.sign_in(administrator.page, "administrator")
        administrator.open("/roles/")
        administrator.fill(q=number)
        administrator.tap("main form button")
        administrator.page.select_option("#role", "auditor")
        administrator.tap("form[action$='/grants'] button")
        ref = administrator.path.rpartition("/")[2]
        auditor.open("/sign-in")
        by_code(auditor, number)
        auditor.open("/me/")
        auditor.tap("a[href='/trail']")
        auditor.fill(subject=f"person:{ref}")
        auditor.tap("main form button.lamp")
        assert auditor.count("section[aria-labelledby=found] li") >= 2  # registered, and given a role
        assert "郑**" in auditor.text() or "郑*" in auditor.text()
        auditor.judged()


def test_an_invitation_is_taken_on_by_somebody_who_has_to_register_first(handset, join, server):
    with handset() as administrator, handset() as invited:
        server.sign_in(administrator.page, "administrator")
        administrator.open("/roles/")
        administrator.tap("a[href='/roles/invitations']")
        administrator.page.select_option("#role", "keeper")
        administrator.page.select_option("#station", "YZ068")
        administrator.tap("form[action='/roles/invitations'] button")
        administrator.judged()
        link = administrator.page.input_value("#link")
        assert link.startswith(server.url + "/invited/")
        invited.open(link.removeprefix(server.url))
        invited.judged()
        invited.tap("main a.lamp")
        invited.tap("a[href^='/register']")
        join(invited, "13900002012", name="周受邀")
        assert invited.page.url == link
        invited.tap("form[action^='/invited/'] button")
        invited.open("/desk/")
        assert invited.count("a[href='/stations/YZ068/poster']") == 1
        with handset() as late:
            late.open(link.removeprefix(server.url))
            assert late.count("main form[action^='/invited/']") == 0 and late.count("main .notice") == 1


def test_codes_of_an_app_are_set_up_printed_and_turned_off(handset, join):
    with handset() as partner:
        partner.open("/register")
        join(partner, "13900002013")
        partner.open("/me/second")
        partner.tap("form[action='/me/second'] button")
        partner.judged()
        secret = partner.text("section[aria-labelledby=scan] b.num").replace(" ", "")
        partner.fill(code=pyotp.TOTP(secret).now())
        partner.tap("form[action='/me/second/confirmation'] button")
        partner.judged()
        paper = [code.strip() for code in partner.page.locator(CODES).all_inner_texts()]
        assert len(set(paper)) == 10
        partner.page.emulate_media(media="print")
        assert all(line.is_visible() for line in partner.page.locator(CODES).all())
        assert not partner.page.is_visible("main .btn") and not partner.page.is_visible("nav.tabs")
        partner.page.emulate_media(media="screen")
        partner.tap("main a.lamp")
        assert partner.path == "/me/"
        partner.open("/me/second")
        assert "10" in partner.text() and not any(code in partner.page.content() for code in paper)
        partner.judged()
        partner.fill(code=paper[0])
        partner.tap("button[formaction='/me/second/end']")
        assert partner.path == "/me/second" and partner.count("form[action='/me/second']") == 1


@pytest.mark.parametrize("who", ["rider", "keeper", "administrator"])
def test_every_page_of_an_account_fits(who, handset, server):
    with handset() as theirs:
        server.sign_in(theirs.page, who)
        for path in PAGES[who]:
            theirs.open(path)
