"""Programs as processes of their own: the service, and ones that only import what it imports."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
OURS = ("daemon", "parsers", "state", "templates", "tests", "__main__")
"""Packages of ours, which the floors of memory and time do not import."""

_LIST_LIBRARIES = f"""
import sys
from pathlib import Path
import daemon.cli.run
from daemon.bootstrap import build_service
from daemon.config import load
build_service(load(Path(sys.argv[1])))
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] not in {OURS!r} and getattr(module, "__spec__", None) is not None:
        print(name)
"""
_IMPORT_LIBRARIES = """
import contextlib, importlib, sys
for name in open(sys.argv[1], encoding="ascii").read().split():
    with contextlib.suppress(Exception):
        importlib.import_module(name)
print("ready", flush=True)
sys.stdin.read()
"""


def sokuresu(*arguments: str) -> list[str]:
    """The command line of the program."""
    script = Path(sys.prefix, "bin", "sokuresu")
    return [str(script), *arguments] if script.exists() else [sys.executable, "-m", "daemon.cli", *arguments]


def running(config: Path) -> list[str]:
    """The command line of the service."""
    return sokuresu("--config", str(config), "run")


def library_importer(listing: Path) -> list[str]:
    """The command line of a process that imports what is listed, says so, and waits for its input's end."""
    return [sys.executable, "-c", _IMPORT_LIBRARIES, str(listing)]


def list_libraries(config: Path, listing: Path) -> None:
    """Write down every module, except our own, that the service has imported once it is built."""
    listing.write_text(_output([sys.executable, "-c", _LIST_LIBRARIES, str(config)]), encoding="ascii")


@contextlib.contextmanager
def started(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in the background, its errors in that file; it is told to end with the block."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.communicate()


def await_line(process: subprocess.Popen[bytes]) -> None:
    """Wait until the program prints its first line.

    Raises:
        RuntimeError: it ended before that.
    """
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError(f"{process.args!r} ended at once")


def seconds_of(command: Sequence[str]) -> float:
    """How long a program runs that ends by itself.

    Raises:
        CalledProcessError: it failed.
    """
    begun = time.perf_counter()
    _output(command)
    return time.perf_counter() - begun


def kilobytes(process: subprocess.Popen[bytes]) -> float:
    """The memory of a process: its own and its share of what it shares, else what is resident."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup")
    source, name = (rollup, "Pss:") if rollup.exists() else (Path(f"/proc/{process.pid}/status"), "VmRSS:")
    lines = source.read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith(name)).split()[1])


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
