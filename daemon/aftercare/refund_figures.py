"""The figures of a refund as a person types them: read, and named where one is missing or no amount."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from state.refunds import propose, read_amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.aftercare.refunds import Paid
    from state.refunds import Refund

FIGURES = ("new", "almost_new", "paid", "shipping")
"""What may be typed: the two prices, and what was paid for the item and for its shipping."""


class Fault(StrEnum):
    """Why a figure cannot be used."""

    MISSING = "missing"
    NO_AMOUNT = "no_amount"


@dataclass(frozen=True, slots=True)
class Figures:
    """What was read.

    Attributes:
        refund: worked out; None while a figure is at fault.
        faults: by figure.
    """

    refund: Refund | None
    faults: Mapping[str, Fault]


def wanted(*, full: bool) -> tuple[str, ...]:
    """Which figures such a refund is worked out from."""
    return ("paid", "shipping") if full else ("new", "almost_new", "paid")


def read_figures(typed: Mapping[str, str], currency: str, *, full: bool) -> Figures:
    """Work a refund out from what a person typed.

    Args:
        typed: by figure, as it was written; ``９，８００円`` is an amount too.
        currency: three letters.
        full: everything goes back.
    """
    names = wanted(full=full)
    amounts = {name: read_amount(typed.get(name, ""), currency) for name in names}
    faults = {
        name: Fault.NO_AMOUNT if typed.get(name, "").strip() else Fault.MISSING
        for name, amount in amounts.items()
        if amount is None
    }
    if faults:
        return Figures(None, faults)
    refund = propose(
        amounts.get("new"),
        amounts.get("almost_new"),
        amounts["paid"] or 0,
        amounts.get("shipping") or 0,
        full=full,
        currency=currency,
    )
    return Figures(refund, {})


def known_figures(paid: Paid) -> dict[str, int]:
    """What the order told of the figures, in the currency's smallest unit."""
    known = {"paid": paid.items, "shipping": paid.shipping}
    return {name: amount for name, amount in known.items() if amount is not None}
