"""Every script and style is held against what Chrome and Android WebView 69 can do."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.browser.baseline import (
    ACORN,
    HERE,
    NO_SYNTAX,
    SCRIPT,
    SELECTORS,
    STYLE,
    TEXTS,
    script_findings,
    style_findings,
)

STATIC = Path(__file__).parent.parent.parent / "static"
ACORN_SHA256 = "b95392d79457d0357555c5ed3e56302d074b92dff119bcf3b44179500b10e9df"  # acorn 8.19.0, dist/acorn.js
# qr 0.7.0: `import { decodeQR } from "qr/decode.js"; self.decodeQR = decodeQR`, by esbuild 0.28 with --bundle --minify
# --target=chrome69 --define:globalThis=self --format=iife, and a first line that says whose it is.
VENDORED = {
    "qr-decode.js": "b12fa26515be872e5183d9150e63d17b361ca787b3c5453952a2511cf256c398",
}
EXCEPTIONS = {
    ("vendor/htmx.js", "Object.fromEntries"): "only when somebody enumerates detail.parameters, which we never do",
}


@pytest.fixture(scope="module")
def parser(browser):
    """A page that can parse. Chromium does it, so that no Node need be installed."""
    page = browser.new_page()
    page.add_script_tag(content=ACORN.read_text("utf-8"))
    page.add_script_tag(content=(HERE / "baseline.js").read_text("utf-8"))
    yield page
    page.close()


def pieces(name, mark):
    """The pieces of a file of banned things, by what each of them uses."""
    _, *parts = re.split(mark, (HERE / "banned" / name).read_text("utf-8"), flags=re.M)
    return dict(zip(parts[::2], parts[1::2], strict=True))


BANNED_SCRIPTS = pieces("scripts.js", r"^// = (.+)$")
BANNED_STYLES = pieces("styles.css", r"^/\* = (.+) \*/$")


def told(name, findings):
    return "\n".join(f"static/{name}, {finding}" for finding in findings if (name, finding.what) not in EXCEPTIONS)


def test_the_parser_is_the_one_that_was_looked_at():
    assert hashlib.sha256(ACORN.read_bytes()).hexdigest() == ACORN_SHA256


@pytest.mark.parametrize("name", VENDORED)
def test_what_is_not_ours_is_what_was_looked_at_and_says_whose_it_is(name):
    path = STATIC / "vendor" / name
    assert hashlib.sha256(path.read_bytes()).hexdigest() == VENDORED[name]
    assert path.read_text("utf-8").startswith("/*! ") and "MIT" in path.with_suffix(".LICENSE").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.js")), ids=lambda path: path.name)
def test_every_script_runs_on_the_baseline(parser, path):
    name = path.relative_to(STATIC).as_posix()
    findings = told(name, script_findings(parser, path.read_text("utf-8")))
    assert not findings, findings


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_every_style_is_understood_by_the_baseline(path):
    name = path.relative_to(STATIC).as_posix()
    findings = told(name, style_findings(path.read_text("utf-8")))
    assert not findings, findings


@pytest.mark.parametrize("what", BANNED_SCRIPTS)
def test_a_script_with_a_banned_thing_is_refused(parser, what):
    (finding,) = {finding.what: finding for finding in script_findings(parser, BANNED_SCRIPTS[what])}.values()
    if what.startswith("syntax"):
        assert finding.instead == NO_SYNTAX
    else:
        assert finding.what == TEXT_NAMES.get(what, what)
        assert finding.instead in str(finding)


TEXT_NAMES = {selector: name for selector, (name, *_) in SELECTORS.items()}


@pytest.mark.parametrize("what", BANNED_STYLES)
def test_a_style_with_a_banned_thing_is_refused(what):
    (finding,) = {finding.what: finding for finding in style_findings(BANNED_STYLES[what])}.values()
    assert finding.what == what
    assert finding.instead in str(finding)


def test_there_is_a_piece_for_each_banned_thing():
    assert {what for what in BANNED_SCRIPTS if not what.startswith("syntax")} == SCRIPT.keys() | set(TEXTS)
    assert BANNED_STYLES.keys() == STYLE.keys()


def test_what_the_baseline_has_is_let_through(parser):
    script = """try { f({ ...a, signal: stop.signal }) } catch {}
for (const { at, name } of list) record.at = at
const last = async () => { for await (const x of y) x.flat().padStart(3) }
const day = /(?<year>\\d{4})/u.exec(text).groups
fetch("/sync", { signal: stop.signal }); addEventListener("online", go, { once: true })"""
    assert script_findings(parser, script) == []
    style = """@media (prefers-color-scheme: dark) { a:not(.btn):not(:first-child) > b { color: #0008 } }
.doors { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(7em, 1fr)) }
.x { -webkit-appearance: none; appearance: none; padding-bottom: env(safe-area-inset-bottom); content: "inset: 0 > clamp(" }
@supports (display: grid) { .y { margin-inline-start: 4px; position: sticky } } /* inset: 0 */"""
    assert style_findings(style) == []
