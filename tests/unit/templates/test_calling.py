"""What a person reads aloud on the telephone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from templates.calling import CallContext, render_script

NOW = datetime(2026, 11, 21, 19, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
CONTEXT = CallContext("まい商店", NOW, NOW + timedelta(days=1, minutes=30))


@pytest.mark.playbook("a telephone call from an unknown number")
def test_the_script_leads_the_caller_to_write_through_amazon():
    """Both ways: from the orders, and from the shop's page; and it says by when the shop answers."""
    script = render_script(CONTEXT, "ja")
    for part in ("まい商店", "明日 20:00 までに", "出品者に連絡する", "すべての評価", "質問する", "申し訳"):
        assert part in script
    english = render_script(CONTEXT, "en")
    for part in ("tomorrow 20:00", "Contact seller", "See all ratings", "Ask a question", "sorry"):
        assert part in english


def test_the_script_asks_for_nothing_that_is_not_needed():
    """What is read aloud names neither address nor card, and ratings only on the way to the shop's page."""
    spoken = [line for line in render_script(CONTEXT, "ja").splitlines() if not line.startswith("※")]
    text = "\n".join(spoken).replace("『すべての評価』", "")
    assert not any(word in text for word in ("ご住所", "カード", "生年月日", "評価", "レビュー", "返金"))


def test_a_script_needs_a_zone_and_a_known_language():
    """Naive instants are stopped at the door."""
    with pytest.raises(ValueError, match="time zone"):
        CallContext("店", NOW.replace(tzinfo=None), NOW)
    with pytest.raises(ValueError, match="no script"):
        render_script(CONTEXT, "fr")
