"""The figures of a month's report, each by its definition."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.values import Intent, Kind
from state.lessons import Cause, Lesson
from state.model import AnswerSource
from state.periods import Month, Week, month_of, parse_month, week_of
from state.reporting import (
    CaseRow,
    MessageRow,
    RatingRow,
    ReturningOrder,
    Rows,
    Share,
    answering_of,
    arrivals_of,
    measure,
    report_month,
    trend_of,
)
from tests.unit.state.examples import DAY, HOUR, TOKYO, local

OCTOBER = Month(2026, 10)
NOW = local("2026-11-17 12:00")
MINUTE = timedelta(minutes=1)


def wrote(at, took=None, source=AnswerSource.APPROVED, case=1):
    """A buyer message, and its answer if there was one."""
    answered = None if took is None else at + took
    return MessageRow(case, at, at + DAY, answered, None if took is None else source)


def case(number, at="2026-10-05 12:00", **values):
    """A case of October about something damaged."""
    complete = {"kind": Kind.BUYER_MESSAGE, "situation": Intent.DAMAGED, "began_at": local(at)}
    return CaseRow(number, **(complete | values))


def learnt(number, cause=Cause.PACKING, at="2026-10-06 12:00", line="箱を替える"):
    return Lesson(number, cause, line, local(at))


def october(cases=(), now=NOW, **rows):
    return report_month(Rows({one.id: one for one in cases}, **rows), OCTOBER, TOKYO, now)


# Answers


def test_only_what_was_answered_by_the_deadline_is_in_time():
    """To the second; what is open and not yet due is in neither number."""
    at = local("2026-11-10 12:00")
    messages = [
        wrote(at, DAY),
        wrote(at, DAY + timedelta(seconds=1), case=2),
        wrote(at, case=3),
        wrote(NOW - HOUR, case=4),
    ]
    found = answering_of(messages, TOKYO, NOW)
    assert found.within_24h == Share(1, 3)
    assert [(one.case_id, one.took) for one in found.late] == [(3, None), (2, DAY + timedelta(seconds=1))]
    assert found.buckets == (0, 0, 0, 1, 1, 2)


def test_what_needs_no_reply_is_left_out_as_amazon_does():
    """It is counted apart; a copy, a mail and a command are answers like an approval."""
    at = local("2026-11-10 12:00")
    others = [one for one in AnswerSource if one is not AnswerSource.NO_REPLY_NEEDED]
    messages = [wrote(at, HOUR, source) for source in others]
    found = answering_of([*messages, wrote(at, HOUR, AnswerSource.NO_REPLY_NEEDED)], TOKYO, NOW)
    assert (found.messages, found.no_reply_needed, found.within_24h) == (5, 1, Share(4, 4))


def test_only_buyer_messages_have_amazons_24_hours():
    """A call or a return that waits for days makes no answer late."""
    waits = MessageRow(1, local("2026-11-01 12:00"))
    assert answering_of([waits], TOKYO, NOW).messages == 0


@pytest.mark.playbook("First principles / Answer the same day")
def test_the_same_day_is_the_local_day_of_arrival():
    """Half an hour over midnight is another day; today's open messages still have their day."""
    late_evening = local("2026-11-10 23:45")
    messages = [wrote(late_evening, 10 * MINUTE), wrote(late_evening, 30 * MINUTE), wrote(NOW - HOUR)]
    assert answering_of(messages, TOKYO, NOW).same_day == Share(1, 2)


def test_spans_are_told_by_nearest_rank():
    """Twenty measured: the tenth, the nineteenth and the last."""
    found = measure(n * MINUTE for n in range(20, 0, -1))
    assert (found.number, found.median, found.p95, found.worst) == (20, 10 * MINUTE, 19 * MINUTE, 20 * MINUTE)
    assert measure([]).median is None
    assert measure([-HOUR]).worst == timedelta(0)


SPANS = st.lists(
    st.tuples(
        st.integers(0, 40 * 24 * 60),
        st.none() | st.integers(0, 4 * 24 * 60),
        st.sampled_from(list(AnswerSource)),
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(SPANS)
def test_the_figures_of_the_answers_fit_each_other(drawn):
    """Buckets add up to what needed an answer, late and in time exclude each other, spans are in order."""
    messages = [
        wrote(NOW - ago * MINUTE, None if took is None else min(took, ago) * MINUTE, source, case=number)
        for number, (ago, took, source) in enumerate(drawn)
    ]
    found = answering_of(messages, TOKYO, NOW)
    assert sum(found.buckets) == found.messages - found.no_reply_needed
    assert found.within_24h.whole - found.within_24h.part == len(found.late)
    assert found.within_24h.whole <= found.messages
    spans = found.spans
    assert spans.number == 0 or spans.median <= spans.p95 <= spans.worst
    assert sum(map(sum, arrivals_of(messages, TOKYO))) == len(messages)


def test_arrivals_are_told_by_the_clock_of_the_shop():
    """Sunday evening in London is Monday morning in Tokyo."""
    found = arrivals_of([wrote(local("2026-11-16 08:30"))], TOKYO)
    assert (found[0][8], sum(map(sum, found))) == (1, 1)


# Cases


def test_a_month_counts_the_cases_that_began_in_it():
    """By what opened them and by what they were about, most frequent first, the shop's midnight dividing."""
    cases = [
        case(1, "2026-10-01 00:00"),
        case(2, "2026-10-31 23:59", kind=Kind.CALL, situation=None),
        case(3, "2026-10-09 09:00"),
        case(4, "2026-11-01 00:00"),
        case(5, "2026-09-30 23:59"),
    ]
    report = october(cases)
    assert (report.cases, report.complete) == (3, True)
    assert report.kinds == ((Kind.BUYER_MESSAGE, 2), (Kind.CALL, 1))
    assert report.situations == ((Intent.DAMAGED, 2),)


def test_the_present_month_is_told_so_far():
    """It says up to when."""
    report = report_month(Rows({}), Month(2026, 11), TOKYO, NOW)
    assert (report.complete, report.until) == (False, NOW)


def test_acknowledgments_are_measured_on_cases_in_which_a_buyer_wrote():
    """One of two was acknowledged, after forty seconds; a call has nothing to acknowledge."""
    quick = timedelta(seconds=40)
    cases = [
        case(1, has_message=True, promised_within=quick),
        case(2, has_message=True),
        case(3, kind=Kind.CALL),
    ]
    report = october(cases)
    assert (report.acknowledged, report.acknowledged_within.worst) == (Share(1, 2), quick)


# Ratings


def test_the_trend_covers_twelve_months_and_leaves_out_what_was_lifted():
    """A struck one is told beside; 4 and 5 are positive, 3 is not; a year ago is out of sight."""
    ratings = [
        *(RatingRow(stars, date(2026, 10, 3)) for stars in (5, 4, 3, 1)),
        RatingRow(1, date(2026, 10, 3), lifted=True),
        RatingRow(5, date(2025, 11, 1)),
        RatingRow(5, date(2025, 10, 31)),
    ]
    trend = trend_of(ratings, OCTOBER)
    assert [str(one.month) for one in (trend[0], trend[-1])] == ["2025-11", "2026-10"]
    assert (len(trend), trend[-1].stars, trend[-1].lifted) == (12, (1, 0, 1, 1, 1), 1)
    assert (trend[-1].positive.percent, trend[0].positive, trend[1].positive.percent) == (
        50,
        Share(1, 1),
        None,
    )


# Causes and promises


@pytest.mark.playbook("After it is over / Cause")
def test_causes_are_ranked_and_what_is_missing_is_told():
    """No trouble is no cause; a trouble of the month without a lesson is one that nobody learnt from."""
    cases = [case(number) for number in range(1, 6)] + [case(6, situation=Intent.QUESTION)]
    lessons = [learnt(1), learnt(2, Cause.CARRIER), learnt(3, Cause.CARRIER), learnt(4, Cause.NONE, line="")]
    report = october(cases, lessons=lessons)
    assert report.causes == ((Cause.CARRIER, 2), (Cause.PACKING, 1))
    assert (report.without_cause, report.unlearnt) == (1, 1)


@pytest.mark.playbook("After it is over / Cause")
@pytest.mark.parametrize(
    ("promised", "later", "again"),
    [
        ({}, {}, True),
        ({"A"}, {"A", "B"}, True),
        ({"A"}, {"B"}, False),
        ({"A"}, {}, True),
        ({}, {"B"}, True),
    ],
)
def test_a_promise_that_did_not_hold_is_told(promised, later, again):
    """The same cause in a case that began after the promise; of the same item where both are known."""
    cases = [
        case(1, items=frozenset(promised)),
        case(2, "2026-10-20 12:00", items=frozenset(later)),
        case(3, "2026-10-05 13:00", items=frozenset(later)),
    ]
    lessons = [
        learnt(1),
        learnt(2, at="2026-10-21 12:00", line=""),
        learnt(3, at="2026-10-21 13:00", line=""),
    ]
    (promise,) = october(cases, lessons=lessons).promises
    assert (promise.prevention, promise.cases, promise.again) == ("箱を替える", (1,), (2,) if again else ())


def test_an_old_promise_is_told_only_if_its_cause_came_in_the_month():
    """One that held is not repeated month after month; several with the same words are one."""
    cases = [
        case(1, "2026-08-01 12:00"),
        case(2, "2026-08-05 12:00"),
        case(3, "2026-08-02 12:00"),
        case(4, "2026-10-09 12:00"),
    ]
    lessons = [
        learnt(1, at="2026-08-02 12:00"),
        learnt(3, Cause.CARRIER, at="2026-08-03 12:00", line="追跡する"),
        learnt(2, at="2026-08-06 12:00"),
        learnt(4, at="2026-10-10 12:00", line=""),
    ]
    (promise,) = october(cases, lessons=lessons).promises
    assert (promise.cases, promise.again) == ((1, 2), (4,))


@pytest.mark.playbook("First principles / Where the same delivery fault returns")
def test_items_whose_delivery_fault_returned_are_proposed_for_fba():
    """Own shipping, the same fault and item, within 180 days, the last in the month; told by its SKU."""
    item = {"items": frozenset({"KB-104", "B012345678"}), "fulfilment": "own"}
    cases = [
        case(1, "2026-05-10 12:00", **item),
        case(2, **item),
        case(3, "2026-05-01 12:00", **item),
        case(4, **(item | {"fulfilment": "fba"})),
        case(5, **(item | {"situation": Intent.NOT_DELIVERED})),
        case(6, **(item | {"items": frozenset({"KB-200"})})),
    ]
    (found,) = october(cases).returned
    assert (found.item, found.situation, found.cases) == ("KB-104", Intent.DAMAGED, (1, 2))
    assert october(cases[:1] + cases[2:]).returned == ()


# Buyers who came back


@pytest.mark.playbook("First principles / A repeat customer who is angry")
def test_a_buyer_with_trouble_who_orders_again_is_won_back():
    """One person with two troubles is one; a mere question before wins nobody back."""
    cases = [
        case(1, "2026-08-01 12:00"),
        case(2, "2026-09-01 12:00", kind=Kind.FEEDBACK, situation=None, rating=2),
        case(3, "2026-09-01 12:00", situation=Intent.QUESTION),
    ]
    day = date(2026, 10, 2)
    returning = [ReturningOrder("p", day, 1), ReturningOrder("p", day, 2), ReturningOrder("q", day, 3)]
    report = october(cases, returning=returning)
    assert (report.troubled_buyers, report.won_back) == (1, (1, 2))


# Periods


def test_months_and_weeks_are_named_as_people_write_them():
    """A month is read back from its name; a week is named by its ISO number, also at the turn of the year."""
    assert parse_month(str(OCTOBER)) == OCTOBER == month_of(date(2026, 10, 31))
    assert (str(OCTOBER.moved(3)), str(OCTOBER.moved(-10))) == ("2027-01", "2025-12")
    assert str(week_of(date(2026, 11, 22))) == "2026-W47"
    assert str(week_of(date(2027, 1, 1))) == "2026-W53"
    assert Week(date(2026, 11, 16)).before().sunday == date(2026, 11, 15)


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-10", "2026-10-01", "２０２６-10", ""])
def test_what_is_no_month_is_refused(text):
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="month"):
        parse_month(text)
