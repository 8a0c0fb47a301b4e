"""``sokuresu erase``: forgets a buyer on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.access import considering, deciding, existing_engine
from daemon.cli.asking import agree, need_a_person
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import NOTHING, clean, reader_of
from daemon.erasure import cases_of_buyer, erase
from state.engine import empty_log

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.cli.showing import Reader
    from daemon.config import Settings
    from state.model import Case


@click.command("erase")
@click.option("--case", type=NUMBER, metavar="N", help="この案件の購入者 (the buyer of this case).")
@click.option("--order", metavar="ID", help="この注文の購入者 (the buyer of this order).")
@click.option("--alias", metavar="ADDRESS", help="この匿名アドレスの購入者 (the buyer with this address).")
@click.option("--yes", is_flag=True, help="尋ねずに消去します (do not ask).")
@click.pass_obj
def command(context: Context, *, case: int | None, order: str | None, alias: str | None, yes: bool) -> None:
    """購入者の名前、アドレス、文面を消去します。元に戻せません (erase a buyer; there is no way back)."""
    if sum(given is not None for given in (case, order, alias)) != 1:
        raise click.UsageError(
            "--case、--order、--alias のどれか一つを指定してください。"
            " / Give one of --case, --order and --alias."
        )
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        found = cases_of_buyer(work, case=case, order=order, alias=alias)
    if not yes:
        _ask(found, reader)
    with deciding(settings) as work:
        erased = erase(work, cases_of_buyer(work, case=case, order=order, alias=alias))
    _empty_log(settings)
    click.echo(
        reader.say(
            f"案件 {erased.cases} 件と保留 {erased.quarantined} 件から消去しました。"
            "メールボックスのメールと、以前のバックアップには残っています。",
            f"Erased from {erased.cases} cases and {erased.quarantined} quarantined mails."
            " The mail in the mailbox, and earlier backups, still hold it.",
        )
    )


def _empty_log(settings: Settings) -> None:
    engine = existing_engine(settings)
    try:
        empty_log(engine)
    finally:
        engine.dispose()


def _ask(cases: tuple[Case, ...], reader: Reader) -> None:
    for one in cases:
        orders = ", ".join(one.order_ids) or NOTHING
        click.echo(
            f"  {one.id}  {reader.moment(one.opened_at)}  {clean(one.buyer_name) or NOTHING}  {orders}"
        )
    need_a_person(
        "尋ねる相手がいません。消去するなら --yes を付けてください",
        "nobody can be asked; to erase, add --yes",
    )
    question = f"{len(cases)} 件から消去しますか? 元に戻せません", f"Erase from {len(cases)} cases, for good?"
    agree(reader.say(*question), reader)
