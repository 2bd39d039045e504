"""The office puts a shop's facts right: each change is a line of the trail, and nobody's work is lost by it."""

import datetime as dt
import hashlib

from models._database import hold, writing
from models._record import N_, Refused
from models.areas import Revision
from models.merchants import Merchant, categories, sought_of
from models.people import Person

FACTS = (
    "name",
    "name_en",
    "category",
    "town",
    "address",
    "address_en",
    "lat",
    "lng",
    "coord_src",
    "hours",
    "phone",
    "uscc",
)
"""The columns that can be changed."""

NEEDED = ("name", "category", "town", "address", "hours")


def digest(merchant: Merchant) -> str:
    """What the facts were when somebody began to change them."""
    told = "|".join(f"{merchant.__data__[name]}" for name in FACTS)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def edit(merchant: Merchant, facts: dict, seen: str, *, by: Person, at: dt.datetime) -> bool:
    """These facts hold from now on; False when they did already.

    Raises Refused("changed") when they are no longer those that were seen, as `digest` says.
    """
    with writing():
        hold(merchant.lock)
        now = Merchant.get_by_id(merchant.id)
        new = {name: facts[name] for name in FACTS if name in facts and facts[name] != now.__data__[name]}
        if not new:
            return False
        if digest(now) != seen:
            raise Refused("changed", N_("Somebody has changed this shop meanwhile. Please look at what holds now."))
        for name in [name for name in new if name not in ("lat", "lng", "coord_src")]:
            now.note(f"{name}: {now.__data__[name] or '–'} → {new[name] or '–'}", by=by, at=at)
        if ("lat" in new or "lng" in new) and facts["coord_src"]:
            now.note(f"place: {facts['lat']:.5f}, {facts['lng']:.5f}", by=by, at=at)
        whole = now.__data__ | new
        named = categories()[whole["category"]]
        new["sought"] = sought_of(whole["name"], whole["name_en"], whole["address"], whole["address_en"], named)
        Merchant.update(new).where(Merchant.id == now.id).execute()
        Revision.bump()
    return True
