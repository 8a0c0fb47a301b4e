"""From what a buyer wants, and how long ago the item came, to the situation that an answer is drafted for."""

from __future__ import annotations

from templates.contexts import SITUATIONS

RETURN_DAYS = 30
"""Days after delivery within which Amazon.co.jp takes a return."""

LATE_PURCHASE_DAYS = 45
"""Days after purchase when those are surely over, where nobody knows the day of delivery."""

_LATE = frozenset({"how_to_use", "damaged", "defective", "return_or_exchange"})
"""What is answered with the rule of 30 days and the maker once it is late.

Not a wrong item or a missing part: that stays the shop's own fault, and no maker's warranty helps.
"""


def is_late(days_since_delivery: int | None, days_since_purchase: int | None) -> bool:
    """Whether Amazon's time for returns is over; not if nobody knows."""
    if days_since_delivery is not None:
        return days_since_delivery > RETURN_DAYS
    return days_since_purchase is not None and days_since_purchase > LATE_PURCHASE_DAYS


def situation_of(intent: str | None, days_since_delivery: int | None, days_since_purchase: int | None) -> str:
    """The word of `SITUATIONS` for an intent; ``other`` where there is none.

    Args:
        intent: what the buyer wants, a word of `parsers.values.Intent`.
        days_since_delivery: whole days; None where unknown.
        days_since_purchase: whole days; None where unknown. Counts only where the delivery is unknown.
    """
    if intent in _LATE and is_late(days_since_delivery, days_since_purchase):
        return "after_30_days"
    return intent if intent in SITUATIONS else "other"
