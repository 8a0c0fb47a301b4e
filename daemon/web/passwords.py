"""The password of the desk: kept as an argon2id hash alone."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


def hash_of(password: str) -> str:
    """The form in which a password is stored."""
    return _HASHER.hash(password)


def matches(hashed: str, password: str) -> bool:
    """Whether this is the password."""
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
