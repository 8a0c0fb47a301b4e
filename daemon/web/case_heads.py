"""The head of every page that belongs to a case: whose it is, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from daemon.showing.reader import clean
from state.model import CaseState

if TYPE_CHECKING:
    from daemon.work import Work
    from state.model import Case

LARGEST = 2**31 - 1
"""No row has a larger number, and databases refuse to look for one."""


@dataclass(frozen=True, slots=True)
class CaseHead:
    """What is said of a case on top of such a page.

    Attributes:
        number: the case's.
        buyer: the buyer's name, made harmless; empty where nobody knows it.
        orders: the order numbers.
        closed: nothing is sent to the buyer of it any more.
    """

    number: int
    buyer: str = field(repr=False)
    orders: tuple[str, ...]
    closed: bool


def met(work: Work, number: int) -> Case:
    """The case that a page's path names.

    Raises:
        HTTPException: there is none.
    """
    case = work.uow.cases.get(number) if number <= LARGEST else None
    if case is None:
        raise HTTPException(404)
    return case


def head_of(case: Case) -> CaseHead:
    """What is said of it."""
    orders = tuple(clean(one) for one in case.order_ids)
    return CaseHead(case.id, clean(case.buyer_name), orders, case.state is CaseState.CLOSED)
