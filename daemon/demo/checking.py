"""Whether the day went as it should: every sentence that comes back is something that did not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from daemon.demo import story
from daemon.demo.letters import Writer
from daemon.demo.mails import JAPAN
from daemon.demo.premises import OWNER_ADDRESS
from daemon.demo.story import Arrives
from state.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daemon.arrivals import Taken
    from daemon.demo.letters import Letter
    from daemon.demo.mails import Buyer
    from daemon.demo.story import Expected, ExpectedAlert
    from state.model import Case
    from state.unit_of_work import UnitOfWork

_URGENT = "至急"
_PHONE = "電話"
_JAPANESE_ADDRESS = "様"


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


@dataclass(slots=True)
class Record:
    """What happened.

    Attributes:
        arrivals: every mail that came by itself.
        letters: every mail that left, in order.
    """

    arrivals: list[Came] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def written_by(self, writer: Writer) -> list[Letter]:
        """The mails of one writer."""
        return [letter for letter in self.letters if letter.writer is writer]


def check_day(record: Record, uow: UnitOfWork, sent_folder: Sequence[bytes]) -> list[str]:
    """Everything that is not as the story expects; empty if all is well.

    Args:
        record: what happened.
        uow: the service's database.
        sent_folder: the mails of the Sent folder.
    """
    return [
        *_check_arrivals(record),
        *_check_acknowledgments(record),
        *_check_alerts(record),
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


def _check_cases(uow: UnitOfWork) -> Iterator[str]:
    still_open = {_who(case) for case in uow.cases.in_state(CaseState.OPEN)}
    wanted = {buyer.alias for buyer in story.LEFT_OPEN}
    if still_open != wanted:
        yield f"open at the end: {sorted(still_open)}, expected {sorted(wanted)}"
    counts = uow.quarantine.counts()
    if counts != story.QUARANTINED:
        yield f"in quarantine: {counts}, expected {story.QUARANTINED}"


def _who(case: Case) -> str:
    return case.alias or f"case {case.id}"


def _check_copies(record: Record, uow: UnitOfWork, sent_folder: Sequence[bytes]) -> Iterator[str]:
    """Each acknowledgment lies in Sent once, and Amazon's copies confirmed theirs without answering."""
    names = Counter(
        str(message_from_bytes(content, policy=policy.default)["Message-ID"]).strip()
        for content in sent_folder
    )
    for letter in record.written_by(Writer.ACKNOWLEDGMENT):
        if names[letter.message_id] != 1:
            yield f"an acknowledgment lies in Sent {names[letter.message_id]} times: {letter.recipient}"
    confirmed = sum(item.copy_confirmed_at is not None for item in uow.outbox.comparable(story.START))
    if confirmed != story.COPIES:
        yield f"Amazon's copies confirmed {confirmed} acknowledgments, expected {story.COPIES}"
