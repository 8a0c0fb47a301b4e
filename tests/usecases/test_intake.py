"""What becomes of the mail that arrives: cases, quarantine, counts, and nothing twice."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

import daemon.reading.taking
from daemon.errors import MailboxUnavailable
from parsers.reading import read
from state.model import CaseState
from state.unit_of_work import UnitOfWork
from tests.beds.fake_mailbox import FakeMailbox
from tests.beds.post import (
    answer_mail,
    buyer,
    claim,
    feedback,
    name_of,
    opted_out,
    order_of,
    sample,
)
from tests.beds.shopfloor import OPENED, Shopfloor, make_account, make_shop
from tests.unit.parsers.mails import address, bounce, notice, ordinary
from tests.unit.state.examples import DAY, HOUR

MINUTE = timedelta(minutes=1)
GERMAN = {"tongue": "de", "order": "302-1026981-3004713", "text": "Wo bleibt mein Paket?"}


def outcomes(takens):
    return [taken.outcome for taken in takens]


@pytest.fixture
def two_mailboxes(shop_database):
    """A shop with two accounts, both read once."""
    shop = make_shop(make_account("main"), make_account("second"))
    floor = Shopfloor(shop_database, shop)
    floor.read()
    return floor


# Every kind


@pytest.mark.playbook("message through Amazon's mail")
def test_a_buyer_message_opens_a_case_and_is_acknowledged(floor):
    """The main job: read, stored, acknowledged."""
    (taken,) = floor.work(buyer(1))
    assert (taken.outcome, taken.acknowledged) == ("opened", True)
    (mail,) = floor.acknowledgments()
    assert mail.recipient == buyer(1).address
    case = floor.case()
    assert (case.acknowledged_at, case.answered_at, case.state) == (OPENED, None, "open")
    (stored,) = floor.messages()
    assert (stored.amazon_by, stored.text) == (OPENED + DAY, buyer(1).text)


def test_the_acknowledgment_is_a_reply_that_no_robot_answers(floor):
    """It threads, names itself automatic, keeps Amazon's subject with one Re:, and carries our own id."""
    mail = buyer(1, extra=(("References", "<first@amazon.example>"),))
    floor.work(mail, message_id="the-message@amazon.example")
    (sent,) = floor.acknowledgments()
    found = sent.message
    assert found["In-Reply-To"] == "<the-message@amazon.example>"
    assert found["References"].split() == ["<first@amazon.example>", "<the-message@amazon.example>"]
    assert (found["Auto-Submitted"], found["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert found["Subject"] == f"Re: {mail.subject}"
    assert (sent.sender, found["From"].addresses[0].addr_spec) == ("main@shop.example", "main@shop.example")
    assert found["X-Sokuresu-Outbox"] == found["Message-ID"].strip("<>")
    assert found.get_content_type() == "text/plain"
    assert order_of(1) in sent.text
    assert "http" not in sent.text


@pytest.mark.playbook("a claim (A-to-z), a cancellation request")
@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("cancel-ja", True),
        ("return-request-ja", True),
        ("claim-ja", True),
        ("feedback-assumed-ja", True),
        ("feedback-assumed-4-ja", False),
        ("refund-ja", False),
        ("order-notice-ja", False),
        ("reply-copy-ja", False),
    ],
)
def test_notices_open_a_case_or_are_counted(floor, name, opens):
    """Requests, claims and bad feedback open a case that has no clock of Amazon's; the others never do."""
    floor.work(sample(name))
    assert len(floor.cases()) == opens
    assert floor.acknowledgments() == []
    for case in floor.cases():
        (stored,) = floor.messages(case.id)
        assert (stored.amazon_by, stored.respond_by is None) == (None, False)


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("ja-iso-2022-jp", True),
        ("ja-presale-no-order", True),
        ("not-amazon", False),
        ("lookalike-domain", False),
    ],
)
def test_samples_open_cases(floor, name, opens):
    """Buyers are heard in every dialect, and nobody else is."""
    floor.work(sample(name))
    assert (len(floor.cases()), len(floor.acknowledgments())) == (opens, opens)


@pytest.mark.playbook("a claim (A-to-z), a cancellation request")
def test_a_notice_joins_the_case_of_its_order(floor):
    """A claim about an order whose buyer wrote before belongs to that case."""
    floor.work(buyer(1))
    floor.work(claim(1))
    assert [message.kind for message in floor.messages()] == ["buyer_message", "claim"]
    assert "claim" in floor.words()


def test_a_german_buyer_is_answered_in_english(floor):
    """Two languages are written: Japanese in Japan, English elsewhere."""
    floor.work(buyer(1, **GERMAN))
    (mail,) = floor.acknowledgments()
    assert mail.text.startswith(f"Dear {name_of(1)},")
    assert GERMAN["order"] in mail.text


def test_an_amazon_notice_is_counted_and_not_stored(floor):
    """Sellers buy at Amazon too; that is nobody's business."""
    secret = "ご注文の確定: 秘密の買い物"
    floor.work(notice(secret, "<p>お届け予定日</p>", sender="auto-confirm@amazon.co.jp", market_id=None))
    with floor.database.read() as uow:
        assert uow.counts.all() == {"amazon_notice": 1}
    assert "秘密の買い物" not in floor.everything()
    assert floor.cases() == ()


def test_other_peoples_mail_is_never_stored(floor):
    """Not the body, not the subject, not the sender: only the reading position moves."""
    private = ordinary("friend@example.org", "Confidential dinner", "Tell nobody")
    floor.receive(private)
    floor.receive(answer_mail("friend@example.org", "Secret reply"), folder="Sent")
    floor.read()
    stored = floor.everything()
    for word in ("Confidential", "dinner", "nobody", "Secret reply", "friend@example.org"):
        assert word not in stored
    assert floor.inbox.bodies_read == []


def test_a_strangers_bounce_is_read_and_forgotten(floor):
    """A bounce must be read to see whose mail it is about; if it is not ours nothing of it stays."""
    private = bounce("friend@example.org", "private-letter@shop.example", subject="Undelivered secret")
    floor.work(private, message_id="report@mx.example")
    for word in ("secret", "private-letter", "friend@example.org", "report@mx.example"):
        assert word not in floor.everything()
    assert floor.words() == []


# One message, several mails


def test_one_message_mailed_to_two_addresses_is_one_case(floor):
    """Amazon mails one message to every registered address: same m= key, different Message-IDs."""
    floor.receive(buyer(1))
    floor.receive(buyer(1))
    assert outcomes(floor.work()) == ["opened", "already_known"]
    assert (len(floor.cases()), len(floor.messages()), len(floor.acknowledgments())) == (1, 1, 1)


def test_one_message_in_two_mailboxes_is_one_case(two_mailboxes):
    """Also when the copies come by two accounts, each with a connection of its own."""
    floor = two_mailboxes
    floor.receive(buyer(1), mailbox="main")
    floor.receive(buyer(1), mailbox="second")
    assert outcomes(floor.work()) == ["opened", "already_known"]
    assert (len(floor.cases()), len(floor.acknowledgments())) == (1, 1)


def test_copies_that_are_read_at_the_same_instant_are_one_case(two_mailboxes):
    """Two threads take in ten messages each, all of them copies of the other's."""
    floor = two_mailboxes
    for number in range(1, 11):
        floor.receive(buyer(number), mailbox="main")
        floor.receive(buyer(11 - number), mailbox="second")
    connections = {name: floor.connection(name) for name in floor.readers}
    with ThreadPoolExecutor(2) as pool:
        passes = [pool.submit(floor.readers[name].full_pass, connections[name]) for name in floor.readers]
        for one in passes:
            one.result(30)
    floor.delivery.turn()
    assert len(floor.cases()) == len(floor.acknowledgments()) == 10


def test_the_same_mail_in_inbox_and_junk_is_one_case(floor):
    """Moved between folders it has the same Message-ID; its body is not even fetched again."""
    floor.work(buyer(1), message_id="one@amazon.example")
    read_before = len(floor.inbox.bodies_read)
    floor.work(buyer(1), folder="Junk", message_id="one@amazon.example")
    assert (len(floor.messages()), len(floor.inbox.bodies_read)) == (1, read_before)


def test_two_messages_of_one_buyer_are_one_case_with_one_acknowledgment(floor):
    """The second message joins and is not acknowledged again."""
    floor.work(buyer(1))
    floor.clock.advance(HOUR)
    (taken,) = floor.work(buyer(1, key="A0SECOND", text="まだですか？"))
    assert (taken.outcome, taken.refusal) == ("joined", "already_acknowledged")
    assert (len(floor.messages()), len(floor.acknowledgments())) == (2, 1)


def test_a_message_after_the_case_was_closed_opens_a_linked_one(floor):
    """A closed case stays closed; the new one names it."""
    floor.work(buyer(1))
    with floor.database.write() as uow:
        uow.cases.change(1, state=CaseState.CLOSED, closed_at=OPENED)
        uow.commit()
    floor.clock.advance(DAY)
    floor.work(buyer(1, key="A0SECOND"))
    assert [(case.state, case.linked_to) for case in floor.cases()] == [("closed", None), ("open", 1)]


# Proof


def test_a_proven_copy_lifts_an_unproven_one(floor):
    """Without a result the case waits unacknowledged; the proven copy of the same message brings it."""
    (first,) = floor.work(buyer(1, proof="none"))
    assert (first.refusal, floor.acknowledgments()) == ("not_proven", [])
    (second,) = floor.work(buyer(1))
    assert (second.outcome, second.acknowledged) == ("proven_later", True)
    assert (len(floor.cases()), len(floor.messages()), len(floor.acknowledgments())) == (1, 1, 1)
    assert floor.messages()[0].authenticity == "pass"


@pytest.mark.parametrize("lie", [{"case": "0f3b21c9-3fc2-4b43-8b26-999999999999"}, {"local": "someoneelse"}])
def test_an_unproven_mail_does_not_say_where_the_buyer_is(floor, lie):
    """It may repeat a Message-ID, a text and a key under any alias; only the proven mail is answered."""
    floor.work(buyer(1, proof="none", **lie), message_id="one@amazon.example")
    floor.work(buyer(1), message_id="one@amazon.example")
    assert [mail.recipient for mail in floor.acknowledgments()] == [buyer(1).address]
    assert floor.case(2).buyer_key == buyer(1).address.replace(f"+{buyer(1).case}", "")


def test_a_notice_that_is_proven_later_is_told_once(floor):
    """A claim without a result and its proven copy are one message and one alarm."""
    unproven = claim(1).replace(b"Authentication-Results", b"X-Nothing")
    floor.work(unproven, message_id="claim@amazon.example")
    floor.work(claim(1), message_id="claim@amazon.example")
    assert [(one.kind, one.authenticity) for one in floor.messages()] == [("claim", "pass")]
    assert floor.words() == ["claim"]


def test_an_unproven_copy_after_a_proven_one_changes_nothing(floor):
    """Whoever repeats a message without proof is not heard."""
    floor.work(buyer(1))
    (taken,) = floor.work(buyer(1, proof="none", text="別の文"))
    assert taken.outcome == "already_known"
    assert [one.text for one in floor.messages()] == [buyer(1).text]


def test_another_text_under_an_unproven_key_is_a_message_of_its_own(floor):
    """If the proven mail says something else, the unproven one is not proven by it."""
    floor.work(buyer(1, proof="none", text="偽物かもしれない文"))
    (taken,) = floor.work(buyer(1))
    assert taken.acknowledged
    assert [one.authenticity for one in floor.messages()] == ["none", "pass"]


def test_a_forged_mail_is_quarantined_and_claims_nothing(floor):
    """No case, no key: the genuine message afterwards is acknowledged as if nothing had been."""
    (forged,) = floor.work(buyer(1, proof="fail"), message_id="stolen@amazon.example")
    assert (forged.outcome, floor.cases(), floor.acknowledgments()) == ("quarantined", (), [])
    with floor.database.read() as uow:
        assert uow.quarantine.counts() == {"forged": 1}
    (genuine,) = floor.work(buyer(1), message_id="stolen@amazon.example")
    assert (genuine.outcome, genuine.acknowledged) == ("opened", True)


def test_several_froms_are_never_acknowledged(floor):
    """A mail with two authors proves neither; nobody is written to because of it."""
    two = f"{address('A', buyer(1).address)}, {address('B', buyer(2).address)}"
    content = buyer(1).build().replace(b"From: ", f"From: {two}\r\nX-Old: ".encode(), 1)
    floor.work(content)
    assert floor.acknowledgments() == []


# Junk, unrecognised, failing


def test_a_buyer_message_in_the_junk_folder_is_handled_and_told(floor):
    """The provider was wrong; the buyer is answered all the same and the owner hears where it lay."""
    (taken,) = floor.work(buyer(1), folder="Junk")
    assert taken.acknowledged
    assert floor.words() == ["junk"]
    (alert,) = floor.alert()
    assert "迷惑" in alert.text


def test_unrecognised_mail_alarms_once_a_shape(floor):
    """Two mails of one unknown shape are two visible entries and one alarm."""
    for number in (1, 2):
        floor.work(
            notice(f"新しい通知 {order_of(number)}", "<p>未知</p>", kind="TOTALLY_NEW_TYPE", linked_kind="X")
        )
    with floor.database.read() as uow:
        assert uow.quarantine.counts() == {"unrecognised": 2}
    assert floor.words() == ["unrecognised"]
    assert floor.acknowledgments() == []


def test_a_mail_that_cannot_be_read_does_not_stop_the_next(floor, monkeypatch):
    """It is kept raw with a reason, and the mail behind it is taken in."""

    def break_on_poison(content, trust, received_at):
        if b"poison" in content:
            raise RuntimeError("a bug of ours")
        return read(content, trust, received_at)

    monkeypatch.setattr(daemon.reading.taking, "read", break_on_poison)
    floor.receive(buyer(1, extra=(("X-Test", "poison"),)))
    floor.receive(buyer(2))
    assert outcomes(floor.work()) == ["opened"]
    with floor.database.read() as uow:
        (entry,) = uow.quarantine.unsettled()
    assert (entry.word, entry.reason) == ("failed", "reading failed: RuntimeError")
    assert "a bug of ours" not in floor.everything()


def test_a_mail_that_cannot_be_stored_does_not_stop_the_next(floor, monkeypatch):
    """Where taking in fails each mail is tried by itself; only the culprit is put aside."""
    take_in = daemon.reading.taking.take_in

    def break_on_poison(arrival, work):
        if b"poison" in arrival.content:
            raise RuntimeError("a bug of ours")
        return take_in(arrival, work)

    monkeypatch.setattr(daemon.reading.taking, "take_in", break_on_poison)
    floor.receive(buyer(1))
    floor.receive(buyer(2, extra=(("X-Test", "poison"),)))
    floor.receive(buyer(3))
    assert outcomes(floor.work()) == ["opened", "quarantined", "opened"]
    assert len(floor.cases()) == len(floor.acknowledgments()) == 2


def test_a_mail_that_vanishes_meanwhile_is_no_trouble(floor):
    """Somebody deletes it in another mail program before it is fetched."""
    gone = floor.receive(buyer(1))
    floor.receive(buyer(2))
    floor.inbox.remove([gone])
    assert outcomes(floor.work()) == ["opened"]


def test_somebody_reading_the_mail_first_changes_nothing(floor):
    r"""\Seen means nothing: the person may open every mail before the program does."""
    floor.inbox.deliver(buyer(1).build(), at=OPENED, flags=r"\Seen")
    (taken,) = floor.work()
    assert taken.outcome == "opened"
    assert floor.inbox.flags(1) == {rb"\Seen"}


def test_a_draft_to_a_buyer_is_nobodys_answer(floor):
    """What lies in Drafts was not sent; the folder is not even opened."""
    floor.work(buyer(1))
    floor.receive(answer_mail(buyer(1).address), folder="Drafts", at=floor.clock.advance(HOUR))
    floor.read()
    assert floor.case().state == "open"
    assert ("open", "Drafts") not in floor.inbox.calls


# Cursors


def cursor(floor, folder="INBOX"):
    with floor.database.read() as uow:
        return uow.cursors.get("main", folder)


def test_the_cursor_moves_with_what_was_read(floor, monkeypatch):
    """If the transaction fails neither is there; the next pass reads the same mail again."""
    floor.receive(buyer(1))
    before = cursor(floor)
    commit = UnitOfWork.commit
    fail_once(monkeypatch, floor)
    with pytest.raises(OperationalError):
        floor.read()
    assert (cursor(floor), floor.cases(), floor.everything().count("A0KEY")) == (before, (), 0)
    monkeypatch.setattr(UnitOfWork, "commit", commit)
    floor.work()
    assert cursor(floor) == replace(before, last_uid=1)
    assert (len(floor.cases()), len(floor.acknowledgments())) == (1, 1)


def test_no_commit_moves_the_cursor_past_a_mail_without_it(floor, monkeypatch):
    """Were the cursor a transaction of its own, a power cut between the two would lose the mail."""
    floor.receive(buyer(1))
    commit, seen = UnitOfWork.commit, []

    def watched(self):
        moved = self.cursors.get("main", "INBOX").last_uid == 1
        seen.append((moved, bool(self.messages.unanswered())))
        commit(self)

    monkeypatch.setattr(UnitOfWork, "commit", watched)
    floor.read()
    assert (True, True) in seen
    assert (True, False) not in seen


def fail_once(monkeypatch, floor):
    def failing(self):
        if self.cases._connection.in_transaction() and self.cursors.get("main", "INBOX").last_uid == 1:
            raise OperationalError("COMMIT", {}, Exception("disk full"))
        self._connection.commit()

    monkeypatch.setattr(UnitOfWork, "commit", failing)


def test_a_connection_lost_between_batches_loses_nothing(floor):
    """What was stored stays stored; the rest comes with the next connection, each mail once."""
    for number in range(1, 4):
        floor.receive(buyer(number))
    floor.inbox.fail("bodies", after=1)
    with pytest.raises(Exception, match="connect anew"):
        floor.read()
    floor.inbox.cut_connections()
    floor.work()
    assert (len(floor.cases()), len(floor.acknowledgments())) == (3, 3)


def test_new_mail_with_low_numbers_is_read_after_a_renumbering(floor):
    """A mailbox that was set up anew counts from one again, below where the reading had come to."""
    for number in range(1, 6):
        floor.work(buyer(number))
    floor.inbox.remove(floor.inbox.uids())
    floor.inbox.renumber(uidvalidity=99)
    floor.work(buyer(6))
    assert cursor(floor).last_uid < 5
    assert len(floor.cases()) == 6


def test_a_renumbered_folder_is_read_again_without_effect(floor):
    """UIDVALIDITY changes: every UID means something else, and nothing goes out twice or late."""
    floor.work(buyer(1))
    floor.work(feedback(2))
    floor.work(notice(f"新しい通知 {order_of(3)}", "<p>未知</p>", kind="TOTALLY_NEW_TYPE"))
    floor.work(buyer(4, proof="none"))
    floor.work(buyer(5, proof="fail"))
    floor.alert()
    floor.clock.advance(3 * HOUR)
    floor.read()
    before = snapshot(floor)
    floor.inbox.renumber(uidvalidity=99, next_uid=500)
    floor.work()
    assert snapshot(floor) == before
    assert floor.words() == []
    floor.work(buyer(6))
    assert len(floor.acknowledgments()) == before["sent"] + 1


@pytest.mark.parametrize("mail", [buyer(1, key=None), opted_out(1)])
def test_mail_without_any_id_is_known_again_after_renumbering(floor, mail):
    """Without Message-ID and m= key the mail itself is its identity."""
    floor.work(buyer(1), message_id="first@amazon.example")
    floor.work(mail, message_id=None)
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=floor.clock.advance(HOUR))
    floor.work()
    assert floor.case().state == "answered"
    floor.clock.advance(HOUR)
    floor.read()
    before = snapshot(floor)
    floor.inbox.renumber(uidvalidity=99, next_uid=500)
    floor.work()
    assert snapshot(floor) == before


def snapshot(floor):
    """Everything that the shop has and did, but for reading positions and counts."""
    with floor.database.read() as uow:
        quarantined = uow.quarantine.counts()
    return {
        "cases": floor.cases(),
        "messages": [floor.messages(case.id) for case in floor.cases()],
        "quarantine": quarantined,
        "sent": len(floor.acknowledgments()),
        "outbox": [floor.outbox(case.id) for case in floor.cases()],
    }


@pytest.mark.parametrize("kept_ids", [True, False])
def test_a_move_to_another_provider_sends_nothing(floor, kept_ids):
    """New UIDVALIDITY and every INTERNALDATE is today: old mail stays known, unknown old mail stays old."""
    floor.work(buyer(1))
    old = floor.clock.now()
    floor.clock.advance(10 * DAY)
    moved = floor.inbox.folder("INBOX")
    unknown = floor.receive(buyer(2), date=old - 90 * DAY)
    assert unknown
    moved.mails = {uid: replace(mail, at=floor.clock.now()) for uid, mail in moved.mails.items()}
    if not kept_ids:
        moved.mails = {
            uid: replace(mail, content=mail.content.replace(b"Message-ID", b"X-Old-ID"))
            for uid, mail in moved.mails.items()
        }
    floor.inbox.renumber(uidvalidity=7)
    assert set(outcomes(floor.work())) <= {"already_known", "history"}
    assert len(floor.acknowledgments()) == 1
    assert [case.state for case in floor.cases()] == ["open", "closed"]
    assert len(floor.messages()) == 1


# Which time


def test_the_first_start_begins_now(shop_database):
    """Old customers get nothing: what lies in the mailbox is not even read."""
    floor = Shopfloor(shop_database)
    floor.receive(buyer(1), at=OPENED - HOUR)
    assert floor.work() == []
    assert (floor.inbox.bodies_read, floor.cases()) == ([], ())


def test_mail_from_before_the_first_start_is_history(floor):
    """A mail that turns up later with an old date enters closed: no acknowledgment, no alert."""
    (taken,) = floor.work(buyer(1), date=OPENED - DAY)
    assert (taken.outcome, floor.case().state) == ("history", "closed")
    floor.clock.set(OPENED + 2 * HOUR)
    assert (floor.acknowledgments(), floor.alert()) == ([], [])


def test_mail_on_its_way_at_the_first_start_is_no_history(floor):
    """Dated minutes before, it arrives after: the buyer waits."""
    (taken,) = floor.work(buyer(1), at=OPENED + MINUTE, date=OPENED - 2 * MINUTE)
    assert taken.acknowledged


@pytest.mark.parametrize("folders_read", [0, 1])
def test_mail_after_a_first_start_that_failed_is_taken_in(shop_database, folders_read):
    """The first start counts from when it was tried, not from when the server at last let us in."""
    floor = Shopfloor(shop_database)
    floor.receive(buyer(1), at=OPENED - 3 * DAY)
    floor.inbox.fail("open", after=folders_read)
    with pytest.raises(Exception, match="connect anew"):
        floor.read()
    floor.inbox.cut_connections()
    floor.receive(buyer(2), at=floor.clock.advance(HOUR))
    floor.clock.advance(HOUR)
    floor.work()
    assert [case.buyer_name for case in floor.cases() if case.state == "open"] == [name_of(2)]
    assert [mail.recipient for mail in floor.acknowledgments()] == [buyer(2).address]


def test_look_back_opens_cases_without_acknowledging(shop_database):
    """The offer of the first start: cases of the last 48 hours with alerts, no acknowledgment."""
    floor = Shopfloor(shop_database)
    floor.receive(buyer(2), at=OPENED - 5 * DAY)
    floor.receive(buyer(1), at=OPENED - 30 * HOUR)
    with floor.database.write() as uow:
        uow.mailboxes.start("main", OPENED, look_back_from=OPENED - 48 * HOUR)
        uow.commit()
    floor.work()
    assert [(case.buyer_name, case.state) for case in floor.cases()] == [(name_of(1), "open")]
    assert (floor.acknowledgments(), floor.messages()[0].refusal) == ([], "look_back")
    floor.clock.set(OPENED + 90 * MINUTE)
    assert order_of(1) in floor.alert()[0].text


def test_mail_first_seen_after_48_hours_is_alerted_but_not_acknowledged(floor):
    """After an outage of two days the owner hears of it; the buyer gets no late robot."""
    floor.receive(buyer(1))
    floor.clock.advance(49 * HOUR)
    (taken,) = floor.work()
    assert (taken.refusal, floor.case().state) == ("too_old", "open")
    assert order_of(1) in "".join(mail.text for mail in floor.alert())


def test_mail_older_than_a_day_after_an_outage_is_read(floor):
    """Whatever came while the program was down is found, however old."""
    for days in range(5):
        floor.receive(buyer(days + 1), at=floor.clock.advance(DAY))
    floor.read()
    assert len(floor.cases()) == 5


def test_a_date_far_ahead_is_not_believed(floor):
    """A wrong clock of a sender does not postpone the deadline."""
    floor.work(buyer(1), date=OPENED + 3 * DAY)
    assert floor.messages()[0].received_at == OPENED


def test_a_folder_that_turns_up_later_is_read_from_its_beginning(shop_database):
    """The provider makes the junk folder for the very mail that lies in it."""
    floor = Shopfloor(shop_database)
    floor.inbox.delete_folder("Junk")
    floor.read()
    floor.inbox._folders["Junk"] = type(floor.inbox.folder("INBOX"))(rb"\junk")
    floor.inbox.cut_connections()
    (taken,) = floor.work(buyer(1), folder="Junk")
    assert taken.acknowledged


def test_a_mail_without_date_counts_from_its_arrival(floor):
    """INTERNALDATE alone decides."""
    floor.inbox.deliver(buyer(1).build().replace(b"Date: ", b"X-Date: "), at=OPENED)
    floor.work()
    assert floor.messages()[0].received_at == OPENED


def test_a_renamed_mailbox_still_takes_in_what_joins_old_cases(shop_database):
    """The case's account is gone from the configuration; its buyer's next message is not lost."""
    floor = Shopfloor(shop_database, make_shop(make_account("old")))
    floor.read()
    floor.work(buyer(1))
    renamed = Shopfloor(shop_database, make_shop(make_account("new")), clock=floor.clock)
    renamed.read()
    floor.clock.advance(13 * HOUR)
    (taken,) = renamed.work(buyer(1, key="A0SECOND"))
    assert taken.outcome == "joined"


def test_a_mail_that_the_server_never_hands_out_does_not_block_the_others(floor):
    """After enough failed rounds it is left to a person, and the buyer behind it is acknowledged."""
    bad = floor.receive(buyer(1))
    floor.receive(buyer(2))
    floor.inbox.refuse_body(bad)
    for _ in range(30):
        if floor.acknowledgments():
            break
        with contextlib.suppress(MailboxUnavailable):
            floor.work()
    assert [mail.recipient for mail in floor.acknowledgments()] == [buyer(2).address]
    assert "quarantine_grows" in floor.words()
    with floor.database.read() as uow:
        (entry,) = uow.quarantine.unsettled()
    assert (entry.word, entry.reason) == ("failed", "the server does not hand out this mail")


def test_a_mail_of_which_the_server_says_nothing_is_not_passed_by(floor):
    """It is still listed, so the position stays before it until a person gets it; it may also come late."""
    silent = floor.receive(buyer(1))
    floor.inbox.leave_out_body(silent)
    for _ in range(7):
        with pytest.raises(MailboxUnavailable, match="does not hand out"):
            floor.work()
    floor.inbox.leave_out_body(silent, for_ever=False)
    assert outcomes(floor.work()) == ["opened"]
    again = floor.receive(buyer(2))
    floor.inbox.leave_out_body(again)
    for _ in range(8):
        with pytest.raises(MailboxUnavailable, match="does not hand out"):
            floor.work()
    floor.work()
    with floor.database.read() as uow:
        (entry,) = uow.quarantine.unsettled()
    assert entry.reason == "the server does not hand out this mail"


def test_a_mail_that_vanishes_between_its_head_and_its_body_is_no_trouble(floor, monkeypatch):
    """The server lists it no longer, so the next one is read."""
    gone = floor.receive(buyer(1))
    floor.receive(buyer(2))
    honest = FakeMailbox.bodies

    def late(self, uids):
        if gone in floor.inbox.uids():
            floor.inbox.remove([gone])
        return honest(self, uids)

    monkeypatch.setattr(FakeMailbox, "bodies", late)
    assert outcomes(floor.work()) == ["opened"]


def test_a_passing_failure_of_the_server_costs_no_mail(floor):
    """A mail that comes at the next try is taken in as if nothing had happened."""
    floor.receive(buyer(1))
    floor.inbox.fail("bodies", times=2)
    for _ in range(2):
        with pytest.raises(MailboxUnavailable):
            floor.work()
    assert [taken.outcome for taken in floor.work()] == ["opened"]


def test_the_reason_of_a_return_is_kept_with_the_words(floor):
    """A return without a word is told by the reason that the buyer chose."""
    floor.work(sample("return-request-ja"))
    (message,) = floor.messages()
    assert message.text == "商品に欠陥がある\n点灯しません"
