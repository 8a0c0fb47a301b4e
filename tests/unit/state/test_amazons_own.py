"""Amazon's own time for what no mail answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parsers.values import Kind
from state.deadlines import amazons_own

CAME = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


@pytest.mark.playbook("a claim (A-to-z), a cancellation request")
@pytest.mark.parametrize(
    ("kind", "marketplace", "hours"),
    [
        (Kind.CLAIM, "co.jp", 48),
        (Kind.CLAIM, None, 48),
        (Kind.CLAIM, "it", 72),
        (Kind.CLAIM, "com", 72),
        (Kind.RETURN_REQUEST, "co.jp", 24),
        (Kind.CANCELLATION_REQUEST, "de", 24),
    ],
)
def test_claims_and_requests_have_a_time_of_their_own(kind, marketplace, hours):
    """Weekends and holidays included."""
    assert amazons_own(kind, marketplace, CAME) == CAME + timedelta(hours=hours)


@pytest.mark.parametrize("kind", [Kind.BUYER_MESSAGE, Kind.FEEDBACK, Kind.REFUND, Kind.CALL])
def test_everything_else_has_none(kind):
    """A buyer's message has the 24 hours that stand on it."""
    assert amazons_own(kind, "co.jp", CAME) is None
