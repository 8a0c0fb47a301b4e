"""Sessions: how long they last, how their token changes, and what of it is known to whom."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from daemon.errors import SokuresuError
from daemon.web import sessions
from daemon.web.app import build
from state import tables
from state.desk_sessions import ABSOLUTE, GRACE, IDLE, ROTATION
from tests.beds.desk import FROM_US, Browser, make_desk
from tests.beds.raw_requests import HOST, ask

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(floor, tmp_path):
    """The desk."""
    return make_desk(floor, tmp_path)


@pytest.fixture
def clock(floor):
    """The time at the desk."""
    return floor.clock


def sit_down(desk):
    """The token of a new session."""
    return Browser(desk).sign_in().seat.token


def visit(desk, token, path="/password", **headers):
    """One request with that token: whether it was let in, and the token that the browser is to keep."""
    sent = [HOST, ("cookie", f"{sessions.COOKIE}={token}"), *headers.items()]
    answer = ask(build(desk), path, headers=sent)
    cookie = answer.headers.get("set-cookie", "")
    return answer.status, cookie.partition("=")[2].partition(";")[0] or token


def rows(desk):
    """The sessions as they are stored."""
    with desk.database._engine.connect() as connection:
        return connection.execute(select(tables.desk_session)).all()


def test_a_session_that_nobody_uses_ends(desk, clock):
    """After twelve hours, and not a second before."""
    token = sit_down(desk)
    clock.advance(IDLE)
    status, token = visit(desk, token)
    assert status == 200
    clock.advance(IDLE + SECOND)
    assert visit(desk, token)[0] == 303


def test_a_page_that_only_refreshes_itself_is_no_use(desk, clock):
    """Or a forgotten browser would stay signed in for good."""
    token = sit_down(desk)
    for _ in range(12):
        clock.advance(timedelta(hours=1, seconds=10))
        visit(desk, token, "/pulse")
    assert visit(desk, token)[0] == 303


def test_a_session_ends_after_a_week_however_it_is_used(desk, clock):
    """The person signs in again; the ended one is forgotten then."""
    token, began = sit_down(desk), clock.now()
    while clock.now() - began < ABSOLUTE - IDLE:
        clock.advance(IDLE)
        status, token = visit(desk, token)
        assert status == 200
    clock.advance(IDLE + SECOND)
    assert visit(desk, token)[0] == 303
    sit_down(desk)
    assert len(rows(desk)) == 1


def test_the_token_changes_every_hour_and_the_old_one_is_let_in_for_a_moment(desk, clock):
    """For requests that were under way; later it is nothing, and the new one stays."""
    first = sit_down(desk)
    assert visit(desk, first) == (200, first)
    clock.advance(ROTATION)
    status, second = visit(desk, first)
    assert (status, second == first) == (200, False)
    clock.advance(GRACE)
    assert visit(desk, first) == (200, first)
    clock.advance(SECOND)
    assert visit(desk, first)[0] == 303
    assert visit(desk, second)[0] == 200


@pytest.mark.parametrize("path", ["/password", "/case/999", "/nowhere-at-all"])
def test_a_new_token_is_handed_over_whatever_the_page_says(desk, clock, path):
    """A browser whose old token was replaced without a word would be signed out two minutes later."""
    token = sit_down(desk)
    clock.advance(ROTATION)
    _, kept = visit(desk, token, path)
    clock.advance(GRACE + SECOND)
    assert visit(desk, kept)[0] == 200


def test_a_form_may_be_sent_after_the_token_changed_and_after_a_restart(desk, clock, floor, tmp_path):
    """What was typed for two hours is not lost: the mark of the form belongs to the session."""
    browser = Browser(desk).sign_in()
    opened_with = browser.seat.csrf
    clock.advance(ROTATION)
    _, token = visit(desk, browser.seat.token)
    restarted = Browser(make_desk(floor, tmp_path))
    restarted.client.cookies.set(sessions.COOKIE, token)
    answer = restarted.client.post("/logout", data={"csrf": opened_with}, headers=FROM_US)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?done=signed_out")


def test_requests_at_the_same_time_change_the_token_once(desk, clock):
    """Ten tabs wake up: one of them brings the new token, and all are let in."""
    token = sit_down(desk)
    clock.advance(ROTATION)
    start = threading.Barrier(10)
    seats = []

    def wake() -> None:
        with desk.considering() as work:
            seat = sessions.find(work.uow, token, work.now)
        assert sessions.wants_note(seat, clock.now())
        start.wait(60)
        with desk.deciding() as work:
            seats.append(sessions.note_use(work.uow, seat.token, work.now))

    threads = [threading.Thread(target=wake) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    fresh = [seat.fresh for seat in seats if seat.fresh]
    assert (len(seats), len(fresh)) == (10, 1)
    assert visit(desk, fresh[0])[0] == visit(desk, token)[0] == 200


def test_a_session_that_ended_meanwhile_is_not_brought_back(desk, clock):
    """Somebody signed out between the look and the note."""
    token = sit_down(desk)
    clock.advance(ROTATION)
    with desk.deciding() as work:
        work.uow.desk.end_all()
    with desk.deciding() as work:
        assert sessions.note_use(work.uow, token, work.now) is None
    assert rows(desk) == []


def test_a_clock_that_was_set_back_keeps_nobody_in(desk, clock):
    """A session of the future has ended, and an old token is not let in until the clock has caught up."""
    first = sit_down(desk)
    clock.advance(2 * ROTATION)
    _, second = visit(desk, first)
    clock.advance(-ROTATION)
    assert visit(desk, first)[0] == 303
    status, third = visit(desk, second)
    assert (status, third == second) == (200, False)
    clock.advance(-2 * ROTATION)
    assert visit(desk, third)[0] == 303


def test_being_used_is_written_down_once_a_minute(desk, clock):
    """Reading a page needs no write each time."""
    token = sit_down(desk)
    clock.advance(timedelta(seconds=59))
    visit(desk, token)
    (before,) = rows(desk)
    clock.advance(SECOND)
    visit(desk, token)
    (after,) = rows(desk)
    assert (before.seen_at, after.seen_at) == (clock.now() - timedelta(minutes=1), clock.now())


def test_a_token_is_whole_or_nothing(desk):
    """The part that marks the forms cannot be exchanged, nor can either part be left out."""
    token = sit_down(desk)
    secret, _, lasting = token.partition(".")
    for other in (token.upper(), token[:-1], f"{token}x", f"{secret}.x", secret, lasting, f"{secret}."):
        assert visit(desk, other)[0] == 303, other
    assert visit(desk, token)[0] == 200


def test_the_database_does_not_tell_how_forms_are_marked(desk):
    """Whoever has a copy of it knows digests; the mark is made of what only the browser has."""
    browser = Browser(desk).sign_in()
    (row,) = rows(desk)
    secret, _, lasting = browser.seat.token.partition(".")
    assert not {secret, lasting, browser.seat.token, browser.seat.csrf} & set(map(str, row))
    assert row.digest == sessions.digest_of(browser.seat.token)
    assert len(lasting) >= 22


def test_what_was_written_for_a_long_time_is_handed_back(desk, clock):
    """The session ended overnight, or another one began: the text is on the page, and no secret is."""
    browser = Browser(desk).sign_in()
    letter = "このたびはご不便をおかけし、申し訳ございません。" * 3 + "<script>alert(1)</script>"
    fields = {"text": letter, "password": "p" * 50, "present": "q" * 50}
    clock.advance(IDLE + SECOND)
    ended = browser.post("/logout", **fields)
    other = Browser(desk).sign_in()
    stale = other.post("/logout", **fields, csrf=browser.seat.csrf)
    for answer, status in ((ended, 401), (stale, 403)):
        assert answer.status_code == status
        assert letter.replace("<", "&lt;").replace(">", "&gt;") in answer.text
        assert "pppp" not in answer.text
        assert "qqqq" not in answer.text
    assert browser.post("/logout", text="短い").headers["location"] == "/login"
    assert browser.post("/case/1/send", digest="d" * 64).headers["location"] == "/login"


def test_a_desk_whose_database_takes_nothing_can_still_be_read(desk, clock, monkeypatch):
    """A full disk, say: being seen is not written down, and the person reads on."""
    token = sit_down(desk)
    clock.advance(ROTATION)

    def refuse(*_given: object) -> None:
        raise SokuresuError("ディスクがいっぱいです / the disk is full")

    monkeypatch.setattr(sessions, "note_use", refuse)
    assert visit(desk, token) == (200, token)
