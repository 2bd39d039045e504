"""The office's pages of cards and merchants: each number leads to its rows; a town's own; masked; to take along."""

import re

import pytest

from models import card_moves, odd_uses, tallies
from models._database import writing
from models._trail import Trail
from models.cards import Card
from models.merchants import Merchant
from models.people import Person, RoleGrant
from models.redemptions import Redemption
from tests._engines import NOON
from tests._till import Holder, make_shop
from tests.test_care import DAY, MINUTE, elsewhere, often, use
from tests.test_views_figures import html

PAGES = (
    "", "cards", "cards?state=active", "uses?month=202409", "uses/AX101?month=202409", "idle", "odd/far", "odd/often",
)  # fmt: skip


@pytest.fixture
def olga(town, new_phone):
    return new_phone().sign_in(town.olga)


@pytest.fixture
def tess(town, new_phone):
    """The officer of the town in which AX102 is and AX101 is not."""
    with writing():
        person = Person.register(name="田街", phone="13800000009", at=NOON)
        RoleGrant.create(person=person, role="town_officer", scope="999999101")
    return new_phone().sign_in(person)


@pytest.fixture
def shops(town):
    """Rui of the first town, at AX101 and, too soon for that, at AX102 of the other; and thirteen days at AX101."""
    here = make_shop("AX101", NOON - 200 * DAY, kind="minus", value=500)
    there = elsewhere(town)
    rui = Holder(town.rui, NOON - 190 * DAY)
    often(here, rui, 13, NOON - 14 * DAY)
    use(here, rui, NOON - 10 * MINUTE)
    use(there, rui, NOON)
    tallies.looked(there, 4, client_id="look", now=NOON)
    with writing():
        Card.update(town="999999001").execute()
    odd_uses.find_frequent(NOON)
    return here, there


def numbers(text, path):
    """{where it leads: number} of the links to addresses that begin so."""
    found = re.findall(rf'<a href="({re.escape(path)}[^"]*)">([\d,]+)</a>', text)
    return {link: int(n.replace(",", "")) for link, n in found}


def rows_of(phone, path):
    text = html(phone, path)
    return text.rpartition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]


def test_every_number_leads_down_to_rows_that_make_it(olga, shops):
    text = html(olga, "/dashboard/care/")
    months = {link: n for link, n in numbers(text, "/dashboard/care/uses?month=").items()}
    assert months["/dashboard/care/uses?month=202409"] == 19
    assert months["/dashboard/care/uses?month=202409&method=3"] == 4
    for link, n in months.items():
        there = numbers(html(olga, link), "/dashboard/care/uses/AX")
        assert sum(there.values()) == n
        for each, m in there.items():
            assert sum(int(k) for k in re.findall(r'<td class="n">(-?\d+)</td><td class="n">', html(olga, each))) == m
    for link, n in numbers(text, "/dashboard/care/cards?").items():
        assert len(rows_of(olga, link)) == n
    for link, n in numbers(text, "/merchants/?").items():
        answer = olga.get(link).get_data(as_text=True)
        assert len(set(re.findall(r'href="/merchants/(AX\d+)"', answer))) == n, link


def test_the_pages_say_what_is_counted_and_what_to_look_at(olga, shops):
    page = olga.get("/dashboard/care/").page
    assert page.text.count("怎么算的") == 3 or page.text.count("口径") >= 1
    assert {"/dashboard/care/idle", "/dashboard/care/odd/far", "/dashboard/care/odd/often"} <= set(page.links())
    links = set(olga.get("/dashboard/").page.links())
    assert {"/merchants/all?state=applied", "/dashboard/care/idle", "/dashboard/care/odd/far"} <= links


def test_a_flagged_pair_is_shown_with_shops_distance_and_minutes_and_a_masked_name(olga, shops, town):
    (row,) = rows_of(olga, "/dashboard/care/odd/far")
    assert "店AX101" in row and "店AX102" in row and "22" in row and ">10<" in row
    assert Card.get().short in row and town.rui.masked in row and town.rui.name not in row
    (row,) = rows_of(olga, "/dashboard/care/odd/often")
    assert "店AX101" in row and ">14<" in row and town.rui.masked in row


@pytest.mark.parametrize("what", ["far", "often"])
def test_one_press_says_it_is_fine_and_twice_is_once(what, olga, shops):
    id = Redemption.get(Redemption.flag == 1).id if what == "far" else odd_uses.Frequent.get().id
    for _ in range(2):
        answer = olga.post(f"/dashboard/care/odd/{what}/{id}", {"town": ""})
        assert answer.status_code == 303
    assert "<form" not in rows_of(olga, f"/dashboard/care/odd/{what}")[0]
    assert Trail.select().where(Trail.kind == "moved", Trail.what.endswith(": fine")).count() == 1


@pytest.mark.parametrize("who", ["rui", "kim"])
def test_it_is_for_officers(who, town, shops, new_phone):
    phone = new_phone().sign_in(getattr(town, who))
    for path in PAGES:
        assert phone.get(f"/dashboard/care/{path}").status_code == 403
    assert phone.post("/dashboard/care/odd/far/1").status_code == 403


def test_a_merchant_sees_nothing_of_it(shops, new_phone):
    with writing():
        mo = Person.register(name="莫七", phone="13800000007", at=NOON)
        RoleGrant.create(person=mo, role="merchant", scope="AX101")
    phone = new_phone().sign_in(mo)
    assert {phone.get(f"/dashboard/care/{path}").status_code for path in PAGES} == {403}


def test_a_town_officer_sees_only_the_own_town(tess, shops, town):
    for path in ("", "cards", "uses?month=202409", "idle", "odd/often"):
        text = html(tess, f"/dashboard/care/{path}")
        assert "AX101" not in text and "999999001" not in text and town.rui.masked not in text, path
    assert numbers(html(tess, "/dashboard/care/uses?month=202409"), "/dashboard/care/uses/AX").values().__len__() == 1
    assert tess.get("/dashboard/care/uses/AX101?month=202409").status_code == 404
    for path in ("?town=", "?town=999999001", "cards?town=999999001", "uses?town=999999001", "odd/often?town="):
        assert tess.get(f"/dashboard/care/{path}").status_code == 404
    pair = odd_uses.Frequent.get()
    assert tess.post(f"/dashboard/care/odd/often/{pair.id}").status_code == 404
    assert tess.post(f"/dashboard/care/odd/often/{pair.id}", {"town": "999999001"}).status_code == 404
    assert odd_uses.often("").count() == 1
    assert rows_of(tess, "/dashboard/care/cards")[0].startswith("<td colspan"), "a card of another town is not theirs"
    (row,) = rows_of(tess, "/dashboard/care/odd/far")
    assert f"/cards/{Card.get().number}" not in row


def test_nonsense_is_not_found(olga, shops):
    for path in (
        "cards?state=gone", "uses?month=1", "uses?method=9", "uses?method=x", "uses/NOSUCH", "odd/else",
        "uses/AX101?month=209913",
    ):  # fmt: skip
        assert olga.get(f"/dashboard/care/{path}").status_code == 404, path
    assert olga.post("/dashboard/care/odd/far/999999").status_code == 404
    assert olga.post("/dashboard/care/odd/else/1").status_code == 404
    assert olga.get("/dashboard/checks/idle").status_code == 404


def test_the_list_of_cards_is_masked_and_paged(olga, shops, town):
    card = Card.get()
    text = html(olga, "/dashboard/care/cards?town=&state=active")
    assert (
        card.short in text
        and town.rui.masked in text
        and town.rui.name not in text
        and card.last_day.isoformat() in text
    )
    with writing():
        for n in range(20):
            person = Person.register(name=f"人{n}", phone=f"138000001{n:02}", at=NOON)
            Card.create(
                number=f"99999924{n:06}1", person=person, state="waiting", asked_at=NOON, moved_at=NOON, valid_to=20250919
            )  # fmt: skip
    first, second = (rows_of(olga, f"/dashboard/care/cards?town=&page={n}") for n in (1, 2))
    assert (len(first), len(second)) == (20, 1)
    assert len(rows_of(olga, "/dashboard/care/cards?nowhere=1&state=waiting")) == 20


@pytest.mark.parametrize("what, said", [("uses", "2024年9月"), ("shops", "AX102"), ("cards", "1")])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_tables_can_be_taken_along_and_it_is_noted(what, said, kind, olga, shops):
    answer = olga.post("/dashboard/table", {"what": what, "month": "202409", "town": "", "format": kind})
    assert answer.status_code == 200 and len(answer.data) > 100
    if kind == "csv":
        assert said in answer.get_data(as_text=True) and "芮" not in answer.get_data(as_text=True)
    assert Trail.get(Trail.kind == "seen").what == f"export {what} 202409 {kind}"


def test_no_statement_a_row(olga, shops, engine):
    def many(path):
        with engine.statements() as found:
            html(olga, path)
        return len(found)

    def more():
        for n in range(3, 9):
            elsewhere(None, f"AX10{n}")
            with writing():
                Redemption.create(
                    merchant=Merchant.get(code=f"AX10{n}").id, person=Card.get().person_id, card=Card.get().id,
                    method=1, at=NOON - n * MINUTE, local_date=20240919, n=1, actor=1, flag=1,
                )  # fmt: skip

    paths = [f"/dashboard/care/{path}" for path in PAGES]
    before = [many(path) for path in paths]
    more()
    html(olga, paths[0])
    assert [many(path) for path in paths] <= [n + 1 for n in before]


def test_a_stopped_card_is_told_among_the_stopped(olga, shops, town):
    card_moves.stop(Card.get(), "弄丢了", by=town.olga, at=NOON)
    assert numbers(html(olga, "/dashboard/care/"), "/dashboard/care/cards?town=999999001&state=")[
        "/dashboard/care/cards?town=999999001&state=stopped"
    ] == 1  # fmt: skip
