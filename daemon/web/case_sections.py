"""What stands on the page of a case beside the mail: calls, rating, return, refund, lesson, and ways on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.aftercare.agents import agents_of
from daemon.showing import refund_lines, return_lines
from daemon.showing.call_lines import call_lines
from daemon.showing.feedback_lines import summary_lines
from daemon.showing.lesson_lines import lesson_lines
from daemon.web.signposts import Words, signposted
from parsers.values import Kind
from state.model import CaseState
from state.steps import Matter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon.showing.reader import Reader
    from daemon.web.case_book import Book
    from daemon.work import Work
    from state.model import Case


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part beside the conversation.

    Attributes:
        title: in the reader's language.
        lines: each in its parts, commands replaced by links.
        address, link: the page about it, and what the link is called; empty where there is none.
    """

    title: str
    lines: tuple[tuple[Words, ...], ...]
    address: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A page on which something can be done about the case."""

    address: str
    name: str


def sections_of(work: Work, book: Book, reader: Reader) -> Iterator[Section]:
    """What was noted beside the mail; each is read only where there may be something."""
    case = book.case
    for source in _SOURCES:
        lines = source.lines_of(work, case, reader) if source.applies(book) else ()
        if lines:
            told = tuple(signposted(one, case.id, reader) for one in lines)
            address = source.address.format(n=case.id)
            yield Section(reader.say(*source.title), told, address, reader.say(*source.link))


def _calls(work: Work, case: Case, reader: Reader) -> tuple[str, ...]:
    return call_lines(work.uow.calls.of_case(case.id), work.uow.messages.of_case(case.id), reader)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a section comes from.

    Attributes:
        title: in Japanese and English.
        lines_of: tells it.
        applies: whether there may be something to tell.
        address, link: the page about it, ``{n}`` the case, and what the link is called.
    """

    title: tuple[str, str]
    lines_of: Callable[[Work, Case, Reader], tuple[str, ...]]
    applies: Callable[[Book], bool]
    address: str = ""
    link: tuple[str, str] = ("", "")


def _has(book: Book, kind: Kind) -> bool:
    return any(one.kind is kind for one in book.line.messages)


def _noted(book: Book, matter: Matter) -> bool:
    return any(step.matter is matter for step in book.steps)


_SOURCES = (
    _Source(("電話", "Telephone"), _calls, lambda book: _has(book, Kind.CALL)),
    _Source(
        ("評価", "Rating"),
        summary_lines,
        lambda book: _has(book, Kind.FEEDBACK) or book.case.rating is not None,
        "/feedback/{n}",
        ("評価の画面へ", "To the rating"),
    ),
    _Source(
        ("返品", "Return"),
        return_lines.section_lines,
        lambda book: _has(book, Kind.RETURN_REQUEST) or _noted(book, Matter.RETURN),
        "/case/{n}/return",
        ("返品の画面へ", "To the return"),
    ),
    _Source(
        ("返金", "Refund"),
        refund_lines.section_lines,
        lambda book: _noted(book, Matter.REFUND),
        "/case/{n}/refund",
        ("返金の画面へ", "To the refund"),
    ),
    _Source(
        ("原因と再発防止", "Cause and prevention"),
        lesson_lines,
        lambda book: book.case.state is not CaseState.OPEN,
    ),
)
"""In the order in which they stand."""


def deeds_of(work: Work, case: Case, reader: Reader) -> Iterator[Deed]:
    """The pages on which something else can be done about a case."""
    if agents_of(work.shop) and case.state is not CaseState.CLOSED:
        yield Deed(f"/case/{case.id}/inquiry", reader.say("委託先に問い合わせる", "Ask the shipping agent"))
    yield Deed(f"/case/{case.id}/return", reader.say("返品を記録する", "Note a return"))
    yield Deed(f"/case/{case.id}/refund", reader.say("返金額を計算する", "Work out a refund"))
    yield Deed(f"/case/{case.id}/support", reader.say("Amazonに相談する", "Ask Amazon's support"))
