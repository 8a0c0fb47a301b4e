"""Any ASGI application behind a real web server on a free port of loopback, until the end of a block."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from tests.beds.processes import LOOPBACK, await_that

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

LONGEST_WAIT = 60.0
"""Seconds that the start and the stop may take each."""


def _configuration(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        # What a request raises reaches the log of the test by the ordinary way.
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        # A browser keeps its connections; the stop does not wait for it to let go.
        timeout_graceful_shutdown=1,
    )


@contextlib.contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve the application in a thread of this process.

    Args:
        app: what answers; its lifespan, if it has one, begins and ends with the block.

    Yields:
        The address, such as ``http://127.0.0.1:41234``, without a slash at its end.

    Raises:
        RuntimeError: the server did not start, or not stop, in time; the log says why.
    """
    server = uvicorn.Server(_configuration(app))
    # Bound by us, so that nobody can take the port between the choice and the start.
    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="desk-server", daemon=True)
        thread.start()
        try:
            await_that(lambda: server.started or not thread.is_alive(), for_seconds=LONGEST_WAIT)
            if not server.started:
                raise RuntimeError("the web server did not start")
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LONGEST_WAIT)
        if thread.is_alive():
            raise RuntimeError("the web server did not stop")
