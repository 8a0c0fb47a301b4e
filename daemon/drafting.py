"""Drafts the reply to each unanswered buyer message, for a person to review; sends nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from daemon.identifiers import content_digest, fresh_token
from daemon.log import get_logger
from daemon.order_facts import orders_of_buyer, say_price, shipping_of
from daemon.work import Work
from parsers.language import language_of
from parsers.values import Kind
from state.approval_rules import sight_of, voiding_message
from state.drafts import Draft, DraftSource, DraftState
from state.engine import DATABASE_TROUBLE
from state.leading import leading_intent
from state.model import RELAYED, CaseState
from templates.contexts import DraftContext
from templates.drafting import UNDRAFTED, situation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from daemon.ports import Clock
    from daemon.shop import Shop
    from state.model import Case, Message
    from state.unit_of_work import Database, UnitOfWork
    from templates.drafting import DraftTemplates, TemplateFault

_log = get_logger(__name__)


class Drafter:
    """Keeps a current draft for every case that waits for one."""

    def __init__(self, database: Database, shop: Shop, templates: DraftTemplates, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._templates = templates
        self._clock = clock

    def turn(self) -> int:
        """Draft what is missing and settle what was overtaken; tells how many drafts were made."""
        for case_id in self._stale():
            self._each(case_id, self._overtake)
        return sum(self._each(case_id, self._draft) for case_id in self._missing())

    def is_due(self) -> bool:
        """Whether `turn` would find anything to do now."""
        return bool(self._stale() or self._missing())

    def _stale(self) -> list[int]:
        """The cases whose draft was overtaken."""
        with self._database.read() as uow:
            perhaps = uow.drafts.perhaps_overtaken()
            return [one.case_id for one in perhaps if _asked(one.case_id, partial(is_overtaken, uow, one))]

    def _missing(self) -> list[int]:
        """The cases that wait for a draft, also for one in the place of what was overtaken just now."""
        with self._database.read() as uow:
            look = Work(uow, self._shop, self._clock.now())
            wanting = _wanting(uow)
            return [case_id for case_id in wanting if _asked(case_id, partial(_gets_draft, look, case_id))]

    def _each(self, case_id: int, step: Callable[[Work, int], bool]) -> bool:
        """One case in a transaction of its own: a case that cannot be drafted must not stop the others."""
        try:
            with self._database.write() as uow:
                done = step(Work(uow, self._shop, self._clock.now()), case_id)
                uow.commit()
        except DATABASE_TROUBLE:
            raise
        except Exception:  # noqa: BLE001 - the other cases must get their drafts
            _log.exception("draft could not be made", action="retry_later", case=case_id)
            return False
        return done

    def _overtake(self, work: Work, case_id: int) -> bool:
        draft = work.uow.drafts.open_of(case_id)
        if draft is None or not is_overtaken(work.uow, draft):
            return False
        work.uow.drafts.settle(draft.id, DraftState.OVERTAKEN, work.now)
        work.uow.events.note(case_id, "draft_overtaken", work.now, f"v{draft.version}")
        return True

    def _draft(self, work: Work, case_id: int) -> bool:
        case = work.uow.cases.get(case_id)
        messages = work.uow.messages.of_case(case_id)
        if case is None or not _wants_draft(work.uow, case, messages):
            return False
        waiting = [one for one in messages if _is_waiting(one)]
        context, sure = _context(work, case, waiting, _language(work.shop, case, _of_buyer(messages)))
        draft = _written(work, self._templates, messages, context, case=case, sure=sure)
        return draft is not None and _kept(work, draft).id > 0


def redraft(
    work: Work,
    templates: DraftTemplates,
    case_id: int,
    *,
    situation: str | None = None,
    fulfilment: str | None = None,
) -> Draft | None:
    """Draft a case anew, as a person says what it is about or who ships; None if there is nothing to draft.

    Args:
        work: the transaction.
        templates: of the drafts.
        case_id: the case.
        situation: word of the templates; what the messages seem to want if not given.
        fulfilment: ``fba`` or ``own``; what is known if not given.
    """
    case = work.uow.cases.get(case_id)
    messages = work.uow.messages.of_case(case_id)
    written = _of_buyer(messages)
    if case is None or case.alias is None or not written:
        return None
    waiting = [one for one in written if one.unanswered] or written[-1:]
    context, sure = _context(work, case, waiting, _language(work.shop, case, written))
    chosen = replace(
        context, situation=situation or context.situation, fulfilment=fulfilment or context.fulfilment
    )
    sure = sure or situation is not None
    draft = _written(work, templates, messages, chosen, case=case, sure=sure)
    return None if draft is None else _kept(work, draft)


def _kept(work: Work, draft: Draft) -> Draft:
    """Store a version in the place of the one that waits."""
    replace_open(work, draft.case_id)
    stored = work.uow.drafts.add(draft)
    work.uow.events.note(draft.case_id, "drafted", work.now, f"v{stored.version} {draft.template}")
    _log.info("draft made", action="drafted", case=draft.case_id, version=stored.version)
    return stored


def _written(
    work: Work,
    templates: DraftTemplates,
    messages: Sequence[Message],
    context: DraftContext,
    *,
    case: Case,
    sure: bool,
) -> Draft | None:
    """The draft in words; None for what gets none, such as mere thanks."""
    language = _language(work.shop, case, _of_buyer(messages))
    rendered = templates.render(context, language)
    if rendered is None:
        return None
    if rendered.fault is not None:
        tell_fault(work, rendered.fault)
    return Draft(
        id=0,
        case_id=case.id,
        version=0,
        state=DraftState.OPEN,
        source=DraftSource.TEMPLATE,
        sight=sight_of(messages, work.uow.answers.newest(case.id)),
        situation=context.situation,
        sure=sure,
        fulfilment=context.fulfilment,
        language=language,
        template=rendered.template,
        text=rendered.text,
        token=fresh_token(),
        made_at=work.now,
    )


def replace_open(work: Work, case_id: int) -> None:
    """A newer version takes the place of the one that waits, if any; the older stays on record."""
    earlier = work.uow.drafts.open_of(case_id)
    if earlier is not None:
        work.uow.drafts.settle(earlier.id, DraftState.REPLACED, work.now)


def tell_fault(work: Work, fault: TemplateFault) -> None:
    """The owner hears once of each fault in a template of the shop's own."""
    detail = f"{fault.file}:{fault.line or 1}: {fault.reason}"
    key = f"template_fault:{content_digest(detail.encode())[:16]}"
    work.uow.notices.raise_once(key, "template_fault", work.now, detail=detail)


def _asked(case_id: int, question: Callable[[], bool]) -> bool:
    """What is true of a case; nothing is done about one that cannot be judged, and it stops no other."""
    try:
        return question()
    except DATABASE_TROUBLE:
        raise
    except Exception:  # noqa: BLE001 - the other cases must get their drafts
        _log.exception("case could not be judged", action="retry_later", case=case_id)
        return False


def _gets_draft(work: Work, case_id: int) -> bool:
    """Asked before the database is written to: mere thanks wait for days and get no draft."""
    case = work.uow.cases.get(case_id)
    messages = work.uow.messages.of_case(case_id)
    if case is None or not _wants_draft(work.uow, case, messages):
        return False
    waiting = [one for one in messages if _is_waiting(one)]
    return leading_intent(waiting).intent not in UNDRAFTED


def _of_buyer(messages: Sequence[Message]) -> list[Message]:
    return [one for one in messages if one.kind is Kind.BUYER_MESSAGE]


def _is_waiting(message: Message) -> bool:
    return message.unanswered and message.kind is Kind.BUYER_MESSAGE


def _wanting(uow: UnitOfWork) -> list[int]:
    """Cases with a message that is newer than every draft."""
    newest = uow.messages.newest_waiting()
    seen = uow.drafts.newest_seen(list(newest))
    return [case_id for case_id, message in newest.items() if message > seen.get(case_id, 0)]


def _wants_draft(uow: UnitOfWork, case: Case, messages: Sequence[Message]) -> bool:
    waiting = [one for one in messages if _is_waiting(one)]
    if not waiting or case.alias is None or case.state is not CaseState.OPEN:
        return False
    current = uow.drafts.open_of(case.id)
    if current is not None and current.sight.message >= voiding_message(messages):
        # Only what is not proven came since: it voids nothing, not even the draft.
        return False
    seen = uow.drafts.newest_seen([case.id]).get(case.id, 0)
    return max(one.id for one in waiting) > seen


def is_overtaken(uow: UnitOfWork, draft: Draft) -> bool:
    """Whether the buyer wrote again, or somebody answered, or the case was closed, since a draft was made."""
    case = uow.cases.get(draft.case_id)
    if case is None or case.state is CaseState.CLOSED:
        return True
    if uow.answers.newest(draft.case_id) > draft.sight.answer:
        return True
    return voiding_message(uow.messages.of_case(draft.case_id)) > draft.sight.message


def _context(work: Work, case: Case, waiting: Sequence[Message], language: str) -> tuple[DraftContext, bool]:
    shipping = shipping_of(work, case)
    since_purchase = days_since(work, shipping.ordered_on)
    since_delivery = days_since(work, shipping.delivered_on)
    leading = leading_intent(waiting)
    context = DraftContext(
        shop_name=work.shop.name,
        # Amazon's customer service writes under a name of its own.
        buyer_name=None if any(RELAYED in one.facts for one in waiting) else case.buyer_name,
        order_id=case.order_ids[0] if len(case.order_ids) == 1 else None,
        situation=situation_of(leading.intent, since_delivery, since_purchase),
        fulfilment=shipping.fulfilment,
        purchased_on=shipping.ordered_on,
        days_since_purchase=since_purchase,
        delivered_on=shipping.delivered_on,
        days_since_delivery=since_delivery,
        earlier_cases=len(earlier_cases(work.uow, case)),
        attachments=tuple(name for one in waiting for name in one.attachments),
        item=shipping.item,
        price=say_price(shipping, language),
    )
    return context, leading.sure


def earlier_cases(uow: UnitOfWork, case: Case) -> tuple[int, ...]:
    """Numbers of the cases with which this buyer came before, known by the address or by who ordered."""
    known = uow.cases.with_buyer([case.buyer_key]) if case.buyer_key else ()
    ordered = uow.cases.with_orders([one.order_id for one in orders_of_buyer(uow, case)])
    return tuple(sorted({one.id for one in (*known, *ordered) if one.id < case.id}))


def days_since(work: Work, day: date | None) -> int | None:
    """Whole days from a local date to today; None if it is not known, or still to come."""
    if day is None:
        return None
    days = (work.shop.calendar.local_day(work.now) - day).days
    return days if days >= 0 else None


def _language(shop: Shop, case: Case, waiting: Sequence[Message]) -> str:
    return buyers_language(shop, case, [one.text for one in waiting])


def buyers_language(shop: Shop, case: Case, texts: Sequence[str]) -> str:
    """The buyer's own where the newest telling text shows it, else the marketplace's.

    Args:
        shop: the configuration.
        case: whose marketplace is looked at.
        texts: what the buyer wrote, oldest first.
    """
    shown = (language_of(one) for one in reversed(texts))
    return next((one for one in shown if one is not None), shop.language_for(case.marketplace))
