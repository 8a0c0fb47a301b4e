"""The draft beside the conversation: what a person reads, mends and sends on the page of a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from daemon.order_facts import UNKNOWN
from daemon.review import check_text, standing_of
from daemon.showing.draft_facts import facts_of
from daemon.showing.findings import BLANK
from daemon.showing.reader import clean
from daemon.web.differences import Piece, differences
from daemon.words import APPROVAL_REFUSALS, DRAFT_SOURCES, DRAFT_STATES, FOLDER_STATES, SITUATIONS
from state.approval_rules import refusal_of, sight_of
from state.drafts import Draft, DraftSource, DraftState, FolderState, Sight
from state.model import CaseState
from state.outbox_rules import OutboxKind, OutboxState
from templates.drafting import DRAFTED
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from templates.guidelines import Finding

_COLUMNS = 34
"""Characters of a line in the field where one writes; only its height depends on it."""

_LOWEST, _HIGHEST = 7, 17
"""Lines of that field."""

_LYING = frozenset({FolderState.PLACED, FolderState.EDITED, FolderState.LEFT, FolderState.GONE})
"""Copies in the Drafts folder that a person should know of."""


_SITES = {
    "co.jp": "https://sellercentral.amazon.co.jp",
    "com": "https://sellercentral.amazon.com",
}
"""Amazon's site for sellers; the paths below it are left out, for nothing vouches for them."""


class Mode(StrEnum):
    """What can be done with the draft of a case."""

    WRITE = "write"
    LEAVING = "leaving"
    HELD = "held"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of all.

    Attributes:
        number: counts up from 1.
        state, source: in words.
        made_at: when it was made.
        current: it is the one in the field.
    """

    number: int
    state: str
    source: str
    made_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason of the check, with all places that it is about.

    Attributes:
        severity: ``error`` or ``warning``.
        blank: something was not filled in yet.
        quotes: the words, as they stand in the text; none where something is missing.
        reason: what is wrong and what to do.
    """

    severity: str
    blank: bool
    quotes: tuple[str, ...]
    reason: str


@lru_cache(maxsize=64)
def findings_in(text: str, order_ids: tuple[str, ...], language: str) -> tuple[Finding, ...]:
    """What the check says; the same text is looked at again and again while one decides about it."""
    return check_text(text, order_ids, language)


def concerns_of(findings: Sequence[Finding]) -> tuple[Concern, ...]:
    """The findings by their reasons: what is to be filled in, what must be mended, then what to mind."""
    reasons = dict.fromkeys((one.severity, one.rule == BLANK, one.reason) for one in findings)
    found = (
        Concern(severity, blank, _quotes(findings, reason), reason) for severity, blank, reason in reasons
    )
    return tuple(sorted(found, key=lambda one: (not one.blank, one.severity != "error")))


def _quotes(findings: Sequence[Finding], reason: str) -> tuple[str, ...]:
    return tuple(one.text for one in findings if one.reason == reason and one.text)


@dataclass(frozen=True, slots=True)
class DraftPanel:
    """Everything that the panel shows.

    Attributes:
        case_id: the case.
        mode: what can be done.
        about: what the answer is about, in words.
        sure: that may be relied on.
        situation: the word of the templates for it; empty where they have none.
        fulfilment: ``fba``, ``own``, or empty where nobody knows.
        version: the version that the text began with; 0 for a text from scratch.
        waiting: the version that waits for a person; 0 if none does.
        sight: what there was to see when this was shown.
        text: what stands in the field.
        findings: what in it breaks Amazon's rules, in the reader's language.
        hindrance: why nothing can be sent as it stands, in words; empty if it can.
        source: who wrote the version, in words.
        made_at: when.
        versions: all there are, newest first.
        folder: what is known of the copies in the Drafts folder, a sentence each.
        changes: how the text differs from the one named by `changed_from`.
        changed_from: what it is compared with; empty if with nothing.
        trouble: why what was just asked for was not done; empty if it was.
        unkept: the person wrote the text and it is stored nowhere yet.
        settled: nothing waits for an answer, and no version does.
        seller_central: Amazon's site for sellers, where one can answer too.
    """

    case_id: int
    mode: Mode
    about: str
    sure: bool
    situation: str
    fulfilment: str
    version: int
    waiting: int
    sight: Sight
    text: str = field(repr=False)
    findings: tuple[Finding, ...]
    hindrance: str
    source: str
    made_at: datetime
    versions: tuple[VersionLine, ...]
    folder: tuple[str, ...]
    changes: tuple[Piece, ...] = field(default=(), repr=False)
    changed_from: str = ""
    trouble: str = ""
    unkept: bool = False
    settled: bool = False
    seller_central: str = ""

    @property
    def rows(self) -> int:
        """Lines of the field, so that a usual letter is seen as a whole."""
        wanted = sum(1 + len(line) // _COLUMNS for line in self.text.split("\n")) + 1
        return min(max(wanted, _LOWEST), _HIGHEST)

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """The findings by their reasons."""
        return concerns_of(self.findings)

    @property
    def choices(self) -> frozenset[str]:
        """The situations that there are templates for."""
        return DRAFTED

    @property
    def blocked(self) -> bool:
        """The words must not be sent."""
        return is_blocked(self.findings)


def panel_of(work: Work, line: CaseLine, reader: Reader) -> DraftPanel:
    """The panel of a case as it stands now.

    Args:
        work: the transaction.
        line: the case with its messages.
        reader: who looks.
    """
    versions = work.uow.drafts.of_case(line.case.id)
    mode = _mode(work, line)
    shown = _shown(work, line, versions, mode)
    facts = facts_of(work, line, shown if shown.version else None)
    before, changed_from = _compared(work, line, versions, shown, reader)
    return DraftPanel(
        case_id=line.case.id,
        mode=mode,
        about=reader.word(SITUATIONS, facts.situation),
        sure=facts.sure,
        situation=facts.situation if facts.situation in DRAFTED else "",
        fulfilment=facts.fulfilment if facts.fulfilment in ("fba", "own") else "",
        version=shown.version,
        waiting=next((one.version for one in versions if one.state is DraftState.OPEN), 0),
        sight=sight_of(line.messages, work.uow.answers.newest(line.case.id)),
        text=shown.text,
        findings=findings_in(shown.text, line.case.order_ids, reader.language) if shown.text.strip() else (),
        hindrance=_hindrance(work, line, shown, reader),
        source=reader.word(DRAFT_SOURCES, shown.source),
        made_at=shown.made_at,
        versions=tuple(_version_line(one, shown, reader) for one in reversed(versions)),
        folder=() if mode is Mode.LEAVING else folder_words(work, versions, shown.version, reader),
        changes=differences(before, shown.text) if changed_from else (),
        changed_from=changed_from,
        settled=line.case.state is CaseState.ANSWERED and shown.version == 0,
        seller_central=_SITES.get(line.case.marketplace or "", _SITES["co.jp"]),
    )


def _mode(work: Work, line: CaseLine) -> Mode:
    if line.case.state is CaseState.CLOSED:
        return Mode.CLOSED
    standing = standing_of(work, line.case)
    if not standing.reachable:
        return Mode.UNREACHABLE
    if line.approved:
        return Mode.LEAVING
    return Mode.HELD if OutboxState.UNCERTAIN in standing.outgoing else Mode.WRITE


def _shown(work: Work, line: CaseLine, versions: Sequence[Draft], mode: Mode) -> Draft:
    """The version in the field: the approved one while it leaves, the one that waits, or an empty one."""
    wanted = DraftState.APPROVED if mode is Mode.LEAVING else DraftState.OPEN
    found = [one for one in versions if one.state is wanted]
    return found[-1] if found else _empty_draft(work, line)


def _empty_draft(work: Work, line: CaseLine) -> Draft:
    """What a text from scratch begins with, also where it can only be copied; it is not stored."""
    return Draft(
        id=0,
        case_id=line.case.id,
        version=0,
        state=DraftState.OPEN,
        source=DraftSource.DESK,
        sight=sight_of(line.messages, work.uow.answers.newest(line.case.id)),
        situation=None,
        sure=False,
        fulfilment=UNKNOWN,
        language=work.shop.language_for(line.case.marketplace),
        template=None,
        text="",
        token="",
        made_at=work.now,
    )


def _hindrance(work: Work, line: CaseLine, shown: Draft, reader: Reader) -> str:
    """Why the version may not go as it is; a text that is saved anew may still."""
    if not shown.version or shown.state is not DraftState.OPEN:
        return ""
    refusal = refusal_of(shown, standing_of(work, line.case))
    return "" if refusal is None else reader.word(APPROVAL_REFUSALS, refusal)


def _version_line(draft: Draft, shown: Draft, reader: Reader) -> VersionLine:
    state, source = reader.word(DRAFT_STATES, draft.state), reader.word(DRAFT_SOURCES, draft.source)
    return VersionLine(draft.version, state, source, draft.made_at, draft.version == shown.version)


def folder_words(work: Work, versions: Sequence[Draft], version: int, reader: Reader) -> tuple[str, ...]:
    """Where copies of the drafts lie in the Drafts folder, a sentence each.

    Args:
        work: the transaction.
        versions: of the case.
        version: the one that is shown; of older ones only what still lies there is told.
        reader: who looks.
    """
    copies = ((one, work.uow.folder_copies.of_draft(one.id)) for one in versions)
    told = ((one.version == version, copy) for one, copy in copies if copy is not None)
    return tuple(
        _copy_words(copy.state, copy.folder, reader, this=this)
        for this, copy in told
        if copy.state in _LYING and (this or copy.state is not FolderState.GONE)
    )


def _copy_words(state: FolderState, folder: str, reader: Reader, *, this: bool) -> str:
    whose = reader.say("この版は", "This version ") if this else reader.say("前の版は", "An earlier version ")
    told = whose + reader.word(FOLDER_STATES, state) + (f" ({clean(folder)})" if folder else "")
    if state is FolderState.PLACED:
        return told + reader.say("。承認すれば片付けます。", "; it is removed once you approve.")
    if state is FolderState.GONE:
        return told + reader.say(
            "。送信済みでないか確かめてください。", "; make sure that it was not sent from there."
        )
    return told + reader.say(
        "。送るのはこの画面の文です。そちらは送らずに消してください。",
        "; what is sent is the text here, so delete that copy and do not send it.",
    )


def _compared(
    work: Work, line: CaseLine, versions: Sequence[Draft], shown: Draft, reader: Reader
) -> tuple[str, str]:
    """The text that the version is compared with, and what that is called."""
    sent = [
        item
        for item in work.uow.outbox.of_case(line.case.id)
        if item.kind is OutboxKind.APPROVED and item.state is OutboxState.SENT and item.draft_id != shown.id
    ]
    if sent and shown.text.strip():
        return sent[-1].text, reader.say("前に送った返信", "the answer sent before")
    begun = [one for one in versions if one.source is DraftSource.TEMPLATE and one.version < shown.version]
    if begun and shown.source.by_person:
        return begun[-1].text, reader.say("もとの文例", "the template that it began with")
    return "", ""
