"""The one sender: claims outgoing mail, hands it over, and writes down what became of it (decision 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from daemon import acknowledge, approvals, letters
from daemon.aftercare import inquiries
from daemon.errors import RecipientForbidden
from daemon.log import get_logger
from daemon.outside import second_path
from daemon.ports import Attempt, Verdict
from daemon.reading.copies import note_sent
from daemon.work import Work
from parsers.fingerprints import fingerprint_text
from parsers.values import Refusal
from state.engine import DATABASE_TROUBLE
from state.outbox_rules import OutboxEvent, OutboxKind, OutboxState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from daemon.ports import Clock, Submission
    from daemon.shop import Shop
    from state.model import OutboxItem
    from state.unit_of_work import Database, UnitOfWork

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""Waits between attempts; the last one repeats."""

MAX_AGE = timedelta(hours=12)
"""Approved mail and alerts are given up after this; an acknowledgment has its own ``max_age``."""

EVENT_MAX_AGE = timedelta(days=7)
"""The alert of an event is the only one that tells it; a list of open cases comes again every day."""

_TOLD_ONCE = ("event:", "month:", "week:")
"""Begin the occasions of what no later mail tells again."""

_EVENTS = {
    Verdict.ACCEPTED: OutboxEvent.ACCEPTED,
    Verdict.DEFERRED: OutboxEvent.NOT_TAKEN,
    Verdict.REFUSED: OutboxEvent.REJECTED,
    Verdict.UNKNOWN: OutboxEvent.OUTCOME_UNKNOWN,
}

_HOPE = (Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.DEFERRED, Verdict.REFUSED)
"""A mail that one way out refused is tried again as long as another merely deferred it."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """One way out for a mail.

    Attributes:
        name: of the account or the second path, for the log.
        sender: the envelope's sender.
        submission: the connection.
    """

    name: str
    sender: str
    submission: Submission


def _unheard(_mailbox: str) -> None:
    """Nobody listens."""


def _untold() -> None:
    """Nobody listens."""


class Delivery:
    """Sends what is due; used by one thread, under the lock.

    Attributes:
        on_uncleared: told of the account whose folders an approved mail waits for.
        on_turn: told before every attempt, for each has an end of its own and many may follow each other.
    """

    def __init__(
        self,
        database: Database,
        shop: Shop,
        routes: Mapping[str, Route],
        clock: Clock,
        run_id: str,
        *,
        alert_routes: Sequence[Route] = (),
        second_paths: Mapping[str, Route] | None = None,
    ) -> None:
        """Set up the sender.

        Args:
            database: where the outbox lies.
            shop: the configuration.
            routes: the way out of each account, by name.
            clock: the time.
            run_id: of this life of the service.
            alert_routes: ways out for alerts, in the order in which they are tried.
            second_paths: the ways out for short alerts beside mail, by the name in `Shop.second_paths`.
        """
        self._database = database
        self._shop = shop
        self._routes = routes
        self._clock = clock
        self._run_id = run_id
        self._alert_routes = tuple(alert_routes)
        self._second_paths = dict(second_paths or {})
        self.on_uncleared: Callable[[str], None] = _unheard
        self.on_turn: Callable[[], None] = _untold
        self._released = False
        self._owed: list[tuple[OutboxItem, Attempt, datetime]] = []

    def bury_dead_runs(self) -> int:
        """Settle what an earlier run left in the middle of sending; tells how many.

        Called once at start, under the lock: whatever is still marked as sending belongs to nobody.
        """
        now = self._clock.now()
        with self._database.write() as uow:
            left = uow.outbox.in_state(OutboxState.SENDING)
            for item in left:
                uow.outbox.advance(
                    item, OutboxEvent.RUN_DIED, reason="the program ended while this was being sent"
                )
                _tell_uncertain(uow, item, now)
            uow.commit()
        return len(left)

    def turn(self, may_go_on: Callable[[], bool] = lambda: True) -> int:
        """Attempt everything that is due once; tells how many mails left.

        Args:
            may_go_on: asked before each mail; what is left then waits for the next turn.
        """
        self._settle()
        silent: set[str] = set()
        sent = self._deliver_due(silent, may_go_on)
        if self._released:
            # Mail failed just now: what leaves beside it is not kept waiting for another turn.
            sent += self._deliver_due(silent, may_go_on)
        return sent

    def _deliver_due(self, silent: set[str], may_go_on: Callable[[], bool]) -> int:
        self._released = False
        with self._database.read() as uow:
            due = uow.outbox.due(self._clock.now())
        return sum(self._deliver(item, silent) for item in due if may_go_on())

    def close(self) -> None:
        """End all connections."""
        for route in (*self._routes.values(), *self._alert_routes, *self._second_paths.values()):
            route.submission.close()

    def _deliver(self, item: OutboxItem, silent: set[str]) -> bool:
        known = self._routes_of(item)
        routes = [route for route in known if route.name not in silent]
        if known and not routes:
            # The server is known to be out of order in this turn: it is asked, and logged, once.
            self._tell_beside(item)
            return False
        claimed = self._claim(item)
        if claimed is None:
            return False
        attempt = self._attempt(claimed, routes, silent)
        self._owed.append((claimed, attempt, self._clock.now()))
        self._settle()
        return attempt.verdict is Verdict.ACCEPTED

    def _tell_beside(self, item: OutboxItem) -> None:
        """An alert is not even offered as mail: what waits beside it goes now."""
        if item.kind is OutboxKind.ALERT and self._shop.second_paths:
            with self._database.write() as uow:
                self._release_beside(Work(uow, self._shop, self._clock.now()), item)
                uow.commit()

    def _settle(self) -> None:
        """Write down every known outcome; what the database cannot take now is tried before the next mail."""
        while self._owed:
            item, attempt, at = self._owed.pop(0)
            try:
                self._record(item, attempt, at)
            except DATABASE_TROUBLE:
                self._owed.insert(0, (item, attempt, at))
                raise

    def _record(self, item: OutboxItem, attempt: Attempt, at: datetime) -> None:
        try:
            self._write_down(item, attempt, at)
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - a mail that left must not stand as being sent for ever
            _log.exception("outcome could not be written down", action="uncertain", outbox=item.id)
            self._doubt(item, at)

    def _doubt(self, item: OutboxItem, now: datetime) -> None:
        """What became of a mail is known and cannot be recorded as it should: a person has to look."""
        reason = "what became of it could not be written down"
        with self._database.write() as uow:
            wait = {"next_attempt_at": now + RETRY_AFTER[-1], "reason": reason}
            if uow.outbox.advance(item, OutboxEvent.OUTCOME_UNKNOWN, **wait):
                _tell_uncertain(uow, item, now)
            uow.commit()

    def _routes_of(self, item: OutboxItem) -> tuple[Route, ...]:
        if item.kind is OutboxKind.ALERT:
            return self._alert_routes
        ways = self._second_paths if item.kind is OutboxKind.WEBHOOK else self._routes
        route = ways.get(item.mailbox)
        return (route,) if route else ()

    def _claim(self, item: OutboxItem) -> OutboxItem | None:
        """Judge again and mark as being sent, in one transaction; None if it must not go."""
        now = self._clock.now()
        try:
            with self._database.write() as uow:
                claimed = self._claim_in(uow, item, now)
                uow.commit()
        except DATABASE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - one mail must not stop the ones behind it
            _log.exception("mail could not be written", action="refused", outbox=item.id, case=item.case_id)
            self._refuse(item, now, f"could not be written: {type(error).__name__}")
            return None
        return claimed

    def _refuse(self, item: OutboxItem, now: datetime, reason: str) -> None:
        with self._database.write() as uow:
            if uow.outbox.advance(item, OutboxEvent.GAVE_UP, reason=reason):
                self._note_refused(uow, item, now, reason)
            uow.commit()

    def _claim_in(self, uow: UnitOfWork, seen: OutboxItem, now: datetime) -> OutboxItem | None:
        item = uow.outbox.get(seen.id)
        if item is None or item.state not in {OutboxState.QUEUED, OutboxState.DEFERRED}:
            return None
        if not self._may_go(uow, item, now):
            return None
        columns = self._words(uow, item, now)
        columns |= {"run_id": self._run_id, "claimed_at": now, "attempts": item.attempts + 1}
        if not uow.outbox.advance(item, OutboxEvent.CLAIMED, **columns):
            return None
        claimed = replace(item, state=OutboxState.SENDING, **columns)
        if item.kind is OutboxKind.ALERT:
            # The tokens of its commands are in what leaves and in nothing that is stored.
            return replace(claimed, content=letters.compose(Work(uow, self._shop, now), claimed))
        return claimed

    def _may_go(self, uow: UnitOfWork, item: OutboxItem, now: datetime) -> bool:
        if item.kind is OutboxKind.ACKNOWLEDGMENT:
            return self._may_acknowledge(uow, item, now)
        if item.kind is OutboxKind.INQUIRY:
            return _may_inquire(Work(uow, self._shop, now), item)
        tells_event = not item.kind.once and second_path.occasion_of(item).startswith(_TOLD_ONCE)
        if now - item.created_at > (EVENT_MAX_AGE if tells_event else MAX_AGE):
            self._give_up(uow, item, now)
            return False
        return item.kind is not OutboxKind.APPROVED or self._may_answer(Work(uow, self._shop, now), item)

    def _may_answer(self, work: Work, item: OutboxItem) -> bool:
        """An approved mail waits until its account's folders were looked into, and then goes or never."""
        refusal = approvals.still_allowed(work, item)
        if refusal is not None:
            approvals.take_back(work, item, refusal)
            return False
        if approvals.is_cleared(work, item):
            return True
        self.on_uncleared(item.mailbox)
        return False

    def _may_acknowledge(self, uow: UnitOfWork, item: OutboxItem, now: datetime) -> bool:
        refusal = acknowledge.still_allowed(Work(uow, self._shop, now), item)
        if refusal is None:
            return True
        if refusal is Refusal.TOO_OLD and item.attempts:
            self._give_up(uow, item, now)
        else:
            uow.outbox.advance(item, OutboxEvent.FORBIDDEN, reason=refusal)
            _log.info("acknowledgment withdrawn", action="withdrawn", case=item.case_id, reason=refusal)
        return False

    def _give_up(self, uow: UnitOfWork, item: OutboxItem, now: datetime) -> None:
        uow.outbox.advance(item, OutboxEvent.GAVE_UP, reason=f"given up: {item.reason or 'too old'}")
        self._note_refused(uow, item, now, "given up after many attempts")

    def _note_refused(self, uow: UnitOfWork, item: OutboxItem, now: datetime, reason: str) -> None:
        """Tell the owner; an approved text waits for a person again."""
        work = Work(uow, self._shop, now)
        if item.kind is OutboxKind.APPROVED:
            approvals.reopen_draft(work, item)
        elif item.kind is OutboxKind.WEBHOOK:
            second_path.tell_failure(work, item, reason)
        self._release_beside(work, item)
        _tell_refused(work, item, reason)

    def _release_beside(self, work: Work, item: OutboxItem) -> None:
        """An alert did not leave by mail: what tells it beside mail goes now."""
        if item.kind is OutboxKind.ALERT and second_path.release(work, item):
            self._released = True

    def _words(self, uow: UnitOfWork, item: OutboxItem, now: datetime) -> dict[str, Any]:
        """What is stored of the words of a mail when it is claimed."""
        work = Work(uow, self._shop, now)
        if item.kind is OutboxKind.APPROVED:
            return {"content": approvals.compose(work, item)}
        if item.kind is OutboxKind.INQUIRY:
            return {"content": inquiries.compose(work, item)}
        if item.kind is not OutboxKind.ACKNOWLEDGMENT:
            return {}
        wording = acknowledge.word(work, item)
        text_print = fingerprint_text(wording.text)
        return {
            "subject": wording.subject,
            "text": wording.text,
            "text_print": text_print,
            "content": wording.content,
        }

    def _attempt(self, item: OutboxItem, routes: Sequence[Route], silent: set[str]) -> Attempt:
        """Try the ways out in turn until one takes the mail or nobody knows whether it did."""
        attempts: list[Attempt] = []
        for route in routes:
            self.on_turn()
            attempt = self._send(item, route)
            if attempt.before_dialogue:
                silent.add(route.name)
            _log.info(
                "mail offered",
                action=attempt.verdict,
                kind=item.kind,
                outbox=item.id,
                case=item.case_id,
                route=route.name,
                reason=attempt.reason,
            )
            attempts.append(attempt)
            if attempt.verdict in {Verdict.ACCEPTED, Verdict.UNKNOWN}:
                break
        nowhere = Attempt(Verdict.DEFERRED, "no way out is configured")
        return min(attempts, key=lambda one: _HOPE.index(one.verdict), default=nowhere)

    def _send(self, item: OutboxItem, route: Route) -> Attempt:
        try:
            return route.submission.send(
                sender=route.sender, recipient=item.recipient, content=item.content or b""
            )
        except RecipientForbidden as forbidden:
            return Attempt(Verdict.REFUSED, str(forbidden))
        except Exception as error:  # noqa: BLE001 - a failure that nobody foresaw says nothing about the mail
            _log.exception("mail failed in a new way", action="unknown", outbox=item.id, route=route.name)
            return Attempt(Verdict.UNKNOWN, f"failed: {type(error).__name__}")

    def _write_down(self, item: OutboxItem, attempt: Attempt, now: datetime) -> None:
        with self._database.write() as uow:
            wait = RETRY_AFTER[min(item.attempts, len(RETRY_AFTER)) - 1]
            columns: dict[str, object] = {"reason": attempt.reason, "next_attempt_at": now + wait}
            if attempt.verdict is Verdict.ACCEPTED:
                columns |= {"sent_at": now, "reason": None}
            if uow.outbox.advance(item, _EVENTS[attempt.verdict], **columns):
                self._consequences(uow, item, attempt, now)
            uow.commit()

    def _consequences(self, uow: UnitOfWork, item: OutboxItem, attempt: Attempt, now: datetime) -> None:
        work = Work(uow, self._shop, now)
        if attempt.verdict is Verdict.ACCEPTED:
            note_sent(work, item, now)
            second_path.forget(work, item)
        elif attempt.verdict is Verdict.REFUSED:
            self._note_refused(uow, item, now, attempt.reason)
        else:
            self._note_delay(work, item, attempt)

    def _note_delay(self, work: Work, item: OutboxItem, attempt: Attempt) -> None:
        """Nobody took it, as far as is known; the owner hears of an account's trouble once a day."""
        self._release_beside(work, item)
        if item.kind is OutboxKind.WEBHOOK:
            second_path.tell_failure(work, item, attempt.reason)
        elif attempt.verdict is Verdict.UNKNOWN:
            _tell_uncertain(work.uow, item, work.now)
        elif attempt.before_dialogue:
            key = f"delivery_deferred:{item.mailbox}:{self._shop.calendar.local_day(work.now).isoformat()}"
            detail = f"{item.mailbox}: {attempt.reason}"
            work.uow.notices.raise_once(key, "delivery_deferred", work.now, detail=detail)


def _may_inquire(work: Work, item: OutboxItem) -> bool:
    """Only what the configuration of now allows goes to an agent, and only while it is fresh."""
    refusal = inquiries.still_allowed(work, item)
    if refusal is not None:
        inquiries.take_back(work, item, refusal)
    return refusal is None


def _tell_uncertain(uow: UnitOfWork, item: OutboxItem, now: datetime) -> None:
    if item.kind.once:
        uow.notices.raise_once(f"uncertain:{item.id}:{item.attempts}", "uncertain", now, case_id=item.case_id)
        if item.case_id is not None:
            uow.events.note(item.case_id, "uncertain", now, "nobody knows whether the mail left")


def _tell_refused(work: Work, item: OutboxItem, reason: str) -> None:
    if item.kind is OutboxKind.INQUIRY:
        inquiries.tell_failure(work, item, reason)
    elif item.kind.to_buyer:
        key = f"refused:{item.id}:{item.attempts}"
        work.uow.notices.raise_once(key, "refused", work.now, case_id=item.case_id, detail=reason)
