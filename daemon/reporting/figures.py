"""How the figures of a report are said: shares, lengths of time, instants, lists of cases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.showing.reader import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from daemon.showing.reader import Reader
    from state.reporting import Share

_NUMBERS_SHOWN = 10
_MINUTE = timedelta(minutes=1)


def moment_of(at: datetime, reader: Reader) -> str:
    """Month, day and time in the reader's zone."""
    return f"{at.astimezone(reader.zone):%m-%d %H:%M}"


def span_of(span: timedelta | None, reader: Reader) -> str:
    """A length of time; below a minute in seconds, for acknowledgments are quick."""
    if span is None:
        return NOTHING
    if span < _MINUTE:
        return reader.say(f"{span.seconds}秒", f"{span.seconds} s")
    minutes = span // _MINUTE
    if minutes < 60:
        return reader.say(f"{minutes}分", f"{minutes} min")
    return reader.say(f"{minutes // 60}時間{minutes % 60}分", f"{minutes // 60} h {minutes % 60} min")


def share_of(share: Share) -> str:
    """In percent; nothing of nothing is no share."""
    return NOTHING if share.percent is None else f"{share.percent:.0f}%"


def proportion(share: Share, reader: Reader) -> str:
    """The numbers behind a share."""
    return reader.say(f"{share.whole}件中{share.part}件", f"{share.part} of {share.whole}")


def whole_share(share: Share, reader: Reader) -> str:
    """In percent, and the numbers behind it."""
    return f"{share_of(share)} ({proportion(share, reader)})"


def case_numbers(cases: Sequence[int]) -> str:
    """Numbers of cases; of many the latest."""
    more = "… " if len(cases) > _NUMBERS_SHOWN else ""
    return more + " ".join(map(str, cases[-_NUMBERS_SHOWN:]))
