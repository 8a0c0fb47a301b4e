"""What to do about a case with the help of others: the shipping agent, Amazon's seller support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.aftercare.agents import agents_of
from daemon.aftercare.inquiries import inquiries_of
from daemon.drafting import is_overtaken
from daemon.order_facts import UNKNOWN, shipping_of
from parsers.values import Fulfilment, Intent, Kind
from state.leading import leading_intent
from state.outbox_rules import OutboxState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.work import Work
    from state.model import Case, Message, OutboxItem

_ASKED = frozenset({Intent.NOT_DELIVERED.value, Intent.WRONG_ADDRESS.value})
"""What an agent can say something about."""

_SUPPORTED_BY_AMAZON = {Intent.DAMAGED.value: "crushed", Intent.NOT_DELIVERED.value: "delivery"}
"""What Amazon answers for where it delivered, and what its support is asked then."""


def situation_of_case(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str | None, str]:
    """What the buyer's messages seem to be about, and who shipped; a draft's own words count.

    Args:
        work: the transaction.
        case: the case.
        messages: of the case.
    """
    draft = work.uow.drafts.open_of(case.id)
    if draft is not None and not is_overtaken(work.uow, draft):
        return draft.situation, draft.fulfilment
    written = [one for one in messages if one.kind is Kind.BUYER_MESSAGE]
    return (leading_intent(written).intent if written else None), shipping_of(work, case).fulfilment


def advise_help(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """Whom to ask, and what became of it."""
    situation, fulfilment = situation_of_case(work, case, messages)
    return (*_ask_agent(work, case, situation, fulfilment), *_ask_amazon(work, case, situation, fulfilment))


def _ask_agent(work: Work, case: Case, situation: str | None, fulfilment: str) -> Iterator[str]:
    """An agent who ships for the shop has nothing to do with what Amazon ships."""
    if not agents_of(work.shop) or fulfilment == Fulfilment.FBA:
        return
    asked = [item for item in inquiries_of(work, case.id) if item.state is not OutboxState.WITHDRAWN]
    if asked:
        yield _what_became(work, case, asked[-1])
    elif situation in _ASKED:
        ja = "" if fulfilment != UNKNOWN else "自社発送の場合: "
        en = "" if fulfilment != UNKNOWN else "If you shipped it: "
        yield _say(
            work,
            f"{ja}発送の委託先に問い合わせるには: sokuresu inquiry {case.id}",
            f"{en}Ask the shipping agent with: sokuresu inquiry {case.id}",
        )


def _what_became(work: Work, case: Case, last: OutboxItem) -> str:
    replies = [one for one in work.uow.messages.of_case(case.id) if one.kind is Kind.AGENT_REPLY]
    came = [one for one in replies if one.received_at >= last.created_at]
    if came:
        at = _moment(work, came[-1].received_at)
        return _say(
            work,
            f"発送の委託先から返事が来ています ({at})。読むには: sokuresu case {case.id}",
            f"The shipping agent answered ({at}). Read it with: sokuresu case {case.id}",
        )
    at = _moment(work, last.sent_at or last.created_at)
    return _say(
        work,
        f"発送の委託先に問い合わせました ({at})。返事はまだです。",
        f"The shipping agent was asked ({at}) and has not answered yet.",
    )


def _ask_amazon(work: Work, case: Case, situation: str | None, fulfilment: str) -> Iterator[str]:
    """Help is asked for early; the text is for a person to paste."""
    by_amazon = fulfilment == Fulfilment.FBA and situation in _SUPPORTED_BY_AMAZON
    if situation != Intent.ESCALATION and not by_amazon:
        return
    about = f" --about {_SUPPORTED_BY_AMAZON[situation]}" if by_amazon and situation else ""
    yield _say(
        work,
        f"Amazonの出品者サポートに出す文を用意するには: sokuresu support {case.id}{about}",
        f"The text for Amazon's seller support is prepared by: sokuresu support {case.id}{about}",
    )


def _say(work: Work, ja: str, en: str) -> str:
    return ja if work.shop.language == "ja" else en


def _moment(work: Work, at: datetime) -> str:
    return f"{at.astimezone(work.shop.calendar.zone):%m/%d %H:%M}"
