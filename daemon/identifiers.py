"""Makes the random parts of identifiers, so that nobody outside can guess one."""

from __future__ import annotations

import secrets


def fresh_token() -> str:
    """128 random bits, fit for the local part of a Message-ID."""
    return secrets.token_hex(16)
