"""When a command by mail is carried out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parsers.values import Authenticity
from state.command_rules import TOKEN_AGE, Action, CommandRefusal, must_ask_back, refusal_of
from tests.unit.state.examples import NOW, make_offer

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("offer", "issued_at", "newest", "expected"),
    [
        (make_offer(1), NOW, 1, None),
        (make_offer(1), NOW - TOKEN_AGE, 1, None),
        (make_offer(1), NOW - TOKEN_AGE - MOMENT, 1, CommandRefusal.EXPIRED),
        (make_offer(1, used_at=NOW), NOW, 1, CommandRefusal.USED),
        (make_offer(1), NOW, 2, CommandRefusal.BUYER_WROTE_AGAIN),
        (None, None, 1, CommandRefusal.UNKNOWN),
    ],
)
def test_a_token_lives_once_for_two_days_and_until_the_next_message(offer, issued_at, newest, expected):
    """Each way in which it dies has its own word."""
    assert refusal_of(offer, issued_at, newest, NOW) == expected


@pytest.mark.parametrize(
    ("action", "authenticity", "asked_back", "expected"),
    [
        (Action.APPROVE, Authenticity.PASS, False, False),
        (Action.APPROVE, Authenticity.NONE, False, True),
        (Action.APPROVE, Authenticity.NONE, True, False),
        (Action.NO_REPLY_NEEDED, Authenticity.NONE, False, True),
        (Action.SNOOZE, Authenticity.NONE, False, False),
        (Action.EDIT, Authenticity.NONE, False, False),
    ],
)
def test_without_proof_only_what_decides_is_asked_back(action, authenticity, asked_back, expected):
    """To send or to close takes a proven mail or a second one."""
    assert must_ask_back(make_offer(1, action=action, asked_back=asked_back), authenticity) is expected
