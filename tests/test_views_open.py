"""Open now on every page: home, list, filters, search, station and poster, to the minute, in two languages."""

import datetime as dt
import re

import pytest

from models import openings
from models._database import writing
from models.areas import Revision
from models.openings import add_exception, set_hours
from models.people import Person
from models.stations import Station, StationAmenity, find_station
from views import _keep

DAY = dt.timedelta(days=1)
CODE = re.compile(r"/stations/(YZ\d{3}|SF\d{3})")


def codes(answer):
    return [found[1] for link in answer.page.links() if (found := CODE.fullmatch(link))]


def at(phone, noon, clock, day=0):
    hour, minute = map(int, clock.split(":"))
    phone.now = noon.replace(hour=hour, minute=minute) + day * DAY
    return phone


# To the minute.


@pytest.mark.parametrize(
    "clock, words, english",
    [
        ("12:00", "还开 6 小时 30 分 到 18:30", "still open 6 h 30 min until 18:30"),
        ("16:30", "还开 2 小时 到 18:30", "still open 2 h until 18:30"),
        ("17:40", "还开 50 分钟 到 18:30", "still open 50 min until 18:30"),
        ("18:29", "还开 1 分钟 到 18:30", "still open 1 min until 18:30"),
        ("18:30", "现在没开 明天 08:30 开", "shut now opens tomorrow 08:30"),
        ("8:29", "现在没开 08:30 开", "shut now opens 08:30"),
        ("8:30", "还开 10 小时 到 18:30", "still open 10 h until 18:30"),
    ],
)
def test_the_stations_page_says_it_to_the_minute(clock, words, english, yanzhou, new_phone, noon):
    assert words in at(new_phone(), noon, clock).get("/stations/YZ023").page.text
    assert english in at(new_phone().set("prefs", "lang=en"), noon, clock).get("/stations/YZ023").page.text


def test_at_half_past_one_a_place_that_is_open_until_two_is_open(town, phone, noon):
    assert "还开 30 分钟 到 02:00" in at(phone, noon, "1:30").get("/stations/SF002").page.text
    assert "现在没开 22:00 开" in at(phone, noon, "2:00").get("/stations/SF002").page.text
    assert "24 小时 白天夜里都开" in phone.get("/stations/SF003").page.text
    set_hours(town.spring, "每天 8:00-24:00", by=None, at=noon)
    assert "还开 1 小时 到 24:00" in at(phone, noon, "23:00").get("/stations/SF001").page.text


def test_no_kept_page_says_open_after_closing(yanzhou, phone, noon):
    """Kept bytes are of one minute; between two no page lives on."""
    for path in ("/", "/stations/?q=YZ023", "/stations/YZ023"):
        phone.now = noon.replace(hour=18, minute=29, second=59)
        before = phone.get(path)
        assert phone.get(path).data == before.data and "到 18:30" in before.page.text
        phone.now += dt.timedelta(seconds=1)
        after = phone.ask("GET", path, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200 and "到 18:30" not in after.page.text
    assert codes(phone.get("/"))[0] != "YZ023"


def test_glyphs_say_how_long(yanzhou, phone, noon):
    def glyph(clock):
        row = at(phone, noon, clock).get("/stations/?q=YZ023").get_data(as_text=True)
        return re.search(
            r'class="row" href="/stations/YZ023"><svg class="w" aria-hidden="true"><use href="#(w\d)"', row
        )[1]

    assert [glyph(c) for c in ("17:30", "17:31", "18:10", "18:11", "18:30")] == ["w4", "w2", "w2", "w1", "w0"]
    assert "再过 15 分钟关门" in at(phone, noon, "18:15").get("/stations/?q=YZ023").page.text


# Home.


def test_home_shows_the_nearest_that_are_open_now(yanzhou, phone, noon):
    for clock in ("12:00", "23:00", "3:30"):
        answer = at(phone, noon, clock).get("/")
        found = codes(answer)
        states = [openings.state(Station.get(code=code), phone.now) for code in found]
        assert len(found) == 3 and all(state.is_open for state in states[:1])
        every = [s for s in Station.nearest(35.556, 116.83, 139) if openings.state(s, phone.now).is_open]
        assert found[0] == every[0].code
        assert f"{len(every)} 处开着" in answer.page.text
        assert "/stations/?only=open" in answer.page.links()


def test_far_from_all_open_ones_home_says_so(yanzhou, phone, noon):
    near = at(phone, noon, "3:30").get("/stations/nearest?near=35.680,116.730")
    assert "1 公里内没有开着的点，最近的在这里" in near.page.text
    assert "1 公里内" not in at(phone, noon, "12:00").get("/").page.text


def test_where_nothing_is_open_the_window_is_dark(town, phone, noon):
    set_hours(town.fuel, "8:00-9:00", by=None, at=noon)
    answer = at(phone, noon, "6:30").get("/")
    assert "附近现在都没开，先开门的在这里" in answer.page.text and "08:00 开" in answer.page.text
    assert [a["class"] for a in answer.page.all("a") if "window" in a.get("class", "")] == ["window unlit"]


def test_without_any_hours_nobody_is_told_that_it_is_open_or_shut(town, phone, noon):
    for station in (town.spring, town.street, town.fuel):
        set_hours(station, "", by=None, at=noon)
    assert "开门时间还不清楚" in phone.get("/stations/").page.text
    assert "开门时间还不清楚" in phone.get("/stations/SF001").page.text
    assert phone.get("/").status_code == 200


# List: filters.


def chips(answer):
    """The filters by their address: chosen or not."""
    return {a["href"]: "aria-current" in a for a in answer.page.all("a") if a["href"].startswith("/stations/?only=")}


def test_filters_are_links_that_go_on_and_off(yanzhou, phone, noon):
    at(phone, noon, "23:00")
    first = phone.get("/stations/")
    assert "/stations/?only=open" in chips(first) and not any(chips(first).values())
    one = phone.get("/stations/?only=open")
    assert "现在开着 ，已选" in one.page.text and "/stations/?only=open,fast" in chips(one)
    both = phone.get("/stations/?only=open,fast")
    assert {"/stations/?only=fast", "/stations/?only=open"} <= {link for link, chosen in chips(both).items() if chosen}
    wanted = [s.code for s in Station.nearest(35.556, 116.83, 139) if openings.state(s, phone.now).is_open]
    wanted = [code for code in wanted if "CHG" in [a.code for a in find_station(code).yes]]
    assert codes(both) == wanted[:20] and f"{len(wanted)} 处" in both.page.text
    text = phone.get("/stations/").page.text
    for words in (
        "现在开着",
        "热水",
        "快充",
        "热饭",
        "厕所",
        "换电",
        "能停货车",
        "24 小时",
        "更多条件",
        "医",
        "食",
        "驻",
        "行",
    ):
        assert words in text


def test_the_order_of_filters_in_the_address_is_no_matter(yanzhou, phone):
    assert codes(phone.get("/stations/?only=fast,open")) == codes(phone.get("/stations/?only=open,fast"))
    assert chips(phone.get("/stations/?only=fast,open")) == chips(phone.get("/stations/?only=open,fast"))


@pytest.mark.parametrize("text", ["x", "open,x", ",", "open open", "OPEN", "%00", "🛵"])
def test_a_filter_that_there_is_not_is_404(text, yanzhou, phone):
    assert phone.get("/stations/", query_string={"only": text}).status_code == 404


def test_a_filter_keeps_town_words_and_position(yanzhou, phone, noon):
    answer = phone.get("/stations/?only=open&town=370812001&q=红帆&near=35.550,116.830")
    assert all(Station.get(code=code).town_id == "370812001" for code in codes(answer)) and codes(answer)
    for link in (link for link in chips(answer) if "only=open&" not in link):
        assert "town=370812001" in link and "q=%E7%BA%A2%E5%B8%86" in link and "near=35.550,116.830" in link, link
    hidden = {
        f["name"]: f["value"] for f in answer.page.all("input") if f.get("type") == "hidden" and f["name"] != "next"
    }
    assert hidden == {"only": "open", "town": "370812001", "near": "35.550,116.830"}


def test_pages_of_a_narrowed_list_go_on(yanzhou, phone, noon):
    seen, path = [], "/stations/?only=open,hot"
    while path:
        answer = phone.get(path)
        seen += codes(answer)
        path = next((link for link in answer.page.links() if f"page={len(seen) // 20 + 1}" in link), None)
    assert len(seen) == len(set(seen)) > 40


def test_who_drives_a_truck_is_shown_where_trucks_may_stand(yanzhou, new_phone, noon):
    phone = at(new_phone(), noon, "23:00").set("prefs", "vehicle=truck")
    answer = phone.get("/stations/")
    trucks = {s.code for s in Station.nearest(35.556, 116.83, 139) if "TRUCK" in [a.code for a in s.yes]}
    assert (
        set(codes(answer)) <= trucks
        and "能停货车 ，已选" in answer.page.text
        and "车长 17.5 米以内" in answer.page.text
    )
    assert "/stations/?only=" in answer.page.links()  # to take it off
    everything = phone.get("/stations/?only=")
    assert "139 处" in everything.page.text and "/stations/" in everything.page.links()
    assert set(codes(phone.get("/"))) <= trucks
    assert "不开货车了" in phone.get("/stations/place").page.text


# Search.


def test_two_characters_find_and_work_with_filters(yanzhou, phone, noon):
    answer = phone.get("/stations/?q=小哥")
    assert codes(answer) and "小哥" in answer.page.text
    assert all("红帆" in Station.get(code=code).name for code in codes(phone.get("/stations/?q=红帆&only=always")))


@pytest.mark.parametrize("words", ["没有这个地方", "%", "_", "\\", "🛵", "<b>", "x" * 500, "\0\0", "  "])
def test_what_is_not_found_leads_somewhere(words, yanzhou, phone):
    answer = phone.get("/stations/", query_string={"q": words})
    assert answer.status_code == 200
    if words.strip(" \0"):
        assert "没找到" in answer.page.text and "不按这几个字找" in answer.page.text
        assert len(codes(answer)) == 1 and "最近开着的在这里" in answer.page.text


def test_nothing_that_has_it_all_leads_on_too(yanzhou, phone, noon):
    with writing():
        StationAmenity.delete().where(StationAmenity.amenity == "SWAP").execute()
        Revision.bump()
    answer = phone.get("/stations/?only=swap,truck")
    assert (
        "现在没有样样都合适的点" in answer.page.text and "/stations/" in answer.page.links() and len(codes(answer)) == 1
    )


def test_a_road_typed_by_hand_is_a_place_to_measure_from(yanzhou, new_phone, noon):
    phone = new_phone()
    page = phone.get("/stations/place?q=鼓楼东街 18").page
    assert "鼓楼东街 18 号" in page.text and {"name": "place", "value": "YZ023", "class": "btn mt"} in page.all(
        "button"
    )
    assert phone.post("/prefs", {"place": "YZ023", "next": "/stations/"}).status_code == 303
    answer = phone.get("/stations/")
    assert codes(answer)[0] == "YZ023" and "从鼓楼东街 18 号算起" in answer.page.text
    assert (
        "离鼓楼东街 18 号最近" in phone.get("/").page.text
        and "从鼓楼东街 18 号算起" in phone.get("/stations/YZ024").page.text
    )
    assert "没找到" in phone.get("/stations/place?q=没有这条路").page.text


# A station, its poster.


def test_the_week_stands_there_with_today_first(yanzhou, phone, noon):
    text = phone.get("/stations/YZ023").page.text
    assert "今天 周四 8:30–18:30 明天 8:30–18:30 周六 9:00–12:00 14:00–17:00 周日 不开 周一到周三 8:30–18:30" in text
    assert "直接进" in text and "14108129023" in text and "由区总工会照看" in text


def test_a_change_of_a_day_stands_there_with_its_reason(town, phone, noon):
    add_exception(town.spring, noon.date(), noon.date(), "", "今日停电", by=None, at=noon)
    add_exception(town.spring, noon.date() + DAY, noon.date() + 2 * DAY, "10:00-12:00", "盘点", by=None, at=noon)
    text = phone.get("/stations/SF001").page.text
    assert "现在没开 明天 10:00 开" in text and "今天 不开：今日停电" in text
    assert "9月20日 周五到9月21日 周六 10:00–12:00：盘点" in text
    assert "今天 周四 不开 明天到周六 10:00–12:00" in text
    phone.now += 3 * DAY
    assert "停电" not in phone.get("/stations/SF001").page.text


def test_trucks_are_told_how_long_and_high(yanzhou, phone, noon):
    code = Station.get(Station.truck_length == 17.5).code
    assert "货车长 17.5 米以内、高 4.2 米以内" in phone.get(f"/stations/{code}").page.text


def test_the_number_can_be_called_outside_the_demo_only(small, real_app, app, new_phone, noon):
    from tests._phone import Phone

    assert not [link for link in new_phone().get("/stations/SF003").page.links() if link.startswith("tel:")]
    _keep.forget()
    assert "tel:14108129903" in Phone(real_app).get("/stations/SF003").page.links()


def test_the_poster_says_when(yanzhou, phone, noon):
    def text(code):
        return phone.get(f"/stations/{code}/poster").page.text.replace("\u2060", "")

    phone.sign_in(Person.by_phone("14108120009"))
    assert "周一到周五 8:30–18:30 · 周六 9:00–12:00、14:00–17:00" in text("YZ023")
    park = next(s.code for s in Station.select().where(Station.kind == "park") if "4 月 1 日" in text(s.code))
    assert "4 月 1 日到10 月 31 日 每天" in text(park)


# What it costs.


@pytest.mark.parametrize(
    "path", ["/", "/stations/", "/stations/?only=open,fast", "/stations/?q=红帆", "/stations/YZ023"]
)
def test_the_statements_of_a_page_do_not_grow_with_the_district(path, engine, yanzhou, phone, noon):
    def asked():
        _keep.forget()
        with engine.statements() as told:
            phone.get(path)
        return len(told)

    openings.minute(noon).states([s.id for s in Station.select()])
    few = [asked(), asked()][1]
    assert few <= 3
    with writing():
        Revision.bump()
    cold = asked()
    assert cold <= 24 and asked() == few
