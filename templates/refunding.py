"""The message that goes to a buyer with a refund; a person reads it before it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.contexts import DraftContext
from templates.sandbox import Environment, only_known, render_bounded

_FOLDER = Path(__file__).parent
_LIMIT = 4_000
"""Characters; what Amazon is said to accept in one message."""


@dataclass(frozen=True, slots=True)
class RefundContext:
    """What the message is made of; amounts are in words, such as ``3,000円``.

    Attributes:
        shop_name: signs the text.
        buyer_name: as Amazon shows it; None where it shows none. Left out of the text if it is no name.
        order_id: the order; None where unknown.
        amount: what goes back.
        full: everything goes back, else a part, and the buyer keeps the item.
        paid: what was paid for the item.
        shipping: what was paid for shipping; empty if nothing was.
        whole: the buyer keeps the item and gets its whole price all the same.
    """

    shop_name: str
    buyer_name: str | None = field(repr=False)
    order_id: str | None
    amount: str
    full: bool
    paid: str = ""
    shipping: str = ""
    whole: bool = False


def render_refund(context: RefundContext, language: str) -> str:
    """Word the message in `language` (``ja``, ``en``).

    Raises:
        ValueError: there are no templates in this language.
    """
    about = DraftContext(context.shop_name, context.buyer_name, context.order_id, "other", "unknown")
    values: dict[str, object] = {
        "context": cleaning.draft(about),
        "amount": context.amount,
        "paid": context.paid,
        "shipping": context.shipping,
        "whole": context.whole,
    }
    template = _environment(language).get_template("full.j2" if context.full else "partial.j2")
    return cleaning.paragraphs(render_bounded(template, values, _LIMIT))


@cache
def _environment(language: str) -> Environment:
    """The letters of one language, with the parts that they share with all drafts."""
    if language not in {"ja", "en"}:
        raise ValueError(f"no templates in {language!r}")
    folders = [_FOLDER / "refunds" / language, _FOLDER / "drafts" / language]
    environment = Environment(FileSystemLoader(folders), only_known)
    # The shared parts name days; a refund has none.
    environment.filters["day"] = str
    return environment
