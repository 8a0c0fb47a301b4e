"""The words about the state of a returned item, for the seller to copy into the listing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.sandbox import Environment, only_known, render_bounded

_FOLDER = Path(__file__).parent / "returns"
_LIMIT = 1_000
"""Characters; what Amazon is said to accept as a condition note."""


@dataclass(frozen=True, slots=True)
class ConditionContext:
    """What was checked; None of what was not, and the text claims nothing about it.

    Attributes:
        opened: the item had been opened.
        box: ``intact``, ``damaged`` or ``missing``.
        accessories: ``complete`` or ``missing``.
        scratches: ``none``, ``slight`` or ``clear``.
        tested: ``works``; what fails is not offered.
        unchecked: names of the checks that nobody made, and that the text names as such.
    """

    opened: bool | None = None
    box: str | None = None
    accessories: str | None = None
    scratches: str | None = None
    tested: str | None = None
    unchecked: tuple[str, ...] = ()


def render_condition(context: ConditionContext, language: str) -> str:
    """Word the state of the item in `language` (``ja``, ``en``); 〔…〕 is a blank that a person fills in.

    Raises:
        ValueError: there are no templates in this language, or the item does not work.
    """
    if context.tested == "fails":
        raise ValueError("what does not work is not offered")
    template = _environment(language).get_template("condition.j2")
    return cleaning.paragraphs(render_bounded(template, {"context": context}, _LIMIT))


@cache
def _environment(language: str) -> Environment:
    if language not in {"ja", "en"}:
        raise ValueError(f"no templates in {language!r}")
    return Environment(FileSystemLoader(_FOLDER / language), only_known)
