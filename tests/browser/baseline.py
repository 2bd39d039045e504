"""What Chrome and Android WebView 69 lack, and what to write instead. Scripts and styles are held against these tables."""

import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ACORN = HERE.parent / "vendor" / "acorn.js"


@dataclass(frozen=True)
class Finding:
    line: int
    what: str
    since: int
    instead: str

    def __str__(self):
        return f"line {self.line}: {self.what} came with Chrome {self.since}. Instead: {self.instead}"


# Scripts: the words are those of baseline.js.

LOOP = "a loop"
SCRIPT = {
    "globalThis": (71, "self"),
    "queueMicrotask": (71, "Promise.resolve().then()"),
    "structuredClone": (98, "JSON.parse(JSON.stringify()), or copy what is needed"),
    "WeakRef": (84, "a Map that is cleaned up"),
    "cookieStore": (87, "document.cookie; in a service worker what the page left in Drawers"),
    "CompressionStream": (80, "compression on the server"),
    "crypto.randomUUID": (92, "Items.random()"),
    "Object.fromEntries": (73, LOOP),
    "Object.hasOwn": (93, "hasOwnProperty.call()"),
    "Object.groupBy": (117, LOOP),
    "Promise.allSettled": (76, "Promise.all() over promises with a .catch()"),
    "Promise.any": (85, "Promise.race()"),
    "Promise.withResolvers": (119, "new Promise()"),
    "Intl.RelativeTimeFormat": (71, "words from the page's attributes"),
    "Intl.ListFormat": (72, "words from the page's attributes"),
    "Intl.DisplayNames": (81, "words from the page's attributes"),
    "Intl.Segmenter": (87, "Array.from(text)"),
    "AbortSignal.timeout": (103, "AbortController and setTimeout()"),
    "AbortSignal.any": (116, "one AbortController"),
    "Response.json": (105, "new Response(JSON.stringify())"),
    "URL.canParse": (120, "new URL() in try"),
    "indexedDB.databases": (71, "the one name that we know"),
    ".replaceAll()": (85, ".replace(/…/g)"),
    ".matchAll()": (73, ".exec() in a loop"),
    ".at()": (92, "[n] or [length - n]"),
    ".findLast()": (97, LOOP),
    ".toSorted()": (110, "[...list].sort()"),
    ".toReversed()": (110, "[...list].reverse()"),
    ".with()": (110, "a copy, then [n] ="),
    ".replaceChildren()": (86, 'textContent = "" and appendChild()'),
    ".requestSubmit()": (76, "button.click()"),
    ".attachInternals()": (77, "a hidden input"),
    ".getAnimations()": (84, "the animationend event"),
    ".showPicker()": (99, "the field itself"),
    ".submitter": (81, "a listener on the button"),
    ".adoptedStyleSheets": (73, "a class of app.css"),
    ".inert": (102, "hidden or disabled"),
    ".userAgentData": (90, "feature detection"),
    "dateStyle:": (76, "day, month and year"),
    "timeStyle:": (76, "hour and minute"),
    "addEventListener(…, { signal })": (88, "removeEventListener()"),
}

TEXTS = (":has(", ":is(", ":where(", ":focus-visible")
"""Selectors in texts: a querySelector() that throws is worse than a style that is not applied."""

NO_SYNTAX = (
    "write it in ES2018 (no ?. ?? ||= #private, class fields, static blocks, import(), top-level await, 1n, 1_000)"
)


def script_findings(page, text: str) -> list[Finding]:
    """What in this script the baseline lacks. `page`: any page in which acorn and baseline.js have been loaded."""
    answer = page.evaluate(
        "text => { try { return { uses: uses(text) } } catch (problem) { return { problem: String(problem) } } }", text
    )
    if "problem" in answer:
        line = re.search(r"\((\d+):", answer["problem"])
        return [Finding(int(line.group(1)) if line else 0, f"what this says ({answer['problem']})", 70, NO_SYNTAX)]
    findings = []
    for line, word in answer["uses"]:
        plain = re.sub(r"^(window|self)\.", "", word)
        if plain in SCRIPT:
            findings.append(Finding(line, plain, *SCRIPT[plain]))
        for selector in TEXTS:
            if word.startswith("'") and selector in word:
                findings.append(Finding(line, *SELECTORS[selector]))
    return findings


# Styles.

SELECTORS = {
    ":has(": (":has()", 105, "a class that the template sets"),
    ":is(": (":is()", 88, "a list of whole selectors"),
    ":where(": (":where()", 88, "a list of whole selectors"),
    ":focus-visible": (":focus-visible", 86, ":focus"),
    ":modal": (":modal", 105, "a class"),
    "::marker": ("::marker", 86, "list-style or ::before"),
    "::part(": ("::part()", 73, "no shadow trees"),
    "::file-selector-button": ("::file-selector-button", 89, "a label as the button"),
}
AT_RULES = {
    "@layer": (99, "the order of the files"),
    "@container": (105, "@media, or a layout that wraps"),
    "@property": (85, "a plain custom property"),
    "@scope": (118, "a class"),
    "@starting-style": (117, "an animation"),
    "@supports selector()": (83, "@supports (property: value)"),
    "@media with < or >": (104, "min-width and max-width"),
}
PROPERTIES = {
    r"inset(-.+)?": ("inset", 87, "top, right, bottom, left"),
    r"aspect-ratio": ("aspect-ratio", 88, "a height, or the viewBox of the SVG"),
    r"container(-.+)?": ("container", 105, "@media, or a layout that wraps"),
    r"(margin|padding)-(inline|block)": ("margin-inline and the like", 87, "margin-left and margin-right"),
    r"border-(start|end)-(start|end)-radius": ("border-start-start-radius and the like", 89, "border-top-left-radius"),
    r"accent-color": ("accent-color", 93, "a box of our own"),
    r"content-visibility": ("content-visibility", 85, "shorter pages"),
    r"translate|rotate|scale": ("translate, rotate, scale", 104, "transform"),
    r"backdrop-filter": ("backdrop-filter", 76, "a solid ground"),
    r"scrollbar-gutter": ("scrollbar-gutter", 94, "overflow-y: scroll"),
    r"mask(-.+)?": ("mask", 120, "an SVG, or -webkit-mask beside it"),
}
VALUES = {
    r"(?<![\w-])(min|max|clamp)\(": ("min(), max(), clamp()", 79, "calc() with @media"),
    r"\d[dsl]v(h|w|b|i|min|max)\b": ("dvh and the like", 108, "vh, %, or position: fixed"),
    r"\dcq(w|h|i|b|min|max)\b": ("cqw and the like", 105, "%"),
    r"\dr?lh\b": ("lh", 109, "em times the line height"),
    r"(?<![\w-])(color-mix|oklch|oklab|lab|lch|hwb|light-dark)\(": (
        "color-mix() and new colour spaces",
        101,
        "a token",
    ),
    r"(?<![\w-])image-set\(": ("image-set()", 113, "one picture, or -webkit-image-set()"),
    r"\brevert(-layer)?\b": ("revert", 84, "the value itself"),
    r"\bsubgrid\b": ("subgrid", 117, "a flat grid"),
    r"\banywhere\b": ("anywhere", 80, "overflow-wrap: break-word"),
}
RULES = {
    "gap outside a grid": (84, "margins on the children"),
    "nesting": (112, "the whole selector"),
    ":not() of a list": (88, ":not(a):not(b)"),
    "overflow: clip": (90, "overflow: hidden"),
    "appearance without -webkit-appearance": (84, "both"),
    "print-color-adjust without -webkit-": (136, "both"),
}
STYLE = (
    {name: rest for name, *rest in SELECTORS.values()}
    | AT_RULES
    | {name: rest for name, *rest in (PROPERTIES | VALUES).values()}
    | RULES
)


@dataclass
class Block:
    """A rule of a style sheet: what stands before its brace, what stands in it, and the rules inside."""

    before: str
    line: int
    lines: list = field(default_factory=list)
    inside: list = field(default_factory=list)


def blocks(text: str) -> Block:
    """The style sheet as a tree. Comments and texts become spaces, so that lines keep their numbers."""
    blank = lambda found: re.sub(r"[^\n]", " ", found.group())
    text = re.sub(r"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'", blank, text, flags=re.S)
    here = Block("", 1)
    above, start = [], 0
    for at in re.finditer(r"[{};]", text):
        said = text[start : at.start()]
        line = text.count("\n", 0, start + len(said) - len(said.lstrip())) + 1
        start = at.end()
        if at.group() == "{":
            block = Block(" ".join(said.split()), line)
            here.inside.append(block)
            above.append(here)
            here = block
            continue
        if said.strip():
            here.lines.append((line, said.strip()))
        if at.group() == "}":
            here = above.pop()
    return here


def style_findings(text: str) -> list[Finding]:
    """What in this style sheet the baseline lacks."""
    found: list[Finding] = []
    _look(blocks(text), None, found)
    return sorted(found, key=lambda finding: finding.line)


def _look(block: Block, around: Block | None, found: list):
    def say(what, line=block.line):
        found.append(Finding(line, what, *STYLE[what]))

    before = block.before
    if before.startswith("@"):
        _look_at_rule(before, say)
    else:
        for text, (name, *_) in SELECTORS.items():
            if re.search(re.escape(text) + r"(?![\w-])" if text[-1] != "(" else re.escape(text), before):
                say(name)
        if re.search(r":not\([^()]*(\([^()]*\)[^()]*)*[, >+~]", before):
            say(":not() of a list")
        if around is not None and around.before and not around.before.startswith("@"):
            say("nesting")
    declared = {}
    for line, said in block.lines:
        if said.startswith("@"):
            _look_at_rule(said, lambda what, line=line: say(what, line))
            continue
        name, _, value = (part.strip().lower() for part in said.partition(":"))
        declared[name] = line, value
    for name, (line, value) in declared.items():
        _look_declaration(name, value, declared, lambda what, line=line: say(what, line))
    for inner in block.inside:
        _look(inner, block, found)


def _look_at_rule(text: str, say):
    name = text.split()[0].split("(")[0]
    if name in AT_RULES:
        say(name)
    if name == "@supports" and "selector(" in text:
        say("@supports selector()")
    if name == "@media" and re.search("[<>]", text):
        say("@media with < or >")


def _look_declaration(name, value, declared, say):
    for pattern, (what, *_) in PROPERTIES.items():
        if re.fullmatch(pattern, name) and "-webkit-" + name not in declared:
            say(what)
    for pattern, (what, *_) in VALUES.items():
        if re.search(pattern, value):
            say(what)
    display = declared.get("display", (0, ""))[1]
    if (
        name in ("gap", "row-gap", "column-gap")
        and "grid" not in display
        and not declared.keys() & {"columns", "column-count"}
    ):
        say("gap outside a grid")
    if name.startswith("overflow") and re.search(r"\bclip\b", value):
        say("overflow: clip")
    if name == "appearance" and "-webkit-appearance" not in declared:
        say("appearance without -webkit-appearance")
    if name == "print-color-adjust" and "-webkit-print-color-adjust" not in declared:
        say("print-color-adjust without -webkit-")
