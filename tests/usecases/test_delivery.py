"""From the outbox to the wire on a server that fails on cue: every row of decision 4, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from daemon import acknowledge, commands
from daemon.ports import Verdict
from daemon.recipients import AllowList
from daemon.shop import SaveSent
from daemon.smtp import SmtpSubmission
from daemon.work import Work
from state.outbox_rules import OutboxEvent
from state.unit_of_work import UnitOfWork
from tests.beds.post import answer_mail, buyer, dated, order_of, reply_copy
from tests.beds.shopfloor import OWNER, Shopfloor, make_account, make_shop
from tests.beds.smtp import CREDENTIALS, Stage, running_smtp
from tests.unit.state.examples import DAY, HOUR, local

MINUTE = timedelta(minutes=1)
BEFORE_DATA = (Stage.MAIL, Stage.RCPT, Stage.DATA)
BEFORE_MAIL = (Stage.GREETING, Stage.EHLO)
AFTER_354 = (Stage.CONTENT, Stage.DOT, Stage.TAKEN)


def on_wire(shop_database, server, credentials=None):
    """A shop whose mail goes over a real connection, with one acknowledgment queued."""
    submission = SmtpSubmission(server.endpoint, credentials, AllowList(OWNER).allows)
    floor = Shopfloor(shop_database, exits={"main": submission})
    floor.read()
    floor.receive(buyer(1))
    floor.read()
    return floor


@pytest.fixture
def wired(shop_database, smtp_server):
    """A shop with one acknowledgment queued and a real server."""
    floor = on_wire(shop_database, smtp_server)
    yield floor
    floor.delivery.close()


def to_buyers(server):
    return [mail for mail in server.mails if mail.recipients != (OWNER,)]


def row(floor):
    item = floor.acknowledgment()
    return item.state.value, item.attempts


# sending → sent


def test_250_to_the_final_dot_is_sent(wired, smtp_server):
    """The row says when, and the case is acknowledged; its clock goes on."""
    wired.delivery.turn()
    item = wired.acknowledgment()
    assert (item.state, item.sent_at, item.reason) == ("sent", wired.clock.now(), None)
    (mail,) = smtp_server.mails
    assert (mail.sender, mail.recipients) == ("main@shop.example", (buyer(1).address,))
    assert mail.message["Message-ID"] == f"<{item.message_id}>"
    assert wired.case().answered_at is None
    assert wired.delivery.turn() == 0


def test_the_row_is_committed_before_the_server_hears_of_it(wired, smtp_server, monkeypatch):
    """Intent before effect: while the server answers MAIL the row says sending, with text and Message-ID."""
    seen = []
    send = SmtpSubmission.send

    def look_and_send(self, **mail):
        seen.append(wired.acknowledgment())
        return send(self, **mail)

    monkeypatch.setattr(SmtpSubmission, "send", look_and_send)
    wired.delivery.turn()
    (item,) = seen
    assert (item.state, item.run_id, item.attempts) == ("sending", "run-1", 1)
    assert item.content is not None
    assert order_of(1) in item.text


# sending → deferred


@pytest.mark.parametrize("stage", BEFORE_DATA)
@pytest.mark.parametrize("how", ["451", "drop"])
def test_a_failure_before_the_content_is_tried_again(wired, smtp_server, stage, how):
    """4xx or a lost connection before 354: certainly not taken, so a minute later it is tried again."""
    cue(smtp_server, stage, how)
    wired.delivery.turn()
    assert row(wired) == ("deferred", 1)
    assert (wired.words(), to_buyers(smtp_server)) == ([], [])
    wired.clock.advance(MINUTE)
    wired.delivery.turn()
    assert row(wired) == ("sent", 2)
    assert len(to_buyers(smtp_server)) == 1


def cue(server, stage, how, times=1):
    if how == "drop":
        server.drop(stage, times=times)
    else:
        server.fail(stage, f"{how} 4.3.0 told so", times=times)


def test_a_4xx_to_the_final_dot_is_tried_again(wired, smtp_server):
    """The server has read the mail and said that it did not take it."""
    smtp_server.fail(Stage.DOT, "451 4.3.0 later")
    wired.delivery.turn()
    assert row(wired) == ("deferred", 1)
    assert "451" in wired.acknowledgment().reason
    wired.clock.advance(MINUTE)
    wired.delivery.turn()
    assert len(to_buyers(smtp_server)) == 1


def test_retries_wait_longer_and_longer(wired, smtp_server):
    """1, 5, 15, then every 60 minutes; a second earlier nothing is attempted."""
    smtp_server.fail(Stage.RCPT, "451 4.3.0 later", times=None)
    wired.delivery.turn()
    for attempt, minutes in enumerate((1, 5, 15, 60, 60), start=1):
        wired.clock.advance(minutes * MINUTE - timedelta(seconds=1))
        wired.delivery.turn()
        assert row(wired) == ("deferred", attempt)
        wired.clock.advance(timedelta(seconds=1))
        wired.delivery.turn()
        assert row(wired) == ("deferred", attempt + 1)


def test_a_delayed_acknowledgment_is_worded_anew(wired, smtp_server):
    """Tried in vain at 18:59 it named today's closing; at 19:05 that would be no hour ahead any more."""
    wired.clock.set(local("2026-11-17 18:59"))
    smtp_server.fail(Stage.RCPT, "451 4.3.0 later")
    wired.delivery.turn()
    assert "11月17日(火) 20:00" in wired.acknowledgment().text
    message_id = wired.acknowledgment().message_id
    wired.clock.set(local("2026-11-17 19:05"))
    wired.delivery.turn()
    (mail,) = smtp_server.mails
    assert "11月18日(水) 10:30" in mail.message.get_content()
    assert mail.message["Message-ID"] == f"<{message_id}>"
    assert wired.acknowledgment().content == mail.content


def test_a_deferred_acknowledgment_is_withdrawn_when_a_person_answered(wired, smtp_server):
    """While it waited for another attempt the person was quicker."""
    smtp_server.fail(Stage.RCPT, "451 4.3.0 later")
    wired.delivery.turn()
    wired.receive(answer_mail(buyer(1).address), folder="Sent", at=wired.clock.advance(MINUTE))
    wired.read()
    wired.delivery.turn()
    item = wired.acknowledgment()
    assert (item.state, item.reason, smtp_server.mails) == ("withdrawn", "already_answered", [])


def test_a_mail_that_never_leaves_is_given_up_with_an_alert(wired, smtp_server):
    """At max_age the acknowledgment is refused and the owner hears of it; the buyer gets none later."""
    smtp_server.fail(Stage.RCPT, "451 4.3.0 later", times=None)
    for _ in range(30):
        wired.delivery.turn()
        wired.clock.advance(HOUR)
    assert wired.acknowledgment().state == "refused"
    assert wired.words() == ["refused"]
    smtp_server.forget_cues()
    assert to_buyers(smtp_server) == []
    wired.clock.advance(DAY)
    wired.delivery.turn()
    assert to_buyers(smtp_server) == []


@pytest.mark.parametrize("stage", BEFORE_MAIL)
@pytest.mark.parametrize("how", ["421", "554", "drop"])
def test_a_server_that_does_not_let_us_in_defers_with_one_alert(wired, smtp_server, stage, how):
    """Whatever fails before MAIL is the account's trouble: deferred, and the owner hears of it once."""
    cue(smtp_server, stage, how, times=None)
    for _ in range(3):
        wired.delivery.turn()
        wired.clock.advance(HOUR)
    assert row(wired) == ("deferred", 3)
    assert wired.words() == ["delivery_deferred"]
    smtp_server.forget_cues()
    wired.delivery.turn()
    assert row(wired) == ("sent", 4)


def test_a_server_that_is_gone_defers_with_one_alert(shop_database):
    """Nobody listens; when somebody does again the mail goes."""
    with running_smtp() as server:
        port = server.endpoint.port
        floor = on_wire(shop_database, server)
    floor.delivery.turn()
    assert (row(floor), floor.words()) == (("deferred", 1), ["delivery_deferred"])
    floor.clock.advance(MINUTE)
    with running_smtp(port=port) as server:
        floor.delivery.turn()
        floor.delivery.close()
        assert len(server.mails) == 1


def test_a_changed_password_defers_every_mail_with_one_alert(shop_database):
    """Five mails and three rounds are one alert; the right password later sends all five."""
    with running_smtp(auth=True) as server:
        wrong = type(CREDENTIALS)(CREDENTIALS.username, "changed yesterday")
        floor = on_wire(shop_database, server, wrong)
        for number in range(2, 6):
            floor.receive(buyer(number))
        floor.read()
        for _ in range(3):
            floor.delivery.turn()
            floor.clock.advance(5 * MINUTE)
        assert floor.words() == ["delivery_deferred"]
        assert server.connections == 3
        floor.delivery.close()
        right = SmtpSubmission(server.endpoint, CREDENTIALS, AllowList(OWNER).allows)
        floor.exits["main"] = right
        floor.start()
        floor.clock.advance(HOUR)
        floor.delivery.turn()
        floor.delivery.close()
        assert len(to_buyers(server)) == 5


def test_the_reason_of_a_failure_names_no_address(wired, smtp_server):
    """Servers repeat the recipient; the log and the row do not."""
    smtp_server.fail(Stage.RCPT, f"451 4.3.0 <{buyer(1).address}> later")
    wired.delivery.turn()
    assert buyer(1).local not in wired.acknowledgment().reason


# sending → refused


@pytest.mark.parametrize("stage", [*BEFORE_DATA, Stage.DOT])
def test_a_5xx_is_final_with_an_alert(wired, smtp_server, stage):
    """Never tried again; the case stays open and the owner hears of it."""
    smtp_server.fail(stage, "550 5.1.1 never")
    wired.delivery.turn()
    assert row(wired) == ("refused", 1)
    assert wired.words() == ["refused"]
    assert (wired.case().acknowledged_at, wired.case().state) == (None, "open")
    wired.clock.advance(DAY)
    wired.delivery.turn()
    assert smtp_server.mails == []


# sending → uncertain


@pytest.mark.parametrize("stage", AFTER_354)
def test_a_loss_after_354_is_uncertain_and_never_repeated(wired, smtp_server, stage):
    """Nobody knows: it is shown, told once, and no later turn or start sends it again."""
    smtp_server.drop(stage)
    wired.delivery.turn()
    assert row(wired) == ("uncertain", 1)
    assert wired.words() == ["uncertain"]
    taken = len(smtp_server.mails)
    assert taken == (stage is Stage.TAKEN)
    wired.clock.advance(DAY)
    wired.start()
    wired.delivery.bury_dead_runs()
    wired.delivery.turn()
    assert len(to_buyers(smtp_server)) == taken
    assert wired.words() == ["uncertain"]


@pytest.mark.parametrize("reply", ["251 2.0.0 perhaps", "354 go on", "well done"])
def test_a_strange_answer_to_the_final_dot_is_uncertain(wired, smtp_server, reply):
    """Only 250, 4xx and 5xx say anything."""
    smtp_server.fail(Stage.DOT, reply)
    wired.delivery.turn()
    assert row(wired) == ("uncertain", 1)


def dead_run(floor):
    """Leave the row as a run leaves it that was killed while sending."""
    with floor.database.write() as uow:
        claimed = floor.delivery._claim_in(uow, uow.outbox.due(floor.clock.now())[0], floor.clock.now())
        uow.commit()
    assert claimed.state == "sending"
    floor.run_id = "run-2"
    floor.start()


def test_what_a_dead_run_was_sending_is_uncertain(wired, smtp_server):
    """Judged at start, under the lock; nothing is sent because of it."""
    dead_run(wired)
    assert wired.delivery.turn() == 0
    assert wired.delivery.bury_dead_runs() == 1
    assert (row(wired), wired.words()) == (("uncertain", 1), ["uncertain"])
    assert (wired.delivery.bury_dead_runs(), wired.delivery.turn()) == (0, 0)
    assert smtp_server.mails == []


def test_an_alert_of_a_dead_run_is_sent_again(floor):
    """The owner rather hears twice than never."""
    floor.clock.set(local("2026-11-17 20:00"))
    floor.read()
    floor.desk.turn()
    dead_run_of_alert(floor)
    assert floor.delivery.bury_dead_runs() == 1
    floor.delivery.turn()
    assert len(floor.alerts()) == 1
    assert floor.words() == []


def dead_run_of_alert(floor):
    with floor.database.write() as uow:
        (item,) = uow.outbox.due(floor.clock.now())
        uow.outbox.advance(item, OutboxEvent.CLAIMED, run_id="run-1", attempts=1)
        uow.commit()
    floor.start()


def test_an_alert_of_unknown_fate_is_repeated(floor):
    """It may come twice, and it comes."""
    floor.exits["main"].answer(Verdict.UNKNOWN, taken=True)
    floor.clock.set(local("2026-11-17 20:00"))
    floor.read()
    assert len(floor.alert()) == 1
    floor.clock.advance(MINUTE)
    floor.delivery.turn()
    assert len(floor.alerts()) == 2
    assert floor.words() == []


# uncertain → sent


def uncertain(floor):
    """A shop whose acknowledgment was taken, but nobody told us."""
    floor.exits["main"].answer(Verdict.UNKNOWN, "the connection ended", taken=True)
    floor.work(buyer(1))
    assert floor.acknowledgment().state == "uncertain"
    assert floor.case().acknowledged_at is None
    return floor.acknowledgments()[0]


def test_an_uncertain_mail_found_in_sent_is_sent(floor):
    """The provider filed it, so it left; the case is acknowledged and not answered."""
    mail = uncertain(floor)
    floor.inbox.deliver(mail.content, "Sent", at=floor.clock.advance(MINUTE))
    floor.work()
    assert row(floor) == ("sent", 1)
    assert floor.case().acknowledged_at is not None
    assert floor.case().state == "open"


def test_an_uncertain_mail_is_sent_when_amazon_copies_it(floor):
    """Amazon's copy of our text proves the same."""
    mail = uncertain(floor)
    floor.clock.advance(MINUTE)
    floor.work(reply_copy(mail.text))
    assert row(floor) == ("sent", 1)
    assert floor.case().state == "open"
    assert len(floor.acknowledgments()) == 1


def test_absence_from_sent_proves_nothing(floor):
    """However long it is not found, it is not sent again."""
    uncertain(floor)
    for _ in range(3):
        floor.clock.advance(DAY)
        floor.work()
    assert row(floor) == ("uncertain", 1)
    assert len(floor.acknowledgments()) == 1


def test_a_copy_that_is_quicker_than_the_servers_answer(floor, monkeypatch):
    """Found in Sent while the row still says sending; the late 250 changes nothing."""
    exit_ = floor.exits["main"]
    send = type(exit_).send

    def send_and_file(self, **mail):
        attempt = send(self, **mail)
        floor.inbox.deliver(dated(mail["content"], floor.clock.now(), None), "Sent", at=floor.clock.now())
        floor.read()
        return attempt

    monkeypatch.setattr(type(exit_), "send", send_and_file)
    floor.work(buyer(1))
    assert row(floor) == ("sent", 1)
    assert floor.case().acknowledged_at == floor.clock.now()


# The list of those whom we may write to


@pytest.mark.parametrize(
    "recipient", ["victim@example.org", "x@marketplace.amazon.co.jp.evil.example", "", "a@b, c@d"]
)
def test_nobody_outside_the_list_is_written_to(wired, smtp_server, recipient):
    """Whatever stands in the row is checked again at the wire: refused, told, nothing opened."""
    with wired.database.write() as uow:
        uow.outbox.annotate(1, recipient=recipient)
        uow.commit()
    wired.delivery.turn()
    assert row(wired)[0] == "refused"
    assert (wired.words(), smtp_server.connections) == (["refused"], 0)


# One trouble does not stop the others


def test_a_mail_that_cannot_be_written_does_not_stop_the_next(floor, monkeypatch):
    """A bug in the wording of one mail refuses that one, with an alert, and the others leave."""
    word = acknowledge.word

    def broken(work, item):
        if item.case_id == 1:
            raise RuntimeError("a bug of ours")
        return word(work, item)

    monkeypatch.setattr(acknowledge, "word", broken)
    floor.receive(buyer(1))
    floor.receive(buyer(2))
    floor.work()
    assert [mail.recipient for mail in floor.acknowledgments()] == [buyer(2).address]
    assert floor.acknowledgment(1).state == "refused"
    assert floor.words() == ["refused"]


def test_a_connection_that_breaks_in_a_new_way_is_uncertain(floor, monkeypatch):
    """An error that nobody foresaw says nothing about the mail; the next mail is sent."""
    exit_ = floor.exits["main"]
    send = type(exit_).send

    def broken(self, **mail):
        if mail["recipient"] == buyer(1).address:
            raise RuntimeError("a bug of ours")
        return send(self, **mail)

    monkeypatch.setattr(type(exit_), "send", broken)
    floor.receive(buyer(1))
    floor.receive(buyer(2))
    floor.work()
    assert floor.acknowledgment(1).state == "uncertain"
    assert floor.acknowledgment(2).state == "sent"
    assert floor.words() == ["uncertain"]


def test_an_outcome_that_could_not_be_stored_is_stored_later(floor, monkeypatch):
    """The disk was full for a moment after the 250: the next turn writes down what it knows."""
    floor.receive(buyer(1))
    floor.read()
    commits = iter([True, False])

    def failing(self):
        if next(commits, True):
            self._connection.commit()
        else:
            raise OperationalError("COMMIT", {}, Exception("disk full"))

    monkeypatch.setattr(UnitOfWork, "commit", failing)
    with pytest.raises(OperationalError):
        floor.delivery.turn()
    assert row(floor) == ("sending", 1)
    floor.delivery.turn()
    assert row(floor) == ("sent", 1)
    assert (len(floor.acknowledgments()), floor.words()) == (1, [])


def test_one_accounts_trouble_does_not_stop_another(shop_database):
    """Each account has a way out of its own."""
    floor = Shopfloor(shop_database, make_shop(make_account("main"), make_account("second")))
    floor.read()
    floor.exits["main"].answer(Verdict.DEFERRED, "no answer", before=True, times=5)
    for number in (1, 2):
        floor.receive(buyer(number), mailbox="main")
    floor.receive(buyer(3), mailbox="second")
    floor.work()
    assert [mail.recipient for mail in floor.acknowledgments()] == [buyer(3).address]
    # A dead server is asked once a turn, whatever waits for it.
    assert floor.exits["main"].attempts == 1


def test_a_case_is_acknowledged_by_the_account_it_came_in_by(shop_database):
    """Amazon accepts a reply only from an address that is registered with it."""
    floor = Shopfloor(shop_database, make_shop(make_account("main"), make_account("second")))
    floor.read()
    floor.work(buyer(1), mailbox="second")
    (mail,) = floor.exits["second"].mails
    assert mail.sender == "second@shop.example"


# A person's decision and the copy in Sent


def test_save_sent_always_files_one_copy(shop_database):
    """The person finds in Sent what the buyer got; it is known as our own and answers nothing."""
    floor = Shopfloor(shop_database, make_shop(make_account(save_sent=SaveSent.ALWAYS)))
    floor.read()
    floor.work(buyer(1))
    for _ in range(3):
        floor.clock.advance(MINUTE)
        floor.read()
    (uid,) = floor.inbox.uids("Sent")
    assert floor.inbox.content(uid, "Sent") == floor.acknowledgments()[0].content
    assert floor.inbox.flags(uid, "Sent") == {rb"\Seen"}
    assert floor.case().state == "open"


def test_save_sent_auto_waits_for_the_provider(floor):
    """After a minute without a copy we file one ourselves."""
    floor.work(buyer(1))
    floor.clock.advance(timedelta(seconds=59))
    floor.read()
    assert floor.inbox.uids("Sent") == []
    floor.clock.advance(timedelta(seconds=1))
    floor.read()
    floor.read()
    assert len(floor.inbox.uids("Sent")) == 1


def test_save_sent_auto_leaves_it_to_a_provider_that_files(floor):
    """The provider's own copy is enough, whatever Message-ID it wrote."""
    floor.work(buyer(1))
    copy = floor.acknowledgments()[0].content
    floor.inbox.deliver(dated(copy, floor.clock.now(), "rewritten@provider.example"), "Sent")
    floor.clock.advance(5 * MINUTE)
    floor.read()
    floor.read()
    assert len(floor.inbox.uids("Sent")) == 1


def test_save_sent_never_files_nothing(shop_database):
    """The owner does not want copies."""
    floor = Shopfloor(shop_database, make_shop(make_account(save_sent=SaveSent.NEVER)))
    floor.read()
    floor.work(buyer(1))
    floor.clock.advance(HOUR)
    floor.read()
    assert floor.inbox.uids("Sent") == []


def test_a_copy_that_cannot_be_filed_is_told_and_not_tried_again(shop_database):
    """Two copies would be worse than none."""
    floor = Shopfloor(shop_database, make_shop(make_account(save_sent=SaveSent.ALWAYS)))
    floor.read()
    floor.receive(buyer(1))
    floor.read()
    floor.delivery.turn()
    floor.inbox.fail("append")
    with pytest.raises(Exception, match="connect anew"):
        floor.read()
    floor.inbox.cut_connections()
    floor.read()
    assert (floor.inbox.uids("Sent"), floor.words()) == ([], ["save_sent_failed"])


def test_alerts_are_not_filed(floor):
    """The owner has them in the inbox."""
    floor.clock.set(local("2026-11-17 20:00"))
    floor.alert()
    floor.clock.advance(5 * MINUTE)
    floor.read()
    assert floor.inbox.uids("Sent") == []


@pytest.fixture
def dropped(floor):
    """The acknowledgment left, but nobody knew; a person gave it up."""
    floor.exits["main"].answer(Verdict.UNKNOWN, "lost", taken=True)
    floor.work(buyer(1))
    with floor.database.write() as uow:
        commands.outbox_drop(Work(uow, floor.shop, floor.clock.now()), floor.acknowledgment().id)
        uow.commit()
    floor.clock.advance(MINUTE)
    return floor


def test_a_dropped_mail_may_have_left_so_the_buyer_gets_no_second(dropped):
    """The cool-down counts it."""
    (taken,) = dropped.work(buyer(1, case="0f3b21c9-3fc2-4b43-8b26-999999999999", key="A0OTHER"))
    assert (taken.refusal, len(dropped.acknowledgments())) == ("cool_down", 1)


def test_amazons_copy_of_a_dropped_mail_answers_nothing(dropped):
    """It is our own mail coming back, whatever the person thought of it."""
    (taken,) = dropped.work(reply_copy(dropped.acknowledgments()[0].text))
    assert (taken.outcome, dropped.case().state) == ("copy_matched", "open")
