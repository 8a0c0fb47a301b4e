"""The review desk of a shop with 20,000 cases: time of its pages, memory of its process, weight of a page."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.clock import SystemClock
from daemon.ports import Credentials, Endpoint, Security
from daemon.storage import open_database
from daemon.web import sessions
from state.engine import open_engine
from tests.benchmarks.figures import Bound, Figure, middle, percentile
from tests.benchmarks.programs import (
    OURS,
    ROOT,
    await_line,
    kilobytes,
    library_importer,
    sokuresu,
    started,
)
from tests.benchmarks.shops import settings_of, working_folder, write_configuration
from tests.benchmarks.years import fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CASES = 20_000
WAITING = 40
REQUESTS = 200
WARMING = 20
SEARCHES = 20
RARE = "/search?q=" + "%E8%B3%BC%E5%85%A5%E8%80%8514321"
"""A buyer with one or two cases."""

EXPORT = "/export/table.csv?what=cases"
_LINKS = re.compile(r"""<(?:link|script|use|img)[^>]{0,300}?(?:href|src)="([^"#]{1,300})""")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of requests to the desk and to the floor, in turns.

    Attributes:
        ours: of the desk.
        floor: of the bare page.
    """

    ours: tuple[float, ...]
    floor: tuple[float, ...]

    def figure(self, what: str) -> Figure:
        """The slowest but a twentieth."""
        halves = f"medians {middle(self.ours) * 1000:.1f} and {middle(self.floor) * 1000:.1f} ms"
        return Figure(
            f"{what}, p95",
            "ms",
            percentile(self.ours, 95) * 1000,
            percentile(self.floor, 95) * 1000,
            "bare Starlette, same queries",
            Bound(2),
            f"{len(self.ours)} requests in turns, {CASES:,} cases, {WAITING} unanswered; {halves}",
        )


class Client:
    """One connection that is kept, signed in."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"cookie": f"{sessions.COOKIE}={token}", "accept-encoding": "gzip"}

    def get(self, path: str) -> bytes:
        """What a path answers, as it travels.

        Raises:
            RuntimeError: it does not answer with a page.
        """
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answers {answer.status}")
        return body

    def seconds(self, path: str) -> float:
        """How long that takes."""
        begun = time.perf_counter()
        self.get(path)
        return time.perf_counter() - begun

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()


def measure() -> list[Figure]:
    """Fill the books, run the desk and the floor, ask both in turns, weigh the desk."""
    with working_folder() as folder:
        config = _shop(folder)
        token = _books(config)
        listing = folder / "libraries"
        _list_libraries(config, token, listing)
        with started(library_importer(listing), folder / "errors") as importer:
            await_line(importer)
            with _desk(config, token) as (process, client):
                figures = [*_pages(config, token, client), *_others(client), _weight(client)]
                memory = kilobytes(process)
            floor = kilobytes(importer)
    note = f"after {4 * REQUESTS:,} pages, searches and exports of {CASES:,} cases"
    return [
        *figures,
        Figure("memory of the desk", "kB", memory, floor, "the same imports", Bound(1.3), note),
    ]


def _shop(folder: Path) -> Path:
    nowhere = Endpoint("127.0.0.1", 9, Security.NONE)
    return write_configuration(folder, [(nowhere, Credentials("box", "secret"))], nowhere)


def _books(config: Path) -> str:
    """Write years of cases, and sit down at the desk; tells the token."""
    settings, clock = settings_of(config), SystemClock()
    with closing(open_database(settings)) as database:
        engine = open_engine(settings.database)
        fill(engine, CASES, WAITING, clock.now())
        engine.dispose()
        with database.write() as uow:
            seat = sessions.begin(uow, clock.now())
            uow.commit()
    return seat.token


def _list_libraries(config: Path, token: str, listing: Path) -> None:
    given = f"{str(config)!r}, {token!r}, {OURS!r}"
    command = [
        sys.executable,
        "-c",
        f"from tests.benchmarks import bare_desk as b; b.print_libraries({given})",
    ]
    listing.write_bytes(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)


@contextlib.contextmanager
def _desk(config: Path, token: str) -> Iterator[tuple[subprocess.Popen[bytes], Client]]:
    """The desk as it really runs, and somebody who sits at it."""
    port = _free_port()
    command = sokuresu("--config", str(config), "web", "--port", str(port))
    with (
        _serving(command, config.with_name("desk-errors")) as process,
        closing(Client(port, token)) as client,
    ):
        yield process, client


@contextlib.contextmanager
def _serving(command: Sequence[str], errors: Path) -> Iterator[subprocess.Popen[bytes]]:
    with started(command, errors) as process:
        try:
            await_line(process)
            yield process
        except Exception:
            sys.stderr.write(errors.read_text(encoding="utf-8"))
            raise


def _pages(config: Path, token: str, desk: Client) -> Iterator[Figure]:
    cases = [f"/case/{number}" for number in range(CASES - WAITING + 1, CASES + 1)]
    port = _free_port()
    module = [sys.executable, "-m", "tests.benchmarks.bare_desk"]
    command = [*module, str(config), token, str(port), "/", *cases]
    with _serving(command, config.with_name("floor-errors")), closing(Client(port, token)) as floor:
        yield _in_turns(desk, floor, ["/"] * REQUESTS).figure("today")
        turns = REQUESTS // WAITING + 1
        yield _in_turns(desk, floor, (cases * turns)[:REQUESTS]).figure("case")


def _in_turns(desk: Client, floor: Client, paths: Sequence[str]) -> Times:
    for path in paths[:WARMING]:
        desk.get(path), floor.get(path)
    pairs = [(desk.seconds(path), floor.seconds(path)) for path in paths]
    return Times(*zip(*pairs, strict=True))


def _others(desk: Client) -> Iterator[Figure]:
    """What has no bound and is told all the same."""
    for what, path in (("search for a rare word", RARE), ("export of all cases", EXPORT)):
        desk.get(path)
        times = [desk.seconds(path) for _ in range(SEARCHES if path == RARE else 3)]
        yield Figure(f"{what}, median", "ms", middle(times) * 1000, note=f"{len(times)} times")


def _weight(desk: Client) -> Figure:
    """Today as a browser that has nothing yet takes it."""
    page = desk.get("/")
    files = sorted(set(_LINKS.findall(page.decode())))
    sizes = {path: len(desk.get(path)) for path in files if path.startswith("/static/")}
    weight = len(page) + sum(sizes.values())
    told = f"page {len(page) / 1000:.1f} kB, {len(sizes)} files {sum(sizes.values()) / 1000:.1f} kB as sent"
    return Figure(
        "weight of today",
        "kB",
        weight / 1000,
        bound=Bound(150, of_floor=False),
        note=f"{told}; {WAITING} cases",
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
