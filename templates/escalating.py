"""The text for Amazon's seller support: the facts of a case in order, and what is asked. Never sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.marks import QUOTE_MARK
from templates.sandbox import Environment, render_bounded
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from datetime import date

MATTERS = ("delivery", "crushed", "claim", "feedback", "other")
"""What Amazon's support is asked about; each has its own question and its own place in Seller Central."""

TIMELINE_WORDS = frozenset(
    {
        "acknowledged",
        "agent_answered",
        "agent_asked",
        "answer_failed",  # an answer that did not reach the buyer
        "answered",
        "buyer_message",
        "call",
        "cancellation_request",
        "claim",
        "feedback",
        "refund",
        "return_request",
        "step",  # what a person did; the detail names it
    }
)
"""What may have happened; every language has a name for each."""

TEXT_LIMIT = 12_000
LANGUAGES = frozenset({"ja", "en"})
_ENTRIES_SHOWN = 60
_ITEMS_SHOWN = 10
_TITLE_LIMIT = 120
_FOLDER = Path(__file__).parent / "support"


@dataclass(frozen=True, slots=True)
class SupportItem:
    """One line of an order; None where unknown."""

    title: str | None = None
    asin: str | None = None
    sku: str | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class SupportOrder:
    """One order of the case; local dates, None where unknown.

    Attributes:
        order_id: Amazon's order number.
        fulfilment: ``fba``, ``own`` or ``unknown``.
        ordered_on, shipped_on, delivered_on: as Amazon wrote them.
        items: what was ordered.
    """

    order_id: str
    fulfilment: str = "unknown"
    ordered_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None
    items: tuple[SupportItem, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened.

    Attributes:
        on: the shop's local date.
        at: the local time as written; empty where only the date is known.
        word: one of `TIMELINE_WORDS`.
        detail: ``matter.word`` of a step, stars of a feedback; else empty.

    Raises:
        ValueError: the word is none of them.
    """

    on: date
    at: str
    word: str
    detail: str = ""

    def __post_init__(self) -> None:
        if self.word not in TIMELINE_WORDS:
            raise ValueError(f"nothing that happened is called {self.word!r}")


@dataclass(frozen=True, slots=True)
class SupportContext:
    """What the text is made of.

    Attributes:
        shop_name: signs it.
        about: one of `MATTERS`.
        marketplace: such as ``co.jp``; None where unknown.
        orders: of the case.
        timeline: what happened, oldest first.
        rating: stars of a feedback; None where there is none.
        quote: what the buyer says, telephone numbers and addresses hidden by the caller; empty if nothing.
        quoted_on: when that came.

    Raises:
        ValueError: `about` is none of the words.
    """

    shop_name: str
    about: str
    marketplace: str | None = None
    orders: tuple[SupportOrder, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    rating: int | None = None
    quote: str = field(default="", repr=False)
    quoted_on: date | None = None

    def __post_init__(self) -> None:
        if self.about not in MATTERS:
            raise ValueError(f"support is never asked about {self.about!r}")

    @property
    def fulfilment(self) -> str:
        """Who delivered, as far as the orders agree."""
        ways = {order.fulfilment for order in self.orders}
        return ways.pop() if len(ways) == 1 else "unknown"


@dataclass(frozen=True, slots=True)
class RenderedSupport:
    """The text, and where it goes.

    Attributes:
        text: to be pasted; 〔…〕 is a fact that the person has to add.
        path: the menus of Seller Central that lead to the place, in order.
    """

    text: str
    path: str


def render_support(context: SupportContext, language: str) -> RenderedSupport:
    """Write the text in `language` (``ja``, ``en``).

    Raises:
        ValueError: there are no templates in this language.
    """
    values: dict[str, object] = {
        "shop": cleaning.one_line(context.shop_name, cleaning.SHOP_NAME_LIMIT),
        "about": context.about,
        "marketplace": context.marketplace,
        "fulfilment": context.fulfilment,
        "orders": [_clean_order(one) for one in context.orders[: cleaning.ORDERS_LIMIT]],
        "timeline": list(context.timeline[:_ENTRIES_SHOWN]),
        "untold": max(0, len(context.timeline) - _ENTRIES_SHOWN),
        "rating": context.rating,
        "quote": _quoted(context.quote),
        "quoted_on": context.quoted_on,
    }
    return RenderedSupport(_print(language, "text", values), _print(language, "path", values))


def _clean_order(order: SupportOrder) -> dict[str, object]:
    """The order as the template sees it: what an item is called came from a report."""
    return {
        "id": cleaning.order_id(order.order_id) or "",
        "fulfilment": order.fulfilment,
        "ordered_on": order.ordered_on,
        "shipped_on": order.shipped_on,
        "delivered_on": order.delivered_on,
        "items": [
            {
                "title": cleaning.one_line(item.title or "", _TITLE_LIMIT),
                "asin": cleaning.one_line(item.asin or "", _TITLE_LIMIT),
                "sku": cleaning.one_line(item.sku or "", _TITLE_LIMIT),
                "quantity": item.quantity or 0,
            }
            for item in order.items[:_ITEMS_SHOWN]
        ],
    }


def _quoted(text: str) -> str:
    """Each line marked as the buyer's."""
    shown = cleaning.excerpt(text)
    return "\n".join(QUOTE_MARK + line for line in shown.split("\n")) if shown else ""


def _print(language: str, name: str, values: dict[str, object]) -> str:
    template = _environment(language).get_template(f"{name}.j2")
    return cleaning.paragraphs(render_bounded(template, values, TEXT_LIMIT)).rstrip("\n")


@cache
def _environment(language: str) -> Environment:
    """The templates of one language; compiled once and kept."""
    if language not in LANGUAGES:
        raise ValueError(f"no templates in {language!r}; there are {', '.join(sorted(LANGUAGES))}")
    environment = Environment(FileSystemLoader(_FOLDER / language))
    environment.filters["day"] = LONG_DAYS[language]
    return environment
