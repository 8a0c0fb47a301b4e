"""Keeps a token in a file that only its owner can read, and that is never half written."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from daemon.errors import LoginRefused, MailboxUnavailable
from daemon.oauth.token import Token
from state.private_files import UnsafeFile, folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Signature = tuple[int, int, int]
"""What of a file changes when it is replaced."""

LOCK_PATIENCE = 60.0
"""Seconds to wait for another process that renews the same token; longer than any answer may take."""

_LOOK_AGAIN = 0.05
_LARGEST = 128 * 1024
_TIMES = ("granted_at", "renewed_at", "expires_at", "login_until")
_OPTIONAL = ("login_until",)


class TokenFile:
    """The file of one account's token; processes that renew it take turns."""

    def __init__(self, path: Path, account: str) -> None:
        """Keep the place; nothing is opened yet.

        Args:
            path: where it lies; the folder must be writable for the service.
            account: the mailbox's name, for the sentence that says how to log in.
        """
        self.path = path
        self._account = account

    def signature(self) -> Signature | None:
        """What changes when somebody replaces the file; None if it is not there."""
        try:
            found = self.path.lstat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def read(self) -> Token:
        """The token.

        Raises:
            LoginRefused: there is none, it is damaged, or others may read it; a person has to do something.
        """
        try:
            with folder_of(self.path) as folder, os.fdopen(folder.open(self.path.name), "rb") as file:
                self._require_privacy(os.fstat(file.fileno()))
                content = file.read(_LARGEST)
        except FileNotFoundError:
            raise self.login_needed("まだログインしていません", "nobody has logged in yet") from None
        except OSError as failure:
            raise self._unreadable(failure) from None
        # What could not be read is a secret, and the failure holds it: it goes no further.
        with suppress(ValueError, TypeError, RecursionError):
            return _decoded(content)
        raise self.login_needed("ファイルが壊れています", "the file is damaged")

    def write(self, token: Token) -> None:
        """Replace the file at once and durably: after a power cut it is the old one or the new one.

        Raises:
            OSError: it could not be written; the old one is still there.
        """
        name = f".{self.path.name}.{secrets.token_hex(8)}"
        with folder_of(self.path) as folder, os.fdopen(folder.create(name), "wb") as file:
            try:
                file.write(_encoded(token))
                file.flush()
                os.fsync(file.fileno())
                folder.replace(self.path.name, name)
            except BaseException:
                with suppress(OSError):
                    folder.remove(name)
                raise
            folder.settle()

    @contextmanager
    def locked(self, patience: float = LOCK_PATIENCE) -> Iterator[None]:
        """Hold the turn to renew; `check`, `login` and the service may run at the same time.

        Raises:
            MailboxUnavailable: another process has had the turn for too long.
            LoginRefused: the folder cannot be written to, so that a new token could not be kept.
        """
        handle = self._open_lock()
        try:
            self._await_turn(handle, patience)
            yield
        finally:
            os.close(handle)

    def login_needed(self, ja: str, en: str) -> LoginRefused:
        """What to raise when only a new login helps."""
        command = f"sokuresu login {self._account}"
        return LoginRefused(f"{command} でログインしてください ({ja})。 / Log in with: {command} ({en}).")

    def unwritable(self, failure: OSError) -> LoginRefused:
        """What to raise when a new token could not be kept: a person has to do something."""
        if isinstance(failure, UnsafeFile):
            return self._unsafe(failure)
        return self._unusable(f"書けません: {failure.strerror}", f"written: {failure.strerror}")

    def _unreadable(self, failure: OSError) -> LoginRefused:
        if isinstance(failure, UnsafeFile):
            return self._unsafe(failure)
        return self._unusable(f"読めません: {failure.strerror}", f"read: {failure.strerror}")

    def _unsafe(self, failure: UnsafeFile) -> LoginRefused:
        """The path in it is where token_file leads, and the file may be the lock beside the token."""
        return LoginRefused(f"{failure} (token_file, {self._account})")

    def _unusable(self, ja: str, en: str) -> LoginRefused:
        return LoginRefused(
            f"トークンのファイル {self.path.name} を使えません ({ja})。"
            "token_file の場所と持ち主を確かめてください。"
            f" / The token file {self.path.name} cannot be {en}; check where token_file is and who owns it."
        )

    def _require_privacy(self, found: os.stat_result) -> None:
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise LoginRefused(
                f"トークンのファイル {self.path.name} をほかの人が読めます。chmod 600 のあと、"
                f"念のため sokuresu login {self._account} でログインし直してください。"
                f" / Others may read the token file {self.path.name}: chmod 600 it, and to be safe log in "
                f"again with: sokuresu login {self._account}"
            )

    def _open_lock(self) -> int:
        """A file of its own: the token's file is another one after each renewal."""
        try:
            with folder_of(self.path, create=True) as folder:
                return folder.open_or_create(f"{self.path.name}.lock")
        except OSError as failure:
            raise self.unwritable(failure) from None

    def _await_turn(self, handle: int, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= deadline:
                    raise self._busy() from None
                time.sleep(_LOOK_AGAIN)
            else:
                return

    def _busy(self) -> MailboxUnavailable:
        return MailboxUnavailable(
            f"{self.path.name} を別の sokuresu が更新しています。自動でやり直します。"
            f" / Another sokuresu renews {self.path.name}; it is tried again."
        )


def _encoded(token: Token) -> bytes:
    values = {one.name: getattr(token, one.name) for one in fields(token)}
    plain = {name: value.isoformat() if name in _TIMES and value else value for name, value in values.items()}
    return (json.dumps(plain, indent=1) + "\n").encode()


def _decoded(content: bytes) -> Token:
    """The token in a file's content.

    Raises:
        ValueError: it is none.
    """
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("not a table")  # noqa: TRY004 - it is the file's content that is wrong, not a type
    return Token(**{one.name: _value(one.name, found.get(one.name)) for one in fields(Token)})


def _value(name: str, value: Any) -> Any:
    if value is None and name in _OPTIONAL:
        return None
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise ValueError(name)
    if name not in _TIMES:
        return value
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(name)
    return instant
