"""The floor of the desk: a bare Starlette page that asks the database what a page of the desk asks it.

``python -m tests.benchmarks.bare_desk CONFIG TOKEN PORT PATH…`` opens each path at a real desk inside this
process, writes down the statements, and then answers the same paths with a plain page after the same
statements, in as many transactions, through the same engine and behind the same web server.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import event
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse
from starlette.routing import Route

from daemon.allocator import share_heaps
from daemon.clock import SystemClock
from daemon.config import load
from daemon.configured_shop import shop_of
from daemon.existing import existing_engine
from daemon.web import sessions
from daemon.web.app import build
from daemon.web.desk import Desk
from daemon.web.server import serve
from state.engine import for_reading
from state.unit_of_work import Database

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.sql import Executable
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message

    from daemon.config import Settings

PAGE = "<!doctype html><title>floor</title><p>%d rows"

Statements = list[tuple["Executable", "Mapping[str, Any]"]]


@dataclass
class Recorder:
    """Listens to an engine.

    Attributes:
        engine: which.
        transactions: the statements of each since it began to listen.
    """

    engine: Engine
    transactions: list[Statements] = field(default_factory=list)

    def __enter__(self) -> Self:
        event.listen(self.engine, "begin", self._begin)
        event.listen(self.engine, "before_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "begin", self._begin)
        event.remove(self.engine, "before_execute", self._note)

    def _begin(self, _connection: Any) -> None:
        self.transactions.append([])

    def _note(self, _connection: Any, statement: Any, many: Any, one: Any, _options: Any) -> None:
        if many:
            raise RuntimeError("a page that is only looked at wrote many rows")
        self.transactions[-1].append((statement, dict(one)))


def main(arguments: Sequence[str]) -> None:
    """Record, then serve until it is told to stop."""
    config, token, port, *paths = arguments
    share_heaps()
    settings = load(Path(config), secrets=False, web={"port": int(port)})
    engine = existing_engine(settings)
    asked = _recorded(settings, engine, token, paths)
    serve(_bare(for_reading(engine), asked), settings.web, lambda: print("ready", flush=True))


def _recorded(
    settings: Settings, engine: Engine, token: str, paths: Sequence[str]
) -> dict[str, list[Statements]]:
    """What the desk asks the database for each page."""
    desk = build(desk_of(settings, engine))
    asked = {}
    for path in paths:
        with Recorder(engine) as recorder:
            status = asyncio.run(ask(desk, path, token, settings))
        if status != 200:
            raise RuntimeError(f"{path} answers {status}")
        # That somebody was seen is written down once a minute; a page that is read writes nothing else.
        asked[path] = [one for one in recorder.transactions if all(_reads(statement) for statement, _ in one)]
    return asked


def _reads(statement: Executable) -> bool:
    return bool(statement.is_select)


def desk_of(settings: Settings, engine: Engine) -> Desk:
    """The desk as ``sokuresu web`` puts it together."""
    clock = SystemClock()
    return Desk(settings, shop_of(settings, clock), Database(engine), clock, settings.web.origins)


async def ask(app: ASGIApp, path: str, token: str, settings: Settings) -> int:
    """Open a page without a server in between; tells the status."""
    host, cookie = settings.web.home.removeprefix("http://"), f"{sessions.COOKIE}={token}"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", host.encode()), (b"cookie", cookie.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", settings.web.port),
    }
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    return int(told[0]["status"])


def print_libraries(config: str, token: str, ours: Sequence[str]) -> None:
    """Write down every module, except ours, that the desk has imported once it has shown a page."""
    from daemon.cli import web as _web  # noqa: F401 - what the command imports
    from daemon.web import server
    from state.migrations import is_current

    settings = load(Path(config), secrets=False)
    engine = existing_engine(settings)
    is_current(engine)
    app = build(desk_of(settings, engine))
    server._configuration(app, None).load()
    asyncio.run(ask(app, "/", token, settings))
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in ours and getattr(module, "__spec__", None) is not None:
            print(name)


def _bare(engine: Engine, asked: dict[str, list[Statements]]) -> Starlette:
    async def answer(request: Request) -> Response:
        return HTMLResponse(PAGE % await run_in_threadpool(_replay, engine, asked[request.url.path]))

    return Starlette(routes=[Route("/{path:path}", answer)])


def _replay(engine: Engine, transactions: list[Statements]) -> int:
    rows = 0
    for statements in transactions:
        with engine.connect() as connection, connection.begin():
            rows += sum(len(connection.execute(*one).fetchall()) for one in statements)
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
