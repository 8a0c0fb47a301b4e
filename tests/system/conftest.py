"""Hands the configured shop to the tests of the command line."""

from __future__ import annotations

from tests.system.shop_under_test import shop, taken

__all__ = ["shop", "taken"]
