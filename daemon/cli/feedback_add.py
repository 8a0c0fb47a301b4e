"""``sokuresu feedback add``: enters a rating that no mail and no report told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from daemon import order_entry
from daemon.aftercare.rating_entry import COMMENT_LIMIT, RatingEntry, enter_rating
from daemon.cli.access import deciding
from daemon.cli.asking import at_terminal, need_a_person
from daemon.cli.feedback_step import day, read_day
from daemon.cli.present import now
from daemon.cli.showing import reader_of
from daemon.cli.texts import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from daemon.aftercare.feedback import Recorded
    from daemon.cli import Context
    from daemon.showing.reader import Reader


def _order(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    return None if value is None else read_order(value)


def read_order(typed: str) -> str:
    """The one order number of what was typed.

    Raises:
        click.BadParameter: there is none, or several.
    """
    try:
        return order_entry.read_order(typed)
    except order_entry.OrderRefused as error:
        raise click.BadParameter(str(error)) from None


@click.command("add")
@click.option("--order", metavar="ID", callback=_order, help="注文番号 (the order).")
@click.option("--rating", metavar="N", type=click.IntRange(1, 5), help="星の数 1から5 (stars, 1 to 5).")
@click.option("--comment", metavar="TEXT|-", help='コメント。"-" なら標準入力 (the comment; "-" reads it).')
@click.option("--date", "rated_on", metavar="DATE", callback=day, help="評価された日 (when it was rated).")
@click.pass_obj
def command(
    context: Context, order: str | None, rating: int | None, comment: str | None, rated_on: date | None
) -> None:
    """評価を手で加えます。足りないことは尋ねます (enter a rating; what is missing is asked for)."""
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    if rated_on is not None and rated_on > now().astimezone(reader.zone).date():
        raise click.BadParameter("先の日付です (that day is still to come).", param_hint="--date")
    if order is None or rating is None:
        need_a_person(
            "尋ねる相手がいません。--order と --rating を入れてください",
            "nobody can be asked; give --order and --rating",
        )
    told = _asked(reader, order, rating, comment, rated_on)
    with deciding(settings) as work:
        recorded = enter_rating(work, told)
    click.echo("\n".join(_told(recorded, reader)))


def _asked(
    reader: Reader, order: str | None, rating: int | None, comment: str | None, rated_on: date | None
) -> RatingEntry:
    """What was given on the line, and the rest asked for at the terminal."""
    if order is None:
        order = click.prompt(reader.say("注文番号", "Order number"), value_proc=read_order)
    if rating is None:
        rating = click.prompt(reader.say("星の数 (1から5)", "Stars (1 to 5)"), type=click.IntRange(1, 5))
    asks = at_terminal() and comment != "-"
    if comment is None:
        question = reader.say("コメント (なければ Enter)", "Comment (Enter if there is none)")
        comment = click.prompt(question, default="", show_default=False) if asks else ""
    elif comment == "-":
        comment = decoded(sys.stdin.buffer.read(COMMENT_LIMIT * 4))
    if rated_on is None and asks:
        rated_on = _asked_day(reader)
    return RatingEntry(order, rating, comment, rated_on)


def _asked_day(reader: Reader) -> date | None:
    today = now().astimezone(reader.zone).date()
    question = reader.say("評価された日", "Rated on")
    found: date = click.prompt(question, default=today.isoformat(), value_proc=read_day)
    return found


def _told(recorded: Recorded, reader: Reader) -> Iterator[str]:
    number = recorded.case_id
    if recorded.fresh:
        yield reader.say("評価を記録しました。", "The rating is on record.")
    elif recorded.changed:
        yield reader.say(
            "記録してあった評価に書き加えました。", "The rating was known; what is new was added."
        )
    else:
        yield reader.say(
            "その評価は記録してあります。何もしませんでした。", "That rating is on record; nothing was done."
        )
    if number is not None:
        yield reader.say(
            f"対応: sokuresu feedback show {number}", f"What to do: sokuresu feedback show {number}"
        )
