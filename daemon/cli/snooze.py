"""``sokuresu snooze N``: keeps a case out of the daily alerts for a while."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import click

from daemon.aftercare.amazons_limits import is_timed_by_amazon
from daemon.cli.access import deciding
from daemon.cli.moments import told_of
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.moments import instant_of, local_moment
from daemon.review import case_of, snooze
from daemon.showing.case_lines import line_of
from state.model import PROMISED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli import Context
    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader
    from daemon.work import Work

_LENGTH = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=30)


def _length(_context: click.Context, _option: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    found = _LENGTH.fullmatch(value)
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not timedelta(0) < length <= _LONGEST:
        raise click.BadParameter('"90m"、"3h"、"2d" のように、30日までで (up to 30 days, such as 3h).')
    return length


def _moment(_context: click.Context, _option: click.Parameter, value: str | None) -> time | datetime | None:
    with told_of():
        return None if value is None else local_moment(value)


@click.command("snooze")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--for", "length", metavar="3h", callback=_length, help="この長さだけ (for so long).")
@click.option(
    "--until",
    metavar="HH:MM",
    callback=_moment,
    help='この時刻か日時まで。"2026-11-30 09:00" も可 (until this local time or day).',
)
@click.pass_obj
def command(context: Context, number: int, length: timedelta | None, until: time | datetime | None) -> None:
    """後回しにします。指定しなければ3時間か次の開店まで (put a case off; 3 hours or until you open)."""
    if length is not None and until is not None:
        raise click.UsageError("--for と --until は、どちらか一つです / either --for or --until")
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with deciding(settings) as work:
        end = snooze(work, number, _end(work, length, until))
        line = line_of(work.uow, case_of(work, number))
    click.echo("\n".join(_told(line, end, reader)))


def _end(work: Work, length: timedelta | None, until: time | datetime | None) -> datetime | None:
    """The instant that is meant; a time of day that is past today is meant for tomorrow."""
    calendar = work.shop.calendar
    if length is not None:
        return work.now + length
    if until is None:
        return None
    if isinstance(until, datetime):
        with told_of("--until"):
            return instant_of(calendar, until)
    today = calendar.local_day(work.now)
    end = calendar.at(today, until)
    return end if end > work.now else calendar.at(today + timedelta(days=1), until)


def _told(line: CaseLine, end: datetime, reader: Reader) -> Iterator[str]:
    number, at = line.case.id, reader.moment(end)
    yield reader.say(
        f"案件 {number} を {at} まで後回しにしました。その間、定時の知らせには載りません。",
        f"Case {number} is put off until {at}; until then no daily alert lists it.",
    )
    if is_timed_by_amazon(line.case, line.messages):
        yield reader.say(
            "Amazonの24時間は止まりません。期限の4時間前と1時間前には知らせます。",
            "Amazon's 24 hours go on; you still hear of it 4 hours and 1 hour before they end.",
        )
    if any(PROMISED in one.facts and one.unanswered for one in line.messages):
        yield reader.say(
            "電話でのお約束は、その1時間前に知らせます。",
            "You still hear of what was promised on the telephone, 1 hour before it is due.",
        )
    if line.amazon_limit is not None and end >= line.amazon_limit:
        by = reader.moment(line.amazon_limit)
        yield reader.say(
            f"【注意】Amazonの期限 ({by}) より後です。", f"CAREFUL: that is after Amazon's limit ({by})."
        )
