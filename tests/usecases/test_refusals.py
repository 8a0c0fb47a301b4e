"""When no acknowledgment goes: every refusal of decision 13, from the mail to the wire."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon import commands
from daemon.ports import Verdict
from daemon.work import Work
from state.acknowledgment_rules import AcknowledgmentPolicy
from state.outbox_rules import OutboxState
from tests.beds.post import answer_mail, buyer, feedback, order_of, sample
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.unit.state.examples import DAY, HOUR, local

MINUTE = timedelta(minutes=1)
THANKS = "ありがとうございました。無事に届きました。"


def refused(floor, mail, **how):
    """Why the case's mail was not acknowledged, after the sender had its turn."""
    sent = len(floor.acknowledgments())
    (taken,) = floor.work(mail, **how)
    assert not taken.acknowledged
    assert len(floor.acknowledgments()) == sent
    assert floor.messages(taken.case_id)[-1].refusal == taken.refusal
    return taken.refusal


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (buyer(1, proof="none"), "not_proven"),
        (buyer(1, extra=(("Auto-Submitted", "auto-replied"),)), "automatic"),
        (buyer(1, text=THANKS), "thanks"),
    ],
)
def test_what_the_mail_itself_forbids(floor, mail, reason):
    """Unproven, automatic and merely thankful mail opens a case that a person sees, and no robot answers."""
    assert refused(floor, mail) == reason
    assert floor.case().state == "open"


def test_a_relayed_message_is_not_acknowledged(floor):
    """Amazon's own customer service wrote for the buyer and promised already."""
    assert refused(floor, sample("ja-relayed-by-amazon-service")) == "relayed"


def test_disabled_acknowledgments(shop_database):
    """The owner may do without; cases and alerts stay."""
    account = make_account(policy=AcknowledgmentPolicy(enabled=False))
    floor = Shopfloor(shop_database, make_shop(account))
    floor.read()
    assert refused(floor, buyer(1)) == "disabled"


def test_one_mailbox_may_be_disabled_alone(shop_database):
    """Each mailbox has its own policy."""
    silent = make_account("second", policy=AcknowledgmentPolicy(enabled=False))
    floor = Shopfloor(shop_database, make_shop(make_account("main"), silent))
    floor.read()
    assert refused(floor, buyer(1), mailbox="second") == "disabled"
    floor.work(buyer(2), mailbox="main")
    assert len(floor.acknowledgments()) == 1


def test_too_old(floor):
    """Older than max_age when it is first seen."""
    floor.receive(buyer(1))
    floor.clock.advance(DAY + MINUTE)
    (taken,) = floor.work()
    assert taken.refusal == "too_old"


def test_already_acknowledged(floor):
    """One a case, even when the cool-down is long over."""
    floor.work(buyer(1))
    floor.clock.advance(2 * DAY)
    assert refused(floor, buyer(1, key="A0SECOND")) == "already_acknowledged"


def test_cool_down(floor):
    """One buyer with two matters within twelve hours is told once."""
    floor.work(buyer(1))
    floor.clock.advance(12 * HOUR - MINUTE)
    other = {"case": "0f3b21c9-3fc2-4b43-8b26-999999999999", "order": order_of(9)}
    assert refused(floor, buyer(1, key="A0SECOND", **other)) == "cool_down"


def test_cool_down_after_a_long_wait(floor):
    """It runs from when the acknowledgment left, not from when it was to leave."""
    floor.exits["main"].answer(Verdict.DEFERRED, "the server is down")
    floor.work(buyer(1))
    floor.clock.advance(11 * HOUR)
    floor.delivery.turn()
    assert len(floor.acknowledgments()) == 1
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=floor.clock.advance(MINUTE))
    floor.read()
    floor.clock.advance(2 * HOUR)
    assert refused(floor, buyer(1, key="A0SECOND", **OTHER_MATTER)) == "cool_down"


OTHER_MATTER = {"case": "0f3b21c9-3fc2-4b43-8b26-999999999999", "order": order_of(9)}
SAME_MATTER = {"case": "0f3b21c9-3fc2-4b43-8b26-999999999999"}


def test_after_the_cool_down_another_matter_is_acknowledged(floor):
    """Twelve hours later the same buyer's other order is a matter of its own."""
    floor.work(buyer(1))
    floor.clock.advance(12 * HOUR)
    floor.work(buyer(1, key="A0SECOND", **OTHER_MATTER))
    assert len(floor.acknowledgments()) == 2


def test_nobody_is_told_twice_to_wait_for_a_person(floor):
    """While the first promise is not kept no second one is made on the same order, after however long."""
    floor.work(buyer(1))
    floor.clock.advance(5 * DAY)
    assert refused(floor, buyer(1, key="A0SECOND", **SAME_MATTER)) == "awaiting_person"


def test_a_message_without_an_order_is_no_new_matter(floor):
    """Nothing tells it from the one that was acknowledged."""
    floor.work(buyer(1))
    floor.clock.advance(5 * DAY)
    unnamed = SAME_MATTER | {"order": None}
    assert refused(floor, buyer(1, key="A0SECOND", **unnamed)) == "awaiting_person"


@pytest.mark.parametrize(("decide", "second"), [(commands.answered, True), (commands.no_reply_needed, False)])
def test_only_an_answer_keeps_the_promise(floor, decide, second):
    """Answered in Seller Central counts; that no reply is needed was told to nobody."""
    floor.work(buyer(1))
    with floor.database.write() as uow:
        decide(Work(uow, floor.shop, floor.clock.advance(HOUR)), 1)
        uow.commit()
    floor.clock.advance(12 * HOUR)
    (taken,) = floor.work(buyer(1, key="A0SECOND", **SAME_MATTER))
    assert (taken.acknowledged, taken.refusal) == (second, None if second else "awaiting_person")


def test_hourly_cap(shop_database):
    """The excess is refused, with one alert an hour; an hour later acknowledgments go again."""
    account = make_account(policy=AcknowledgmentPolicy(hourly_cap=2))
    floor = Shopfloor(shop_database, make_shop(account))
    floor.read()
    for number in range(1, 6):
        floor.receive(buyer(number))
    taken = floor.work()
    assert [one.refusal for one in taken] == [None, None, "hourly_cap", "hourly_cap", "hourly_cap"]
    assert floor.words() == ["hourly_cap"]
    assert len(floor.acknowledgments()) == 2
    floor.clock.advance(HOUR)
    floor.work(buyer(6))
    assert len(floor.acknowledgments()) == 3


def test_too_late_to_name_a_time(shop_database):
    """Amazon's 24 hours and closing both end within the hour: nothing honest can be promised."""
    floor = Shopfloor(shop_database)
    floor.clock.set(local("2026-11-17 20:30"))
    floor.read()
    floor.receive(buyer(1))
    floor.clock.set(local("2026-11-18 19:45"))
    (taken,) = floor.work()
    assert (taken.refusal, floor.acknowledgments()) == ("too_late", [])


def test_a_message_that_a_person_answered_before_it_was_seen(floor):
    """The Sent folder was read first; what it answers is answered when it comes to light."""
    floor.work(buyer(1, proof="none"))
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=floor.clock.advance(HOUR))
    floor.read()
    late = {"at": floor.clock.now() - 30 * MINUTE, "folder": "Junk"}
    assert refused(floor, buyer(1, key="A0SECOND"), **late) == "already_answered"


@pytest.mark.parametrize("mail", [feedback(1), feedback(1, rating=5)])
def test_notices_have_nobody_to_write_to(floor, mail):
    """Only a buyer's message is ever acknowledged."""
    floor.work(mail)
    assert floor.acknowledgments() == []


# Judged again when it is claimed


def queued(floor, **how):
    """A case whose acknowledgment is queued and not sent yet."""
    floor.receive(buyer(1), **how)
    floor.read()
    assert floor.acknowledgment().state is OutboxState.QUEUED


def withdrawn(floor):
    """Why the queued acknowledgment did not go."""
    floor.delivery.turn()
    item = floor.acknowledgment()
    assert (item.state, floor.acknowledgments()) == (OutboxState.WITHDRAWN, [])
    return item.reason


def test_answered_while_it_waited(floor):
    """A person was quicker than the queue."""
    queued(floor)
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=floor.clock.advance(MINUTE))
    floor.read()
    assert withdrawn(floor) == "already_answered"


def test_too_old_while_it_waited(floor):
    """A service that was down for a day sends no late robot; nothing was tried, so nothing failed."""
    queued(floor)
    floor.clock.advance(DAY + MINUTE)
    assert withdrawn(floor) == "too_old"
    assert floor.words() == []


def test_disabled_while_it_waited(floor):
    """The owner switched it off between two runs."""
    queued(floor)
    silent = make_account(policy=AcknowledgmentPolicy(enabled=False))
    floor.start(accounts={"main": silent})
    assert withdrawn(floor) == "disabled"


def test_its_mailbox_was_removed_while_it_waited(floor):
    """An account that is not configured any more sends nothing."""
    queued(floor)
    floor.accounts["new"], floor.exits["new"] = floor.accounts["main"], floor.exits["main"]
    floor.start(accounts={"new": make_account("new")})
    assert withdrawn(floor) == "disabled"


def test_no_longer_proven_while_it_waited(floor):
    """What is not proven at the moment of sending is not answered."""
    queued(floor)
    with floor.database.write() as uow:
        uow.messages.change(1, authenticity="none")
        uow.commit()
    assert withdrawn(floor) == "not_proven"


def test_a_withdrawn_acknowledgment_does_not_cool_anybody_down(floor):
    """Nothing was sent, so the buyer's next matter is acknowledged."""
    queued(floor)
    floor.receive(answer_mail(buyer(1).address), folder="Sent", at=floor.clock.advance(MINUTE))
    floor.read()
    withdrawn(floor)
    other = {"case": "0f3b21c9-3fc2-4b43-8b26-999999999999", "order": order_of(9)}
    floor.work(buyer(1, key="A0SECOND", **other))
    assert len(floor.acknowledgments()) == 1


# The promise


def promised(floor):
    (mail,) = floor.acknowledgments()
    (line,) = [line for line in mail.text.splitlines() if "までに" in line]
    return line


@pytest.mark.parametrize(
    ("arrives", "sent_after", "named"),
    [
        ("2026-11-17 10:30", timedelta(0), "11月17日(火) 20:00"),
        ("2026-11-17 18:00", 2 * HOUR - 59 * MINUTE, "11月18日(水) 18:00"),
        ("2026-11-17 19:30", timedelta(0), "11月18日(水) 19:30"),
        ("2026-11-20 21:00", timedelta(0), "11月21日(土) 21:00"),
    ],
)
def test_the_promise_is_true_when_it_is_sent(shop_database, arrives, sent_after, named):
    """The time is worked out at the moment of sending, and lies an hour ahead at least."""
    floor = Shopfloor(shop_database)
    floor.clock.set(local(arrives))
    floor.read()
    floor.receive(buyer(1))
    floor.read()
    floor.clock.advance(sent_after)
    floor.delivery.turn()
    assert named in promised(floor)


@pytest.mark.playbook("First principles / Weekends")
def test_at_the_weekend_the_telephone_is_not_staffed(shop_database):
    """It says so, and that messages are read; it does not say that mail waits until Monday."""
    floor = Shopfloor(shop_database)
    floor.clock.set(local("2026-11-21 11:00"))
    floor.read()
    floor.work(buyer(1))
    (mail,) = floor.acknowledgments()
    assert "お電話の受付はお休み" in mail.text
    assert "月曜" not in mail.text


def test_on_an_open_day_the_telephone_is_not_mentioned(floor):
    """Nothing is said that is not so."""
    floor.work(buyer(1))
    assert "お電話" not in floor.acknowledgments()[0].text


def test_two_orders_name_none(floor):
    """A case about several orders confirms no single one."""
    floor.receive(buyer(1))
    floor.receive(buyer(1, key="A0SECOND", order=order_of(2), subject=f"お問い合わせ(注文: {order_of(2)})"))
    floor.work()
    (mail,) = floor.acknowledgments()
    assert floor.case().order_ids == (order_of(1), order_of(2))
    assert "注文番号" not in mail.text
