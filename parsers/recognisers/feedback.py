"""A buyer rated the seller: Amazon's notice by assumed rules, other senders by the seller's own rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from parsers.fields import read_column, read_field
from parsers.folding import fold_width
from parsers.layout import cut_footer
from parsers.order_ids import find_order_ids
from parsers.rules import load_rules
from parsers.values import FeedbackNotice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsers.evidence import Evidence
    from parsers.values import FeedbackRule, OrderId

_STARS = re.compile(r"(?<![★⭐✭])([★⭐✭]{1,5})[☆✩]{0,4}(?![★⭐✭])")
_NESTED = re.compile(r"\([^()]*(?:[+*]|\{\d*,\})[^()]*\)(?:[+*]|\{\d*,\})")
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_TEXT_LENGTH = 4000
_LINE_LENGTH = 300
_PATTERN_LENGTH = 500
_BEST = 5


@dataclass(frozen=True, slots=True)
class _Wording:
    """The shipped rules, compiled once."""

    confidence: str
    subject: tuple[re.Pattern[str], ...]
    body: tuple[re.Pattern[str], ...]
    requests: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]
    rating: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a notice says: the buyer's comment, and Amazon's text around it."""

    comment: str | None
    around: str


def recognise(evidence: Evidence) -> FeedbackNotice | None:
    """Read a notice of a rating; a word in Amazon's footer never makes one, nor does a buyer's message."""
    own = next((rule for rule in evidence.trust.feedback_rules if _fits(rule, evidence)), None)
    if own:
        return _own_notice(evidence, own)
    if not evidence.from_amazon or evidence.alias or evidence.from_marketplace:
        return None
    return _amazon_notice(evidence)


def check_feedback_rule(rule: FeedbackRule) -> None:
    """Say what is wrong with a seller's rule before it meets a mail.

    Raises:
        ValueError: the sender is no address, a pattern does not compile, has no group where one is needed, is
            too long, or repeats a repetition, which hostile text can make run for hours.
    """
    if not _ADDRESS.fullmatch(rule.sender):
        raise ValueError(f"the sender of a feedback rule is no mail address: {rule.sender!r}")
    for name, pattern in (("subject", rule.subject), ("rating", rule.rating)):
        if pattern is not None:
            _check_pattern(name, pattern)
    if rule.rating is not None and re.compile(rule.rating).groups < 1:
        raise ValueError("the rating pattern of a feedback rule needs a group that holds the rating")


def _check_pattern(name: str, pattern: str) -> None:
    """Refuse a pattern that does not compile or may not be run on a stranger's text."""
    if len(pattern) > _PATTERN_LENGTH:
        raise ValueError(f"the {name} pattern of a feedback rule is longer than {_PATTERN_LENGTH} characters")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(
            f"the {name} pattern of a feedback rule is no regular expression: {error}"
        ) from error
    if _NESTED.search(pattern):
        raise ValueError(f"the {name} pattern of a feedback rule repeats a repetition, such as (a+)+")


def read_rating(texts: Iterable[str], patterns: Iterable[re.Pattern[str]] | None = None) -> int | None:
    """The first rating from 1 to 5 that the texts name, as digit, as word or as stars; None if none does."""
    chosen = _wording().rating if patterns is None else tuple(patterns)
    for text in texts:
        lines = [fold_width(line[:_LINE_LENGTH]) for line in text[:_TEXT_LENGTH].split("\n") if line.strip()]
        # A rating may stand on the line below its label, so two lines are looked at together.
        pairs = [f"{line} {below}" for line, below in zip(lines, [*lines[1:], ""], strict=False)]
        found = _first_rating(lines, chosen) or _first_rating(pairs, chosen)
        if found:
            return found
    return None


def _amazon_notice(evidence: Evidence) -> FeedbackNotice | None:
    """Amazon's own notice, by the shipped rules."""
    subject, text = evidence.subject, cut_footer(evidence.text)
    if _hits((*_wording().requests, *_wording().exclude), subject):
        return None
    words = fold_width(text[:_TEXT_LENGTH])
    by_subject = _hits(_wording().subject, subject)
    if not by_subject and not _hits(_wording().body, words):
        return None
    read = _read(evidence, text)
    order_ids = find_order_ids(f"{subject}\n{read.around}")
    rating = read_rating((subject, read.around))
    if not _is_enough(rating, order_ids, by_subject=by_subject) or (
        not rating and _hits(_wording().requests, words)
    ):
        return None
    frame = evidence.frame(
        order_ids, f"feedback/{'subject' if by_subject else 'body'}", _wording().confidence
    )
    return FeedbackNotice(frame, rating, read.comment or "")


def _is_enough(rating: int | None, order_ids: tuple[OrderId, ...], *, by_subject: bool) -> bool:
    """A telling subject needs one fact beside it, a sentence in the text needs two."""
    facts = (rating is not None) + bool(order_ids)
    return facts >= (1 if by_subject else 2)


def _own_notice(evidence: Evidence, rule: FeedbackRule) -> FeedbackNotice:
    """A notice that one of the seller's own rules names."""
    text = cut_footer(evidence.text)
    read = _read(evidence, text)
    order_ids = find_order_ids(f"{evidence.subject}\n{read.around}")
    patterns = (_compile(rule.rating),) if rule.rating else None
    rating = read_rating((evidence.subject, read.around), patterns)
    frame = evidence.frame(order_ids, "feedback/own", "assumed")
    return FeedbackNotice(frame, rating, text.strip() if read.comment is None else read.comment)


def _fits(rule: FeedbackRule, evidence: Evidence) -> bool:
    """Whether a mail comes from the rule's sender and carries its subject; a known type always wins."""
    if rule.sender.lower() != evidence.sender or evidence.mail.several_senders:
        return False
    if evidence.declared_type and evidence.rule:
        return False
    return rule.subject is None or bool(_compile(rule.subject).search(evidence.subject))


def _read(evidence: Evidence, text: str) -> _Read:
    """The comment, from a labelled line or the column of a table, and the text without it."""
    labels = load_rules("feedback")["labels"]
    column = read_column(evidence.mail.html, labels["comment"]) if evidence.mail.html else ()
    if column:
        # A cell stands far from its heading in the text, so the rating is put back beside its name.
        ratings = "".join(
            f"\n評価: {cell}" for cell in read_column(evidence.mail.html or "", labels["rating"])
        )
        return _Read("\n".join(column), _blank_out(text, column) + ratings)
    field = read_field(text, labels["comment"], labels["other"])
    return _Read(field.value, field.rest) if field else _Read(None, text)


def _blank_out(text: str, cells: Iterable[str]) -> str:
    """The text without these pieces."""
    for cell in cells:
        text = text.replace(cell, " ")
    return text


def _first_rating(lines: Iterable[str], patterns: Iterable[re.Pattern[str]]) -> int | None:
    """The first rating in these lines; the surer patterns are asked before the looser ones."""
    kept = list(lines)
    for pattern in patterns:
        for line in kept:
            found = pattern.search(line)
            if found and (rating := _rating(found[1])):
                return rating
    stars = next((found for line in kept if (found := _STARS.search(line))), None)
    return len(stars[1]) if stars else None


def _rating(word: str | None) -> int | None:
    """A digit, a word or a row of stars as a number from 1 to 5."""
    folded = (word or "").strip().casefold()
    if folded.isdecimal():
        return int(folded) if len(folded) == 1 and 1 <= int(folded) <= _BEST else None
    stars = sum(folded.count(star) for star in "★⭐✭")
    known = load_rules("feedback")["rating_words"].get(folded)
    return known or (stars if 1 <= stars <= _BEST else None)


def _hits(patterns: Iterable[re.Pattern[str]], text: str) -> bool:
    """Whether one of the patterns is in the text."""
    return any(pattern.search(text) for pattern in patterns)


@cache
def _wording() -> _Wording:
    """The shipped rules."""
    table = load_rules("feedback")
    lists = (
        tuple(map(_compile, table[name])) for name in ("subject", "body", "requests", "exclude", "rating")
    )
    return _Wording(table["confidence"], *lists)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """A pattern without regard to case, compiled once."""
    return re.compile(pattern, re.IGNORECASE)
