"""Turns the commands that stand in our own sentences into links to the pages that do the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.showing.reader import Reader

_PAGES = {
    "answered": ("", "#deeds", "この画面の「回答済み」", "“answered” on this page"),
    "approve": ("", "#draft", "この画面の下書き", "the draft on this page"),
    "call": ("/calls", "", "電話の画面", "the telephone page"),
    "case": ("", "#case", "この画面", "this page"),
    "close": ("/case/{n}/close", "", "終了の画面", "the page for closing"),
    "draft": ("", "#draft", "この画面の下書き", "the draft on this page"),
    "edit": ("", "#draft", "この画面の下書き", "the draft on this page"),
    "feedback": ("/feedback/{n}", "", "評価の画面", "the rating's page"),
    "inquiry": ("/case/{n}/inquiry", "", "委託先への問い合わせの画面", "the page for inquiries"),
    "no-reply-needed": ("", "#deeds", "この画面の「返信不要」", "“no reply needed” on this page"),
    "outbox": ("/outbox", "", "送信の画面", "the page of outgoing mail"),
    "refund": ("/case/{n}/refund", "", "返金の画面", "the refund's page"),
    "returns": ("/case/{n}/return", "", "返品の画面", "the return's page"),
    "support": ("/case/{n}/support", "", "サポートに出す文の画面", "the text for support"),
}
"""By command the page of it, or the place on the page of its case; and what either is called."""

_COMMAND = re.compile(
    r"`?\bsokuresu (?P<name>[a-z-]{1,20})(?: [a-z]{1,12}(?= [0-9]))?(?: (?P<number>[0-9]{1,10}))?"
    r"(?: --[a-z-]{1,20}(?: (?:unopened|opened|good|crushed|delivery|claim))?| '[^']{1,40}'| removed| fba)*`?"
    r"(?: ?\((?:開封済みなら|または|or) ?[^()]{1,40}\))?"
    r"(?:[。.] ?(?:済んだら|When done): --relisted (?:か|or) --written-off)?"
)


@dataclass(frozen=True, slots=True)
class Words:
    """A part of a sentence.

    Attributes:
        text: what is read.
        address: where it leads; empty where it is no link.
    """

    text: str
    address: str = ""


def signposted(sentence: str, case_id: int, reader: Reader) -> tuple[Words, ...]:
    """A sentence of this program's in parts, with links in the place of commands.

    Args:
        sentence: made by this program; nothing that a stranger wrote.
        case_id: the case whose page it stands on.
        reader: who looks.
    """
    return tuple(part for part in _parts(sentence, case_id, reader) if part.text)


def _parts(sentence: str, case_id: int, reader: Reader) -> Iterator[Words]:
    end = 0
    for found in _COMMAND.finditer(sentence):
        page = _PAGES.get(found["name"])
        if page is None:
            continue
        yield Words(sentence[end : found.start()])
        yield _link(page, int(found["number"] or case_id), case_id, reader)
        end = found.end()
    yield Words(sentence[end:])


def _link(page: tuple[str, str, str, str], number: int, case_id: int, reader: Reader) -> Words:
    path, place, ja, en = page
    here = place if number == case_id else f"/case/{number}{place}"
    return Words(reader.say(ja, en), path.format(n=number) or here)
