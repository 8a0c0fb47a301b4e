"""Decision 13 of the design: every refusal, and which comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from parsers.values import Refusal
from state.acknowledgment_rules import AcknowledgmentPolicy, Circumstances, refusal_of
from tests.unit.state.examples import DAY, HOUR, NOW

GOOD = Circumstances(
    refusals=(),
    received_at=NOW - timedelta(minutes=1),
    history=False,
    look_back=False,
    answered=False,
    acknowledged=False,
    last_to_buyer_at=None,
    promised_at=None,
    answered_buyer_at=None,
    recent_in_mailbox=0,
    promise=NOW + 5 * HOUR,
)
POLICY = AcknowledgmentPolicy()
SECOND = timedelta(seconds=1)

IN_ORDER = [
    (Refusal.DISABLED, {}, {"enabled": False}),
    (Refusal.HISTORY, {"history": True}, {}),
    (Refusal.LOOK_BACK, {"look_back": True}, {}),
    (Refusal.ALREADY_ANSWERED, {"answered": True}, {}),
    (Refusal.ALREADY_ACKNOWLEDGED, {"acknowledged": True}, {}),
    (Refusal.TOO_OLD, {"received_at": NOW - DAY - SECOND}, {}),
    (Refusal.COOL_DOWN, {"last_to_buyer_at": NOW - HOUR}, {}),
    (Refusal.AWAITING_PERSON, {"promised_at": NOW - 13 * HOUR}, {}),
    (Refusal.TOO_LATE, {"promise": None}, {}),
    (Refusal.HOURLY_CAP, {"recent_in_mailbox": 20}, {}),
]
"""Each refusal with the one fact, or setting, that causes it, in the order in which they are named."""


def _facts_of(rows):
    """All of their facts at once; where two name one fact, the earlier row's."""
    return {name: value for _, some, _ in reversed(rows) for name, value in some.items()}


def test_a_good_message_may_be_acknowledged():
    """With nothing against it there is no refusal."""
    assert refusal_of(GOOD, POLICY, NOW) is None


@pytest.mark.parametrize(("refusal", "facts", "settings"), IN_ORDER)
def test_one_reason_is_enough(refusal, facts, settings):
    """Each reason alone refuses, by its own name."""
    assert refusal_of(replace(GOOD, **facts), replace(POLICY, **settings), NOW) is refusal


@pytest.mark.parametrize("position", range(len(IN_ORDER)))
def test_the_earlier_reason_is_named(position):
    """Where several hold, the first of the list is told."""
    facts = _facts_of(IN_ORDER[position:])
    settings = {name: value for _, _, some in IN_ORDER[position:] for name, value in some.items()}
    found = refusal_of(replace(GOOD, **facts), replace(POLICY, **settings), NOW)
    assert found is IN_ORDER[position][0]


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal.NOT_A_BUYER_MESSAGE,
        Refusal.FORGED,
        Refusal.NOT_PROVEN,
        Refusal.SEVERAL_SENDERS,
        Refusal.AUTOMATIC,
        Refusal.RELAYED,
        Refusal.THANKS,
    ],
)
def test_what_the_mail_itself_forbids_comes_first(refusal):
    """The mail's own refusal is told before anything that the shop knows."""
    facts = replace(GOOD, **_facts_of(IN_ORDER), refusals=(refusal, Refusal.THANKS))
    assert refusal_of(facts, AcknowledgmentPolicy(enabled=False), NOW) is refusal


def test_every_refusal_has_a_row():
    """No named reason is without a test."""
    of_the_mail = {"not_a_buyer_message", "forged", "not_proven", "several_senders"}
    of_the_mail |= {"automatic", "relayed", "thanks", "addressed_elsewhere"}
    assert {str(refusal) for refusal in Refusal} == of_the_mail | {row[0].value for row in IN_ORDER}


@pytest.mark.parametrize(
    ("age", "max_age", "expected"),
    [
        (DAY, DAY, None),
        (DAY + SECOND, DAY, Refusal.TOO_OLD),
        (2 * HOUR, HOUR, Refusal.TOO_OLD),
        (47 * HOUR, 72 * HOUR, None),
        (48 * HOUR, 72 * HOUR, None),
        (48 * HOUR + SECOND, 72 * HOUR, Refusal.TOO_OLD),
        (-timedelta(minutes=10), DAY, None),
    ],
)
def test_age(age, max_age, expected):
    """In time is up to max_age, and never after the 48 hours of decision 7, whatever is configured."""
    facts = replace(GOOD, received_at=NOW - age)
    assert refusal_of(facts, replace(POLICY, max_age=max_age), NOW) is expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(timedelta(0), Refusal.COOL_DOWN), (12 * HOUR - SECOND, Refusal.COOL_DOWN), (12 * HOUR, None)],
)
def test_cool_down_ends_after_twelve_hours(ago, expected):
    """A buyer who got one less than twelve hours ago gets none, whoever answered since."""
    facts = replace(GOOD, last_to_buyer_at=NOW - ago, answered_buyer_at=NOW)
    assert refusal_of(facts, POLICY, NOW) is expected


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (None, Refusal.AWAITING_PERSON),
        (13 * HOUR + SECOND, Refusal.AWAITING_PERSON),
        (13 * HOUR, None),
        (HOUR, None),
    ],
)
def test_the_next_one_waits_for_a_person(answered, expected):
    """However long ago a buyer was told to wait for a person: only that person's answer frees the next."""
    said = None if answered is None else NOW - answered
    facts = replace(GOOD, promised_at=NOW - 13 * HOUR, answered_buyer_at=said)
    assert refusal_of(facts, POLICY, NOW) is expected


@pytest.mark.parametrize(("recent", "expected"), [(19, None), (20, Refusal.HOURLY_CAP)])
def test_hourly_cap_counts_those_that_went_before(recent, expected):
    """The twentieth of an hour goes, the twenty-first is refused."""
    assert refusal_of(replace(GOOD, recent_in_mailbox=recent), POLICY, NOW) is expected


def test_the_defaults_are_those_of_the_design():
    """24 h, 12 h and 20 an hour, and acknowledging is on."""
    assert AcknowledgmentPolicy(enabled=True, max_age=DAY, cool_down=12 * HOUR, hourly_cap=20) == POLICY
