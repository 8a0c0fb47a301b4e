"""Telling Amazon's notices apart: by their type, else by sender and wording, from the table of rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from parsers.folding import fold_width
from parsers.rules import load_rules
from parsers.values import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """One way to know a notice.

    Attributes:
        name: the type, or the name of the entry in the table.
        kind: what it is.
        confidence: ``seen``, ``secondary`` or ``assumed``.
        closed: for claims: it tells the decision.
    """

    name: str
    kind: Kind
    confidence: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class _Wording:
    """One entry of the table, ready to be tried."""

    rule: NoticeRule
    senders: frozenset[str]
    subject: re.Pattern[str] | None
    body: re.Pattern[str] | None
    needs_order: bool


def known_type(word: str) -> NoticeRule | None:
    """The rule for one notification type; None for a type that nobody has described."""
    row = load_rules("notices")["types"].get(word)
    return NoticeRule(word, Kind(row["kind"]), row["confidence"], row.get("closed", False)) if row else None


def match_notice(local: str, subject: str, text: str, has_order: bool) -> NoticeRule | None:
    """The first rule of the table that fits a mail from one of Amazon's senders.

    Args:
        local: the sender before the @.
        subject: the subject, width folded.
        text: the mail's text.
        has_order: an order number stands in it.
    """
    body = fold_width(text[:_TEXT_LENGTH])
    for wording in _wordings():
        if local not in wording.senders or (wording.needs_order and not has_order):
            continue
        if wording.subject and not wording.subject.search(subject):
            continue
        if not wording.body or wording.body.search(body):
            return wording.rule
    return None


def is_seller_sender(local: str) -> bool:
    """Whether Amazon writes to sellers from this address, so that an unread mail deserves a look."""
    return local in _senders("seller")


def copied_to(head: str, subject: str) -> str | None:
    """Who got the mail that a copy shows: Amazon's sentence above it says so, else the subject.

    The name is the one that was written, in its own width, for it is compared with the buyer's.
    """
    texts = (head[:_TEXT_LENGTH], fold_width(head[:_TEXT_LENGTH]))
    found = (pattern.search(text) for text in texts for pattern in _patterns("copy_name"))
    in_head = (match["name"] for match in found if match)
    in_subject = (name for text in (subject, fold_width(subject)) for name in _names_in_subject(text))
    name = next(in_head, None) or next(in_subject, None)
    return name.strip() if name else None


def opted_out_words() -> tuple[re.Pattern[str], ...]:
    """Patterns that tell a buyer's refusal of seller mail from other failures."""
    return _patterns("opted_out")


def _names_in_subject(subject: str) -> Iterator[str]:
    """The names that the subjects of copies show."""
    for wording in _wordings():
        found = wording.subject.search(subject) if wording.subject else None
        if found and "name" in found.groupdict():
            yield found["name"]


@cache
def _wordings() -> tuple[_Wording, ...]:
    """The table, compiled once."""
    return tuple(_wording(row) for row in load_rules("notices")["notice"])


def _wording(row: dict[str, Any]) -> _Wording:
    """One entry of the table."""
    rule = NoticeRule(row["name"], Kind(row["kind"]), row["confidence"], row.get("closed", False))
    subject, body = (
        re.compile(row[key], re.IGNORECASE) if key in row else None for key in ("subject", "body")
    )
    return _Wording(
        rule, _senders(row.get("senders", "seller")), subject, body, row.get("needs_order", False)
    )


def _senders(group: str) -> frozenset[str]:
    """The senders that a rule accepts; ``both`` adds those that write to buyers too."""
    table = load_rules("notices")["senders"]
    return frozenset(table["seller"] + table["both"] if group == "both" else table[group])


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """One list of patterns, compiled once."""
    return tuple(re.compile(row["pattern"], re.IGNORECASE) for row in load_rules("notices")[name])
