"""Writes the lists of the demo district, byte for byte the same each time.

`python districts/yanzhou/make.py` writes into this folder, with a path behind it into that one.
"""

import csv
import sys
import tomllib
from itertools import cycle
from math import cos, log, pi, sin, sqrt
from pathlib import Path
from random import Random

from hours import ENTRIES, HOURS, TRUCKS
from lists import AMENITIES, BRANDS, GROUPS, KINDS, TOWNS
from names import CALLED, COMMUNITIES, DOORS, SIGHTS, STATIONS, STREETS
from offices import ASSOCIATIONS, COMMITTEES, ENTERPRISES, HOSTS, OFFICES, OUTLETS, REGULATORS
from outfit import CHANCES, EVERYWHERE, OUTFITS
from shops import CALLED as SHOPS
from shops import CATEGORIES, FIRST, OFFERS, TOWNS_SHOPS
from shops import HOURS as SHOP_HOURS

HERE = Path(__file__).parent
SETTINGS = tomllib.loads((HERE / "settings.toml").read_text("utf-8"))
SEED = 370812
LAT_PER_KM, LNG_PER_KM = 0.008993, 0.011041  # in this latitude
URBAN, RURAL = 0.9, 2.5  # km around a town's point, one standard deviation

# One station stands as it does in the pages that were drawn first.
DRAWN = {
    "红帆驿站鼓楼东街": {
        "address": "鼓楼东街 18 号",
        "address_en": "18 Gulou East Street",
        "landmark": "农行往东第二个门，蓝招牌",
        "landmark_en": "Second door east of the Agricultural Bank, blue sign",
        "yes": "CHG HOTW WC MW HEAT SEAT MED UMB",
        "no": "SWAP SHOWER TRUCK",
        "hours": "一至五 8:30-18:30; 六 9:00-12:00, 14:00-17:00",
        "entry": "free",
    }
}


class Dice:
    """Chance that falls the same on every Python: of random, only random() promises that."""

    def __init__(self, seed):
        self.random = Random(seed).random
        self.taken = {drawn["address"] for drawn in DRAWN.values()}

    def pick(self, things):
        return things[int(self.random() * len(things))]

    def near(self, town):
        """A place scattered around the town's point, inside the district."""
        _, name, _, lat, lng, _ = town
        spread = URBAN if name.endswith("街道") else RURAL
        box = SETTINGS["box"]
        while True:
            far, turn = spread * sqrt(-2 * log(1 - self.random())), 2 * pi * self.random()
            y = lat + far * sin(turn) * LAT_PER_KM
            x = lng + far * cos(turn) * LNG_PER_KM
            if box["south"] < y < box["north"] and box["west"] < x < box["east"]:
                return f"{y:.6f}", f"{x:.6f}"

    def address(self, street):
        """A number in the street that no other station has."""
        while True:
            number = int(self.random() * 160) + 1
            address = f"{street} {number} 号"
            if address not in self.taken:
                self.taken.add(address)
                return address, f"{number} {STREETS[street]}"

    def outfit(self, sort):
        """What a station has, and what it has not. What is in neither, nobody has looked at."""
        chances = dict.fromkeys(EVERYWHERE.split(), CHANCES["always"])
        for how, codes in OUTFITS[sort].items():
            chances |= dict.fromkeys(codes.split(), CHANCES[how])
        yes, no = [], []
        for code, *_ in AMENITIES:
            there, missing = chances.get(code, (0, 0))
            roll = self.random()
            if roll < there:
                yes.append(code)
            elif roll >= 1 - missing:
                no.append(code)
        return " ".join(yes), " ".join(no)


def communities(town):
    """Code, name and spelling of a town's communities. Codes from 901 on are nobody's."""
    for number, pair in enumerate(COMMUNITIES[town[1]].split(", "), 901):
        yield f"{town[0]}{number}", *pair.split()


def make_grids():
    """The town's grids, shared out among its communities as evenly as they come."""
    for town in TOWNS:
        homes = list(communities(town))
        for place, (home, name, name_en) in enumerate(homes):
            share = town[-1] // len(homes) + (place < town[-1] % len(homes))
            for number in range(1, share + 1):
                yield {
                    "code": f"{home}{number:03}",
                    "town": town[0],
                    "name": f"{name}社区第 {number} 网格",
                    "name_en": f"{name_en} Community Grid {number}",
                }


def wanted():
    """The stations by town: town, kind, sort, brand, name, name_en, street, where its grid is."""
    yield TOWNS[1], "centre", *CALLED["centre"][0], "府前街", TOWNS[1][0]
    turns = {kind: cycle(called) for kind, called in CALLED.items()}
    for town in TOWNS:
        homes = communities(town)
        for kind, streets in STATIONS[town[1]].items():
            for street in streets.split():
                within, base, base_en = town[0], street, STREETS[street]
                if kind == "community":
                    within, base, base_en = next(homes)
                sort, brand, name, name_en = next(turns[kind])
                name, name_en = name.format(base), name_en.format(base_en)
                yield town, kind, sort, brand, name, name_en, street, within


def make_stations(grids):
    """Number 000 is the centre, 001 and on are the stations."""
    dice = Dice(SEED)
    doors = {sort: cycle(found) for sort, found in DOORS.items()}
    sights = cycle(SIGHTS)
    weeks = {sort: cycle(found) for sort, found in HOURS.items()}
    trucks = {sort: cycle(found) for sort, found in TRUCKS.items()}
    for number, (town, kind, sort, brand, name, name_en, street, within) in enumerate(wanted()):
        grid = dice.pick([grid["code"] for grid in grids if grid["code"].startswith(within)])
        address, address_en = dice.address(street)
        (door, door_en), (sight, sight_en) = next(doors[sort]), next(sights)
        lat, lng = dice.near(town)
        yes, no = dice.outfit(sort)
        hours = next(weeks[sort])
        length, height = next(trucks[sort]) if sort in trucks and "TRUCK" in yes.split() else ("", "")
        yield {
            "code": f"{SETTINGS['station_prefix']}{number:03}",
            "name": name,
            "name_en": name_en,
            "kind": kind,
            "brand": brand,
            "town": town[0],
            "grid": grid,
            "address": address,
            "address_en": address_en,
            "landmark": f"{door}，{sight}",
            "landmark_en": f"{door_en}, {sight_en}",
            "lat": lat,
            "lng": lng,
            "coord_src": "gps",
            "yes": yes,
            "no": no,
            "host": hosted(kind, town)[0],
            "units": " ".join(hosted(kind, town)[1:]),
            "hours": hours,
            "entry": "code" if sort == "union" and hours.endswith("24h") else ENTRIES.get(sort, "free"),
            "phone": f"14108129{number:03}",
            "truck_length": length,
            "truck_height": height,
        } | DRAWN.get(name, {})


def hosted(kind, town):
    """In whose house a station of this kind stands in this town, and who keeps it with them."""
    host, others = HOSTS[kind]
    return [office(town) if unit == "street" else unit for unit in (host, *others.split())]


def office(town):
    return f"street-{town[0]}"


def make_units():
    """Responsible units, the industries' committees, associations, and the towns' own offices."""
    for code, name, name_en, _ in OFFICES:
        yield code, name, name_en, "office", ""
    for code, name, name_en in COMMITTEES:
        yield code, name, name_en, "committee", ""
    for code, name, name_en in ASSOCIATIONS:
        yield code, f"{name}（演示）", f"{name_en} (demo)", "association", ""
    for town in TOWNS:
        ending = "办事处" if town[1].endswith("街道") else "人民政府"
        yield office(town), town[1] + ending, f"{town[2]} Office", "street", town[0]


def make_duties():
    """What each responsible unit sees to; the backstop is the town's office."""
    for code, _, _, duties in OFFICES:
        for sort, duty in enumerate(duties.split("; "), 1):
            text, text_en = duty.split(" | ")
            yield code, f"{text}（演示）", f"{text_en} (demo)", sort
    for town in TOWNS:
        yield office(town), "没有单位认领的事，由这里兜底（演示）", "Takes on what no other unit has taken (demo)", 1


def make_enterprises():
    towns = {town[1]: town[0] for town in TOWNS}
    for number, row in enumerate(ENTERPRISES, 1):
        code, _, name, _, name_en, industry, platform, mode, town, staff, temporary, _ = row
        yield {
            "code": code,
            "name": name,
            "name_en": name_en,
            "industry": industry,
            "platform": platform,
            "mode": mode,
            "regulator": REGULATORS[industry],
            "town": towns[town],
            "staff": staff,
            "temporary": temporary,
            "uscc": credit_code(f"91{SETTINGS['code']}", f"MA00D{number:03}"),
            "sort": number,
        }


def make_outlets(grids):
    dice = Dice(SEED + 1)
    for code, short, _, short_en, _, industry, *_, places in ENTERPRISES:
        for number, place in enumerate(places.split(), 1):
            town = next(town for town in TOWNS if town[1] == place)
            kind, kind_en = OUTLETS[industry]
            yield {
                "code": f"{code}-{number:02}",
                "enterprise": code,
                "name": f"{short}{place[:-2] if place.endswith('街道') else place[:-1]}{kind}",
                "name_en": f"{short_en} {town[2].split()[0]} {kind_en}",
                "town": town[0],
                "grid": dice.pick([grid["code"] for grid in grids if grid["town"] == town[0]]),
            }


def shop_names():
    """By category the names of its shops, put together in turns."""
    for code, *_, count in CATEGORIES:
        before, after = ([said.split(" ", 1) for said in part.split(", ")] for part in SHOPS[code])
        yield code, [(before[n % len(before)], after[n % len(after)]) for n in range(count)]


def make_merchants(stations):
    """Number 001 and on, town by town; the categories are dealt out as evenly as they come."""
    dice = Dice(SEED + 2)
    dice.taken |= {station["address"] for station in stations}
    weeks = {code: cycle(found) for code, found in SHOP_HOURS.items()}
    names = {code: iter(found) for code, found in shop_names()}
    kinds = sorted(((n + 0.5) / count, code) for code, *_, count in CATEGORIES for n in range(count))
    kinds = iter([code for _, code in kinds])
    number = 0
    for town, count in zip(TOWNS, TOWNS_SHOPS, strict=True):
        streets = sorted({street for some in STATIONS[town[1]].values() for street in some.split()})
        for _ in range(count):
            number += 1
            category = next(kinds)
            (before, before_en), (after, after_en) = next(names[category])
            name, name_en = before + after, f"{before_en} {after_en}"
            if number == 1:
                name, name_en = FIRST
            address, address_en = dice.address(dice.pick(streets))
            lat, lng = dice.near(town)
            yield {
                "code": f"{SETTINGS['merchant_prefix']}{number:03}",
                "name": name,
                "name_en": name_en,
                "category": category,
                "town": town[0],
                "address": address,
                "address_en": address_en,
                "lat": lat,
                "lng": lng,
                "coord_src": "gps",
                "phone": f"14108128{number:03}",
                "uscc": credit_code(f"92{SETTINGS['code']}", f"MA00E{number:03}") if number % 3 else "",
                "hours": next(weeks[category]),
                "since": f"2023{4 + number // 25:02}{1 + number % 25:02}",
            }


def make_offers(merchants):
    """One or two each, of those of its category in turns."""
    turns = {code: cycle(found) for code, found in OFFERS.items()}
    columns = ["kind", "value", "what", "what_en", "least", "times", "daily", "alone", "service_day"]
    for number, shop in enumerate(merchants):
        for _ in range(1 if number % 5 in (0, 2) else 2):
            yield {"merchant": shop["code"]} | dict(zip(columns, next(turns[shop["category"]]), strict=True))


def credit_code(begin, body):
    """A unified social credit code of GB 32100-2015: 8 characters, 8 of the organisation and its check, and a check."""
    value = {c: n for n, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    rest = 11 - sum(value[c] * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    begin += body + {10: "X", 11: "0"}.get(rest, str(rest))
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(c) * pow(3, place, 31) for place, c in enumerate(begin))
    return begin + letters[(31 - total % 31) % 31]


def numbered(rows):
    return [(*row, sort) for sort, row in enumerate(rows, 1)]


def write(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns.split())
        out.writerows(rows)


def main(folder):
    towns = [(code, name, en, f"{lat:.6f}", f"{lng:.6f}") for code, name, en, lat, lng, _ in TOWNS]
    amenities = [(*row[:5], sort, row[5]) for sort, row in enumerate(AMENITIES, 1)]
    write(folder / "towns.csv", "code name name_en lat lng sort", numbered(towns))
    write(folder / "kinds.csv", "code name name_en sort", numbered(KINDS))
    write(folder / "brands.csv", "code name name_en", BRANDS)
    write(folder / "groups.csv", "code name name_en sort", numbered(GROUPS))
    write(folder / "amenities.csv", "code name name_en icon group sort lead", amenities)
    write(folder / "units.csv", "code name name_en kind town sort", numbered(make_units()))
    write(folder / "duties.csv", "unit text text_en sort", make_duties())
    write(folder / "categories.csv", "code name name_en icon sort", numbered(row[:4] for row in CATEGORIES))
    grids = list(make_grids())
    stations = list(make_stations(grids))
    merchants = list(make_merchants(stations))
    for name, made in (
        ("grids.csv", grids),
        ("stations.csv", stations),
        ("merchants.csv", merchants),
        ("offers.csv", list(make_offers(merchants))),
        ("enterprises.csv", list(make_enterprises())),
        ("outlets.csv", list(make_outlets(grids))),
    ):
        write(folder / name, " ".join(made[0]), (row.values() for row in made))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
