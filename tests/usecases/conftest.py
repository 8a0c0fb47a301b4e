"""Hands the shop's fixtures to every use case."""

from __future__ import annotations

from tests.beds.shopfloor import floor, postgres_template, shop_database, sqlite_template

__all__ = ["floor", "postgres_template", "shop_database", "sqlite_template"]
