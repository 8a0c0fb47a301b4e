"""Files that commands write for a person: private, and never in the place of another one unasked."""

from __future__ import annotations

import os
from secrets import token_hex
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_text(path: Path, pieces: Iterable[str], *, force: bool = False) -> None:
    """Write a new file in UTF-8 that only its owner may read, piece by piece.

    Args:
        path: where.
        pieces: what, line ends included.
        force: put it in the place of a file that is there, once it is whole; other names of that file keep
            what they had. A link, a folder or a device is never replaced.

    Raises:
        SokuresuError: a file is there, or it cannot be written.
    """
    try:
        if force:
            _require_file(path)
        fresh = path.with_name(f"{path.name}.{token_hex(4)}") if force else path
        _write(fresh, path, pieces)
    except FileExistsError as error:
        raise SokuresuError(
            f"{path} はもうあります。置き換えるには --force を付けてください。"
            f" / {path} is there already; --force replaces it."
        ) from error
    except OSError as error:
        raise SokuresuError(
            f"{path} に書けません ({error.strerror})。 / {path} cannot be written ({error.strerror})."
        ) from error


def _require_file(path: Path) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise SokuresuError(
            f"{path} は普通のファイルではないので、置き換えません。"
            f" / {path} is no ordinary file, so it is not replaced."
        )


def _write(fresh: Path, path: Path, pieces: Iterable[str]) -> None:
    """Write a file whole and give it its name; half of one stays nowhere."""
    handle = os.open(fresh, _NEW, _PRIVATE)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
