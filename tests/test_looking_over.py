"""The one who looks over every page: it sees what is wrong."""

import pytest

from tests._pages import look_over

pytestmark = pytest.mark.no_database

GOOD = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>暖驿</title><style>body{margin:0}</style></head>
<body><main id="main"><h1>歇一歇</h1>%s</main><script src="/static/rider.js" defer></script></body></html>"""

FORM = '<form action="/prefs" method="post"><label for="a">名</label><input id="a" name="a"><button>好</button></form>'


@pytest.mark.parametrize(
    "inside", ["", FORM, '<template><h1 id="main">later</h1></template>', '<img src="/x.png" alt="">']
)
def test_a_good_page_is_good(inside):
    assert "歇一歇" in look_over(GOOD % inside).text


@pytest.mark.parametrize(
    "inside",
    [
        '<p id="main">twice</p>',
        '<p style="color:red">x</p>',
        "<style>p{color:red}</style>",
        "<script>alert(1)</script>",
        '<button onclick="x()">x</button>',
        '<button hx-on:click="x()">x</button>',
        '<a href="javascript:x()">x</a>',
        '<a class="a" class="b" href="/">x</a>',
        "<form><button>x</button></form>",
        '<form action="https://elsewhere.example/" method="post"></form>',
        '<form action="/x" method="dialog"></form>',
        '<img src="/x.png">',
        '<img src="https://elsewhere.example/x.png" alt="">',
        '<script src="//elsewhere.example/x.js"></script>',
        '<input name="a">',
        '<label for="nothing">x</label>',
        '<p aria-describedby="nothing">x</p>',
        "<h1>twice</h1>",
        "<main></main>",
        "<p><b>x</p></b>",
        "<ul><li>x</ul>",
        "<div>",
    ],
)
def test_a_bad_one_is_not(inside):
    with pytest.raises(AssertionError):
        look_over(GOOD % inside)


@pytest.mark.parametrize(
    "old, new", [("<!doctype html>\n", ""), (' lang="zh-CN"', ""), ("<title>暖驿</title>", ""), ("<h1>", "<h2>")]
)
def test_nor_is_one_without_its_frame(old, new):
    with pytest.raises(AssertionError):
        look_over((GOOD % "").replace(old, new))


def test_a_fragment_needs_no_frame():
    look_over('<a href="/me/">芮*</a>', fragment=True)
