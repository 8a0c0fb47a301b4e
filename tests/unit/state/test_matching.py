"""Decision 10 of the design: which case a mail belongs to, a test for each sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from parsers.values import Kind
from state.matching import Match, Subject, answered_by_copy, answered_by_mail, match
from state.model import CaseState
from tests.unit.state.examples import BUYER, DAY, NOW, ORDER, OTHER_ORDER, make_case

KEY = "a1b2c3"
OTHER_BUYER = "buyer0002@marketplace.amazon.co.jp"
NOTICES = (Kind.CANCELLATION_REQUEST, Kind.RETURN_REQUEST, Kind.CLAIM, Kind.REFUND, Kind.ORDER_NOTICE)


def message(case_key=None, *order_ids, buyer=BUYER):
    """What a buyer message tells."""
    return Subject(Kind.BUYER_MESSAGE, case_key, buyer, order_ids)


def joined(subject, *cases, now=NOW):
    """The number of the case that a mail joins; None if it joins none."""
    found = match(subject, cases, now).case
    return found.id if found else None


# (1) case key


def test_case_key_finds_its_case():
    """The conversation's own id decides, whatever else differs."""
    cases = make_case(1, case_key=KEY, order_ids=()), make_case(2, order_ids=(ORDER,))
    assert joined(message(KEY, ORDER), *cases) == 1


def test_newest_case_of_a_case_key_is_taken():
    """Of several cases of one conversation the newest that is not closed is taken."""
    cases = [make_case(n, case_key=KEY) for n in (1, 2, 3)]
    cases[2] = make_case(3, case_key=KEY, state=CaseState.CLOSED)
    assert joined(message(KEY), *cases) == 2


def test_answered_case_is_joined_by_its_case_key():
    """Answered is not closed: the conversation goes on in its case."""
    assert joined(message(KEY), make_case(1, case_key=KEY, state=CaseState.ANSWERED)) == 1


def test_unknown_case_key_opens_a_new_linked_case():
    """Another conversation of the same buyer and order is another case, linked to the first."""
    cases = make_case(1, case_key="other"), make_case(2, case_key=None)
    assert match(message(KEY, ORDER), cases, NOW) == Match(None, opens=True, linked_to=2)


def test_closed_case_of_a_case_key_is_followed_by_a_linked_new_one():
    """Mail after closing opens a new case that is linked to the closed one."""
    closed = make_case(1, case_key=KEY, state=CaseState.CLOSED)
    assert match(message(KEY), [closed], NOW) == Match(None, opens=True, linked_to=1)


def test_case_key_of_another_buyer_is_not_taken():
    """Someone who writes another buyer's conversation id behind his own alias gets a case of his own."""
    other = make_case(1, case_key=KEY, buyer_key=OTHER_BUYER)
    assert match(message(KEY), [other], NOW) == Match(None, opens=True, linked_to=None)


# (2) buyer key and order


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.ANSWERED])
def test_buyer_and_order_find_a_case_that_is_not_closed(state):
    """Without a case key, the buyer's case of the same order is taken, however old it is."""
    old = make_case(1, state=state, opened_at=NOW - 90 * DAY)
    assert joined(message(None, ORDER), old) == 1


def test_buyer_and_order_ignore_a_closed_case():
    """A closed case of the order is only linked."""
    closed = make_case(1, state=CaseState.CLOSED)
    assert match(message(None, ORDER), [closed], NOW) == Match(None, opens=True, linked_to=1)


def test_order_of_another_buyer_does_not_match():
    """The order alone is not enough for a buyer message."""
    other = make_case(1, buyer_key=OTHER_BUYER)
    assert match(message(None, ORDER), [other], NOW).case is None


def test_order_goes_before_the_only_young_case():
    """The order names the case although another open one is younger."""
    cases = make_case(1, opened_at=NOW - 30 * DAY), make_case(2, order_ids=(OTHER_ORDER,))
    assert joined(message(None, ORDER), *cases) == 1


def test_any_shared_order_is_enough():
    """A mail that names two orders joins the case of either."""
    assert joined(message(None, "503-1111111-1111111", ORDER), make_case(1)) == 1


def test_a_mail_without_case_key_may_join_a_case_with_one():
    """Amazon sends no suffix in some mails; buyer and order then find the conversation's case."""
    assert joined(message(None, ORDER), make_case(1, case_key=KEY)) == 1


# (3) the buyer's only young case


@pytest.mark.parametrize(
    ("age", "expected"), [(timedelta(0), 1), (7 * DAY - timedelta(seconds=1), 1), (7 * DAY, None)]
)
def test_the_only_open_case_is_taken_for_seven_days(age, expected):
    """Without order and case key, the buyer's one open case younger than 7 days is taken."""
    assert joined(message(), make_case(1, opened_at=NOW - age)) == expected


def test_two_young_cases_are_one_too_many():
    """With two open cases it is not clear which, so a new one is opened."""
    cases = make_case(1), make_case(2, order_ids=(OTHER_ORDER,))
    assert match(message(), cases, NOW) == Match(None, opens=True, linked_to=2)


def test_an_old_case_beside_the_young_one_does_not_count():
    """Exactly one open case younger than 7 days, whatever lies further back."""
    assert joined(message(), make_case(1, opened_at=NOW - 8 * DAY), make_case(2)) == 2


@pytest.mark.parametrize("state", [CaseState.ANSWERED, CaseState.CLOSED])
def test_a_case_that_is_not_open_is_not_guessed(state):
    """The guess by buyer alone is for open cases only."""
    assert joined(message(), make_case(1, state=state)) is None


def test_answered_cases_do_not_make_the_open_one_ambiguous():
    """Only open cases are counted."""
    assert joined(message(), make_case(1, state=CaseState.ANSWERED), make_case(2)) == 2


# (4) notices


@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_joins_the_newest_open_case_of_its_order(kind):
    """The newest open case of the order, before any newer answered one."""
    cases = make_case(1), make_case(2), make_case(3, state=CaseState.ANSWERED)
    assert joined(Subject(kind, order_ids=(ORDER,)), *cases) == 2


@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_joins_an_answered_case_if_none_is_open(kind):
    """An answered case is still the conversation of this order; a closed one is not."""
    cases = make_case(1, state=CaseState.ANSWERED), make_case(2, state=CaseState.CLOSED)
    assert joined(Subject(kind, order_ids=(ORDER,)), *cases) == 1


def test_a_notice_does_not_join_by_buyer():
    """A notice without an order joins nothing."""
    assert joined(Subject(Kind.RETURN_REQUEST, buyer_key=BUYER), make_case(1)) is None


# (5) what opens a case


@pytest.mark.parametrize(
    ("subject", "opens"),
    [
        (message(), True),
        (Subject(Kind.FEEDBACK, rating=1), True),
        (Subject(Kind.FEEDBACK, rating=3), True),
        (Subject(Kind.FEEDBACK, rating=None), True),
        (Subject(Kind.CLAIM), True),
        (Subject(Kind.CANCELLATION_REQUEST), True),
        (Subject(Kind.RETURN_REQUEST), True),
        (Subject(Kind.FEEDBACK, rating=4), False),
        (Subject(Kind.FEEDBACK, rating=5), False),
        (Subject(Kind.CLAIM, closed_claim=True), False),
        (Subject(Kind.REFUND), False),
        (Subject(Kind.ORDER_NOTICE), False),
        (Subject(Kind.REPLY_COPY), False),
        (Subject(Kind.DELIVERY_FAILURE), False),
    ],
)
def test_what_opens_a_case(subject, opens):
    """Buyer messages, low feedback, claims, cancellation and return requests; nothing else."""
    assert match(subject, [], NOW) == Match(None, opens=opens)


def test_what_opens_nothing_is_linked_to_nothing():
    """A notice that belongs nowhere leaves no trace of a link."""
    closed = make_case(1, state=CaseState.CLOSED)
    assert match(Subject(Kind.REFUND, order_ids=(ORDER,)), [closed], NOW) == Match(None)


def test_better_feedback_still_joins_the_orders_case():
    """It opens no case, but is shown in the one that is there."""
    assert joined(Subject(Kind.FEEDBACK, order_ids=(ORDER,), rating=5), make_case(1)) == 1


def test_a_notice_is_linked_by_its_order():
    """A return request after closing opens a case that is linked to the closed one of the order."""
    cases = make_case(1, state=CaseState.CLOSED), make_case(2, order_ids=(OTHER_ORDER,))
    assert match(Subject(Kind.RETURN_REQUEST, order_ids=(ORDER,)), cases, NOW).linked_to == 1


def test_cases_without_a_buyer_are_not_related_to_notices_without_one():
    """Two unknown buyers are not the same buyer."""
    case = make_case(1, buyer_key=None, order_ids=())
    assert match(Subject(Kind.CLAIM, order_ids=(ORDER,)), [case], NOW) == Match(None, opens=True)


# Amazon's copies and the Sent folder


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((), None),
        ((CaseState.OPEN,), 0),
        ((CaseState.ANSWERED,), None),
        ((CaseState.ANSWERED, CaseState.OPEN, CaseState.CLOSED), 1),
        ((CaseState.OPEN, CaseState.OPEN), None),
    ],
)
def test_a_copy_answers_the_only_unanswered_case(states, expected):
    """A copy that fits several unanswered cases closes none."""
    cases = [make_case(number, state=state) for number, state in enumerate(states)]
    found = answered_by_copy(cases)
    assert (found.id if found else None) == expected


def sent_to(*aliases, cases, replied_to=()):
    """The numbers of the cases that a mail in Sent may answer."""
    return [case.id for case in answered_by_mail(aliases, replied_to, cases).cases]


def test_a_sent_mail_answers_the_case_whose_mail_it_replies_to():
    """The thread's headers say more than the address."""
    cases = [make_case(1), make_case(2), make_case(3, case_key=KEY)]
    assert sent_to((BUYER, KEY), cases=cases, replied_to=[1]) == [1]


def test_a_sent_mail_answers_the_case_of_its_alias():
    """The suffix of the alias names the conversation."""
    assert sent_to((BUYER, KEY), cases=[make_case(1), make_case(2, case_key=KEY)]) == [2]


def test_capital_letters_of_a_suffix_do_not_matter():
    """Mail programs may write the alias in other letters."""
    assert sent_to((BUYER, "A1B2C3"), cases=[make_case(1), make_case(2, case_key=KEY)]) == [2]


def test_a_sent_mail_without_suffix_may_answer_every_open_case_of_the_buyer():
    """It is not clear which, so the caller gets them all."""
    cases = [make_case(1), make_case(2, state=CaseState.ANSWERED), make_case(3)]
    assert sent_to((BUYER, None), cases=cases) == [1, 3]


def test_a_sent_mail_after_everything_is_answered_belongs_to_the_newest_case():
    """An afterword goes to the newest case that is not closed."""
    cases = [make_case(n, state=CaseState.ANSWERED) for n in (1, 2)]
    assert sent_to((BUYER, None), cases=[*cases, make_case(3, state=CaseState.CLOSED)]) == [2]


@pytest.mark.parametrize("case", [make_case(1, state=CaseState.CLOSED), make_case(1, buyer_key=OTHER_BUYER)])
def test_a_sent_mail_answers_neither_closed_nor_foreign_cases(case):
    """Nothing is found, even where the headers point there."""
    assert sent_to((BUYER, None), cases=[case], replied_to=[1]) == []


def test_a_suffix_that_no_case_has_leaves_a_doubt():
    """It names another conversation than the one that is open."""
    assert not answered_by_mail([(BUYER, "unknown")], [], [make_case(1, case_key=KEY)]).certain
    assert answered_by_mail([(BUYER, None)], [], [make_case(1, case_key=KEY)]).certain


def test_a_mail_to_two_conversations_of_a_buyer_may_answer_both():
    """Each recipient counts."""
    cases = [make_case(1, case_key=KEY), make_case(2, case_key="other")]
    assert sent_to((BUYER, KEY), (BUYER, "other"), cases=cases) == [1, 2]


# A telephone call


@pytest.mark.parametrize("key", [None, KEY])
def test_who_called_about_an_order_and_writes_joins_the_call(key):
    """Unless the message is not proven, is about another order, or the call's case is closed or a buyer's."""
    call = {"kind": Kind.CALL, "case_key": None, "order_ids": (ORDER,)}
    unbound = make_case(1, buyer_key=None, **call)
    assert joined(message(key, ORDER), unbound) == 1
    assert joined(replace(message(key, ORDER), proven=False), unbound) is None
    assert joined(message(key, OTHER_ORDER), unbound) is None
    assert joined(message(key, ORDER), make_case(1, buyer_key=None, state=CaseState.CLOSED, **call)) is None
    assert joined(message(key, ORDER), make_case(1, buyer_key=OTHER_BUYER, **call)) is None


def test_a_known_conversation_goes_before_the_call():
    """The call stays a case of its own then."""
    call = make_case(2, kind=Kind.CALL, buyer_key=None, case_key=None, order_ids=(ORDER,))
    assert joined(message(KEY, ORDER), make_case(1, case_key=KEY), call) == 1
