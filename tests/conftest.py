"""Hands the test beds' fixtures to every test."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.beds.browser import chromium, window
from tests.beds.certificates import certificate, expired_certificate
from tests.beds.dovecot import dovecot
from tests.beds.imap_script import imap_script
from tests.beds.oauth import token_server
from tests.beds.postgres import database_url, postgres, postgres_url
from tests.beds.pymap import pymap
from tests.beds.smtp import smtp_server

__all__ = [
    "certificate",
    "chromium",
    "database_url",
    "dovecot",
    "expired_certificate",
    "imap_script",
    "postgres",
    "postgres_url",
    "pymap",
    "smtp_server",
    "token_server",
    "window",
]

TESTS = Path(__file__).parent
STORED = ("storage", "data_care", "reports", "addressed", "alerts", "intake", "drafts_folder", "commands")
"""The stories that are nearest to what is stored; the others run the same lines in passing."""
MEASURED = (
    *(TESTS / "unit" / folder for folder in ("parsers", "state")),
    *(TESTS / "usecases" / f"test_{story}.py" for story in STORED),
)
"""The tests that have to reach the floor of coverage by themselves.

Measuring takes as long again as testing, and a line that another test runs in passing is not proved by it.
"""
LONG = frozenset({"test_storage.py", "test_soak.py", "test_bounds.py", "test_faults.py"})
"""Begun first: each runs in one process, and begun last it would run alone at the end."""


# How long an example takes says how busy the machine is, and nothing of the program.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=(HealthCheck.too_slow,))
settings.load_profile("patient")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Measure only where the floor is to be reached."""
    if not any(item.path.is_relative_to(folder) for folder in MEASURED):
        item.add_marker(pytest.mark.no_cover)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order of all others, and within a file, stays."""
    items.sort(key=lambda item: item.path.name not in LONG)
