"""A district that does not exist comes up from its folder alone, and shows nothing of the demo's on any page."""

import io
import re
import zipfile

import pytest

from models import granting
from models._database import writing
from models.people import Person, RoleGrant
from models.roles import STATION, TOWN, UNIT
from models.stations import PosterToken, Station
from tests._phone import Phone
from tests.test_leaks import addresses
from views._access import access_of

HASH = re.compile(r"(?<=\.)[0-9a-f]{12}(?=\.)")  # of a script or style: it may hold any four digits, as an ETag may
DEMOS = re.compile(r"兖|[Yy]an(zhou|xin)|3708|\bYZ\d{3}\b|Man Yan Shi Ni")


@pytest.fixture
def everybody(town, noon):
    """Somebody who holds every role that can be given, each for the smallest place."""
    place = {STATION: "SF001", UNIT: "union", TOWN: "999999001"}
    with writing():
        person = Person.register(name="全能", phone="13800000009", at=noon)
        for role, kinds in granting.grantable().items():
            RoleGrant.create(person=person, role=role, scope=place.get(kinds[0], ""))
            if "" not in (place.get(kind, "") for kind in kinds):
                continue
            RoleGrant.get_or_create(person=person, role=role, scope="")
    return person


def text_of(answer) -> str:
    """What an answer says, a table's file unpacked."""
    if answer.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
            return "".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())
    if answer.data[:3] == b"\xff\xfe" or answer.mimetype.startswith(("image/png", "font/")):
        return ""
    return answer.data.decode("utf-8", "replace")


@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
@pytest.mark.parametrize("who", ["nobody", "everybody"])
def test_no_page_poster_manifest_or_export_shows_the_demos_district(who, lang, everybody, real_app):
    phone = Phone(real_app).set("prefs", f"lang={lang}")
    if who == "everybody":
        phone.sign_in(everybody)
    shown = set()
    ours = [path for path in addresses(real_app, [everybody], list(Station.select())) if not DEMOS.search(path)]
    for path in ours:
        for asked in (path, path + "?size=a5", path + "?lang=en", path + "?form=csv", path + "?form=xlsx"):
            answer = phone.get(asked)
            headers = [
                (name, value) for name, value in answer.headers if name != "ETag"
            ]  # a hash holds any four digits
            said = text_of(answer) + repr(headers)
            found = DEMOS.search(said)
            assert not found, (asked, said[max(0, found.start() - 60) : found.end() + 60])
            if answer.status_code == 200:
                shown.add(path)
    rules = [rule for rule in real_app.url_map.iter_rules() if "GET" in rule.methods]
    here = {rule.rule for rule in rules if not rule.arguments and access_of(real_app, rule.endpoint).page == "public"}
    assert here <= shown, "all public pages are there"
    assert {f"/stations/SF00{n}" for n in (1, 2, 3)} <= shown and "/manifest.webmanifest" in shown
    if who == "everybody":
        assert {"/stations/SF001/poster", "/dashboard/", "/enterprises/", "/enterprises/riders/", "/units/"} <= shown
        assert {"/settings", "/roles/", "/desk/"} <= shown
        closed = {rule.rule for rule in rules if not rule.arguments} - shown
        assert len(closed) < len(rules) / 4, closed


@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
def test_no_table_that_is_taken_along_shows_it(lang, town, new_phone):
    olga = new_phone().sign_in(town.olga).set("prefs", f"lang={lang}")
    for path, what in (
        ("/exports/stations", {"format": "csv"}),
        ("/exports/stations", {"format": "xlsx"}),
        ("/exports/maps", {"format": "csv"}),
        ("/exports/maps", {"format": "xlsx"}),
        ("/dashboard/table", {"what": "months", "format": "csv"}),
        ("/dashboard/table", {"what": "months", "format": "xlsx"}),
    ):
        answer = olga.post(path, data=what)
        assert answer.status_code == 200, (path, answer.status_code)
        assert not DEMOS.search(text_of(answer)), path


def test_it_says_its_own_name_and_brand(town, phone):
    assert "示范区" in phone.get("/").page.text
    assert "示范区" in phone.get("/manifest.webmanifest").get_data(as_text=True)
    assert "示范有你" in phone.get("/stations/SF001/poster").page.text


def test_a_poster_and_its_code_lead_to_a_station_of_its_own(town, phone):
    token = PosterToken.current(town.spring).token
    assert "春风社区服务站" in phone.get(f"/s/{token}").page.text
    assert phone.press(token, via=token).status_code == 201
