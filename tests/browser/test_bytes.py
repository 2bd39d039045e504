"""What goes over the wire, measured on a real server: pages fit into the first flight of a connection."""

import re
import socket

import pytest

from tests.browser.server import CONTROLLED

SMALL = (
    "/",
    "/stations/",
    "/stations/?town=370812001",
    "/stations/YZ001",
    "/stations/YZ023",
    "/merchants/",
    "/merchants/?town=370812001",
    "/merchants/SH001",
    "/s/YZ023",
    "/S/YZ001",
    "/s/",
    "/sign-in",
    "/sign-in/password",
    "/register",
)
RIDER = (
    "/stations/place",
    "/card",
    "/c",
    "/offline",
    "/verify/offline",
    "/queue",
    "/kiosk",
    "/s/nothing",
    "/nowhere",
    "/stations/?near=35.556,116.83",
    "/stations/map",
    "/stations/map?layer=shops",
    "/merchants/apply",
    "/merchants/SH001/way",
    "/stations/YZ023/tell",
    "/stations/YZ023/way",
)
OWN = ("visits", "data", "data/edit", "devices", "password", "phone", "seen", "second", "close")
"""What a signed-in partner has under /me/ besides."""

KEPT = [
    "change",
    "tally",
    "note",
    "kiosks",
    "visits",
    "things",
    "supplies",
    "loans",
    "inspection",
    "poster",
    "ill",
    "locked",
    "phone",
]
CARD = ("/card/own", "/card/uses", "/card/activation", "/card/once")
DESK = ("/desk/", *("/desk/" + page for page in KEPT), "/me/handover")

LANGUAGES = ("", "lang=en&elder=1&look=dark&place=370812003")


def wire(server, request: str, body: str = "", **headers) -> bytes:
    """A whole answer as it comes over the connection, status line and headers included."""
    port = int(server.url.rpartition(":")[2])
    said = {"Host": f"127.0.0.1:{port}", "Connection": "close", "Accept-Encoding": "gzip, deflate"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    if body:
        said |= {"Content-Length": str(len(body)), "Sec-Fetch-Site": "same-origin"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(f"{request} HTTP/1.1\r\n{lines}\r\n{body}".encode())
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("prefs", LANGUAGES)
@pytest.mark.parametrize("path", SMALL)
def test_the_pages_that_count_and_the_entry_fit_into_nine_thousand_bytes(server, path, prefs):
    answer = wire(server, f"GET {path}", Cookie=f"prefs={prefs}")
    assert answer.startswith(b"HTTP/1.1 200") and len(answer) <= 9000


@pytest.mark.parametrize("prefs", LANGUAGES)
@pytest.mark.parametrize("path", RIDER)
def test_every_other_page_of_a_partner_fits_into_the_first_flight(server, path, prefs):
    answer = wire(server, f"GET {path}", Cookie=f"prefs={prefs}")
    assert re.match(rb"HTTP/1.1 (200|404)", answer) and len(answer) <= 14_600


@pytest.mark.parametrize("role", ["rider", "keeper"])
def test_personal_pages_fit_into_the_first_flight(server, quick, role):
    context = quick.new_context()
    page = context.new_page()
    page.goto(server.url)
    server.sign_in(page, role)
    server.apply(page)
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies())
    context.close()
    form = f"client_id=bytes-{role}&via=&at="
    for request, body in [
        ("GET /me/", ""),
        *((f"GET /me/{page}", "") for page in OWN),
        ("POST /stations/YZ101/visits", form),
        *((f"GET {path}", "") for path in (DESK if role == "keeper" else CARD)),
    ]:
        answer = wire(server, request, body, Cookie=cookie, Content_Type="application/x-www-form-urlencoded")
        assert answer[9:10] == b"2" and len(answer) <= 14_600, request


def test_an_answer_to_one_item_of_the_queue_is_a_thousand_bytes_at_most(server):
    item = '[{"v":1,"kind":"visit","client_id":"bytes-2","place":"YZ102","via":"","at":"","who":""}]'
    answer = wire(server, "POST /sync", item, Content_Type="application/json")
    assert b'"accepted"' in answer and len(answer) <= 1000


@pytest.fixture
def visit(quick, server):
    """A first visit of the home page: (url, bytes) of every request until nothing more comes, by who asked."""
    context = quick.new_context(viewport={"width": 360, "height": 720})
    page = context.new_page()
    asked = {"page": [], "worker": []}
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    urls, done = {}, asked["page"]
    cdp.on("Network.requestWillBeSent", lambda e: urls.setdefault(e["requestId"], e["request"]["url"]))
    cdp.on("Network.loadingFinished", lambda e: done.append((urls.get(e["requestId"], "?"), e["encodedDataLength"])))
    page.goto(server.url, wait_until="networkidle")
    page.evaluate(CONTROLLED)
    yield asked["page"]
    context.close()


def test_a_first_visit_is_six_requests_and_forty_thousand_bytes(visit):
    ours = [(url, size) for url, size in visit if "service-worker" not in url]
    assert len({url for url, _ in ours}) <= 6, ours
    assert sum(size for _, size in ours) <= 40_000, ours


def test_the_service_worker_and_what_it_keeps_are_twenty_thousand_more(server):
    worker = wire(server, "GET /service-worker.js")
    text = wire(server, "GET /service-worker.js", Accept_Encoding="identity").decode()
    shell = re.search(r"const SHELL = \[(.*?)\];", text)[1].replace('"', "").split(", ")
    fresh = [path for path in shell if not path.startswith("/static/")]  # those the page has loaded already
    assert fresh and len(worker) + sum(len(wire(server, f"GET {path}")) for path in fresh) <= 20_000
