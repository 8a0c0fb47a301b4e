"""What an alert offers to be done with one tap, and what putting off does to the alerts after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon import review
from daemon.identifiers import content_digest
from daemon.work import Work
from state.acknowledgment_rules import AcknowledgmentPolicy
from state.drafts import DraftSource
from state.outbox_rules import OutboxKind
from templates.render import DETAILED_CASES
from tests.beds.owner import OWNER, actions_of, tap, taps, written
from tests.beds.post import buyer, claim, feedback
from tests.beds.shopfloor import Shopfloor, make_account, make_shop
from tests.unit.state.examples import DAY, HOUR, local

CANCEL = "キャンセルしたいです。"
MINUTE = timedelta(minutes=1)
ALL = ["approve", "edit", "no_reply_needed", "snooze"]


def at(floor, when):
    """What the owner gets at a local time of that Tuesday."""
    floor.clock.set(local(f"2026-11-17 {when}") if isinstance(when, str) else when)
    floor.drafter.turn()
    return [mail.content for mail in floor.alert()]


def waiting_since(floor, number=1, **changes):
    """The same shop with the case of one buyer."""
    floor.work(buyer(number, **({"text": CANCEL} | changes)))
    return floor


def revise(floor, text, case=1):
    """A person's own text as the next version."""
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        review.revise(work, review.current_draft(work, case), text, DraftSource.COMMAND)
        uow.commit()


def command(floor, subject, **how):
    """The owner sends a command; tells the subject of the answer."""
    before = len(floor.alerts())
    floor.receive(written(subject, **how))
    for _ in range(3):
        floor.read()
        floor.send()
    (answer,) = floor.alerts()[before:]
    return answer


# What is offered


def test_a_draft_that_may_go_is_offered_with_everything(floor):
    """Send, write anew, no answer needed, later: in this order, each to the shop's own address."""
    waiting_since(floor)
    (alert,) = at(floor, "12:00")
    assert actions_of(alert) == ALL
    assert {one.to for one in taps(alert)} == {"main@shop.example"}


@pytest.mark.parametrize(
    "text",
    [
        "〔お届け日〕までにお届けします。",
        "評価を星5に変更していただけましたら幸いです。",
        "詳しくは 090-1234-5678 までお電話ください。",
        "https://shop.example/ をご覧ください。",
        "お待ちください。\n" * 500,
    ],
)
def test_what_may_not_go_as_it_is_is_not_offered_for_sending(floor, text):
    """Blanks, forbidden words, and what is too long to be seen: write anew, but do not send."""
    waiting_since(floor)
    floor.drafter.turn()
    revise(floor, text)
    (alert,) = at(floor, "12:00")
    assert actions_of(alert) == ALL[1:]


def test_a_case_without_a_draft(floor):
    """A claim has nobody to write to by mail: it can be closed or put off."""
    floor.work(claim(1))
    (alert,) = at(floor, floor.clock.now() + 5 * MINUTE)
    assert actions_of(alert) == ["no_reply_needed", "snooze"]


def test_feedback_is_offered_no_mail(floor):
    """Nor has a low rating, so nothing of it can be sent by mistake."""
    floor.work(feedback(1))
    (alert,) = at(floor, floor.clock.now() + 5 * MINUTE)
    assert actions_of(alert) == ["no_reply_needed", "snooze"]


def test_an_answer_on_its_way_is_not_offered_again(floor):
    """Between the approval and the sending there is nothing to approve or to change."""
    waiting_since(floor)
    floor.drafter.turn()
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        draft = review.current_draft(work, 1)
        review.approve(work, draft.id, despite_warnings=True, how="command")
        uow.commit()
    (alert,) = at(floor, "12:00")
    assert actions_of(alert) == ["no_reply_needed", "snooze"]


def test_only_cases_in_detail_have_offers(shop_database):
    """Of 25 cases the 20 most urgent; no token is made that stands in no mail."""
    account = make_account(policy=AcknowledgmentPolicy(hourly_cap=100))
    floor = Shopfloor(shop_database, shop=make_shop(account))
    floor.read()
    for number in range(1, 26):
        floor.receive(buyer(number, text=CANCEL))
        floor.clock.advance(MINUTE)
    floor.read()
    (alert,) = at(floor, "12:00")
    assert sorted({one.case for one in taps(alert)}) == list(range(1, DETAILED_CASES + 1))
    assert all(actions_of(alert, case) == ALL for case in range(1, DETAILED_CASES + 1))
    made = [one.token for one in taps(alert)]
    assert len(set(made)) == len(made) == 4 * DETAILED_CASES
    stored = floor.everything()
    assert all(content_digest(token.encode()) in stored for token in made)
    (item,) = [one for one in floor.outbox(None) if one.kind is OutboxKind.ALERT]
    with floor.database.read() as uow:
        offered = uow.offers.of_mail(item.id)
    shown = {(one.case, one.action) for one in taps(alert)}
    assert {(one.case_id, str(one.action)) for one in offered} == shown


def test_an_english_shop(shop_database):
    """The subjects say in the owner's language what they do."""
    floor = Shopfloor(shop_database, shop=make_shop(language="en"))
    floor.read()
    waiting_since(floor)
    (alert,) = at(floor, "12:00")
    assert actions_of(alert) == ALL
    answer = command(floor, tap(alert, "approve").subject)
    assert "Approved" in str(answer.message["Subject"]) or "approved" in answer.text


@pytest.mark.parametrize("address", ["shop+amazon@shop.example", "a&b@shop.example", "a%b?c=d@shop.example"])
def test_an_odd_address(shop_database, address):
    """Whatever stands in the shop's own address, the app writes to it and to nobody else."""
    floor = Shopfloor(shop_database, shop=make_shop(make_account(address=address)))
    floor.read()
    waiting_since(floor)
    (alert,) = at(floor, "12:00")
    assert {one.to for one in taps(alert)} == {address}


# Putting off


def test_a_case_is_put_off_for_three_hours(floor):
    """It is missing from the daily alert in between and back in the one after."""
    waiting_since(floor)
    waiting_since(floor, 2)
    (alert,) = at(floor, "12:00")
    floor.clock.set(local("2026-11-17 14:30"))
    answer = command(floor, tap(alert, "snooze").subject)
    assert "2026-11-17 17:30まで" in answer.text
    (later,) = at(floor, "17:00")
    assert {one.case for one in taps(later)} == {2}
    (last,) = at(floor, "19:30")
    assert {one.case for one in taps(last)} == {1, 2}


def test_when_the_shop_is_closed_by_then_it_comes_at_the_opening(floor):
    """Three hours from six are nine in the evening: the case comes back in the morning."""
    waiting_since(floor)
    (alert,) = at(floor, "17:00")
    floor.clock.set(local("2026-11-17 18:00"))
    answer = command(floor, tap(alert, "snooze").subject)
    assert "2026-11-18 10:00まで" in answer.text


def test_what_was_put_off_is_not_called_answered(floor):
    """At closing nothing is listed, but nobody is told that all is answered."""
    waiting_since(floor)
    (alert,) = at(floor, "17:00")
    floor.clock.set(local("2026-11-17 18:00"))
    command(floor, tap(alert, "snooze").subject)
    assert at(floor, "19:30") == []
    assert at(floor, "20:00") == []


def test_the_last_calls_come_all_the_same(floor):
    """Four hours and one hour before Amazon's deadline a case is called out, put off or not."""
    waiting_since(floor)
    at(floor, "17:00")
    floor.clock.set(local("2026-11-17 18:00"))
    with floor.database.write() as uow:
        work = Work(uow, floor.shop, floor.clock.now())
        review.snooze(work, 1, floor.clock.now() + 2 * DAY)
        uow.commit()
    assert at(floor, "20:00") == []
    due = local("2026-11-18 10:30")
    (four,) = at(floor, due - 4 * HOUR)
    (one,) = at(floor, due - HOUR)
    assert actions_of(four) == actions_of(one) == ALL
    again = command(floor, tap(one, "approve").subject)
    assert "承認しました" in str(again.message["Subject"])
    assert floor.case().state == "answered"


def test_the_buyer_brings_a_case_back(floor):
    """A new message ends the putting off, and kills the links of the alert before."""
    waiting_since(floor)
    (alert,) = at(floor, "12:00")
    floor.clock.set(local("2026-11-17 16:00"))
    command(floor, tap(alert, "snooze").subject)
    floor.work(buyer(1, text="急いでいます。", key="A0KEYSECOND"))
    (later,) = at(floor, "17:00")
    assert "snooze" in actions_of(later)
    answer = command(floor, tap(alert, "no_reply_needed").subject)
    assert "新しいメッセージ" in str(answer.message["Subject"])
    assert floor.case().snoozed_until is None


def test_putting_off_twice_takes_two_alerts(floor):
    """A link works once; the alert after it has another."""
    waiting_since(floor)
    (alert,) = at(floor, "12:00")
    assert "あとで" in str(command(floor, tap(alert, "snooze").subject).message["Subject"])
    assert "済んでいる" in str(command(floor, tap(alert, "snooze").subject).message["Subject"])
    (later,) = at(floor, "17:00")
    assert "あとで" in str(command(floor, tap(later, "snooze").subject).message["Subject"])


# Warnings, and other paths


def test_warnings_are_shown_and_their_overruling_is_recorded(floor):
    """The mail that offers the sending names what is doubtful; the tap is the person's word on it."""
    waiting_since(floor)
    floor.drafter.turn()
    revise(floor, "承知いたしました。本日中に手続きいたします。\n")
    (alert,) = at(floor, "12:00")
    assert actions_of(alert) == ALL
    assert "送る前にご確認ください" in floor.alerts()[-1].text
    command(floor, tap(alert, "approve").subject)
    with floor.database.read() as uow:
        (detail,) = [detail for _, action, detail in uow.events.of_case(1) if action == "approved"]
    assert "reply despite:" in detail


def test_no_token_leaves_by_webhook(shop_database):
    """The short form for a chat tells numbers and times, and no link."""
    floor = Shopfloor(shop_database, shop=make_shop(second_paths=("webhook",)))
    floor.read()
    waiting_since(floor)
    (alert,) = at(floor, "12:00")
    command(floor, tap(alert, "approve").subject, proof="none")
    floor.delivery.turn()
    (hook,) = floor.webhook.mails
    said = hook.content.decode()
    assert "mailto" not in said
    assert "sokuresu:" not in said
    assert not any(one.token in said for mail in floor.alerts() for one in taps(mail.content))


def test_a_stored_alert_gives_no_command(floor):
    """What stands in the database in the place of a token is not one."""
    waiting_since(floor)
    at(floor, "12:00")
    (item,) = [one for one in floor.outbox(None) if one.kind is OutboxKind.ALERT]
    assert item.content is None
    with floor.database.read() as uow:
        places = [one.placeholder for one in uow.offers.of_mail(item.id)]
    assert len(places) == 4
    for place in places:
        assert place in item.text
        answer = command(floor, f"[sokuresu:{place}]")
        assert "操作が分かりませんでした" in str(answer.message["Subject"])
    assert {mail.recipient for mail in floor.sent()} == {OWNER, buyer(1).address}
    assert floor.case().state == "open"
