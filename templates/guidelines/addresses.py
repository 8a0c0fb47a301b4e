"""Links and mail addresses, plain, disguised or spelled out."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from templates.guidelines.rules import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from templates.guidelines.letter import Letter

_SHORT_ENDS = re.compile(r"(?:com|net|org|jp|info|biz|co)")

_SCHEME = re.compile(
    r"(?:[a-z*]{1,8}(?:\(s\))?)? ?: ?[/\\]{1,2} ?[/\\] ?(?P<rest>[^\s、。「」『』()<>]{1,500})"
)
_WRITTEN_SCHEME = re.compile(
    r"(?<![a-z])h ?(?:t ?t|x ?x|\* ?\*) ?p ?s? ?:|(?<![a-z])t?tps?:/|(?<![a-z])(?:ftp|file|javascript):"
)
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,9}")
_NATIVE_NAME = re.compile(
    r"[ぁ-んァ-ヶ一-龠ー○◯●a-z0-9-]{1,30}(?<=[ぁ-んァ-ヶ一-龠ー○◯●])"
    r"\.(?:com|net|org|co\.jp|ne\.jp|jp|info|biz|shop|store)(?![a-z])"
)
_WORLD_WIDE_WEB = re.compile(r"(?<![a-z])www ?[.．・] ?[a-z0-9]")
_PATH = re.compile(r"/[a-z0-9]")
_FILE_ENDS = re.compile(r"[a-z]|pdf|png|jpe?g|docx?|txt|csv|bmp|tiff?|zip|exe|js|py")
_NESTED = re.compile(r"https?(?::|%3a)|%2f%2f|=//|=www\.", re.IGNORECASE)
_MAIL = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,5}")
_MAIL_TO = re.compile(r"mailto ?:")
_SAID_BEFORE = re.compile(r"(?:visit|at|on|see|via|go to|url|サイト|検索|で|は|:|「|『|・)\s?$")


def links(letter: Letter) -> Iterator[tuple[int, int]]:
    """Everything that leads to a site that is not Amazon's."""
    view = letter.address
    for found in _SCHEME.finditer(view.text):
        if not _is_amazon_link(found["rest"]) or _is_disguised(letter, view.span(*found.span("rest"))):
            yield view.span(*found.span())
    for found in _WRITTEN_SCHEME.finditer(view.text):
        after = view.text[found.end() : found.end() + 600].lstrip(" /\\")
        if not _is_amazon_link(after):
            yield view.span(*found.span())
    for found in _NAME.finditer(view.text):
        if _is_strange_name(found, view.text) or _is_false_amazon(letter, found[0], view.span(*found.span())):
            yield view.span(*found.span())
    for pattern in (_NATIVE_NAME, _WORLD_WIDE_WEB):
        for found in pattern.finditer(view.text):
            if not _is_amazon_link(view.text[found.start() : found.start() + 300]):
                yield view.span(*found.span())


def mail_addresses(letter: Letter) -> Iterator[tuple[int, int]]:
    """Addresses of anybody, Amazon's too."""
    view = letter.address
    for pattern in (_MAIL, _MAIL_TO):
        for found in pattern.finditer(view.text):
            yield view.span(*found.span())


def is_amazon(host: str) -> bool:
    """Whether a host is one of Amazon's, compared label by label."""
    return any(host == one or host.endswith("." + one) for one in _hosts()["amazon"])


def _is_amazon_link(rest: str) -> bool:
    """Whether what follows a scheme stays with Amazon: no user name before the host, no other link inside."""
    authority = re.split(r"[/?#\\\s]", rest, maxsplit=1)[0]
    host = re.match(r"[a-z0-9.-]*", authority)
    name = (host[0] if host else "").strip(".")
    return "@" not in authority and is_amazon(name) and not _NESTED.search(rest)


def _is_strange_name(found: re.Match[str], text: str) -> bool:
    """Whether a dotted word is the name of a site that is not Amazon's."""
    labels = found[0].strip(".-").split(".")
    if is_amazon(found[0].strip(".-")) or not any(letter.isalpha() for letter in labels[-1]):
        return False
    if _PATH.match(text, found.end()) and labels[-1].isalpha() and len(labels[-1]) > 1:
        return True
    if (
        len(labels) > 2
        and len(labels[0]) > 2
        and labels[-1].isalpha()
        and not _FILE_ENDS.fullmatch(labels[-1])
    ):
        return True
    if any(_SHORT_ENDS.fullmatch(label) for label in labels[1:]):
        return True
    return labels[-1] in _ends("ends") and not _is_missing_blank(found, labels, text)


def _is_missing_blank(found: re.Match[str], labels: list[str], text: str) -> bool:
    """Whether it is the end of one sentence and the beginning of the next (``arrived.it was``)."""
    if labels[-1] not in _ends("words") or len(labels) > 2 or text[found.end() : found.end() + 1] == "/":
        return False
    goes_on = (
        text[found.end() : found.end() + 2].strip().isalpha() and text[found.end() : found.end() + 1] == " "
    )
    return goes_on and not _SAID_BEFORE.search(text[max(0, found.start() - 8) : found.start()])


def _is_false_amazon(letter: Letter, name: str, span: tuple[int, int]) -> bool:
    return is_amazon(name.strip(".-")) and _is_disguised(letter, span)


def _is_disguised(letter: Letter, span: tuple[int, int]) -> bool:
    """Whether letters of another script stand in for Latin ones."""
    written = unicodedata.normalize("NFKC", letter.text[span[0] : span[1]]).lower()
    host = re.split(r"[/?#]", written.replace("。", "."), maxsplit=1)[0]
    return any(ord(one) > 0x7F and one.isalpha() for one in host) and "amazon" not in host


@cache
def _hosts() -> dict[str, Any]:
    return read_table("hosts")


@cache
def _ends(name: str) -> frozenset[str]:
    return frozenset(_hosts()[name].split())
