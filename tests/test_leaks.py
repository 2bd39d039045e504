"""Every page × twelve visitors × what is theirs, their peers' and another town's: nobody reads about somebody else (R14).

Three canaries live in the district: one came to the keeper's own station, one to a neighbour's, one to another town's.
Their names and numbers must stand on no page but those of who is meant to read them.
"""

import pytest

from models import redeeming, verifying
from models._database import writing
from models.card_code import parse
from models.cards import Card
from models.checks import CHECKS
from models.merchants import Merchant
from models.people import Employment, Person, RoleGrant
from models.redeeming import Shop
from models.sessions import Session
from models.stations import Station, find_station
from models.visits import Who, admit
from tests._till import Holder
from tests.test_door import ROLES, VISITORS, till_of, visitor  # noqa: F401 (a fixture)
from views._access import TILL

NAMES = ("金丝雀甲", "金丝雀乙", "金丝雀丙")
PHONES = ("13900000001", "13900000002", "13900000003")

MEANT_TO = {
    # an administrator looks people up, by the whole number or the beginning of a name, and sees the name of whom he found
    "administrator": {"/roles/"},
}
"""Who may read a name (never a number), on which pages."""


@pytest.fixture
def canaries(yanzhou, noon):
    """The three, and the stations that they came to."""
    kept = find_station(RoleGrant.get(RoleGrant.role == "keeper").scope)
    peer = Station.select().where(Station.town == kept.town_id, Station.id != kept.id).first()
    far = Station.select().where(Station.town != kept.town_id).first()
    people = []
    for name, phone, station in zip(NAMES, PHONES, (kept, peer, far), strict=True):
        with writing():
            person = Person.register(name=name, phone=phone, at=noon)
            RoleGrant.create(person=person, role="rider")
            Employment.put(person, "food", at=noon)
        admit(station.id, Who(person.id, None), client_id=phone, at=noon, now=noon)
        Session.start(person, at=noon, device="canary")
        used(Holder(person, noon), noon)
        people.append(person)
    return people, (kept, peer, far)


def used(holder, noon):
    """The card was used at a shop of the merchant who looks at its pages."""
    shop = Merchant.get(code="SH001")
    checked = verifying.check(parse(holder.code(noon)), noon)
    given, press = redeeming.giving(shop.id, noon), "press-" + holder.person.ref
    assert not redeeming.redeem(Shop(shop, -1), checked, given, client_id=press, now=noon).reason


def addresses(app, people, stations):
    """Every page that can be asked for, once for each thing that its address can name."""
    cards = [card for person in people if (card := Card.of(person))]
    values = {
        "code": [*(station.code for station in stations), "SH001"],
        "text": [station.code for station in stations],
        "ref": [*(person.ref for person in people), *(card.ref for card in cards), "CARD000000", "SH001"],
        "number": [*(card.number for card in cards), "370812249999004"],
        "token": ["0" * 26],
        "press": ["press-" + person.ref for person in people],
        "id": ["9001"],
        "name": [check.name for check in CHECKS],
        "kind": ["self", "burst", "stations"],
        "room": ["YZ000-1"],
        "what": ["unconfirmed", "faults", "supplies", "silent", "uninspected", "inspected"],
        "filename": [app.assets.urls["app.css"].rpartition("/")[2]],
    }
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods:
            continue
        paths = [rule.rule]
        for name in rule.arguments:
            assert name in values, f"{rule}: say in this test what <{name}> can be"
            part = next(p for p in rule.rule.split("/") if f"{name}>" in p)
            paths = [path.replace(part, value) for path in paths for value in values[name]]
        yield from paths


@pytest.mark.parametrize("who", VISITORS)
def test_nobody_reads_about_somebody_else(who, visitor, canaries):  # noqa: F811
    phone = visitor(who)
    for path in addresses(phone.app, *canaries):
        for asked in (path, path + "?page=1", path + "?q=" + NAMES[0], path + "?phone=" + PHONES[0]):
            answer = phone.get(asked, looks=asked == path)
            said = answer.get_data().decode("utf-8", "replace") if answer.mimetype != "image/png" else ""
            said += repr(list(answer.headers)).replace(asked, "")
            echoed = NAMES[0] in asked  # what somebody typed stands in the field again
            for number in PHONES[1:] if PHONES[0] in asked else PHONES:
                assert number not in said, (who, asked)
            if not any(path.startswith(page) for page in MEANT_TO.get(who, ())):
                for name in NAMES[1:] if echoed else NAMES:
                    assert name not in said, (who, asked)


def test_the_keeper_sees_a_star_and_only_at_the_own_station(visitor, canaries):  # noqa: F811
    text = visitor("keeper").get("/desk/visits").page.text
    assert text.count("金*") == 1


def test_the_merchant_sees_a_star_for_each_card(visitor, canaries):  # noqa: F811
    assert visitor("merchant").get("/verify/today").page.text.count("金*") == 3


def test_a_shops_device_sees_a_star_for_each_card_and_nothing_of_a_neighbours(visitor, canaries):  # noqa: F811
    till, neighbour = visitor("till"), visitor("nobody")
    with writing():
        neighbour.set(TILL, till_of(Merchant.get(code="SH002"), canaries[0][0]))
    assert till.get("/verify/today").page.text.count("金*") == 3
    assert neighbour.get("/verify/today").page.text.count("金*") == 0
    for person in canaries[0]:
        page = "/redemptions/press-" + person.ref
        assert till.get(page).page.text.count("金*") == 1
        assert neighbour.get(page).status_code == 404
        assert neighbour.get(page + "?shop=SH001").status_code == 404
        assert neighbour.post(page + "/undo").status_code == 404
    assert neighbour.get("/verify/today?shop=SH001").status_code == 404


def test_what_belongs_to_another_town_looks_like_nothing(visitor, canaries):  # noqa: F811
    """A station that is not his and one that there is not: the same answer, so that nobody can tell."""
    _, (_, peer, far) = canaries
    keeper = visitor("keeper")
    keeper.app.config["DEMO"] = False
    try:
        told = [keeper.get(f"/stations/{code}/poster") for code in (peer.code, far.code, "YZ999")]
    finally:
        keeper.app.config["DEMO"] = True
    assert {answer.status_code for answer in told} == {404}
    assert (
        len(
            {
                answer.get_data(as_text=True).replace(code, "")
                for answer, code in zip(told, (peer.code, far.code, "YZ999"), strict=True)
            }
        )
        == 1
    )


@pytest.mark.no_database
def test_all_visitors_are_tried():
    assert len(VISITORS) == len(ROLES) + 2 == 12
