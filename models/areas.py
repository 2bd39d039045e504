"""The district and its parts: settings, towns, grids. All of it is data, loaded from a folder of CSVs."""

import datetime as dt
import json
import math
import time
from functools import lru_cache, wraps
from types import SimpleNamespace

from peewee import Case, CharField, FloatField, ForeignKeyField, IntegerField, TextField, fn

from models import settings
from models._database import db, hold, writing
from models._record import N_, Page, Record
from models._trail import Trail

EARTH = 6_371_008.8
"""Mean radius in metres (IUGG), for distances on the sphere."""


class Setting(Record):
    """One fact about the district, as JSON, under its name."""

    key = CharField(primary_key=True, max_length=40)
    value = TextField()

    @classmethod
    def put(cls, key: str, value):
        """Set one fact."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        cls.insert(key=key, value=text).on_conflict(conflict_target=[cls.key], update={cls.value: text}).execute()

    @classmethod
    def kept(cls) -> dict:
        """All facts by key; of the settings what was said, not what is so by default."""
        return {row.key: json.loads(row.value) for row in cls.select()}

    @classmethod
    def change(cls, wanted: dict, seen: dict, *, by, at: dt.datetime) -> dict[str, str]:
        """Set those settings (by their names) that are wanted otherwise than they were seen, all or none.

        Returns what speaks against it, by name as sentences: somebody has changed one meanwhile, or they do not
        go together (models/settings.py).
        """
        with writing():
            hold(SETTINGS)
            now = settings.all_of(cls.kept())
            new = {name: value for name, value in wanted.items() if value not in (seen[name], now[name])}
            wrong = {name: CHANGED_MEANWHILE for name in new if now[name] != seen[name]}
            if wrong := wrong or settings.broken(now | new):
                return wrong
            whole = settings.nested(now | new)
            for key in {name.partition(".")[0] for name in new}:
                cls.put(key, whole[key])
            for name, value in new.items():
                show = settings.BY_NAME[name].kind.show
                what = f"{show(now[name])} → {show(value)}"
                Trail.note("changed", by=by, subject=f"setting:{name}", what=what, at=at)
            if new:
                Revision.bump()
        return {}


SETTINGS = 2**63 - 2
"""What is held while somebody changes settings."""

CHANGED_MEANWHILE = N_("Somebody has changed this in the meantime. Please look once more.")


class Revision(Record):
    """One row that counts changes of what public pages show, so that kept pages know when they are old."""

    n = IntegerField(default=1)

    LOOK_EVERY = 1.0
    _known = (0, 0.0)

    @classmethod
    def current(cls) -> int:
        """The number of the last change; another process's change is noticed within a second."""
        n, looked = Revision._known
        if time.monotonic() - looked > cls.LOOK_EVERY or not n:
            row = db.execute_sql("SELECT n FROM revision").fetchone()
            n = row[0] if row else 0
            Revision._known = (n, time.monotonic())
        return n

    @classmethod
    def bump(cls):
        """Say that something which public pages show has changed (in the transaction that changes it)."""
        now = int(time.time())  # so that a database made anew never has a number that was there before
        if not cls.update(n=Case(None, [(cls.n >= now, cls.n + 1)], now)).execute():
            cls.create(n=now)
        cls.forget()

    @classmethod
    def forget(cls):
        Revision._known = (0, 0.0)


_answers: dict = {}


def until_changed(make):
    """`make()` is asked once between two changes of what public pages show; its answer is kept until the next.

    The change is looked at before: what was read while somebody changed it is read again.
    """

    @wraps(make)
    def answer():
        revision = Revision.current()
        kept = _answers.get(make)
        if kept is None or kept[0] != revision:
            kept = _answers[make] = (revision, make())
        return kept[1]

    return answer


class Town(Record):
    """A sub-district, town or township; `code` as the statistical list has it, opaque to us."""

    code = CharField(primary_key=True, max_length=12)
    name = CharField(max_length=40)
    name_en = CharField(max_length=60)
    lat = FloatField()
    lng = FloatField()
    sort = IntegerField()


class Grid(Record):
    """The smallest cell of a neighbourhood."""

    code = CharField(primary_key=True, max_length=20)
    town = ForeignKeyField(Town, column_name="town")
    name = CharField(max_length=60)
    name_en = CharField(max_length=80)


class Unit(Record):
    """Who answers for something: a responsible unit, an industry's committee, an association."""

    code = CharField(primary_key=True, max_length=20)
    name = CharField(max_length=60)
    name_en = CharField(max_length=90)
    kind = CharField(max_length=20)
    town = ForeignKeyField(Town, column_name="town", null=True)
    sort = IntegerField()


class UnitDuty(Record):
    """One duty of a unit, in a sentence."""

    unit = ForeignKeyField(Unit, column_name="unit")
    text = CharField(max_length=200)
    text_en = CharField(max_length=300)
    sort = IntegerField()


UNIT_KINDS = {
    "office": N_("Responsible units"),
    "committee": N_("Industry committees"),
    "association": N_("Associations"),
    "street": N_("Towns"),
}
"""What a unit can be."""


def units_of(kind: str, number: int = 1) -> Page:
    """The units of a kind in their order, each with its `.duties`."""
    page = Page(Unit.select().where(Unit.kind == kind).order_by(Unit.sort, Unit.code), number)
    codes = [unit.code for unit in page.rows]
    told = UnitDuty.select().where(UnitDuty.unit.in_(codes)).order_by(UnitDuty.sort) if codes else ()
    found: dict[str, list[UnitDuty]] = {code: [] for code in codes}
    for duty in told:
        found[duty.unit_id].append(duty)
    for unit in page.rows:
        unit.duties = found[unit.code]
    return page


def units_by_kind() -> dict[str, int]:
    """How many units of each kind there are."""
    rows = Unit.select(Unit.kind, fn.COUNT(Unit.code)).group_by(Unit.kind)
    return {kind: n for kind, n in rows.tuples()}


@until_changed
def district() -> SimpleNamespace:
    """The settings of the district as attributes, its zone, its towns and units in order; read again after a change."""
    facts = Setting.kept()
    found = SimpleNamespace(**settings.complete(facts), loaded=bool(facts))
    found.towns = list(Town.select().order_by(Town.sort))
    found.town = {town.code: town for town in found.towns}
    found.unit = {unit.code: unit for unit in Unit.select().order_by(Unit.sort)}
    return found


def metres(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle distance by the haversine formula."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))


def daylight(date: dt.date, lat: float, lng: float) -> tuple[float, float]:
    """Sunrise and sunset as hours UTC, to a few minutes (the sunrise equation; noon all day beyond the circles)."""
    day = date.timetuple().tm_yday
    tilt = math.radians(-23.44) * math.cos(2 * math.pi * (day + 10) / 365.25)
    noon = 12 - lng / 15 - _equation_of_time(day)
    cosine = -math.tan(math.radians(lat)) * math.tan(tilt)
    half = math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) / 15
    return noon - half, noon + half


@lru_cache(maxsize=16)
def is_light(quarter: int, revision: int) -> bool:
    """Is it light outside, by the sun of the district? Asked for a quarter of an hour since 1970."""
    here = district()
    if not here.loaded:
        return True
    moment = dt.datetime.fromtimestamp(quarter * 900, dt.UTC)
    rise, sets = daylight(moment.date(), here.centre["lat"], here.centre["lng"])
    hour = moment.hour + moment.minute / 60
    return any(rise <= hour + turn <= sets for turn in (-24, 0, 24))


def _equation_of_time(day: int) -> float:
    """Hours by which a sundial is ahead of the clock."""
    b = 2 * math.pi * (day - 81) / 364
    return (9.87 * math.sin(2 * b) - 7.53 * math.cos(b) - 1.5 * math.sin(b)) / 60
