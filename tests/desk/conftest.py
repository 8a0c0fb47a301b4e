"""The floor of a shop with a desk at it; SQLite alone, for the pages know no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.beds.desk import Browser, make_desk
from tests.beds.shopfloor import floor, shop_database, sqlite_engine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.beds.shopfloor import Shopfloor

__all__ = ["browser", "floor", "shop_database", "sqlite_engine"]


@pytest.fixture
def browser(floor: Shopfloor, tmp_path: Path) -> Browser:
    """Somebody who is signed in at the desk of that shop."""
    return Browser(make_desk(floor, tmp_path)).sign_in()
