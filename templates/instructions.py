"""What the owner does outside this program, in words. Nothing of it is ever sent to a buyer."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


def instruct(matter: str, word: str, language: str, **values: object) -> str:
    """One instruction in `language` (``ja``, ``en``), with the command that goes with it, if any.

    Args:
        matter: what it belongs to, a table of ``instructions.toml``.
        word: which one.
        language: of the owner.
        **values: what the sentence names; each was made by this program and by no stranger.

    Raises:
        KeyError: there is no such instruction, or it names more than was given.
    """
    typed = _table()[matter][word].get(f"{language}_typed")
    said = explain(matter, word, language, **values)
    return said if typed is None else said + _BETWEEN[language] + typed.format(**values)


def explain(matter: str, word: str, language: str, **values: object) -> str:
    """The same without the command, for pages that have buttons.

    Args:
        matter: what it belongs to, a table of ``instructions.toml``.
        word: which one.
        language: of the owner.
        **values: what the sentence names.

    Raises:
        KeyError: there is no such instruction, or it names more than was given.
    """
    sentence: str = _table()[matter][word][language]
    return sentence.format(**values)


_BETWEEN = {"ja": "", "en": " "}
"""What stands between two sentences."""


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("templates").joinpath("instructions.toml").read_text("utf-8"))
