"""Where a buyer's own words end and the mail that they answer begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from parsers.folding import fold, fold_width
from parsers.layout import is_footer, marker_at
from parsers.order_ids import find_order_ids
from parsers.rules import load_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LINE_LENGTH = 400
_LINES = 3000
_HEADER_LINES = 8
_BROKEN_LINES = 3
_QUOTE_SIGNS = (">", "＞", "|>", "》")


@dataclass(frozen=True, slots=True)
class _Attribution:
    """How one program introduces a quotation.

    Attributes:
        pattern: what the line looks like.
        quoted: it counts only above lines with the sign of a quotation.
        lines: how many broken lines may be joined for it.
    """

    pattern: re.Pattern[str]
    quoted: bool
    lines: int


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The table of mail programs, compiled once."""

    attributions: tuple[_Attribution, ...]
    dividers: tuple[re.Pattern[str], ...]
    from_labels: frozenset[str]
    date_labels: frozenset[str]
    other_labels: frozenset[str]
    subject_labels: frozenset[str]
    signature: re.Pattern[str]
    greetings: tuple[str, ...]


def strip_history(text: str) -> str:
    """Take the quoted mail off the end of a text.

    A quotation that is followed by words of the buyer stays, for those words answer it. If nothing would be
    left, the whole text stays.
    """
    lines = text.split("\n")
    if len(lines) > _LINES:
        return text.strip()
    history = _History(lines)
    start = next((at for at in range(len(lines)) if history.opens(at)), len(lines))
    kept = _without_signature(lines[:start]) if start < len(lines) else lines
    return "\n".join(kept).strip() or text.strip()


def is_history_head(lines: Sequence[str], at: int) -> bool:
    """Whether a worded rule or the headers of an old mail stand here, as programs print them over it.

    Sender, day and recipient alone may be those of a parcel, so a subject or an address must be there too.
    """
    return _is_divider(lines[at]) or (_is_header_block(lines, at) and _names_mail(lines, at))


class _History:
    """The lines of one text and what is old among them; every line is looked at a fixed number of times."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.roles = [marker_at(line) for line in lines]
        self.frame_end = self._frame_end()
        self.old = [True] * (len(lines) + 1)
        for at in reversed(range(len(lines))):
            self.old[at] = self._is_old(at)

    def opens(self, at: int) -> bool:
        """Whether the old mail begins in this line and nothing new follows it."""
        line = self.lines[at]
        return bool(line.strip()) and not _is_sign_off(line) and self.old[at]

    def _is_old(self, at: int) -> bool:
        """Whether everything from this line on is old, given the same about the lines below."""
        line = self.lines[at]
        if not line.strip() or is_quoted(line) or _is_sign_off(line):
            return self.old[at + 1]
        if _is_divider(line) or _is_header_block(self.lines, at):
            return self._goes_on(at + 1)
        length = attribution_length(self.lines, at)
        return self._goes_on(at + length) if length else self._is_frame(at)

    def _goes_on(self, start: int) -> bool:
        """Behind an introduction: quoted to the end, or not marked by signs at all.

        Without signs nobody can tell where the old mail ends, so all of it is old; but a frame of Amazon's
        tells its end.
        """
        first = _next_words(self.lines, start)
        if first is None:
            return True
        if is_quoted(self.lines[first]) or self._frame_begin(first) is not None:
            return self.old[first]
        return True

    def _is_frame(self, at: int) -> bool:
        """Whether an earlier mail of Amazon's begins here, unmarked, and nothing but its footer follows."""
        begin = self._frame_begin(at)
        return begin is not None and self.frame_end is not None and begin < self.frame_end

    def _frame_begin(self, at: int) -> int | None:
        """The begin marker of a frame whose head starts at this line."""
        for place in range(at, min(at + _HEADER_LINES, len(self.lines))):
            if self.roles[place] in {"old", "new"}:
                return place
            if not _is_head_line(self.lines[place]) and (place == at or self.lines[place].strip()):
                return None
        return None

    def _frame_end(self) -> int | None:
        """The last end marker, if nothing or only Amazon's footer stands below it."""
        end = next(
            (at for at in reversed(range(len(self.roles))) if self.roles[at] in {"end", "unknown"}), None
        )
        if end is None:
            return None
        below = [line for line in self.lines[end + 1 :] if line.strip()]
        mark = next((at for at, line in enumerate(below) if line.strip().startswith("SPC-")), None)
        own_words_follow = mark is not None and len(below) > mark + 1
        return end if not below or (is_footer(below[0]) and not own_words_follow) else None


def attribution_length(lines: Sequence[str], at: int) -> int:
    """How many lines with date or name introduce a quotation here: programs break long ones."""
    joined = ""
    for length, line in enumerate(lines[at : at + _BROKEN_LINES], start=1):
        if not line.strip() or is_quoted(line):
            return 0
        joined = fold_width(f"{joined} {line.strip()}"[:_LINE_LENGTH]).strip()
        known = (row for row in _patterns().attributions if length <= row.lines)
        if any(_introduces(row, joined, lines, at + length) for row in known):
            return length
    return 0


def _introduces(known: _Attribution, joined: str, lines: Sequence[str], below: int) -> bool:
    """Whether a line is what this program writes over a quotation."""
    if not known.pattern.search(joined):
        return False
    first = _next_words(lines, below) if known.quoted else None
    return not known.quoted or (first is not None and is_quoted(lines[first]))


def _next_words(lines: Sequence[str], start: int) -> int | None:
    """The next line that is not blank."""
    return next((at for at in range(start, len(lines)) if lines[at].strip()), None)


def is_quoted(line: str) -> bool:
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


def _names_mail(lines: Sequence[str], at: int) -> bool:
    """Whether the headers that stand here have a subject or an address."""
    subjects = _patterns().subject_labels
    block = [line[:_LINE_LENGTH] for line in lines[at : at + _HEADER_LINES]]
    return any("@" in line or _header_label(line) in subjects for line in block)


def labels_header(line: str) -> bool:
    """Whether a line looks like one header of an old mail, such as ``差出人: …``."""
    known = _patterns()
    return _header_label(line) in known.from_labels | known.date_labels | known.other_labels


def _header_label(line: str) -> str | None:
    """The folded word before the colon of a header line."""
    bare = line[:_LINE_LENGTH].strip().strip("*")
    head, colon, _ = bare.replace("：", ":").partition(":")
    return fold(head.strip("* ")) if colon and len(head) <= 20 else None


def _is_head_line(line: str) -> bool:
    """Whether a line is the order or the product line above a frame."""
    bare = fold_width(line[:_LINE_LENGTH]).strip()
    if "ASIN:" in bare or fold(bare).startswith(_patterns().greetings):
        return True
    return bare.startswith(("#", "Order ID", "注文番号")) and bool(find_order_ids(bare))


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
    from_, date, other, subject = (
        frozenset(map(fold, table["headers"][name])) for name in ("from", "date", "other", "subject")
    )
    return _Patterns(
        tuple(map(_attribution, table["attribution"])),
        tuple(map(_compile, table["divider"])),
        from_,
        date,
        other,
        subject,
        _compile(table["signature"]),
        tuple(map(fold, table["greetings"]["lines"])),
    )


def _attribution(row: Mapping[str, Any]) -> _Attribution:
    """One entry of the table."""
    return _Attribution(_compile(row), row.get("quoted", False), row.get("lines", _BROKEN_LINES))


def _compile(row: Mapping[str, Any]) -> re.Pattern[str]:
    """The pattern of one entry, without regard to case."""
    return re.compile(row["pattern"], re.IGNORECASE)
