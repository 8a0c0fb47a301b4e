"""Erases a buyer on request: the cases stay as numbers and times, nothing of the person does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from parsers.values import BuyerAlias
from state.model import CaseState
from state.outbox_rules import OutboxState

if TYPE_CHECKING:
    from daemon.work import Work
    from state.model import Case

_ON_ITS_WAY = (OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.SENDING, OutboxState.UNCERTAIN)


class ErasureRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """Nothing was erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    cases: int
    quarantined: int


def cases_of_buyer(
    work: Work, *, case: int | None = None, order: str | None = None, alias: str | None = None
) -> tuple[Case, ...]:
    """Every case of the buyer who is meant by one of these: all of his or hers, whatever the order.

    Raises:
        ErasureRefused: nobody is meant.
    """
    parsed = BuyerAlias.parse(alias)
    first = [work.uow.cases.get(case)] if case else []
    orders = [order] if order else []
    buyer_key = parsed.buyer_key if parsed else None
    if buyer_key or orders:
        first += work.uow.cases.related(case_key=None, buyer_key=buyer_key, order_ids=orders)
    named = {one.id: one for one in first if one is not None}
    keys = sorted({one.buyer_key for one in named.values() if one.buyer_key})
    named |= {one.id: one for one in work.uow.cases.with_buyer(keys)}
    if not named:
        raise ErasureRefused("当てはまる案件がありません。 / No case belongs to that.")
    return tuple(sorted(named.values(), key=lambda one: one.id))


def erase(work: Work, cases: tuple[Case, ...]) -> Erased:
    """Take the buyer of these cases out of everything that is stored.

    Raises:
        ErasureRefused: a case is unanswered, or a mail to the buyer may be on its way.
    """
    uow = work.uow
    for case in cases:
        _require_done(work, case)
    keys = {case.buyer_key for case in cases if case.buyer_key}
    numbers = [case.id for case in cases]
    uow.erasure.of_cases(numbers)
    quarantined = uow.erasure.of_quarantine(lambda sender: _buyer_key(sender) in keys, work.now)
    for case in cases:
        if case.state is not CaseState.CLOSED:
            uow.cases.change(case.id, state=CaseState.CLOSED, closed_at=work.now)
        uow.events.note(case.id, "erased", work.now)
    return Erased(len(cases), quarantined)


def _require_done(work: Work, case: Case) -> None:
    if case.state is CaseState.OPEN and any(one.unanswered for one in work.uow.messages.of_case(case.id)):
        raise ErasureRefused(
            f"案件 {case.id} は未回答です。回答するか、sokuresu no-reply-needed {case.id} としてください。"
            f" / Case {case.id} is unanswered: answer it, or say `sokuresu no-reply-needed {case.id}`."
        )
    if any(item.state in _ON_ITS_WAY for item in work.uow.outbox.of_case(case.id)):
        raise ErasureRefused(
            f"案件 {case.id} に、送信待ちか送れたか不明のメールがあります。sokuresu outbox をご確認ください。"
            f" / A mail of case {case.id} waits or is uncertain: settle it with `sokuresu outbox`."
        )


def _buyer_key(address: str) -> str | None:
    alias = BuyerAlias.parse(address)
    return None if alias is None else alias.buyer_key
