"""What a person says on the telephone: a script to read aloud, rendered from the templates in ``calls``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader

from templates import cleaning
from templates.sandbox import Environment, render_bounded
from templates.wording import English, Japanese

if TYPE_CHECKING:
    from datetime import datetime

    from templates.wording import Wording

SCRIPT_LIMIT = 4_000

_FOLDER = Path(__file__).parent / "calls"
_WORDINGS: dict[str, Wording] = {"ja": Japanese(), "en": English()}


@dataclass(frozen=True, slots=True)
class CallContext:
    """What the script of a telephone call is made of.

    Attributes:
        shop_name: says who answers the telephone.
        now: the present, in the shop's time zone.
        answered_by: by when the shop promises to be heard of, in the shop's time zone.

    Raises:
        ValueError: an instant carries no time zone.
    """

    shop_name: str
    now: datetime
    answered_by: datetime

    def __post_init__(self) -> None:
        if self.now.tzinfo is None or self.answered_by.tzinfo is None:
            raise ValueError("an instant of a call needs a time zone")


@cache
def _environment(language: str) -> Environment:
    if language not in _WORDINGS:
        raise ValueError(f"no script in {language!r}; there are {', '.join(sorted(_WORDINGS))}")
    environment = Environment(FileSystemLoader(_FOLDER / language))
    wording = _WORDINGS[language]
    environment.filters |= {"moment": wording.moment, "zone": wording.zone}
    return environment


def render_script(context: CallContext, language: str) -> str:
    """The script in `language` (``ja``, ``en``), to be shown before anything is asked.

    Raises:
        ValueError: there is no script in this language.
    """
    name = cleaning.one_line(context.shop_name, cleaning.SHOP_NAME_LIMIT)
    values: dict[str, object] = {"context": CallContext(name, context.now, context.answered_by)}
    template = _environment(language).get_template("script.j2")
    return cleaning.paragraphs(render_bounded(template, values, SCRIPT_LIMIT)).rstrip("\n")
