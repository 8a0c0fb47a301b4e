"""Text, links and the buyer's own words out of an HTML body."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_HTML = 500_000
"""Characters of a body that are read."""

MAX_TAGS = 10_000
"""Tags of a body that are read: the parser's time grows with the square of their depth."""

MAX_LINKS = 500
"""Links that are returned."""

_HIDES = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BUYERS_PRE = re.compile(r"white-space\s*:\s*-o-pre-wrap", re.IGNORECASE)
_BLANKS = re.compile("[ \t\r\n\f]+")
_EDGES = re.compile("[ \t\xa0]*\n[ \t\xa0]*")
_GAPS = re.compile("\n{3,}")
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_UNSEEN = frozenset(("script", "style", "head", "title", "template", "noscript", "-comment", "-doctype"))
_PARAGRAPHS = frozenset(("p", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol"))
# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
    "form", "header", "hr", "li", "main", "nav", "section", "td", "th", "tr",
))
# fmt: on


def html_to_text(html: str) -> str:
    """The visible text: a line for each block, a blank line around paragraphs; never raises.

    What a person does not see (script, style, ``display:none``) is left out: Amazon hides a preview line
    there, and others hide worse. Line breaks inside ``pre`` are kept.
    """
    root = _parse(html).root
    text = "".join(_write(root)) if root is not None else ""
    return _GAPS.sub("\n\n", _EDGES.sub("\n", text)).replace("\xa0", " ").strip()


def first_pre(html: str) -> str | None:
    """The text of Amazon's box for the buyer's words; None if there is no such box, never raises.

    It is the ``pre`` whose style holds ``white-space: -o-pre-wrap``. Empty means that the buyer sent a photo
    without a word.
    """
    if "-o-pre-wrap" not in html:
        return None
    boxes = (pre for pre in _parse(html).css("pre[style]") if _BUYERS_PRE.search(_attribute(pre, "style")))
    box = next(boxes, None)
    return None if box is None else "".join(_write(box)).strip("\n").replace("\xa0", " ")


def links(html: str) -> tuple[str, ...]:
    """The targets of all links in their order, hidden ones too; never raises."""
    targets = (_attribute(node, "href").strip() for node in _parse(html).css("a[href]")[:MAX_LINKS])
    return tuple(filter(None, targets))


def _parse(html: str) -> LexborHTMLParser:
    text = _UNFIT.sub("", html[:MAX_HTML])
    if text.count("<") > MAX_TAGS:
        text = "<".join(text.split("<", MAX_TAGS)[:MAX_TAGS])
    return LexborHTMLParser(text)


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _write(top: LexborNode) -> list[str]:
    """The pieces of text under a node and the line breaks of its blocks; without recursion, for depth is hostile."""
    pieces: list[str] = []
    waiting: list[tuple[LexborNode | str, bool]] = [(top, False)]
    while waiting:
        node, kept = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif node.is_text_node:
            pieces.append(_wording(node, pieces, kept=kept))
        elif node.tag == "br":
            pieces.append("\n")
        elif not _is_hidden(node):
            _open(node, waiting, kept=kept)
    return pieces


def _wording(node: LexborNode, pieces: list[str], *, kept: bool) -> str:
    text = node.text_content or ""
    if kept:
        return text
    text = _BLANKS.sub(" ", text)
    return text[1:] if text.startswith(" ") and pieces and pieces[-1].endswith((" ", "\n")) else text


def _open(node: LexborNode, waiting: list[tuple[LexborNode | str, bool]], *, kept: bool) -> None:
    tag = node.tag or ""
    edge = "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _BLOCKS else ""
    kept = kept or tag == "pre"
    if edge:
        waiting.append((edge, True))
    waiting.extend(reversed([(child, kept) for child in node.iter(include_text=True)]))
    if edge:
        waiting.append((edge, True))


def _is_hidden(node: LexborNode) -> bool:
    if node.tag in _UNSEEN:
        return True
    attributes = node.attributes
    return "hidden" in attributes or _HIDES.search(attributes.get("style") or "") is not None
