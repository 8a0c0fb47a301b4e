"""The lines of a file, whatever it is encoded in, from pieces of any size."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_LINE = 64 * 1024
"""Bytes; the longest real one, with every column of every report and full texts, has a few thousand."""

_HEAD = 64 * 1024
"""Bytes by which the encoding is told."""

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CANDIDATES = ("utf-8", "cp932")

Line = str | None
"""The text without its end; None for one that is longer than `LONGEST_LINE`."""


def read_lines(pieces: Iterable[bytes]) -> Iterator[Line]:
    """Decode a file line by line.

    A byte-order mark decides; without one the first 64 kB do, between UTF-8 and CP932, or if they are plain
    ASCII the first line that is not. A sign that cannot be read becomes U+FFFD.

    Args:
        pieces: the file's bytes in their order, cut anywhere.
    """
    head, rest = _head_of(iter(pieces))
    if head.startswith(_WIDE_MARKS):
        yield from _decoded(_byte_lines(_narrowed(_chain(head, rest))), "utf-8")
        return
    marked = head.startswith(codecs.BOM_UTF8)
    text = head.removeprefix(codecs.BOM_UTF8)
    yield from _decoded(_byte_lines(_chain(text, rest)), "utf-8" if marked else _encoding_of(text))


def _head_of(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The beginning of the file, and what comes after it."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD:
            break
    return head, pieces


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _narrowed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-16 as UTF-8, of which the line ends can be found in bytes."""
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _byte_lines(pieces: Iterable[bytes]) -> Iterator[bytes | None]:
    """Cut at line feeds, which are no part of any other sign in UTF-8 and CP932; too long ones are let go."""
    open_line, is_too_long = b"", False
    for piece in pieces:
        first, *others = piece.split(b"\n")
        open_line += first
        for other in others:
            yield None if is_too_long or len(open_line) > LONGEST_LINE else open_line
            open_line, is_too_long = other, False
        if len(open_line) > LONGEST_LINE:
            open_line, is_too_long = b"", True
    if open_line or is_too_long:
        yield None if is_too_long else open_line


def _decoded(lines: Iterable[bytes | None], encoding: str | None) -> Iterator[Line]:
    for line in lines:
        if line is None:
            yield None
            continue
        if encoding is None and not line.isascii():
            encoding = _encoding_of(line) or _CANDIDATES[0]
        yield line.removesuffix(b"\r").decode(encoding or "ascii", "replace")


def _encoding_of(text: bytes) -> str | None:
    """In which encoding more of the lines can be read; None if they say nothing about it."""
    lines = text.split(b"\n")
    # The last line may be cut in the middle of a sign.
    telling = [line for line in lines[:-1] or lines if not line.isascii()]
    if not telling:
        return None
    return max(_CANDIDATES, key=lambda one: sum(_is_readable(line, one) for line in telling))


def _is_readable(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
