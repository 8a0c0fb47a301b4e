"""Turning a context into the words that are sent. Reads nothing but its own template files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader

from templates import cleaning, urgency
from templates.contexts import (
    AcknowledgmentContext,
    AlertContext,
    AnswerContext,
    RenderedAlert,
    RenderedAnswer,
)
from templates.marks import DRAFT_MARK, QUOTE_MARK
from templates.proofs import explain_proof
from templates.sandbox import Environment, render_bounded
from templates.wording import English, Japanese, Wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from templates.contexts import AlertCase, AlertEvent
    from templates.urgency import Summary

ACKNOWLEDGMENT_LIMIT = 4_000
"""Characters; what Amazon is said to accept in one message."""

ALERT_LIMIT = 300_000
ANSWER_LIMIT = 30_000
SUBJECT_LIMIT = 150
BRIEF_LIMIT = 1_500
DETAILED_CASES = 20
SHORT_CASES = 300
EVENTS_SHOWN = 30

_FOLDER = Path(__file__).parent / "mail"
_WORDINGS: dict[str, Wording] = {"ja": Japanese(), "en": English()}
LANGUAGES = frozenset(_WORDINGS)
"""The languages with templates; others are asked for by nobody but a mistake."""


@dataclass(frozen=True, slots=True)
class _Listing:
    """How much of a long list is told: the first in full, the next in a line each, the rest as a number."""

    detailed: tuple[AlertCase, ...]
    short: tuple[AlertCase, ...]
    untold: int
    before_opening: tuple[AlertCase, ...]
    before_opening_untold: int
    events: tuple[AlertEvent, ...]
    events_untold: int
    cases_of_events: frozenset[int]


def _listing(context: AlertContext, numbers: Summary) -> _Listing:
    told = DETAILED_CASES + SHORT_CASES
    pressing = numbers.before_opening
    return _Listing(
        detailed=context.cases[:DETAILED_CASES],
        short=context.cases[DETAILED_CASES:told],
        untold=max(0, len(context.cases) - told),
        before_opening=pressing[:DETAILED_CASES],
        before_opening_untold=max(0, len(pressing) - DETAILED_CASES),
        events=context.events[:EVENTS_SHOWN],
        events_untold=max(0, len(context.events) - EVENTS_SHOWN),
        cases_of_events=frozenset(one.case_number for one in context.events if one.case_number is not None),
    )


def _actions(cases: Iterable[AlertCase]) -> frozenset[str]:
    """What can be commanded with one tap in this mail."""
    return frozenset(offer.action for case in cases for offer in case.offers)


def _quoted(text: str) -> str:
    """Mark every line as a stranger's, so that none can pass for one of ours."""
    return "\n".join(QUOTE_MARK + line for line in text.split("\n"))


def _drafted(text: str) -> str:
    """Mark every line as the draft's, so that none can pass for one of ours; a very long one is cut."""
    lines = text[: cleaning.DRAFT_LIMIT].split("\n")[: cleaning.DRAFT_LINES]
    return "\n".join(DRAFT_MARK + line for line in lines)


@cache
def _environment(language: str) -> Environment:
    """The templates of one language; compiled once and kept.

    Raises:
        ValueError: there are no templates in this language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no templates in {language!r}; there are {', '.join(sorted(LANGUAGES))}")
    wording = _WORDINGS[language]
    environment = Environment(FileSystemLoader(_FOLDER / language))
    environment.filters |= {
        "moment": wording.moment,
        "zone": wording.zone,
        "left": wording.left,
        "ago": wording.ago,
        "quoted": _quoted,
        "drafted": _drafted,
        "is_long": cleaning.is_long,
        "proof": partial(explain_proof, language=language),
    }
    return environment


def _print(language: str, name: str, values: dict[str, object], limit: int) -> str:
    """One text, without blanks at line ends and with at most one empty line at a stretch."""
    template = _environment(language).get_template(f"{name}.j2")
    return cleaning.paragraphs(render_bounded(template, values, limit)).rstrip("\n")


def render_acknowledgment(context: AcknowledgmentContext, language: str) -> str:
    """Say in `language` (``ja``, ``en``) that a message came, is being checked, and is answered by when.

    Plain text under 4,000 characters with nothing in it that Amazon forbids: no link, no address, no
    number but the order's, no symbol, no word on ratings, at most two line ends in a row.

    Raises:
        ValueError: there are no templates in this language.
    """
    values: dict[str, object] = {"context": cleaning.acknowledgment(context)}
    return _print(language, "acknowledgment", values, ACKNOWLEDGMENT_LIMIT) + "\n"


def render_alert(context: AlertContext, language: str) -> RenderedAlert:
    """Tell the owner in `language` (``ja``, ``en``) what waits, how long still, and what to do.

    Works for any number of cases: the first 20 in full, the next 300 in a line each, the rest counted.

    Raises:
        ValueError: there are no templates in this language.
    """
    clean = cleaning.alert(context)
    numbers = urgency.summary(clean)
    listing = _listing(clean, numbers)
    values: dict[str, object] = {
        "context": clean,
        "now": clean.now,
        "summary": numbers,
        "listing": listing,
        "actions": _actions(listing.detailed),
        "waiting": clean.quarantined + clean.unproven + clean.uncertain,
    }
    subject = _print(language, "alert_subject", values, ALERT_LIMIT)
    return RenderedAlert(
        subject=cleaning.one_line(subject, SUBJECT_LIMIT),
        text=_print(language, "alert_text", values, ALERT_LIMIT) + "\n",
        brief=_print(language, "alert_brief", values, BRIEF_LIMIT),
    )


def render_answer(context: AnswerContext, language: str) -> RenderedAnswer:
    """Tell the owner in `language` (``ja``, ``en``) what a command mail did, and first what it did not do.

    Raises:
        ValueError: there are no templates in this language.
    """
    clean = cleaning.answer(context)
    values: dict[str, object] = {"context": clean, "actions": _actions([clean.case] if clean.case else [])}
    subject = _print(language, "answer_subject", values, ANSWER_LIMIT)
    return RenderedAnswer(
        subject=cleaning.one_line(subject, SUBJECT_LIMIT),
        text=_print(language, "answer_text", values, ANSWER_LIMIT) + "\n",
    )
