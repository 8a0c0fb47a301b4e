"""A shipping agent is asked at most once, only as configured, and what it answers joins the case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.aftercare import agents, inquiries
from daemon.aftercare.inquiry_refusals import InquiryRefusal, InquiryRefused
from daemon.errors import ConfigurationError, RecipientForbidden
from daemon.ports import Verdict
from daemon.restored import settle_restored
from daemon.shop import Agent
from daemon.work import Work
from parsers.values import Authenticity, Kind
from state.calls import Call
from state.model import CaseState
from state.outbox_rules import OutboxKind, OutboxState
from state.repository.orders import OrderFacts
from state.steps import Matter
from tests.beds.fake_submission import FakeSubmission
from tests.beds.owner import OWNER, written
from tests.beds.post import buyer, order_of
from tests.beds.reviewing import (
    OWN_WORDS,
    answers_of,
    approve,
    day_goes_on,
    settle_uncertain,
    write_anew,
)
from tests.beds.shopfloor import OPENED, Shopfloor, make_shop
from tests.unit.parsers.mails import encoded, message, proof_headers

AGENT = Agent("desk@logi.example", "青空ロジ")
ELSEWHERE = Agent("help@other-logi.example", "Other Logistics", "en")
LATE = "まだ届きません。電話は 090-1111-2222 です。いつ届くのか教えてください。"
PLEA = "とても大切な贈り物なので必ず今週中にお願いしたいのです"
HOUR = timedelta(hours=1)


@pytest.fixture
def asking(shop_database):
    """A shop with an agent, and a buyer whose parcel has not come."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(AGENT,)))
    floor.read()
    day_goes_on(floor, buyer(1, text=LATE))
    return floor


def ask(floor, *, text=None, again=False, agent=AGENT, case=1, about="both"):
    """A person approves an inquiry."""
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        shown = inquiries.draft(work, case, agent, about=about, text=text)
        item = inquiries.queue(work, shown, again=again)
        uow.commit()
    return item


def asked(floor, case=1):
    """Every inquiry of a case."""
    return [item for item in floor.outbox(case) if item.kind is OutboxKind.INQUIRY]


def to_agent(floor):
    """What reached the agent."""
    return [mail for mail in floor.sent() if mail.recipient == AGENT.address]


def reply(text="調べました。", *, sender=AGENT.address, proof="pass", subject="ご返信", headers=()):
    """A mail of the agent's."""
    domain = sender.rpartition("@")[2]
    fields = [*proof_headers(proof, domain), ("From", sender), ("Subject", encoded(subject)), *headers]
    return message(fields, [("text/plain", text + "\n")])


def in_reply(floor):
    """The header that names the first inquiry."""
    return [("In-Reply-To", f"<{asked(floor)[0].message_id}>")]


def of_agent(floor, case=1):
    """What is kept of the agent's."""
    return [one for one in floor.messages(case) if one.kind is Kind.AGENT_REPLY]


@pytest.mark.playbook("not arrived, late")
@pytest.mark.playbook("wrong address on the label")
def test_inquiry_leaves_once_and_names_nothing_of_the_buyers(asking):
    """Order number and questions go to the agent; neither name nor words nor number of the buyer do."""
    with asking.database.write() as uow:
        uow.orders.note(OrderFacts(order_of(1), shipped_on=OPENED.date()), OPENED)
        uow.commit()
    item = ask(asking)
    day_goes_on(asking)
    day_goes_on(asking)
    (mail,) = to_agent(asking)
    assert (mail.sender, mail.message["To"]) == ("main@shop.example", AGENT.address)
    assert order_of(1) in mail.message["Subject"]
    assert all(
        one in mail.text for one in (order_of(1), "2026年11月17日", "送り状の宛先", "転送", "青空ロジ")
    )
    seen = mail.text + mail.message.as_string()
    case = asking.case()
    assert not any(
        one in seen for one in (case.buyer_name, case.alias, case.buyer_key, "090-1111", "まだ届き")
    )
    assert mail.message["Auto-Submitted"] is None
    assert mail.message["X-Sokuresu-Outbox"] == item.message_id
    assert [one.state for one in asked(asking)] == [OutboxState.SENT]
    with asking.database.read() as uow:
        assert [(one.matter, one.word) for one in uow.steps.of_case(1)] == [(Matter.INQUIRY, "asked")]
        assert [word for _, word, _ in uow.events.of_case(1)][-2:] == ["inquiry_queued", "inquiry_sent"]


def test_copy_of_an_inquiry_confirms_it_and_answers_nobody(asking):
    """Its copy is put into Sent like others, read there again, and the buyer still waits."""
    ask(asking)
    day_goes_on(asking)
    asking.clock.advance(timedelta(minutes=2))
    day_goes_on(asking)
    assert len(asking.inbox.mails("Sent")) == 2
    day_goes_on(asking)
    assert asked(asking)[0].filed_at is not None
    assert (answers_of(asking), asking.case().state) == ([], CaseState.OPEN)


def test_outcome_that_nobody_knows_is_never_repeated(asking):
    """It is shown, and only a person settles it; resent by a person it goes under the same name."""
    item = ask(asking)
    asking.exits["main"].answer(Verdict.UNKNOWN)
    for _ in range(3):
        day_goes_on(asking)
        asking.clock.advance(HOUR)
    assert [one.state for one in asked(asking)] == [OutboxState.UNCERTAIN]
    assert "uncertain" in asking.words()
    asking.clock.advance(20 * HOUR)
    settle_uncertain(asking, "resend", item.id)
    day_goes_on(asking)
    (mail,) = to_agent(asking)
    assert mail.message["Message-ID"] == f"<{item.message_id}>"


def test_inquiry_that_was_given_up_may_have_left(asking):
    """Nobody knew whether it did: its words go again only where a person insists."""
    item = ask(asking)
    asking.exits["main"].answer(Verdict.UNKNOWN)
    day_goes_on(asking)
    settle_uncertain(asking, "drop", item.id)
    with pytest.raises(InquiryRefused) as refused:
        ask(asking)
    assert refused.value.refusal is InquiryRefusal.SAME_TEXT
    assert ask(asking, again=True).state is OutboxState.QUEUED


def test_agent_that_left_the_configuration_is_not_written_to(asking):
    """Judged again when it is claimed: it is withdrawn, and the owner hears why."""
    ask(asking)
    asking.start(agents=(ELSEWHERE,))
    day_goes_on(asking)
    assert (to_agent(asking), asking.exits["main"].attempts) == ([], 1)
    (item,) = asked(asking)
    assert (item.state, item.reason) == (OutboxState.WITHDRAWN, "agent_not_configured")
    assert [one.detail for one in asking.notices() if one.word == "inquiry_refused"] == [item.reason]
    assert "発送の委託先に問い合わせが届いていません" in asking.alert()[-1].text


def test_inquiry_that_could_not_leave_for_long_is_withdrawn(asking):
    """By then somebody has asked by telephone."""
    ask(asking)
    asking.clock.advance(13 * HOUR)
    day_goes_on(asking)
    assert [(one.state, one.reason) for one in asked(asking)] == [(OutboxState.WITHDRAWN, "inquiry_too_old")]
    assert to_agent(asking) == []


def test_the_last_door_knows_the_agents_too(asking):
    """Even a row that something else wrote reaches no address that is not configured."""
    door = asking.exits["main"]
    assert isinstance(door, FakeSubmission)
    with pytest.raises(RecipientForbidden):
        door.send(sender="main@shop.example", recipient=ELSEWHERE.address, content=b"")


def test_same_text_goes_twice_only_on_purpose(asking):
    """The second inquiry of a case says something else, or the person insists."""
    ask(asking)
    with pytest.raises(InquiryRefused) as refused:
        ask(asking)
    assert refused.value.refusal is InquiryRefusal.SAME_TEXT
    ask(asking, again=True)
    ask(asking, text="その後いかがでしょうか。")
    day_goes_on(asking)
    assert [one.purpose for one in asked(asking)] == ["inquiry:1:1", "inquiry:1:2", "inquiry:1:3"]
    assert len(to_agent(asking)) == 3


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", InquiryRefusal.EMPTY),
        ("〔送り状番号〕はどれですか。", InquiryRefusal.BLANKS),
        ("あ" * 4_001, InquiryRefusal.TOO_LONG),
        ("山田 二郎様の荷物です。", InquiryRefusal.BUYER_NAME),
        ("山田二郎さまの荷物です。", InquiryRefusal.BUYER_NAME),
        ("buyer0000000001@marketplace.amazon.co.jp へ", InquiryRefusal.BUYER_ADDRESS),
        ("お電話は 090 (1111) 2222 です。", InquiryRefusal.BUYER_NUMBER),
        ("連絡先 +81 3-1234-5678", InquiryRefusal.BUYER_NUMBER),
        ("お電話は 090 ‐ 1111 ‐ 2222 です。", InquiryRefusal.BUYER_NUMBER),
        ("〇三の一二三四の五六七八", InquiryRefusal.BUYER_NUMBER),
        ("鈴木花子様からお電話がありました。", InquiryRefusal.BUYER_NAME),
        (LATE.partition("。")[2], InquiryRefusal.BUYER_NUMBER),
        (
            "届かないとのこと。「とても大切な贈り物なので必ず今週中にお願いしたいのです」",
            InquiryRefusal.BUYER_WORDS,
        ),
    ],
)
def test_what_is_the_buyers_does_not_reach_the_agent(asking, text, refusal):
    """Name, address, numbers and sentences are found in any spelling, and nothing is queued."""
    day_goes_on(
        asking,
        buyer(1, text=f"お願いです。{PLEA}。よろしく。", key="A0KEYSECOND00000"),
    )
    with asking.database.write() as uow:
        uow.calls.add(Call(1, OPENED, "鈴木 花子", number="03-1234-5678"), OPENED)
        uow.commit()
    with pytest.raises(InquiryRefused) as refused:
        ask(asking, text=text)
    assert refused.value.refusal is refusal
    assert asked(asking) == []


def test_only_configured_agents_can_be_chosen():
    """None: the lines to configure one. Several: the person says which. A buyer's alias is none."""
    with pytest.raises(ConfigurationError, match=r"\[\[shipping_agent\]\]"):
        agents.choose_agent(make_shop())
    both = make_shop(agents=(AGENT, ELSEWHERE))
    assert agents.choose_agent(both) is None
    assert agents.choose_agent(both, "Desk@Logi.example") == AGENT
    with pytest.raises(ConfigurationError, match=r"desk@logi\.example"):
        agents.choose_agent(both, "stranger@evil.example")
    disguised = Agent("Buyer0000000001@marketplace.amazon.co.jp")
    assert agents.agents_of(make_shop(agents=(disguised,))) == ()


def test_unknown_order_leaves_a_blank_that_blocks(shop_database):
    """A question without an order number cannot be answered by anybody."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(AGENT,)))
    floor.read()
    day_goes_on(floor, buyer(1, text="届きません。", order=""))
    with pytest.raises(InquiryRefused) as refused:
        ask(floor)
    assert refused.value.refusal is InquiryRefusal.BLANKS


def test_inquiry_that_bounced_leaves_the_buyers_answer_alone(asking):
    """The agent's server refused it; what the buyer was answered did arrive."""
    ask(asking)
    day_goes_on(asking)
    approve(asking, write_anew(asking, OWN_WORDS))
    day_goes_on(asking)
    assert asking.case().state is CaseState.ANSWERED
    report = (
        "Final-Recipient: rfc822; desk@logi.example\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        f"Message-ID: <{asked(asking)[0].message_id}>\r\nSubject: x\r\n",
    )
    fields = [
        ("From", "mailer-daemon@logi.example"),
        ("Subject", "Undelivered Mail Returned to Sender"),
        ("Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"'),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    parts = ("text/plain", "message/delivery-status", "text/rfc822-headers")
    bodies = ("Sorry.\r\n", *report)
    content = (
        head
        + "\r\n"
        + "".join(
            f"--b\r\nContent-Type: {kind}\r\n\r\n{body}\r\n" for kind, body in zip(parts, bodies, strict=True)
        )
    )
    day_goes_on(asking, f"{content}--b--\r\n".encode())
    assert asking.case().state is CaseState.ANSWERED
    assert [one.detail for one in asking.notices() if one.word == "inquiry_refused"] == ["bounced"]


def test_answer_to_an_inquiry_joins_its_case(asking):
    """By its thread; the owner hears at once that it came, and not what it says."""
    ask(asking)
    day_goes_on(asking)
    before = asking.messages()
    day_goes_on(asking, reply("番地が違っていました。本日転送します。", headers=in_reply(asking)))
    (kept,) = of_agent(asking)
    assert (kept.text, kept.authenticity) == ("番地が違っていました。本日転送します。", Authenticity.PASS)
    assert not kept.wants_answer
    assert [(one.id, one.answered_at) for one in asking.messages() if one.kind is not Kind.AGENT_REPLY] == [
        (one.id, one.answered_at) for one in before
    ]
    assert asking.case().state is CaseState.OPEN
    alert = next(mail for mail in asking.alert() if "委託先から返事" in mail.text)
    assert "番地" not in alert.text
    day_goes_on(asking)
    assert len(asking.acknowledgments()) == 2  # the buyer's and the inquiry


def test_answer_is_kept_once_however_often_the_folder_is_read(asking):
    """A renumbered folder brings it again."""
    ask(asking)
    day_goes_on(asking)
    day_goes_on(asking, reply(headers=in_reply(asking)))
    asking.inbox.renumber(uidvalidity=99)
    day_goes_on(asking)
    assert len(of_agent(asking)) == 1


@pytest.mark.parametrize(
    ("subject", "text", "joins"),
    [
        (f"注文{order_of(1)}の件", "調べました。", True),
        ("ご返信", f"注文 {order_of(1)} は配達中です。", True),
        ("ご返信", f"{order_of(1)} と {order_of(2)} を出荷しました。", False),
        ("出荷のご案内", f"注文 {order_of(5)} を出荷しました。", False),
        ("請求書", "今月分です。", False),
    ],
)
def test_answer_without_thread_joins_the_only_order_that_it_names(asking, subject, text, joins):
    """Everything else of the agent's is other people's mail: counted, and not a word is stored."""
    day_goes_on(asking, reply(text, subject=subject))
    assert len(of_agent(asking)) == joins
    assert (text in asking.everything()) == joins


@pytest.mark.parametrize("proof", ["fail", "none"])
def test_proof_of_the_sender_is_looked_at(asking, proof):
    """What is forged goes nowhere; what nobody proves is attached and says so."""
    ask(asking)
    day_goes_on(asking)
    day_goes_on(asking, reply("そのまま捨ててください。", proof=proof, headers=in_reply(asking)))
    assert [one.authenticity.value for one in of_agent(asking)] == ([] if proof == "fail" else ["none"])
    assert ("agent_answered" in asking.words()) == (proof == "none")


def test_stranger_is_not_read(asking):
    """Who is not configured may know the Message-ID and is still nobody."""
    ask(asking)
    day_goes_on(asking)
    stranger = reply("調べました。", sender="desk@logi.example.evil.example", headers=in_reply(asking))
    day_goes_on(asking, stranger)
    both = reply("調べました。", headers=in_reply(asking)).replace(
        b"From: desk@logi.example", b"From: desk@logi.example, x@evil.example"
    )
    day_goes_on(asking, both)
    assert of_agent(asking) == []
    assert "調べました" not in asking.everything()


def test_robot_of_the_agents_is_kept_without_an_alert(asking):
    """An out-of-office note with an empty Return-Path belongs to the case and wakes nobody."""
    ask(asking)
    day_goes_on(asking)
    robot = [("Auto-Submitted", "auto-replied"), ("Return-Path", "<>"), *in_reply(asking)]
    day_goes_on(asking, reply("本日は休業です。", headers=robot))
    assert [one.facts for one in of_agent(asking)] == [("automatic",)]
    assert "agent_answered" not in asking.words()


def test_answer_of_the_agent_voids_no_approval(asking):
    """The buyer's answer was approved before; it goes all the same."""
    ask(asking)
    day_goes_on(asking)
    approve(asking, write_anew(asking, OWN_WORDS))
    asking.receive(reply(headers=in_reply(asking)))
    day_goes_on(asking)
    assert len(of_agent(asking)) == 1
    assert asking.case().state is CaseState.ANSWERED
    assert not [one for one in asking.notices() if one.word == "approval_void"]


def test_answer_opens_no_settled_case_again(asking):
    """Nobody owes the agent an answer."""
    ask(asking)
    approve(asking, write_anew(asking, OWN_WORDS))
    day_goes_on(asking)
    assert asking.case().state is CaseState.ANSWERED
    day_goes_on(asking, reply(headers=in_reply(asking)))
    assert len(of_agent(asking)) == 1
    assert asking.case().state is CaseState.ANSWERED


@pytest.mark.parametrize("address", [OWNER, "main@shop.example"])
def test_agent_that_is_ourselves_makes_no_loop(shop_database, address):
    """Whoever tries it out with an own address: what comes back is our own mail, not an answer."""
    agent = Agent(address, "自分")
    floor = Shopfloor(shop_database, shop=make_shop(agents=(agent,)))
    floor.read()
    day_goes_on(floor, buyer(1, text=LATE))
    ask(floor, agent=agent)
    day_goes_on(floor)
    (inquiry,) = [mail for mail in floor.sent() if order_of(1) in (mail.message["Subject"] or "")][-1:]
    for _ in range(2):
        day_goes_on(floor, inquiry.content)
    floor.clock.advance(2 * HOUR)
    (alert,) = floor.alert()
    day_goes_on(floor, alert.content)
    assert of_agent(floor) == []
    assert len(asked(floor)) == 1


def test_commands_of_an_owner_who_is_an_agent_are_obeyed(shop_database):
    """The owner's mail stays the owner's."""
    floor = Shopfloor(shop_database, shop=make_shop(agents=(Agent(OWNER),)))
    floor.read()
    day_goes_on(floor, buyer(1, text=LATE))
    day_goes_on(floor, written(f"注文 {order_of(1)} の件 [sokuresu:{'a' * 26}]", "分かりました。"))
    assert of_agent(floor) == []
    assert any("answer" in item.purpose or item.kind is OutboxKind.ALERT for item in floor.outbox(None))


def test_inquiry_that_waited_in_a_backup_is_doubted(asking):
    """It may have left after the backup was made."""
    ask(asking)
    with asking.database.write() as uow:
        uow.runs.mark_backup(asking.clock.now(), "")
        uow.commit()
    settle_restored(asking.database, asking.shop, asking.clock)
    assert [one.state for one in asked(asking)] == [OutboxState.UNCERTAIN]
