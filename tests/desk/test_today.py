"""What waits today, on a page."""

from __future__ import annotations

from tests.beds.post import buyer
from tests.beds.reviewing import day_goes_on


def test_an_unanswered_case_is_listed(floor, browser):
    """The buyer's name and the time left stand there."""
    day_goes_on(floor, buyer(1))
    assert "あと" in browser.text("/")
