"""Text, links and the buyer's own words out of an HTML body."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HTML = 500_000
"""Characters of a body that are read."""

MAX_TAGS = 10_000
"""Tags of a body that are read: the parser's time grows with the square of their depth."""

MAX_LINKS = 500
"""Links that are returned."""

_HIDES = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BUYERS_PRE = re.compile(r"white-space\s*:\s*-o-pre-wrap", re.IGNORECASE)
_BLANKS = re.compile("[ \t\r\n\f]+")
_EDGE_BLANKS = " \t\xa0"
_GAPS = re.compile("\n{3,}")
_UNFIT = re.compile("[\x00\ud800-\udfff]")
# Characters for private use; none is left in a body before they are put in.
_QUOTE_BEGIN, _QUOTE_END = "\ue000", "\ue001"
_NO_SIGNS = dict.fromkeys(map(ord, (_QUOTE_BEGIN, _QUOTE_END)))
_UNSEEN = frozenset(("script", "style", "head", "title", "template", "-comment", "-doctype"))
# fmt: off
_EDGE = {
    **dict.fromkeys((
        "address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure",
        "footer", "form", "header", "hr", "li", "main", "nav", "section", "td", "th", "tr",
    ), "\n"),
    **dict.fromkeys((
        "p", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol",
    ), "\n\n"),
}
# fmt: on


def html_to_text(html: str) -> str:
    """The visible text: a line for each block, a blank line around paragraphs; never raises.

    What a person does not see (script, style, ``display:none``) is left out: Amazon hides a preview line
    there, and others hide worse. Line breaks inside ``pre`` are kept.
    """
    return _tidy(_write(_parse(html).root))


def html_reply_to_text(html: str) -> str:
    """The same with the sign of a quotation before every line of a ``blockquote``; never raises."""
    text = _tidy(_write(_parse(html.translate(_NO_SIGNS)).root, marked=True))
    depth = 0
    lines: list[str] = []
    for line in text.split("\n"):
        depth += (line == _QUOTE_BEGIN) - (line == _QUOTE_END)
        if line not in {_QUOTE_BEGIN, _QUOTE_END}:
            lines.append(f"> {line}" if depth else line)
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def first_pre(html: str) -> str | None:
    """The text of Amazon's box for the buyer's words; None if there is no such box, never raises.

    It is the ``pre`` whose style holds ``white-space: -o-pre-wrap``. Empty means that the buyer sent a photo
    without a word.
    """
    if "-o-pre-wrap" not in html:
        return None
    boxes = (pre for pre in _parse(html).tags("pre") if _BUYERS_PRE.search(pre.attributes.get("style") or ""))
    box = next(boxes, None)
    return None if box is None else "".join(_write(box)).strip("\n").replace("\xa0", " ")


def links_behind_box(html: str) -> tuple[str, ...]:
    """The targets of the links that follow Amazon's box and stand in no ``pre``; never raises.

    Without the box nobody can tell which links are a buyer's, so there are none.
    """
    behind = False
    found: list[str] = []
    for node, inside in _walk(_parse(html)):
        if node.tag == "pre" and _BUYERS_PRE.search(node.attributes.get("style") or ""):
            behind, found = True, []
        elif behind and node.tag == "a" and not inside:
            found.append((node.attributes.get("href") or "").strip())
    return tuple(filter(None, found[:MAX_LINKS]))


def links(html: str) -> tuple[str, ...]:
    """The targets of all links in their order, hidden ones too; never raises."""
    targets = ((node.attributes.get("href") or "").strip() for node in _parse(html).tags("a")[:MAX_LINKS])
    return tuple(filter(None, targets))


@lru_cache(maxsize=4)
def _parse(html: str) -> LexborHTMLParser:
    """The tree of a body; nobody changes it, and one mail asks for it three times."""
    text = _UNFIT.sub("", html[:MAX_HTML])
    if text.count("<") > MAX_TAGS:
        text = "<".join(text.split("<", MAX_TAGS)[:MAX_TAGS])
    return LexborHTMLParser(text)


def _tidy(pieces: list[str]) -> str:
    """The pieces as one text, without blanks around its lines and with one blank line at most."""
    # A pattern for blanks at the ends of lines would look at a long run of them over and over.
    lines = (line.strip(_EDGE_BLANKS) for line in "".join(pieces).split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).replace("\xa0", " ").strip()


def _walk(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, bool]]:
    """Every element in document order, and whether it stands in a ``pre``; without recursion."""
    waiting = [(tree.root, False)] if tree.root is not None else []
    while waiting:
        node, inside = waiting.pop()
        yield node, inside
        below = inside or node.tag == "pre"
        waiting.extend(reversed([(child, below) for child in node.iter()]))


def _write(top: LexborNode | None, *, marked: bool = False) -> list[str]:
    """The texts under a node and the line breaks of its blocks; without recursion, for depth is hostile.

    Args:
        top: the node; None writes nothing.
        marked: put signs on lines of their own around quotations.
    """
    pieces: list[str] = []
    waiting: list[tuple[LexborNode | str, bool]] = [] if top is None else [(top, False)]
    while waiting:
        node, kept = waiting.pop()
        text = ""
        if isinstance(node, str):
            text = _edge(node, pieces) if node.isspace() else node
        elif (tag := node.tag or "") == "-text":
            text = _wording(node.text_content or "", pieces, kept=kept)
        elif tag == "br":
            text = "\n"
        elif tag not in _UNSEEN and not _is_hidden(node.attributes):
            _open(node, tag, waiting, kept=kept, marked=marked and tag == "blockquote")
        if text:
            pieces.append(text)
    return pieces


def _edge(edge: str, pieces: list[str]) -> str:
    """The line breaks that are still missing where one block ends and the next begins."""
    if not pieces or pieces[-1].endswith(edge):
        return ""
    return edge[1:] if pieces[-1].endswith("\n") else edge


def _wording(text: str, pieces: list[str], *, kept: bool) -> str:
    """The text as it is inside ``pre``; elsewhere a run of white space is one blank, also across tags."""
    if kept:
        return text
    text = _BLANKS.sub(" ", text)
    return text[1:] if text.startswith(" ") and pieces and pieces[-1].endswith((" ", "\n")) else text


def _open(
    node: LexborNode, tag: str, waiting: list[tuple[LexborNode | str, bool]], *, kept: bool, marked: bool
) -> None:
    """Put a node's children and the edges of its block on the pile, last first."""
    edge = _EDGE.get(tag)
    kept = kept or tag == "pre"
    inside: list[tuple[LexborNode | str, bool]] = [(child, kept) for child in node.iter(include_text=True)]
    if marked:
        inside = [(f"{_QUOTE_BEGIN}\n", True), *inside, ("\n", True), (f"{_QUOTE_END}\n", True)]
    if edge:
        inside = [(edge, True), *inside, (edge, True)]
    waiting.extend(reversed(inside))


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    return bool(attributes) and (
        "hidden" in attributes or _HIDES.search(attributes.get("style") or "") is not None
    )
