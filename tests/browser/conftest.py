"""A furnished shop with its desk for each file of tests in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.beds.desk_day import DeskDay, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.beds.browser import Window


@pytest.fixture(scope="module")
def day(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskDay]:
    """A shop on a Tuesday afternoon; a test leaves the cases of others alone."""
    with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def bare_day(tmp_path: Path) -> Iterator[DeskDay]:
    """A shop where nothing has come yet and no password is set.

    Named before ``window`` among a test's fixtures, so that the pages close before the desk does: what a page
    still loads by itself would be refused else.
    """
    with open_shop(tmp_path, furnished=False) as shop:
        yield shop


@pytest.fixture
def page(day: DeskDay, window: Window) -> Page:
    """The window of somebody who is signed in at that shop's desk."""
    return day.sign_in(window(day.address))
