"""What a person decides about a draft, inside the caller's transaction; nothing here sends."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.case_lookup import known_case
from daemon.compose import message_id_for
from daemon.drafting import replace_open
from daemon.errors import SokuresuError
from daemon.identifiers import fresh_token
from daemon.order_facts import UNKNOWN
from daemon.threads import thread_of
from parsers.fingerprints import fingerprint_text
from parsers.values import BuyerAlias
from state.approval_rules import (
    ApprovalRefusal,
    Standing,
    outgoing_states,
    refusal_of,
    sight_of,
    voiding_message,
)
from state.drafts import Draft, DraftSource, DraftState
from state.model import CaseState, OutboxItem
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState
from templates.guidelines import Finding, check, is_blocked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daemon.work import Work
    from state.model import Case

SNOOZE = timedelta(hours=3)
"""How long a case is put off if nobody says until when, at most until the shop opens again."""

SNOOZE_LIMIT = timedelta(days=30)
"""A case that is put off for longer is forgotten."""

OTHER_ORDER = "other_order"
"""The rule against another order's number."""

TEXT_LIMIT = 20_000
"""Characters of a text that is kept as a version; Amazon takes 4,000 and the check says so."""

_EMPTY = ("本文がありません。", "There is no text.")
"""Why a draft without words may not go; a template of the shop's own may make one."""


class ReviewRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """A decision about a draft was not carried out.

    Attributes:
        refusal: why, as a machine word.
        findings: what breaks Amazon's rules, where that is why.
    """

    def __init__(self, refusal: ApprovalRefusal, case_id: int, findings: Sequence[Finding] = ()) -> None:
        """Say it as a person can use it.

        Args:
            refusal: why.
            case_id: the case.
            findings: what breaks Amazon's rules, if that is why.
        """
        ja, en = _SENTENCES[refusal]
        super().__init__(f"案件 {case_id}: {ja.format(n=case_id)} / Case {case_id}: {en.format(n=case_id)}")
        self.refusal = refusal
        self.findings = tuple(findings)


_SENTENCES = {
    ApprovalRefusal.NO_DRAFT: (
        "下書きがありません。sokuresu edit {n} で書けます。",
        "there is no draft; write one with sokuresu edit {n}.",
    ),
    ApprovalRefusal.NO_ADDRESS: (
        "返信先のアドレスがありません。セラーセントラルからご返信ください。",
        "there is no address to answer to; answer in Seller Central.",
    ),
    ApprovalRefusal.BEING_SENT: (
        "すでに承認され、送信待ちか送信中です。やめるには sokuresu discard {n}",
        "it was approved already and waits to be sent; to stop it: sokuresu discard {n}.",
    ),
    ApprovalRefusal.UNCERTAIN: (
        "前の返信が届いたか分かりません。先に sokuresu outbox で決めてください。",
        "nobody knows whether the last answer left; settle it first with sokuresu outbox.",
    ),
    ApprovalRefusal.DISCARDED: (
        "この下書きは破棄されています。",
        "this draft was discarded.",
    ),
    ApprovalRefusal.ALREADY_SENT: (
        "この下書きはすでに承認されています。",
        "this draft was approved before.",
    ),
    ApprovalRefusal.BUYER_WROTE_AGAIN: (
        "購入者からその後にメッセージが届いています。sokuresu draft {n} で確かめてください。",
        "the buyer has written again since; look with sokuresu draft {n}.",
    ),
    ApprovalRefusal.ANSWERED_MEANWHILE: (
        "その後にほかの返信が送られています。sokuresu case {n} で確かめてください。",
        "it was answered another way since; look with sokuresu case {n}.",
    ),
    ApprovalRefusal.OLD_VERSION: (
        "新しい版の下書きがあります。sokuresu draft {n} で確かめてください。",
        "there is a newer version of the draft; look with sokuresu draft {n}.",
    ),
    ApprovalRefusal.FORBIDDEN_WORDS: (
        "このままでは送れません。sokuresu edit {n} で直してください。",
        "it may not be sent as it is; mend it with sokuresu edit {n}.",
    ),
    ApprovalRefusal.WARNINGS: (
        "注意があります。よければ、それでも送ると決めてください。",
        "there are warnings; send it all the same if you know better.",
    ),
    ApprovalRefusal.DRAFT_GONE: (
        "下書きフォルダーの下書きがなくなっていました。送信済みでないか確かめてください。",
        "the draft was no longer in the Drafts folder; make sure that it was not sent from there.",
    ),
    ApprovalRefusal.DRAFT_EDITED: (
        "下書きフォルダーの下書きが書き換えられていました。どちらを送るか決めてください。",
        "the draft in the Drafts folder was edited; decide which of the two is to go.",
    ),
}


def check_draft(draft: Draft, case: Case, language: str) -> tuple[Finding, ...]:
    """What in a draft breaks Amazon's rules, its blanks included; the reasons in the owner's language."""
    return check_text(draft.text, case.order_ids, language)


def check_text(text: str, order_ids: tuple[str, ...], language: str) -> tuple[Finding, ...]:
    """What in a text to a buyer breaks Amazon's rules.

    Args:
        text: whether it is kept as a draft or not.
        order_ids: of its case.
        language: of the reasons.
    """
    if not text.strip():
        return (Finding("empty", "error", "", _EMPTY[language == "en"]),)
    # Of a case with several orders each may be named, and no other.
    named = (one for one in order_ids if one in text)
    found = check(text, order_id=next(named, next(iter(order_ids), None)), language=language)
    own = frozenset(map(_digits, order_ids))
    return tuple(one for one in found if one.rule != OTHER_ORDER or _digits(one.text) not in own)


def _digits(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", text).lower() if one in "0123456789dps")


def standing_of(work: Work, case: Case, *, besides: int = 0) -> Standing:
    """What is true of a case now, one outgoing mail left out."""
    account = work.shop.accounts.get(case.mailbox)
    return Standing(
        voiding_message=voiding_message(work.uow.messages.of_case(case.id)),
        newest_answer=work.uow.answers.newest(case.id),
        outgoing=outgoing_states(work.uow.outbox.of_case(case.id), besides=besides),
        reachable=account is not None and BuyerAlias.parse(case.alias) is not None,
    )


def case_of(work: Work, case_id: int) -> Case:
    """The case.

    Raises:
        SokuresuError: there is none, or it is closed.
    """
    case = known_case(work, case_id)
    if case.state is CaseState.CLOSED:
        raise SokuresuError(
            f"案件 {case_id} は終了しています。新しいメッセージが来れば別の案件が開きます。"
            f" / Case {case_id} is closed; a new message opens another case."
        )
    return case


def current_draft(work: Work, case_id: int) -> Draft:
    """The version of a case that waits for a person.

    Raises:
        ReviewRefused: there is none.
    """
    draft = work.uow.drafts.open_of(case_id)
    if draft is None:
        raise ReviewRefused(ApprovalRefusal.NO_DRAFT, case_id)
    return draft


def approve(
    work: Work, draft_id: int, *, despite_warnings: bool, how: str, older: bool = False
) -> OutboxItem:
    """Queue a draft as the answer to the buyer; it leaves when the account's folders allow it.

    Args:
        work: the transaction.
        draft_id: the version that the person read.
        despite_warnings: the person saw the warnings; which ones is recorded.
        how: ``command``, ``reply`` or ``desk``, for the record.
        older: the person chose this version though there is a newer one.

    Raises:
        ReviewRefused: it may not go; the word says why.
        SokuresuError: the case is closed or gone.
    """
    draft = work.uow.drafts.get(draft_id)
    if draft is None:
        raise ReviewRefused(ApprovalRefusal.NO_DRAFT, 0)
    case = case_of(work, draft.case_id)
    refusal = refusal_of_approving(work, draft, case, older=older)
    if refusal is not None:
        raise ReviewRefused(refusal, case.id)
    warnings = _warnings(work, draft, case, despite_warnings=despite_warnings)
    replace_open(work, case.id)
    work.uow.drafts.settle(draft.id, DraftState.APPROVED, work.now)
    detail = f"v{draft.version} {how}" + "".join(f" despite:{rule}" for rule in warnings)
    work.uow.events.note(case.id, "approved", work.now, detail)
    stored = work.uow.outbox.add(_approved(work, draft, case))
    assert stored is not None
    return stored


def _warnings(work: Work, draft: Draft, case: Case, *, despite_warnings: bool) -> list[str]:
    findings = check_draft(draft, case, work.shop.language)
    if is_blocked(findings):
        raise ReviewRefused(ApprovalRefusal.FORBIDDEN_WORDS, case.id, findings)
    if findings and not despite_warnings:
        raise ReviewRefused(ApprovalRefusal.WARNINGS, case.id, findings)
    return list(dict.fromkeys(one.rule for one in findings))


def refusal_of_approving(work: Work, draft: Draft, case: Case, *, older: bool) -> ApprovalRefusal | None:
    """Why a person may not approve this version now, whatever its words are; None if they may.

    Args:
        work: the transaction.
        draft: the version.
        case: its case.
        older: the person chose this version though there is a newer one.
    """
    refusal = refusal_of(draft, standing_of(work, case))
    if refusal is None and draft.state is DraftState.REPLACED and not older:
        return ApprovalRefusal.OLD_VERSION
    return refusal


def _approved(work: Work, draft: Draft, case: Case) -> OutboxItem:
    account = work.shop.accounts[case.mailbox]
    before = sum(item.draft_id == draft.id for item in work.uow.outbox.of_case(case.id))
    return OutboxItem(
        id=0,
        purpose=f"approved:{draft.id}:{before + 1}",
        kind=OutboxKind.APPROVED,
        state=OutboxState.QUEUED,
        mailbox=account.name,
        case_id=case.id,
        answers_message=draft.sight.message,
        buyer_key=case.buyer_key,
        recipient=case.alias or "",
        message_id=message_id_for(fresh_token(), account.address),
        subject=thread_of(work.uow, draft, case).subject,
        text=draft.text,
        text_print=fingerprint_text(draft.text),
        created_at=work.now,
        next_attempt_at=work.now,
        draft_id=draft.id,
    )


def blank_draft(work: Work, case_id: int) -> Draft:
    """An empty version with sight of all that there is now, for a text from scratch; it is not stored.

    Raises:
        ReviewRefused: there is nobody to write to.
        SokuresuError: the case is closed or gone.
    """
    case = case_of(work, case_id)
    sight = sight_of(work.uow.messages.of_case(case_id), work.uow.answers.newest(case_id))
    if not sight.message or BuyerAlias.parse(case.alias) is None:
        raise ReviewRefused(ApprovalRefusal.NO_ADDRESS, case_id)
    return Draft(
        id=0,
        case_id=case.id,
        version=0,
        state=DraftState.OPEN,
        source=DraftSource.COMMAND,
        sight=sight,
        situation=None,
        sure=False,
        fulfilment=UNKNOWN,
        language=work.shop.language_for(case.marketplace),
        template=None,
        text="",
        token="",
        made_at=work.now,
    )


def revise(work: Work, based_on: Draft, text: str, source: DraftSource) -> Draft:
    """Keep a person's text as the next version; it is sent only after an approval of its own.

    Args:
        work: the transaction.
        based_on: the version that the person had before them.
        text: what the person wrote.
        source: how it came.

    Raises:
        ReviewRefused: the buyer wrote again, or the case was answered, after the person saw it.
        SokuresuError: the case is closed or gone.
    """
    case = case_of(work, based_on.case_id)
    if len(text) > TEXT_LIMIT:
        raise SokuresuError(
            f"文面が長すぎます ({TEXT_LIMIT:,} 文字まで)。"
            f" / The text is longer than {TEXT_LIMIT:,} characters."
        )
    refusal = refusal_of(replace(based_on, state=DraftState.OPEN), standing_of(work, case))
    if refusal is not None:
        raise ReviewRefused(refusal, case.id)
    replace_open(work, case.id)
    stored = work.uow.drafts.add(_revised(based_on, text, source, work.now))
    work.uow.events.note(case.id, "draft_revised", work.now, f"v{stored.version} {source}")
    return stored


def _revised(based_on: Draft, text: str, source: DraftSource, now: datetime) -> Draft:
    return replace(
        based_on,
        id=0,
        state=DraftState.OPEN,
        source=source,
        text=text.strip() + "\n",
        token=fresh_token(),
        made_at=now,
        settled_at=None,
    )


def discard(work: Work, case_id: int) -> Draft:
    """A person wants nothing of the draft; the case stays unanswered.

    An approved one that has not left yet is stopped.

    Raises:
        ReviewRefused: there is no draft.
        SokuresuError: the case is closed or gone.
    """
    case = case_of(work, case_id)
    draft = draft_to_discard(work, case.id)
    if (item := _waiting(work, case)) is not None:
        work.uow.outbox.advance(item, OutboxEvent.FORBIDDEN, reason=ApprovalRefusal.DISCARDED)
    work.uow.drafts.settle(draft.id, DraftState.DISCARDED, work.now)
    work.uow.events.note(case.id, "draft_discarded", work.now, f"v{draft.version}")
    return draft


def draft_to_discard(work: Work, case_id: int) -> Draft:
    """The version that `discard` throws away: an approved one that has not left yet, else the one that waits.

    Raises:
        ReviewRefused: there is none.
        SokuresuError: the case is closed or gone.
    """
    item = _waiting(work, case_of(work, case_id))
    approved = None if item is None else work.uow.drafts.get(item.draft_id or 0)
    return approved or current_draft(work, case_id)


def _waiting(work: Work, case: Case) -> OutboxItem | None:
    """The approved mail of a case that still waits to leave; there is one at most."""
    waiting = work.uow.outbox.approved_waiting(case.mailbox)
    return next((item for item in waiting if item.case_id == case.id), None)


def snooze(work: Work, case_id: int, until: datetime | None = None) -> datetime:
    """Keep a case out of the daily alerts for a while; Amazon's last calls come all the same.

    Args:
        work: the transaction.
        case_id: the case.
        until: until when; three hours, or the next opening if the shop is closed by then, if not given.

    Returns:
        Until when it is put off, in UTC.

    Raises:
        SokuresuError: the case is closed or gone, or the time has passed.
    """
    case = case_of(work, case_id)
    end = until or usual_snooze(work)
    if end - work.now > SNOOZE_LIMIT:
        raise SokuresuError(
            f"後回しにできるのは{SNOOZE_LIMIT.days}日までです。"
            f" / A case is put off for {SNOOZE_LIMIT.days} days at most."
        )
    if end <= work.now:
        raise SokuresuError(
            "いつまで後回しにするかは、これからの時刻にしてください。"
            " / A case is put off until a time that is still to come."
        )
    work.uow.cases.change(case.id, snoozed_until=end)
    work.uow.events.note(case.id, "snoozed", work.now, end.isoformat(timespec="minutes"))
    return end


def usual_snooze(work: Work) -> datetime:
    """Three hours from now, or the next opening if nobody is there then."""
    end = work.now + SNOOZE
    closed_from, opening = work.shop.calendar.closed_time(work.now)
    return opening if closed_from <= end < opening else end
