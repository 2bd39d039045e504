"""What every page of ours must be, whichever test asks for it."""

from functools import lru_cache
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """A page taken apart: its tags in order, and what is wrong with it."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append(f"never closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        if "template" not in self.open:  # what a script may show later is not on the page yet
            self.tags.append((tag, dict(attributes)))
        for name, value in attributes:
            if name.startswith(("on", "hx-on")) and name != "one":  # <queue-bar one="…" many="…">
                self.wrong.append(f"<{tag} {name}>: scripts live in files")
            if name == "style":
                self.wrong.append(f"<{tag} style>: looks live in files")
            if name in ("href", "src", "action", "formaction") and (value or "").strip().lower().startswith(
                "javascript:"
            ):
                self.wrong.append(f"<{tag} {name}={value}>")
        if len(dict(attributes)) < len(attributes):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if not {"script", "style", "template"} & set(self.open):
            self.words.append(data)
        elif "script" in self.open and data.strip():
            self.wrong.append("an inline script")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]

    def links(self) -> list[str]:
        return [a["href"] for a in self.all("a")]


@lru_cache(maxsize=500)  # four of five pages of a walk through all doors were shown before
def look_over(text: str, fragment: bool = False) -> Page:
    """The page; an AssertionError says what is wrong with it."""
    page = Page(text)
    wrong = list(page.wrong)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    wrong += [f"id={id} stands twice" for id in {id for id in ids if ids.count(id) > 1}]
    for tag, attributes in page.tags:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for id in (attributes.get(name) or "").split():
                if id not in ids:
                    wrong.append(f"<{tag} {name}={id}> points to nothing")
    for form in page.all("form"):
        if not (form.get("action") or "").startswith("/") or form.get("method", "get") not in ("get", "post"):
            wrong.append(f"a form that leads nowhere by itself: {form}")
    choices: list[str | None] = []
    for tag, attributes in page.tags:
        if tag == "select":
            choices = []
        elif tag == "option":
            if (value := attributes.get("value")) in choices:
                wrong.append(f"<option value={value!r}> stands twice")
            choices.append(value)
    for image in page.all("img"):
        if "alt" not in image:
            wrong.append(f"a picture without words: {image}")
    for tag in ("script", "link", "img", "source", "iframe"):
        for attributes in page.all(tag):
            for name in ("src", "href"):
                if attributes.get(name, "/").startswith(("http:", "https:", "//")):
                    wrong.append(f"<{tag} {name}={attributes[name]}> asks another host")
    if not fragment:
        wrong += whole_page(page, text)
    assert not wrong, wrong
    return page


def whole_page(page: Page, text: str) -> list[str]:
    wrong = []
    if not text.startswith("<!doctype html>"):
        wrong.append("no doctype")
    html = page.all("html")
    if len(html) != 1 or html[0].get("lang") not in ("zh-CN", "en"):
        wrong.append("no language")
    for tag in ("h1", "main", "title"):
        if len(page.all(tag)) != 1:
            wrong.append(f"{len(page.all(tag))} × <{tag}>")
    if len(page.all("style")) != 1:
        wrong.append("the critical style is the only one")
    labelled = {label.get("for") for label in page.all("label")}
    for tag in ("input", "select", "textarea"):
        for field in page.all(tag):
            if (
                field.get("type") not in ("hidden", "submit")
                and field.get("id") not in labelled
                and "aria-label" not in field
            ):
                wrong.append(f"a field without a label: {field}")
    return wrong
