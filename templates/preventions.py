"""The words of what may be done so that a trouble does not come again."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from templates.cleaning import one_line

_ITEM_LIMIT = 40
_THE_ITEM = {"ja": "この商品", "en": "this item"}


def prevention_line(word: str, language: str, item: str | None = None) -> str:
    """One line in `language` (``ja``, ``en``); empty where nothing is proposed.

    Args:
        word: what is proposed, as `state.lesson_rules.Prevention` has it.
        language: of the owner.
        item: ASIN or SKU, if it is known.

    Raises:
        KeyError: there is no such word, or no such language.
    """
    line = _lines()[word][language]
    named = one_line(item, _ITEM_LIMIT) if item else _THE_ITEM[language]
    return line.replace("{item}", named)


@cache
def _lines() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("templates").joinpath("preventions.toml").read_text("utf-8"))
