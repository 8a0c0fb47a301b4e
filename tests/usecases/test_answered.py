"""What answers a case and what does not: our own mail coming back, a person's mail, failures (decision 1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from daemon.housekeeping import tidy
from daemon.shop import SaveSent
from state.model import AnswerSource, CaseState
from tests.beds.post import answer_mail, buyer, claim, dated, name_of, opted_out, order_of, reply_copy
from tests.beds.shopfloor import OPENED, Shopfloor, make_account, make_shop
from tests.unit.parsers.mails import bounce, ordinary
from tests.unit.state.examples import DAY, HOUR, local

MINUTE = timedelta(minutes=1)
TEXT = "お待たせしました。本日、新しい品をお送りいたします。"
OTHER_CASE = {"case": "0f3b21c9-3fc2-4b43-8b26-999999999999", "order": order_of(9), "key": "A0OTHER"}


@pytest.fixture
def waiting(floor):
    """A case that was acknowledged an hour ago."""
    floor.work(buyer(1))
    floor.clock.advance(HOUR)
    return floor


def acknowledgment(floor):
    return floor.acknowledgments()[0]


def answers(floor, case=1):
    with floor.database.read() as uow:
        return uow.answers.of_case(case)


def in_sent(floor, content, message_id=""):
    """Let a mail appear in the Sent folder and read it."""
    floor.receive(content, folder="Sent", message_id=message_id)
    floor.read()


# Our own mail


def test_our_own_mail_coming_back_answers_nothing(waiting):
    """The acknowledgment's Sent copy and Amazon's copy both arrive; the case is in the next alert."""
    in_sent(waiting, acknowledgment(waiting).content)
    waiting.work(reply_copy(acknowledgment(waiting).text))
    assert (waiting.case().state, waiting.case().to_confirm_at, answers(waiting)) == ("open", None, ())
    item = waiting.acknowledgment()
    assert None not in (item.filed_at, item.copy_confirmed_at)
    waiting.clock.set(local("2026-11-17 12:00"))
    (alert,) = waiting.alert()
    assert order_of(1) in alert.text


@pytest.mark.parametrize("gone", ["Message-ID", "X-Sokuresu-Outbox", "both"])
@pytest.mark.parametrize("kept_as", [None, "X-Google-Original-Message-ID", "X-Microsoft-Original-Message-ID"])
def test_our_own_mail_is_known_after_a_provider_rewrote_it(waiting, gone, kept_as):
    """Gmail and Outlook move the Message-ID aside, SES keeps none; our header, or alias and text, remain."""
    mail = acknowledgment(waiting).message
    ours = mail["Message-ID"]
    for name in ("Message-ID", "X-Sokuresu-Outbox"):
        if gone in {name, "both"}:
            del mail[name]
    if kept_as:
        mail[kept_as] = ours
    in_sent(waiting, bytes(mail), message_id="rewritten@provider.example")
    assert (waiting.case().state, answers(waiting)) == ("open", ())
    assert waiting.acknowledgment().filed_at == waiting.clock.now()


def test_our_own_mail_is_known_when_quoted_printable_became_base64(waiting):
    """Providers may encode anew; the letters are what is compared."""
    text = acknowledgment(waiting).text.replace("\r\n", "\n")
    in_sent(waiting, answer_mail(buyer(1).address, text))
    assert waiting.case().state == "open"


def test_a_robot_in_the_sent_folder_answers_nothing(waiting):
    """The account's own vacation reply to the buyer is no person's answer."""
    in_sent(waiting, answer_mail(buyer(1).address, "休暇中です", Auto_Submitted="auto-replied"))
    assert (waiting.case().state, answers(waiting)) == ("open", ())


@pytest.mark.parametrize("said", [{"Auto_Submitted": "auto-replied"}, {"X_Auto_Response_Suppress": "All"}])
def test_an_acknowledgment_from_a_lost_database_answers_nothing(waiting, said):
    """A restored backup does not know the row; the headers still say that no person decided on it."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT, X_Sokuresu_Outbox="gone@shop.example", **said))
    assert waiting.case().state == "open"


def test_an_approved_answer_from_a_lost_database_answers(waiting):
    """A person had approved it, and it lies in the Sent folder: the buyer has it."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT, X_Sokuresu_Outbox="gone@shop.example"))
    assert waiting.case().state == "answered"


def test_a_copy_of_our_mail_is_known_however_amazon_wraps_it(waiting):
    """White space and widths are Amazon's business."""
    text = acknowledgment(waiting).text
    wrapped = "\n".join(text[at : at + 7] for at in range(0, len(text), 7)).replace("0", "０")
    waiting.work(reply_copy(f"前置き\n{wrapped}\nAmazonより"))
    assert waiting.acknowledgment().copy_confirmed_at is not None
    assert waiting.case().to_confirm_at is None


def test_a_copy_of_our_mail_is_known_by_the_buyers_name_alone(waiting):
    """A pre-sale question has no order; the width of the blank in a name is Amazon's choice each time."""
    wide = name_of(1).replace(" ", "\N{IDEOGRAPHIC SPACE}")
    waiting.work(reply_copy(acknowledgment(waiting).text, order=None, name=wide))
    assert waiting.acknowledgment().copy_confirmed_at is not None


# A person


def test_a_persons_sent_mail_answers(waiting):
    """From whatever mail program: the clock stops at the moment it was sent."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    case = waiting.case()
    assert (case.state, case.answered_at) == ("answered", OPENED + HOUR)
    assert [(one.at, one.source) for one in answers(waiting)] == [(OPENED + HOUR, AnswerSource.SENT_MAIL)]
    waiting.clock.set(local("2026-11-17 12:00"))
    assert waiting.alert() == []


def test_a_mail_to_the_bare_alias_answers_too(waiting):
    """Some mail programs lose the suffix; there is only one open case of this buyer."""
    in_sent(waiting, answer_mail(buyer(1).address.replace(f"+{buyer(1).case}", ""), TEXT))
    assert waiting.case().state == "answered"


def test_a_mail_to_the_alias_in_capitals_answers_too(waiting):
    """Domains have no case, and address books change it."""
    local_part, _, domain = buyer(1).address.partition("@")
    in_sent(waiting, answer_mail(f"{local_part}@{domain.upper()}", TEXT))
    assert waiting.case().state == "answered"


def test_a_mail_with_only_a_drafts_header_is_a_persons_answer(waiting):
    """The person took our draft and sent it: that is the review."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT, X_Sokuresu_Draft="1.abc"))
    assert waiting.case().state == "answered"


def test_a_person_who_quotes_our_acknowledgment_answers(waiting):
    """What stands below the person's words does not make it ours."""
    quoted = "\n".join(f"> {line}" for line in acknowledgment(waiting).text.splitlines())
    in_sent(waiting, answer_mail(buyer(1).address, f"{TEXT}\n\n{quoted}"))
    assert waiting.case().state == "answered"


def test_mail_to_somebody_else_answers_nothing(waiting):
    """Nor is it read."""
    read_before = len(waiting.inbox.bodies_read)
    in_sent(waiting, ordinary("shop@shop.example", "Hello", "friend"))
    assert (waiting.case().state, len(waiting.inbox.bodies_read)) == ("open", read_before)


def test_mail_to_another_buyer_answers_nothing(waiting):
    """Each buyer waits for an own answer."""
    in_sent(waiting, answer_mail(buyer(2).address, TEXT))
    assert waiting.case().state == "open"


def test_a_sent_mail_from_before_the_message_answers_nothing(waiting):
    """A mail of last month, seen only now, is about something else."""
    waiting.receive(answer_mail(buyer(1).address, TEXT), folder="Sent", at=OPENED - DAY)
    waiting.read()
    assert (waiting.case().state, waiting.case().to_confirm_at) == ("open", None)


def test_a_new_message_reopens(waiting):
    """What the buyer writes after the answer waits again, with deadlines of its own."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(HOUR)
    waiting.work(buyer(1, key="A0SECOND", text="それでは困ります。"))
    case = waiting.case()
    assert (case.state, case.answered_at) == ("open", None)
    first, second = waiting.messages()
    assert (first.answered_at, second.answered_at) == (OPENED + HOUR, None)
    assert second.amazon_by == waiting.clock.now() + DAY


def test_an_answer_answers_the_messages_up_to_it(waiting):
    """A message that crossed the answer on its way still waits."""
    waiting.receive(buyer(1, key="A0SECOND"))
    waiting.receive(answer_mail(buyer(1).address, TEXT), folder="Sent", at=waiting.clock.now() - MINUTE)
    waiting.read()
    assert waiting.case().state == "open"
    assert [one.answered_at is None for one in waiting.messages()] == [False, True]


def test_the_same_sent_mail_read_again_is_one_answer(waiting):
    """A renumbered Sent folder changes nothing, not even after the buyer wrote again."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(HOUR)
    waiting.work(buyer(1, key="A0SECOND"))
    waiting.inbox.renumber("Sent", uidvalidity=9)
    waiting.read()
    assert len(answers(waiting)) == 1
    assert waiting.case().state == "open"


# Amazon's copies


def test_amazons_copy_of_a_persons_reply_answers(waiting):
    """Written in Seller Central: Amazon's copy is all that we see of it."""
    waiting.work(reply_copy(acknowledgment(waiting).text))
    waiting.work(reply_copy(TEXT))
    assert waiting.case().state == "answered"
    assert answers(waiting)[0].source == AnswerSource.COPY


def test_the_first_unknown_copy_is_left_to_a_person(waiting):
    """It may be our acknowledgment with a text that Amazon changed: to confirm, and still in the alerts."""
    waiting.work(reply_copy(TEXT))
    assert (waiting.case().state, waiting.case().to_confirm_at) == ("open", waiting.clock.now())
    waiting.clock.set(local("2026-11-17 12:00"))
    (alert,) = waiting.alert()
    assert order_of(1) in alert.text


def test_the_second_unknown_copy_answers(waiting):
    """Only one of them can have been the acknowledgment's."""
    waiting.work(reply_copy(TEXT))
    waiting.clock.advance(MINUTE)
    waiting.work(reply_copy("別の返事です。発送しました。"))
    assert (waiting.case().state, waiting.case().to_confirm_at) == ("answered", None)


def test_one_changed_copy_mailed_to_two_addresses_answers_nothing(waiting):
    """Amazon mails the changed copy of our acknowledgment to both registered addresses: it is one copy."""
    waiting.work(reply_copy(TEXT))
    waiting.work(reply_copy(TEXT))
    assert (waiting.case().state, answers(waiting)) == ("open", ())


def test_an_unproven_copy_does_not_use_up_the_doubt(waiting):
    """Whoever mails a copy without proof cannot make the acknowledgment's own copy close the case."""
    waiting.work(reply_copy("誰かの文", proof="none"))
    waiting.clock.advance(MINUTE)
    waiting.work(reply_copy(TEXT))
    assert waiting.case().state == "open"


def test_a_copy_with_a_sent_mail_behind_it_is_that_mail(waiting):
    """The person wrote by mail and Amazon copies it: one answer, nothing to confirm."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.work(reply_copy(TEXT))
    assert (len(answers(waiting)), waiting.case().to_confirm_at) == (1, None)


def test_a_copy_without_any_acknowledgment_answers_at_once(shop_database):
    """Nothing of ours can come back, so the first copy is a person's."""
    floor = Shopfloor(shop_database)
    floor.read()
    floor.work(buyer(1, text="ありがとうございました。無事に届きました。"))
    assert floor.acknowledgments() == []
    floor.clock.advance(HOUR)
    floor.work(reply_copy(TEXT))
    assert floor.case().state == "answered"


def test_a_copy_that_fits_two_cases_closes_none(waiting):
    """Two unanswered cases of one order: a person has to say which."""
    waiting.work(reply_copy(acknowledgment(waiting).text))
    waiting.work(buyer(1, case="0f3b21c9-3fc2-4b43-8b26-999999999999", key="A0OTHER"))
    waiting.clock.advance(MINUTE)
    waiting.work(reply_copy(TEXT))
    assert [case.state for case in waiting.cases()] == ["open", "open"]
    assert None not in [case.to_confirm_at for case in waiting.cases()]


@pytest.mark.parametrize("proof", ["none", "fail"])
def test_an_unproven_copy_closes_nothing(waiting, proof):
    """Anybody can write such a mail."""
    waiting.work(reply_copy(acknowledgment(waiting).text))
    waiting.work(reply_copy(TEXT, proof=proof))
    assert (waiting.case().state, answers(waiting)) == ("open", ())


def test_a_proven_copy_after_an_unproven_one_answers(waiting):
    """The second mailbox got the same copy with a result."""
    waiting.work(reply_copy(acknowledgment(waiting).text))
    waiting.work(reply_copy(TEXT, proof="none"), message_id="copy@amazon.example")
    waiting.work(reply_copy(TEXT), message_id="copy@amazon.example")
    assert waiting.case().state == "answered"


def test_a_copy_for_an_unknown_order_is_nothing(waiting):
    """It concerns no case; nobody is asked."""
    waiting.work(reply_copy(TEXT, order=order_of(77), name=name_of(7)))
    assert (waiting.case().state, waiting.case().to_confirm_at) == ("open", None)


def test_a_copy_read_again_answers_once(waiting):
    """A renumbered inbox brings the copy of an old answer; the new message still waits."""
    waiting.work(reply_copy(acknowledgment(waiting).text))
    waiting.work(reply_copy(TEXT))
    waiting.clock.advance(HOUR)
    waiting.work(buyer(1, key="A0SECOND"))
    waiting.inbox.renumber(uidvalidity=9)
    waiting.work()
    assert (len(answers(waiting)), waiting.case().state) == (1, "open")


def test_a_forged_mail_voids_no_answer(waiting):
    """A forged message in the buyer's name does not reopen what was answered."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(HOUR)
    waiting.work(buyer(1, key="A0FORGED", proof="fail"))
    assert waiting.case().state == "answered"


# Ambiguous Sent mail


def test_a_mail_that_may_answer_two_cases_answers_none(waiting):
    """Without suffix and thread nobody can tell; both are to confirm."""
    waiting.work(buyer(1, **OTHER_CASE))
    in_sent(waiting, answer_mail(buyer(1).address.replace(f"+{buyer(1).case}", ""), TEXT))
    assert [case.state for case in waiting.cases()] == ["open", "open"]
    assert None not in [case.to_confirm_at for case in waiting.cases()]


def test_the_thread_tells_which_of_two_cases(waiting):
    """In-Reply-To names the message that was answered."""
    waiting.work(buyer(1, **OTHER_CASE), message_id="second@amazon.example")
    bare = buyer(1).address.replace(f"+{buyer(1).case}", "")
    in_sent(waiting, answer_mail(bare, TEXT, In_Reply_To="<second@amazon.example>"))
    assert [case.state for case in waiting.cases()] == ["open", "answered"]


def test_the_suffix_tells_which_of_two_cases(waiting):
    """Amazon's own id in the alias decides."""
    waiting.work(buyer(1, **OTHER_CASE))
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    assert [case.state for case in waiting.cases()] == ["answered", "open"]


# Failures


@pytest.mark.playbook('"the mail to the buyer was not delivered" (the buyer refuses seller mail)')
def test_a_delivery_failure_reopens_with_the_same_deadline(waiting):
    """Amazon did not hand the answer on: the buyer still waits since then, and the owner hears at once."""
    respond_by = waiting.messages()[0].respond_by
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(MINUTE)
    waiting.work(opted_out(1))
    case = waiting.case()
    assert (case.state, case.answered_at, case.undelivered_at) == ("open", None, waiting.clock.now())
    assert waiting.messages()[0].respond_by == respond_by
    assert waiting.words() == ["undelivered"]
    (alert,) = waiting.alert()
    assert order_of(1) in alert.text


def test_an_unproven_delivery_failure_withdraws_nothing(waiting):
    """Anybody can claim that something failed."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.work(opted_out(1, proof="none"))
    assert waiting.case().state == "answered"


def test_a_forged_delivery_failure_is_quarantined(waiting):
    """It withdraws nothing and is shown."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    (taken,) = waiting.work(opted_out(1, proof="fail"))
    assert (taken.outcome, waiting.case().state) == ("quarantined", "answered")


def test_a_bounce_that_names_our_mail_is_believed(waiting):
    """Nobody else knows the Message-ID; the provider's report needs no signature."""
    ours = waiting.acknowledgment().message_id
    waiting.work(bounce(buyer(1).address, ours))
    assert waiting.acknowledgment().undelivered_at == waiting.clock.now()
    assert waiting.case().undelivered_at == waiting.clock.now()
    assert waiting.words() == ["undelivered"]


def test_a_bounce_of_a_persons_answer_withdraws_it(waiting):
    """The mail program's own mail did not arrive."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT), message_id="mine@shop.example")
    waiting.clock.advance(MINUTE)
    waiting.work(bounce(buyer(1).address, "mine@shop.example"))
    assert waiting.case().state == "open"
    assert waiting.words() == ["undelivered"]


def test_a_bounce_of_a_strangers_mail_is_nothing(waiting):
    """It names no mail of ours."""
    waiting.work(bounce("friend@example.org", "stranger@shop.example"))
    assert (waiting.case().undelivered_at, waiting.words()) == (None, [])


def test_an_answer_after_a_failure_stands(waiting):
    """The person tried again another way; the failure is settled."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.work(opted_out(1))
    waiting.clock.advance(HOUR)
    in_sent(waiting, answer_mail(buyer(1).address, f"[重要] {TEXT}"))
    assert (waiting.case().state, waiting.case().undelivered_at) == ("answered", None)


def test_an_answer_after_a_failure_stands_when_both_are_seen_late(waiting):
    """After an outage both come at once: what counts is when they happened."""
    failed_at = waiting.clock.now()
    waiting.receive(answer_mail(buyer(1).address, TEXT), folder="Sent", at=failed_at - MINUTE)
    waiting.receive(opted_out(1), at=failed_at)
    waiting.receive(answer_mail(buyer(1).address, f"[重要] {TEXT}"), folder="Sent", at=failed_at + MINUTE)
    waiting.clock.advance(3 * HOUR)
    waiting.read()
    assert waiting.case().state == "answered"


def test_an_answer_before_a_failure_falls_when_both_are_seen_late(waiting):
    """The inbox is read before the Sent folder; the failed answer is not taken for one."""
    failed_at = waiting.clock.now()
    waiting.receive(answer_mail(buyer(1).address, TEXT), folder="Sent", at=failed_at - MINUTE)
    waiting.receive(opted_out(1), at=failed_at)
    waiting.clock.advance(3 * HOUR)
    waiting.read()
    assert waiting.case().state == "open"


def test_a_failure_without_a_case_is_a_visible_entry(floor):
    """Some mail about an order that we know nothing of failed: a person should know."""
    (taken,) = floor.work(opted_out(5))
    assert (taken.outcome, floor.words(), floor.cases()) == ("quarantined", ["undelivered"], ())


def test_a_failure_notice_in_two_mailboxes_withdraws_once(shop_database):
    """Both registered addresses get it; the answer given in between stands."""
    floor = Shopfloor(shop_database, make_shop(make_account("main"), make_account("second")))
    floor.read()
    floor.work(buyer(1), mailbox="main")
    floor.clock.advance(HOUR)
    notice = opted_out(1)
    floor.work(notice, mailbox="main", message_id="failure@amazon.example")
    floor.clock.advance(HOUR)
    floor.receive(answer_mail(buyer(1).address, TEXT), folder="Sent")
    floor.work()
    floor.work(notice, mailbox="second", message_id="failure@amazon.example", at=OPENED + HOUR)
    assert floor.case().state == "answered"
    assert floor.words() == ["undelivered"]


# States


def test_an_answered_case_is_closed_after_thirty_days(waiting):
    """Later mail opens a new one that names it."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(30 * DAY + MINUTE)
    tidy(waiting.database, waiting.shop, waiting.clock)
    assert waiting.case().state is CaseState.CLOSED
    waiting.work(buyer(1, key="A0SECOND"))
    assert (waiting.case(2).state, waiting.case(2).linked_to) == ("open", 1)


def test_a_claim_on_an_answered_case_reopens_it(waiting):
    """The buyer goes on elsewhere; the owner hears at once."""
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(HOUR)
    waiting.work(claim(1))
    assert (waiting.case().state, waiting.words()) == ("open", ["claim"])


def test_our_filed_copy_does_not_answer(shop_database):
    """What we put into Sent ourselves is read back as our own."""
    floor = Shopfloor(shop_database, make_shop(make_account(save_sent=SaveSent.ALWAYS)))
    floor.read()
    floor.work(buyer(1))
    floor.read()
    floor.read()
    assert floor.inbox.uids("Sent") == [1]
    assert (floor.case().state, answers(floor)) == ("open", ())


def test_dated_mail_of_ours_far_in_the_past_is_still_ours(waiting):
    """By Message-ID there is no limit of days."""
    copy = dated(acknowledgment(waiting).content, OPENED, waiting.acknowledgment().message_id)
    waiting.clock.advance(20 * DAY)
    waiting.inbox.deliver(copy, "Sent", at=waiting.clock.now())
    waiting.read()
    assert waiting.case().state == "open"


def test_a_mail_to_a_conversation_that_we_do_not_know_is_left_to_a_person(waiting):
    """The same buyer may have two matters; an answer to the other one does not answer this."""
    other = buyer(1, case=OTHER_CASE["case"]).address
    in_sent(waiting, answer_mail(other, TEXT))
    assert (waiting.case().state, waiting.case().to_confirm_at) == ("open", waiting.clock.now())


def test_an_answer_to_a_mail_from_the_junk_folder_counts(floor):
    """Both are found in one round, as after an outage: the question is read before the answer."""
    floor.receive(buyer(1), folder="Junk")
    floor.clock.advance(HOUR)
    in_sent(floor, answer_mail(buyer(1).address, TEXT))
    assert (floor.case().state, floor.acknowledgments()) == ("answered", [])


def test_a_message_that_was_delayed_is_not_answered_before_it_came(waiting):
    """Nobody had seen it when the answer was written; the owner must hear of it."""
    written = waiting.clock.now()
    waiting.clock.advance(30 * MINUTE)
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(30 * MINUTE)
    waiting.work(buyer(1, key="A0SECOND", text="返金してください。"), date=written)
    assert (waiting.case().state, len(waiting.acknowledgments())) == ("open", 1)
    waiting.clock.set(local("2026-11-17 17:00"))
    (alert,) = waiting.alert()
    assert "返金してください。" in alert.text
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    assert waiting.case().state == "answered"


def test_a_delayed_first_message_that_was_perhaps_answered_is_not_acknowledged(waiting):
    """An answer from while it was on its way may have meant it: the owner is asked, not the buyer told."""
    written = waiting.clock.now()
    later = {"case": None, "order": order_of(1), "key": "A0SECOND"}
    waiting.clock.advance(13 * HOUR)
    in_sent(waiting, answer_mail(buyer(1).address, TEXT))
    waiting.clock.advance(HOUR)
    waiting.work(buyer(1, **later), date=written)
    assert (waiting.case().state, len(waiting.acknowledgments())) == ("open", 1)


def test_a_changed_copy_of_a_sent_mail_does_not_answer_what_came_after_it(waiting):
    """Amazon cut the link out of the person's mail, and the buyer wrote again before the copy came."""
    waiting.work(reply_copy(acknowledgment(waiting).text))
    in_sent(waiting, answer_mail(buyer(1).address, f"{TEXT} https://shop.example/1"))
    waiting.clock.advance(MINUTE)
    waiting.work(buyer(1, key="A0SECOND", text="やはり返品します。"))
    waiting.clock.advance(MINUTE)
    (taken,) = waiting.work(reply_copy(f"{TEXT} (削除されました)"))
    assert (taken.outcome, waiting.case().state) == ("copy_to_confirm", "open")
    waiting.clock.advance(2 * HOUR)
    waiting.work(reply_copy("返品を承りました。"))
    assert waiting.case().state == "answered"
