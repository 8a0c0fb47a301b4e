"""What may become of an outgoing mail: the transition table of decision 4, as data."""

from __future__ import annotations

from enum import StrEnum


class OutboxState(StrEnum):
    """Where an outgoing mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"


class OutboxKind(StrEnum):
    """What an outgoing mail is: two kinds go to the buyer, one to a shipping agent, two to the owner."""

    ACKNOWLEDGMENT = "acknowledgment"
    APPROVED = "approved"
    INQUIRY = "inquiry"
    ALERT = "alert"
    WEBHOOK = "webhook"

    @property
    def to_buyer(self) -> bool:
        """A buyer reads it."""
        return self in {OutboxKind.ACKNOWLEDGMENT, OutboxKind.APPROVED}

    @property
    def once(self) -> bool:
        """At most once is a must: it goes to somebody outside the shop."""
        return self.to_buyer or self is OutboxKind.INQUIRY


class OutboxEvent(StrEnum):
    """What can happen to an outgoing mail."""

    FORBIDDEN = "forbidden"
    CLAIMED = "claimed"
    NOT_TAKEN = "not_taken"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    OUTCOME_UNKNOWN = "outcome_unknown"
    RUN_DIED = "run_died"
    GAVE_UP = "gave_up"
    FOUND = "found"
    PERSON_SAYS_SENT = "person_says_sent"
    PERSON_RESENDS = "person_resends"
    PERSON_DROPS = "person_drops"


class IllegalTransition(ValueError):  # noqa: N818 - reads as what it is
    """The event cannot happen in this state."""


_WAITING = (OutboxState.QUEUED, OutboxState.DEFERRED)

_TRANSITIONS = {
    **{(state, OutboxEvent.FORBIDDEN): OutboxState.WITHDRAWN for state in _WAITING},
    **{(state, OutboxEvent.CLAIMED): OutboxState.SENDING for state in _WAITING},
    **{(state, OutboxEvent.GAVE_UP): OutboxState.REFUSED for state in _WAITING},
    (OutboxState.SENDING, OutboxEvent.NOT_TAKEN): OutboxState.DEFERRED,
    (OutboxState.SENDING, OutboxEvent.REJECTED): OutboxState.REFUSED,
    (OutboxState.SENDING, OutboxEvent.ACCEPTED): OutboxState.SENT,
    (OutboxState.SENDING, OutboxEvent.OUTCOME_UNKNOWN): OutboxState.UNCERTAIN,
    (OutboxState.SENDING, OutboxEvent.RUN_DIED): OutboxState.UNCERTAIN,
    (OutboxState.SENDING, OutboxEvent.FOUND): OutboxState.SENT,
    (OutboxState.UNCERTAIN, OutboxEvent.FOUND): OutboxState.SENT,
    (OutboxState.SENT, OutboxEvent.FOUND): OutboxState.SENT,
    (OutboxState.UNCERTAIN, OutboxEvent.PERSON_SAYS_SENT): OutboxState.SENT,
    (OutboxState.UNCERTAIN, OutboxEvent.PERSON_RESENDS): OutboxState.QUEUED,
    (OutboxState.UNCERTAIN, OutboxEvent.PERSON_DROPS): OutboxState.WITHDRAWN,
}

_TO_OWNER = {
    (OutboxState.SENDING, OutboxEvent.OUTCOME_UNKNOWN): OutboxState.DEFERRED,
    (OutboxState.SENDING, OutboxEvent.RUN_DIED): OutboxState.QUEUED,
}
"""An alert may come twice but must come: it is repeated after an unknown outcome."""


def next_state(state: OutboxState, event: OutboxEvent, kind: OutboxKind) -> OutboxState:
    """What an outgoing mail becomes.

    Raises:
        IllegalTransition: decision 4 knows no such step; nothing may be done.
    """
    table = _TRANSITIONS if kind.once else _TRANSITIONS | _TO_OWNER
    try:
        return table[state, event]
    except KeyError:
        raise IllegalTransition(f"{event} cannot happen to a mail that is {state}") from None
