"""Who comes in: the one-time link, the password, the throttle, the language, and out again."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from daemon.log import configure
from daemon.web import passwords, sessions
from daemon.web.invitations import invite
from daemon.web.throttle import Throttle
from tests.beds.desk import ORIGIN, Browser, make_desk, words_of
from tests.unit.state.examples import local

SECRET = "いぬも歩けば棒に当たる"
OTHER = "another long password"
NOW = local("2026-11-17 10:30")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """The real hash with next to no work."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def desk(floor, tmp_path):
    """A desk without a password."""
    return make_desk(floor, tmp_path)


@pytest.fixture
def opened(desk):
    """A desk whose password is set."""
    with desk.deciding() as work:
        work.uow.desk.set_password(passwords.hash_of(SECRET), work.now)
    return desk


def link(desk):
    """The token of a new link."""
    with desk.deciding() as work:
        return invite(work.uow, work.now)


def set_up(desk, token, password=SECRET, again=None):
    """A new browser that sends the form behind a link, and the answer."""
    browser = Browser(desk)
    fields = {"token": token, "password": password, "again": password if again is None else again}
    return browser, browser.post("/setup", **fields)


def sign_in(desk, password=SECRET, **fields):
    """A new browser that sends the password, and the answer."""
    browser = Browser(desk)
    return browser, browser.post("/login", password=password, **fields)


def csrf_of(browser, path="/password"):
    """What the forms of a page carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.get(path).text)
    assert found is not None
    return found[1]


def is_in(browser):
    """Whether the pages open."""
    return browser.get("/").status_code == 200


def stored(desk):
    """Everything that the database keeps of the desk."""
    with desk.database._engine.connect() as connection:
        tables = ("desk_password", "desk_invitation", "desk_session")
        return " ".join(str(list(connection.execute(text(f"SELECT * FROM {one}")))) for one in tables)


# ---- The link


def test_without_a_password_the_door_says_where_the_link_is(desk):
    """There is nothing to type yet."""
    page = Browser(desk).get("/login").text
    assert "コンソール" in page
    assert 'type="password"' not in page
    assert sign_in(desk)[1].status_code == 401


def test_the_link_sets_the_password_and_signs_in(desk):
    """Once: a second visit finds it used, and the password opens the door."""
    token = link(desk)
    page = Browser(desk).get(f"/setup?token={token}")
    assert page.status_code == 200
    assert f'name="token" value="{token}"' in page.text
    browser, answer = set_up(desk, token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?done=password_set")
    assert is_in(browser)
    assert Browser(desk).get(f"/setup?token={token}").status_code == 403
    assert set_up(desk, token, OTHER)[1].status_code == 403
    assert sign_in(desk)[1].status_code == 303
    assert sign_in(desk, OTHER)[1].status_code == 401


def test_the_language_may_be_chosen_before_the_password_is(desk):
    """The link still works after that, and the desk opens in the chosen language."""
    browser, token = Browser(desk), link(desk)
    back = f"/setup?token={token}"
    assert f'name="back" value="{back}"' in browser.get(back).text
    assert browser.post("/language", language="en", back=back).headers["location"] == back
    assert "New password" in browser.get(back).text
    browser.post("/setup", token=token, password=SECRET, again=SECRET)
    assert '<html lang="en">' in browser.get("/").text


def test_nobody_guesses_a_link(desk):
    """And a guess costs us no work."""
    link(desk)
    for token in ("", "x", "x" * 43, "x" * 5000, "あ", "' OR 1=1"):
        assert Browser(desk).client.get("/setup", params={"token": token}).status_code == 403
        assert set_up(desk, token)[1].status_code == 403
    with desk.considering() as work:
        assert work.uow.desk.password_hash() is None


def test_a_link_ends_after_an_hour_and_with_a_newer_one(desk, floor):
    """The newest is the only one."""
    older, newer = link(desk), link(desk)
    assert set_up(desk, older)[1].status_code == 403
    floor.clock.advance(60 * MINUTE)
    assert set_up(desk, newer)[1].status_code == 403


def test_a_link_for_a_forgotten_password_ends_every_session(opened):
    """Whoever knew the old one is out."""
    before, _ = sign_in(opened)
    browser, answer = set_up(opened, link(opened), OTHER)
    assert answer.status_code == 303
    assert is_in(browser)
    assert not is_in(before)
    assert sign_in(opened)[1].status_code == 401


UNFIT = [
    ("123456789", None, "10文字以上"),
    ("x1" * 501, None, "1000文字まで"),
    (SECRET, OTHER, "2回の入力が違います"),
    ("aaaaaaaaaaaa", None, "同じ文字だけ"),
]


def test_a_password_that_will_not_do_is_told_and_the_link_stays(desk):
    """The person types it again in the same form."""
    token = link(desk)
    for password, again, said in UNFIT:
        _, answer = set_up(desk, token, password, again)
        assert answer.status_code == 422
        assert said in words_of(answer.text)
        assert password not in answer.text
    assert set_up(desk, token)[1].status_code == 303


def test_a_letter_typed_as_two_signs_is_the_same_letter(desk):
    """が is one sign on one keyboard and two on another."""
    set_up(desk, link(desk), "がっこうのうみべのいえ", "か\u3099っこうのうみべのいえ")
    assert sign_in(desk, "か\u3099っこうのうみべのいえ")[1].status_code == 303
    assert sign_in(desk, "かっこうのうみべのいえ")[1].status_code == 401


# ---- The door


def test_signing_in_goes_to_where_one_wanted(opened):
    """With what was searched for."""
    asked = Browser(opened).get("/search?q=a%26b&x=1").headers["location"]
    assert asked == "/login?next=%2Fsearch%3Fq%3Da%2526b%26x%3D1"
    page = Browser(opened).get(asked).text
    assert 'name="next" value="/search?q=a%26b&amp;x=1"' in page
    _, answer = sign_in(opened, next="/search?q=a%26b&x=1")
    assert answer.headers["location"] == "/search?q=a%26b&x=1"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "javascript:alert(1)",
    "/x\r\nSet-Cookie: a=b",
    "/x%0d%0aSet-Cookie: a=b",
    "/?x=\r\nSet-Cookie: a=b",
    "evil.example",
    "",
    "/" + "x" * 501,
]


def test_nobody_is_sent_elsewhere(opened):
    """Not from the door, nor by the switch of languages; and no word of an address becomes a header."""
    for towards in ELSEWHERE:
        switched = Browser(opened).post("/language", language="en", back=towards)
        for answer in (sign_in(opened, next=towards)[1], switched):
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), towards
            assert "a=b" not in str(answer.headers)
        page = Browser(opened).client.get("/login", params={"next": towards}).text
        assert 'name="next" value="/"' in page, towards


def test_what_an_address_says_is_shown_in_no_page(opened):
    """Only known words become a notice, and only on the way from a form."""
    page = Browser(opened).get("/login?done=%3Cscript%3E&next=%22%3E%3Cscript%3E").text
    assert "<script>" not in page
    assert "ログアウトしました" not in Browser(opened).get("/login?done=signed_out").text


def test_what_was_done_is_told_once(opened):
    """Also at the door; a reload does not say it again, and neither does the history."""
    browser = sign_in(opened)[0]
    address = browser.post("/logout", csrf=csrf_of(browser)).headers["location"]
    assert ["ログアウトしました" in browser.get(address).text for _ in range(3)] == [True, False, False]


def test_the_cookie_is_for_this_site_and_no_script(opened, floor, tmp_path):
    """And over HTTPS it is sent nowhere else, and set by nobody else."""
    _, answer = sign_in(opened)
    plain, known = answer.headers.get_list("set-cookie")
    assert re.fullmatch(
        r"sokuresu_known=[\w-]{22}\.[0-9a-f]{64}; HttpOnly; Max-Age=31536000; Path=/; SameSite=strict", known
    )
    assert re.fullmatch(
        r"sokuresu_desk=[\w-]{43}\.[\w-]{22}; HttpOnly; Max-Age=604800; Path=/; SameSite=strict", plain
    )
    secure = make_desk(floor, tmp_path, origins=frozenset({ORIGIN, "https://desk.shop.example"}), secure=True)
    _, answer = sign_in(secure)
    for cookie, name in zip(answer.headers.get_list("set-cookie"), ("desk", "known"), strict=True):
        assert cookie.startswith(f"__Host-sokuresu_{name}=")
        assert cookie.endswith("; Secure")


def test_over_https_a_cookie_without_the_prefix_is_none(floor, tmp_path):
    """A neighbour of the same domain could have set it."""
    desk = make_desk(floor, tmp_path, secure=True)
    browser = Browser(desk).sign_in()
    assert not is_in(browser)
    browser.client.cookies.set(sessions.cookie_name(secure=True), browser.seat.token)
    assert is_in(browser)


def test_a_token_that_somebody_else_set_is_never_taken_over(opened):
    """Signing in makes a new one, and ends the session that the browser came with."""
    planted = Browser(opened).sign_in().seat.token
    victim = Browser(opened)
    answer = victim.client.post(
        "/login",
        data={"password": SECRET},
        headers={"origin": ORIGIN, "cookie": f"{sessions.COOKIE}={planted}"},
    )
    assert answer.status_code == 303
    assert planted not in answer.headers["set-cookie"]
    with opened.considering() as work:
        assert sessions.find(work.uow, planted, work.now) is None
    made_up = Browser(opened)
    made_up.client.cookies.set(sessions.COOKIE, "x" * 43 + "." + "x" * 22)
    assert not is_in(made_up)


def test_signing_out_ends_the_session_and_not_only_the_cookie(opened):
    """Who kept a copy of the token has nothing; other devices stay."""
    browser, other = sign_in(opened)[0], sign_in(opened)[0]
    kept = browser.client.cookies[sessions.COOKIE]
    answer = browser.post("/logout", csrf=csrf_of(browser))
    ended = 'sokuresu_desk=""; HttpOnly; Max-Age=0; Path=/; SameSite=strict'
    assert ended in answer.headers.get_list("set-cookie")
    browser.client.cookies.set(sessions.COOKIE, kept)
    assert not is_in(browser)
    assert is_in(other)


def test_signing_out_everywhere_ends_every_session(opened):
    """A lost telephone is out as well."""
    browser, lost = sign_in(opened)[0], sign_in(opened)[0]
    browser.post("/logout", csrf=csrf_of(browser), everywhere="1")
    assert not is_in(browser)
    assert not is_in(lost)


def test_who_is_in_needs_no_door(opened):
    """The page that asks for the password sends them on."""
    browser, _ = sign_in(opened)
    assert browser.get("/login?next=%2Fsearch").headers["location"] == "/search"


def test_who_comes_by_a_link_elsewhere_opens_the_page_from_the_door(opened):
    """The browser sent no cookie with that link; from a page of ours it does."""
    crossed = {"sec-fetch-site": "cross-site"}
    page = Browser(opened).get("/login?next=%2Fcase%2F1%3Fx%3D%22", **crossed).text
    assert 'href="/case/1?x=%22"' in page
    assert "そのまま開く" not in Browser(opened).get("/login?next=%2Fcase%2F1").text


def test_a_weak_hash_is_made_anew_at_the_door(opened, monkeypatch):
    """When the work that a hash should cost was raised; the password stays."""
    with opened.considering() as work:
        before = work.uow.desk.password_hash()
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    kept, _ = sign_in(opened)
    with opened.considering() as work:
        after = work.uow.desk.password_hash()
    assert (before != after, "m=16,t=2" in after) == (True, True)
    assert is_in(kept)
    assert sign_in(opened)[1].status_code == 303


# ---- Changing the password


def test_changing_the_password_ends_every_other_session(opened):
    """And gives this one a new token; the old password is worth nothing."""
    browser, other = sign_in(opened)[0], sign_in(opened)[0]
    before = browser.client.cookies[sessions.COOKIE]
    fields = {"present": SECRET, "password": OTHER, "again": OTHER, "csrf": csrf_of(browser)}
    answer = browser.post("/password", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/more?done=password_changed")
    assert browser.client.cookies[sessions.COOKIE] != before
    assert is_in(browser)
    assert not is_in(other)
    assert [sign_in(opened, one)[1].status_code for one in (SECRET, OTHER)] == [401, 303]


def test_whoever_finds_an_open_desk_does_not_change_its_password(opened):
    """The present one is asked for, and guessed at no faster than at the door; the desk stays open."""
    browser, _ = sign_in(opened)
    fields = {"present": "wrong", "password": OTHER, "again": OTHER, "csrf": csrf_of(browser)}
    codes = [browser.post("/password", **fields).status_code for _ in range(4)]
    assert codes == [422, 422, 422, 429]
    right = browser.post("/password", **fields | {"present": SECRET})
    assert (right.status_code, right.headers["retry-after"]) == (429, "2")
    assert is_in(browser)
    assert sign_in(opened)[1].status_code == 303


# ---- Guessing


def test_who_guesses_waits_longer_each_time_and_is_told_for_how_long(opened, floor):
    """Even the right password waits; who is signed in does not."""
    inside, _ = sign_in(opened)
    waits = []
    for _ in range(9):
        answer = sign_in(opened, "wrong")[1]
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            floor.clock.advance(timedelta(seconds=waits[-1]))
    assert waits == [2, 4, 8]
    refused = sign_in(opened)[1]
    assert refused.status_code == 429
    assert "あと16秒お待ちください" in words_of(refused.text)
    assert is_in(inside)
    floor.clock.advance(16 * MINUTE)
    assert sign_in(opened)[1].status_code == 303
    assert sign_in(opened, "wrong")[1].status_code == 401


def test_a_browser_that_was_in_before_waits_for_its_own_slips_alone(opened):
    """Strangers guess through the same proxy, and the owner comes in; another password ends the mark."""
    owner, _ = sign_in(opened)
    owner.post("/logout", csrf=csrf_of(owner))
    codes = [sign_in(opened, "wrong")[1].status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]
    forged = Browser(opened)
    forged.client.cookies.set("sokuresu_known", "x.y")
    assert forged.post("/login", password=SECRET).status_code == 429
    assert owner.post("/login", password=SECRET).status_code == 303
    with opened.deciding() as work:
        work.uow.desk.set_password(passwords.hash_of(OTHER), work.now)
    assert owner.post("/login", password=OTHER).status_code == 429


def test_the_throttle_tells_addresses_apart_and_networks_together():
    """One neighbour's slips are not another's; whoever has one address of IPv6 has its whole network."""
    throttle = Throttle()
    for _ in range(3):
        assert throttle.begin("192.0.2.1", NOW) == timedelta()
    assert throttle.begin("192.0.2.1", NOW) == timedelta(seconds=2)
    assert throttle.begin("::ffff:192.0.2.1", NOW) == timedelta(seconds=2)
    assert throttle.begin("192.0.2.2", NOW) == timedelta()
    for last in range(3):
        assert throttle.begin(f"2001:db8::{last}", NOW) == timedelta()
    assert throttle.begin("2001:db8::ffff", NOW) > timedelta()
    assert throttle.begin("2001:db8:0:1::1", NOW) == timedelta()


def test_guessing_from_everywhere_is_slowed_a_little():
    """Never by much, for the owner waits as well; a right password gives its try back."""
    throttle = Throttle()
    for last in range(30):
        assert throttle.begin(f"192.0.2.{last}", NOW) == timedelta()
    assert throttle.begin("198.51.100.1", NOW) == timedelta(seconds=5)
    assert throttle.begin("198.51.100.1", NOW + timedelta(seconds=5)) == timedelta()
    throttle.right("198.51.100.1")
    assert throttle.begin("198.51.100.1", NOW + 62 * MINUTE) == timedelta()


def test_all_addresses_of_this_machine_are_one():
    """Another user of it has sixteen million of them."""
    throttle = Throttle()
    for last in range(1, 4):
        assert throttle.begin(f"127.0.0.{last}", NOW) == timedelta()
    assert throttle.begin("127.9.9.9", NOW) == timedelta(seconds=2)
    assert throttle.begin("::1", NOW) == timedelta(seconds=2)


def test_guessers_who_never_rest_hold_up_nobody_who_was_in_before():
    """Whoever takes every turn at the door takes none of a known browser's, or of a session's."""
    throttle = Throttle()
    for last in range(31):
        throttle.begin(f"192.0.2.{last}", NOW)
    assert throttle.begin("198.51.100.1", NOW) == timedelta(seconds=5)
    assert throttle.begin("browser x", NOW) == timedelta()
    assert throttle.begin("session 1", NOW) == timedelta()


def test_the_throttle_grows_to_a_bound_and_forgets():
    """A quarter of an hour at most, also by a clock that was set back; a thousand addresses at most."""
    throttle, now = Throttle(), NOW
    for _ in range(41):
        now += throttle.begin("192.0.2.1", now)
    assert throttle.begin("192.0.2.1", now) == 15 * MINUTE
    assert throttle.begin("192.0.2.1", now - 30 * MINUTE) == 15 * MINUTE
    assert throttle.begin("192.0.2.1", now + 61 * MINUTE) == timedelta()
    for number in range(3000):
        throttle.begin(f"192.0.{number % 250}.{number // 250}", now + number * MINUTE)
    assert len(throttle._by) == 1000


def test_hashing_is_done_by_two_at_a_time(opened, monkeypatch):
    """Whoever waits too long for a turn is told so: a hundred at once do not eat the memory."""
    monkeypatch.setattr(passwords, "_PATIENCE", 0)
    for _ in range(2):
        passwords._TURNS.acquire()
    try:
        answer = sign_in(opened)[1]
    finally:
        for _ in range(2):
            passwords._TURNS.release()
    assert answer.status_code == 409
    assert "混み合っています" in answer.text
    assert sign_in(opened)[1].status_code == 303


# ---- The language


def test_the_language_is_chosen_before_and_after_signing_in(opened):
    """Before by a cookie that lasts, after in the session."""
    browser = Browser(opened)
    answer = browser.post("/language", language="en", back="/login")
    assert answer.headers["location"] == "/login"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "Sign in" in browser.get("/login").text
    browser.post("/login", password=SECRET)
    assert "Change the password" in browser.get("/password").text
    browser.post("/language", language="ja", back="/password")
    assert "パスワードを変える" in browser.get("/password").text
    browser.post("/language", language="<b>", back="/password")
    assert "パスワードを変える" in browser.get("/password").text


# ---- Secrets


def test_no_secret_is_written_anywhere(desk):
    """Neither the link, nor the password, nor a token: not in the log, the database, a repr or a page."""
    log = io.StringIO()
    configure(log, verbose=True)
    token = link(desk)
    Browser(desk).get(f"/setup?token={token}")
    browser, _ = set_up(desk, token)
    sign_in(desk, "wrong-password-guess")
    cookie = browser.client.cookies[sessions.COOKIE]
    with desk.considering() as work:
        seat = sessions.find(work.uow, cookie, work.now)
    kept = stored(desk) + log.getvalue() + repr(seat) + repr(desk) + repr(seat.session)
    for secret in (
        token,
        SECRET,
        "wrong-password-guess",
        cookie,
        *cookie.split("."),
        seat.csrf,
        seat.session.digest,
    ):
        where = kept.replace(stored(desk), "") if secret == seat.session.digest else kept
        assert secret not in where
    assert "$argon2id$" in stored(desk)
    assert cookie not in browser.get("/password").text
