"""What the words of a buyer name: the rules of `rules/intent.toml` put to a text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from parsers.phrases import load_phrases, sift
from parsers.rules import load_rules
from parsers.values import Intent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parsers.phrases import Phrases, Sifted

TALK = (Intent.OTHER, Intent.QUESTION)
"""Intents that are no matter to settle: anything that is one comes first."""

_LENGTH = 3000
_NAME = 12
_PARTICLES = 4
_OPENING = 3
_REST = re.compile(r"[\W\d_]+")
_CLAUSE = re.compile(r"[^。.!\n、,]{1,60}[。.!\n、,]+\s*")
_HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
_WRITTEN = re.compile("[\u3041-\u309f\u3400-\u9fff]")
_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_LATIN = re.compile("[a-z]")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rules find in a text.

    Attributes:
        named: how many different words name an intent, as far as no other named intent outranks it.
        leaning: how many only lean towards it, 2 at most.
        asks: it holds a question.
        thanks: it thanks, and nothing in it asks, complains or contrasts.
    """

    named: Mapping[Intent, int]
    leaning: Mapping[Intent, int]
    asks: bool
    thanks: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """The patterns of one intent.

    Attributes:
        intent: what they name.
        outranks: intents that do not count where this one is named.
        strong: name the intent.
        weak: only lean towards it.
    """

    intent: Intent
    outranks: frozenset[Intent]
    strong: tuple[Phrases, ...]
    weak: tuple[Phrases, ...]


@dataclass(frozen=True, slots=True)
class _Thanks:
    """What makes a text one of mere thanks."""

    phrases: tuple[Phrases, ...]
    blocks: tuple[Phrases, ...]
    allowed: tuple[Phrases, ...]
    max_letters: int


def prepare(text: str) -> str:
    """Width, case and apostrophes made one, and no longer than a person writes."""
    return unicodedata.normalize("NFKC", text[:_LENGTH])[:_LENGTH].lower().replace("’", "'").strip()


def find(words: str) -> Findings:
    """Put all rules to prepared words."""
    rules = _rules_for(bool(_JAPANESE.search(words)), bool(_LATIN.search(words)))
    sifted = sift(words)
    named = [(rule, _count(rule.strong, words, sifted)) for rule in rules]
    leaning = {rule.intent: min(2, _count(rule.weak, words, sifted)) for rule in rules if rule.weak}
    asks = _hits(_questions(), words, sifted)
    thanks = not asks and _is_thankful(words, sifted)
    return Findings(_undisputed(named), leaning, asks, thanks)


def gravity(intent: Intent) -> int:
    """The intent's place from the gravest to the lightest; what no rule knows is lightest."""
    return _gravities().get(intent, len(_rules()))


@cache
def _gravities() -> Mapping[Intent, int]:
    """The first place of every intent among the rules."""
    return {rule.intent: place for place, rule in reversed([*enumerate(_rules())])}


def strip_courtesies(words: str) -> str:
    """The words without greetings, introductions, closings and the thanks that open a message.

    Where nothing else is said, and where thanks end a message, they stay. A text in nothing but katakana, as
    old telephones write it, is turned into hiragana.
    """
    written = words if _WRITTEN.search(words) else words.translate(_HIRAGANA)
    sifted = sift(written)
    rest = _drop_opener(written, sifted)
    for pattern in _courtesies():
        rest = pattern.remove(rest, sifted)
    return rest.strip() if _letters(rest) > _PARTICLES else written


def _drop_opener(words: str, sifted: Sifted) -> str:
    """The words without the thanks that politely open a message about something else."""
    end, kept = 0, ""
    for clause in islice(_CLAUSE.finditer(words), _OPENING):
        end = clause.end()
        kept += "" if _opens(clause[0], words[end:], sifted) else clause[0]
    return kept + words[end:]


def _opens(clause: str, rest: str, sifted: Sifted) -> bool:
    """Whether a clause merely thanks before the matter comes."""
    thanks = _hits(_thanks().phrases, clause, sifted) and not _names_a_matter(clause, sifted)
    return thanks and _letters(rest) > _PARTICLES


def _letters(words: str) -> int:
    """How many letters there are."""
    return len(_REST.sub("", words))


def is_merely_thanks(words: str) -> bool:
    """Whether nothing but thanks and courtesies is said, as far as the known vocabulary reaches."""
    known, sifted = _thanks(), sift(words)
    if len(words) > known.max_letters or not _is_thankful(words, sifted):
        return False
    if _hits(_questions(), words, sifted) or _names_a_matter(words, sifted):
        return False
    rest = words
    for pattern in (*known.phrases, *known.allowed):
        rest = pattern.remove(rest, sifted)
    return _is_negligible(rest)


def _is_thankful(words: str, sifted: Sifted) -> bool:
    """Whether there are thanks, and nothing that says more."""
    known = _thanks()
    return _hits(known.phrases, words, sifted) and not _hits(known.blocks, words, sifted)


def _names_a_matter(words: str, sifted: Sifted) -> bool:
    """Whether a rule knows something to settle in it."""
    return any(_hits(rule.strong, words, sifted) for rule in _rules() if rule.intent not in TALK)


def _is_negligible(rest: str) -> bool:
    """Whether what is left are the particles of Japanese sentences, and a name on the last line."""
    lines = [_REST.sub("", line) for line in rest.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) > 1 and len(lines[-1]) <= _NAME:
        lines.pop()
    left = "".join(lines)
    return len(left) <= _PARTICLES and all("\u3041" <= letter <= "\u309f" for letter in left)


def _undisputed(named: Sequence[tuple[_Rule, int]]) -> Mapping[Intent, int]:
    """The named intents that no other named one outranks: a cause goes before the wish that follows.

    A topic that outranks matters goes first: what is asked about an order not yet made is about no delivery.
    """
    outranked: set[Intent] = set()
    for rule, number in sorted(named, key=lambda pair: pair[0].intent not in TALK):
        if number and rule.intent not in outranked:
            outranked |= rule.outranks
    counts = Counter[Intent]()
    for rule, number in named:
        counts[rule.intent] += number * (rule.intent not in outranked)
    return +counts


def _count(patterns: Sequence[Phrases], words: str, sifted: Sifted) -> int:
    """How many different words of a list occur."""
    # Most lists have nothing that the words could match; to see that here, without a call, saves much time.
    possible = [one for one in patterns if one.source in sifted or not one.listed]
    return sum([len(set(one.find(words, sifted))) for one in possible]) if possible else 0


def _hits(patterns: Sequence[Phrases], words: str, sifted: Sifted) -> bool:
    """Whether one of the patterns is in the words."""
    return any(one.occur(words, sifted) for one in patterns if one.source in sifted or not one.listed)


@cache
def _rules() -> tuple[_Rule, ...]:
    """The table of intents, in its order, and below them what people merely talk about."""
    table = load_rules("intent")
    return tuple(map(_rule, (*table["intent"], *table["topic"])))


@cache
def _rules_for(japanese: bool, latin: bool) -> tuple[_Rule, ...]:
    """The same with only those patterns that words in these letters can match, which saves half the time."""

    def fitting(patterns: tuple[Phrases, ...]) -> tuple[Phrases, ...]:
        return tuple(one for one in patterns if (japanese if _JAPANESE.search(one.source) else latin))

    return tuple(replace(rule, strong=fitting(rule.strong), weak=fitting(rule.weak)) for rule in _rules())


def _rule(row: Mapping[str, Any]) -> _Rule:
    """One row of the table."""
    intent, outranks = Intent(row["name"]), frozenset(map(Intent, row["outranks"]))
    return _Rule(intent, outranks, load_phrases(row["strong"]), load_phrases(row.get("weak", ())))


@cache
def _courtesies() -> tuple[Phrases, ...]:
    """What is said in all matters alike, and what a buyer says it is not."""
    table = load_rules("intent")
    return load_phrases((*table["courtesy"]["patterns"], *table["denial"]["patterns"]))


@cache
def _questions() -> tuple[Phrases, ...]:
    """What a question looks like."""
    return load_phrases(load_rules("intent")["question"]["patterns"])


@cache
def _thanks() -> _Thanks:
    """What thanks look like."""
    table = load_rules("intent")["thanks"]
    phrases, blocks, allowed = (load_phrases(table[name]) for name in ("phrases", "blocks", "allowed"))
    return _Thanks(phrases, blocks, allowed, table["max_letters"])
