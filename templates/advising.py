"""What the shop's owner does besides sending an answer. Nothing of it is ever sent."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from templates.contexts import FULFILMENTS, SITUATIONS

_SAME_FOR_BOTH = frozenset({"after_30_days", "cancel", "how_to_use", "question", "other"})
_WITHOUT_ORDER = frozenset({"thanks", "escalation", "question", "other"})


def advice(situation: str, fulfilment: str, language: str) -> tuple[str, ...]:
    """What to do in a situation, a sentence or two each, in `language` (``ja``, ``en``).

    Where nobody knows who delivered, how to find out comes first, and what holds for one channel says so.

    Raises:
        ValueError: a word is none of `SITUATIONS` or `FULFILMENTS`, or there is no such language.
    """
    if situation not in SITUATIONS or fulfilment not in FULFILMENTS or language not in {"ja", "en"}:
        raise ValueError(f"no advice on {situation!r}, {fulfilment!r} in {language!r}")
    if fulfilment != "unknown":
        return (*_lines(situation, "any", language), *_lines(situation, fulfilment, language))
    channels = [
        _table()["prefix"][channel][language] + line
        for channel in ("fba", "own")
        for line in _lines(situation, channel, language)
    ]
    return (*_how_to_find_out(situation, language), *_lines(situation, "any", language), *channels)


def _how_to_find_out(situation: str, language: str) -> tuple[str, ...]:
    if situation in _WITHOUT_ORDER:
        return ()
    return tuple(_table()["unknown_same" if situation in _SAME_FOR_BOTH else "unknown"][language])


def _lines(situation: str, channel: str, language: str) -> tuple[str, ...]:
    return tuple(_table()[situation].get(channel, {}).get(language, ()))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("templates").joinpath("drafts/advice.toml").read_text("utf-8"))
