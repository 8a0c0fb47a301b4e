"""The cause and the prevention that are proposed when a case is closed."""

from __future__ import annotations

import pytest

from parsers.values import Intent, Kind
from state.lesson_rules import Circumstances, Prevention, propose
from state.lessons import Cause
from templates.contexts import SITUATIONS
from templates.preventions import prevention_line


def proposed(situation, fulfilment="own", kind=Kind.BUYER_MESSAGE, **values):
    found = propose(Circumstances(kind, situation, fulfilment, **values))
    return found.cause, found.prevention


@pytest.mark.playbook("After it is over / Cause")
@pytest.mark.parametrize(
    ("situation", "fulfilment", "cause", "prevention"),
    [
        ("wrong_address", "own", Cause.AGENT_LABEL, Prevention.CHECK_LABEL),
        ("not_delivered", "own", Cause.CARRIER, Prevention.CARRIER),
        ("damaged", "own", Cause.PACKING, Prevention.PACKING),
        ("wrong_item", "own", Cause.STOCK, Prevention.CHECK_BEFORE_SHIPPING),
        ("damaged", "fba", Cause.CARRIER, Prevention.ASK_AMAZON),
        ("not_delivered", "fba", Cause.CARRIER, Prevention.ASK_AMAZON),
        ("missing_part", "fba", Cause.STOCK, Prevention.CHECK_STOCK),
        ("how_to_use", "fba", Cause.LISTING, Prevention.IMPROVE_LISTING),
        ("question", "unknown", Cause.LISTING, Prevention.IMPROVE_LISTING),
        ("defective", "own", Cause.MAKER, Prevention.ASK_MAKER),
        ("thanks", "own", Cause.NONE, Prevention.NOTHING),
        ("cancel", "own", Cause.BUYER, Prevention.NOTHING),
        (None, "own", Cause.OTHER, Prevention.LOOK_AT_IT),
    ],
)
def test_the_case_suggests_its_cause(situation, fulfilment, cause, prevention):
    """By what it is about and who ships."""
    assert proposed(situation, fulfilment) == (cause, prevention)


@pytest.mark.playbook("First principles / Where the same delivery fault returns")
def test_a_delivery_fault_that_returned_proposes_fba():
    """The second case of one item with own shipping; not the first, not with FBA, not another matter."""
    assert proposed("damaged", same_fault=2) == (Cause.PACKING, Prevention.MOVE_TO_FBA)
    assert proposed("damaged", same_fault=1)[1] is Prevention.PACKING
    assert proposed("damaged", "fba", same_fault=2)[1] is Prevention.ASK_AMAZON
    assert proposed("defective", same_fault=5)[1] is Prevention.ASK_MAKER


@pytest.mark.playbook("First principles / Weekends")
def test_a_delivery_on_a_closed_weekend_is_an_absence():
    """Somebody answers the phone at weekends from now on."""
    assert proposed("not_delivered", nobody_there=True) == (Cause.ABSENCE, Prevention.PHONE_AT_WEEKENDS)
    assert proposed("not_delivered", "fba", nobody_there=True)[0] is Cause.CARRIER


def test_what_no_buyer_wrote_about_is_judged_by_its_kind():
    """A silent return points at the listing, a cancellation at the buyer."""
    assert proposed(None, kind=Kind.RETURN_REQUEST)[0] is Cause.LISTING
    assert proposed(None, kind=Kind.CANCELLATION_REQUEST)[0] is Cause.BUYER


def test_every_proposal_has_words_in_both_languages():
    """Whatever is proposed can be said, with or without an item; every situation is a word of the drafts."""
    for word in Prevention:
        for language in ("ja", "en"):
            lines = prevention_line(word, language), prevention_line(word, language, "KB-104\n{item}")
            assert not any("\n" in line for line in lines)
            assert "{item}" not in lines[0]
    assert {one.value for one in Intent} | {"after_30_days"} >= set(SITUATIONS)
    assert prevention_line("check_label", "ja") == "送り状の二重確認を委託先に頼む"
    assert "KB-104" in prevention_line("move_to_fba", "en", "KB-104")
