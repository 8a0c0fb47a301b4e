"""What must not stand in the public reply under a rating: everybody reads it, and it can never be edited."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from templates.guidelines.checking import FINDINGS_LIMIT, check
from templates.guidelines.findings import Finding
from templates.guidelines.letter import Letter
from templates.guidelines.rules import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BEFORE = 8
"""Characters before a match that tell a name from a word such as お客様."""


def check_public_reply(text: str, *, names: Sequence[str] = (), language: str = "ja") -> tuple[Finding, ...]:
    """Everything in a public reply that gives a person away, is too long, or breaks Amazon's rules.

    Args:
        text: the reply, as plain text.
        names: what the buyer is called, where that is known.
        language: of the reasons: ``ja``, or anything else for English.
    """
    letter = Letter(text)
    told = "ja" if language == "ja" else "en"
    found = [
        Finding(rule["id"], "error", letter.text[start:end].strip(), rule[told])
        for rule in read_table("public_reply")["rule"]
        for start, end in islice(_breaches(rule, letter, names), FINDINGS_LIMIT)
    ]
    return (*found, *check(text, language=language))


def _breaches(rule: dict[str, Any], letter: Letter, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    if rule["id"] == "reply_length" and len(letter.whole.strip()) > read_table("public_reply")["limit"]:
        yield 0, 0
    if rule["id"] == "reply_name":
        yield from _named(letter, names)
    text = letter.plain.text
    for pattern in _patterns(rule["id"]):
        for found in pattern.finditer(text):
            if not _is_harmless(rule, text, found):
                yield letter.plain.span(*found.span())


def _named(letter: Letter, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the buyer's own name stands, whole or a part of it."""
    parts = {part for name in names for part in Letter(name).plain.text.split() if len(part) > 1}
    for part in sorted(parts):
        at = letter.plain.text.find(part)
        if at >= 0:
            yield letter.plain.span(at, at + len(part))


def _is_harmless(rule: dict[str, Any], text: str, found: re.Match[str]) -> bool:
    """Whether what stands before an honorific is no name; the match begins with its last sign."""
    harmless: str | None = rule.get("harmless")
    if harmless is None:
        return False
    end = found.start() + 1
    return re.search(harmless, text[max(0, end - _BEFORE) : end]) is not None


@cache
def _patterns(rule_id: str) -> tuple[re.Pattern[str], ...]:
    rules = read_table("public_reply")["rule"]
    (sources,) = (rule.get("patterns", ()) for rule in rules if rule["id"] == rule_id)
    return tuple(re.compile(source) for source in sources)
