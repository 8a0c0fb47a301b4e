"""Refuse to run where another installed package owns one of our import names."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from daemon.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

OURS = ("daemon", "parsers", "state", "templates")
_DISTRIBUTION = "sokuresu"
_OURS_LISTED = re.compile(rf"^({'|'.join(OURS)})(?:/|\.py,|$)", re.MULTILINE)


def check_import_names() -> None:
    """Look at what is installed beside us; takes tens of milliseconds, so only the service asks.

    Raises:
        ConfigurationError: one sentence for each name that somebody else owns too.
    """
    owners = _owners()
    faults = tuple(
        f"{name}: {', '.join(others)} と名前が衝突します。専用の仮想環境に入れてください。"
        f" / {', '.join(others)} uses the same import name; install sokuresu into an environment of its own."
        for name in OURS
        if (others := sorted(set(owners.get(name, ())) - {_DISTRIBUTION}))
    )
    if faults:
        raise ConfigurationError(faults)


def _owners() -> Mapping[str, set[str]]:
    """Which distributions have files under each of our names.

    The standard library's `packages_distributions` tells the same of all names and takes thrice as long.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for distribution in distributions():
        for listing in ("RECORD", "top_level.txt"):
            for name in set(_OURS_LISTED.findall(distribution.read_text(listing) or "")):
                owners[name].add(distribution.metadata["Name"])
    return owners
