"""The check before sending: the whole mail as it will leave, and the approval of exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from daemon.review import ReviewRefused, approve, case_of
from daemon.showing.case_lines import line_of
from daemon.showing.liveness import is_alive
from daemon.web.case_heads import met
from daemon.web.letter_view import letter_of
from daemon.web.pages.draft import refuse, version_of
from daemon.web.refusals import say_error, say_refusal
from daemon.web.rooms import Room
from state.approval_rules import ApprovalRefusal
from state.drafts import DraftState

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.letter_view import Letter
    from daemon.web.visit import Visit
    from daemon.work import Work
    from state.drafts import Draft
    from state.model import OutboxItem


class NotAsShown(SokuresuError):  # noqa: N818 - reads as what it is
    """What would go is not what the person has read."""

    def __init__(self) -> None:
        """Say it as a person can use it."""
        super().__init__(
            "確かめていただいた内容と違うところがあります。もう一度お確かめください。"
            " / It is not what you have read any more; please read it again."
        )


def ask(visit: Visit) -> Response:
    """The whole mail, to be read before it is approved; who comes back to it after that sees the case."""
    number, version = visit.number(), visit.query.number("version")
    with visit.considering() as work:
        line = line_of(work.uow, case_of(work, met(work, number).id))
        draft = work.uow.drafts.open_of(number) if version is None else version_of(work, line.case, version)
        letter = None if draft is None else letter_of(work, line, draft, visit.reader)
    if letter is None:
        return refuse(visit, number, say_refusal(ApprovalRefusal.NO_DRAFT, visit.reader))
    if letter.draft.state is DraftState.APPROVED:
        return visit.go(f"/case/{number}", done="approved_before")
    return _show(visit, letter)


def _show(visit: Visit, letter: Letter, trouble: str = "") -> Response:
    if letter.refusal is not None:
        told = say_refusal(letter.refusal, visit.reader)
        return refuse(visit, letter.draft.case_id, told, letter.draft)
    code = 409 if trouble else 200
    return visit.page("send.j2", code=code, letter=letter, trouble=trouble)


def send(visit: Visit) -> Response:
    """Approve exactly what was shown; what differs is not approved, and a second click does nothing."""
    number, shown = visit.number(), visit.form.line("digest")
    try:
        with visit.deciding() as work:
            draft = version_of(work, met(work, number), visit.form.number("version") or 0)
            if draft.state is DraftState.APPROVED:
                return visit.go(f"/case/{number}", done="approved_before")
            letter = _insist(visit, work, draft, shown)
            _insist_on_mail(_approve(visit, work, draft), letter)
            alive = is_alive(work.uow.runs.last(), work.now)
    except SokuresuError as error:
        return _say_why(visit, number, error)
    return visit.go(f"/case/{number}", done="approved" if alive else "approved_waiting")


def _approve(visit: Visit, work: Work, draft: Draft) -> OutboxItem:
    return approve(work, draft.id, despite_warnings=visit.form.has("despite"), how="desk")


def _insist(visit: Visit, work: Work, draft: Draft, shown: str) -> Letter:
    """The mail as it stands now, if it is what was shown.

    Raises:
        ReviewRefused: it may not go any more.
        NotAsShown: it differs.
    """
    line = line_of(work.uow, case_of(work, draft.case_id))
    letter = letter_of(work, line, draft, visit.reader)
    if letter.refusal is not None:
        raise ReviewRefused(letter.refusal, draft.case_id)
    if letter.digest != shown:
        raise NotAsShown
    return letter


def _insist_on_mail(item: OutboxItem, letter: Letter) -> None:
    """Whoever approves has read this very mail to this very buyer."""
    if (item.recipient, item.text) != (letter.recipient, letter.draft.text):
        raise NotAsShown


def _say_why(visit: Visit, number: int, error: SokuresuError) -> Response:
    """The mail again with the reason on top where it may still go, else the reason and the way back."""
    told = say_error(error, visit.reader)
    with visit.considering() as work:
        line = line_of(work.uow, met(work, number))
        draft = version_of(work, line.case, visit.form.number("version") or 0)
        letter = letter_of(work, line, draft, visit.reader)
    asked_again = isinstance(error, NotAsShown) or _is_about_words(error)
    return _show(visit, letter, told) if asked_again else refuse(visit, number, told, draft)


def _is_about_words(error: SokuresuError) -> bool:
    about = (ApprovalRefusal.WARNINGS, ApprovalRefusal.FORBIDDEN_WORDS)
    return isinstance(error, ReviewRefused) and error.refusal in about


ROOMS = (
    Room("/case/{number:int}/send", ask),
    Room("/case/{number:int}/send", send, "POST"),
)
