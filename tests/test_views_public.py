"""Public pages: the same bytes for everyone, kept by phones and by us, and never a word about a person."""

import re
from urllib.parse import urljoin

import pytest

from models import demo
from models._database import writing
from models.areas import Revision
from models.people import Person
from models.stations import PosterToken, Station
from models.visits import Visit
from views import _keep

PUBLIC = (
    "/",
    "/stations/",
    "/stations/?page=2",
    "/stations/?town=370812001",
    "/stations/?near=35.550,116.830",
    "/stations/nearest",
    "/stations/place",
    "/stations/place?for=shops",
    "/stations/YZ023",
    "/stations/YZ023/tell",
    "/stations/YZ023/way",
    "/stations/YZ000/inside",
    "/stations/map",
    "/stations/map?layer=shops",
    "/stations/map?layer=shops&kind=food&open=1",
    "/merchants/",
    "/merchants/?kind=food&open=1&near=35.550,116.830",
    "/merchants/?town=370812001&page=2",
    "/merchants/SH001",
    "/MERCHANTS/sh001",
    "/merchants/SH001/way",
    "/s/",
    "/s/YZ023",
    "/S/yz023",
    "/card",
    "/c",
    "/C",
    "/offline",
    "/verify/offline",
    "/queue",
    "/kiosk",
    "/manifest.webmanifest",
    "/service-worker.js",
)
MINUTE = demo.dt.timedelta(minutes=1)


def told(answer):
    """What an answer says, to the last header."""
    return answer.status_code, answer.data, sorted((name, value) for name, value in answer.headers if name != "Date")


@pytest.mark.no_database
def test_every_public_route_is_looked_at(demo_app):
    views = demo_app.view_functions
    rules = {
        r.rule
        for r in demo_app.url_map.iter_rules()
        if getattr(views[r.endpoint], "access", None) and views[r.endpoint].access.page == "public"
    }
    matched = {demo_app.url_map.bind("").match(path.partition("?")[0], return_rule=True)[0].rule for path in PUBLIC}
    twins = {"/MERCHANTS/<code>": "/merchants/<code>", "/S/": "/s/", "/s/<text>": "/S/<text>", "/KIOSK": "/kiosk"}
    assert rules <= matched | set(twins), "add an address of the new page to PUBLIC"


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_the_same_for_everyone(path, yanzhou, new_phone):
    first = told(new_phone().get(path))
    for phone_number, *_ in demo.ACCOUNTS:
        phone = new_phone().sign_in(Person.by_phone(phone_number)).set("device", "d" * 32)
        for kept in (True, False):
            if not kept:
                _keep.forget()
            assert told(phone.get(path)) == first


def test_it_sets_no_cookie_and_does_not_vary_by_one(yanzhou, phone):
    for path in PUBLIC:
        for answer in (phone.get(path), phone.get(path)):
            assert answer.status_code == 200, path
            assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
            assert answer.headers["Cache-Control"] == "no-cache" and answer.headers["ETag"]
            assert answer.headers.get("X-Keep") == ("1" if answer.mimetype == "text/html" else None)


def test_it_never_looks_who_asks(yanzhou, new_phone, monkeypatch):
    monkeypatch.setattr("models.sessions.Session.person_of", lambda *_, **__: 1 / 0)
    phone = new_phone().set("sid", "x")
    for path in PUBLIC:
        assert phone.get(path).status_code == 200


def test_who_has_the_page_already_is_told_so_in_a_few_bytes(yanzhou, phone):
    for path in PUBLIC:
        tag = phone.get(path).headers["ETag"]
        for kept in (True, False):
            if not kept:
                _keep.forget()
            answer = phone.ask("GET", path, headers={"If-None-Match": tag})
            assert (answer.status_code, answer.data) == (304, b""), path
            assert answer.headers["ETag"] == tag
            assert phone.ask("GET", path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_head_is_the_page_without_its_bytes(yanzhou, phone):
    for path in PUBLIC:
        _keep.forget()
        head, page = phone.ask("HEAD", path), phone.get(path)
        assert head.status_code == 200 and head.data == b"" and page.data
        assert head.headers["ETag"] == page.headers["ETag"]


def test_it_depends_on_the_prefs_and_on_nothing_else_of_the_cookies(yanzhou, new_phone):
    plain = new_phone().get("/").data
    for prefs in (
        "lang=en",
        "look=dark",
        "look=sharp",
        "elder=1",
        "lite=1",
        "place=370812101",
        "place=YZ101",
        "vehicle=truck",
    ):
        assert new_phone().set("prefs", prefs).get("/").data != plain, prefs
    for prefs in (
        "",
        "lang=zh_Hans",
        "lang=fr",
        "look=pink",
        "place=999",
        "place=YZ999",
        "vehicle=tank",
        "elder=2",
        "x=y",
        "%00",
        "lang",
        "&&&=",
        "é",
    ):
        assert new_phone().set("prefs", prefs).get("/").data == plain, prefs
    assert new_phone().set("anything", "else").get("/").data == plain


def test_each_encoding_is_the_same_page(yanzhou, phone):
    """Also when it comes from what is kept."""
    import gzip

    import brotli

    plain = phone.get("/").data
    for _ in range(2):
        for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
            answer = phone.ask("GET", "/", headers={"Accept-Encoding": encoding})
            assert answer.headers["Content-Encoding"] == encoding and unpack(answer.data) == plain
            assert answer.headers["Vary"] == "Accept-Encoding"


def test_what_is_kept_does_not_depend_on_how_somebody_asked_first(yanzhou, new_phone):
    """A first visitor with odd headers must not decide what all others get for a minute."""
    clean = {path: told(new_phone().get(path)) for path in PUBLIC}
    for odd in (
        {"HX-Request": "true"},
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Accept": "application/json"},
        {"Accept-Language": "en"},
        {"Range": "bytes=0-10"},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Thu, 19 Sep 2030 04:00:00 GMT"},
        {"Cache-Control": "no-cache"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
    ):
        _keep.forget()
        for path in PUBLIC:
            new_phone().ask("GET", path, headers=odd)
            assert told(new_phone().get(path)) == clean[path], (odd, path)


def test_a_change_of_the_district_is_seen_at_once(yanzhou, phone):
    before = phone.get("/stations/YZ023").data
    with writing():
        Station.update(name="红帆驿站新楼").where(Station.code == "YZ023").execute()
        Revision.bump()
    after = phone.get("/stations/YZ023")
    assert after.data != before and "红帆驿站新楼" in after.page.text


def test_what_is_kept_does_not_grow_without_end(yanzhou, phone, monkeypatch):
    monkeypatch.setattr(_keep, "MOST", 10)
    for n in range(30):
        phone.get(f"/?{n}")
    assert len(_keep._pages) <= 10


def test_a_visit_changes_no_public_page(yanzhou, new_phone):
    before = {path: told(new_phone().get(path)) for path in PUBLIC}
    assert new_phone().press("YZ023").status_code == 201
    _keep.forget()
    assert {path: told(new_phone().get(path)) for path in PUBLIC} == before


# Home and stations.


def test_home_shows_the_three_nearest_and_where_all_are(yanzhou, phone):
    page = phone.get("/").page
    assert len([link for link in page.links() if re.fullmatch(r"/stations/YZ\d{3}", link)]) == 3
    assert "/stations/" in page.links() and "139" in page.text


def test_the_list_shows_twenty_by_distance_and_leads_on(yanzhou, phone):
    seen, path = [], "/stations/"
    while path:
        page = phone.get(path).page
        seen += [link for link in page.links() if re.fullmatch(r"/stations/YZ\d{3}", link)]
        more = [link for link in page.links() if f"page={len(seen) // 20 + 1}" in link and len(seen) % 20 == 0]
        path = urljoin("/stations/", more[0]) if more else None
    assert len(seen) == len(set(seen)) == 139


def test_the_list_of_a_town_is_that_towns(yanzhou, phone):
    codes = [station.code for station in Station.in_town("370812101")]
    page = phone.get("/stations/?town=370812101").page
    assert [link[-5:] for link in page.links() if re.fullmatch(r"/stations/YZ\d{3}", link)] == codes


def test_near_me_is_nearest_first_and_my_position_is_kept_nowhere(yanzhou, phone):
    here = Station.get(code="YZ077")
    answer = phone.get(f"/stations/?near={here.lat:.3f},{here.lng:.3f}")
    first = next(link for link in answer.page.links() if re.fullmatch(r"/stations/YZ\d{3}", link))
    nearest = Station.nearest(round(here.lat, 3), round(here.lng, 3), 1)[0]
    assert first == f"/stations/{nearest.code}"
    assert not any("near" in str(key) for key in _keep._pages)
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert "geolocation=()" in phone.get("/s/YZ023").headers["Permissions-Policy"]


NONSENSE = [
    "0",
    "-1",
    "1.5",
    "x",
    "",
    "１",
    "٣",
    "1e3",
    "999999999",
    "0000001" + "9" * 40,
    "9" * 5000,
    "\0",
    "1\0",
    "🛵",
    "%",
    "1 OR 1=1",
    "NaN",
]


@pytest.mark.parametrize("text", NONSENSE)
def test_a_page_number_that_is_none_is_404(text, yanzhou, phone):
    for path in ("/stations/", "/stations/?town=370812001"):
        answer = phone.get(
            path.partition("?")[0], query_string={"page": text} | ({"town": "370812001"} if "?" in path else {})
        )
        assert answer.status_code == 404, (path, text)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1",
        "1,2,3",
        "91,181"[:2],
        "35.5",
        "35.5;116.8",
        "1e2,3",
        "nan,nan",
        "35.55\0,116",
        "🛵,🛵",
        "35,116" * 999,
        "1234,5678",
    ],
)
def test_a_position_that_is_none_is_404(text, yanzhou, phone):
    assert phone.get("/stations/", query_string={"near": text}).status_code == 404


@pytest.mark.parametrize("text", ["0,0", "99,999", "-90,180", "35.55,116.83", "89.999999,-179.999999"])
def test_a_position_far_away_is_an_empty_or_a_full_list_but_an_answer(text, yanzhou, phone):
    assert phone.get("/stations/", query_string={"near": text}).status_code == 200


@pytest.mark.parametrize("code", ["YZ999", "yz", "SF001", "%00", "🛵", "..", "x" * 300, "place2"])
def test_an_unknown_station_or_town_is_404(code, yanzhou, phone):
    assert phone.get(f"/stations/{code}").status_code == 404
    assert phone.get("/stations/", query_string={"town": code}).status_code == 404


def test_a_token_is_no_address_of_a_station(yanzhou, phone):
    token = PosterToken.select().first().token
    assert phone.get(f"/stations/{token}").status_code == 404


# Manifest, worker, assets.


def test_the_manifest_speaks_the_persons_language(yanzhou, new_phone):
    chinese = new_phone().get("/manifest.webmanifest").json
    english = new_phone().set("prefs", "lang=en").get("/manifest.webmanifest").json
    assert (chinese["lang"], english["lang"], chinese["id"]) == ("zh-CN", "en", english["id"])
    assert "暖驿" in chinese["name"] and "Nuanyi" in english["name"]
    for icon in chinese["icons"]:
        assert new_phone().get(icon["src"]).mimetype == "image/png"


def test_the_worker_knows_its_shell_and_all_of_it_is_there(yanzhou, phone):
    text = phone.get("/service-worker.js").get_data(as_text=True)
    shell = re.search(r"const SHELL = (\[.*?\]);", text)
    assert shell and re.search(r'const VERSION = "\w{12}"', text)
    for path in re.findall(r'"([^"]+)"', shell[1]):
        assert phone.get(path).status_code == 200, path


def test_assets_are_for_ever_and_under_no_other_name(yanzhou, phone):
    for url in phone.app.assets.urls.values():
        answer = phone.get(url)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in ("rider.js", "app.000000000000.css", "../app.py", "..%2fapp.py", "js/queue.js", "\0", ""):
        assert phone.get(f"/static/{path}").status_code == 404


# Every link and form of every page leads somewhere, for everybody.


@pytest.mark.parametrize("who", ["nobody"] + [role for *_, role in demo.ACCOUNTS])
def test_every_link_of_every_page_leads_somewhere(who, yanzhou, phone, noon):
    for n in range(25):
        phone.set("device", f"{n:032}").press("YZ023" if n % 2 else "YZ024", client_id=f"{n}")
    if who != "nobody":
        phone.sign_in(Person.by_phone(next(number for number, _, role in demo.ACCOUNTS if role == who)))
        phone.press("YZ023", client_id=who)
    seen, waiting = set(), ["/", "/me/", "/offline", "/queue", "/nowhere"]
    while waiting:
        path = waiting.pop()
        shape = re.sub(r"YZ\d{3}|\d{6,9}|page=\d+|[0-9A-Z]{10}|(?<=only=)[a-z,]+", "…", path)
        if shape in seen:
            continue
        seen.add(shape)
        answer = phone.get(path)
        assert answer.status_code in (200, 303) or path == "/nowhere", path
        if answer.status_code == 303:
            waiting.append(answer.location)
            continue
        if "attachment" in answer.headers.get("Content-Disposition", ""):
            continue
        for link in answer.page.links():
            if not link.startswith(("tel:", "sms:", "#", "https:")):
                waiting.append(urljoin(path, link).partition("#")[0])
        for form in answer.page.all("form"):
            rules = phone.app.url_map.bind("localhost")
            assert rules.test(form["action"].partition("?")[0], form.get("method", "get").upper()), (path, form)
    assert len(seen) >= 10
    assert Visit.select().count() == 25 + (who != "nobody")
