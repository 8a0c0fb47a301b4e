"""What the owner does about a case besides answering, in the owner's language; nothing of it is ever sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from daemon.aftercare.amazons_limits import advise_on_limits
from daemon.aftercare.calls import advise_call
from daemon.aftercare.closing import advise_returned
from daemon.aftercare.feedback_advice import advise_on_rating
from daemon.aftercare.outside_help import advise_help, situation_of_case
from daemon.aftercare.returns import advise_on_return
from daemon.order_facts import advise_on_history
from parsers.values import Kind
from templates.contexts import SITUATIONS
from templates.drafting import advice

if TYPE_CHECKING:
    from daemon.work import Work
    from state.model import Case, Message

Adviser = Callable[["Work", "Case", Sequence["Message"]], tuple[str, ...]]
"""Sentences about a case, told its messages; none where it has nothing to say.

They stand in alerts, which are mail: no telephone number, no name and nothing that a buyer wrote.
"""


def advise(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """What to do about a case, a sentence or two each.

    Args:
        work: the transaction.
        case: the case.
        messages: those of its messages that it is about, oldest first.
    """
    found = (line for adviser in ADVISERS for line in adviser(work, case, messages))
    return tuple(dict.fromkeys(found))


def _about_message(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """What goes with the draft of an answer."""
    if not any(one.kind is Kind.BUYER_MESSAGE for one in messages):
        return ()
    situation, fulfilment = situation_of_case(work, case, messages)
    if situation is None or situation not in SITUATIONS:
        return ()
    return advice(situation, fulfilment, work.shop.language)


ADVISERS: tuple[Adviser, ...] = (
    _about_message,
    advise_help,
    advise_on_limits,
    advise_on_return,
    advise_call,
    advise_on_rating,
    advise_on_history,
    advise_returned,
)
"""Who is asked, in the order in which the sentences stand."""
