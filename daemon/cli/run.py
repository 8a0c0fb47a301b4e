"""``sokuresu run``: the service in the foreground, until it is told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

from daemon.allocator import share_heaps
from daemon.cli.beginning import announce_first_start, beginning_told
from daemon.config import find_config, load
from daemon.import_names import check_import_names
from daemon.log import configure
from daemon.reloading import Succession

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from daemon.cli import Context


@click.command("run")
@click.pass_obj
def command(context: Context) -> None:
    """メールボックスを見張り続けます (watch the mailboxes until stopped)."""
    settings = context.settings
    check_import_names()
    configure()
    share_heaps()
    with beginning_told():
        succession = Succession(settings, lambda: load(find_config(context.config)))
        _obey_signals(succession)
        announce_first_start(settings)
        succession.run()


def _obey_signals(succession: Succession) -> None:
    """The first signal to stop finishes the mail in hand; a second one ends the process at once."""
    asked = threading.Event()
    had_terminal = _has_terminal()

    def stop(number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            os._exit(128 + number)
        asked.set()
        _beside(succession.stop, "stopper")

    def reload(number: int, frame: FrameType | None) -> None:
        if had_terminal and not _has_terminal():
            # The window was closed; nobody asked for anything to be read.
            stop(number, frame)
        else:
            _beside(succession.reload, "reloader")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, reload)


def _beside(work: Callable[[], None], name: str) -> None:
    """In a thread of its own: this one may hold the very lock that the work needs."""
    threading.Thread(target=work, name=name, daemon=True).start()


def _has_terminal() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
