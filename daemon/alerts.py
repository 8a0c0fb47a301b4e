"""Tells the owner what is unanswered, and what cannot wait (decision 2 of the design)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daemon import letters
from daemon.aftercare.amazons_limits import limit_of
from daemon.alert_cases import Shown, page_of, show_case, show_in_full
from daemon.freshness import READ_WITHIN, unread
from daemon.log import get_logger
from daemon.outside import second_path
from daemon.work import Work
from state.alert_rules import Waiting, last_calls, latest_slot, news_bundle, promises_due
from state.engine import DATABASE_TROUBLE
from state.model import PROMISED
from state.outbox_rules import OutboxEvent, OutboxState
from templates.contexts import AlertCase, AlertContext, AlertEvent
from templates.render import DETAILED_CASES, render_alert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daemon.ports import Clock
    from daemon.shop import Shop
    from state.alert_rules import Slot
    from state.model import Case, Message
    from state.repository.alerts import Notice
    from state.unit_of_work import Database, UnitOfWork

_log = get_logger(__name__)
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Call:
    """One alert that is due.

    Attributes:
        occasion: why it goes.
        keys: what it settles; each once.
        cases: numbers of the cases that it lists.
        notices: events that it tells.
        slot: the daily alert that it is; None if it is another.
    """

    occasion: str
    keys: tuple[str, ...]
    cases: frozenset[int]
    notices: tuple[Notice, ...] = ()
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class _Situation:
    """What is unanswered at one instant."""

    now: datetime
    messages: tuple[Message, ...]
    cases: dict[int, Case]

    def waiting(self) -> tuple[Waiting, ...]:
        """The unanswered messages as the rules see them."""
        return tuple(
            Waiting(
                message_id=message.id,
                stored_at=message.stored_at,
                amazon_by=limit_of(self.cases[message.case_id], [message]),
                alerted_at=message.alerted_at,
                snoozed=self.is_snoozed(message.case_id),
                promised_by=message.respond_by if PROMISED in message.facts else None,
            )
            for message in self.messages
        )

    def is_snoozed(self, case_id: int) -> bool:
        """Put off by a person for now."""
        until = self.cases[case_id].snoozed_until
        return until is not None and until > self.now

    def case_of(self, message_id: int) -> int:
        """The case of an unanswered message."""
        return next(message.case_id for message in self.messages if message.id == message_id)

    def of(self, case_id: int) -> tuple[Message, ...]:
        """The unanswered messages of a case."""
        return tuple(message for message in self.messages if message.case_id == case_id)

    def shown(self) -> frozenset[int]:
        """The open cases that are not put off."""
        return frozenset(number for number in self.cases if not self.is_snoozed(number))


class AlertDesk:
    """Decides which alerts are due and puts them into the outbox."""

    def __init__(self, database: Database, shop: Shop, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._clock = clock

    def is_due(self) -> bool:
        """Whether `turn` would decide on any alert now."""
        promised, occasions = self._look()
        return promised or bool(occasions)

    def turn(self) -> int:
        """Queue every alert that is due now; tells how many mails that are.

        It looks before each step: others wait for a transaction that may write.
        """
        promised, occasions = self._look()
        if promised:
            self._remind_of_promises()
            _, occasions = self._look()
        sent = 0
        broken: set[str] = set()
        while occasions - broken:
            sent += self._tell_next(broken)
            _, occasions = self._look()
        return sent

    def _look(self) -> tuple[bool, frozenset[str]]:
        """Whether a promise is to be reminded of, and the occasions of the alerts that are due."""
        with self._database.read() as uow:
            situation = _situation(uow, self._clock.now())
            due = self._due(uow, situation)
            return bool(_promises(uow, situation)), frozenset(call.occasion for call in due)

    def _remind_of_promises(self) -> None:
        """Raise what callers were promised, each promise once."""
        with self._database.write() as uow:
            now = self._clock.now()
            for key, case_id in _promises(uow, _situation(uow, now)):
                uow.notices.raise_once(key, "call_due", now, case_id=case_id)
                uow.alerts.decide([key], now, None)
            uow.commit()

    def _tell_next(self, broken: set[str]) -> bool:
        """Tell one alert that is due, in a transaction of its own; whether a mail was queued for it.

        One that cannot be told must not silence the others: its occasion is left out until the next turn.
        """
        with self._database.write() as uow:
            now = self._clock.now()
            due = self._due(uow, _situation(uow, now))
            call = next((one for one in due if one.occasion not in broken), None)
            if call is None:
                return False
            try:
                told = self._tell(uow, call, now)
            except DATABASE_TROUBLE:
                raise
            except Exception:  # noqa: BLE001 - the other alerts must go
                _log.exception("alert could not be told", action="retry_later", occasion=call.occasion)
                broken.add(call.occasion)
                return False
            uow.commit()
        return told

    def _due(self, uow: UnitOfWork, situation: _Situation) -> list[_Call]:
        slot = self._slot_call(uow, situation)
        calls = [] if slot is None else [slot]
        told = slot.cases if slot is not None else frozenset[int]()
        calls += self._news_call(situation, told)
        calls += self._last_call(uow, situation)
        notices = uow.notices.untold()
        if notices:
            cases = frozenset(one.case_id for one in notices if one.case_id in situation.cases)
            calls.append(_Call("event", (), frozenset(one for one in cases if one is not None), notices))
        return calls

    def awaits_reading(self) -> bool:
        """Whether a daily alert waits until the mailboxes are read."""
        with self._database.read() as uow:
            situation = _situation(uow, self._clock.now())
            slot = self._open_slot(uow, situation.now)
            return slot is not None and self._is_premature(uow, slot, situation)

    def _open_slot(self, uow: UnitOfWork, now: datetime) -> Slot | None:
        """The latest time for a daily alert, unless it was decided or lies before the first start."""
        slot = latest_slot(now, self._shop.alert_times)
        starts = [health.first_start_at for health in uow.mailboxes.all()]
        settled = not starts or slot.due_at < min(starts) or uow.alerts.decided([slot.key])
        return None if settled else slot

    def _slot_call(self, uow: UnitOfWork, situation: _Situation) -> _Call | None:
        slot = self._open_slot(uow, situation.now)
        if slot is None or self._is_premature(uow, slot, situation):
            return None
        return _Call("slot", (slot.key,), situation.shown(), slot=slot)

    def _is_premature(self, uow: UnitOfWork, slot: Slot, situation: _Situation) -> bool:
        """Whether there is nothing to list because nothing was read, as when a machine woke up just now."""
        soon = situation.now - slot.due_at < READ_WITHIN
        return soon and not situation.shown() and self._is_blind(uow, situation.now)

    def _news_call(self, situation: _Situation, told: frozenset[int]) -> list[_Call]:
        bundle = news_bundle(situation.now, situation.waiting(), self._shop.alert_times)
        fresh = [item for item in bundle if situation.case_of(item.message_id) not in told]
        if not fresh:
            return []
        cases = frozenset(situation.case_of(item.message_id) for item in fresh)
        return [_Call("new", (f"new:{fresh[0].message_id}",), cases)]

    def _last_call(self, uow: UnitOfWork, situation: _Situation) -> list[_Call]:
        due = last_calls(situation.now, situation.waiting())
        decided = uow.alerts.decided([key for key, _ in due])
        fresh = [(key, item) for key, item in due if key not in decided]
        if not fresh:
            return []
        cases = frozenset(situation.case_of(item.message_id) for _, item in fresh)
        return [_Call("running_out", tuple(key for key, _ in fresh), cases)]

    def _tell(self, uow: UnitOfWork, call: _Call, now: datetime) -> bool:
        situation = _situation(uow, now)
        outbox_id = None
        if call.slot is not None:
            _withdraw_overtaken(uow)
        if self._worth_a_mail(uow, call, situation):
            outbox_id = self._queue(uow, call, situation)
        uow.alerts.decide(call.keys, now, outbox_id)
        uow.notices.mark_told([notice.id for notice in call.notices], now)
        shown = [message.id for message in situation.messages if message.case_id in call.cases]
        uow.messages.mark_alerted(shown, now)
        return outbox_id is not None

    def _worth_a_mail(self, uow: UnitOfWork, call: _Call, situation: _Situation) -> bool:
        if call.cases or call.notices:
            return True
        says_so = call.slot is not None and call.slot.last_of_day and self._shop.all_answered
        # What was put off is not answered.
        return says_so and not situation.cases and not self._is_blind(uow, situation.now)

    def _is_blind(self, uow: UnitOfWork, now: datetime) -> bool:
        """Whether a mailbox was not read lately: then nobody knows that all is answered."""
        return bool(unread(uow, self._shop.accounts, now))

    def _queue(self, uow: UnitOfWork, call: _Call, situation: _Situation) -> int:
        work = Work(uow, self._shop, situation.now)
        shown = _shown(work, call, situation)
        rendered = render_alert(self._context(work, call, shown), self._shop.language)
        purpose = call.keys[0] if call.keys else f"event:{call.notices[0].id}"
        planned = [offer for one in shown for offer in one.offers]
        stored = letters.queue(work, purpose, rendered.subject, rendered.text, planned)
        if stored is None:
            raise ValueError(f"the alert {purpose} was queued before")
        hold = not second_path.goes_at_once(self._shop, call.notices)
        second_path.queue(work, purpose, rendered, hold=hold)
        return stored.id

    def _context(self, work: Work, call: _Call, shown: Sequence[Shown]) -> AlertContext:
        uow, now = work.uow, work.now
        counts = uow.quarantine.counts()
        calendar = self._shop.calendar
        return AlertContext(
            shop_name=self._shop.name,
            now=now.astimezone(calendar.zone),
            occasion=call.occasion,
            label=call.slot.label if call.slot else None,
            cases=tuple(one.case for one in shown),
            events=tuple(AlertEvent(one.word, one.case_id, one.detail) for one in call.notices),
            quarantined=sum(number for word, number in counts.items() if word != "forged"),
            unproven=counts.get("forged", 0),
            uncertain=len(uow.outbox.in_state(OutboxState.UNCERTAIN)),
            next_opening=calendar.closed_time(now)[1].astimezone(calendar.zone),
            is_last_of_day=call.slot is not None and call.slot.last_of_day,
        )


def _withdraw_overtaken(uow: UnitOfWork) -> None:
    """A daily alert that could not leave is overtaken by the next: the owner gets one list, not a pile."""
    for item in uow.outbox.in_state(OutboxState.QUEUED, OutboxState.DEFERRED):
        if not item.kind.once and second_path.occasion_of(item).startswith("slot:"):
            uow.outbox.advance(item, OutboxEvent.FORBIDDEN, reason="overtaken by the next daily alert")


def _shown(work: Work, call: _Call, situation: _Situation) -> list[Shown]:
    """The cases of an alert, most urgent first; the first with all that can be done about them."""
    short = {number: _short(work, number, situation) for number in sorted(call.cases)}
    known = sorted((one for one in short.values() if one is not None), key=_urgency)
    unknown = [_by_number(work, number, situation) for number, one in short.items() if one is None]
    return [
        *(
            _in_full(work, one, situation) if at < DETAILED_CASES else Shown(one)
            for at, one in enumerate(known)
        ),
        *map(Shown, unknown),
    ]


def _short(work: Work, number: int, situation: _Situation) -> AlertCase | None:
    """One case in short; None for what cannot be shown, for it must not silence the others."""
    messages = situation.of(number)
    try:
        return show_case(work, situation.cases[number], messages)
    except DATABASE_TROUBLE:
        raise
    except Exception:  # noqa: BLE001 - the other cases must be told
        _log.exception("case could not be shown", action="told_by_number", case=number)
        return None


def _by_number(work: Work, number: int, situation: _Situation) -> AlertCase:
    """What the owner is told at the least; nothing is offered, for nobody decides on what is not seen."""
    first = situation.of(number)[0]
    since = first.received_at.astimezone(work.shop.calendar.zone)
    return AlertCase(number, first.kind, None, (), since, page=page_of(work.shop, number))


def _in_full(work: Work, short: AlertCase, situation: _Situation) -> Shown:
    try:
        return show_in_full(work, short, situation.of(short.number))
    except DATABASE_TROUBLE:
        raise
    except Exception:  # noqa: BLE001 - the case is told all the same, without its draft
        _log.exception("draft could not be shown", action="told_in_short", case=short.number)
        return Shown(short)


def _situation(uow: UnitOfWork, now: datetime) -> _Situation:
    messages = uow.messages.unanswered()
    numbers = {message.case_id for message in messages}
    cases = {number: case for number in numbers if (case := uow.cases.get(number)) is not None}
    return _Situation(now, messages, cases)


def _promises(uow: UnitOfWork, situation: _Situation) -> tuple[tuple[str, int], ...]:
    """The promises that near their time and were not told: what makes each once, and its case."""
    due = {f"promise:{one.message_id}": one for one in promises_due(situation.now, situation.waiting())}
    told = uow.alerts.decided(list(due))
    return tuple((key, situation.case_of(one.message_id)) for key, one in due.items() if key not in told)


def _urgency(case: AlertCase) -> tuple[datetime, int]:
    """Most urgent first: by the nearest deadline, then by age."""
    ends: Iterable[datetime | None] = (case.respond_by, case.amazon_by)
    return min((at for at in ends if at is not None), default=_FAR), case.number
