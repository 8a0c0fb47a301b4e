"""Decision 4 of the design, row by row, and everything that it does not allow."""

from __future__ import annotations

import itertools

import pytest

from state.outbox_rules import (
    IllegalTransition,
    OutboxEvent,
    OutboxKind,
    OutboxState,
    next_state,
)
from tests.unit.state.examples import BUYER_ROWS, OWNER_ROWS

BUYER_KINDS = (OutboxKind.ACKNOWLEDGMENT, OutboxKind.APPROVED)
ONCE_KINDS = (*BUYER_KINDS, OutboxKind.INQUIRY)
OWNER_KINDS = (OutboxKind.ALERT, OutboxKind.WEBHOOK)


def rows(kinds, table):
    """Every row of a table for every kind that it holds for."""
    return [(state, event, kind, target) for (state, event), target in table.items() for kind in kinds]


def illegal():
    """Every pair of state and event that no row names."""
    tables = [(ONCE_KINDS, BUYER_ROWS), (OWNER_KINDS, OWNER_ROWS)]
    return [
        (state, event, kind)
        for kinds, table in tables
        for kind in kinds
        for state, event in itertools.product(OutboxState, OutboxEvent)
        if (state.value, event.value) not in table
    ]


@pytest.mark.parametrize(
    ("state", "event", "kind", "target"), rows(ONCE_KINDS, BUYER_ROWS) + rows(OWNER_KINDS, OWNER_ROWS)
)
def test_legal_step_leads_where_the_table_says(state, event, kind, target):
    """Each row of decision 4 leads to its state."""
    assert next_state(OutboxState(state), OutboxEvent(event), kind) is OutboxState(target)


@pytest.mark.parametrize(("state", "event", "kind"), illegal())
def test_any_other_step_is_refused(state, event, kind):
    """What the table does not name raises and says what was tried."""
    with pytest.raises(IllegalTransition, match=f"{event.value} .* {state.value}"):
        next_state(state, event, kind)


def test_the_table_is_complete():
    """Legal and illegal pairs together are all pairs of all kinds."""
    pairs = len(OutboxState) * len(OutboxEvent) * len(OutboxKind)
    legal = rows(ONCE_KINDS, BUYER_ROWS) + rows(OWNER_KINDS, OWNER_ROWS)
    assert len(legal) + len(illegal()) == pairs


@pytest.mark.parametrize("kind", ONCE_KINDS)
def test_nothing_of_a_buyers_mail_repeats_it_but_a_person(kind):
    """From sending, uncertain and sent only a person, or a server that took nothing, leads back."""
    back = {
        (state, event)
        for state, event in itertools.product(("sending", "uncertain", "sent"), OutboxEvent)
        if BUYER_ROWS.get((state, event.value)) in {"queued", "deferred"}
    }
    assert back == {("sending", OutboxEvent.NOT_TAKEN), ("uncertain", OutboxEvent.PERSON_RESENDS)}
    assert all(next_state(OutboxState(state), event, kind) for state, event in back)


@pytest.mark.parametrize("state", [OutboxState.REFUSED, OutboxState.WITHDRAWN])
@pytest.mark.parametrize("kind", OutboxKind)
def test_refused_and_withdrawn_are_final(state, kind):
    """Nothing leads out of them, for no kind."""
    for event in OutboxEvent:
        with pytest.raises(IllegalTransition):
            next_state(state, event, kind)


def test_only_acknowledgments_and_approved_answers_go_to_buyers():
    """A buyer reads these two alone."""
    assert {kind for kind in OutboxKind if kind.to_buyer} == set(BUYER_KINDS)


def test_what_leaves_the_shop_goes_at_most_once():
    """Buyers and shipping agents get nothing twice; only what the owner gets may be repeated."""
    assert {kind for kind in OutboxKind if kind.once} == set(ONCE_KINDS)
