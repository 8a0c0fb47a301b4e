"""``sokuresu run``: the service in the foreground, until it is told to stop."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import click

from daemon.allocator import share_heaps
from daemon.bootstrap import build_service
from daemon.cli.beginning import announce_first_start, beginning_told
from daemon.import_names import check_import_names
from daemon.log import configure

if TYPE_CHECKING:
    from types import FrameType

    from daemon.cli import Context
    from daemon.service import Service


@click.command("run")
@click.pass_obj
def command(context: Context) -> None:
    """メールボックスを見張り続けます (watch the mailboxes until stopped)."""
    settings = context.settings
    check_import_names()
    configure()
    share_heaps()
    with beginning_told():
        service = build_service(settings)
        _stop_on_signals(service)
        announce_first_start(settings)
        service.run()


def _stop_on_signals(service: Service) -> None:
    """The first signal finishes the mail in hand; a second one ends the process at once."""
    asked = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            os._exit(128 + number)
        asked.set()
        # In a thread of its own: this one may hold the very lock that stopping needs.
        threading.Thread(target=service.stop, name="stopper", daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
