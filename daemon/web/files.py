"""Style, script and signs: public files, compressed on the way and kept by browsers as they are."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Scope

_FOLDER = Path(str(files("daemon.web") / "static"))
_KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"
"""Kept, and asked for by its mark each time whether it changed."""


def address_of(name: str) -> str:
    """The address of a file with its version, so that a browser may keep it for good.

    Args:
        name: below the folder, such as ``desk.css``.
    """
    return f"/static/{name}?v={_version(name)}"


@cache
def _version(name: str) -> str:
    return hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]


def static_files() -> ASGIApp:
    """Serves them. They alone are compressed: a page would tell by its length what secret stands in it."""
    return GZipMiddleware(_Files(directory=_FOLDER), minimum_size=500)


class _Files(StaticFiles):
    """With how long each may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, or the error that there is none."""
        response = await super().get_response(path, scope)
        named = scope["query_string"].startswith(b"v=")
        response.headers["cache-control"] = _KEPT_FOR_GOOD if named else _ASKED_AGAIN
        return response
