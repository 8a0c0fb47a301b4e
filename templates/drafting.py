"""The draft of an answer, which a person reads and sends: words for a situation, and advice beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.advising import advice
from templates.contexts import FULFILMENTS, SITUATIONS, DraftContext
from templates.own_templates import NothingPrinted, OwnTemplates, TemplateFault, strange_names
from templates.sandbox import Environment, only_known, render_bounded
from templates.situations import is_late, situation_of
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import BaseLoader

__all__ = ["DraftTemplates", "RenderedDraft", "TemplateFault", "advice", "situation_of"]

DRAFT_LIMIT = 4_000
"""Characters; what Amazon is said to accept in one message."""

LANGUAGES = frozenset({"ja", "en"})
UNDRAFTED = frozenset({"thanks", "escalation"})
DRAFTED = SITUATIONS - UNDRAFTED
NAMES = frozenset({"parts.j2", *(f"{situation}.j2" for situation in DRAFTED)})
"""The files of one language."""

_FOLDER = Path(__file__).parent / "drafts"
_PHOTOS = (".jpg", ".jpeg", ".png", ".heic", ".heif", ".gif", ".webp", ".bmp", ".tif", ".tiff")


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
    """The templates of drafts: the user's where there is one that works, else ours.

    The user's folder holds ``ja/`` and ``en/`` with files of the same names as ours; ``parts.j2`` is what the
    letters share. It is read anew each time, so that a change is seen at once.

    Args:
        folder: the user's; None for ours alone. It need not exist.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def render(self, context: DraftContext, language: str) -> RenderedDraft | None:
        """Draft the answer in `language` (``ja``, ``en``); None where there is nothing to draft.

        Where the user's own template is at fault, ours is used and the fault is told with it.

        Raises:
            ValueError: there are no templates in this language.
        """
        builtin = _builtin(language)
        if context.situation in UNDRAFTED:
            return None
        name = f"{context.situation}.j2"
        template = f"{language}/{name}"
        own = self._own(language)
        if own is None or not own.concerns(name):
            return RenderedDraft(_print(builtin, name, context), template)
        try:
            return RenderedDraft(_print(_environment(own, language), name, context), template)
        except Exception as error:  # noqa: BLE001 - whatever a user's template does must not stop an answer
            return RenderedDraft(_print(builtin, name, context), template, own.fault(error, name))

    def is_own(self, situation: str, language: str) -> bool:
        """Whether the user's folder has a say in this letter, by a file of its own or what letters share."""
        own = self._own(language)
        return own is not None and own.concerns(f"{situation}.j2")

    def faults(self) -> tuple[TemplateFault, ...]:
        """Every faulty file of the user's folder: strange names, and what fails when it is tried out."""
        if self._folder is None:
            return ()
        found = list(strange_names(self._folder, LANGUAGES, NAMES))
        for language in sorted(LANGUAGES):
            own = OwnTemplates(self._folder, language, _FOLDER, NAMES)
            found += _trial_faults(own, language)
        return tuple(found)

    def _own(self, language: str) -> OwnTemplates | None:
        return None if self._folder is None else OwnTemplates(self._folder, language, _FOLDER, NAMES)


def _trial_faults(own: OwnTemplates, language: str) -> list[TemplateFault]:
    """What fails when every template that the user's files concern is rendered; one fault a file."""
    found: dict[str, TemplateFault] = {}
    environment = _environment(own, language)
    for situation in sorted(DRAFTED):
        name = f"{situation}.j2"
        for context in _trials(situation) if own.concerns(name) else ():
            try:
                _print(environment, name, context)
            except Exception as error:  # noqa: BLE001 - whatever it does, the person is told
                fault = own.fault(error, name)
                found.setdefault(fault.file, fault)
                break
    return list(found.values())


def _trials(situation: str) -> Iterator[DraftContext]:
    """Contexts in which everything is known, nothing is, and much time has gone."""
    order, day = "250-0000000-0000000", date(2026, 1, 31)
    for fulfilment in sorted(FULFILMENTS):
        yield DraftContext("店", None, None, situation, fulfilment)
        bought = ("充電式ランタン", "3,980円")
        yield DraftContext(
            "店", "佐藤 花子", order, situation, fulfilment, day, 9, day, 5, 1, ("a.jpg",), *bought
        )
        yield DraftContext("店", "Hanako", order, situation, fulfilment, day, 400, None, None, 9, ("a.pdf",))
        yield DraftContext("", "花子", order, situation, fulfilment, None, None, day, 390)


def _print(environment: Environment, name: str, context: DraftContext) -> str:
    clean = cleaning.draft(context)
    values: dict[str, object] = {
        "context": clean,
        "late": is_late(clean.days_since_delivery, clean.days_since_purchase),
        "sent": _sent(clean.attachments),
    }
    text = cleaning.paragraphs(render_bounded(environment.get_template(name), values, DRAFT_LIMIT))
    if not text.strip():
        raise NothingPrinted
    return text


def _sent(attachments: tuple[str, ...]) -> str:
    """What the buyer sent: ``photo``, another ``file``, or nothing."""
    if any(one.lower().endswith(_PHOTOS) for one in attachments):
        return "photo"
    return "file" if attachments else ""


@cache
def _builtin(language: str) -> Environment:
    """Our own templates of one language; compiled once and kept."""
    if language not in LANGUAGES:
        raise ValueError(f"no templates in {language!r}; there are {', '.join(sorted(LANGUAGES))}")
    return _environment(FileSystemLoader(_FOLDER / language), language)


def _environment(loader: BaseLoader, language: str) -> Environment:
    environment = Environment(loader, only_known)
    environment.filters["day"] = LONG_DAYS[language]
    return environment
