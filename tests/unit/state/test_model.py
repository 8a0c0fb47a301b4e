"""What messages and answers add up to, and which mail wants an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parsers.values import Kind
from state.model import DELAYED, Answer, AnswerSource, CaseState, Settlement, settle, wants_answer
from tests.unit.state.examples import (
    HOUR,
    NOW,
    make_case,
    make_draft,
    make_item,
    make_message,
)


def answer(at, *, withdrawn=False, source=AnswerSource.SENT_MAIL):
    """An answer that a person sent."""
    return Answer(at, source, withdrawn)


def test_without_answers_a_case_is_open():
    """A message that nobody answered keeps its case open."""
    assert settle([make_message(1)], []) == Settlement(CaseState.OPEN, None, (None,))


def test_a_reply_answers_the_messages_received_up_to_it():
    """A reply at t answers what came before it and at t itself, and nothing that came after it."""
    messages = [make_message(n, NOW + n * HOUR) for n in (1, 2, 3)]
    reply = NOW + 2 * HOUR
    assert settle(messages, [answer(reply)]) == Settlement(CaseState.OPEN, None, (reply, reply, None))


def test_a_reply_before_the_message_answers_nothing():
    """An answer that is older than the only message leaves it open."""
    settlement = settle([make_message(1)], [answer(NOW - HOUR)])
    assert settlement.state is CaseState.OPEN


def test_each_message_is_answered_by_the_first_reply_after_it():
    """A later reply does not move the instant at which an earlier message was answered."""
    messages = [make_message(1), make_message(2, NOW + 2 * HOUR)]
    first, second = NOW + HOUR, NOW + 3 * HOUR
    settlement = settle(messages, [answer(second), answer(first)])
    assert settlement == Settlement(CaseState.ANSWERED, second, (first, second))


def test_order_of_arrival_does_not_matter():
    """A message that is stored late but was received before the reply is answered by it."""
    late = make_message(2, NOW - HOUR)
    assert settle([make_message(1), late], [answer(NOW)]).state is CaseState.ANSWERED


def test_a_withdrawn_answer_answers_nothing():
    """A delivery failure withdraws the answer and reopens the case."""
    messages = [make_message(1)]
    assert settle(messages, [answer(NOW + HOUR)]).state is CaseState.ANSWERED
    assert settle(messages, [answer(NOW + HOUR, withdrawn=True)]).state is CaseState.OPEN


def test_withdrawal_leaves_the_deadline_alone():
    """Reopened, a message has the respond_by that it always had: adding up changes no message."""
    message = make_message(1)
    before = replace(message)
    settle([message], [answer(NOW + HOUR)])
    settle([message], [answer(NOW + HOUR, withdrawn=True)])
    assert message == before


def test_another_answer_stands_in_for_a_withdrawn_one():
    """Of two answers, losing one leaves the other."""
    gone, stays = answer(NOW + HOUR, withdrawn=True), answer(NOW + 2 * HOUR)
    assert settle([make_message(1)], [gone, stays]).answered_at == stays.at


def test_mail_that_wants_no_answer_is_never_answered_nor_open():
    """A notice that only informs has no instant of answer and holds no case open."""
    notice = make_message(1, wants_answer=False)
    assert settle([notice], [answer(NOW + HOUR)]) == Settlement(CaseState.ANSWERED, None, (None,))
    assert not notice.unanswered


@pytest.mark.parametrize("source", AnswerSource)
def test_every_source_answers(source):
    """However we know of it, an answer is an answer."""
    assert settle([make_message(1)], [answer(NOW, source=source)]).state is CaseState.ANSWERED


@pytest.mark.parametrize(
    ("answered_at", "wanted", "expected"), [(None, True, True), (NOW, True, False), (None, False, False)]
)
def test_unanswered(answered_at, wanted, expected):
    """Unanswered is what wants an answer and has none."""
    assert make_message(1, answered_at=answered_at, wants_answer=wanted).unanswered is expected


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        (Kind.BUYER_MESSAGE, {}, True),
        (Kind.CANCELLATION_REQUEST, {}, True),
        (Kind.RETURN_REQUEST, {}, True),
        (Kind.CLAIM, {}, True),
        (Kind.CLAIM, {"closed_claim": True}, False),
        *((Kind.FEEDBACK, {"rating": rating}, True) for rating in (1, 2, 3)),
        *((Kind.FEEDBACK, {"rating": rating}, False) for rating in (4, 5)),
        (Kind.FEEDBACK, {"rating": None}, True),
        (Kind.REFUND, {}, False),
        (Kind.ORDER_NOTICE, {}, False),
        (Kind.REPLY_COPY, {}, False),
        (Kind.DELIVERY_FAILURE, {}, False),
        (Kind.AMAZON_NOTICE, {}, False),
        (Kind.UNRECOGNISED_AMAZON, {}, False),
        (Kind.UNRELATED, {}, False),
    ],
)
def test_which_mail_wants_an_answer(kind, facts, expected):
    """Each kind of decision 10, with what may tip it; an unreadable rating is taken for a bad one."""
    assert wants_answer(kind, **facts) is expected


def test_a_delayed_message_is_answered_only_after_it_was_seen():
    """It was written before the answer, but nobody could read it then."""
    delayed = replace(make_message(), received_at=NOW, stored_at=NOW + 2 * HOUR, facts=(DELAYED,))
    answers = [Answer(NOW + HOUR * n, AnswerSource.SENT_MAIL) for n in (1, 3)]
    assert settle([delayed], answers[:1]).state is CaseState.OPEN
    assert settle([delayed], answers).message_answers == (answers[1].at,)


def test_an_answer_to_what_was_seen_leaves_unseen_mail_open():
    """A message that had arrived but that nobody had seen yet is not answered by an approved reply."""
    seen, unseen = make_message(1), make_message(2)
    reply = Answer(NOW + HOUR, AnswerSource.APPROVED, last_seen=1)
    assert settle([seen, unseen], [reply]) == Settlement(CaseState.OPEN, None, (NOW + HOUR, None))


def test_an_answer_to_what_was_seen_counts_whatever_the_clocks_say():
    """The mail server's clock may be ahead of ours."""
    reply = Answer(NOW - HOUR, AnswerSource.APPROVED, last_seen=1)
    assert settle([make_message(1, NOW)], [reply]).state is CaseState.ANSWERED


ALIAS = "buyer1+0f3b21c9-3fc2@marketplace.amazon.co.jp"
PRIVATE = {
    make_case: {"alias": ALIAS, "buyer_name": "山田 花子", "subject": "秘密の件名"},
    make_message: {"subject": "秘密の件名", "text": "秘密の言葉", "full_text": "秘密の言葉\n> 秘密の履歴"},
    make_item: {
        "recipient": ALIAS,
        "subject": "秘密の件名",
        "text": "秘密の言葉",
        "text_print": "秘密の言葉",
        "content": "秘密の言葉".encode(),
    },
    make_draft: {"text": "秘密の言葉", "token": "abcdefghijklmnopqrstuvwxyz"},
}


@pytest.mark.parametrize("make", PRIVATE)
def test_no_representation_tells_what_people_wrote_or_whom_they_wrote_to(make):
    """Representations end up in logs: neither words nor names, full addresses or tokens stand in them."""
    shown = repr(make(7, **PRIVATE[make]))
    assert "id=7" in shown
    for value in PRIVATE[make].values():
        assert str(value) not in shown
        assert repr(value) not in shown
