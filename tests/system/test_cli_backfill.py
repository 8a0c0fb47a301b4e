"""``sokuresu backfill`` as a seller types it."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import pytest

from daemon.cli import backfill as module
from daemon.lock import take_lock
from tests.system.shop_under_test import mail, now
from tests.unit.parsers.mails import BuyerMail

LONG_AGO = timedelta(days=20)


@pytest.fixture
def since() -> str:
    """A day long enough ago."""
    return (now() - timedelta(days=40)).date().isoformat()


def test_old_mail_becomes_history_in_silence(shop, since, monkeypatch):
    """It tells folders and numbers, sends nothing, and may be repeated; a terminal sees a bar."""
    shop.account.deliver(mail(BuyerMail().build(), ago=LONG_AGO), at=now() - LONG_AGO)
    first = shop.call("backfill", "--since", since)
    assert first.exit_code == 0, first.output
    assert "メール 1 通、新しい案件の記録 1 件" in first.stdout
    assert "main INBOX: 1" in first.stdout
    (case,) = shop.json("cases", "--all")
    assert case["state"] == "closed"
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(module, "sys", terminal)
    again = shop.call("backfill", "--since", since, "--mailbox", "main")
    assert "新しい案件の記録 0 件" in again.stdout
    assert "すでに知っているメール: 1" in again.stdout
    assert "main INBOX ━" in again.stdout
    assert shop.smtp.mails == []


def test_what_cannot_be_meant_is_told(shop):
    """No day, a day to come and a mailbox that is not there are wrong usage, and make no database."""
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    for arguments, words in (
        (["--since", "last week"], "is no date"),
        (["--since", tomorrow], "has yet to come"),
        (["--since", "2026-01-01", "--mailbox", "other"], "only: main"),
        ([], "--since"),
    ):
        result = shop.call("backfill", *arguments)
        assert (result.exit_code, words in result.output) == (2, True), result.output
    assert not (shop.folder / "data").exists()


def test_a_running_service_keeps_it_out(shop, since):
    """Whoever holds the shop's lock is named."""
    with closing(shop.database()):
        pass
    path = shop.folder / "data" / "shop.db"
    lock = take_lock(f"sqlite:///{path}", "pid 7 on elsewhere")
    result = shop.call("backfill", "--since", since)
    lock.release()
    assert (result.exit_code, "pid 7 on elsewhere" in result.stderr) == (1, True)


def test_a_mailbox_that_fails_is_told_at_the_end(shop, since):
    """Nothing is taken for complete that could not be read."""
    (shop.folder / "password").write_text("wrong")
    result = shop.call("backfill", "--since", since)
    assert result.exit_code == 1
    assert "main: " in result.stderr
    assert "0 通" in result.stdout
