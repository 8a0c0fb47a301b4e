"""Random histories of cases: whatever happens in whatever order, what decisions 1, 4 and 10 promise holds."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from parsers.values import Authenticity, Kind, Refusal
from state.acknowledgment_rules import CAP_WINDOW, AcknowledgmentPolicy, Circumstances, refusal_of
from state.deadlines import Deadlines, deadlines_of, promise, received_at
from state.engine import open_engine
from state.matching import Subject, match
from state.migrations import upgrade
from state.model import Answer, AnswerSource, CaseState, Place, settle
from state.outbox_rules import IllegalTransition, OutboxEvent, OutboxState, next_state
from state.unit_of_work import Database
from tests.unit.state.examples import (
    BUYER,
    BUYER_ROWS,
    DAY,
    NOW,
    ORDER,
    OTHER_ORDER,
    make_calendar,
    make_case,
    make_item,
    make_message,
)

pytestmark = pytest.mark.no_cover
"""The pure rules have tests of their own; measuring so many steps takes six times as long as making them."""

SHOP = make_calendar()
POLICY = AcknowledgmentPolicy()
CLOSES_AFTER = 30 * DAY
FINAL = {OutboxState.SENT, OutboxState.REFUSED, OutboxState.WITHDRAWN}
COMPARED = {OutboxState.SENDING, OutboxState.UNCERTAIN, OutboxState.SENT}

minutes = st.integers(0, 60 * 30).map(lambda number: timedelta(minutes=number))
buyers = st.sampled_from([BUYER, "buyer0002@marketplace.amazon.co.jp"])
conversations = st.sampled_from([None, "k1", "k2"])
orders = st.sampled_from([(), (ORDER,), (OTHER_ORDER,)])
matters = st.tuples(buyers, conversations, orders)
skews = minutes | minutes.map(lambda step: -step)
kinds = st.sampled_from([Kind.BUYER_MESSAGE] * 4 + [Kind.RETURN_REQUEST, Kind.REFUND])
sources = st.sampled_from(AnswerSource)
events = st.sampled_from(OutboxEvent)
places = st.integers(0, 10**6)


class CaseHistory(RuleBasedStateMachine):
    """A shop in memory: what the use cases do with the pure rules, in any order."""

    def __init__(self):
        super().__init__()
        self.now = NOW
        self.cases = []
        self.messages = {}
        self.answers = {}
        self.acknowledgments = {}
        self.promised = {}
        self.at_closing = {}
        self.ended = {}

    def pick(self, where, things):
        """One of the things there are, by any number."""
        return things[where % len(things)]

    def alive(self):
        """The cases that may still get mail."""
        return [case for case in self.cases if case.state is not CaseState.CLOSED]

    def settle(self, case):
        """Write the sum of a case down, as after every event."""
        settlement = settle(self.messages[case.id], self.answers[case.id])
        self.messages[case.id] = [
            replace(message, answered_at=at)
            for message, at in zip(self.messages[case.id], settlement.message_answers, strict=True)
        ]
        self.change(case, state=settlement.state, answered_at=settlement.answered_at)

    def change(self, case, **values):
        """Set facts of a case."""
        self.cases[case.id - 1] = replace(self.cases[case.id - 1], **values)

    @rule(step=minutes)
    def time_passes(self, step):
        """Up to more than a day goes by."""
        self.now += step

    @rule()
    def a_month_passes(self):
        """Cases that were answered 30 days ago close."""
        self.now += CLOSES_AFTER
        for case in self.alive():
            due = case.state is CaseState.ANSWERED and case.answered_at is not None
            if due and case.answered_at <= self.now - CLOSES_AFTER:
                self.change(case, state=CaseState.CLOSED, closed_at=self.now)
                self.at_closing[case.id] = self.messages[case.id]

    @rule(kind=kinds, matter=matters, late=minutes, skew=skews)
    def mail_comes(self, kind, matter, late, skew):
        """A mail arrived up to 30 hours ago, with a clock that is wrong by up to 30 hours."""
        buyer, conversation, order = matter
        internal = self.now - late
        received = received_at(internal + skew, internal)
        assert received <= internal
        by_buyer = kind is Kind.BUYER_MESSAGE
        subject = Subject(
            kind, conversation if by_buyer else None, buyer if by_buyer else None, order_ids=order
        )
        found = match(subject, self.cases, self.now)
        case = found.case or (self.open_case(subject, found.linked_to) if found.opens else None)
        if case is None:
            assert kind is not Kind.BUYER_MESSAGE, "a buyer message belongs nowhere"
            return
        self.take_in(case, kind, received)

    def open_case(self, subject, linked_to):
        """A new case, as matching asked for."""
        number = len(self.cases) + 1
        case = make_case(
            number, kind=subject.kind, case_key=subject.case_key, buyer_key=subject.buyer_key,
            order_ids=subject.order_ids, opened_at=self.now, linked_to=linked_to,
        )  # fmt: skip
        self.cases.append(case)
        self.messages[number], self.answers[number] = [], []
        return case

    def take_in(self, case, kind, received):
        """Store the mail, add the case up, and queue an acknowledgment if one may go."""
        by_buyer = kind is Kind.BUYER_MESSAGE
        number = sum(map(len, self.messages.values())) + 1
        deadlines = deadlines_of(received, SHOP, timed_by_amazon=by_buyer)
        message = make_message(
            number, received, case_id=case.id, kind=kind, stored_at=self.now,
            wants_answer=kind is not Kind.REFUND, amazon_by=deadlines.amazon_by,
            respond_by=deadlines.respond_by,
        )  # fmt: skip
        self.messages[case.id].append(message)
        self.promised[number] = deadlines.respond_by
        self.settle(case)
        if by_buyer and self.refusal(case, number) is None:
            assert case.id not in self.acknowledgments
            self.acknowledgments[case.id] = make_item(
                case.id, case_id=case.id, answers_message=number, buyer_key=case.buyer_key,
                created_at=self.now,
            )  # fmt: skip

    def refusal(self, case, number, *, besides=0):
        """The judgement on one message of a case, leaving out the outgoing mail that is judged again."""
        message = next(item for item in self.messages[case.id] if item.id == number)
        others = [item for item in self.acknowledgments.values() if item.id != besides]
        counted = [item for item in others if item.state is not OutboxState.WITHDRAWN]
        deadlines = Deadlines(message.amazon_by, message.respond_by)
        facts = Circumstances(
            refusals=(), received_at=message.received_at, history=False, look_back=False,
            answered=not message.unanswered,
            acknowledged=any(item.case_id == case.id for item in others),
            last_to_buyer_at=max(
                (item.created_at for item in counted if item.buyer_key == case.buyer_key), default=None
            ),
            promised_at=max(
                (item.created_at for item in counted if item.buyer_key == case.buyer_key), default=None
            ),
            answered_buyer_at=max(
                (
                    answer.at
                    for other in self.cases if other.buyer_key == case.buyer_key
                    for answer in self.answers[other.id]
                    if not answer.withdrawn and answer.source is not AnswerSource.NO_REPLY_NEEDED
                ),
                default=None,
            ),
            recent_in_mailbox=sum(item.created_at > self.now - CAP_WINDOW for item in counted),
            promise=promise(self.now, deadlines, SHOP),
        )  # fmt: skip
        return refusal_of(facts, POLICY, self.now)

    @precondition(lambda self: self.alive())
    @rule(where=places, ago=minutes, source=sources)
    def a_person_answers(self, where, ago, source):
        """An answer is noticed that left up to 30 hours ago."""
        case = self.pick(where, self.alive())
        self.answers[case.id].append(Answer(self.now - ago, source))
        self.settle(case)

    @precondition(lambda self: any(self.answers[case.id] for case in self.alive()))
    @rule(where=places)
    def a_delivery_fails(self, where):
        """The last answer of a case turns out not to have arrived."""
        case = self.pick(where, [case for case in self.alive() if self.answers[case.id]])
        answers = sorted(self.answers[case.id], key=lambda answer: answer.at)
        self.answers[case.id] = [*answers[:-1], replace(answers[-1], withdrawn=True)]
        self.settle(case)

    @precondition(lambda self: self.alive())
    @rule(where=places, step=minutes)
    def a_person_snoozes(self, where, step):
        """A case is hidden for a while; nothing else changes."""
        self.change(self.pick(where, self.alive()), snoozed_until=self.now + step)

    @precondition(lambda self: self.acknowledgments)
    @rule(where=places)
    def the_sender_claims(self, where):
        """A waiting acknowledgment is judged again, then claimed or withdrawn."""
        item = self.pick(where, list(self.acknowledgments.values()))
        if item.state not in {OutboxState.QUEUED, OutboxState.DEFERRED}:
            return
        case = self.cases[item.case_id - 1]
        refusal = self.refusal(case, item.answers_message, besides=item.id)
        self.advance(item, OutboxEvent.CLAIMED if refusal is None else OutboxEvent.FORBIDDEN)
        if case.state is not CaseState.OPEN:
            assert refusal is not None, "an answered case was about to be acknowledged"
        assert refusal is not Refusal.ALREADY_ACKNOWLEDGED

    @precondition(lambda self: self.acknowledgments)
    @rule(where=places, event=events)
    def anything_happens_to_a_mail(self, where, event):
        """Any event at all, also those that cannot happen."""
        self.advance(self.pick(where, list(self.acknowledgments.values())), event)

    def advance(self, item, event):
        """One step, or none where the table has none."""
        expected = BUYER_ROWS.get((item.state.value, event.value))
        with contextlib.suppress(IllegalTransition):
            after = next_state(item.state, event, item.kind)
            assert expected == after.value
            self.acknowledgments[item.case_id] = replace(item, state=after)
            return
        assert expected is None

    @precondition(lambda self: any(item.state in COMPARED for item in self.acknowledgments.values()))
    @rule(where=places)
    def our_own_mail_comes_back(self, where):
        """Sent or Amazon shows our acknowledgment: it confirms that row and nothing else."""
        offered = [item for item in self.acknowledgments.values() if item.state in COMPARED]
        item = self.pick(where, offered)
        before = self.cases[item.case_id - 1]
        self.advance(item, OutboxEvent.FOUND)
        self.settle(before) if before.state is not CaseState.CLOSED else None
        assert self.acknowledgments[item.case_id].state is OutboxState.SENT
        assert self.cases[item.case_id - 1] == before

    @invariant()
    def answered_means_answered(self):
        """A case is answered exactly if each message that wants it has a valid answer at or after it."""
        for case in self.alive():
            valid = [answer.at for answer in self.answers[case.id] if not answer.withdrawn]
            wanting = [message for message in self.messages[case.id] if message.wants_answer]
            settled = all(any(at >= message.received_at for at in valid) for message in wanting)
            assert (case.state is CaseState.ANSWERED) is settled
            assert (case.answered_at is None) is (not settled or not wanting)

    @invariant()
    def an_acknowledgment_answers_nothing(self):
        """Without a person's answer a case with a waiting message is open, acknowledged or not."""
        for case in self.alive():
            alone = not any(not answer.withdrawn for answer in self.answers[case.id])
            if alone and any(message.wants_answer for message in self.messages[case.id]):
                assert case.state is CaseState.OPEN

    @invariant()
    def deadlines_never_move(self):
        """Whatever happened since, respond_by is what it was on arrival."""
        now = {message.id: message.respond_by for some in self.messages.values() for message in some}
        assert now == self.promised

    @invariant()
    def final_states_are_final(self):
        """Sent, refused and withdrawn mail stays what it is."""
        for number, item in self.acknowledgments.items():
            assert self.ended.get(number, item.state) is item.state
            if item.state in FINAL:
                self.ended[number] = item.state

    @invariant()
    def closed_cases_stay_as_they_were(self):
        """A closed case takes no message."""
        for number, messages in self.at_closing.items():
            assert self.messages[number] == messages
            assert self.cases[number - 1].state is CaseState.CLOSED

    @invariant()
    def links_lead_to_earlier_cases(self):
        """A case follows only a case that was there before it."""
        assert all(case.linked_to is None or case.linked_to < case.id for case in self.cases)


class StoredHistory(RuleBasedStateMachine):
    """The real repositories on SQLite beside a simple picture of what was committed."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sokuresu-history-"))
        engine = open_engine(f"sqlite:///{self.folder / 'shop.db'}")
        upgrade(engine)
        self.database = Database(engine)
        self.messages = {}
        self.answers = {}
        self.acknowledgments = {}
        self.known = {}
        self.uid = 0

    def teardown(self):
        """Leave nothing behind."""
        self.database.close()
        shutil.rmtree(self.folder)

    def settle(self, uow, case_id):
        """Add up what is stored and store the sum."""
        messages = uow.messages.of_case(case_id)
        settlement = settle(messages, uow.answers.of_case(case_id))
        for message, at in zip(messages, settlement.message_answers, strict=True):
            uow.messages.change(message.id, answered_at=at)
        uow.cases.change(case_id, state=settlement.state, answered_at=settlement.answered_at)

    @rule(key=st.sampled_from("abcdef"), buyer=buyers, order=orders, late=minutes, commit=st.booleans())
    def a_message_is_taken_in(self, key, buyer, order, late, commit):
        """A mail with one of a few identities; a known one changes nothing."""
        with self.database.write() as uow:
            claimed = [f"message_id:{key}"]
            assert bool(uow.identities.known(claimed)) is (key in self.known)
            if uow.identities.known(claimed):
                return
            self.uid += 1
            message = self.store(uow, buyer, order, NOW - late)
            uow.identities.claim(claimed, message=message.id, authenticity=Authenticity.PASS, at=NOW)
            self.settle(uow, message.case_id)
            if not commit:
                return
            uow.commit()
        self.known[key] = message.id
        self.messages.setdefault(message.case_id, []).append(message.received_at)
        self.answers.setdefault(message.case_id, {})

    def store(self, uow, buyer, order, received):
        """Find or open the case and add the message."""
        subject = Subject(Kind.BUYER_MESSAGE, None, buyer, order)
        candidates = uow.cases.related(case_key=None, buyer_key=buyer, order_ids=order)
        case = match(subject, candidates, NOW).case
        case = case or uow.cases.open(make_case(0, buyer_key=buyer, order_ids=order))
        place = Place("main", "INBOX", 1, self.uid)
        return uow.messages.add(make_message(0, received, case_id=case.id, place=place))

    @precondition(lambda self: self.messages)
    @rule(where=places, reference=st.sampled_from("uvwxyz"), ago=minutes, commit=st.booleans())
    def an_answer_is_recorded(self, where, reference, ago, commit):
        """Each reference counts once in the whole shop."""
        case_id = list(self.messages)[where % len(self.messages)]
        answer = Answer(NOW - ago, AnswerSource.SENT_MAIL)
        with self.database.write() as uow:
            fresh = uow.answers.record(case_id, answer, reference=reference, text_print="", recorded_at=NOW)
            assert fresh is not any(reference in some for some in self.answers.values())
            self.settle(uow, case_id)
            if commit:
                uow.commit()
        if commit and fresh:
            self.answers[case_id][reference] = [answer.at, True]

    @precondition(lambda self: self.messages)
    @rule(where=places, commit=st.booleans())
    def an_answer_is_withdrawn(self, where, commit):
        """The last valid one goes."""
        case_id = list(self.messages)[where % len(self.messages)]
        valid = [entry for entry in self.answers[case_id].values() if entry[1]]
        with self.database.write() as uow:
            assert uow.answers.withdraw_last(case_id, NOW) is bool(valid)
            self.settle(uow, case_id)
            if commit:
                uow.commit()
        if commit and valid:
            max(reversed(valid), key=lambda entry: entry[0])[1] = False

    @precondition(lambda self: self.messages)
    @rule(where=places, commit=st.booleans())
    def an_acknowledgment_is_queued(self, where, commit):
        """A second one for a case is not taken."""
        case_id = list(self.messages)[where % len(self.messages)]
        item = make_item(case_id=case_id, purpose=f"acknowledgment:{case_id}", message_id=f"{case_id}@x")
        with self.database.write() as uow:
            stored = uow.outbox.add(item)
            assert (stored is None) is (case_id in self.acknowledgments)
            if commit:
                uow.commit()
        if commit and stored is not None:
            self.acknowledgments[case_id] = [stored, stored.state]

    @precondition(lambda self: self.acknowledgments)
    @rule(where=places, event=events, stale=st.booleans(), commit=st.booleans())
    def an_acknowledgment_moves(self, where, event, stale, commit):
        """A step counts only if the row still stands where the caller saw it."""
        entry = list(self.acknowledgments.values())[where % len(self.acknowledgments)]
        seen = entry[0] if stale else replace(entry[0], state=entry[1])
        target = BUYER_ROWS.get((seen.state.value, event.value))
        with self.database.write() as uow:
            if target is None:
                return
            moved = uow.outbox.advance(seen, event)
            assert moved is (seen.state is entry[1])
            if commit:
                uow.commit()
        if commit and moved:
            entry[1] = OutboxState(target)

    @invariant()
    def what_was_committed_is_there(self):
        """Messages, answers, sums and rows are as the picture says, and nothing more."""
        with self.database.read() as uow:
            cases = {case.id: case for case in uow.cases.latest(1000)}
            assert set(cases) == set(self.messages)
            for case_id, received in self.messages.items():
                stored = uow.messages.of_case(case_id)
                assert [message.received_at for message in stored] == sorted(received)
                valid = [at for at, stands in self.answers[case_id].values() if stands]
                settled = all(any(at >= one for at in valid) for one in received)
                assert cases[case_id].state is (CaseState.ANSWERED if settled else CaseState.OPEN)
                items = [item.state for item in uow.outbox.of_case(case_id)]
                entry = self.acknowledgments.get(case_id)
                assert items == ([entry[1]] if entry else [])


TestCaseHistory = CaseHistory.TestCase
TestCaseHistory.settings = settings(max_examples=150, stateful_step_count=50)
TestStoredHistory = StoredHistory.TestCase
TestStoredHistory.settings = settings(max_examples=20, stateful_step_count=25)
