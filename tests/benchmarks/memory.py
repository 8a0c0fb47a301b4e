"""The memory of the running service with one mailbox and with many, beside a process that only imports."""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Bound, Figure
from tests.benchmarks.programs import (
    await_line,
    kilobytes,
    library_importer,
    list_libraries,
    running,
    started,
)
from tests.benchmarks.servers import dovecot
from tests.benchmarks.shops import working_folder, write_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from tests.beds.dovecot import Dovecot

MORE = 30
PATIENCE = 30.0
SETTLING = 8.0
"""Seconds after the first pass: two turns of the alerts, the first note of being alive."""


def measure() -> list[Figure]:
    """Start the real process with TLS connections to Dovecot, let it settle and weigh it."""
    with working_folder() as folder, dovecot() as server:
        config = _shop(folder / "one", server, 1)
        listing = folder / "libraries"
        list_libraries(config, listing)
        with started(library_importer(listing), folder / "errors") as importer:
            await_line(importer)
            one = _weigh(config, 1)
            # While the importer lives: what is shared counts by shares, and the two are to share alike.
            many = _weigh(_shop(folder / "many", server, 1 + MORE), 1 + MORE)
            floor = kilobytes(importer)
    return [
        Figure(
            "memory of run, one mailbox",
            "kB",
            one,
            floor,
            "the same imports",
            Bound(1.3),
            f"{SETTLING:.0f} s after the first pass, TLS to Dovecot",
        ),
        Figure(
            "memory of each further mailbox",
            "kB",
            (many - one) / MORE,
            bound=Bound(150, of_floor=False),
            note=f"{MORE} more, TLS to Dovecot",
        ),
    ]


def _shop(folder: Path, server: Dovecot, mailboxes: int) -> Path:
    folder.mkdir()
    accounts = [(server.tls, server.account().credentials) for _ in range(mailboxes)]
    return write_configuration(folder, accounts, server.plain)


def _weigh(config: Path, mailboxes: int) -> float:
    """Kilobytes of the service once all its mailboxes are watched and it has settled."""
    with started(running(config), config.with_name("errors")) as process:
        try:
            _await_passes(config.with_name("sokuresu.db"), mailboxes)
        except TimeoutError:
            sys.stderr.write(config.with_name("errors").read_text(encoding="utf-8"))
            raise
        time.sleep(SETTLING)
        return kilobytes(process)


def _await_passes(database: Path, mailboxes: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while _passes(database) < mailboxes:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{_passes(database)} of {mailboxes} mailboxes were read")
        time.sleep(0.1)


def _passes(database: Path) -> int:
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        try:
            (number,) = connection.execute("SELECT count(last_full_pass_at) FROM mailbox").fetchone()
        except sqlite3.OperationalError:
            # The tables are being made.
            return 0
    return int(number)
