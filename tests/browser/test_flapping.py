"""A network that comes and goes: three days of presses all arrive, each once, with its own time."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.between import HOTEL, LOST, UNHEARD, Between

PUT = """([codes, now]) => Promise.all(codes.map((place, n) => Drawers.set("item " + now + n, {
    v: 1, kind: "visit", client_id: "flap" + now + "-" + n, place, via: "", who: "", pressed: now - n * 1290000, offset: 0 })))"""


@pytest.mark.parametrize("seed", [7, 23])
def test_two_hundred_presses_of_three_days_all_arrive_once(browser, server, seed):
    chance = random.Random(seed)
    codes = [f"YZ{chance.randrange(1, 140):03}" for _ in range(200)]
    before = {code: len(server.visits(code)) for code in codes}

    def flap(method, path):
        return chance.choice([LOST, UNHEARD, HOTEL]) if path == "/sync" and chance.random() < 0.3 else None

    with Between(server.url) as between:
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        page.goto(between.url + "/")
        context.set_offline(True)
        now = int(datetime.now(UTC).timestamp() * 1000)
        page.evaluate(PUT, [codes, now])
        between.rule = flap
        for _ in range(60):
            context.set_offline(False)
            page.wait_for_timeout(chance.randrange(20, 400))
            context.set_offline(True)
            if not page.evaluate("Items.all()"):
                break
        assert page.evaluate("Items.all()") == []
        context.close()

    visits = {code: server.visits(code)[before[code] :] for code in before}
    assert sum(map(len, visits.values())) == 200
    pressed = {round((now - n * 1290000) / 1000) for n in range(200)}
    assert {round(visit["at"].timestamp()) for rows in visits.values() for visit in rows} == pressed
    assert min(visit["at"] for rows in visits.values() for visit in rows) < datetime.now(UTC) - timedelta(hours=71)
