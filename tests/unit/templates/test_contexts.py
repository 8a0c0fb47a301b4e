"""What a template may see is fixed, and its times are aware."""

import dataclasses
from datetime import UTC, datetime

import pytest

from templates.contexts import AcknowledgmentContext, AlertCase, AlertContext

NAIVE = datetime(2026, 11, 21, 20)
AWARE = datetime(2026, 11, 21, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: AcknowledgmentContext("店", None, None, NAIVE), "answered_by"),
        (lambda: AlertCase(1, "claim", None, (), NAIVE), "waiting_since"),
        (lambda: AlertCase(1, "claim", None, (), AWARE, respond_by=NAIVE), "respond_by"),
        (lambda: AlertContext("店", NAIVE, "slot"), "now"),
        (lambda: AlertContext("店", AWARE, "slot", next_opening=NAIVE), "next_opening"),
    ],
)
def test_naive_times_are_refused_by_name(build, field):
    """A time without zone would be printed as if it were the shop's."""
    with pytest.raises(ValueError, match=field):
        build()


def test_contexts_cannot_be_changed():
    """A template, or code behind it, changes nothing for the next one."""
    context = AcknowledgmentContext("店", None, None, AWARE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        context.shop_name = "別の店"
