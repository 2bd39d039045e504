"""What we agreed on, looked after by the machine. A failure says how to put it right."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from models import FLOORS

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parent.parent
MODELS, VIEWS, TEMPLATES = ROOT / "models", ROOT / "views", ROOT / "templates"
PROGRAM = [ROOT / "app.py", ROOT / "commands.py", *sorted(MODELS.glob("*.py")), *sorted(VIEWS.glob("*.py"))]
HAN = r"[\u3400-\u9fff]"


def name_of(path):
    return str(path.relative_to(ROOT))


def each(paths):
    return pytest.mark.parametrize("path", sorted(paths), ids=name_of)


def tree(path):
    return ast.parse(path.read_text("utf-8"))


def imports(path):
    """What a file imports, by full names."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# The drawers.


@each(MODELS.glob("*.py"))
def test_a_model_knows_no_page(path):
    for name in imports(path):
        assert name.split(".")[0] not in ("flask", "flask_babel", "werkzeug", "jinja2", "views", "app", "commands"), (
            name
        )


def test_whatever_is_due_is_known_to_the_worker():
    """A module with work to do that nobody imports would never do it."""
    told = "import app, sys; print(*sys.modules)"
    there = subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    due = {f"models.{path.stem}" for path in MODELS.glob("*.py") if re.search("^@work", path.read_text("utf-8"), re.M)}
    assert due and due <= set(there.split())


def test_every_model_has_its_floor():
    assert {path.stem for path in MODELS.glob("*.py")} - {"__init__"} == set(FLOORS), "put it into models.FLOORS"


@each(path for path in MODELS.glob("*.py") if path.stem in FLOORS)
def test_a_model_uses_only_the_floors_below_it(path):
    below = FLOORS[: FLOORS.index(path.stem)]
    for name in imports(path):
        first, _, rest = name.partition(".")
        if first == "models":
            assert rest.split(".")[0] in below, f"{path.stem} stands on {below}"


@each(VIEWS.glob("*.py"))
def test_a_view_does_not_know_the_app_and_holds_no_sql(path):
    for name in imports(path):
        assert name.split(".")[0] not in ("app", "commands", "sqlite3", "psycopg"), name
    if path.stem != "shell":  # /healthz asks the database whether it is there
        assert "execute_sql" not in path.read_text("utf-8")


@each(PROGRAM)
def test_a_file_says_in_its_first_line_what_it_holds(path):
    assert ast.get_docstring(tree(path)), "begin with a docstring"


def test_files_are_named_for_what_they_hold():
    vague = {"utils.py", "helpers.py", "common.py", "constants.py", "forms.py", "misc.py", "services.py"}
    assert [name_of(path) for path in [*PROGRAM, *(ROOT / "tests").rglob("*.py")] if path.name in vague] == []


# What is not done.


@each(PROGRAM)
def test_nothing_risky_is_used(path):
    for name in imports(path):
        assert name.split(".")[0] not in ("random", "pickle", "marshal", "shelve", "requests"), (
            f"{name}: use what is safe"
        )
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec", "print", "breakpoint"), ast.unparse(node)
        if isinstance(node, ast.ExceptHandler) and path.parent == VIEWS:
            assert node.type is not None and ast.unparse(node.type) not in ("Exception", "BaseException"), (
                "name the error"
            )


UNESCAPED = {"views/_assets.py": 2, "views/_layout.py": 6, "views/_hours.py": 2, "views/_words.py": 2}
"""Where Markup is used: our own style and icons, and texts around escaped values. No template uses `safe`."""


def test_what_is_not_escaped_is_known():
    used = Counter()
    for path in PROGRAM:
        calls = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
        used[name_of(path)] = sum(ast.unparse(call.func) in ("Markup", "markupsafe.Markup") for call in calls)
    assert dict(+used) == UNESCAPED, "does it have to be unescaped? look at it, then count it here"


# Templates.


@each(TEMPLATES.rglob("*.html"))
def test_a_template_names_its_inputs_and_holds_no_script_or_style(path):
    text = path.read_text("utf-8")
    assert text.startswith("{#"), "the first line says what it needs"
    for banned in (
        r"\bstyle=",
        r"\bhx-on",
        r"\bon(?!e=)[a-z]+\s*=\s*[\"'][^\"']*\(",
        r"<style",
        r"\|\s*safe\b",
        r"\{%-?\s*autoescape",
        r"javascript:",
    ):
        assert not re.search(banned, text), banned
    for script in re.findall(r"<script\b[^>]*>", text):
        assert " src=" in script, "scripts live in files"


@each(TEMPLATES.rglob("*.html"))
def test_a_template_asks_the_model_and_speaks_through_the_catalogue(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
    assert not re.search(r"\.state\s*==", text), "ask the model"
    assert set(re.findall(HAN + "+", text)) <= {"中文"}, "texts are English msgids with a translation"


@each((ROOT / "static" / "js").glob("*.js"))
def test_a_script_has_no_words_of_its_own(path):
    code = re.sub(r"//.*|/\*.*?\*/", "", path.read_text("utf-8"))
    assert not re.search(HAN, code), "the page gives the words"


# Words.


@pytest.fixture(scope="module")
def catalogue():
    with (ROOT / "locales" / "zh_Hans" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="zh_Hans")


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """The texts that program and templates ask for."""
    pot = tmp_path_factory.mktemp("words") / "messages.pot"
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "babel.cfg",
        "-k",
        "_l",
        "-k",
        "N_",
    ]
    subprocess.run([*command, "-k", "ngettext:1,2", "-o", pot, "."], cwd=ROOT, check=True, capture_output=True)
    with pot.open("rb") as file:
        return read_po(file)


def texts(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_the_catalogue_has_every_text_and_none_besides(catalogue, asked):
    there, wanted = {m.id for m in catalogue if m.id}, {m.id for m in asked if m.id}
    assert wanted - there == set(), "pybabel update, then translate"
    assert there - wanted == set(), "nobody asks for these any more: pybabel update --ignore-obsolete"


def test_every_text_is_translated(catalogue):
    missing = [m.id for m in catalogue if m.id and (not all(texts(m)) or m.fuzzy)]
    assert missing == []
    assert not catalogue.obsolete


def test_a_translation_fills_in_the_same_values(catalogue):
    holes = re.compile(r"%\(\w+\)[sd]|\{\w*\}|<[^>]+>")
    for message in filter(lambda m: m.id, catalogue):
        ids = [message.id] if isinstance(message.id, str) else message.id
        for text in texts(message):
            assert sorted(holes.findall(text)) == sorted(holes.findall(ids[-1])), ids


def test_english_texts_are_english(catalogue):
    for message in catalogue:
        for id in [message.id] if isinstance(message.id, str) else message.id:
            assert not re.search(HAN, id), id


def wrong_punctuation(text):
    """Half-width marks beside Chinese, straight quotes around it, ellipses of dots."""
    return re.findall(rf"{HAN}\s*[,:;?!()]|[(,:;?!]\s*{HAN}|\"{HAN}|{HAN}\"|{HAN}\.(?!\w)|{HAN}\.\.\.", text)


def test_chinese_has_full_width_punctuation(catalogue):
    for message in catalogue:
        for text in texts(message):
            assert not wrong_punctuation(re.sub(r"<[^>]+>|%\(\w+\)s|\{\w*\}", "我", text)), text


@each(PROGRAM)
def test_so_has_what_the_program_says_itself(path):
    nodes = list(ast.walk(tree(path)))
    told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            assert not wrong_punctuation(node.value), node.value


def test_between_chinese_and_figures_there_is_air(catalogue):
    figure = r"(%\((?:n|clock|scan|keeper|anon)\)s|\{n\}|[0-9A-Za-z])"
    for message in catalogue:
        for text in texts(message):
            plain = re.sub(r"<[^>]+>|%\((?!n\)|clock|scan|keeper|anon)\w+\)s", "", text)
            assert not re.search(rf"{HAN}{figure}|{figure}{HAN}", plain), text


def test_people_are_addressed_as_partners(catalogue):
    for message in catalogue:
        for text in texts(message):
            assert not re.search("骑手|小哥|外卖员|用户", text), text


# What must not be in any file.


def tracked():
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:  # not a clone: look at all that is no environment
        return [
            p
            for p in ROOT.rglob("*")
            if p.is_file() and not any(part.startswith(".") for part in p.relative_to(ROOT).parts)
        ]
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


ELSEWHERE = [
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "pythonh" + "osted",
    "py" + "pi.",
    "npm" + "js",
    "regi" + "stry.",
    "crates" + ".io",
]
"""Paths of a machine and hosts of registries: what is locked must install from anywhere."""


def test_no_file_knows_a_machine_or_a_registry():
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [(name_of(path), word) for word in ELSEWHERE if word in text]
    assert found == []


def test_dependencies_are_locked_with_hashes():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://|--index-url|--find-links|--trusted-host", text)
        for line in re.findall(r"^[a-z0-9].*?(?:[^\\]\n)", text, re.M | re.S):
            assert "==" in line and "--hash=sha256:" in line, line


def test_migrations_are_numbered_without_a_gap_and_go_up():
    files = sorted((ROOT / "migrations").glob("*.py"))
    assert [path.name[:4] for path in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    for path in files:
        defined = {node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)}
        assert "up" in defined and "down" not in defined
        ours = {name for name in imports(path) if name.startswith(("models", "views"))}
        assert ours <= {"models._schema.make_tables"}, "frozen: it imports no model"


def test_no_picture_and_no_text_ends_in_blanks():
    for path in tracked():
        if (
            path.suffix in (".py", ".html", ".css", ".js", ".md", ".toml", ".csv", ".yaml", ".po")
            and "vendor" not in path.parts
        ):
            text = path.read_text("utf-8")
            assert "\r" not in text and not re.search(r"[ \t]+$", text, re.M), name_of(path)
            assert not text or text.endswith("\n"), name_of(path)
