"""The draft of an answer, which a person reads and sends: words for a situation, and advice beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.advising import advice
from templates.contexts import SITUATIONS
from templates.sandbox import Environment, render_bounded
from templates.situations import is_late, situation_of

if TYPE_CHECKING:
    from datetime import date

    from templates.contexts import DraftContext

__all__ = ["DraftTemplates", "RenderedDraft", "TemplateFault", "advice", "situation_of"]

DRAFT_LIMIT = 4_000
"""Characters; what Amazon is said to accept in one message."""

LANGUAGES = frozenset({"ja", "en"})
UNDRAFTED = frozenset({"thanks", "escalation"})
DRAFTED = SITUATIONS - UNDRAFTED

_FOLDER = Path(__file__).parent / "drafts"
_PHOTOS = (".jpg", ".jpeg", ".png", ".heic", ".heif", ".gif", ".webp", ".bmp", ".tif", ".tiff")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong with a file in the user's folder.

    Attributes:
        file: the folder as it was given, and the file's name in it.
        line: where; None where no line is to blame.
        reason: one line in Japanese and English.
    """

    file: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class RenderedDraft:
    """A draft in words.

    Attributes:
        text: plain text; 〔…〕 is a blank that a person fills in before it may go.
        template: its language and file, such as ``ja/damaged.j2``.
        fault: why the user's own template was left aside; None if it was not.
    """

    text: str
    template: str
    fault: TemplateFault | None = None


class DraftTemplates:
    """The templates of drafts: the user's where there is one that works, else ours."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def render(self, context: DraftContext, language: str) -> RenderedDraft | None:
        """Draft the answer in `language` (``ja``, ``en``); None where there is nothing to draft.

        Raises:
            ValueError: there are no templates in this language.
        """
        environment = _builtin(language)
        if context.situation in UNDRAFTED:
            return None
        name = f"{context.situation}.j2"
        return RenderedDraft(_print(environment, name, context), f"{language}/{name}")

    def faults(self) -> tuple[TemplateFault, ...]:
        """Every faulty file of the user's folder."""
        return ()


def _print(environment: Environment, name: str, context: DraftContext) -> str:
    clean = cleaning.draft(context)
    values: dict[str, object] = {
        "context": clean,
        "late": is_late(clean.days_since_delivery, clean.days_since_purchase),
        "sent": _sent(clean.attachments),
    }
    return cleaning.paragraphs(render_bounded(environment.get_template(name), values, DRAFT_LIMIT))


def _sent(attachments: tuple[str, ...]) -> str:
    """What the buyer sent: ``photo``, another ``file``, or nothing."""
    if any(one.lower().endswith(_PHOTOS) for one in attachments):
        return "photo"
    return "file" if attachments else ""


def _japanese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _english_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@cache
def _builtin(language: str) -> Environment:
    """Our own templates of one language; compiled once and kept."""
    if language not in LANGUAGES:
        raise ValueError(f"no templates in {language!r}; there are {', '.join(sorted(LANGUAGES))}")
    environment = Environment(FileSystemLoader(_FOLDER / language))
    environment.filters["day"] = _japanese_day if language == "ja" else _english_day
    return environment
