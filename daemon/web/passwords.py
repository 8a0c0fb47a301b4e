"""The password of the desk: kept as an argon2id hash alone."""

from __future__ import annotations

import unicodedata
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from daemon.errors import SokuresuError

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST, LONGEST = 10, 1000
"""Characters."""

_HASHER = PasswordHasher()

_TURNS = BoundedSemaphore(2)
"""Each work takes 64 MB for a moment: more at a time would only crowd the machine."""

_PATIENCE = 5.0
"""Seconds to wait for a turn."""


def hash_of(password: str) -> str:
    """The form in which a password is stored.

    Raises:
        SokuresuError: too many others are at it.
    """
    with _turn():
        return _HASHER.hash(_normal(password))


def matches(hashed: str, password: str) -> bool:
    """Whether this is the password.

    Raises:
        SokuresuError: too many others are at it.
    """
    with _turn():
        try:
            return _HASHER.verify(hashed, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def is_weak(hashed: str) -> bool:
    """Whether a hash was made with less work than one is today."""
    return _HASHER.check_needs_rehash(hashed)


def fault_of(password: str, again: str) -> tuple[str, str] | None:
    """What is wrong with a new password that was typed twice, in Japanese and English; None if nothing is."""
    if len(password) < SHORTEST:
        return f"{SHORTEST}文字以上にしてください。", f"Use at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"{LONGEST}文字までにしてください。", f"Use at most {LONGEST} characters."
    if _normal(password) != _normal(again):
        return "2回の入力が違います。もう一度入力してください。", "The two are not the same; type them again."
    if len(set(password)) == 1:
        return "同じ文字だけのパスワードは使えません。", "One character repeated is no password."
    return None


def _normal(password: str) -> str:
    """One and the same letter may be typed as one sign or as two."""
    return unicodedata.normalize("NFC", password)


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=_PATIENCE):
        raise SokuresuError(
            "いま混み合っています。少し待ってからもう一度お試しください。"
            " / Too many sign in at once; try again in a moment."
        )
    try:
        yield
    finally:
        _TURNS.release()
