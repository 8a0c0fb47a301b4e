"""What a person decides: answered, uncertain mail, quarantine."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from daemon import commands, quarantined_mail
from daemon.acknowledge import still_allowed
from daemon.errors import SokuresuError
from daemon.ports import FolderRole
from daemon.reading.arrivals import Arrival, Outcome
from daemon.reading.intake import quarantine, take_in
from daemon.shop import Account, Shop
from daemon.work import Work
from parsers.reading import read
from parsers.values import Authenticity, Trust
from state.model import AnswerSource, CaseState, Place
from state.outbox_rules import OutboxEvent, OutboxState
from state.repository.quarantine import Entry
from tests.unit.parsers.mails import HOST, BuyerMail, bounce, notice, ordinary
from tests.unit.state.examples import make_plan

ARRIVED = datetime(2026, 11, 20, 1, 12, tzinfo=UTC)
"""Friday morning in Tokyo."""

NOW = ARRIVED + timedelta(minutes=1)
DATED = b"Date: Sat, 21 Nov 2026 10:12:00 +0900"
COMMANDS = (commands.answered, commands.no_reply_needed)
ON_OUTBOX = (commands.outbox_sent, commands.outbox_resend, commands.outbox_drop)
ON_QUARANTINE = (
    quarantined_mail.accept_quarantined,
    quarantined_mail.drop_quarantined,
    quarantined_mail.retry_quarantined,
)


def shop() -> Shop:
    """A shop with one mailbox that was first started a day ago."""
    account = Account("main", "shop@shop.example", trust=Trust(HOST))
    return Shop("まい商店", "owner@shop.example", "ja", make_plan(), {"main": account})


@pytest.fixture
def database(shop_database):
    """A database whose mailbox was first started a day ago."""
    with shop_database.write() as uow:
        uow.mailboxes.start("main", NOW - timedelta(days=1))
        uow.commit()
    return shop_database


@pytest.fixture
def working(database):
    """Opens steps of the program, each committed at its end."""

    @contextmanager
    def step(at=NOW, of=None):
        with database.write() as uow:
            yield Work(uow, of or shop(), at)
            uow.commit()

    return step


def arrival(content: bytes) -> Arrival:
    """The mail as it was fetched from the inbox on Friday morning."""
    fresh = content.replace(DATED, b"Date: Fri, 20 Nov 2026 10:12:00 +0900")
    return Arrival(Place("main", "INBOX", 1, 1), FolderRole.INBOX, ARRIVED, fresh, read(fresh, Trust(HOST)))


def opened(working, mail: BuyerMail | None = None) -> int:
    """The case of a buyer's message."""
    with working() as work:
        taken = take_in(arrival((mail or BuyerMail()).build()), work)
    assert taken.case_id is not None
    return taken.case_id


def made_uncertain(working, case_id: int) -> int:
    """The acknowledgment of a case, of which nobody knows whether it left."""
    with working() as work:
        (item,) = work.uow.outbox.of_case(case_id)
        columns = {"claimed_at": NOW, "run_id": "r1", "attempts": 1, "text": "確認しています。"}
        assert work.uow.outbox.advance(item, OutboxEvent.CLAIMED, **columns)
        claimed = work.uow.outbox.get(item.id)
        assert work.uow.outbox.advance(claimed, OutboxEvent.RUN_DIED, reason="died")
    return item.id


def put_aside(working, content: bytes, word: str = "forged") -> int:
    """A mail in quarantine, by its number."""
    with working() as work:
        assert quarantine(arrival(content), work, word, "reason").outcome is Outcome.QUARANTINED
        (entry,) = work.uow.quarantine.unsettled()
    return entry.id


@pytest.mark.parametrize("decide", COMMANDS)
def test_a_person_can_say_that_a_case_is_answered(working, decide):
    """The clock stops, the source tells how we know, and the case says when."""
    case_id = opened(working)
    with working(NOW + timedelta(hours=1)) as work:
        assert decide(work, case_id)
    with working() as work:
        case = work.uow.cases.get(case_id)
        (answer,) = work.uow.answers.of_case(case_id)
    wanted = AnswerSource.COMMAND if decide is commands.answered else AnswerSource.NO_REPLY_NEEDED
    assert (case.state, case.answered_at) == (CaseState.ANSWERED, NOW + timedelta(hours=1))
    assert (answer.source, answer.withdrawn) == (wanted, False)


@pytest.mark.parametrize("decide", COMMANDS)
def test_an_answered_case_stays_as_it_is(working, decide):
    """Saying it twice notes it once."""
    case_id = opened(working)
    with working() as work:
        assert decide(work, case_id)
        assert not decide(work, case_id)
        assert len(work.uow.answers.of_case(case_id)) == 1


def test_what_was_stored_is_answered_though_the_mail_servers_clock_is_ahead(working):
    """A person decides on what was there, whatever time the server gave it."""
    case_id = opened(working)
    with working(ARRIVED - timedelta(minutes=5)) as work:
        assert commands.answered(work, case_id)
        assert work.uow.cases.get(case_id).state is CaseState.ANSWERED


def test_an_answer_is_decided_before_the_acknowledgment_left(working):
    """The queued acknowledgment may no longer go: the buyer has his answer."""
    case_id = opened(working)
    with working() as work:
        commands.answered(work, case_id)
        (item,) = work.uow.outbox.of_case(case_id)
        assert still_allowed(work, item) == "already_answered"


@pytest.mark.parametrize("decide", COMMANDS)
def test_a_closed_case_is_not_opened_again(working, decide):
    """Thirty days after the answer there is nothing to decide."""
    case_id = opened(working)
    with working() as work:
        work.uow.cases.change(case_id, state=CaseState.CLOSED, closed_at=NOW)
    with working() as work, pytest.raises(SokuresuError, match="is closed"):
        decide(work, case_id)


@pytest.mark.parametrize("decide", [*COMMANDS, *ON_OUTBOX, *ON_QUARANTINE])
def test_an_unknown_number_is_told_with_the_way_to_the_list(working, decide):
    """Whoever mistypes learns where the numbers stand."""
    with working() as work, pytest.raises(SokuresuError, match="list them with: sokuresu "):
        decide(work, 4711)


def test_an_uncertain_mail_turns_out_to_be_sent(working):
    """Then the case has its acknowledgment, from the time at which it was handed over."""
    case_id = opened(working)
    number = made_uncertain(working, case_id)
    with working(NOW + timedelta(hours=1)) as work:
        commands.outbox_sent(work, number)
    with working() as work:
        item = work.uow.outbox.get(number)
        assert (item.state, item.sent_at) == (OutboxState.SENT, NOW)
        assert work.uow.cases.get(case_id).acknowledged_at == NOW


def test_an_uncertain_mail_is_sent_once_more(working):
    """It waits for the sender with the same Message-ID and is due at once."""
    number = made_uncertain(working, opened(working))
    later = NOW + timedelta(minutes=5)
    with working(later) as work:
        before = work.uow.outbox.get(number)
        commands.outbox_resend(work, number)
        (item,) = work.uow.outbox.due(later)
    assert (item.id, item.state, item.message_id) == (number, OutboxState.QUEUED, before.message_id)


def test_what_the_rules_forbid_by_now_is_not_sent_once_more(working):
    """A person hears so at once, instead of the sender withdrawing it in silence."""
    number = made_uncertain(working, opened(working))
    with working(NOW + timedelta(hours=30)) as work:
        with pytest.raises(SokuresuError, match=r"\(too_old\).*outbox drop"):
            commands.outbox_resend(work, number)
        assert work.uow.outbox.get(number).state is OutboxState.UNCERTAIN


def test_an_uncertain_mail_is_given_up(working):
    """It is withdrawn, and nothing says that the buyer was acknowledged."""
    case_id = opened(working)
    number = made_uncertain(working, case_id)
    with working() as work:
        commands.outbox_drop(work, number)
        assert work.uow.outbox.get(number).state is OutboxState.WITHDRAWN
        assert work.uow.cases.get(case_id).acknowledged_at is None
        assert work.uow.events.of_case(case_id)[-1][1] == "person_drops"


@pytest.mark.parametrize("decide", ON_OUTBOX)
def test_only_what_is_uncertain_is_a_persons_to_decide(working, decide):
    """A queued mail is refused with its state, and nothing changes."""
    case_id = opened(working)
    with working() as work:
        (item,) = work.uow.outbox.of_case(case_id)
        with pytest.raises(SokuresuError, match="is queued"):
            decide(work, item.id)
        assert work.uow.outbox.get(item.id) == item


def test_a_mail_that_looked_forged_becomes_a_case_without_acknowledgment(working):
    """A person's word opens the case; proof it is not, so the buyer gets nothing automatic."""
    number = put_aside(working, BuyerMail(proof="fail").build())
    with working() as work:
        case_id = quarantined_mail.accept_quarantined(work, number)
    with working() as work:
        case = work.uow.cases.get(case_id)
        (message,) = work.uow.messages.of_case(case_id)
        assert (case.state, case.buyer_name) == (CaseState.OPEN, "山田 太郎")
        assert (message.authenticity, message.unanswered) == (Authenticity.NONE, True)
        assert message.place == Place("main", "quarantine", 0, number)
        assert message.refusal == "not_proven"
        assert work.uow.outbox.of_case(case_id) == ()
        assert work.uow.quarantine.unsettled() == ()


def test_an_accepted_mail_opens_a_case_however_old_it_is(working):
    """Mail from before the first start is history, but this one a person asked for."""
    number = put_aside(working, BuyerMail(proof="fail").build())
    with working() as work:
        work.uow.mailboxes.change("main", first_start_at=NOW + timedelta(days=1))
        case_id = quarantined_mail.accept_quarantined(work, number)
        assert work.uow.cases.get(case_id).state is CaseState.OPEN


def test_an_accepted_mail_is_never_acknowledged_even_if_it_reads_as_proven_now(working):
    """Accepting is a person's belief; whoever has proof uses retry."""
    number = put_aside(working, BuyerMail().build())
    with working() as work:
        case_id = quarantined_mail.accept_quarantined(work, number)
        (message,) = work.uow.messages.of_case(case_id)
        assert (message.authenticity, message.refusal) == (Authenticity.NONE, "not_proven")
        assert work.uow.outbox.of_case(case_id) == ()


def test_a_mail_that_is_in_a_case_already_is_not_accepted(working):
    """The genuine one came as well; the copy stays for a person to drop."""
    opened(working)
    number = put_aside(working, BuyerMail(proof="fail").build())
    with working() as work, pytest.raises(SokuresuError, match="same message already"):
        quarantined_mail.accept_quarantined(work, number)


def test_a_mail_that_belongs_into_no_case_is_not_accepted(working):
    """What no rule reads has no buyer, no order and nothing to answer."""
    content = notice("新しい種類", "<p>注文 250-1111111-2222222</p>", kind="NEVER_SEEN", proof="fail")
    number = put_aside(working, content)
    with working() as work, pytest.raises(SokuresuError, match="it cannot be read as a mail"):
        quarantined_mail.accept_quarantined(work, number)
    with working() as work:
        assert len(work.uow.quarantine.unsettled()) == 1


def test_a_quarantined_mail_is_dropped(working):
    """It is settled and changes nothing else."""
    number = put_aside(working, BuyerMail(proof="fail").build())
    with working() as work:
        quarantined_mail.drop_quarantined(work, number)
        assert work.uow.quarantine.unsettled() == ()
        assert work.uow.cases.in_state(*CaseState) == ()


def test_a_mail_that_reads_by_now_is_taken_in(working):
    """After an update, or once the right host is believed, it is a mail like any other."""
    number = put_aside(working, BuyerMail().build(), "failed")
    with working() as work:
        taken = quarantined_mail.retry_quarantined(work, number)
        assert taken.outcome is Outcome.OPENED
        assert work.uow.quarantine.unsettled() == ()
        (item,) = work.uow.outbox.of_case(taken.case_id)
        assert item.state is OutboxState.QUEUED


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (BuyerMail(proof="fail").build(), "still looks forged"),
        (notice("x", "<p>250-1111111-2222222</p>", kind="NEVER_SEEN"), "still no rule"),
        (bounce("buyer@marketplace.amazon.co.jp"), "no case of ours"),
    ],
)
def test_a_mail_that_still_does_not_read_stays_with_a_reason(working, content, why):
    """Trying again is never worse than not trying."""
    number = put_aside(working, content)
    with working() as work, pytest.raises(SokuresuError, match=why):
        quarantined_mail.retry_quarantined(work, number)
    with working() as work:
        assert [entry.id for entry in work.uow.quarantine.unsettled()] == [number]
        assert work.uow.cases.in_state(*CaseState) == ()


def test_a_mail_on_which_reading_fails_again_stays(working, monkeypatch):
    """The failure is named without the mail's words, and nothing is half done."""
    number = put_aside(working, BuyerMail().build(), "failed")

    def fail(_content, _trust, _received_at):
        raise KeyError("まだ届いていません")

    monkeypatch.setattr(quarantined_mail, "read", fail)
    with working() as work, pytest.raises(SokuresuError, match=r"still fails \(KeyError\)") as caught:
        quarantined_mail.retry_quarantined(work, number)
    assert "まだ届いていません" not in str(caught.value)


def test_a_persons_answer_that_failed_to_be_read_answers_when_it_is_read(working):
    """A mail of the Sent folder is taken for one, not for mail of a stranger."""
    case_id = opened(working)
    sent = ordinary("shop@shop.example", "Re: お問い合わせ", "本日発送しました。")
    address = BuyerMail().address.encode()
    content = sent.replace(b"To: shop@shop.example", b"To: " + address).replace(b"10:12:00", b"10:30:00")
    with working() as work:
        entry = Entry("failed", "r", None, "main", "Sent", None, None, NOW, NOW, arrival(content).content)
        number = work.uow.quarantine.add(entry)
        quarantined_mail.retry_quarantined(work, number)
        assert work.uow.cases.get(case_id).state is CaseState.ANSWERED
        (answer,) = work.uow.answers.of_case(case_id)
        assert answer.source is AnswerSource.SENT_MAIL


@pytest.mark.parametrize("decide", [quarantined_mail.accept_quarantined, quarantined_mail.retry_quarantined])
def test_a_mail_of_a_mailbox_that_is_gone_stays(working, decide):
    """Nobody could answer it from there."""
    number = put_aside(working, BuyerMail(proof="fail").build())
    elsewhere = shop()
    gone = Shop(
        elsewhere.name,
        elsewhere.owner,
        "ja",
        elsewhere.alert_times,
        {"other": elsewhere.first_account},
    )
    with working(of=gone) as work, pytest.raises(SokuresuError, match="mailbox main is not"):
        decide(work, number)
