"""Say every fault that pydantic found: where, what was given, what to do."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from daemon.config.sentences import KIND, both, shown
from daemon.config.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]

_WORDS = {
    "missing": both("この項目が必要です。", "this setting is needed."),
    "model_type": both(
        "ここは表です。[…] か { … } で書いてください。", "this is a table; write […] or { … }."
    ),
}
_ELSE = both("この値は使えません。", "this value cannot be used.")


def faults(error: ValidationError, document: Mapping[str, Any]) -> tuple[str, ...]:
    """One sentence for each fault, in the order of the settings."""
    details = error.errors(include_url=False)
    meant = {_meant(detail["loc"]) for detail in details if detail["type"] == "extra_forbidden"}
    return tuple(
        f"{where(detail['loc'], document)}: {_sentence(detail)}"
        for detail in details
        # A misspelt key is one fault, not a missing one besides.
        if detail["type"] != "missing" or detail["loc"] not in meant
    )


def where(place: Place, document: Mapping[str, Any]) -> str:
    """A place in the file as a person finds it: ``mailbox "main" › imap › port``."""
    steps: list[str] = []
    here: Any = document
    for step in place:
        here = _inside(here, step)
        if isinstance(step, str):
            steps.append(step)
        else:
            steps[-1] += f" {_label(here, step)}"
    return " › ".join(steps)


def _inside(here: Any, step: int | str) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _label(entry: Any, index: int) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return shown(name) if isinstance(name, str) else f"#{index + 1}"


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] == KIND:
        return detail["msg"]
    if detail["type"] == "extra_forbidden":
        return _unknown(detail["loc"])
    return _WORDS.get(detail["type"], _ELSE)


def _unknown(place: Place) -> str:
    key = str(place[-1])
    near = _near(place)
    if near is not None:
        return both(f"知らない項目です。{near} のことですか。", f"unknown setting; did you mean {near}?")
    homes = [_table_name(table) for table, keys in known_keys().items() if key in keys]
    if homes:
        return both(
            f"ここには置けません。{' か '.join(homes)} に書いてください。",
            f"it does not belong here; write it under {' or '.join(homes)}.",
        )
    return both("知らない項目です。消してください。", "unknown setting; remove it.")


def _table_name(table: tuple[str, ...]) -> str:
    return f"[{'.'.join(table)}]" if table else both("ファイルの先頭", "the top of the file")


def _near(place: Place) -> str | None:
    return next(iter(get_close_matches(str(place[-1]), known_keys().get(_table(place), ()), n=1)), None)


def _meant(place: Place) -> Place:
    return (*place[:-1], _near(place) or "")


def _table(place: Place) -> tuple[str, ...]:
    return tuple(step for step in place[:-1] if isinstance(step, str))


@cache
def known_keys() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Every table with the keys that may stand in it; the top of the file is the empty name."""
    return dict(_tables(Settings, ()))


def _tables(
    model: type[BaseModel], name: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    fields = {key: field for key, field in model.model_fields.items() if not field.exclude}
    yield name, tuple(fields)
    for key, field in fields.items():
        for inner in _models(field.annotation):
            yield from _tables(inner, (*name, key))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
