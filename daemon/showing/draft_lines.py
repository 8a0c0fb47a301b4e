"""A draft as it stands in a list: what it is about, whether it may go, and until when it is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daemon.errors import SokuresuError
from daemon.review import check_draft, standing_of
from daemon.showing.case_lines import line_of
from daemon.showing.findings import records_of, state_words
from daemon.words import APPROVAL_REFUSALS, SITUATIONS
from parsers.values import Intent, Kind
from state.approval_rules import refusal_of
from state.leading import leading_intent
from templates.guidelines import is_blocked

if TYPE_CHECKING:
    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader
    from daemon.work import Work
    from state.approval_rules import ApprovalRefusal
    from state.drafts import Draft
    from state.model import Case
    from templates.guidelines import Finding


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One version of a draft with what is to be said against sending it.

    Attributes:
        line: its case.
        draft: the version.
        findings: what in it breaks Amazon's rules.
        refusal: why it may not be approved now, its words apart; None if it may.
    """

    line: CaseLine
    draft: Draft
    findings: tuple[Finding, ...]
    refusal: ApprovalRefusal | None

    @property
    def blocked(self) -> bool:
        """Its words must not be sent."""
        return is_blocked(self.findings)

    @property
    def ready(self) -> bool:
        """It may be sent as it is, if a person agrees."""
        return self.refusal is None and not self.blocked

    @property
    def sure(self) -> bool:
        """It is about the right thing: that was recognised well, or a person wrote it."""
        return sure_about(self.draft)

    def record(self) -> dict[str, Any]:
        """The same for scripts; instants stay instants."""
        draft, case = self.draft, self.line.case
        return {
            "case": draft.case_id,
            "version": draft.version,
            "intent": self.intent,
            "findings": records_of(self.findings),
            "ready": self.ready,
            "refusal": self.refusal,
            "situation": draft.situation,
            "sure": self.sure,
            "fulfilment": draft.fulfilment,
            "language": draft.language,
            "source": draft.source.value,
            "state": draft.state.value,
            "made_at": draft.made_at,
            "order_ids": list(case.order_ids),
            "buyer_name": case.buyer_name,
            "amazon_by": self.line.amazon_by,
            "respond_by": self.line.respond_by,
            "text": draft.text,
        }

    @property
    def intent(self) -> str | None:
        """What the buyer wants; the situation may say besides that it is late for it."""
        if self.draft.situation in set(Intent):
            return self.draft.situation
        written = [one for one in self.line.pressing if one.kind is Kind.BUYER_MESSAGE]
        return leading_intent(written).intent if written else None


def sure_about(draft: Draft) -> bool:
    """A version is about the right thing: that was recognised well, or a person wrote it."""
    return draft.sure or draft.source.by_person


def draft_line(work: Work, draft: Draft, case: Case) -> DraftLine:
    """One version of a draft as it stands now."""
    return DraftLine(
        line_of(work.uow, case),
        draft,
        check_draft(draft, case, work.shop.language),
        refusal_of(draft, standing_of(work, case)),
    )


def open_draft_lines(work: Work) -> list[DraftLine]:
    """Every draft that waits for a person, most urgent first."""
    pairs = ((draft, work.uow.cases.get(draft.case_id)) for draft in work.uow.drafts.open())
    lines = [draft_line(work, draft, case) for draft, case in pairs if case is not None]
    return sorted(lines, key=lambda one: one.line.urgency)


def say_about(line: DraftLine, reader: Reader) -> str:
    """What the draft is about, with a mark where that is a guess."""
    return reader.word(SITUATIONS, line.draft.situation or line.intent or "other") + (
        "" if line.sure else " ?"
    )


def say_state(line: DraftLine, reader: Reader) -> str:
    """Whether it may go."""
    if line.refusal is not None:
        return reader.word(APPROVAL_REFUSALS, line.refusal)
    return state_words(line.findings, reader)


def find_draft(work: Work, case: Case, version: int | None) -> Draft | None:
    """The version that a person names; without a number the one that waits, or else the newest.

    Raises:
        SokuresuError: there is no such version.
    """
    drafts = work.uow.drafts.of_case(case.id)
    if version is None:
        return work.uow.drafts.open_of(case.id) or (drafts[-1] if drafts else None)
    found = next((one for one in drafts if one.version == version), None)
    if found is None:
        raise SokuresuError(
            f"案件 {case.id} の下書きに v{version} はありません。一覧: sokuresu case {case.id}"
            f" / Case {case.id} has no draft v{version}; list them with: sokuresu case {case.id}"
        )
    return found
