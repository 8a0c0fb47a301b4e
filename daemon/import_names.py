"""Refuse to run where another installed package owns one of our import names."""

from __future__ import annotations

from importlib.metadata import packages_distributions

from daemon.errors import ConfigurationError

OURS = ("daemon", "parsers", "state", "templates")
_DISTRIBUTION = "sokuresu"


def check_import_names() -> None:
    """Look at what is installed beside us; takes tens of milliseconds, so only the service asks.

    Raises:
        ConfigurationError: one sentence for each name that somebody else owns too.
    """
    owners = packages_distributions()
    faults = tuple(
        f"{name}: {', '.join(others)} と名前が衝突します。専用の仮想環境に入れてください。"
        f" / {', '.join(others)} uses the same import name; install sokuresu into an environment of its own."
        for name in OURS
        if (others := sorted(set(owners.get(name, ())) - {_DISTRIBUTION}))
    )
    if faults:
        raise ConfigurationError(faults)
