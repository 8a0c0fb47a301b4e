"""Text whose lines were broken by a mail program and are to be put together again (RFC 3676)."""

from __future__ import annotations

_SIGNATURE = "-- "


def unflow(text: str, *, delete_blank: bool) -> str:
    """Put the lines of one paragraph together; quoted ones stay quoted.

    Args:
        text: the part, lines ended by one newline.
        delete_blank: the blank in front of a break is no part of the words (``DelSp=yes``), as it must be
            in languages without blanks.
    """
    done: list[str] = []
    pieces: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth, words = _take_apart(line)
        soft = words.endswith(" ") and words != _SIGNATURE
        if pieces and (depth != open_depth or words == _SIGNATURE):
            done.append(_put_together(open_depth, pieces))
            pieces = []
        pieces.append(words[:-1] if soft and delete_blank else words)
        open_depth = depth
        if not soft:
            done.append(_put_together(depth, pieces))
            pieces = []
    if pieces:
        done.append(_put_together(open_depth, pieces))
    return "\n".join(done)


def _take_apart(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and its words without the blank that protects their beginning."""
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")


def _put_together(depth: int, pieces: list[str]) -> str:
    words = "".join(pieces)
    return f"{'>' * depth} {words}" if depth else words
