"""Where a buyer's own words end and the mail that they answer begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from parsers.folding import fold, fold_width
from parsers.layout import is_footer, marker_at
from parsers.order_ids import find_order_ids
from parsers.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_LENGTH = 400
_LINES = 5000
_HEADER_LINES = 8
_BROKEN_LINES = 3
_QUOTE_SIGNS = (">", "＞", "|>", "》")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The table of mail programs, compiled once."""

    attributions: tuple[re.Pattern[str], ...]
    dividers: tuple[re.Pattern[str], ...]
    from_labels: frozenset[str]
    date_labels: frozenset[str]
    other_labels: frozenset[str]
    signature: re.Pattern[str]


def strip_history(text: str) -> str:
    """Take the quoted mail off the end of a text.

    A quotation that is followed by words of the buyer stays, for those words answer it. If nothing would be
    left, the whole text stays.
    """
    lines = text.split("\n")
    if len(lines) > _LINES:
        return text
    start = next((at for at in range(len(lines)) if _opens_history(lines, at)), len(lines))
    kept = _without_signature(lines[:start]) if start < len(lines) else lines
    own = "\n".join(kept).strip()
    return own or text.strip()


def _opens_history(lines: Sequence[str], at: int) -> bool:
    """Whether everything from this line to the end is quoted."""
    line = lines[at]
    if not line.strip():
        return False
    if _is_quoted(line):
        return _all_old(lines, at)
    if _is_divider(line):
        return _all_old_or_unsigned(lines, at + 1)
    if _is_header_block(lines, at):
        return _all_old_or_unsigned(lines, at + 1)
    length = _attribution(lines, at)
    if length:
        return _all_old_or_unsigned(lines, at + length)
    return _is_amazon_frame(lines, at)


def _all_old(lines: Sequence[str], start: int) -> bool:
    """Whether only quoted lines, blank ones and further introductions follow."""
    at = start
    while at < len(lines):
        if not lines[at].strip() or _is_quoted(lines[at]) or _is_sign_off(lines[at]):
            at += 1
        elif length := _attribution(lines, at):
            at += length
        else:
            return _is_divider(lines[at]) or _is_header_block(lines, at) or _is_amazon_frame(lines, at)
    return True


def _all_old_or_unsigned(lines: Sequence[str], start: int) -> bool:
    """Behind an introduction: quoted to the end, or not marked by signs at all.

    Without signs nobody can tell where the old mail ends, so all of it is old.
    """
    first = next((at for at in range(start, len(lines)) if lines[at].strip()), None)
    if first is None or not _is_quoted(lines[first]):
        return not _is_amazon_head(lines, first) or _is_amazon_frame(lines, first or 0)
    return _all_old(lines, first)


def _is_quoted(line: str) -> bool:
    """Whether a line carries the sign of a quotation."""
    return line.lstrip().startswith(_QUOTE_SIGNS)


def _is_divider(line: str) -> bool:
    """Whether a line is a worded rule such as ``-----Original Message-----``."""
    bare = fold_width(line[:_LINE_LENGTH]).strip()
    return len(bare) > 4 and any(pattern.search(bare) for pattern in _patterns().dividers)


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """Whether From, date and one more header stand here under each other, in any language."""
    known = _patterns()
    if _header_label(lines[at]) not in known.from_labels:
        return False
    labels = [_header_label(line) for line in lines[at : at + _HEADER_LINES] if line.strip()]
    dated = any(label in known.date_labels for label in labels)
    return dated and any(label in known.other_labels for label in labels[1:])


def _header_label(line: str) -> str | None:
    """The folded word before the colon of a header line."""
    bare = line[:_LINE_LENGTH].strip().strip("*")
    head, colon, _ = bare.replace("：", ":").partition(":")
    return fold(head.strip("* ")) if colon and len(head) <= 20 else None


def _attribution(lines: Sequence[str], at: int) -> int:
    """How many lines introduce a quotation here: 0 if none does; programs break long ones."""
    first = lines[at].strip()
    if len(first) < 5 or _is_quoted(first):
        return 0
    joined = ""
    for length, line in enumerate(lines[at : at + _BROKEN_LINES], start=1):
        if not line.strip():
            return 0
        joined = f"{joined} {line.strip()}".strip()
        bare = fold_width(joined[:_LINE_LENGTH])
        if any(pattern.search(bare) for pattern in _patterns().attributions):
            return length
    return 0


def _is_amazon_frame(lines: Sequence[str], at: int) -> bool:
    """Whether an earlier mail of Amazon's begins here, unmarked, and nothing but its own footer follows."""
    begin = _frame_begin(lines, at)
    if begin is None:
        return False
    ends = [end for end in range(begin + 1, len(lines)) if marker_at(lines[end]) in {"end", "unknown"}]
    if not ends:
        return False
    return _only_footer(lines, ends[-1] + 1)


def _frame_begin(lines: Sequence[str], at: int) -> int | None:
    """The begin marker of a frame whose head starts at this line."""
    if marker_at(lines[at]) in {"old", "new"}:
        return at
    if not _is_head_line(lines[at]):
        return None
    for place in range(at + 1, min(at + _HEADER_LINES, len(lines))):
        if marker_at(lines[place]) in {"old", "new"}:
            return place
        if lines[place].strip() and not _is_head_line(lines[place]):
            return None
    return None


def _is_head_line(line: str) -> bool:
    """Whether a line is the order or the product line above a frame."""
    bare = fold_width(line[:_LINE_LENGTH])
    return "ASIN:" in bare or (bare.lstrip().startswith(("#", "Order ID", "注文番号")) and bool(find_order_ids(bare)))


def _is_amazon_head(lines: Sequence[str], at: int | None) -> bool:
    """Whether the first old line belongs to a frame of Amazon's, whose end can be told."""
    return at is not None and _frame_begin(lines, at) is not None


def _only_footer(lines: Sequence[str], start: int) -> bool:
    """Whether nothing, or Amazon's footer, follows a frame."""
    first = next((line for line in lines[start:] if line.strip()), None)
    return first is None or is_footer(first) or _is_quoted(first)


def _without_signature(lines: Sequence[str]) -> Sequence[str]:
    """The lines without blank ones and what a telephone signs with, at their end."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or _is_sign_off(kept[-1])):
        kept.pop()
    return kept


def _is_sign_off(line: str) -> bool:
    """Whether a line is a telephone's signature or a bare rule over a quotation."""
    return bool(_patterns().signature.search(fold_width(line[:_LINE_LENGTH]).strip()))


@cache
def _patterns() -> _Patterns:
    """The table, compiled once."""
    table = load_rules("quoting")
    attributions, dividers = (
        tuple(re.compile(row["pattern"], re.IGNORECASE) for row in table[name]) for name in ("attribution", "divider")
    )
    labels = (frozenset(map(fold, table["headers"][name])) for name in ("from", "date", "other"))
    return _Patterns(attributions, dividers, *labels, re.compile(table["signature"]["pattern"], re.IGNORECASE))
