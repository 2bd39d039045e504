"""The registry: enterprises with their outlets, and who works where; read only so far.

Only counts and masked names leave it. What is counted is who works in something now: a row without an end.
"""

from peewee import CharField, ForeignKeyField, IntegerField, fn

from models._record import N_, Page, Record
from models.areas import Grid, Town, Unit
from models.people import Employment, Person

MODES = {
    "own": N_("runs it itself"),
    "franchise": N_("franchise"),
    "partner": N_("through a partner company"),
    "crowd": N_("crowd-sourced"),
}
"""How an enterprise works."""


class Enterprise(Record):
    """A company of the new business forms. `staff` and `temporary` are what it says itself; `uscc` is its unified
    social credit code (GB 32100-2015), '' where it has none."""

    code = CharField(primary_key=True, max_length=20)
    name = CharField(max_length=60)
    name_en = CharField(max_length=90)
    industry = CharField(max_length=20)
    platform = CharField(max_length=40)
    mode = CharField(max_length=20)
    regulator = ForeignKeyField(Unit, column_name="regulator", null=True)
    town = ForeignKeyField(Town, column_name="town", null=True)
    staff = IntegerField()
    temporary = IntegerField()
    uscc = CharField(max_length=18)
    sort = IntegerField()


class Outlet(Record):
    """A place of an enterprise from which people ride."""

    code = CharField(primary_key=True, max_length=20)
    enterprise = ForeignKeyField(Enterprise, column_name="enterprise", backref="outlets")
    name = CharField(max_length=60)
    name_en = CharField(max_length=90)
    town = ForeignKeyField(Town, column_name="town")
    grid = ForeignKeyField(Grid, column_name="grid", null=True)


def of_industries() -> dict[str, int]:
    """How many enterprises an industry has."""
    rows = Enterprise.select(Enterprise.industry, fn.COUNT(Enterprise.code)).group_by(Enterprise.industry)
    return {industry: n for industry, n in rows.tuples()}


def listed(industry: str = "", number: int = 1) -> Page:
    """Enterprises in their order, of one industry or of all; each with `.riders` and `.places` (outlets)."""
    rows = Enterprise.select().order_by(Enterprise.sort, Enterprise.code)
    page = Page(rows.where(Enterprise.industry == industry) if industry else rows, number)
    codes = [enterprise.code for enterprise in page.rows]
    riders = _count(_now().where(Employment.enterprise.in_(codes)), Employment.enterprise) if codes else {}
    places = _count(Outlet.select().where(Outlet.enterprise.in_(codes)), Outlet.enterprise) if codes else {}
    for enterprise in page.rows:
        enterprise.riders, enterprise.places = riders.get(enterprise.code, 0), places.get(enterprise.code, 0)
    return page


def outlets(enterprise: Enterprise, number: int = 1) -> Page:
    """The outlets of an enterprise by code; each with `.riders`."""
    page = Page(Outlet.select().where(Outlet.enterprise == enterprise).order_by(Outlet.code), number)
    codes = [outlet.code for outlet in page.rows]
    riders = _count(_now().where(Employment.outlet.in_(codes)), Employment.outlet) if codes else {}
    for outlet in page.rows:
        outlet.riders = riders.get(outlet.code, 0)
    return page


def of_enterprise(enterprise: Enterprise) -> dict[str, int]:
    """How many work for an enterprise, by outlet; '' where none is known."""
    rows = _count(_now().where(Employment.enterprise == enterprise.code), Employment.outlet)
    return {outlet or "": n for outlet, n in rows.items()}


def riders_by_town() -> dict[tuple[str, str], int]:
    """How many work in an industry in a town; the town '' where it is not known."""
    rows = _now(Employment.industry, Employment.town, fn.COUNT(Employment.id))
    found: dict[tuple[str, str], int] = {}
    for industry, town, n in rows.group_by(Employment.industry, Employment.town).tuples():
        found[industry, town or ""] = n
    return found


def riders_by_relation() -> dict[tuple[str, str], int]:
    """How many stand in a relation to whom they ride for, by relation and industry; '' where it is not known."""
    rows = _now(Employment.relation, Employment.industry, fn.COUNT(Employment.id))
    found: dict[tuple[str, str], int] = {}
    for relation, industry, n in rows.group_by(Employment.relation, Employment.industry).tuples():
        found[relation or "", industry] = n
    return found


def riders(number: int = 1, **wanted: str) -> Page:
    """Who fits, each row with its person: by `industry`, `town`, `relation`, `enterprise`, `outlet`.

    A filter that is '' asks for those of whom it is not known; one that is left out asks nothing.
    """
    rows = _now(Employment, Person).join(Person)
    for name, value in wanted.items():
        field = getattr(Employment, name)
        rows = rows.where(field == value if value else field.is_null())
    return Page(rows.order_by(*ORDERS.get(tuple(wanted), ()), Employment.id), number)


ORDERS: dict[tuple[str, ...], tuple] = {
    ("industry",): (Employment.town,),
    ("relation",): (Employment.industry,),
    ("enterprise",): (Employment.outlet,),
}
"""The order in which an index has them, so that a page of a long list is read and not sorted."""


def _now(*columns):
    """Rows of those who work in something at present."""
    return Employment.select(*columns).where(Employment.ends_at.is_null())


def _count(rows, field) -> dict[str, int]:
    return dict(rows.select(field, fn.COUNT(1)).group_by(field).tuples())
