"""A network that loses a third of what is sent and drops answers after they were counted: all items arrive, each once."""

import random
from collections import Counter

import pytest

from tests.browser.between import HOTEL, LOST, UNHEARD, Between

PUT = """([codes, now, name]) => Promise.all(Array.from({ length: 200 }, (_, n) => Drawers.set("item " + name + n, {
    v: 1, kind: "visit", client_id: name + n, place: codes[n % codes.length], via: "", who: "",
    pressed: now - Math.floor(n * 71.9 * 3600000 / 200), offset: 0 })))"""


class Flapping:
    """Of each hundred questions ten never arrive, ten answers never come back, ten are answered by somebody else."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.first = [LOST, UNHEARD, HOTEL]  # whatever the seed
        self.fates = Counter()

    def __call__(self, method, path):
        if path != "/sync":
            return None
        fate = self.first.pop() if self.first else self.chance.choices([LOST, UNHEARD, HOTEL, None], [1, 1, 1, 7])[0]
        self.fates[fate] += 1
        return fate


@pytest.mark.parametrize("restarts", [0, 1], ids=["one page", "the page is closed on the way"])
def test_two_hundred_items_of_three_days_arrive_once(quick, server, restarts):
    codes = [f"YZ{n:03}" for n in (range(60, 80) if restarts else range(80, 100))]
    with Between(server.url) as between:
        context = quick.new_context(viewport={"width": 360, "height": 720})
        page = context.new_page()
        page.goto(between.url + "/queue")
        page.wait_for_timeout(500)
        between.rule = flapping = Flapping(20247 + restarts)
        page.evaluate(PUT, [codes, page.evaluate("Date.now()"), f"flap-{restarts}-"])
        items = page.evaluate("Items.all().then(all => all.map(item => [item.record.place, item.record.pressed]))")
        assert len(items) == 200
        for step in range(60):
            page.evaluate("Queue.flush()")
            if not page.evaluate("Items.all()"):
                break
            if restarts and step == 1:
                page.close()
                page = context.new_page()
                page.goto(between.url + "/queue")
            page.wait_for_timeout(100)
        assert page.evaluate("Items.all()") == [], flapping.fates
        assert {LOST, UNHEARD, HOTEL} <= flapping.fates.keys()
        context.close()
    rows = [(code, row) for code in codes for row in server.visits(code)]
    assert len(rows) == 200
    arrived = Counter((code, round(row["at"].timestamp())) for code, row in rows)
    assert arrived == Counter((place, round(pressed / 1000)) for place, pressed in items)
