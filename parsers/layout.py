"""Amazon's frame around a buyer's text: where the buyer's words begin and end, and what may be believed.

Everything before the words and behind them is Amazon's; the words themselves are the buyer's and may imitate
any of it. So the first marker of a mail opens the frame and the last one closes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parsers import html as markup
from parsers.folding import fold
from parsers.order_ids import find_order_ids
from parsers.rules import load_rules
from parsers.values import MARKETPLACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_URL = re.compile(r"https?://[^\s<>\"'）」]{1,2000}")
_PRE = re.compile(r"<pre\b[^<>]{0,2000}>", re.IGNORECASE)
_PRE_STYLE = "-o-pre-wrap"
_PRE_END = re.compile(r"</pre\s*>", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s[^<>]{0,4000}>", re.IGNORECASE)
_OLD_FOOTER = "amznCommMgrFooter"
_HEAD_LINE = re.compile(r"ASIN ?:|^# ?[0-9DPS]", re.IGNORECASE)
_LABEL_LENGTH = 40
_HEAD_LINES = 200
_MARKER_LENGTH = 160
_WORDS_LENGTH = 80
_FEW_DASHES = 5
_MANY_DASHES = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """One mail taken apart.

    Attributes:
        name: which layout it is, such as ``new-ja``, ``old-en``, ``pre``, ``label``, ``structure``.
        confidence: how well that layout is founded.
        head: Amazon's text before the buyer's words.
        message: the buyer's words.
        tail: Amazon's text, or its HTML, behind the words.
        links: the addresses in the tail.
    """

    name: str
    confidence: str
    head: str
    message: str
    tail: str
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Marker:
    """What one worded line of dashes means: ``old`` and ``new`` open the words, ``end`` closes them."""

    role: str
    language: str
    confidence: str


def links_in(text: str) -> tuple[str, ...]:
    """All web addresses of a plain text, in order of appearance."""
    return tuple(_URL.findall(text.replace("&amp;", "&")))


def is_amazon_host(link: str) -> bool:
    """Whether a link leads to a host of Amazon's own, compared label by label."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return False
    before, name, end = host.rpartition("amazon.")
    return bool(name) and end in MARKETPLACES and (not before or before.endswith("."))


def is_footer(line: str) -> bool:
    """Whether a line belongs to what Amazon prints below a buyer's words."""
    if not line or line.isspace():
        return False
    return fold(line[:_MARKER_LENGTH]).startswith(_footers()) or "customAttribute1Value=" in line[:600]


def cut_footer(text: str) -> str:
    """The text up to Amazon's first footer line."""
    return _split_at_footer(text.split("\n"))[0]


def read_plain(text: str) -> Layout | None:
    """Take a text apart at its worded lines of dashes; None if it has none."""
    lines = text.split("\n")
    found = list(_markers(lines))
    if not found or found[0][1].role == "end":
        return None
    start, begin = found[0]
    head = "\n".join(lines[:start])
    end = next(((at, mark) for at, mark in reversed(found[1:]) if mark.role not in {"old", "new"}), None)
    if end is None:
        message, tail = _split_at_footer(lines[start + 1 :])
        return Layout(*_name(begin, None), head, message.strip(), tail, links_in(tail))
    message, tail = "\n".join(lines[start + 1 : end[0]]), "\n".join(lines[end[0] + 1 :])
    return Layout(*_name(begin, end[1]), head, message.strip(), tail, links_in(tail))


def read_marked_plain(text: str) -> Layout | None:
    """Take a text apart only where its first and its last marker are both well known words of Amazon's.

    Where the last one is unknown, a known one above it may be the buyer's imitation.
    """
    markers = [marker.role for _, marker in _markers(text.split("\n"))]
    if len(markers) < 2 or markers[0] not in {"old", "new"} or markers[-1] != "end":
        return None
    return read_plain(text)


def read_box(html: str) -> Layout | None:
    """Take an HTML part apart at Amazon's ``<pre>``; its content is escaped, so no buyer can close it."""
    opened = next((found for found in _PRE.finditer(html) if _PRE_STYLE in found[0].lower()), None)
    message = markup.first_pre(html) if opened else None
    if opened is None or message is None:
        return None
    closed = _PRE_END.search(html, opened.end())
    tail = html[closed.end() :] if closed else ""
    head = markup.html_to_text(html[: opened.start()])
    return Layout("pre", "seen", head, message.strip(), tail, markup.links(tail))


def read_html(html: str) -> Layout | None:
    """Take an HTML part without a box apart: at its markers, or the word above and the button below."""
    return _read_marked_html(html) or _read_button(html)


def read_label(text: str) -> Layout | None:
    """Take a text without dashes apart: a line of one word and a colon above, a footer line below."""
    lines = text.split("\n")
    start = _label_line(lines)
    if start is None:
        return None
    message, tail = _split_at_footer(lines[start + 1 :])
    head = "\n".join(lines[:start])
    return Layout("label", _label_confidence(), head, message.strip(), tail, links_in(tail))


def marker_at(line: str) -> str | None:
    """The role of a worded line of dashes, ``old``, ``new``, ``end`` or ``unknown``; else None."""
    marker = _marker(line)
    return marker.role if marker else None


def _read_marked_html(html: str) -> Layout | None:
    """The layout whose HTML still shows the lines of dashes."""
    found = read_plain(markup.html_to_text(html))
    if found is None:
        return None
    links = markup.links(html)
    return Layout(found.name, found.confidence, found.head, found.message, found.tail, links)


def _read_button(html: str) -> Layout | None:
    """The newest layout: a word with a colon above, a button that leads into Seller Central below."""
    cut = _button(html)
    found = read_label(markup.html_to_text(html[:cut]))
    if found is None:
        return None
    tail = html[cut:]
    return Layout(found.name, found.confidence, found.head, found.message, tail, markup.links(tail))


def _button(html: str) -> int:
    """Where the first link into Amazon's message pages stands, or the old footer, or the end."""
    for anchor in _ANCHOR.finditer(html):
        if "/messaging/" in anchor[0] or "/communication-manager/" in anchor[0]:
            return anchor.start()
    at = html.find(_OLD_FOOTER)
    return html.rfind("<", 0, at) if at >= 0 else len(html)


def _label_line(lines: list[str]) -> int | None:
    """The line above the buyer's words: a known word, else a short one with a colon below the product."""
    below_head = False
    for at, line in enumerate(lines[:_HEAD_LINES]):
        short = fold(line[:_MARKER_LENGTH])
        if _is_label(short) and (below_head or short.rstrip(": ") in _labels()):
            return at
        below_head = below_head or bool(_HEAD_LINE.search(short) or find_order_ids(short))
    return None


def _is_label(short: str) -> bool:
    """Whether a line is a few words and a colon, and no order number."""
    return short.endswith(":") and 1 < len(short) <= _LABEL_LENGTH and not find_order_ids(short)


def _split_at_footer(lines: list[str]) -> tuple[str, str]:
    """Amazon's footer taken off the end of lines that have no end marker."""
    cut = next((at for at, line in enumerate(lines) if is_footer(line)), len(lines))
    return "\n".join(lines[:cut]), "\n".join(lines[cut:])


def _markers(lines: list[str]) -> Iterator[tuple[int, _Marker]]:
    """All worded lines of dashes with their places."""
    for at, line in enumerate(lines):
        marker = _marker(line)
        if marker is not None:
            yield at, marker


def _marker(line: str) -> _Marker | None:
    """Read one line; bare rules and what mail programs write over a quotation are no markers."""
    if "--" not in line or len(line) > _MARKER_LENGTH:
        return None
    bare = fold(line)
    inner = bare.lstrip("-")
    words = inner.rstrip("-").strip()
    dashes = min(len(bare) - len(inner), len(inner) - len(inner.rstrip("-")))
    if not words or len(words) > _WORDS_LENGTH or dashes < _FEW_DASHES:
        return None
    known = _known_markers().get(words) or _known_markers().get(words.rstrip(": "))
    return known if known or dashes < _MANY_DASHES else _Marker("unknown", "", "assumed")


def _name(begin: _Marker, end: _Marker | None) -> tuple[str, str]:
    """The layout's name and the weaker confidence of its two markers."""
    if begin.role == "unknown":
        return "structure", "assumed"
    # English, French and Spanish share their first word, so the last one names the language.
    language = end.language if end and end.language else begin.language
    weaker = max(
        begin.confidence, end.confidence if end else "seen", key=("seen", "secondary", "assumed").index
    )
    return f"{begin.role}-{language}", weaker


@cache
def _known_markers() -> Mapping[str, _Marker]:
    """Folded words to what they mean; the first table that names a word owns it."""
    known: dict[str, _Marker] = {}
    for row in load_rules("markers")["marker"]:
        language, confidence = row["language"], row["confidence"]
        for words in row["new_begin"]:
            known.setdefault(f"{fold(words)}:", _Marker("new", language, confidence))
        for role, key in (("old", "old_begin"), ("end", "end")):
            for words in row[key]:
                known.setdefault(fold(words), _Marker(role, language, confidence))
    return known


@cache
def _labels() -> frozenset[str]:
    """Folded words of the line above the buyer's words in the newest layout."""
    return frozenset(fold(word) for word in load_rules("markers")["labels"]["begin"])


@cache
def _label_confidence() -> str:
    """How well the layout without dashes is founded."""
    return str(load_rules("markers")["labels"]["confidence"])


@cache
def _footers() -> tuple[str, ...]:
    """Folded beginnings of Amazon's footer lines."""
    return tuple(fold(line) for line in load_rules("markers")["footers"]["lines"])
