"""What must not happen while drafts are reviewed: a decision past news, a second mail, one fault for all."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from click.testing import CliRunner
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from daemon import drafts_folder, review
from daemon.cli import main
from daemon.errors import MailboxUnavailable, SokuresuError
from daemon.ports import Verdict
from daemon.reading.watcher import MailboxWatcher
from daemon.review import SNOOZE_LIMIT, TEXT_LIMIT, ReviewRefused, check_draft
from daemon.service import Service
from daemon.work import Work
from state.drafts import DraftSource
from state.outbox_rules import OutboxKind
from state.unit_of_work import UnitOfWork
from templates.contexts import AlertCase
from tests.beds.owner import actions_of, tap, written
from tests.beds.post import answer_mail, buyer, claim, order_of, reply_copy
from tests.beds.reviewing import (
    OWN_WORDS,
    QUESTION,
    answers_of,
    approvals_of,
    approve,
    complaint,
    copies,
    day_goes_on,
    drafts,
    in_drafts,
    left,
    open_draft,
    say_answered,
    settle_uncertain,
    states,
    voids,
    write_anew,
)
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.unit.parsers.mails import notice
from tests.unit.state.examples import HOUR, local, make_case, make_draft

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
CANCEL = "キャンセルしたいです。"
READY = "ご連絡ありがとうございます。本日中に発送いたします。\n\nまい商店"
ALL = ["approve", "edit", "no_reply_needed", "snooze"]
TUESDAY = "2026-11-17"


def cancellation(number=1):
    """A buyer asks by Amazon's form to have the order cancelled."""
    return notice(
        f"注文 {order_of(number)} のキャンセルリクエスト",
        f"<p>購入者から注文のキャンセルリクエストがありました。注文番号: {order_of(number)}</p>",
        kind="BRC_SELLER_NOTIFICATION",
        sender="auto-communication@amazon.co.jp",
    )


@pytest.fixture
def desk(floor):
    """A complaint of an hour ago whose draft is ready, acknowledged and copied by Amazon."""
    floor.start(usual_fulfilment="fba")
    day_goes_on(floor, complaint(1))
    day_goes_on(floor, reply_copy(floor.acknowledgments()[0].text))
    floor.clock.advance(HOUR)
    return floor


@pytest.fixture
def alerted(floor):
    """A buyer who wants to cancel, a draft that may go as it is, and the alert of noon."""
    floor.work(buyer(1, text=CANCEL))
    alert_at(floor, local(f"{TUESDAY} 12:00"))
    floor.clock.advance(MINUTE)
    return floor


def alert_at(floor, when):
    """The only mail that the owner gets at that time."""
    floor.clock.set(when)
    floor.drafter.turn()
    (alert,) = floor.alert()
    return alert


def told(floor, mail):
    """Let a mail of the owner's arrive and the shop work; the one answer."""
    before = len(floor.alerts())
    floor.receive(mail)
    for _ in range(4):
        floor.read()
        floor.send()
    (answer,) = floor.alerts()[before:]
    return answer


def subject_of(mail):
    return str(mail.message["Subject"])


def stands(floor, case=1):
    """Where every approved mail of a case stands."""
    return [item.state.value for item in approvals_of(floor, case)]


def write(floor, step):
    """Do something in a transaction of its own."""
    with floor.database.write() as uow:
        found = step(Work(uow, floor.shop, floor.clock.now()))
        uow.commit()
    return found


def unanswered(floor, case=1):
    return [message.id for message in floor.messages(case) if message.unanswered]


# A link and what came after its mail


@pytest.mark.parametrize("news", [claim(1), buyer(1, text="やはり要ります。", key="A0SECOND")])
def test_proven_news_kills_the_link_that_closes(alerted, news):
    """What the owner could not see is not closed by the older alert: it is shown, with fresh links."""
    link = tap(alerted.alerts()[0].content, "no_reply_needed")
    alerted.work(news)
    answer = told(alerted, written(link.subject))
    assert "新しいメッセージが届いています" in subject_of(answer)
    assert (alerted.case().state, unanswered(alerted)) == ("open", [1, 2])
    assert "[11/17 12:01]" in answer.text
    again = tap(answer.content, "no_reply_needed")
    assert "返信不要にしました" in subject_of(told(alerted, written(again.subject)))
    assert (alerted.case().state, unanswered(alerted)) == ("answered", [])


def test_an_unproven_message_that_nobody_saw_stays_open(alerted):
    """It does not kill the link, and the link does not close it; the answer shows it."""
    link = tap(alerted.alerts()[0].content, "no_reply_needed")
    alerted.work(buyer(1, text="待ってください。", key="A0SECOND", proof="none"))
    answer = told(alerted, written(link.subject))
    assert "返信不要にしました" in subject_of(answer)
    assert (alerted.case().state, unanswered(alerted)) == ("open", [2])
    assert "待ってください。" in answer.text
    assert CANCEL not in answer.text
    # The draft was for what has just been closed.
    assert "このまま送れます" not in answer.text
    again = tap(answer.content, "no_reply_needed")
    told(alerted, written(again.subject))
    assert (alerted.case().state, unanswered(alerted)) == ("answered", [])


# Many words, many messages


def test_a_long_message_hides_no_later_one(floor):
    """Each has its part of the excerpt, with its time."""
    floor.work(buyer(1, text="以下に書きます。\n" * 300))
    floor.clock.advance(7 * MINUTE)
    floor.work(buyer(1, text=CANCEL, key="A0SECOND"))
    alert = alert_at(floor, local(f"{TUESDAY} 12:00"))
    assert "[11/17 10:30] 以下に書きます。" in alert.text
    assert f"[11/17 10:37] {CANCEL}" in alert.text
    assert "以下に書きます。…" in alert.text
    assert f"{CANCEL}…" not in alert.text


def test_an_only_message_has_no_time_of_its_own(floor):
    """When it came stands above it."""
    floor.work(buyer(1, text=CANCEL))
    alert = alert_at(floor, local(f"{TUESDAY} 12:00"))
    assert CANCEL in alert.text
    assert "[11/17" not in alert.text


def test_only_what_was_cut_is_marked_as_cut(floor):
    """Empty lines between the words are left out, and nothing that the buyer wrote is."""
    floor.work(buyer(1, text="届きません。\n\n\n確認してください。"))
    floor.work(buyer(1, text=CANCEL, key="A0SECOND"))
    alert = alert_at(floor, local(f"{TUESDAY} 12:00"))
    assert "確認してください。" in alert.text
    assert "確認してください。…" not in alert.text


@pytest.mark.parametrize(("number", "offered"), [(5, ALL), (6, ["edit", "snooze"])])
def test_what_the_mail_does_not_show_is_not_decided_by_a_tap(floor, number, offered):
    """Five messages are shown; of more nobody sends or closes without having looked."""
    for one in range(number):
        floor.work(buyer(1, text=CANCEL, key=f"A0KEY{one}"))
        floor.clock.advance(MINUTE)
    alert = alert_at(floor, local(f"{TUESDAY} 12:00"))
    assert actions_of(alert.content) == offered
    assert len(re.findall(r"\[11/17 10:3\d\]", alert.text)) == 5
    assert f"[11/17 10:3{number - 1}]" in alert.text


# Given up, and it had left


def with_header(floor, mail):
    floor.inbox.deliver(mail.content, "Sent", at=floor.clock.now())


def without_header(floor, mail):
    """The provider wrote ids of its own and kept no header of ours."""
    message = mail.message
    for name in ("Message-ID", "X-Sokuresu-Outbox"):
        del message[name]
    message["Message-ID"] = "<provider@mail.example>"
    floor.inbox.deliver(bytes(message), "Sent", at=floor.clock.now())


def amazons(floor, mail):
    floor.receive(reply_copy(mail.text))


@pytest.mark.parametrize("copy", [with_header, without_header, amazons])
def test_a_dropped_answer_that_left_withdraws_the_next_approval(desk, copy):
    """The buyer has the words already, so the second approval is no second mail."""
    approve(desk)
    desk.exits["main"].answer(Verdict.UNKNOWN, taken=True)
    day_goes_on(desk)
    settle_uncertain(desk, "drop", approvals_of(desk)[0].id)
    approve(desk)
    desk.clock.advance(MINUTE)
    copy(desk, left(desk)[0])
    day_goes_on(desk)
    assert (len(left(desk)), stands(desk)) == (1, ["withdrawn", "withdrawn"])
    assert (desk.case().state, [one.source for one in answers_of(desk)]) == ("answered", ["approved"])
    assert voids(desk) == ["answered_meanwhile"]


@pytest.mark.parametrize("copy", [without_header, amazons])
def test_the_copy_of_the_second_mail_is_not_taken_for_the_dropped_one(desk, copy):
    """Both have the same words; the copy answers nothing anew, and the next draft waits undisturbed."""
    approve(desk)
    desk.exits["main"].answer(Verdict.UNKNOWN, taken=False)
    day_goes_on(desk)
    settle_uncertain(desk, "drop", approvals_of(desk)[0].id)
    approve(desk)
    day_goes_on(desk)
    assert stands(desk) == ["withdrawn", "sent"]
    desk.clock.advance(MINUTE)
    day_goes_on(desk, complaint(1, key="A0SECOND"))
    write_anew(desk, OWN_WORDS)
    copy(desk, left(desk)[0])
    day_goes_on(desk)
    assert (len(answers_of(desk)), open_draft(desk).text.strip()) == (1, OWN_WORDS)
    first, second = approvals_of(desk)
    assert (first.copy_confirmed_at, first.filed_at) == (None, None)
    assert second.copy_confirmed_at or second.filed_at


# Perhaps answered


@pytest.fixture
def twice(desk):
    """A second open case of the same buyer."""
    day_goes_on(desk, complaint(1, case="0f3b21c9-3fc2-4b43-8b26-999999999999", key="A0OTHERCASE"))
    assert [case.state for case in desk.cases()] == ["open", "open"]
    return desk


def perhaps_answered(floor):
    """A person's mail that fits both cases lies in the Sent folder."""
    bare = buyer(1).address.replace(f"+{buyer(1).case}", "")
    floor.receive(answer_mail(bare, OWN_WORDS), folder="Sent")


def test_a_mail_that_may_have_answered_withdraws_an_approval(twice):
    """Nobody knows which case the person meant: the approved mail waits for that person."""
    approve(twice)
    twice.clock.advance(MINUTE)
    perhaps_answered(twice)
    day_goes_on(twice)
    assert (left(twice), stands(twice), voids(twice)) == ([], ["withdrawn"], ["answered_meanwhile"])
    assert None not in [case.to_confirm_at for case in twice.cases()]
    assert (twice.case().state, open_draft(twice).version) == ("open", 1)


def test_who_approves_after_the_mark_knows_of_it(twice):
    """The person saw that the case is to confirm, and decided."""
    perhaps_answered(twice)
    day_goes_on(twice)
    twice.clock.advance(SECOND)
    approve(twice)
    day_goes_on(twice)
    assert (len(left(twice)), stands(twice), voids(twice)) == (1, ["sent"], [])


# One fault among many


def breaks_for(monkeypatch, name, is_bad):
    """Let a function fail for what is bad."""
    module, _, function = name.rpartition(".")
    original = getattr(import_module(module), function)

    def moody(*given, **how):
        if is_bad(*given):
            raise RuntimeError("nobody foresaw this")
        return original(*given, **how)

    monkeypatch.setattr(name, moody)


def three_alerts(floor):
    """What the owner gets at noon, at closing and in the last hour before Amazon's limit."""
    found = []
    for when in (f"{TUESDAY} 12:00", f"{TUESDAY} 20:00", "2026-11-18 09:45"):
        floor.clock.set(local(when))
        floor.drafter.turn()
        found.append(floor.alert())
    return found


@pytest.mark.parametrize("name", ["show_case", "show_in_full"])
def test_a_case_that_cannot_be_shown_silences_nothing(floor, monkeypatch, name):
    """Every alert goes; the bad case is told by its number and offers nothing, the other has all."""
    for number in (1, 2):
        floor.work(buyer(number, text=f"{CANCEL}{number}件目です。"))
    breaks_for(monkeypatch, f"daemon.alerts.{name}", lambda _, shown, *__: number_of(shown) == 1)
    alerts = three_alerts(floor)
    assert [len(mails) for mails in alerts] == [1, 1, 1]
    for (alert,) in alerts:
        assert "▼ 案件1 " in alert.text
        assert (actions_of(alert.content, 1), actions_of(alert.content, 2)) == ([], ALL)
        assert f"{CANCEL}2件目です。" in alert.text
        assert (f"{CANCEL}1件目です。" in alert.text) == (name == "show_in_full")


def number_of(shown):
    """Of a case, or of a case as it is shown."""
    return shown.number if isinstance(shown, AlertCase) else shown.id


@pytest.mark.parametrize("name", ["compose_draft", "check_draft"])
def test_a_draft_that_cannot_be_placed_stops_no_other(floor, monkeypatch, name):
    """The drafts behind it are put in, and the mail goes on being read."""
    floor.start(usual_fulfilment="fba")
    function = getattr(drafts_folder, name)

    def moody(*given, **how):
        if (given and given[0].case_id == 1) or how.get("recipient") == complaint(1).address:
            raise KeyError("unforeseen")
        return function(*given, **how)

    monkeypatch.setattr(drafts_folder, name, moody)
    for number in (1, 2):
        floor.receive(complaint(number))
    day_goes_on(floor)
    day_goes_on(floor, complaint(3))
    assert [states(floor, case) for case in (1, 2, 3)] == [["open"]] * 3
    assert len(in_drafts(floor)) == 2
    assert not any(complaint(1).address.encode() in mail.content for mail in in_drafts(floor))
    approve(floor, case=2)
    day_goes_on(floor)
    assert [mail.recipient for mail in left(floor)] == [complaint(2).address]


@pytest.mark.parametrize("name", ["_context", "_wants_draft"])
def test_a_case_that_cannot_be_drafted_stops_no_other(floor, monkeypatch, name):
    """Whether it fails while it is looked at or while it is drafted."""
    breaks_for(monkeypatch, f"daemon.drafting.{name}", lambda _, case, *__: case.id == 1)
    for number in (1, 2, 3):
        floor.receive(complaint(number))
    day_goes_on(floor)
    assert [states(floor, case) for case in (1, 2, 3)] == [[], ["open"], ["open"]]
    monkeypatch.undo()
    day_goes_on(floor)
    assert states(floor, 1) == ["open"]


def test_a_draft_that_cannot_be_judged_keeps_no_other_from_being_overtaken(floor, monkeypatch):
    """Two buyers write again; of one draft nobody can tell whether it still holds."""
    for number in (1, 2):
        day_goes_on(floor, complaint(number))
    breaks_for(monkeypatch, "daemon.drafting.is_overtaken", lambda _, draft: draft.case_id == 1)
    for number in (1, 2):
        floor.receive(complaint(number, key=f"A0SECOND{number}"))
    day_goes_on(floor)
    assert (states(floor, 1), states(floor, 2)) == (["replaced", "open"], ["overtaken", "open"])


# An outcome that cannot be written down


def breaks_once(monkeypatch, is_bad):
    """What follows from a sent mail fails for the first one that is bad."""
    broken = []

    def first(_, item, __):
        if is_bad(item) and not broken:
            broken.append(item.id)
            return True
        return False

    breaks_for(monkeypatch, "daemon.delivery.note_sent", first)
    return broken


def test_an_answer_whose_outcome_fails_is_uncertain_and_holds_nothing_up(desk, monkeypatch):
    """It left: a person is told to look, the next answer leaves, and nothing is sent again."""
    day_goes_on(desk, complaint(2))
    approve(desk, case=1)
    approve(desk, case=2)
    broken = breaks_once(monkeypatch, lambda item: item.kind is OutboxKind.APPROVED)
    day_goes_on(desk)
    assert broken == [approvals_of(desk, 1)[0].id]
    assert (stands(desk, 1), stands(desk, 2), desk.words()) == (["uncertain"], ["sent"], ["uncertain"])
    for _ in range(3):
        desk.clock.advance(2 * HOUR)
        day_goes_on(desk)
    assert (len(left(desk)), stands(desk, 1), desk.case().state) == (2, ["uncertain"], "open")
    with_header(desk, left(desk)[0])
    day_goes_on(desk)
    assert (len(left(desk)), stands(desk, 1), desk.case().state) == (2, ["sent"], "answered")


def test_an_acknowledgment_whose_outcome_fails_is_uncertain(floor, monkeypatch):
    """The same for what we say at once."""
    breaks_once(monkeypatch, lambda item: item.kind is OutboxKind.ACKNOWLEDGMENT)
    for number in (1, 2):
        floor.receive(buyer(number))
    floor.work()
    assert [floor.acknowledgment(case).state for case in (1, 2)] == ["uncertain", "sent"]
    assert floor.words() == ["uncertain"]
    for _ in range(3):
        floor.clock.advance(2 * HOUR)
        floor.work()
    assert len(floor.acknowledgments()) == 2


def test_an_alert_whose_outcome_fails_may_come_twice(floor, monkeypatch):
    """And not a third time."""
    breaks_once(monkeypatch, lambda item: item.kind is OutboxKind.ALERT)
    floor.clock.set(local(f"{TUESDAY} 20:00"))
    floor.read()
    assert len(floor.alert()) == 1
    for _ in range(4):
        floor.clock.advance(HOUR)
        floor.delivery.turn()
    assert len(floor.alerts()) == 2
    assert [item.state for item in floor.outbox(None)] == ["sent"]


def test_doubt_that_cannot_be_stored_either_is_not_forgotten(desk, monkeypatch):
    """The disk is full just then: the next turn knows the outcome still, and writes it down."""
    approve(desk)
    desk.read()
    breaks_once(monkeypatch, lambda item: item.kind is OutboxKind.APPROVED)
    commits = iter([True, False])
    commit = UnitOfWork.commit

    def failing(self):
        if not next(commits, True):
            raise OperationalError("COMMIT", {}, Exception("disk full"))
        commit(self)

    monkeypatch.setattr(UnitOfWork, "commit", failing)
    with pytest.raises(OperationalError):
        desk.delivery.turn()
    assert stands(desk) == ["sending"]
    desk.delivery.turn()
    assert (len(left(desk)), stands(desk), desk.case().state) == (1, ["sent"], "answered")


# A Drafts folder that takes nothing


def appends(floor):
    return floor.inbox.calls.count(("append", "Drafts"))


def failing_pass(floor):
    with pytest.raises(MailboxUnavailable):
        floor.read()


def test_a_folder_that_refuses_is_left_alone_for_an_hour(floor):
    """After three failures nothing is put in, then one attempt an hour; all else goes on."""
    floor.start(usual_fulfilment="fba")
    floor.receive(complaint(1))
    floor.read()
    floor.drafter.turn()
    floor.inbox.fail("append", times=4)
    for _ in range(3):
        failing_pass(floor)
    assert appends(floor) == 3
    floor.clock.advance(HOUR - SECOND)
    day_goes_on(floor, complaint(2))
    approve(floor, case=1)
    day_goes_on(floor)
    assert (appends(floor), [mail.recipient for mail in left(floor)]) == (3, [complaint(1).address])
    assert (states(floor, 2), floor.words()) == (["open"], [])
    floor.clock.advance(SECOND)
    failing_pass(floor)
    day_goes_on(floor)
    assert appends(floor) == 4
    floor.clock.advance(HOUR)
    day_goes_on(floor)
    assert (appends(floor), len(in_drafts(floor))) == (5, 1)


def test_what_was_never_put_in_is_not_to_be_discarded(floor):
    """The owner is not sent to look for a draft that no folder ever held."""
    floor.start(usual_fulfilment="fba")
    floor.receive(complaint(1))
    floor.read()
    floor.drafter.turn()
    floor.inbox.fail("append", times=3)
    for _ in range(3):
        failing_pass(floor)
    say_answered(floor)
    day_goes_on(floor)
    assert ([copy.state for copy in copies(floor)], floor.words()) == (["removed"], [])


# One round of two accounts


class HeldLock:
    """The right to send, which nobody takes away."""

    def held(self):
        """It is ours."""
        return True

    def release(self):
        """Give it up."""


@pytest.fixture
def pair(shop_database):
    """Two accounts, each with a complaint of its own whose draft is ready."""
    shop = make_shop(make_account("main"), make_account("second"), usual_fulfilment="fba")
    floor = Shopfloor(shop_database, shop)
    floor.read()
    day_goes_on(floor, complaint(1), mailbox="main")
    return floor


def once(floor):
    """One round of the real service, every connection made anew."""
    service = Service(
        database=floor.database,
        shop=floor.shop,
        clock=floor.clock,
        lock=HeldLock(),
        run_id="run-once",
        delivery=floor.delivery,
        alerts=floor.desk,
        drafter=floor.drafter,
    )
    for name, account in floor.shop.accounts.items():
        service.watch(
            MailboxWatcher(
                account,
                floor.accounts[name].connect,
                reader=floor.readers[name],
                filing=floor.filings[name],
                drafts=floor.drafts_folders[name],
                database=floor.database,
                clock=floor.clock,
                on_turn=lambda: None,
            )
        )
    service.once()


def test_a_slow_second_mailbox_does_not_hold_the_first_ones_answer(pair, monkeypatch):
    """What the first account's folders allow leaves before the second is read."""
    reader = pair.readers["second"]
    full_pass = reader.full_pass

    def slowly(mailbox):
        pair.clock.advance(31 * SECOND)
        full_pass(mailbox)

    monkeypatch.setattr(reader, "full_pass", slowly)
    approve(pair)
    once(pair)
    assert [mail.recipient for mail in left(pair)] == [complaint(1).address]


@pytest.mark.parametrize("error", [RuntimeError("nobody foresaw this"), MailboxUnavailable("gone")])
def test_a_mailbox_that_fails_keeps_no_other_from_being_served(pair, error):
    """Its failure is raised at the end, whatever it is; the other account was read and answered."""
    pair.accounts["main"].fail("connect", error=error)
    pair.receive(buyer(2), mailbox="second")
    with pytest.raises(type(error)):
        once(pair)
    assert [item.state for item in pair.outbox(2)] == ["sent"]
    assert states(pair, 2) == ["open"]


# Several orders


A, B, C = (order_of(number) for number in (1, 2, 3))


def errors(text, *orders):
    """The rules that a text of a case with these orders breaks for good."""
    found = check_draft(make_draft(1, text=f"{OWN_WORDS}\n{text}"), make_case(1, order_ids=orders), "ja")
    return [(one.rule, one.text) for one in found if one.severity == "error"]


@pytest.mark.parametrize(
    "text",
    [
        f"ご注文 {A} の件です。",
        f"ご注文 {B} の件です。",
        f"{B} と {A} の件です。",
        f"{A}、{B}",
        "",
        "２５０－０００",
    ],
)
def test_each_order_of_a_case_may_be_named(text):
    """Either or both, in any order, or none."""
    assert errors(text, A, B) == []


def wide(order):
    return order.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789-"})


def test_an_order_in_full_width_is_the_same_order():
    """Japanese keyboards write it so."""
    assert errors(f"{wide(B)} の件です。", A, B) == []


@pytest.mark.parametrize("text", [f"{C}", f"{A} と {C}", f"{A}、{B}、{C}", f"{C} {B}", f"{B}\n" * 3 + C])
def test_an_order_of_somebody_elses_may_not(text):
    """Whatever else is named beside it."""
    assert errors(text, A, B) == [("other_order", C)]


@pytest.mark.parametrize(
    ("text", "found"), [(A, []), (B, [("other_order", B)]), (f"{A} {B}", [("other_order", B)])]
)
def test_a_case_with_one_order_is_as_strict_as_ever(text, found):
    """Only its own."""
    assert errors(text, A) == found


# Thought better of


def discard(floor):
    return write(floor, lambda work: review.discard(work, 1))


@pytest.mark.parametrize("deferred", [False, True])
def test_an_approved_mail_that_has_not_left_is_stopped(desk, deferred):
    """It never goes; what is written and approved instead does."""
    approve(desk)
    if deferred:
        desk.exits["main"].answer(Verdict.DEFERRED, "451 later")
        day_goes_on(desk)
    assert stands(desk) == ["deferred" if deferred else "queued"]
    stopped = discard(desk)
    assert (stopped.version, stands(desk), states(desk)) == (1, ["withdrawn"], ["discarded"])
    desk.clock.advance(HOUR)
    day_goes_on(desk)
    assert (left(desk), desk.case().state, in_drafts(desk), desk.words()) == ([], "open", [], [])
    write_anew(desk, OWN_WORDS, drafts(desk)[0])
    approve(desk)
    day_goes_on(desk)
    assert [mail.text.strip() for mail in left(desk)] == [OWN_WORDS]
    assert (stands(desk), desk.case().state) == (["withdrawn", "sent"], "answered")


def test_a_mail_that_is_being_sent_is_not_stopped(desk, monkeypatch):
    """Nobody is told that it was, for the server may have it."""
    exit_ = type(desk.exits["main"])
    send = exit_.send
    refused = []

    def send_meanwhile(self, **mail):
        with pytest.raises(ReviewRefused) as caught:
            discard(desk)
        refused.append(caught.value.refusal)
        return send(self, **mail)

    approve(desk)
    desk.read()
    monkeypatch.setattr(exit_, "send", send_meanwhile)
    desk.delivery.turn()
    assert (refused, stands(desk), states(desk)) == (["no_draft"], ["sent"], ["approved"])


def test_an_uncertain_mail_is_not_stopped(desk):
    """It is settled as what it is, by somebody who looked."""
    approve(desk)
    desk.exits["main"].answer(Verdict.UNKNOWN, taken=True)
    day_goes_on(desk)
    with pytest.raises(ReviewRefused):
        discard(desk)
    assert (stands(desk), states(desk)) == (["uncertain"], ["approved"])


# Putting off


ENDS = [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)]


@pytest.mark.parametrize("end", [None, *ENDS])
def test_a_case_is_not_put_off_for_ever(alerted, end):
    """Thirty days are the limit, and no year is too much for the arithmetic."""
    limit = alerted.clock.now() + SNOOZE_LIMIT
    with pytest.raises(SokuresuError):
        write(alerted, lambda work: review.snooze(work, 1, end or limit + SECOND))
    assert alerted.case().snoozed_until is None
    assert write(alerted, lambda work: review.snooze(work, 1, limit)) == limit


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize(
    "until",
    ["9999-12-31 23:59", "0001-01-01 00:00", "0001-01-01 23:59", "2020-01-01 00:00", "9999-99-99 00:00"],
)
def test_odd_days_on_the_command_line_are_refused_in_words(alerted, tmp_path, until, zone):
    """No year crashes the command, and nothing is put off."""
    url = alerted.database._engine.url.render_as_string(hide_password=False)
    config = tmp_path / "shop.toml"
    config.write_text(
        f'database_url = "{url}"\n[shop]\nname = "まい商店"\nowner_email = "owner@shop.example"\n'
        f'timezone = "{zone}"\n'
        '[[mailbox]]\nname = "main"\naddress = "main@shop.example"\n'
        'username = "main"\npassword_file = "none"\n'
        'imap = { host = "127.0.0.1", port = 1, security = "none" }\n'
        'smtp = { host = "127.0.0.1", port = 1, security = "none" }\n',
        "utf-8",
    )
    result = CliRunner().invoke(main, ["--config", str(config), "snooze", "1", "--until", until])
    assert (result.exit_code in {1, 2}, type(result.exception)) == (True, SystemExit), result.output
    assert "Traceback" not in result.output
    assert alerted.case().snoozed_until is None


# Texts by mail


def test_a_text_that_is_too_long_is_not_kept_in_part(alerted):
    """The owner hears why, and the link takes a shorter one."""
    link = tap(alerted.alerts()[0].content, "edit")
    line = "本日中に発送いたします。\n"
    answer = told(alerted, written(link.subject, line * (TEXT_LIMIT // len(line) + 1)))
    assert "操作を行えませんでした" in subject_of(answer)
    assert "文面が長すぎます" in answer.text
    assert "20,000" in answer.text
    assert [one.version for one in drafts(alerted)] == [1]
    assert "文面を預かりました" in subject_of(told(alerted, written(link.subject, READY)))
    assert drafts(alerted)[-1].text == READY + "\n"


def test_another_persons_newer_text_is_not_replaced_unseen(alerted):
    """One wrote on the command line, the other answers the older alert: the newer is shown first."""
    link = tap(alerted.alerts()[0].content, "edit")
    write(
        alerted,
        lambda work: review.revise(work, review.current_draft(work, 1), OWN_WORDS, DraftSource.COMMAND),
    )
    answer = told(alerted, written(link.subject, READY))
    assert "操作を行いませんでした" in subject_of(answer)
    assert "もっと新しい版の下書きがあります" in answer.text
    assert OWN_WORDS in answer.text
    assert actions_of(answer.content) == ALL
    assert [one.text.strip() for one in drafts(alerted)][1:] == [OWN_WORDS]
    again = tap(answer.content, "edit")
    assert "文面を預かりました" in subject_of(told(alerted, written(again.subject, READY)))
    assert [one.text.strip() for one in drafts(alerted)][1:] == [OWN_WORDS, READY]


# Other news than the buyer's words


@pytest.mark.parametrize(("news", "kind"), [(claim(1), "claim"), (cancellation(1), "cancellation_request")])
def test_a_claim_or_a_cancellation_voids_an_approval(desk, news, kind):
    """The next draft is made with sight of it, and goes as a reply to the buyer's own message."""
    approve(desk)
    desk.receive(news)
    day_goes_on(desk)
    assert (left(desk), stands(desk), voids(desk)) == ([], ["withdrawn"], ["buyer_wrote_again"])
    words, newer = desk.messages()
    assert newer.kind == kind
    assert (states(desk), open_draft(desk).sight.message) == (["overtaken", "open"], newer.id)
    approve(desk)
    day_goes_on(desk)
    (mail,) = left(desk)
    assert mail.message["In-Reply-To"] == f"<{words.message_id}>"
    assert mail.message["Subject"] == f"Re: {words.subject}"
    assert stands(desk) == ["withdrawn", "sent"]


# What idling costs


def statements(floor, step):
    """How many statements a step executes."""
    seen = []
    engine = floor.database._engine

    def note(*given):
        seen.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        step()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_idling_costs_the_same_for_many_cases_as_for_few(floor, monkeypatch):
    """Drafts with blanks wait for hours: looking at them costs no statement and no check of each."""
    checked = []
    breaks_for(monkeypatch, "daemon.drafts_folder.check_draft", lambda draft, *_: checked.append(draft.id))

    def idle():
        floor.drafter.turn()
        connection = floor.connection("main")
        floor.drafts_folders["main"].turn(connection, floor.drafts_folders["main"].waiting())

    costs = []
    for first, last in ((1, 20), (21, 200)):
        for number in range(first, last + 1):
            floor.receive(buyer(number, text=QUESTION))
        floor.read()
        idle()
        assert len(checked) == last
        assert in_drafts(floor) == []
        costs.append(statements(floor, idle))
        assert len(checked) == last
    assert costs[0] == costs[1] < 20
    with floor.database.read() as uow:
        assert len(uow.drafts.unplaced("main")) == 200


def test_a_further_order_has_a_blocked_draft_checked_again(floor, monkeypatch):
    """What may be named in it depends on the orders of its case."""
    checked = []
    breaks_for(
        monkeypatch, "daemon.drafts_folder.check_draft", lambda _, case, *__: checked.append(case.order_ids)
    )
    day_goes_on(floor, buyer(1, text=QUESTION))
    write_anew(floor, f"{OWN_WORDS}\nご注文 {B} の件です。")
    day_goes_on(floor)
    assert in_drafts(floor) == []
    with floor.database.write() as uow:
        uow.cases.add_orders(1, [B])
        uow.commit()
    day_goes_on(floor)
    assert (checked[-1], len(in_drafts(floor))) == ((A, B), 1)
