"""One keeper an account: renewed ahead, kept before it is used, never hammered, never told."""

from __future__ import annotations

import threading
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.oauth.asking import Answer
from daemon.oauth.grants import login_token
from daemon.oauth.keeper import PAUSES, REFUSED_PAUSE, REPLACED_PAUSE, TokenKeeper
from daemon.oauth.keyring import Keyring
from daemon.oauth.token_file import TokenFile
from tests.beds.clock import SetClock

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Desk:
    """An account that a person has logged in to."""

    def __init__(self, folder, server):
        self.server = server
        self.clock = SetClock(NOW)
        self.monotonic = 0.0
        self.file = TokenFile(folder / "main.token", "main")
        self.client = server.client()
        self.log_in()
        self.keeper = self.make()

    def make(self, **values):
        return TokenKeeper(
            "main",
            values.get("client", self.client),
            self.file,
            self.clock,
            unkept=values.get("unkept"),
            monotonic=lambda: self.monotonic,
        )

    def log_in(self):
        token = login_token(self.client, Answer(self.server.log_in()), self.clock.now())
        with self.file.locked():
            self.file.write(token)

    def expect(self, kind, what):
        with pytest.raises(kind, match=what) as caught:
            self.keeper.fresh()
        assert type(caught.value) is kind
        told = "".join(traceback.format_exception(caught.value))
        assert not [secret for secret in self.server.secrets() if secret in told]
        return str(caught.value)


@pytest.fixture
def desk(tmp_path, token_server):
    """Somebody has just logged in."""
    return Desk(tmp_path, token_server)


def test_a_good_token_is_asked_of_nobody(desk):
    """For most of an hour the same one is handed out."""
    first = desk.keeper.fresh()
    desk.clock.advance(timedelta(minutes=54))
    assert desk.keeper.fresh() == first
    assert desk.server.asked == []
    assert desk.server.owner_of(first) == desk.server.username


def test_an_old_one_is_renewed_ahead_and_kept(desk):
    """Five minutes before its end; a program that starts later finds the new one, with the same login."""
    first = desk.keeper.fresh()
    desk.clock.advance(timedelta(minutes=56))
    second = desk.keeper.fresh()
    assert (second != first, desk.server.owner_of(second)) == (True, desk.server.username)
    assert desk.make().fresh() == second
    assert len(desk.server.renewals()) == 1
    kept = desk.file.read()
    assert (kept.granted_at, kept.renewed_at) == (NOW, NOW + timedelta(minutes=56))


@pytest.mark.parametrize("lifetime", [None, "3600", 3600])
def test_a_rotated_refresh_token_is_kept_before_the_access_token_is_used(desk, lifetime):
    """Each renewal ends the one before, and whoever has an access token finds its successor in the file."""
    desk.server.rotates, desk.server.lifetime = True, lifetime
    spent = {desk.file.read().refresh}
    for _ in range(3):
        desk.clock.advance(2 * HOUR)
        access = desk.keeper.fresh()
        kept = desk.file.read()
        assert kept.access == access
        assert kept.refresh not in spent
        spent.add(kept.refresh)
    assert len({form["refresh_token"] for form in desk.server.renewals()}) == 3


def test_many_threads_make_one_request(desk):
    """IMAP and SMTP that find the token old at once ask once and get the same one."""
    desk.clock.advance(HOUR)
    gate, found = desk.server.hold_next(), []
    threads = [threading.Thread(target=lambda: found.append(desk.keeper.fresh())) for _ in range(4)]
    for thread in threads:
        thread.start()
    desk.server.await_asked(1)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert (len(found), len(set(found)), len(desk.server.asked)) == (4, 1, 1)


def test_two_processes_make_one_request(desk):
    """`check` beside the service waits for its turn and takes what the service got."""
    desk.server.rotates = True
    desk.clock.advance(HOUR)
    gate, found, others = desk.server.hold_next(), [], [desk.make(), desk.make()]
    threads = [threading.Thread(target=lambda one=one: found.append(one.fresh())) for one in others]
    for thread in threads:
        thread.start()
    desk.server.await_asked(1)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert (len(found), len(set(found)), len(desk.server.asked)) == (2, 1, 1)


def test_a_revoked_grant_says_how_to_log_in_and_is_not_hammered(desk):
    """The provider is asked once in a quarter of an hour, however often mail servers want a token."""
    desk.server.revoke()
    desk.clock.advance(HOUR)
    sentences = set()
    for _ in range(50):
        sentences.add(desk.expect(LoginRefused, "Log in again with: sokuresu login main"))
        desk.monotonic += (REFUSED_PAUSE - 1) / 50
    assert (len(sentences), len(desk.server.asked)) == (1, 1)
    assert "AADSTS70000" in sentences.pop()
    desk.monotonic += REFUSED_PAUSE
    desk.expect(LoginRefused, "invalid_grant")
    assert len(desk.server.asked) == 2


def test_a_new_login_is_noticed_at_once(desk):
    """While the service runs and waits; nothing has to be restarted."""
    desk.server.revoke()
    desk.clock.advance(HOUR)
    desk.expect(LoginRefused, "sokuresu login main")
    desk.log_in()
    assert desk.server.owner_of(desk.keeper.fresh()) == desk.server.username
    assert len(desk.server.asked) == 1


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, b"<html>trouble</html>"),
        (503, b'{"error": "temporarily_unavailable"}'),
        (429, b'{"error": "slow_down"}'),
        (400, b'{"error": "temporarily_unavailable"}'),
        (200, b"not JSON"),
        (200, b"[]"),
        (200, b'{"access_token": ""}'),
        (200, b'{"access_token": "a\\r\\nb"}'),
        (200, b'{"access_token": 3}'),
        (404, b"{}"),
        (302, b"{}"),
        (200, b'{"access_token": "a", "x": "' + b"a" * 70_000 + b'"}'),
    ],
)
def test_a_passing_trouble_is_tried_again_after_a_pause(desk, status, content):
    """It is no refusal, and the provider is asked once for each pause; then all is well again."""
    desk.server.answer_next(status, content)
    desk.clock.advance(HOUR)
    for _ in range(3):
        desk.expect(MailboxUnavailable, "tried again")
    assert (len(desk.server.asked), desk.server.introspected) == (1, []), "no redirect was followed"
    desk.monotonic += PAUSES[0]
    assert desk.server.owner_of(desk.keeper.fresh())


def test_a_token_is_used_to_its_end_while_the_provider_is_down(desk):
    """It is renewed ahead so that there is time for that; a provider that says no is believed at once."""
    first = desk.keeper.fresh()
    desk.server.answer_next(500, times=2)
    desk.clock.advance(timedelta(minutes=56))
    assert [desk.keeper.fresh() for _ in range(3)] == [first] * 3
    assert len(desk.server.asked) == 1
    desk.clock.advance(timedelta(minutes=3, seconds=31))
    desk.expect(MailboxUnavailable, "HTTP 500")
    desk.clock.advance(-timedelta(minutes=2))
    desk.monotonic += 10 * PAUSES[-1]
    desk.keeper.reject(first)
    desk.expect(MailboxUnavailable, "HTTP 500")
    desk.monotonic += 10 * PAUSES[-1]
    desk.server.revoke()
    desk.expect(LoginRefused, "sokuresu login main")


def test_pauses_grow_to_a_minute(desk):
    """A provider that is down for long is asked once a minute."""
    desk.server.answer_next(500, times=100)
    desk.clock.advance(HOUR)
    desk.expect(MailboxUnavailable, "HTTP 500")
    for number, pause in enumerate((*PAUSES, PAUSES[-1]), start=1):
        desk.monotonic += pause - 0.01
        desk.expect(MailboxUnavailable, "HTTP 500")
        assert len(desk.server.asked) == number
        desk.monotonic += 0.01
        desk.expect(MailboxUnavailable, "HTTP 500")
        assert len(desk.server.asked) == number + 1


def test_a_provider_out_of_reach_is_a_passing_trouble(desk):
    """Nobody listens: told with the host, without anything that was to be sent."""
    nowhere = replace(desk.client.provider, token_url="http://127.0.0.1:9/token")
    desk.keeper = desk.make(client=replace(desk.client, provider=nowhere))
    desk.clock.advance(HOUR)
    desk.expect(MailboxUnavailable, "127.0.0.1 gives no token .*refused")


def test_a_provider_without_tls_is_told_nothing(desk):
    """Only this machine may be asked in clear."""
    clear = replace(desk.client.provider, token_url="http://login.shop.example/token")
    desk.keeper = desk.make(client=replace(desk.client, provider=clear))
    desk.clock.advance(HOUR)
    desk.expect(MailboxUnavailable, "no TLS")


def test_a_registration_that_is_not_known_is_told_as_such(desk):
    """A login would not help, so the sentence names the settings."""
    desk.keeper = desk.make()
    desk.server.answer_next(401, b'{"error": "invalid_client", "error_description": "AADSTS7000215: x"}')
    desk.clock.advance(HOUR)
    desk.expect(LoginRefused, "client_id or the secret .invalid_client AADSTS7000215")


def test_a_token_of_another_client_is_shown_to_nobody(desk):
    """A changed configuration wants a new login; the old refresh token does not go to the new provider."""
    desk.keeper = desk.make(client=desk.server.client("google"))
    desk.clock.advance(HOUR)
    desk.expect(LoginRefused, "Log in with: sokuresu login main .provider or client_id changed")
    assert desk.server.asked == []


def test_a_token_that_cannot_be_kept_is_not_used_and_not_lost(desk, monkeypatch):
    """With a full disk nobody gets the access token, the provider is asked once, and then it goes on."""
    desk.server.rotates = True
    desk.clock.advance(HOUR)
    with monkeypatch.context() as patched:
        patched.setattr(desk.file, "write", fail_to_write)
        for _ in range(5):
            desk.expect(LoginRefused, "token_file")
            desk.monotonic += PAUSES[-1]
    assert desk.server.owner_of(desk.keeper.fresh())
    assert len(desk.server.asked) == 1
    desk.clock.advance(HOUR)
    assert desk.server.owner_of(desk.keeper.fresh())


def fail_to_write(*_token):
    """What writing does on a full disk."""
    raise OSError(28, "No space left on device")


def test_a_token_that_cannot_be_kept_outlives_its_keeper(desk, monkeypatch):
    """The next one does not show the spent refresh token, and writes the new one down as soon as it can."""
    desk.server.rotates = True
    desk.clock.advance(HOUR)
    with monkeypatch.context() as patched:
        patched.setattr(desk.file, "write", fail_to_write)
        desk.expect(LoginRefused, "token_file")
        assert not desk.keeper.keep()
    desk.keeper = desk.make(unkept=desk.keeper.unkept)
    assert desk.server.owner_of(desk.keeper.fresh())
    assert (len(desk.server.asked), desk.keeper.unkept) == (1, None)
    desk.clock.advance(HOUR)
    assert desk.server.owner_of(desk.keeper.fresh())


def test_a_token_that_could_not_be_kept_is_kept_at_last(desk, monkeypatch):
    """When there is room again; but never over the token of a later login, or of another program."""
    desk.server.rotates = True
    desk.clock.advance(HOUR)
    with monkeypatch.context() as patched:
        patched.setattr(desk.file, "write", fail_to_write)
        desk.expect(LoginRefused, "token_file")
    unkept = desk.keeper.unkept
    assert desk.keeper.keep()
    assert desk.file.read() == unkept
    desk.clock.advance(HOUR)
    desk.log_in()
    later = desk.file.read()
    assert desk.make(unkept=unkept).keep()
    assert desk.make(unkept=replace(unkept, client="another", granted_at=later.granted_at)).keep()
    assert desk.file.read() == later


def test_another_configuration_inherits_what_could_not_be_kept(desk, monkeypatch, capsys):
    """Also one that is followed by a third before anybody asked it; what may be lost is told loudly."""
    one = SimpleNamespace(
        name="main",
        login="shop",
        client_secret=None,
        oauth=SimpleNamespace(provider="microsoft", client_id=desk.client.client_id, tenant=None),
    )
    settings = SimpleNamespace(token_file=lambda _one: desk.file.path)
    first = Keyring(settings, desk.clock, desk.server.provider_of)
    desk.server.rotates = True
    desk.clock.advance(HOUR)
    with monkeypatch.context() as patched:
        patched.setattr(TokenFile, "write", fail_to_write)
        with pytest.raises(LoginRefused, match="token_file"):
            first.keeper(one).fresh()
        first.keep()
    told = capsys.readouterr()
    assert "renewed token cannot be kept" in told.err + told.out
    third = first.succeeded_by(settings).succeeded_by(settings)
    assert desk.server.owner_of(third.credentials(one).tokens.fresh())
    assert len(desk.server.asked) == 1


def test_a_rejected_token_is_renewed_once(desk):
    """It may have ended early; one that comes straight from the provider is as good as there is."""
    first = desk.keeper.fresh()
    assert desk.keeper.reject(first) is True
    second = desk.keeper.fresh()
    assert second != first
    assert desk.keeper.reject(first) is True, "there is a newer one already"
    assert desk.keeper.reject(second) is False
    assert desk.keeper.fresh() == second
    assert len(desk.server.asked) == 1
    desk.monotonic += REPLACED_PAUSE
    assert desk.keeper.reject(second) is True
    assert desk.keeper.fresh() not in {first, second}


def test_a_clock_set_back_does_not_keep_a_dead_token_alive(desk):
    """Its times mean nothing then, so it is renewed, once."""
    desk.keeper.fresh()
    desk.clock.advance(-24 * HOUR)
    assert [desk.keeper.fresh() for _ in range(3)] == [desk.file.read().access] * 3
    assert len(desk.server.asked) == 1


def test_no_representation_shows_a_secret(desk):
    """Whoever prints a keeper, a client or credentials learns nothing."""
    from daemon.ports import Credentials

    google = desk.server.client("google")
    shown = f"{desk.keeper!r} {google!r} {Credentials('shop', tokens=desk.keeper)!r} {vars(desk.keeper)!r}"
    desk.keeper.fresh()
    shown += f"{vars(desk.keeper)!r}"
    assert not [secret for secret in desk.server.secrets() if secret in shown]
