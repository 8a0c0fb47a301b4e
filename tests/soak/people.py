"""What people do beside the service: the same decisions as the commands make, from another process."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from daemon import commands, quarantined_mail, review
from daemon.errors import SokuresuError
from daemon.work import Work
from parsers.values import Kind
from state.drafts import DraftSource
from state.engine import DATABASE_TROUBLE
from state.model import CaseState
from state.outbox_rules import OutboxState
from tests.soak.plan import Deed, Person
from tests.soak.story import MAILBOXES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from state.model import Case
    from tests.soak.truth import Truth
    from tests.soak.yard import Yard

_T = TypeVar("_T")
_RESENT = 0.5
_LEFT_OPEN = 12


def chosen(items: Sequence[_T], pick: float) -> _T | None:
    """One of them; None if there is none."""
    return items[int(pick * len(items))] if items else None


class People:
    """The people of the shop; they know what really left, for they can look at the server.

    Attributes:
        texts: how many texts of their own they approved.
    """

    def __init__(self, yard: Yard, truth: Truth) -> None:
        """Begin with nothing done."""
        self._yard = yard
        self._truth = truth
        self.texts = 0
        self._deeds: dict[Person, Callable[[Work, float], None]] = {
            Person.APPROVE: self._approve_own_text,
            Person.APPROVE_DRAFT: self._approve_draft,
            Person.DISCARD: self._discard,
            Person.ANSWERED: self._say_answered,
            Person.SNOOZE: self._snooze,
            Person.SETTLE: self._settle,
            Person.RETRY: self._retry,
            Person.CLEAR: self._clear,
        }

    def do(self, deed: Deed, now: datetime) -> None:
        """Do one thing, or fail as a person does: with a sentence that says why, and nothing changed."""
        if deed.what is Person.MOVE:
            self._yard.move_to_junk(MAILBOXES[deed.pick < 0.3], deed.pick)
            return
        with suppress(SokuresuError, *DATABASE_TROUBLE), self._yard.database.write() as uow:
            self._deeds[deed.what](Work(uow, self._yard.shop, now), deed.pick)
            uow.commit()

    def _case(self, work: Work, pick: float) -> Case | None:
        waiting = [
            case for case in work.uow.cases.in_state(CaseState.OPEN) if case.kind is Kind.BUYER_MESSAGE
        ]
        return chosen(waiting[-25:], pick)

    def _approve_own_text(self, work: Work, pick: float) -> None:
        case = self._case(work, pick)
        if case is None:
            return
        based_on = work.uow.drafts.open_of(case.id) or review.blank_draft(work, case.id)
        self.texts += 1
        text = (
            f"お問い合わせありがとうございます。本日中に確認し、商品の交換を手配いたします。控え{self.texts}"
        )
        fresh = review.revise(work, based_on, text, DraftSource.COMMAND)
        review.approve(work, fresh.id, despite_warnings=True, how="command")

    def _approve_draft(self, work: Work, pick: float) -> None:
        case = self._case(work, pick)
        if case is not None:
            draft = review.current_draft(work, case.id)
            review.approve(work, draft.id, despite_warnings=True, how="command")

    def _discard(self, work: Work, pick: float) -> None:
        case = self._case(work, pick)
        if case is not None:
            review.discard(work, case.id)

    def _say_answered(self, work: Work, pick: float) -> None:
        case = self._case(work, pick)
        if case is not None:
            commands.answered(work, case.id)

    def _clear(self, work: Work, _pick: float) -> None:
        """All but the newest cases are answered by telephone: no shop lets hundreds wait."""
        for case in work.uow.cases.in_state(CaseState.OPEN)[:-_LEFT_OPEN]:
            commands.answered(work, case.id)

    def _snooze(self, work: Work, pick: float) -> None:
        case = self._case(work, pick)
        if case is not None:
            review.snooze(work, case.id)

    def _settle(self, work: Work, pick: float) -> None:
        """Who settles looks into the Sent folder first, and so knows."""
        item = chosen(work.uow.outbox.in_state(OutboxState.UNCERTAIN), pick)
        if item is None:
            return
        if self._truth.took(item.message_id):
            commands.outbox_sent(work, item.id)
        elif pick * 10 % 1 < _RESENT:
            commands.outbox_resend(work, item.id)
        else:
            commands.outbox_drop(work, item.id)

    def _retry(self, work: Work, pick: float) -> None:
        entry = chosen(work.uow.quarantine.unsettled(), pick)
        if entry is not None:
            quarantined_mail.retry_quarantined(work, entry.id)
