"""Turning what is known of a rating into the texts that are copied by hand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.sandbox import Environment, only_known, render_bounded
from templates.wording import LONG_DAYS

if TYPE_CHECKING:
    from templates.contexts import FeedbackContext

TEXT_LIMIT = 2_000
"""Characters; all of them are meant to be short."""

LANGUAGES = frozenset({"ja", "en"})
WORDS = frozenset({"removal_request", "buyer", "public_reply"})
"""The texts: to Amazon, to the buyer, and under the rating for all to read."""

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Page:
    """Where a seller sees ratings.

    Attributes:
        name: of the page.
        menu: the way to it.
        host: the address of the site for sellers.
    """

    name: str
    menu: str
    host: str


def render_feedback(word: str, context: FeedbackContext, language: str) -> str:
    """One text in `language` (``ja``, ``en``); empty where there is nothing to say.

    Args:
        word: one of `WORDS`.
        context: what is known.
        language: of the text.

    Raises:
        ValueError: there is no such text or no such language.
    """
    if word not in WORDS:
        raise ValueError(f"no text is called {word!r}; there are {', '.join(sorted(WORDS))}")
    if word == "removal_request" and context.ground is None:
        return ""
    return _print(word, context, language)


def render_steps(context: FeedbackContext, language: str) -> tuple[str, ...]:
    """What to do in Seller Central to have a rating removed, one step each, in the owner's language.

    Raises:
        ValueError: there is no such language.
    """
    return tuple(line for line in _print("removal_steps", context, language).split("\n") if line)


def seller_page(language: str) -> Page:
    """Where the seller answers a rating and asks for its removal.

    Raises:
        KeyError: there is no such language.
    """
    table = _pages()
    return Page(host=table["host"], **table[language])


def _print(word: str, context: FeedbackContext, language: str) -> str:
    environment = _environment(language)
    values = {"context": _clean(context), "page": seller_page(language)}
    template = environment.get_template(f"{word}.j2")
    return cleaning.paragraphs(render_bounded(template, values, TEXT_LIMIT))


def _clean(context: FeedbackContext) -> FeedbackContext:
    shop = cleaning.name(context.shop_name, cleaning.SHOP_NAME_LIMIT) or ""
    return replace(context, shop_name=shop, order_id=cleaning.order_id(context.order_id))


@cache
def _environment(language: str) -> Environment:
    if language not in LANGUAGES:
        raise ValueError(f"no texts in {language!r}; there are {', '.join(sorted(LANGUAGES))}")
    environment = Environment(FileSystemLoader(_FOLDER / language), only_known)
    environment.filters["day"] = LONG_DAYS[language]
    return environment


@cache
def _pages() -> dict[str, Any]:
    return tomllib.loads((_FOLDER / "page.toml").read_text("utf-8"))
