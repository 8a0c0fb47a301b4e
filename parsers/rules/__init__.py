"""What is known about Amazon's mail, as data: one table a file, every entry with its confidence.

``seen`` stands for wording taken from a real mail, ``secondary`` for wording that others report, ``assumed``
for wording that nobody has shown yet.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

CONFIDENCES = ("seen", "secondary", "assumed")


@cache
def load_rules(name: str) -> dict[str, Any]:
    """Read one table, once.

    Args:
        name: the file's name without ``.toml``.

    Raises:
        FileNotFoundError: there is no such table.
    """
    return tomllib.loads(load_text(f"{name}.toml"))


def load_text(name: str) -> str:
    """Read one file of this folder as it is.

    Args:
        name: the file's name in the folder, with slashes.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
