"""Tokens lie in a file of their owner's alone, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.oauth.token import Token
from daemon.oauth.token_file import TokenFile
from tests.beds.traps import KINDS, give_away, lay

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TOKEN = Token(
    client="google:abc",
    access="access-secret",
    refresh="refresh-secret",
    granted_at=NOW,
    renewed_at=NOW,
    expires_at=NOW + timedelta(hours=1),
)


@pytest.fixture
def file(tmp_path):
    """A file that is not there yet, in a folder that is not there yet."""
    return TokenFile(tmp_path / "state" / "sokuresu-main.token", "main")


def write(file, token=TOKEN):
    with file.locked():
        file.write(token)


@pytest.mark.parametrize("token", [TOKEN, replace(TOKEN, login_until=NOW + timedelta(days=7))])
def test_a_token_is_kept_as_it_is(file, token):
    """Written and read it is the same, only the owner can read it, and nothing else is left behind."""
    write(file, token)
    assert file.read() == token
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in file.path.parent.iterdir()) == [
        "sokuresu-main.token",
        "sokuresu-main.token.lock",
    ]


def test_a_new_token_is_noticed(file):
    """The signature changes with every replacement, and is nothing before the first."""
    seen = [file.signature()]
    for number in range(3):
        write(file, replace(TOKEN, access=f"same-size-{number}"))
        seen.append(file.signature())
    assert seen[0] is None
    assert len(set(seen)) == 4


def test_no_login_yet_says_how(file):
    """The sentence holds the very command."""
    with pytest.raises(LoginRefused, match="Log in with: sokuresu login main"):
        file.read()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(file, mode):
    """Whoever read it can read the mail; the sentence says what to do."""
    write(file)
    file.path.chmod(mode)
    with pytest.raises(LoginRefused, match="chmod 600"):
        file.read()


def damaged():
    """Contents that are no token, each with the secret in it."""
    good = {
        "client": "google:abc",
        "access": "access-secret",
        "refresh": "refresh-secret",
        "granted_at": NOW.isoformat(),
        "renewed_at": NOW.isoformat(),
        "expires_at": NOW.isoformat(),
    }
    yield "nothing", b""
    yield "half", json.dumps(good).encode()[:40]
    yield "list", b'["access-secret"]'
    yield "bytes", b"\xff access-secret"
    yield "deep", b"[" * 90_000
    for name, value in (("access", 3), ("refresh", ""), ("access", "access-secret\r\nX"), ("client", None)):
        yield f"{name} {value!r}", json.dumps({**good, name: value}).encode()
    yield "naive", json.dumps({**good, "expires_at": "2026-11-20T03:00:00"}).encode()
    yield "no time", json.dumps({**good, "renewed_at": "access-secret"}).encode()


@pytest.mark.parametrize("content", dict(damaged()).values(), ids=list(dict(damaged())))
def test_a_damaged_file_wants_a_new_login(file, content):
    """What could not be read is not shown."""
    write(file)
    file.path.write_bytes(content)
    with pytest.raises(LoginRefused, match="sokuresu login main") as caught:
        file.read()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_token(file, monkeypatch, step):
    """A full disk at any step keeps what was there, and leaves no half of the new one."""
    write(file)

    def full(*_args, **_folders):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space"):
        write(file, replace(TOKEN, access="other"))
    monkeypatch.undo()
    assert file.read() == TOKEN
    assert len(list(file.path.parent.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_asked(file):
    """A person has to do something, and the sentence names the setting."""
    file.path.parent.write_text("a file where the folder should be")
    with pytest.raises(LoginRefused, match="token_file"), file.locked():
        pytest.fail("the turn was given")


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_in_the_place_of_the_token_is_not_read(file, tmp_path, kind):
    """It is not tried for ever, nothing waits for a pipe, and the sentence names setting and mailbox."""
    file.path.parent.mkdir()
    trap = lay(kind, file.path, tmp_path / "victim")
    with pytest.raises(LoginRefused, match=r"main\.token cannot be used: .*\(token_file, main\)"):
        file.read()
    assert trap.untouched()


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_in_the_place_of_the_lock_is_left_alone(file, tmp_path, kind):
    """Root would else write into another file, or give it to whoever owns the folder."""
    file.path.parent.mkdir()
    give_away(file.path.parent)
    trap = lay(kind, file.path.with_name(f"{file.path.name}.lock"), tmp_path / "victim")
    with pytest.raises(LoginRefused, match=r"token\.lock cannot be used: .*remove it"), file.locked():
        pytest.fail("the turn was given")
    assert trap.untouched()


def test_a_new_token_takes_the_place_of_a_link(file, tmp_path):
    """What the link leads to stays as it was."""
    file.path.parent.mkdir()
    trap = lay("link", file.path, tmp_path / "victim")
    write(file)
    assert file.read() == TOKEN
    assert not file.path.is_symlink()
    assert trap.untouched()


def test_one_holds_the_turn_at_a_time(file):
    """A second one waits for its turn, and gives up after a while so that its loop can turn."""
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with file.locked():
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(10)
    with pytest.raises(MailboxUnavailable, match="Another sokuresu"), file.locked(patience=0):
        pytest.fail("the turn was given twice")
    leave.set()
    with file.locked(patience=10):
        pass
    holder.join(10)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_the_service(file):
    """The token of a login by root can be read and replaced by the folder's owner."""
    file.path.parent.mkdir()
    os.chown(file.path.parent, 65534, 65534)
    write(file)
    for path in file.path.parent.iterdir():
        assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (65534, 0o600)


def test_no_representation_shows_a_token():
    """Not even inside others."""
    assert "secret" not in f"{TOKEN!r} {TOKEN} {[TOKEN]}"
    assert "google:abc" in repr(TOKEN)


@pytest.mark.parametrize(
    ("minutes", "lifetime", "fresh"),
    [
        (0, 60, True),
        (54, 60, True),
        (56, 60, False),
        (61, 60, False),
        (-4, 60, True),
        (-6, 60, False),
        (3, 8, True),
        (5, 8, False),
        (0, 0, False),
    ],
)
def test_a_token_is_renewed_ahead_of_its_end(minutes, lifetime, fresh):
    """Five minutes ahead, or half of a short life; with a clock that was set back its times mean nothing."""
    token = replace(TOKEN, expires_at=NOW + timedelta(minutes=lifetime))
    assert token.is_fresh(NOW + timedelta(minutes=minutes)) is fresh
