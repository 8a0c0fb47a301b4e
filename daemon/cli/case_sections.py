"""What `case N` shows besides the conversation: what to do, and what was noted beside the mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.aftercare.advising import advise
from daemon.showing import refund_lines, return_lines
from daemon.showing.call_lines import call_lines
from daemon.showing.feedback_lines import summary_lines
from daemon.showing.lesson_lines import lesson_lines
from daemon.showing.order_lines import order_lines

if TYPE_CHECKING:
    from daemon.showing.reader import Reader
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


def _lesson(work: Work, case: Case, reader: Reader) -> Section:
    return Section(reader.say("原因と再発防止", "Cause and prevention"), lesson_lines(work, case, reader))


def _order(work: Work, case: Case, reader: Reader) -> Section:
    return Section(reader.say("注文", "Order"), order_lines(work, case, reader))


def _telephone(work: Work, case: Case, reader: Reader) -> Section:
    calls = work.uow.calls.of_case(case.id)
    lines = call_lines(calls, work.uow.messages.of_case(case.id), reader) if calls else ()
    return Section(reader.say("電話", "Telephone"), lines)


def _return(work: Work, case: Case, reader: Reader) -> Section:
    return Section(reader.say("返品", "Return"), return_lines.section_lines(work, case, reader))


def _refund(work: Work, case: Case, reader: Reader) -> Section:
    return Section(reader.say("返金", "Refund"), refund_lines.section_lines(work, case, reader))


def _rating(work: Work, case: Case, reader: Reader) -> Section:
    return Section(reader.say("評価", "Rating"), summary_lines(work, case, reader))


SOURCES: tuple[Source, ...] = (_to_do, _order, _lesson, _telephone, _return, _refund, _rating)
"""Each part, in the order in which they stand."""
