"""What a buyer's comment on the seller is about, clause by clause.

Rules name the topics of a clause, and a classifier has an opinion, too. A part is sure where the rules name
its topic and the classifier does not contradict; a clause that no rule knows gets the classifier's opinion,
if that is a clear one, and is never sure. So whoever must not err may rely on the sure parts alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from parsers.clauses import split_clauses
from parsers.folding import fold_width
from parsers.ngrams import Weighing, load, weigh
from parsers.personal import find_personal
from parsers.rules import load_rules, load_text
from parsers.values import CommentPart, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parsers.ngrams import Model

LENGTH = 2_000
"""Characters that are read; Amazon itself takes a few hundred."""

TABLE = "comments_ngrams.txt"
_CLAUSES = 60
# How far the classifier must be ahead: to have an opinion where no rule knows anything, to have a second one
# there, to have one beside what a rule knows, to contradict a rule, and to hear something else in what a rule
# left of a clause.
_OPINION = 0.5
_OPINION_AMONG = 2.0
_OPINION_BESIDE = 6.0
_CONTRADICTION = 6.0
_MORE = 3.0
_KNOWN = 0.5
# What a clause without a topic is about most often, and still more often where it names a thing.
_LIKELIER = 0.0
_THING = 6.0
# Letters that may be left of a clause: endings where nothing was named, a word or two beside a topic.
_PARTICLES = 2
_NOTHING = 6
# Whoever writes on for so many letters without a stop may have gone on to something else.
_LONG = 70
_REST = re.compile(r"[\W\d_]+")
# Letters set apart one by one belong together.
_SPACED = re.compile(
    "(?<=(?<!\\S)[\u3040-\u30ff\u3400-\u9fff])[ \u3000](?=[\u3040-\u30ff\u3400-\u9fff](?!\\S))"
)
_AND = re.compile(r"\s(?:and|&|n)\s")
_MEANING = re.compile("[\u30a1-\u30fa\u3400-\u9fffa-z]")
_TOPICS = (Topic.PRODUCT, Topic.DELIVERY, Topic.PACKING, Topic.DAMAGE, Topic.SELLER, Topic.PRICE)
_NEVER = 1e9
_OF_THE_WAY = frozenset({Topic.DELIVERY, Topic.PACKING, Topic.DAMAGE})


@dataclass(frozen=True, slots=True)
class _Words:
    """The patterns of one topic."""

    named: tuple[re.Pattern[str], ...]
    bare: tuple[re.Pattern[str], ...]
    faint: tuple[re.Pattern[str], ...]


def read_comment(text: str) -> tuple[CommentPart, ...]:
    """Split a comment and tell what each part is about; what is beyond `LENGTH` is an unknown part.

    Args:
        text: the buyer's comment as Amazon shows it.
    """
    return read_with(_model(), text)


def read_with(model: Model, text: str) -> tuple[CommentPart, ...]:
    """The same with another classifier, for measuring."""
    clauses = split_clauses(_SPACED.sub("", text[:LENGTH]))
    kept = clauses[:_CLAUSES]
    parts = [*find_personal(text[:LENGTH]), *_find_obscene(kept), *_find_exchanged(text[:LENGTH])]
    named = [(clause, _name(prepare(clause))) for clause in kept]
    surest = None if any(topics for _, topics in named) else _find_surest(model, kept)
    for clause, topics in named:
        least = _OPINION if clause == surest else _OPINION_BESIDE if surest is None else _OPINION_AMONG
        parts += _settle(model, clause, topics) if topics else [_guess(model, clause, least)]
    rest = text[LENGTH:].strip() or "".join(clauses[_CLAUSES:])
    return (*parts, *([CommentPart(rest[:LENGTH], Topic.UNKNOWN)] if rest else ()))


def _find_surest(model: Model, clauses: tuple[str, ...]) -> str | None:
    """The clause of which the classifier thinks most clearly that it is about something."""
    weighed = ((clause, _rank(weigh(model, prepare(clause)))) for clause in clauses)
    clear = [(ahead, clause) for clause, (topic, ahead) in weighed if topic is not Topic.NEUTRAL]
    return max(clear)[1] if clear else None


def prepare(text: str) -> str:
    """Width, case and apostrophes made one."""
    return fold_width(text).lower().replace("’", "'").strip()


def _find_obscene(clauses: tuple[str, ...]) -> Iterator[CommentPart]:
    """The clauses with words that nobody prints."""
    for clause in clauses:
        words = prepare(clause)
        if _hits("obscene", "strong", words):
            yield CommentPart(clause, Topic.OBSCENE, sure=True)
        elif _hits("obscene", "mild", words):
            yield CommentPart(clause, Topic.OBSCENE)


def _find_exchanged(text: str) -> Iterator[CommentPart]:
    """One thing ordered and another in the box, which takes more than a clause to say."""
    words = prepare(text)
    for pattern in _patterns("exchanged", "patterns"):
        if match := pattern.search(words):
            yield CommentPart(match[0], Topic.SELLER)


def _settle(model: Model, clause: str, named: list[Topic]) -> Iterator[CommentPart]:
    """What a clause is about that names its topics."""
    words = prepare(clause)
    against = len(words) > _LONG or _objects(weigh(model, words), named)
    against = against or _says_more(model, words, named) or _hides(words, named)
    for topic in named:
        yield CommentPart(clause, topic, sure=not against)
    if (Topic.SELLER not in named and _may_mean_the_seller(words)) or _may_mean_the_way(words, named):
        yield CommentPart(clause, Topic.UNKNOWN)


def _name(words: str) -> list[Topic]:
    """The topics that the rules find in a clause.

    A box that came crushed is the packing's matter, and how a courier behaves is the delivery's.
    """
    of_the_way = _without_asides(words)
    named = [
        topic
        for topic, known in _topics().items()
        if _hit(known.named, of_the_way if topic in _OF_THE_WAY else words)
    ]
    if Topic.PACKING in named:
        named = [topic for topic in named if topic is not Topic.DAMAGE]
    if Topic.DAMAGE in named and not _breaks_otherwise(words):
        named = [topic for topic in named if topic is not Topic.PRODUCT]
    if _is_of_the_way(of_the_way, named):
        named = [topic for topic in named if topic in _OF_THE_WAY]
    return named or [topic for topic, known in _topics().items() if _hit(known.bare, of_the_way)]


def _without_asides(words: str) -> str:
    """The words without what names the way and the wrapping, but complains of neither."""
    for pattern in _patterns("aside", "patterns"):
        words = pattern.sub(" ", words)
    return words


def _breaks_otherwise(words: str) -> bool:
    """Whether the product is spoken of beside the damage that it arrived with."""
    for pattern in _topics()[Topic.DAMAGE].named:
        words = pattern.sub(" ", words)
    return _hit(_topics()[Topic.PRODUCT].named, words)


def _is_of_the_way(words: str, named: list[Topic]) -> bool:
    """Whether a clause speaks of the carrier or the packing, and of neither goods nor shop."""
    of_the_way = Topic.PACKING in named or (Topic.DELIVERY in named and _hits("carrier", "people", words))
    return of_the_way and not _hits("carrier", "goods", words)


def _may_mean_the_way(words: str, named: list[Topic]) -> bool:
    """Whether something is late or quick, and nobody knows what, or a box is spoken of."""
    doubtful = (*_topics()[Topic.DELIVERY].bare, *_topics()[Topic.PACKING].faint)
    return not _OF_THE_WAY & set(named) and _hit(doubtful, words)


def _may_mean_the_seller(words: str) -> bool:
    known = _topics()[Topic.SELLER]
    return _hit(known.faint, words) or _hits(Topic.SELLER, "doubt", words)


def _hides(words: str, named: list[Topic]) -> bool:
    """Whether the product was named, too, and left out as the carrier's or the packing's matter."""
    if Topic.PRODUCT in named:
        return False
    doubtful = named == [Topic.DELIVERY] and (_hits(Topic.PRODUCT, "doubt", words) or _adds(words))
    return doubtful or _hit(_topics()[Topic.PRODUCT].named, words)


def _adds(words: str) -> bool:
    """Whether an "and" brings a word or two that are about no delivery."""
    sides = _AND.split(words)
    known = _topics()[Topic.DELIVERY]
    patterns = (*known.named, *known.bare, *known.faint)
    return len(sides) > 1 and not all(_hit(patterns, side) or _is_empty(side) for side in sides)


def _says_more(model: Model, words: str, named: list[Topic]) -> bool:
    """Whether what the rules leave of a clause sounds like something else."""
    patterns = (
        *_patterns("neutral", "patterns"),
        *(one for topic in named for one in _topics()[topic].named),
    )
    for pattern in patterns:
        words = pattern.sub(" ", words)
    left = _REST.sub("", words)
    return len(left) > _NOTHING and _objects(weigh(model, words), named, _MORE)


def _objects(weighed: Weighing, named: list[Topic], least: float = _CONTRADICTION) -> bool:
    """Whether the classifier is clearly for something else."""
    if weighed.known < _KNOWN:
        return False
    best = Topic(weighed.best)
    if best in named or best is Topic.NEUTRAL or (best in _OF_THE_WAY and _OF_THE_WAY & set(named)):
        return False
    scores = weighed.scores
    return scores[best] - max(scores.get(topic, -_NEVER) for topic in named) > least


def _guess(model: Model, clause: str, least: float) -> CommentPart:
    """The topic of a clause that names none; never sure, but that it says nothing."""
    words = prepare(clause)
    faint = [topic for topic, known in _topics().items() if _hit(known.faint, words)]
    if not faint and not _hits(Topic.SELLER, "doubt", words) and _is_empty(words):
        return CommentPart(clause, Topic.NEUTRAL, sure=True)
    best = _believe(weigh(model, words), least, thing=_hits(Topic.PRODUCT, "things", words))
    if best is Topic.UNKNOWN and faint == [Topic.SELLER]:
        best = Topic.SELLER
    return CommentPart(clause, best)


def _believe(weighed: Weighing, least: float, *, thing: bool) -> Topic:
    """What the classifier has an opinion of; a thing that is named makes the product likelier."""
    scores = dict(weighed.scores)
    scores[Topic.PRODUCT] = scores.get(Topic.PRODUCT, -_NEVER) + _LIKELIER + _THING * thing
    if weighed.known < _KNOWN:
        return Topic.PRODUCT if thing else Topic.UNKNOWN
    best, ahead = _rank(Weighing(scores, weighed.runs, weighed.known))
    return Topic.UNKNOWN if ahead < least or best is Topic.NEUTRAL else best


def _rank(weighed: Weighing) -> tuple[Topic, float]:
    """The likeliest topic, and how far it is ahead of the next."""
    first, second = sorted(weighed.scores.values(), reverse=True)[:2]
    return Topic(weighed.best), first - second


def _is_empty(words: str) -> bool:
    """Whether nothing is left of a clause without the words that go with every topic."""
    for pattern in _patterns("neutral", "patterns"):
        words = pattern.sub(" ", words)
    left = _REST.sub("", words)
    return len(left) <= _PARTICLES and not _MEANING.search(left)


def _hit(patterns: tuple[re.Pattern[str], ...], words: str) -> bool:
    return any(pattern.search(words) for pattern in patterns)


def _hits(table: str, name: str, words: str) -> bool:
    return _hit(_patterns(table, name), words)


@cache
def _topics() -> Mapping[Topic, _Words]:
    """The patterns of every topic that a clause may name."""
    return {
        topic: _Words(_patterns(topic, "named"), _patterns(topic, "bare"), _patterns(topic, "faint"))
        for topic in _TOPICS
    }


@cache
def _patterns(table: str, name: str) -> tuple[re.Pattern[str], ...]:
    """A list of the rules."""
    rules: Any = load_rules("comments")
    known = rules["topic"][table] if table in rules["topic"] else rules[table]
    return tuple(re.compile(source) for source in known.get(name, ()))


@cache
def _model() -> Model:
    """The classifier, loaded at first use."""
    return load(load_text(TABLE))
