"""What can happen in the demonstration, and what should become of it; the instants are those of Japan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daemon.demo.letters import Writer
from daemon.demo.mails import Buyer, Proof
from daemon.demo.postbox import INBOX

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.demo.words import Line
    from daemon.reading.arrivals import Outcome
    from parsers.values import Refusal

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the service should make of a mail.

    Attributes:
        outcome: None: it is not even read.
        refusal: why it is not acknowledged, for buyer messages that are taken in.
        acknowledged: an acknowledgment goes out.
    """

    outcome: Outcome | None
    refusal: Refusal | None = None
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Arrives:
    """A mail arrives.

    Attributes:
        at: when.
        what: who sent what.
        mail: its bytes.
        expected: what should become of it.
        words: what the person wrote in it, if the narrator should quote it.
        folder: where the provider puts it.
        learnt: what the service keeps of it besides.
    """

    at: datetime
    what: Line
    mail: bytes
    expected: Expected
    words: str = ""
    folder: str = INBOX
    learnt: Line | None = None


@dataclass(frozen=True, slots=True)
class ComesBack:
    """Amazon sends its own copy of a mail that a buyer got from the service.

    Attributes:
        at: when.
        buyer: who got it.
        writer: which mail: the acknowledgment, or the approved answer.
    """

    at: datetime
    buyer: Buyer
    writer: Writer = Writer.ACKNOWLEDGMENT


@dataclass(frozen=True, slots=True)
class Replies:
    """The owner answers a buyer from an ordinary mail program.

    Attributes:
        at: when.
        buyer: who is answered.
        answers: the buyer's mail.
        text: the answer.
    """

    at: datetime
    buyer: Buyer
    answers: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Decides:
    """The owner settles a case with a command.

    Attributes:
        at: when.
        command: its name.
        order: the order of the case.
        why: what the owner did or thought.
    """

    at: datetime
    command: str
    order: str
    why: Line


@dataclass(frozen=True, slots=True)
class Taps:
    """The owner, on the road, taps a link of the newest mail that offers it, and sends the mail that opens.

    Attributes:
        at: when.
        label: the link's words.
        buyer: whose case.
        reported: what the subject of the service's answer must say.
        text: what the owner writes into the mail.
        proof: what the shop's mail server found about the sender.
        answered: the case is answered afterwards.
    """

    at: datetime
    label: str
    buyer: Buyer
    reported: str
    text: str = ""
    proof: Proof = Proof.PASS
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Remarks:
    """The owner answers the newest alert as if the buyer could read it.

    Attributes:
        at: when.
        text: what the owner writes.
        reported: what the subject of the service's answer must say.
    """

    at: datetime
    text: str
    reported: str


@dataclass(frozen=True, slots=True)
class Runs:
    """The owner runs a command, as at a terminal.

    Attributes:
        at: when.
        arguments: behind ``sokuresu``; ``{case}`` stands for the number of the order's newest case, and
            ``{found}`` for what the command before it was to find.
        why: what the owner wants.
        shows: what its output must say.
        order: the order of the case; empty where the command needs none.
        reads: what stands on its standard input.
        lines: how many lines of its output are shown; all if not given.
        finds: a regular expression whose group the next command needs.
    """

    at: datetime
    arguments: tuple[str, ...]
    why: Line
    shows: tuple[str, ...] = ()
    order: str = ""
    reads: str = ""
    lines: int | None = None
    finds: str = ""


@dataclass(frozen=True, slots=True)
class AgentAnswers:
    """The shipping agent answers an inquiry.

    Attributes:
        at: when.
        order: the order that was inquired about.
        text: the answer.
    """

    at: datetime
    order: str
    text: str


Event = Arrives | ComesBack | Replies | Decides | Taps | Remarks | Runs | AgentAnswers


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """An alert that the owner should get.

    Attributes:
        earliest: not before this.
        latest: at the latest then.
        what: why it goes.
        urgent: its subject says so.
        lists: what its text must name: orders, or names where there is no order.
        omits: what it must not name.
    """

    earliest: datetime
    latest: datetime
    what: Line
    urgent: bool = False
    lists: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()
