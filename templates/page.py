"""A mail to the owner as a page: the same words as the plain text, with its links to be tapped.

Built line by line from the finished text. A line that a stranger or a draft brought in begins with its mark
and can become nothing but an indented block; a button needs our own mark and, in the next line, a command to
our own address. Nothing is loaded from anywhere, and colours are only set where both a light and a dark
background bear them.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from templates.marks import DRAFT_MARK, HEADING_MARKS, OFFER_MARK, QUOTE_MARK, TITLE_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COMMAND = re.compile(r"\?subject=[A-Za-z0-9%._~-]{1,600}", re.ASCII)
_KANA = re.compile("[\u3041-\u30ff]")
_LINKABLE = re.compile(r"(?<=[.:@])(?=\S)")

_FONT = "font:16px/1.7 system-ui,-apple-system,'Hiragino Sans','Noto Sans JP','Yu Gothic',sans-serif"
_BLOCK = "margin:8px 0 16px;padding:6px 12px 6px 14px;border-left:4px solid "
_BUTTON = (
    "display:block;box-sizing:border-box;min-height:48px;padding:10px 16px;border:1px solid #2f6db5;"
    "border-radius:8px;text-align:center;text-decoration:none;font-weight:600;"
)
_STYLES = {
    "heading": "margin:32px 0 12px;font-size:18px;font-weight:700",
    "title": "margin:24px 0 4px;font-size:17px;font-weight:700",
    "text": "margin:0 0 12px",
    "quote": f"{_BLOCK}#8a929c",
    "draft": f"{_BLOCK}#2f6db5;background:rgba(47,109,181,.1)",
    "first button": f"{_BUTTON}background:#2f6db5;color:#ffffff",
    "button": f"{_BUTTON}color:inherit",
}
_HEAD = (
    '<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n'
    '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">\n'
)


def build_page(text: str, address: str) -> str:
    """Make the page of a rendered alert or answer.

    Args:
        text: the mail as plain text, lines ended by line feeds.
        address: ours; only commands that are sent there become buttons.
    """
    language = "ja" if _KANA.search(text) else "en"
    body = "\n".join(_blocks(list(_pieces(text.split("\n"), address))))
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n{_HEAD}</head>\n'
        f'<body style="margin:0;padding:16px">\n'
        f'<div style="max-width:640px;margin:0 auto;overflow-wrap:anywhere;{_FONT}">\n{body}\n</div>\n'
        "</body>\n</html>\n"
    )


def _pieces(lines: list[str], address: str) -> Iterator[tuple[str, str, str]]:
    """Each line's kind, its words and, for a button, where it leads; the two lines of one are one piece."""
    following = iter([*lines[1:], ""])
    rest = iter(lines)
    for line in rest:
        after = next(following)
        if line.startswith(OFFER_MARK) and _is_command(after, address):
            yield "button", line.removeprefix(OFFER_MARK), after
            next(rest)
            next(following)
        else:
            yield (*_kind(line), "")


def _is_command(line: str, address: str) -> bool:
    """A link that opens a mail to us with a subject, and with nothing else that a link could bring along."""
    for written in (address, quote(address, safe="@+")):
        prefix = f"mailto:{written}"
        if line.startswith(prefix) and _COMMAND.fullmatch(line[len(prefix) :]):
            return True
    return False


def _kind(line: str) -> tuple[str, str]:
    """What a line is by its mark, and its words without the mark."""
    for kind, marks in (
        ("quote", (QUOTE_MARK,)),
        ("draft", (DRAFT_MARK,)),
        ("heading", HEADING_MARKS),
        ("title", TITLE_MARKS),
    ):
        for mark in marks:
            # An empty line has lost the blank of its mark.
            if line.startswith(mark) or line == mark.rstrip():
                return kind, line[len(mark) :]
    return ("text" if line else "gap"), line


def _blocks(pieces: list[tuple[str, str, str]]) -> Iterator[str]:
    """The pieces as elements; lines of one kind that follow each other share one."""
    before = ""
    for kind, group in groupby((one for one in pieces), key=lambda one: one[0]):
        if kind == "button":
            yield from _buttons(group, is_first=before != "button")
        elif kind != "gap":
            yield _element(kind, [words for _, words, _ in group])
        before = before if kind == "gap" else kind


def _element(kind: str, lines: list[str]) -> str:
    is_other = kind in {"quote", "draft"}
    inner = "<br>\n".join(_unlinkable(escape(line)) if is_other else escape(line) for line in lines)
    return f'<div style="{_STYLES[kind]}">{inner}</div>'


def _unlinkable(escaped: str) -> str:
    """Mail apps make links of what looks like an address; a place to break the line keeps them from it."""
    return _LINKABLE.sub("<wbr>", escaped)


def _buttons(group: Iterable[tuple[str, str, str]], *, is_first: bool) -> Iterator[str]:
    for _, label, link in group:
        style = _STYLES["first button" if is_first else "button"]
        # U+FE0E: the sign as text, for some telephones paint it as a picture.
        shown = f"\u25b6\ufe0e {escape(label)}"
        yield f'<div style="margin:12px 0"><a href="{escape(link)}" style="{style}">{shown}</a></div>'
        is_first = False
