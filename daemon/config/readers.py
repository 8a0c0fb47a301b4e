"""Read single settings that any table may have: text, truth, whole numbers, one of some words, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, PlainValidator, ValidationInfo

from daemon.config.sentences import fault, not_usable
from daemon.config.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable


def around(info: ValidationInfo) -> Surroundings:
    """What the file being read stands in."""
    assert isinstance(info.context, Surroundings)
    return info.context


def read_text(value: object) -> str:
    """One line of text that is not empty."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise not_usable(value, "引用符で囲んだ 1 行の文字", "one line of text in quotation marks")
    return value.strip()


def read_flag(value: object) -> bool:
    """A truth value."""
    if not isinstance(value, bool):
        raise not_usable(value, "true か false", "true or false")
    return value


def whole_number(least: int, most: int) -> Callable[[object], int]:
    """Make a reader of whole numbers between two bounds, both included."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise not_usable(
                value, f"{least} から {most} までの整数", f"a whole number from {least} to {most}"
            )
        return value

    return read


def one_of(*words: str) -> Callable[[object], str]:
    """Make a reader of one of some words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise not_usable(value, f"{'、'.join(words)} のどれか", f"one of {', '.join(words)}")
        return value

    return read


def read_list(value: object) -> Any:
    """A list becomes a tuple, so that nothing can be added to it later."""
    if isinstance(value, dict):
        raise fault(
            "ここは [[…]] と二重の括弧で書いてください。", "write this table as [[…]], in double brackets."
        )
    if not isinstance(value, list):
        raise not_usable(value, '["…", "…"] のような一覧', 'a list such as ["…", "…"]')
    return tuple(value)


Line = Annotated[str, PlainValidator(read_text)]
Flag = Annotated[bool, PlainValidator(read_flag)]
List = BeforeValidator(read_list)
