"""When an approval holds, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.values import Authenticity, Kind
from state.approval_rules import (
    ApprovalRefusal,
    Standing,
    fence,
    message_to_answer,
    outgoing_states,
    refusal_of,
    sight_of,
    voiding_message,
)
from state.drafts import DraftState, Sight
from state.outbox_rules import OutboxKind, OutboxState
from tests.unit.state.examples import make_draft, make_item, make_message


def standing(**values: Any) -> Standing:
    """A case in which nothing happened since its first message."""
    complete: dict[str, Any] = {
        "voiding_message": 1,
        "newest_answer": 0,
        "outgoing": frozenset(),
        "reachable": True,
    }
    return Standing(**(complete | values))


def test_an_untouched_case_lets_its_draft_go():
    """Nothing came in between."""
    assert refusal_of(make_draft(1), standing()) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"voiding_message": 2}, ApprovalRefusal.BUYER_WROTE_AGAIN),
        ({"newest_answer": 1}, ApprovalRefusal.ANSWERED_MEANWHILE),
        ({"reachable": False}, ApprovalRefusal.NO_ADDRESS),
        ({"outgoing": frozenset({OutboxState.QUEUED})}, ApprovalRefusal.BEING_SENT),
        ({"outgoing": frozenset({OutboxState.DEFERRED})}, ApprovalRefusal.BEING_SENT),
        ({"outgoing": frozenset({OutboxState.SENDING})}, ApprovalRefusal.BEING_SENT),
        ({"outgoing": frozenset({OutboxState.UNCERTAIN})}, ApprovalRefusal.UNCERTAIN),
        ({"outgoing": frozenset({OutboxState.WITHDRAWN, OutboxState.REFUSED, OutboxState.SENT})}, None),
    ],
)
def test_what_came_in_between_is_named(now, expected):
    """Each thing that a person did not see when the draft was made has its own word."""
    assert refusal_of(make_draft(1), standing(**now)) == expected


@pytest.mark.parametrize(
    ("state", "outgoing", "expected"),
    [
        (DraftState.DISCARDED, set(), ApprovalRefusal.DISCARDED),
        (DraftState.APPROVED, {OutboxState.SENT}, ApprovalRefusal.ALREADY_SENT),
        (DraftState.APPROVED, {OutboxState.SENDING}, ApprovalRefusal.BEING_SENT),
        (DraftState.REPLACED, set(), None),
    ],
)
def test_a_settled_version_tells_what_became_of_it(state, outgoing, expected):
    """The second of two people hears that it is being sent already; an older text may be chosen."""
    now = standing(outgoing=frozenset(outgoing))
    assert refusal_of(make_draft(1, state=state), now) == expected


def test_the_fence_ignores_mail_that_is_judged_itself():
    """In the transaction that claims a mail, its own row stands in no way."""
    items = [
        make_item(1, kind=OutboxKind.APPROVED, state=OutboxState.QUEUED),
        make_item(2, kind=OutboxKind.APPROVED, state=OutboxState.REFUSED),
        make_item(3, state=OutboxState.SENT),
    ]
    assert outgoing_states(items, besides=1) == {OutboxState.REFUSED}
    assert outgoing_states(items) == {OutboxState.QUEUED, OutboxState.REFUSED}
    assert fence(make_draft(1), standing(outgoing=frozenset({OutboxState.QUEUED}))) is None


def test_only_proven_news_voids():
    """A forger cannot stop the shop's answers, and a notice that wants nothing is no news."""
    messages = [
        make_message(1),
        make_message(2, authenticity=Authenticity.NONE),
        make_message(3, kind=Kind.REFUND, wants_answer=False),
    ]
    assert voiding_message(messages) == 1
    assert voiding_message(messages[1:]) == 0
    assert voiding_message([*messages, make_message(4, kind=Kind.CLAIM)]) == 4
    assert sight_of(messages, 7) == Sight(message=3, answer=7)
    assert sight_of((), 0) == Sight(message=0, answer=0)


def test_the_answer_goes_on_the_buyers_own_thread():
    """A claim may be newer than the buyer's words, and words may be newer than what was seen."""
    messages = [make_message(1), make_message(2, kind=Kind.CLAIM), make_message(3)]
    assert message_to_answer(messages, Sight(2, 0)) == messages[0]
    assert message_to_answer(messages, Sight(3, 0)) == messages[2]
    assert message_to_answer(messages[1:2], Sight(2, 0)) is None


def test_a_later_unproven_message_leaves_the_draft_alone():
    """What was seen is older than the unproven message, and still it goes."""
    assert refusal_of(make_draft(1, sight=Sight(1, 0)), standing(voiding_message=1)) is None
