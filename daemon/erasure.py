"""Erases a buyer on request: the cases stay as numbers and times, nothing of the person does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from daemon.aftercare.calls import calls_from
from daemon.errors import SokuresuError
from parsers.folding import fold
from parsers.mime import parse_mime
from parsers.order_ids import find_order_ids
from parsers.values import BuyerAlias
from state.model import CaseState
from state.outbox_rules import OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daemon.work import Work
    from state.calls import Call
    from state.model import Case
    from state.unit_of_work import UnitOfWork

_CASE_NUMBER = re.compile(r"(?:案件|[Cc]ase) ?([0-9]{1,12})")
"""As every alert names the cases that it tells of."""

_ON_ITS_WAY = (OutboxState.QUEUED, OutboxState.DEFERRED, OutboxState.SENDING, OutboxState.UNCERTAIN)


class ErasureRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """Nothing was erased."""


_SHORTEST_NAME = 2
_SHORTEST_ASCII_NAME = 4
"""Characters of a name by which a mail may be told to be about somebody; shorter ones are in any text."""

_NOBODYS = tuple(
    map(
        fold,
        (
            *("amazon", "アマゾン", "カスタマー", "購入者", "お客", "本人", "男性", "女性"),
            *("不明", "匿名", "非通知", "customer", "buyer", "unknown", "anonymous", "caller"),
        ),
    )
)
"""Stand in what Amazon calls many buyers, and in what is noted of a caller who gave no name."""


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
    def of(cls, buyer: Buyer, calls: Sequence[Call]) -> Self:
        """What the cases, orders and telephone calls of a buyer tell."""
        names = {_squeezed(case.buyer_name or "") for case in buyer.cases}
        names |= {_squeezed(call.caller) for call in calls}
        aliases = {fold(case.buyer_key.partition("@")[0]) for case in buyer.cases if case.buyer_key}
        return cls(
            buyer.orders,
            frozenset(aliases | {fold(call.address) for call in calls if call.address}),
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
    if any(word in name for word in _NOBODYS):
        return False
    return len(name) >= (_SHORTEST_ASCII_NAME if name.isascii() else _SHORTEST_NAME)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    cases: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Buyer:
    """All by which a buyer is known here.

    Attributes:
        cases: his or hers, and all about the same orders; oldest first.
        orders: named by these cases, or in reports by the same digest.
        prints: these digests.
    """

    cases: tuple[Case, ...]
    orders: frozenset[str] = field(repr=False)
    prints: frozenset[str] = field(repr=False)


def buyer_of(
    work: Work,
    *,
    case: int | None = None,
    order: str | None = None,
    alias: str | None = None,
    number: str | None = None,
) -> Buyer:
    """The buyer who is meant by one of these: a case, an order, an alias, a telephone number.

    A rating, a claim or a return names an order and no buyer; an order may be known without any case.

    Raises:
        ErasureRefused: nobody is meant.
    """
    cases = _named_cases(work, case, alias, number)
    buyer = _belonging(work.uow, cases, frozenset(find_order_ids(order or "")))
    known = work.uow.erasure.known_of(buyer.orders, buyer.prints)
    if not buyer.cases and not known.orders:
        raise ErasureRefused("当てはまる案件も注文もありません。 / No case and no order belongs to that.")
    return buyer


def _named_cases(work: Work, case: int | None, alias: str | None, number: str | None) -> list[Case]:
    parsed = BuyerAlias.parse(alias)
    numbers = {case} if case else set()
    numbers |= {call.case_id for call in calls_from(work.uow.calls.all(), number)} if number else set()
    named = [one for number in numbers if (one := work.uow.cases.get(number)) is not None]
    return [*named, *work.uow.cases.with_buyer([parsed.buyer_key] if parsed else [])]


def _belonging(uow: UnitOfWork, cases: Iterable[Case], named: frozenset[str]) -> Buyer:
    """These cases and orders, and all that share a buyer or an order with them, until there are no more."""
    found = {one.id: one for one in cases}
    orders, prints = named, frozenset[str]()
    size = -1
    while size < len(found) + len(orders) + len(prints):
        size = len(found) + len(orders) + len(prints)
        keys = sorted({one.buyer_key for one in found.values() if one.buyer_key})
        known = uow.erasure.known_of(orders, prints)
        found |= {one.id: one for one in uow.cases.with_buyer(keys)}
        found |= {one.id: one for one in uow.cases.with_orders(sorted(orders))}
        found |= {number: one for number in known.cases if (one := uow.cases.get(number)) is not None}
        orders |= known.orders.union(*(one.order_ids for one in found.values()))
        prints |= known.prints
    return Buyer(tuple(found[number] for number in sorted(found)), orders, prints)


def erase(work: Work, buyer: Buyer) -> Erased:
    """Take a buyer out of everything that is stored.

    Raises:
        ErasureRefused: a case is unanswered, or a mail to the buyer, or about them, may be on its way.
    """
    uow = work.uow
    for case in buyer.cases:
        _require_done(work, case)
    traces = Traces.of(buyer, [call for case in buyer.cases for call in uow.calls.of_case(case.id)])
    numbers = [case.id for case in buyer.cases]
    _require_told(uow, traces, numbers)
    uow.erasure.of_cases(numbers)
    uow.erasure.of_orders(buyer.orders, buyer.prints, numbers)
    uow.erasure.of_notices(traces.are_in)
    quarantined = uow.erasure.of_quarantine(
        lambda heads, content: traces.are_in(heads) or traces.are_in(_readable(content)), work.now
    )
    for case in buyer.cases:
        if case.state is not CaseState.CLOSED:
            uow.cases.change(case.id, state=CaseState.CLOSED, closed_at=work.now)
        uow.events.note(case.id, "erased", work.now)
    return Erased(len(buyer.cases), quarantined)


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


def _require_told(uow: UnitOfWork, traces: Traces, numbers: list[int]) -> None:
    """An alert that waits holds the buyer's words, those of others too, and must reach the owner first."""
    for item in uow.outbox.in_state(*_ON_ITS_WAY):
        text = f"{item.subject}\n{item.text}"
        named = {int(found) for found in _CASE_NUMBER.findall(text)}
        if not item.kind.once and (not named.isdisjoint(numbers) or traces.are_in(text)):
            raise ErasureRefused(
                f"この購入者についてのお知らせ (送信 {item.id}) がまだ送られていません。"
                "送られてからもう一度どうぞ。"
                f" / An alert about this buyer (mail {item.id}) still waits to leave; try again when it has."
            )


def _readable(content: bytes) -> str:
    """All words of a mail that can be found in it; one that cannot be parsed is searched as it is."""
    raw = content.decode("utf-8", "replace")
    try:
        mail = parse_mime(content)
    except Exception:  # noqa: BLE001 - it may lie in quarantine for that very reason
        return raw
    return "\n".join((mail.envelope.subject, mail.plain or "", mail.html or "", raw))
