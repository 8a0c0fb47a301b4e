"""A way to hand mail to the world that keeps what it takes and answers what a test says."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from daemon.errors import RecipientForbidden
from daemon.ports import Attempt, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail that was taken."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The content, parsed."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def text(self) -> str:
        """What the recipient reads, of an alert the plain words."""
        body = self.message.get_body(("plain",))
        return "" if body is None else str(body.get_content())


def _everybody(_address: str) -> bool:
    return True


@dataclass(slots=True)
class FakeSubmission:
    """Takes every mail unless `answer` ordered something else.

    Attributes:
        allowed: whom it may write to.
        mails: what it took, in order.
        attempts: how often it was asked, refused recipients left out.
        closed: whether `close` was called.
    """

    allowed: Callable[[str], bool] = _everybody
    mails: list[Handed] = field(default_factory=list)
    attempts: int = 0
    closed: bool = False
    _orders: deque[tuple[Attempt, bool]] = field(default_factory=deque)

    def answer(
        self, verdict: Verdict, reason: str = "", *, times: int = 1, before: bool = False, taken: bool = False
    ) -> None:
        """Order what the next attempts shall bring.

        Args:
            verdict: the outcome that is told.
            reason: told with it.
            times: how many attempts it is for.
            before: it fails before the dialogue about the mail begins.
            taken: the server nevertheless has the mail, as after a lost 250.
        """
        attempt = Attempt(verdict, reason, before_dialogue=before)
        self._orders.extend([(attempt, taken)] * times)

    def send(self, *, sender: str, recipient: str, content: bytes) -> Attempt:
        """Take a mail, or do what was ordered."""
        if not self.allowed(recipient):
            raise RecipientForbidden("The recipient is not on the list of those we may write to.")
        self.attempts += 1
        attempt, taken = self._orders.popleft() if self._orders else (Attempt(Verdict.ACCEPTED), True)
        if taken:
            self.mails.append(Handed(sender, recipient, content))
        return attempt

    def close(self) -> None:
        """End the connection."""
        self.closed = True
