"""Hands the shop's fixtures to every use case."""

from __future__ import annotations

from tests.beds.shopfloor import floor, postgres_engine, shop_database, sqlite_engine

__all__ = ["floor", "postgres_engine", "shop_database", "sqlite_engine"]
