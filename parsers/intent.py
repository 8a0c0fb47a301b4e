"""What a buyer wants, guessed by rules and a classifier: it chooses draft and urgency, it sends nothing.

Rules are right about what they know and silent about the rest; the classifier has an opinion on everything.
So their points are added, and the guess is confident only where both say the same, or where the sum leaves no
doubt. In a language without training sentences the rules decide alone.

The one guess with a consequence is `THANKS`, for a message that merely thanks is not acknowledged. So it is
confident only where nothing else is said, in words that the rules know; the classifier has no say in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING

from parsers.ngrams import load, weigh
from parsers.rules import load_text
from parsers.values import Intent, IntentGuess
from parsers.wording import TALK, find, gravity, is_merely_thanks, prepare, strip_courtesies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.ngrams import Model, Weighing
    from parsers.wording import Findings

_SUBJECT = 500
_INTENTS = {intent.value: intent for intent in Intent}
# Points for what the rules find, on the classifier's scale of logarithms.
_NAMED = 8.0
_NAMED_AGAIN = 4.0
_TALKED = 5.5
_LEANING = 2.0
_ASKS = 2.5
_THANKS = 12.0
# The topic that the buyer chose from Amazon's list.
_CHOSEN = 4.0

# A long text has more runs, not more to say: beyond this many the scores grow with the root of their number.
_RUNS = 64
# Below this share the classifier does not know the language.
_KNOWN = 0.5
# How far the best must be ahead of the second to be confident: where both agree, and where only one speaks.
_AHEAD_AGREED = 10.0
_AHEAD_ALONE = 12.0


@dataclass(frozen=True, slots=True)
class _Opinion:
    """The best intent by all points, and how far it is ahead of all others."""

    intent: Intent
    ahead: float


def guess(text: str, *, subject: str = "") -> IntentGuess:
    """Guess what a text wants.

    Args:
        text: the buyer's own words.
        subject: Amazon's subject; it names the topic that the buyer chose, and counts only where no rule
            knows the words themselves.
    """
    return guess_with(_model(), text, subject)


def guess_with(model: Model, text: str, subject: str = "") -> IntentGuess:
    """The same with another model, for measuring."""
    words = prepare(text)
    if is_merely_thanks(words):
        return IntentGuess(Intent.THANKS, confident=True)
    body = strip_courtesies(words)
    found = find(body)
    weighed = weigh(model, body)
    if weighed.known < _KNOWN:
        return _guess_by_rules(found, subject)
    return _guess_by_both(found, weighed, subject)


def _guess_by_both(found: Findings, weighed: Weighing, subject: str) -> IntentGuess:
    """The sum of both; the subject speaks only where no rule does."""
    points = _points(found, weighed)
    topic = None if found.named else _topic(subject)
    if topic is None:
        opinion = _weigh_up(points, found)
        return IntentGuess(opinion.intent, _is_sure(opinion, found, weighed))
    points[topic] += _CHOSEN
    return IntentGuess(_weigh_up(points, found).intent, confident=False)


def _topic(subject: str) -> Intent | None:
    """What the subject names."""
    return _best_named(find(prepare(subject[:_SUBJECT]))) if subject else None


def _guess_by_rules(found: Findings, subject: str) -> IntentGuess:
    """What the rules say alone; sure only if they name one matter and no other."""
    best = _best_named(found)
    if best is not None:
        return IntentGuess(best, confident=len(found.named) == 1)
    if found.thanks or found.asks:
        return IntentGuess(Intent.THANKS if found.thanks else Intent.QUESTION, confident=False)
    return IntentGuess(_topic(subject) or Intent.OTHER, confident=False)


def _points(found: Findings, weighed: Weighing) -> dict[Intent, float]:
    """What speaks for each intent."""
    scale = min(1.0, sqrt(_RUNS / max(1, weighed.runs)))
    points = {_INTENTS[label]: scale * score for label, score in weighed.scores.items()}
    for intent, number in found.named.items():
        points[intent] += (_TALKED if intent in TALK else _NAMED) + _NAMED_AGAIN * min(2, number - 1)
    for intent, number in found.leaning.items():
        points[intent] += _LEANING * number
    points[Intent.QUESTION] += _ASKS * found.asks
    points[Intent.THANKS] += _THANKS * found.thanks
    return points


def _weigh_up(points: Mapping[Intent, float], found: Findings) -> _Opinion:
    """The intent with most points; an escalation that a rule names is one whatever else is said."""
    escalates = Intent.ESCALATION in found.named
    order = sorted(points, key=lambda intent: (-points[intent], gravity(intent)))
    first = Intent.ESCALATION if escalates else order[0]
    second = next(intent for intent in order if intent is not first)
    return _Opinion(first, points[first] - points[second])


def _is_sure(opinion: _Opinion, found: Findings, weighed: Weighing) -> bool:
    """Whether rules and classifier agree and no other is close, or one of them leaves no doubt."""
    if opinion.intent is Intent.THANKS or found.thanks:
        return False
    matters = found.named.keys() - TALK or found.named.keys()
    agreed = matters == {opinion.intent} and weighed.best == opinion.intent
    return opinion.ahead >= (_AHEAD_AGREED if agreed else _AHEAD_ALONE)


def _best_named(found: Findings) -> Intent | None:
    """The intent that most words name; the graver of equals."""
    return max(found.named, key=lambda intent: (found.named[intent], -gravity(intent)), default=None)


@cache
def _model() -> Model:
    """The classifier, loaded at first use."""
    return load(load_text("intent_ngrams.txt"))
