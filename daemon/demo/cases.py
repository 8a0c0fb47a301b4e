"""The cases of the story, found by their buyers and orders, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.demo.stage import DemoFailure
from daemon.demo.words import ANSWERED, RATING_LEFT, UNANSWERED
from parsers.values import BuyerAlias, Kind
from state.model import CaseState

if TYPE_CHECKING:
    from daemon.demo.mails import Buyer
    from daemon.demo.words import Line
    from state.model import Case
    from state.unit_of_work import UnitOfWork


def case_of_buyer(uow: UnitOfWork, buyer: Buyer) -> Case:
    """The only case of a buyer.

    Raises:
        DemoFailure: there is none, or there are several.
    """
    alias = BuyerAlias.parse(buyer.alias)
    return _only(uow.cases.with_buyer([alias.buyer_key] if alias else []), buyer.name)


def case_of_order(uow: UnitOfWork, order: str) -> Case:
    """The only case of an order.

    Raises:
        DemoFailure: there is none, or there are several.
    """
    return _only(uow.cases.related(case_key=None, buyer_key=None, order_ids=[order]), order)


def standing(uow: UnitOfWork, case: Case) -> Line:
    """Where a case stands, in words."""
    if case.state is not CaseState.OPEN:
        return ANSWERED.filled(case=case.id)
    waiting = {one.kind for one in uow.messages.of_case(case.id) if one.unanswered}
    return (RATING_LEFT if waiting == {Kind.FEEDBACK} else UNANSWERED).filled(case=case.id)


def _only(cases: tuple[Case, ...], whose: str) -> Case:
    if len(cases) != 1:
        raise DemoFailure(f"{whose}: 案件が{len(cases)}件あります / there are {len(cases)} cases")
    return cases[0]
