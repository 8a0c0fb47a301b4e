"""Review by reply on real servers: Dovecot, SMTP and the running service, on both databases."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from daemon import review
from daemon.work import Work
from state import tables
from state.command_rules import TOKEN_AGE
from state.drafts import DraftState
from tests.beds.owner import tap, taps, written
from tests.beds.post import buyer, dated
from tests.beds.smtp import running_smtp
from tests.integration.test_main_job import LiveShop, watched
from tests.system.running import OWNER, RunningShop, await_that
from tests.unit.state.examples import local

if TYPE_CHECKING:
    from tests.beds.smtp import SentMail, SmtpServer

pytestmark = pytest.mark.dovecot
CANCEL = "キャンセルしたいです。"
NOON = local("2026-11-17 12:00")
READY = "ご連絡ありがとうございます。本日中に手配いたします。\n\nまい商店"


@dataclass
class Review:
    """A running shop with one case, and the alert that offers to send its draft.

    Attributes:
        shop: the service and its files.
        smtp: where its mail goes.
        owner: who is alerted.
        alert: what the owner got at noon.
    """

    shop: LiveShop
    smtp: SmtpServer
    owner: str
    alert: SentMail

    def send(self, subject: str, text: str = "", *, folder: str = "INBOX", **how: str) -> bytes:
        """The owner, or whoever says so, sends a mail; it lies in the folder when this returns."""
        mail = written(subject, text, **({"sender": self.owner} | how))
        return self.deliver(dated(mail, self.shop.clock.now()), folder)

    def deliver(self, content: bytes, folder: str = "INBOX") -> bytes:
        """Put a mail into a folder as it is."""
        self.shop.files.account.deliver(content, folder, at=self.shop.clock.now())
        return content

    def answers(self) -> list[str]:
        """Subjects of what the owner got since the alert."""
        mails = [mail for mail in self.smtp.mails if mail.recipients == (self.owner,)]
        return [str(mail.message["Subject"]) for mail in mails[1:]]

    def await_answer(self, words: str, count: int = 1) -> bytes:
        """Wait for so many answers that say this, and give the last."""

        def found() -> list[SentMail]:
            to_owner = [mail for mail in self.smtp.mails[1:] if mail.recipients == (self.owner,)]
            return [mail for mail in to_owner if words in str(mail.message["Subject"])]

        return await_that(lambda: len(found()) >= count and found(), words)[count - 1].content

    def await_read(self, number: int) -> None:
        """Wait until everything that was delivered before is read: a buyer's mail behind it is confirmed."""
        self.shop.receive(buyer(number, text=CANCEL))
        await_that(lambda: self._got(buyer(number).address), "the mail behind it is read")

    def to_buyer(self) -> list[SentMail]:
        """What the first buyer got besides the acknowledgment."""
        return self._got(buyer(1).address)[1:]

    def _got(self, address: str) -> list[SentMail]:
        return [mail for mail in self.smtp.mails if mail.recipients == (address,)]


@contextmanager
def reviewing(folder, dovecot, smtp, *, owner=OWNER, **settings):
    """A running shop that has alerted its owner of one case."""
    mailbox = watched(dovecot, smtp, extra='save_sent = "never"\npoll_interval = "1s"')
    files = RunningShop(folder, [mailbox], always_open=False, **settings)
    files.config.write_text(files.config.read_text("utf-8").replace(OWNER, owner), "utf-8")
    shop = LiveShop(files)
    shop.start()
    try:
        shop.await_watching()
        shop.receive(buyer(1, text=CANCEL))
        smtp.await_mails(1)
        await_that(lambda: files.ask(lambda uow: uow.drafts.open_of(1)), "there is a draft")
        shop.clock.set(NOON)
        alert = smtp.await_mails(2)[1]
        shop.clock.advance(timedelta(minutes=1))
        yield Review(shop, smtp, owner, alert)
    finally:
        shop.stop()
        mailbox.account.close()


@pytest.fixture
def smtp(dovecot):
    """A server that accepts the same login as Dovecot."""
    with running_smtp(auth=True) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request):
    """Settings for either database."""
    return {"database_url": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}


@pytest.fixture
def reviewed(tmp_path, dovecot, smtp, database):
    """A shop with an owner of another address."""
    with reviewing(tmp_path, dovecot, smtp, **database) as found:
        yield found


@pytest.fixture(params=[OWNER, "main@shop.example"])
def at_home(request, tmp_path, dovecot, smtp):
    """Once with an owner of another address, once with the mailbox's own."""
    with reviewing(tmp_path, dovecot, smtp, owner=request.param) as found:
        yield found


def test_a_command_is_accepted_once(reviewed):
    """The tap sends the draft; the same mail again and the same token in another mail send nothing."""
    subject = tap(reviewed.alert.content, "approve").subject
    first = reviewed.send(subject)
    reviewed.await_answer("承認しました")
    (sent,) = await_that(reviewed.to_buyer, "the answer leaves")
    assert sent.message["Auto-Submitted"] is None
    await_that(lambda: reviewed.shop.case().state == "answered", "the case is answered")
    reviewed.deliver(first)
    reviewed.send(subject)
    reviewed.await_answer("済んでいる操作です")
    reviewed.await_read(2)
    assert len(reviewed.answers()) == 2
    assert len(reviewed.to_buyer()) == 1


def test_what_is_no_command_of_the_owner(at_home):
    """Forged, a stranger's, in another folder, a robot's, our own: nothing; then the owner's goes."""
    subject = tap(at_home.alert.content, "approve").subject
    mark = subject.encode().partition(b"]")[0] + b"]"
    alert = at_home.alert.content
    at_home.send(subject, proof="fail")
    at_home.send(subject, sender="thief@elsewhere.example")
    at_home.send(subject, sender=f'"{at_home.owner}" <thief@elsewhere.example>')
    at_home.send(subject, folder="Junk")
    at_home.send(subject, folder="Sent")
    at_home.send(subject, "これは自動返信メールです。")
    at_home.deliver(alert)
    at_home.deliver(alert, "Sent")
    at_home.deliver(alert.replace(b"Subject: ", b"Subject: " + mark + b" ", 1))
    at_home.await_read(2)
    at_home.await_answer("ご本人")
    assert len(at_home.answers()) == 1
    assert {mail.recipients for mail in at_home.smtp.mails} == {
        (buyer(1).address,),
        (buyer(2).address,),
        (at_home.owner,),
    }
    assert at_home.to_buyer() == []
    at_home.send(subject)
    at_home.await_answer("承認しました")
    await_that(at_home.to_buyer, "the answer leaves")


def test_a_mail_without_proof_is_asked_back(at_home):
    """A provider that says nothing of a mail to oneself: the second mail decides."""
    at_home.send(tap(at_home.alert.content, "approve").subject, proof="none")
    second = at_home.await_answer("送信の確認")
    at_home.await_read(2)
    assert at_home.to_buyer() == []
    at_home.send(tap(second, "approve").subject, proof="none")
    at_home.await_answer("承認しました")
    await_that(at_home.to_buyer, "the answer leaves")
    assert len(at_home.to_buyer()) == 1


def test_a_late_command(reviewed):
    """After two days the owner is told, and gets a fresh link that works."""
    subject = tap(reviewed.alert.content, "approve").subject
    reviewed.shop.clock.set(NOON + TOKEN_AGE + timedelta(hours=1))
    reviewed.send(subject)
    answer = reviewed.await_answer("期限の切れた操作")
    assert reviewed.to_buyer() == []
    reviewed.send(tap(answer, "approve").subject)
    reviewed.await_answer("承認しました")
    await_that(reviewed.to_buyer, "the answer leaves")


def test_the_buyer_wrote_meanwhile(reviewed):
    """The old draft does not go past words that the owner has not seen."""
    reviewed.shop.receive(buyer(1, text="やはりキャンセルしません。", key="A0KEYSECOND"))
    await_that(
        lambda: len(reviewed.shop.files.ask(lambda uow: uow.messages.of_case(1))) == 2, "the words are read"
    )
    reviewed.send(tap(reviewed.alert.content, "approve").subject)
    reviewed.await_answer("新しいメッセージ")
    assert reviewed.to_buyer() == []


def test_a_text_comes_back_before_it_goes(reviewed):
    """The words of the telephone become the next version, and the second tap sends them."""
    reviewed.send(tap(reviewed.alert.content, "edit").subject, f"{READY}\n\niPhoneから送信")
    answer = reviewed.await_answer("文面を預かりました")
    assert reviewed.to_buyer() == []
    reviewed.send(tap(answer, "approve").subject)
    (sent,) = await_that(reviewed.to_buyer, "the answer leaves")
    assert sent.text.split() == READY.split()


def test_two_people_at_the_same_time(reviewed):
    """One taps, another approves by command in the same moment: one mail to the buyer."""
    draft = reviewed.shop.files.ask(lambda uow: uow.drafts.open_of(1))
    start = threading.Barrier(2)
    outcome = []

    def command():
        with reviewed.shop.files.database() as database:
            start.wait(10)
            try:
                with database.write() as uow:
                    work = Work(uow, reviewed.shop.service._shop, reviewed.shop.clock.now())
                    review.approve(work, draft.id, despite_warnings=True, how="command")
                    uow.commit()
                outcome.append("approved")
            except review.ReviewRefused as refused:
                outcome.append(str(refused.refusal))

    thread = threading.Thread(target=command)
    thread.start()
    start.wait(10)
    reviewed.send(tap(reviewed.alert.content, "approve").subject)
    thread.join(20)
    await_that(reviewed.to_buyer, "the answer leaves")
    await_that(reviewed.answers, "the owner is told")
    await_that(lambda: reviewed.shop.case().state == "answered", "the case is answered")
    assert outcome in (["approved"], ["being_sent"])
    assert len(reviewed.to_buyer()) == 1
    approved = reviewed.shop.files.ask(lambda uow: uow.drafts.get(draft.id))
    assert approved.state is DraftState.APPROVED


def test_a_renumbered_folder_and_a_new_start(reviewed, dovecot):
    """All commands lie there as if they were new; none is carried out or answered again."""
    subject = tap(reviewed.alert.content, "approve").subject
    named = reviewed.alert.message["Message-ID"]
    reviewed.send(subject)
    reviewed.send("Re: お知らせ", READY, headers=[("In-Reply-To", named)])
    reviewed.await_answer("承認しました")
    reviewed.await_answer("購入者には何も送っていません")
    await_that(reviewed.to_buyer, "the answer leaves")
    reviewed.shop.stop()
    dovecot.set_uids(reviewed.shop.files.account, uidvalidity=987654, next_uid=5000)
    reviewed.shop.start()
    reviewed.await_read(2)
    assert len(reviewed.answers()) == 2
    assert len(reviewed.to_buyer()) == 1


def test_tokens_are_not_in_the_database(reviewed):
    """Whoever reads the file or the tables can give no command."""
    reviewed.send(tap(reviewed.alert.content, "snooze").subject, proof="none")
    answer = reviewed.await_answer("あとでお知らせします")
    tokens = [one.token for one in (*taps(reviewed.alert.content), *taps(answer))]
    assert len(tokens) >= 4
    stored = reviewed.shop.files.ask(everything)
    assert buyer(1).address in stored
    assert not any(token in stored for token in tokens)
    files = [one for one in reviewed.shop.files.folder.iterdir() if one.name.startswith("sokuresu.db")]
    assert not any(token.encode() in file.read_bytes() for file in files for token in tokens)


def everything(uow):
    """Every value of every table as one text."""
    rows = (row for table in tables.metadata.sorted_tables for row in uow._connection.execute(table.select()))
    return "\n".join(repr(tuple(row)) for row in rows)
