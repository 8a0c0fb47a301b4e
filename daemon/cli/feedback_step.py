"""``sokuresu feedback step N WORD``: what became of a request to Amazon, and facts that help it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.aftercare.feedback_advice import say_outlook
from daemon.aftercare.feedback_cases import note_bought_label, note_fulfilment, note_step
from daemon.cli.access import deciding
from daemon.cli.moments import told_of
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.moments import local_day
from daemon.showing.feedback_lines import day_of
from daemon.words import REMOVALS
from parsers.values import Fulfilment
from state.removals import Word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from daemon.aftercare.feedback_cases import RatedCase
    from daemon.cli import Context
    from daemon.showing.reader import Reader
    from daemon.work import Work

BOUGHT_LABEL = "bought-label-on-time"
"""The word for: shipped on time with a label bought through Amazon."""

_SHIPPERS = {one.value: one for one in Fulfilment}


def day(_context: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    """What stands behind an option for a date; None where it was not given."""
    return None if value is None else read_day(value)


def read_day(typed: str) -> date:
    """A date such as 2026-11-30.

    Raises:
        click.BadParameter: it is none.
    """
    with told_of():
        return local_day(typed)


@click.command("step")
@click.argument("number", metavar="N", type=NUMBER)
@click.argument("word", type=click.Choice([*(one.value for one in Word), BOUGHT_LABEL, *_SHIPPERS]))
@click.option("--on", metavar="DATE", callback=day, help="その日。なければ今日 (when, if not today).")
@click.pass_obj
def command(context: Context, number: int, word: str, on: date | None) -> None:
    """削除申請の結果や、発送の事実を記録します (note a request to Amazon, its outcome, or who shipped).

    requested: 申請した / removed: 削除された / struck: 取り消し線 / refused: 認められなかった /
    bought-label-on-time: Amazonで購入したラベルで期日どおりに発送した / fba, own: 発送元
    """
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with deciding(settings) as work:
        rated = _note(work, number, word, on or work.shop.calendar.local_day(work.now))
    click.echo("\n".join(_told(rated, word, reader)))


def _note(work: Work, number: int, word: str, on: date) -> RatedCase:
    if word in _SHIPPERS:
        return note_fulfilment(work, number, _SHIPPERS[word])
    return (
        note_bought_label(work, number) if word == BOUGHT_LABEL else note_step(work, number, Word(word), on)
    )


def _told(rated: RatedCase, word: str, reader: Reader) -> Iterator[str]:
    number = rated.case.id
    if word in _SHIPPERS or word == BOUGHT_LABEL:
        yield reader.say(f"案件 {number} に記録しました。", f"That is on record for case {number}.")
        yield say_outlook(rated, int(reader.language == "en"))
        return
    state, since = reader.word(REMOVALS, word), day_of(rated.removal.on, reader)
    yield f"{reader.say('案件', 'Case')} {number}: {state} ({since})"
    late = rated.removal.on and rated.request_by and rated.removal.on > rated.request_by
    if word == Word.REQUESTED and late:
        yield reader.say(
            "【注意】評価から90日を過ぎています。認められないかもしれません。",
            "CAREFUL: that is more than 90 days after the rating; it may be refused for that alone.",
        )
    if rated.removal.gone:
        yield reader.say(
            f"点数に数えません。ほかに用がなければ: sokuresu no-reply-needed {number}",
            f"It does not count any more. If nothing else is to be done: sokuresu no-reply-needed {number}",
        )
