"""From an approval to the buyer: once, past every fence, or back to the person; on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from daemon.errors import SokuresuError
from daemon.ports import Verdict
from daemon.review import ReviewRefused, check_draft
from daemon.review import approve as review_approve
from daemon.work import Work
from state.approval_rules import ApprovalRefusal
from state.model import AnswerSource
from tests.beds.post import buyer, name_of, order_of, reply_copy
from tests.beds.reviewing import (
    OWN_WORDS,
    QUESTION,
    answer_in_app,
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
from tests.unit.state.examples import HOUR

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(floor):
    """A complaint of an hour ago whose draft is ready, acknowledged and copied by Amazon."""
    floor.start(usual_fulfilment="fba")
    day_goes_on(floor, complaint(1))
    day_goes_on(floor, reply_copy(floor.acknowledgments()[0].text))
    floor.clock.advance(HOUR)
    return floor


def stands(floor):
    """Where every approved mail stands."""
    return [item.state.value for item in approvals_of(floor)]


def events(floor, case=1):
    with floor.database.read() as uow:
        return [(action, detail) for _, action, detail in uow.events.of_case(case)]


def refusal(floor, draft=None):
    """Why an approval is refused."""
    with pytest.raises(ReviewRefused) as caught:
        approve(floor, draft)
    return caught.value.refusal


# Approved


def test_an_approved_draft_leaves_once(desk):
    """As a plain reply on the buyer's thread with our Message-ID, and the case is answered by it."""
    item = approve(desk)
    assert (item.state, states(desk)) == ("queued", ["approved"])
    day_goes_on(desk)
    (mail,) = left(desk)
    reply, draft = mail.message, drafts(desk)[0]
    assert (mail.recipient, reply["To"]) == (complaint(1).address, complaint(1).address)
    assert reply["Message-ID"] == f"<{item.message_id}>"
    assert reply["X-Sokuresu-Outbox"] == item.message_id
    assert (reply["X-Sokuresu-Draft"], reply["Auto-Submitted"]) == (None, None)
    assert reply["In-Reply-To"] == f"<{desk.messages()[0].message_id}>"
    assert mail.text.replace("\r\n", "\n") == draft.text
    (answer,) = answers_of(desk)
    assert (answer.source, answer.last_seen) == (AnswerSource.APPROVED, desk.messages()[0].id)
    assert (desk.case().state, desk.case().answered_at) == ("answered", desk.clock.now())
    for _ in range(3):
        desk.clock.advance(HOUR)
        day_goes_on(desk)
    assert (len(left(desk)), stands(desk), desk.words()) == (1, ["sent"], [])


def test_it_waits_for_a_look_into_the_folders(desk):
    """The sender alone never sends it, and asks for that account's folders to be looked into."""
    asked = []
    desk.delivery.on_uncleared = asked.append
    approve(desk)
    for _ in range(3):
        desk.delivery.turn()
    assert (left(desk), stands(desk), asked) == ([], ["queued"], ["main"] * 3)
    desk.read()
    desk.delivery.turn()
    assert len(left(desk)) == 1


def test_the_sender_is_told_when_it_may_go(desk):
    """Nobody waits for the next round."""
    told = []
    desk.drafts_folders["main"]._on_cleared = lambda: told.append("go")
    desk.read()
    assert told == []
    approve(desk)
    desk.read()
    assert told == ["go"]


def test_an_old_look_does_not_count(desk):
    """Half a minute later a person may have sent it from the mail program: it is looked into again."""
    approve(desk)
    desk.read()
    desk.clock.advance(31 * SECOND)
    desk.delivery.turn()
    assert left(desk) == []
    desk.read()
    desk.clock.advance(30 * SECOND)
    desk.delivery.turn()
    assert len(left(desk)) == 1


def test_a_look_from_before_a_clock_that_was_set_back_does_not_count(desk):
    """Its instant lies ahead, so nobody knows how old it is."""
    approve(desk)
    desk.read()
    desk.clock.advance(-5 * MINUTE)
    desk.delivery.turn()
    assert left(desk) == []


def test_what_is_approved_during_a_pass_waits_for_the_next(desk):
    """The Sent folder may have been read before the approval: that pass proves nothing about it."""
    reader = desk.readers["main"]
    full_pass = reader.full_pass

    def approve_meanwhile(mailbox):
        full_pass(mailbox)
        if not approvals_of(desk):
            approve(desk)

    reader.full_pass = approve_meanwhile
    desk.read()
    desk.delivery.turn()
    assert (left(desk), stands(desk)) == ([], ["queued"])
    desk.read()
    desk.delivery.turn()
    assert len(left(desk)) == 1


def test_each_account_answers_its_own_cases(shop_database):
    """A case of the second mailbox is answered from its address, past its own folders."""
    shop = make_shop(make_account("main"), make_account("second"), usual_fulfilment="fba")
    floor = Shopfloor(shop_database, shop)
    floor.read()
    day_goes_on(floor, complaint(1), mailbox="second")
    approve(floor)
    floor.read("main")
    floor.delivery.turn()
    assert left(floor) == []
    floor.read("second")
    floor.delivery.turn()
    assert [mail.sender for mail in left(floor)] == ["second@shop.example"]


def test_a_mailbox_that_is_gone_sends_nothing(desk):
    """The account was taken out of the configuration: the person is asked."""
    approve(desk)
    other = Shopfloor(desk.database, make_shop(make_account("other")))
    other.clock = desk.clock
    other.start()
    day_goes_on(other)
    assert (left(other), voids(other), states(other)) == ([], ["no_address"], ["open"])


# Two people


def at_once(*jobs):
    """Run all at the same instant; tells what each gave or raised."""
    results, barrier = [None] * len(jobs), threading.Barrier(len(jobs))

    def run(number, job):
        barrier.wait(10)
        try:
            results[number] = job()
        except SokuresuError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_approvals_at_once_are_one_mail(desk):
    """One person has approved it, the others hear that it is on its way."""
    draft = open_draft(desk)
    results = at_once(*[lambda: approve(desk, draft)] * 4)
    refused = [one for one in results if isinstance(one, ReviewRefused)]
    assert [one.refusal for one in refused] == [ApprovalRefusal.BEING_SENT] * 3
    day_goes_on(desk)
    assert (len(left(desk)), stands(desk)) == (1, ["sent"])


def test_an_approval_and_another_answer_at_once_are_one_answer(desk):
    """Whichever is stored first counts: the command's answer voids the approval, or comes after it."""
    draft = open_draft(desk)
    at_once(lambda: approve(desk, draft), lambda: say_answered(desk))
    day_goes_on(desk)
    assert (left(desk), desk.case().state) == ([], "answered")


def test_an_approval_after_the_mail_left_is_refused(desk):
    """The same version is never sent twice by approving it twice."""
    draft = open_draft(desk)
    approve(desk)
    assert refusal(desk, draft) == "being_sent"
    day_goes_on(desk)
    assert refusal(desk, draft) == "already_sent"
    assert len(left(desk)) == 1


# The fence


def buyer_again(desk):
    desk.receive(complaint(1, key="A0SECOND"))


def copy_again(desk):
    desk.receive(reply_copy(OWN_WORDS))


FENCES = [
    (buyer_again, "buyer_wrote_again", "open"),
    (answer_in_app, "answered_meanwhile", "answered"),
    (copy_again, "answered_meanwhile", "answered"),
    (say_answered, "answered_meanwhile", "answered"),
]


@pytest.mark.parametrize(("happen", "word", "state"), FENCES)
def test_what_comes_between_approval_and_claim_voids_it(desk, happen, word, state):
    """It is withdrawn, the person hears why, and nothing left."""
    approve(desk)
    happen(desk)
    day_goes_on(desk)
    assert (left(desk), stands(desk), voids(desk)) == ([], ["withdrawn"], [word])
    assert (desk.case().state, "approved" in states(desk)) == (state, False)
    (told,) = [one for one in desk.notices() if one.word == "approval_void"]
    assert told.case_id == 1


@pytest.mark.parametrize(("happen", "word", "state"), FENCES)
def test_what_comes_between_the_look_and_the_claim_voids_it(desk, happen, word, state):
    """The folders allowed it; what was stored since is judged in the transaction that claims it."""
    approve(desk)
    desk.read()
    desk.clock.advance(SECOND)
    happen(desk)
    desk.readers["main"].full_pass(desk.connection("main"))
    desk.delivery.turn()
    assert (left(desk), stands(desk), voids(desk)) == ([], ["withdrawn"], [word])
    assert (desk.case().state, states(desk)) == (state, ["open"])


def test_after_the_buyer_wrote_again_the_new_draft_is_what_waits(desk):
    """The voided version stays on record; the new one may be approved and goes."""
    approve(desk)
    day_goes_on(desk, complaint(1, key="A0SECOND"))
    assert states(desk)[-1] == "open"
    assert open_draft(desk).version == 2
    approve(desk)
    day_goes_on(desk)
    assert (len(left(desk)), stands(desk)) == (1, ["withdrawn", "sent"])
    assert desk.case().state == "answered"


@pytest.mark.parametrize("proof", ["none", "fail"])
def test_an_unproven_message_voids_nothing_and_stays_unanswered(desk, proof):
    """Anybody could stop the shop's answers otherwise; what nobody saw is not answered by it."""
    approve(desk)
    desk.receive(complaint(1, key="A0SECOND", proof=proof))
    day_goes_on(desk)
    assert (len(left(desk)), stands(desk)) == (1, ["sent"])
    unanswered = [message.message_key for message in desk.messages() if message.unanswered]
    assert unanswered == (["A0SECOND"] if proof == "none" else [])
    assert desk.case().state == ("open" if proof == "none" else "answered")
    day_goes_on(desk)
    assert states(desk)[-1] == ("open" if proof == "none" else "approved")


def test_a_message_that_came_while_the_mail_was_handed_over_gets_its_draft(desk, monkeypatch):
    """The server thinks about our answer while the buyer writes again and the next draft is made."""
    exit_ = desk.exits["main"]
    send = type(exit_).send

    def send_slowly(self, **mail):
        desk.receive(complaint(1, key="A0SECOND"))
        desk.read()
        desk.drafter.turn()
        return send(self, **mail)

    approve(desk)
    desk.read()
    monkeypatch.setattr(type(exit_), "send", send_slowly)
    desk.delivery.turn()
    monkeypatch.undo()
    day_goes_on(desk)
    assert len(left(desk)) == 1
    assert (open_draft(desk).sight.message, open_draft(desk).sight.answer > 0) == (2, True)
    assert len(in_drafts(desk)) == 1
    approve(desk)
    day_goes_on(desk)
    assert (len(left(desk)), desk.case().state) == (2, "answered")


def test_an_unproven_message_that_is_proven_later_voids_it(desk):
    """The copy with a result came in the other folder, before the mail was claimed."""
    approve(desk)
    desk.receive(complaint(1, key="A0SECOND", proof="none"), message_id="again@amazon.example")
    desk.readers["main"].full_pass(desk.connection("main"))
    desk.receive(complaint(1, key="A0SECOND"), message_id="again@amazon.example")
    day_goes_on(desk)
    assert (left(desk), voids(desk)) == ([], ["buyer_wrote_again"])


def test_a_message_that_was_not_read_yet_stays_open(desk):
    """It lay in the inbox when the approved mail left, and nobody had seen it."""
    approve(desk)
    desk.read()
    desk.receive(complaint(1, key="A0SECOND"))
    desk.clock.advance(SECOND)
    desk.delivery.turn()
    assert len(left(desk)) == 1
    desk.clock.advance(MINUTE)
    day_goes_on(desk)
    assert [message.answered_at is None for message in desk.messages()] == [False, True]
    assert (desk.case().state, states(desk)) == ("open", ["approved", "open"])


def test_an_old_version_is_refused_unless_it_is_chosen(desk):
    """The person looked at a version that another person has replaced."""
    old = open_draft(desk)
    write_anew(desk, OWN_WORDS)
    assert refusal(desk, old) == "old_version"
    day_goes_on(desk)
    assert left(desk) == []


def test_a_stale_version_is_refused(desk):
    """The buyer wrote again after the person looked: the approval comes too late."""
    old = open_draft(desk)
    day_goes_on(desk, complaint(1, key="A0SECOND"))
    assert refusal(desk, old) == "buyer_wrote_again"


def test_a_version_of_an_answered_case_is_refused(desk):
    """Somebody was quicker."""
    old = open_draft(desk)
    day_goes_on(desk)
    answer_in_app(desk)
    day_goes_on(desk)
    assert refusal(desk, old) == "answered_meanwhile"


def test_a_version_is_refused_while_another_one_is_on_its_way(desk):
    """Two versions of one answer would be two mails."""
    first = open_draft(desk)
    second = write_anew(desk, OWN_WORDS)
    approve(desk, second)
    assert refusal(desk, first) == "being_sent"
    day_goes_on(desk)
    assert len(left(desk)) == 1


# Words


@pytest.mark.parametrize(
    "text", [f"{OWN_WORDS}〔お届け日〕", f"{OWN_WORDS} 詳しくは https://shop.example/ をご覧ください。", " "]
)
def test_errors_and_blanks_cannot_be_approved(desk, text):
    """Nothing is queued, and what is wrong is told."""
    write_anew(desk, text)
    with pytest.raises(ReviewRefused) as caught:
        approve(desk)
    assert caught.value.refusal == "forbidden_words"
    assert caught.value.findings
    assert approvals_of(desk) == []


def test_a_template_with_blanks_cannot_be_approved(floor):
    """Only a person can answer the question."""
    day_goes_on(floor, buyer(1, text=QUESTION))
    assert refusal(floor) == "forbidden_words"


def test_a_warning_is_overruled_and_recorded(desk):
    """The record of the case names the rule that the person overruled."""
    fresh = write_anew(desk, OWN_WORDS)
    (finding,) = check_draft(fresh, desk.case(), "ja")
    with desk.database.write() as uow, pytest.raises(ReviewRefused) as caught:
        review_approve(
            Work(uow, desk.shop, desk.clock.now()), fresh.id, despite_warnings=False, how="command"
        )
    assert (caught.value.refusal, caught.value.findings) == ("warnings", (finding,))
    approve(desk)
    approved = [detail for action, detail in events(desk) if action == "approved"]
    assert approved == [f"v2 command despite:{finding.rule}"]
    day_goes_on(desk)
    assert len(left(desk)) == 1


def test_rules_that_grew_stricter_since_hold_an_approved_mail_back(desk, monkeypatch):
    """A new version of the program knows better; the person is asked."""
    approve(desk)
    monkeypatch.setattr("daemon.approvals.is_blocked", lambda _findings: True)
    day_goes_on(desk)
    assert (left(desk), voids(desk), states(desk)) == ([], ["forbidden_words"], ["open"])


# The server does not take it


def test_a_deferred_mail_is_looked_into_again_before_the_next_attempt(desk):
    """A minute later a person may have answered from the mail program."""
    approve(desk)
    desk.exits["main"].answer(Verdict.DEFERRED, "451 later")
    day_goes_on(desk)
    assert stands(desk) == ["deferred"]
    desk.clock.advance(MINUTE)
    desk.delivery.turn()
    assert (left(desk), stands(desk)) == ([], ["deferred"])
    day_goes_on(desk)
    assert (len(left(desk)), stands(desk)) == (1, ["sent"])


@pytest.mark.parametrize(("happen", "word", "state"), FENCES)
def test_a_deferred_mail_is_voided_like_any_other(desk, happen, word, state):
    """However long it waits, it is judged again."""
    approve(desk)
    desk.exits["main"].answer(Verdict.DEFERRED, "451 later")
    day_goes_on(desk)
    desk.clock.advance(2 * MINUTE)
    happen(desk)
    day_goes_on(desk)
    assert (left(desk), stands(desk), voids(desk)) == ([], ["withdrawn"], [word])
    assert desk.case().state == state


def test_a_mail_that_never_leaves_is_given_up_after_twelve_hours(desk):
    """The text waits for the person again, who hears of it, and may approve it once more."""
    approve(desk)
    desk.exits["main"].answer(Verdict.DEFERRED, "451 later", times=50)
    for _ in range(13):
        day_goes_on(desk)
        desk.clock.advance(HOUR)
    day_goes_on(desk)
    assert (stands(desk), states(desk), desk.words()) == (["refused"], ["open"], ["refused"])
    desk.exits["main"]._orders.clear()
    approve(desk)
    day_goes_on(desk)
    assert (len(left(desk)), stands(desk)) == (1, ["refused", "sent"])


def test_a_mail_whose_folders_cannot_be_looked_into_is_given_up_too(desk):
    """The mailbox is down for half a day: nothing leaves unseen, and nothing is forgotten."""
    approve(desk)
    for _ in range(14):
        desk.delivery.turn()
        desk.clock.advance(HOUR)
    assert (left(desk), stands(desk), states(desk)) == ([], ["refused"], ["open"])
    assert desk.words() == ["refused"]


def test_a_refused_mail_waits_for_the_person_again(desk):
    """5xx is final for this mail; the draft may be changed and approved anew."""
    approve(desk)
    desk.exits["main"].answer(Verdict.REFUSED, "550 no")
    day_goes_on(desk)
    assert (stands(desk), states(desk), desk.words()) == (["refused"], ["open"], ["refused"])
    assert desk.case().state == "open"
    desk.clock.advance(HOUR)
    write_anew(desk, OWN_WORDS)
    approve(desk)
    day_goes_on(desk)
    assert [mail.text.strip() for mail in left(desk)] == [OWN_WORDS]


# Nobody knows whether it left


@pytest.fixture(params=[True, False])
def doubtful(request, desk):
    """An approved mail of which nobody knows whether the server took it; it did, or did not."""
    approve(desk)
    desk.exits["main"].answer(Verdict.UNKNOWN, "lost", taken=request.param)
    day_goes_on(desk)
    assert (stands(desk), desk.words(), len(left(desk))) == (["uncertain"], ["uncertain"], request.param)
    return desk


def number(floor):
    return approvals_of(floor)[-1].id


def test_an_uncertain_mail_is_never_repeated_by_itself(doubtful):
    """It stays shown; the case stays open, and no other version may be approved before it is settled."""
    before = len(left(doubtful))
    draft = drafts(doubtful)[0]
    doubtful.start()
    doubtful.delivery.bury_dead_runs()
    for _ in range(3):
        doubtful.clock.advance(HOUR)
        day_goes_on(doubtful)
    assert (len(left(doubtful)), stands(doubtful)) == (before, ["uncertain"])
    assert (doubtful.case().state, in_drafts(doubtful)) == ("open", [])
    with pytest.raises(ReviewRefused) as caught:
        write_anew(doubtful, OWN_WORDS, draft)
    assert caught.value.refusal == "uncertain"


def test_a_person_knows_that_it_left(doubtful):
    """The case is answered since the mail was handed over."""
    handed_over = doubtful.clock.now()
    doubtful.clock.advance(HOUR)
    settle_uncertain(doubtful, "sent", number(doubtful))
    assert (doubtful.case().state, doubtful.case().answered_at) == ("answered", handed_over)
    assert [one.source for one in answers_of(doubtful)] == ["approved"]


@pytest.mark.parametrize("hours", [1, 14])
def test_a_person_sends_it_again(doubtful, hours):
    """Under the same Message-ID, after a new look into the folders, however long it was left."""
    before = len(left(doubtful))
    doubtful.clock.advance(hours * HOUR)
    settle_uncertain(doubtful, "resend", number(doubtful))
    doubtful.delivery.turn()
    assert len(left(doubtful)) == before
    day_goes_on(doubtful)
    assert (len(left(doubtful)), stands(doubtful)) == (before + 1, ["sent"])
    assert len({mail.message["Message-ID"] for mail in left(doubtful)}) == 1
    assert doubtful.case().state == "answered"


@pytest.mark.parametrize(("happen", "word", "state"), FENCES)
def test_it_is_not_sent_again_past_the_fence(doubtful, happen, word, state):
    """What came since speaks against it, so the command is refused with the reason."""
    doubtful.clock.advance(2 * HOUR)
    happen(doubtful)
    day_goes_on(doubtful)
    with pytest.raises(SokuresuError, match=word):
        settle_uncertain(doubtful, "resend", number(doubtful))
    assert (stands(doubtful), doubtful.case().state) == (["uncertain"], state)


def test_a_person_gives_it_up(doubtful):
    """The text waits again and may be approved as a new mail."""
    before = len(left(doubtful))
    settle_uncertain(doubtful, "drop", number(doubtful))
    assert (stands(doubtful), states(doubtful), doubtful.case().state) == (["withdrawn"], ["open"], "open")
    approve(doubtful)
    day_goes_on(doubtful)
    assert (len(left(doubtful)), stands(doubtful)) == (before + 1, ["withdrawn", "sent"])


def test_what_a_dead_run_was_sending_is_uncertain(desk, monkeypatch):
    """The program was killed while it handed the mail over."""
    approve(desk)
    desk.read()

    class Killed(BaseException):
        """The plug was pulled."""

    def die(**_mail):
        raise Killed

    monkeypatch.setattr(desk.exits["main"].__class__, "send", lambda *_, **mail: die(**mail))
    with pytest.raises(Killed):
        desk.delivery.turn()
    monkeypatch.undo()
    desk.run_id = "run-2"
    desk.start()
    desk.delivery.bury_dead_runs()
    day_goes_on(desk)
    assert (left(desk), stands(desk), desk.words()) == ([], ["uncertain"], ["uncertain"])


# Its copies


def test_amazons_copy_of_an_approved_mail_confirms_it_and_closes_nothing_else(desk):
    """The buyer has written again before Amazon's copy of our answer comes."""
    approve(desk)
    day_goes_on(desk)
    desk.clock.advance(HOUR)
    day_goes_on(desk, complaint(1, key="A0SECOND"))
    day_goes_on(desk, reply_copy(left(desk)[0].text))
    assert approvals_of(desk)[0].copy_confirmed_at == desk.clock.now()
    assert (desk.case().state, desk.case().to_confirm_at, len(answers_of(desk))) == ("open", None, 1)
    assert states(desk) == ["approved", "open"]


def test_our_own_copy_in_sent_answers_nothing_again(desk):
    """The provider files what we handed over."""
    approve(desk)
    day_goes_on(desk)
    desk.clock.advance(HOUR)
    day_goes_on(desk, complaint(1, key="A0SECOND"))
    desk.inbox.deliver(left(desk)[0].content, "Sent", at=desk.clock.now())
    day_goes_on(desk)
    assert (desk.case().state, len(answers_of(desk))) == ("open", 1)


@pytest.mark.parametrize("order", [order_of(1), None])
def test_amazons_copy_settles_an_uncertain_mail(desk, order):
    """Known by the order or by the buyer's name: it left, and it was the answer."""
    approve(desk)
    desk.exits["main"].answer(Verdict.UNKNOWN, taken=True)
    day_goes_on(desk)
    handed_over = desk.clock.now()
    desk.clock.advance(MINUTE)
    day_goes_on(desk, reply_copy(left(desk)[0].text, order=order, name=name_of(1)))
    assert (stands(desk), desk.case().state) == (["sent"], "answered")
    assert desk.case().answered_at == handed_over
    assert [one.source for one in answers_of(desk)] == ["approved"]


def test_its_copy_in_sent_settles_an_uncertain_mail(desk):
    """The provider has it, so it left."""
    approve(desk)
    desk.exits["main"].answer(Verdict.UNKNOWN, taken=True)
    day_goes_on(desk)
    desk.inbox.deliver(left(desk)[0].content, "Sent", at=desk.clock.now())
    day_goes_on(desk)
    assert (stands(desk), desk.case().state, len(left(desk))) == (["sent"], "answered", 1)


def test_a_copy_of_a_mail_that_was_given_up_is_an_answer(desk):
    """A person dropped it though it had left: its copy shows that the buyer has this answer."""
    approve(desk)
    desk.exits["main"].answer(Verdict.UNKNOWN, taken=True)
    day_goes_on(desk)
    settle_uncertain(desk, "drop", number(desk))
    desk.clock.advance(MINUTE)
    day_goes_on(desk, reply_copy(left(desk)[0].text))
    assert (desk.case().state, [one.source for one in answers_of(desk)]) == ("answered", ["approved"])
    assert states(desk) == ["overtaken"]


# A run that breaks off


def test_a_run_that_dies_after_the_draft_was_taken_out_asks(desk, monkeypatch):
    """Nothing tells later who took it out, so nothing is sent before the person has looked."""
    approve(desk)

    class Killed(BaseException):
        """The plug was pulled."""

    folder = desk.drafts_folders["main"]
    take_back = folder._take_back

    def die(*given):
        take_back(*given)
        raise Killed

    monkeypatch.setattr(folder, "_take_back", die)
    with pytest.raises(Killed):
        desk.read()
    assert [copy.state for copy in copies(desk)] == ["placed"]
    assert in_drafts(desk) == []
    desk.start()
    day_goes_on(desk)
    assert (left(desk), voids(desk), states(desk)) == ([], ["draft_gone"], ["open"])
    approve(desk)
    day_goes_on(desk)
    assert len(left(desk)) == 1


def test_a_closed_case_sends_nothing(desk):
    """The case was closed by a person's hand in the database: there is nobody to answer any more."""
    approve(desk)
    with desk.database.write() as uow:
        Work(uow, desk.shop, desk.clock.now()).uow.cases.change(1, state="closed")
        uow.commit()
    day_goes_on(desk)
    assert (left(desk), stands(desk)) == ([], ["withdrawn"])
