"""Old mail as history: closed cases with their answers, and the present as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.backfill import Backfill, Found
from daemon.errors import MailboxUnavailable
from daemon.past_mail import Fate
from daemon.reading.arrivals import Outcome
from state.model import CaseState
from tests.beds.post import answer_mail, buyer, order_of, reply_copy
from tests.beds.shopfloor import OPENED, Shopfloor, make_account, make_shop
from tests.unit.state.examples import HOUR

OLD = OPENED - timedelta(days=30)
SINCE = OPENED - timedelta(days=90)
DAY = timedelta(days=1)


def backfill(floor, since=SINCE, on_progress=lambda progress: None, name="main") -> Found:
    """Look through the past of one account."""
    found = Found()
    account = floor.shop.accounts[name]
    past = Backfill(
        floor.database,
        floor.shop,
        account,
        floor.clock,
        connect=floor.accounts[name].connect,
        since=since,
        on_progress=on_progress,
    )
    past.run(found)
    return found


def assert_silence(floor):
    """Whatever was read, nothing leaves, nobody is told, and the server is as it was."""
    before = {name: floor.inbox.uids(name) for name in ("INBOX", "Sent", "Drafts", "Junk")}
    floor.read()
    floor.drafter.turn()
    floor.alert()
    assert floor.sent() == []
    assert floor.words() == []
    assert {name: floor.inbox.uids(name) for name in before} == before
    assert {method for method, _ in floor.inbox.calls} & {"append", "take_back"} == set()


def test_old_messages_become_closed_cases(floor):
    """A conversation of old is one closed case; mail from before the day is left out; nothing is sent."""
    floor.receive(buyer(1), at=OLD)
    floor.receive(buyer(1, key="A0KEYAGAIN0000000001", text="まだですか。"), at=OLD + DAY)
    floor.receive(buyer(2), at=OLD)
    floor.receive(buyer(3), at=SINCE - DAY)
    found = backfill(floor)
    assert (found.fates[Fate.STORED], len(found.cases), found.mails) == (3, 2, 3)
    assert found.orders == {order_of(1), order_of(2)}
    assert [case.state for case in floor.cases()] == [CaseState.CLOSED] * 2
    first, second = floor.messages(1)
    assert (first.received_at, second.received_at) == (OLD, OLD + DAY)
    assert not any((first.wants_answer, first.amazon_by, first.respond_by))
    with floor.database.read() as uow:
        assert uow.raw_mail.get(first.id) is None
        assert uow.cursors.get("main", "INBOX").last_uid == 0
    assert_silence(floor)


def test_it_can_be_repeated_and_nothing_is_ever_new_again(floor):
    """A second look finds everything known, and so does the service in a renumbered folder."""
    floor.receive(buyer(1), at=OLD)
    floor.receive(reply_copy("本日発送いたしました。"), at=OLD, message_id=None)
    backfill(floor)
    again = backfill(floor)
    assert (again.fates[Fate.KNOWN], again.fates[Fate.STORED]) == (2, 0)
    floor.inbox.renumber(uidvalidity=77)
    assert_silence(floor)
    assert len(floor.cases()) == 1


def test_answers_of_old_are_found(floor):
    """Mail in Sent answers what had arrived by then; what came later stays unanswered."""
    floor.receive(buyer(1), at=OLD)
    floor.receive(buyer(1, key="A0KEYAGAIN0000000001", text="まだですか。"), at=OLD + 2 * DAY)
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=OLD + DAY)
    found = backfill(floor)
    assert (len(found.answered), floor.case(1).state) == (1, CaseState.CLOSED)
    assert [one.answered_at for one in floor.messages(1)] == [OLD + DAY, None]
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=OLD + 3 * DAY)
    backfill(floor)
    assert floor.case(1).answered_at == OLD + 3 * DAY
    assert len(backfill(floor).answered) == 0
    assert_silence(floor)


def test_the_present_is_left_alone(floor):
    """An open case of the same conversation neither gets the old mail nor changes, and is still alerted."""
    floor.work(buyer(1, text="今の問い合わせです。"))
    before = floor.case(1), floor.messages(1), floor.outbox(1)
    floor.receive(buyer(1, key="A0KEYOLD000000000001", subject="古い"), at=OLD)
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=OLD + DAY)
    found = backfill(floor)
    assert (floor.case(1), floor.messages(1), floor.outbox(1)) == before
    assert (floor.case(2).state, floor.messages(2)[0].answered_at) == (CaseState.CLOSED, OLD + DAY)
    assert found.fates[Fate.KNOWN] == 1


def test_mail_that_the_service_has_yet_to_read_is_left_to_it(floor):
    """What arrived since the first start and was not read yet is new afterwards, and is acknowledged."""
    floor.receive(buyer(1))
    found = backfill(floor)
    assert (found.fates[Fate.LEFT], floor.cases()) == (1, ())
    floor.work()
    assert len(floor.acknowledgments()) == 1


def test_before_the_first_start_the_last_two_days_are_left(shop_database):
    """What a first start may still offer as cases stays new."""
    floor = Shopfloor(shop_database)
    floor.receive(buyer(1), at=OPENED - timedelta(hours=47))
    floor.receive(buyer(2), at=OPENED - timedelta(hours=49))
    found = backfill(floor)
    assert (found.fates[Fate.LEFT], found.fates[Fate.STORED]) == (1, 1)
    with floor.database.read() as uow:
        assert uow.mailboxes.all() == ()


def test_mail_that_is_not_handed_out_stops_no_other(floor):
    """The server's bad mail is counted, the others are taken in; a server that is gone ends the look."""
    bad = floor.receive(buyer(1), at=OLD)
    floor.receive(buyer(2), at=OLD)
    floor.inbox.refuse_body(bad)
    found = backfill(floor)
    assert (found.fates[Fate.FAILED], found.fates[Fate.STORED]) == (1, 1)
    floor.inbox.fail("connect", times=9)
    with pytest.raises(MailboxUnavailable):
        backfill(floor)


def test_breaking_off_leaves_whole_cases(floor):
    """Ctrl-C in the middle keeps what was stored; the next look goes on behind it."""
    for number in range(1, 4):
        floor.receive(buyer(number), folder="INBOX" if number < 3 else "Junk", at=OLD)

    def interrupt(progress):
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backfill(floor, on_progress=interrupt)
    assert len(floor.cases()) == 2
    assert backfill(floor).fates[Fate.STORED] == 1
    assert_silence(floor)


@pytest.fixture
def two_mailboxes(shop_database):
    """A shop with a second mailbox that is added a day after the first, which cannot be read meanwhile."""
    floor = Shopfloor(shop_database, make_shop(make_account("main"), make_account("second")))
    floor.read("main")
    floor.clock.advance(DAY)
    for mailbox in ("main", "second"):
        floor.receive(buyer(1), mailbox=mailbox, message_id="both@amazon.example")
    floor.clock.advance(HOUR)
    return floor


def test_what_another_mailbox_has_yet_to_read_is_left_to_it(two_mailboxes):
    """An identity is the whole shop's: as history the mail would never be new in the other mailbox."""
    floor = two_mailboxes
    floor.clock.advance(3 * DAY)
    found = backfill(floor, since=floor.clock.now() - 30 * DAY, name="second")
    assert (found.fates[Fate.LEFT], found.fates[Fate.STORED], floor.cases()) == (1, 0, ())
    floor.read("main")
    assert floor.case().state is CaseState.OPEN
    assert any("未回答" in mail.text for mail in floor.alert())


def test_history_of_one_mailbox_is_new_in_the_one_that_was_watched(two_mailboxes):
    """The case opens as for a new mail, with alert and acknowledgment, once; the later copies are known."""
    floor = two_mailboxes
    floor.read("second")
    floor.accounts["second"].renumber(uidvalidity=77)
    floor.read("second")
    assert (floor.case().state, floor.case().mailbox) == (CaseState.CLOSED, "second")
    floor.receive(buyer(1), folder="Junk", mailbox="second", message_id="copy@amazon.example")
    assert [one.outcome for one in floor.read("second")] == [Outcome.ALREADY_KNOWN]
    (taken,) = floor.work()
    assert (taken.outcome, taken.acknowledged) == (Outcome.JOINED, True)
    assert (floor.case().state, floor.case().mailbox) == (CaseState.OPEN, "main")
    (message,) = floor.messages()
    assert (message.unanswered, message.facts, message.place.mailbox) == (True, (), "main")
    floor.accounts["main"].renumber(uidvalidity=78)
    floor.accounts["second"].renumber(uidvalidity=79)
    assert {one.outcome for one in floor.work()} <= {Outcome.ALREADY_KNOWN}
    assert (len(floor.cases()), len(floor.acknowledgments())) == (1, 1)


def test_history_of_both_mailboxes_stays_history(two_mailboxes):
    """What is older than either first start opens nothing, in whichever mailbox it is read again."""
    floor = two_mailboxes
    floor.work()
    for mailbox in ("main", "second"):
        floor.receive(buyer(2), mailbox=mailbox, at=OLD, message_id="old@amazon.example")
    assert [one.outcome for one in floor.work()] == [Outcome.HISTORY, Outcome.ALREADY_KNOWN]
    assert floor.case(2).state is CaseState.CLOSED
