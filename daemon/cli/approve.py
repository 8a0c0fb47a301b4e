"""``sokuresu approve N``: shows the answer as it would leave, asks, and hands it to the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from daemon.cli.access import considering, deciding
from daemon.cli.asking import agree, need_a_person
from daemon.cli.conversation import mail_lines
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.compose import reply_subject
from daemon.review import ReviewRefused, approve, case_of
from daemon.showing.draft_lines import draft_line, find_draft
from daemon.showing.findings import finding_lines
from daemon.showing.liveness import is_alive
from daemon.showing.reader import clean
from daemon.threads import thread_of
from daemon.words import FOLDER_STATES
from state.approval_rules import ApprovalRefusal
from state.drafts import DraftState, FolderState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.showing.draft_lines import DraftLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.drafts import Draft, FolderCopy
    from state.model import OutboxItem

_LYING = frozenset({FolderState.PLACED, FolderState.EDITED, FolderState.LEFT})
"""Copies that a person could still send from the Drafts folder."""


@dataclass(frozen=True, slots=True)
class _Offered:
    """What a person is asked about, exactly as it would leave."""

    drafted: DraftLine
    sender: str
    recipient: str
    subject: str
    copies: tuple[FolderCopy, ...]

    @property
    def draft(self) -> Draft:
        """The version."""
        return self.drafted.draft


@click.command("approve")
@click.argument("number", metavar="N", type=NUMBER)
@click.option(
    "--draft", "version", metavar="VERSION", type=NUMBER, help="見た版の番号 (the version that you read)."
)
@click.option("--yes", is_flag=True, help="尋ねずに送ります。--draft が要ります (do not ask; needs --draft).")
@click.option("--despite-warnings", is_flag=True, help="注意があっても送ります (send despite warnings).")
@click.pass_obj
def command(context: Context, number: int, version: int | None, *, yes: bool, despite_warnings: bool) -> None:
    """宛先と全文を見せて尋ね、下書きを購入者へ送ります (show recipient and full text, ask, and send)."""
    if yes and version is None:
        raise click.UsageError(
            f"--yes には --draft VERSION が要ります。sokuresu draft {number} で確かめてください。"
            f" / --yes needs --draft VERSION; look with: sokuresu draft {number}"
        )
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        offered = _offered(work, number, version)
    click.echo("\n".join(_page(offered, reader)))
    despite = _agreed(offered, reader, yes=yes, despite_warnings=despite_warnings)
    with deciding(settings) as work:
        item = approve(work, offered.draft.id, despite_warnings=despite, how="command")
        _insist_on_what_was_shown(item, offered)
        alive = is_alive(work.uow.runs.last(), work.now)
    click.echo("\n".join(_afterwards(number, reader, alive=alive)))


def _offered(work: Work, number: int, version: int | None) -> _Offered:
    case = case_of(work, number)
    draft = find_draft(work, case, version)
    if draft is None:
        raise ReviewRefused(ApprovalRefusal.NO_DRAFT, number)
    drafted = draft_line(work, draft, case)
    if (refusal := _refusal(work, drafted)) is not None:
        raise ReviewRefused(refusal, number)
    return _Offered(
        drafted,
        sender=work.shop.accounts[case.mailbox].address,
        recipient=case.alias or "",
        subject=thread_of(work.uow, draft, case).subject,
        copies=_lying_copies(work, number),
    )


def _refusal(work: Work, drafted: DraftLine) -> ApprovalRefusal | None:
    """Only the version that waits may be approved here, whatever else is true of it."""
    if drafted.refusal is not None or drafted.draft.state is DraftState.OPEN:
        return drafted.refusal
    waiting = work.uow.drafts.open_of(drafted.draft.case_id)
    return ApprovalRefusal.NO_DRAFT if waiting is None else ApprovalRefusal.OLD_VERSION


def _lying_copies(work: Work, number: int) -> tuple[FolderCopy, ...]:
    copies = (work.uow.folder_copies.of_draft(one.id) for one in work.uow.drafts.of_case(number))
    return tuple(one for one in copies if one is not None and one.state in _LYING)


def _page(offered: _Offered, reader: Reader) -> Iterator[str]:
    number, version = offered.draft.case_id, offered.draft.version
    yield reader.say(f"案件 {number} の下書き v{version}", f"Case {number}, draft v{version}")
    yield from mail_lines(
        sender=offered.sender,
        recipient=offered.recipient,
        subject=reply_subject(offered.subject),
        text=offered.draft.text,
        reader=reader,
    )
    yield reader.say("確認の結果", "Checks")
    yield from (f"  {one}" for one in finding_lines(offered.drafted.findings, reader))
    if not offered.drafted.sure:
        yield reader.say(
            "  内容の見立てに自信がありません。購入者の文と合っているか確かめてください。",
            "  It may be about something else: compare it with what the buyer wrote.",
        )
    yield from (f"  {_copy_line(copy, offered.draft, reader)}" for copy in offered.copies)


def _copy_line(copy: FolderCopy, draft: Draft, reader: Reader) -> str:
    this = copy.draft_id == draft.id
    ja, en = ("この下書きは", "This draft ") if this else ("前の版の下書きは", "An earlier version ")
    told = reader.say(ja, en) + reader.word(FOLDER_STATES, copy.state) + f" ({clean(copy.folder)})"
    if copy.state is FolderState.PLACED:
        return told + reader.say("。承認すれば片付けます。", "; it is removed once you approve.")
    return told + reader.say(
        "。送るのは上の文です。そちらは送らずに消してください。",
        "; what is sent is the text above, so delete that copy and do not send it.",
    )


def _agreed(offered: _Offered, reader: Reader, *, yes: bool, despite_warnings: bool) -> bool:
    """Ask what there is to ask; tells whether the warnings, if any, are overruled.

    Raises:
        ReviewRefused: it may not go at all, or the warnings want a word of their own.
        NotAgreed: the person said no.
        click.UsageError: nobody is there to ask.
    """
    number, findings = offered.draft.case_id, offered.drafted.findings
    if offered.drafted.blocked:
        raise ReviewRefused(ApprovalRefusal.FORBIDDEN_WORDS, number, findings)
    if not yes:
        _need_a_person(offered)
    if findings and not despite_warnings:
        if yes:
            raise ReviewRefused(ApprovalRefusal.WARNINGS, number, findings)
        agree(
            reader.say("注意があります。それでも送りますか?", "There are warnings. Send it all the same?"),
            reader,
        )
    if not yes:
        agree(reader.say("この内容で購入者へ送りますか?", "Send this to the buyer?"), reader)
    return bool(findings)


def _need_a_person(offered: _Offered) -> None:
    number, version = offered.draft.case_id, offered.draft.version
    line = f"sokuresu approve {number} --draft {version} --yes"
    need_a_person(
        f"尋ねる相手がいません。読んだうえで: {line}", f"nobody can be asked; after reading it: {line}"
    )


def _insist_on_what_was_shown(item: OutboxItem, offered: _Offered) -> None:
    """Whoever approves has read this very mail to this very buyer."""
    shown = (offered.recipient, offered.subject, offered.draft.text)
    if (item.recipient, item.subject, item.text) != shown:
        raise ReviewRefused(ApprovalRefusal.BUYER_WROTE_AGAIN, offered.draft.case_id)


def _afterwards(number: int, reader: Reader, *, alive: bool) -> Iterator[str]:
    yield reader.say(f"案件 {number} の返信を承認しました。", f"The answer of case {number} is approved.")
    if alive:
        yield reader.say(
            "サービスが動いています。メールのフォルダーを確かめてから、ふつう1分以内に送ります。",
            "The service is alive: it looks into the folders and sends it, usually within a minute.",
        )
        return
    yield reader.say(
        "サービスが止まっているので、まだ送られません。sokuresu run で動かすと送ります。",
        "The service is NOT RUNNING, so nothing leaves until you start it: sokuresu run",
    )
