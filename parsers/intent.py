"""What a buyer wants, guessed by rules: it chooses a draft and an urgency and never sends anything.

The one guess with a consequence is `THANKS`, for a message that merely thanks is not acknowledged. So it is
confident only where nothing else is said, in words that the table knows.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from parsers.rules import load_rules
from parsers.values import Intent, IntentGuess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TEXT_LENGTH = 3000
_STRONG = 3
_WEAK = 1
_NAME = 12
_PARTICLES = 4
_REST = re.compile(r"[\W\d_]+")
# Causes outrank the wish that follows from them: broken, so refund me.
_WISHES = frozenset({Intent.RETURN_OR_EXCHANGE, Intent.HOW_TO_USE})


@dataclass(frozen=True, slots=True)
class _Rule:
    """The patterns of one intent."""

    intent: Intent
    strong: tuple[re.Pattern[str], ...]
    weak: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Thanks:
    """What makes a text one of mere thanks."""

    phrases: tuple[re.Pattern[str], ...]
    blocks: tuple[re.Pattern[str], ...]
    allowed: tuple[re.Pattern[str], ...]
    max_letters: int


def guess(text: str, *, subject: str = "") -> IntentGuess:
    """Guess what a text wants.

    Args:
        text: the buyer's own words.
        subject: Amazon's subject; it names the topic that the buyer chose, and counts only where the words
            themselves say nothing.
    """
    words = _prepare(text)
    scores = _scores(words)
    if _hits(_thanks().phrases, words) and not _strongest(scores):
        return _thank_or_ask(words)
    best = _best(scores)
    if best is not None:
        return IntentGuess(best, _is_sure(scores, best))
    if _hits(_questions(), words):
        return IntentGuess(Intent.QUESTION, confident=True)
    return _guess_by_subject(subject)


def _prepare(text: str) -> str:
    """Width, case and apostrophes made one, and no longer than a person writes."""
    return unicodedata.normalize("NFKC", text[:_TEXT_LENGTH]).lower().replace("’", "'").strip()


def _scores(words: str) -> Mapping[Intent, int]:
    """How much speaks for each intent."""
    return {
        rule.intent: _STRONG * _count(rule.strong, words) + _WEAK * min(2, _count(rule.weak, words))
        for rule in _rules()
    }


def _count(patterns: Sequence[re.Pattern[str]], words: str) -> int:
    """How many different words of a list occur."""
    return sum(len(set(_spans(pattern, words))) for pattern in patterns if pattern.search(words))


def _spans(pattern: re.Pattern[str], words: str) -> list[str]:
    """The first few places where a pattern matches, as text."""
    found: list[str] = []
    for match in pattern.finditer(words):
        found.append(match[0])
        if len(found) >= 3:
            break
    return found


def _strongest(scores: Mapping[Intent, int]) -> int:
    """The highest score that rests on more than leaning words, 0 if there is none."""
    return max((score for score in scores.values() if score >= _STRONG), default=0)


def _best(scores: Mapping[Intent, int]) -> Intent | None:
    """The intent that the words name; the graver of equals, an escalation always, a cause before a wish."""
    named = {intent: score for intent, score in scores.items() if score >= _STRONG}
    if not named or Intent.ESCALATION in named:
        return Intent.ESCALATION if named else None
    causes = {intent: score for intent, score in named.items() if intent is not Intent.RETURN_OR_EXCHANGE}
    chosen = causes or named
    return max(chosen, key=lambda intent: (chosen[intent], -_order().index(intent)))


def _is_sure(scores: Mapping[Intent, int], best: Intent) -> bool:
    """Whether no other matter is named; the wish that follows from a cause is no other matter."""
    others = (score for intent, score in scores.items() if intent is not best and intent not in _WISHES)
    return max(others, default=0) < _STRONG


def _thank_or_ask(words: str) -> IntentGuess:
    """A text with thanks in it and no matter that a rule names."""
    if _is_merely_thanks(words):
        return IntentGuess(Intent.THANKS, confident=True)
    asks = _hits(_questions(), words)
    return IntentGuess(Intent.QUESTION if asks else Intent.THANKS, confident=False)


def _is_merely_thanks(words: str) -> bool:
    """Whether nothing but thanks and courtesies is said, as far as the known vocabulary reaches."""
    known = _thanks()
    if len(words) > known.max_letters or _hits(known.blocks, words) or _hits(_questions(), words):
        return False
    rest = words
    for pattern in (*known.phrases, *known.allowed):
        rest = pattern.sub(" ", rest)
    return _is_negligible(rest)


def _is_negligible(rest: str) -> bool:
    """Whether what is left are the particles of Japanese sentences, and a name on the last line."""
    lines = [_REST.sub("", line) for line in rest.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) > 1 and len(lines[-1]) <= _NAME:
        lines.pop()
    left = "".join(lines)
    return len(left) <= _PARTICLES and all("\u3041" <= letter <= "\u309f" for letter in left)


def _guess_by_subject(subject: str) -> IntentGuess:
    """The topic that the buyer chose in Amazon's form, never confident."""
    best = _best(_scores(_prepare(subject[:500])))
    return IntentGuess(best or Intent.OTHER, confident=False)


def _hits(patterns: Sequence[re.Pattern[str]], words: str) -> bool:
    """Whether one of the patterns is in the words."""
    return any(pattern.search(words) for pattern in patterns)


@cache
def _rules() -> tuple[_Rule, ...]:
    """The table of intents, in its order."""
    return tuple(
        _Rule(Intent(row["name"]), _compile(row["strong"]), _compile(row["weak"]))
        for row in load_rules("intent")["intent"]
    )


@cache
def _order() -> tuple[Intent, ...]:
    """The intents from the gravest to the lightest."""
    return tuple(rule.intent for rule in _rules())


@cache
def _questions() -> tuple[re.Pattern[str], ...]:
    """What a question looks like."""
    return _compile(load_rules("intent")["question"]["patterns"])


@cache
def _thanks() -> _Thanks:
    """What thanks look like."""
    table = load_rules("intent")["thanks"]
    phrases, blocks, allowed = (_compile(table[name]) for name in ("phrases", "blocks", "allowed"))
    return _Thanks(phrases, blocks, allowed, table["max_letters"])


def _compile(patterns: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    """Patterns for prepared words; a caret means the beginning of any line."""
    return tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns)
