"""Hands the shop's fixtures to every use case, and decides which databases each of them sees."""

from __future__ import annotations

import os

import pytest

from tests.beds.shopfloor import floor, postgres_engine, shop_database, sqlite_engine

__all__ = ["floor", "postgres_engine", "shop_database", "sqlite_engine"]

BOTH = frozenset({"test_delivery"})
"""Where a database may make the difference: what is claimed and what is unique.

What happens by chance says itself which of its days it spends on which database.

All other stories run on SQLite alone, for each statement is held to both databases by `test_storage`;
``SOKURESU_EVERY_DATABASE=1`` runs all of them on both.
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each database that its module is to see."""
    chosen = [str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize")]
    if "shop_database" not in metafunc.fixturenames or any("shop_database" in names for names in chosen):
        return
    module = metafunc.module.__name__.rpartition(".")[2]
    kinds: list[object] = ["sqlite"]
    if module in BOTH or os.environ.get("SOKURESU_EVERY_DATABASE") == "1":
        kinds.append(pytest.param("postgres", marks=pytest.mark.postgres))
    metafunc.parametrize("shop_database", kinds, indirect=True)
