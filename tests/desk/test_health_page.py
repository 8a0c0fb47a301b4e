"""Whether the service lives, in a few words on every page and at length on its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.beds.desk import words_of
from tests.beds.post import buyer, feedback
from tests.beds.reviewing import day_goes_on


@pytest.fixture
def running(floor):
    """The service has begun."""
    with floor.database.write() as uow:
        uow.runs.begin("run-1", floor.clock.now(), "sokuresu on <b>shop</b>")
        uow.commit()
    return floor


def pass_by(floor, minutes: int, **mailbox) -> None:
    """Time goes by in which the service lives and reads nothing."""
    floor.clock.advance(timedelta(minutes=minutes))
    with floor.database.write() as uow:
        uow.runs.turn("run-1", floor.clock.now())
        if mailbox:
            uow.mailboxes.change("main", **mailbox)
        uow.commit()


def test_all_is_well(running, browser):
    """The words say so, not a colour alone."""
    page = browser.get("/pulse").text
    assert words_of(page) == "動作中"
    assert 'data-state="well"' in page
    assert "動作中 受信も送信も動いています。" in browser.text("/health")


def test_a_service_that_never_ran_is_told(browser):
    """Before the first start nothing runs."""
    assert "要確認 : サービスがまだ動いていません" in browser.text("/pulse")
    assert "まだ一度も動いていません。" in browser.text("/health")


def test_a_service_that_stopped_is_told(running, browser):
    """What follows from it is said as well."""
    running.clock.advance(timedelta(minutes=3))
    assert browser.text("/pulse") == "要確認 : サービスが止まっています"
    shown = browser.text("/health")
    assert "最後の合図は3分前です。" in shown
    assert "承認した返信も送られません" in shown


def test_a_mailbox_that_is_not_read_is_told(running, browser):
    """By name, and since when."""
    pass_by(running, 20)
    page = browser.get("/pulse").text
    assert words_of(page) == "要確認 : main を最後に読んだのは20分前"
    assert 'data-state="trouble"' in page


def test_why_a_mailbox_fails_is_shown_as_text(running, browser):
    """A server's words are a stranger's words."""
    said = "<script>alert(1)</script>\u202e LOGIN failed"
    pass_by(running, 20, failing_since=running.clock.now(), failure=said)
    page = browser.get("/health").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; LOGIN failed" in page
    assert "<b>shop" not in page
    assert "\u202e" not in page


def test_what_waits_is_counted(running, browser):
    """Cases, mail put aside, ratings, and when the next alert is due."""
    day_goes_on(running, buyer(1))
    day_goes_on(running, buyer(2, proof="fail"))
    shown = browser.text("/health")
    assert "未回答 1 最も近い期限 本日 20:00 (あと9時間30分)" in shown
    assert "保留: なりすましの疑い 1" in shown
    assert "次のお知らせメール 本日 12:00" in shown
    assert "まだ一度も届いていません。評価レポートはまだ取り込んでいません。" in shown
    day_goes_on(running, feedback(3))
    assert "1 通届きました。" in browser.text("/health")
