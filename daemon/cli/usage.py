"""What a wrong command line is told: what is wrong in both languages, and where help is."""

from __future__ import annotations

import re
from typing import IO, Any

import click

_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.{0,400})\)", re.DOTALL)

_UNBOUNDED = 2**31 - 1
"""From here on a bound is the database's, and of no interest to a person."""

_WAYS = (
    ("requires an argument", "{name} には値が要ります。", "{name} wants a value."),
    ("does not take a value", "{name} には値を付けられません。", "{name} takes no value."),
)
"""What click says of an option, and what a person reads."""

_VALUES = (
    ("does not exist", "ファイルがありません。名前と場所を確かめてください。"),
    ("is a directory", "フォルダーではなく、ファイルを指定してください。"),
    ("is a file", "ファイルではなく、フォルダーを指定してください。"),
    ("is not readable", "読み取りの権限がありません。"),
    ("is not writable", "書き込みの権限がありません。"),
    ("No such file", "ファイルがありません。名前と場所を確かめてください。"),
    ("Permission denied", "権限がありません。"),
    ("Is a directory", "フォルダーではなく、ファイルを指定してください。"),
)
"""What click and the system say of a value, and the same in Japanese."""


class ToldError(click.UsageError):
    """A usage error in both languages; it ends with status 2 as any other."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(explain_usage(error), error.ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print how the command is used, where help is, and what is wrong."""
        lines = []
        if self.ctx is not None:
            lines = [self.ctx.get_usage(), f"使い方 / Help: {self.ctx.command_path} --help", ""]
        click.echo("\n".join((*lines, f"Error: {self.message}")), file=file, err=file is None)


def explain_usage(error: click.UsageError) -> str:
    """What is wrong, Japanese first; what the commands themselves say is in both languages already."""
    said = error.format_message()
    if isinstance(error, click.MissingParameter):
        return _missing(error)
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    if isinstance(error, click.NoSuchOption):
        return _unknown("オプション", "option", error.option_name, error.possibilities)
    if isinstance(error, click.exceptions.NoSuchCommand):
        return _unknown("命令", "command", error.command_name, error.possibilities)
    return said if _JAPANESE.search(said) else _of_words(error, said)


def _unknown(ja: str, en: str, name: str, near: list[str] | None) -> str:
    ja_near, en_near = (f"{near[0]} のことですか。", f" Did you mean {near[0]}?") if near else ("", "")
    return f"{name} という{ja}はありません。{ja_near} / There is no {en} {name}.{en_near}"


def _hint(error: click.BadParameter) -> str:
    """The option's or the argument's name as it is written on the line."""
    if isinstance(error.param_hint, str):
        return error.param_hint
    if error.param is None:
        return "、".join(error.param_hint or ())
    return error.param.get_error_hint(error.ctx).strip("'")


def _choices(error: click.BadParameter) -> str:
    kind = None if error.param is None else error.param.type
    return ", ".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else ""


def _missing(error: click.MissingParameter) -> str:
    hint, choices = _hint(error), _choices(error)
    ja, en = (f"次のどれかです: {choices}", f" (one of {choices})") if choices else ("", "")
    return f"{hint} を指定してください。{ja} / {hint} is missing{en}."


def _bad_value(error: click.BadParameter) -> str:
    hint = _hint(error)
    place = f"{hint}: " if hint else ""
    if _JAPANESE.search(error.message):
        return place + error.message
    if choices := _choices(error):
        given = error.message.split(" is not one of ", maxsplit=1)[0]
        return f"{place}{given} は使えません。次のどれかを指定してください / is none of these: {choices}"
    kind = None if error.param is None else error.param.type
    if isinstance(kind, click.IntRange):
        return place + _range(kind)
    japanese = next((ja for en, ja in _VALUES if en in error.message), "この値は使えません。")
    return f"{place}{japanese} / {error.message}"


def _range(kind: click.IntRange) -> str:
    if kind.max is None or kind.max >= _UNBOUNDED:
        return f"{kind.min} 以上の整数を入れてください。 / Give a whole number, {kind.min} or more."
    return (
        f"{kind.min} から {kind.max} までの整数を入れてください。"
        f" / Give a whole number from {kind.min} to {kind.max}."
    )


def _of_words(error: click.UsageError, said: str) -> str:
    """What click tells in words alone."""
    if isinstance(error, click.BadOptionUsage):
        for words, ja, en in _WAYS:
            if words in said:
                return f"{ja} / {en}".format(name=error.option_name)
    if extra := _EXTRA.match(said):
        return f"余分な言葉があります: {extra[1]} / There is more than the command takes: {extra[1]}"
    if said.startswith("Missing command"):
        return "命令を指定してください。 / A command is missing."
    return f"命令の書き方が正しくありません。 / {said}"
