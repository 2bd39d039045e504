"""The settings of the district, all on one page: each change in the trail, and nobody's lost to another's."""

import json

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from models.areas import Setting
from models.settings import BY_NAME, FACTS, all_of
from models.values import Malformed
from views._access import may
from views._answer import changed, invalid, page

area = Blueprint("settings", __name__, url_prefix="/settings")

GROUPS = ("", "base_visits", "centre", "box", "seasons", "night", "greetings")
"""In the order of the page: the settings that stand alone, and those inside another."""


@area.get("")
@may("change the district's settings")
def show():
    return page("settings/show.html", **_shown(_now(), {}))


@area.post("")
@may("change the district's settings", fresh=True)
def change():
    now = _now()
    typed = {fact.name: request.form.get(fact.name, now[fact.name]).strip() for fact in FACTS if not fact.fixed}
    seen, wanted, wrong = _seen(now), {}, {}
    meant = {name: text for name, text in typed.items() if text != seen[name]}
    for name, text in meant.items():
        try:
            wanted[name] = _read(name, text)
        except Malformed as no:
            wrong[name] = _(no.sentence) % no.inside
    if not wrong:
        before = {name: _read(name, seen[name]) if _can_be(name, seen[name]) else None for name in wanted}
        found = Setting.change(wanted, before, by=g.viewer, at=g.now)
        wrong = {name: _(sentence) for name, sentence in found.items()}
    if wrong:
        return invalid("settings/show.html", **_shown(now | meant, wrong))
    return changed(url_for("settings.show", saved=len(wanted)))


def _now() -> dict[str, str]:
    """All settings as text, by name."""
    whole = all_of(Setting.kept())
    return {name: "" if value is None else BY_NAME[name].kind.show(value) for name, value in whole.items()}


def _seen(now: dict[str, str]) -> dict[str, str]:
    """What stood in the fields when the page was opened; where the form does not say it, what stands there now."""
    try:
        said = json.loads(request.form.get("seen", "{}"))
    except (ValueError, RecursionError):
        said = {}
    said = said if isinstance(said, dict) else {}
    return {name: said[name] if _can_be(name, said.get(name)) else now[name] for name in now}


def _can_be(name: str, text) -> bool:
    try:
        return isinstance(text, str) and _read(name, text) is not None
    except Malformed:
        return False


def _read(name: str, text: str):
    """The value of a typed text. Raises Malformed."""
    kind = BY_NAME[name].kind
    value = kind.read(text)
    if not kind.fits(value):
        raise Malformed(name, kind.sentence, **kind.inside)
    return value


def _shown(texts: dict[str, str], wrong: dict[str, str]) -> dict:
    groups = {group: [f for f in FACTS if f.name.rpartition(".")[0] == group] for group in GROUPS}
    seen = json.dumps(_now(), ensure_ascii=False)
    return {"groups": groups, "texts": texts, "wrong": wrong, "seen": seen, "saved": request.args.get("saved", "")}
