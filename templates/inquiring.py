"""The inquiry of a shipping agent: which parcel, and what is asked; nothing of the buyer is known here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.sandbox import Environment, only_known, render_bounded
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from datetime import date

ABOUT = ("label", "parcel", "both")
"""What is asked: did the label bear the order's address, where is the parcel, or both."""

TEXT_LIMIT = 4_000
SUBJECT_LIMIT = 200
LANGUAGES = frozenset({"ja", "en"})

_FOLDER = Path(__file__).parent / "inquiries"
_SEPARATORS = {"ja": "、", "en": ", "}


@dataclass(frozen=True, slots=True)
class InquiryContext:
    """What an inquiry is made of; a field for anything of the buyer's is missing on purpose.

    Attributes:
        shop_name: signs the text.
        agent_name: how the agent is addressed; None where nobody said.
        order_ids: the orders of the case, as Amazon's frame named them.
        shipped_on: the shop's local date; None where unknown or where the orders differ.
        about: one of `ABOUT`.

    Raises:
        ValueError: `about` is none of the words.
    """

    shop_name: str
    agent_name: str | None
    order_ids: tuple[str, ...]
    shipped_on: date | None = None
    about: str = "both"

    def __post_init__(self) -> None:
        if self.about not in ABOUT:
            raise ValueError(f"an inquiry is never about {self.about!r}")


@dataclass(frozen=True, slots=True)
class RenderedInquiry:
    """An inquiry in words.

    Attributes:
        subject: one line.
        text: plain text; 〔…〕 is a blank that a person fills in before it may go.
    """

    subject: str
    text: str


def render_inquiry(context: InquiryContext, language: str) -> RenderedInquiry:
    """Draft an inquiry in `language` (``ja``, ``en``); a person reads it before it goes.

    Raises:
        ValueError: there are no templates in this language.
    """
    known = tuple(filter(None, map(cleaning.order_id, context.order_ids)))[: cleaning.ORDERS_LIMIT]
    values: dict[str, object] = {
        "shop": cleaning.one_line(context.shop_name, cleaning.SHOP_NAME_LIMIT),
        "agent": cleaning.one_line(context.agent_name or "", cleaning.SHOP_NAME_LIMIT),
        "orders": _SEPARATORS.get(language, " ").join(known),
        "shipped": context.shipped_on,
        "about": context.about,
    }
    template = _environment(language).get_template("inquiry.j2")
    subject, _, text = render_bounded(template, values, TEXT_LIMIT).partition("\n")
    return RenderedInquiry(cleaning.one_line(subject, SUBJECT_LIMIT), cleaning.paragraphs(text).rstrip("\n"))


@cache
def _environment(language: str) -> Environment:
    """The template of one language; compiled once and kept."""
    if language not in LANGUAGES:
        raise ValueError(f"no templates in {language!r}; there are {', '.join(sorted(LANGUAGES))}")
    environment = Environment(FileSystemLoader(_FOLDER / language), only_known)
    environment.filters["day"] = LONG_DAYS[language]
    return environment
