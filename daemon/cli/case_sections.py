"""What `case N` shows besides the conversation: what to do, and what was noted beside the mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.advising import advise

if TYPE_CHECKING:
    from daemon.cli.showing import Reader
    from daemon.work import Work
    from state.model import Case


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the page.

    Attributes:
        title: in the reader's language.
        lines: clean of everything that a terminal obeys; empty where there is nothing to show.
    """

    title: str
    lines: tuple[str, ...]


Source = Callable[["Work", "Case", "Reader"], Section]


def sections_of(work: Work, case: Case, reader: Reader) -> tuple[Section, ...]:
    """The parts that have something to show for a case."""
    found = (source(work, case, reader) for source in SOURCES)
    return tuple(section for section in found if section.lines)


def _to_do(work: Work, case: Case, reader: Reader) -> Section:
    waiting = [one for one in work.uow.messages.of_case(case.id) if one.unanswered]
    lines = advise(work, case, waiting) if waiting else ()
    return Section(reader.say("すること", "To do"), tuple(f"・{line}" for line in lines))


SOURCES: tuple[Source, ...] = (_to_do,)
"""Each part, in the order in which they stand."""
