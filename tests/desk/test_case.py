"""The page of a case: the conversation, what is known, and what happened."""

from __future__ import annotations

from tests.beds.post import order_of
from tests.beds.reviewing import complaint, day_goes_on


def test_a_case_shows_the_conversation(floor, browser):
    """What the buyer wrote, what we acknowledged, and what is known stand on one page."""
    day_goes_on(floor, complaint(1))
    page = browser.text("/case/1")
    told = (
        "山田 二郎",
        "未回答",
        "箱がつぶれて",
        "受付確認 (自動)",
        "250-0000001-7654321",
        "受付確認を送りました",
    )
    for word in told:
        assert word in page, word
