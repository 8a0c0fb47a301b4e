"""``sokuresu cases``: what is unanswered, most urgent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import looking
from daemon.cli.showing import reader_of, say_json, say_table
from daemon.showing.case_lines import all_lines, open_lines, say_notes
from daemon.showing.reader import NOTHING, clean
from daemon.words import KINDS, STATES
from state.model import CaseState

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.showing.case_lines import CaseLine
    from daemon.showing.reader import Reader

_ORDERS_SHOWN = 2


@click.command("cases")
@click.option("--all", "everything", is_flag=True, help="回答済みと終了した案件も (settled cases too).")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します (print JSON).")
@click.pass_obj
def command(context: Context, *, everything: bool, as_json: bool) -> None:
    """未回答の案件を、急ぐものから表示します (list what is unanswered, most urgent first)."""
    settings = context.settings_without_secrets
    with looking(settings) as uow:
        lines = all_lines(uow) if everything else open_lines(uow)
    reader = reader_of(settings)
    if as_json:
        say_json([line.record() for line in lines])
    elif lines:
        _say_lines(lines, reader, states=everything)
    else:
        click.echo(reader.say("未回答の案件はありません。", "Nothing is unanswered."))


def _say_lines(lines: list[CaseLine], reader: Reader, *, states: bool) -> None:
    """The table; where all are unanswered no column says so."""
    kept = slice(None) if states else slice(1, None)
    rows = [[str(line.case.id), *_row(line, reader)[kept]] for line in lines]
    number, *others = _headings(reader)
    say_table([number, *others[kept]], rows)


def _headings(reader: Reader) -> list[str]:
    if reader.language == "ja":
        return ["案件", "状態", "購入者", "注文", "種類", "届いた時刻", "店の期限", "Amazonの期限", "備考"]
    return ["case", "state", "buyer", "order", "kind", "received", "respond by", "Amazon's limit", "notes"]


def _row(line: CaseLine, reader: Reader) -> list[str]:
    case = line.case
    waiting = case.state is CaseState.OPEN
    return [
        reader.word(STATES, case.state),
        clean(case.buyer_name) or NOTHING,
        _orders(case.order_ids),
        reader.word(KINDS, case.kind),
        reader.moment(line.received_at),
        reader.left(line.respond_by) if waiting else NOTHING,
        reader.left(line.amazon_limit) if waiting else NOTHING,
        say_notes(line, reader),
    ]


def _orders(order_ids: tuple[str, ...]) -> str:
    more = len(order_ids) - _ORDERS_SHOWN
    return " ".join(order_ids[:_ORDERS_SHOWN]) + (f" +{more}" if more > 0 else "") or NOTHING
