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

from lists import AMENITIES, BRANDS, GROUPS, KINDS, TOWNS
from names import CALLED, COMMUNITIES, DOORS, SIGHTS, STATIONS, STREETS
from outfit import CHANCES, EVERYWHERE, OUTFITS

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
    for number, (town, kind, sort, brand, name, name_en, street, within) in enumerate(wanted()):
        grid = dice.pick([grid["code"] for grid in grids if grid["code"].startswith(within)])
        address, address_en = dice.address(street)
        (door, door_en), (sight, sight_en) = next(doors[sort]), next(sights)
        lat, lng = dice.near(town)
        yes, no = dice.outfit(sort)
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
        } | DRAWN.get(name, {})


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
    grids = list(make_grids())
    for name, made in ("grids.csv", grids), ("stations.csv", list(make_stations(grids))):
        write(folder / name, " ".join(made[0]), (row.values() for row in made))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
