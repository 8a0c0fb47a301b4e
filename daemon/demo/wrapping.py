"""Breaks lines of mixed Japanese and English for a terminal: words stay whole, Japanese breaks anywhere."""

from __future__ import annotations

import re

from rich.cells import cell_len, chop_cells, set_cell_size

_PIECES = re.compile(r"[!-~]{1,500}|.", re.DOTALL)
_NEVER_FIRST = frozenset("、。，．,.!?！？）」』】)]:：;；々ー…")
_NEVER_LAST = frozenset("「『（【")
_SIGN_WIDTH = 2
_BARS = ("│ ", "┃ ")
_TAIL = 27


def wrap(text: str, width: int) -> list[str]:
    """Break one line into several; a quoted line stays behind its bar.

    Args:
        text: one line without line ends.
        width: cells that fit into a line.
    """
    for bar in _BARS:
        if text.startswith(bar):
            return [bar + line for line in wrap(text.removeprefix(bar), width - cell_len(bar))]
    lines = [""]
    for piece in _pieces(text, width):
        # At the end there is room for one closing sign, which must not begin a line.
        room = width if piece in _NEVER_FIRST else width - _SIGN_WIDTH
        if lines[-1] and cell_len(lines[-1]) + cell_len(piece) > room:
            lines.append(_taken_along(lines))
        if lines[-1] or piece != " " or len(lines) == 1:
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def _taken_along(lines: list[str]) -> str:
    """An opening sign, which must not end a line, goes into the next one."""
    last = lines[-1]
    if len(last) < _SIGN_WIDTH or last[-1] not in _NEVER_LAST:
        return ""
    lines[-1] = last[:-1]
    return last[-1]


def shorten(text: str, width: int) -> str:
    """Leave out what is too much from the middle of a line, for both ends tell something."""
    if cell_len(text) <= width:
        return text
    tail = text[-_TAIL:]
    return set_cell_size(text, width - cell_len(tail) - 1).rstrip() + "…" + tail


def _pieces(text: str, width: int) -> list[str]:
    """What is not broken: runs of plain signs, and every other sign by itself."""
    pieces: list[str] = []
    for found in _PIECES.findall(text):
        pieces += chop_cells(found, width - _SIGN_WIDTH)
    return pieces
