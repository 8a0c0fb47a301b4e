"""What stands before every page: false names, other sites, too much, and what browsers are told."""

from __future__ import annotations

import gzip
import io
import json
import re

import pytest

from daemon.log import configure
from daemon.web import guard
from daemon.web.app import build
from daemon.web.forms import LONGEST_FORM
from daemon.web.pages import ROOMS
from daemon.web.rooms import Room
from tests.beds.desk import FROM_US, ORIGIN, Browser, make_desk
from tests.beds.raw_requests import HOST, ask
from tests.beds.reviewing import complaint, day_goes_on

FORM = ("content-type", "application/x-www-form-urlencoded")
OURS = (HOST, FORM, *FROM_US.items())


@pytest.fixture
def desk(floor, tmp_path):
    """The desk."""
    return make_desk(floor, tmp_path)


@pytest.fixture
def app(desk):
    """The application."""
    return build(desk)


def address_of(room):
    """A path of that room."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: "1" if found[2] == ":int" else "x", room.path)


def rooms_of(method, *, public=False):
    """A path of every room of a kind; there is one."""
    return [address_of(one) for one in ROOMS if one.method == method and one.public is public]


# ---- Names


FALSE_NAMES = [
    (),
    (("host", "evil.example"),),
    (("host", "evil.example:8725"),),
    (("host", "127.0.0.1"),),
    (("host", "127.0.0.1:9999"),),
    (("host", ""),),
    (HOST, HOST),
    (HOST, ("host", "evil.example")),
    (("host", "evil.example"), ("x-forwarded-host", HOST[1]), ("forwarded", f"host={HOST[1]}")),
]


def test_a_false_name_is_refused(app):
    """A site that has its name lead to this machine reads nothing, whatever it claims besides."""
    for headers in FALSE_NAMES:
        for path in ("/", "/login", "/static/desk.css"):
            assert ask(app, path, headers=headers).status == 421, headers


def test_a_whole_address_in_the_place_of_a_path_is_refused(app):
    """The host that it names is nobody's to say."""
    assert ask(app, "http://evil.example/login").status == 421


def test_the_name_may_be_written_in_any_case_and_with_the_usual_port(floor, tmp_path):
    """Browsers leave the port out and some proxies name it."""
    app = build(make_desk(floor, tmp_path, origins=frozenset({"https://desk.shop.example"}), secure=True))
    for host in ("desk.shop.example", "Desk.Shop.Example", "desk.shop.example:443"):
        assert ask(app, "/login", headers=[("host", host)]).status == 200
    assert ask(app, "/login", headers=[("host", "desk.shop.example:80")]).status == 421


def test_nothing_is_built_from_a_forwarded_name(app):
    """Redirections name paths alone."""
    claims = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/x"),
    ]
    for path in ("/", "/case/1", "/login/"):
        answer = ask(app, path, headers=[HOST, *claims])
        assert "evil" not in str(answer.headers) + answer.text
        assert answer.headers.get("location", "/").startswith("/")


# ---- Who sent a form


OTHER_SITES = [
    {},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "https://127.0.0.1:8725"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": ORIGIN},
    {"sec-fetch-site": "cross-site", "origin": ORIGIN},
    {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
    {"referer": f"{ORIGIN}/login"},
]


def test_a_form_of_another_site_is_refused(desk):
    """Even with the cookie and the right token: the browser tells who sent it, or it is none."""
    browser = Browser(desk).sign_in()
    fields = {"csrf": browser.seat.csrf}
    for sent in OTHER_SITES:
        assert browser.client.post("/logout", data=fields, headers=sent).status_code == 403, sent
    assert browser.get("/").status_code == 200


def test_one_of_the_two_headers_is_enough(desk):
    """Older browsers send the one, and some the other."""
    for sent in ({"origin": ORIGIN}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}):
        browser = Browser(desk).sign_in()
        answer = browser.client.post("/logout", data={"csrf": browser.seat.csrf}, headers=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?done=signed_out")


def test_no_form_is_taken_without_the_sessions_token(desk):
    """In no room of the desk: neither without, nor with another session's token."""
    browser, other = Browser(desk).sign_in(), Browser(desk).sign_in()
    for path in rooms_of("POST"):
        for fields in ({}, {"csrf": ""}, {"csrf": other.seat.csrf}, {"csrf": "あ"}):
            assert browser.client.post(path, data=fields, headers=FROM_US).status_code == 403, path


def test_a_stranger_sends_no_form(desk):
    """Whatever it holds; signing in comes first."""
    assert "/logout" in rooms_of("POST")
    for path in rooms_of("POST"):
        answer = Browser(desk).post(path, csrf="x", everywhere="1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login"), path


def test_a_stranger_enters_no_room(desk):
    """Every room that is not public sends them to the door, and what refreshes itself goes there, too."""
    browser = Browser(desk)
    assert "/" in rooms_of("GET")
    for path in rooms_of("GET"):
        answer = browser.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login"), path
        assert browser.get(path, **{"hx-request": "true"}).status_code == 401, path


def test_only_these_rooms_are_public():
    """Whoever opens another one to strangers has to say so here."""
    assert {one.path for one in ROOMS if one.public} == {"/login", "/setup", "/language"}


def test_what_changes_something_is_not_reached_by_a_link(desk):
    """A path that takes forms alone shows nothing; it leads back to the page that it belongs to."""
    browser = Browser(desk).sign_in()
    shown = {one.path for one in ROOMS if one.method == "GET"}
    for room in ROOMS:
        if room.method == "POST" and room.path not in shown:
            assert browser.get(address_of(room)).status_code in {303, 404}, room.path


def test_other_methods_are_refused(app):
    """With the ones that there are."""
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"):
        answer = ask(app, "/login", method=method, headers=OURS)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


def test_head_is_get_without_a_body(desk):
    """And tells a stranger no more."""
    browser = Browser(desk)
    assert browser.client.head("/login").status_code == 200
    assert browser.client.head("/").status_code == 303


# ---- Too much


def test_ten_megabytes_are_refused_before_they_are_read(app):
    """By what the form says of its length."""
    answer = ask(app, "/login", method="POST", headers=[*OURS, ("content-length", "10000000")])
    assert answer.status == 413


def test_a_length_that_is_none_is_refused(app):
    """Nobody guesses what was meant."""
    for length in ("-1", "1e3", "+9", "1" * 5000, "abc"):
        sent = [*OURS, ("content-length", length)]
        assert ask(app, "/login", method="POST", headers=sent).status == 413, length


@pytest.mark.parametrize("said", [(), (("content-length", "10"),)])
def test_ten_megabytes_that_say_nothing_are_refused_on_the_way(app, said):
    """In pieces, with no length or a false one: they are counted as they come, and the rest is not read."""
    left = [b"password=" + b"x" * 65536] * 160
    answer = ask(app, "/login", method="POST", headers=[*OURS, *said], pieces=left)
    assert answer.status == 413
    assert "長すぎます" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.taken == LONGEST_FORM // 65536


def test_a_form_that_stops_is_let_go(app, monkeypatch):
    """A sender who sends half of it holds nothing for long."""
    monkeypatch.setattr(guard, "_PATIENCE", 0)
    answer = ask(app, "/login", method="POST", headers=OURS, pieces=[b"password=x", b"y"])
    assert answer.status == 408


def test_what_is_no_plain_form_is_refused(app):
    """No file is ever taken, and no form of a thousand fields."""
    for kind, body, status in (
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--", 415),
        ("application/json", b"{}", 415),
        ("text/plain", b"password=x", 415),
        (FORM[1], b"&".join(b"a=%d" % one for one in range(101)), 400),
    ):
        sent = [HOST, ("content-type", kind), *FROM_US.items()]
        assert ask(app, "/login", method="POST", headers=sent, pieces=[body]).status == status


# ---- What browsers are told


def all_kinds(browser):
    """An answer of every kind."""
    return {
        "page": browser.get("/password"),
        "stranger": Browser(browser.desk).get("/login"),
        "redirection": Browser(browser.desk).get("/"),
        "missing": browser.get("/nowhere"),
        "method": browser.client.post("/password/", headers=FROM_US),
        "refused form": browser.client.post("/logout", headers=FROM_US),
        "strange host": browser.get("/", host="evil.example"),
        "wrong password": Browser(browser.desk).post("/login", password="wrong"),
        "too long": browser.client.post("/login", headers=FROM_US | {"content-length": "9999999"}),
    }


def test_every_answer_carries_the_policy(browser):
    """Pages, redirections and refusals alike: nothing from elsewhere, no frame, nothing kept."""
    for kind, answer in all_kinds(browser).items():
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, kind
        assert "frame-ancestors 'none'" in policy, kind
        assert "unsafe" not in policy, kind
        assert answer.headers["x-frame-options"] == "DENY", kind
        assert answer.headers["x-content-type-options"] == "nosniff", kind
        assert answer.headers["cache-control"] == "no-store", kind
        assert answer.headers["referrer-policy"] == "same-origin", kind
        assert "server" not in answer.headers, kind
        assert "strict-transport-security" not in answer.headers, kind


def test_over_https_browsers_are_told_to_stay_there(floor, tmp_path):
    """On every answer."""
    desk = make_desk(floor, tmp_path, origins=frozenset({"https://desk.shop.example"}), secure=True)
    answer = ask(build(desk), "/login", headers=[("host", "desk.shop.example")])
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_pages_are_not_compressed_and_files_are(browser):
    """A page's length would tell what secret stands in it; style and script are public."""
    wish = {"accept-encoding": "gzip"}
    assert "content-encoding" not in browser.get("/password", **wish).headers
    answer = ask(build(browser.desk), "/static/vendor/pico.min.css", headers=[HOST, *wish.items()])
    assert answer.headers["content-encoding"] == "gzip"
    assert b"pico" in gzip.decompress(answer.body).lower()
    assert len(answer.body) < 20_000


def test_files_are_kept_while_they_are_the_same(browser):
    """By their version for good; without one the browser asks again and is told that nothing changed."""
    style = re.search(r'href="(/static/desk\.css\?v=[0-9a-f]{12})"', browser.get("/password").text)
    assert style is not None
    assert "immutable" in browser.get(style[1]).headers["cache-control"]
    plain = browser.get("/static/desk.css")
    assert plain.headers["cache-control"] == "no-cache"
    again = browser.get("/static/desk.css", **{"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


WAYS_OUT = [
    "/static/../app.py",
    "/static/vendor/../../app.py",
    "/static//etc/passwd",
    "/static/..\\app.py",
    "/static/%2e%2e/app.py",
    "/static/",
    "/static",
    "/static/vendor",
    "/static/desk.css\x00.py",
    "/static/" + "x" * 5000,
]


def test_no_path_leads_out_of_the_files(app):
    """Nothing but the files themselves: no folder, no source."""
    for path in WAYS_OUT:
        answer = ask(app, path)
        assert answer.status in {404, 405}, path
        assert "import" not in answer.text


# ---- Pages for what went wrong


def test_a_page_that_is_not_there_speaks_the_persons_language(browser):
    """And keeps the menu; a stranger gets the shop's language and no menu."""
    browser.post("/language", language="en", back="/")
    page = browser.get("/nowhere")
    assert page.status_code == 404
    assert "There is no such page." in page.text
    assert '<nav class="ways"' in page.text
    stranger = Browser(browser.desk).get("/nowhere")
    assert "そのページはありません。" in stranger.text
    assert '<nav class="ways"' not in stranger.text


def test_a_fault_of_ours_is_told_and_its_words_are_written_nowhere(floor, tmp_path, monkeypatch):
    """The log names kind and place: what was raised may hold a buyer's words, the address a search."""

    def fail(_visit):
        raise ValueError("the buyer's words")

    monkeypatch.setattr("daemon.web.app.ROOMS", (*ROOMS, Room("/broken/{number:int}", fail)))
    browser = Browser(make_desk(floor, tmp_path)).sign_in()
    log = io.StringIO()
    configure(log)
    answer = browser.get("/broken/5?q=secret-search")
    assert answer.status_code == 500
    assert "うまく表示できませんでした" in answer.text
    event = json.loads(log.getvalue())
    assert (event["error"], event["room"]) == ("ValueError", "/broken/{number:int}")
    assert any(place.startswith("daemon/web/rooms.py:") for place in event["where"])
    assert "words" not in log.getvalue()
    assert "secret-search" not in log.getvalue()


def test_a_fault_outside_of_every_room_ends_at_the_guard(desk):
    """The server, which would log everything of it, learns nothing."""

    async def fail(_scope, _receive, _send):
        raise RuntimeError("the buyer's words")

    log = io.StringIO()
    configure(log)
    answer = ask(guard.Guard(fail, desk.origins, secure=False), "/")
    assert answer.status == 0
    assert json.loads(log.getvalue())["error"] == "RuntimeError"
    assert "words" not in log.getvalue()


# ---- What no form of ours makes


NUMBERS = ["0", "2147483647", "2147483648", "9" * 10, "9" * 19, "9" * 5000]


def test_no_number_of_a_path_is_a_fault_of_ours(browser):
    """Where it names nothing it is not found, however long it is; neither a stranger learns more."""
    heads = [one.path.partition("{")[0] for one in ROOMS if "{number:int}" in one.path]
    for head in set(heads):
        for number in NUMBERS:
            assert browser.get(f"{head}{number}").status_code == 404, (head, number[:20])
    assert Browser(browser.desk).get("/case/" + "9" * 5000).status_code == 404


def test_an_address_of_a_thousand_fields_is_a_page_all_the_same(browser):
    """Its fields count for nothing; also the page that tells of another fault reads them."""
    many = "?" + "a=1&" * 1000
    assert browser.get("/search" + many).status_code == 200
    assert browser.get("/nowhere" + many).status_code == 404
    assert Browser(browser.desk).get("/login" + many).status_code == 200


def test_no_link_tells_what_was_done(floor, browser):
    """A mail may lead to the desk, but not make it say that something was approved; neither by the door."""
    path = "/case/1?done=noted"
    day_goes_on(floor, complaint(1))
    assert "メモを残しました。" not in browser.get(path).text
    noted = browser.post("/case/1/note", text="掛け直す").headers["location"]
    for site in ("none", "cross-site", "same-site"):
        assert "メモを残しました。" not in browser.get(noted, **{"sec-fetch-site": site}).text, site
    assert "メモを残しました。" in browser.get(noted).text
    assert Browser(browser.desk).get(path).headers["location"] == "/login?next=%2Fcase%2F1"


def test_nul_is_left_out_of_every_field(browser):
    """PostgreSQL takes it in no text: a search for it would be a fault."""
    assert 'value="ab"' in browser.get("/search?q=a%00b").text


def test_a_page_in_the_place_of_a_file_is_not_kept(browser):
    """It may carry the marks of a session."""
    for path in ("/static/none.css", "/static/vendor?v=1", "/static/%00"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store"), path


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/login", "POST", (HOST, FORM), 403),
        ("/login", "POST", (FORM,), 421),
        ("/login", "PUT", (HOST,), 405),
        ("/nowhere", "GET", (HOST,), 404),
        ("/nowhere", "POST", OURS, 404),
    ],
)
def test_nobody_waits_for_a_body_behind_the_answer(app, path, method, headers, status):
    """A body that nobody read may drip on for ever; the connection ends instead."""
    sent = [*headers, ("transfer-encoding", "chunked")]
    answer = ask(app, path, method=method, headers=sent, pieces=[b"x"] * 3)
    assert (answer.status, answer.headers.get("connection")) == (status, "close")


def test_a_form_that_was_read_keeps_the_connection(app):
    """The browser's next request comes by the same."""
    sent = [*OURS, ("content-length", "10")]
    answer = ask(app, "/login", method="POST", headers=sent, pieces=[b"password=x"])
    assert (answer.status, answer.headers.get("connection")) == (401, None)


def test_a_form_that_drips_is_let_go(app, monkeypatch):
    """Each piece comes in time, and the whole never does."""
    monkeypatch.setattr(guard, "_WHOLE", 0)
    answer = ask(app, "/login", method="POST", headers=OURS, pieces=[b"password=x", b"y"])
    assert answer.status == 408
