"""Plays the story: moves the clock, does what people and Amazon do, and waits for the service each time."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from daemon import commands
from daemon.demo import mails, telephone, terminal
from daemon.demo.cases import case_of_buyer, case_of_order, standing
from daemon.demo.checking import Came, Ran, Record
from daemon.demo.events import (
    TOKYO,
    AgentAnswers,
    Arrives,
    ComesBack,
    Decides,
    Event,
    Remarks,
    Replies,
    Runs,
    Taps,
)
from daemon.demo.letters import Letter, Writer, open_draft, open_letter
from daemon.demo.mails import Proof
from daemon.demo.postbox import DRAFTS, INBOX, SENT
from daemon.demo.premises import AGENT_ADDRESS, SHOP_NAME
from daemon.demo.stage import DemoFailure
from daemon.demo.story import REWRITE, SEND
from daemon.demo.words import TAKEN_OUT, Line
from daemon.ports import Verdict
from daemon.work import Work
from parsers.values import Authenticity, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from daemon.demo.chat import Chat
    from daemon.demo.clock import DemoClock
    from daemon.demo.mails import Buyer
    from daemon.demo.narrator import Narrator
    from daemon.demo.postbox import Postbox
    from daemon.demo.servers import Provider
    from daemon.demo.stage import Stage
    from daemon.demo.telephone import Link
    from daemon.reading.arrivals import Arrival, Taken
    from daemon.smtp import SmtpSubmission

TICK = timedelta(minutes=5)
"""How far the clock moves at once while nothing happens; alerts leave on such a tick."""

_KINDS = {
    Writer.ACKNOWLEDGMENT: (Line("購入者への受付確認", "acknowledgment to the buyer"), "green"),
    Writer.ALERT: (Line("店主へのお知らせ", "alert to the owner"), "yellow"),
    Writer.REPORT: (Line("店主への返事", "what became of the owner's mail"), "yellow"),
    Writer.INQUIRY: (Line("発送の委託先への問い合わせ", "inquiry to the shipping agent"), "green"),
    Writer.APPROVED: (
        Line("購入者への回答（店主が承認したもの）", "the answer that the owner approved"),
        "green",
    ),
}
_COPIED = {
    Writer.ACKNOWLEDGMENT: Line("受付確認", "acknowledgment"),
    Writer.APPROVED: Line("回答", "approved answer"),
}
_LOOK_AGAIN = 0.5
"""Seconds."""

_AGENT = Line("発送の委託先からの返事", "the shipping agent answers")
_DAYS = (
    Line("金曜日、営業日", "an open day"),
    Line("土曜日、休業日。電話は無人です", "a closed day, nobody at the telephone"),
)


class Director:
    """One performance of the story."""

    def __init__(
        self,
        *,
        stage: Stage,
        clock: DemoClock,
        provider: Provider,
        chat: Chat,
        postbox: Postbox,
        mail_program: SmtpSubmission,
        narrator: Narrator,
        configuration: Path,
    ) -> None:
        """Set up the performance.

        Args:
            stage: the running service.
            clock: the time, moved by this alone.
            provider: the mail servers.
            chat: the owner's second path.
            postbox: hands in the mail account.
            mail_program: the owner's other way to send mail.
            narrator: tells what happens.
            configuration: of the shop, for the owner's commands.
        """
        self._stage = stage
        self._clock = clock
        self._provider = provider
        self._chat = chat
        self._postbox = postbox
        self._mail_program = mail_program
        self._narrator = narrator
        self._configuration = configuration
        self._days = iter(_DAYS)
        self._today: date | None = None
        self._drafts: list[bytes] = []
        self._found = ""
        self.record = Record()

    def play(self, events: Iterable[Event], end: datetime) -> None:
        """Let everything happen in its order, then let time pass until the end.

        Raises:
            DemoFailure: the service does not do what it should.
        """
        for event in events:
            self._let_pass(event.at)
            self._happen(event)
            self._settle()
            self._conclude(event)
        self._let_pass(end)

    def _let_pass(self, until: datetime) -> None:
        """Move the clock, stopping wherever the service has something to tell the owner."""
        for at in _ticks(self._clock.now(), until):
            self._clock.move_to(at)
            self._turn_page(at)
            if self._stage.alert_is_due():
                self._settle()

    def _turn_page(self, at: datetime) -> None:
        day = at.astimezone(TOKYO).date()
        if day != self._today:
            self._today = day
            self._narrator.day(at.astimezone(TOKYO), next(self._days))

    def _settle(self) -> None:
        """Wait until the service rests, and tell what it sent and drafted meanwhile."""
        self._stage.await_rest()
        self._tell()

    def watch(self) -> None:
        """Tell what leaves while somebody goes on by hand, until they press Ctrl-C."""
        while True:
            time.sleep(_LOOK_AGAIN)
            self._tell()

    def _tell(self) -> None:
        """Tell what the service sent, posted and drafted since the last time."""
        at = self._clock.now().astimezone(TOKYO)
        for letter in self._collect(at):
            self.record.letters.append(letter)
            if letter.writer in _KINDS:
                self._narrator.letter(letter, *_KINDS[letter.writer])
        for post in self._chat.collect():
            if not self.record.posts:
                self._narrator.posts(at, post)
            self.record.posts.append(post)
        self._look_into_drafts(at)

    def _collect(self, at: datetime) -> list[Letter]:
        """What left, in order; a report comes first, for what it announces leaves in the same moment."""
        letters = [open_letter(handed, at) for handed in self._provider.collect()]
        told = [
            replace(one, writer=Writer.REPORT)
            if one.writer is Writer.ALERT and self._stage.is_report(one)
            else one
            for one in letters
        ]
        return sorted(told, key=lambda one: one.writer is not Writer.REPORT)

    def _look_into_drafts(self, at: datetime) -> None:
        """Open the Drafts folder as a mail app does, and tell what is new in it and what is gone."""
        before, self._drafts = self._drafts, self._postbox.contents(DRAFTS)
        for content in before:
            if content not in self._drafts:
                draft = open_draft(content)
                self.record.taken_out.append(draft)
                self._narrator.becomes(TAKEN_OUT)
        for content in self._drafts:
            if content not in before:
                draft = open_draft(content)
                self.record.placed.append(draft)
                self._narrator.drafts(at, draft)

    def _conclude(self, event: Event) -> None:
        """Say where a case stands, once everything has come of what the owner did."""
        if isinstance(event, Taps) and event.answered:
            with self._stage.database.read() as uow:
                self._narrator.becomes(standing(uow, case_of_buyer(uow, event.buyer)))

    @singledispatchmethod
    def _happen(self, event: Event) -> None:
        raise TypeError(f"nobody can play {event}")

    @_happen.register
    def _(self, event: Arrives) -> None:
        mail = message_from_bytes(event.mail, policy=policy.default)
        self._narrator.arrives(event.at, event.what, str(mail["Subject"]), event.words)
        uid = self._deliver(event.mail, event.folder, event.at)
        if event.expected.outcome is None:
            self._narrator.not_read()
            self.record.arrivals.append(Came(event, None))
            return
        arrival, taken = self._stage.await_taken(uid, event.folder)
        self._narrator.taken(taken, _reason(arrival))
        if event.learnt is not None:
            self._narrator.becomes(event.learnt)
        self.record.arrivals.append(Came(event, taken, _refusal(arrival, taken)))

    @_happen.register
    def _(self, event: ComesBack) -> None:
        letter = self._letter_to(event.buyer, event.writer)
        copied = _COPIED[event.writer]
        what = Line(
            f"Amazon: {event.buyer.name}さんに送った{copied.ja}の控え", f"Amazon's copy of our {copied.en}"
        )
        self._narrator.arrives(event.at, what, "", "")
        uid = self._deliver(mails.reply_copy(event.buyer, letter.text, event.at), INBOX, event.at)
        _, taken = self._stage.await_taken(uid)
        self._narrator.taken(taken, "")
        with self._stage.database.read() as uow:
            self._narrator.becomes(standing(uow, case_of_buyer(uow, event.buyer)))

    @_happen.register
    def _(self, event: Replies) -> None:
        what = Line(
            f"いつものメールソフトから{event.buyer.name}さんに回答", "answers from another mail program"
        )
        self._narrator.replies(event.at, what, event.text)
        mail = mails.persons_reply(SHOP_NAME, event.buyer, event.answers, event.text, event.at)
        self._send(mail, event.buyer.alias)
        self._deliver(mail, SENT, event.at)
        with self._stage.database.read() as uow:
            self._narrator.becomes(standing(uow, case_of_buyer(uow, event.buyer)))

    @_happen.register
    def _(self, event: Decides) -> None:
        with self._stage.database.write() as uow:
            work = Work(uow, self._stage.shop, self._clock.now())
            case = case_of_order(uow, event.order)
            decide = {"answered": commands.answered, "no-reply-needed": commands.no_reply_needed}
            decide[event.command](work, case.id)
            uow.commit()
        self._narrator.decides(event.at, f"sokuresu {event.command} {case.id}", event.why)
        with self._stage.database.read() as uow:
            self._narrator.becomes(standing(uow, case_of_order(uow, event.order)))

    @_happen.register
    def _(self, event: Taps) -> None:
        link = self._offered(event)
        self._narrator.taps(event.at, _tapped(event), link.subject, event.text)
        self._deliver(telephone.write_command(link, event.text, event.at, event.proof), INBOX, event.at)
        self.record.commands.append(event)

    @_happen.register
    def _(self, event: Remarks) -> None:
        alert = self.record.written_by(Writer.ALERT)[-1]
        what = Line(
            "お知らせのメールにそのまま返信", "simply answers the alert, as if the buyer could read it"
        )
        self._narrator.taps(event.at, what, f"Re: {alert.subject}", event.text)
        self._deliver(telephone.write_answer(alert, event.text, event.at), INBOX, event.at)
        self.record.commands.append(event)

    @_happen.register
    def _(self, event: AgentAnswers) -> None:
        asked = self.record.written_by(Writer.INQUIRY)[-1]
        subject = f"Re: {asked.subject}"
        self._narrator.arrives(event.at, _AGENT, subject, event.text)
        mail = mails.agents_answer(AGENT_ADDRESS, subject, asked.message_id, event.text, event.at)
        self._deliver(mail, INBOX, event.at)
        self._narrator.becomes(self._attached(event.order))

    def _attached(self, order: str) -> Line:
        """Where the agent's answer lies now."""
        number = int(self._number(order))
        with self._stage.database.read() as uow:
            kinds = [message.kind for message in uow.messages.of_case(number)]
        if Kind.AGENT_REPLY not in kinds:
            raise DemoFailure("委託先の返事が案件にありません / the agent's answer is in no case")
        return Line(f"案件{number}に添えます", f"attached to case {number}")

    @_happen.register
    def _(self, event: Runs) -> None:
        case = self._number(event.order)
        arguments = [one.format(case=case, found=self._found) for one in event.arguments]
        self._stage.keep_pulse()
        printed = terminal.run(arguments, self._configuration, self._clock, event.reads)
        lines = printed.text.rstrip("\n").split("\n")
        self._narrator.runs(event.at, event.why, ["sokuresu", *arguments], lines[: event.lines])
        found = re.search(event.finds, printed.text) if event.finds else None
        self._found = found[1] if found else ""
        self.record.runs.append(Ran(event, printed))

    def _number(self, order: str) -> str:
        """The newest case of an order, as the owner reads it from the list."""
        if not order:
            return ""
        with self._stage.database.read() as uow:
            related = uow.cases.related(case_key=None, buyer_key=None, order_ids=[order])
        return str(max(case.id for case in related))

    def _offered(self, event: Taps) -> Link:
        """The link as it stands in the newest mail to the owner that has it."""
        with self._stage.database.read() as uow:
            case = case_of_buyer(uow, event.buyer)
        told = [one for one in self.record.letters if one.writer in {Writer.ALERT, Writer.REPORT}]
        link = telephone.find_link(reversed(told), event.label, case.id)
        if link is None:
            raise DemoFailure(f"案件{case.id}に「{event.label}」がありません / no mail offers it")
        return link

    def _send(self, mail: bytes, recipient: str) -> None:
        attempt = self._mail_program.send(sender=mails.SHOP_ADDRESS, recipient=recipient, content=mail)
        if attempt.verdict is not Verdict.ACCEPTED:
            raise DemoFailure(f"店主のメールを送れません / the owner's mail does not leave: {attempt.reason}")

    def _deliver(self, content: bytes, folder: str, at: datetime) -> int:
        uid = self._postbox.deliver(content, folder, at)
        self._stage.await_read(folder, uid)
        return uid

    def _letter_to(self, buyer: Buyer, writer: Writer) -> Letter:
        for letter in self.record.written_by(writer):
            if letter.recipient == buyer.alias:
                return letter
        raise DemoFailure(f"{buyer.name}: 控えの元がありません / there is no mail to come back ({writer})")


def _ticks(start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants on the way, the last one included."""
    first = start - timedelta(minutes=start.minute % 5, seconds=start.second) + TICK
    while first < end:
        yield first
        first += TICK
    yield end


def _tapped(event: Taps) -> Line:
    en = {SEND: "send this draft", REWRITE: "write it anew"}[event.label]
    if event.proof is Proof.MISSING and event.answered:
        return Line(
            f"確認のメールの「{event.label}」を押す（認証結果なし）",
            "taps it again, in the mail that asked back: whoever reads the owner's mail is the owner",
        )
    if event.proof is Proof.MISSING:
        return Line(
            f"外出先の電話で「{event.label}」を押す（認証結果なし）",
            f"on the road, taps “{en}” on the telephone; nothing proves the sender",
        )
    return Line(f"外出先の電話で「{event.label}」を押す", f"on the road, taps “{en}” on the telephone")


def _reason(arrival: Arrival) -> str:
    """The service's own words on why a sender is not believed."""
    reading = arrival.reading
    return "" if reading.authenticity is Authenticity.PASS else reading.authenticity_reason


def _refusal(arrival: Arrival, taken: Taken) -> str | None:
    return taken.refusal or next(iter(arrival.reading.refusals), None)
