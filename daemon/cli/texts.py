"""Texts that people hand in as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIZE_LIMIT = 10_000_000


def texts_in(file: BinaryIO, *, lines: bool) -> Iterator[str]:
    """The whole text, or with `lines` one after the other; the last line may lack its end."""
    if not lines:
        yield decoded(file.read(_SIZE_LIMIT))
        return
    while line := file.readline(_SIZE_LIMIT):
        yield decoded(line.rstrip(b"\r\n"))


def printable(text: str) -> str:
    """One line without what could steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\u3000" else " " for letter in text)


def decoded(content: bytes) -> str:
    """UTF-8 with or without a mark at its beginning; else what Japanese Windows writes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932", errors="replace")
