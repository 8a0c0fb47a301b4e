"""Erases a buyer on request: the cases stay as numbers and times, nothing of the person does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from daemon.errors import SokuresuError
from parsers.folding import fold
from parsers.mime import parse_mime
from parsers.order_ids import find_order_ids
from parsers.values import BuyerAlias
from state.model import CaseState
from state.outbox_rules import OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.work import Work
    from state.model import Case
    from state.unit_of_work import UnitOfWork

_ON_ITS_WAY = (OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.SENDING, OutboxState.UNCERTAIN)


class ErasureRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """Nothing was erased."""


_SHORTEST_NAME = 2
_SHORTEST_ASCII_NAME = 4
"""Characters of a name by which a mail may be told to be about somebody; shorter ones are in any text."""


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a text is told to be about a person.

    Attributes:
        orders: his or her orders.
        addresses: the parts of the aliases that stay the same, folded.
        names: as Amazon showed them, folded and without blanks.
    """

    orders: frozenset[str] = field(repr=False)
    addresses: frozenset[str] = field(repr=False)
    names: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, cases: Iterable[Case]) -> Self:
        """What these cases tell of their buyers."""
        known = tuple(cases)
        names = {_squeezed(case.buyer_name or "") for case in known}
        return cls(
            frozenset(order for case in known for order in case.order_ids),
            frozenset(fold(case.buyer_key.partition("@")[0]) for case in known if case.buyer_key),
            frozenset(name for name in names if _tells_somebody(name)),
        )

    def are_in(self, text: str) -> bool:
        """Whether a text is about the person; by the name alone only if it is about no other order."""
        orders = set(find_order_ids(text))
        if not orders.isdisjoint(self.orders):
            return True
        folded = fold(text)
        if any(address in folded for address in self.addresses):
            return True
        squeezed = _squeezed(folded)
        return not orders and any(name in squeezed for name in self.names)


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


def _tells_somebody(name: str) -> bool:
    return len(name) >= (_SHORTEST_ASCII_NAME if name.isascii() else _SHORTEST_NAME)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    cases: int
    quarantined: int


def cases_of_buyer(
    work: Work, *, case: int | None = None, order: str | None = None, alias: str | None = None
) -> tuple[Case, ...]:
    """Every case of the buyer who is meant by one of these: his or hers, and all about the same orders.

    A rating, a claim or a return names an order and no buyer.

    Raises:
        ErasureRefused: nobody is meant.
    """
    parsed = BuyerAlias.parse(alias)
    first = [work.uow.cases.get(case)] if case else []
    orders = [order] if order else []
    buyer_key = parsed.buyer_key if parsed else None
    if buyer_key or orders:
        first += work.uow.cases.related(case_key=None, buyer_key=buyer_key, order_ids=orders)
    named = _belonging(work.uow, [one for one in first if one is not None])
    if not named:
        raise ErasureRefused("当てはまる案件がありません。 / No case belongs to that.")
    return tuple(sorted(named, key=lambda one: one.id))


def _belonging(uow: UnitOfWork, cases: Iterable[Case]) -> tuple[Case, ...]:
    """These cases and all that share a buyer or an order with one of them, until there are no more."""
    found = {one.id: one for one in cases}
    known = 0
    while len(found) > known:
        known = len(found)
        keys = sorted({one.buyer_key for one in found.values() if one.buyer_key})
        orders = sorted({order for one in found.values() for order in one.order_ids})
        found |= {one.id: one for one in uow.cases.with_buyer(keys)}
        found |= {one.id: one for one in uow.cases.with_orders(orders)}
    return tuple(found.values())


def erase(work: Work, cases: tuple[Case, ...]) -> Erased:
    """Take the buyer of these cases out of everything that is stored.

    Raises:
        ErasureRefused: a case is unanswered, or a mail to the buyer may be on its way.
    """
    uow = work.uow
    for case in cases:
        _require_done(work, case)
    traces = Traces.of(cases)
    numbers = [case.id for case in cases]
    uow.erasure.of_cases(numbers)
    uow.erasure.of_notices(traces.are_in)
    quarantined = uow.erasure.of_quarantine(
        lambda heads, content: traces.are_in(heads) or traces.are_in(_readable(content)), work.now
    )
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


def _readable(content: bytes) -> str:
    """All words of a mail that can be found in it; one that cannot be parsed is searched as it is."""
    raw = content.decode("utf-8", "replace")
    try:
        mail = parse_mime(content)
    except Exception:  # noqa: BLE001 - it may lie in quarantine for that very reason
        return raw
    return "\n".join((mail.envelope.subject, mail.plain or "", mail.html or "", raw))
