"""Kills the real program at a named step, as a power cut would; only processes of tests call this.

The program itself knows nothing of it: the functions at which a step begins or ends are wrapped before its
command line is entered.
"""

from __future__ import annotations

import os
import signal
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any

from daemon.delivery import Delivery
from daemon.drafts_folder import DraftsFolder
from daemon.mailbox import ImapMailbox
from daemon.reading.taking import Taking
from daemon.smtp import SmtpSubmission
from state.outbox_rules import OutboxEvent, OutboxKind
from state.repository.outbox import Outbox
from state.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN_FATE = {
    "after the claim commit",
    "before MAIL",
    "after 354",
    "during the content",
    "before the final reply",
    "after 250",
    "before the recording commit",
}
"""Steps at which the row says sending: nobody but the server can know whether the mail left."""

LEFT = {"after 250", "before the recording commit", "after the recording commit"}
"""Steps at which the server has the mail for certain."""

_HERE = threading.local()


def die() -> None:
    """End as if the plug had been pulled: nothing is flushed, no exception passes."""
    os.kill(os.getpid(), signal.SIGKILL)


def wrap(owner: type, name: str, around: Callable[..., Any]) -> None:
    """Put something around a method."""
    inner = getattr(owner, name)

    @wraps(inner)
    def outer(self: Any, *given: Any, **named: Any) -> Any:
        return around(inner, self, *given, **named)

    setattr(owner, name, outer)


def before(owner: type, name: str, *, when: Callable[..., bool] = lambda *_: True) -> None:
    """Die as soon as a method is called."""

    def around(inner: Callable[..., Any], *given: Any, **named: Any) -> Any:
        if concerned() and when(*given):
            die()
        return inner(*given, **named)

    wrap(owner, name, around)


def behind(owner: type, name: str) -> None:
    """Die when a method has done its work."""

    def around(inner: Callable[..., Any], *given: Any, **named: Any) -> Any:
        inner(*given, **named)
        die()

    wrap(owner, name, around)


def concerned() -> bool:
    """Whether it is about the mail that a step is about; without `only_approved` it is about any."""
    return getattr(_HERE, "concerned", True)


def only_approved(step: Callable[[], None]) -> Callable[[], None]:
    """The same step, at an approved mail only: the acknowledgment has left, an alert may be under way."""

    def mark(inner: Callable[..., Any], delivery: Any, item: Any, *given: Any) -> Any:
        _HERE.concerned = item.kind is OutboxKind.APPROVED
        return inner(delivery, item, *given)

    def install() -> None:
        step()
        wrap(Delivery, "_deliver", mark)

    return install


def at_commit_in(owner: type, name: str, *, after: bool, when: Callable[..., bool] = lambda *_: True) -> None:
    """Die before or after the first commit that a method makes."""

    def mark(inner: Callable[..., Any], *given: Any, **named: Any) -> Any:
        _HERE.inside = concerned() and when(*given)
        try:
            return inner(*given, **named)
        finally:
            _HERE.inside = False

    def commit(inner: Callable[..., Any], uow: UnitOfWork) -> None:
        inside = getattr(_HERE, "inside", False)
        if inside and not after:
            die()
        inner(uow)
        if inside and after:
            die()

    wrap(owner, name, mark)
    wrap(UnitOfWork, "commit", commit)


def at_claim(*, after: bool) -> None:
    """Die before or after the commit that claims a mail; one that has to wait is not claimed."""

    def note(inner: Callable[..., Any], outbox: Any, item: Any, event: OutboxEvent, **columns: Any) -> Any:
        _HERE.claiming = event is OutboxEvent.CLAIMED
        return inner(outbox, item, event, **columns)

    def commit(inner: Callable[..., Any], uow: UnitOfWork) -> None:
        dies = concerned() and getattr(_HERE, "claiming", False)
        if dies and not after:
            die()
        inner(uow)
        if dies:
            die()

    wrap(Outbox, "advance", note)
    wrap(UnitOfWork, "commit", commit)


def in_content(*, at: str) -> None:
    """Die in the middle of the content, or when all of it was sent and nothing was answered."""

    def around(inner: Callable[..., Any], submission: Any, smtp: Any, mail: Any) -> Any:
        if not concerned():
            return inner(submission, smtp, mail)
        send = smtp.send

        def send_part(wire: bytes) -> None:
            send(wire[: len(wire) // 2] if at == "middle" else wire)
            die()

        smtp.send = send_part
        return inner(submission, smtp, mail)

    wrap(SmtpSubmission, "_hand_over", around)


def after_reply() -> None:
    """Die when the final reply was read and nothing is written down."""

    def around(inner: Callable[..., Any], *given: Any) -> Any:
        attempt = inner(*given)
        if concerned():
            die()
        return attempt

    wrap(SmtpSubmission, "_hand_over", around)


def holds_mail(_taking: Any, items: Any, *_: Any) -> bool:
    """Whether a batch has any mail in it."""
    return bool(items)


STEPS: dict[str, Callable[[], None]] = {
    "after fetch": lambda: before(Taking, "store", when=holds_mail),
    "before the intake commit": lambda: at_commit_in(Taking, "store", after=False, when=holds_mail),
    "after the intake commit": lambda: at_commit_in(Taking, "store", after=True, when=holds_mail),
    "before the claim commit": lambda: at_claim(after=False),
    "after the claim commit": lambda: at_claim(after=True),
    "before MAIL": lambda: before(SmtpSubmission, "_offer"),
    "after 354": lambda: before(SmtpSubmission, "_hand_over"),
    "during the content": lambda: in_content(at="middle"),
    "before the final reply": lambda: in_content(at="end"),
    "after 250": after_reply,
    "before the recording commit": lambda: at_commit_in(Delivery, "_write_down", after=False),
    "after the recording commit": lambda: at_commit_in(Delivery, "_write_down", after=True),
}
"""Every step of the way from the mailbox to the buyer, in order."""

FROM_THE_CLAIM = tuple(STEPS)[3:]

DRAFT_STEPS: dict[str, Callable[[], None]] = {
    "before the draft is taken out": lambda: before(ImapMailbox, "take_back"),
    "after the draft was taken out": lambda: behind(ImapMailbox, "take_back"),
    "before the clearing commit": lambda: at_commit_in(DraftsFolder, "_clear", after=False),
    "after the clearing commit": lambda: at_commit_in(DraftsFolder, "_clear", after=True),
    **{f"approved: {name}": only_approved(STEPS[name]) for name in FROM_THE_CLAIM},
}
"""Every step from an approval to the buyer, in order."""

APPROVAL_STEPS: dict[str, Callable[[], None]] = {
    "before the approval commit": lambda: before(UnitOfWork, "commit"),
    "after the approval commit": lambda: behind(UnitOfWork, "commit"),
}
"""The steps of the command that approves."""

PLACING_STEPS: dict[str, Callable[[], None]] = {
    "before the append": lambda: before(ImapMailbox, "append"),
    "after the append": lambda: behind(ImapMailbox, "append"),
    "before the placing commit": lambda: before(DraftsFolder, "_note_placed"),
    "after the placing commit": lambda: behind(DraftsFolder, "_note_placed"),
}
"""The steps that put a draft into the folder."""

ALL_STEPS = STEPS | DRAFT_STEPS | APPROVAL_STEPS | PLACING_STEPS
"""Each by its name."""
