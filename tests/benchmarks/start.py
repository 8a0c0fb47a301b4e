"""How long the program takes to be of use, beside processes that do no more than import."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Bound, Figure, middle
from tests.benchmarks.programs import (
    await_line,
    library_importer,
    list_libraries,
    running,
    seconds_of,
    sokuresu,
    started,
)
from tests.benchmarks.proxy import counting
from tests.benchmarks.servers import servers
from tests.benchmarks.shops import working_folder, write_configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HELPS = 15
STARTS = 7
PATIENCE = 60.0

_BARE_CLICK = """
import click

@click.group()
@click.option("--config")
def main(config):
    "A program that does nothing."

main()
"""


def measure() -> list[Figure]:
    """Start each in turns."""
    with working_folder() as folder:
        return [_help(folder), _watching(folder)]


def _help(folder: Path) -> Figure:
    script = folder / "bare.py"
    script.write_text(_BARE_CLICK, encoding="ascii")
    ours, floor = _in_turns(
        HELPS,
        lambda: seconds_of(sokuresu("--help")),
        lambda: seconds_of([sys.executable, str(script), "--help"]),
    )
    return Figure(
        "sokuresu --help",
        "ms",
        ours * 1000,
        floor * 1000,
        "bare click",
        Bound(1.3),
        f"median of {HELPS} calls",
    )


def _watching(folder: Path) -> Figure:
    with servers() as here, counting(here.imap) as (endpoint, traffic):
        config = write_configuration(folder, [(endpoint, here.accounts[0])], here.smtp)
        listing = folder / "libraries"
        list_libraries(config, listing)

        def start_service() -> float:
            traffic.forget()
            begun = time.monotonic()
            with started(running(config), folder / "errors"):
                return traffic.await_command(b"IDLE", within=PATIENCE) - begun

        def start_importer() -> float:
            begun = time.monotonic()
            with started(library_importer(listing), folder / "errors") as process:
                await_line(process)
                return time.monotonic() - begun

        ours, floor = _in_turns(STARTS, start_service, start_importer)
    return Figure(
        "start of run until the mailbox is watched",
        "ms",
        ours * 1000,
        floor * 1000,
        "the same imports",
        Bound(1.3),
        f"median of {STARTS} starts, until IDLE",
    )


def _in_turns(turns: int, ours: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float]:
    """The medians of both after a first turn that does not count."""
    taken = [(ours(), floor()) for _ in range(turns + 1)][1:]
    return middle([one for one, _ in taken]), middle([other for _, other in taken])
