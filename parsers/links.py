"""Amazon's own link that marks a buyer's message as needing no answer.

The buyer may write anything into the message, a copy of this link too. So it is taken only from where no
buyer can write: behind the box of the HTML part, or behind the end marker of the text part.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parsers.html import links_behind_box
from parsers.layout import read_label, read_marked_plain
from parsers.mime import parse_mime
from parsers.recognisers import recognise
from parsers.rules import load_rules
from parsers.values import MARKETPLACES, BuyerMessage, Trust

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = 2_000
_HTTPS = re.compile(r"(?<!\S)https://\S{1,2100}")
_LINK = re.compile(r"https://[A-Za-z0-9.-]+/[A-Za-z0-9._~!$'*+,;=:@%/?&-]*")


def no_response_link(content: bytes) -> str | None:
    """Find the link in a buyer's message; never raises, and never alters what it finds.

    It says nothing of whether Amazon sent the mail: only a proven mail's link deserves to be shown.

    Args:
        content: the mail as the server holds it.

    Returns:
        The link; None if there is none, or none that Amazon alone can have written, or two that differ.
    """
    mail = parse_mime(content)
    if not isinstance(recognise(mail, Trust()), BuyerMessage):
        return None
    in_html = _only(links_behind_box(mail.html) if mail.html else ())
    return in_html or _only(_HTTPS.findall(_behind_end_marker(mail.plain or "")))


def _behind_end_marker(text: str) -> str:
    """Amazon's text below the buyer's words; empty where it is not certain which text that is."""
    layout = read_marked_plain(text)
    # Below the word that opens a layout without markers, all markers are the buyer's.
    return layout.tail if layout and read_label(layout.head) is None else ""


def _only(links: Iterable[str]) -> str | None:
    """The one link of the wanted kind, however often it stands there."""
    found = set(filter(_is_no_response, links))
    return found.pop() if len(found) == 1 else None


def _is_no_response(link: str) -> bool:
    if len(link) > _LENGTH or not _LINK.fullmatch(link) or "&amp;" in link:
        return False
    parts = urlsplit(link)
    return parts.netloc in _hosts() and parts.path in _paths()


@cache
def _hosts() -> frozenset[str]:
    names = [row["name"] for row in load_rules("links")["host"]]
    return frozenset(name.replace("*", end) for name in names for end in MARKETPLACES)


@cache
def _paths() -> frozenset[str]:
    return frozenset(row["path"] for row in load_rules("links")["no_response"])
