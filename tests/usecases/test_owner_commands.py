"""Review by reply: the owner taps a link of an alert, and strangers, robots and chance try to."""

from __future__ import annotations

import random
import re
import threading
from datetime import timedelta

import pytest

from daemon import review
from daemon.identifiers import content_digest
from daemon.owner_answers import ANSWERS_AN_HOUR
from daemon.ports import Verdict
from daemon.work import Work
from state.approval_rules import ApprovalRefusal, voiding_message
from state.command_rules import TOKEN_AGE
from state.drafts import DraftSource
from state.outbox_rules import OutboxKind, OutboxState
from tests.beds.owner import OWNER, actions_of, read_text, tap, taps, written
from tests.beds.post import answer_mail, buyer
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.unit.parsers.mails import bounce
from tests.unit.state.examples import DAY, HOUR, local

CANCEL = "キャンセルしたいです。"
"""What a buyer wants whose draft needs nothing to be filled in."""

READY = "ご連絡ありがとうございます。本日中に発送いたします。\n\nまい商店"
MINUTE = timedelta(minutes=1)
NOON = local("2026-11-17 12:00")

SUBJECTS = {
    "approved": "承認しました",
    "confirm_approve": "送信の確認",
    "confirm_no_reply_needed": "返信不要の確認",
    "no_reply_needed": "返信不要にしました",
    "snoozed": "あとでお知らせします",
    "text_taken": "文面を預かりました",
    "text_with_approval": "どちらの文面を送りますか",
    "no_text": "文面がありませんでした",
    "nothing_sent": "購入者には何も送っていません",
    "unknown_command": "操作が分かりませんでした",
    "used": "済んでいる操作です",
    "expired": "期限の切れた操作です",
    "buyer_wrote_again": "新しいメッセージが届いています",
    "refused": "操作を行いませんでした",
    "failed": "操作を行えませんでした",
}


def words(mails):
    """What the owner was told by these answers."""
    found = []
    for mail in mails:
        subject = str(mail.message["Subject"])
        found.append(next((word for word, said in SUBJECTS.items() if said in subject), subject))
    return found


def settle(floor):
    """Let the shop work until nothing moves; tells what the owner got meanwhile."""
    before = len(floor.alerts())
    for _ in range(4):
        floor.read()
        floor.send()
    return floor.alerts()[before:]


def told(floor, *mails, **how):
    """Let mails of the owner's arrive and the shop work; tells what the owner was answered."""
    for mail in mails:
        floor.receive(mail, **how)
    return words(settle(floor))


def to_buyers(floor):
    """Every mail to a buyer but acknowledgments."""
    return [mail for mail in floor.acknowledgments() if mail.message["Auto-Submitted"] is None]


def write(floor, step):
    """Do something in a transaction of its own."""
    with floor.database.write() as uow:
        found = step(Work(uow, floor.shop, floor.clock.now()))
        uow.commit()
    return found


def newest_draft(floor, case=1):
    with floor.database.read() as uow:
        return uow.drafts.of_case(case)[-1]


def alert_at(floor, when):
    """The only mail that the owner gets at that time."""
    floor.clock.set(when)
    floor.drafter.turn()
    (alert,) = floor.alert()
    return alert.content


@pytest.fixture
def alerted(floor):
    """A shop with one case, a draft that may go as it is, and the alert of noon."""
    return prepare(floor)


def prepare(floor):
    floor.work(buyer(1, text=CANCEL))
    alert_at(floor, NOON)
    floor.clock.advance(MINUTE)
    return floor


@pytest.fixture
def alert(alerted):
    """The alert of noon."""
    return alerted.alerts()[0].content


def explode(*_args, **_how):
    raise RuntimeError("nobody foresaw this")


def quarantined(floor):
    """What is kept of mails that failed."""
    with floor.database.read() as uow:
        return [uow.quarantine.get(one.id).content for one in uow.quarantine.unsettled()]


# Approving


def test_a_tap_sends_the_draft_once(alerted, alert):
    """The mail that the app makes of the link is enough: the draft leaves and the case is answered."""
    link = tap(alert, "approve")
    assert link.to == alerted.shop.first_account.address
    assert told(alerted, written(link.subject)) == ["approved"]
    (mail,) = to_buyers(alerted)
    assert mail.recipient == buyer(1).address
    assert mail.text.split() == newest_draft(alerted).text.split()
    assert alerted.case().state == "answered"


def test_a_used_token_is_dead(alerted, alert):
    """The same mail read again is nothing; the token in another mail is told to be used."""
    link = tap(alert, "approve")
    alerted.receive(written(link.subject), message_id="tap-1@phone.example")
    assert words(settle(alerted)) == ["approved"]
    assert told(alerted, written(link.subject), message_id="tap-1@phone.example") == []
    assert told(alerted, written(link.subject)) == ["used"]
    assert len(to_buyers(alerted)) == 1


def test_the_sibling_of_another_alert_is_dead_too(alerted, alert):
    """Two alerts show the same version; after one of the two taps the other is used."""
    later = alert_at(alerted, local("2026-11-17 17:00"))
    first, second = tap(alert, "approve"), tap(later, "approve")
    assert first.token != second.token
    assert told(alerted, written(second.subject), written(first.subject)) == ["approved", "used"]
    assert len(to_buyers(alerted)) == 1


def test_reply_and_command_at_the_same_time(alerted, alert):
    """One thread reads the tap while another approves by command: one mail to the buyer."""
    draft = newest_draft(alerted)
    refusals = []
    start = threading.Barrier(2)

    def command():
        start.wait(10)
        try:
            write(
                alerted,
                lambda work: review.approve(work, draft.id, despite_warnings=True, how="command"),
            )
        except review.ReviewRefused as refused:
            refusals.append(refused.refusal)

    thread = threading.Thread(target=command)
    thread.start()
    alerted.receive(written(tap(alert, "approve").subject))
    start.wait(10)
    alerted.read()
    thread.join(10)
    answers = words(settle(alerted)) or words(alerted.alerts()[1:])
    assert len(to_buyers(alerted)) == 1
    assert (answers, refusals) in (
        (["approved"], [ApprovalRefusal.BEING_SENT]),
        (["refused"], []),
    )


def test_what_was_approved_by_command_is_told(alerted, alert):
    """A tap after the command was carried out: the reason stands in the answer."""
    draft = newest_draft(alerted)
    write(alerted, lambda work: review.approve(work, draft.id, despite_warnings=True, how="command"))
    assert told(alerted, written(tap(alert, "approve").subject)) == ["refused"]
    assert "ちょうど送っているところ" in alerted.alerts()[-1].text
    settle(alerted)
    assert told(alerted, written(tap(alert, "approve").subject)) == ["refused"]
    assert "すでに承認されています" in alerted.alerts()[-1].text
    assert len(to_buyers(alerted)) == 1


def test_a_subject_that_apps_change(alerted, alert):
    """Capitals, a prefix and a blank from folding do no harm."""
    subject = tap(alert, "approve").subject
    changed = "【確認】 " + subject.replace("sokuresu:", "SOKURESU: ", 1)
    assert told(alerted, written(changed)) == ["approved"]


def test_capitals_in_an_address(shop_database):
    """However the owner's address is written, in the configuration or by the app, it is the same."""
    floor = Shopfloor(shop_database, shop=make_shop(owner="Owner@Shop.Example"))
    floor.read()
    prepare(floor)
    link = tap(floor.alerts()[0].content, "approve")
    assert told(floor, written(link.subject, sender="店長 <OWNER@shop.example>")) == ["approved"]
    assert len(to_buyers(floor)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "iPhoneから送信",
        "-- \nまい商店 担当\nowner@shop.example",
        "Sent from my iPhone",
        "\n\n\n",
    ],
)
def test_what_apps_add_is_no_text(alerted, alert, text):
    """A signature below an empty mail does not turn the approval into a new text."""
    assert told(alerted, written(tap(alert, "approve").subject, text)) == ["approved"]


# Proof


@pytest.mark.parametrize(("action", "state"), [("approve", "answered"), ("no_reply_needed", "answered")])
def test_without_proof_a_second_mail_decides(alerted, alert, action, state):
    """What sends or closes is asked back with a fresh token; that one, as unproven, is carried out."""
    link = tap(alert, action)
    assert told(alerted, written(link.subject, proof="none")) == [f"confirm_{action}"]
    assert (to_buyers(alerted), alerted.case().state) == ([], "open")
    second = alerted.alerts()[-1]
    assert "sokuresu" not in str(second.message["Subject"]).lower()
    assert actions_of(second.content) == [action]
    again = tap(second.content, action)
    assert again.token != link.token
    expected = "approved" if action == "approve" else action
    assert told(alerted, written(again.subject, proof="none")) == [expected]
    assert alerted.case().state == state
    assert len(to_buyers(alerted)) == (action == "approve")
    assert told(alerted, written(again.subject, proof="none")) == ["used"]
    assert told(alerted, written(link.subject, proof="none")) == ["used"]


def test_the_second_mail_answered_by_a_robot(alerted, alert):
    """Its subject holds no token, so a reply to it decides nothing."""
    told(alerted, written(tap(alert, "approve").subject, proof="none"))
    second = alerted.alerts()[-1].message
    reply = written(f"Re: {second['Subject']}", proof="none", headers=[("In-Reply-To", second["Message-ID"])])
    assert told(alerted, reply) == ["nothing_sent"]
    assert to_buyers(alerted) == []


def test_a_change_of_mind_in_the_second_mail(alerted, alert):
    """Words in the mail that was to confirm are not passed over: nothing is sent, they come back."""
    told(alerted, written(tap(alert, "approve").subject, proof="none"))
    again = tap(alerted.alerts()[-1].content, "approve")
    assert told(alerted, written(again.subject, READY, proof="none")) == ["text_with_approval"]
    assert to_buyers(alerted) == []


def test_asking_back_comes_after_the_reasons_against(alerted, alert):
    """Nobody is asked to confirm what can no longer be done."""
    alerted.receive(answer_mail(buyer(1).address), folder="Sent")
    alerted.read()
    for action in ("approve", "no_reply_needed"):
        assert told(alerted, written(tap(alert, action).subject, proof="none")) == ["refused"]
        assert "ほかの返信が購入者に送られています" in alerted.alerts()[-1].text


def test_a_case_that_needs_no_answer_any_more(alerted, alert):
    """Who closes an answered case hears that it was answered, not that it was closed."""
    alerted.receive(answer_mail(buyer(1).address), folder="Sent")
    alerted.read()
    assert told(alerted, written(tap(alert, "no_reply_needed").subject)) == ["refused"]
    assert "ほかの返信が購入者に送られています" in alerted.alerts()[-1].text


def test_snooze_and_text_need_no_proof(alerted, alert):
    """Both do nothing that reaches a buyer."""
    assert told(alerted, written(tap(alert, "snooze").subject, proof="none")) == ["snoozed"]
    assert told(alerted, written(tap(alert, "edit").subject, READY, proof="none")) == ["text_taken"]
    assert to_buyers(alerted) == []


def test_a_forged_mail_does_nothing(alerted, alert):
    """The owner hears of it once a day, and the token lives on for the owner."""
    link = tap(alert, "approve")
    assert told(alerted, *[written(link.subject, proof="fail") for _ in range(3)]) == []
    assert alerted.words() == ["command_refused"]
    assert len(alerted.alert()) == 1
    assert told(alerted, written(link.subject, proof="fail")) == []
    assert alerted.words() == []
    assert to_buyers(alerted) == []
    alerted.clock.advance(DAY - HOUR)
    alerted.receive(written(link.subject, proof="fail"))
    alerted.read()
    assert alerted.words() == ["command_refused"]
    assert told(alerted, written(link.subject)) == ["approved"]


def test_a_forged_mail_is_not_told_again_when_the_folder_is_read_anew(alerted, alert):
    """Days later a renumbered folder brings nothing up again."""
    alerted.receive(written(tap(alert, "approve").subject, proof="fail"))
    alerted.read()
    alerted.alert()
    alerted.clock.advance(3 * DAY)
    alerted.alert()
    alerted.inbox.renumber(uidvalidity=77, next_uid=500)
    alerted.read()
    assert "command_refused" not in alerted.words()


@pytest.mark.parametrize(
    "sender",
    [
        "thief@elsewhere.example",
        "owner@shop.example.evil.example",
        '"owner@shop.example" <thief@elsewhere.example>',
        "0wner@shop.example",
        "owner@shop.example, thief@elsewhere.example",
        "<owner@shop.example>, <owner@shop.example>",
        "owner@shор.example",
    ],
)
@pytest.mark.parametrize("proof", ["pass", "none"])
def test_a_stranger_with_a_stolen_token(alerted, alert, sender, proof):
    """Nothing is done, nothing is answered, and the token lives on."""
    stolen = written(tap(alert, "approve").subject, sender=sender, proof=proof)
    assert told(alerted, stolen) == []
    assert alerted.inbox.bodies_read.count(("INBOX", alerted.inbox.uids()[-1])) == 0
    assert to_buyers(alerted) == []
    assert alerted.alert() == []
    assert told(alerted, written(tap(alert, "approve").subject)) == ["approved"]


@pytest.mark.parametrize(
    "headers",
    [
        [("Sender", "thief@elsewhere.example")],
        [("Reply-To", "thief@elsewhere.example")],
        [("Return-Path", "<thief@elsewhere.example>"), ("Reply-To", "thief@elsewhere.example")],
        [("Cc", "thief@elsewhere.example"), ("Disposition-Notification-To", "thief@elsewhere.example")],
    ],
)
def test_answers_go_to_the_owner_only(alerted, alert, headers):
    """Wherever a mail asks for its answer, it goes to the address of the configuration."""
    mails = [
        written(tap(alert, "snooze").subject, proof="none", headers=headers),
        written(tap(alert, "approve").subject, proof="none", headers=headers),
    ]
    assert told(alerted, *mails) == ["snoozed", "confirm_approve"]
    assert {mail.recipient for mail in alerted.sent()} == {OWNER, buyer(1).address}
    assert all(mail.message["To"] == OWNER for mail in alerted.alerts())


# Our own mail coming back, and robots


@pytest.fixture(params=[OWNER, "main@shop.example"])
def home(request, shop_database):
    """The same shop, once with the mailbox's own address as the owner's."""
    floor = Shopfloor(shop_database, shop=make_shop(owner=request.param))
    floor.read()
    return prepare(floor)


def test_our_own_mail_is_never_a_command(home):
    """An alert that comes back, whole or under another name, and its copy in Sent do nothing."""
    (alert,) = home.alerts()
    command = tap(alert.content, "approve").subject
    mark = command.encode().partition(b"]")[0] + b"]"
    returned = alert.content.replace(b"Subject: ", b"Subject: " + mark + b" ", 1)
    from_owner = returned.replace(b"<main@shop.example>", f"<{home.shop.owner}>".encode())
    for content in (alert.content, returned, from_owner):
        home.inbox.deliver(content, at=home.clock.now())
        home.inbox.deliver(content, "Sent", at=home.clock.now())
        home.receive(content)
    assert settle(home) == []
    assert to_buyers(home) == []
    assert home.words() == []


def test_a_mail_to_oneself(home):
    """The command lies in INBOX and, as the provider files it, in Sent: it is obeyed once."""
    (alert,) = home.alerts()
    mail = written(tap(alert.content, "approve").subject, sender=home.shop.owner)
    home.receive(mail, folder="Sent", message_id="self@phone.example")
    assert settle(home) == []
    home.receive(mail, message_id="self@phone.example")
    assert words(settle(home)) == ["approved"]
    assert len(to_buyers(home)) == 1


def test_everything_that_we_sent_comes_back(home):
    """A rule that returns all of the owner's mail to us starts nothing."""
    (alert,) = home.alerts()
    told(home, written(tap(alert.content, "approve").subject, sender=home.shop.owner, proof="none"))
    for mail in home.sent():
        home.inbox.deliver(mail.content, at=home.clock.now())
    assert settle(home) == []
    assert to_buyers(home) == []


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ([("Auto-Submitted", "auto-replied")], ""),
        ([("X-Autoreply", "yes")], ""),
        ([("Precedence", "auto_reply")], ""),
        ([("Precedence", "bulk")], ""),
        ([("Return-Path", "<>")], ""),
        ([], "これは自動返信メールです。\n現在不在にしております。"),
        ([], "ただいま休暇をいただいております。\nお急ぎの場合は代表電話までお願いいたします。"),
        ([], "I am out of the office until Monday with limited access to email."),
    ],
)
@pytest.mark.parametrize("subject", ["Re: {alert}", "Re: {command}"])
def test_robots_are_not_answered(alerted, alert, headers, text, subject):
    """Whatever they quote in the subject, it is neither a command nor worth an answer."""
    named = alerted.alerts()[0].message
    command = tap(alert, "approve").subject
    reply = [("In-Reply-To", named["Message-ID"]), ("References", named["Message-ID"]), *headers]
    said = subject.format(alert=named["Subject"], command=command)
    assert told(alerted, written(said, text, headers=reply)) == []
    assert to_buyers(alerted) == []
    assert told(alerted, written(command)) == ["approved"]


def test_an_alert_that_bounces(alerted):
    """The report of the mail system is no command, and nothing is sent after it."""
    message_id = str(alerted.alerts()[0].message["Message-ID"]).strip("<>")
    alerted.receive(bounce(OWNER, message_id))
    assert settle(alerted) == []
    assert alerted.case().state == "open"


def test_two_robots_end(alerted):
    """A robot that looks like a person and answers everything at once is not answered for ever."""
    last = alerted.alerts()[0].message
    rounds = 0
    while rounds < 60:
        reply = written(
            f"Re: {last['Subject']}", f"承知しました {rounds}", headers=[("In-Reply-To", last["Message-ID"])]
        )
        alerted.receive(reply)
        alerted.read()
        alerted.send()
        if alerted.alerts()[-1].message["Message-ID"] == last["Message-ID"]:
            break
        last = alerted.alerts()[-1].message
        rounds += 1
        alerted.clock.advance(10 * MINUTE)
    assert rounds <= 5


def test_no_flood_of_answers(alerted):
    """Nobody makes the shop write more than so many answers an hour, and a command still gets one."""
    for number in range(2 * ANSWERS_AN_HOUR):
        alerted.receive(written(f"[sokuresu:{'a' * 26}] {number}", proof="none"))
    answers = words(settle(alerted))
    assert set(answers) == {"unknown_command"}
    assert len(answers) < ANSWERS_AN_HOUR
    first = alerted.alerts()[0].content
    assert told(alerted, written(tap(first, "snooze").subject, proof="none")) == ["snoozed"]
    alerted.clock.advance(HOUR + MINUTE)
    assert told(alerted, written(f"[sokuresu:{'b' * 26}]", proof="none")) == ["unknown_command"]


# Places


@pytest.mark.parametrize("folder", ["Junk", "Sent", "Drafts"])
def test_other_folders_are_not_obeyed(alerted, alert, folder):
    """Where the server did not put it into the inbox, nobody vouches for it."""
    assert told(alerted, written(tap(alert, "approve").subject), folder=folder) == []
    assert to_buyers(alerted) == []
    assert told(alerted, written(tap(alert, "approve").subject)) == ["approved"]


def test_another_watched_folder_is_not_obeyed(shop_database):
    """A rule of the owner's may file mail anywhere; a command counts in the inbox only."""
    floor = Shopfloor(shop_database)
    floor.inbox.create("Amazon")
    floor._connections["main"] = floor.inbox.connect(watched=("INBOX", "Amazon"))
    floor.read()
    prepare(floor)
    alert = floor.alerts()[0].content
    assert told(floor, written(tap(alert, "approve").subject), folder="Amazon") == []
    assert to_buyers(floor) == []


# Death of a token


def test_a_token_lives_for_two_days(alerted, alert):
    """At 48 hours it still works, a moment later its owner hears that it is too old."""
    born = NOON
    alerted.clock.set(born + TOKEN_AGE + timedelta(seconds=1))
    floor_alerts = told(alerted, written(tap(alert, "approve").subject))
    assert floor_alerts == ["expired"]
    assert actions_of(alerted.alerts()[-1].content) == ["approve", "edit", "no_reply_needed", "snooze"]
    alerted.clock.set(born + TOKEN_AGE)
    assert told(alerted, written(tap(alert, "approve").subject)) == ["approved"]


def test_the_buyers_next_message_kills_a_token(alerted, alert):
    """The owner is shown the new words and gets fresh links; the old version does not go."""
    more = buyer(1, text="やはりキャンセルしません。早く送ってください。", key="A0KEYSECOND")
    alerted.work(more)
    alerted.drafter.turn()
    assert told(alerted, written(tap(alert, "approve").subject)) == ["buyer_wrote_again"]
    answer = alerted.alerts()[-1]
    assert "早く送ってください" in answer.text
    assert "no_reply_needed" in actions_of(answer.content)
    assert told(alerted, written(tap(alert, "edit").subject, READY)) == ["buyer_wrote_again"]
    assert told(alerted, written(tap(alert, "no_reply_needed").subject)) == ["buyer_wrote_again"]
    assert told(alerted, written(tap(alert, "snooze").subject)) == ["buyer_wrote_again"]
    assert told(alerted, written(tap(answer.content, "no_reply_needed").subject)) == ["no_reply_needed"]
    assert to_buyers(alerted) == []


def test_the_buyers_message_in_the_same_pass(alerted, alert):
    """Whichever of the two lies first in the inbox, the old draft does not go past the new words."""
    alerted.receive(written(tap(alert, "approve").subject))
    alerted.receive(buyer(1, text="やはりキャンセルしません。", key="A0KEYSECOND"))
    assert words(settle(alerted)) == ["approved"]
    assert to_buyers(alerted) == []
    assert alerted.words() == ["approval_void"]


def test_a_message_without_proof_kills_nothing(alerted, alert):
    """Else anybody could stop the shop's answers."""
    alerted.work(buyer(1, text="待て", key="A0KEYSECOND", proof="none"))
    alerted.drafter.turn()
    assert told(alerted, written(tap(alert, "approve").subject)) == ["approved"]
    assert len(to_buyers(alerted)) == 1


@pytest.mark.parametrize(
    "subject",
    [
        f"[sokuresu:{'a' * 26}]",
        "[sokuresu:abc]",
        "[sokuresu:]",
        "[sokuresu:{cut}",
        "[sokuresu:{token}x] 案件1の下書きを送る",
        "Re: [sokuresu:{token}] [sokuresu:{other}]",
    ],
)
def test_an_unknown_command_is_told(alerted, alert, subject):
    """A subject that was cut off or belongs to nobody is answered, or the owner would believe it done."""
    token, other = tap(alert, "approve").token, tap(alert, "snooze").token
    said = subject.format(token=token, cut=token[:15], other=other)
    assert told(alerted, written(said)) == ["unknown_command"]
    assert to_buyers(alerted) == []


@pytest.mark.parametrize("field", [b"References", b"In-Reply-To", b"Subject", b"Message-ID"])
@pytest.mark.parametrize(
    "value",
    [b"<a\x00b@c.example>", b"<\xff\xfe@c.example>", b"<a@b> " * 20_000, b"=?utf-8?q?=ED=A0=80=00?="],
)
def test_hostile_headers_stop_nothing(alerted, alert, field, value):
    """Anybody can write the owner's name into From: what stands in the other headers harms nobody."""
    content = re.sub(rb"Message-ID: [^\r]*", b"Message-ID: <1@x.example>", written("[sokuresu:abc] x"))
    content = re.sub(b"(?i)^" + field + b": [^\r]*\r\n", b"", content, flags=re.MULTILINE)
    cut = b"[sokuresu:abc] " if field == b"Subject" else b""
    alerted.inbox.deliver(field + b": " + cut + value + b"\r\n" + content, at=alerted.clock.now())
    settle(alerted)
    assert (alerted.words(), quarantined(alerted)) == ([], [])
    assert told(alerted, written(tap(alert, "snooze").subject)) == ["snoozed"]


# Texts


def test_a_text_becomes_the_next_version(alerted, alert):
    """It is checked and comes back with a link; only that link sends it, word for word."""
    assert told(alerted, written(tap(alert, "edit").subject, READY)) == ["text_taken"]
    assert to_buyers(alerted) == []
    draft = newest_draft(alerted)
    assert (draft.version, draft.source, draft.text) == (2, DraftSource.REPLY, READY + "\n")
    answer = alerted.alerts()[-1]
    assert "第2版" in answer.text
    assert told(alerted, written(tap(answer.content, "approve").subject)) == ["approved"]
    (mail,) = to_buyers(alerted)
    assert mail.text.split() == READY.split()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{READY}\nよろしければ評価の変更をご検討ください。", "評価"),
        (f"{READY}\nお急ぎの際は090-1234-5678までお電話ください。", "電話"),
        (f"{READY}\n〔お届け日〕までに届きます。", "欄"),
    ],
)
def test_a_text_that_may_not_go(alerted, alert, text, reason):
    """It is kept and comes back with what is against it, and without a link that sends it."""
    assert told(alerted, written(tap(alert, "edit").subject, text)) == ["text_taken"]
    answer = alerted.alerts()[-1]
    assert actions_of(answer.content) == ["edit", "no_reply_needed", "snooze"]
    assert reason in answer.text
    assert "このままでは送れ" in answer.text or "埋めてください" in answer.text
    # The link of the version before is still in the alert, and is for a version that was replaced.
    assert told(alerted, written(tap(alert, "approve").subject)) == ["refused"]
    assert told(alerted, written(tap(answer.content, "edit").subject, READY)) == ["text_taken"]
    assert to_buyers(alerted) == []


@pytest.mark.parametrize("text", ["", "\n", "iPhoneから送信", "-- \n担当"])
def test_an_edit_without_a_text(alerted, alert, text):
    """The owner is told, and the link still works."""
    assert told(alerted, written(tap(alert, "edit").subject, text)) == ["no_text"]
    assert newest_draft(alerted).version == 1
    assert told(alerted, written(tap(alert, "edit").subject, READY)) == ["text_taken"]


def test_quotes_and_signatures_are_no_text(alerted, alert):
    """What the app quotes of the alert and what it signs with does not reach the draft."""
    quoted = "\n".join(f"> {line}" for line in read_text(alert).split("\n"))
    text = f"{READY}\n\niPhoneから送信\n\n> 2026/11/17 12:00、sokuresu まい商店のメール:\n>\n{quoted}"
    assert told(alerted, written(tap(alert, "edit").subject, text)) == ["text_taken"]
    assert newest_draft(alerted).text == READY + "\n"


def test_an_approval_with_a_text(alerted, alert):
    """Nothing is sent: the text comes back, and a link sends the version before as it was, once."""
    first = newest_draft(alerted)
    assert told(alerted, written(tap(alert, "approve").subject, READY)) == ["text_with_approval"]
    assert to_buyers(alerted) == []
    assert newest_draft(alerted).version == 2
    answer = alerted.alerts()[-1].content
    own, earlier = [one for one in taps(answer) if one.action == "approve"]
    assert told(alerted, written(earlier.subject)) == ["approved"]
    (mail,) = to_buyers(alerted)
    assert mail.text.split() == first.text.split()
    assert told(alerted, written(earlier.subject)) == ["used"]
    assert told(alerted, written(own.subject)) == ["refused"]
    assert len(to_buyers(alerted)) == 1


def test_the_first_link_after_a_text(alerted, alert):
    """The approval that came with a text was none, and the owner must not believe that it was carried out."""
    told(alerted, written(tap(alert, "approve").subject, READY))
    assert told(alerted, written(tap(alert, "approve").subject)) == ["refused"]
    assert "もっと新しい版の下書きがあります" in alerted.alerts()[-1].text
    assert to_buyers(alerted) == []


def test_a_pasted_link_is_not_stored(alerted, alert):
    """A text with our own link in it is kept without the token, and may not go."""
    link = tap(alert, "snooze")
    said = f"押すのは mailto:main@shop.example?subject=%5Bsokuresu%3A{link.token}%5D これです。\n{READY}"
    assert told(alerted, written(tap(alert, "edit").subject, said)) == ["text_taken"]
    assert READY in newest_draft(alerted).text
    assert link.token not in alerted.everything()
    assert "approve" not in actions_of(alerted.alerts()[-1].content)


def test_rules_that_grew_stricter(alerted, alert, monkeypatch):
    """Nobody is asked to confirm what may not be sent any more."""
    monkeypatch.setattr("daemon.owner_commands.is_blocked", lambda _findings: True)
    assert told(alerted, written(tap(alert, "approve").subject, proof="none")) == ["refused"]
    assert "Amazonの規約で使えない言葉" in alerted.alerts()[-1].text


def test_a_signature_that_nobody_knows(alerted, alert):
    """An app that signs every mail in its own way still gets the draft sent with the second tap."""
    sign = "まごころ込めて まい商店"
    assert told(alerted, written(tap(alert, "approve").subject, sign)) == ["text_with_approval"]
    _, earlier = [one for one in taps(alerted.alerts()[-1].content) if one.action == "approve"]
    assert told(alerted, written(earlier.subject, sign, proof="none")) == ["approved"]
    assert len(to_buyers(alerted)) == 1


def test_other_words_with_the_version_before(alerted, alert):
    """What was not in the first mail is meant: nothing is sent past it."""
    told(alerted, written(tap(alert, "approve").subject, "まごころ込めて まい商店"))
    _, earlier = [one for one in taps(alerted.alerts()[-1].content) if one.action == "approve"]
    assert told(alerted, written(earlier.subject, "やはり送らないでください。")) == ["text_with_approval"]
    assert to_buyers(alerted) == []


def test_the_version_before_after_the_fence_moved(alerted, alert):
    """The buyer wrote, or another answer left: the old version does not go."""
    told(alerted, written(tap(alert, "approve").subject, READY))
    _, earlier = [one for one in taps(alerted.alerts()[-1].content) if one.action == "approve"]
    alerted.work(buyer(1, text="やはりキャンセルしません。", key="A0KEYSECOND"))
    assert told(alerted, written(earlier.subject)) == ["buyer_wrote_again"]
    assert to_buyers(alerted) == []


def test_the_version_before_after_another_answer(alerted, alert):
    """A person answered in the mail app meanwhile."""
    told(alerted, written(tap(alert, "approve").subject, READY))
    _, earlier = [one for one in taps(alerted.alerts()[-1].content) if one.action == "approve"]
    alerted.receive(answer_mail(buyer(1).address), folder="Sent")
    alerted.read()
    assert told(alerted, written(earlier.subject)) == ["refused"]
    assert to_buyers(alerted) == []


# Anything else


def test_a_reply_to_an_alert_reaches_nobody(alerted):
    """The owner answers the alert instead of the buyer: told once that nothing was sent."""
    named = alerted.alerts()[0].message
    reply = written(f"Re: {named['Subject']}", READY, headers=[("In-Reply-To", named["Message-ID"])])
    assert told(alerted, reply, message_id="reply@phone.example") == ["nothing_sent"]
    assert told(alerted, reply, message_id="reply@phone.example") == []
    assert to_buyers(alerted) == []
    assert newest_draft(alerted).version == 1


@pytest.mark.parametrize("name", ["named@phone.example", None])
def test_a_folder_that_is_read_anew(alerted, alert, name):
    """After a renumbering and a restart nothing is carried out or answered twice."""
    link = tap(alert, "approve")
    named = alerted.alerts()[0].message
    reply = written(f"Re: {named['Subject']}", READY, headers=[("In-Reply-To", named["Message-ID"])])
    alerted.receive(written(link.subject), message_id=name)
    alerted.receive(reply, message_id=name and "reply@phone.example")
    assert words(settle(alerted)) == ["approved", "nothing_sent"]
    for round_ in (2, 3):
        alerted.start()
        alerted.inbox.renumber(uidvalidity=round_, next_uid=1000 * round_)
        assert settle(alerted) == []
    assert len(to_buyers(alerted)) == 1


def test_a_command_that_fails_in_a_new_way(alerted, alert, monkeypatch):
    """The owner hears that it was not carried out, and the link still works when it can be."""
    monkeypatch.setattr("daemon.review.approve", explode)
    link = tap(alert, "approve")
    assert told(alerted, written(link.subject)) == ["failed"]
    assert (alerted.words(), quarantined(alerted)) == ([], [])
    monkeypatch.undo()
    assert told(alerted, written(link.subject)) == ["approved"]


@pytest.mark.parametrize(
    "place", ["daemon.reading.taking.read_owner_mail", "daemon.owner_commands.concerns_us"]
)
def test_a_mail_of_the_owner_that_cannot_be_read(alerted, alert, monkeypatch, place):
    """It is kept as a head alone: neither its token nor the owner's words are stored."""
    link = tap(alert, "edit")
    monkeypatch.setattr(place, explode)
    if "concerns_us" in place:
        monkeypatch.setattr("daemon.reading.folder_reader.concerns_us", lambda *_args: True)
    mail = written(link.subject, "秘密の言葉")
    assert told(alerted, mail) == []
    assert alerted.words() == ["quarantine_grows"]
    (content,) = quarantined(alerted)
    assert b"From: owner@shop.example" in content
    assert b"Subject" not in content
    assert mail.partition(b"\r\n\r\n")[2] not in content
    monkeypatch.undo()
    assert told(alerted, written(link.subject, READY)) == ["text_taken"]


# Secrets and privacy


def test_tokens_are_nowhere_but_in_the_mail(alerted, alert, capsys):
    """The database has digests only, and neither the log nor the webhook nor a repr has the token."""
    alerted.start(second_paths=("webhook",))
    told(alerted, written(tap(alert, "approve").subject, proof="none"))
    told(alerted, written(tap(alert, "edit").subject, READY))
    told(alerted, written(tap(alert, "snooze").subject, proof="fail"))
    alert_at(alerted, local("2026-11-17 12:30"))
    alerted.clock.set(local("2026-11-17 17:00"))
    alerted.alert()
    left = [link for mail in alerted.alerts() for link in taps(mail.content)]
    assert len(left) >= 10
    stored, logged = alerted.everything(), "".join(capsys.readouterr())
    hooks = "".join(hook.content.decode() for hook in alerted.webhook.mails)
    assert hooks
    for link in left:
        assert link.token not in stored
        assert content_digest(link.token.encode()) in stored
        assert link.token not in logged
        assert link.token not in hooks
    assert "sokuresu:" not in hooks
    assert len({link.token for link in left}) == len(left)


def test_an_alert_that_is_offered_again(alerted):
    """After an unknown outcome the tokens are others, and those of the first copy work as well."""
    alerted.exits["main"].answer(Verdict.UNKNOWN, taken=True)
    alerted.clock.set(local("2026-11-17 17:00"))
    (first,) = alerted.alert()
    alerted.clock.advance(2 * MINUTE)
    (again,) = alerted.alert()
    assert first.message["Message-ID"] == again.message["Message-ID"]
    old, new = taps(first.content), taps(again.content)
    assert [one.action for one in old] == [one.action for one in new]
    assert {one.token for one in old}.isdisjoint(one.token for one in new)
    assert told(alerted, written(tap(first.content, "approve").subject)) == ["approved"]
    assert told(alerted, written(tap(again.content, "approve").subject)) == ["used"]


def test_the_owners_other_mail_is_private(alerted):
    """Neither read as a whole nor stored in any way, whatever it is about."""
    mails = [
        written("週末の予定", "秘密の相談です"),
        written("Re: お問い合わせ", "秘密の返事", headers=[("In-Reply-To", "<x@elsewhere.example>")]),
        written("Fwd: sokuresu について", "秘密の感想", proof="none"),
        written("ニュース", "秘密の号外", headers=[("List-Id", "<news.example>")]),
    ]
    settle(alerted)
    before = list(alerted.inbox.bodies_read)
    stored = alerted.everything()
    assert told(alerted, *mails) == []
    assert alerted.inbox.bodies_read == before
    assert not any(word in alerted.everything() for word in ("秘密", "週末", "elsewhere.example"))
    assert len(alerted.everything().splitlines()) == len(stored.splitlines())


def test_a_thousand_mails_of_the_owner(alerted):
    """What concerns nothing costs one more look at the headers a batch."""
    for number in range(1000):
        alerted.receive(written(f"件 {number}", "私信", headers=[("References", f"<{number}@x.example>")]))
    before, read = len(alerted.inbox.calls), len(alerted.inbox.bodies_read)
    alerted.readers["main"].read_folder(alerted.connection("main"), alerted.connection("main").folders()[0])
    calls = [name for name, _ in alerted.inbox.calls[before:]]
    assert calls.count("heads") <= 4
    assert len(alerted.inbox.bodies_read) == read


def test_two_mailboxes_get_the_same_command(shop_database):
    """A command that was written to both addresses of the shop is carried out once."""
    floor = Shopfloor(shop_database, shop=make_shop(make_account("main"), make_account("second")))
    floor.read()
    prepare(floor)
    mail = written(tap(floor.alerts()[0].content, "approve").subject)
    for mailbox in ("second", "main"):
        floor.receive(mail, mailbox=mailbox, message_id="both@phone.example")
    assert words(settle(floor)) == ["approved"]
    assert len(to_buyers(floor)) == 1


# Chance


class Day:
    """A day on which buyer, owner, robots and the weather do as they like.

    Attributes:
        floor: the shop.
        dice: decides.
        links: every link that ever reached the owner.
    """

    def __init__(self, floor, seed):
        self.floor = floor
        self.dice = random.Random(seed)
        self.links = []
        self.written = 1

    def happen(self):
        """One thing happens, or two at once, and the shop works until nothing moves."""
        doings = (self.buyer, self.old_mail, self.person, self.renumber, self.time, *[self.tap] * 6)
        for doing in self.dice.choices(doings, k=self.dice.choice([1, 1, 2])):
            doing()
        settle(self.floor)
        self.floor.drafter.turn()
        self.floor.alert()
        self.links = [link for mail in self.floor.alerts() for link in taps(mail.content)]

    def buyer(self):
        self.written += 1
        proof = self.dice.choice(["pass", "pass", "none"])
        more = buyer(1, text=f"{CANCEL} {self.written}", key=f"A0KEY{self.written:06d}", proof=proof)
        self.floor.receive(more)

    def tap(self):
        link = self.dice.choice(self.links[-5:] if self.dice.random() < 0.8 else self.links)
        text = self.dice.choice(["", "", "", f"{READY}{self.dice.random()}", "まごころ込めて"])
        proof = self.dice.choice(["pass", "pass", "none", "fail"])
        self.floor.receive(written(link.subject, text, proof=proof))

    def old_mail(self):
        """Something that lies in the inbox comes once more."""
        mail = self.dice.choice(self.floor.inbox.mails())
        self.floor.inbox.deliver(mail.content, at=self.floor.clock.now())

    def person(self):
        if self.dice.random() < 0.3:
            self.floor.receive(answer_mail(buyer(1).address), folder="Sent")

    def renumber(self):
        validity = self.floor.inbox.folder("INBOX").uidvalidity
        self.floor.inbox.renumber(uidvalidity=validity + 1, next_uid=10_000 * validity)
        self.floor.start()

    def time(self):
        self.floor.clock.advance(self.dice.choice([MINUTE, HOUR, 5 * HOUR]))


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", [16, 20, 21])
def test_whatever_happens_a_buyer_gets_one_answer_to_what_was_seen(alerted, seed):
    """Each message is answered once at most, in words of a version, and never past newer words."""
    day = Day(alerted, seed)
    day.links = taps(alerted.alerts()[0].content)
    for _ in range(25):
        before = len(to_buyers(alerted))
        day.happen()
        with alerted.database.read() as uow:
            newest = voiding_message(uow.messages.of_case(1))
            items = [one for one in uow.outbox.of_case(1) if one.kind is OutboxKind.APPROVED]
            texts = {one.text for one in uow.drafts.of_case(1)}
        left = [one for one in items if one.state is OutboxState.SENT]
        assert len(to_buyers(alerted)) == len(left) <= before + 1
        if len(left) > before:
            assert left[-1].answers_message >= newest
        assert len({one.answers_message for one in left}) == len(left)
        assert {one.text for one in left} <= texts
        assert {mail.recipient for mail in alerted.sent()} == {OWNER, buyer(1).address}
        assert "failed" not in words(alerted.alerts())
        assert "quarantine_grows" not in alerted.words()
    # The seeds are chosen so that something happens at all.
    assert len(left) >= 2
    assert "sokuresu:" not in alerted.everything()
