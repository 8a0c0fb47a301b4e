"""Telephone calls as the commands show them: the only place where a number is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.showing.reader import NOTHING, clean, clean_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daemon.aftercare.call_log import LogLine
    from daemon.showing.reader import Reader
    from state.calls import Call
    from state.model import Message

_LONG_CELL = 254


def call_lines(calls: Sequence[Call], messages: Sequence[Message], reader: Reader) -> tuple[str, ...]:
    """What was written down of the calls of a case.

    Args:
        calls: oldest first.
        messages: those of the case; what stands there already is not said twice.
        reader: whoever looks.
    """
    said = {message.text for message in messages}
    return tuple(line for call in calls for line in _lines(call, said, reader))


def _lines(call: Call, said: set[str], reader: Reader) -> Iterator[str]:
    yield f"▼ {reader.moment(call.called_at)}"
    facts = (
        (("お名前", "caller"), clean(call.caller, _LONG_CELL)),
        (("折り返し", "call back"), clean(call.number)),
        (("つながる時間", "hours"), clean(call.hours, _LONG_CELL)),
        (("メール", "mail"), clean(call.address, _LONG_CELL)),
        (("お約束", "promised"), _promise(call, reader)),
    )
    yield from (f"  {reader.say(*label)}: {value}" for label, value in facts if value)
    if call.wishes not in said:
        yield from (f"  {line}" for line in clean_lines(call.wishes).split("\n") if line)


def _promise(call: Call, reader: Reader) -> str:
    by = call.promised_by
    return "" if by is None else f"{reader.moment(by)} ({reader.left(by)})"


def headings(reader: Reader) -> list[str]:
    """Of the list of calls."""
    if reader.language == "ja":
        return ["案件", "着信", "お名前", "用件", "折り返し", "つながる時間", "お約束"]
    return ["case", "called", "caller", "wishes", "call back", "hours", "promised"]


def row_of(line: LogLine, reader: Reader) -> list[str]:
    """One call of the list."""
    call = line.call
    return [
        str(line.case.id),
        reader.moment(call.called_at),
        clean(call.caller) or NOTHING,
        clean(call.wishes) or NOTHING,
        clean(call.number) or NOTHING,
        clean(call.hours) or NOTHING,
        _promise(call, reader) or NOTHING,
    ]


def record_of(line: LogLine) -> dict[str, Any]:
    """The same for scripts; instants stay instants."""
    names = ("called_at", "caller", "wishes", "number", "address", "hours", "promised_by")
    case = line.case
    about = {"case": case.id, "state": case.state.value, "order_ids": list(case.order_ids)}
    return about | {"waiting": line.waiting} | {name: getattr(line.call, name) for name in names}
