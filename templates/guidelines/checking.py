"""The check itself: every rule over one text."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from templates.guidelines.addresses import links, mail_addresses
from templates.guidelines.findings import Finding
from templates.guidelines.layout import length, line_breaks
from templates.guidelines.letter import Letter
from templates.guidelines.orders import missing_order, other_orders
from templates.guidelines.rules import VIEWS_OF_RULES, declined, denial, load_rules
from templates.guidelines.symbols import symbols
from templates.guidelines.telephones import telephones

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from templates.guidelines.rules import Pattern, Rule

FINDINGS_LIMIT = 20
"""Findings of one rule that are told; nobody reads more."""

DETECTORS: dict[str, Callable[[Letter], Iterator[tuple[int, int]]]] = {
    "links": links,
    "mail_addresses": mail_addresses,
    "telephones": telephones,
    "symbols": symbols,
    "length": length,
    "line_breaks": line_breaks,
    "other_orders": other_orders,
    "missing_order": missing_order,
}
_SENTENCE_ENDS = {
    "tight": ("。", "?", "\n"),
    "words": (". ", "! ", "? ", "。", "\n"),
    "lines": ("。", "\n"),
    "raw": ("\n",),
}
_SENTENCE_LIMIT = 400
_NEGATION_BEHIND = 12


def check(text: str, *, order_id: str | None = None, language: str = "ja") -> tuple[Finding, ...]:
    """Everything in a text to a buyer that breaks Amazon's rules, in the order of the text.

    Args:
        text: what is to be sent, as plain text.
        order_id: the order that it is about; another one's number in the text is then an error, and a missing
            number a warning.
        language: of the reasons: ``ja``, or anything else for English.
    """
    letter = Letter(text, order_id)
    told = "ja" if language == "ja" else "en"
    found = [(span, rule) for rule in load_rules() for span in _breaches(rule, letter)]
    found = sorted((one for one in found if not _is_said_better(one, found)), key=lambda one: one[0])
    return tuple(
        Finding(rule.id, rule.severity, letter.text[start:end].strip(), rule.reasons[told])
        for (start, end), rule in found
    )


def _is_said_better(one: tuple[tuple[int, int], Rule], found: list[tuple[tuple[int, int], Rule]]) -> bool:
    """Whether a rule for the rest has found what another error is about."""
    (start, end), rule = one
    return rule.is_rest and any(
        other.severity == "error" and not other.is_rest and begun < end and start < ended
        for (begun, ended), other in found
    )


def _breaches(rule: Rule, letter: Letter) -> list[tuple[int, int]]:
    """Where a rule is broken: the first few places that do not overlap."""
    spans = sorted(
        islice(_all_breaches(rule, letter), 5 * FINDINGS_LIMIT), key=lambda span: (span[0], -span[1])
    )
    apart: list[tuple[int, int]] = []
    for start, end in spans:
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart[:FINDINGS_LIMIT]


def _all_breaches(rule: Rule, letter: Letter) -> Iterator[tuple[int, int]]:
    if rule.detector:
        yield from DETECTORS[rule.detector](letter)
    if rule.courtesies and _is_only_courtesies(rule, letter):
        yield 0, len(letter.text)
    for name in VIEWS_OF_RULES:
        for pattern in rule.patterns[name]:
            yield from _matches(pattern, letter, name, rule)


def _matches(pattern: Pattern, letter: Letter, name: str, rule: Rule) -> Iterator[tuple[int, int]]:
    view = letter.view(name)
    for found in islice(_found(pattern, letter, name), FINDINGS_LIMIT):
        if found[0] and not _is_excused(view.text, found, name, rule):
            yield view.span(*found.span())


def _found(pattern: Pattern, letter: Letter, name: str) -> Iterator[re.Match[str]]:
    """A pattern's matches, looked for only where it can begin."""
    text = letter.view(name).text
    if not all(letter.starts(need, name) for need in pattern.needs):
        return
    if pattern.head is None:
        yield from pattern.body.finditer(text)
        return
    for start in letter.starts(pattern.head, name):
        if found := pattern.body.match(text, start):
            yield found


def _is_excused(text: str, found: re.Match[str], name: str, rule: Rule) -> bool:
    """Whether the sentence around a match says that it is meant otherwise."""
    if rule.declinable and name == "tight" and declined().match(text, found.end()):
        return True
    if not rule.excuses[name] and not rule.deniable:
        return False
    start, stop = _sentence(text, found, _SENTENCE_ENDS[name])
    sentence = text[start:stop].rstrip(".")
    if rule.deniable and name == "words" and _is_denied(sentence, found.end() - start):
        return True
    return any(excuse.search(sentence) for excuse in rule.excuses[name])


def _sentence(text: str, found: re.Match[str], ends: tuple[str, ...]) -> tuple[int, int]:
    begun = [at + len(end) for end in ends if (at := text.rfind(end, 0, found.start())) >= 0]
    stops = [at for end in ends if (at := text.find(end, found.end() - 1)) >= 0]
    start = max(0, found.start() - _SENTENCE_LIMIT, *begun)
    return start, min(len(text), found.end() + _SENTENCE_LIMIT, *stops)


def _is_denied(sentence: str, end: int) -> bool:
    """Whether an English sentence negates what ends there: before it or right behind it, for good."""
    negation, plea, harmless_plea = denial()
    pleas = harmless_plea.sub("", sentence)
    return bool(negation.search(sentence[: end + _NEGATION_BEHIND])) and not plea.search(pleas)


def _is_only_courtesies(rule: Rule, letter: Letter) -> bool:
    """Whether a short text holds nothing else, and something decisive."""
    if len(letter.text) > _SENTENCE_LIMIT:
        return False
    sentences = [one for line in _lines(letter) for one in line if one]
    return (
        bool(sentences)
        and all(_is_any(rule.courtesies, one) or _is_signature(letter, one) for one in sentences)
        and any(_is_any(rule.decisive, one) for one in sentences)
    )


def _lines(letter: Letter) -> Iterator[list[str]]:
    for line in letter.plain.text.split("\n"):
        yield [
            one.strip(" \u3000、,~-")
            for one in line.replace("!", "。").replace(". ", "。").rstrip(".").split("。")
        ]


def _is_any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _is_signature(letter: Letter, sentence: str) -> bool:
    """A short last line without a full stop, such as the shop's name."""
    return len(sentence) <= 20 and letter.plain.text.rstrip().endswith("\n" + sentence)
