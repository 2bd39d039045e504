"""Roles, what each may do, and where. Pure tables: the door and the page "who may do what" read them."""

from typing import NamedTuple

from models._record import N_

STATION, UNIT, TOWN, MERCHANT, DISTRICT = "station", "unit", "town", "merchant", "district"


class Role(NamedTuple):
    """A role in words; the kinds of place for which it is granted (none: it comes by itself); `strong`: only with a
    second factor outside the demo."""

    words: str
    scopes: tuple[str, ...] = ()
    strong: bool = False


ROLES = {
    "rider": Role(N_("Partner on the road")),
    "merchant": Role(N_("Merchant"), (MERCHANT,)),
    "keeper": Role(N_("Station keeper"), (STATION,)),
    "coordinator": Role(N_("Volunteer coordinator"), (TOWN, DISTRICT)),
    "grid": Role(N_("Grid worker"), (TOWN,)),
    "responder": Role(N_("Duty responder"), (TOWN, DISTRICT)),
    "sorter": Role(N_("Sorter of reports"), (DISTRICT,)),
    "handler": Role(N_("Case handler"), (UNIT, DISTRICT)),
    "unit_head": Role(N_("Head of a unit"), (UNIT,)),
    "hr": Role(N_("Company HR"), (UNIT, DISTRICT)),
    "guide": Role(N_("Party-building guide"), (UNIT, TOWN)),
    "counsellor": Role(N_("Counsellor"), (DISTRICT,)),
    "town_officer": Role(N_("Town officer"), (TOWN,), strong=True),
    "officer": Role(N_("District officer"), (DISTRICT,), strong=True),
    "editor": Role(N_("Editor"), (DISTRICT,)),
    "reviewer": Role(N_("Reviewer of texts"), (DISTRICT,)),
    "issuer": Role(N_("Issuer of texts"), (DISTRICT,)),
    "administrator": Role(N_("Administrator"), (DISTRICT,), strong=True),
    "auditor": Role(N_("Auditor"), (DISTRICT,), strong=True),
}
"""The roles of the district (domain.md §4.2)."""

STRONG = {role for role, told in ROLES.items() if told.strong}
"""The roles that are used with a second factor only, outside the demo."""

PERMISSIONS = {
    N_("see who came to my station"): {"keeper"},
    N_("look after my station"): {"keeper"},
    N_("answer what stations need"): {"officer", "town_officer"},
    N_("create, edit and close stations"): {"officer", "town_officer"},
    N_("look into visits that do not fit"): {"officer", "town_officer"},
    N_("look after my shop"): {"merchant"},
    N_("verify cards at my shop"): {"merchant"},
    N_("look after merchants and their offers"): {"officer", "town_officer"},
    N_("look after cards at my station"): {"keeper"},
    N_("stop cards and let them go on"): {"officer", "town_officer"},
    N_("see the figures of the district, or of the own town"): {"officer", "town_officer"},
    N_("take the figures along as a table"): {"officer", "town_officer"},
    N_("take the list of stations along"): {"officer", "town_officer"},
    N_("take in lists of stations, towns, grids and units"): {"officer", "administrator"},
    N_("see units, enterprises and who works where"): {"officer"},
    N_("print a station's poster"): {"keeper", "officer"},
    N_("open a locked sign-in"): {"keeper", "administrator"},
    N_("give a partner who lost the phone another number"): {"keeper", "administrator"},
    N_("give and take roles"): {"administrator"},
    N_("change the district's settings"): {"administrator"},
    N_("search the trail"): {"auditor"},
    N_("read who may do what"): {"officer", "town_officer", "administrator", "auditor"},
}
"""Who may do what, in words an officer can read. What is not in this table is allowed to nobody."""


class Grant(NamedTuple):
    """A role that somebody holds now, and the code of the place for which ('' the district)."""

    role: str
    scope: str
