"""How ``status`` tells what the daily look for overlooked mail found."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from daemon.showing.reader import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.showing.reader import Reader
    from state.repository.completeness import Completeness

STALE_AFTER = timedelta(days=2)
"""One look a day is due; whoever missed two of them is told."""

_MOST_FOLDERS = 10


def look_record(found: Completeness | None, now: datetime) -> dict[str, Any] | None:
    """The last look at a mailbox for scripts; None before the first."""
    if found is None:
        return None
    missing = [
        {"folder": one.folder, "uid": one.uid, "at": one.at, "watched": one.watched} for one in found.missing
    ]
    return {
        "checked_at": found.checked_at,
        "seen": found.seen,
        "missing": missing,
        "stale": _is_stale(found, now),
    }


def look_lines(name: str, found: Completeness | None, reader: Reader) -> Iterator[str]:
    """The last look at a mailbox for people."""
    label = f"{reader.say('見落としの点検', 'look for missed mail')} {clean(name)}"
    if found is None:
        told = reader.say("まだです (始めてから1時間後に行います)", "not yet (an hour after the first start)")
        yield f"{label}: {told}"
        return
    check = reader.say(" 【要確認】", " (CHECK THIS)")
    stale = _is_stale(found, reader.now)
    yield f"{label}: {_summary(found, reader)}" + (check if stale or found.missing else "")
    if stale:
        yield reader.say(
            "    2日以上、点検できていません。ログをご確認ください",
            "    there was no look for more than two days; see the log",
        )
    yield from _missing_lines(found, reader)


def _is_stale(found: Completeness, now: datetime) -> bool:
    # One that lies in the future was written while the clock was wrong.
    return not timedelta(0) <= now - found.checked_at <= STALE_AFTER


def _summary(found: Completeness, reader: Reader) -> str:
    when = reader.say(f"{reader.ago(found.checked_at)}に点検", f"checked {reader.ago(found.checked_at)}")
    if not found.missing:
        return reader.say(
            f"直近3日間のAmazonのメール{found.seen}通はすべて確認済み ({when})",
            f"all {found.seen} Amazon mails of the last 3 days are known ({when})",
        )
    return reader.say(
        f"直近3日間のAmazonのメール{found.seen}通のうち{len(found.missing)}通が未確認でした ({when})",
        f"{len(found.missing)} of {found.seen} Amazon mails of the last 3 days were not known ({when})",
    )


def _missing_lines(found: Completeness, reader: Reader) -> Iterator[str]:
    numbers = Counter((one.folder, one.watched) for one in found.missing)
    for (folder, watched), number in numbers.most_common(_MOST_FOLDERS):
        if watched:
            told = reader.say(f"{number}通、読み込みました", f"{number}, taken in since")
        else:
            told = reader.say(
                f"{number}通、見張っていないフォルダーです。設定の folders に加えてください",
                f"{number} in a folder that is not watched; add it to `folders`",
            )
        yield f"    {clean(folder)}: {told}"
    if len(numbers) > _MOST_FOLDERS:
        yield reader.say("    ほかのフォルダーにもあります", "    and more in other folders")
