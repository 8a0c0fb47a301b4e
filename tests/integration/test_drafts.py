"""The drafts' life on real servers: Dovecot, SMTP, the running service, and a second mail program."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from daemon import review
from daemon.bootstrap import Surroundings, build_service
from daemon.config import load
from daemon.configured_shop import shop_of
from daemon.review import ReviewRefused
from daemon.work import Work
from state.outbox_rules import OutboxKind
from tests.beds.post import dated
from tests.beds.reviewing import OWN_WORDS, complaint
from tests.beds.smtp import Stage, running_smtp
from tests.integration.test_main_job import LiveShop, live, watched
from tests.system.running import OWNER, RunningShop, await_that

pytestmark = pytest.mark.dovecot
MINUTE = timedelta(minutes=1)
FBA = '[drafts]\nfulfilment = "fba"'
OFTEN = 'save_sent = "never"\npoll_interval = "1s"'


@pytest.fixture
def smtp(dovecot):
    """A server that accepts the same login as Dovecot."""
    with running_smtp(auth=True) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shop(request, tmp_path, dovecot, smtp):
    """A running shop whose orders Amazon ships, with one ready draft in its Drafts folder."""
    settings = {"extra": FBA}
    if request.param == "postgres":
        settings["database_url"] = request.getfixturevalue("postgres_url")
    with live(tmp_path, [watched(dovecot, smtp, extra=OFTEN)], **settings) as running:
        running.await_watching()
        running.receive(complaint(1))
        await_that(lambda: placed(running) == 1, "the draft is put in")
        running.clock.advance(MINUTE)
        yield running


@pytest.fixture
def resting(tmp_path, dovecot, smtp):
    """The same shop, whose service makes one round whenever a test says so."""
    shop = LiveShop(
        RunningShop(tmp_path, [watched(dovecot, smtp, extra=OFTEN)], always_open=False, extra=FBA)
    )
    one_round(shop)
    shop.receive(complaint(1))
    for _ in range(2):
        one_round(shop)
    assert placed(shop) == 1
    shop.clock.advance(MINUTE)
    yield shop
    shop.files.account.close()


def one_round(shop):
    """One pass over the folders, one turn of the sender and of the drafter."""
    build_service(load(shop.files.config), Surroundings(clock=shop.clock)).once()


def placed(shop):
    """How many drafts the program knows to lie in the folder."""
    return len(shop.files.ask(lambda uow: uow.folder_copies.of_mailbox("main", "placed")))


def copy_states(shop):
    """Where the copies of the drafts stand."""
    copies = (
        shop.files.ask(lambda uow, one=one: uow.folder_copies.of_draft(one.id)) for one in versions(shop)
    )
    return [None if copy is None else copy.state.value for copy in copies]


def versions(shop):
    return shop.files.ask(lambda uow: uow.drafts.of_case(1))


def in_drafts(shop):
    """What a mail program finds in the Drafts folder: number and mail."""
    account = shop.files.account
    return {uid: account.content(uid, "Drafts") for uid in account.uids("Drafts")}


def parsed(content):
    return message_from_bytes(content, policy=policy.default)


def decide(shop, decision):
    """A person decides on the command line: in a transaction of its own, beside the running service."""
    with shop.files.database() as database, database.write() as uow:
        result = decision(Work(uow, shop_of(load(shop.files.config)), shop.clock.now()))
        uow.commit()
    return result


def approve(shop, draft=None):
    chosen = draft or versions(shop)[-1]
    return decide(shop, lambda work: review.approve(work, chosen.id, despite_warnings=True, how="command"))


def to_buyers(smtp):
    """The answers that the server took, acknowledgments left out."""
    mails = [mail for mail in smtp.mails if mail.recipients != (OWNER,)]
    return [mail for mail in mails if mail.message["Auto-Submitted"] is None]


def save_edited(shop):
    """A second client saves a changed draft: the new one is put in, the old one removed."""
    account = shop.files.account
    ((uid, content),) = in_drafts(shop).items()
    message = parsed(content)
    message.set_content(OWN_WORDS, cte="base64")
    message["Message-ID"] = "<edited@app.example>"
    fresh = account.deliver(bytes(message), "Drafts", at=shop.clock.now(), flags=r"\Draft \Seen")
    account.remove([uid], "Drafts")
    return fresh


def send_from_drafts(shop):
    """A second client sends the draft: a copy in Sent, nothing in Drafts."""
    account = shop.files.account
    ((uid, content),) = in_drafts(shop).items()
    sent = dated(content, shop.clock.now(), "sent@app.example")
    account.deliver(sent, "Sent", at=shop.clock.now(), flags=r"\Seen")
    account.remove([uid], "Drafts")


def is_answered(shop):
    return shop.case().state == "answered"


def test_a_draft_is_put_in_once_as_a_ready_reply(shop):
    """To the alias, on the thread, with our draft's header, flagged as a draft; a restart adds none."""
    ((uid, content),) = in_drafts(shop).items()
    reply, draft = parsed(content), versions(shop)[0]
    assert {rb"\Draft", rb"\Seen"} <= shop.files.account.flags(uid, "Drafts")
    assert (reply["To"], reply["X-Sokuresu-Draft"]) == (complaint(1).address, draft.token)
    assert (reply["Message-ID"], reply["X-Sokuresu-Outbox"]) == (None, None)
    assert reply.get_content().replace("\r\n", "\n") == draft.text
    shop.stop()
    shop.start()
    shop.receive(complaint(2))
    await_that(lambda: placed(shop) == 2, "the other draft is put in")
    assert uid in in_drafts(shop)
    assert len(in_drafts(shop)) == 2


def test_a_draft_is_replaced_when_the_buyer_writes_again(shop):
    """The old one is gone, the new one is the current version, and nothing else is there."""
    ((old, _),) = in_drafts(shop).items()
    shop.receive(complaint(1, key="A0SECOND"))
    await_that(lambda: copy_states(shop) == ["removed", "placed"], "the draft is replaced")
    ((new, content),) = in_drafts(shop).items()
    assert new > old
    assert parsed(content)["X-Sokuresu-Draft"] == versions(shop)[1].token


def test_an_edited_draft_is_left_alone(shop, smtp):
    """The buyer writes again: the person's work stays, the new draft lies beside it, the owner is told."""
    edited = save_edited(shop)
    shop.receive(complaint(1, key="A0SECOND"))
    await_that(lambda: copy_states(shop) == ["edited", "placed"], "both are known")
    mails = in_drafts(shop)
    assert len(mails) == 2
    assert parsed(mails[edited]).get_content().strip() == OWN_WORDS
    await_that(lambda: any(mail.recipients == (OWNER,) for mail in smtp.mails), "the owner is told")


def test_a_draft_that_is_sent_by_a_second_client_answers(shop, smtp):
    """The service notices it by itself; the draft is settled and nothing is left to send."""
    send_from_drafts(shop)
    await_that(lambda: is_answered(shop), "the answer is seen")
    await_that(lambda: copy_states(shop) == ["gone"], "the copy is known to be gone")
    await_that(lambda: versions(shop)[0].state == "overtaken", "the draft is settled")
    answers = shop.files.ask(lambda uow: uow.answers.of_case(1))
    assert [one.source for one in answers] == ["sent_mail"]
    assert (in_drafts(shop), to_buyers(smtp)) == ({}, [])


def test_what_a_second_client_sends_is_noticed_within_one_pass(resting):
    """One round later the case is answered, the draft settled and the folder empty."""
    send_from_drafts(resting)
    one_round(resting)
    assert (resting.case().state, versions(resting)[0].state) == ("answered", "overtaken")
    assert (in_drafts(resting), copy_states(resting)) == ({}, ["gone"])


def test_an_edited_draft_is_sent_as_written(resting, smtp):
    """Nothing of ours goes as well."""
    save_edited(resting)
    send_from_drafts(resting)
    one_round(resting)
    assert (resting.case().state, to_buyers(smtp)) == ("answered", [])


@pytest.mark.parametrize("first", ["approve", "send"])
def test_approve_and_send_from_drafts_is_one_mail(resting, smtp, first):
    """Whichever came first, the one that the person sent is the only one."""
    steps = [approve, send_from_drafts]
    for step in steps if first == "approve" else reversed(steps):
        step(resting)
    for _ in range(2):
        one_round(resting)
        resting.clock.advance(MINUTE)
    assert (resting.case().state, to_buyers(smtp)) == ("answered", [])
    (item,) = approved_items(resting)
    assert (item.state, item.reason) == ("withdrawn", "answered_meanwhile")


def approved_items(shop):
    items = shop.files.ask(lambda uow: uow.outbox.of_case(1))
    return [item for item in items if item.kind is OutboxKind.APPROVED]


def test_an_approved_draft_is_taken_out_and_sent_once(shop, smtp):
    """While the server reads the mail the folder is empty already; later rounds send nothing more."""
    release = smtp.hold(Stage.DOT)
    item = approve(shop)
    smtp.await_stage(Stage.DOT, count=2)
    assert in_drafts(shop) == {}
    release.set()
    await_that(lambda: is_answered(shop), "it is written down")
    (mail,) = to_buyers(smtp)
    assert mail.recipients == (complaint(1).address,)
    assert mail.message["Message-ID"] == f"<{item.message_id}>"
    shop.receive(complaint(2))
    await_that(lambda: placed(shop) == 1, "the next draft is put in")
    assert len(to_buyers(smtp)) == 1


def test_a_stale_approval_is_refused(shop, smtp):
    """The buyer wrote again after the person looked; the new version may be approved."""
    old = versions(shop)[0]
    shop.receive(complaint(1, key="A0SECOND"))
    await_that(lambda: len(versions(shop)) == 2, "the new draft is made")
    with pytest.raises(ReviewRefused) as caught:
        approve(shop, old)
    assert caught.value.refusal == "buyer_wrote_again"
    assert to_buyers(smtp) == []
    approve(shop)
    await_that(lambda: is_answered(shop), "the new version leaves")
    assert len(to_buyers(smtp)) == 1


def test_an_approval_of_a_draft_that_was_edited_is_asked_about(resting, smtp):
    """Two texts lie side by side: nothing leaves before the person has decided, and then once."""
    approve(resting)
    edited = save_edited(resting)
    one_round(resting)
    (item,) = approved_items(resting)
    assert (to_buyers(smtp), item.reason) == ([], "draft_edited")
    assert list(in_drafts(resting)) == [edited]
    approve(resting)
    one_round(resting)
    assert (len(to_buyers(smtp)), resting.case().state) == (1, "answered")
    assert list(in_drafts(resting)) == [edited]


def test_a_connection_that_is_killed_in_between_harms_nothing(shop, smtp, dovecot):
    """The service connects again, takes the draft out and sends once."""
    dovecot.kill_connections(shop.files.account)
    shop.files.account._connection = None
    approve(shop)
    await_that(lambda: is_answered(shop), "it leaves")
    assert (len(to_buyers(smtp)), in_drafts(shop)) == (1, {})


def test_a_renumbered_drafts_folder_removes_nothing(resting, dovecot):
    """Old numbers mean nothing, so nothing is removed by number, and the person is told."""
    dovecot.set_uids(resting.files.account, "Drafts", uidvalidity=987654, next_uid=500)
    resting.receive(complaint(1, key="A0SECOND"))
    one_round(resting)
    assert (copy_states(resting)[0], len(in_drafts(resting))) == ("left", 1)


def test_a_drafts_folder_that_is_deleted_stops_nothing(shop, smtp):
    """The service reads on and an approved mail is asked about, then goes."""
    shop.files.account.delete_folder("Drafts")
    approve(shop)
    await_that(lambda: [one.reason for one in approved_items(shop)] == ["draft_gone"], "it is asked about")
    approve(shop)
    await_that(lambda: is_answered(shop), "it leaves")
    assert len(to_buyers(smtp)) == 1
