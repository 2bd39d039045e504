"""The demo at full size: every number of its table, clicked down to what makes it; and its dates, wherever now is."""

import datetime as dt
import math
import re
from collections import Counter

import pytest
from peewee import fn

from models import care, checks, demo, demo_people, demo_visits, figures, freezing, months, odd_uses, use_totals
from models._database import db, writing
from models._record import Record, to_ms
from models._schema import check
from models.areas import Grid, Unit, district
from models.cards import Card
from models.days import StationDay
from models.demo import ACCOUNTS, load_demo, remove_demo
from models.enterprises import Enterprise, Outlet
from models.people import Employment, Person, RoleGrant
from models.redemptions import Redemption
from models.stations import Station
from models.visits import Visit, VisitMonth
from tests._engines import DISTRICTS, NOON

TOWNS = ["鼓楼街道", "龙桥街道", "酒仙桥街道", "兴隆庄街道", "新兖镇", "大安镇", "颜店镇", "新驿镇", "漕河镇", "小孟镇"]
RIDERS = {
    "courier": [262, 246, 208, 86, 142, 74, 92, 80, 46, 50],
    "food": [344, 308, 236, 28, 86, 10, 14, 9, 4, 4],
    "driver": [212, 238, 186, 282, 326, 142, 236, 118, 66, 68],
    "live": [86, 74, 58, 16, 32, 12, 14, 10, 6, 6],
}
RELATIONS = {"contract": 688, "franchise": 1036, "crowd": 941, "own": 1352, "agency": 500}
MONTHS = [820, 960, 1180, 1760, 1990, 1610, 1280, 1420, 2210, 2680, 2140, 1690, 1710, 1880, 2530, 3620, 3900, 2834]
UP_TO_NOW = [202304 + n if n < 9 else 202401 + n - 9 for n in range(18)]
ZONE = NOON.tzinfo


@pytest.fixture
def officer(lively, new_phone):
    return new_phone().sign_in(Person.by_phone(ACCOUNTS[8][0]))


def long(phone, path):
    """How many rows a list has: found out on its last page, which must be where the number says."""

    def rows(number):
        answer = phone.get(f"{path}{'&' if '?' in path else '?'}page={number}")
        assert answer.status_code == 200, path
        return answer.page.text.count("*"), any(
            "page=" in link and f"page={number + 1}" in link for link in answer.page.links()
        )

    def count(wanted):
        last = max(1, math.ceil(wanted / 20))
        found, more = rows(last)
        assert not more, (path, "there are more than the number says")
        return (last - 1) * 20 + found

    return count


# The people.


def test_4517_partners_by_industry_and_town_and_each_number_leads_to_as_many(officer):
    page = officer.get("/enterprises/riders/").page
    assert "4,517" in page.text
    links = {
        link: int(text.replace(",", ""))
        for link, text in re.findall(
            r'href="(/enterprises/riders/list\?[^"]*)">([\d,]+)<',
            officer.get("/enterprises/riders/").get_data(as_text=True).replace("&amp;", "&"),
        )
    }
    towns = [town.code for town in district().towns]
    assert [town.name for town in district().towns] == TOWNS
    for industry, split in RIDERS.items():
        for town, n in zip(towns, split, strict=True):
            assert links[f"/enterprises/riders/list?industry={industry}&town={town}"] == n
        assert links[f"/enterprises/riders/list?industry={industry}"] == sum(split)
    for place, town in enumerate(towns):
        assert links[f"/enterprises/riders/list?town={town}"] == sum(split[place] for split in RIDERS.values())
    for relation, n in RELATIONS.items():
        assert links[f"/enterprises/riders/list?relation={relation}"] == n
    for link, n in links.items():
        assert long(officer, link)(n) == n, link


def test_28_enterprises_by_industry_lead_to_their_outlets_and_partners(officer):
    for industry, n in (("courier", 11), ("food", 4), ("driver", 9), ("live", 4)):
        answer = officer.get(f"/enterprises/?industry={industry}")
        codes = {link.rpartition("/")[2] for link in answer.page.links() if re.fullmatch(r"/enterprises/E\d\d", link)}
        assert len(codes) == n
        for code in codes:
            one = Enterprise.get_by_id(code)
            staff = Employment.select().where(Employment.enterprise == code)
            assert staff.count() == one.staff, code
            assert staff.where(Employment.employ_type == "temporary").count() == one.temporary
            assert {row.industry for row in staff} == {industry}
            assert long(officer, f"/enterprises/riders/list?enterprise={code}")(one.staff) == one.staff
            answer = officer.get(f"/enterprises/{code}")
            for outlet in Outlet.select().where(Outlet.enterprise == code):
                assert outlet.name in answer.page.text
    assert Employment.select().where(Employment.outlet.is_null(False)).count() == 4517 - 1352


def test_of_the_food_riders_three_in_ten_are_temporary(lively):
    food = Employment.select().where(Employment.industry == "food")
    assert (food.where(Employment.employ_type == "temporary").count(), food.count()) == (313, 1043)


def test_24_units_with_their_duties_four_committees_seven_associations(officer):
    for kind, n in (("office", 24), ("committee", 4), ("association", 7), ("street", 10)):
        shown = set()
        for number in (1, 2):
            page = officer.get(f"/units/?kind={kind}&page={number}").page
            shown |= {unit.name for unit in Unit.select().where(Unit.kind == kind) if unit.name in page.text}
        assert len(shown) == n == Unit.select().where(Unit.kind == kind).count()
    assert "职责" in officer.get("/units/").page.text and "还没有写" not in officer.get("/units/").page.text


def test_139_stations_344_grids_and_each_station_has_a_host_and_a_keeper(officer):
    towns = [town.code for town in district().towns]
    assert [Grid.select().where(Grid.town == town).count() for town in towns] == [
        58,
        52,
        46,
        28,
        38,
        26,
        28,
        26,
        20,
        22,
    ]
    for town, n in zip(towns, [30, 27, 22, 10, 14, 7, 9, 8, 6, 6], strict=True):
        shown = set()
        for number in (1, 2):
            answer = officer.get(f"/stations/?town={town}&page={number}")
            shown |= set(re.findall(r"/stations/(YZ\d{3})", answer.get_data(as_text=True)))
        assert len(shown & {s.code for s in Station.in_town(town)}) == n
    kinds = Counter(Station.listed().select(Station.kind).tuples())
    assert sorted(kinds.values()) == [1, 5, 6, 12, 14, 16, 18, 24, 43]
    kept = {scope for (scope,) in RoleGrant.select(RoleGrant.scope).where(RoleGrant.role == "keeper").tuples()}
    assert kept == {station.code for station in Station.select()}
    assert not Station.select().where(Station.host.is_null()).exists()


def test_the_demos_keeper_keeps_two_stations_and_its_rider_is_one_of_the_partners(lively):
    keeper, rider = (Person.by_phone(ACCOUNTS[place][0]) for place in (2, 0))
    mine = RoleGrant.select(RoleGrant.scope).where(RoleGrant.person == keeper).order_by(RoleGrant.scope)
    assert [scope for (scope,) in mine.tuples()] == ["YZ023", "YZ024"]
    assert Employment.now(rider).industry == "food"


def test_they_are_countable_and_nothing_more(lively):
    """As brought in from a list: not confirmed, without password and role; the number sealed and found as everybody's."""
    ten = [person.id for person in Person.select().order_by(Person.id).limit(10)]
    others = Person.select().where(Person.id.not_in(ten))
    brought = others.where(Person.state == "pending")
    assert brought.count() == 4516 and others.where(Person.password_hash.is_null(False)).count() == 0
    assert not RoleGrant.select().join(Person).where(Person.state == "pending").exists()
    numbers = {person.phone for person in others}
    assert len(numbers) == others.count() and all(re.fullmatch(r"1410812\d{4}", number) for number in numbers)
    one = others.order_by(Person.id).first()
    assert Person.by_phone(one.phone) == one and one.phone not in str(one.phone_sealed)
    assert not numbers & {phone for phone, *_ in ACCOUNTS}
    assert len({person.name for person in others}) > 2000


# The visits.


def test_36214_visits_by_month_and_channel(lively):
    by_month = VisitMonth.select(VisitMonth.month, fn.SUM(VisitMonth.n)).group_by(VisitMonth.month)
    assert sorted(by_month.tuples()) == list(zip(UP_TO_NOW, MONTHS, strict=True))
    by_channel = VisitMonth.select(VisitMonth.channel, fn.SUM(VisitMonth.n)).group_by(VisitMonth.channel)
    assert dict(by_channel.tuples()) == {1: 22453, 2: 2535, 3: 11226}
    assert sum(MONTHS) == 36214 == Visit.select(fn.SUM(Visit.n)).scalar()


def test_the_months_lead_down_to_stations_and_their_rows(officer):
    for month, n in zip(UP_TO_NOW, MONTHS, strict=True):
        found, number = 0, 1
        while True:
            rows = figures.month_by_station(month, number)
            found += sum(row[1] for row in rows.rows)
            number += 1
            if not rows.more:
                break
        assert found == n
        begin, end = figures.span_of_month(month)
        inside = Visit.select(fn.SUM(Visit.n)).where(Visit.at >= to_ms(begin), Visit.at < to_ms(end))
        assert inside.scalar() == n, "each lies in its month"
    text = officer.get("/dashboard/").page.text
    assert all(f"{n:,}" in text for n in (*MONTHS, 36214))


BY = {"town": 10, "kind": 9, "channel": 3, "evidence": 3}


@pytest.mark.parametrize("by", BY)
def test_and_each_way_of_sharing_a_month_out_comes_to_the_month(by, officer):
    for month, n in list(zip(UP_TO_NOW, MONTHS, strict=True))[::4]:
        page = officer.get(f"/dashboard/visits?month={month}&by={by}").get_data(as_text=True)
        numbers = [int(text.replace(",", "")) for text in re.findall(r'<td class="n">(?:<a[^>]*>)?([\d,]+)<', page)]
        assert n in numbers, (month, by)
        parts = numbers[: BY[by] * 2 : 2] if f">{n:,}<" in page else numbers
        assert sum(parts) == n, (month, by, numbers)


def test_all_months_but_this_one_are_frozen_as_they_were_due_with_their_people(lively):
    counted = {row.month: row for row in months.MonthCount.select()}
    assert sorted(month for month in counted if counted[month].frozen_at) == UP_TO_NOW[:-1]
    assert all(counted[month].frozen_at == months.due(month) for month in UP_TO_NOW[:-1])
    figure = months.MonthFigure
    for month, n in zip(UP_TO_NOW, MONTHS, strict=True):
        told = figure.get(month=month, cut=months.DISTRICT, value="")
        assert (told.n, told.late) == (n, 0) and 0 < told.people < n


def test_a_recount_finds_nothing_to_put_right(lively):
    assert set(figures.recount().values()) | set(freezing.recount().values()) == {0}


def test_a_tally_is_of_one_to_six_and_the_evidence_fits_the_way(lively):
    rows = list(Visit.select(Visit.channel, Visit.evidence, Visit.n).tuples())
    assert {n for channel, _, n in rows if channel == 3} == set(range(1, 7))
    assert {(channel, evidence) for channel, evidence, _ in rows} == {(1, 0), (1, 1), (2, 0), (2, 1), (3, 3)}
    assert {n for channel, _, n in rows if channel != 3} == {1}


def test_the_centre_counts_none_and_every_town_and_kind_its_share(lively):
    stations = {station.id: station for station in Station.select()}
    by_town, by_kind = Counter(), Counter()
    for id, n in VisitMonth.select(VisitMonth.station, VisitMonth.n).tuples():
        by_town[stations[id].town.name] += n
        by_kind[stations[id].kind_id] += n
    assert set(by_kind) == {station.kind_id for station in stations.values()} - {"centre"}
    for name, n in zip(TOWNS, [30, 27, 22, 10, 14, 7, 9, 8, 6, 6], strict=True):
        assert 0.85 < by_town[name] / (36214 * n / 139) < 1.15, name


def test_people_come_at_noon_in_summer_and_in_the_evening_in_winter(lively):
    busiest = {}
    for month in (202307, 202312):
        hours = Counter()
        for hour, n in db.execute_sql(
            f"SELECT hour, sum(n) FROM visit_hour WHERE local_date BETWEEN {month * 100} AND {month * 100 + 31} GROUP BY hour"
        ):
            hours[hour] += n
        busiest[month] = hours.most_common(1)[0][0]
    assert 11 <= busiest[202307] <= 13 and 17 <= busiest[202312] <= 19


def test_they_come_when_the_place_is_open(lively):
    clock = demo_visits.Clock({"hot": [1] * 24}, demo_people.Chance(1))
    inside = Counter()
    for station, at in Visit.select(Visit.station, Visit.at).tuples():
        local = at.astimezone(district().zone)
        stretches = clock.open(clock.rules[station], local.date())
        inside[any(opens <= local.hour * 60 + local.minute < closes for opens, closes in stretches)] += 1
    assert inside[False] < 0.005 * inside[True]


def test_visits_know_their_person_for_180_days(lively):
    cutoff = NOON - dt.timedelta(days=180)
    assert not Visit.select().where(Visit.at < cutoff, Visit.actor.is_null(False)).exists()
    later = Visit.select().where(Visit.at >= cutoff, Visit.channel == 1)
    assert later.count() > 9000 and not later.where(Visit.actor.is_null()).exists()
    known = Visit.select(Visit.actor).where(Visit.actor > 0).distinct().count()
    assert 2000 < known <= 4517


def test_nobody_rests_twice_within_four_hours(lively):
    """Not at one station, so that each would have been counted; nor at two, so that nobody has to ask how."""
    last = {}
    for actor, at in Visit.select(Visit.actor, Visit.at).where(Visit.actor.is_null(False)).order_by(Visit.at).tuples():
        assert to_ms(at) - last.get(actor, 0) >= 4 * 3_600_000
        last[actor] = to_ms(at)


def test_the_demos_rider_and_keeper_have_something_to_see(lively):
    rider = Person.by_phone(ACCOUNTS[0][0])
    mine = Visit.select().where(Visit.actor == rider.id).order_by(Visit.at.desc())
    assert mine.count() >= 20 and mine.first().at < NOON - dt.timedelta(hours=4), "a press now is counted"
    kept = Station.get(Station.code == "YZ023")
    today = figures.day_total(kept.id, NOON.date())
    assert sum(today.values()) >= 8 and today.get(3)


def test_most_keepers_have_said_in_the_mornings_that_they_are_open(lively, noon):
    unconfirmed = checks.find("unconfirmed").of("", noon).count()
    assert 1 <= unconfirmed <= 20
    today = StationDay.select().where(StationDay.local_date == 20240919)
    assert 100 < today.count() < 139 and all(row.confirmed_at <= noon for row in StationDay.select())
    kept = Station.get(Station.code == "YZ023")
    assert not today.where(StationDay.station == kept).exists(), "something is left to do for who tries it"
    assert StationDay.select().where(StationDay.station == kept).exists()


# Its dates.

WHENEVER = (
    dt.datetime(2024, 9, 1, 0, 30, tzinfo=ZONE),
    dt.datetime(2025, 1, 1, 0, 0, tzinfo=ZONE),
    dt.datetime(2024, 2, 29, 23, 59, 59, tzinfo=ZONE),
    dt.datetime(2026, 11, 24, 14, 45, tzinfo=dt.UTC),
)


@pytest.mark.parametrize("at", WHENEVER, ids=str)
def test_the_last_month_is_this_one_and_nothing_lies_in_the_future(at, migrated, monkeypatch):
    monkeypatch.setattr(demo_visits, "close_months", lambda **_: None)  # is told above, and takes as long as the rest
    load_demo(DISTRICTS / "yanzhou", at=at)
    months = demo_visits.months_until(at, 18)
    here = at.astimezone(district().zone)
    assert months[-1] == here.year * 100 + here.month and len(set(months)) == 18
    found = VisitMonth.select(VisitMonth.month, fn.SUM(VisitMonth.n)).group_by(VisitMonth.month)
    assert sorted(found.tuples()) == list(zip(months, MONTHS, strict=True))
    assert Visit.select(fn.MAX(Visit.at)).scalar() <= at
    days = {day for (day,) in Visit.select(Visit.local_date).distinct().tuples()}
    assert max(days) <= here.year * 10_000 + here.month * 100 + here.day and {day // 100 for day in days} == set(months)
    assert not Employment.select().where(Employment.starts_at > at).exists()
    assert not Visit.select().where(Visit.at + Visit.lag * 1000 > to_ms(at)).exists(), "what came late has come"


def all_visits():
    return sorted(
        Visit.select(Visit.station, Visit.at, Visit.local_date, Visit.n, Visit.channel, Visit.evidence).tuples(),
        key=repr,
    )


def test_the_same_moment_brings_the_same_demo(lively):
    before = all_visits(), sorted(Person.select(Person.name, Person.state).tuples())
    remove_demo()
    load_demo(DISTRICTS / "yanzhou", at=NOON)
    assert (all_visits(), sorted(Person.select(Person.name, Person.state).tuples())) == before


def test_removing_it_leaves_nothing(lively):
    tables = {record._meta.table_name: record for record in Record.__subclasses__()}
    there = [table for table in tables if tables[table].select().exists()]
    assert {"enterprise", "outlet", "unit", "unit_duty", "station_unit", "employment", "visit", "visit_month"} <= set(
        there
    )
    remove_demo()
    check()
    assert [table for table in tables if tables[table].select().exists()] == []
    assert not demo.is_demo()


def test_without_its_people_it_is_as_small_as_its_stations(yanzhou):
    assert Person.select().count() == 10 and not Visit.select().exists() and not Employment.select().exists()
    assert Enterprise.select().count() == 28 and Unit.select().count() == 45


def test_a_demo_that_fails_among_its_visits_leaves_nothing(migrated, monkeypatch):
    monkeypatch.setattr(demo_visits, "close_months", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load_demo(DISTRICTS / "yanzhou", at=NOON)
    assert not Person.select().exists() and not Visit.select().exists() and not writing.held()


# Cards and merchants.


SHOPS = [52, 46, 34, 9, 16, 6, 8, 6, 3, 4]
CARDS = [398, 352, 288, 102, 174, 70, 92, 66, 42, 48]


def test_184_merchants_and_1632_cards_by_town_category_and_state(lively):
    towns = [town.code for town in district().towns]
    shops, cards = care.shops(), care.cards()
    assert [sum(n for (of, _), n in shops.items() if of == town) for town in towns] == SHOPS
    by_category = Counter()
    for (_, category), n in shops.items():
        by_category[category] += n
    assert sorted(by_category.values()) == [4, 6, 10, 12, 14, 18, 24, 96]
    assert [sum(n for (of, _), n in cards.items() if of == town) for town in towns] == CARDS
    by_state = Counter()
    for (_, state), n in cards.items():
        by_state[state] += n
    assert by_state == {"active": 1547, "lost": 21, "expired": 38, "stopped": 26}


def test_twenty_uses_a_card_and_all_totals_come_to_the_rows(lively):
    told = Redemption.select(fn.SUM(Redemption.n), fn.SUM(Redemption.saved)).where(Redemption.card.is_null(False))
    n, saved = told.tuples().get()
    assert n == 1632 * 20 and set(Card.select(Card.uses).tuples()) == {(20,)}
    assert Card.select(fn.SUM(Card.saved)).scalar() == saved > 0
    assert set(use_totals.recount(NOON).values()) == {0}
    assert sum(m.n for m in care.months(NOON)) == n


def test_some_shops_are_idle_and_what_was_flagged_shows_both_uses(lively):
    assert 5 <= care.idle("", NOON).count() <= 12
    flagged = odd_uses.far_listed("").rows
    assert 10 <= odd_uses.far("").count() <= 60
    assert all(row.other and row.metres > 1000 * row.minutes / 60 * district().card["speed"] for row in flagged)
