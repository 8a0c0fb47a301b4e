"""How a fault in the configuration is said: Japanese first, then English, in one line."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

KIND = "sokuresu"
"""The type under which our own faults pass through pydantic."""

_LONGEST_SHOWN = 60


def fault(japanese: str, english: str) -> PydanticCustomError:
    """A fault for a validator to raise; both sentences say what to do."""
    return PydanticCustomError(KIND, "{sentence}", {"sentence": both(japanese, english)})


def both(japanese: str, english: str) -> str:
    """The two languages as one line."""
    return f"{japanese} / {english}"


def shown(value: object) -> str:
    """A value as the person wrote it, short enough for a line. Never for anything that may be a secret."""
    text = " ".join((f'"{value}"' if isinstance(value, str) else str(value)).split())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def not_usable(value: object, japanese: str, english: str) -> PydanticCustomError:
    """The usual fault: what was given, and what to write instead."""
    return fault(
        f"{shown(value)} は使えません。{japanese}を書いてください。",
        f"{shown(value)} cannot be used; write {english}.",
    )
