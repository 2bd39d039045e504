"""The registry for the officer: enterprises with their outlets, and who works where, as counts and masked names."""

from flask import Blueprint, abort, request

from models import enterprises
from models.areas import district
from models.enterprises import MODES, Enterprise, Outlet
from models.people import EMPLOY_TYPES, INDUSTRIES, RELATIONS
from views._access import may
from views._answer import page, page_number

area = Blueprint("enterprises", __name__, url_prefix="/enterprises")

NOT_KNOWN = "-"
"""In an address: those of whom it is not known."""


@area.get("/")
@may("see units, enterprises and who works where")
def index():
    industry = request.args.get("industry", "")
    if industry and industry not in INDUSTRIES:
        abort(404)
    rows = enterprises.listed(industry, page_number())
    counts = enterprises.of_industries()
    return page("enterprises/index.html", rows=rows, counts=counts, industry=industry, **_words())


@area.get("/<code>")
@may("see units, enterprises and who works where")
def show(code):
    found = _row(Enterprise, code)
    rows = enterprises.outlets(found, page_number())
    riders = sum(enterprises.of_enterprise(found).values())
    return page("enterprises/show.html", enterprise=found, rows=rows, riders=riders, modes=MODES, **_words())


@area.get("/riders/")
@may("see units, enterprises and who works where")
def riders():
    by_town, by_relation = enterprises.riders_by_town(), enterprises.riders_by_relation()
    towns = [*district().town, *([""] if any(town == "" for _, town in by_town) else [])]
    known = [*RELATIONS, *([""] if any(relation == "" for relation, _ in by_relation) else [])]
    shown = [industry for industry in INDUSTRIES if any(there == industry for there, _ in by_town)]
    return page(
        "enterprises/riders.html",
        by_town=by_town,
        by_relation=by_relation,
        shown=shown,
        codes=towns,
        known=known,
        **_words(),
    )


@area.get("/riders/list")
@may("see units, enterprises and who works where")
def riders_list():
    wanted = {name: _asked(name) for name in ASKED if name in request.args}
    rows = enterprises.riders(page_number(), **wanted)
    codes = {row.enterprise for row in rows.rows if row.enterprise}
    companies = {e.code: e for e in Enterprise.select().where(Enterprise.code.in_(codes))} if codes else {}
    place = {name: model.get_by_id(wanted[name]) for name, model in PLACES.items() if wanted.get(name)}
    again = "&".join(f"{name}={request.args[name]}" for name in wanted)
    return page(
        "enterprises/list.html",
        rows=rows,
        wanted=wanted,
        place=place,
        companies=companies,
        address=f"?{again}&" if again else "?",
        types=EMPLOY_TYPES,
        **_words(),
    )


PLACES = {"enterprise": Enterprise, "outlet": Outlet}

ASKED = {
    "industry": lambda code: code in INDUSTRIES,
    "town": lambda code: code in district().town,
    "relation": lambda code: code in RELATIONS,
    "enterprise": lambda code: _row(Enterprise, code),
    "outlet": lambda code: _row(Outlet, code),
}
"""What the list of partners can be asked for, and whether there is such a thing."""


def _asked(name: str) -> str:
    """A filter of the address, '' for those of whom it is not known; 404 for nonsense."""
    value = request.args[name]
    if value == NOT_KNOWN:
        return ""
    return value if ASKED[name](value) else abort(404)


def _row(model, code: str):
    fits = len(code) <= 20 and code.isascii() and code.isprintable()
    return (model.get_or_none(model.code == code) if fits else None) or abort(404)


def _words() -> dict:
    return {"industries": INDUSTRIES, "relations": RELATIONS, "towns": district().town, "not_known": NOT_KNOWN}
