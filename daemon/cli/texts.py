"""Texts that people hand in as files."""

from __future__ import annotations


def decoded(content: bytes) -> str:
    """UTF-8 with or without a mark at its beginning; else what Japanese Windows writes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932", errors="replace")
