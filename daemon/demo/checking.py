"""Whether the day went as it should: every sentence that comes back is something that did not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from daemon.demo import after_care, story
from daemon.demo.events import Arrives, ComesBack, Remarks, Replies, Runs, Taps
from daemon.demo.letters import Writer
from daemon.demo.mails import JAPAN
from daemon.demo.premises import OWNER_ADDRESS
from daemon.demo.telephone import links_in
from state.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daemon.demo.events import Expected, ExpectedAlert
    from daemon.demo.letters import LaidDraft, Letter
    from daemon.demo.mails import Buyer
    from daemon.demo.terminal import Printed
    from daemon.reading.arrivals import Taken
    from state.model import Case
    from state.unit_of_work import UnitOfWork

_URGENT = "至急"
_PHONE = "電話"
_JAPANESE_ADDRESS = "様"
_BLANK = "〔"


@dataclass(frozen=True, slots=True)
class Came:
    """A mail that came.

    Attributes:
        event: as the story has it.
        taken: what became of it; None if it was not read.
        refusal: why it was not acknowledged; None if it was, or there was nothing to refuse.
    """

    event: Arrives
    taken: Taken | None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that the owner ran.

    Attributes:
        event: as the story has it.
        printed: what it left on the terminal.
    """

    event: Runs
    printed: Printed


@dataclass(slots=True)
class Record:
    """What happened.

    Attributes:
        arrivals: every mail that came by itself.
        letters: every mail that left, in order.
        placed: every draft that was put into the Drafts folder, in order.
        taken_out: every draft that was taken out again, in order.
        posts: what the owner's chat got, in order.
        commands: what the owner mailed to the service, in order.
        runs: what the owner ran at a terminal, in order.
    """

    arrivals: list[Came] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    placed: list[LaidDraft] = field(default_factory=list)
    taken_out: list[LaidDraft] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    commands: list[Taps | Remarks] = field(default_factory=list)
    runs: list[Ran] = field(default_factory=list)

    def written_by(self, writer: Writer) -> list[Letter]:
        """The mails of one writer."""
        return [letter for letter in self.letters if letter.writer is writer]


def check_day(
    record: Record, uow: UnitOfWork, sent_folder: Sequence[bytes], kept: Mapping[str, bytes]
) -> list[str]:
    """Everything that is not as the story expects; empty if all is well.

    Args:
        record: what happened.
        uow: the service's database.
        sent_folder: the mails of the Sent folder.
        kept: what the service wrote to the disk, by the files' names.
    """
    return [
        *_check_arrivals(record),
        *_check_acknowledgments(record),
        *_check_alerts(record),
        *_check_drafts(record),
        *_check_approved(record),
        *_check_reports(record),
        *_check_posts(record),
        *_check_runs(record),
        *_check_secrecy(record, kept),
        *_check_cases(uow),
        *_check_copies(record, uow, sent_folder),
    ]


def _check_arrivals(record: Record) -> Iterator[str]:
    expected = [event for event in story.EVENTS if isinstance(event, Arrives)]
    seen = [came.event for came in record.arrivals]
    yield from (f"did not arrive: {event.what.en}" for event in expected if event not in seen)
    for came in record.arrivals:
        if not _fits(came.event.expected, came.taken):
            yield f"{came.event.what.en}: expected {came.event.expected}, got {came.taken}"


def _fits(expected: Expected, taken: Taken | None) -> bool:
    if taken is None:
        return expected.outcome is None
    return (taken.outcome, taken.refusal, taken.acknowledged) == (
        expected.outcome,
        expected.refusal,
        expected.acknowledged,
    )


def _check_acknowledgments(record: Record) -> Iterator[str]:
    letters = record.written_by(Writer.ACKNOWLEDGMENT)
    sent = Counter(letter.recipient for letter in letters)
    wanted = Counter(buyer.alias for buyer in story.ACKNOWLEDGED_BUYERS)
    yield from (f"acknowledged too often or wrongly: {alias}" for alias in sent - wanted)
    yield from (f"not acknowledged: {alias}" for alias in wanted - sent)
    for buyer in story.ACKNOWLEDGED_BUYERS:
        texts = [letter.text for letter in letters if letter.recipient == buyer.alias]
        yield from (fault for text in texts for fault in _check_wording(buyer, text))


def _check_wording(buyer: Buyer, text: str) -> Iterator[str]:
    if buyer.name not in text or buyer.order not in text:
        yield f"the acknowledgment to {buyer.name} does not name the buyer or the order"
    if (_JAPANESE_ADDRESS in text) is not (buyer.site is JAPAN):
        yield f"the acknowledgment to {buyer.name} is in the wrong language"
    if (_PHONE in text) is not (buyer in story.CLOSED_DAY_BUYERS):
        yield f"the acknowledgment to {buyer.name} is wrong about the telephone"


def _check_alerts(record: Record) -> Iterator[str]:
    alerts = record.written_by(Writer.ALERT)
    for expected in story.ALERTS:
        fitting = [alert for alert in alerts if expected.earliest <= alert.at <= expected.latest]
        if len(fitting) != 1:
            yield f"{expected.what.en}: expected one alert, got {len(fitting)}"
        yield from (fault for alert in fitting for fault in _check_alert(expected, alert))
    if len(alerts) != len(story.ALERTS):
        yield f"expected {len(story.ALERTS)} alerts, got {len(alerts)}"


def _check_alert(expected: ExpectedAlert, alert: Letter) -> Iterator[str]:
    if alert.recipient != OWNER_ADDRESS:
        yield f"{expected.what.en}: went to somebody else"
    if (_URGENT in alert.subject) is not expected.urgent:
        yield f"{expected.what.en}: its urgency is wrong: {alert.subject}"
    yield from (f"{expected.what.en}: does not list {one}" for one in expected.lists if one not in alert.text)
    yield from (f"{expected.what.en}: lists {one}" for one in expected.omits if one in alert.text)


def _check_drafts(record: Record) -> Iterator[str]:
    """The Drafts folder held each ready draft once, and at the end only those that still wait."""
    placed = [draft.recipient for draft in record.placed]
    if placed != _aliases(story.DRAFTED_BUYERS):
        yield f"put into the Drafts folder: {placed}, expected {_aliases(story.DRAFTED_BUYERS)}"
    left = Counter(record.placed) - Counter(record.taken_out)
    lying = sorted(draft.recipient for draft in left.elements())
    if lying != sorted(_aliases(story.STILL_DRAFTED)):
        yield f"in the Drafts folder at the end: {lying}, expected {_aliases(story.STILL_DRAFTED)}"
    for draft in record.placed:
        if draft.passes_for_ours:
            yield f"a draft would pass for a mail of ours: {draft.recipient}"
        if _BLANK in draft.text:
            yield f"a draft with blanks was put into the Drafts folder: {draft.recipient}"


def _aliases(buyers: Iterable[Buyer]) -> list[str]:
    return [buyer.alias for buyer in buyers]


def _check_approved(record: Record) -> Iterator[str]:
    """What was approved left once, to its buyer, as it was read; and nobody was asked for a rating."""
    letters = record.written_by(Writer.APPROVED)
    sent = [letter.recipient for letter in letters]
    wanted = _aliases(buyer for buyer, _ in story.APPROVED_ANSWERS)
    if sent != wanted:
        yield f"approved answers went to {sent}, expected {wanted}"
    for letter, (buyer, words) in zip(letters, story.APPROVED_ANSWERS, strict=False):
        drafted = [draft.text for draft in record.placed if draft.recipient == letter.recipient]
        if letter.text not in drafted or words not in {None, letter.text}:
            yield f"the answer to {buyer.name} is not what the owner approved"
    for letter in record.letters:
        told = [word for word in story.FORBIDDEN_TO_BUYERS if word in letter.text]
        if letter.recipient != OWNER_ADDRESS and told:
            yield f"a mail to a buyer speaks of {told[0]}: {letter.recipient}"


def _check_reports(record: Record) -> Iterator[str]:
    """Each mail of the owner's was answered, with what became of it."""
    reports = record.written_by(Writer.REPORT)
    expected = [event for event in story.EVENTS if isinstance(event, Taps | Remarks)]
    if record.commands != expected:
        yield f"the owner mailed {len(record.commands)} times, expected {len(expected)}"
    if len(reports) != len(expected):
        yield f"the owner was answered {len(reports)} times, expected {len(expected)}"
    for event, report in zip(expected, reports, strict=False):
        if event.reported not in report.subject or report.recipient != OWNER_ADDRESS:
            yield f"the owner was told “{report.subject}”, expected “{event.reported}”"


def _check_posts(record: Record) -> Iterator[str]:
    """The chat hears of every alert, and of nothing that a buyer is called or wrote."""
    if len(record.posts) != len(story.ALERTS):
        yield f"the chat got {len(record.posts)} posts, expected {len(story.ALERTS)}"
    names = [came.buyer.name for came in story.EVENTS if isinstance(came, Replies | ComesBack | Taps)]
    words = [came.words for came in story.EVENTS if isinstance(came, Arrives) and came.words]
    for post in record.posts:
        told = [one for one in (*names, *words) if one in post]
        if told:
            yield f"the chat was told “{told[0]}”"


def _check_runs(record: Record) -> Iterator[str]:
    """Each command of the owner's did what it should, and said so."""
    expected = [event for event in story.EVENTS if isinstance(event, Runs)]
    if [ran.event for ran in record.runs] != expected:
        yield f"the owner ran {len(record.runs)} commands, expected {len(expected)}"
    for ran in record.runs:
        name = " ".join(ran.event.arguments[:2])
        if ran.printed.status:
            yield f"sokuresu {name} ended with {ran.printed.status}: {ran.printed.text}"
        missed = [one for one in ran.event.shows if one not in ran.printed.text]
        yield from (f"sokuresu {name} does not say “{one}”" for one in missed)


def _check_secrecy(record: Record, kept: Mapping[str, bytes]) -> Iterator[str]:
    """A token stands in the mail to the owner and nowhere else: not on the disk, not in the chat."""
    told = [letter for letter in record.letters if letter.recipient == OWNER_ADDRESS]
    tokens = [link.token for letter in told for link in links_in(letter.text)]
    if not all(tokens) or len(set(tokens)) != len(tokens):
        yield "a token is missing or was given twice"
    posted = {"the chat": "\n".join(record.posts).encode()}
    for name, content in (posted | dict(kept)).items():
        if any(token.encode() in content for token in tokens):
            yield f"a token is kept in {name}"


def _check_cases(uow: UnitOfWork) -> Iterator[str]:
    still_open = {_who(case) for case in uow.cases.in_state(CaseState.OPEN)}
    wanted = {buyer.alias for buyer in story.LEFT_OPEN} | {buyer.order for buyer in after_care.LEFT_OPEN}
    if still_open != wanted:
        yield f"open at the end: {sorted(still_open)}, expected {sorted(wanted)}"
    counts = uow.quarantine.counts()
    if counts != story.QUARANTINED:
        yield f"in quarantine: {counts}, expected {story.QUARANTINED}"


def _who(case: Case) -> str:
    return case.alias or next(iter(case.order_ids), f"case {case.id}")


def _check_copies(record: Record, uow: UnitOfWork, sent_folder: Sequence[bytes]) -> Iterator[str]:
    """What went to buyers lies in Sent once, and Amazon's copies confirmed theirs without answering."""
    names = Counter(
        str(message_from_bytes(content, policy=policy.default)["Message-ID"]).strip()
        for content in sent_folder
    )
    for letter in (*record.written_by(Writer.ACKNOWLEDGMENT), *record.written_by(Writer.APPROVED)):
        if names[letter.message_id] != 1:
            yield f"a mail of ours lies in Sent {names[letter.message_id]} times: {letter.recipient}"
    confirmed = sum(item.copy_confirmed_at is not None for item in uow.outbox.comparable(story.START))
    if confirmed != story.COPIES:
        yield f"Amazon's copies confirmed {confirmed} mails of ours, expected {story.COPIES}"
