"""``sokuresu erase``: forgets a buyer on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daemon.cli.access import considering, deciding
from daemon.cli.asking import agree, need_a_person
from daemon.cli.numbers import NUMBER
from daemon.cli.showing import reader_of
from daemon.erasure import buyer_of, erase
from daemon.existing import existing_engine
from daemon.showing.reader import NOTHING, clean
from state.engine import empty_log

if TYPE_CHECKING:
    from daemon.cli import Context
    from daemon.config import Settings
    from daemon.erasure import Buyer
    from daemon.showing.reader import Reader


@click.command("erase")
@click.option("--case", type=NUMBER, metavar="N", help="この案件の購入者 (the buyer of this case).")
@click.option("--order", metavar="ID", help="この注文の購入者 (the buyer of this order).")
@click.option("--alias", metavar="ADDRESS", help="この匿名アドレスの購入者 (the buyer with this address).")
@click.option("--number", metavar="NUMBER", help="この番号から電話した人 (who called from this number).")
@click.option("--yes", is_flag=True, help="尋ねずに消去します (do not ask).")
@click.pass_obj
def command(context: Context, /, *, yes: bool, **who: Any) -> None:
    """購入者の名前、アドレス、文面を消去します。元に戻せません (erase a buyer; there is no way back)."""
    if sum(given is not None for given in who.values()) != 1:
        raise click.UsageError(
            "--case、--order、--alias、--number のどれか一つを指定してください。"
            " / Give one of --case, --order, --alias and --number."
        )
    settings = context.settings_without_secrets
    reader = reader_of(settings)
    with considering(settings) as work:
        found = buyer_of(work, **who)
    if not yes:
        _ask(found, reader)
    with deciding(settings) as work:
        erased = erase(work, buyer_of(work, **who))
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


def _ask(buyer: Buyer, reader: Reader) -> None:
    for one in buyer.cases:
        orders = ", ".join(one.order_ids) or NOTHING
        click.echo(
            f"  {one.id}  {reader.moment(one.opened_at)}  {clean(one.buyer_name) or NOTHING}  {orders}"
        )
    bound = {order for one in buyer.cases for order in one.order_ids}
    for order in sorted(buyer.orders - bound):
        click.echo(f"  {NOTHING}  {order}")
    need_a_person(
        "尋ねる相手がいません。消去するなら --yes を付けてください",
        "nobody can be asked; to erase, add --yes",
    )
    number = len(buyer.cases)
    question = f"{number} 件から消去しますか? 元に戻せません", f"Erase from {number} cases, for good?"
    agree(reader.say(*question), reader)
