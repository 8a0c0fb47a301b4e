"""Files that commands write for a person: private, and never in the place of another one unasked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PRIVATE = 0o600


def write_text(path: Path, pieces: Iterable[str], *, force: bool = False) -> None:
    """Write a new file in UTF-8 that only its owner may read, piece by piece.

    Args:
        path: where.
        pieces: what, line ends included.
        force: replace a file that is there; it becomes private too.

    Raises:
        SokuresuError: a file is there, or it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        handle = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, _PRIVATE)
        os.fchmod(handle, _PRIVATE)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
    except FileExistsError as error:
        raise SokuresuError(
            f"{path} はもうあります。置き換えるには --force を付けてください。"
            f" / {path} is there already; --force replaces it."
        ) from error
    except OSError as error:
        raise SokuresuError(
            f"{path} に書けません ({error.strerror})。 / {path} cannot be written ({error.strerror})."
        ) from error
