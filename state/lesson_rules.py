"""Which cause and which prevention fit a case, as a proposal to a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from parsers.values import Intent, Kind
from state.lessons import Cause

RETURNED_WITHIN_DAYS = 180
"""The same delivery fault of the same item within these days asks for more than another apology."""

RETURNED_TIMES = 2
"""So many cases of one fault, the present one included, and it has returned."""

DELIVERY_FAULTS = frozenset({Intent.NOT_DELIVERED, Intent.DAMAGED, Intent.WRONG_ADDRESS})
"""What own shipping answers for, and Amazon's shipping would."""


class Prevention(StrEnum):
    """What may be done so that it does not come again; its words are in the templates."""

    MOVE_TO_FBA = "move_to_fba"
    CHECK_LABEL = "check_label"
    PHONE_AT_WEEKENDS = "phone_at_weekends"
    PACKING = "packing"
    CARRIER = "carrier"
    ASK_AMAZON = "ask_amazon"
    CHECK_STOCK = "check_stock"
    CHECK_BEFORE_SHIPPING = "check_before_shipping"
    IMPROVE_LISTING = "improve_listing"
    SHOW_CONDITIONS = "show_conditions"
    ASK_MAKER = "ask_maker"
    LOOK_AT_IT = "look_at_it"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a case when it is closed.

    Attributes:
        kind: what opened it.
        situation: a word of the drafts' situations; None where nobody knows.
        fulfilment: ``fba``, ``own`` or ``unknown``.
        nobody_there: the trouble fell on a Saturday or Sunday on which the shop is closed.
        same_fault: cases within `RETURNED_WITHIN_DAYS` with own shipping, the same situation and the same
            item, this one included.
    """

    kind: Kind
    situation: str | None
    fulfilment: str = "unknown"
    nobody_there: bool = False
    same_fault: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person takes or changes."""

    cause: Cause
    prevention: Prevention


_OWN: dict[str, Proposal] = {
    Intent.WRONG_ADDRESS: Proposal(Cause.AGENT_LABEL, Prevention.CHECK_LABEL),
    Intent.NOT_DELIVERED: Proposal(Cause.CARRIER, Prevention.CARRIER),
    Intent.DAMAGED: Proposal(Cause.PACKING, Prevention.PACKING),
    Intent.WRONG_ITEM: Proposal(Cause.STOCK, Prevention.CHECK_BEFORE_SHIPPING),
    Intent.MISSING_PART: Proposal(Cause.STOCK, Prevention.CHECK_BEFORE_SHIPPING),
}
_FBA: dict[str, Proposal] = {
    Intent.WRONG_ADDRESS: Proposal(Cause.CARRIER, Prevention.ASK_AMAZON),
    Intent.NOT_DELIVERED: Proposal(Cause.CARRIER, Prevention.ASK_AMAZON),
    Intent.DAMAGED: Proposal(Cause.CARRIER, Prevention.ASK_AMAZON),
    Intent.WRONG_ITEM: Proposal(Cause.STOCK, Prevention.CHECK_STOCK),
    Intent.MISSING_PART: Proposal(Cause.STOCK, Prevention.CHECK_STOCK),
}
_EITHER: dict[str, Proposal] = {
    Intent.HOW_TO_USE: Proposal(Cause.LISTING, Prevention.IMPROVE_LISTING),
    Intent.QUESTION: Proposal(Cause.LISTING, Prevention.IMPROVE_LISTING),
    Intent.RETURN_OR_EXCHANGE: Proposal(Cause.LISTING, Prevention.SHOW_CONDITIONS),
    Intent.DEFECTIVE: Proposal(Cause.MAKER, Prevention.ASK_MAKER),
    "after_30_days": Proposal(Cause.MAKER, Prevention.ASK_MAKER),
    Intent.CANCEL: Proposal(Cause.BUYER, Prevention.NOTHING),
    Intent.RECEIPT: Proposal(Cause.NONE, Prevention.NOTHING),
    Intent.THANKS: Proposal(Cause.NONE, Prevention.NOTHING),
}
_BY_KIND = {
    Kind.CANCELLATION_REQUEST: Proposal(Cause.BUYER, Prevention.NOTHING),
    Kind.RETURN_REQUEST: Proposal(Cause.LISTING, Prevention.SHOW_CONDITIONS),
}
_UNCLEAR = Proposal(Cause.OTHER, Prevention.LOOK_AT_IT)


def propose(circumstances: Circumstances) -> Proposal:
    """The likeliest cause, and what may prevent it.

    Of a delivery fault that returned, own shipping of that item is what can be changed; one that fell on a
    closed weekend became a trouble because nobody was there.
    """
    own = circumstances.fulfilment == "own"
    found = _usual(circumstances)
    if own and circumstances.situation in DELIVERY_FAULTS:
        if circumstances.same_fault >= RETURNED_TIMES:
            return Proposal(found.cause, Prevention.MOVE_TO_FBA)
        if circumstances.nobody_there and circumstances.situation == Intent.NOT_DELIVERED:
            return Proposal(Cause.ABSENCE, Prevention.PHONE_AT_WEEKENDS)
    return found


def _usual(circumstances: Circumstances) -> Proposal:
    """By situation; what tells nothing of it is judged by its kind."""
    situation = circumstances.situation or ""
    by_channel = _FBA if circumstances.fulfilment == "fba" else _OWN
    found = by_channel.get(situation) or _EITHER.get(situation)
    return found or _BY_KIND.get(circumstances.kind, _UNCLEAR)
