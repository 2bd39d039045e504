"""A small district in a file or on PostgreSQL of its own, for promises that need no server."""

import contextlib
import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from models import demo
from models._database import writing
from models._keys import KeyRing, use_ring
from models._schema import upgrade
from models.areas import Revision, Setting
from models.people import Person
from tests._engines import DISTRICTS, opened

NOON = dt.datetime(2024, 9, 19, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

NO_CAPS = {"gap_seconds": 0, "shop_minutes": 0, "daily": 100, "first_day": 100, "print_daily": 100}
"""A card that may be used again at once: then the code alone must see to it that it counts once."""


@contextlib.contextmanager
def small(folder: Path, url: str = ""):
    """The district of three stations, its key ring in `folder/keys.json`; yields the URL of its database."""
    keys = folder / "keys.json"
    if not keys.exists():
        KeyRing.make(keys)
    use_ring(KeyRing.read(keys))
    url = url or f"sqlite:///{folder / 'small.db'}"
    with opened(url):
        upgrade()
        with writing():
            demo.load_district(DISTRICTS / "999999", at=NOON)
        yield url


def no_caps():
    """Take the rules about how often away."""
    from models.areas import district

    with writing():
        Setting.put("card", district().card | NO_CAPS)
        Revision.bump()


def people(count: int) -> list[Person]:
    """So many, with phones of which each ending is as frequent as any other."""
    with writing():
        return [Person.register(name="某人", phone=f"139{n * 7919 % 10**8:08}", at=NOON) for n in range(count)]
