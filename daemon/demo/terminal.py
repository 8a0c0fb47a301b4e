"""The owner's terminal: the real commands, in this process and on the story's clock."""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from typing import TYPE_CHECKING

import click

from daemon.cli import Context, main
from daemon.cli.present import lent
from daemon.log import undisturbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daemon.ports import Clock


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command left on the terminal.

    Attributes:
        status: its exit status.
        text: its output, and behind it what it said of trouble.
    """

    status: int
    text: str


def run(arguments: Sequence[str], configuration: Path, clock: Clock, reads: str = "") -> Printed:
    """Run one command as a person would.

    Args:
        arguments: behind ``sokuresu``.
        configuration: of the shop.
        clock: the time that the command knows.
        reads: what stands on its standard input.
    """
    said, troubled = StringIO(), StringIO()
    context = Context(str(configuration))
    with lent(clock), undisturbed(), redirect_stdout(said), redirect_stderr(troubled), _typed(reads):
        try:
            status = main.main(list(arguments), prog_name="sokuresu", obj=context, standalone_mode=False)
        except click.ClickException as error:
            return Printed(error.exit_code, error.format_message())
    return Printed(status if isinstance(status, int) else 0, said.getvalue() + troubled.getvalue())


@contextmanager
def _typed(text: str) -> Iterator[None]:
    # Commands that read files read bytes.
    before, sys.stdin = sys.stdin, TextIOWrapper(BytesIO(text.encode()), "utf-8")
    try:
        yield
    finally:
        sys.stdin = before
