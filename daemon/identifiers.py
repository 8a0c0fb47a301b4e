"""Identifiers: random ones that nobody outside can guess, and the digest by which content is known again."""

from __future__ import annotations

import base64
import hashlib
import secrets


def fresh_token() -> str:
    """128 random bits, fit for the local part of a Message-ID."""
    return secrets.token_hex(16)


def content_digest(content: bytes) -> str:
    """SHA-256 in hex of a whole mail."""
    return hashlib.sha256(content).hexdigest()


def command_token() -> str:
    """128 random bits as `parsers.owner_mail.TOKEN_LENGTH` letters and digits that no mail program breaks."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()
