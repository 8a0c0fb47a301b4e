"""The telephone log: what a person writes down of a call becomes a case with a deadline and alerts.

The number to call back and the caller's mail address stay in the log. Alerts are mail, and so is whatever
goes to a buyer: the text that stands in them has every number and address hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from daemon import order_entry
from daemon.aftercare.by_hand import Entry, case_for, enter
from daemon.errors import SokuresuError
from parsers.folding import fold_width
from parsers.values import Kind
from state.calls import Call
from state.deadlines import deadlines_of
from state.model import DELAYED, PROMISED
from templates.calling import CallContext, render_script
from templates.cleaning import one_line, several_lines
from templates.hiding import hide_contacts, number_core

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daemon.work import Work
    from state.model import Case, Message

WISHES_LIMIT = 3_000
NAME_LIMIT = 100
HOURS_LIMIT = 200
NUMBER_LIMIT = 40
ADDRESS_LIMIT = 254
FEWEST_DIGITS = 3

PROMISE_LIMIT = timedelta(days=366)
"""A promise for later than this is a slip of the keyboard."""

CLOCK_TOLERANCE = timedelta(minutes=10)
"""A call that came a little later than now was noted by another clock."""


_WAITS = (
    "折り返しの番号とご都合のよい時間は sokuresu case {n} でご覧になれます(メールには載せません)。",
    "A call waits: `sokuresu case {n}` shows number and hours, which no mail does.",
)


class CallRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """A call was not written down; the sentence says what to put instead."""


@dataclass(frozen=True, slots=True)
class CallEntry:
    """A telephone call as a person tells it.

    Attributes:
        wishes: what the caller wants; the only thing that must be known.
        caller: who called.
        number: the number to call back.
        address: the caller's mail address.
        hours: when the caller can be reached, in any words.
        order_id: the order that it is about, however it is typed; None where unknown.
        called_at: when it came, aware; now if None.
        promised_by: by when the caller was promised to hear of us, aware; None if nothing was promised.
    """

    wishes: str = field(repr=False)
    caller: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    hours: str = field(default="", repr=False)
    order_id: str | None = None
    called_at: datetime | None = None
    promised_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """A call that was written down.

    Attributes:
        case: its case.
        message: what stands in the case and in alerts.
        joined: the order had a case before.
    """

    case: Case
    message: Message
    joined: bool


def log_call(work: Work, entry: CallEntry) -> Logged:
    """Write a call down: it joins the newest case of its order that is not closed, else it opens one.

    Its deadline is what the caller was promised, else the shop's own.

    Raises:
        CallRefused: something of it cannot be meant; nothing was written down.
    """
    call, order_id = _call_of(work, entry)
    case = case_for(work, Kind.CALL, order_id)
    joined = bool(work.uow.messages.of_case(case.id))
    number = work.uow.calls.add(replace(call, case_id=case.id), work.now)
    known = work.uow.calls.of_case(case.id)
    message = enter(
        work,
        case,
        Entry(
            kind=Kind.CALL,
            number=number,
            received_at=call.called_at,
            # Who calls again is known by what was noted the first time.
            text=hide_contacts(
                call.wishes,
                numbers=[one.number for one in known],
                addresses=[one.address for one in known],
            ),
            proof="entered by hand",
            order_id=order_id,
            respond_by=call.promised_by,
            facts=_facts(call, work.now),
        ),
    )
    current = work.uow.cases.get(case.id)
    assert current is not None
    return Logged(current, message, joined)


def _facts(call: Call, now: datetime) -> tuple[str, ...]:
    """What the rules have to know; an answer from before the call was written down did not mean it."""
    applies = ((PROMISED, call.promised_by is not None), (DELAYED, call.called_at < now))
    return tuple(word for word, holds in applies if holds)


def _call_of(work: Work, entry: CallEntry) -> tuple[Call, str | None]:
    """The call as it is kept, and its order.

    Raises:
        CallRefused: something of it cannot be meant.
    """
    wishes = several_lines(entry.wishes).strip()
    if not wishes:
        raise CallRefused("ご用件を入れてください。 / Say what the caller wants.")
    call = Call(
        case_id=0,
        called_at=call_time(entry.called_at or work.now, work.now),
        caller=one_line(entry.caller, NAME_LIMIT),
        wishes=_cut(wishes, WISHES_LIMIT),
        number=read_number(entry.number),
        address=read_address(entry.address),
        hours=one_line(entry.hours, HOURS_LIMIT),
        promised_by=None if entry.promised_by is None else promise_time(entry.promised_by, work.now),
    )
    return call, None if entry.order_id is None else read_order(entry.order_id)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_number(text: str) -> str:
    """A telephone number as it was typed, its digits plain; empty if there is none.

    Raises:
        CallRefused: it is none.
    """
    typed = one_line(fold_width(text[: NUMBER_LIMIT * 4]), NUMBER_LIMIT + 1)
    digits = sum(one.isdigit() for one in typed)
    if typed and (len(typed) > NUMBER_LIMIT or digits < FEWEST_DIGITS):
        raise CallRefused(
            '電話番号は "090-1234-5678" のように入れてください。'
            ' / A telephone number is to be like "090-1234-5678".'
        )
    return typed


def read_address(text: str) -> str:
    """A mail address; empty if there is none.

    Raises:
        CallRefused: it is none.
    """
    typed = one_line(fold_width(text[: ADDRESS_LIMIT * 4]), ADDRESS_LIMIT + 1)
    name, _, host = typed.rpartition("@")
    if typed and (not name or not host or " " in typed or len(typed) > ADDRESS_LIMIT):
        raise CallRefused(
            'メールアドレスは "name@example.com" のように入れてください。'
            ' / A mail address is to be like "name@example.com".'
        )
    return typed


def read_order(text: str) -> str:
    """The one order number of a text, in the form in which it is stored.

    Raises:
        CallRefused: there is none, or several.
    """
    try:
        return order_entry.read_order(text)
    except order_entry.OrderRefused as error:
        raise CallRefused(str(error)) from None


def promise_time(at: datetime, now: datetime) -> datetime:
    """A time that can be promised.

    Raises:
        CallRefused: it has passed, or is more than a year away.
    """
    if at <= now:
        raise CallRefused(
            "お約束の日時が過ぎています。これからの日時を入れてください。"
            " / The promised time has passed; give one that is still to come."
        )
    if at - now > PROMISE_LIMIT:
        raise CallRefused(
            "お約束の日時が1年より先です。お確かめください。"
            " / The promised time is more than a year away; please check it."
        )
    return at


def call_time(at: datetime, now: datetime) -> datetime:
    """When a call came; never later than now.

    Raises:
        CallRefused: it is still to come.
    """
    if at - now > CLOCK_TOLERANCE:
        raise CallRefused(
            "着信の日時がこれからになっています。 / The call came at a time that is still to come."
        )
    return min(at, now)


def usual_promise(work: Work) -> datetime:
    """By when the shop answers a call that comes now, in UTC; what the script says."""
    return deadlines_of(work.now, work.shop.calendar, timed_by_amazon=False).respond_by


def script_for(work: Work, language: str, promised_by: datetime | None = None) -> str:
    """The script to read aloud, with the time by which the shop answers.

    Args:
        work: the transaction; only the shop and the clock are looked at.
        language: ``ja`` or ``en``.
        promised_by: what is promised; the shop's own deadline if not given.
    """
    calendar = work.shop.calendar
    by = promised_by or usual_promise(work)
    context = CallContext(work.shop.name, work.now.astimezone(calendar.zone), by.astimezone(calendar.zone))
    return render_script(context, language)


def case_of_same(work: Work, entry: CallEntry) -> int | None:
    """The case of a call that was written down just so a moment ago; a form may be sent twice by a slip.

    Raises:
        CallRefused: something of the entry cannot be meant.
    """
    call, order_id = _call_of(work, entry)
    alike = (
        one
        for one in reversed(work.uow.calls.all())
        if one == replace(call, **_place_of(one)) and _is_near(one, call)
    )
    found = next(alike, None)
    case = None if found is None else work.uow.cases.get(found.case_id)
    if case is None or (order_id is not None and order_id not in case.order_ids):
        return None
    return case.id


def _place_of(call: Call) -> dict[str, Any]:
    return {"id": call.id, "case_id": call.case_id, "called_at": call.called_at}


def _is_near(one: Call, other: Call) -> bool:
    return abs(one.called_at - other.called_at) <= CLOCK_TOLERANCE


def calls_from(calls: Sequence[Call], number: str) -> tuple[Call, ...]:
    """Those of the calls that came from a telephone number, however either is written."""
    sought = number_core(number)
    return tuple(call for call in calls if sought and number_core(call.number) == sought)


def advise_call(work: Work, case: Case, messages: Sequence[Message]) -> tuple[str, ...]:
    """Where the number and the hours stand, for no mail shows them."""
    noted = any(call.number or call.hours for call in work.uow.calls.of_case(case.id))
    if not noted or not any(one.kind is Kind.CALL for one in messages):
        return ()
    return (_WAITS[work.shop.language == "en"].format(n=case.id),)
