"""How the commands ask a person, and what they say where nobody is there to answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daemon.errors import SokuresuError

if TYPE_CHECKING:
    from daemon.showing.reader import Reader


class NotAgreed(SokuresuError):  # noqa: N818 - reads as what it is
    """The person said no, so nothing was done."""


def at_terminal() -> bool:
    """Somebody sits there and can answer."""
    return sys.stdin.isatty()


def need_a_person(ja: str, en: str) -> None:
    """Refuse to go on where no terminal is there to answer at.

    Args:
        ja: what to put on the line instead.
        en: the same in English.

    Raises:
        click.UsageError: a script or a pipe called.
    """
    if not at_terminal():
        raise click.UsageError(f"{ja} / {en}")


def agree(question: str, reader: Reader) -> None:
    """Ask for a yes; Enter alone is a no.

    Raises:
        NotAgreed: the person did not say yes.
    """
    try:
        agreed = click.confirm(question)
    except click.Abort:
        # Ctrl-C or the end of the input: no line was ended.
        click.echo()
        agreed = False
    if not agreed:
        raise NotAgreed(reader.say("何もしませんでした。", "Nothing was done."))
